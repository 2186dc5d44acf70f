/* SPDX-License-Identifier: BSD-2-Clause */
#include "vio_arm_el2.h"
#include "vio_arm_decode.h"

/* The slot that the whole access falls into, or NULL. */
static inline struct vio_mmio *find_slot(const struct vio_mmio_window *window,
					 const struct vio_arm_access *access, uint32_t *offset)
{
	struct vio_mmio *slot = vio_mmio_window_find(window, access->address, offset);

	if (!slot || *offset + access->width > UINT32_C(1) << window->shift)
		return NULL;
	return slot;
}

static inline enum vio_arm_el2_outcome transfer(struct vio_mmio *slot, uint32_t offset,
						const struct vio_arm_access *access, uint64_t *x)
{
	if (access->write) {
		/* The slot looks at `width` bytes of it. */
		uint64_t value = vio_arm_access_register(access, x);

		if (vio_mmio_write(slot, offset, access->width, value) == VIO_MMIO_PARK)
			return VIO_ARM_EL2_PARK;
		return VIO_ARM_EL2_DONE;
	}
	vio_arm_access_load(access, x, vio_mmio_read(slot, offset, access->width));
	return VIO_ARM_EL2_DONE;
}

/* What nearly all accesses are: a register's 32 bits, by an instruction that extends nothing. */
#define PLAIN_MASK                                                                                 \
	(VIO_ARM_ISS_ISV | VIO_ARM_ISS_FSC | VIO_ARM_ISS_SSE | 3U << VIO_ARM_ISS_SAS_SHIFT)
#define PLAIN (VIO_ARM_ISS_ISV | VIO_ARM_ISS_TRANSLATION | 2U << VIO_ARM_ISS_SAS_SHIFT)

enum vio_arm_el2_outcome vio_arm_el2_access(const struct vio_mmio_window *window,
					    const struct vio_arm_el2_trap *trap)
{
	struct vio_arm_access access = vio_arm_access_of_syndrome(trap->esr, trap->ipa);
	uint32_t offset = 0;
	struct vio_mmio *slot = vio_mmio_window_find(window, trap->ipa, &offset);

	if (!slot || (trap->esr & VIO_ARM_ISS_FSC) != VIO_ARM_ISS_TRANSLATION)
		return VIO_ARM_EL2_OTHER;
	if (vio_likely((trap->esr & PLAIN_MASK) == PLAIN && offset % 4 == 0)) {
		/* Said once more to the compiler, which makes a short path of it. */
		access.width = 4;
		access.sign_extend = false;
		return transfer(slot, offset, &access, trap->x);
	}
	if ((trap->esr & VIO_ARM_ISS_ISV) != 0)
		return find_slot(window, &access, &offset)
			       ? transfer(slot, offset, &access, trap->x)
			       : VIO_ARM_EL2_FAULT;
	if ((trap->esr & VIO_ARM_ISS_S1PTW) != 0)
		return VIO_ARM_EL2_FAULT;
	/* A register bank is in no cache: there is nothing to maintain. */
	return (trap->esr & VIO_ARM_ISS_CM) != 0 ? VIO_ARM_EL2_DONE : VIO_ARM_EL2_DECODE;
}

/*
 * Virtual to guest-physical, which is known for one page only: the one that trapped. The top byte
 * may be a tag. A guest that changes its instruction behind our back ends here too.
 */
static bool to_physical(struct vio_arm_access *access, uint64_t ipa, uint64_t far)
{
	uint64_t page_offset = access->address & 0xfff;

	if (((access->address ^ far) & UINT64_C(0x00fffffffffff000)) != 0)
		return false;
	access->address = (ipa & ~UINT64_C(0xfff)) | page_offset;
	return page_offset + access->width <= 0x1000;
}

enum vio_arm_el2_outcome vio_arm_el2_emulate(const struct vio_mmio_window *window,
					     const struct vio_arm_el2_trap *trap, uint64_t far,
					     uint32_t word)
{
	struct vio_arm_instruction instruction;
	struct vio_arm_access *access = instruction.accesses;
	enum vio_arm_el2_outcome outcome = VIO_ARM_EL2_DONE;
	uint32_t offset = 0;
	unsigned i = 0;

	if (!vio_arm_decode(word, trap->x, &instruction))
		return VIO_ARM_EL2_FAULT;
	for (i = 0; i < instruction.count; i++) {
		if (!to_physical(&access[i], trap->ipa, far) ||
		    !find_slot(window, &access[i], &offset))
			return VIO_ARM_EL2_FAULT;
	}
	for (i = 0; i < instruction.count && outcome == VIO_ARM_EL2_DONE; i++) {
		struct vio_mmio *slot = find_slot(window, &access[i], &offset);

		outcome = transfer(slot, offset, &access[i], trap->x);
	}
	if (outcome == VIO_ARM_EL2_DONE && instruction.write_back)
		trap->x[instruction.base] = instruction.base_value;
	return outcome;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "vio_mips_vz.h"

static inline enum vio_mips_vz_outcome transfer(struct vio_mmio *slot, uint32_t offset,
						const struct vio_mips_access *access,
						const struct vio_mips_vz_trap *trap)
{
	uint32_t value = 0;

	if (access->write) {
		/* The slot looks at `width` bytes of it. */
		value = trap->r[access->rt];
		if (trap->big_endian)
			value = vio_mips_swap(value, access->width);
		return vio_mmio_write(slot, offset, access->width, value) == VIO_MMIO_PARK
			       ? VIO_MIPS_VZ_PARK
			       : VIO_MIPS_VZ_DONE;
	}
	value = (uint32_t)vio_mmio_read(slot, offset, access->width);
	if (trap->big_endian)
		value = vio_mips_swap(value, access->width);
	vio_mips_access_load(access, trap->r, value);
	return VIO_MIPS_VZ_DONE;
}

enum vio_mips_vz_outcome vio_mips_vz_access(const struct vio_mmio_window *window,
					    const struct vio_mips_vz_trap *trap)
{
	struct vio_mips_access access;
	uint32_t offset = 0;
	struct vio_mmio *slot = vio_mmio_window_find(window, trap->address, &offset);

	if (!slot)
		return VIO_MIPS_VZ_OTHER;
	if (!vio_mips_access_of_word(trap->word, &access) || (offset & (access.width - 1U)) != 0)
		return VIO_MIPS_VZ_FAULT;
	if (vio_likely(access.width == 4)) {
		/* Said once more to the compiler, which makes a short path of it. */
		access.width = 4;
		access.sign_extend = false;
	}
	return transfer(slot, offset, &access, trap);
}

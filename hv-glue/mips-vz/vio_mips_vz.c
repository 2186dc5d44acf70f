/* SPDX-License-Identifier: BSD-2-Clause */
#include "vio_mips_vz.h"

/* ---- From the slots to the root ---- */

static void raise(struct vio_mmio *slot)
{
	struct vio_mips_vz_guest *guest = slot->host_data;
	unsigned line = guest->lines[slot->number];

	if (guest->raised[line] == 0)
		guest->root->raise(guest, line);
	guest->raised[line] |= UINT32_C(1) << slot->number;
}

static void lower(struct vio_mmio *slot)
{
	struct vio_mips_vz_guest *guest = slot->host_data;
	unsigned line = guest->lines[slot->number];

	guest->raised[line] &= ~(UINT32_C(1) << slot->number);
	if (guest->raised[line] == 0)
		guest->root->lower(guest, line);
}

static void defer(struct vio_mmio *slot)
{
	struct vio_mips_vz_guest *guest = slot->host_data;

	guest->root->defer(guest, slot);
}

static void released(struct vio_mmio *slot)
{
	struct vio_mips_vz_guest *guest = slot->host_data;

	guest->root->resume(guest, slot);
}

static void failed(struct vio_mmio *slot, enum vio_error error)
{
	struct vio_mips_vz_guest *guest = slot->host_data;

	if (guest->root->failed)
		guest->root->failed(guest, slot, error);
}

static const struct vio_mmio_host host = {
	.raise = raise,
	.lower = lower,
	.defer = defer,
	.released = released,
	.failed = failed,
};

void vio_mips_vz_init(struct vio_mips_vz_guest *guest, const struct vio_mips_vz_root *root,
		      struct vio_mmio_window window, const uint8_t *lines, bool big_endian)
{
	uint16_t i = 0;

	*guest = (struct vio_mips_vz_guest){
		.window = window,
		.root = root,
		.lines = lines,
		.big_endian = big_endian,
	};
	for (i = 0; i < window.count; i++) {
		window.slots[i].host = &host;
		window.slots[i].host_data = guest;
		window.slots[i].number = i;
	}
}

/* ---- From the guest to the slots ---- */

static inline enum vio_mips_vz_outcome transfer(const struct vio_mips_vz_guest *guest,
						struct vio_mmio *slot, uint32_t offset,
						const struct vio_mips_access *access, uint32_t *r)
{
	uint32_t value = 0;

	if (access->write) {
		/* The slot looks at `width` bytes of it. */
		value = r[access->rt];
		if (guest->big_endian)
			value = vio_mips_swap(value, access->width);
		return vio_mmio_write(slot, offset, access->width, value) == VIO_MMIO_PARK
			       ? VIO_MIPS_VZ_PARK
			       : VIO_MIPS_VZ_DONE;
	}
	value = (uint32_t)vio_mmio_read(slot, offset, access->width);
	if (guest->big_endian)
		value = vio_mips_swap(value, access->width);
	vio_mips_access_load(access, r, value);
	return VIO_MIPS_VZ_DONE;
}

enum vio_mips_vz_outcome vio_mips_vz_access(struct vio_mips_vz_guest *guest,
					    const struct vio_mips_vz_trap *trap)
{
	struct vio_mips_access access;
	uint32_t offset = 0;
	struct vio_mmio *slot = vio_mmio_window_find(&guest->window, trap->address, &offset);

	if (!slot)
		return VIO_MIPS_VZ_OTHER;
	if (!vio_mips_access_of_word(trap->word, &access) || (offset & (access.width - 1U)) != 0)
		return VIO_MIPS_VZ_FAULT;
	if (vio_likely(access.width == 4)) {
		/* Said once more to the compiler, which makes a short path of it. */
		access.width = 4;
		access.sign_extend = false;
	}
	return transfer(guest, slot, offset, &access, trap->r);
}

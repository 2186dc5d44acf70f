/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Glue between a hypervisor in MIPS root mode and the virtio-mmio window of one of its guests.
 *
 * The hypervisor ("root") brings the access in the architecture's terms, the instruction word
 * (BadInstr), the guest-physical address it could not be given, and the general registers, and is
 * told what becomes of the instruction. The glue brings the slots' interrupts and asks the root
 * for time, through a table of five functions. It knows no structure of the root's, and not how
 * the guest came to trap: by the root TLB of the VZ ASE, or on a core without it.
 *
 *	access --vio_mips_vz_access()--> OTHER	not in the window: the root's own business
 *					 DONE	finished: go on behind the instruction
 *					 PARK	stop the vCPU at the instruction until `resume`
 *					 FAULT	give the guest a bus error
 *
 * Guests have five interrupt lines for devices, IP2 to IP6. Several slots may share one, which is
 * up as long as any of them wants it.
 *
 * Calls for one guest are serialised by the root.
 */
#ifndef VIO_MIPS_VZ_H
#define VIO_MIPS_VZ_H

#include "vio_mips_access.h"
#include "vio_mmio.h"

struct vio_mips_vz_trap {
	uint64_t address; /* guest-physical, of the access's first byte */
	uint32_t word;    /* the instruction: BadInstr, or read from the guest's memory */
	uint32_t *r;      /* $0 to $31 as saved */
};

enum vio_mips_vz_outcome {
	VIO_MIPS_VZ_OTHER,
	VIO_MIPS_VZ_DONE,
	VIO_MIPS_VZ_PARK,
	VIO_MIPS_VZ_FAULT,
};

struct vio_mips_vz_guest;

/* What the root does for the slots. All but `failed` are required. */
struct vio_mips_vz_root {
	/* Level of interrupt line IP`line`: only called on a change. */
	void (*raise)(struct vio_mips_vz_guest *guest, unsigned line);
	void (*lower)(struct vio_mips_vz_guest *guest, unsigned line);
	/* Call vio_mmio_serve(slot) soon, not from inside this call. */
	void (*defer)(struct vio_mips_vz_guest *guest, struct vio_mmio *slot);
	/* A vCPU that was parked at this slot executes its instruction again. */
	void (*resume)(struct vio_mips_vz_guest *guest, struct vio_mmio *slot);
	/* The guest's driver broke the device; NULL: the root does not care. */
	void (*failed)(struct vio_mips_vz_guest *guest, struct vio_mmio *slot,
		       enum vio_error error);
};

/* Embed one in the root's guest. */
struct vio_mips_vz_guest {
	struct vio_mmio_window window;
	const struct vio_mips_vz_root *root;
	const uint8_t *lines; /* of each slot: 2 to 6 */
	bool big_endian;      /* the guest's data accesses: Config.BE, without Status.RE */
	uint32_t raised[8];   /* slots that want a line, a bit each, by line */
};

/*
 * Makes the guest's window of window.count empty slots, at most 32, which the caller has zeroed or
 * set `serving` in, and which live as long as the guest, as does `lines`. Devices are put in with
 * vio_mmio_attach().
 */
void vio_mips_vz_init(struct vio_mips_vz_guest *guest, const struct vio_mips_vz_root *root,
		      struct vio_mmio_window window, const uint8_t *lines, bool big_endian);

/* Handles an access that falls into the window. */
enum vio_mips_vz_outcome vio_mips_vz_access(struct vio_mips_vz_guest *guest,
					    const struct vio_mips_vz_trap *trap);

/*
 * The same for LW and SW alone, which a root may recognise for itself: the word at `within` of the
 * window, a multiple of 4 and below window.bytes, as the guest's register has it.
 */
static inline uint32_t vio_mips_vz_load_word(const struct vio_mips_vz_guest *guest, uint32_t within)
{
	const struct vio_mmio_window *window = &guest->window;
	uint32_t offset = within & ((UINT32_C(1) << window->shift) - 1);
	uint32_t value =
		(uint32_t)vio_mmio_read(&window->slots[within >> window->shift], offset, 4);

	return guest->big_endian ? vio_mips_swap(value, 4) : value;
}

/* False: PARK. */
static inline bool vio_mips_vz_store_word(const struct vio_mips_vz_guest *guest, uint32_t within,
					  uint32_t value)
{
	const struct vio_mmio_window *window = &guest->window;
	uint32_t offset = within & ((UINT32_C(1) << window->shift) - 1);

	if (guest->big_endian)
		value = vio_mips_swap(value, 4);
	return vio_mmio_write_word(&window->slots[within >> window->shift], offset, value) !=
	       VIO_MMIO_PARK;
}

#endif

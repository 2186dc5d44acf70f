/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Glue between a hypervisor in MIPS root mode and the virtio-mmio window of one of its guests.
 *
 * The hypervisor ("root") brings the access in the architecture's terms, the instruction word
 * (BadInstr), the guest-physical address it could not be given, and the general registers, and is
 * told what becomes of the instruction. What the slots want of the root, interrupts and time, they
 * ask for themselves (struct vio_mmio_host). The glue knows no structure of the root's, and not how
 * the guest came to trap: by the root TLB of the VZ ASE, or on a core without it.
 *
 *	access --vio_mips_vz_access()--> OTHER	not in the window: the root's own business
 *					 DONE	finished: go on behind the instruction
 *					 PARK	stop the vCPU at the instruction until `released`
 *					 FAULT	give the guest a bus error
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
	bool big_endian;  /* of the guest's data accesses: Config.BE, without Status.RE */
};

enum vio_mips_vz_outcome {
	VIO_MIPS_VZ_OTHER,
	VIO_MIPS_VZ_DONE,
	VIO_MIPS_VZ_PARK,
	VIO_MIPS_VZ_FAULT,
};

/* Handles an access that falls into the window. */
enum vio_mips_vz_outcome vio_mips_vz_access(const struct vio_mmio_window *window,
					    const struct vio_mips_vz_trap *trap);

/*
 * The same for LW and SW alone, which a root may recognise for itself: the word at `within` of the
 * window, a multiple of 4 and below window.bytes, as the guest's register has it.
 */
static inline uint32_t vio_mips_vz_load_word(const struct vio_mmio_window *window, uint32_t within,
					     bool big_endian)
{
	uint32_t offset = within & ((UINT32_C(1) << window->shift) - 1);
	uint32_t value =
		(uint32_t)vio_mmio_read(&window->slots[within >> window->shift], offset, 4);

	return big_endian ? vio_mips_swap(value, 4) : value;
}

/* False: PARK. */
static inline bool vio_mips_vz_store_word(const struct vio_mmio_window *window, uint32_t within,
					  uint32_t value, bool big_endian)
{
	uint32_t offset = within & ((UINT32_C(1) << window->shift) - 1);

	if (big_endian)
		value = vio_mips_swap(value, 4);
	return vio_mmio_write_word(&window->slots[within >> window->shift], offset, value) !=
	       VIO_MMIO_PARK;
}

/* ---- Interrupts ---- */

/* The lines of a guest, IP2 to IP6 for devices: which of them, a bit each, want a line. */
struct vio_mips_vz_lines {
	uint32_t wanted[8];
};

/*
 * Device `who` of the guest, 0 to 31, wants the line, or does not any more. Several may share one,
 * which is up as long as any of them wants it: true.
 */
static inline bool vio_mips_vz_line(struct vio_mips_vz_lines *lines, unsigned line, unsigned who,
				    bool up)
{
	if (up)
		lines->wanted[line] |= UINT32_C(1) << who;
	else
		lines->wanted[line] &= ~(UINT32_C(1) << who);
	return lines->wanted[line] != 0;
}

#endif

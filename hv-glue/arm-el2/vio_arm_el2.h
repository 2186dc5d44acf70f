/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Glue between a hypervisor at EL2 and the virtio-mmio window of one of its AArch64 guests.
 *
 * The hypervisor ("root") brings the trap in the architecture's terms and is told what becomes of
 * the instruction; the glue brings the slots' interrupts and asks the root for time, through a
 * table of five functions. It knows no structure of the root's.
 *
 *	trap --vio_arm_el2_access()--> OTHER	not in the window: the root's own business
 *				       DONE	finished: go on behind the instruction
 *				       PARK	stop the vCPU at the instruction until `resume`
 *				       DECODE --vio_arm_el2_emulate()--> DONE, PARK or FAULT
 *				       FAULT	give the guest a synchronous external abort
 *
 * Calls for one guest are serialised by the root. Registers are little-endian: the guest's data
 * accesses are taken to be so (SCTLR_EL1.EE and E0E clear).
 */
#ifndef VIO_ARM_EL2_H
#define VIO_ARM_EL2_H

#include "vio_arm_access.h"
#include "vio_mmio.h"

/* A data abort from a lower exception level. */
struct vio_arm_el2_trap {
	uint64_t esr; /* ESR_EL2 */
	/*
	 * HPFAR_EL2's page and FAR_EL2's offset in it. Looked at for translation faults only: for
	 * others the CPU need not have set HPFAR_EL2.
	 */
	uint64_t ipa;
	/*
	 * x0 to x30 as saved. For vio_arm_el2_emulate() x[31] holds the stack pointer in use,
	 * SP_EL0 or SP_EL1 as SPSR_EL2 tells, and is to be taken back from there.
	 */
	uint64_t *x;
};

enum vio_arm_el2_outcome {
	VIO_ARM_EL2_OTHER,
	VIO_ARM_EL2_DONE,
	VIO_ARM_EL2_PARK,
	VIO_ARM_EL2_DECODE,
	VIO_ARM_EL2_FAULT,
};

struct vio_arm_el2_guest;

/* What the root does for the slots. All but `failed` are required. */
struct vio_arm_el2_root {
	/* Level of an interrupt, by INTID: only called on a change. */
	void (*raise)(struct vio_arm_el2_guest *guest, uint32_t intid);
	void (*lower)(struct vio_arm_el2_guest *guest, uint32_t intid);
	/* Call vio_mmio_serve(slot) soon, not from inside this call. */
	void (*defer)(struct vio_arm_el2_guest *guest, struct vio_mmio *slot);
	/* A vCPU that was parked at this slot executes its instruction again. */
	void (*resume)(struct vio_arm_el2_guest *guest, struct vio_mmio *slot);
	/* The guest's driver broke the device; NULL: the root does not care. */
	void (*failed)(struct vio_arm_el2_guest *guest, struct vio_mmio *slot,
		       enum vio_error error);
};

/* Embed one in the root's guest. */
struct vio_arm_el2_guest {
	struct vio_mmio_window window;
	const struct vio_arm_el2_root *root;
	uint32_t first_intid; /* of slot 0; the next slots follow */
};

/*
 * Makes the guest's window of window.count empty slots, which the caller has zeroed or set
 * `serving` in, and which live as long as the guest. Devices are put in with vio_mmio_attach().
 */
void vio_arm_el2_init(struct vio_arm_el2_guest *guest, const struct vio_arm_el2_root *root,
		      struct vio_mmio_window window, uint32_t first_intid);

/* Handles a trap, when it is for want of a mapping and falls into the window. */
enum vio_arm_el2_outcome vio_arm_el2_access(struct vio_arm_el2_guest *guest,
					    const struct vio_arm_el2_trap *trap);

/*
 * The same for a trap that came without syndrome: `word` is the guest's instruction, which the
 * root has read through the guest's translation, and `far` FAR_EL2. Nothing is done in part: all
 * accesses of the instruction lie in the window's slots, or none is made.
 */
enum vio_arm_el2_outcome vio_arm_el2_emulate(struct vio_arm_el2_guest *guest,
					     const struct vio_arm_el2_trap *trap, uint64_t far,
					     uint32_t word);

#endif

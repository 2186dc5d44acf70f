/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Glue between a hypervisor at EL2 and the virtio-mmio window of one of its AArch64 guests.
 *
 * The hypervisor ("root") brings the trap in the architecture's terms and is told what becomes of
 * the instruction. What the slots want of the root, interrupts and time, they ask for themselves
 * (struct vio_mmio_host); the INTID is the number of the slot and the first one's. The glue has no
 * state, and knows no structure of the root's.
 *
 *	trap --vio_arm_el2_access()--> OTHER	not in the window: the root's own business
 *				       DONE	finished: go on behind the instruction
 *				       PARK	stop the vCPU at the instruction until `released`
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

/* Handles a trap, when it is for want of a mapping and falls into the window. */
enum vio_arm_el2_outcome vio_arm_el2_access(const struct vio_mmio_window *window,
					    const struct vio_arm_el2_trap *trap);

/*
 * The same for a trap that came without syndrome: `word` is the guest's instruction, which the
 * root has read through the guest's translation, and `far` FAR_EL2. Nothing is done in part: all
 * accesses of the instruction lie in the window's slots, or none is made.
 */
enum vio_arm_el2_outcome vio_arm_el2_emulate(const struct vio_mmio_window *window,
					     const struct vio_arm_el2_trap *trap, uint64_t far,
					     uint32_t word);

#endif

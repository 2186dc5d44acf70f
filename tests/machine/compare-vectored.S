/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Vectored interrupts, by software, and SRSCtl. QEMU's cores have no shadow sets that one could use:
 * its RDPGPR and WRPGPR do not see what is in the registers, and exceptions leave SRSCtl alone.
 */
#include "runtime.inc"

#define STATUS    $12
#define INTCTL    $12, 1
#define SRSCTL    $12, 2
#define CAUSE     $13

#define IE        1
#define IM        0x300
#define IV        0x00800000
#define READ_ONLY 0x3c3c000f /* HSS, EICSS, CSS */

	.set	noreorder

.macro SRSCTL_IS
	mfc0	$8, SRSCTL
	RESULT	$8
.endm

.macro RAISE lines
	li	$8, IV | \lines << 8
	mtc0	$8, CAUSE
	ehb
	nop
.endm

	.text
	.globl	test
test:	move	$20, $31
	SRSCTL_IS
	li	$8, READ_ONLY
	mtc0	$8, SRSCTL
	ehb
	SRSCTL_IS

	syscall
	nop
	SRSCTL_IS

	/* One vector, and one for each line; of two the higher. */
	mfc0	$16, STATUS
	ori	$8, $16, IM | IE
	mtc0	$8, STATUS
	ehb
	RAISE	1
	RAISE	2
	li	$8, 0x20
	mtc0	$8, INTCTL
	ehb
	RAISE	1
	RAISE	2
	RAISE	3
	/* Masked, the higher does not choose. */
	mfc0	$8, STATUS
	xori	$8, $8, 0x200
	mtc0	$8, STATUS
	ehb
	RAISE	3
	mfc0	$8, INTCTL
	andi	$8, $8, 0x3e0
	RESULT	$8
	mtc0	$0, INTCTL
	mtc0	$0, CAUSE
	mtc0	$16, STATUS
	ehb
	SRSCTL_IS
	jr	$20
	nop

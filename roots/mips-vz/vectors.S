/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions into the root, and the way back to a guest.
 *
 * Guests run with Status.KSU saying user mode: the exception leaves it so, and the root's own code
 * has kernel mode there. That tells an exit from a fault of the root, under both CPU back-ends: in
 * guest mode of the VZ ASE, which is GuestCtl0.GM with EXL clear, KSU is not looked at. The root
 * runs with interrupts off and EXL clear: a fault of its own is then an exception like others, to
 * be reported. It takes interrupts where it looks for them, and in `root_idle`.
 *
 * An exit saves all general registers, HI, LO and EPC to the vCPU, calls trap_exit() or another, and
 * goes on with the vCPU that returns. ERET breaks every LL/SC sequence that was under way.
 */
#include "mips.h"
#include "vcpu_offsets.h"

	.set	noreorder
	.set	noat

	/* Loads, or stores, each of these registers: register n is at n words from `at`. */
	.macro	each op:req, at:req, registers:vararg
	.irp	n, \registers
	\op	$\n, \n*4(\at)
	.endr
	.endm

	/* At the image's start, which is a page's. An alignment said here would pad the section to it. */
	.section .vectors, "ax"
	.globl	vectors
vectors:
	/* + 0x000: TLB refill. Only guests use the TLB. */
	mtc0	$26, ASM_KEPT
	mfc0	$26, ASM_STATUS
	andi	$26, $26, STATUS_UM
	beqz	$26, root_exception
	 mfc0	$26, ASM_VCPU
	sw	$25, 25*4($26)
	lui	$25, %hi(trap_refill)
	b	exit
	 addiu	$25, %lo(trap_refill)

	/* The root itself: an interrupt that ends its wait, or a fault. */
root_exception:
	mfc0	$26, ASM_EPC
	la	$27, idle_start
	sltu	$27, $26, $27
	bnez	$27, root_failed
	 lui	$27, %hi(idle_end)
	addiu	$27, $27, %lo(idle_end)
	sltu	$27, $27, $26
	bnez	$27, root_failed
	 mfc0	$27, ASM_CAUSE
	andi	$27, $27, CAUSE_CODE
	bnez	$27, root_failed
	 lui	$27, %hi(idle_end)
	addiu	$27, $27, %lo(idle_end)
	mtc0	$27, ASM_EPC		/* with interrupts off, which stay pending */
	lui	$27, %hi(STATUS_CU0)
	ori	$27, $27, STATUS_EXL
	mtc0	$27, ASM_STATUS
	ehb
	eret

root_failed:
	mfc0	$27, ASM_SRSCTL
	ext	$27, $27, 6, 4
	beqz	$27, 1f			/* in another register set (irq.c) */
	 nop
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 29, 31
	rdpgpr	$\n, $\n
	.endr
1:	addiu	$27, $29, -160		/* no stack of its own: where it was */
	each	sw, $27, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 29, 31
	mfc0	$5, ASM_EPC
	lui	$1, %hi(STATUS_CU0)
	mtc0	$1, ASM_STATUS
	ehb
	move	$4, $27
	jal	root_fault
	 addiu	$29, $27, -16
1:	b	1b
	 nop

	.org	vectors + VECTOR_GENERAL
	mtc0	$26, ASM_KEPT
	mfc0	$26, ASM_STATUS
	andi	$26, $26, STATUS_UM
	beqz	$26, root_exception
	 mfc0	$26, ASM_VCPU
	sw	$25, 25*4($26)
	lui	$25, %hi(trap_exit)
	b	exit
	 addiu	$25, %lo(trap_exit)

	/*
	 * SDBBP of a guest: debug mode, at a vector that is in the boot ROM, from where `rom` leads
	 * here. Out of debug mode, and then as for any other exception.
	 */
debug_vector:
	mfc0	$26, ASM_DEPC
	mtc0	$26, ASM_EPC
	la	$26, 1f
	mtc0	$26, ASM_DEPC
	mfc0	$26, ASM_STATUS
	ori	$26, $26, STATUS_EXL
	mtc0	$26, ASM_STATUS
	ehb
	deret
1:	mfc0	$26, ASM_DESAVE
	mtc0	$26, ASM_KEPT
	mfc0	$26, ASM_STATUS
	andi	$26, $26, STATUS_UM
	beqz	$26, root_exception
	 mfc0	$26, ASM_VCPU
	sw	$25, 25*4($26)
	lui	$25, %hi(trap_breakpoint)
	b	exit
	 addiu	$25, %lo(trap_breakpoint)

	/*
	 * By an external interrupt controller (irq.c): a line in the register set that is the root's,
	 * so that the guest's are left alone.
	 */
	.org	vectors + VECTOR_INTERRUPT
	b	interrupt
	 li	$5, LINE_UART
	.org	vectors + VECTOR_INTERRUPT + VECTOR_SPACING
	b	interrupt
	 li	$5, LINE_TIMER
	/* Any line, on a core that has no other set. */
	.org	vectors + VECTOR_INTERRUPT + 2 * VECTOR_SPACING
	mtc0	$26, ASM_KEPT
	mfc0	$26, ASM_STATUS
	andi	$26, $26, STATUS_UM
	beqz	$26, root_exception
	 mfc0	$26, ASM_VCPU
	b	exit_by_trap
	 sw	$25, 25*4($26)

interrupt:
	mfc0	$16, ASM_STATUS
	andi	$26, $16, STATUS_UM
	beqz	$26, root_exception
	 mfc0	$4, ASM_VCPU
	mfc0	$17, ASM_EPC
	lw	$18, VCPU_CONTROL($4)
	mfhi	$19
	mflo	$20
	move	$21, $4
	beqz	$18, 1f
	 move	$1, $18
	ins	$1, $0, 31, 1
	mtc0	$1, ASM_GUESTCTL0	/* as at `exit` */
1:	lui	$1, %hi(STATUS_CU0)
	mtc0	$1, ASM_STATUS
	ehb
	la	$29, stack_end - 16
	jal	trap_interrupt
	 ori	$22, $1, STATUS_EXL
	bnez	$2, 2f
	 mthi	$19
	mtc0	$16, ASM_STATUS
	ehb
	beqz	$18, 1f
	 mtc0	$17, ASM_EPC
	mtc0	$18, ASM_GUESTCTL0
1:	mtlo	$20
	ehb
	eret

	/* There is more to do: ERET into the guest's set, and from there as without one. */
2:	mtlo	$20
	sw	$17, VCPU_PC($21)
	la	$1, 3f
	mtc0	$22, ASM_STATUS
	ehb
	mtc0	$1, ASM_EPC
	ehb
	eret
3:	mtc0	$26, ASM_KEPT
	mfc0	$26, ASM_VCPU
	sw	$25, 25*4($26)
	lw	$25, VCPU_PC($26)
	mtc0	$25, ASM_EPC
	ehb
exit_by_trap:
	la	$25, trap_exit

	/* $26: the vCPU; $25: where to go. */
exit:
	each	sw, $26, 1, 2, 3, 4
	mfc0	$1, ASM_KEPT
	sw	$5, 5*4($26)
	sw	$6, 6*4($26)
	mfc0	$2, ASM_EPC
	sw	$7, 7*4($26)
	sw	$8, 8*4($26)
	mfhi	$3
	sw	$9, 9*4($26)
	sw	$10, 10*4($26)
	mflo	$4
	each	sw, $26, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24
	sw	$1, 26*4($26)
	each	sw, $26, 27, 28, 29, 30, 31
	sw	$3, VCPU_HI($26)
	sw	$4, VCPU_LO($26)
	sw	$2, VCPU_PC($26)
	lw	$1, VCPU_CONTROL($26)
	beqz	$1, 2f
	 lui	$2, %hi(STATUS_CU0)
	ins	$1, $0, 31, 1
	mtc0	$1, ASM_GUESTCTL0	/* GM is clear before EXL is */
2:	mtc0	$2, ASM_STATUS		/* kernel mode, interrupts off, EXL clear */
	ehb
	la	$29, stack_end - 16
	jalr	$25
	 move	$4, $26
	bnez	$2, vcpu_enter
	 move	$4, $2

	/* The same vCPU, whose registers of VZ_KEPT are in place, as is $26. */
	lw	$1, VCPU_STATUS($26)
	lw	$5, VCPU_CONTROL($26)
	lw	$2, VCPU_PC($26)
	lw	$3, VCPU_HI($26)
	lw	$4, VCPU_LO($26)
	mtc0	$1, ASM_STATUS
	ehb
	mtc0	$2, ASM_EPC
	mtc0	$5, ASM_GUESTCTL0
	mthi	$3
	mtlo	$4
	each	lw, $26, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 29, 31
	lw	$26, 26*4($26)
	ehb
	eret

	/* $4: the vCPU to go on with. */
	.globl	vcpu_enter
vcpu_enter:
	move	$26, $4
	lw	$2, VCPU_PC($26)
	lw	$1, VCPU_STATUS($26)	/* with EXL */
	lw	$5, VCPU_CONTROL($26)
	lw	$3, VCPU_HI($26)
	lw	$4, VCPU_LO($26)
	mtc0	$1, ASM_STATUS
	ehb
	beqz	$5, 1f
	 mtc0	$2, ASM_EPC
	mtc0	$5, ASM_GUESTCTL0	/* GM is set after EXL is */
1:
	mtc0	$26, ASM_VCPU
	mthi	$3
	mtlo	$4
	each	lw, $26, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20
	each	lw, $26, 21, 22, 23, 24, 25, 27, 28, 29, 30, 31
	lw	$26, 26*4($26)
	ehb
	eret

	/* For the ROM's debug vector, 0xbfc00480: a part of the machine that emulators let us set. */
	.section .rom, "", @progbits
	mtc0	$26, ASM_DESAVE
	lui	$26, %hi(debug_vector)
	addiu	$26, $26, %lo(debug_vector)
	jr	$26
	 nop

	/*
	 * void root_idle(uint32_t status): until an interrupt is pending that `status`, which has IE,
	 * lets through. One that comes between EI and WAIT ends the wait before it began.
	 */
	.text
	.globl	root_idle
root_idle:
	mtc0	$4, ASM_STATUS
idle_start:
	ehb
	wait
idle_end:
	lui	$2, %hi(STATUS_CU0)
	mtc0	$2, ASM_STATUS
	ehb
	jr	$31
	 nop

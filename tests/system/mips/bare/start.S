/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry as UHI has it, and exceptions: all that C may clobber is kept, $26 and $27 are lost. */
	.set	noreorder
	.set	noat

	.section .text.vectors, "ax"
	.org	0x000
	b	enter
	 li	$26, 1			/* a TLB refill */
	.org	0x180
	b	enter
	 li	$26, 0
	.org	0x200
	b	enter
	 li	$26, 0

enter:	addiu	$29, $29, -128
	sw	$1, 20($29)
	sw	$2, 24($29)
	sw	$3, 28($29)
	sw	$4, 32($29)
	sw	$5, 36($29)
	sw	$6, 40($29)
	sw	$7, 44($29)
	sw	$8, 48($29)
	sw	$9, 52($29)
	sw	$10, 56($29)
	sw	$11, 60($29)
	sw	$12, 64($29)
	sw	$13, 68($29)
	sw	$14, 72($29)
	sw	$15, 76($29)
	sw	$24, 80($29)
	sw	$25, 84($29)
	sw	$31, 88($29)
	mfhi	$1
	mflo	$2
	sw	$1, 92($29)
	sw	$2, 96($29)
	move	$5, $31
	jal	exception
	 move	$4, $26
	lw	$1, 92($29)
	lw	$2, 96($29)
	mthi	$1
	mtlo	$2
	lw	$1, 20($29)
	lw	$2, 24($29)
	lw	$3, 28($29)
	lw	$4, 32($29)
	lw	$5, 36($29)
	lw	$6, 40($29)
	lw	$7, 44($29)
	lw	$8, 48($29)
	lw	$9, 52($29)
	lw	$10, 56($29)
	lw	$11, 60($29)
	lw	$12, 64($29)
	lw	$13, 68($29)
	lw	$14, 72($29)
	lw	$15, 76($29)
	lw	$24, 80($29)
	lw	$25, 84($29)
	lw	$31, 88($29)
	addiu	$29, $29, 128
	eret

	.globl	start
start:	mtc0	$0, $12
	mtc0	$0, $13
	ehb
	la	$29, stack_top - 32
	move	$4, $5
	jal	guest_main
	 nop
	lui	$8, 0xbf00		/* the power switch */
	li	$9, 0x4f
#ifdef __MIPSEB__
	sll	$9, $9, 24
#endif
	sw	$9, 0x500($8)
1:	b	1b
	 nop

	/* bool status_in_slot(void): CP0 written in the slots of a branch and of a call. */
	.text
	.globl	status_in_slot
status_in_slot:
	move	$10, $31
	lui	$9, 0x0080		/* Cause.IV */
	mfc0	$8, $13
	xor	$8, $8, $9
	beq	$0, $0, 1f
	 mtc0	$8, $13
	b	2f
	 li	$2, 0
1:	mfc0	$11, $13
	xor	$11, $11, $8
	and	$11, $11, $9
	bnez	$11, 2f
	 li	$2, 0
	xor	$8, $8, $9
	jal	3f
	 mtc0	$8, $13
4:	b	2f
	 li	$2, 0
3:	mfc0	$11, $13
	xor	$11, $11, $8
	and	$11, $11, $9
	bnez	$11, 2f
	 li	$2, 0
	la	$11, 4b
	xor	$11, $11, $31
	sltiu	$2, $11, 1
2:	jr	$10
	 nop

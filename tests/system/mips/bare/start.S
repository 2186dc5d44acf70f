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
	/* By an interrupt controller, with IntCtl.VS = 1: of priorities 2 to 7. */
	.irp	n, 2, 3, 4, 5, 6, 7
	.org	0x200 + 32 * \n
	b	enter
	 li	$26, 16 + \n
	.endr

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

	/* uint32_t keep(uint32_t rounds): whether a register is not what it was before so many of a loop. */
	.globl	keep
keep:	addiu	$29, $29, -48
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 28, 30, 31
	sw	$\n, 4 * (\n - 15 - (\n / 24) * 4 - (\n / 30))($29)
	.endr
	li	$1, 0x1234
	mthi	$1
	li	$1, 0x2345
	mtlo	$1
	.irp	n, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 28, 30, 31
	li	$\n, 0x1000 + \n
	.endr
1:	addiu	$4, $4, -1
	bnez	$4, 1b
	 nop
	.irp	n, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 28, 30, 31
	xori	$27, $\n, 0x1000 + \n
	or	$4, $4, $27
	.endr
	mfhi	$2
	xori	$2, $2, 0x1234
	mflo	$3
	xori	$3, $3, 0x2345
	or	$2, $2, $3
	or	$2, $2, $4
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 28, 30, 31
	lw	$\n, 4 * (\n - 15 - (\n / 24) * 4 - (\n / 30))($29)
	.endr
	jr	$31
	 addiu	$29, $29, 48

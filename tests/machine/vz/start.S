/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A root as small as can be: enter() runs the guest until something makes it leave, which is then
 * in `left`. An exception of the root's own ends the test, but for one that was announced in
 * `forgive`: it is recorded, and execution goes on after the instruction; or, with 2 in it, at it
 * and without software interrupts.
 */
	.set	noreorder
	.set	noat
	.set	mips32r5
	.set	virt

#define LEFT_VECTOR  0
#define LEFT_CAUSE   4
#define LEFT_EPC     8
#define LEFT_ADDRESS 12
#define LEFT_INSTR   16
#define LEFT_INSTRP  20
#define LEFT_CTL0    24
#define LEFT_HI      28
#define LEFT_CONTEXT 32
#define LEFT_STATUS  36
#define LEFT_SRSCTL  40

	.section .vectors, "ax"
vectors:
	b	leave
	li	$26, 0
	.org	vectors + 0x180
	b	leave
	li	$26, 0x180
	.irp	vector, 0x200, 0x220, 0x240, 0x260
	.org	vectors + \vector
	b	leave
	li	$26, \vector
	.endr
	.org	vectors + 0x280

leave:	lui	$27, %hi(left)
	addiu	$27, %lo(left)
	sw	$26, LEFT_VECTOR($27)
	mfc0	$26, $13
	sw	$26, LEFT_CAUSE($27)
	mfc0	$26, $14
	sw	$26, LEFT_EPC($27)
	mfc0	$26, $8
	sw	$26, LEFT_ADDRESS($27)
	mfc0	$26, $12
	sw	$26, LEFT_STATUS($27)
	mfc0	$26, $12, 2
	sw	$26, LEFT_SRSCTL($27)
	mfc0	$26, $10
	sw	$26, LEFT_HI($27)
	mfc0	$26, $4
	sw	$26, LEFT_CONTEXT($27)
	mfc0	$26, $12, 6
	sw	$26, LEFT_CTL0($27)
	mfc0	$26, $16, 3
	ext	$26, $26, 26, 1
	beqz	$26, 1f
	nop
	mfc0	$26, $8, 1
	sw	$26, LEFT_INSTR($27)
	mfc0	$26, $8, 2
	sw	$26, LEFT_INSTRP($27)
1:	mfc0	$26, $12, 6
	bgez	$26, own
	ins	$26, $0, 31, 1		# GM = 0
	mtc0	$26, $12, 6
	lui	$27, %hi(registers)
	addiu	$27, %lo(registers)
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 28, 29, 30, 31
	sw	$\n, 4 * \n($27)
	.endr
	mfc0	$26, $12
	ins	$26, $0, 1, 1		# EXL = 0
	ins	$26, $0, 4, 1		# UM = 0
	ins	$26, $0, 0, 1		# IE = 0
	mtc0	$26, $12
	ehb
	lui	$27, %hi(kept)
	addiu	$27, %lo(kept)
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 28, 29, 30, 31
	lw	$\n, 4 * \n($27)
	.endr
	jr	$31
	nop

own:	lui	$27, %hi(forgive)
	lw	$26, %lo(forgive)($27)
	sw	$0, %lo(forgive)($27)
	lui	$27, %hi(forgiven)
	sw	$26, %lo(forgiven)($27)
	bnez	$26, 2f
	mfc0	$26, $14
	la	$29, stack_top
	mfc0	$27, $12
	ins	$27, $0, 1, 1
	mtc0	$27, $12
	j	root_died
	ehb
2:	addiu	$26, 4
	lw	$27, %lo(forgiven)($27)
	addiu	$27, -2
	bnez	$27, 3f
	mfc0	$27, $13
	ins	$27, $0, 8, 2
	mtc0	$27, $13
	addiu	$26, -4
3:	mtc0	$26, $14
	ehb
	eret

	# void enter(uint32_t pc)
	.globl	enter
enter:	lui	$27, %hi(kept)
	addiu	$27, %lo(kept)
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 28, 29, 30, 31
	sw	$\n, 4 * \n($27)
	.endr
	mfc0	$26, $12
	ori	$26, 2
	mtc0	$26, $12		# EXL = 1
	ehb
	mtc0	$4, $14
	mfc0	$26, $12, 6
	lui	$27, 0x8000
	or	$26, $27
	mtc0	$26, $12, 6		# GM = 1
	ehb
	lui	$27, %hi(registers)
	addiu	$27, %lo(registers)
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 28, 29, 30, 31
	lw	$\n, 4 * \n($27)
	.endr
	eret

	.section .start, "ax"
	.globl	_start
_start:	la	$26, vectors
	mtc0	$26, $15, 1
	li	$26, 0x10000000
	mtc0	$26, $12
	ehb
	la	$29, stack_top
	jal	main
	nop
	move	$4, $2
	li	$25, 1
	sdbbp	1

	# int write_out(const char *text, unsigned length)
	.globl	write_out
write_out:
	move	$6, $5
	move	$5, $4
	li	$4, 1
	li	$25, 5
	sdbbp	1
	jr	$31
	nop

	.globl	quit
quit:	li	$25, 1
	sdbbp	1

	.bss
	.balign	8
	.globl	registers
	.globl	left
	.globl	forgive
registers: .space 128
kept:	.space	128
left:	.space	64
forgive: .space	4
forgiven: .space 4
	.balign	16
	.space	8192
stack_top:

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What programs stand on that run on stock QEMU and on our machine, and whose results must agree. The
 * program is `test`, called with $28 and $29 at scratch memory (unmapped, and mapped by the TLB). It
 * adds to the results by REGISTERS and RESULT; every exception adds a record and is then skipped:
 * execution goes on after the instruction (after the delay slot, if it was in one), or at
 * `recover` if that is not 0. $26 and $27 are the handler's.
 *
 * In the end the results are written by semihosting to the file `results`, where it is run.
 */
#include "runtime.inc"

	.set	noreorder
	.set	noat

	.section .vectors, "ax"
vectors:				# refill
	b	handler
	li	$26, 0
	.org	vectors + 0x180
	b	handler
	li	$26, 1
	.org	vectors + 0x200
	b	handler
	li	$26, 2
	.org	vectors + 0x220		# vectored: line 1, with IntCtl.VS = 1
	b	handler
	li	$26, 3
	.org	vectors + 0x280

handler:
	lui	$27, %hi(saved)
	addiu	$27, %lo(saved)
	sw	$2, 0($27)
	sw	$3, 4($27)
	lui	$27, %hi(next)
	lw	$27, %lo(next)($27)
	li	$2, 0x5e5e0000
	or	$26, $2
	sw	$26, 0($27)
	mfc0	$26, $13
	sw	$26, 4($27)
	mfc0	$26, $14
	sw	$26, 8($27)
	mfc0	$26, $8
	sw	$26, 12($27)
	mfc0	$26, $12
	sw	$26, 16($27)
	mfc0	$26, $4
	sw	$26, 20($27)
	mfc0	$26, $10
	sw	$26, 24($27)
#ifdef RELEASE5
	mfc0	$26, $8, 1
	sw	$26, 28($27)
	mfc0	$26, $8, 2
	sw	$26, 32($27)
#else
	sw	$0, 28($27)
	sw	$0, 32($27)
#endif
	addiu	$27, 36
	lui	$26, %hi(next)
	sw	$27, %lo(next)($26)
	# A system call in user mode ends that.
	mfc0	$26, $12
	andi	$26, 0x10
	beqz	$26, 1f
	mfc0	$26, $13
	andi	$26, 0x7c
	xori	$26, 8 << 2
	bnez	$26, 1f
	mfc0	$26, $12
	xori	$26, 0x10
	mtc0	$26, $12
	ehb
	lui	$26, %hi(back)
	lw	$26, %lo(back)($26)
	b	9f
	mtc0	$26, $14
1:	lui	$27, %hi(recover)
	lw	$26, %lo(recover)($27)
	sw	$0, %lo(recover)($27)
	bnez	$26, 8f
	nop
	mfc0	$27, $13
	mfc0	$26, $14
	bgez	$27, 8f
	addiu	$26, 4
	addiu	$26, 4
8:	mtc0	$26, $14
	mfc0	$26, $13
	ins	$26, $0, 8, 2		# no software interrupts
	mtc0	$26, $13
9:	lui	$27, %hi(saved)
	addiu	$27, %lo(saved)
	lw	$2, 0($27)
	lw	$3, 4($27)
	ehb
	eret

	.section .start, "ax"
	.globl	_start
_start:	la	$26, vectors
	mtc0	$26, $15, 1
	ehb
	li	$26, 0x10000000
	mtc0	$26, $12		# BEV = 0, kernel mode, interrupts off
	mtc0	$0, $5
	mtc0	$0, $6
	ehb
	la	$26, results
	la	$27, next
	sw	$26, 0($27)
	# No entry matches anything.
	li	$8, 0
	mtc0	$0, $2
	mtc0	$0, $3
1:	sll	$9, $8, 13
	lui	$10, 0x9000
	or	$9, $10
	mtc0	$9, $10
	mtc0	$8, $0
	ehb
	tlbwi
	mfc0	$9, $16, 1
	ext	$9, $9, 25, 6
	slt	$9, $8, $9
	bnez	$9, 1b
	addiu	$8, 1
	mtc0	$0, $10
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 30
	li	$\n, 0
	.endr
	mthi	$0
	mtlo	$0
	la	$28, scratch
	li	$29, MAPPED
	ehb
	jal	test
	nop
	la	$4, name
	li	$5, 0x601		# write, create, truncate
	li	$6, 0644
	li	$25, 2
	sdbbp	1
	move	$4, $2
	la	$5, results
	la	$6, next
	lw	$6, 0($6)
	subu	$6, $6, $5
	li	$25, 5
	sdbbp	1
	li	$4, 0
	li	$25, 1
	sdbbp	1

	# Adds $1 to $25, $30, $31 (it is called from a place that the caller saved in $26), HI and LO.
	.globl	add_registers
add_registers:
	lui	$27, %hi(next)
	lw	$27, %lo(next)($27)
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 30, 31
	sw	$\n, 4 * \n($27)
	.endr
	li	$1, 0x4e4e0000
	sw	$1, 0($27)
	mfhi	$1
	sw	$1, 104($27)
	mflo	$1
	sw	$1, 108($27)
	mfc0	$1, $12
	sw	$1, 112($27)
	sw	$0, 116($27)
	addiu	$27, 128
	lui	$1, %hi(next)
	sw	$27, %lo(next)($1)
	jr	$26
	nop

	.data
	.globl	recover
	.globl	back
	.globl	next
saved:	.word	0, 0
recover: .word	0
back:	.word	0
next:	.word	0
name:	.asciz	"results"

	.bss
	.balign	8192
	.globl	scratch
scratch: .space	8192
	.globl	results
results: .space	0x100000

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest that misbehaves on purpose: EL1, MMU on with everything mapped where it is as normal
 * memory, devices too, so that unaligned and wide accesses reach stage 2 instead of faulting here.
 * Exceptions are noted and survived (exception() in main.c).
 */
#define BLOCK	  0x401 /* valid, accessed */
#define NORMAL	  (0 << 2 | 3 << 8)
#define UNCACHED  (1 << 2 | 3 << 8)
#define MAIR	  0x44ff /* attribute 0: write-back; 1: normal, not cached */
#define TCR	  (25 | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23 | 1 << 32)
#define SCTLR_ON  0x1005 /* I, C, M */

	.section .text.start, "ax"
	.globl	start
start:
	mov	x20, x0
	bl	mmu_on
	ldr	x0, =vectors
	msr	vbar_el1, x0
	mov	x0, #(3 << 20)
	msr	cpacr_el1, x0
	isb
	ldr	x0, =stack_top
	mov	sp, x0
	mov	x0, x20
	bl	guest_main
	bl	power_off

	.globl	mmu_on
mmu_on:	ldr	x0, =MAIR
	msr	mair_el1, x0
	ldr	x0, =TCR
	msr	tcr_el1, x0
	adr	x0, table
	msr	ttbr0_el1, x0
	isb
	tlbi	vmalle1
	dsb	nsh
	isb
	mrs	x0, sctlr_el1
	mov	x1, #SCTLR_ON
	orr	x0, x0, x1
	msr	sctlr_el1, x0
	isb
	ret

	.globl	mmu_off
mmu_off: mrs	x0, sctlr_el1
	mov	x1, #SCTLR_ON
	bic	x0, x0, x1
	msr	sctlr_el1, x0
	isb
	ret

	.balign	4096
table:	.quad	0x00000000 | UNCACHED | BLOCK
	.quad	0x40000000 | NORMAL | BLOCK
	.fill	510, 8, 0

	.macro	vector kind
	.balign	128
	sub	sp, sp, #272
	stp	x0, x1, [sp]
	mov	x0, #\kind
	b	enter
	.endm

	.balign	2048
	.globl	vectors
vectors:
	.irp	kind, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	vector	\kind
	.endr

enter:	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x30, [sp, #144]
	mov	x1, sp
	bl	exception
	ldp	x18, x30, [sp, #144]
	ldp	x16, x17, [sp, #128]
	ldp	x14, x15, [sp, #112]
	ldp	x12, x13, [sp, #96]
	ldp	x10, x11, [sp, #80]
	ldp	x8, x9, [sp, #64]
	ldp	x6, x7, [sp, #48]
	ldp	x4, x5, [sp, #32]
	ldp	x2, x3, [sp, #16]
	ldp	x0, x1, [sp]
	add	sp, sp, #272
	eret

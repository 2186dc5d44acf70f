/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way into the root and back. While a guest runs, SP_EL2 points at its struct arm_vcpu, whose
 * first members are x0 to x30 and the root's stack; an exit stores the former, takes the latter
 * and calls C. Everything else of the guest (EL1 registers, ELR, SPSR, SIMD) stays in the CPU: the
 * root is built without SIMD, its memcpy puts back what it borrows, and a change of vCPU is the
 * business of vcpu.c. The C functions return the vCPU to go on with.
 */
#include "arm.h"

#define VCPU_STACK 248

	.macro	exit handler
	stp	x0, x1, [sp]
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x19, [sp, #144]
	stp	x20, x21, [sp, #160]
	stp	x22, x23, [sp, #176]
	stp	x24, x25, [sp, #192]
	stp	x26, x27, [sp, #208]
	stp	x28, x29, [sp, #224]
	ldr	x2, [sp, #VCPU_STACK]
	str	x30, [sp, #240]
	mov	x0, sp
	mov	sp, x2
	mrs	x1, esr_el2
	adr	x30, vcpu_enter
	b	\handler
	.endm

	/* An exception of the root's own: `kind` is the number of the vector. */
	.macro	fault kind
	msr	tpidr_el1, x0
	mov	x0, #\kind
	b	fault_entry
	.endm

	.section .text.vectors, "ax"

	.macro	table handlers
	.irp	kind, 0, 1, 2, 3, 4, 5, 6, 7
	.balign	128
	fault	\kind
	.endr
	/* From AArch64, and from AArch32, which a guest's programs may use. */
	.rept	2
	.balign	128
	exit	trap_sync\handlers
	.balign	128
	exit	trap_irq\handlers
	.balign	128
	exit	trap_irq\handlers
	.balign	128
	exit	trap_serror\handlers
	.endr
	.endm

	.global vectors
	.balign	2048
vectors:
	table

	/* Those of a root that is traced. */
	.global vectors_traced
	.balign	2048
vectors_traced:
	table	_traced

	/* Those of several CPUs, which share the root. */
	.global vectors_shared
	.balign	2048
vectors_shared:
	table	_shared

	/* void vcpu_enter(struct arm_vcpu *): from here the guest runs. */
	.global vcpu_enter
	.balign	64
vcpu_enter:
	mov	sp, x0
	ldp	x2, x3, [sp, #16]
	ldp	x4, x5, [sp, #32]
	ldp	x6, x7, [sp, #48]
	ldp	x8, x9, [sp, #64]
	ldp	x10, x11, [sp, #80]
	ldp	x12, x13, [sp, #96]
	ldp	x14, x15, [sp, #112]
	ldp	x16, x17, [sp, #128]
	ldp	x18, x19, [sp, #144]
	ldp	x20, x21, [sp, #160]
	ldp	x22, x23, [sp, #176]
	ldp	x24, x25, [sp, #192]
	ldp	x26, x27, [sp, #208]
	ldp	x28, x29, [sp, #224]
	ldr	x30, [sp, #240]
	ldp	x0, x1, [sp]
	eret

	/* x0: kind; the real x0 is in TPIDR_EL1. The stack may be what is broken: take another. */
fault_entry:
	msr	tpidr_el0, x1
	ldr	x1, =(fault_stack_end - 272)
	stp	x2, x3, [x1, #16]
	stp	x4, x5, [x1, #32]
	stp	x6, x7, [x1, #48]
	stp	x8, x9, [x1, #64]
	stp	x10, x11, [x1, #80]
	stp	x12, x13, [x1, #96]
	stp	x14, x15, [x1, #112]
	stp	x16, x17, [x1, #128]
	stp	x18, x19, [x1, #144]
	stp	x20, x21, [x1, #160]
	stp	x22, x23, [x1, #176]
	stp	x24, x25, [x1, #192]
	stp	x26, x27, [x1, #208]
	stp	x28, x29, [x1, #224]
	mov	x3, sp
	stp	x30, x3, [x1, #240]
	mrs	x2, tpidr_el1
	mrs	x3, tpidr_el0
	stp	x2, x3, [x1]
	mov	sp, x1
	b	root_fault		/* (kind, registers), does not return */

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the boot loader to C. The root is an arm64 Image (Linux Documentation/arm64/booting.rst):
 * entered at EL2, MMU off, x0 = device tree. One table of two 1 GiB blocks serves the first steps,
 * seen at the physical and, through the second half of the same table, at the linked address;
 * mmu.c then replaces it by one that keeps code, constants and data apart.
 */
#include "arm.h"

	/* With the table at x1: goes on at the linked address of `where`. */
	.macro	mmu_on where
	ldr	x2, =MAIR_VALUE
	msr	mair_el2, x2
	ldr	x2, =TCR_VALUE
	msr	tcr_el2, x2
	msr	ttbr0_el2, x1
	tlbi	alle2
	ic	iallu
	dsb	sy
	isb
	ldr	x2, =SCTLR_VALUE
	msr	sctlr_el2, x2
	isb
	ldr	x1, =\where
	br	x1
	.endm

	.section .head, "ax"
	.global	root_start
root_start:
	b	start
	.long	0
	.quad	0			/* text_offset */
	.quad	root_end - root_start
	.quad	0xa			/* little-endian, 4 KiB pages, anywhere */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

start:
	msr	daifset, #15
	mrs	x1, CurrentEL
	cmp	x1, #(2 << 2)
	b.ne	hang			/* not virtualization=on */
	adr	x1, root_start
	ldr	x2, =LOAD_ADDRESS
	cmp	x1, x2
	b.ne	hang			/* linked for another address */

	/* The table: devices in the first GiB, memory in the second; both halves alike. */
	adrp	x1, early_table
	mov	x2, x1
	mov	x3, #PAGE_SIZE
1:	stp	xzr, xzr, [x2], #16
	subs	x3, x3, #16
	b.ne	1b
	ldr	x2, =(PTE_XN | PTE_AF | PTE_ATTR(1) | PTE_VALID)
	ldr	x3, =(0x40000000 | PTE_AF | PTE_SH_INNER | PTE_VALID)
	stp	x2, x3, [x1]
	add	x4, x1, #((LINEAR >> 30) * 8)
	stp	x2, x3, [x4]
	dmb	sy
	dc	ivac, x1		/* what was written with caches off */
	dc	ivac, x4

	mmu_on	high

high:	ldr	x1, =bss_start
	ldr	x2, =bss_end
1:	stp	xzr, xzr, [x1], #16
	cmp	x1, x2
	b.lo	1b
	msr	spsel, #1
	ldr	x1, =(stacks + STACK_SPAN)
	mov	sp, x1
	ldr	x1, =arm_cpus
	msr	tpidr_el2, x1
	ldr	x1, =vectors
	msr	vbar_el2, x1
	bl	root_init
hang:	wfi
	b	hang

	/* PSCI brings another CPU here as the first came: x0 is its stack, where its struct arm_cpu is. */
	.global	cpu_start
cpu_start:
	msr	daifset, #15
	adrp	x1, early_table
	mmu_on	joined

joined:	msr	spsel, #1
	mov	sp, x0
	ldr	x1, [x0]
	msr	tpidr_el2, x1
	ldr	x1, =vectors
	msr	vbar_el2, x1
	b	smp_main

	.section .tables, "aw", %nobits
	.balign	PAGE_SIZE
early_table:
	.skip	PAGE_SIZE

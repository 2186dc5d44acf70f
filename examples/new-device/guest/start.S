/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EL1, everything off. Devices share memory with us through the caches, so those go on: RAM is
 * mapped where it is, as normal memory, and the first GiB (UART, Virtio) as device memory.
 * guest_main() is given the device tree.
 */
#define BLOCK        0x401 /* valid, accessed */
#define NORMAL       (0 << 2 | 3 << 8)
#define DEVICE       (1 << 2 | 3 << 53)
#define MAIR         0x00ff /* attribute 0: write-back; 1: device */
/* 39-bit addresses, 4 KiB granule, write-back inner-shareable walks, no upper half, 36 bits out. */
#define TCR          (25 | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23 | 1 << 32)
#define SCTLR_ON     0x1005 /* I, C, M */
#define PSCI_OFF     0x84000008

	.section .text.start, "ax"
	.globl start
start:
	ldr	x1, =MAIR
	msr	mair_el1, x1
	ldr	x1, =TCR
	msr	tcr_el1, x1
	adr	x1, table
	msr	ttbr0_el1, x1
	isb
	tlbi	vmalle1
	dsb	nsh
	isb
	mrs	x1, sctlr_el1
	mov	x2, #SCTLR_ON
	orr	x1, x1, x2
	msr	sctlr_el1, x1
	isb

	ldr	x1, =stack_top
	mov	sp, x1
	bl	guest_main
	ldr	w0, =PSCI_OFF
	hvc	#0
	b	.

	.balign	4096
table:	.quad	0x00000000 | DEVICE | BLOCK
	.quad	0x40000000 | NORMAL | BLOCK
	.fill	510, 8, 0

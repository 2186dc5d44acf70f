/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the boot loader to C: kernel mode, in kseg0, with whatever Status the loader left. The stack
 * is one, for start and exits alike; words about how the machine was started come by UHI.
 */
#include "mips.h"

	.set	noreorder
	.section .head, "ax"
	.globl	root_start
	.ent	root_start
root_start:
	mtc0	$0, ASM_CAUSE
	lui	$8, %hi(STATUS_CU0 | STATUS_BEV)
	mtc0	$8, ASM_STATUS
	ehb
	la	$8, bss_start
	la	$9, bss_end
1:	sw	$0, 0($8)
	addiu	$8, $8, 4
	bne	$8, $9, 1b
	 nop
	la	$28, 0
	la	$29, stack_end - 16
	jal	root_init
	 nop
2:	wait
	b	2b
	 nop
	.end	root_start

/* SPDX-License-Identifier: BSD-2-Clause */
/* Address translation and its exceptions, in kernel and user mode. */
#include "runtime.inc"

#define INDEX     0
#define ENTRYLO0  2
#define ENTRYLO1  3
#define PAGEMASK  5
#define ENTRYHI   10
#define STATUS    12
#define CAUSE     13

#define CACHED    0x18
#define G         1
#define V         2
#define D         4
#define KSEG2     0xc0000000

	.set	noreorder

/* Entry `index`: `hi`, pages at `lo0` and `lo1` past scratch memory, with flags. */
.macro ENTRY index, hi, mask, lo0, flags0, lo1, flags1
	li	$8, \hi
	mtc0	$8, $ENTRYHI
	li	$8, \mask
	mtc0	$8, $PAGEMASK
	ext	$8, $28, 0, 29
	addiu	$9, $8, \lo0
	srl	$9, $9, 12
	sll	$9, $9, 6
	ori	$9, $9, CACHED | \flags0
	mtc0	$9, $ENTRYLO0
	addiu	$9, $8, \lo1
	srl	$9, $9, 12
	sll	$9, $9, 6
	ori	$9, $9, CACHED | \flags1
	mtc0	$9, $ENTRYLO1
	li	$9, \index
	mtc0	$9, $INDEX
	ehb
	tlbwi
	ehb
.endm

.macro ASID asid
	li	$8, \asid
	mtc0	$8, $ENTRYHI
	ehb
.endm

/* What the TLB says of an address. */
.macro PROBE address
	li	$8, \address
	mtc0	$8, $ENTRYHI
	ehb
	tlbp
	ehb
	mfc0	$8, $INDEX
	srl	$8, $8, 31
	RESULT	$8
.endm

.macro READBACK index
	li	$8, \index
	mtc0	$8, $INDEX
	ehb
	tlbr
	ehb
	mfc0	$8, $ENTRYHI
	RESULT	$8
	mfc0	$8, $ENTRYLO0
	RESULT	$8
	mfc0	$8, $ENTRYLO1
	RESULT	$8
	mfc0	$8, $PAGEMASK
	RESULT	$8
	mtc0	$0, $PAGEMASK
.endm

/* Load, store and a look at both through the other window. */
.macro TOUCH offset
	li	$10, 0x11110000 + \offset
	li	$11, 0x22220000 + \offset
	sw	$10, \offset($28)
	lw	$12, \offset($29)
	RESULT	$12
	sw	$11, \offset($29)
	lw	$12, \offset($28)
	RESULT	$12
.endm

	.text
	.globl	test
test:	move	$20, $31
	REGISTERS

	# No entry: refill, of loads, stores and half-words; alignment comes first.
	TOUCH	0
	lh	$2, 2($29)
	lw	$2, 2($29)
	sh	$2, 1($29)
	swl	$2, 1($29)
	lwr	$2, 5($29)
	PROBE	MAPPED

	# Two pages of one ASID; the other finds nothing.
	ENTRY	1, MAPPED | 1, 0, 0, V | D, 4096, V | D
	TOUCH	0
	TOUCH	0x1000
	TOUCH	0x1ffc
	PROBE	MAPPED | 1
	PROBE	MAPPED | 2
	READBACK 1
	ASID	2
	TOUCH	4
	# Global only if both are.
	ENTRY	1, MAPPED | 1, 0, 0, V | D | G, 4096, V | D
	ASID	2
	TOUCH	8
	READBACK 1
	ENTRY	1, MAPPED | 1, 0, 0, V | D | G, 4096, V | D | G
	ASID	2
	TOUCH	12
	READBACK 1
	PROBE	MAPPED | 3

	# Invalid, and not to be written.
	ENTRY	1, MAPPED | 1, 0, 0, D, 4096, V
	ASID	1
	TOUCH	16
	TOUCH	0x1010
	li	$2, 0x12345678
	swr	$2, 0x1013($29)
	sb	$2, 0x1010($29)

	# Swapped, larger, and in kseg2.
	ENTRY	1, MAPPED | 1, 0, 4096, V | D, 0, V | D
	lw	$2, 0($29)
	RESULT	$2
	lw	$2, 0x1000($29)
	RESULT	$2
	ENTRY	2, KSEG2, 0x6000, 0, V | D | G, 0, V | G
	li	$16, KSEG2
	li	$2, 0x5a5a5a5a
	sw	$2, 0x24($16)
	lw	$3, 0x24($28)
	RESULT	$3
	li	$16, KSEG2 + 0x4000
	lw	$3, 0x24($16)
	RESULT	$3
	sw	$2, 0x24($16)
	READBACK 2
	ENTRY	2, KSEG2 + 0x1fe000, 0x7e000, 0, V | D | G, 0, D | G
	READBACK 2

	# Fetching from what is not there, invalid, or not aligned.
	ENTRY	1, MAPPED | 1, 0, 0, D, 4096, V
	RECOVER	1f
	jr	$29
	nop
1:	li	$2, 0x00800000
	RECOVER	2f
	jr	$2
	nop
2:	li	$2, 0x80100002
	RECOVER	3f
	jr	$2
	nop
3:	REGISTERS

	# Pages that lie so far apart that a cache of translations may take one for the other.
	li	$16, 0x80800000
	li	$17, 0x80c00000
	li	$2, 0x1111
	li	$3, 0x2222
	sw	$2, 0($16)
	lw	$4, 0($16)
	sw	$3, 0($17)
	lw	$5, 0($16)
	RESULT	$4
	RESULT	$5
	lw	$5, 0($17)
	RESULT	$5

	# With ERL, useg is memory as it is.
	mfc0	$8, $STATUS
	ori	$9, $8, 4
	mtc0	$9, $STATUS
	ehb
	ext	$10, $28, 0, 29
	lw	$11, 16($10)
	mtc0	$8, $STATUS
	ehb
	RESULT	$11
	lw	$11, 16($10)

	# User mode: its code is mapped at 0x00600000.
	la	$10, user
	ext	$10, $10, 0, 29
	srl	$9, $10, 12
	sll	$9, $9, 6
	ori	$9, $9, CACHED | V
	li	$8, 0x00600001
	mtc0	$8, $ENTRYHI
	mtc0	$9, $ENTRYLO0
	mtc0	$9, $ENTRYLO1
	li	$8, 3
	mtc0	$8, $INDEX
	ehb
	tlbwi
	ENTRY	1, MAPPED | 1, 0, 0, V | D, 4096, V
	la	$8, 4f
	la	$9, back
	sw	$8, 0($9)
	li	$8, 0x00600000
	mtc0	$8, $14
	mfc0	$8, $STATUS
	xori	$8, $8, 0x12
	xor	$9, $8, $8
	lui	$9, 0x1000
	xor	$8, $8, $9
	mtc0	$8, $STATUS		# EXL, UM, and no CU0
	ehb
	eret
4:	REGISTERS

	# Software interrupts: one vector, or the other.
	mfc0	$8, $STATUS
	ori	$9, $8, 0x301
	mtc0	$9, $STATUS
	ehb
	RECOVER	5f
	li	$10, 0x100
	mtc0	$10, $CAUSE
	ehb
	nop
	nop
5:	RECOVER	6f
	li	$10, 0x00800200
	mtc0	$10, $CAUSE
	ehb
	nop
	nop
6:	mtc0	$0, $CAUSE
	mtc0	$8, $STATUS
	ehb

#ifdef RELEASE5
	# Read and execute inhibit, with and without exceptions of their own.
	lui	$8, 0xc000
	bal	inhibit
	mtc0	$8, $5, 1
	lui	$8, 0xc800
	bal	inhibit
	mtc0	$8, $5, 1
	# An entry invalidated as a whole.
	li	$8, 0x400
	mtc0	$8, $ENTRYHI
	li	$8, 1
	mtc0	$8, $INDEX
	ehb
	tlbwi
	ASID	1
	lw	$2, 0($29)
	# All of one ASID, all.
	ENTRY	1, MAPPED | 1, 0, 0, V | D, 4096, V
	.set	push
	.set	mips32r5
	.word	0x42000003		# tlbinv, of ASID 1
	ehb
	lw	$2, 0($29)
	li	$16, KSEG2 + 0x1fe000
	lw	$2, 0($16)
	.word	0x42000004		# tlbinvf
	ehb
	lw	$2, 0($16)
	.set	pop
#endif
	move	$31, $20
	jr	$31
	nop

#ifdef RELEASE5
inhibit:
	move	$21, $31
	ehb
	li	$8, MAPPED | 1
	mtc0	$8, $ENTRYHI
	mtc0	$0, $PAGEMASK
	ext	$8, $28, 0, 29
	srl	$9, $8, 12
	sll	$9, $9, 6
	lui	$10, 0x8000
	ori	$10, CACHED | V | D
	or	$11, $9, $10		# RI
	mtc0	$11, $ENTRYLO0
	lui	$10, 0x4000
	ori	$10, CACHED | V | D
	or	$11, $9, $10		# XI
	mtc0	$11, $ENTRYLO1
	li	$9, 1
	mtc0	$9, $INDEX
	ehb
	tlbwi
	ehb
	READBACK 1
	ASID	1
	TOUCH	0
	addiu	$16, $29, 0x1000
	lw	$2, 0($16)
	RECOVER	1f
	jr	$16
	nop
1:	mtc0	$0, $5, 1
	ehb
	jr	$21
	nop
#endif

	.section .user, "ax"
user:	li	$16, 0x00400000
	lw	$2, 0($16)
	sw	$2, 4($16)
	sw	$2, 0x1004($16)
	mfc0	$2, $12
	mtc0	$2, $12
	.word	0x42000008		# tlbp
	cache	0, 0($16)
	lui	$17, 0x8000
	lw	$2, 0($17)
	sw	$2, 4($17)
	lb	$2, 3($17)
	lw	$2, -4($0)
	rdhwr	$2, $0
	wait
	eret
	di
	b	1f
	lw	$2, 0($17)
1:	break
	syscall
	nop

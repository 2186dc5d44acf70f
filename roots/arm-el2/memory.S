/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memcpy, memmove and memset for the root. A disk request moves a MiB: there the SIMD registers
 * earn their keep, although the guest's own values must be put away first. All take any
 * alignment; the memory is normal memory.
 */

	/* Below this, saving four Q registers costs more than they save. */
#define SIMD_MIN 256

	.macro	function name
	.global	\name
	.type	\name, %function
	.balign	64
\name:
	.endm

	.arch_extension fp
	.arch_extension simd

	.text
	/* void *memmove(void *to, const void *from, size_t len) */
	function memmove
	sub	x3, x0, x1
	cmp	x3, x2
	b.lo	backwards		/* `to` lies inside `from` */

	/* void *memcpy(void *to, const void *from, size_t len): upwards, loads before stores */
	function memcpy
	mov	x3, x0
	cmp	x2, #SIMD_MIN
	b.hs	copy_simd
copy_small:
	subs	x2, x2, #32
	b.lo	2f
1:	ldp	x4, x5, [x1]
	ldp	x6, x7, [x1, #16]
	add	x1, x1, #32
	stp	x4, x5, [x3]
	stp	x6, x7, [x3, #16]
	add	x3, x3, #32
	subs	x2, x2, #32
	b.hs	1b
2:	tbz	x2, #4, 3f		/* the low bits of the length are what is left */
	ldp	x4, x5, [x1], #16
	stp	x4, x5, [x3], #16
3:	tbz	x2, #3, 4f
	ldr	x4, [x1], #8
	str	x4, [x3], #8
4:	tbz	x2, #2, 5f
	ldr	w4, [x1], #4
	str	w4, [x3], #4
5:	tbz	x2, #1, 6f
	ldrh	w4, [x1], #2
	strh	w4, [x3], #2
6:	tbz	x2, #0, 7f
	ldrb	w4, [x1]
	strb	w4, [x3]
7:	ret

copy_simd:
	stp	q0, q1, [sp, #-64]!
	stp	q2, q3, [sp, #32]
	subs	x2, x2, #1024
	b.lo	2f
1:	.rept	16
	ld1	{v0.16b-v3.16b}, [x1], #64
	st1	{v0.16b-v3.16b}, [x3], #64
	.endr
	subs	x2, x2, #1024
	b.hs	1b
2:	adds	x2, x2, #(1024 - 64)
	b.mi	4f
3:	ld1	{v0.16b-v3.16b}, [x1], #64
	st1	{v0.16b-v3.16b}, [x3], #64
	subs	x2, x2, #64
	b.hs	3b
4:	add	x2, x2, #64
	ldp	q2, q3, [sp, #32]
	ldp	q0, q1, [sp], #64
	cbnz	x2, copy_small
	ret

backwards:
	add	x3, x0, x2
	add	x1, x1, x2
	subs	x2, x2, #16
	b.lo	2f
1:	ldp	x4, x5, [x1, #-16]!
	stp	x4, x5, [x3, #-16]!
	subs	x2, x2, #16
	b.hs	1b
2:	tbz	x2, #3, 3f
	ldr	x4, [x1, #-8]!
	str	x4, [x3, #-8]!
3:	tbz	x2, #2, 4f
	ldr	w4, [x1, #-4]!
	str	w4, [x3, #-4]!
4:	tbz	x2, #1, 5f
	ldrh	w4, [x1, #-2]!
	strh	w4, [x3, #-2]!
5:	tbz	x2, #0, 6f
	ldrb	w4, [x1, #-1]
	strb	w4, [x3, #-1]
6:	ret

	/* void *memset(void *to, int byte, size_t len) */
	function memset
	mov	x3, x0
	and	x1, x1, #0xff
	cbnz	x1, 1f
	cmp	x2, #1024
	b.hs	zero
1:	mov	x4, #0x0101010101010101
	mul	x1, x1, x4
set_small:
	subs	x2, x2, #32
	b.lo	3f
2:	stp	x1, x1, [x3]
	stp	x1, x1, [x3, #16]
	add	x3, x3, #32
	subs	x2, x2, #32
	b.hs	2b
3:	tbz	x2, #4, 4f
	stp	x1, x1, [x3], #16
4:	tbz	x2, #3, 5f
	str	x1, [x3], #8
5:	tbz	x2, #2, 6f
	str	w1, [x3], #4
6:	tbz	x2, #1, 7f
	strh	w1, [x3], #2
7:	tbz	x2, #0, 8f
	strb	w1, [x3]
8:	ret

	/* Whole blocks of DC ZVA once aligned, if they are the usual 64 bytes. */
zero:	mrs	x4, dczid_el0
	cmp	x4, #4			/* not prohibited, 2^4 words */
	b.ne	set_small
	stp	xzr, xzr, [x3]		/* up to the first whole block */
	stp	xzr, xzr, [x3, #16]
	stp	xzr, xzr, [x3, #32]
	stp	xzr, xzr, [x3, #48]
	and	x4, x3, #63
	sub	x4, x4, #64
	sub	x3, x3, x4
	add	x2, x2, x4
	subs	x2, x2, #512
	b.lo	2f
1:	.rept	8
	dc	zva, x3
	add	x3, x3, #64
	.endr
	subs	x2, x2, #512
	b.hs	1b
2:	add	x2, x2, #512
	b	set_small

/* SPDX-License-Identifier: BSD-2-Clause */
/* The SIMD registers of a vCPU that leaves or gets the CPU; x0: 32 of 16 bytes. */
	.arch_extension fp
	.arch_extension simd

	.text
	.global	simd_save
simd_save:
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	st1	{v\n\().16b}, [x0], #16
	.endr
	ret

	.global	simd_restore
simd_restore:
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	ld1	{v\n\().16b}, [x0], #16
	.endr
	ret

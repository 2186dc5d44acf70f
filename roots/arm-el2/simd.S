/* SPDX-License-Identifier: BSD-2-Clause */
/* The SIMD registers of a vCPU that leaves or gets the CPU; x0: 32 of 16 bytes. */
	.arch_extension fp
	.arch_extension simd

	.text
	.global	simd_save
simd_save:
	st1	{v0.16b-v3.16b}, [x0], #64
	st1	{v4.16b-v7.16b}, [x0], #64
	st1	{v8.16b-v11.16b}, [x0], #64
	st1	{v12.16b-v15.16b}, [x0], #64
	st1	{v16.16b-v19.16b}, [x0], #64
	st1	{v20.16b-v23.16b}, [x0], #64
	st1	{v24.16b-v27.16b}, [x0], #64
	st1	{v28.16b-v31.16b}, [x0], #64
	ret

	.global	simd_restore
simd_restore:
	ld1	{v0.16b-v3.16b}, [x0], #64
	ld1	{v4.16b-v7.16b}, [x0], #64
	ld1	{v8.16b-v11.16b}, [x0], #64
	ld1	{v12.16b-v15.16b}, [x0], #64
	ld1	{v16.16b-v19.16b}, [x0], #64
	ld1	{v20.16b-v23.16b}, [x0], #64
	ld1	{v24.16b-v27.16b}, [x0], #64
	ld1	{v28.16b-v31.16b}, [x0], #64
	ret

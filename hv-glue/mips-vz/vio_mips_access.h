/* SPDX-License-Identifier: BSD-2-Clause */
/* The MIPS32 loads and stores that drivers use for registers (MIPS32 volume II). */
#ifndef VIO_MIPS_ACCESS_H
#define VIO_MIPS_ACCESS_H

#include "vio_types.h"

struct vio_mips_access {
	uint8_t width; /* bytes: 1, 2 or 4 */
	uint8_t rt;    /* the register to load or store */
	bool write;
	bool sign_extend;
};

/*
 * False: `word` is none of lb, lbu, lh, lhu, lw, sb, sh and sw. What writes a part of a register,
 * floating-point registers or a linked location has no business at a device.
 */
static inline bool vio_mips_access_of_word(uint32_t word, struct vio_mips_access *access)
{
	/* By opcode from 32 on: a bit each. */
	const uint32_t known = 0x0b3b; /* lb lh lw, lbu lhu, sb sh sw */
	const uint32_t opcode = (word >> 26) - 32;

	if (opcode >= 16 || (known >> opcode & 1) == 0)
		return false;
	access->width = (uint8_t)((opcode & 3) + 1);
	access->write = (opcode & 8) != 0;
	access->sign_extend = (opcode & 12) == 0;
	access->rt = word >> 16 & 31;
	return true;
}

/* What a guest of the other byte order than the register's sees in its place: 1, 2 or 4 bytes. */
static inline uint32_t vio_mips_swap(uint32_t value, unsigned width)
{
	return __builtin_bswap32(value) >> (32 - 8 * width);
}

/* The register that holds what was read. */
static inline void vio_mips_access_load(const struct vio_mips_access *access, uint32_t *r,
					uint32_t value)
{
	if (access->sign_extend && access->width == 1)
		value = (uint32_t)(int32_t)(int8_t)value;
	else if (access->sign_extend && access->width == 2)
		value = (uint32_t)(int32_t)(int16_t)value;
	if (access->rt != 0)
		r[access->rt] = value;
}

#endif

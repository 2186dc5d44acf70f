/* SPDX-License-Identifier: BSD-2-Clause */
/* The fields of an instruction, and the codes that several look for. */
#ifndef INSTRUCTION_H
#define INSTRUCTION_H

#define OP(word)       ((word) >> 26)
#define RS(word)       ((word) >> 21 & 31)
#define RT(word)       ((word) >> 16 & 31)
#define RD(word)       ((word) >> 11 & 31)
#define SELECT(word)   ((word)&7)
#define FUNCTION(word) ((word)&0x3f)
#define OFFSET(word)   ((uint32_t)(int32_t)(int16_t)(word))

enum {
	OP_COP0 = 0x10,
	OP_SPECIAL3 = 0x1f,
	OP_CACHE = 0x2f,
	OP_SC = 0x38,
};

/* RS of COP0. */
enum {
	MFC0 = 0,
	MTC0 = 4,
	RDPGPR = 10,
	MFMC0 = 11, /* DI and EI */
	WRPGPR = 14,
	CO = 16, /* and above: by function */
};

/* The function then. */
enum {
	TLBR = 1,
	TLBWI = 2,
	TLBWR = 6,
	TLBP = 8,
	ERET = 24,
	WAIT = 32,
	HYPCALL = 40,
};

#endif

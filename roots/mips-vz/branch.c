/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Branches, for an instruction in a delay slot that the root has carried out: the guest goes on
 * where its branch leads, not behind the slot. Linux, for one, writes CP0 in delay slots.
 * Floating-point branches are not here: guests are shown no FPU.
 */
#include "branch.h"

#include "instruction.h"

enum {
	SPECIAL = 0,
	REGIMM = 1,
	J = 2,
	JAL = 3,
	BEQ = 4,
	BNE = 5,
	BLEZ = 6,
	BGTZ = 7,
	LIKELY = 16, /* more: BEQL to BGTZL */
	JR = 8,      /* function of SPECIAL */
	JALR = 9,
	LINK = 16, /* RT of REGIMM: BLTZAL and so on */
};

static uint32_t relative(uint32_t word, uint32_t pc)
{
	return pc + 4 + (OFFSET(word) << 2);
}

static bool jump_register(uint32_t word, uint32_t pc, uint32_t *r, uint32_t *target)
{
	uint32_t function = FUNCTION(word);

	if (function != JR && function != JALR)
		return false;
	*target = r[RS(word)];
	if (function == JALR && RD(word) != 0)
		r[RD(word)] = pc + 8;
	return true;
}

/* BLTZ, BGEZ, BLTZL, BGEZL, and the same with a link. */
static bool regimm(uint32_t word, uint32_t pc, uint32_t *r, uint32_t *target)
{
	bool negative = (r[RS(word)] & 0x80000000) != 0;
	bool wants_negative = (RT(word) & 1) == 0;

	if ((RT(word) & ~(LINK | 3U)) != 0)
		return false;
	*target = negative == wants_negative ? relative(word, pc) : pc + 8;
	if (RT(word) & LINK)
		r[31] = pc + 8;
	return true;
}

bool branch_target(uint32_t word, uint32_t pc, uint32_t *r, uint32_t *target)
{
	uint32_t rs = r[RS(word)];
	bool taken = false;

	switch (OP(word)) {
	case SPECIAL:
		return jump_register(word, pc, r, target);
	case REGIMM:
		return regimm(word, pc, r, target);
	case JAL:
		r[31] = pc + 8;
		/* fall through */
	case J:
		*target = ((pc + 4) & 0xf0000000) | (word & 0x03ffffff) << 2;
		return true;
	case BEQ:
	case BEQ + LIKELY:
		taken = rs == r[RT(word)];
		break;
	case BNE:
	case BNE + LIKELY:
		taken = rs != r[RT(word)];
		break;
	case BLEZ:
	case BLEZ + LIKELY:
		taken = (int32_t)rs <= 0;
		break;
	case BGTZ:
	case BGTZ + LIKELY:
		taken = (int32_t)rs > 0;
		break;
	default:
		return false;
	}
	*target = taken ? relative(word, pc) : pc + 8;
	return true;
}

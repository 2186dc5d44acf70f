/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The instructions of MIPS32 Release 2 that are not CP0's (those are in cop0.c).
 *
 * Branches: `pc` is already the delay slot's when an instruction executes, and `next_pc` the one
 * after it, so a branch only replaces `next_pc` and marks the slot. An instruction that raises an
 * exception has had `pc` replaced by exception.c; it then must not write anything.
 *
 * There is no FPU (Config1.FP = 0): its instructions find coprocessor 1 unusable.
 */
#include "board.h"
#include "count.h"
#include "memory.h"
#include "uhi.h"

#define REG_RA       31

/* Fields of the instruction word. */
#define RS           (core->gpr[word >> 21 & 31])
#define RT           (core->gpr[word >> 16 & 31])
#define RD           (core->gpr[word >> 11 & 31])
#define RS_N         (word >> 21 & 31)
#define RT_N         (word >> 16 & 31)
#define RD_N         (word >> 11 & 31)
#define SA           (word >> 6 & 31)
#define SIMM         ((uint32_t)(int32_t)(int16_t)word)
#define UIMM         (word & 0xffff)
#define SIGNED       (int32_t)

#define MARKER_FIRST 0xb001
#define MARKER_LAST  0xb003

static inline void transfer(struct core *core, uint32_t to)
{
	struct transfer *entry = &core->trail[core->trail_next++ % TRAIL];

	entry->from = core->at;
	entry->to = to;
	entry->mode = core->mode;
}

/* False: a branch in a delay slot. */
static inline bool begin_branch(struct core *core, uint32_t word)
{
	if (__builtin_expect(core->at_slot, 0)) {
		exception_unpredictable(core, "a branch in a delay slot");
		return false;
	}
	core->branch_word = word;
	core->slot = true;
	return true;
}

static inline void jump(struct core *core, uint32_t word, uint32_t to)
{
	if (!begin_branch(core, word))
		return;
	core->next_pc = to;
	transfer(core, to);
}

static inline void branch(struct core *core, uint32_t word, bool taken)
{
	if (!begin_branch(core, word))
		return;
	if (taken) {
		core->next_pc = core->at + 4 + (SIMM << 2);
		transfer(core, core->next_pc);
	}
}

/* Branch likely: not taken, the slot is not executed. */
static inline void branch_likely(struct core *core, uint32_t word, bool taken)
{
	branch(core, word, taken);
	if (!taken && core->slot) {
		core->slot = false;
		core->pc = core->at + 8;
		core->next_pc = core->at + 12;
	}
}

static inline void link(struct core *core, unsigned number)
{
	if (!core->at_slot)
		core->gpr[number] = core->at + 8;
}

static inline uint32_t rotate_right(uint32_t value, unsigned by)
{
	return by ? value >> by | value << (32 - by) : value;
}

static void trap_if(struct core *core, bool condition)
{
	if (condition)
		exception(core, EXC_TR);
}

static void divide_signed(struct core *core, uint32_t a, uint32_t b)
{
	if (!b) { /* UNPREDICTABLE, but only if one looks: compilers divide first and test then */
		core->lo = ~0u;
		core->hi = a;
	} else if (a == 0x80000000u && b == ~0u) {
		core->lo = a;
		core->hi = 0;
	} else {
		core->lo = (uint32_t)(SIGNED a / SIGNED b);
		core->hi = (uint32_t)(SIGNED a % SIGNED b);
	}
}

static void divide_unsigned(struct core *core, uint32_t a, uint32_t b)
{
	core->lo = b ? a / b : ~0u;
	core->hi = b ? a % b : a;
}

static inline uint64_t accumulator(const struct core *core)
{
	return (uint64_t)core->hi << 32 | core->lo;
}

static inline void accumulate(struct core *core, uint64_t value)
{
	core->hi = (uint32_t)(value >> 32);
	core->lo = (uint32_t)value;
}

static inline uint64_t multiply_signed(uint32_t a, uint32_t b)
{
	return (uint64_t)((int64_t)SIGNED a * SIGNED b);
}

static inline uint64_t multiply_unsigned(uint32_t a, uint32_t b)
{
	return (uint64_t)a * b;
}

static void special(struct core *core, uint32_t word)
{
	uint32_t a, b, sum;

	switch (word & 63) {
	case 0: /* sll, nop, ssnop, ehb, pause */
		RD = RT << SA;
		break;
	case 1: /* movf, movt */
		exception_coprocessor(core, 1);
		break;
	case 2: /* srl, rotr */
		RD = RS_N & 1 ? rotate_right(RT, SA) : RT >> SA;
		break;
	case 3:
		RD = (uint32_t)(SIGNED RT >> SA);
		break;
	case 4:
		RD = RT << (RS & 31);
		break;
	case 6: /* srlv, rotrv */
		RD = SA & 1 ? rotate_right(RT, RS & 31) : RT >> (RS & 31);
		break;
	case 7:
		RD = (uint32_t)(SIGNED RT >> (RS & 31));
		break;
	case 8: /* jr */
		jump(core, word, RS);
		break;
	case 9: /* jalr */
		a = RS;
		if (RS_N == RD_N) {
			exception_unpredictable(core, "jalr of the register it links to");
			break;
		}
		link(core, RD_N);
		jump(core, word, a);
		break;
	case 10: /* movz */
		if (!RT)
			RD = RS;
		break;
	case 11: /* movn */
		if (RT)
			RD = RS;
		break;
	case 12:
		exception(core, EXC_SYS);
		break;
	case 13:
		exception(core, EXC_BP);
		break;
	case 15: /* sync */
		break;
	case 16:
		RD = core->hi;
		break;
	case 17:
		core->hi = RS;
		break;
	case 18:
		RD = core->lo;
		break;
	case 19:
		core->lo = RS;
		break;
	case 24:
		accumulate(core, multiply_signed(RS, RT));
		break;
	case 25:
		accumulate(core, multiply_unsigned(RS, RT));
		break;
	case 26:
		divide_signed(core, RS, RT);
		break;
	case 27:
		divide_unsigned(core, RS, RT);
		break;
	case 32: /* add */
		a = RS;
		b = RT;
		sum = a + b;
		if (SIGNED((sum ^ a) & (sum ^ b)) < 0)
			exception(core, EXC_OV);
		else
			RD = sum;
		break;
	case 33:
		RD = RS + RT;
		break;
	case 34: /* sub */
		a = RS;
		b = RT;
		sum = a - b;
		if (SIGNED((a ^ b) & (a ^ sum)) < 0)
			exception(core, EXC_OV);
		else
			RD = sum;
		break;
	case 35:
		RD = RS - RT;
		break;
	case 36:
		RD = RS & RT;
		break;
	case 37:
		RD = RS | RT;
		break;
	case 38:
		RD = RS ^ RT;
		break;
	case 39:
		RD = ~(RS | RT);
		break;
	case 42:
		RD = SIGNED RS < SIGNED RT;
		break;
	case 43:
		RD = RS < RT;
		break;
	case 48:
		trap_if(core, SIGNED RS >= SIGNED RT);
		break;
	case 49:
		trap_if(core, RS >= RT);
		break;
	case 50:
		trap_if(core, SIGNED RS < SIGNED RT);
		break;
	case 51:
		trap_if(core, RS < RT);
		break;
	case 52:
		trap_if(core, RS == RT);
		break;
	case 54:
		trap_if(core, RS != RT);
		break;
	default:
		exception_reserved(core);
	}
}

static void regimm(struct core *core, uint32_t word)
{
	bool negative = SIGNED RS < 0;

	switch (RT_N) {
	case 0:
		branch(core, word, negative);
		break;
	case 1:
		branch(core, word, !negative);
		break;
	case 2:
		branch_likely(core, word, negative);
		break;
	case 3:
		branch_likely(core, word, !negative);
		break;
	case 8:
		trap_if(core, SIGNED RS >= SIGNED SIMM);
		break;
	case 9:
		trap_if(core, RS >= SIMM);
		break;
	case 10:
		trap_if(core, SIGNED RS < SIGNED SIMM);
		break;
	case 11:
		trap_if(core, RS < SIMM);
		break;
	case 12:
		trap_if(core, RS == SIMM);
		break;
	case 14:
		trap_if(core, RS != SIMM);
		break;
	case 16: /* bltzal */
	case 17: /* bgezal, bal */
		link(core, REG_RA);
		branch(core, word, negative == (RT_N == 16));
		break;
	case 18:
	case 19:
		link(core, REG_RA);
		branch_likely(core, word, negative == (RT_N == 18));
		break;
	case 31: /* synci: there is no cache to be out of step */
		break;
	default:
		exception_reserved(core);
	}
}

static void special2(struct core *core, uint32_t word)
{
	uint32_t a;

	switch (word & 63) {
	case 0:
		accumulate(core, accumulator(core) + multiply_signed(RS, RT));
		break;
	case 1:
		accumulate(core, accumulator(core) + multiply_unsigned(RS, RT));
		break;
	case 2:
		RD = RS * RT;
		break;
	case 4:
		accumulate(core, accumulator(core) - multiply_signed(RS, RT));
		break;
	case 5:
		accumulate(core, accumulator(core) - multiply_unsigned(RS, RT));
		break;
	case 32: /* clz */
	case 33: /* clo */
		a = (word & 1) ? ~RS : RS;
		RD = a ? (uint32_t)__builtin_clz(a) : 32;
		break;
	case 63: /* sdbbp */
		if (core->mode == ROOT_KERNEL && (word >> 6 & 0xfffff) == 1)
			uhi(core);
		else if (core->mode == ROOT_KERNEL)
			core_unpredictable(core, "sdbbp, and there is no debug mode");
		else
			exception_reserved(core);
		break;
	default:
		exception_reserved(core);
	}
}

static void special3(struct core *core, uint32_t word)
{
	unsigned low = SA, high = RD_N;
	uint32_t mask, value;

	switch (word & 63) {
	case 0: /* ext: high is the size less one */
		if (low + high > 31) {
			exception_unpredictable(core, "ext of more than the register has");
			break;
		}
		RT = RS >> low & (0xffffffffu >> (31 - high));
		break;
	case 4: /* ins: high is the last bit */
		if (high < low) {
			exception_unpredictable(core, "ins of less than nothing");
			break;
		}
		mask = (0xffffffffu >> (31 - (high - low))) << low;
		RT = (RT & ~mask) | (RS << low & mask);
		break;
	case 32: /* bshfl */
		value = RT;
		switch (SA) {
		case 2: /* wsbh */
			RD = (value & 0x00ff00ffu) << 8 | (value >> 8 & 0x00ff00ffu);
			break;
		case 16: /* seb */
			RD = (uint32_t)(int32_t)(int8_t)value;
			break;
		case 24: /* seh */
			RD = (uint32_t)(int32_t)(int16_t)value;
			break;
		default:
			exception_reserved(core);
		}
		break;
	case 59:
		cop0_rdhwr(core, RT_N, RD_N);
		break;
	default:
		exception_reserved(core);
	}
}

/* How far lwl and swl (`left`) shift, or lwr and swr. */
static unsigned unaligned_shift(const struct core *core, uint32_t address, bool left)
{
	unsigned byte = address & 3;

	return 8 * (core->big_endian == left ? byte : 3 - byte);
}

static void load_part(struct core *core, uint32_t word, bool left)
{
	uint32_t address = RS + SIMM;
	unsigned shift = unaligned_shift(core, address, left);
	const uint32_t *at = memory_word(core, address, READ);

	if (!at)
		return;
	if (left)
		RT = *at << shift | (RT & ~(0xffffffffu << shift));
	else
		RT = *at >> shift | (RT & ~(0xffffffffu >> shift));
}

static void store_part(struct core *core, uint32_t word, bool left)
{
	uint32_t address = RS + SIMM;
	unsigned shift = unaligned_shift(core, address, left);
	uint32_t *at = memory_word(core, address, WRITE);

	if (!at)
		return;
	if (left)
		*at = RT >> shift | (*at & ~(0xffffffffu >> shift));
	else
		*at = RT << shift | (*at & ~(0xffffffffu << shift));
}

static void load_linked(struct core *core, uint32_t word)
{
	uint32_t value;

	if (!memory_load(core, RS + SIMM, 4, &value))
		return;
	RT = value;
	core->ll_bit[core_context(core)] = true;
}

static void store_conditional(struct core *core, uint32_t word)
{
	enum context context = core_context(core);
	uint32_t address = RS + SIMM;

	if (address & 3) {
		exception_address(core, context, EXC_ADES, address);
		return;
	}
	/* Without the bit, the TLB is still looked at. */
	if (core->ll_bit[context] ? !memory_store(core, address, 4, RT)
				  : !memory_word(core, address, WRITE))
		return;
	RT = core->ll_bit[context];
	core->ll_bit[context] = false;
}

static inline void execute(struct core *core, uint32_t word)
{
	uint32_t a, b, sum;

	switch (word >> 26) {
	case 0:
		special(core, word);
		break;
	case 1:
		regimm(core, word);
		break;
	case 2: /* j */
		jump(core, word, (core->pc & 0xf0000000u) | (word & 0x03ffffffu) << 2);
		break;
	case 3: /* jal */
		link(core, REG_RA);
		jump(core, word, (core->pc & 0xf0000000u) | (word & 0x03ffffffu) << 2);
		break;
	case 4:
		branch(core, word, RS == RT);
		break;
	case 5:
		branch(core, word, RS != RT);
		break;
	case 6:
		branch(core, word, SIGNED RS <= 0);
		break;
	case 7:
		branch(core, word, SIGNED RS > 0);
		break;
	case 8: /* addi */
		a = RS;
		b = SIMM;
		sum = a + b;
		if (SIGNED((sum ^ a) & (sum ^ b)) < 0)
			exception(core, EXC_OV);
		else
			RT = sum;
		break;
	case 9:
		RT = RS + SIMM;
		break;
	case 10:
		RT = SIGNED RS < SIGNED SIMM;
		break;
	case 11:
		RT = RS < SIMM;
		break;
	case 12:
		RT = RS & UIMM;
		break;
	case 13:
		if (__builtin_expect(!RT_N, 0) && UIMM >= MARKER_FIRST && UIMM <= MARKER_LAST)
			count_marker(core, UIMM - MARKER_FIRST);
		RT = RS | UIMM;
		break;
	case 14:
		RT = RS ^ UIMM;
		break;
	case 15:
		RT = word << 16;
		break;
	case 16:
		cop0_execute(core, word);
		break;
	case 17: /* the FPU's */
	case 19:
	case 49:
	case 53:
	case 57:
	case 61:
		exception_coprocessor(core, 1);
		break;
	case 18: /* coprocessor 2's */
	case 50:
	case 54:
	case 58:
	case 62:
		exception_coprocessor(core, 2);
		break;
	case 20:
		branch_likely(core, word, RS == RT);
		break;
	case 21:
		branch_likely(core, word, RS != RT);
		break;
	case 22:
		branch_likely(core, word, SIGNED RS <= 0);
		break;
	case 23:
		branch_likely(core, word, SIGNED RS > 0);
		break;
	case 28:
		special2(core, word);
		break;
	case 31:
		special3(core, word);
		break;
	case 32:
		if (memory_load(core, RS + SIMM, 1, &a))
			RT = (uint32_t)(int32_t)(int8_t)a;
		break;
	case 33:
		if (memory_load(core, RS + SIMM, 2, &a))
			RT = (uint32_t)(int32_t)(int16_t)a;
		break;
	case 34:
		load_part(core, word, true);
		break;
	case 35:
		if (memory_load(core, RS + SIMM, 4, &a))
			RT = a;
		break;
	case 36:
		if (memory_load(core, RS + SIMM, 1, &a))
			RT = a;
		break;
	case 37:
		if (memory_load(core, RS + SIMM, 2, &a))
			RT = a;
		break;
	case 38:
		load_part(core, word, false);
		break;
	case 40:
		memory_store(core, RS + SIMM, 1, RT);
		break;
	case 41:
		memory_store(core, RS + SIMM, 2, RT);
		break;
	case 42:
		store_part(core, word, true);
		break;
	case 43:
		memory_store(core, RS + SIMM, 4, RT);
		break;
	case 46:
		store_part(core, word, false);
		break;
	case 47:
		cache_operation(core, RT_N, RS + SIMM);
		break;
	case 48:
		load_linked(core, word);
		break;
	case 51: /* pref */
		break;
	case 56:
		store_conditional(core, word);
		break;
	default:
		exception_reserved(core);
	}
	core->gpr[0] = 0;
}

static inline void step(struct core *core)
{
	uint32_t pc = core->pc;
	uint32_t word;

	core->now++;
	core->at = pc;
	core->at_slot = core->slot;
	if (__builtin_expect((pc & (~(PAGE_SIZE - 1) | 3)) != core->fetch_tag, 0) &&
	    !memory_fetch_page(core))
		return;
	word = core->fetch_host[(pc & (PAGE_SIZE - 1)) >> 2];
	core->word = word;
	core->slot = false;
	core->pc = core->next_pc;
	core->next_pc = core->pc + 4;
	execute(core, word);
}

void core_step(struct core *core)
{
	step(core);
}

void core_run_until_event(struct core *core)
{
	while (core->now < core->event)
		step(core);
}

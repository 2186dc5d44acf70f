/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CP0's instructions, RDHWR and CACHE. The VZ ones are the root's; a guest finds them reserved.
 * What a guest may do itself and what exits stands with each.
 */
#include "core.h"

#define RS_MF      0
#define RS_VZ      3
#define RS_MT      4
#define RS_RDPGPR  10
#define RS_MFMC0   11
#define RS_WRPGPR  14
#define RS_CO      16

#define HWR_CPUNUM 0
#define HWR_STEP   1
#define HWR_CC     2
#define HWR_CCRES  3
#define HWR_ULR    29
#define CACHE_LINE 32

static bool in_guest(const struct core *core)
{
	return core_context(core) == GUEST;
}

static bool guestctl0_has(const struct core *core, uint32_t bit)
{
	return core->cp0[ROOT][C0_GUESTCTL0] & bit;
}

/* False: the guest has exited. */
static bool pass_if(struct core *core, bool open)
{
	if (in_guest(core) && !open) {
		exception_guest_exit(core, GEXC_GPSI);
		return false;
	}
	return true;
}

static bool guest_rules_tlb(const struct core *core)
{
	return guestctl0_has(core, GUESTCTL0_CP0) &&
	       (core->cp0[ROOT][C0_GUESTCTL0] & GUESTCTL0_AT) == GUESTCTL0_AT_GUEST;
}

static void wait_for_interrupt(struct core *core)
{
	if (core->at_slot) {
		exception_unpredictable(core, "wait in a delay slot");
		return;
	}
	core->waiting = true;
	core_attend(core);
}

static void tlb_instruction(struct core *core, enum context context, unsigned function)
{
	switch (function) {
	case 1:
		tlb_read(core, context);
		break;
	case 2:
		tlb_write(core, context, core->cp0[context][C0_INDEX] & ~INDEX_P);
		break;
	case 3:
	case 4:
		if (core->options.tlbinv)
			tlb_invalidate(core, context, function == 3);
		else
			exception_reserved(core);
		break;
	case 6:
		tlb_write_random(core, context);
		break;
	case 8:
		tlb_probe(core, context);
		break;
	default:
		exception_reserved(core);
	}
}

static void operation(struct core *core, unsigned function)
{
	bool vz_root = core->options.vz && !in_guest(core);

	switch (function) {
	case 1:
	case 2:
	case 3:
	case 4:
	case 6:
	case 8:
		if (pass_if(core, guest_rules_tlb(core)))
			tlb_instruction(core, core_context(core), function);
		break;
	case 9: /* tlbgr */
	case 10:
	case 11:
	case 12:
	case 14:
	case 16: /* tlbgp */
		if (vz_root)
			tlb_instruction(core, GUEST, function - 8);
		else
			exception_reserved(core);
		break;
	case 24:
		if (pass_if(core, guestctl0_has(core, GUESTCTL0_CP0)))
			exception_return(core);
		break;
	case 31: /* deret */
		if (pass_if(core, false))
			core_unpredictable(core, "deret, and there is no debug mode");
		break;
	case 32:
		if (pass_if(core, false))
			wait_for_interrupt(core);
		break;
	case 40: /* hypcall */
		if (in_guest(core))
			exception_guest_exit(core, GEXC_HC);
		else
			exception_reserved(core);
		break;
	default:
		exception_reserved(core);
	}
}

static void move_vz(struct core *core, uint32_t word)
{
	unsigned rt = word >> 16 & 31;
	unsigned number = CP0(word >> 11 & 31, word & 7);
	bool usable = core->options.vz && !in_guest(core);

	if (usable && (word >> 8 & 7) == 0)
		cp0_move_from_guest(core, rt, number);
	else if (usable && (word >> 8 & 7) == 2)
		cp0_move_to_guest(core, rt, number);
	else
		exception_reserved(core);
}

static void set_interrupt_enable(struct core *core, uint32_t word)
{
	enum context context = core_context(core);
	uint32_t *status = &core->cp0[context][C0_STATUS];

	if (!pass_if(core, guestctl0_has(core, GUESTCTL0_CP0)))
		return;
	core->gpr[word >> 16 & 31] = *status;
	*status = word & 0x20 ? *status | STATUS_IE : *status & ~STATUS_IE;
	core_attend(core);
}

void cop0_execute(struct core *core, uint32_t word)
{
	unsigned rs = word >> 21 & 31, rt = word >> 16 & 31, rd = word >> 11 & 31;

	if (core_is_user(core) && !(core->cp0[core_context(core)][C0_STATUS] & STATUS_CU0)) {
		exception_coprocessor(core, 0);
		return;
	}
	if (rs >= RS_CO) {
		operation(core, word & 63);
		return;
	}
	switch (rs) {
	case RS_MF:
		cp0_move_from(core, rt, CP0(rd, word & 7));
		break;
	case RS_VZ:
		move_vz(core, word);
		break;
	case RS_MT:
		cp0_move_to(core, rt, CP0(rd, word & 7));
		break;
	case RS_MFMC0:
		if (rd == 12 && !(word & 0x1f))
			set_interrupt_enable(core, word);
		else
			exception_reserved(core);
		break;
	case RS_RDPGPR:
		sets_read_previous(core, rd, rt);
		break;
	case RS_WRPGPR:
		sets_write_previous(core, rd, rt);
		break;
	default:
		exception_reserved(core);
	}
}

void cop0_rdhwr(struct core *core, unsigned rt, unsigned rd)
{
	enum context context = core_context(core);
	const uint32_t *cp0 = core->cp0[context];
	uint32_t ext = core->cp0[ROOT][C0_GUESTCTL0EXT];
	bool known = rd <= HWR_CCRES || (rd == HWR_ULR && core->options.userlocal);

	if (!known || (core_is_user(core) && !(cp0[C0_STATUS] & STATUS_CU0) &&
		       !(cp0[C0_HWRENA] & 1u << rd))) {
		exception_reserved(core);
		return;
	}
	switch (rd) {
	case HWR_CPUNUM:
		if (pass_if(core, guestctl0_has(core, GUESTCTL0_CP0)))
			core->gpr[rt] = cp0[C0_EBASE] & 0x3ff;
		break;
	case HWR_STEP:
		if (pass_if(core, guestctl0_has(core, GUESTCTL0_CP0)))
			core->gpr[rt] = CACHE_LINE;
		break;
	case HWR_CC:
	case HWR_CCRES:
		if (!pass_if(core, guestctl0_has(core, GUESTCTL0_CP0) &&
					   guestctl0_has(core, GUESTCTL0_GT)))
			break;
		core->gpr[rt] =
			rd == HWR_CC ? timer_count(core, context) : core->options.count_step;
		break;
	default:
		if (pass_if(core, !(ext & GUESTCTL0EXT_OG)))
			core->gpr[rt] = cp0[C0_USERLOCAL];
	}
}

/*
 * Caches always agree with memory here: an operation checks who asks and the address, and does
 * nothing. Operations are by their kind: bits 4:2 of the operation; bits 1:0 are the cache.
 */
enum cache_kind {
	INDEX_INVALIDATE,
	INDEX_LOAD_TAG,
	INDEX_STORE_TAG,
	IMPLEMENTATION,
	HIT_INVALIDATE,
	HIT_WRITEBACK_INVALIDATE, /* of the instruction cache: fill */
	HIT_WRITEBACK,
	FETCH_AND_LOCK
};

void cache_operation(struct core *core, unsigned op, uint32_t address)
{
	enum context context = core_context(core);
	enum cache_kind kind = op >> 2 & 7;
	bool of_address = kind == HIT_INVALIDATE || kind == HIT_WRITEBACK ||
			  (kind == HIT_WRITEBACK_INVALIDATE && op & 3);
	bool open = guestctl0_has(core, GUESTCTL0_CG);
	uint32_t physical;

	if (core_is_user(core) && !(core->cp0[context][C0_STATUS] & STATUS_CU0)) {
		exception_coprocessor(core, 0);
		return;
	}
	if (!of_address)
		open = open && kind == INDEX_INVALIDATE &&
		       core->cp0[ROOT][C0_GUESTCTL0EXT] & GUESTCTL0EXT_CGI;
	if (!pass_if(core, open))
		return;
	if (kind == IMPLEMENTATION || kind == FETCH_AND_LOCK)
		exception_unpredictable(core, "cache operation that this core does not have");
	else if (of_address || kind == HIT_WRITEBACK_INVALIDATE)
		(void)translate_or_raise(core, address, READ, &physical);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's CP0, which is the core's own second one: what the core has is found out, set up for
 * guests, saved and restored; and what exits is emulated.
 *
 * Guests are shown no more than their kernel needs, the core of te_cp0.c: no FPU, and behind
 * Config3 nothing. All that a guest can write all the same is saved, or it would be a way between
 * guests.
 *
 * The timer. Guest.Count is Root.Count plus GTOffset, and the core sets Guest.Cause.TI. For a vCPU
 * that is not loaded, `timer_at` says when that would have been. Where GTOffset is not whole, Count
 * and Compare exit, and the root's timer does it, a little late; or the exit of a Count that is
 * past Compare, because Cause is read without one and must not say otherwise. Guest.Cause has bits
 * that the core sets at any time, and is written as a whole: vz_set_cause() sees to it that nothing
 * is lost.
 */
#include "cache.h"
#include "instruction.h"
#include "root.h"
#include "vcpu.h"

struct vz_core vz_core;

/* ---- The registers that are saved ---- */

/* X(name, whether this core has it) */
#define REGISTERS(X)                                                                               \
	X(INDEX, true)                                                                             \
	X(ENTRYLO0, true)                                                                          \
	X(ENTRYLO1, true)                                                                          \
	X(CONTEXT, true)                                                                           \
	X(USERLOCAL, vz_core.user_local)                                                           \
	X(PAGEMASK, true)                                                                          \
	X(PAGEGRAIN, vz_core.page_grain)                                                           \
	X(WIRED, true)                                                                             \
	X(HWRENA, true)                                                                            \
	X(BADVADDR, true)                                                                          \
	X(BADINSTR, vz_core.bad_instr)                                                             \
	X(BADINSTRP, vz_core.bad_instr)                                                            \
	X(ENTRYHI, true)                                                                           \
	X(STATUS, true)                                                                            \
	X(INTCTL, true)                                                                            \
	X(EPC, true)                                                                               \
	X(EBASE, true)                                                                             \
	X(CONFIG, true)                                                                            \
	X(ERROREPC, true)                                                                          \
	X(KSCRATCH1, vz_core.kscratch & 0x04)                                                      \
	X(KSCRATCH2, vz_core.kscratch & 0x08)                                                      \
	X(KSCRATCH3, vz_core.kscratch & 0x10)                                                      \
	X(KSCRATCH4, vz_core.kscratch & 0x20)                                                      \
	X(KSCRATCH5, vz_core.kscratch & 0x40)                                                      \
	X(KSCRATCH6, vz_core.kscratch & 0x80)

enum {
#define X(name, has) NUMBER_##name,
	REGISTERS(X)
#undef X
	NUMBERS
};

_Static_assert(NUMBERS == VZ_REGISTERS, "struct vz");

/* ---- What guests are shown ---- */

/* 24Kc, as far as software can tell. Linux knows it to have no trouble of its own. */
#define PRID            0x00019300
#define INTCTL          (7U << 29) /* the timer is IP7 */
#define STATUS_WRITABLE (0x1040ff17 | STATUS_KSU)
#define CAUSE_WRITABLE  (CAUSE_IV | CAUSE_DC | 3 << CAUSE_IP_SHIFT)
#define LINE_OF_TIMER   (0x80 << CAUSE_IP_SHIFT)
#define LINES_OF_CORE   (0xfc << CAUSE_IP_SHIFT)

/* Config1: the sizes of the caches; of a small one, of 64 lines of 32 bytes. */
#define CACHES          0x01ffff80
#define SMALL_CACHES    (4 << 19 | 4 << 10)
#define CONFIG1_FP      1

static void find_ids(uint32_t control)
{
	vz_core.ids = ENTRYHI_ASID;
	vz_core.guest_ids = (control & GUESTCTL0_G1) != 0;
	if (!vz_core.guest_ids)
		return;
	write_c0(C0_GUESTCTL1, ENTRYHI_ASID);
	ehb();
	vz_core.ids = read_c0(C0_GUESTCTL1) & ENTRYHI_ASID;
	write_c0(C0_GUESTCTL1, 0);
}

static bool can_index_caches(uint32_t control)
{
	if (!(control & GUESTCTL0_G0E))
		return false;
	write_c0(C0_GUESTCTL0EXT, GUESTCTL0EXT_CGI);
	ehb();
	return (read_c0(C0_GUESTCTL0EXT) & GUESTCTL0EXT_CGI) != 0;
}

static bool is_offset_whole(void)
{
	write_c0(C0_GTOFFSET, UINT32_MAX);
	ehb();
	return read_c0(C0_GTOFFSET) == UINT32_MAX;
}

static uint32_t config3(bool eic)
{
	return (vz_core.user_local ? CONFIG3_ULRI : 0) | (eic ? CONFIG3_VEIC : 0);
}

/* The root has all register sets but the first: a guest is shown that one, and cannot choose. */
static void show_sets(void)
{
	if (SRSCTL_HSS(read_c0(C0_SRSCTL)) == 0)
		return;
	write_c0(C0_GUESTCTL3, 0);
	write_gc0(C0_SRSCTL, 0);
}

/* What of it can be changed is; the rest is what the core has. */
static void show_config(bool indexed)
{
	uint32_t caches = indexed ? read_c0(C0_CONFIG1) & CACHES : SMALL_CACHES;

	write_gc0(C0_CONFIG1, CONFIG_M | (VZ_TLB - 1) << 25 | caches);
	write_gc0(C0_CONFIG2, CONFIG_M);
	if (read_c0(C0_CONFIG3) & CONFIG_M)
		write_gc0(C0_CONFIG4, 0);
	vz_core.kscratch = 0;
	ehb();
	if (read_gc0(C0_CONFIG3) & CONFIG_M)
		vz_core.kscratch = read_gc0(C0_CONFIG4) >> CONFIG4_KSCREXIST_SHIFT & 0xfc;
	write_gc0(C0_CONFIG3, config3(true));
	ehb();
	vz_core.eic = vz_core.lines && (read_gc0(C0_CONFIG3) & CONFIG3_VEIC);
	write_gc0(C0_CONFIG3, config3(false));
	ehb();
	if (read_gc0(C0_CONFIG1) & CONFIG1_FP)
		root_fatal("this core cannot hide its FPU from guests, and the root has no use for "
			   "one");
}

void vz_init_cp0(void)
{
	uint32_t control = read_c0(C0_GUESTCTL0);
	uint32_t config3 = read_c0(C0_CONFIG3);
	bool indexed = can_index_caches(control);

	find_ids(control);
	vz_core.lines = (control & GUESTCTL0_G2) != 0;
	vz_core.timer = is_offset_whole();
	vz_core.bad_instr = (config3 & (CONFIG3_BI | CONFIG3_BP)) == (CONFIG3_BI | CONFIG3_BP);
	vz_core.user_local = (config3 & CONFIG3_ULRI) != 0;
	vz_core.page_grain = (config3 & CONFIG3_RXI) != 0;
	vz_core.ll_bit = (config3 & CONFIG_M) && (read_c0(C0_CONFIG4) & CONFIG_M) &&
			 (read_c0(C0_CONFIG5) & CONFIG5_LLB);
	vz_core.control = GUESTCTL0_GM | GUESTCTL0_CP0 | GUESTCTL0_AT_GUEST | GUESTCTL0_CG |
			  GUESTCTL0_CF | (vz_core.timer ? GUESTCTL0_GT : 0);
	show_config(indexed);
	show_sets();
	vz_core.config = (read_gc0(C0_CONFIG) & ~UINT32_C(7)) | CACHED;
}

void vz_reset_cp0(struct vz *vz)
{
	vz->cp0[NUMBER_STATUS] = STATUS_BEV;
	vz->cp0[NUMBER_INTCTL] = INTCTL;
	vz->cp0[NUMBER_EBASE] = KSEG0;
	vz->cp0[NUMBER_CONFIG] = vz_core.config;
}

/* ---- Timer and Cause ---- */

#define ROUND (UINT64_C(1) << 32)

/* When the guest's Count will be its Compare. */
static uint64_t next_match(uint32_t compare, uint32_t offset)
{
	uint64_t now = arch_now();
	uint32_t left = compare - ((uint32_t)now + offset);

	return now + (left ? left : ROUND);
}

bool vz_has_timer(const struct mips_vcpu *vcpu)
{
	return vz_core.timer && !vcpu->guest->eic;
}

uint64_t vz_timer_at(const struct mips_vcpu *vcpu)
{
	if (vcpu != loaded || !vz_has_timer(vcpu))
		return vcpu->vz.timer_at;
	return next_match(read_gc0(C0_COMPARE), vcpu->vz.offset);
}

/* With a controller that field is Cause.RIPL, a plain number. */
static uint32_t lines_of_core(const struct mips_vcpu *vcpu)
{
	return vcpu->guest->eic ? 0 : LINES_OF_CORE;
}

void vz_set_cause(uint32_t mask, uint32_t value)
{
	uint32_t before = read_gc0(C0_COUNT);
	uint32_t left = read_gc0(C0_COMPARE) - before;

	/* IP7 to IP2 read as all that raises them, and as written must be the lines alone. */
	value = (read_gc0(C0_CAUSE) & ~(mask | lines_of_core(loaded))) | (value & mask);
	if (!vz_core.lines)
		value |= loaded->lines;
	write_gc0(C0_CAUSE, value);
	ehb();
	/* A match between reading and writing. */
	if (vz_has_timer(loaded) && left != 0 && left <= read_gc0(C0_COUNT) - before)
		write_gc0(C0_CAUSE, value | CAUSE_TI);
}

uint32_t vz_status(const struct mips_vcpu *vcpu)
{
	return vcpu == loaded ? read_gc0(C0_STATUS) : vcpu->vz.cp0[NUMBER_STATUS];
}

static bool timer_is_up(const struct mips_vcpu *vcpu, uint32_t cause)
{
	return cause & CAUSE_TI ||
	       ((vcpu != loaded || !vz_has_timer(vcpu)) && arch_now() >= vcpu->vz.timer_at);
}

uint32_t vz_cause(const struct mips_vcpu *vcpu)
{
	uint32_t cause = vcpu == loaded ? read_gc0(C0_CAUSE) : vcpu->vz.cause;

	if (vcpu->guest->eic)
		return cause;
	return cause | vcpu->lines | (timer_is_up(vcpu, cause) ? LINE_OF_TIMER : 0);
}

/* The lines that are up as GuestCtl2 says them: its VIP field is where Cause.IP is. */
static uint32_t guestctl2(const struct mips_vcpu *vcpu)
{
	uint32_t up = vcpu->lines;
	uint32_t line;

	if (!vcpu->guest->eic)
		return up;
	if (timer_is_up(vcpu, vz_cause(vcpu)))
		up |= LINE_OF_TIMER;
	if (up == 0)
		return 0;
	line = 31 - (uint32_t)__builtin_clz(up) - CAUSE_IP_SHIFT;
	return line << GUESTCTL2_GRIPL_SHIFT | line;
}

void vz_show_lines(struct mips_vcpu *vcpu)
{
	if (vz_core.lines)
		write_c0(C0_GUESTCTL2, guestctl2(vcpu));
	else
		vz_set_cause(0, 0);
	ehb();
}

bool vz_pending(const struct mips_vcpu *vcpu)
{
	uint32_t status = vz_status(vcpu);
	uint32_t cause = vz_cause(vcpu);
	uint32_t intctl, priority;

	if (!vcpu->guest->eic)
		return (cause & status & STATUS_IM) != 0;
	intctl = vcpu == loaded ? read_gc0(C0_INTCTL) : vcpu->vz.cp0[NUMBER_INTCTL];
	priority = guestctl2(vcpu) >> GUESTCTL2_GRIPL_SHIFT;
	if (intctl & INTCTL_VS && cause & CAUSE_IV && !(status & STATUS_BEV))
		return priority > STATUS_IPL(status);
	/* Not in EIC interrupt mode, its bits are lines. */
	return (priority & STATUS_IPL(status)) != 0;
}

void vz_check_timer(struct mips_vcpu *vcpu)
{
	struct vz *vz = &vcpu->vz;
	uint64_t now = arch_now();

	if (vz_has_timer(vcpu) || now < vz->timer_at)
		return;
	vz_set_cause(CAUSE_TI, CAUSE_TI);
	vz->timer_at += ((now - vz->timer_at) & ~(ROUND - 1)) + ROUND;
}

/* ---- Loading and saving ---- */

void vz_load_cp0(struct mips_vcpu *vcpu)
{
	struct vz *vz = &vcpu->vz;
	uint32_t cause = vz->cause;

#define X(name, has)                                                                               \
	if (has)                                                                                   \
		write_gc0(C0_##name, vz->cp0[NUMBER_##name]);
	REGISTERS(X)
#undef X
	if (vz_core.ll_bit)
		write_gc0(C0_LLADDR, 0);
	if (vz_core.eic)
		write_gc0(C0_CONFIG3, config3(vcpu->guest->eic));
	if (!vz_core.lines)
		cause |= vcpu->lines;
	if (vz_core.timer)
		write_c0(C0_GTOFFSET, vz->offset);
	write_gc0(C0_COMPARE, vz->compare); /* which clears TI */
	write_gc0(C0_CAUSE, cause);
	ehb();
	if (!vz_has_timer(vcpu))
		vz_check_timer(vcpu);
	else if (arch_now() >= vz->timer_at)
		write_gc0(C0_CAUSE, cause | CAUSE_TI);
	if (vz_core.lines)
		write_c0(C0_GUESTCTL2, guestctl2(vcpu));
	ehb();
}

void vz_save_cp0(struct mips_vcpu *vcpu)
{
	struct vz *vz = &vcpu->vz;

	if (vz_has_timer(vcpu)) {
		vz->compare = read_gc0(C0_COMPARE);
		vz->timer_at = next_match(vz->compare, vz->offset);
	}
	vz->cause = read_gc0(C0_CAUSE) & ~lines_of_core(vcpu);
#define X(name, has)                                                                               \
	if (has)                                                                                   \
		vz->cp0[NUMBER_##name] = read_gc0(C0_##name);
	REGISTERS(X)
#undef X
}

/* "12, 0" as one number. */
#define NUMBER_OF(...)   NUMBER_OF_(__VA_ARGS__)
#define NUMBER_OF_(a, b) ((a) << 3 | (b))

static const uint8_t numbers[NUMBERS] = {
#define X(name, has) [NUMBER_##name] = NUMBER_OF(C0_##name),
	REGISTERS(X)
#undef X
};

uint32_t vz_read_cp0(struct mips_vcpu *vcpu, unsigned number, unsigned select)
{
	unsigned wanted = number << 3 | select;

	switch (wanted) {
	case NUMBER_OF(C0_CAUSE):
		return vz_cause(vcpu);
	case NUMBER_OF(C0_COUNT):
		return (uint32_t)arch_now() + vcpu->vz.offset;
	case NUMBER_OF(C0_PRID):
		return PRID;
	default:
		break;
	}
	if (vcpu == loaded) /* rare: all of them, and no code for each */
		vz_save_cp0(vcpu);
	if (wanted == NUMBER_OF(C0_COMPARE))
		return vcpu->vz.compare;
	for (unsigned i = 0; i < NUMBERS; i++) {
		if (numbers[i] == wanted)
			return vcpu->vz.cp0[i];
	}
	return 0;
}

/* ---- What exits ---- */

enum {
	FUNCTION_RDHWR = 0x3b,
	HWR_CC = 2,
	HWR_CCRES = 3,
};

static uint32_t read_count(struct mips_vcpu *vcpu)
{
	uint32_t count = (uint32_t)arch_now() + vcpu->vz.offset;

	vz_check_timer(vcpu);
	return count;
}

static void write_count(struct mips_vcpu *vcpu, uint32_t value)
{
	struct vz *vz = &vcpu->vz;

	vz_check_timer(vcpu);
	vz->offset = value - (uint32_t)arch_now();
	if (vz_core.timer) {
		write_c0(C0_GTOFFSET, vz->offset);
		ehb();
	}
	if (!vz_has_timer(vcpu)) {
		vz->timer_at = next_match(vz->compare, vz->offset);
		timer_changed();
	}
}

static void write_compare(struct mips_vcpu *vcpu, uint32_t value)
{
	struct vz *vz = &vcpu->vz;

	vz->compare = value;
	vz->timer_at = next_match(value, vz->offset);
	if (vz_core.timer)
		write_gc0(C0_COMPARE, value); /* so that the core's agrees */
	vz_set_cause(CAUSE_TI, 0);
	timer_changed();
}

/* Others are not there: what is written to them is lost. */
static void write(struct mips_vcpu *vcpu, unsigned number, uint32_t value)
{
	if (number == NUMBER_OF(C0_COUNT))
		write_count(vcpu, value);
	else if (number == NUMBER_OF(C0_COMPARE))
		write_compare(vcpu, value);
}

/*
 * By index: all of the real caches for the first line, nothing for the others. Hits do not exit;
 * loading and storing tags, which guests do to initialise caches, has been done.
 */
static void cache(const struct mips_vcpu *vcpu, uint32_t word)
{
	uint32_t address = vcpu->r[RS(word)] + OFFSET(word);

	if (RT(word) >> 2 == 0 && (address & 0x7e0) == 0)
		cache_clean_all();
}

void vz_privileged(struct mips_vcpu *vcpu, uint32_t word)
{
	unsigned number = RD(word) << 3 | SELECT(word);

	if (OP(word) == OP_CACHE) {
		cache(vcpu, word);
	} else if (OP(word) == OP_SPECIAL3 && FUNCTION(word) == FUNCTION_RDHWR) {
		if (RD(word) == HWR_CC)
			vcpu_set(vcpu, RT(word), read_count(vcpu));
		else if (RD(word) == HWR_CCRES)
			vcpu_set(vcpu, RT(word), 2);
	} else if (OP(word) == OP_COP0 && RS(word) == MFC0 && number == NUMBER_OF(C0_COUNT)) {
		vcpu_set(vcpu, RT(word), read_count(vcpu));
	} else if (OP(word) == OP_COP0 && RS(word) == MFC0) {
		vcpu_set(vcpu, RT(word), vz_read_cp0(vcpu, RD(word), SELECT(word)));
	} else if (OP(word) == OP_COP0 && RS(word) == MTC0) {
		write(vcpu, number, vcpu->r[RT(word)]);
	} else if (OP(word) == OP_COP0 && RS(word) >= CO && FUNCTION(word) == WAIT) {
		backend->skip(vcpu);
		trap_wait(vcpu);
		return;
	} else {
		backend->inject(vcpu, EXC_RI);
		return;
	}
	backend->skip(vcpu);
}

void vz_change(struct mips_vcpu *vcpu, uint32_t word)
{
	uint32_t value = vcpu->r[RT(word)];

	switch (RD(word) << 3 | SELECT(word)) {
	case NUMBER_OF(C0_STATUS):
		write_gc0(C0_STATUS, value & STATUS_WRITABLE);
		break;
	case NUMBER_OF(C0_CAUSE):
		vz_set_cause(CAUSE_WRITABLE, value);
		break;
	case NUMBER_OF(C0_INTCTL):
		if (vcpu->guest->eic)
			write_gc0(C0_INTCTL, value & INTCTL_VS);
		break;
	default: /* vectored interrupts without a controller, large addresses, units: they have none
		  */
		break;
	}
	ehb();
	backend->skip(vcpu);
}

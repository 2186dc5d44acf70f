/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Coprocessor 0's registers: one table of what they are, what changes in each and what a guest
 * needs to reach it. What follows from a write (interrupts, timers, translation) is at the end.
 *
 * Choices where the architecture leaves one, or its text was not at hand:
 *	- a guest's access to a register that is not there exits (GPSI) if GuestCtl0.CP0 = 0 or
 *	  GuestCtl0Ext.OG = 1; else it reads 0 and writes nothing. The root's stops the machine.
 *	- GSFC is about the value written: bits this core does not have count as well.
 *	- the root's mtgc0 changes every field a root has to restore: Cause.BD, CE, ExcCode,
 *	  Context, BadVAddr, BadInstr(P), Index.P, and the presence bits of Config to Config5 that
 *	  the core has.
 *	- mtgc0 changes all of SRSCtl: HSS shows a guest its sets, CSS and EICSS are restored.
 *	- GuestCtl2 has its EIC format while Guest.Config3.VEIC = 1, and is 0 when that changes.
 *	- mtgc0 of Compare clears Guest.Cause.TI as the guest's own mtc0 does.
 */
#include "cp0.h"

#include "core.h"

#define ALL 0xffffffffu

#define STATUS_WRITE                                                                               \
	(STATUS_IE | STATUS_EXL | STATUS_ERL | STATUS_UM | CAUSE_IP | STATUS_BEV | STATUS_CU0)
#define CAUSE_WRITE      (CAUSE_IP_SW | CAUSE_IV | CAUSE_DC)
#define CAUSE_ROOT_WRITE (CAUSE_BD | CAUSE_CE | CAUSE_EXC | CAUSE_TI)
#define SRSCTL_ROOT_WRITE                                                                          \
	(SRS_MASK << SRSCTL_HSS_SHIFT | SRS_MASK << SRSCTL_EICSS_SHIFT |                           \
	 SRS_MASK << SRSCTL_CSS_SHIFT)
#define ENTRYLO_WRITE  0x03ffffffu
#define PAGEMASK_WRITE 0x1fffe000u
#define RDHWR_ULR      0x20000000u

static const struct cp0_register registers[] = {
	{ C0_INDEX, "Index", 0, INDEX_P, GATE_CP0 | GATE_MG, GATE_CP0 | GATE_MG },
	{ C0_RANDOM, "Random", 0, 0, GATE_CP0, GATE_CP0 },
	{ C0_ENTRYLO0, "EntryLo0", ENTRYLO_WRITE, 0, GATE_CP0 | GATE_MG, GATE_CP0 | GATE_MG },
	{ C0_ENTRYLO1, "EntryLo1", ENTRYLO_WRITE, 0, GATE_CP0 | GATE_MG, GATE_CP0 | GATE_MG },
	{ C0_CONTEXT, "Context", 0xff800000u, 0x007ffff0u, GATE_CP0 | GATE_MG, GATE_CP0 | GATE_MG },
	{ C0_USERLOCAL, "UserLocal", ALL, 0, GATE_CP0 | GATE_OG, GATE_CP0 | GATE_OG },
	{ C0_PAGEMASK, "PageMask", PAGEMASK_WRITE, 0, GATE_CP0 | GATE_MG, GATE_CP0 | GATE_MG },
	{ C0_PAGEGRAIN, "PageGrain", 0, 0, GATE_CP0 | GATE_AT, GATE_CP0 | GATE_AT },
	{ C0_WIRED, "Wired", 0x7f, 0, GATE_CP0 | GATE_AT, GATE_CP0 | GATE_AT },
	{ C0_HWRENA, "HWREna", 0xf, 0, GATE_CP0 | GATE_OG, GATE_CP0 | GATE_OG },
	{ C0_BADVADDR, "BadVAddr", 0, ALL, GATE_CP0 | GATE_BG, GATE_CP0 | GATE_BG },
	{ C0_BADINSTR, "BadInstr", 0, ALL, GATE_CP0 | GATE_BG, GATE_CP0 | GATE_BG },
	{ C0_BADINSTRP, "BadInstrP", 0, ALL, GATE_CP0 | GATE_BG, GATE_CP0 | GATE_BG },
	{ C0_COUNT, "Count", ALL, 0, GATE_CP0 | GATE_GT, GATE_CLOSED },
	{ C0_ENTRYHI, "EntryHi", ENTRYHI_VPN2 | ENTRYHI_ASID, 0, GATE_CP0 | GATE_MG,
	  GATE_CP0 | GATE_MG },
	{ C0_GUESTCTL1, "GuestCtl1", 0, 0, GATE_CLOSED, GATE_CLOSED },
	{ C0_GUESTCTL2, "GuestCtl2", GUESTCTL2_HC | GUESTCTL2_VIP, 0, GATE_CLOSED, GATE_CLOSED },
	{ C0_GUESTCTL3, "GuestCtl3", SRS_MASK, 0, GATE_CLOSED, GATE_CLOSED },
	{ C0_COMPARE, "Compare", ALL, 0, GATE_CP0 | GATE_GT, GATE_CP0 | GATE_GT },
	{ C0_GUESTCTL0EXT, "GuestCtl0Ext",
	  GUESTCTL0EXT_CGI | GUESTCTL0EXT_FCD | GUESTCTL0EXT_OG | GUESTCTL0EXT_BG | GUESTCTL0EXT_MG,
	  0, GATE_CLOSED, GATE_CLOSED },
	{ C0_STATUS, "Status", STATUS_WRITE, 0, GATE_CP0, GATE_CP0 },
	{ C0_INTCTL, "IntCtl", 0, 0, GATE_CP0, GATE_CP0 },
	{ C0_SRSCTL, "SRSCtl", 0, SRSCTL_ROOT_WRITE, GATE_CLOSED, GATE_CLOSED },
	{ C0_SRSMAP, "SRSMap", 0, 0, GATE_CLOSED, GATE_CLOSED },
	{ C0_GUESTCTL0, "GuestCtl0",
	  GUESTCTL0_GM | GUESTCTL0_RI | GUESTCTL0_MC | GUESTCTL0_CP0 | GUESTCTL0_AT | GUESTCTL0_GT |
		  GUESTCTL0_CG | GUESTCTL0_CF | GUESTCTL0_SFC2 | GUESTCTL0_SFC1,
	  0, GATE_CLOSED, GATE_CLOSED },
	{ C0_GTOFFSET, "GTOffset", 0, 0, GATE_CLOSED, GATE_CLOSED },
	{ C0_CAUSE, "Cause", CAUSE_WRITE, CAUSE_ROOT_WRITE, GATE_CP0, GATE_CP0 },
	{ C0_EPC, "EPC", ALL, 0, GATE_CP0, GATE_CP0 },
	{ C0_PRID, "PRId", 0, 0, GATE_CLOSED, GATE_CLOSED },
	{ C0_EBASE, "EBase", 0x3ffff000u, 0x3ffu, GATE_CP0, GATE_CP0 },
	{ C0_CONFIG, "Config", 0x7, 0, GATE_CP0, GATE_CP0 | GATE_CF },
	{ C0_CONFIG1, "Config1", 0, 0, GATE_CP0, GATE_CP0 | GATE_CF },
	{ C0_CONFIG2, "Config2", 0, 0, GATE_CP0, GATE_CP0 | GATE_CF },
	{ C0_CONFIG3, "Config3", 0, 0, GATE_CP0, GATE_CP0 | GATE_CF },
	{ C0_CONFIG4, "Config4", 0, 0, GATE_CP0, GATE_CP0 | GATE_CF },
	{ C0_CONFIG5, "Config5", CONFIG5_SBRI, 0, GATE_CP0, GATE_CP0 | GATE_CF },
	{ C0_CONFIG6, "Config6", 0, 0, GATE_CLOSED, GATE_CLOSED },
	{ C0_CONFIG7, "Config7", 0, 0, GATE_CLOSED, GATE_CLOSED },
	{ C0_LLADDR, "LLAddr", 0, 0, GATE_CP0, GATE_CLOSED },
	{ C0_ERRCTL, "ErrCtl", 0, 0, GATE_CLOSED, GATE_CLOSED },
	{ C0_CACHEERR, "CacheErr", 0, 0, GATE_CLOSED, GATE_CLOSED },
	{ C0_TAGLO, "TagLo", 0, 0, GATE_CLOSED, GATE_CLOSED },
	{ C0_TAGLO + 1, "DataLo", 0, 0, GATE_CLOSED, GATE_CLOSED },
	{ C0_TAGLO + 2, "DTagLo", 0, 0, GATE_CLOSED, GATE_CLOSED },
	{ C0_TAGLO + 3, "DDataLo", 0, 0, GATE_CLOSED, GATE_CLOSED },
	{ C0_TAGHI, "TagHi", 0, 0, GATE_CLOSED, GATE_CLOSED },
	{ C0_TAGHI + 1, "DataHi", 0, 0, GATE_CLOSED, GATE_CLOSED },
	{ C0_TAGHI + 2, "DTagHi", 0, 0, GATE_CLOSED, GATE_CLOSED },
	{ C0_TAGHI + 3, "DDataHi", 0, 0, GATE_CLOSED, GATE_CLOSED },
	{ C0_ERROREPC, "ErrorEPC", ALL, 0, GATE_CP0, GATE_CP0 },
	{ C0_KSCRATCH1, "KScratch1", ALL, 0, GATE_CP0, GATE_CP0 },
	{ C0_KSCRATCH1 + 1, "KScratch2", ALL, 0, GATE_CP0, GATE_CP0 },
	{ C0_KSCRATCH1 + 2, "KScratch3", ALL, 0, GATE_CP0, GATE_CP0 },
	{ C0_KSCRATCH1 + 3, "KScratch4", ALL, 0, GATE_CP0, GATE_CP0 },
	{ C0_KSCRATCH1 + 4, "KScratch5", ALL, 0, GATE_CP0, GATE_CP0 },
	{ C0_KSCRATCH1 + 5, "KScratch6", ALL, 0, GATE_CP0, GATE_CP0 },
};

/* 31,2 to 31,7, the last there is. */
static bool is_kscratch(unsigned number)
{
	return number >= C0_KSCRATCH1;
}

/* Registers that are neither the root's nor the guest's unless an option is there. */
static unsigned option_of(const struct core_options *options, unsigned number)
{
	switch (number) {
	case C0_GUESTCTL0:
	case C0_GTOFFSET:
		return options->vz;
	case C0_GUESTCTL1:
		return options->vz && options->guest_id_bits;
	case C0_GUESTCTL2:
		return options->vz && options->guestctl2;
	case C0_GUESTCTL0EXT:
		return options->vz && options->guestctl0ext;
	case C0_GUESTCTL3:
		return options->vz && options->shadow_sets;
	case C0_BADINSTR:
	case C0_BADINSTRP:
		return options->badinstr;
	case C0_PAGEGRAIN:
		return options->rixi;
	case C0_USERLOCAL:
		return options->userlocal;
	case C0_CONFIG4:
	case C0_CONFIG5:
		return options->release >= 5;
	default:
		if (is_kscratch(number))
			return options->kscratch;
		return 1;
	}
}

const struct cp0_register *cp0_register(unsigned number)
{
	for (unsigned i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
		if (registers[i].number == number)
			return &registers[i];
	return NULL;
}

/*
 * Guests have none of those they can never reach, but Count, the writing of which is closed, and
 * SRSCtl and SRSMap, by which the root shows them shadow sets. Their KScratch goes with
 * Guest.Config4.
 */
bool cp0_has(const struct core *core, enum context context, unsigned number)
{
	const struct cp0_register *known = cp0_register(number);

	if (!known || !option_of(&core->options, number))
		return false;
	if (context == ROOT)
		return true;
	if (is_kscratch(number))
		return core->cp0[GUEST][C0_CONFIG4] & 1u << (16 + number - C0_DESAVE);
	if (number == C0_SRSCTL || number == C0_SRSMAP)
		return core->options.shadow_sets;
	return !(known->read_gate & GATE_CLOSED);
}

/* --- reset --- */

static uint32_t config1(unsigned entries)
{
	/* Caches of 32 KiB: 4 ways of 256 lines of 32 bytes. */
	uint32_t cache = 2u << 6 | 4u << 3 | 3u;

	return CONFIG_M | (entries - 1) << 25 | cache << 16 | cache << 7;
}

static void reset_config(struct core *core, enum context context)
{
	const struct core_options *o = &core->options;
	uint32_t *cp0 = core->cp0[context];
	uint32_t *mask = core->cp0_mask[context];
	bool newer = o->release >= 5;

	/* Little- or big-endian, Release 2 to 5, a TLB, kseg0 cached. */
	cp0[C0_CONFIG] = CONFIG_M | (core->big_endian ? 0x8000u : 0) | 1u << 10 | 1u << 7 | 3;
	cp0[C0_CONFIG1] = config1(o->tlb[o->shared_tlb ? ROOT : context]);
	cp0[C0_CONFIG2] = CONFIG_M;
	cp0[C0_CONFIG3] = (newer ? CONFIG_M : 0) | (o->badinstr ? CONFIG3_BI | CONFIG3_BP : 0) |
			  (o->userlocal ? CONFIG3_ULRI : 0) | (o->rixi ? CONFIG3_RXI : 0) |
			  (o->vint ? CONFIG3_VINT : 0);
	/* To a guest, only GuestCtl2 can be its interrupt controller. */
	if (o->eic && (context == ROOT || o->guestctl2))
		cp0[C0_CONFIG3] |= CONFIG3_VEIC;
	if (context == ROOT && o->vz)
		cp0[C0_CONFIG3] |= CONFIG3_VZ;
	if (newer) {
		cp0[C0_CONFIG4] = CONFIG_M | (o->tlbinv ? CONFIG4_IE : 0) |
				  (o->kscratch ? CONFIG4_KSCREXIST & 0x00fc0000u : 0);
		cp0[C0_CONFIG5] = CONFIG5_LLB;
	}
	if (context == ROOT)
		cp0[C0_CONFIG7] = CONFIG7_WII;
	else
		for (unsigned n = C0_CONFIG; n <= C0_CONFIG5; n++)
			mask[n] |= cp0[n];
	if (context == GUEST)
		mask[C0_CONFIG1] |= 0x3fu << 25;
}

static void reset_masks(struct core *core, enum context context)
{
	const struct core_options *o = &core->options;
	uint32_t *mask = core->cp0_mask[context];
	unsigned entries = o->tlb[o->shared_tlb ? ROOT : context];
	uint32_t rixi = o->rixi ? ENTRYLO_RI | ENTRYLO_XI : 0;

	for (unsigned i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
		mask[registers[i].number] = registers[i].write;
	mask[C0_INDEX] = entries > 1 ? 0xffffffffu >> __builtin_clz(entries - 1) : 0;
	mask[C0_ENTRYLO0] |= rixi;
	mask[C0_ENTRYLO1] |= rixi;
	mask[C0_PAGEGRAIN] = rixi | (o->rixi && o->release >= 5 ? PAGEGRAIN_IEC : 0);
	if (o->tlbinv)
		mask[C0_ENTRYHI] |= ENTRYHI_EHINV;
	if (o->userlocal)
		mask[C0_HWRENA] |= RDHWR_ULR;
	if (o->vint || o->eic)
		mask[C0_INTCTL] = INTCTL_VS;
	if (o->shadow_sets) {
		mask[C0_SRSCTL] = SRS_MASK << SRSCTL_ESS_SHIFT | SRS_MASK << SRSCTL_PSS_SHIFT;
		mask[C0_SRSMAP] = o->vint ? ALL : 0;
	}
	if (context == GUEST)
		return;
	mask[C0_GUESTCTL1] = ((1u << o->guest_id_bits) - 1) * 0x00010001u;
	mask[C0_GTOFFSET] = o->gtoffset_bits ? 0xffffffffu >> (32 - o->gtoffset_bits) : 0;
	if (!o->cgi)
		mask[C0_GUESTCTL0EXT] &= ~GUESTCTL0EXT_CGI;
	if (o->pass_through)
		mask[C0_GUESTCTL0] |= GUESTCTL0_PIP;
}

void cp0_reset(struct core *core)
{
	const struct core_options *o = &core->options;

	for (enum context context = ROOT; context <= GUEST; context++) {
		uint32_t *cp0 = core->cp0[context];

		reset_masks(core, context);
		reset_config(core, context);
		cp0[C0_EBASE] = 0x80000000u;
		cp0[C0_INTCTL] = INTCTL_IPTI(7) | INTCTL_IPPCI(7);
		cp0[C0_STATUS] = STATUS_BEV | (context == GUEST ? STATUS_ERL : 0);
	}
	core->cp0[ROOT][C0_SRSCTL] = o->shadow_sets << SRSCTL_HSS_SHIFT;
	/* MIPS Technologies, "P5600", or 24K: what QEMU's have. */
	core->cp0[ROOT][C0_PRID] = o->release >= 5 ? 0x0001a800u : 0x00019300u;
	if (!o->vz)
		return;
	core->cp0[ROOT][C0_GUESTCTL0] =
		GUESTCTL0_AT_GUEST | (o->guest_id_bits ? GUESTCTL0_G1 : GUESTCTL0_RAD) |
		(o->guestctl2 ? GUESTCTL0_G2 : 0) | (o->guestctl0ext ? GUESTCTL0_G0E : 0) |
		(o->pass_through ? GUESTCTL0_PT : 0);
}

/* --- reading and writing --- */

uint32_t cp0_read(struct core *core, enum context context, unsigned number)
{
	uint32_t value = core->cp0[context][number];

	switch (number) {
	case C0_RANDOM:
		return tlb_random(core, context);
	case C0_COUNT:
		return timer_count(core, context);
	case C0_CAUSE:
		return (value & ~CAUSE_IP) | interrupt_pending(core, context);
	case C0_LLADDR:
		return core->ll_bit[context];
	default:
		return value;
	}
}

static void write_pagemask(struct core *core, enum context context)
{
	uint32_t *cp0 = core->cp0[context];
	uint32_t pairs = cp0[C0_PAGEMASK] >> 13;

	/* Ones from the bottom, an even number of them. */
	if (!(pairs & (pairs + 1)) && !(__builtin_popcount(pairs) & 1))
		return;
	cp0[C0_PAGEMASK] = 0;
	if (core_context(core) == ROOT)
		core_unpredictable(core, "PageMask of no page size: 0x%x", pairs << 13);
}

static void write_guestctl0(struct core *core)
{
	uint32_t at = core->cp0[ROOT][C0_GUESTCTL0] & GUESTCTL0_AT;

	if (at != GUESTCTL0_AT_ROOT && at != GUESTCTL0_AT_GUEST)
		core_unpredictable(core, "GuestCtl0.AT = %u is reserved", at >> 26);
	core_update_mode(core);
}

static void write_cause(struct core *core, enum context context, uint32_t before)
{
	uint32_t changed = before ^ core->cp0[context][C0_CAUSE];

	if (context == ROOT && changed & CAUSE_DC) {
		/* Count goes on from, or stays at, what it was. */
		core->cp0[ROOT][C0_CAUSE] ^= CAUSE_DC;
		before = timer_count(core, ROOT);
		core->cp0[ROOT][C0_CAUSE] ^= CAUSE_DC;
		timer_set_count(core, before);
	} else if (changed & CAUSE_DC) {
		timer_arm(core, GUEST);
	}
}

void cp0_write(struct core *core, enum context context, unsigned number, uint32_t value,
	       bool by_root)
{
	uint32_t *reg = &core->cp0[context][number];
	uint32_t mask = core->cp0_mask[context][number];
	uint32_t before = *reg;

	if (number == C0_GUESTCTL2 && interrupt_has_eic(core, GUEST))
		mask = GUESTCTL2_GRIPL | GUESTCTL2_GEICSS | GUESTCTL2_GVEC;
	if (by_root) {
		mask |= cp0_register(number)->root_write;
		if (number == C0_CAUSE &&
		    (!core->options.guestctl2 || interrupt_has_eic(core, GUEST)))
			mask |= CAUSE_IP_HW;
	} else if (context == GUEST && number >= C0_CONFIG && number <= C0_CONFIG5) {
		mask = cp0_register(number)->write;
	}
	*reg = (before & ~mask) | (value & mask);

	switch (number) {
	case C0_PAGEMASK:
		write_pagemask(core, context);
		break;
	case C0_PAGEGRAIN:
		soft_flush(core, context);
		break;
	case C0_WIRED:
		if (*reg >= tlb_size(core, context))
			*reg = tlb_size(core, context) - 1;
		break;
	case C0_COUNT:
		timer_set_count(core, value);
		break;
	case C0_ENTRYHI:
		if ((before ^ *reg) & ENTRYHI_ASID) {
			soft_flush(core, context);
			/* Without GuestIDs the root's ASID chooses the guest. */
			if (context == ROOT)
				soft_flush(core, GUEST);
		}
		break;
	case C0_COMPARE:
		core->cp0[context][C0_CAUSE] &= ~CAUSE_TI;
		timer_arm(core, context);
		break;
	case C0_STATUS:
		/* ERL changes what useg is. */
		if ((before ^ *reg) & STATUS_ERL)
			soft_flush(core, context);
		core_update_mode(core);
		break;
	case C0_CAUSE:
		write_cause(core, context, before);
		break;
	case C0_LLADDR:
		if (!(value & 1))
			core->ll_bit[context] = false;
		break;
	case C0_GUESTCTL0:
		write_guestctl0(core);
		break;
	case C0_INTCTL:
		if (context == ROOT && __builtin_popcount(*reg & INTCTL_VS) > 1)
			core_unpredictable(core, "IntCtl.VS = 0x%x is reserved",
					   (*reg & INTCTL_VS) >> 5);
		break;
	case C0_SRSCTL:
	case C0_SRSMAP:
		sets_check(core, context);
		break;
	case C0_CONFIG3:
		if (context == GUEST && (before ^ *reg) & CONFIG3_VEIC)
			core->cp0[ROOT][C0_GUESTCTL2] = 0;
		break;
	case C0_GUESTCTL1:
		if (GUESTCTL1_ID(before) != GUESTCTL1_ID(*reg))
			soft_flush(core, GUEST);
		break;
	case C0_GTOFFSET:
		timer_arm(core, GUEST);
		break;
	default:
		break;
	}
	core_attend(core);
}

/* --- the instructions --- */

static bool gate_is_open(const struct core *core, uint8_t gate)
{
	const uint32_t *root = core->cp0[ROOT];
	uint32_t guestctl0 = root[C0_GUESTCTL0], ext = root[C0_GUESTCTL0EXT];

	return !(gate & GATE_CLOSED) && (!(gate & GATE_CP0) || guestctl0 & GUESTCTL0_CP0) &&
	       (!(gate & GATE_GT) || guestctl0 & GUESTCTL0_GT) &&
	       (!(gate & GATE_CF) || guestctl0 & GUESTCTL0_CF) &&
	       (!(gate & GATE_AT) || (guestctl0 & GUESTCTL0_AT) == GUESTCTL0_AT_GUEST) &&
	       (!(gate & GATE_MG) || !(ext & GUESTCTL0EXT_MG)) &&
	       (!(gate & GATE_BG) || !(ext & GUESTCTL0EXT_BG)) &&
	       (!(gate & GATE_OG) || !(ext & GUESTCTL0EXT_OG));
}

/* May the guest do this itself? If not it has exited. */
static bool guest_passes(struct core *core, unsigned number, bool write)
{
	const struct cp0_register *known = cp0_register(number);
	uint8_t gate = GATE_CP0 | GATE_OG;

	/* A guest does not see GuestCtl*: those are not there. */
	if (known &&
	    !(number == C0_GUESTCTL0 || number == C0_GUESTCTL1 || number == C0_GUESTCTL2 ||
	      number == C0_GUESTCTL3 || number == C0_GUESTCTL0EXT || number == C0_GTOFFSET))
		gate = write ? known->write_gate : known->read_gate;
	if (gate_is_open(core, gate))
		return true;
	exception_guest_exit(core, GEXC_GPSI);
	return false;
}

/* Bits the root wants to be asked about (GSFC), by register. */
static uint32_t asked_bits(const struct core *core, unsigned number)
{
	uint32_t guestctl0 = core->cp0[ROOT][C0_GUESTCTL0];

	switch (number) {
	case C0_STATUS:
		return STATUS_RP | STATUS_FR | STATUS_MX | STATUS_BEV | STATUS_TS | STATUS_SR |
		       STATUS_NMI | STATUS_IMPL | STATUS_ERL |
		       (guestctl0 & GUESTCTL0_SFC2 ? 0 : STATUS_CU2) |
		       (guestctl0 & GUESTCTL0_SFC1 ? 0 : STATUS_CU1) |
		       (guestctl0 & GUESTCTL0_MC ? STATUS_UM | STATUS_EXL : 0);
	case C0_CAUSE:
		return CAUSE_DC | CAUSE_IV;
	case C0_INTCTL:
		return INTCTL_VS;
	case C0_PAGEGRAIN:
		return PAGEGRAIN_ELPA;
	case C0_CONFIG5:
		return CONFIG5_MSAEN | CONFIG5_UFR | CONFIG5_UFE | CONFIG5_FRE;
	default:
		return 0;
	}
}

static bool must_ask(const struct core *core, unsigned number, uint32_t value)
{
	return !(core->cp0[ROOT][C0_GUESTCTL0EXT] & GUESTCTL0EXT_FCD) &&
	       (core->cp0[GUEST][number] ^ value) & asked_bits(core, number);
}

static void no_such_register(struct core *core, const char *instruction, unsigned number)
{
	core_unpredictable(core, "%s of register %u,%u, which this core does not have", instruction,
			   number >> 3, number & 7);
}

void cp0_move_from(struct core *core, unsigned rt, unsigned number)
{
	enum context context = core_context(core);

	if (context == GUEST && !guest_passes(core, number, false))
		return;
	if (cp0_has(core, context, number))
		core->gpr[rt] = cp0_read(core, context, number);
	else if (context == GUEST)
		core->gpr[rt] = 0;
	else
		no_such_register(core, "mfc0", number);
}

void cp0_move_to(struct core *core, unsigned rt, unsigned number)
{
	enum context context = core_context(core);
	uint32_t value = core->gpr[rt];

	if (context == GUEST && !guest_passes(core, number, true))
		return;
	if (!cp0_has(core, context, number)) {
		if (context == ROOT)
			no_such_register(core, "mtc0", number);
		return;
	}
	if (context == GUEST && must_ask(core, number, value))
		exception_guest_exit(core, GEXC_GSFC);
	else
		cp0_write(core, context, number, value, false);
}

void cp0_move_from_guest(struct core *core, unsigned rt, unsigned number)
{
	if (cp0_has(core, GUEST, number))
		core->gpr[rt] = cp0_read(core, GUEST, number);
	else
		no_such_register(core, "mfgc0", number);
}

void cp0_move_to_guest(struct core *core, unsigned rt, unsigned number)
{
	if (!cp0_has(core, GUEST, number))
		no_such_register(core, "mtgc0", number);
	else if (number == C0_COUNT)
		no_such_register(core, "mtgc0 (use GTOffset)", number);
	else
		cp0_write(core, GUEST, number, core->gpr[rt], true);
}

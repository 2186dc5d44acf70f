/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's CP0: what its registers hold after reset, which bits of them it can write, and the
 * few instructions and registers that do more than keep a value.
 */
#include "te.h"

#include "cache.h"
#include "instruction.h"
#include "vcpu.h"

/* Numbers that have work to do when written, or are not what is stored. */
enum {
	RANDOM = 1,
	CONTEXT = 4,
	WIRED = 6,
	HWRENA = 7,
	COUNT = 9,
	ENTRYHI = 10,
	COMPARE = 11,
	STATUS = 12,
	CAUSE = 13,
	EPC = 14,
	EBASE = 15,
	CONFIG = 16,
	ERROREPC = 30,
};

/* 24Kc, as far as software can tell. Linux knows it to have no trouble of its own. */
#define PRID 0x00019300
#define CONFIG0                                                                                    \
	(CONFIG_M | (VIO_BIG_ENDIAN ? CONFIG_BE : 0) | 1 << 10 /* R2 */ | 1 << 7 /* TLB */ | CACHED)
/* Caches as CONFIG1 says: a way is no more than a page, so that there are no aliases. */
#define CACHE_LINE 64
#define CACHE_SIZE (64 * CACHE_LINE)
#define CONFIG1                                                                                    \
	(CONFIG_M | (TE_TLB - 1) << 25 | 5 << 19 | 5 << 10 /* caches: 64 lines of 64 bytes */)
#define CONFIG2    CONFIG_M
#define CONFIG3    CONFIG3_ULRI
#define INTCTL     (7U << 29) /* the timer is IP7 */

#define HWRENA_ALL 0x2000000f
#define HWRENA_ULR (1U << 29)

/* What mtc0 can change. Registers without a line are not there: they read 0. */
static const uint32_t writable[32][8] = {
	[0][0] = TE_TLB - 1,
	[2][0] = 0x3fffffff,
	[3][0] = 0x3fffffff,
	[CONTEXT] = { 0xff800000, 0, UINT32_MAX },
	[5][0] = 0x1fffe000,
	[WIRED][0] = TE_TLB - 1,
	[HWRENA][0] = HWRENA_ALL,
	[ENTRYHI][0] = 0xffffe0ff,
	[COMPARE][0] = UINT32_MAX,
	[STATUS][0] = 0x1040ff17 | 3 << 3,
	[CAUSE][0] = CAUSE_IV | CAUSE_DC | 3 << CAUSE_IP_SHIFT,
	[EPC][0] = UINT32_MAX,
	[EBASE][1] = 0x3ffff000,
	[CONFIG][0] = 7,
	[ERROREPC][0] = UINT32_MAX,
};

void te_reset_cp0(struct te *te)
{
	te->cp0[STATUS][0] = STATUS_BEV;
	te->cp0[STATUS][1] = INTCTL;
	te->cp0[EBASE][0] = PRID;
	te->cp0[EBASE][1] = KSEG0;
	te->cp0[CONFIG][0] = CONFIG0;
	te->cp0[CONFIG][1] = CONFIG1;
	te->cp0[CONFIG][2] = CONFIG2;
	te->cp0[CONFIG][3] = CONFIG3;
	for (unsigned i = 0; i < TE_TLB; i++)
		te->tlb[i].hi = KSEG0 + i * 0x2000; /* no address that is looked for */
}

static uint32_t read(const struct te *te, unsigned number, unsigned select)
{
	if (number == COUNT && select == 0)
		return te_count(te);
	if (number == CAUSE && select == 0)
		return te_cause(te);
	if (number == RANDOM && select == 0)
		return te->random;
	return te->cp0[number][select];
}

static void write(struct mips_vcpu *vcpu, unsigned number, unsigned select, uint32_t value)
{
	struct te *te = &vcpu->te;
	uint32_t *at = &te->cp0[number][select];
	uint32_t mask = writable[number][select];

	*at = (*at & ~mask) | (value & mask);
	switch (number << 3 | select) {
	case STATUS << 3:
	case CAUSE << 3:
	case ENTRYHI << 3:
		vcpu->stale = true;
		break;
	case COMPARE << 3:
		te->cp0[CAUSE][0] &= ~(uint32_t)TE_TIMER;
		te_set_timer(te);
		timer_changed();
		break;
	case COUNT << 3:
		te_check_timer(te); /* a match of what it was */
		vcpu->stale = true;
		*at = value - (uint32_t)arch_now();
		te_set_timer(te);
		timer_changed();
		break;
	case WIRED << 3:
		te->random = TE_TLB - 1;
		break;
	case CONTEXT << 3 | 2:
		write_c0(C0_USERLOCAL, value);
		break;
	case HWRENA << 3:
		write_c0(C0_HWRENA, value & HWRENA_ULR);
		break;
	default:
		break;
	}
}

static void eret(struct mips_vcpu *vcpu)
{
	uint32_t(*cp0)[8] = vcpu->te.cp0;

	if (cp0[STATUS][0] & STATUS_ERL) {
		vcpu->pc = cp0[ERROREPC][0];
		cp0[STATUS][0] &= ~(uint32_t)STATUS_ERL;
	} else {
		vcpu->pc = cp0[EPC][0];
		cp0[STATUS][0] &= ~(uint32_t)STATUS_EXL;
	}
	vcpu->stale = true;
}

/* True: the PC is where it is to be. */
static bool operate(struct mips_vcpu *vcpu, uint32_t word)
{
	switch (FUNCTION(word)) {
	case TLBR:
		vcpu->te.exits[TE_TLB_INSTRUCTION]++;
		te_tlbr(&vcpu->te);
		vcpu->stale = true; /* EntryHi */
		return false;
	case TLBWI:
		vcpu->te.exits[TE_TLB_INSTRUCTION]++;
		te_tlbwi(&vcpu->te);
		return false;
	case TLBWR:
		vcpu->te.exits[TE_TLB_INSTRUCTION]++;
		te_tlbwr(&vcpu->te);
		return false;
	case TLBP:
		vcpu->te.exits[TE_TLB_INSTRUCTION]++;
		te_tlbp(&vcpu->te);
		return false;
	case ERET:
		vcpu->te.exits[TE_ERET]++;
		eret(vcpu);
		return true;
	case WAIT:
		vcpu->te.exits[TE_WAIT]++;
		backend->skip(vcpu);
		trap_wait(vcpu);
		return true;
	case HYPCALL:
		backend->skip(vcpu);
		trap_hypercall(vcpu, word >> 11 & 0x3ff);
		return true;
	default:
		te_take(vcpu, EXC_RI, VECTOR_GENERAL);
		return true;
	}
}

/* SC, the 1-bit field that is set for EI. */
static void interrupts(struct mips_vcpu *vcpu, uint32_t word)
{
	uint32_t *status = &vcpu->te.cp0[STATUS][0];

	vcpu_set(vcpu, RT(word), *status);
	if (word & 0x20) {
		*status |= STATUS_IE;
		vcpu->stale = true;
	} else {
		*status &= ~(uint32_t)STATUS_IE;
	}
}

/* CACHE: an operation on what it was told is a line of its caches. */
static void cache(struct mips_vcpu *vcpu, uint32_t word)
{
	uint32_t address = vcpu->r[RS(word)] + OFFSET(word);
	uint64_t physical;
	struct backend_page page;

	if (cache_is_indexed(RT(word))) {
		/* All of the real ones, for the first line; nothing for the rest. */
		if ((address & (CACHE_SIZE - CACHE_LINE)) == 0)
			cache_clean_all();
	} else if (backend->translate(vcpu, address, &physical) &&
		   space_page(&vcpu->guest->guest, physical, &page)) {
		cache_clean(to_virtual(page.physical & -(uint64_t)CACHE_LINE), CACHE_LINE);
	}
}

void te_privileged(struct mips_vcpu *vcpu, uint32_t word)
{
	uint32_t *exits = vcpu->te.exits;

	if (OP(word) == OP_CACHE) {
		exits[TE_CACHE]++;
		cache(vcpu, word);
	} else if (RS(word) >= CO) {
		if (operate(vcpu, word))
			return;
	} else {
		switch (RS(word)) {
		case MFC0:
			exits[TE_CP0_READ]++;
			vcpu_set(vcpu, RT(word), read(&vcpu->te, RD(word), SELECT(word)));
			break;
		case MTC0:
			exits[TE_CP0_WRITE]++;
			write(vcpu, RD(word), SELECT(word), vcpu->r[RT(word)]);
			break;
		case MFMC0:
			exits[TE_INTERRUPTS]++;
			interrupts(vcpu, word);
			break;
		case RDPGPR: /* one set of registers */
		case WRPGPR:
			vcpu_set(vcpu, RD(word), vcpu->r[RT(word)]);
			break;
		default:
			te_take(vcpu, EXC_RI, VECTOR_GENERAL);
			return;
		}
	}
	backend->skip(vcpu);
}

bool te_rdhwr(struct mips_vcpu *vcpu, uint32_t word)
{
	struct te *te = &vcpu->te;
	unsigned number = RD(word);
	bool may = te_is_kernel(te) || te->cp0[STATUS][0] & STATUS_CU0 ||
		   (te->cp0[HWRENA][0] >> number & 1);

	if (!may || !(HWRENA_ALL >> number & 1))
		return false;
	te->exits[TE_RDHWR]++;
	switch (number) {
	case 0: /* CPUNum */
		vcpu_set(vcpu, RT(word), 0);
		break;
	case 1: /* SYNCI_Step: of the real caches, on which SYNCI acts */
		vcpu_set(vcpu, RT(word), cache_line());
		break;
	case 2: /* CC */
		vcpu_set(vcpu, RT(word), te_count(te));
		break;
	case 3: /* CCRes */
		vcpu_set(vcpu, RT(word), 2);
		break;
	default:
		vcpu_set(vcpu, RT(word), te->cp0[CONTEXT][2]);
		break;
	}
	backend->skip(vcpu);
	return true;
}

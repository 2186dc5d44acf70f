/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trap and emulate.
 *
 * Segmentation control (SegCtl0 to 2) makes every segment one that user mode reaches through the
 * TLB and kernel mode without (MUSUK). The root goes on as ever, unmapped in kseg0; and a guest's
 * kernel, in user mode, has all of the addresses that it was linked for. What is privileged raises
 * "coprocessor unusable" there, with the instruction in BadInstr, and is done by software on the
 * guest's CP0 (te_cp0.c). The guest's TLB is an array that only these instructions touch; the
 * core's is a shadow, filled on demand with what both stages give together (te_tlb.c).
 *
 * Three things are not as on hardware of the guest's own. Privileged instructions that a *user*
 * program of the guest runs raise the guest's own "coprocessor unusable", as they should, but what
 * is unprivileged and tells of the core (RDHWR apart) tells of this one. An FPU is hidden: the
 * guest's kernel emulates it. Where hardware would compare Count and Compare, the root's timer
 * does, a little late; so Cause is not what was last noted there, but what Count makes of it
 * (te_cause()).
 */
#include "te.h"

#include "branch.h"
#include "root.h"
#include "vcpu.h"

#define MUSUK_MASK 0x00700070 /* the access modes of the two segments in a SegCtl */
#define MUSUK      0x00400040

#define HWRENA_ULR (1U << 29)

/* ---- The core ---- */

static bool probe(void)
{
	uint32_t wanted = CONFIG3_SC | CONFIG3_BI | CONFIG3_BP;

	return (read_c0(C0_CONFIG1) & CONFIG_M) && (read_c0(C0_CONFIG2) & CONFIG_M) &&
	       (read_c0(C0_CONFIG3) & wanted) == wanted;
}

static void init(void)
{
	write_c0(C0_SEGCTL0, (read_c0(C0_SEGCTL0) & ~MUSUK_MASK) | MUSUK);
	write_c0(C0_SEGCTL1, (read_c0(C0_SEGCTL1) & ~MUSUK_MASK) | MUSUK);
	write_c0(C0_SEGCTL2, (read_c0(C0_SEGCTL2) & ~MUSUK_MASK) | MUSUK);
	write_c0(C0_WIRED, 0);
	write_c0(C0_PAGEGRAIN, 0);
	te_flush();
}

static bool create(struct mips_guest *guest)
{
	return true;
}

/* All of them: rare, and others refill theirs. */
static void unmap(struct mips_guest *guest)
{
	te_flush();
}

static void destroy(struct mips_guest *guest)
{
	te_flush();
}

/* ---- The vCPU ---- */

static void reset(struct mips_vcpu *vcpu)
{
	struct te *te = &vcpu->te;

	memset(te, 0, sizeof(*te));
	te_reset_cp0(te);
	te->random = TE_TLB - 1;
	te_set_timer(te);
	vcpu->status = irq_status | STATUS_OF_GUEST;
	vcpu->stale = true;
}

static void load(struct mips_vcpu *vcpu)
{
	write_c0(C0_USERLOCAL, vcpu->te.cp0[4][2]);
	write_c0(C0_HWRENA, vcpu->te.cp0[7][0] & HWRENA_ULR);
	vcpu->te.asid = 0;
	vcpu->stale = true;
}

static void save(struct mips_vcpu *vcpu)
{
}

/* ---- Exceptions into the guest ---- */

void te_take(struct mips_vcpu *vcpu, unsigned code, unsigned vector)
{
	uint32_t(*cp0)[8] = vcpu->te.cp0;
	uint32_t base = cp0[12][0] & STATUS_BEV ? 0xbfc00200 : cp0[15][1] & 0xfffff000;

	cp0[13][0] = (cp0[13][0] & ~(uint32_t)CAUSE_CODE) | code << 2;
	if (cp0[12][0] & STATUS_EXL) {
		vector = VECTOR_GENERAL;
	} else {
		bool in_slot = code != EXC_INT && (read_c0(C0_CAUSE) & CAUSE_BD);

		cp0[14][0] = vcpu->pc;
		cp0[13][0] = (cp0[13][0] & ~CAUSE_BD) | (in_slot ? CAUSE_BD : 0);
		cp0[12][0] |= STATUS_EXL;
	}
	vcpu->pc = base + vector;
	vcpu->stale = true;
}

void te_take_address(struct mips_vcpu *vcpu, unsigned code, unsigned vector, uint32_t address)
{
	uint32_t(*cp0)[8] = vcpu->te.cp0;

	cp0[8][0] = address;
	if (code != EXC_ADEL && code != EXC_ADES) {
		cp0[4][0] = (cp0[4][0] & 0xff800000) | (address >> 13 << 4);
		cp0[10][0] = (cp0[10][0] & ENTRYHI_ASID) | (address & ~UINT32_C(0x1fff));
	}
	te_take(vcpu, code, vector);
}

static void inject(struct mips_vcpu *vcpu, unsigned code)
{
	te_take(vcpu, code, VECTOR_GENERAL);
}

/* ---- Timer and interrupts ---- */

uint32_t te_count(const struct te *te)
{
	return (uint32_t)arch_now() + te->cp0[9][0];
}

void te_set_timer(struct te *te)
{
	uint64_t now = arch_now();
	uint32_t left = te->cp0[11][0] - ((uint32_t)now + te->cp0[9][0]);

	te->timer_at = now + (left ? left : UINT64_C(1) << 32);
}

uint32_t te_cause(const struct te *te)
{
	return te->cp0[13][0] | (arch_now() >= te->timer_at ? TE_TIMER : 0);
}

void te_check_timer(struct te *te)
{
	uint64_t now = arch_now();

	if (now < te->timer_at)
		return;
	te->cp0[13][0] |= TE_TIMER;
	te->timer_at += (now - te->timer_at) & ~UINT64_C(0xffffffff);
	te->timer_at += UINT64_C(1) << 32;
}

static bool pending(const struct mips_vcpu *vcpu)
{
	return (te_cause(&vcpu->te) & vcpu->te.cp0[12][0] & STATUS_IM) != 0;
}

static uint64_t timer_at(const struct mips_vcpu *vcpu)
{
	return vcpu->te.timer_at;
}

static bool has_timer(void)
{
	return false;
}

static void lines(struct mips_vcpu *vcpu, uint32_t up)
{
	uint32_t *cause = &vcpu->te.cp0[13][0];

	*cause = (*cause & ~(uint32_t)LINES_ALL) | up;
	vcpu->stale = true;
}

static void set_cause(struct mips_vcpu *vcpu, uint32_t bit)
{
	vcpu->te.cp0[13][0] |= bit;
	vcpu->stale = true;
}

static void prepare(struct mips_vcpu *vcpu)
{
	struct te *te = &vcpu->te;
	const uint32_t off = STATUS_EXL | STATUS_ERL;
	uint32_t status = te->cp0[12][0];

	te_check_timer(te);
	if ((status & (STATUS_IE | off)) == STATUS_IE && (status & te->cp0[13][0] & STATUS_IM))
		te_take(vcpu, EXC_INT,
			te->cp0[13][0] & CAUSE_IV ? VECTOR_INTERRUPT : VECTOR_GENERAL);
	te_set_asid(te);
	vcpu->stale = false;
}

/* ---- Exits ---- */

static void skip(struct mips_vcpu *vcpu)
{
	if (!(read_c0(C0_CAUSE) & CAUSE_BD)) {
		vcpu->pc += 4;
	} else if (!branch_target(read_c0(C0_BADINSTRP), vcpu->pc, vcpu->r, &vcpu->pc)) {
		trap_stop(vcpu, "a branch that cannot be followed", vcpu->pc);
	}
}

static void unusable(struct mips_vcpu *vcpu, uint32_t cause)
{
	struct te *te = &vcpu->te;
	uint32_t unit = cause >> CAUSE_CE_SHIFT & 3;

	if (unit == 0 && (te_is_kernel(te) || te->cp0[12][0] & STATUS_CU0)) {
		te_privileged(vcpu, read_c0(C0_BADINSTR));
		return;
	}
	te->cp0[13][0] = (te->cp0[13][0] & ~(3U << CAUSE_CE_SHIFT)) | unit << CAUSE_CE_SHIFT;
	te_take(vcpu, EXC_CPU, VECTOR_GENERAL);
}

#define RDHWR_MASK 0xffe0003f
#define RDHWR      0x7c00003b

static void reserved(struct mips_vcpu *vcpu)
{
	uint32_t word = read_c0(C0_BADINSTR);

	if ((word & RDHWR_MASK) != RDHWR || !te_rdhwr(vcpu, word))
		te_take(vcpu, EXC_RI, VECTOR_GENERAL);
}

static void exit_of_guest(struct mips_vcpu *vcpu, bool refill)
{
	uint32_t cause = read_c0(C0_CAUSE);
	unsigned code = CAUSE_CODE_OF(cause);

	switch (code) {
	case EXC_MOD:
	case EXC_TLBL:
	case EXC_TLBS:
		te_tlb_exception(vcpu, code, refill);
		break;
	case EXC_CPU:
		unusable(vcpu, cause);
		break;
	case EXC_RI:
		reserved(vcpu);
		break;
	case EXC_ADEL:
	case EXC_ADES:
		te_take_address(vcpu, code, VECTOR_GENERAL, read_c0(C0_BADVADDR));
		break;
	case EXC_IBE:
	case EXC_DBE:
	case EXC_SYS:
	case EXC_BP:
	case EXC_OV:
	case EXC_TR:
		vcpu->te.exits[TE_EXCEPTION]++;
		te_take(vcpu, code, VECTOR_GENERAL);
		break;
	case EXC_MSAFPE:
	case EXC_MSADIS:
	case EXC_DSPDIS:
		te_take(vcpu, EXC_RI, VECTOR_GENERAL);
		break;
	default:
		trap_stop(vcpu, "an exception that the root does not know", code);
		break;
	}
}

static bool translate(struct mips_vcpu *vcpu, uint32_t address, uint64_t *physical)
{
	struct te_mapping mapping;

	if (te_find(&vcpu->te, address, &mapping) != TE_MAPPED)
		return false;
	*physical = mapping.address;
	return true;
}

static uint32_t read_cp0(struct mips_vcpu *vcpu, unsigned number, unsigned select)
{
	return vcpu->te.cp0[number][select];
}

static void say_exits(const struct mips_vcpu *vcpu)
{
	static const char *const names[TE_EXITS] = {
		[TE_CP0_READ] = "cp0_read",
		[TE_CP0_WRITE] = "cp0_write",
		[TE_INTERRUPTS] = "di_ei",
		[TE_ERET] = "eret",
		[TE_TLB_INSTRUCTION] = "tlb_instruction",
		[TE_CACHE] = "cache",
		[TE_WAIT] = "wait",
		[TE_RDHWR] = "rdhwr",
		[TE_SHADOW] = "shadow",
		[TE_GUEST_TLB] = "guest_tlb",
		[TE_ACCESS] = "access",
		[TE_EXCEPTION] = "exception",
	};

	root_print("vio-root: exits:");
	for (unsigned i = 0; i < TE_EXITS; i++)
		root_print(" %s %u", names[i], vcpu->te.exits[i]);
	root_print("\n");
}

const struct backend_ops backend_te = {
	.name = "te",
	.probe = probe,
	.init = init,
	.create = create,
	.destroy = destroy,
	.reset = reset,
	.load = load,
	.save = save,
	.exit = exit_of_guest,
	.prepare = prepare,
	.lines = lines,
	.set_cause = set_cause,
	.pending = pending,
	.timer_at = timer_at,
	.has_timer = has_timer,
	.translate = translate,
	.read_cp0 = read_cp0,
	.skip = skip,
	.inject = inject,
	.unmap = unmap,
	.say_exits = say_exits,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest mode of the VZ ASE.
 *
 * The core has a second CP0 and a second TLB, which the guest uses as if they were all there is;
 * what it calls physical goes through the root's TLB. Guest mode is GuestCtl0.GM with
 * Root.Status.EXL clear: so vectors.S sets GM on its way out, when EXL is set, and clears it before
 * EXL.
 *
 * The guest is given all it may have: its CP0, TLB, Count and timer, CACHE. It exits for
 *
 *	GPSI	a register that the core has once, or that must not be real: PRId, cache tags,
 *		Count if written; WAIT; CACHE by index, without GuestCtl0Ext.CGI
 *	GSFC	fields of Status and Cause that change how the core works: done for it (vz_cp0.c)
 *	HC	HYPCALL
 *	TLB	a guest-physical address that has no entry: memory gets one (vz_tlb.c), the rest
 *		is for trap_access()
 *
 * A guest may be shown an external interrupt controller (its option `eic`, on a core that can):
 * lines then have their number as priority and vector, and GuestCtl2 is the request of the highest.
 * Such a guest's timer is the root's, since the core sends it to the root's controller and not to
 * GuestCtl2.
 *
 * What cores differ in is in struct vz_core, found out once. Guests are told apart in the root's
 * TLB by GuestID, or by the root's ASID where there is none. Both have the numbers from 1 on; a
 * guest keeps its own as long as it lives.
 *
 * A vCPU's CP0 and TLB stay in the core until another is loaded, and are then saved as a whole: a
 * guest's TLB holds what it was told to hold, whoever ran meanwhile.
 */
#include "vz.h"

#include "branch.h"
#include "instruction.h"
#include "root.h"
#include "trap.h"

/* ---- The core ---- */

static bool probe(void)
{
	return (read_c0(C0_CONFIG1) & CONFIG_M) && (read_c0(C0_CONFIG2) & CONFIG_M) &&
	       (read_c0(C0_CONFIG3) & CONFIG3_VZ);
}

static void init(void)
{
	vz_init_cp0();
	vz_init_tlb();
}

static uint32_t ids_taken[256 / 32];

static bool create(struct mips_guest *guest)
{
	for (unsigned id = 1; id <= vz_core.ids; id++) {
		uint32_t bit = UINT32_C(1) << id % 32;

		if (ids_taken[id / 32] & bit)
			continue;
		ids_taken[id / 32] |= bit;
		guest->id = (uint8_t)id;
		return true;
	}
	return false;
}

/* All of them: rare, and others refill theirs. */
static void unmap(struct mips_guest *guest)
{
	vz_flush();
}

static void destroy(struct mips_guest *guest)
{
	vz_unfix(guest);
	vz_flush();
	ids_taken[guest->id / 32] &= ~(UINT32_C(1) << guest->id % 32);
	guest->id = 0;
}

/* ---- The vCPU ---- */

static void reset(struct mips_vcpu *vcpu)
{
	memset(&vcpu->vz, 0, sizeof(vcpu->vz));
	vz_reset_cp0(&vcpu->vz);
	vz_reset_tlb(&vcpu->vz);
	vcpu->vz.timer_at = arch_now() + (UINT64_C(1) << 32);
	vcpu->status = irq_status | STATUS_OF_GUEST;
	vcpu->control = vz_core.control & ~(vcpu->guest->eic ? (uint32_t)GUESTCTL0_GT : 0);
	vcpu->quick = vz_core.bad_instr;
	vcpu->stale = vcpu->guest->eic;
}

static void load(struct mips_vcpu *vcpu)
{
	vz_select(vcpu->guest);
	vz_load_tlb(vcpu);
	vz_load_cp0(vcpu);
}

static void save(struct mips_vcpu *vcpu)
{
	vz_save_cp0(vcpu);
	vz_save_tlb(vcpu);
}

/*
 * The core takes interrupts for the guest by itself; a request of the guest's controller once, and
 * has to be asked again if the line is still up.
 */
static void prepare(struct mips_vcpu *vcpu)
{
	vcpu->stale = vcpu->guest->eic;
	vz_check_timer(vcpu);
	if (vcpu->stale)
		vz_show_lines(vcpu);
}

static void lines(struct mips_vcpu *vcpu, uint32_t up)
{
	if (loaded == vcpu)
		vz_show_lines(vcpu);
}

static void set_cause(struct mips_vcpu *vcpu, uint32_t bit)
{
	if (loaded == vcpu)
		vz_set_cause(bit, bit);
	else
		vcpu->vz.cause |= bit;
}

static bool has_timer(void)
{
	return vz_has_timer(loaded);
}

/* ---- Exceptions into the guest ---- */

static void take(struct mips_vcpu *vcpu, unsigned code, unsigned unit)
{
	uint32_t status = read_gc0(C0_STATUS);
	uint32_t base = status & STATUS_BEV ? 0xbfc00200 : read_gc0(C0_EBASE) & 0xfffff000;
	uint32_t mask = CAUSE_CODE | 3U << CAUSE_CE_SHIFT;

	if (!(status & STATUS_EXL)) {
		mask |= CAUSE_BD;
		write_gc0(C0_EPC, vcpu->pc);
		write_gc0(C0_STATUS, status | STATUS_EXL);
	}
	vz_set_cause(mask, code << 2 | unit << CAUSE_CE_SHIFT | (read_c0(C0_CAUSE) & CAUSE_BD));
	ehb();
	vcpu->pc = base + VECTOR_GENERAL;
}

static void inject(struct mips_vcpu *vcpu, unsigned code)
{
	take(vcpu, code, 0);
}

/* ---- Exits ---- */

uint32_t vz_word(struct mips_vcpu *vcpu)
{
	if (vio_likely(vz_core.bad_instr))
		return read_c0(C0_BADINSTR);
	return vz_fetch(vcpu, vcpu->pc + (read_c0(C0_CAUSE) & CAUSE_BD ? 4 : 0));
}

static void skip(struct mips_vcpu *vcpu)
{
	uint32_t branch;

	if (vio_likely(!(read_c0(C0_CAUSE) & CAUSE_BD))) {
		vcpu->pc += 4;
		return;
	}
	branch = vz_core.bad_instr ? read_c0(C0_BADINSTRP) : vz_fetch(vcpu, vcpu->pc);
	if (!branch_target(branch, vcpu->pc, vcpu->r, &vcpu->pc))
		trap_stop(vcpu, "a branch that cannot be followed", vcpu->pc);
}

static void guest_exit(struct mips_vcpu *vcpu)
{
	unsigned code = GUESTCTL0_GEXC(read_c0(C0_GUESTCTL0));
	uint32_t word;

	switch (code) {
	case GEXC_GPSI:
		vz_privileged(vcpu, vz_word(vcpu));
		break;
	case GEXC_GSFC:
		vz_change(vcpu, vz_word(vcpu));
		break;
	case GEXC_HC:
		word = vz_word(vcpu);
		skip(vcpu);
		trap_hypercall(vcpu, word >> 11 & 0x3ff);
		break;
	case GEXC_GRR:
		take(vcpu, EXC_RI, 0);
		break;
	case GEXC_GHFC: /* done already */
		break;
	default:
		trap_stop(vcpu, "a guest exit that the root does not know", code);
		break;
	}
}

static void exit_of_guest(struct mips_vcpu *vcpu, bool refill)
{
	uint32_t cause = read_c0(C0_CAUSE);
	unsigned code = CAUSE_CODE_OF(cause);

	switch (code) {
	case EXC_MOD:
	case EXC_TLBL:
	case EXC_TLBS:
		vz_tlb_exception(vcpu, code, refill);
		break;
	case EXC_GE:
		guest_exit(vcpu);
		break;
	case EXC_IBE:
	case EXC_DBE:
		take(vcpu, code, 0);
		break;
	case EXC_CPU: /* a unit that the root does not give */
		take(vcpu, code, cause >> CAUSE_CE_SHIFT & 3);
		break;
	case EXC_MSADIS:
	case EXC_DSPDIS:
		take(vcpu, EXC_RI, 0);
		break;
	default:
		trap_stop(vcpu, "an exception that the root does not know", code);
		break;
	}
}

/*
 * LW and SW, of which drivers' accesses are; the core has seen to it that they are aligned. All
 * that is not plain goes the other way: delay slots, cores that tell the virtual address, and what
 * might be the fetch of an instruction, which is at the same place in its page. What CP0 holds is
 * read again rather than kept: that is shorter.
 */
#define LW_OR_SW(word) (((word)&0xdc000000) == 0x8c000000)
#define IS_SW(word)    (((word)&0x20000000) != 0)

enum vz_access vz_window_access(struct mips_vcpu *vcpu)
{
	const struct vio_mmio_window *window = &vcpu->guest->board.window;
	uint32_t within = read_c0(C0_BADVADDR) - (uint32_t)window->base;
	uint32_t word = read_c0(C0_BADINSTR);

	if (within >= window->bytes || read_c0(C0_CAUSE) & CAUSE_BD ||
	    GUESTCTL0_GEXC(read_c0(C0_GUESTCTL0)) != GEXC_GPA || !LW_OR_SW(word) ||
	    ((within ^ vcpu->pc) & (PAGE_SIZE - 1)) == 0)
		return VZ_ACCESS_OTHER;
	if (IS_SW(word)) {
		if (vio_likely(vio_mips_vz_store_word(window, within, vcpu->r[RT(word)],
						      VIO_BIG_ENDIAN))) {
			vcpu->pc += 4;
			return VZ_ACCESS_QUICK;
		}
		trap_outcome(vcpu, VIO_MIPS_VZ_PARK, read_c0(C0_BADVADDR), word, ACCESS_WRITE);
		return VZ_ACCESS_DONE;
	}
	within = vio_mips_vz_load_word(window, within, VIO_BIG_ENDIAN);
	word = RT(read_c0(C0_BADINSTR));
	vcpu->r[word] = within;
	vcpu->r[0] = 0;
	vcpu->pc += 4;
	return VZ_KEPT >> word & 1 ? VZ_ACCESS_DONE : VZ_ACCESS_QUICK;
}

const struct backend_ops backend_vz = {
	.name = "vz",
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
	.pending = vz_pending,
	.timer_at = vz_timer_at,
	.has_timer = has_timer,
	.translate = vz_translate,
	.read_cp0 = vz_read_cp0,
	.skip = skip,
	.inject = inject,
	.unmap = unmap,
	.fix = vz_fix,
};

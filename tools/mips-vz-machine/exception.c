/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions: who takes one, and what each leaves in that context's registers.
 *
 *	in root mode						the root
 *	in guest mode, of the guest's own making		the guest, with no exit
 *		(syscall, overflow, address errors, its TLB, its interrupts, ...)
 *	in guest mode: the root's TLB did not map a guest-physical address; a gate is closed
 *		(GE); bus errors; the root's interrupts		the root: an exit
 *
 * Guest mode is GuestCtl0.GM with Root.Status.EXL and ERL clear, so an exit is nothing but the
 * root's EXL being set: GM stays, and tells the root's handler where the exception came from.
 *
 * BadInstr and BadInstrP are left by what an instruction did, and by nothing if it was not
 * fetched. GuestCtl0.GExcCode is left by GE and by faults of a guest-physical address. The root's
 * GuestCtl1.RID is not touched: its handler has to set it before it writes the TLB.
 */
#include <stdarg.h>
#include <stdio.h>

#include "core.h"

#define VECTOR_BEV     0xbfc00200u
#define OFFSET_REFILL  0x000u
#define OFFSET_GENERAL 0x180u
#define OFFSET_SPECIAL 0x200u

static const char *const names[EXCEPTIONS] = {
	[EXC_INT] = "Int",     [EXC_MOD] = "Mod",   [EXC_TLBL] = "TLBL",   [EXC_TLBS] = "TLBS",
	[EXC_ADEL] = "AdEL",   [EXC_ADES] = "AdES", [EXC_IBE] = "IBE",     [EXC_DBE] = "DBE",
	[EXC_SYS] = "Sys",     [EXC_BP] = "Bp",     [EXC_RI] = "RI",       [EXC_CPU] = "CpU",
	[EXC_OV] = "Ov",       [EXC_TR] = "Tr",     [EXC_TLBRI] = "TLBRI", [EXC_TLBXI] = "TLBXI",
	[EXC_MCHECK] = "MChk", [EXC_GE] = "GE",
};

const char *exception_name(enum exception code)
{
	return names[code] ? names[code] : "?";
}

static void count(struct core *core, enum context context, enum exception code)
{
	if (core_context(core) == context)
		core->counts.exceptions[context][code]++;
	else
		core->counts.exits[code]++;
}

static void go_to(struct core *core, uint32_t address)
{
	struct transfer *entry = &core->trail[core->trail_next++ % TRAIL];

	entry->from = core->at;
	entry->to = address;
	entry->mode = core->mode;
	core->pc = address;
	core->next_pc = address + 4;
	core->slot = false;
}

static void enter(struct core *core, enum context context, enum exception code, uint32_t offset,
		  unsigned set)
{
	uint32_t *cp0 = core->cp0[context];
	uint32_t base = cp0[C0_STATUS] & STATUS_BEV ? VECTOR_BEV : cp0[C0_EBASE] & 0xfffff000u;
	bool nested = cp0[C0_STATUS] & STATUS_EXL;

	count(core, context, code);
	cp0[C0_CAUSE] = (cp0[C0_CAUSE] & ~CAUSE_EXC) | (uint32_t)code << CAUSE_EXC_SHIFT;
	if (!nested) {
		sets_enter(core, context, set);
		cp0[C0_EPC] = core->at_slot ? core->at - 4 : core->at;
		cp0[C0_CAUSE] &= ~CAUSE_BD;
		if (core->at_slot)
			cp0[C0_CAUSE] |= CAUSE_BD;
		if (core->fetched && core->options.badinstr) {
			cp0[C0_BADINSTR] = core->word;
			if (core->at_slot)
				cp0[C0_BADINSTRP] = core->branch_word;
		}
	} else if (offset == OFFSET_REFILL) {
		offset = OFFSET_GENERAL;
	}
	core->fetched = true; /* of the next instruction: unless memory.c finds out otherwise */
	cp0[C0_STATUS] |= STATUS_EXL;
	if (context == ROOT && cp0[C0_STATUS] & STATUS_BEV) {
		core_update_mode(core);
		core_unpredictable(core, "%s while Status.BEV = 1: there is no boot ROM",
				   exception_name(code));
		return;
	}
	core_update_mode(core);
	sets_select(core);
	go_to(core, base + offset);
}

/* The shadow set for all but vectored interrupts. */
static unsigned exception_set(const struct core *core, enum context context)
{
	return sets_field(core->cp0[context][C0_SRSCTL], SRSCTL_ESS_SHIFT);
}

static void set_coprocessor(struct core *core, enum context context, unsigned unit)
{
	uint32_t *cause = &core->cp0[context][C0_CAUSE];

	*cause = (*cause & ~CAUSE_CE) | unit << CAUSE_CE_SHIFT;
}

static void set_guest_exit(struct core *core, enum guest_exit why)
{
	uint32_t *guestctl0 = &core->cp0[ROOT][C0_GUESTCTL0];

	*guestctl0 = (*guestctl0 & ~GUESTCTL0_GEXC) | (uint32_t)why << GUESTCTL0_GEXC_SHIFT;
}

void exception_guest_exit(struct core *core, enum guest_exit why)
{
	core->counts.guest_exits[why]++;
	set_guest_exit(core, why);
	set_coprocessor(core, ROOT, 0);
	enter(core, ROOT, EXC_GE, OFFSET_GENERAL, exception_set(core, ROOT));
}

/*
 * The guest, with GuestCtl0.MC = 1, told its root that EXL changed. All is done already, and the
 * exit is before the next instruction.
 */
static void report_exl(struct core *core)
{
	if (core_context(core) != GUEST || !(core->cp0[ROOT][C0_GUESTCTL0] & GUESTCTL0_MC) ||
	    core->cp0[ROOT][C0_GUESTCTL0EXT] & GUESTCTL0EXT_FCD)
		return;
	core->at = core->pc;
	core->at_slot = false;
	core->fetched = false;
	exception_guest_exit(core, GEXC_GHFC);
}

static void take_by(struct core *core, enum context context, enum exception code, uint32_t offset,
		    unsigned set)
{
	bool nested = core->cp0[context][C0_STATUS] & STATUS_EXL;

	enter(core, context, code, offset, set);
	if (context == GUEST && !nested)
		report_exl(core);
}

static void take(struct core *core, enum context context, enum exception code, uint32_t offset)
{
	take_by(core, context, code, offset, exception_set(core, context));
}

void exception(struct core *core, enum exception code)
{
	/* A bus error is the root's whoever made it. */
	bool of_bus = code == EXC_IBE || code == EXC_DBE;
	enum context context = of_bus ? ROOT : core_context(core);

	set_coprocessor(core, context, 0);
	take(core, context, code, OFFSET_GENERAL);
}

void exception_coprocessor(struct core *core, unsigned unit)
{
	enum context context = core_context(core);

	set_coprocessor(core, context, unit);
	take(core, context, EXC_CPU, OFFSET_GENERAL);
}

void exception_address(struct core *core, enum context context, enum exception code,
		       uint32_t address)
{
	core->cp0[context][C0_BADVADDR] = address;
	set_coprocessor(core, context, 0);
	take(core, context, code, OFFSET_GENERAL);
}

void exception_tlb(struct core *core, enum context context, enum exception code, uint32_t address,
		   bool refill)
{
	uint32_t *cp0 = core->cp0[context];

	cp0[C0_BADVADDR] = address;
	cp0[C0_CONTEXT] = (cp0[C0_CONTEXT] & ~0x007ffff0u) | (address >> 13) << 4;
	cp0[C0_ENTRYHI] = (cp0[C0_ENTRYHI] & ENTRYHI_ASID) | (address & ENTRYHI_VPN2);
	set_coprocessor(core, context, 0);
	take(core, context, code, refill ? OFFSET_REFILL : OFFSET_GENERAL);
}

void exception_guest_physical(struct core *core, enum exception code, uint32_t gva, uint32_t gpa,
			      bool refill)
{
	bool report_gva = core->options.fault_gva;

	core->counts.gpa_faults++;
	set_guest_exit(core, report_gva ? GEXC_GVA : GEXC_GPA);
	exception_tlb(core, ROOT, code, report_gva ? gva : gpa, refill);
}

void exception_reserved(struct core *core)
{
	if (core_context(core) == GUEST && core->cp0[ROOT][C0_GUESTCTL0] & GUESTCTL0_RI)
		exception_guest_exit(core, GEXC_GRR);
	else
		exception(core, EXC_RI);
}

void exception_unpredictable(struct core *core, const char *what)
{
	if (core->mode == ROOT_KERNEL)
		core_unpredictable(core, "%s", what);
	else
		exception_reserved(core);
}

/* What the external interrupt controller asked for: taken, and told to whoever looks. */
static void take_request(struct core *core, enum context context)
{
	struct request request = interrupt_request(core, context);
	uint32_t *cp0 = core->cp0[context];

	cp0[C0_CAUSE] = (cp0[C0_CAUSE] & ~CAUSE_RIPL) | request.priority << CAUSE_RIPL_SHIFT;
	cp0[C0_SRSCTL] = (cp0[C0_SRSCTL] & ~(SRS_MASK << SRSCTL_EICSS_SHIFT)) |
			 request.set << SRSCTL_EICSS_SHIFT;
	if (context == GUEST)
		core->cp0[ROOT][C0_GUESTCTL2] &= ~GUESTCTL2_GRIPL;
	take_by(core, context, EXC_INT,
		OFFSET_SPECIAL + request.vector * (cp0[C0_INTCTL] & INTCTL_VS), request.set);
}

/* Vectored interrupts: of those let through the highest chooses; else one vector for all. */
static void take_line(struct core *core, enum context context)
{
	const uint32_t *cp0 = core->cp0[context];
	uint32_t pending = interrupt_pending(core, context) & cp0[C0_STATUS] & CAUSE_IP;
	uint32_t spacing = cp0[C0_INTCTL] & INTCTL_VS;
	uint32_t line;

	if (!(cp0[C0_CAUSE] & CAUSE_IV)) {
		take(core, context, EXC_INT, OFFSET_GENERAL);
	} else if (!spacing || cp0[C0_STATUS] & STATUS_BEV) {
		take(core, context, EXC_INT, OFFSET_SPECIAL);
	} else {
		line = 31u - (uint32_t)__builtin_clz(pending) - CAUSE_IP_SHIFT;
		take_by(core, context, EXC_INT, OFFSET_SPECIAL + line * spacing,
			sets_field(cp0[C0_SRSMAP], 4 * line));
	}
}

void exception_interrupt(struct core *core, enum context context)
{
	core->at = core->pc;
	core->at_slot = core->slot;
	core->fetched = false;
	set_coprocessor(core, context, 0);
	if (interrupt_by_eic(core, context))
		take_request(core, context);
	else
		take_line(core, context);
	core_attend(core);
}

void exception_return(struct core *core)
{
	enum context context = core_context(core);
	uint32_t *cp0 = core->cp0[context];
	bool from_error = cp0[C0_STATUS] & STATUS_ERL;
	bool had_exl = cp0[C0_STATUS] & STATUS_EXL;

	if (core->at_slot) {
		exception_unpredictable(core, "eret in a delay slot");
		return;
	}
	core->ll_bit[context] = false;
	cp0[C0_STATUS] &= from_error ? ~STATUS_ERL : ~STATUS_EXL;
	if (!from_error)
		sets_return(core, context);
	go_to(core, from_error ? cp0[C0_ERROREPC] : cp0[C0_EPC]);
	core_update_mode(core);
	sets_select(core);
	if (context == GUEST && !from_error && had_exl)
		report_exl(core);
}

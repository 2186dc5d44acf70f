/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What Cause.IP is made of, and which context takes an interrupt. The root's come first; a guest's
 * are taken in guest mode only.
 *
 *	root IP7..2	the lines, and Cause.TI at IntCtl.IPTI
 *	guest IP7..2	GuestCtl2.VIP, or without GuestCtl2 what the root wrote to Guest.Cause.IP;
 *			the lines that GuestCtl0.PIP passes through; Guest.Cause.TI at IPTI
 *	IP1..0		what the context's own mtc0 wrote
 *
 * With an external interrupt controller (Config3.VEIC) IP7..2 are one number instead, the priority
 * that it asks for, and the timers are sources of the controller's. The root's is the board's; a
 * guest's is GuestCtl2, in which the root writes what it asks for, and which asks no more once that
 * is taken. In EIC interrupt mode (IntCtl.VS, Cause.IV, not BEV) the request is taken if its
 * priority is above Status.IPL, and Cause.RIPL is that of the last taken. Else, as after reset, the
 * number's bits are masked one by one, as if they were lines.
 */
#include "board.h"
#include "core.h"

static uint32_t timer_line(const struct core *core, enum context context)
{
	const uint32_t *cp0 = core->cp0[context];

	return cp0[C0_CAUSE] & CAUSE_TI ? 1u << (CAUSE_IP_SHIFT + (cp0[C0_INTCTL] >> 29)) : 0;
}

bool interrupt_has_eic(const struct core *core, enum context context)
{
	return core->cp0[context][C0_CONFIG3] & CONFIG3_VEIC;
}

bool interrupt_by_eic(const struct core *core, enum context context)
{
	const uint32_t *cp0 = core->cp0[context];

	return interrupt_has_eic(core, context) && cp0[C0_INTCTL] & INTCTL_VS &&
	       cp0[C0_CAUSE] & CAUSE_IV && !(cp0[C0_STATUS] & STATUS_BEV);
}

uint32_t interrupt_sources(const struct core *core)
{
	uint32_t lines = core->cp0[ROOT][C0_CAUSE] & CAUSE_IP_SW;

	lines |= core->lines | timer_line(core, ROOT);
	return lines >> CAUSE_IP_SHIFT |
	       (core->cp0[GUEST][C0_CAUSE] & CAUSE_TI ? 1u << SOURCE_GUEST_TIMER : 0);
}

struct request interrupt_request(const struct core *core, enum context context)
{
	uint32_t guestctl2 = core->cp0[ROOT][C0_GUESTCTL2];

	if (context == ROOT)
		return eic_request(&core->board->eic, interrupt_sources(core));
	return (struct request){
		.priority = (guestctl2 & GUESTCTL2_GRIPL) >> GUESTCTL2_RIPL_SHIFT,
		.set = (guestctl2 & GUESTCTL2_GEICSS) >> GUESTCTL2_SS_SHIFT,
		.vector = guestctl2 & GUESTCTL2_GVEC,
	};
}

uint32_t interrupt_pending(const struct core *core, enum context context)
{
	const uint32_t *root = core->cp0[ROOT];
	uint32_t pending = core->cp0[context][C0_CAUSE] & CAUSE_IP_SW;

	if (interrupt_by_eic(core, context))
		return pending | (core->cp0[context][C0_CAUSE] & CAUSE_RIPL);
	if (interrupt_has_eic(core, context))
		return pending | interrupt_request(core, context).priority << CAUSE_RIPL_SHIFT;
	pending |= timer_line(core, context);
	if (context == ROOT)
		return pending | core->lines;
	pending |= core->options.guestctl2 ? root[C0_GUESTCTL2] & GUESTCTL2_VIP
					   : core->cp0[GUEST][C0_CAUSE] & CAUSE_IP_HW;
	return pending | (core->lines & root[C0_GUESTCTL0] & GUESTCTL0_PIP);
}

/* A line that falls takes VIP along where GuestCtl2.HC says so. */
void interrupt_set_lines(struct core *core, uint32_t lines)
{
	uint32_t fallen = core->lines & ~lines;
	uint32_t *guestctl2 = &core->cp0[ROOT][C0_GUESTCTL2];
	uint32_t clear_by_hardware =
		(*guestctl2 & GUESTCTL2_HC) >> (GUESTCTL2_HC_SHIFT - GUESTCTL2_VIP_SHIFT);

	if (!interrupt_has_eic(core, GUEST))
		*guestctl2 &= ~(fallen & clear_by_hardware);
	if (core->lines != lines)
		core_attend(core);
	core->lines = lines;
}

static bool unmasked(const struct core *core, enum context context)
{
	uint32_t status = core->cp0[context][C0_STATUS];

	if (interrupt_by_eic(core, context))
		return interrupt_request(core, context).priority > STATUS_IPL(status);
	return interrupt_pending(core, context) & status & CAUSE_IP;
}

static bool enabled(const struct core *core, enum context context)
{
	uint32_t status = core->cp0[context][C0_STATUS];

	return (status & (STATUS_IE | STATUS_EXL | STATUS_ERL)) == STATUS_IE;
}

bool interrupt_take(struct core *core)
{
	if (enabled(core, ROOT) && unmasked(core, ROOT))
		exception_interrupt(core, ROOT);
	else if (core_context(core) == GUEST && enabled(core, GUEST) && unmasked(core, GUEST))
		exception_interrupt(core, GUEST);
	else
		return false;
	return true;
}

/* As cores with Config7.WII do: whatever Status.IE says. */
bool interrupt_wakes(const struct core *core)
{
	return unmasked(core, ROOT);
}

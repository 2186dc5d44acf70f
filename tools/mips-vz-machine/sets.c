/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shadow sets of the general registers, of which a context has its own few:
 *
 *	root	set n is set n, up to Root.SRSCtl.HSS
 *	guest	set n is set GuestCtl3.GLSS + n, up to Guest.SRSCtl.HSS, which the root writes
 *
 * A context's exceptions go from CSS to ESS, vectored interrupts to what SRSMap or the interrupt
 * controller says, and ERET goes back to PSS. On an exit Root.PSS is the guest's set as the root
 * counts, so that RDPGPR and WRPGPR reach its registers. Entering a guest, what counts is GLSS and
 * Guest.CSS.
 *
 * The set in use is in core->gpr, and is copied when another is: instructions need not know.
 */
#include <string.h>

#include "core.h"

static unsigned field(const struct core *core, enum context context, unsigned shift)
{
	return sets_field(core->cp0[context][C0_SRSCTL], shift);
}

static void set_field(struct core *core, enum context context, unsigned shift, unsigned set)
{
	uint32_t *srsctl = &core->cp0[context][C0_SRSCTL];

	*srsctl = (*srsctl & ~(SRS_MASK << shift)) | set << shift;
}

/* As the root counts. */
static unsigned physical(const struct core *core, enum context context, unsigned shift)
{
	unsigned set = field(core, context, shift);

	return context == GUEST ? set + (core->cp0[ROOT][C0_GUESTCTL3] & SRS_MASK) : set;
}

static bool switches(const struct core *core, enum context context)
{
	return field(core, context, SRSCTL_HSS_SHIFT) &&
	       !(core->cp0[context][C0_STATUS] & STATUS_BEV);
}

/* The root's mistake, whoever's set it is: a guest writes no set numbers. */
static bool is_there(struct core *core, enum context context, unsigned set, const char *what)
{
	unsigned highest = field(core, context, SRSCTL_HSS_SHIFT);

	if (set <= highest)
		return true;
	core_unpredictable(core, "%s%s = %u, but SRSCtl.HSS = %u", context == GUEST ? "Guest." : "",
			   what, set, highest);
	return false;
}

void sets_enter(struct core *core, enum context context, unsigned set)
{
	if (!switches(core, context) || core->cp0[context][C0_STATUS] & STATUS_ERL)
		return;
	if (!is_there(core, context, set, "shadow set of an exception"))
		return;
	/* An exit: from the guest's. */
	set_field(core, context, SRSCTL_PSS_SHIFT,
		  context == ROOT ? physical(core, core_context(core), SRSCTL_CSS_SHIFT)
				  : field(core, GUEST, SRSCTL_CSS_SHIFT));
	set_field(core, context, SRSCTL_CSS_SHIFT, set);
}

void sets_return(struct core *core, enum context context)
{
	if (switches(core, context))
		set_field(core, context, SRSCTL_CSS_SHIFT, field(core, context, SRSCTL_PSS_SHIFT));
}

void sets_select(struct core *core)
{
	enum context context = core_context(core);
	unsigned set = physical(core, context, SRSCTL_CSS_SHIFT);
	unsigned last = physical(core, context, SRSCTL_HSS_SHIFT);

	if (last > core->options.shadow_sets) {
		core_unpredictable(core, "a guest up to shadow set %u, and there are up to %u",
				   last, core->options.shadow_sets);
		return;
	}
	if (set == core->set)
		return;
	memcpy(core->sets[core->set], core->gpr, sizeof(core->gpr));
	memcpy(core->gpr, core->sets[set], sizeof(core->gpr));
	core->set = set;
}

void sets_check(struct core *core, enum context context)
{
	uint32_t map = core->cp0[context][C0_SRSMAP];

	if (!is_there(core, context, field(core, context, SRSCTL_ESS_SHIFT), "SRSCtl.ESS") ||
	    !is_there(core, context, field(core, context, SRSCTL_PSS_SHIFT), "SRSCtl.PSS") ||
	    !is_there(core, context, field(core, context, SRSCTL_CSS_SHIFT), "SRSCtl.CSS"))
		return;
	for (; map; map >>= 4)
		if (!is_there(core, context, map & SRS_MASK, "a set of SRSMap"))
			return;
}

/* The one in use may be the previous one as well. */
static uint32_t *previous(struct core *core)
{
	unsigned set = physical(core, core_context(core), SRSCTL_PSS_SHIFT);

	return set == core->set ? core->gpr : core->sets[set];
}

void sets_read_previous(struct core *core, unsigned rd, unsigned rt)
{
	core->gpr[rd] = previous(core)[rt];
}

void sets_write_previous(struct core *core, unsigned rd, unsigned rt)
{
	if (rd)
		previous(core)[rd] = core->gpr[rt];
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Count and Compare. The root's Count is the time over `count_step`, from `count_since` on; the
 * guest's is that plus GTOffset. With Cause.DC the root's stands still (`count_since` is then the
 * value itself); the guest's, which has no state of its own, only stops matching.
 *
 * A timer is due when Count has just become Compare: in 2^32 ticks if it is now.
 */
#include "core.h"

static bool stands_still(const struct core *core)
{
	return core->cp0[ROOT][C0_CAUSE] & CAUSE_DC;
}

static uint32_t ticks(const struct core *core)
{
	return (uint32_t)(core->now / core->options.count_step);
}

uint32_t timer_count(const struct core *core, enum context context)
{
	uint32_t root = stands_still(core) ? (uint32_t)core->count_since
					   : ticks(core) - (uint32_t)core->count_since;

	return context == ROOT ? root : root + core->cp0[ROOT][C0_GTOFFSET];
}

void timer_set_count(struct core *core, uint32_t count)
{
	core->count_since = stands_still(core) ? count : ticks(core) - count;
	timer_arm(core, ROOT);
	timer_arm(core, GUEST);
}

void timer_arm(struct core *core, enum context context)
{
	uint64_t left = (uint32_t)(core->cp0[context][C0_COMPARE] - timer_count(core, context));
	uint64_t step = core->options.count_step;

	if (core->cp0[context][C0_CAUSE] & CAUSE_DC || stands_still(core) ||
	    (context == GUEST && !core->options.vz))
		core->timer_due[context] = NEVER;
	else
		core->timer_due[context] = (core->now / step + (left ? left : 1ull << 32)) * step;
	core_attend(core);
}

bool timer_expire(struct core *core)
{
	bool expired = false;

	for (enum context context = ROOT; context <= GUEST; context++) {
		if (core->now < core->timer_due[context])
			continue;
		core->cp0[context][C0_CAUSE] |= CAUSE_TI;
		timer_arm(core, context);
		expired = true;
	}
	return expired;
}

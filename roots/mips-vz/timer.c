/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The root's clock and timer.
 *
 * Count has 32 bits and goes round in some seconds; the clock has 64, of which the upper half is
 * counted here. So somebody has to look at least once in each round: the timer is never set further
 * ahead than half of one. It serves two: the scheduler, and the loaded vCPU's own timer if
 * the core does not.
 */
#include "vcpu.h"

#define FURTHEST (UINT64_C(1) << 31)
#define SOON     256 /* ticks: what setting the timer takes at most */

static uint64_t sched_deadline = SCHED_NEVER;

uint64_t arch_now(void)
{
	static uint64_t last;
	uint32_t count = read_c0(C0_COUNT);

	last += count - (uint32_t)last;
	return last;
}

/* Compare is matched, not passed: what is due already is set to be due soon. */
static void set(uint64_t at)
{
	uint64_t now = arch_now();

	if (at > now + FURTHEST)
		at = now + FURTHEST;
	else if (at < now + SOON)
		at = now + SOON;
	write_c0(C0_COMPARE, at);
	ehb();
	for (uint32_t late = SOON; (int32_t)(read_c0(C0_COUNT) - (uint32_t)at) >= 0; late *= 2) {
		at = arch_now() + late;
		write_c0(C0_COMPARE, at);
		ehb();
	}
}

static void set_next(void)
{
	uint64_t at = sched_deadline;

	if (loaded && !backend->has_timer() && backend->timer_at(loaded) < at)
		at = backend->timer_at(loaded);
	set(at);
}

void timer_changed(void)
{
	set_next();
}

void arch_timer(uint64_t deadline)
{
	sched_deadline = deadline;
	set_next();
}

void timer_interrupt(void)
{
	uint64_t now = arch_now();

	if (now >= sched_deadline) {
		sched_here()->changed = true; /* which sets the timer anew */
		sched_here()->attention = true;
		sched_deadline = SCHED_NEVER;
	}
	if (loaded && !backend->has_timer() && now >= backend->timer_at(loaded))
		loaded->stale = true;
	set_next();
}

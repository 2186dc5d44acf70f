/* SPDX-License-Identifier: BSD-2-Clause */
/* The core's life: reset, running, what stops it, and the time it idles away. */
#include "core.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "board.h"
#include "gdb.h"
#include "trace.h"

#define ARGUMENTS_BY_UHI ~0u
#define STOPPED_STATUS   126
#define LIMIT_STATUS     124

static bool host_is_big_endian(void)
{
	const uint16_t one = 1;

	return !*(const uint8_t *)&one;
}

void core_set_byte_order(struct core *core, bool big_endian)
{
	uint32_t flip = big_endian != host_is_big_endian();

	core->big_endian = big_endian;
	core->byte_flip = flip * 3;
	core->half_flip = flip * 2;
}

void core_reset(struct core *core, uint32_t entry)
{
	core->pc = entry;
	core->next_pc = entry + 4;
	core->gpr[4] = ARGUMENTS_BY_UHI;
	core->fetch_tag = SOFT_NOTHING;
	core->pages = core->soft[ROOT_KERNEL];
	core->mode = ROOT_KERNEL;
	cp0_reset(core);
	tlb_reset(core);
	timer_arm(core, ROOT);
	timer_arm(core, GUEST);
}

void core_settle_counts(struct core *core)
{
	core->counts.instructions[core->mode] += core->now - core->mode_since;
	core->mode_since = core->now;
}

void core_update_mode(struct core *core)
{
	uint32_t root = core->cp0[ROOT][C0_STATUS];
	bool guest =
		core->cp0[ROOT][C0_GUESTCTL0] & GUESTCTL0_GM && !(root & (STATUS_EXL | STATUS_ERL));
	uint32_t status = core->cp0[guest ? GUEST : ROOT][C0_STATUS];
	bool user = (status & (STATUS_UM | STATUS_EXL | STATUS_ERL)) == STATUS_UM;
	enum mode mode = (guest ? GUEST_KERNEL : ROOT_KERNEL) + user;

	if (mode == core->mode)
		return;
	core_settle_counts(core);
	core->mode = mode;
	sets_select(core);
	core->pages = core->soft[mode];
	core->fetch_tag = SOFT_NOTHING;
	core_attend(core);
}

void core_stop(struct core *core, int status)
{
	if (!core->stopped)
		core->status = status;
	core->stopped = true;
	core_attend(core);
}

void core_unpredictable(struct core *core, const char *format, ...)
{
	va_list arguments;

	if (core->stopped)
		return;
	board_flush(core->board);
	fputs("machine: UNPREDICTABLE: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	trace_dump(core, stderr);
	core_stop(core, STOPPED_STATUS);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t next_event(const struct core *core)
{
	uint64_t next = earlier(core->timer_due[ROOT], board_due(core->board));

	next = earlier(earlier(next, core->timer_due[GUEST]), core->limit);
	return earlier(next, trace_due(core->trace, core->now));
}

/* Timers that may end WAIT: the guest's too, where the root's interrupt controller has it. */
static uint64_t next_timer(const struct core *core)
{
	uint64_t next = core->timer_due[ROOT];

	return core->options.eic ? earlier(next, core->timer_due[GUEST]) : next;
}

/* WAIT: time passes, instructions do not. */
static void idle(struct core *core)
{
	uint64_t until = earlier(next_timer(core), core->limit);

	if (next_timer(core) == NEVER && !board_waits(core->board)) {
		core_unpredictable(core, "wait, and nothing can end it");
		return;
	}
	until = board_idle(core->board, core->now, until, core->gdb ? core->gdb->socket : -1);
	if (until > core->now) {
		core->mode_since += until - core->now;
		core->now = until;
	}
}

static void poll(struct core *core)
{
	if (core->now >= board_due(core->board))
		board_poll(core->board, core->now);
	interrupt_set_lines(core, board_lines(core->board));
	timer_expire(core);
	if (core->now >= core->limit) {
		board_flush(core->board);
		fprintf(stderr, "machine: gave up after %llu instructions\n",
			(unsigned long long)core->limit);
		core_stop(core, LIMIT_STATUS);
	}
}

/* All that is due before the next instruction. */
static void attend(struct core *core)
{
	uint64_t debugger = NEVER;

	poll(core);
	while (core->waiting && !core->stopped && !interrupt_wakes(core)) {
		idle(core);
		poll(core);
		if (core->gdb)
			gdb_attend_waiting(core->gdb);
	}
	core->waiting = false;
	if (core->stopped)
		return;
	interrupt_take(core);
	if (core->trace)
		trace_step(core);
	if (core->gdb)
		debugger = gdb_attend(core->gdb);
	core->event = earlier(next_event(core), debugger);
}

void core_run(struct core *core)
{
	while (!core->stopped) {
		attend(core);
		if (!core->stopped)
			core_run_until_event(core);
	}
	core_settle_counts(core);
}

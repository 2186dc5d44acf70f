/* SPDX-License-Identifier: BSD-2-Clause */
#include "trace.h"

#include <inttypes.h>
#include <string.h>

static const char mode_letters[MODES] = { 'R', 'r', 'G', 'g' };

uint64_t trace_due(const struct trace *trace, uint64_t now)
{
	if (!trace)
		return NEVER;
	return now + 1 > trace->from ? now + 1 : trace->from;
}

void trace_step(struct core *core)
{
	struct trace *trace = core->trace;

	if (core->now < trace->from)
		return;
	if (trace->running) {
		fprintf(trace->file, "%" PRIu64 " %c %08x %08x", core->now,
			mode_letters[core->mode], core->at, core->word);
		for (unsigned i = 1; i < 32; i++)
			if (core->gpr[i] != trace->gpr[i])
				fprintf(trace->file, " $%u=%08x", i, core->gpr[i]);
		if (core->hi != trace->hi || core->lo != trace->lo)
			fprintf(trace->file, " hi=%08x lo=%08x", core->hi, core->lo);
		if (core->pc != core->at + 4)
			fprintf(trace->file, " -> %08x", core->pc);
		fputc('\n', trace->file);
	}
	trace->running = true;
	memcpy(trace->gpr, core->gpr, sizeof(trace->gpr));
	trace->hi = core->hi;
	trace->lo = core->lo;
}

static void dump_cp0(const struct core *core, enum context context, FILE *file)
{
	unsigned column = 0;

	fprintf(file, "%s:", context == ROOT ? "root" : "guest");
	for (unsigned number = 0; number < CP0_REGISTERS; number++) {
		if (!cp0_has(core, context, number) || !core->cp0[context][number])
			continue;
		fprintf(file, "%s%s=%08x", column++ % 6 ? " " : "\n  ", cp0_register(number)->name,
			core->cp0[context][number]);
	}
	fputc('\n', file);
}

void trace_dump(const struct core *core, FILE *file)
{
	fprintf(file, "at %08x%s, word %08x, mode %c, after %" PRIu64 " instructions\n", core->at,
		core->at_slot ? " (in a delay slot)" : "", core->word, mode_letters[core->mode],
		core->now);
	for (unsigned i = 0; i < 32; i++)
		fprintf(file, "%s$%u=%08x", i % 8 ? " " : "\n  ", i, core->gpr[i]);
	fprintf(file, "\n  hi=%08x lo=%08x\n", core->hi, core->lo);
	dump_cp0(core, ROOT, file);
	if (core->options.vz)
		dump_cp0(core, GUEST, file);
	fputs("the last transfers of control, the latest at the end:\n", file);
	for (unsigned i = 0; i < TRAIL; i++) {
		const struct transfer *entry = &core->trail[(core->trail_next + i) % TRAIL];

		if (entry->from || entry->to)
			fprintf(file, "  %c %08x -> %08x\n", mode_letters[entry->mode], entry->from,
				entry->to);
	}
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A line of counts:
 *
 *	WHAT root_kernel=N root_user=N guest_kernel=N guest_user=N exits=N [KIND=N]...
 *
 * WHAT is `interval` or `total`; exits are the root exceptions taken from guest mode, in all and by
 * kind: GPSI, GSFC, ... for guest exits proper, else the exception's name; gpa=N are those among
 * them in which the root's TLB had no page for the guest.
 */
#include "count.h"

#include <inttypes.h>

static const char *const modes[MODES] = { "root_kernel", "root_user", "guest_kernel",
					  "guest_user" };

static const char *const guest_exits[GUEST_EXITS] = {
	[GEXC_GPSI] = "GPSI", [GEXC_GSFC] = "GSFC", [GEXC_HC] = "HC",
	[GEXC_GRR] = "GRR",   [GEXC_GHFC] = "GHFC",
};

static void kind(FILE *file, const char *name, uint64_t number)
{
	if (name && number)
		fprintf(file, " %s=%" PRIu64, name, number);
}

static void report(FILE *file, const char *what, const struct counts *now,
		   const struct counts *since)
{
	uint64_t exits = 0;

	fputs(what, file);
	for (int mode = 0; mode < MODES; mode++)
		fprintf(file, " %s=%" PRIu64, modes[mode],
			now->instructions[mode] - since->instructions[mode]);
	for (int code = 0; code < EXCEPTIONS; code++)
		exits += now->exits[code] - since->exits[code];
	fprintf(file, " exits=%" PRIu64, exits);
	for (int why = 0; why < GUEST_EXITS; why++)
		kind(file, guest_exits[why], now->guest_exits[why] - since->guest_exits[why]);
	for (enum exception code = 0; code < EXCEPTIONS; code++)
		if (code != EXC_GE)
			kind(file, exception_name(code), now->exits[code] - since->exits[code]);
	kind(file, "gpa", now->gpa_faults - since->gpa_faults);
	fputc('\n', file);
	fflush(file);
}

void count_marker(struct core *core, enum marker marker)
{
	struct count_file *counts = core->count_file;
	const struct counts nothing = { 0 };

	if (!counts)
		return;
	core_settle_counts(core);
	if (marker == MARKER_BEGIN)
		counts->begun = core->counts;
	else
		report(counts->file, marker == MARKER_END ? "interval" : "total", &core->counts,
		       marker == MARKER_END ? &counts->begun : &nothing);
}

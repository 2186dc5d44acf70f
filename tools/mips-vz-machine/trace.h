/* SPDX-License-Identifier: BSD-2-Clause */
/* A line for every instruction, and what there is to say of a machine that had to stop. */
#ifndef TRACE_H
#define TRACE_H

#include <stdio.h>

#include "core.h"

struct trace {
	FILE *file;
	uint64_t from; /* the first instruction of interest */
	bool running;  /* there are registers to compare with */
	uint32_t gpr[32], hi, lo;
};

/*
 * Of the instruction that was executed last: time, mode (R, r, G, g: root or guest, kernel or
 * user), address, word, registers that changed, and where it went if not to the next.
 */
void trace_step(struct core *core);

/* When trace_step() is needed; `trace` may be NULL. */
uint64_t trace_due(const struct trace *trace, uint64_t now);

/* Registers, CP0 of both contexts, the last transfers of control. */
void trace_dump(const struct core *core, FILE *file);

#endif

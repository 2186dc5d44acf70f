/* SPDX-License-Identifier: BSD-2-Clause */
/* A doorbell, its interrupt and a console, for a bare-metal guest of board v1. */
#ifndef BELL_H
#define BELL_H

#include <stdbool.h>
#include <stdint.h>

#define BELL_NOW   1
#define BELL_LATER 2

/* Sets up the doorbell of this number and its interrupt. NULL: it is not there, or has no buffer.
 */
void *bell_open(unsigned number, uint64_t *bytes);

/* What was written to the buffer is there before. */
void bell_ring(unsigned number, uint32_t when);

/* Sleeps until a bell rings, and silences it. */
void bell_wait(void);

/* Ticks of the counter. */
static inline uint64_t ticks(void)
{
	uint64_t value;

	__asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(value)::"memory");
	return value;
}

static inline uint64_t ticks_hz(void)
{
	uint64_t value;

	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(value));
	return value;
}

/* By the board's early console. */
void say(const char *text);
void say_number(uint64_t value);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Measures 100 times a second, puts that where the panel sees it, and rings. */
#include "bare.h"

#define RATE       100
#define RING_LATER 2 /* when this vCPU leaves the CPU, which is at once */

/* For want of anything to measure: 21 degrees and what the counter makes of it, in thousandths. */
static uint32_t measure(void)
{
	return 21000 + (uint32_t)(ticks() * UINT64_C(0x9e3779b97f4a7c15) >> 55);
}

static void set_timer(uint64_t at)
{
	__asm__ volatile("msr cntv_cval_el0, %0\n\tmsr cntv_ctl_el0, %1\n\tisb" ::"r"(at),
			 "r"(UINT64_C(1)));
}

void guest_main(void)
{
	const uint64_t period = ticks_per_second() / RATE;
	uint64_t next = ticks();

	print("measures\n");
	wake_by(TIMER_INTID);
	for (;;) {
		uint32_t n = SAMPLES->written;

		next += period;
		if (next < ticks())
			next = ticks(); /* what was missed is missed */
		while (ticks() < next) {
			set_timer(next);
			sleep();
		}
		SAMPLES->value[n % SAMPLES_COUNT] = measure();
		__asm__ volatile("dmb sy" ::: "memory");
		SAMPLES->written = n + 1;
		store(BELL_RING, RING_LATER);
	}
}

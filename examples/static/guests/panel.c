/* SPDX-License-Identifier: BSD-2-Clause */
/* Shows, every five seconds or so, what the sensor has measured. It can only read that. */
#include "bare.h"

#define SHOWN 500 /* samples a line */

static uint32_t seen;

static void show(void)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < SHOWN; i++)
		sum += SAMPLES->value[(seen + i) % SAMPLES_COUNT];
	seen += SHOWN;
	print("mean of samples to ");
	print_number(seen);
	print(": ");
	print_number((uint32_t)(sum / SHOWN));
	print(" m\302\260C\n");
}

void guest_main(void)
{
	print("waits for samples\n");
	wake_by(BELL_INTID);
	for (;;) {
		store(BELL_STATUS, UINT32_MAX); /* before looking: nothing is missed */
		/* All that was measured before it started, or while it was away, is too old. */
		if (SAMPLES->written - seen > SAMPLES_COUNT)
			seen = SAMPLES->written;
		while (SAMPLES->written - seen >= SHOWN)
			show();
		sleep();
	}
}

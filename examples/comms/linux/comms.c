/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The asker as a program of a Linux guest: finds its doorbell in the device tree and reaches page
 * and buffer by /dev/mem. It has no interrupt there, so it looks for the answer: at once, for an
 * answerer of a higher priority has run before its ring returns, and then each millisecond.
 */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "doorbell.h"
#include "figures.h"

static struct doorbell doorbell;

static void ask(volatile struct channel *channel, uint32_t when)
{
	uint32_t number = channel->asked + 1;

	__sync_synchronize();
	channel->asked = number;
	doorbell_ring(&doorbell, when);
	while (channel->answered != number)
		usleep(1000);
	__sync_synchronize();
}

static uint64_t ticks(void)
{
	uint64_t value = 0;

	__asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(value)::"memory");
	return value;
}

static void say(const char *name, uint64_t value, const char *unit)
{
	printf("comms: linux-to-bare %s %" PRIu64 " %s\n", name, value, unit);
}

int main(void)
{
	static const struct figures figures = { .ask = ask, .ticks = ticks, .say = say };

	doorbell = doorbell_open(sizeof(struct channel) + FIGURES_BLOCK);
	figures_measure(&figures, doorbell.buffer);
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What both askers, the bare-metal one and the Linux program, measure. */
#ifndef FIGURES_H
#define FIGURES_H

#include "channel.h"

#define FIGURES_ROUNDS            1000
#define FIGURES_BLOCK             (64U << 10) /* bytes */
#define FIGURES_BLOCKS            64
/* One tick of the counter is so many instructions of the machine, where QEMU counts time by them.
 */
#define FIGURES_TICK_INSTRUCTIONS 16

struct figures {
	/* Asks what stands in the channel, ringing BELL_NOW (1) or BELL_LATER (2); has the answer.
	 */
	void (*ask)(volatile struct channel *channel, uint32_t when);
	uint64_t (*ticks)(void);
	void (*say)(const char *name, uint64_t value, const char *unit);
};

static inline void figures_ask(const struct figures *figures, volatile struct channel *channel,
			       uint32_t question, uint32_t seed, uint32_t when)
{
	channel->question = question;
	channel->bytes = FIGURES_BLOCK;
	channel->seed = seed;
	figures->ask(channel, when);
}

static inline void figures_round_trips(const struct figures *figures,
				       volatile struct channel *channel, const char *name,
				       uint32_t question, uint32_t when)
{
	uint64_t began = 0;
	uint32_t i = 0;

	figures_ask(figures, channel, question, 0, when);
	began = figures->ticks();
	for (i = 0; i < FIGURES_ROUNDS; i++)
		figures_ask(figures, channel, question, 0, when);
	figures->say(name, (figures->ticks() - began) * FIGURES_TICK_INSTRUCTIONS / FIGURES_ROUNDS,
		     "instructions");
}

/* Data is made by one side and summed up by the other; both sums have to be the same. */
static inline void figures_data(const struct figures *figures, volatile struct channel *channel,
				const char *name, uint32_t question)
{
	uint64_t began = figures->ticks();
	uint32_t wrong = 0;
	uint32_t i = 0;

	for (i = 0; i < FIGURES_BLOCKS; i++) {
		uint64_t sum = 0;

		if (question == CHANNEL_SUM)
			sum = channel_fill(channel->data, FIGURES_BLOCK, i);
		figures_ask(figures, channel, question, i, 1);
		if (question == CHANNEL_FILL)
			sum = channel_sum(channel->data, FIGURES_BLOCK);
		wrong += sum != channel->sum;
	}
	figures->say(name,
		     (figures->ticks() - began) * FIGURES_TICK_INSTRUCTIONS * 1024 /
			     ((uint64_t)FIGURES_BLOCKS * FIGURES_BLOCK),
		     "instructions/KiB");
	figures->say(name, wrong, "wrong");
}

static inline void figures_measure(const struct figures *figures, volatile struct channel *channel)
{
	/* The first answer says that the other one is there. */
	figures_ask(figures, channel, CHANNEL_PING, 0, 1);
	figures_round_trips(figures, channel, "round-trip", CHANNEL_PING, 1);
	figures_round_trips(figures, channel, "round-trip-later", CHANNEL_LATER, 2);
	figures_data(figures, channel, "send", CHANNEL_SUM);
	figures_data(figures, channel, "receive", CHANNEL_FILL);
}

#endif

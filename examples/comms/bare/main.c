/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A bare-metal guest with doorbells. Its boot arguments say what it is:
 *
 *	role=answer	answers what is asked by doorbell 0, and with role=answer2 by 1, for ever
 *	role=ask	asks by doorbell 0, measures, says the figures, and is over
 */
#include "bell.h"
#include "channel.h"
#include "figures.h"

#define BELLS 2

static struct end {
	volatile struct channel *channel; /* NULL: there is no such doorbell */
	uint32_t room;                    /* for data, in bytes */
	uint32_t done;                    /* number of the last question that was answered */
} ends[BELLS];

static bool open_end(unsigned number)
{
	struct end *end = &ends[number];
	uint64_t bytes = 0;

	end->channel = bell_open(number, &bytes);
	if (!end->channel || bytes < sizeof(struct channel) + FIGURES_BLOCK)
		return false;
	end->room = CHANNEL_BYTES(bytes);
	end->done = end->channel->answered;
	return true;
}

static void barrier(void)
{
	__asm__ volatile("dmb sy" ::: "memory");
}

/* The tree, which has the boot arguments somewhere, is searched for the word. */
static bool is(const char *fdt, const char *word)
{
	for (unsigned at = 0; at < 16384; at++) {
		unsigned i = 0;

		while (word[i] && fdt[at + i] == word[i])
			i++;
		if (!word[i])
			return true;
	}
	return false;
}

/* ---- Answering ---- */

/* All that the other one has written may be anything, and is looked at once. */
static uint32_t answer(volatile struct channel *channel, uint32_t room)
{
	uint32_t question = channel->question;
	uint32_t bytes = channel->bytes & ~7U;

	if (bytes > room)
		bytes = 0;
	if (question == CHANNEL_SUM)
		channel->sum = channel_sum(channel->data, bytes);
	else if (question == CHANNEL_FILL)
		channel->sum = channel_fill(channel->data, bytes, channel->seed);
	return question == CHANNEL_LATER ? BELL_LATER : BELL_NOW;
}

/* Whether there was a question. */
static bool answer_one(unsigned number)
{
	struct end *end = &ends[number];
	uint32_t when;
	uint32_t asked;

	if (!end->channel)
		return false;
	asked = end->channel->asked;
	if (asked == end->done)
		return false;
	barrier();
	when = answer(end->channel, end->room);
	barrier();
	end->done = asked;
	end->channel->answered = asked;
	bell_ring(number, when);
	return true;
}

static void answer_all(void)
{
	for (;;) {
		bool any = false;

		for (unsigned number = 0; number < BELLS; number++)
			any |= answer_one(number);
		if (!any)
			bell_wait();
	}
}

/* ---- Asking ---- */

static void ask(volatile struct channel *channel, uint32_t when)
{
	uint32_t number = channel->asked + 1;

	barrier();
	channel->asked = number;
	bell_ring(0, when);
	while (channel->answered != number)
		bell_wait();
}

static void say_figure(const char *name, uint64_t value, const char *unit)
{
	say("comms: bare-to-bare ");
	say(name);
	say(" ");
	say_number(value);
	say(" ");
	say(unit);
	say("\n");
}

void guest_main(const char *fdt);
void guest_main(const char *fdt)
{
	static const struct figures figures = { .ask = ask, .ticks = ticks, .say = say_figure };
	bool open = open_end(0);

	if (is(fdt, "role=answer")) {
		if (is(fdt, "role=answer2"))
			open_end(1);
		answer_all();
	} else if (open) {
		figures_measure(&figures, ends[0].channel);
	} else {
		say("comms: there is no doorbell 0 with a buffer\n");
	}
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What stands in the buffer between the two of this example: one asks, the other answers.
 *
 *	asker		fills in the data and the question, then counts `asked` up, and rings
 *	answerer	takes the question, answers, then sets `answered` to `asked`, and rings
 *
 * Each word has one writer. On CPUs of little-endian order.
 */
#ifndef CHANNEL_H
#define CHANNEL_H

#include <stdint.h>

enum channel_question {
	CHANNEL_PING,  /* nothing but the answer */
	CHANNEL_SUM,   /* the sum of `bytes` of data, in `sum` */
	CHANNEL_FILL,  /* `bytes` of data with what channel_fill() makes of `seed`, their sum in
			  `sum` */
	CHANNEL_LATER, /* as PING, and the answerer rings for later */
};

struct channel {
	/* The asker's. */
	uint32_t asked;
	uint32_t question;
	uint32_t bytes; /* a multiple of 8 */
	uint32_t seed;
	uint32_t asker_space[12];
	/* The answerer's. */
	uint32_t answered;
	uint32_t answerer_space;
	uint64_t sum;
	uint32_t padding[1004];
	uint64_t data[];
};

#define CHANNEL_BYTES(size) ((uint32_t)((size) - sizeof(struct channel)))

/* The buffer may be mapped as device memory: whole words, aligned, and never twice. */
static inline uint64_t channel_sum(const volatile uint64_t *data, uint32_t bytes)
{
	uint64_t sum = 0;
	uint32_t i = 0;

	for (i = 0; i < bytes / 8; i++)
		sum = (sum << 1 | sum >> 63) ^ data[i];
	return sum;
}

static inline uint64_t channel_fill(volatile uint64_t *data, uint32_t bytes, uint32_t seed)
{
	uint64_t value = seed;
	uint64_t sum = 0;
	uint32_t i = 0;

	for (i = 0; i < bytes / 8; i++) {
		value = value * UINT64_C(6364136223846793005) + 1442695040888963407;
		data[i] = value;
		sum = (sum << 1 | sum >> 63) ^ value;
	}
	return sum;
}

#endif

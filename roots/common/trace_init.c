/* SPDX-License-Identifier: BSD-2-Clause */
#include "trace.h"

#include "machine.h"
#include "options.h"
#include "pages.h"
#include "root.h"
#include "text.h"

#define PAGE          4096
#define DEFAULT_BYTES (4 << 20)

static uint64_t option_bytes(void)
{
	const char *value;
	uint64_t bytes;

	if (!options_find(machine.bootargs, "trace", &value))
		return 0;
	if (options_is(value, ""))
		return DEFAULT_BYTES;
	bytes = options_size(value);
	if (bytes < PAGE || bytes > UINT32_MAX)
		root_fatal("trace= is no number of bytes such as 4M, from %u on", PAGE);
	return bytes;
}

/* The largest that is not above `most`, which is not 0. */
static uint32_t power_of_two(uint64_t most)
{
	uint32_t power = 1;

	while (power <= most / 2)
		power *= 2;
	return power;
}

void trace_init(void)
{
	static const char magic[] = "VIO trace ring"; /* the rest of 16 bytes is zero */
	uint64_t bytes = option_bytes();
	struct trace_ring *ring;
	uint64_t at;

	if (!bytes)
		return;
	at = pages_take(bytes, PAGE);
	if (at == PAGES_NONE)
		root_fatal("the trace ring does not fit: %lu bytes, and %lu are there in one piece",
			   (unsigned long)bytes, (unsigned long)pages_largest(PAGE));
	ring = arch_pointer(at);
	memset(ring, 0, sizeof(*ring));
	memcpy(ring->magic, magic, sizeof(magic));
	ring->event_size = sizeof(struct trace_event);
	ring->capacity = power_of_two((bytes - sizeof(*ring)) / sizeof(struct trace_event));
	ring->frequency = arch_frequency();
	trace = ring;
}

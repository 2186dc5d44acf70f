/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "pages.h"
#include "vio_types.h"

#define PIECES 16
#define PAGE   4096

static struct piece {
	uint64_t base;
	uint64_t size;
} pieces[PIECES];
static unsigned count;

void pages_add(uint64_t base, uint64_t size)
{
	if (size && count < PIECES)
		pieces[count++] = (struct piece){ base, size };
}

void pages_reserve(uint64_t base, uint64_t size)
{
	uint64_t end = (base + size + PAGE - 1) & ~(uint64_t)(PAGE - 1);
	unsigned before = count;

	base &= ~(uint64_t)(PAGE - 1);
	for (unsigned i = 0; i < before; i++) {
		struct piece *piece = &pieces[i];
		uint64_t piece_end = piece->base + piece->size;

		if (base >= piece_end || end <= piece->base)
			continue;
		if (end < piece_end)
			pages_add(end, piece_end - end);
		piece->size = base > piece->base ? base - piece->base : 0;
	}
}

/* What is left of a piece above its first aligned address. */
static uint64_t aligned_size(const struct piece *piece, uint64_t alignment)
{
	uint64_t lost = -piece->base & (alignment - 1);

	return piece->size > lost ? piece->size - lost : 0;
}

uint64_t pages_largest(uint64_t alignment)
{
	uint64_t size = 0;

	for (unsigned i = 0; i < count; i++) {
		if (aligned_size(&pieces[i], alignment) > size)
			size = aligned_size(&pieces[i], alignment);
	}
	return size & ~(alignment - 1);
}

/* From the smallest piece that will do, and from its end: large ones stay large for the guests. */
uint64_t pages_take(uint64_t size, uint64_t alignment)
{
	struct piece *best = NULL;
	uint64_t base;
	uint64_t end;

	size = (size + PAGE - 1) & ~(uint64_t)(PAGE - 1);
	for (unsigned i = 0; i < count; i++) {
		if (size <= aligned_size(&pieces[i], alignment) &&
		    (!best || pieces[i].size < best->size))
			best = &pieces[i];
	}
	if (!best || !size)
		return PAGES_NONE;
	end = best->base + best->size;
	base = (end - size) & ~(alignment - 1);
	best->size = base - best->base;
	pages_add(base + size, end - (base + size));
	return base;
}

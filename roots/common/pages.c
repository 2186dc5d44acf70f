/* SPDX-License-Identifier: BSD-2-Clause */
#include "pages.h"
#include "root.h"

#define PAGE 4096

/* In no order. None touches another, none is empty. */
static struct piece {
	uint64_t base;
	uint64_t size;
} pieces[PAGES_PIECES];
static unsigned count;

static void drop(unsigned i)
{
	pieces[i] = pieces[--count];
}

/* Grown by its neighbours first. */
void pages_add(uint64_t base, uint64_t size)
{
	for (unsigned i = 0; i < count;) {
		const struct piece piece = pieces[i];

		if (piece.base + piece.size != base && base + size != piece.base) {
			i++;
			continue;
		}
		if (piece.base < base)
			base = piece.base;
		size += piece.size;
		drop(i);
	}
	if (size == 0)
		return;
	if (count == PAGES_PIECES)
		root_fatal("memory is in more than %u pieces", PAGES_PIECES);
	pieces[count++] = (struct piece){ base, size };
}

static uint64_t round_up(uint64_t n)
{
	return (n + PAGE - 1) & ~(uint64_t)(PAGE - 1);
}

void pages_give(uint64_t base, uint64_t size)
{
	pages_add(base, round_up(size));
}

/* Takes [base, end), of which piece `i` has some, out of it. */
static void cut(unsigned i, uint64_t base, uint64_t end)
{
	const struct piece piece = pieces[i];

	drop(i);
	if (base > piece.base)
		pages_add(piece.base, base - piece.base);
	if (end < piece.base + piece.size)
		pages_add(end, piece.base + piece.size - end);
}

void pages_reserve(uint64_t base, uint64_t size)
{
	uint64_t end = round_up(base + size);

	base &= ~(uint64_t)(PAGE - 1);
	for (unsigned i = 0; i < count;) {
		if (base < pieces[i].base + pieces[i].size && end > pieces[i].base) {
			cut(i, base, end);
			i = 0;
		} else {
			i++;
		}
	}
}

bool pages_piece(unsigned i, uint64_t *base, uint64_t *size)
{
	if (i >= count)
		return false;
	*base = pieces[i].base;
	*size = pieces[i].size;
	return true;
}

uint64_t pages_free(void)
{
	uint64_t size = 0;

	for (unsigned i = 0; i < count; i++)
		size += pieces[i].size;
	return size;
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
	unsigned best = PAGES_PIECES;
	uint64_t base;

	size = round_up(size);
	for (unsigned i = 0; i < count; i++) {
		if (size <= aligned_size(&pieces[i], alignment) &&
		    (best == PAGES_PIECES || pieces[i].size < pieces[best].size))
			best = i;
	}
	if (best == PAGES_PIECES || !size)
		return PAGES_NONE;
	base = (pieces[best].base + pieces[best].size - size) & ~(alignment - 1);
	cut(best, base, base + size);
	return base;
}

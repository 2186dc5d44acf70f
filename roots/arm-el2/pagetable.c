/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "arm.h"
#include "pagetable.h"

#define LEVEL_FIRST 1
#define LEVEL_LAST  3
#define ENTRIES     512

static unsigned level_shift(unsigned level)
{
	return PAGE_SHIFT + 9 * (LEVEL_LAST - level);
}

/* The table below `entry`: the one there, a split of the block there, or a new one. */
static uint64_t *descend(struct pagetable *table, uint64_t *entry, unsigned level)
{
	uint64_t old = *entry;
	uint64_t *next;

	if ((old & (PTE_VALID | PTE_TABLE)) == (PTE_VALID | PTE_TABLE))
		return (uint64_t *)((old & PTE_ADDRESS) + LINEAR);
	next = table->new_page();
	if (!next)
		return NULL;
	if (old & PTE_VALID) {
		uint64_t step = 1ULL << level_shift(level + 1);

		if (level + 1 == LEVEL_LAST)
			old |= PTE_TABLE;
		for (unsigned i = 0; i < ENTRIES; i++)
			next[i] = old + i * step;
	}
	dsb();
	*(volatile uint64_t *)entry = ((uint64_t)next - LINEAR) | PTE_VALID | PTE_TABLE;
	return next;
}

static bool map_one(struct pagetable *table, uint64_t from, uint64_t to, uint64_t leaf,
		    unsigned last)
{
	uint64_t *entries = table->top;

	for (unsigned level = LEVEL_FIRST; level < last; level++) {
		entries = descend(table, &entries[(from >> level_shift(level)) % ENTRIES], level);
		if (!entries)
			return false;
	}
	if (leaf)
		leaf |= to | PTE_VALID | (last == LEVEL_LAST ? PTE_TABLE : 0);
	*(volatile uint64_t *)&entries[(from >> level_shift(last)) % ENTRIES] = leaf;
	return true;
}

bool pagetable_map(struct pagetable *table, uint64_t from, uint64_t to, uint64_t size,
		   uint64_t leaf)
{
	while (size) {
		unsigned level = LEVEL_FIRST;
		uint64_t step = 1ULL << level_shift(level);

		while (level < LEVEL_LAST && (((from | to) & (step - 1)) || step > size))
			step = 1ULL << level_shift(++level);
		if (!map_one(table, from, to, leaf, level))
			return false;
		from += step;
		to += step;
		size -= step;
	}
	dsb();
	return true;
}

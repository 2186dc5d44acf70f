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

/* The table that an entry above the last level leads to, or NULL. */
static uint64_t *below(uint64_t entry)
{
	if ((entry & (PTE_VALID | PTE_TABLE)) != (PTE_VALID | PTE_TABLE))
		return NULL;
	return (uint64_t *)((entry & PTE_ADDRESS) + LINEAR);
}

/* The table below `entry`: the one there, a split of the block there, or a new one. */
static uint64_t *descend(struct pagetable *table, uint64_t *entry, unsigned level)
{
	uint64_t old = *entry;
	uint64_t *next = below(old);

	if (next)
		return next;
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

void pagetable_free(struct pagetable *table, void (*free_page)(uint64_t *page))
{
	for (unsigned i = 0; i < ENTRIES; i++) {
		uint64_t *middle = below(table->top[i]);

		for (unsigned j = 0; middle && j < ENTRIES; j++) {
			uint64_t *last = below(middle[j]);

			if (last)
				free_page(last);
		}
		if (middle)
			free_page(middle);
	}
	free_page(table->top);
}

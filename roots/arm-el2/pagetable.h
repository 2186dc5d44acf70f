/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Translation tables of three levels over 39 bits, 4 KiB granule. Stage 1 of EL2 and stage 2 of
 * every guest have this geometry and differ only in the attribute bits of a leaf.
 */
#ifndef PAGETABLE_H
#define PAGETABLE_H

#include <stdbool.h>
#include <stdint.h>

struct pagetable {
	uint64_t *top;               /* one page, root's address */
	uint64_t *(*new_page)(void); /* a zeroed page for a table, NULL when there is none */
};

/*
 * Maps `size` bytes at `from` to physical `to`, with leaves as large as alignment allows, over
 * whatever was there; a block in the way is split. All multiples of 4 KiB. `leaf`: attribute bits;
 * 0 unmaps. False: no page for a table, and part of the range may be mapped. TLBs are the caller's.
 */
bool pagetable_map(struct pagetable *table, uint64_t from, uint64_t to, uint64_t size,
		   uint64_t leaf);

/* Hands all pages of the table to `free_page`. Nobody translates by it any more. */
void pagetable_free(struct pagetable *table, void (*free_page)(uint64_t *page));

#endif

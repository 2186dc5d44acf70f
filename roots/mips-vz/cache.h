/* SPDX-License-Identifier: BSD-2-Clause */
/* The core's first-level caches, as Config1 describes them. */
#ifndef CACHE_H
#define CACHE_H

#include <stdbool.h>
#include <stdint.h>

/* Reads what there is of them: first. */
void cache_init(void);

/* Makes what was written to memory here what is fetched from there. Whole lines. */
void cache_clean(const void *start, uint64_t size);
void cache_clean_all(void);

/* Bytes of a data cache line; 0: there are no caches. */
uint32_t cache_line(void);

/* Whether CACHE with this operation takes an index, and not an address. */
static inline bool cache_is_indexed(unsigned operation)
{
	return operation >> 2 < 4;
}

#endif

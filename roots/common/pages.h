/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Physical memory of the machine that nobody has taken yet. Taken at start-up for as long as the
 * machine runs: guests' memory, RAM disks, translation tables. No heap.
 */
#ifndef PAGES_H
#define PAGES_H

#include <stdint.h>

#define PAGES_NONE UINT64_MAX

/* `size` bytes at physical `base` are free. */
void pages_add(uint64_t base, uint64_t size);

/* Something stands at [base, base + size): the pages it touches are not to be given away. */
void pages_reserve(uint64_t base, uint64_t size);

/*
 * Contiguous memory, whole pages, not zeroed; `alignment` is a power of two from 4096. PAGES_NONE:
 * no piece is large enough.
 */
uint64_t pages_take(uint64_t size, uint64_t alignment);

/* The most that pages_take() would give. */
uint64_t pages_largest(uint64_t alignment);

#endif

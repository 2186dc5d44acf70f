/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Physical memory of the machine that nobody has taken yet: for guests' memory, RAM disks and
 * translation tables. A few large pieces, in whole pages; no heap.
 */
#ifndef PAGES_H
#define PAGES_H

#include <stdbool.h>
#include <stdint.h>

#define PAGES_NONE   UINT64_MAX
#define PAGES_PIECES 64 /* at most */

/* `size` bytes at physical `base` are free. */
void pages_add(uint64_t base, uint64_t size);

/* Something stands at [base, base + size): the pages it touches are not to be given away. */
void pages_reserve(uint64_t base, uint64_t size);

/*
 * Contiguous memory, whole pages, not zeroed; `alignment` is a power of two from 4096. PAGES_NONE:
 * no piece is large enough.
 */
uint64_t pages_take(uint64_t size, uint64_t alignment);

/* Gives back `size` bytes that were taken, and which hold nothing that others may not read. */
void pages_give(uint64_t base, uint64_t size);

/* One after the other, from `i` 0 on, the pieces that are there. False: that was the last. */
bool pages_piece(unsigned i, uint64_t *base, uint64_t *size);

/* Bytes that are there. */
uint64_t pages_free(void);

/* The most that pages_take() would give. */
uint64_t pages_largest(uint64_t alignment);

#endif

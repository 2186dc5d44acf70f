/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loads and stores of the running program. What was translated once is found again in the mode's
 * soft pages; everything else, devices included, goes the slow way.
 *
 * RAM is kept as 32-bit words of the host. A byte's place in its word is then the host's matter
 * for a core of the host's byte order, and mirrored (address ^ 3, halves ^ 2) for the other: that
 * is byte_flip and half_flip. So words, which are what is accessed most, need no swapping.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <string.h>

#include "core.h"

static inline const struct soft_page *soft_page(const struct core *core, uint32_t address)
{
	return &core->pages[address >> PAGE_SHIFT & (SOFT_PAGES - 1)];
}

/* The tag an access of `size` bytes (a constant) finds only if it is aligned. */
static inline uint32_t soft_tag(uint32_t address, unsigned size)
{
	return address & (~(PAGE_SIZE - 1) | (size - 1));
}

static inline uint32_t flip_of(const struct core *core, unsigned size)
{
	return size == 1 ? core->byte_flip : size == 2 ? core->half_flip : 0;
}

static inline uint32_t host_load(const uint8_t *at, unsigned size)
{
	uint16_t half;
	uint32_t word;

	if (size == 1)
		return *at;
	if (size == 2) {
		memcpy(&half, at, 2);
		return half;
	}
	memcpy(&word, at, 4);
	return word;
}

static inline void host_store(uint8_t *at, unsigned size, uint32_t value)
{
	uint16_t half = (uint16_t)value;

	if (size == 1)
		*at = (uint8_t)value;
	else if (size == 2)
		memcpy(at, &half, 2);
	else
		memcpy(at, &value, 4);
}

static inline bool memory_load(struct core *core, uint32_t address, unsigned size, uint32_t *value)
{
	const struct soft_page *page = soft_page(core, address);

	if (__builtin_expect(page->tag[READ] != soft_tag(address, size), 0))
		return memory_load_slow(core, address, size, value);
	*value = host_load(page->host + ((address & (PAGE_SIZE - 1)) ^ flip_of(core, size)), size);
	return true;
}

static inline bool memory_store(struct core *core, uint32_t address, unsigned size, uint32_t value)
{
	const struct soft_page *page = soft_page(core, address);

	if (__builtin_expect(page->tag[WRITE] != soft_tag(address, size), 0))
		return memory_store_slow(core, address, size, value);
	host_store(page->host + ((address & (PAGE_SIZE - 1)) ^ flip_of(core, size)), size, value);
	return true;
}

/* The word an unaligned access touches, for lwl and the like: NULL after an exception. */
uint32_t *memory_word(struct core *core, uint32_t address, enum access access);

#endif

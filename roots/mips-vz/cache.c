/* SPDX-License-Identifier: BSD-2-Clause */
#include "cache.h"
#include "mips.h"

/* Operations of CACHE (MIPS32 volume II). */
#define INDEX_INVALIDATE_I 0x00
#define INDEX_WRITEBACK_D  0x01
#define HIT_INVALIDATE_I   0x10
#define HIT_WRITEBACK_D    0x15

#define CACHE_OP(operation, at)                                                                    \
	__asm__ volatile("cache %0, 0(%1)" ::"i"(operation), "r"(at) : "memory")

struct cache {
	uint32_t line; /* bytes; 0: there is none */
	uint32_t size;
};

/* `shift`: where Config1 has the cache's associativity, with line size and sets above it. */
static struct cache describe(unsigned shift)
{
	uint32_t config = read_c0(C0_CONFIG1) >> shift;
	uint32_t line = config >> 3 & 7;
	uint32_t sets = config >> 6 & 7;
	uint32_t ways = (config & 7) + 1;
	struct cache cache = { 0 };

	if (line == 0)
		return cache;
	cache.line = UINT32_C(2) << line;
	cache.size = cache.line * ways * (sets == 7 ? 32 : UINT32_C(64) << sets);
	return cache;
}

#define INSTRUCTIONS 16
#define DATA         7

static struct cache instructions, data;

void cache_init(void)
{
	instructions = describe(INSTRUCTIONS);
	data = describe(DATA);
}

static void barrier(void)
{
	__asm__ volatile("sync" ::: "memory");
	ehb();
}

void cache_clean(const void *start, uint64_t size)
{
	uint32_t at = (uint32_t)(uintptr_t)start;
	uint32_t end = at + (uint32_t)size;

	/* Every line of it, or all lines there are. */
	if (size > data.size && size > instructions.size) {
		cache_clean_all();
		return;
	}
	for (uint32_t i = at & -data.line; data.line && i < end; i += data.line)
		CACHE_OP(HIT_WRITEBACK_D, i);
	barrier();
	for (uint32_t i = at & -instructions.line; instructions.line && i < end;
	     i += instructions.line)
		CACHE_OP(HIT_INVALIDATE_I, i);
	barrier();
}

void cache_clean_all(void)
{
	for (uint32_t i = 0; i < data.size; i += data.line)
		CACHE_OP(INDEX_WRITEBACK_D, KSEG0 + i);
	barrier();
	for (uint32_t i = 0; i < instructions.size; i += instructions.line)
		CACHE_OP(INDEX_INVALIDATE_I, KSEG0 + i);
	barrier();
}

uint32_t cache_line(void)
{
	return data.line;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What a guest reaches of the machine's memory: its own, and what it shares. */
#include "el1.h"

#define SHARED         0x20000000UL
#define SHARED_AS_ROM  0x28000000UL
#define STEP           0x200000UL
#define DATA_ABORT     0x25
#define FAULT_EXTERNAL 0x10

#define CAUGHT_AS_IT_HAS_TO                                                                        \
	(caught.count == 1 && CAUGHT_CLASS == DATA_ABORT && CAUGHT_FAULT == FAULT_EXTERNAL)

static uint64_t reads_through(uint64_t address)
{
	caught_reset();
	load32(address);
	return !CAUGHT_AS_IT_HAS_TO;
}

static uint64_t writes_through(uint64_t address)
{
	caught_reset();
	store32(address, 0xbad);
	return !CAUGHT_AS_IT_HAS_TO;
}

/* Of all addresses at which the machine, or a guest, has memory: those from `own_end` to `end`. */
void test_isolation(uint64_t own_end, uint64_t end)
{
	uint64_t bad = 0;

	for (uint64_t at = own_end; at < end; at += STEP)
		bad += reads_through(at) + writes_through(at);
	check("isolation: beyond its own memory there is nothing", bad, 0);
}

/* The same memory where writes are ignored: those that tell the hypervisor what they are, and
 * others. */
static void test_ignored(uint32_t first)
{
	uint64_t at = SHARED_AS_ROM;
	uint64_t bad = 0;

	caught_reset();
	store32(at, 0xbad);
	__asm__ volatile("str %w1, [%0], #4\n\tstp %w1, %w1, [%0, #12]"
			 : "+r"(at)
			 : "r"(0xbadUL)
			 : "memory");
	bad += caught.count != 0;
	bad += at != SHARED_AS_ROM + 4;
	bad += load32(SHARED_AS_ROM) != first;
	bad += load32(SHARED_AS_ROM + 16) != first + 4;
	check("shared: what is written where writes are ignored is lost", bad, 0);
}

/* `size` bytes that others have, too, and write `seed` and the index into; it may only read, or it
 * is who writes. */
void test_shared(uint64_t size, uint32_t seed, bool read_only)
{
	volatile uint32_t *word = (volatile uint32_t *)SHARED;
	uint64_t bad = 0;

	if (!read_only) {
		for (unsigned i = 1; i < size / 4; i++)
			word[i] = seed + i;
		__asm__ volatile("dmb sy" ::: "memory");
		word[0] = seed;
		return;
	}
	while (word[0] != seed)
		;
	for (unsigned i = 1; i < size / 4; i++)
		bad += word[i] != seed + i;
	check("shared: what another has written is there", bad, 0);
	for (uint64_t at = SHARED; at < SHARED + size; at += 4096)
		bad += writes_through(at) + (*(volatile uint32_t *)at == 0xbad);
	check("shared: what it may only read it cannot write", bad, 0);
	test_ignored(seed);
	bad = reads_through(SHARED + size) + reads_through(SHARED - 4);
	check("shared: before and behind it there is nothing", bad, 0);
}

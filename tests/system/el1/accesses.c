/* SPDX-License-Identifier: BSD-2-Clause */
/* Row 70: accesses of every kind to register banks, and accesses to nothing. */
#include "el1.h"

#define MAGIC       0x74726976
#define DATA_ABORT  0x25
#define INSTR_ABORT 0x21
#define EXTERNAL    0x10

static void expect_abort(const char *name, uint64_t far)
{
	check(name, caught.count == 1 ? caught.esr & ~0x40UL & 0xffffffff : 0,
	      (uint64_t)DATA_ABORT << 26 | 1 << 25 | EXTERNAL);
	check("... with its address", caught.far, far);
	caught_reset();
}

static void test_pairs(void)
{
	uint64_t first;
	uint64_t second;
	uint64_t base = SLOT;

	__asm__ volatile("ldp %w0, %w1, [%2]" : "=&r"(first), "=&r"(second) : "r"(SLOT) : "memory");
	check("70 ldp of a slot: first", first, MAGIC);
	check("70 ldp of a slot: second", second, 2);
	__asm__ volatile("ldr %w0, [%1], #4" : "=&r"(first), "+r"(base)::"memory");
	check("70 post-index: value", first, MAGIC);
	check("70 post-index: base", base, SLOT + 4);
	__asm__ volatile("ldr %w0, [%1, #-4]!" : "=&r"(first), "+r"(base)::"memory");
	check("70 pre-index: value", first, MAGIC);
	check("70 pre-index: base", base, SLOT);
	__asm__ volatile("ldp %w0, %w1, [%2]"
			 : "=&r"(first), "=&r"(second)
			 : "r"(GICD + 4)
			 : "memory");
	check("70 ldp of the distributor: first", first, load32(GICD + 4));
	check("70 ldp of the distributor: second", second, load32(GICD + 8));
	base = UART + 0x18;
	__asm__ volatile("ldrb %w0, [%1], #1" : "=&r"(first), "+r"(base)::"memory");
	check("70 post-index of the UART: value", first, load32(UART + 0x18) & 0xff);
	check("70 post-index of the UART: base", base, UART + 0x19);
	__asm__ volatile("ldrsh %w0, [%1]" : "=&r"(first) : "r"(SLOT + 2) : "memory");
	check("70 half a register is no access to it", first, 0);
	check("70 none of these is an abort", caught.count, 0);
	caught_reset();
}

static void test_refused(void)
{
	uint64_t value;
	uint64_t other;

	__asm__ volatile(".arch_extension simd\n\tldr q31, [%0]" ::"r"(SLOT) : "memory");
	expect_abort("70 SIMD load", SLOT);
	__asm__ volatile("ldxr %w0, [%1]" : "=r"(value) : "r"(SLOT) : "memory");
	expect_abort("70 exclusive load", SLOT);
	__asm__ volatile("ldp %w0, %w1, [%2]"
			 : "=&r"(value), "=&r"(other)
			 : "r"(WINDOW_END - 4)
			 : "memory");
	expect_abort("70 pair over the window's end", WINDOW_END - 4);
	__asm__ volatile("ldr %0, [%1]" : "=r"(value) : "r"(WINDOW_END - 4) : "memory");
	check("70 load over the window's end: an abort", caught.count, 1);
	caught_reset();
	__asm__ volatile("ldp %w0, %w1, [%2]"
			 : "=&r"(value), "=&r"(other)
			 : "r"(GICD + 0xfffc)
			 : "memory");
	check("70 pair over a bank's end: an abort", caught.count, 1);
	caught_reset();
}

static void test_nothing(void)
{
	void (*nowhere)(void) = (void (*)(void))NOTHING;

	load32(NOTHING);
	expect_abort("72 load from nothing", NOTHING);
	store32(NOTHING + 4, 1);
	check("72 store to nothing: a write", caught.esr & 0x40, 0x40);
	expect_abort("72 store to nothing", NOTHING + 4);
	store32(0x04000000, 1);
	expect_abort("72 store to read-only memory", 0x04000000);
	check("72 read-only memory is zero", load32(0x04000000), 0);
	nowhere();
	check("72 jump to nothing", CAUGHT_CLASS, INSTR_ABORT);
	check("... with its address", caught.elr, NOTHING);
	caught_reset();
	mmu_off();
	check("72 without its MMU the guest sees the same", load32(SLOT), MAGIC);
	mmu_on();
}

void test_accesses(void)
{
	test_pairs();
	test_refused();
	test_nothing();
}

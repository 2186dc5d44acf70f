/* SPDX-License-Identifier: BSD-2-Clause */
#include "mmu.h"
#include "pagetable.h"
#include "pages.h"
#include "root.h"
#include "stack.h"

#define LEAF_DATA    (PTE_XN | PTE_AF | PTE_SH_INNER | PTE_ATTR(0))
#define LEAF_CONST   (LEAF_DATA | PTE_READ_ONLY)
#define LEAF_CODE    (PTE_AF | PTE_SH_INNER | PTE_ATTR(0) | PTE_READ_ONLY)
#define LEAF_DEVICE  (PTE_XN | PTE_AF | PTE_ATTR(1))
#define DEVICES_SIZE 0x40000000

extern char root_start[], text_end[], rodata_end[];

/* Memory's own leaves need a table or two for what is no whole GiB, the image's borders three more.
 */
static _Alignas(PAGE_SIZE) uint64_t pool[8][PAGE_SIZE / sizeof(uint64_t)];
static unsigned pool_used;
static const uint64_t *top;

static uint64_t *pool_page(void)
{
	return pool_used < sizeof(pool) / sizeof(pool[0]) ? pool[pool_used++] : NULL;
}

static bool map_range(struct pagetable *table, const char *start, const char *end, uint64_t leaf)
{
	return pagetable_map(table, (uint64_t)start, to_physical(start), (uint64_t)(end - start),
			     leaf);
}

void mmu_init(uint64_t ram_base, uint64_t ram_size)
{
	struct pagetable table = { pool_page(), pool_page };
	bool ok;

	ok = pagetable_map(&table, LINEAR, 0, DEVICES_SIZE, LEAF_DEVICE) &&
	     pagetable_map(&table, LINEAR + ram_base, ram_base, ram_size, LEAF_DATA) &&
	     map_range(&table, root_start, text_end, LEAF_CODE) &&
	     map_range(&table, text_end, rodata_end, LEAF_CONST);
	for (unsigned i = 0; i < CPUS_MAX; i++)
		ok = ok && pagetable_map(&table, (uint64_t)stacks[i].hole, 0, PAGE_SIZE, 0);
	if (!ok)
		root_fatal("no room for the root's own page tables");
	dsb();
	top = table.top;
	mmu_join();
}

void mmu_join(void)
{
	/*
	 * The code runs at addresses that both tables map alike, so the switch needs no detour;
	 * what differs in block size is not touched in between.
	 */
	write_sysreg(ttbr0_el2, to_physical(top));
	isb();
	__asm__ volatile("tlbi alle2\n\tdsb sy\n\tisb" ::: "memory");
	write_sysreg(sctlr_el2, SCTLR_VALUE | SCTLR_WXN);
	isb();
}

void cache_clean(const void *start, size_t size)
{
	uint64_t line = 4ULL << ((read_sysreg(ctr_el0) >> 16) & 15);
	uint64_t at = (uint64_t)start & ~(4 * line - 1);
	uint64_t end = (uint64_t)start + size;

	/* Four at a time: this runs over whole guests. Lines beside the range come to no harm. */
	for (; at < end; at += 4 * line) {
		__asm__ volatile("dc civac, %0\n\t"
				 "dc civac, %1\n\t"
				 "dc civac, %2\n\t"
				 "dc civac, %3" ::"r"(at),
				 "r"(at + line), "r"(at + 2 * line), "r"(at + 3 * line)
				 : "memory");
	}
	dsb();
}

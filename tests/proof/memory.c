/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest memory itself: all tables of up to REGIONS regions. BITS of addresses and sizes are free:
 * 64, or fewer, and then they are those near 0 and near 2^64.
 */
#define TRANSLATION
#include "untouched.h"
#include "world.h"
#include "vio_memory.c"

#ifndef REGIONS
#define REGIONS 2
#endif
#ifndef BITS
#define BITS 64
#endif

/* One more than are valid in the beginning, for the region that is added. */
static struct vio_region regions[REGIONS + 1];
static struct vio_memory table;

/* Nothing wraps, and the root does have the bytes behind it. */
static bool region_ok(const struct vio_region *region)
{
	return (region->size != 0) & (region->base + region->size > region->base) &
	       is_guests(region->data, region->size, VIO_ACCESS_READ_WRITE) &
	       (region->access <= VIO_ACCESS_READ_WRITE);
}

/* `region` holds the guest addresses `addr` to `addr + len - 1`. */
static bool holds(const struct vio_region *region, uint64_t addr, uint64_t len)
{
	return (addr >= region->base) & (addr - region->base < region->size) &
	       (len <= region->size - (addr - region->base));
}

static bool disjoint(const struct vio_region *a, const struct vio_region *b)
{
	return (a->base + a->size <= b->base) | (b->base + b->size <= a->base);
}

/* Two that should be one. */
static bool mergeable(const struct vio_region *a, const struct vio_region *b)
{
	return (a->access == b->access) & (a->base + a->size == b->base) &
	       (offset_of(a->data) + a->size == offset_of(b->data));
}

/* The table as vio_memory_add() leaves it. Without branches: the prover likes one expression. */
static bool table_ok(void)
{
	bool ok = (table.regions == regions) & (table.count <= table.capacity);

	for (unsigned i = 0; i < REGIONS + 1; i++) {
		bool valid = i < table.count;

		ok &= !valid | region_ok(&regions[i]);
		for (unsigned j = 0; j < i; j++)
			ok &= !valid | (disjoint(&regions[i], &regions[j]) &
					!mergeable(&regions[i], &regions[j]) &
					!mergeable(&regions[j], &regions[i]));
	}
	/* The hot path's copy of the first. */
	ok &= (table.base == regions[0].base) & (table.data == regions[0].data) &
	      (table.bytes[0] == ((regions[0].access & VIO_ACCESS_READ) ? regions[0].size : 0)) &
	      (table.bytes[VIO_DESC_F_WRITE] ==
	       ((regions[0].access & VIO_ACCESS_WRITE) ? regions[0].size : 0));
	return ok & ((table.count != 0) | (regions[0].size == 0));
}

static uint64_t any_address(void)
{
	return (uint64_t)((int64_t)(nondet_u64() << (64 - BITS)) >> (64 - BITS));
}

/* Pointers cannot be guessed, so one is made. */
static struct vio_region any_region(void)
{
	struct vio_region region = nondet_region();
	uint64_t offset = nondet_u64();

	ASSUME(offset <= sizeof(memory));
	region.base = any_address();
	region.size = any_address();
	region.data = memory + offset;
	return region;
}

/* Any table of at most `count` regions that vio_memory_add() can have made. */
static void any_table(unsigned count, unsigned capacity)
{
	for (unsigned i = 0; i < REGIONS + 1; i++)
		regions[i] = any_region();
	table.regions = regions;
	table.count = nondet_u32();
	table.capacity = capacity;
	table.base = regions[0].base;
	table.data = regions[0].data;
	table.bytes[0] = nondet_u64();
	table.bytes[VIO_DESC_F_WRITE] = nondet_u64();
	ASSUME(table.count <= count);
	ASSUME(table_ok());
}

/* The result is the root's address of exactly those bytes, or NULL, never anything else. */
void translation(void)
{
	uint64_t addr = nondet_u64();
	uint64_t len = nondet_u64();
	unsigned access = nondet_u32();
	const struct vio_region *wanted = NULL;
	uint8_t *found = NULL;

	any_table(REGIONS, REGIONS);
	found = vio_memory_at(&table, addr, len, access);

	for (unsigned i = 0; i < REGIONS; i++) {
		if (i < table.count && holds(&regions[i], addr, len) &&
		    (access & ~regions[i].access) == 0)
			wanted = &regions[i];
	}
	PROVE((found != NULL) == (wanted != NULL));
	if (found) {
		PROVE(found == wanted->data + (addr - wanted->base));
		PROVE(__CPROVER_rw_ok(found, len));
	}
}

/* What the table says of guest address `addr`: where the root sees it, or NULL, and the access. */
static const uint8_t *lookup(uint64_t addr, unsigned *access)
{
	const uint8_t *found = NULL;

	*access = 0;
	for (unsigned i = 0; i < REGIONS + 1; i++) {
		bool hit = (i < table.count) & holds(&regions[i], addr, 1);

		found = hit ? regions[i].data + (addr - regions[i].base) : found;
		*access = hit ? regions[i].access : *access;
	}
	return found;
}

/*
 * Adding keeps the table in order: no two regions overlap, none should have been merged. Afterwards
 * the table knows the addresses it knew, in the same places, and the new ones, or nothing changed.
 * It succeeds unless it must not.
 */
void adding(void)
{
	struct vio_region region;
	uint64_t addr = any_address();
	const uint8_t *before = NULL;
	const uint8_t *after = NULL;
	unsigned access_before = 0;
	unsigned access_after = 0;
	bool overlaps = false;
	bool merges = false;
	bool added = false;
	bool is_new = false;
	unsigned count = 0;

	any_table(REGIONS, REGIONS + 1);
	table.capacity = nondet_u32();
	ASSUME(table.capacity >= 1 && table.capacity >= table.count &&
	       table.capacity <= REGIONS + 1);
	region = any_region();
	/* The root vouches for what it adds: the memory is there, and the access is one. */
	ASSUME(region.size <= sizeof(memory) - offset_of(region.data));
	ASSUME(region.access <= VIO_ACCESS_READ_WRITE);
	for (unsigned i = 0; i < REGIONS; i++) {
		bool valid = i < table.count;

		overlaps |= valid & !disjoint(&regions[i], &region);
		merges |=
			valid & (mergeable(&regions[i], &region) | mergeable(&region, &regions[i]));
	}
	count = table.count;
	before = lookup(addr, &access_before);
	added = vio_memory_add(&table, region);
	after = lookup(addr, &access_after);

	PROVE(table_ok());
	is_new = added & holds(&region, addr, 1);
	PROVE(!is_new | !before);
	PROVE(after == (is_new ? region.data + (addr - region.base) : before));
	PROVE(access_after == (is_new ? region.access : access_before));
	PROVE(added == (region_ok(&region) & !overlaps & (merges | (count < table.capacity))));
	PROVE(added | (table.count == count));
}

/* What vio_memory_init() makes is a guest memory that knows no address. */
void starting(void)
{
	struct vio_region storage = nondet_region();

	vio_memory_init(&table, &storage, 1);
	PROVE(table.count == 0 && table.regions == &storage && storage.size == 0);
	PROVE(vio_memory_at(&table, nondet_u64(), nondet_u64(), nondet_u32()) == NULL);
}

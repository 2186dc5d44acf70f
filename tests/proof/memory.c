/* SPDX-License-Identifier: BSD-2-Clause */
/* Translation, for all guest memories of up to REGIONS regions and all arguments. */
#include "world.h"

/* The result is the root's address of exactly those bytes, or NULL, never anything else. */
void translation(void)
{
	uint64_t addr = nondet_u64();
	uint64_t len = nondet_u64();
	unsigned access = nondet_u32();
	const struct vio_region *wanted = NULL;
	uint8_t *found = NULL;

	any_memory(REGIONS, REGIONS);
	found = vio_memory_at(&memory, addr, len, access);

	for (unsigned i = 0; i < REGIONS; i++) {
		if (i < memory.count && holds(&regions[i], addr, len) &&
		    (access & ~regions[i].access) == 0)
			wanted = &regions[i];
	}
	PROVE((found != NULL) == (wanted != NULL));
	if (found) {
		PROVE(found == wanted->data + (addr - wanted->base));
		PROVE(__CPROVER_rw_ok(found, len));
		PROVE(inside_a_region(found, len, access));
	}
}

/* What the table says of guest address `addr`: where the root sees it, or NULL, and the access. */
static const uint8_t *lookup(uint64_t addr, unsigned *access)
{
	const uint8_t *found = NULL;

	*access = 0;
	for (unsigned i = 0; i < REGIONS + 1; i++) {
		bool hit = (i < memory.count) & holds(&regions[i], addr, 1);

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

	any_memory(REGIONS, REGIONS + 1);
	memory.capacity = nondet_u32();
	ASSUME(memory.capacity >= 1 && memory.capacity >= memory.count &&
	       memory.capacity <= REGIONS + 1);
	region = any_region();
	/* The root vouches for what it adds: the memory is there, and the access is one. */
	ASSUME(region.size <= root_size - root_offset(region.data));
	ASSUME(region.access <= VIO_ACCESS_READ_WRITE);
	for (unsigned i = 0; i < REGIONS; i++) {
		bool valid = i < memory.count;

		overlaps |= valid & !disjoint(&regions[i], &region);
		merges |=
			valid & (mergeable(&regions[i], &region) | mergeable(&region, &regions[i]));
	}
	count = memory.count;
#ifdef COUNT
	ASSUME(memory.count == COUNT);
	memory.count = COUNT;
#endif
	before = lookup(addr, &access_before);
	added = vio_memory_add(&memory, region);
	after = lookup(addr, &access_after);

	PROVE(memory_ok());
	is_new = added & holds(&region, addr, 1);
	PROVE(!is_new | !before);
	PROVE(after == (is_new ? region.data + (addr - region.base) : before));
	PROVE(access_after == (is_new ? region.access : access_before));
	PROVE(added == (region_ok(&region) & !overlaps & (merges | (count < memory.capacity))));
	PROVE(added | (memory.count == count));
}

/* What vio_memory_init() makes is a guest memory that knows no address. */
void starting(void)
{
	struct vio_region storage = nondet_region();

	vio_memory_init(&memory, &storage, 1);
	PROVE(memory.count == 0 && memory.regions == &storage && storage.size == 0);
	PROVE(vio_memory_at(&memory, nondet_u64(), nondet_u64(), nondet_u32()) == NULL);
}

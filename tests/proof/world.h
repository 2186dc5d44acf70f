/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest memory as a proof sees it: one object of the root's, of any size up to ROOT_MAX, in which
 * up to REGIONS regions lie anywhere. Its contents are never looked at (guest.h).
 */
#ifndef WORLD_H
#define WORLD_H

#include "proof.h"
#include "vio_memory.h"

#ifndef REGIONS
#define REGIONS 2
#endif

/* How many bits of a guest address, a size and an offset into the root's object are free. */
#ifndef BITS
#define BITS 64
#endif
#define ROOT_MAX (UINT64_C(1) << (BITS < 48 ? BITS : 48))

void *malloc(size_t size);

static uint8_t *root;
static uint64_t root_size;
/* One more than are valid in the beginning, for the region that is added. */
static struct vio_region regions[REGIONS + 1];
static struct vio_memory memory;

struct vio_region nondet_region(void);

static uint64_t root_offset(const volatile void *pointer)
{
	return (uint64_t)__CPROVER_POINTER_OFFSET(pointer);
}

static bool in_root(const volatile void *pointer)
{
	return __CPROVER_POINTER_OBJECT(pointer) == __CPROVER_POINTER_OBJECT(root);
}

/* Nothing wraps, and the root does have the bytes behind it. */
static bool region_ok(const struct vio_region *region)
{
	return (region->size != 0) & (region->base + region->size > region->base) &
	       in_root(region->data) & (root_offset(region->data) <= root_size) &
	       (region->size <= root_size - root_offset(region->data)) &
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
	       (root_offset(a->data) + a->size == root_offset(b->data));
}

/* The table as vio_memory_add() leaves it. Without branches: the prover likes one expression. */
static bool memory_ok(void)
{
	bool ok = (memory.regions == regions) & (memory.count <= memory.capacity);

	for (unsigned i = 0; i < REGIONS + 1; i++) {
		bool valid = i < memory.count;

		ok &= !valid | region_ok(&regions[i]);
		for (unsigned j = 0; j < i; j++)
			ok &= !valid | (disjoint(&regions[i], &regions[j]) &
					!mergeable(&regions[i], &regions[j]) &
					!mergeable(&regions[j], &regions[i]));
	}
	return ok & ((memory.count != 0) | (regions[0].size == 0));
}

/* All values, or with fewer BITS those near 0 and near 2^64. */
static uint64_t any_address(void)
{
	return (uint64_t)((int64_t)(nondet_u64() << (64 - BITS)) >> (64 - BITS));
}

/* A region anywhere in the root's object: pointers cannot be guessed, so it is made. */
static struct vio_region any_region(void)
{
	struct vio_region region = nondet_region();
	uint64_t offset = nondet_u64();

	ASSUME(offset <= root_size);
	region.base = any_address();
	region.size = any_address();
	region.data = root + offset;
	return region;
}

/* Any guest memory of at most `count` regions that vio_memory_add() can have made. */
static void any_memory(unsigned count, unsigned capacity)
{
	root_size = nondet_u64();
	ASSUME(root_size != 0 && root_size <= ROOT_MAX);
	root = malloc(root_size);
	ASSUME(root != NULL);
	for (unsigned i = 0; i < REGIONS + 1; i++)
		regions[i] = any_region();
	memory.regions = regions;
	memory.count = nondet_u32();
	memory.capacity = capacity;
	ASSUME(memory.count <= count);
	ASSUME(memory_ok());
}

/* Whether one region holds the `len` bytes from `data` on and allows `access`. */
static bool inside_a_region(const volatile void *data, uint64_t len, unsigned access)
{
	uint64_t offset = root_offset(data);
	bool found = false;

	for (unsigned i = 0; i < REGIONS; i++) {
		const struct vio_region *region = &regions[i];
		uint64_t start = root_offset(region->data);

		if (i < memory.count && (access & ~region->access) == 0 && offset >= start &&
		    offset - start < region->size && len <= region->size - (offset - start))
			found = true;
	}
	return found && in_root(data);
}

#endif

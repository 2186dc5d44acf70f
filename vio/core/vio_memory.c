/* SPDX-License-Identifier: BSD-2-Clause */
#include "vio_memory.h"

void vio_memory_init(struct vio_memory *memory, struct vio_region *storage, unsigned capacity)
{
	memory->regions = storage;
	memory->count = 0;
	memory->capacity = capacity;
}

static bool overlaps(const struct vio_region *a, const struct vio_region *b)
{
	return a->base - b->base < b->size || b->base - a->base < a->size;
}

/* Whether `b` starts where `a` ends, seen from the guest and from the root. */
static bool continues(const struct vio_region *a, const struct vio_region *b)
{
	return a->base + a->size == b->base && a->data + a->size == b->data &&
	       a->access == b->access;
}

bool vio_memory_add(struct vio_memory *memory, struct vio_region region)
{
	unsigned i = 0;

	if (region.size == 0 || region.base + region.size < region.base ||
	    region.size > SIZE_MAX - (uintptr_t)region.data)
		return false;

	for (i = 0; i < memory->count; i++) {
		if (overlaps(&memory->regions[i], &region))
			return false;
	}

	/* A region may join two that were apart, so what it swallows leaves the table first. */
	i = 0;
	while (i < memory->count) {
		struct vio_region *other = &memory->regions[i];

		if (continues(other, &region)) {
			region.base = other->base;
			region.data = other->data;
		} else if (!continues(&region, other)) {
			i++;
			continue;
		}
		region.size += other->size;
		*other = memory->regions[--memory->count];
		i = 0;
	}

	if (memory->count == memory->capacity)
		return false;
	memory->regions[memory->count++] = region;
	return true;
}

void *vio_memory_at(const struct vio_memory *memory, uint64_t addr, uint64_t len, unsigned access)
{
	const struct vio_region *region = memory->regions;
	const struct vio_region *end = region + memory->count;

	for (; region != end; region++) {
		uint64_t offset = addr - region->base;

		if (offset < region->size) {
			if (len > region->size - offset || (access & ~region->access) != 0)
				return NULL;
			return region->data + offset;
		}
	}
	return NULL;
}

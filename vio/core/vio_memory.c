/* SPDX-License-Identifier: BSD-2-Clause */
#include "vio_memory.h"

static void show_first(struct vio_memory *memory)
{
	const struct vio_region *first = &memory->regions[0];

	memory->base = first->base;
	memory->data = first->data;
	memory->bytes[0] = first->access & VIO_ACCESS_READ ? first->size : 0;
	memory->bytes[2] = first->access & VIO_ACCESS_WRITE ? first->size : 0;
}

void vio_memory_init(struct vio_memory *memory, struct vio_region *storage, unsigned capacity)
{
	memory->regions = storage;
	memory->count = 0;
	memory->capacity = capacity;
	/* An empty region holds no address: looking at the first one is always allowed. */
	storage[0] = (struct vio_region){ .size = 0 };
	show_first(memory);
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
	}

	if (memory->count == memory->capacity)
		return false;
	memory->regions[memory->count++] = region;
	show_first(memory);
	return true;
}

static void *region_at(const struct vio_region *region, uint64_t addr, uint64_t len,
		       unsigned access)
{
	uint64_t offset = addr - region->base;

	if (offset >= region->size || len > region->size - offset || (access & ~region->access))
		return NULL;
	return region->data + offset;
}

void *vio_memory_at(const struct vio_memory *memory, uint64_t addr, uint64_t len, unsigned access)
{
	unsigned i = 0;

	for (i = 0; i < memory->count; i++) {
		void *found = region_at(&memory->regions[i], addr, len, access);

		if (found)
			return found;
	}
	return NULL;
}

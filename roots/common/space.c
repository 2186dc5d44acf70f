/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "space.h"

bool space_add(struct space *space, struct region *region)
{
	uint64_t last = region->base + region->size - 1;

	if (region->size == 0 || last < region->base || space->count == SPACE_REGIONS)
		return false;
	for (unsigned i = 0; i < space->count; i++) {
		const struct region *other = space->regions[i];

		if (region->base <= other->base + other->size - 1 && other->base <= last)
			return false;
	}
	space->regions[space->count++] = region;
	return true;
}

struct region *space_find(const struct space *space, uint64_t address)
{
	for (unsigned i = 0; i < space->count; i++) {
		struct region *region = space->regions[i];

		if (address - region->base < region->size)
			return region;
	}
	return NULL;
}

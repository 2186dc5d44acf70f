/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest.h"

void guest_init(struct guest *guest, const char *name, unsigned number, unsigned vcpu_count)
{
	guest->name = name;
	guest->number = number;
	guest->vcpu_count = vcpu_count;
	vio_memory_init(&guest->memory, guest->memory_regions,
			VIO_ARRAY_SIZE(guest->memory_regions));
}

bool guest_add(struct guest *guest, struct region *region)
{
	if (!space_add(&guest->space, region))
		return false;
	if (region->kind == REGION_VIRTUAL)
		return true;
	if (!arch_map(guest, region))
		return false;
	if (region->kind == REGION_DEVICE)
		return true;
	return vio_memory_add(&guest->memory, (struct vio_region){
						      .base = region->base,
						      .size = region->size,
						      .data = arch_pointer(region->physical),
						      .access = region->kind == REGION_MEMORY
									? VIO_ACCESS_READ_WRITE
									: VIO_ACCESS_READ,
					      });
}

void guest_start(struct guest *guest, uint64_t entry, uint64_t argument)
{
	for (unsigned i = 0; i < guest->space.count; i++) {
		struct region *region = guest->space.regions[i];

		if (region->kind == REGION_VIRTUAL && region->ops->prepare)
			region->ops->prepare(region->owner);
	}
	guest->state = GUEST_RUNNING;
	arch_start(guest, entry, argument);
}

void guest_end(struct guest *guest, enum guest_end end)
{
	guest->state = GUEST_OFF;
	guest->end = end;
	arch_stop(guest);
}

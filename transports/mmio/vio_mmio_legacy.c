/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The version 1 register file, 4.2.4, for drivers written before Virtio 1.0.
 *
 * A ring is one piece of memory (2.7.2): descriptors, available ring, and, from the next multiple
 * of QueueAlign on, the used ring. QueuePFN says where, in pages of the size that the driver wrote
 * to GuestPageSize, before the reset it begins with: that register keeps its value. Writing
 * QueuePFN makes the queue live; it reads 0 when what the driver wrote cannot be a ring, and 0
 * written takes the queue away.
 *
 * Only the 32 features of the legacy interface are offered.
 */
#include "vio_mmio.h"
#include "vio_ring.h"

#define LEGACY_FEATURES                                                                            \
	((VIO_MMIO_DEVICE_TYPE_FEATURES & UINT32_MAX) | VIO_BIT(VIO_F_NOTIFY_ON_EMPTY) |           \
	 VIO_BIT(VIO_F_ANY_LAYOUT) | VIO_BIT(VIO_F_INDIRECT_DESC) | VIO_BIT(VIO_F_EVENT_IDX))

static uint32_t read_legacy(const struct vio_mmio *slot, uint32_t offset)
{
	const struct vio_queue_config *config = NULL;

	if (offset != VIO_MMIO_QUEUE_PFN || !vio_mmio_has_queue(slot))
		return 0;
	config = &slot->device->configs[slot->queue_sel];
	return config->ready ? config->pfn : 0;
}

static bool is_power_of_two(uint32_t value)
{
	return value != 0 && (value & (value - 1)) == 0;
}

/* Page number, page size and alignment have 32 bits each: no sum here can wrap. */
static void place(struct vio_queue_config *config, uint32_t page_size)
{
	const uint64_t align = config->align;

	config->desc = (uint64_t)config->pfn * page_size;
	config->driver = config->desc + vio_split_desc_bytes(config->size);
	config->device =
		(config->driver + vio_split_avail_bytes(config->size) + align - 1) & ~(align - 1);
}

/* The queue is refused unless page size, alignment and all that the core looks at are right. */
static void set_up(struct vio_mmio *slot, struct vio_queue_config *config, uint32_t pfn)
{
	if (!is_power_of_two(slot->guest_page_size) || !is_power_of_two(config->align))
		return;
	config->pfn = pfn;
	place(config, slot->guest_page_size);
	vio_device_enable_queue(slot->device, slot->queue_sel);
}

static bool write_legacy(struct vio_mmio *slot, uint32_t offset, uint32_t value)
{
	/* NULL: there is no such queue, or it is live. */
	struct vio_queue_config *config = vio_device_queue_config(slot->device, slot->queue_sel);

	if (offset == VIO_MMIO_GUEST_PAGE_SIZE)
		slot->guest_page_size = value;
	else if (offset == VIO_MMIO_QUEUE_PFN && value == 0)
		return vio_device_disable_queue(slot->device, slot->queue_sel);
	else if (!config)
		return true;
	else if (offset == VIO_MMIO_QUEUE_SIZE)
		config->size = value;
	else if (offset == VIO_MMIO_QUEUE_ALIGN)
		config->align = value;
	else if (offset == VIO_MMIO_QUEUE_PFN)
		set_up(slot, config, value);
	return true;
}

const struct vio_mmio_version vio_mmio_legacy_little = {
	.number = VIO_MMIO_VERSION_LEGACY,
	.transport = VIO_MMIO_TRANSPORT(.features = LEGACY_FEATURES,
					.legacy_ring = &vio_split_ring_legacy_little),
	.read = read_legacy,
	.write = write_legacy,
};

const struct vio_mmio_version vio_mmio_legacy_big = {
	.number = VIO_MMIO_VERSION_LEGACY,
	.transport =
		VIO_MMIO_TRANSPORT(.features = LEGACY_FEATURES,
				   .legacy_ring = &vio_split_ring_legacy_big, .big_endian = true),
	.read = read_legacy,
	.write = write_legacy,
};

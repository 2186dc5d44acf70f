/* SPDX-License-Identifier: BSD-2-Clause */
#include "vio_driver_ring.h"

static uint32_t read_mapped(void *registers, uint32_t offset, unsigned width)
{
	const volatile uint8_t *at = (const volatile uint8_t *)registers + offset;

	switch (width) {
	case 1:
		return *at;
	case 2:
		return vio_le16(*(const volatile uint16_t *)at);
	default:
		return vio_le32(*(const volatile uint32_t *)at);
	}
}

static void write_mapped(void *registers, uint32_t offset, unsigned width, uint32_t value)
{
	volatile uint8_t *at = (volatile uint8_t *)registers + offset;

	switch (width) {
	case 1:
		*at = (uint8_t)value;
		break;
	case 2:
		*(volatile uint16_t *)at = vio_le16((uint16_t)value);
		break;
	default:
		*(volatile uint32_t *)at = vio_le32(value);
		break;
	}
}

const struct vio_driver_access vio_driver_mapped = { .read = read_mapped, .write = write_mapped };

static uint32_t get(struct vio_driver *driver, uint32_t offset)
{
	return driver->access->read(driver->registers, offset, 4);
}

static void set(struct vio_driver *driver, uint32_t offset, uint32_t value)
{
	driver->access->write(driver->registers, offset, 4, value);
}

static uint64_t dma_address(const struct vio_driver *driver, const volatile void *at)
{
	return (uintptr_t)at + driver->dma_offset;
}

/* ---- The device ---- */

static bool is_legacy(const struct vio_driver *driver)
{
	return driver->version == VIO_MMIO_VERSION_LEGACY;
}

uint32_t vio_driver_probe(struct vio_driver *driver)
{
	driver->version = get(driver, VIO_MMIO_VERSION);
	if (get(driver, VIO_MMIO_MAGIC_VALUE) != VIO_MMIO_MAGIC ||
	    (driver->version != VIO_MMIO_VERSION_2 && !(is_legacy(driver) && driver->legacy_ring)))
		return VIO_ID_NONE;
	if (is_legacy(driver))
		set(driver, VIO_MMIO_GUEST_PAGE_SIZE, VIO_DRIVER_LEGACY_PAGE);
	return get(driver, VIO_MMIO_DEVICE_ID);
}

bool vio_driver_reset(struct vio_driver *driver)
{
	set(driver, VIO_MMIO_STATUS, 0);
	return get(driver, VIO_MMIO_STATUS) == 0;
}

bool vio_driver_start(struct vio_driver *driver, uint64_t wanted)
{
	uint32_t status = VIO_STATUS_ACKNOWLEDGE | VIO_STATUS_DRIVER;
	uint32_t window = 0;

	if (!vio_driver_reset(driver))
		return false;
	set(driver, VIO_MMIO_STATUS, VIO_STATUS_ACKNOWLEDGE);
	set(driver, VIO_MMIO_STATUS, status);

	wanted |= VIO_BIT(VIO_F_VERSION_1);
	driver->features = 0;
	for (window = 0; window < 2; window++) {
		uint32_t accepted = (uint32_t)(window == 0 ? wanted : wanted >> 32);

		set(driver, VIO_MMIO_DEVICE_FEATURES_SEL, window);
		accepted &= get(driver, VIO_MMIO_DEVICE_FEATURES);
		set(driver, VIO_MMIO_DRIVER_FEATURES_SEL, window);
		set(driver, VIO_MMIO_DRIVER_FEATURES, accepted);
		vio_set_half(&driver->features, window == 1, accepted);
	}
	if (is_legacy(driver))
		return true;
	status |= VIO_STATUS_FEATURES_OK;
	set(driver, VIO_MMIO_STATUS, status);
	if ((get(driver, VIO_MMIO_STATUS) & VIO_STATUS_FEATURES_OK) != 0 &&
	    (driver->features & VIO_BIT(VIO_F_VERSION_1)) != 0)
		return true;
	set(driver, VIO_MMIO_STATUS, status | VIO_STATUS_FAILED);
	return false;
}

void vio_driver_run(struct vio_driver *driver)
{
	set(driver, VIO_MMIO_STATUS, get(driver, VIO_MMIO_STATUS) | VIO_STATUS_DRIVER_OK);
}

/* Byte by byte, in its machine's order: 4.2.4. */
static uint64_t legacy_config(struct vio_driver *driver, uint32_t offset, unsigned width)
{
	uint64_t value = 0;
	unsigned i = 0;

	for (i = 0; i < width; i++) {
		unsigned at = driver->legacy_ring->big_endian ? i : width - 1 - i;

		value = value << 8 | driver->access->read(driver->registers, offset + at, 1);
	}
	return value;
}

uint64_t vio_driver_config(struct vio_driver *driver, uint32_t offset, unsigned width)
{
	uint32_t generation = 0;
	uint64_t value = 0;

	offset += VIO_MMIO_CONFIG;
	if (is_legacy(driver))
		return legacy_config(driver, offset, width);
	if (width < 8)
		return driver->access->read(driver->registers, offset, width);
	do {
		generation = get(driver, VIO_MMIO_CONFIG_GENERATION);
		value = get(driver, offset) | (uint64_t)get(driver, offset + 4) << 32;
	} while (generation != get(driver, VIO_MMIO_CONFIG_GENERATION));
	return value;
}

uint32_t vio_driver_interrupt(struct vio_driver *driver)
{
	uint32_t causes = get(driver, VIO_MMIO_INTERRUPT_STATUS);

	if (causes != 0)
		set(driver, VIO_MMIO_INTERRUPT_ACK, causes);
	return causes;
}

/* ---- Its queues ---- */

static void set_address(struct vio_driver *driver, uint32_t offset, const volatile void *at)
{
	uint64_t address = dma_address(driver, at);

	set(driver, offset, (uint32_t)address);
	set(driver, offset + 4, (uint32_t)(address >> 32));
}

static bool place(struct vio_driver *driver, struct vio_driver_parts parts)
{
	set_address(driver, VIO_MMIO_QUEUE_DESC_LOW, parts.desc);
	set_address(driver, VIO_MMIO_QUEUE_DRIVER_LOW, parts.driver);
	set_address(driver, VIO_MMIO_QUEUE_DEVICE_LOW, parts.device);
	set(driver, VIO_MMIO_QUEUE_READY, 1);
	return get(driver, VIO_MMIO_QUEUE_READY) == 1;
}

/* The parts follow each other as the legacy layout wants it, 2.7.2. */
static bool place_legacy(struct vio_driver *driver, struct vio_driver_parts parts)
{
	uint64_t address = dma_address(driver, parts.desc);
	uint64_t page = address / VIO_DRIVER_LEGACY_PAGE;

	if (address % VIO_DRIVER_LEGACY_PAGE != 0 || page > UINT32_MAX)
		return false;
	set(driver, VIO_MMIO_QUEUE_ALIGN, VIO_DRIVER_SPLIT_ALIGN);
	set(driver, VIO_MMIO_QUEUE_PFN, (uint32_t)page);
	return get(driver, VIO_MMIO_QUEUE_PFN) == page;
}

static const struct vio_driver_ring *ring_of(const struct vio_driver *driver)
{
	if (is_legacy(driver))
		return driver->legacy_ring;
	return (driver->features & VIO_BIT(VIO_F_RING_PACKED)) != 0 ? &vio_driver_packed_ring
								    : &vio_driver_split_ring;
}

bool vio_driver_queue_init(struct vio_driver *driver, struct vio_driver_queue *queue,
			   uint16_t index, void *memory, uint16_t size)
{
	const uint32_t live = is_legacy(driver) ? VIO_MMIO_QUEUE_PFN : VIO_MMIO_QUEUE_READY;
	struct vio_driver_parts parts;

	set(driver, VIO_MMIO_QUEUE_SEL, index);
	if (get(driver, VIO_MMIO_QUEUE_SIZE_MAX) < size || get(driver, live) != 0)
		return false;

	memset(memory, 0, VIO_DRIVER_RING_BYTES((size_t)size));
	*queue = (struct vio_driver_queue){
		.driver = driver,
		.ring = ring_of(driver),
		.index = index,
		.size = size,
		.free_count = size,
	};
	parts = queue->ring->lay_out(queue, memory);
	set(driver, VIO_MMIO_QUEUE_SIZE, size);
	return is_legacy(driver) ? place_legacy(driver, parts) : place(driver, parts);
}

static uint16_t flags_of(const struct vio_buffer *buffer, bool last)
{
	return (uint16_t)((buffer->writable ? VIO_DESC_F_WRITE : 0) | (last ? 0 : VIO_DESC_F_NEXT));
}

int vio_driver_queue_add(struct vio_driver_queue *queue, const struct vio_buffer *buffers,
			 unsigned count)
{
	uint16_t head = queue->free;
	unsigned i = 0;

	if (count == 0 || count > queue->free_count)
		return -1;
	for (i = 0; i < count; i++)
		queue->ring->put(queue, dma_address(queue->driver, buffers[i].data), buffers[i].len,
				 flags_of(&buffers[i], i == count - 1));
	queue->ring->offer(queue, head, (uint16_t)count);
	queue->free_count -= count;
	return head;
}

int vio_driver_queue_add_indirect(struct vio_driver_queue *queue, volatile struct vio_desc *table,
				  const struct vio_buffer *buffers, unsigned count)
{
	uint16_t head = queue->free;
	unsigned i = 0;

	if (count == 0 || queue->free_count == 0)
		return -1;
	for (i = 0; i < count; i++)
		queue->ring->put_entry(table, (uint16_t)i,
				       dma_address(queue->driver, buffers[i].data), buffers[i].len,
				       flags_of(&buffers[i], i == count - 1));
	queue->ring->put(queue, dma_address(queue->driver, table), count * (uint32_t)sizeof(*table),
			 VIO_DESC_F_INDIRECT);
	queue->ring->offer(queue, head, 1);
	queue->free_count--;
	return head;
}

bool vio_driver_queue_publish(struct vio_driver_queue *queue)
{
	bool wanted = false;

	if (queue->pending == 0)
		return false;
	wanted = queue->ring->publish(queue);
	queue->pending = 0;
	if (wanted)
		set(queue->driver, VIO_MMIO_QUEUE_NOTIFY, queue->index);
	return wanted;
}

bool vio_driver_queue_used(struct vio_driver_queue *queue, uint16_t *head, uint32_t *len)
{
	if (!queue->ring->has_used(queue))
		return false;
	queue->free_count += queue->ring->take_used(queue, head, len);
	return true;
}

bool vio_driver_queue_listen(struct vio_driver_queue *queue, bool on)
{
	queue->ring->listen(queue, on);
	vio_guest_fence();
	return queue->ring->has_used(queue);
}

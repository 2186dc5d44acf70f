/* SPDX-License-Identifier: BSD-2-Clause */
#include "slot.h"

bool slot_packed;
const struct vio_mmio_version *slot_version;
int slot_failures;

static _Alignas(4096) uint8_t guest_ram[SLOT_RAM_SIZE];

static void raise(struct vio_mmio *mmio)
{
	struct slot *slot = mmio->host_data;

	assert_false(slot->line);
	slot->line = true;
}

static void lower(struct vio_mmio *mmio)
{
	struct slot *slot = mmio->host_data;

	assert_true(slot->line);
	slot->line = false;
}

static void defer(struct vio_mmio *mmio)
{
	struct slot *slot = mmio->host_data;

	slot->deferred = true;
}

static void released(struct vio_mmio *mmio)
{
	struct slot *slot = mmio->host_data;

	slot->released++;
}

static void failed(struct vio_mmio *mmio, enum vio_error error)
{
	struct slot *slot = mmio->host_data;

	slot->failed++;
	slot->error = error;
}

static const struct vio_mmio_host host = {
	.raise = raise,
	.lower = lower,
	.defer = defer,
	.released = released,
	.failed = failed,
};

static uint32_t read_register(void *registers, uint32_t offset, unsigned width)
{
	struct slot *slot = registers;

	return (uint32_t)vio_mmio_read(&slot->mmio, offset, width);
}

static void write_register(void *registers, uint32_t offset, unsigned width, uint32_t value)
{
	struct slot *slot = registers;

	slot->parked = vio_mmio_write(&slot->mmio, offset, width, value) == VIO_MMIO_PARK;
}

static const struct vio_driver_access trapped = {
	.read = read_register,
	.write = write_register,
};

static bool is_big_endian(void)
{
	return slot_version == &vio_mmio_legacy_big;
}

uint16_t slot_wire16(uint16_t value)
{
	return is_big_endian() != VIO_BIG_ENDIAN ? __builtin_bswap16(value) : value;
}

uint32_t slot_wire32(uint32_t value)
{
	return is_big_endian() != VIO_BIG_ENDIAN ? __builtin_bswap32(value) : value;
}

uint64_t slot_wire64(uint64_t value)
{
	return is_big_endian() != VIO_BIG_ENDIAN ? __builtin_bswap64(value) : value;
}

static const struct vio_driver_ring *legacy_ring(void)
{
	if (!slot_version)
		return NULL;
	return is_big_endian() ? &vio_driver_split_ring_big : &vio_driver_split_ring;
}

void slot_attach(struct slot *slot, struct vio_device *device)
{
	memset(guest_ram, 0, sizeof(guest_ram));
	*slot = (struct slot){
		.mmio = { .host = &host, .host_data = slot, .version = slot_version },
		.driver = { .access = &trapped,
			    .registers = slot,
			    .dma_offset = SLOT_RAM - (uintptr_t)guest_ram,
			    .legacy_ring = legacy_ring() },
		.ram = guest_ram,
	};
	vio_memory_init(&slot->memory, &slot->region, 1);
	assert_true(vio_memory_add(&slot->memory,
				   (struct vio_region){ .base = SLOT_RAM,
							.size = SLOT_RAM_SIZE,
							.data = guest_ram,
							.access = VIO_ACCESS_READ_WRITE }));
	vio_mmio_attach(&slot->mmio, device, &slot->memory);
	vio_driver_probe(&slot->driver);
}

void *slot_alloc(struct slot *slot, uint32_t size)
{
	uint8_t *at = slot->ram + slot->ram_used;

	slot->ram_used += (size + 15) & ~15U;
	assert_true(slot->ram_used <= SLOT_RAM_SIZE);
	return at;
}

void *slot_alloc_ring(struct slot *slot, uint16_t size)
{
	slot->ram_used = (slot->ram_used + VIO_DRIVER_LEGACY_PAGE - 1) & -VIO_DRIVER_LEGACY_PAGE;
	return slot_alloc(slot, VIO_DRIVER_RING_BYTES(size));
}

void slot_set_up_queues(struct slot *slot, uint16_t size)
{
	unsigned count = slot->mmio.device->type->queue_count;

	assert_true(count <= SLOT_QUEUES);
	for (unsigned i = 0; i < count; i++) {
		void *ring = slot_alloc_ring(slot, size);

		assert_true(vio_driver_queue_init(&slot->driver, &slot->queues[i], (uint16_t)i,
						  ring, size));
	}
}

void slot_start(struct slot *slot, uint64_t features, uint16_t size)
{
	assert_int_not_equal(vio_driver_probe(&slot->driver), VIO_ID_NONE);
	if (slot_packed)
		features |= VIO_BIT(VIO_F_RING_PACKED);
	assert_true(vio_driver_start(&slot->driver, features));
	assert_int_equal((slot->driver.features & VIO_BIT(VIO_F_RING_PACKED)) != 0, slot_packed);
	slot_set_up_queues(slot, size);
	vio_driver_run(&slot->driver);
	slot_settle(slot);
}

void slot_settle(struct slot *slot)
{
	for (slot->served = 0; slot->deferred; slot->served++) {
		assert_true(slot->served < 1000);
		slot->deferred = false;
		vio_mmio_serve(&slot->mmio);
	}
}

int slot_send(struct slot *slot, unsigned queue, const struct vio_buffer *buffers, unsigned count)
{
	int head = vio_driver_queue_add(&slot->queues[queue], buffers, count);

	assert_true(head >= 0);
	vio_driver_queue_publish(&slot->queues[queue]);
	slot_settle(slot);
	return head;
}

int64_t slot_used(struct slot *slot, unsigned queue)
{
	uint16_t head = 0;
	uint32_t len = 0;

	if (!vio_driver_queue_used(&slot->queues[queue], &head, &len))
		return SLOT_PENDING;
	return len;
}

int64_t slot_request(struct slot *slot, unsigned queue, const struct vio_buffer *buffers,
		     unsigned count)
{
	slot_send(slot, queue, buffers, count);
	return slot_used(slot, queue);
}

void slot_expect_failure(struct slot *slot, enum vio_error error)
{
	uint32_t status = read_register(slot, VIO_MMIO_STATUS, 4);

	assert_int_equal(slot->failed, 1);
	assert_int_equal(slot->error, error);
	assert_int_equal(status & VIO_STATUS_NEEDS_RESET, VIO_STATUS_NEEDS_RESET);
	assert_true(slot->line);
	assert_int_equal(vio_driver_interrupt(&slot->driver) & VIO_INTERRUPT_CONFIG,
			 VIO_INTERRUPT_CONFIG);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clauses of the areas mmio-legacy and legacy (LEG-D-02): version 1, and drivers in either byte
 * order. Each test is run in both; breaches are in tests/hostile.
 */
#include <linux/virtio_ring.h>

#include "box.h"

#define NEXT  VIO_DESC_F_NEXT
#define WRITE VIO_DESC_F_WRITE

/* ---- Registers, 4.2.4 ---- */

static void identifies_itself(void **state)
{
	struct box *box = *state;

	assert_int_equal(box_read(box, 0x000), 0x74726976);
	assert_int_equal(box_read(box, 0x004), 1);
	assert_int_equal(box_read(box, 0x008), box_type.id);
	assert_int_equal(box_read(box, 0x00c), VIO_MMIO_VENDOR);
	vio_mmio_detach(&box->slot);
	assert_int_equal(box_read(box, 0x004), 1);
	assert_int_equal(box_read(box, 0x008), 0);
}

/* One message there and back on queue 0. */
static void assert_echoes(struct box *box)
{
	uint16_t used = box_used_idx(box, 0);

	box->device.behaviour = BOX_ECHO;
	memset(box_at(box, BOX_DATA, 0x200), 0x5a, 0x100);
	box_desc(box, 0, 0, BOX_DATA, 9, NEXT, 1);
	box_desc(box, 0, 1, BOX_DATA + 0x100, 32, WRITE, 0);
	box_offer(box, 0, 0);
	box_serve(box);
	assert_int_equal(box_used_idx(box, 0), (uint16_t)(used + 1));
	assert_int_equal(box_used(box, 0, used).id, 0);
	assert_int_equal(box_used(box, 0, used).len, 9);
	assert_memory_equal(box_at(box, BOX_DATA, 9), box_at(box, BOX_DATA + 0x100, 9), 9);
	assert_int_equal(box->failed, 0);
}

static void place_and_echo(struct box *box, uint32_t size, uint32_t align, uint64_t at)
{
	memset(box_at(box, at, 0x4000), 0, 0x4000);
	box->avail_idx[0] = 0;
	box->size[0] = (uint16_t)size;
	assert_int_equal(box_place(box, 0, size, align, at), at / box->slot.guest_page_size);
	assert_true(box->used_at[0] % align == 0);
	box_snapshot(box);
	box_allow(box, BOX_DATA, 0x200);
	for (unsigned i = 0; i < 3; i++)
		assert_echoes(box);
	box_assert_untouched(box);
}

static const uint64_t ring_at[] = { BOX_DESC(0), BOX_DESC(1) };

static void page_size_scales_the_page_number(void **state)
{
	static const uint32_t pages[] = { 4096, 16384, 64, 65536 };
	struct box *box = *state;

	for (unsigned i = 0; i < VIO_ARRAY_SIZE(pages); i++) {
		const uint64_t moved = pages[i] > 4096 ? BOX_RAM : BOX_DESC(0);

		box_negotiate(box, 0);
		box_write(box, VIO_MMIO_GUEST_PAGE_SIZE, pages[i]);
		place_and_echo(box, BOX_SIZE, 4096, moved);
		assert_int_equal(box_read(box, VIO_MMIO_QUEUE_PFN), moved / pages[i]);
	}
}

static void page_number_makes_the_queue_live(void **state)
{
	struct box *box = *state;

	box_negotiate(box, 0);
	for (uint32_t i = 0; i < 2; i++) {
		const uint32_t pfn = (uint32_t)(ring_at[i] / BOX_PAGE);

		box_write(box, VIO_MMIO_QUEUE_SEL, i);
		assert_int_equal(box_read(box, VIO_MMIO_QUEUE_PFN), 0);
		assert_int_equal(box_place(box, i, 4, 64, ring_at[i]), pfn);
		/* A live queue stays what it is. */
		box_write(box, VIO_MMIO_QUEUE_PFN, pfn + 1);
		box_write(box, VIO_MMIO_QUEUE_SIZE, 8);
		box_write(box, VIO_MMIO_QUEUE_ALIGN, 4096);
		box_write(box, VIO_MMIO_GUEST_PAGE_SIZE, BOX_PAGE * 2);
		assert_int_equal(box_read(box, VIO_MMIO_QUEUE_PFN), pfn);
		assert_int_equal(box->device.device.configs[i].size, 4);
		box_write(box, VIO_MMIO_GUEST_PAGE_SIZE, BOX_PAGE);
	}
	box_write(box, VIO_MMIO_QUEUE_SEL, 0);
	assert_int_equal(box_read(box, VIO_MMIO_QUEUE_PFN), ring_at[0] / BOX_PAGE);
}

static void page_number_0_releases_the_queue(void **state)
{
	struct box *box = *state;

	box_start(box, 0);
	box_write(box, VIO_MMIO_QUEUE_SEL, 0);
	assert_int_equal(box_write(box, VIO_MMIO_QUEUE_PFN, 0), VIO_MMIO_DONE);
	assert_int_equal(box_read(box, VIO_MMIO_QUEUE_PFN), 0);
	box_snapshot(box);
	box_desc(box, 0, 0, BOX_DATA, 9, WRITE, 0);
	box_offer(box, 0, 0);
	box_serve(box);
	assert_int_equal(box->loads, 0);
	assert_int_equal(box_used_idx(box, 0), 0);
	/* And the other queues are as they were, and it can be had again. */
	box_write(box, VIO_MMIO_QUEUE_SEL, 1);
	assert_int_not_equal(box_read(box, VIO_MMIO_QUEUE_PFN), 0);
	place_and_echo(box, BOX_SIZE, 64, BOX_DESC(0));
}

/* What a backend holds is waited for, as with QueueReady = 0. */
static void release_waits_for_the_backend(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_HOLD;
	box_start(box, 0);
	box_desc(box, 0, 0, BOX_DATA, 9, WRITE, 0);
	box_offer(box, 0, 0);
	box_write(box, VIO_MMIO_QUEUE_SEL, 0);
	assert_int_equal(box_write(box, VIO_MMIO_QUEUE_PFN, 0), VIO_MMIO_PARK);
	assert_int_equal(box_read(box, VIO_MMIO_QUEUE_PFN), 0);
	/* Not yet: its memory is not the driver's again. */
	assert_int_equal(box_place(box, 0, 4, 64, BOX_DESC(0)), 0);
	box_complete(box, 0);
	assert_int_equal(box->released, 1);
	assert_int_equal(box_used_idx(box, 0), 0);
	assert_int_equal(box_write(box, VIO_MMIO_QUEUE_PFN, 0), VIO_MMIO_DONE);
	place_and_echo(box, 4, 64, BOX_DESC(0));
}

static void align_places_the_used_ring(void **state)
{
	static const uint32_t aligns[] = { 4096, 64, 4, 8192 };
	struct box *box = *state;

	for (unsigned i = 0; i < VIO_ARRAY_SIZE(aligns); i++) {
		for (uint32_t size = 2; size <= BOX_SIZE; size *= 2) {
			box_negotiate(box, 0);
			place_and_echo(box, size, aligns[i], BOX_DESC(0));
		}
	}
}

/* Drivers that have 4096 in mind often do not say so. */
static void align_not_written_is_4096(void **state)
{
	struct box *box = *state;

	box_negotiate(box, 0);
	box_place(box, 0, BOX_SIZE, 64, BOX_DESC(0));
	box_negotiate(box, 0);
	memset(box_at(box, BOX_DESC(0), 0x4000), 0, 0x4000);
	box_write(box, VIO_MMIO_QUEUE_SEL, 0);
	box_write(box, VIO_MMIO_QUEUE_PFN, (uint32_t)(BOX_DESC(0) / BOX_PAGE));
	box->size[0] = BOX_SIZE;
	box->used_at[0] = BOX_DESC(0) + 4096;
	assert_echoes(box);
}

static void queue_sizes(void **state)
{
	static const uint32_t no_queues[] = { BOX_QUEUES, 32, 0xffff, 0x80000000, 0xffffffff };
	struct box *box = *state;

	for (uint32_t i = 0; i < BOX_QUEUES; i++) {
		box_write(box, VIO_MMIO_QUEUE_SEL, i);
		assert_int_equal(box_read(box, VIO_MMIO_QUEUE_SIZE_MAX),
				 box_type.queues[i].size_max);
	}
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(no_queues); i++) {
		box_write(box, VIO_MMIO_QUEUE_SEL, no_queues[i]);
		assert_int_equal(box_read(box, VIO_MMIO_QUEUE_SIZE_MAX), 0);
		assert_int_equal(box_read(box, VIO_MMIO_QUEUE_PFN), 0);
	}
}

/* Linux writes its page size once, and then resets the device. */
static void reset_releases_every_queue(void **state)
{
	struct box *box = *state;

	box_start(box, 0);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_DONE);
	assert_int_equal(box_status(box), 0);
	for (uint32_t i = 0; i < BOX_QUEUES; i++) {
		box_write(box, VIO_MMIO_QUEUE_SEL, i);
		assert_int_equal(box_read(box, VIO_MMIO_QUEUE_PFN), 0);
		box_kick(box, i);
		assert_int_equal(box->device.notified[i], 1);
	}
	place_and_echo(box, 4, 64, BOX_DESC(0));
	/* Another guest is another page size. */
	vio_mmio_detach(&box->slot);
	vio_mmio_attach(&box->slot, &box->device.device, &box->memory);
	box_write(box, VIO_MMIO_QUEUE_SEL, 0);
	box_write(box, VIO_MMIO_QUEUE_PFN, (uint32_t)(BOX_DESC(0) / BOX_PAGE));
	assert_int_equal(box_read(box, VIO_MMIO_QUEUE_PFN), 0);
}

static void notifications_and_interrupts(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_HOLD;
	box->slot.serving = VIO_MMIO_SERVE_LATER;
	box_start(box, 0);
	box_desc(box, 0, 0, BOX_DATA, 8, WRITE, 0);
	box_offer(box, 0, 0);
	assert_true(box->serve_wanted);
	assert_int_equal(box->device.held_count, 0);
	box_serve(box);
	assert_int_equal(box->device.held_count, 1);
	box_complete(box, 0);
	assert_true(box->line);
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), VIO_INTERRUPT_USED);
	vio_device_config_changed(&box->device.device);
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), 3);
	box_write(box, VIO_MMIO_INTERRUPT_ACK, 1);
	assert_true(box->line);
	box_write(box, VIO_MMIO_INTERRUPT_ACK, 2);
	assert_false(box->line);
	assert_int_equal(box->raised, 1);
	assert_int_equal(box_read(box, VIO_MMIO_QUEUE_NOTIFY), 0);
}

static void modern_registers_have_no_effect(void **state)
{
	static const uint32_t modern[] = { 0x044, 0x080, 0x084, 0x090, 0x094,
					   0x0a0, 0x0a4, 0x0ac, 0x0c0, 0x0fc };
	struct box *box = *state;

	box_start(box, 0);
	for (uint32_t queue = 0; queue <= BOX_QUEUES; queue++) {
		const struct box_device before = box->device;
		const struct vio_mmio slot = box->slot;

		for (unsigned i = 0; i < VIO_ARRAY_SIZE(modern); i++) {
			box->slot.queue_sel = queue;
			for (uint32_t value = 0; value < 3; value++)
				assert_int_equal(box_write(box, modern[i], value), VIO_MMIO_DONE);
			assert_int_equal(box_read(box, modern[i]), 0);
		}
		box->slot.queue_sel = slot.queue_sel;
		assert_memory_equal(&box->device, &before, sizeof(before));
		assert_memory_equal(&box->slot, &slot, sizeof(slot));
	}
	assert_echoes(box);
}

/* ---- Features, 2.2.3, 6.3 ---- */

static void offers(void **state)
{
	struct box *box = *state;
	uint32_t offered = 0;

	box_write(box, VIO_MMIO_DEVICE_FEATURES_SEL, 0);
	offered = box_read(box, VIO_MMIO_DEVICE_FEATURES);
	assert_true((offered & VIO_BIT(24)) != 0);
	assert_true((offered & VIO_BIT(27)) != 0);
	assert_true((offered & VIO_BIT(30)) == 0);
	assert_true((offered & VIO_BIT(VIO_F_INDIRECT_DESC)) != 0);
	assert_true((offered & VIO_BIT(VIO_F_EVENT_IDX)) != 0);
	assert_int_equal(offered & 0xffffff, box_type.features & 0xffffff);
	assert_int_equal(offered >> 24, 0x39);
	/* No VERSION_1, no packed rings, no order, no reset of queues. */
	for (uint32_t window = 1; window < 4; window++) {
		box_write(box, VIO_MMIO_DEVICE_FEATURES_SEL, window);
		assert_int_equal(box_read(box, VIO_MMIO_DEVICE_FEATURES), 0);
	}
}

/* There is no answer to features: the driver has those that both know. */
static void features_are_negotiated_by_writing(void **state)
{
	struct box *box = *state;
	struct vio_device *device = &box->device.device;

	box_negotiate(box, UINT32_MAX & ~VIO_BIT(BOX_F_NEEDED));
	box_write(box, VIO_MMIO_DRIVER_FEATURES_SEL, 1);
	box_write(box, VIO_MMIO_DRIVER_FEATURES, UINT32_MAX);
	place_and_echo(box, 4, 64, BOX_DESC(0));
	assert_true(device->negotiated ==
		    (VIO_BIT(BOX_F_PLAIN) | VIO_BIT(BOX_F_LAST) | VIO_BIT(VIO_F_NOTIFY_ON_EMPTY) |
		     VIO_BIT(VIO_F_ANY_LAYOUT) | VIO_BIT(VIO_F_INDIRECT_DESC) |
		     VIO_BIT(VIO_F_EVENT_IDX)));
	/* VERSION_1 was declined, as it was not there: legacy it is. */
	assert_true(vio_device_is_legacy(device));
	assert_false(vio_device_has(device, VIO_F_VERSION_1));

	/* With a queue in use they are final, and the device was told once. */
	assert_int_equal(box->device.enables, 1);
	box_write(box, VIO_MMIO_DRIVER_FEATURES_SEL, 0);
	box_write(box, VIO_MMIO_DRIVER_FEATURES, 0);
	box_write(box, VIO_MMIO_STATUS, 7);
	assert_int_equal(box_status(box), 7);
	assert_int_equal(box->device.enables, 1);
	assert_true(vio_device_has(device, VIO_F_EVENT_IDX));
}

/* Some drivers do all of 3.1.1 with a legacy device, and set queues up last. */
static void driver_of_two_minds(void **state)
{
	struct box *box = *state;

	box_negotiate(box, VIO_BIT(BOX_F_PLAIN));
	box_write(box, VIO_MMIO_STATUS, 0xb);
	assert_int_equal(box_status(box), 0xb);
	box_write(box, VIO_MMIO_DRIVER_FEATURES, 0);
	box_write(box, VIO_MMIO_STATUS, 0xf);
	assert_int_equal(box_status(box), 0xf);
	assert_int_equal(box->device.enables, 1);
	assert_true(vio_device_has(&box->device.device, BOX_F_PLAIN));
	place_and_echo(box, BOX_SIZE, 4096, BOX_DESC(0));
	assert_int_equal(box->device.enables, 1);
}

/* ---- Rings, 2.7.2, 2.7.3, 2.7.8.1 ---- */

static void layout_is_that_of_linux(void **state)
{
	static const uint32_t aligns[] = { 4, 8, 64, 512, 4096 };
	struct box *box = *state;
	void *ram = box_at(box, BOX_DESC(0), 0x4000);

	for (unsigned i = 0; i < VIO_ARRAY_SIZE(aligns); i++) {
		for (uint32_t size = 1; size <= BOX_SIZE; size *= 2) {
			const struct vio_queue *queue = &box->device.device.queues[0];
			struct vring ring;

			box_negotiate(box, 0);
			box_place(box, 0, size, aligns[i], BOX_DESC(0));
			vring_init(&ring, size, ram, aligns[i]);
			assert_ptr_equal(queue->split.desc, ring.desc);
			assert_ptr_equal(queue->split.avail, ring.avail);
			assert_ptr_equal(queue->split.used, ring.used);
		}
	}
}

static void rings_are_in_the_byte_order_of_the_guest(void **state)
{
	struct box *box = *state;
	const bool big = box->slot.version == &vio_mmio_legacy_big;
	const uint8_t *used = NULL;

	box->device.behaviour = BOX_FILL;
	box_start(box, VIO_BIT(VIO_F_INDIRECT_DESC) | VIO_BIT(VIO_F_EVENT_IDX));
	/* In a table, with a length that is another in the other order. */
	box_entry(box, BOX_TABLE, 0, BOX_DATA, 0x102, NEXT | WRITE, 2);
	box_entry(box, BOX_TABLE, 2, BOX_FAR, 0x203, WRITE, 0);
	box_desc(box, 0, 3, BOX_TABLE, 48, VIO_DESC_F_INDIRECT, 0);
	box_offer(box, 0, 3);
	assert_int_equal(box->failed, 0);

	used = box_at(box, box->used_at[0], 12);
	assert_int_equal(used[big ? 3 : 2], 1);
	assert_int_equal(used[big ? 2 : 3], 0);
	assert_int_equal(used[big ? 7 : 4], 3);
	assert_int_equal(used[big ? 4 : 7], 0);
	assert_int_equal(used[big ? 10 : 9], 3);
	assert_int_equal(used[big ? 11 : 8], 5);
	assert_int_equal(box_avail_event(box, 0), 1);
	assert_int_equal(((uint8_t *)box_at(box, BOX_DATA + 0x101, 1))[0], 0xda);
	assert_int_equal(((uint8_t *)box_at(box, BOX_FAR + 0x202, 1))[0], 0xda);
}

static void config_is_in_the_byte_order_of_the_guest(void **state)
{
	static const uint8_t little[] = { 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88 };
	static const uint8_t big[] = { 0x44, 0x33, 0x22, 0x11, 0x66, 0x55, 0x77, 0x88 };
	struct box *box = *state;
	const uint8_t *expected = box->slot.version == &vio_mmio_legacy_big ? big : little;
	uint64_t whole = 0;

	for (uint32_t i = 0; i < 8; i++) {
		assert_int_equal(vio_mmio_read(&box->slot, VIO_MMIO_CONFIG + i, 1), expected[i]);
		whole |= (uint64_t)expected[i] << 8 * i;
	}
	assert_true(vio_mmio_read(&box->slot, VIO_MMIO_CONFIG, 8) == whole);
}

/* ---- Initialisation, 3.1.2 ---- */

static void config_is_written_before_features(void **state)
{
	struct box *box = *state;
	const uint16_t value = box_wire16(box, vio_le16(0x1234));

	box_write(box, VIO_MMIO_STATUS, 0);
	box_write(box, VIO_MMIO_STATUS, VIO_STATUS_ACKNOWLEDGE);
	vio_mmio_write(&box->slot, VIO_MMIO_CONFIG + 4, 1, value & 0xff);
	vio_mmio_write(&box->slot, VIO_MMIO_CONFIG + 5, 1, value >> 8);
	assert_int_equal(box->device.config.rw16, 0x1234);
	assert_int_equal(box->device.config_writes, 2);
}

static void used_before_driver_ok(void **state)
{
	struct box *box = *state;

	box_negotiate(box, VIO_BIT(VIO_F_EVENT_IDX));
	place_and_echo(box, BOX_SIZE, 64, BOX_DESC(0));
	assert_int_equal(box_status(box), 3);
	assert_true(box->line);
	/* DRIVER_OK has a look at every queue that is set up, as ever. */
	memset(box_at(box, BOX_DESC(1), 0x2000), 0, 0x2000);
	box->size[1] = 4;
	box_place(box, 1, 4, 64, BOX_DESC(1));
	box_desc(box, 1, 0, BOX_DATA, 8, WRITE, 0);
	box_avail(box, 1, 0);
	box_publish(box, 1);
	assert_int_equal(box_used_idx(box, 1), 0);
	box_write(box, VIO_MMIO_STATUS, 7);
	assert_int_equal(box_used_idx(box, 1), 1);
}

/* The ring may still be what the page held before: only a notification says that it is not. */
static void setting_up_is_not_looking(void **state)
{
	struct box *box = *state;

	box_start(box, 0);
	box_write(box, VIO_MMIO_QUEUE_SEL, 0);
	box_write(box, VIO_MMIO_QUEUE_PFN, 0);
	memset(box_at(box, BOX_DESC(0), 0x1000), 0xff, 0x1000);
	box_snapshot(box);
	assert_true(box_place(box, 0, BOX_SIZE, 64, BOX_DESC(0)) != 0);
	assert_int_equal(box->loads, 0);
	memset(box_at(box, BOX_DESC(0), 0x1000), 0, 0x1000);
	box->avail_idx[0] = 0;
	assert_echoes(box);
}

static void config_change_before_driver_ok_is_told_then(void **state)
{
	struct box *box = *state;

	box_negotiate(box, 0);
	box_write(box, VIO_MMIO_STATUS, 3);
	vio_device_config_changed(&box->device.device);
	assert_false(box->line);
	box_write(box, VIO_MMIO_STATUS, 7);
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), VIO_INTERRUPT_CONFIG);
}

/* The root has paused the device: its queues open with the rest of it. */
static void set_up_while_paused(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	box->slot.serving = VIO_MMIO_SERVE_LATER;
	box_negotiate(box, 0);
	memset(box_at(box, BOX_DESC(0), 0x1000), 0, 0x1000);
	box->size[0] = BOX_SIZE;
	assert_true(vio_device_pause(&box->device.device));
	assert_true(box_place(box, 0, BOX_SIZE, 64, BOX_DESC(0)) != 0);
	box_desc(box, 0, 0, BOX_DATA, 8, WRITE, 0);
	box_offer(box, 0, 0);
	box_write(box, VIO_MMIO_STATUS, 7);
	box_serve(box);
	assert_int_equal(box_used_idx(box, 0), 0);
	vio_device_resume(&box->device.device);
	box_serve(box);
	assert_int_equal(box_used_idx(box, 0), 1);
}

/* ---- Notifications, 6.3 ---- */

static void offer_suppressed(struct box *box, uint16_t count)
{
	for (uint16_t i = 0; i < count; i++) {
		box_desc(box, 0, i, BOX_DATA, 8, WRITE, 0);
		box_avail(box, 0, i);
	}
	box_publish(box, 0);
	box_kick(box, 0);
}

static void empty_ring_interrupts(void **state)
{
	static const uint64_t modes[] = { 0, VIO_BIT(VIO_F_EVENT_IDX) };
	struct box *box = *state;

	for (unsigned i = 0; i < VIO_ARRAY_SIZE(modes); i++) {
		box->device.behaviour = BOX_FILL;
		box_start(box, modes[i] | VIO_BIT(VIO_F_NOTIFY_ON_EMPTY));
		box_set_avail_flags(box, 0, VIO_AVAIL_F_NO_INTERRUPT);
		box_set_used_event(box, 0, 0x8000);
		offer_suppressed(box, 3);
		assert_int_equal(box_used_idx(box, 0), 3);
		assert_true(box->line);

		box_start(box, modes[i]);
		box_set_avail_flags(box, 0, VIO_AVAIL_F_NO_INTERRUPT);
		box_set_used_event(box, 0, 0x8000);
		offer_suppressed(box, 3);
		assert_int_equal(box_used_idx(box, 0), 3);
		assert_false(box->line);
	}
}

static void ring_not_empty_does_not(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_HOLD;
	box_start(box, VIO_BIT(VIO_F_NOTIFY_ON_EMPTY));
	box_set_avail_flags(box, 0, VIO_AVAIL_F_NO_INTERRUPT);
	offer_suppressed(box, 2);
	/* Of two one more is made available, which the device has not seen. */
	box_desc(box, 0, 2, BOX_DATA, 8, WRITE, 0);
	box_avail(box, 0, 2);
	box_publish(box, 0);
	box_complete(box, 0);
	assert_false(box->line);
	box_kick(box, 0);
	box_complete(box, 1);
	assert_true(box->line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST("MMIOL-P-01", identifies_itself),
		BOX_TEST("MMIOL-P-02", page_size_scales_the_page_number),
		BOX_TEST("MMIOL-P-03", page_number_makes_the_queue_live),
		BOX_TEST("MMIOL-P-04", page_number_0_releases_the_queue),
		BOX_TEST("MMIOL-P-04", release_waits_for_the_backend),
		BOX_TEST("MMIOL-P-05", align_places_the_used_ring),
		BOX_TEST("MMIOL-P-05", align_not_written_is_4096),
		BOX_TEST("MMIOL-P-06", queue_sizes),
		BOX_TEST("MMIOL-P-07", reset_releases_every_queue),
		BOX_TEST("MMIOL-P-08", notifications_and_interrupts),
		BOX_TEST("MMIOL-P-10", modern_registers_have_no_effect),
		BOX_TEST("LEG-D-07 LEG-D-09 LEG-D-10", offers),
		BOX_TEST("LEG-D-01 LEG-D-02", features_are_negotiated_by_writing),
		BOX_TEST("LEG-D-06", driver_of_two_minds),
		BOX_TEST("LEG-D-03", layout_is_that_of_linux),
		BOX_TEST("LEG-D-04 LEG-P-11", rings_are_in_the_byte_order_of_the_guest),
		BOX_TEST("LEG-D-02", config_is_in_the_byte_order_of_the_guest),
		BOX_TEST("LEG-D-05", config_is_written_before_features),
		BOX_TEST("LEG-D-06", used_before_driver_ok),
		BOX_TEST("LEG-D-06", setting_up_is_not_looking),
		BOX_TEST("LEG-D-06", set_up_while_paused),
		BOX_TEST("CFG-P-04 LEG-D-06", config_change_before_driver_ok_is_told_then),
		BOX_TEST("LEG-D-08", empty_ring_interrupts),
		BOX_TEST("LEG-D-08", ring_not_empty_does_not),
	};

	return BOX_RUN_LEGACY_TESTS(tests);
}

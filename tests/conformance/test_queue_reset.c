/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Queue reset, 2.6.1, by QueueReset of 4.2.2: one queue back to its beginning while the others go
 * on, in either ring format. Also what a driver without RING_RESET gets from the register.
 */
#include "either.h"

#define WRITE VIO_DESC_F_WRITE

static struct either ring;

static void start_with_reset(struct box *box)
{
	either_start(&ring, box, VIO_BIT(VIO_F_RING_RESET));
}

static uint32_t queue_reset(struct box *box, uint32_t queue)
{
	box_write(box, VIO_MMIO_QUEUE_SEL, queue);
	return box_read(box, VIO_MMIO_QUEUE_RESET);
}

static uint32_t queue_ready(struct box *box, uint32_t queue)
{
	box_write(box, VIO_MMIO_QUEUE_SEL, queue);
	return box_read(box, VIO_MMIO_QUEUE_READY);
}

static void reset_queue(struct box *box, uint32_t queue)
{
	box_write(box, VIO_MMIO_QUEUE_SEL, queue);
	assert_int_equal(box_write(box, VIO_MMIO_QUEUE_RESET, 1), VIO_MMIO_DONE);
}

/* Nothing happens to a queue that is not there, whatever the driver does to its memory. */
static void assert_inert(struct box *box, uint32_t queue)
{
	unsigned notified = box->device.notified[queue];

	box_snapshot(box);
	box_kick(box, queue);
	box_serve(box);
	box_assert_untouched(box);
	assert_int_equal(box->loads, 0);
	assert_int_equal(box->device.notified[queue], notified);
	assert_int_equal(box->failed, 0);
}

/* ---- With nothing in flight ---- */

static void register_follows_the_reset(void **state)
{
	struct box *box = *state;

	start_with_reset(box);
	for (uint32_t i = 0; i < BOX_QUEUES; i++)
		assert_int_equal(queue_reset(box, i), 0);
	reset_queue(box, 0);
	assert_int_equal(queue_reset(box, 0), 0);
	assert_int_equal(queue_ready(box, 0), 0);
	for (uint32_t i = 1; i < BOX_QUEUES; i++)
		assert_int_equal(queue_ready(box, i), 1);
	assert_inert(box, 0);
	assert_int_equal(either_enable(&ring, BOX_SIZE), 1);
	assert_int_equal(queue_reset(box, 0), 0);
}

/* From wherever the ring was: the next entries are the first, wrap counters and all. */
static void starts_at_the_beginning(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	for (uint16_t before = 0; before < 2 * BOX_SIZE + 3; before += 5) {
		start_with_reset(box);
		for (uint16_t i = 0; i < before; i++) {
			either_offer(&ring, i % BOX_SIZE);
			either_expect(&ring, i % BOX_SIZE);
		}
		box_write(box, VIO_MMIO_INTERRUPT_ACK, 1);
		reset_queue(box, 0);
		assert_int_equal(either_enable(&ring, BOX_SIZE), 1);
		either_offer(&ring, 3);
		either_expect(&ring, 3);
		assert_true(box->line);
	}
	assert_int_equal(box->failed, 0);
}

/* What was made available before, and not looked at, is not looked at later. */
static void buffers_of_before_are_forgotten(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	box->slot.serving = VIO_MMIO_SERVE_LATER;
	start_with_reset(box);
	if (ring.is_packed) {
		packed_add(&ring.packed, BOX_DATA, 8, WRITE, 0);
	} else {
		box_desc(box, 0, 0, BOX_DATA, 8, WRITE, 0);
		box_avail(box, 0, 0);
		box_publish(box, 0);
	}
	box_kick(box, 0);
	assert_true(box->serve_wanted);
	reset_queue(box, 0);
	box_snapshot(box);
	box_serve(box);
	box_assert_untouched(box);
	assert_int_equal(box->loads, 0);
	assert_false(box->line);
}

static void smaller_and_elsewhere(void **state)
{
	struct box *box = *state;
	const uint16_t size = box->row ? 3 : 4;

	box->device.behaviour = BOX_FILL;
	start_with_reset(box);
	either_offer(&ring, 0);
	reset_queue(box, 0);
	assert_int_equal(either_enable(&ring, size), 1);
	for (uint16_t i = 0; i < 4 * size; i++) {
		either_offer(&ring, i % size);
		either_expect(&ring, i % size);
	}
	/* And in FAR, with the old place left alone. */
	reset_queue(box, 0);
	memset(box_at(box, BOX_FAR, 0x3000), 0, 0x3000);
	assert_int_equal(box_ready(box, 0, size, BOX_FAR, BOX_FAR + 0x1000, BOX_FAR + 0x2000), 1);
	if (ring.is_packed) {
		packed_entry(box, BOX_FAR, 0, BOX_DATA, 8, 9, WRITE | VIO_PACKED_F_AVAIL);
	} else {
		box_entry(box, BOX_FAR, 0, BOX_DATA, 8, WRITE, 0);
		box_put(box, BOX_FAR + 0x1002, &(uint16_t){ vio_le16(1) }, 2);
	}
	box_snapshot(box);
	box->allowed_count = 0;
	box_allow(box, BOX_FAR, 0x3000);
	box_allow(box, BOX_DATA, 8);
	box_kick(box, 0);
	box_assert_untouched(box);
	assert_int_equal(box->device.device.queues[0].counters.requests, 4 * size + 2);
	assert_int_equal(box->failed, 0);
}

/* Size and addresses are as before the first set-up: readying the queue again just so fails. */
static void enabled_without_addresses(void **state)
{
	struct box *box = *state;

	start_with_reset(box);
	reset_queue(box, 0);
	box_write(box, VIO_MMIO_QUEUE_READY, 1);
	assert_int_equal(queue_ready(box, 0), 0);
	assert_inert(box, 0);
	assert_int_equal(either_enable(&ring, BOX_SIZE), 1);
	either_offer(&ring, 2);
	assert_int_equal(box->failed, 0);
}

static void others_go_on(void **state)
{
	struct box *box = *state;
	struct packed other;

	box->device.behaviour = BOX_FILL;
	start_with_reset(box);
	reset_queue(box, 0);
	if (ring.is_packed) {
		packed_init(&other, box, 1, BOX_SIZE);
		packed_offer(&other, BOX_DATA, 8, WRITE, 7);
		packed_expect(&other, 7, 8, 1);
	} else {
		box_desc(box, 1, 7, BOX_DATA, 8, WRITE, 0);
		box_offer(box, 1, 7);
		assert_int_equal(box_used_idx(box, 1), 1);
	}
	assert_true(box->line);
	assert_int_equal(box_status(box), 0xf);
	assert_int_equal(box->device.resets, 2); /* at the start: attached, and by the driver */
}

/* ---- With requests in flight ---- */

static void waits_for_the_backend(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_HOLD;
	start_with_reset(box);
	either_offer(&ring, 0);
	either_offer(&ring, 1);
	assert_int_equal(box->device.held_count, 2);
	reset_queue(box, 0);
	assert_int_equal(queue_reset(box, 0), 1);
	assert_int_equal(queue_ready(box, 0), 0);
	assert_inert(box, 0);

	/* Not to be had before it is over, but the others are not concerned. */
	assert_int_equal(either_enable(&ring, BOX_SIZE), 0);
	assert_int_equal(queue_reset(box, 0), 1);
	assert_int_equal(queue_reset(box, 1), 0);
	assert_int_equal(queue_ready(box, 1), 1);

	/* What comes back goes nowhere, and nobody hears of it. */
	box_snapshot(box);
	box_allow(box, BOX_DATA, 0x80);
	box_complete(box, 1);
	assert_int_equal(queue_reset(box, 0), 1);
	box_complete(box, 0);
	assert_int_equal(queue_reset(box, 0), 0);
	assert_int_equal(queue_ready(box, 0), 0);
	box_assert_untouched(box);
	assert_int_equal(box->loads, 0);
	assert_false(box->line);
	assert_int_equal(box->device.device.queues[0].counters.late, 2);

	assert_int_equal(either_enable(&ring, BOX_SIZE), 1);
	assert_int_equal(queue_reset(box, 0), 0);
	/* None of the ring counts as taken. */
	box->device.held_count = 0;
	for (uint16_t i = 0; i < BOX_SIZE; i++)
		either_offer(&ring, i);
	assert_int_equal(box->failed, 0);
	assert_int_equal(box->device.held_count, BOX_SIZE);
	box_complete(box, 5);
	either_expect(&ring, 5);
}

/* Once more while it goes on changes nothing; the device's reset takes it over. */
static void reset_of_the_device_meanwhile(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_HOLD;
	start_with_reset(box);
	either_offer(&ring, 0);
	reset_queue(box, 0);
	reset_queue(box, 0);
	assert_int_equal(queue_reset(box, 0), 1);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_PARK);
	assert_int_equal(queue_reset(box, 0), 0);
	assert_int_equal(box->released, 0);
	box_complete(box, 0);
	assert_int_equal(box->released, 1);
	for (uint32_t i = 0; i < BOX_QUEUES; i++) {
		assert_int_equal(queue_reset(box, i), 0);
		assert_int_equal(queue_ready(box, i), 0);
	}
	assert_int_equal(box_status(box), 0);
	box_assert_works(box);
	packed_assert_works(box);
}

/* ---- Where there is nothing to reset ---- */

static void ignored_when_not_negotiated(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	either_start(&ring, box, 0);
	either_offer(&ring, 0);
	either_expect(&ring, 0);
	reset_queue(box, 0);
	assert_int_equal(queue_reset(box, 0), 0);
	assert_int_equal(queue_ready(box, 0), 1);
	either_offer(&ring, 1);
	either_expect(&ring, 1);
	assert_int_equal(box->failed, 0);
}

static void ignored_on_queues_that_are_not_live(void **state)
{
	static const uint32_t queues[] = { BOX_QUEUES, 0x8000, 0x80000000, UINT32_MAX };
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	start_with_reset(box);
	box_write(box, VIO_MMIO_QUEUE_SEL, 1);
	assert_int_equal(box_write(box, VIO_MMIO_QUEUE_READY, 0), VIO_MMIO_DONE);
	box_write(box, VIO_MMIO_QUEUE_SIZE, 8);
	/* What the driver is writing for a queue to come is not taken from it. */
	reset_queue(box, 1);
	assert_int_equal(queue_reset(box, 1), 0);
	assert_int_equal(box->device.device.configs[1].size, 8);
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(queues); i++) {
		reset_queue(box, queues[i]);
		assert_int_equal(queue_reset(box, queues[i]), 0);
	}
	either_offer(&ring, 0);
	either_expect(&ring, 0);
}

static void only_a_1_resets(void **state)
{
	static const uint32_t values[] = { 0, 2, 3, 0x100, 0x80000001, UINT32_MAX };
	struct box *box = *state;

	start_with_reset(box);
	box_write(box, VIO_MMIO_QUEUE_SEL, 0);
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(values); i++) {
		assert_int_equal(box_write(box, VIO_MMIO_QUEUE_RESET, values[i]), VIO_MMIO_DONE);
		assert_int_equal(queue_ready(box, 0), 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EITHER("MMIO-D-09 MMIO-D-10 MMIO-D-13", register_follows_the_reset),
		EITHER("VQR-D-03 MMIO-D-11", starts_at_the_beginning),
		EITHER("VQR-D-01 VQR-D-02", buffers_of_before_are_forgotten),
		EITHER("VQR-D-04", smaller_and_elsewhere),
		EITHER("VQR-H-05", enabled_without_addresses),
		EITHER("VQR-D-01", others_go_on),
		EITHER("VQR-D-01 VQR-D-02 MMIO-D-10 MMIO-D-12 MMIO-D-13", waits_for_the_backend),
		EITHER("12 MMIO-D-09", reset_of_the_device_meanwhile),
		EITHER("MMIO-H-34", ignored_when_not_negotiated),
		EITHER("MMIO-H-34", ignored_on_queues_that_are_not_live),
		EITHER("MMIO-D-11", only_a_1_resets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

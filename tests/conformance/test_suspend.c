/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver suspends the device, 3.4, and the root pauses it, in either ring format. While what
 * had been taken is with the backend a device is neither running nor suspended.
 */
#include "either.h"

#define RUNNING   0x0f
#define SUSPENDED 0x1b

static struct either ring;

static void start(struct box *box)
{
	box->device.behaviour = BOX_FILL;
	either_start(&ring, box, VIO_BIT(VIO_F_SUSPEND) | VIO_BIT(VIO_F_RING_RESET));
}

static void set(struct box *box, uint32_t bits)
{
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, box_status(box) | bits), VIO_MMIO_DONE);
}

static void suspend(struct box *box)
{
	set(box, VIO_STATUS_SUSPEND);
	assert_int_equal(box_status(box), SUSPENDED);
}

static void resume(struct box *box)
{
	set(box, VIO_STATUS_DRIVER_OK);
	assert_int_equal(box_status(box), RUNNING);
	box_serve(box);
}

/* Two buffers are with the backend, and the driver wants the device to suspend. */
static void suspend_with_two_held(struct box *box)
{
	start(box);
	box->device.behaviour = BOX_HOLD;
	either_offer(&ring, 0);
	either_offer(&ring, 1);
	assert_int_equal(box->device.held_count, 2);
	set(box, VIO_STATUS_SUSPEND);
	assert_int_equal(box_status(box), RUNNING);
}

static void lower(struct box *box)
{
	box_write(box, VIO_MMIO_INTERRUPT_ACK, UINT32_MAX);
	assert_false(box->line);
}

/* The device looks at no ring and says nothing, whatever the driver and the backend do. */
static void assert_at_rest(struct box *box)
{
	unsigned deferred = box->deferred;

	lower(box);
	box_snapshot(box);
	for (uint32_t i = 0; i < BOX_QUEUES; i++) {
		box_kick(box, i);
		vio_queue_kick(&box->device.device.queues[i]);
	}
	vio_mmio_serve(&box->slot);
	box_assert_untouched(box);
	assert_int_equal(box->loads, 0);
	assert_int_equal(box->deferred, deferred);
	assert_false(either_is_used(&ring));
	assert_false(box->line);
}

/* ---- When SUSPEND means something ---- */

static void ignored_before_driver_ok(void **state)
{
	struct box *box = *state;

	for (uint32_t i = 0; i < 5; i++) {
		box_write(box, VIO_MMIO_STATUS, VIO_STATUS_SUSPEND);
		assert_int_equal(box_status(box), 0);
	}
	box_negotiate(box, VIO_BIT(VIO_F_SUSPEND));
	set(box, VIO_STATUS_SUSPEND);
	assert_int_equal(box_status(box), 0x0b);
	/* Both at once: the device becomes a running one. */
	set(box, VIO_STATUS_DRIVER_OK | VIO_STATUS_SUSPEND);
	assert_int_equal(box_status(box), RUNNING);
	assert_false(box->device.device.suspending);
	box_assert_works(box);
}

static void ignored_when_not_negotiated(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	either_start(&ring, box, 0);
	set(box, VIO_STATUS_SUSPEND);
	assert_int_equal(box_status(box), RUNNING);
	either_offer(&ring, 0);
	either_expect(&ring, 0);
}

static void ignored_when_broken(void **state)
{
	struct box *box = *state;

	start(box);
	set(box, VIO_STATUS_FAILED);
	set(box, VIO_STATUS_SUSPEND);
	assert_int_equal(box_status(box), 0x8f);
}

/* ---- What is in flight ---- */

static void finishes_what_it_took(void **state)
{
	struct box *box = *state;

	suspend_with_two_held(box);
	lower(box);
	/* No more is taken, */
	either_offer(&ring, 2);
	box_serve(box);
	assert_int_equal(box->device.held_count, 2);
	/* but what was is used, and the driver told, in any order, */
	box_complete(box, 1);
	either_expect(&ring, 1);
	assert_true(box->line);
	assert_int_equal(box_status(box), RUNNING);
	lower(box);
	/* before it is told that the device is suspended. */
	box_complete(box, 0);
	either_expect(&ring, 0);
	assert_true(box->line);
	assert_int_equal(box_status(box), SUSPENDED);
	assert_at_rest(box);

	box->device.held_count = 0;
	resume(box);
	assert_int_equal(box->device.held_count, 1);
	box_complete(box, 0);
	either_expect(&ring, 2);
	assert_int_equal(box->device.device.queues[0].counters.late, 0);
}

static void in_order_too(void **state)
{
	struct box *box = *state;

	either_start(&ring, box, VIO_BIT(VIO_F_SUSPEND) | VIO_BIT(VIO_F_IN_ORDER));
	box->device.behaviour = BOX_HOLD;
	for (uint16_t i = 0; i < 3; i++)
		either_offer(&ring, i);
	set(box, VIO_STATUS_SUSPEND);
	box_complete(box, 2);
	box_complete(box, 1);
	assert_false(either_is_used(&ring));
	assert_int_equal(box_status(box), RUNNING);
	box_complete(box, 0);
	assert_int_equal(box_status(box), SUSPENDED);
	/* One used entry stands for all three. */
	if (ring.is_packed)
		packed_expect(&ring.packed, 2, 8, 3);
	else
		assert_int_equal(box_used_idx(box, 0), 3);
}

/* A batch that the device has begun by itself, and not ended, is published first. */
static void ends_the_batch(void **state)
{
	struct box *box = *state;
	struct vio_queue *queue = &box->device.device.queues[0];
	struct vio_request req;

	start(box);
	box->device.behaviour = BOX_IGNORE;
	either_offer(&ring, 7);
	assert_true(vio_queue_begin(queue));
	assert_true(vio_queue_take(queue, &req));
	vio_request_zero_rest(&req);
	vio_queue_complete(queue, &req);
	assert_false(either_is_used(&ring));
	suspend(box);
	either_expect(&ring, 7);
	assert_true(box->line);
	assert_false(vio_queue_begin(queue));
	vio_queue_end(queue);
	assert_at_rest(box);
}

/* What the backend gives back undone is taken again, first. */
static void puts_back(void **state)
{
	struct box *box = *state;
	struct vio_queue *queue = &box->device.device.queues[0];
	const uint32_t requests = queue->counters.requests;

	start(box);
	box->device.behaviour = BOX_HOLD;
	either_offer(&ring, 5);
	set(box, VIO_STATUS_SUSPEND);
	vio_queue_untake(queue, &box->device.held[0].request);
	assert_int_equal(box_status(box), SUSPENDED);
	assert_int_equal(queue->counters.requests, requests);
	assert_at_rest(box);
	box->device.behaviour = BOX_FILL;
	resume(box);
	either_expect(&ring, 5);
	assert_false(either_is_used(&ring));
}

static void needs_reset_instead(void **state)
{
	struct box *box = *state;

	suspend_with_two_held(box);
	vio_queue_refuse(box->device.held[0].queue, &box->device.held[0].request);
	assert_int_equal(box_status(box), RUNNING | VIO_STATUS_NEEDS_RESET);
	box_complete(box, 1);
	set(box, VIO_STATUS_SUSPEND);
	assert_int_equal(box_status(box), RUNNING | VIO_STATUS_NEEDS_RESET);
	assert_false(either_is_used(&ring));
	box_assert_works(box);
}

/* ---- While suspended ---- */

static void rests_until_resumed(void **state)
{
	struct box *box = *state;

	start(box);
	for (uint16_t round = 0; round < 40; round++) {
		unsigned notified = box->device.notified[0];

		box->slot.serving = round % 2 == 0 ? VIO_MMIO_SERVE_NOW : VIO_MMIO_SERVE_LATER;
		suspend(box);
		either_add(&ring, round % BOX_SIZE);
		assert_at_rest(box);
		assert_int_equal(box->device.notified[0], notified);
		/* Without a kick. */
		resume(box);
		either_expect(&ring, round % BOX_SIZE);
		assert_true(box->line);
		either_offer(&ring, (round + 3) % BOX_SIZE);
		either_expect(&ring, (round + 3) % BOX_SIZE);
	}
	assert_int_equal(box->failed, 0);
}

/* Broken rings are not seen before the device looks. */
static void breaks_after_resuming(void **state)
{
	struct box *box = *state;

	start(box);
	suspend(box);
	if (ring.is_packed)
		packed_offer(&ring.packed, 0, 8, 0, 0);
	else
		box_offer(box, 0, BOX_SIZE);
	assert_int_equal(box_status(box), SUSPENDED);
	set(box, VIO_STATUS_DRIVER_OK);
	box_serve(box);
	assert_int_equal(box_status(box), RUNNING | VIO_STATUS_NEEDS_RESET);
	assert_int_equal(box->failed, 1);
}

static void ignores_config_writes(void **state)
{
	struct box *box = *state;
	const uint32_t rw32 = VIO_MMIO_CONFIG + offsetof(struct box_config, rw32);

	start(box);
	suspend(box);
	for (unsigned width = 1; width <= 8; width *= 2)
		vio_mmio_write(&box->slot, rw32, width, 0);
	assert_int_equal(box->device.config_writes, 0);
	assert_int_equal(box_read(box, rw32), 0xd4d3d2d1);
	resume(box);
	vio_mmio_write(&box->slot, rw32, 4, 7);
	assert_int_equal(box->device.config_writes, 1);
	assert_int_equal(box_read(box, rw32), 7);
}

static uint64_t read64(struct box *box)
{
	return vio_driver_config(&box->driver, offsetof(struct box_config, ro64), 8);
}

static void defers_config_changes(void **state)
{
	struct box *box = *state;
	uint32_t generation = 0;

	start(box);
	suspend(box);
	generation = box_read(box, VIO_MMIO_CONFIG_GENERATION);
	for (uint64_t i = 1; i <= 3; i++) {
		box->device.ro64 = UINT64_C(0x5500000000) + i;
		vio_device_config_changed(&box->device.device);
		assert_int_equal(box_read(box, VIO_MMIO_CONFIG_GENERATION), generation);
		assert_true(read64(box) == UINT64_C(0x0123456789abcdef));
		assert_false(box->line);
	}
	resume(box);
	assert_true(read64(box) == UINT64_C(0x5500000003));
	assert_int_equal(box_read(box, VIO_MMIO_CONFIG_GENERATION), generation + 1);
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), VIO_INTERRUPT_CONFIG);
	/* Once. */
	lower(box);
	suspend(box);
	resume(box);
	assert_false(box->line);
	assert_int_equal(box->device.configures, 1);
}

/* The next driver finds what the last one was not told. */
static void reset_brings_the_change(void **state)
{
	struct box *box = *state;

	start(box);
	suspend(box);
	box->device.ro64 = 99;
	vio_device_config_changed(&box->device.device);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_DONE);
	assert_int_equal(box_status(box), 0);
	assert_true(read64(box) == 99);
	assert_false(box->line);
	box_assert_works(box);
}

/* ---- Queues and resets meanwhile ---- */

static void reset_while_suspending(void **state)
{
	struct box *box = *state;

	suspend_with_two_held(box);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_PARK);
	box_snapshot(box);
	box_allow(box, BOX_DATA, 0x80);
	box_complete(box, 0);
	assert_int_equal(box->released, 0);
	box_complete(box, 1);
	assert_int_equal(box->released, 1);
	box_assert_untouched(box);
	assert_int_equal(box_status(box), 0);
	assert_false(box->line);
	box_assert_works(box);
	packed_assert_works(box);
}

static void queue_reset_while_suspending(void **state)
{
	struct box *box = *state;

	suspend_with_two_held(box);
	box_write(box, VIO_MMIO_QUEUE_SEL, 0);
	box_write(box, VIO_MMIO_QUEUE_RESET, 1);
	assert_int_equal(box_read(box, VIO_MMIO_QUEUE_RESET), 1);
	box_complete(box, 0);
	assert_int_equal(box_status(box), RUNNING);
	box_complete(box, 1);
	assert_int_equal(box_read(box, VIO_MMIO_QUEUE_RESET), 0);
	assert_int_equal(box_status(box), SUSPENDED);
	assert_false(either_is_used(&ring));
	assert_int_equal(box->device.device.queues[0].counters.late, 2);

	/* Set up again, it rests like the others. */
	assert_int_equal(either_enable(&ring, 8), 1);
	either_add(&ring, 3);
	assert_at_rest(box);
	box->device.behaviour = BOX_FILL;
	resume(box);
	either_expect(&ring, 3);
}

static void disabled_queue_stays_so(void **state)
{
	struct box *box = *state;

	start(box);
	suspend(box);
	box_write(box, VIO_MMIO_QUEUE_SEL, 0);
	assert_int_equal(box_write(box, VIO_MMIO_QUEUE_READY, 0), VIO_MMIO_DONE);
	either_add(&ring, 0);
	resume(box);
	either_offer(&ring, 1);
	assert_int_equal(box->device.notified[0], 1); /* at the start */
	assert_false(either_is_used(&ring));
}

/* Given up, it does not run again, however often the driver says DRIVER_OK. */
static void failed_while_suspended(void **state)
{
	struct box *box = *state;

	start(box);
	suspend(box);
	set(box, VIO_STATUS_FAILED);
	either_add(&ring, 0);
	set(box, VIO_STATUS_DRIVER_OK);
	assert_at_rest(box);
	assert_int_equal(box_status(box), SUSPENDED | VIO_STATUS_FAILED);
	box_assert_works(box);
}

/* ---- Paused by the root ---- */

static void pause_is_silent(void **state)
{
	struct box *box = *state;

	start(box);
	assert_true(vio_device_pause(&box->device.device));
	assert_int_equal(box_status(box), RUNNING);
	either_add(&ring, 0);
	assert_at_rest(box);
	/* The configuration is not the driver's to freeze now. */
	box->device.ro64 = 5;
	vio_device_config_changed(&box->device.device);
	assert_true(read64(box) == 5);
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), VIO_INTERRUPT_CONFIG);

	vio_device_resume(&box->device.device);
	assert_true(box->serve_wanted);
	box_serve(box);
	either_expect(&ring, 0);
	assert_int_equal(box->released, 0);
}

static void pause_waits_for_the_backend(void **state)
{
	struct box *box = *state;

	start(box);
	box->device.behaviour = BOX_HOLD;
	either_offer(&ring, 0);
	either_offer(&ring, 1);
	assert_false(vio_device_pause(&box->device.device));
	either_offer(&ring, 2);
	box_complete(box, 1);
	assert_int_equal(box->released, 0);
	box_complete(box, 0);
	assert_int_equal(box->released, 1);
	assert_true(vio_device_pause(&box->device.device));
	either_expect(&ring, 1);
	either_expect(&ring, 0);
	assert_at_rest(box);
	assert_int_equal(box->device.held_count, 2);
	vio_device_resume(&box->device.device);
	box_serve(box);
	assert_int_equal(box->device.held_count, 3);
}

/* Taken back before it came to anything: the completions are good. */
static void resumed_too_early(void **state)
{
	struct box *box = *state;

	start(box);
	box->device.behaviour = BOX_HOLD;
	either_offer(&ring, 0);
	assert_false(vio_device_pause(&box->device.device));
	vio_device_resume(&box->device.device);
	box_serve(box);
	box_complete(box, 0);
	either_expect(&ring, 0);
	assert_int_equal(box->released, 0);
	assert_int_equal(box->device.device.queues[0].counters.late, 0);
}

/* A driver that comes up, suspends or resumes meanwhile is not served before the root is ready. */
static void pause_and_driver(void **state)
{
	struct box *box = *state;

	assert_true(vio_device_pause(&box->device.device));
	start(box);
	either_add(&ring, 0);
	assert_at_rest(box);
	suspend(box);
	resume(box);
	assert_at_rest(box);
	suspend(box);
	vio_device_resume(&box->device.device);
	assert_at_rest(box);
	resume(box);
	either_expect(&ring, 0);
}

static void reset_while_pausing(void **state)
{
	struct box *box = *state;

	start(box);
	box->device.behaviour = BOX_HOLD;
	either_offer(&ring, 0);
	assert_false(vio_device_pause(&box->device.device));
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_PARK);
	box_complete(box, 0);
	assert_int_equal(box->released, 1);
	assert_int_equal(box_status(box), 0);
	assert_true(vio_device_pause(&box->device.device));
	vio_device_resume(&box->device.device);
	box_assert_works(box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST("SUS-D-01", ignored_before_driver_ok),
		EITHER("SUS-H-13", ignored_when_not_negotiated),
		EITHER("SUS-H-13", ignored_when_broken),
		EITHER("SUS-D-08 SUS-D-10 SUS-D-11 SUS-D-12", finishes_what_it_took),
		EITHER("SUS-D-11", in_order_too),
		EITHER("SUS-D-11 SUS-D-12", ends_the_batch),
		EITHER("SUS-D-11", puts_back),
		EITHER("SUS-D-08", needs_reset_instead),
		EITHER("SUS-D-03 SUS-D-04 SUS-D-09 SUS-H-13", rests_until_resumed),
		EITHER("SUS-D-09 SUS-H-13", breaks_after_resuming),
		EITHER("SUS-D-02 SUS-H-13", ignores_config_writes),
		EITHER("SUS-D-05 SUS-D-06 SUS-D-07", defers_config_changes),
		EITHER("SUS-D-05", reset_brings_the_change),
		EITHER("SUS-H-13 RST-D-02", reset_while_suspending),
		EITHER("SUS-D-04 SUS-H-13", queue_reset_while_suspending),
		EITHER("SUS-H-13", disabled_queue_stays_so),
		EITHER("SUS-H-13", failed_while_suspended),
		EITHER("pause:", pause_is_silent),
		EITHER("pause:", pause_waits_for_the_backend),
		EITHER("pause:", resumed_too_early),
		EITHER("pause:", pause_and_driver),
		EITHER("pause:", reset_while_pausing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

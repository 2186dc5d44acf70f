/* SPDX-License-Identifier: BSD-2-Clause */
/* What devices ask of a queue: batches, putting back, late and odd completions, counters. */
#include "box.h"

static void offer_some(struct box *box, uint16_t count)
{
	for (uint16_t i = 0; i < count; i++) {
		box_desc(box, 0, i, BOX_DATA + i * UINT64_C(8), 8, VIO_DESC_F_WRITE, 0);
		box_avail(box, 0, i);
	}
	box_publish(box, 0);
	box_kick(box, 0);
}

static void put_back_and_taken_again(void **state)
{
	struct box *box = *state;
	struct vio_queue *queue = &box->device.device.queues[0];

	box->device.behaviour = BOX_UNTAKE;
	box_start(box, VIO_BIT(VIO_F_EVENT_IDX));
	for (unsigned i = 0; i < 3; i++)
		offer_some(box, 1 + i);
	assert_int_equal(box_used_idx(box, 0), 0);
	assert_int_equal(vio_queue_held(queue), 0);
	assert_int_equal(queue->counters.requests, 0);
	assert_int_equal(queue->counters.bytes_read, 0);
	assert_false(box->line);

	/* The driver has no reason to kick again: the device does when it can. */
	box->device.behaviour = BOX_FILL;
	vio_queue_kick(queue);
	assert_int_equal(box->deferred, 1);
	assert_int_equal(box_used_idx(box, 0), 0);
	box_serve(box);
	assert_int_equal(box_used_idx(box, 0), 6);
	assert_int_equal(box->failed, 0);
}

/* What was put back costs the batch nothing, and is counted once. */
static void put_back_is_not_taken(void **state)
{
	struct box *box = *state;
	struct vio_queue *queue = &box->device.device.queues[0];

	box->device.behaviour = BOX_WAVER;
	box->slot.serving = VIO_MMIO_SERVE_LATER;
	box_start(box, 0);
	for (uint16_t i = 0; i < BOX_SIZE; i++) {
		box_desc(box, 0, i, BOX_DATA, 5, 0, 0);
		box_avail(box, 0, i);
	}
	box_publish(box, 0);
	box_kick(box, 0);
	vio_mmio_serve(&box->slot);
	assert_int_equal(box_used_idx(box, 0), BOX_SIZE);
	assert_int_equal(queue->counters.requests, BOX_SIZE);
	assert_int_equal(queue->counters.bytes_read, 5 * BOX_SIZE);
}

static void put_back_late(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_HOLD;
	box_start(box, 0);
	offer_some(box, 1);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_PARK);
	vio_queue_untake(box->device.held[0].queue, &box->device.held[0].request);
	assert_int_equal(box->released, 1);
	assert_int_equal(box_status(box), 0);
	box_assert_works(box);
}

static void reset_after_putting_back_waits_for_nobody(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_UNTAKE;
	box_start(box, 0);
	offer_some(box, 2);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_DONE);
	box_assert_works(box);
}

/* A batch of the device's own, which is open when the call ends. */
static struct vio_request *begun(struct box *box, struct vio_queue *queue)
{
	static struct vio_span spans[BOX_SIZE];
	static struct vio_request req;

	box->device.behaviour = BOX_IGNORE;
	box_start(box, 0);
	offer_some(box, 2);
	assert_true(vio_queue_begin(queue));
	assert_true(vio_queue_take_into(queue, &req, spans, BOX_SIZE));
	return &req;
}

static void put_back_while_halted_is_not_taken_again(void **state)
{
	struct box *box = *state;
	struct vio_queue *queue = &box->device.device.queues[0];
	struct vio_request *req = begun(box, queue);
	struct vio_span spans[BOX_SIZE];

	assert_false(vio_device_pause(&box->device.device));
	vio_queue_untake(queue, req);
	assert_false(vio_queue_take_into(queue, req, spans, BOX_SIZE));
	vio_queue_end(queue);
	vio_device_resume(&box->device.device);
	box->device.behaviour = BOX_FILL;
	vio_mmio_serve(&box->slot);
	assert_int_equal(box_used_idx(box, 0), 2);
}

/* VQ-D: a ring that the driver took back is not written to when the device's batch ends. */
static void batch_over_a_disabled_queue_shows_nothing(void **state)
{
	struct box *box = *state;
	struct vio_queue *queue = &box->device.device.queues[0];
	const uint32_t live = box_version ? VIO_MMIO_QUEUE_PFN : VIO_MMIO_QUEUE_READY;

	vio_queue_complete(queue, begun(box, queue));
	box_write(box, VIO_MMIO_QUEUE_SEL, 0);
	assert_int_equal(box_write(box, live, 0), VIO_MMIO_DONE);
	vio_queue_end(queue);
	assert_int_equal(box_used_idx(box, 0), 0);

	vio_queue_complete(queue, begun(box, queue));
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_DONE);
	vio_queue_end(queue);
	assert_int_equal(box_used_idx(box, 0), 0);
	assert_int_equal(queue->counters.interrupts, 0);
}

static void completions_outside_a_batch(void **state)
{
	struct box *box = *state;
	struct vio_queue *queue = &box->device.device.queues[0];

	box->device.behaviour = BOX_HOLD;
	box_start(box, 0);
	offer_some(box, 4);
	assert_int_equal(vio_queue_held(queue), 4);
	for (uint16_t i = 0; i < 4; i++) {
		box_complete(box, i);
		assert_int_equal(box_used_idx(box, 0), i + 1);
		assert_int_equal(queue->counters.interrupts, i + 1);
	}
	assert_int_equal(vio_queue_held(queue), 0);
	assert_int_equal(queue->counters.bytes_written, 32);
	assert_int_equal(queue->counters.kicks, 1);
	assert_int_equal(queue->counters.requests, 4);
	assert_int_equal(queue->counters.late, 0);
}

/* Entries that are shown at once, and about whose interrupt is decided later, by the wish of then.
 */
static void shown_now_and_decided_later(void **state)
{
	struct box *box = *state;
	struct vio_queue *queue = &box->device.device.queues[0];
	uint16_t undecided = 0;

	box->device.behaviour = BOX_HOLD;
	box_start(box, 0);
	offer_some(box, 4);
	for (uint16_t i = 0; i < 2; i++) {
		assert_true(vio_queue_begin(queue));
		box_complete(box, i);
		undecided = vio_queue_show(queue, undecided);
		assert_int_equal(undecided, i + 1);
		assert_int_equal(box_used_idx(box, 0), i + 1);
	}
	assert_int_equal(vio_queue_show(queue, undecided), undecided); /* no batch is open */
	assert_int_equal(queue->counters.interrupts, 0);
	vio_queue_decide(queue, undecided);
	assert_int_equal(queue->counters.interrupts, 1);

	box_set_avail_flags(box, 0, VIO_AVAIL_F_NO_INTERRUPT);
	assert_true(vio_queue_begin(queue));
	box_complete(box, 2);
	undecided = vio_queue_show(queue, 0);
	vio_queue_decide(queue, undecided);
	assert_int_equal(queue->counters.interrupts, 1);
	assert_true(vio_queue_begin(queue));
	box_complete(box, 3);
	undecided = vio_queue_show(queue, 0);
	box_set_avail_flags(box, 0, 0);
	vio_queue_decide(queue, undecided);
	assert_int_equal(queue->counters.interrupts, 2);
	vio_queue_decide(queue, 0);
	assert_int_equal(queue->counters.interrupts, 2);
}

/* What the driver put there before is in the ring again after a reset; what we knew of it is not.
 */
static void heads_in_flight_are_forgotten(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_HOLD;
	box_start(box, 0);
	offer_some(box, BOX_SIZE);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_PARK);
	for (unsigned i = 0; i < BOX_SIZE; i++)
		box_complete(box, i);
	assert_int_equal(box->released, 1);
	box->device.held_count = 0;
	box_start(box, 0);
	offer_some(box, BOX_SIZE);
	assert_int_equal(box->device.held_count, BOX_SIZE);
	assert_int_equal(box->failed, 0);
	assert_int_equal(box->device.device.queues[0].counters.late, BOX_SIZE);
}

static void spans_of_the_caller_are_the_limit(void **state)
{
	struct box *box = *state;
	struct vio_queue *queue = &box->device.device.queues[0];
	struct vio_span spans[3];
	struct vio_request req;

	box->device.behaviour = BOX_IGNORE;
	box_start(box, 0);
	for (uint16_t i = 0; i < 4; i++)
		box_desc(box, 0, i, BOX_DATA + i, 1, i < 3 ? VIO_DESC_F_NEXT : 0, i + 1);
	box_avail(box, 0, 1); /* of three descriptors */
	box_avail(box, 0, 0); /* of four */
	box_publish(box, 0);
	box_snapshot(box);
	assert_true(vio_queue_begin(queue));
	assert_true(vio_queue_take_into(queue, &req, spans, 3));
	assert_int_equal(req.readable_len, 3);
	assert_int_equal(queue->counters.bytes_read, 3);
	assert_false(vio_queue_take_into(queue, &req, spans, 3));
	box_assert_needs_reset(box, VIO_ERROR_CHAIN_LENGTH);
}

static void nothing_is_taken_outside_a_batch(void **state)
{
	struct box *box = *state;
	struct vio_queue *queue = &box->device.device.queues[0];
	struct vio_request req;

	box->device.behaviour = BOX_IGNORE;
	box_start(box, 0);
	offer_some(box, 1);
	assert_false(vio_queue_take(queue, &req));
	assert_int_equal(vio_queue_held(queue), 0);
}

static void kicks_of_several_queues(void **state)
{
	struct box *box = *state;

	box->slot.serving = VIO_MMIO_SERVE_LATER;
	box_start(box, 0);
	memset(box->device.notified, 0, sizeof(box->device.notified));
	vio_queue_kick(&box->device.device.queues[2]);
	box_kick(box, 1);
	vio_queue_kick(&box->device.device.queues[0]);
	box_serve(box);
	for (unsigned i = 0; i < BOX_QUEUES; i++)
		assert_int_equal(box->device.notified[i], 1);
}

static void kick_of_a_closed_queue(void **state)
{
	struct box *box = *state;

	vio_queue_kick(&box->device.device.queues[0]);
	assert_int_equal(box->deferred, 0);
	box_negotiate(box, 0);
	vio_queue_kick(&box->device.device.queues[0]);
	assert_int_equal(box->deferred, 0);
	assert_int_equal(box->device.device.pending, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST("SPL-D-19", put_back_and_taken_again),
		BOX_TEST("26 SPL-D-19", put_back_is_not_taken),
		BOX_TEST("12", put_back_late),
		BOX_TEST("12", reset_after_putting_back_waits_for_nobody),
		BOX_TEST("SPL-D-10", completions_outside_a_batch),
		BOX_TEST("SPL-D-10", shown_now_and_decided_later),
		BOX_TEST("SPL-D-10", put_back_while_halted_is_not_taken_again),
		BOX_TEST("SPL-D-10", batch_over_a_disabled_queue_shows_nothing),
		BOX_TEST("12 STAT-P-06", heads_in_flight_are_forgotten),
		BOX_TEST("SPL-D-02", spans_of_the_caller_are_the_limit),
		BOX_TEST("26", nothing_is_taken_outside_a_batch),
		BOX_TEST("INIT-H-03", kicks_of_several_queues),
		BOX_TEST("RST-D-02", kick_of_a_closed_queue),
	};

	return BOX_RUN_TESTS(tests);
}

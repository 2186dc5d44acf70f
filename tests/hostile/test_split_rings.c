/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rings whose indices lie, and drivers that write while the device reads: hostile-cases.md 25 to 28
 * and 32 to 34.
 */
#include "box.h"

#define WRITE VIO_DESC_F_WRITE

static void set_avail_idx(struct box *box, uint32_t queue, uint16_t idx)
{
	box->avail_idx[queue] = idx;
	box_publish(box, queue);
}

/* Descriptor i of queue 0 is a chain of its own of eight writable bytes. */
static void write_single_descriptors(struct box *box)
{
	for (uint16_t i = 0; i < BOX_SIZE; i++)
		box_desc(box, 0, i, BOX_DATA + i * UINT64_C(16), 8, WRITE, 0);
}

/* ---- 25: the available index ---- */

static void jump(struct box *box, uint16_t before, uint16_t jump)
{
	box->device.behaviour = BOX_FILL;
	box_start(box, 0);
	write_single_descriptors(box);
	for (uint16_t i = 0; i < before; i++)
		box_offer(box, 0, 0);
	assert_int_equal(box_used_idx(box, 0), before);
	assert_int_equal(box->failed, 0);

	set_avail_idx(box, 0, (uint16_t)(before + jump));
	box_snapshot(box);
	box_kick(box, 0);
	box_assert_needs_reset(box, VIO_ERROR_AVAIL_INDEX);
	assert_int_equal(box_used_idx(box, 0), before);
	box_assert_works(box);
}

static void jump_by_one_too_many(void **state)
{
	jump(*state, 0, BOX_SIZE + 1);
}

static void jump_by_half_the_numbers(void **state)
{
	jump(*state, 3, 0x8000);
}

static void step_back(void **state)
{
	jump(*state, 3, 0xffff);
}

static void step_back_from_zero(void **state)
{
	jump(*state, 0, 0xffff);
}

static void jump_by_the_queue_size(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_HOLD;
	box_start(box, 0);
	write_single_descriptors(box);
	for (uint16_t i = 0; i < BOX_SIZE; i++)
		box_avail(box, 0, i);
	box_publish(box, 0);
	box_kick(box, 0);
	assert_int_equal(box->failed, 0);
	assert_int_equal(box->device.held_count, BOX_SIZE);
}

/* The indices are 16 bits and go round; so do the slots of a small queue. */
static void indices_wrap(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	box_start(box, VIO_BIT(VIO_F_EVENT_IDX));
	write_single_descriptors(box);
	for (uint32_t i = 0; i < 0x10000 + 5; i++) {
		box_avail(box, 0, i % BOX_SIZE);
		box_publish(box, 0);
		box_kick(box, 0);
		assert_int_equal(box_used_idx(box, 0), (uint16_t)(i + 1));
		assert_int_equal(box_used(box, 0, (uint16_t)i).id, i % BOX_SIZE);
	}
	assert_int_equal(box->failed, 0);
	assert_int_equal(box->device.device.queues[0].counters.requests, 0x10000 + 5);
}

/* ---- 26: advanced while draining ---- */

static void add_one_more(struct box *box, uint64_t addr, size_t size)
{
	(void)size;
	if (addr - BOX_DESC(0) >= vio_split_desc_bytes(BOX_SIZE) ||
	    addr % sizeof(struct vio_desc) != 0)
		return;
	box_avail(box, 0, 0);
	box_publish(box, 0);
}

/* A kick is worth what was there when it was looked at: for the rest the driver kicks again. */
static void advanced_while_draining(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	box_start(box, 0);
	write_single_descriptors(box);
	box_avail(box, 0, 0);
	box_publish(box, 0);
	box->after_load = add_one_more;
	for (unsigned round = 1; round < 10; round++) {
		const uint16_t there = box->avail_idx[0];

		box_kick(box, 0);
		assert_int_equal(box_used_idx(box, 0), there);
	}

	/* When the driver stops, so does the device, with nothing left behind. */
	box->after_load = NULL;
	box_kick(box, 0);
	assert_int_equal(box_used_idx(box, 0), box->avail_idx[0]);
	assert_int_equal(box->failed, 0);
}

/* With EVENT_IDX the device goes on, but not to what cannot be free: none was shown as used. */
static void advanced_while_draining_with_events(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	box_start(box, VIO_BIT(VIO_F_EVENT_IDX));
	write_single_descriptors(box);
	box_avail(box, 0, 0);
	box_publish(box, 0);
	box->after_load = add_one_more;
	box_kick(box, 0);
	box->after_load = NULL;
	assert_int_equal(box->failed, 1);
	assert_int_equal(box->error, VIO_ERROR_AVAIL_INDEX);
	assert_int_equal(box->device.device.queues[0].counters.requests, BOX_SIZE);
	box_assert_works(box);
}

/* ---- 27, 28: in flight ---- */

static void same_head_twice(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_HOLD;
	box_start(box, 0);
	write_single_descriptors(box);
	box_avail(box, 0, 5);
	box_avail(box, 0, 5);
	box_publish(box, 0);
	box_snapshot(box);
	box_kick(box, 0);
	assert_int_equal(box->device.held_count, 1);
	box_assert_needs_reset(box, VIO_ERROR_HEAD_IN_FLIGHT);

	/* The one taken is dropped, and nothing is told about it. */
	box_allow(box, BOX_DATA + 5 * 16, 8);
	box_complete(box, 0);
	assert_int_equal(box_used_idx(box, 0), 0);
	box_assert_untouched(box);
	box_assert_works(box);
}

static void same_head_in_a_later_kick(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_HOLD;
	box_start(box, 0);
	write_single_descriptors(box);
	box_offer(box, 0, 15);
	box_avail(box, 0, 15);
	box_publish(box, 0);
	box_snapshot(box);
	box_kick(box, 0);
	box_assert_needs_reset(box, VIO_ERROR_HEAD_IN_FLIGHT);
	box_complete(box, 0);
	box_assert_works(box);
}

/* Given back, a head may come again; the same on another queue is another buffer. */
static void same_head_after_it_was_used(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_HOLD;
	box_start(box, 0);
	write_single_descriptors(box);
	box_desc(box, 1, 5, BOX_DATA, 8, WRITE, 0);
	box_offer(box, 0, 5);
	box_offer(box, 1, 5);
	box_complete(box, 0);
	box_offer(box, 0, 5);
	assert_int_equal(box->device.held_count, 3);
	box_complete(box, 2);
	box_complete(box, 1);
	assert_int_equal(box_used_idx(box, 0), 2);
	assert_int_equal(box_used_idx(box, 1), 1);
	assert_int_equal(box->failed, 0);
}

/* With all of them in flight, no index can say that there is more. */
static void more_in_flight_than_the_queue_holds(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_HOLD;
	box_start(box, 0);
	write_single_descriptors(box);
	for (uint16_t i = 0; i < BOX_SIZE; i++)
		box_offer(box, 0, i);
	assert_int_equal(box->device.held_count, BOX_SIZE);
	box_avail(box, 0, 9);
	box_publish(box, 0);
	box_snapshot(box);
	box_kick(box, 0);
	box_assert_needs_reset(box, VIO_ERROR_AVAIL_INDEX);
	assert_int_equal(box->device.held_count, BOX_SIZE);
	for (unsigned i = 0; i < BOX_SIZE; i++)
		box_complete(box, i);
	box_assert_works(box);
}

/* ---- 32, 33: memory that changes ---- */

/* Whatever has been read is gone: a second look at it finds wild values. */
static void destroy(struct box *box, uint64_t addr, size_t size)
{
	static const uint8_t wild[8] = { 0xf5, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	/* The driver's indices are read again and again by design. */
	if (addr < box->avail_at[0] + 4 && addr >= box->avail_at[0])
		return;
	box_put(box, addr, wild, size);
}

static void destroyed_after_each_load(void **state)
{
	struct box *box = *state;
	char *answer = box_at(box, BOX_DATA + 64, 16);
	uint32_t table = 3 * sizeof(struct vio_desc);

	box_start(box, VIO_BIT(VIO_F_INDIRECT_DESC));
	memcpy(box_at(box, BOX_DATA, 16), "once and for all", 16);
	box_desc(box, 0, 2, BOX_DATA, 4, VIO_DESC_F_NEXT, 7);
	box_desc(box, 0, 7, BOX_TABLE, table, VIO_DESC_F_INDIRECT, 0);
	box_entry(box, BOX_TABLE, 0, BOX_DATA + 4, 12, VIO_DESC_F_NEXT, 2);
	box_entry(box, BOX_TABLE, 2, BOX_DATA + 64, 16, WRITE, 0);
	box_avail(box, 0, 2);
	box_publish(box, 0);
	box_snapshot(box);
	box_allow(box, BOX_DATA + 64, 16);
	box->after_load = destroy;
	box_kick(box, 0);
	assert_int_equal(box->failed, 0);
	assert_int_equal(box_used_idx(box, 0), 1);
	assert_int_equal(box_used(box, 0, 0).id, 2);
	assert_int_equal(box_used(box, 0, 0).len, 16);
	assert_memory_equal(answer, "once and for all", 16);
	box_assert_untouched(box);
	box_assert_works(box);
}

static void used_ring_overwritten(void **state)
{
	struct box *box = *state;
	uint8_t wild[0x100];

	memset(wild, 0xa5, sizeof(wild));
	box->device.behaviour = BOX_HOLD;
	box_start(box, VIO_BIT(VIO_F_EVENT_IDX));
	write_single_descriptors(box);
	for (uint16_t i = 0; i < BOX_SIZE; i++)
		box_offer(box, 0, i);
	for (uint16_t i = 0; i < BOX_SIZE; i++) {
		box_put(box, box->used_at[0], wild, sizeof(wild));
		box_complete(box, BOX_SIZE - 1 - i);
		assert_int_equal(box_used_idx(box, 0), i + 1);
		assert_int_equal(box_used(box, 0, i).id, BOX_SIZE - 1 - i);
		assert_int_equal(box_used(box, 0, i).len, 8);
	}
	assert_int_equal(box->failed, 0);
}

/* ---- 34: event suppression at random ---- */

static uint32_t random_state = 1;

static uint32_t random32(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state;
}

/* A used_event near the truth as often as anywhere. */
static uint16_t random_event(uint16_t near)
{
	uint32_t r = random32();

	return (uint16_t)(r & 0x10000 ? near + (r & 0x1f) - 8 : r);
}

static void random_suppression(struct box *box, bool event_idx)
{
	struct vio_queue *queue = &box->device.device.queues[0];
	uint16_t used = 0;

	box->device.behaviour = BOX_FILL;
	box_start(box, event_idx ? VIO_BIT(VIO_F_EVENT_IDX) : 0);
	write_single_descriptors(box);
	for (unsigned i = 0; i < 20000; i++) {
		uint16_t count = random32() % BOX_SIZE + 1;
		uint16_t event = random_event(used);
		uint16_t flags = (uint16_t)random32();
		uint32_t before = queue->counters.interrupts;
		bool wanted = (flags & VIO_AVAIL_F_NO_INTERRUPT) == 0;

		if (event_idx) {
			wanted = false;
			for (uint16_t k = 0; k < count; k++)
				wanted = wanted || (uint16_t)(used + k) == event;
		}
		box_set_avail_flags(box, 0, flags);
		box_set_used_event(box, 0, event);
		/* avail_event is ours to write: what the driver puts there means nothing. */
		event = (uint16_t)random32();
		box_put(box, box->used_at[0] + vio_split_used_bytes(BOX_SIZE) - 2, &event,
			sizeof(event));
		for (uint16_t k = 0; k < count; k++)
			box_avail(box, 0, k);
		box_publish(box, 0);
		box_kick(box, 0);
		box_serve(box);
		used += count;
		assert_int_equal(box_used_idx(box, 0), used);
		assert_int_equal(queue->counters.interrupts - before, wanted);
		assert_int_equal(box->line, wanted);
		box_write(box, VIO_MMIO_INTERRUPT_ACK, VIO_INTERRUPT_USED);
	}
	assert_int_equal(box->failed, 0);
}

static void random_used_event(void **state)
{
	random_suppression(*state, true);
}

static void random_flags(void **state)
{
	random_suppression(*state, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST("25 SPL-H-34", jump_by_one_too_many),
		BOX_TEST("25 SPL-H-34", jump_by_half_the_numbers),
		BOX_TEST("25 SPL-H-34", step_back),
		BOX_TEST("25 SPL-H-34", step_back_from_zero),
		BOX_TEST("25", jump_by_the_queue_size),
		BOX_TEST("25", indices_wrap),
		BOX_TEST("26", advanced_while_draining),
		BOX_TEST("26", advanced_while_draining_with_events),
		BOX_TEST("27 SPL-H-39", same_head_twice),
		BOX_TEST("27 SPL-H-39", same_head_in_a_later_kick),
		BOX_TEST("27", same_head_after_it_was_used),
		BOX_TEST("28", more_in_flight_than_the_queue_holds),
		BOX_TEST("32 CLN-H-01", destroyed_after_each_load),
		BOX_TEST("33", used_ring_overwritten),
		BOX_TEST("34 SPL-D-12 SPL-D-13 SPL-D-11 SPL-H-37", random_used_event),
		BOX_TEST("34 SPL-D-08 SPL-D-09 SPL-D-10 SPL-H-37", random_flags),
	};

	return BOX_RUN_TESTS(tests);
}

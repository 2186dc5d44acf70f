/* SPDX-License-Identifier: BSD-2-Clause */
/* Clauses of the areas virtqueue, split, indirect and evtsup. Breaches are in tests/hostile. */
#include "box.h"

#define NEXT  VIO_DESC_F_NEXT
#define WRITE VIO_DESC_F_WRITE

/*
 * One message of `len` bytes out and back, cut after `cut` bytes on either side, `direct` of the
 * four descriptors in the ring and the rest in a table. Whatever the cut, the outcome is one.
 */
static void echo_cut(struct box *box, uint32_t len, uint32_t cut_out, uint32_t cut_in,
		     unsigned direct)
{
	const uint64_t back = BOX_DATA + 0x100;
	const uint32_t lens[4] = { cut_out, len - cut_out, cut_in, len - cut_in };
	const uint64_t addrs[4] = { BOX_DATA, BOX_DATA + cut_out, back, back + cut_in };
	uint16_t used = box_used_idx(box, 0);
	uint8_t zero[64] = { 0 };

	for (uint16_t i = 0; i < 4; i++) {
		uint16_t flags = (i < 3 ? NEXT : 0) | (i < 2 ? 0 : WRITE);

		if (i < direct)
			box_desc(box, 0, i, addrs[i], lens[i], flags, i + 1);
		else
			box_entry(box, BOX_TABLE, i - direct, addrs[i], lens[i], flags,
				  i - direct + 1);
	}
	if (direct < 4)
		box_desc(box, 0, direct, BOX_TABLE, (4 - direct) * sizeof(struct vio_desc),
			 VIO_DESC_F_INDIRECT, 0);
	box_put(box, back, zero, len);
	box_avail(box, 0, 0);
	box_publish(box, 0);
	box_snapshot(box);
	box_allow(box, back, len);
	box_kick(box, 0);
	box_assert_untouched(box);
	assert_int_equal(box_used_idx(box, 0), (uint16_t)(used + 1));
	assert_int_equal(box_used(box, 0, used).id, 0);
	assert_int_equal(box_used(box, 0, used).len, len);
	assert_memory_equal(box_at(box, BOX_DATA, len), box_at(box, back, len), len);
	assert_int_equal(box->failed, 0);
}

/*
 * Descriptor table, available ring and readable buffers are never written: the snapshot of each
 * round holds them.
 */
static void any_framing(void **state)
{
	struct box *box = *state;

	box_start(box, VIO_BIT(VIO_F_INDIRECT_DESC));
	for (uint32_t out = 0; out <= 9; out++) {
		for (uint32_t in = 0; in <= 9; in++)
			echo_cut(box, 9, out, in, (out + in) % 5);
	}
	for (unsigned direct = 0; direct <= 4; direct++)
		echo_cut(box, 32, 16, 31, direct);
}

/* The device writes less than there is room for: `len` says how much, and not a byte more. */
static void used_len_is_what_was_written(void **state)
{
	struct box *box = *state;

	box_start(box, 0);
	for (uint32_t len = 0; len < 12; len++) {
		box_desc(box, 0, 0, BOX_DATA, len, NEXT, 1);
		box_desc(box, 0, 1, BOX_DATA + 0x100, 3, NEXT | WRITE, 2);
		box_desc(box, 0, 2, BOX_DATA + 0x200, 5, WRITE, 0);
		box_avail(box, 0, 0);
		box_publish(box, 0);
		box_snapshot(box);
		box_allow(box, BOX_DATA + 0x100, len < 3 ? len : 3);
		if (len > 3)
			box_allow(box, BOX_DATA + 0x200, len < 8 ? len - 3 : 5);
		box_kick(box, 0);
		box_assert_untouched(box);
		assert_int_equal(box_used(box, 0, (uint16_t)len).len, len < 8 ? len : 8);
	}
}

static void out_of_order_by_id(void **state)
{
	static const uint16_t heads[] = { 7, 0, 15, 3 };
	static const unsigned order[] = { 2, 0, 3, 1 };
	struct box *box = *state;

	box->device.behaviour = BOX_HOLD;
	box_start(box, 0);
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(heads); i++) {
		box_desc(box, 0, heads[i], BOX_DATA + i * UINT64_C(64), 8 + i, WRITE, 0);
		box_avail(box, 0, heads[i]);
	}
	box_publish(box, 0);
	box_kick(box, 0);
	for (uint16_t i = 0; i < VIO_ARRAY_SIZE(order); i++) {
		box_complete(box, order[i]);
		assert_int_equal(box_used_idx(box, 0), i + 1);
		assert_int_equal(box_used(box, 0, i).id, heads[order[i]]);
		assert_int_equal(box_used(box, 0, i).len, 8 + order[i]);
	}
}

/* The index moves once, when all entries stand; only then is the driver's wish read. */
static void check_index(struct box *box, uint64_t addr, size_t size)
{
	(void)size;
	if (addr != box->avail_at[0]) {
		assert_int_equal(box_used_idx(box, 0), 0);
		return;
	}
	assert_int_equal(box_used_idx(box, 0), 5);
	for (uint16_t i = 0; i < 5; i++) {
		assert_int_equal(box_used(box, 0, i).id, i);
		assert_int_equal(box_used(box, 0, i).len, 8);
	}
}

static void batch_is_published_once(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	box_start(box, 0);
	for (uint16_t i = 0; i < 5; i++) {
		box_desc(box, 0, i, BOX_DATA + i * UINT64_C(8), 8, WRITE, 0);
		box_avail(box, 0, i);
	}
	box_publish(box, 0);
	box->after_load = check_index;
	box_kick(box, 0);
	assert_int_equal(box_used_idx(box, 0), 5);
	assert_int_equal(box->raised, 1);
	assert_int_equal(box->device.device.queues[0].counters.interrupts, 1);
}

/* ---- Event suppression ---- */

static void offer_one(struct box *box, uint16_t head)
{
	box_desc(box, 0, head, BOX_DATA, 8, WRITE, 0);
	box_offer(box, 0, head);
}

static void flags_decide_without_event_idx(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	box_start(box, 0);
	box_set_used_event(box, 0, 0x8000);
	offer_one(box, 0);
	assert_true(box->line);
	box_write(box, VIO_MMIO_INTERRUPT_ACK, 1);

	box_set_avail_flags(box, 0, VIO_AVAIL_F_NO_INTERRUPT);
	box_set_used_event(box, 0, 1);
	offer_one(box, 1);
	assert_false(box->line);
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), 0);

	/* Bits that mean nothing mean nothing. */
	box_set_avail_flags(box, 0, 0xfffe);
	offer_one(box, 2);
	assert_true(box->line);
	assert_int_equal(box_used_idx(box, 0), 3);
	assert_int_equal(((struct vio_used *)box_at(box, box->used_at[0], 4))->flags, 0);
}

static void used_event_decides_with_event_idx(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	box_start(box, VIO_BIT(VIO_F_EVENT_IDX));
	box_set_avail_flags(box, 0, VIO_AVAIL_F_NO_INTERRUPT); /* ignored */
	box_set_used_event(box, 0, 2);
	offer_one(box, 0);
	offer_one(box, 1);
	assert_false(box->line);
	offer_one(box, 2);
	assert_true(box->line);
	box_write(box, VIO_MMIO_INTERRUPT_ACK, 1);
	offer_one(box, 3);
	assert_false(box->line);
	assert_int_equal(((struct vio_used *)box_at(box, box->used_at[0], 4))->flags, 0);
}

/* Every used_event against every batch size, around the wrap of the index as elsewhere. */
static void event_formula(void **state)
{
	static const uint16_t starts[] = { 0, 5, 0x7ff0, 0xfff0, 0xfffc, 0xffff };

	(void)state;
	for (unsigned s = 0; s < VIO_ARRAY_SIZE(starts); s++) {
		for (uint32_t count = 0; count < 40; count++) {
			for (uint32_t event = 0; event < 0x10000; event++) {
				uint16_t ahead = (uint16_t)(event - starts[s]);

				if (vio_event_passed((uint16_t)event, (uint16_t)(starts[s] + count),
						     starts[s]) != (ahead < count))
					fail_msg("start %u count %u event %u", starts[s], count,
						 event);
			}
		}
	}
}

/* With EVENT_IDX the device asks for a kick exactly when it has seen the ring empty. */
static void avail_event_follows_the_empty_ring(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	box_start(box, VIO_BIT(VIO_F_EVENT_IDX));
	assert_int_equal(box_avail_event(box, 0), 0);
	for (uint16_t i = 0; i < 40; i++) {
		offer_one(box, i % BOX_SIZE);
		assert_int_equal(box_avail_event(box, 0), i + 1);
	}
}

/* After a full batch as after any other, the driver has to kick for what comes next. */
static void full_batch_arms_the_next_kick(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	box->slot.serving = VIO_MMIO_SERVE_LATER;
	box_start(box, VIO_BIT(VIO_F_EVENT_IDX));
	for (uint16_t i = 0; i < BOX_SIZE; i++) {
		box_desc(box, 0, i, BOX_DATA, 8, WRITE, 0);
		box_avail(box, 0, i);
	}
	box_publish(box, 0);
	box_kick(box, 0);
	assert_int_equal(box_avail_event(box, 0), 0);
	vio_mmio_serve(&box->slot);
	assert_int_equal(box_used_idx(box, 0), BOX_SIZE);
	assert_int_equal(box_avail_event(box, 0), BOX_SIZE);
	box_offer(box, 0, 3);
	box_serve(box);
	assert_int_equal(box_used_idx(box, 0), BOX_SIZE + 1);
	assert_int_equal(box_avail_event(box, 0), BOX_SIZE + 1);
}

/* The driver publishes just before it can see the armed event: the second look finds it. */
static void publish_late(struct box *box, uint64_t addr, size_t size)
{
	(void)size;
	if (addr != box->avail_at[0] + 2 || box->avail_idx[0] != 0)
		return;
	box_avail(box, 0, 0);
	box_publish(box, 0);
}

static void no_lost_wakeup(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	box_start(box, VIO_BIT(VIO_F_EVENT_IDX));
	box_desc(box, 0, 0, BOX_DATA, 8, WRITE, 0);
	box->after_load = publish_late;
	box_kick(box, 0);
	assert_int_equal(box->avail_idx[0], 1);
	assert_int_equal(box_used_idx(box, 0), 1);
	assert_int_equal(box_avail_event(box, 0), 1);
}

/* Between arming a kick and the last look, and between the index and the question: a fence. */
static unsigned looks;

static void check_fences(struct box *box, uint64_t addr, size_t size)
{
	(void)size;
	if (addr == box->avail_at[0] + 2 && ++looks == 3)
		assert_int_equal(box->fences, 1);
	if (addr == box->avail_at[0] + 4 + BOX_SIZE * 2) {
		assert_int_equal(box_used_idx(box, 0), 1);
		assert_int_equal(box->fences, 2);
	}
}

static void fences(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	box_start(box, VIO_BIT(VIO_F_EVENT_IDX));
	box_desc(box, 0, 0, BOX_DATA, 8, WRITE, 0);
	box_avail(box, 0, 0);
	box_publish(box, 0);
	box_snapshot(box);
	box->fences = 0;
	looks = 0;
	box->after_load = check_fences;
	box_kick(box, 0);
	/* Took the one, saw the ring empty, armed, looked again; published, asked. */
	assert_int_equal(looks, 3);
	assert_int_equal(box->loads, 8);
	assert_int_equal(box->fences, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST("SPL-D-01 SPL-D-03 SPL-D-05 SPL-D-07 SPL-P-21", any_framing),
		BOX_TEST("SPL-D-15 SPL-D-16", used_len_is_what_was_written),
		BOX_TEST("SPL-P-21", out_of_order_by_id),
		BOX_TEST("SPL-D-14 SPL-D-10", batch_is_published_once),
		BOX_TEST("SPL-D-08 SPL-D-09 SPL-D-10 SPL-D-17", flags_decide_without_event_idx),
		BOX_TEST("SPL-D-11 SPL-D-12 SPL-D-13 SPL-D-18", used_event_decides_with_event_idx),
		BOX_TEST("SPL-D-12 SPL-D-13", event_formula),
		BOX_TEST("SPL-D-19", avail_event_follows_the_empty_ring),
		BOX_TEST("SPL-D-19", full_batch_arms_the_next_kick),
		BOX_TEST("SPL-P-24", no_lost_wakeup),
		BOX_TEST("SPL-P-24 SPL-D-14", fences),
	};

	return BOX_RUN_TESTS(tests);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Legacy slots misused: hostile-cases.md 6, and what of 1 to 12 is another there. The chains and
 * rings of 20 to 41 are run on them, too, by the tests for split rings.
 */
#include "box.h"

#define WRITE VIO_DESC_F_WRITE

/* Refused: QueuePFN reads 0, no load and no store is made, and the next try can be right. */
static void assert_refused(struct box *box, uint32_t queue)
{
	box_write(box, VIO_MMIO_QUEUE_SEL, queue);
	assert_int_equal(box_read(box, VIO_MMIO_QUEUE_PFN), 0);
	box_kick(box, queue);
	box_serve(box);
	assert_int_equal(box->loads, 0);
	assert_int_equal(box->failed, 0);
	box_assert_untouched(box);
}

static const uint32_t no_powers[] = { 0,      3,          6,          12,         63,        65,
				      0x1001, 0x3fffffff, 0x80000001, 0xfffff000, 0xffffffff };

static void bad_align(void **state)
{
	struct box *box = *state;

	for (unsigned i = 0; i < VIO_ARRAY_SIZE(no_powers); i++) {
		box_negotiate(box, 0);
		box_snapshot(box);
		assert_int_equal(box_place(box, 0, BOX_SIZE, no_powers[i], BOX_DESC(0)), 0);
		assert_refused(box, 0);
	}
	/* Absurd, but a power of two: the used ring is too near, or beyond all memory. */
	box_negotiate(box, 0);
	box_snapshot(box);
	for (unsigned shift = 20; shift < 32; shift++) {
		assert_int_equal(box_place(box, 0, BOX_SIZE, UINT32_C(1) << shift, BOX_DESC(0)), 0);
		assert_refused(box, 0);
	}
	assert_int_equal(box_place(box, 0, 2, 1, BOX_DESC(0)), 0);
	assert_refused(box, 0);
	box_assert_works(box);
}

static void bad_page_size(void **state)
{
	struct box *box = *state;

	for (unsigned i = 0; i < VIO_ARRAY_SIZE(no_powers); i++) {
		box_negotiate(box, 0);
		box_snapshot(box);
		box_write(box, VIO_MMIO_GUEST_PAGE_SIZE, no_powers[i]);
		box_write(box, VIO_MMIO_QUEUE_SEL, 0);
		box_write(box, VIO_MMIO_QUEUE_ALIGN, 64);
		box_write(box, VIO_MMIO_QUEUE_PFN, 1);
		assert_refused(box, 0);
		box_write(box, VIO_MMIO_QUEUE_PFN, UINT32_MAX);
		assert_refused(box, 0);
	}
	/* No powers of two, though a ring would be where it could be. */
	for (uint32_t page = 48; page < 0x20000; page *= 2) {
		box_negotiate(box, 0);
		box_snapshot(box);
		box_write(box, VIO_MMIO_GUEST_PAGE_SIZE, page);
		assert_int_equal(box_place(box, 0, 4, 64, BOX_DATA / page * page), 0);
		assert_refused(box, 0);
	}
	box_assert_works(box);
}

/* With every page size there is: the ring at the first, at the last, and around the RAM's end. */
static void page_numbers_beyond_memory(void **state)
{
	struct box *box = *state;

	for (unsigned shift = 0; shift < 32; shift++) {
		const uint32_t page = UINT32_C(1) << shift;
		const uint32_t numbers[] = {
			1,
			0x7fffffff,
			0x80000000,
			UINT32_MAX - 1,
			UINT32_MAX,
			shift == 0 ? 1 : (uint32_t)(((UINT64_C(1) << 32) + BOX_RAM) >> shift),
			(uint32_t)((BOX_NEXT + BOX_NEXT_SIZE + page - 1) >> shift),
			(uint32_t)((BOX_RAM - 1) >> shift),
			(uint32_t)(BOX_ROM >> shift)
		};

		box_negotiate(box, 0);
		box_snapshot(box);
		box_write(box, VIO_MMIO_GUEST_PAGE_SIZE, page);
		box_write(box, VIO_MMIO_QUEUE_SEL, 0);
		for (unsigned i = 0; i < VIO_ARRAY_SIZE(numbers); i++) {
			box_write(box, VIO_MMIO_QUEUE_ALIGN, i % 2 != 0 ? 64 : 0x80000000);
			box_write(box, VIO_MMIO_QUEUE_PFN, numbers[i]);
			assert_refused(box, 0);
		}
	}
	box_assert_works(box);
}

/* The last of the three parts starts, or ends, outside. */
static void ring_half_outside(void **state)
{
	struct box *box = *state;
	const uint64_t end = BOX_FAR + BOX_FAR_SIZE;

	for (uint32_t back = 64; back < 512; back += 64) {
		box_negotiate(box, 0);
		box_snapshot(box);
		box_write(box, VIO_MMIO_GUEST_PAGE_SIZE, 64);
		if (back >= 16 * 16 + 64 + 192) {
			assert_int_not_equal(box_place(box, 0, BOX_SIZE, 64, end - back), 0);
			continue;
		}
		assert_int_equal(box_place(box, 0, BOX_SIZE, 64, end - back), 0);
		assert_refused(box, 0);
	}
	box_assert_works(box);
}

static void bad_queue_size(void **state)
{
	static const uint32_t sizes[] = { 0,      3,       12,         BOX_SIZE * 2, 32768,
					  0xffff, 0x10000, 0x10000000, 0x20000002,   0xffffffff };
	struct box *box = *state;

	for (unsigned i = 0; i < VIO_ARRAY_SIZE(sizes); i++) {
		box_negotiate(box, 0);
		box_snapshot(box);
		assert_int_equal(box_place(box, 0, sizes[i], 64, BOX_DESC(0)), 0);
		assert_refused(box, 0);
	}
	box_assert_works(box);
}

static void no_such_queue(void **state)
{
	static const uint32_t no_queues[] = { BOX_QUEUES, 31, 32, 0xffff, 0x80000000, 0xffffffff };
	static const uint32_t registers[] = { VIO_MMIO_QUEUE_SIZE, VIO_MMIO_QUEUE_ALIGN,
					      VIO_MMIO_QUEUE_PFN };
	struct box *box = *state;

	box_start(box, 0);
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(no_queues); i++) {
		struct box_device before;

		box_write(box, VIO_MMIO_QUEUE_SEL, no_queues[i]);
		before = box->device;
		for (unsigned k = 0; k < VIO_ARRAY_SIZE(registers); k++) {
			for (uint32_t value = 0; value < 3; value++)
				assert_int_equal(box_write(box, registers[k], value),
						 VIO_MMIO_DONE);
			assert_int_equal(box_read(box, registers[k]), 0);
		}
		box_kick(box, no_queues[i]);
		assert_memory_equal(&box->device, &before, sizeof(before));
	}
	box_assert_works(box);
}

/* 11: nothing before the queue is there, nothing after it broke, nothing after FAILED or a reset.
 */
static void only_an_open_queue_is_served(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	box_negotiate(box, 0);
	box_snapshot(box);
	box_kick(box, 0);
	assert_int_equal(box->loads, 0);

	box_start(box, 0);
	box_desc(box, 0, 0, BOX_ROM, 8, WRITE, 0);
	box_snapshot(box);
	box_offer(box, 0, 0);
	box_assert_needs_reset(box, VIO_ERROR_ADDRESS);
	/* A queue that is set up now does not open. */
	box_write(box, VIO_MMIO_QUEUE_SEL, 1);
	box_write(box, VIO_MMIO_QUEUE_PFN, 0);
	assert_int_not_equal(box_place(box, 1, 4, 64, BOX_DESC(1)), 0);
	box_kick(box, 1);
	box_write(box, VIO_MMIO_STATUS, 7);
	assert_int_equal(box->loads, 0);

	box_start(box, 0);
	box_write(box, VIO_MMIO_STATUS, 0x87);
	box_snapshot(box);
	box_kick(box, 0);
	assert_int_equal(box->loads, 0);
	box_assert_works(box);
}

/* 12: a reset that waits does not set queues up meanwhile. */
static void set_up_while_resetting(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_HOLD;
	box_start(box, 0);
	box_desc(box, 0, 0, BOX_DATA, 8, WRITE, 0);
	box_offer(box, 0, 0);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_PARK);
	box_snapshot(box);
	assert_int_equal(box_place(box, 1, 4, 64, BOX_DESC(1)), 0);
	box_write(box, VIO_MMIO_STATUS, 7);
	assert_refused(box, 1);
	box_allow(box, BOX_DATA, 8);
	box_complete(box, 0);
	assert_int_equal(box->released, 1);
	assert_int_equal(box_status(box), 0);
	assert_int_equal(box_used_idx(box, 0), 0);
	box_assert_works(box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST("6 MMIOL-H-09", bad_align),
		BOX_TEST("6 MMIOL-H-09", bad_page_size),
		BOX_TEST("4 MMIOL-H-09", page_numbers_beyond_memory),
		BOX_TEST("4 MMIOL-H-09", ring_half_outside),
		BOX_TEST("3 MMIOL-H-09", bad_queue_size),
		BOX_TEST("1 2", no_such_queue),
		BOX_TEST("11", only_an_open_queue_is_served),
		BOX_TEST("12", set_up_while_resetting),
	};

	return BOX_RUN_LEGACY_TESTS(tests);
}

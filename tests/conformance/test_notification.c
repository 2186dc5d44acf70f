/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * NOTIFICATION_DATA, 2.9 and 4.2.3.3: what a driver writes to QueueNotify besides the queue's
 * index. It is a hint, which the device has no use for: whatever it says, the ring says it better.
 */
#include "packed.h"

#define WRITE VIO_DESC_F_WRITE

/* The row says whether rings are packed. */
static void start(struct box *box, struct packed *ring, uint64_t features)
{
	box->device.behaviour = BOX_FILL;
	if (box->row)
		packed_start(ring, box, features, 0, 5);
	else
		box_start(box, features);
}

static void make_available(struct box *box, struct packed *ring, uint16_t id)
{
	if (box->row) {
		packed_add(ring, BOX_DATA, 8, WRITE, id);
		return;
	}
	box_desc(box, 0, id, BOX_DATA, 8, WRITE, 0);
	box_avail(box, 0, id);
	box_publish(box, 0);
}

static uint32_t requests(struct box *box)
{
	return box->device.device.queues[0].counters.requests;
}

static void notify(struct box *box, uint32_t value)
{
	assert_int_equal(box_write(box, VIO_MMIO_QUEUE_NOTIFY, value), VIO_MMIO_DONE);
	box_serve(box);
}

/* Where the driver is, as it should say it: the index, or offset and wrap counter. */
static uint32_t truth(struct box *box, const struct packed *ring)
{
	uint32_t next = box->row ? ring->next | (uint32_t)ring->next_wrap << 15 : box->avail_idx[0];

	return next << 16;
}

static void index_in_the_low_half(void **state)
{
	struct box *box = *state;
	struct packed ring;

	start(box, &ring, VIO_BIT(VIO_F_NOTIFICATION_DATA));
	for (uint16_t i = 0; i < 12; i++) {
		make_available(box, &ring, i % 5);
		notify(box, truth(box, &ring));
		assert_int_equal(requests(box), i + 1);
		/* Once more the same. */
		notify(box, truth(box, &ring));
		assert_int_equal(requests(box), i + 1);
	}
	/* Queues that are not there, with data that looks like an index. */
	make_available(box, &ring, 3);
	notify(box, BOX_QUEUES);
	notify(box, 0xffff);
	notify(box, 0x8000);
	notify(box, 1);
	assert_int_equal(requests(box), 12);
	notify(box, 0);
	assert_int_equal(requests(box), 13);
}

static void wild_data(void **state)
{
	static const uint16_t wild[] = { 0, 1, 4, 5, 6, 0x7fff, 0x8000, 0x8004, 0x8005, 0xffff };
	struct box *box = *state;
	struct packed ring;

	start(box, &ring, VIO_BIT(VIO_F_NOTIFICATION_DATA));
	for (uint16_t i = 0; i < VIO_ARRAY_SIZE(wild); i++) {
		notify(box, (uint32_t)wild[i] << 16);
		assert_int_equal(requests(box), i);
		make_available(box, &ring, i % 5);
		notify(box, (uint32_t)wild[i] << 16);
		assert_int_equal(requests(box), i + 1);
	}
	assert_int_equal(box->failed, 0);
}

/* Not negotiated, the whole word is the index. */
static void whole_word_without_it(void **state)
{
	struct box *box = *state;
	struct packed ring;

	start(box, &ring, 0);
	make_available(box, &ring, 0);
	notify(box, 0x10000);
	notify(box, 0x80010000);
	notify(box, 0xffff0000);
	assert_int_equal(requests(box), 0);
	notify(box, 0);
	assert_int_equal(requests(box), 1);
}

static void config_data_is_not_offered(void **state)
{
	struct box *box = *state;

	box_write(box, VIO_MMIO_DEVICE_FEATURES_SEL, 1);
	assert_int_equal(box_read(box, VIO_MMIO_DEVICE_FEATURES) & 1U << (39 - 32), 0);
	assert_int_not_equal(
		box_read(box, VIO_MMIO_DEVICE_FEATURES) & 1U << (VIO_F_NOTIFICATION_DATA - 32), 0);
}

#define EITHER(ids, test)                                                                          \
	BOX_ROW(ids " " #test ", split", test, 0), BOX_ROW(ids " " #test ", packed", test, 1)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EITHER("MMIO-P-21 NOTF-P-01", index_in_the_low_half),
		EITHER("PCK-H-25", wild_data),
		EITHER("MMIO-P-21", whole_word_without_it),
		BOX_TEST("NOTF-P-02", config_data_is_not_offered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

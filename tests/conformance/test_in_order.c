/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * IN_ORDER, 2.7.9 and 2.8.8, in both ring formats: whatever order the backend completes in, the
 * driver sees that in which it made buffers available. One used entry may stand for a run of
 * buffers, and a driver takes those that it skips for filled to their last byte.
 *
 * The driver here knows no more than a real one: which buffers it made available, and in what
 * order. What it concludes for each is compared with what was really written.
 */
#include "packed.h"

#define NEXT   VIO_DESC_F_NEXT
#define WRITE  VIO_DESC_F_WRITE
#define IDS    64 /* more than are in flight at a time */
#define POISON 0xee

struct buffer {
	uint16_t id;
	uint16_t entries;
	uint32_t writable; /* bytes */
	uint32_t written;  /* what the device did; UINT32_MAX: not completed */
};

struct driver {
	struct box *box;
	struct packed ring;
	bool packed;
	uint16_t next;     /* split: the next descriptor, as this feature wants them used */
	uint16_t used;     /* split: the index up to which used entries were looked at */
	uint32_t interval; /* used entries seen */
	struct buffer buffers[IDS];
	unsigned added;
	unsigned got;
};

static struct driver driver;

static struct buffer *buffer(unsigned number)
{
	return &driver.buffers[number % IDS];
}

static void start(struct box *box, uint64_t features, uint16_t packed_size)
{
	features |= VIO_BIT(VIO_F_IN_ORDER);
	driver = (struct driver){ .box = box, .packed = packed_size != 0 };
	box->device.held_count = 0;
	if (driver.packed)
		packed_start(&driver.ring, box, features, 0, packed_size);
	else
		box_start(box, features);
}

/* The row says which format: a packed ring's size, or 0. */
static void start_row(struct box *box, uint64_t features)
{
	start(box, features, (uint16_t)(uintptr_t)box->row);
}

static void put(uint64_t addr, uint32_t len, uint16_t flags, uint16_t id)
{
	struct box *box = driver.box;
	uint16_t at = driver.next;

	if (driver.packed) {
		packed_add(&driver.ring, addr, len, flags, id);
		return;
	}
	driver.next = (at + 1) % BOX_SIZE;
	box_desc(box, 0, at, addr, len, flags, driver.next);
}

/* A buffer of `entries` descriptors; the last has the `writable` bytes, if there are any. */
static void add(uint16_t entries, uint32_t writable)
{
	uint16_t head = driver.next;
	uint16_t id = driver.packed ? (uint16_t)(driver.added * 7 + 0xfff0) : head;
	uint64_t data = BOX_DATA + driver.added % IDS * UINT64_C(64);

	for (uint16_t i = 1; i < entries; i++)
		put(data, 1, NEXT, 0xbad);
	put(data, writable != 0 ? writable : 1, writable != 0 ? WRITE : 0, id);
	if (!driver.packed)
		box_avail(driver.box, 0, head);
	*buffer(driver.added++) = (struct buffer){ id, entries, writable, UINT32_MAX };
}

static void kick(void)
{
	if (!driver.packed)
		box_publish(driver.box, 0);
	box_kick(driver.box, 0);
	box_serve(driver.box);
}

/* The next used entry, if there is one. */
static bool used_entry(uint16_t *id, uint32_t *len)
{
	struct vio_used_elem elem;
	struct vio_packed_desc desc;

	if (driver.packed) {
		desc = packed_at(&driver.ring, driver.ring.used);
		*id = desc.id;
		*len = desc.len;
		return packed_is_used(&driver.ring);
	}
	elem = box_used(driver.box, 0, driver.used);
	*id = (uint16_t)elem.id;
	*len = elem.len;
	return box_used_idx(driver.box, 0) != driver.used;
}

/* One used entry, and all buffers up to the one it names. False: there is none. */
static bool get_run(void)
{
	uint32_t entries = 0;
	uint32_t len = 0;
	uint16_t id = 0;
	bool last = false;

	if (!used_entry(&id, &len))
		return false;
	while (!last) {
		struct buffer *done = buffer(driver.got);

		if (driver.got == driver.added)
			fail_msg("no buffer in flight has the id %u", id);
		last = done->id == id;
		assert_int_equal(last ? len : done->writable, done->written);
		entries += driver.packed ? done->entries : 1;
		driver.got++;
	}
	driver.interval++;
	if (driver.packed)
		packed_expect(&driver.ring, id, len, (uint16_t)entries);
	else
		driver.used += entries;
	return true;
}

static unsigned get_all(void)
{
	unsigned runs = 0;

	while (get_run())
		runs++;
	if (!driver.packed)
		assert_int_equal(box_used_idx(driver.box, 0), driver.used);
	return runs;
}

/* The backend completes buffer `number`, with `len` bytes written, or as many as there is room. */
static void complete(unsigned number, uint32_t len)
{
	struct box_held *held = NULL;
	static const uint8_t bytes[64];
	unsigned first = driver.added - driver.box->device.held_count;

	assert_true(len <= sizeof(bytes));
	held = &driver.box->device.held[number - first];
	buffer(number)->written = vio_request_write(&held->request, bytes, len);
	vio_queue_complete(held->queue, &held->request);
}

/* ---- Out of order ---- */

static void used_in_order_of_availability(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_HOLD;
	start_row(box, 0);
	for (unsigned i = 0; i < 4; i++)
		add(1, 8 + i);
	kick();
	complete(3, 64);
	complete(1, 64);
	assert_int_equal(get_all(), 0);
	assert_false(box->line);
	complete(0, 64);
	get_all();
	assert_int_equal(driver.got, 2);
	assert_true(box->line);
	box_write(box, VIO_MMIO_INTERRUPT_ACK, 1);
	complete(2, 64);
	get_all();
	assert_int_equal(driver.got, 4);
	assert_true(box->line);
	assert_int_equal(box->device.device.queues[0].counters.interrupts, 2);
}

/* ---- Runs ---- */

/* All bytes of the used ring, so that entries that are skipped show. */
static void poison_used_ring(struct box *box)
{
	memset(box_at(box, BOX_USED(0) + 4, BOX_SIZE * 8), POISON, BOX_SIZE * 8);
}

/* Whether entry `index`, which a run skipped, is as it was. */
static bool is_unwritten(uint16_t index)
{
	static const uint8_t poison[8] = { POISON, POISON, POISON, POISON,
					   POISON, POISON, POISON, POISON };
	struct box *box = driver.box;

	if (driver.packed)
		return packed_at(&driver.ring, index).flags == (WRITE | VIO_PACKED_F_AVAIL);
	return memcmp(box_at(box, BOX_USED(0) + 4 + index * 8U, 8), poison, 8) == 0;
}

static void batch_is_one_used_entry(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	start_row(box, 0);
	poison_used_ring(box);
	for (unsigned i = 0; i < 4; i++) {
		add(1, 8 + i);
		buffer(i)->written = 8 + i;
	}
	kick();
	for (uint16_t i = 1; i < 4; i++)
		assert_true(is_unwritten(i));
	assert_int_equal(get_all(), 1);
	assert_int_equal(driver.got, 4);
	assert_int_equal(box->raised, 1);

	/* The next one stands behind all that was skipped. */
	add(1, 5);
	buffer(4)->written = 5;
	kick();
	assert_int_equal(get_all(), 1);
	assert_int_equal(driver.got, 5);
}

static void start_four(struct box *box)
{
	start_row(box, 0);
	for (unsigned i = 0; i < 4; i++)
		add(1 + i % 2, 8);
	kick();
}

/* Short by a byte if bit i of `shorts` says so; whether that begins another run among four. */
static bool complete_one(unsigned i, unsigned shorts)
{
	const bool is_short = (shorts >> i & 1) != 0;

	complete(i, is_short ? 7 : 8);
	return is_short && i < 3;
}

/* Each of four buffers filled whole, or short by a byte: a short one is the last of its run. */
static void short_buffers_end_a_run(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_HOLD;
	for (unsigned shorts = 0; shorts < 16; shorts++) {
		unsigned runs = 1;

		start_four(box);
		for (unsigned i = 4; i-- != 0;) {
			assert_int_equal(get_all(), 0);
			runs += complete_one(i, shorts);
		}
		assert_int_equal(get_all(), runs);
		assert_int_equal(driver.got, 4);
	}
}

/* A batch that is begun, and gone on with after each buffer: the same runs. */
static void batch_gone_on_with(void **state)
{
	struct box *box = *state;
	struct vio_queue *queue = &box->device.device.queues[0];

	box->device.behaviour = BOX_HOLD;
	for (unsigned shorts = 0; shorts < 16; shorts++) {
		unsigned runs = 1;

		start_four(box);
		for (unsigned i = 0; i < 4; i++) {
			assert_true(vio_queue_begin(queue));
			runs += complete_one(i, shorts);
		}
		assert_int_equal(get_all(), 0);
		vio_queue_end(queue);
		assert_int_equal(get_all(), runs);
		assert_int_equal(driver.got, 4);
	}
}

/* Nothing to fill is nothing left out: what is sent goes in runs as well. */
static void readable_buffers_are_whole(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	start_row(box, 0);
	for (unsigned i = 0; i < 5; i++) {
		add(1, i == 4 ? 8 : 0);
		buffer(i)->written = i == 4 ? 8 : 0;
	}
	kick();
	assert_int_equal(get_all(), 1);
	assert_int_equal(driver.got, 5);
}

/* A status byte after data that was not all written: the length leaves it out, so no run does. */
static void status_behind_short_data_ends_a_run(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_HOLD;
	for (unsigned is_short = 0; is_short < 2; is_short++) {
		struct box_held *held = &box->device.held[0];
		uint8_t *status = NULL;

		start_row(box, 0);
		add(1, 8);
		add(1, 8);
		kick();
		complete(1, 8);
		status = vio_request_claim_last(&held->request);
		assert_non_null(status);
		*status = 0x55;
		buffer(0)->written = vio_request_write(&held->request, "abcdefg", 7 - is_short);
		buffer(0)->written += !is_short;
		vio_queue_complete(held->queue, &held->request);
		assert_int_equal(get_all(), 1 + is_short);
		assert_int_equal(driver.got, 2);
	}
}

/* ---- Interrupts ---- */

/* With EVENT_IDX the driver may have asked for any buffer of a run, also a skipped one. */
static void event_inside_a_run(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	for (uint16_t event = 0; event < 6; event++) {
		start_row(box, VIO_BIT(VIO_F_EVENT_IDX));
		if (driver.packed)
			packed_set_event(&driver.ring, packed_off_wrap(event, true),
					 VIO_PACKED_EVENT_DESC);
		else
			box_set_used_event(box, 0, event);
		for (unsigned i = 0; i < 4; i++) {
			add(1, 8);
			buffer(i)->written = 8;
		}
		kick();
		assert_int_equal(get_all(), 1);
		assert_int_equal(box->line, event < 4);
	}
}

/* ---- Resets ---- */

/* What waited for a completion before it is forgotten with the queue. */
static void waiting_completions_are_forgotten(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_HOLD;
	start_row(box, 0);
	for (unsigned i = 0; i < 3; i++)
		add(1, 8);
	kick();
	complete(1, 8);
	complete(2, 8);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_PARK);
	box_snapshot(box);
	box_allow(box, BOX_DATA, 0x1000);
	complete(0, 8);
	box_assert_untouched(box);
	assert_int_equal(box->loads, 0);
	assert_int_equal(box->released, 1);
	assert_false(box->line);

	start_row(box, 0);
	for (unsigned i = 0; i < 3; i++)
		add(1, 8);
	kick();
	assert_int_equal(box->device.held_count, 3);
	complete(0, 8);
	get_all();
	assert_int_equal(driver.got, 1);
	complete(2, 8);
	complete(1, 7);
	get_all();
	assert_int_equal(driver.got, 3);
}

/* The driver breaks the ring while completions wait: they are told to nobody. */
static void waiting_completions_of_a_broken_ring(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_HOLD;
	start_row(box, 0);
	add(1, 8);
	add(1, 8);
	kick();
	complete(1, 8);
	put(0, 8, WRITE, 0);
	if (!driver.packed)
		box_avail(box, 0, 2);
	kick();
	assert_int_equal(box->error, VIO_ERROR_ADDRESS);
	complete(0, 8);
	assert_int_equal(get_all(), 0);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_DONE);
	box_assert_works(box);
	packed_assert_works(box);
}

/* ---- A driver that does not use descriptors in order ---- */

static void descriptors_shuffled(void **state)
{
	static const uint16_t heads[] = { 9, 2, 15, 4 };
	struct box *box = *state;

	box->device.behaviour = BOX_HOLD;
	start(box, 0, 0);
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(heads); i++) {
		box_desc(box, 0, heads[i], BOX_DATA, 1, NEXT, 15 - heads[i]);
		box_desc(box, 0, 15 - heads[i], BOX_DATA + i * UINT64_C(64), 8, WRITE, 0);
		if (i % 2 == 0)
			box_avail(box, 0, heads[i]);
	}
	kick();
	driver.added = 2;
	driver.buffers[0] = (struct buffer){ 9, 2, 8, UINT32_MAX };
	driver.buffers[1] = (struct buffer){ 15, 2, 8, UINT32_MAX };
	complete(1, 8);
	complete(0, 3);
	assert_int_equal(get_all(), 2);
	assert_int_equal(driver.got, 2);
	assert_int_equal(box->failed, 0);
}

/* ---- Everything at random ---- */

static uint32_t random_state = 1;

static uint32_t random32(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state;
}

static bool complete_one_of(unsigned first)
{
	unsigned count = driver.added - first;
	unsigned at = count != 0 ? random32() % count : 0;

	for (unsigned i = 0; i < count; i++) {
		unsigned number = first + (at + i) % count;

		if (buffer(number)->written != UINT32_MAX)
			continue;
		complete(number, random32() % 2 != 0 ? 64 : random32() % 9);
		return true;
	}
	return false;
}

static unsigned entries_in_flight(void)
{
	unsigned entries = 0;

	for (unsigned i = driver.got; i != driver.added; i++)
		entries += buffer(i)->entries;
	return entries;
}

static void anything_in_any_order(void **state)
{
	struct box *box = *state;
	const unsigned size = box->row ? (unsigned)(uintptr_t)box->row : BOX_SIZE;
	struct vio_queue *queue = &box->device.device.queues[0];

	box->device.behaviour = BOX_HOLD;
	start_row(box, VIO_BIT(VIO_F_EVENT_IDX));
	for (unsigned round = 0; round < 300; round++) {
		unsigned first = driver.added;

		for (unsigned step = 0; step < 20; step++) {
			unsigned entries = random32() % 3 + 1;

			if (random32() % 4 == 0)
				vio_queue_begin(queue);
			if (random32() % 8 == 0)
				vio_queue_end(queue);
			if (entries_in_flight() + entries <= size && random32() % 2 != 0) {
				add((uint16_t)entries, random32() % 9);
				kick();
			} else {
				complete_one_of(first);
			}
			get_all();
		}
		while (complete_one_of(first))
			get_all();
		vio_queue_end(queue);
		get_all();
		assert_int_equal(driver.got, driver.added);
		box->device.held_count = 0;
	}
	assert_int_equal(box->failed, 0);
	assert_true(driver.interval < driver.got);
	assert_int_equal(box->device.device.queues[0].counters.requests, driver.added);
}

#define EITHER(ids, test)                                                                          \
	BOX_ROW(ids " " #test ", split", test, 0), BOX_ROW(ids " " #test ", packed", test, 7)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EITHER("RSV-D-05", used_in_order_of_availability),
		EITHER("SPL-P-22 PCK-P-14", batch_is_one_used_entry),
		EITHER("SPL-P-22 PCK-P-14", short_buffers_end_a_run),
		EITHER("SPL-P-22 PCK-P-14", batch_gone_on_with),
		EITHER("SPL-P-22 PCK-P-14", readable_buffers_are_whole),
		EITHER("SPL-P-22 PCK-P-14", status_behind_short_data_ends_a_run),
		EITHER("SPL-D-12 PCK-P-16", event_inside_a_run),
		EITHER("12 RST-D-02", waiting_completions_are_forgotten),
		EITHER("12", waiting_completions_of_a_broken_ring),
		BOX_TEST("SPL-H-28", descriptors_shuffled),
		EITHER("RSV-D-05 SPL-P-22 PCK-P-14", anything_in_any_order),
		BOX_ROW("RSV-D-05 PCK-P-14 anything_in_any_order, packed 16", anything_in_any_order,
			16),
		BOX_ROW("RSV-D-05 PCK-P-14 anything_in_any_order, packed 3", anything_in_any_order,
			3),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

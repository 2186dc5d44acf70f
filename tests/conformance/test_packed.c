/* SPDX-License-Identifier: BSD-2-Clause */
/* Clauses of the area packed, and of indirect and evtsup in this format. Breaches: tests/hostile.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "packed.h"

#define NEXT     VIO_DESC_F_NEXT
#define WRITE    VIO_DESC_F_WRITE
#define INDIRECT VIO_DESC_F_INDIRECT
#define AVAIL    VIO_PACKED_F_AVAIL
#define USED     VIO_PACKED_F_USED

static struct vio_queue_counters *counters(struct box *box)
{
	return &box->slot.device->queues[0].counters;
}

/* ---- A device with a larger queue than the box's ---- */

#define LARGE 100

struct large {
	struct vio_device device;
	VIO_DEVICE_STORAGE(1, LARGE) storage;
};

static void echo_all(struct vio_device *device, struct vio_queue *queue)
{
	struct vio_request req;
	uint8_t piece[16];
	uint32_t len = 0;

	(void)device;
	while (vio_queue_take(queue, &req)) {
		while ((len = vio_request_read(&req, piece, sizeof(piece))) != 0)
			vio_request_write(&req, piece, len);
		vio_queue_complete(queue, &req);
	}
}

static const struct vio_queue_type large_queue = { .size_max = LARGE, .notify = echo_all };
static const struct vio_device_type large_type = {
	.name = "large", .id = 0x2b, .queues = &large_queue, .queue_count = 1
};

/* ---- Laps ---- */

/*
 * One message out and back in a chain of `entries`, all but one of them readable, then writable.
 * Every descriptor has an id of its own; the last one's counts.
 */
static void echo_chain(struct packed *ring, uint16_t entries, uint16_t serial)
{
	struct box *box = ring->box;
	const uint64_t back = BOX_DATA + 0x1000;
	uint32_t len = entries - 1U;
	uint8_t *message = box_at(box, BOX_DATA, 0x1000);

	for (uint16_t i = 0; i < len; i++) {
		message[i * 4] = (uint8_t)(serial + i);
		packed_add(ring, BOX_DATA + i * 4U, 1, NEXT, (uint16_t)(serial ^ 0x5500 ^ i));
	}
	packed_add(ring, back, 128, WRITE, serial);
	packed_snapshot(ring);
	box_allow(box, back, len);
	box_kick(box, 0);
	box_assert_untouched(box);
	packed_expect(ring, serial, len, entries);
	for (uint16_t i = 0; i < len; i++)
		assert_int_equal(((uint8_t *)box_at(box, back, len))[i], (uint8_t)(serial + i));
}

static void laps(struct packed *ring)
{
	uint16_t serial = 0xfff0;

	for (unsigned lap = 0; lap < 3; lap++) {
		for (uint16_t entries = 1; entries <= ring->size;
		     entries += ring->size > 20 ? 9 : 1)
			echo_chain(ring, entries, serial++);
		/* From every position, the whole ring. */
		echo_chain(ring, ring->size, serial++);
		echo_chain(ring, 1, serial++);
		/* Nothing is new: what stands there from the lap before is not taken again. */
		box_kick(ring->box, 0);
		assert_false(packed_is_used(ring));
		assert_int_equal(ring->next, ring->used);
	}
	assert_int_equal(ring->box->failed, 0);
}

static void laps_of_size(void **state)
{
	struct box *box = *state;
	struct packed ring;

	packed_start(&ring, box, 0, 0, (uint16_t)(uintptr_t)box->row);
	laps(&ring);
}

static void laps_of_size_100(void **state)
{
	struct box *box = *state;
	struct large large;
	struct packed ring;

	vio_device_init(&large.device, &large_type, 0, NULL, VIO_STORAGE(&large.storage));
	vio_mmio_attach(&box->slot, &large.device, &box->memory);
	packed_start(&ring, box, 0, 0, LARGE);
	laps(&ring);
	assert_true(vio_mmio_detach(&box->slot));
}

/* Until the driver turns a bit nothing of a fresh ring is looked at but the flags. */
static void zeroed_ring_is_empty(void **state)
{
	struct box *box = *state;
	struct packed ring;

	packed_start(&ring, box, 0, 0, 5);
	packed_snapshot(&ring);
	box_kick(box, 0);
	assert_int_equal(box->loads, 1);
	assert_int_equal(counters(box)->requests, 0);
	assert_false(box->line);
	box_assert_untouched(box);
}

/* ---- Order ---- */

static void used_in_order_of_completion(void **state)
{
	static const uint16_t lens[] = { 3, 1, 4, 2 };
	static const unsigned order[] = { 2, 0, 3, 1 };
	struct box *box = *state;
	struct packed ring;

	box->device.behaviour = BOX_HOLD;
	packed_start(&ring, box, 0, 0, 13);
	for (unsigned lap = 0; lap < 3; lap++) {
		box->device.held_count = 0;
		for (unsigned i = 0; i < VIO_ARRAY_SIZE(lens); i++) {
			for (uint16_t k = 1; k <= lens[i]; k++)
				packed_add(&ring, BOX_DATA + i * UINT64_C(64), k,
					   k < lens[i] ? NEXT | WRITE : WRITE, (uint16_t)(i * 10));
		}
		box_kick(box, 0);
		/* Taken in the order they were offered in. */
		for (unsigned i = 0; i < VIO_ARRAY_SIZE(lens); i++)
			assert_int_equal(box->device.held[i].request.id, i * 10);
		for (unsigned i = 0; i < VIO_ARRAY_SIZE(order); i++) {
			uint16_t n = lens[order[i]];

			assert_false(packed_is_used(&ring));
			box_complete(box, order[i]);
			packed_expect(&ring, (uint16_t)(order[i] * 10), n * (n + 1U) / 2, n);
		}
		assert_false(packed_is_used(&ring));
	}
}

/*
 * The entry of a batch that comes first is the last to become visible, and with it all others: a
 * driver never sees part of a message that was spread over buffers.
 */
static void first_is_shown_last(struct box *box, uint64_t addr, size_t size)
{
	struct packed ring = { .box = box, .size = 5, .used_wrap = true };
	bool shown[4];

	(void)size;
	for (ring.used = 0; ring.used < 4; ring.used++)
		shown[ring.used] = packed_is_used(&ring);
	for (unsigned i = 0; i < 4; i++)
		assert_true(shown[i] || !shown[0]);
	/* What the driver wants is asked for only after that. */
	if (addr - BOX_AVAIL(0) < 4)
		assert_true(shown[0]);
}

static void batch_is_shown_at_once(void **state)
{
	struct box *box = *state;
	struct packed ring;

	box->device.behaviour = BOX_FILL;
	packed_start(&ring, box, 0, 0, 5);
	for (uint16_t i = 0; i < 4; i++)
		packed_add(&ring, BOX_DATA, 8, WRITE, i);
	box->after_load = first_is_shown_last;
	box_kick(box, 0);
	box->after_load = NULL;
	for (uint16_t i = 0; i < 4; i++)
		packed_expect(&ring, i, 8, 1);
	assert_int_equal(box->raised, 1);
	assert_int_equal(counters(box)->interrupts, 1);
}

/* Batches that end behind, at, and before the ring's end; all of the ring; chains in a batch. */
static void batches_across_the_end(void **state)
{
	struct box *box = *state;
	struct packed ring;

	box->device.behaviour = BOX_FILL;
	packed_start(&ring, box, 0, 0, 7);
	for (uint16_t i = 0; i < 60; i++) {
		uint16_t chain = i % 3 + 1;
		uint16_t count = (uint16_t)(i % (7 / chain) + 1);

		for (uint16_t k = 0; k < count; k++) {
			for (uint16_t n = 1; n < chain; n++)
				packed_add(&ring, BOX_DATA, 1, NEXT | WRITE, 0xbad);
			packed_add(&ring, BOX_DATA, 1, WRITE, k);
		}
		packed_snapshot(&ring);
		box_allow(box, BOX_DATA, 1);
		box_kick(box, 0);
		box_serve(box);
		box_assert_untouched(box);
		for (uint16_t k = 0; k < count; k++)
			packed_expect(&ring, k, chain, chain);
		assert_false(packed_is_used(&ring));
	}
	assert_int_equal(counters(box)->interrupts, 60);
}

/* ---- Used entries ---- */

/* The device writes less than there is room for, or nothing: flag and length say so. */
static void used_len_and_write_flag(void **state)
{
	struct box *box = *state;
	struct packed ring;

	packed_start(&ring, box, 0, 0, 5);
	for (uint32_t len = 0; len < 12; len++) {
		uint32_t written = len < 8 ? len : 8;

		packed_add(&ring, BOX_DATA, len, NEXT, 1);
		packed_add(&ring, BOX_DATA + 0x100, 3, NEXT | WRITE, 2);
		packed_add(&ring, BOX_DATA + 0x200, 5, WRITE, 3);
		packed_snapshot(&ring);
		box_allow(box, BOX_DATA + 0x100, written < 3 ? written : 3);
		if (written > 3)
			box_allow(box, BOX_DATA + 0x200, written - 3);
		box_kick(box, 0);
		box_assert_untouched(box);
		packed_expect(&ring, 3, written, 3);
	}

	/* No writable part at all. */
	packed_offer(&ring, BOX_DATA, 8, 0, 4);
	packed_expect(&ring, 4, 0, 1);
}

/* A used entry is one the driver may have reused already: it is written once. */
static struct vio_packed_desc seen[5];
static unsigned seen_count;

static void remember_used(struct box *box, uint64_t addr, size_t size)
{
	struct packed ring = { .box = box, .size = 5, .used_wrap = true };

	(void)addr;
	(void)size;
	for (ring.used = 0; ring.used < 5; ring.used++) {
		struct vio_packed_desc now = packed_at(&ring, ring.used);

		if (!packed_is_used(&ring))
			continue;
		if (seen[ring.used].flags == 0)
			seen_count++;
		else
			assert_memory_equal(&seen[ring.used], &now, sizeof(now));
		seen[ring.used] = now;
	}
}

static void used_entries_are_left_alone(void **state)
{
	struct box *box = *state;
	struct packed ring;

	memset(seen, 0, sizeof(seen));
	seen_count = 0;
	box->device.behaviour = BOX_HOLD;
	packed_start(&ring, box, VIO_BIT(VIO_F_EVENT_IDX), 0, 5);
	for (uint16_t i = 0; i < 5; i++)
		packed_add(&ring, BOX_DATA + i * UINT64_C(64), 8 + i, WRITE, i);
	box->after_load = remember_used;
	box_kick(box, 0);
	for (unsigned i = 5; i-- != 0;)
		box_complete(box, i);
	remember_used(box, 0, 0);
	box->after_load = NULL;
	assert_int_equal(seen_count, 5);
	for (uint16_t i = 5; i-- != 0;)
		packed_expect(&ring, i, 8 + i, 1);
}

/* The core looks at rings and tables, never into buffers. */
static void only_rings(struct box *box, uint64_t addr, size_t size)
{
	(void)box;
	(void)size;
	assert_false(addr - BOX_DATA < 0x1000);
}

/* ---- Indirect ---- */

static void only_write_matters_in_a_table(void **state)
{
	static const uint16_t noise[] = { 0, NEXT, INDIRECT, AVAIL, USED, 0xfffd };
	struct box *box = *state;
	struct packed ring;

	packed_start(&ring, box, VIO_BIT(VIO_F_INDIRECT_DESC), 0, 3);
	box->after_load = only_rings;
	for (uint16_t i = 0; i < VIO_ARRAY_SIZE(noise); i++) {
		for (uint16_t k = 0; k < 2; k++) {
			packed_entry(box, BOX_TABLE, k, BOX_DATA + k * 8U, 8, (uint16_t)(i * 77),
				     noise[i]);
			packed_entry(box, BOX_TABLE, 2 + k, BOX_DATA + 0x100 + k * 8U, 8,
				     (uint16_t)(i * 99), noise[i] | WRITE);
		}
		/* WRITE on the descriptor of the table means nothing either. */
		packed_add(&ring, BOX_TABLE, 4 * PACKED_ENTRY, INDIRECT | (i % 2 != 0 ? WRITE : 0),
			   i);
		memset(box_at(box, BOX_DATA + 0x100, 16), 0, 16);
		packed_snapshot(&ring);
		box_allow(box, BOX_DATA + 0x100, 16);
		box_kick(box, 0);
		box_assert_untouched(box);
		packed_expect(&ring, i, 16, 1);
		assert_memory_equal(box_at(box, BOX_DATA, 16), box_at(box, BOX_DATA + 0x100, 16),
				    16);
	}
}

/* ---- Putting back ---- */

/* A chain at every position, across the ring's end as well, is put back and taken again. */
static void put_back_anywhere(void **state)
{
	struct box *box = *state;
	struct packed ring;
	const uint16_t size = (uint16_t)(uintptr_t)box->row;

	packed_start(&ring, box, VIO_BIT(VIO_F_EVENT_IDX), 0, size);
	for (uint16_t i = 0; i < 6 * size; i++) {
		uint16_t chain = i % size + 1;

		for (uint16_t k = 1; k < chain; k++)
			packed_add(&ring, BOX_DATA + 8U * k, 1, NEXT | WRITE, 0xbad);
		packed_add(&ring, BOX_DATA, 1, WRITE, i);
		box->device.behaviour = BOX_UNTAKE;
		packed_snapshot(&ring);
		for (unsigned again = 0; again < 3; again++) {
			box_kick(box, 0);
			box_assert_untouched(box);
			assert_false(packed_is_used(&ring));
			assert_int_equal(vio_queue_held(&box->slot.device->queues[0]), 0);
		}
		box->device.behaviour = BOX_FILL;
		box_kick(box, 0);
		box_serve(box);
		packed_expect(&ring, i, chain, chain);
		/* The ring is empty again, and the device has armed itself where it goes on. */
		assert_int_equal(packed_event(&ring).off_wrap,
				 packed_off_wrap(ring.next, ring.next_wrap));
	}
	assert_int_equal(counters(box)->requests, 6 * size);
	assert_int_equal(box->failed, 0);
}

/* ---- Event suppression: what the driver wants ---- */

static void offer_ones(struct packed *ring, uint16_t count)
{
	for (uint16_t i = 0; i < count; i++)
		packed_add(ring, BOX_DATA, 8, WRITE, i);
	box_kick(ring->box, ring->queue);
	box_serve(ring->box);
	for (uint16_t i = 0; i < count; i++)
		packed_expect(ring, i, 8, 1);
}

static bool interrupts(struct packed *ring, uint16_t count)
{
	struct box *box = ring->box;
	bool raised = false;

	assert_false(box->line);
	offer_ones(ring, count);
	raised = box->line;
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), raised);
	box_write(box, VIO_MMIO_INTERRUPT_ACK, 1);
	return raised;
}

static void flags_decide(void **state)
{
	struct box *box = *state;
	struct packed ring;
	const bool event_idx = box->row != NULL;

	box->device.behaviour = BOX_FILL;
	packed_start(&ring, box, event_idx ? VIO_BIT(VIO_F_EVENT_IDX) : 0, 0, 5);
	for (unsigned i = 0; i < 12; i++) {
		packed_set_event(&ring, packed_off_wrap(4, true), VIO_PACKED_EVENT_ENABLE);
		assert_true(interrupts(&ring, 1));
		packed_set_event(&ring, packed_off_wrap(ring.used, ring.used_wrap),
				 VIO_PACKED_EVENT_DISABLE);
		assert_false(interrupts(&ring, 1));
		/* Reserved. */
		packed_set_event(&ring, packed_off_wrap(4, true), 3);
		assert_true(interrupts(&ring, 1));
		/* A position just passed: with EVENT_IDX only is it asked for. */
		packed_set_event(&ring,
				 packed_off_wrap((ring.used + 4) % 5,
						 ring.used == 0 ? !ring.used_wrap : ring.used_wrap),
				 VIO_PACKED_EVENT_DESC);
		assert_int_equal(interrupts(&ring, 1), !event_idx);
	}
}

/* Every position of the ring and of the event, every length of a batch. */
static bool batch_passes(uint16_t size, uint32_t start, uint16_t count, uint16_t off, bool wrap)
{
	/* Positions counted through two laps, after which the wrap counter is as before. */
	uint32_t event = off + (wrap ? 0U : size);
	uint32_t ahead = (event + 2U * size - start) % (2U * size);

	return off >= size || ahead < count;
}

static void every_event_position(void **state)
{
	struct box *box = *state;
	struct packed ring;
	const uint16_t size = (uint16_t)(uintptr_t)box->row;
	uint32_t start = 0; /* 0 to 2 * size - 1 */

	box->device.behaviour = BOX_FILL;
	packed_start(&ring, box, VIO_BIT(VIO_F_EVENT_IDX), 0, size);
	for (uint16_t count = 1; count <= size; count++) {
		for (uint16_t event = 0; event < 2 * (size + 1); event++) {
			for (uint32_t at = 0; at < 2U * size; at++) {
				uint16_t off = event >> 1;
				bool wrap = event & 1;

				packed_set_event(&ring, 0, VIO_PACKED_EVENT_DISABLE);
				for (; start != at; start = (start + 1) % (2U * size))
					assert_false(interrupts(&ring, 1));
				packed_set_event(&ring, packed_off_wrap(off, wrap),
						 VIO_PACKED_EVENT_DESC);
				if (interrupts(&ring, count) !=
				    batch_passes(size, start, count, off, wrap))
					fail_msg("start %u count %u event %u wrap %u", start, count,
						 off, wrap);
				start = (start + count) % (2U * size);
			}
		}
	}
}

/* ---- Event suppression: what the device asks for ---- */

static void device_arms_where_the_ring_is_empty(void **state)
{
	struct box *box = *state;
	struct packed ring;

	box->device.behaviour = BOX_FILL;
	packed_start(&ring, box, VIO_BIT(VIO_F_EVENT_IDX), 0, 3);
	for (unsigned i = 0; i < 20; i++) {
		offer_ones(&ring, 1);
		assert_int_equal(packed_event(&ring).flags, VIO_PACKED_EVENT_DESC);
		assert_int_equal(packed_event(&ring).off_wrap,
				 packed_off_wrap(ring.next, ring.next_wrap));
	}
}

static void device_always_listens_without_event_idx(void **state)
{
	struct box *box = *state;
	struct packed ring;

	box->device.behaviour = BOX_FILL;
	packed_start(&ring, box, 0, 0, 3);
	for (unsigned i = 0; i < 20; i++) {
		offer_ones(&ring, 1);
		assert_int_equal(packed_event(&ring).flags, VIO_PACKED_EVENT_ENABLE);
		assert_int_equal(packed_event(&ring).off_wrap, 0);
	}
}

/* After a full batch as after any other, the driver has to kick for what comes next. */
static void full_batch_arms_the_next_kick(void **state)
{
	struct box *box = *state;
	struct packed ring;

	box->device.behaviour = BOX_FILL;
	box->slot.serving = VIO_MMIO_SERVE_LATER;
	packed_start(&ring, box, VIO_BIT(VIO_F_EVENT_IDX), 0, 3);
	for (uint16_t i = 0; i < 3; i++)
		packed_add(&ring, BOX_DATA, 8, WRITE, i);
	assert_int_equal(packed_event(&ring).off_wrap, packed_off_wrap(0, true));
	box_kick(box, 0);
	vio_mmio_serve(&box->slot);
	for (uint16_t i = 0; i < 3; i++)
		packed_expect(&ring, i, 8, 1);
	assert_int_equal(packed_event(&ring).off_wrap, packed_off_wrap(0, false));
	packed_add(&ring, BOX_DATA, 8, WRITE, 9);
	box_kick(box, 0);
	box_serve(box);
	packed_expect(&ring, 9, 8, 1);
	assert_int_equal(packed_event(&ring).off_wrap, packed_off_wrap(1, false));
}

/* The driver publishes just before it can see the armed event: the second look finds it. */
static void publish_late(struct box *box, uint64_t addr, size_t size)
{
	struct packed ring = { .box = box, .size = 3, .next_wrap = true };

	(void)size;
	if (addr != BOX_DESC(0) + offsetof(struct vio_packed_desc, id) ||
	    packed_at(&ring, 0).flags != 0)
		return;
	assert_int_equal(packed_event(&ring).off_wrap, 0);
	packed_add(&ring, BOX_DATA, 8, WRITE, 4);
}

static void no_lost_wakeup(void **state)
{
	struct box *box = *state;
	struct packed ring;

	box->device.behaviour = BOX_FILL;
	packed_start(&ring, box, VIO_BIT(VIO_F_EVENT_IDX), 0, 3);
	memset(box_at(box, BOX_DESC(0), 0x3000), 0, 0x3000); /* not armed yet */
	box->after_load = publish_late;
	box_kick(box, 0);
	box->after_load = NULL;
	box_serve(box); /* as the device asked for */
	packed_expect(&ring, 4, 8, 1);
	assert_int_equal(packed_event(&ring).off_wrap, packed_off_wrap(1, true));
}

/* ---- A driver on another CPU ---- */

#define THREAD_SIZE     5
#define THREAD_REQUESTS 2000

static struct vio_packed_desc *thread_ring;
static atomic_uint thread_done;
static atomic_uint thread_bad;

static _Atomic uint16_t *thread_flags(unsigned position)
{
	return (_Atomic uint16_t *)&thread_ring[position % THREAD_SIZE].flags;
}

/* AVAIL and USED alike, as the wrap counter is in the lap of `position`. */
static bool thread_is_used(unsigned position)
{
	uint16_t wrap = position / THREAD_SIZE % 2 == 0 ? vio_le16(AVAIL | USED) : 0;

	return (atomic_load_explicit(thread_flags(position), memory_order_acquire) &
		vio_le16(AVAIL | USED)) == wrap;
}

static void thread_add(unsigned position)
{
	volatile struct vio_packed_desc *desc = &thread_ring[position % THREAD_SIZE];
	uint16_t avail = position / THREAD_SIZE % 2 == 0 ? AVAIL : USED;

	desc->addr = vio_le64(BOX_DATA + position % THREAD_SIZE * UINT64_C(64));
	desc->len = vio_le32(position % 60 + 1);
	desc->id = vio_le16((uint16_t)position);
	atomic_store_explicit(thread_flags(position), vio_le16(avail | WRITE),
			      memory_order_release);
}

/* Keeps the ring full, and looks at id and length as soon as the flags say that they stand. */
static void *driver_thread(void *unused)
{
	unsigned added = 0;

	for (unsigned used = 0; used < THREAD_REQUESTS; used++) {
		volatile struct vio_packed_desc *desc = &thread_ring[used % THREAD_SIZE];

		for (; added < THREAD_REQUESTS && added - used < THREAD_SIZE; added++)
			thread_add(added);
		while (!thread_is_used(used))
			sched_yield();
		if (vio_le16(desc->id) != (uint16_t)used || vio_le32(desc->len) != used % 60 + 1)
			atomic_fetch_add(&thread_bad, 1);
		atomic_store(&thread_done, used + 1);
	}
	return unused;
}

static void id_and_len_stand_before_the_flags(void **state)
{
	struct box *box = *state;
	struct packed ring;
	pthread_t thread;

	box->device.behaviour = BOX_FILL;
	packed_start(&ring, box, 0, 0, THREAD_SIZE);
	packed_set_event(&ring, 0, VIO_PACKED_EVENT_DISABLE);
	thread_ring = box_at(box, BOX_DESC(0), sizeof(*thread_ring) * THREAD_SIZE);
	atomic_store(&thread_done, 0);
	atomic_store(&thread_bad, 0);
	assert_int_equal(pthread_create(&thread, NULL, driver_thread, NULL), 0);
	while (atomic_load(&thread_done) < THREAD_REQUESTS) {
		box_kick(box, 0);
		box_serve(box);
		sched_yield();
	}
	pthread_join(thread, NULL);
	assert_int_equal(atomic_load(&thread_bad), 0);
	assert_int_equal(counters(box)->requests, THREAD_REQUESTS);
	assert_int_equal(box->failed, 0);
}

#define SIZE(ids, test, size) BOX_ROW(ids " " #test " " #size, test, size)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SIZE("PCK-P-10 PCK-P-18", laps_of_size, 1),
		SIZE("PCK-P-10 PCK-P-18", laps_of_size, 2),
		SIZE("PCK-P-10 PCK-P-11 PCK-P-18", laps_of_size, 3),
		SIZE("PCK-P-10 PCK-P-11 PCK-P-18 PCK-D-08", laps_of_size, 5),
		SIZE("PCK-P-10 PCK-P-11 PCK-P-18 PCK-D-04 PCK-D-08", laps_of_size, 16),
		BOX_TEST("24 PCK-P-10 PCK-P-18 PCK-D-06 PCK-D-09", laps_of_size_100),
		BOX_TEST("PCK-D-06", zeroed_ring_is_empty),
		BOX_TEST("PCK-D-01 PCK-D-02 PCK-P-11", used_in_order_of_completion),
		BOX_TEST("PCK-P-15 PCK-D-03", batch_is_shown_at_once),
		BOX_TEST("PCK-P-10 PCK-P-15", batches_across_the_end),
		BOX_TEST("PCK-D-04 PCK-P-12", used_len_and_write_flag),
		BOX_TEST("PCK-D-07", used_entries_are_left_alone),
		BOX_TEST("42 PCK-P-13 PCK-D-05", only_write_matters_in_a_table),
		SIZE("PCK-P-10", put_back_anywhere, 1),
		SIZE("PCK-P-10", put_back_anywhere, 3),
		SIZE("PCK-P-10", put_back_anywhere, 16),
		BOX_ROW("45 PCK-P-16 PCK-P-17 flags_decide", flags_decide, 0),
		BOX_ROW("45 PCK-P-16 PCK-P-17 flags_decide with EVENT_IDX", flags_decide, 1),
		SIZE("PCK-P-16", every_event_position, 1),
		SIZE("PCK-P-16", every_event_position, 3),
		SIZE("45 PCK-P-16", every_event_position, 8),
		BOX_TEST("PCK-P-16", device_arms_where_the_ring_is_empty),
		BOX_TEST("PCK-P-16", device_always_listens_without_event_idx),
		BOX_TEST("PCK-P-16", full_batch_arms_the_next_kick),
		BOX_TEST("PCK-P-16", no_lost_wakeup),
		BOX_TEST("PCK-P-27 PCK-D-07", id_and_len_stand_before_the_flags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Driver and device at the same time, each on a CPU of its own: what a test with one thread can
 * only pretend. An honest driver must never wait for ever, a hostile one must not get through.
 *
 * The device thread alone calls the transport, as the root serialises it; a notification and an
 * interrupt are flags between the two.
 */
#define _DEFAULT_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "box.h"

#define RACE_MS    1200  /* a race lasts this long */
#define ROUNDS_MIN 100   /* and longer, where there is but one CPU to have */
#define LATEST_MS  60000 /* and a hostile one, until it has served and broken anything */
#define SERVED_MIN 500   /* requests after which a hostile one may end sooner, */
#define BROKEN_MIN 100   /* if it has broken the device this often */
#define SPINS      200   /* before the CPU is given to others */
#define NO_QUEUE   UINT32_MAX

struct race {
	struct box *box;
	struct vio_driver_queue queue;
	bool packed; /* what a scribbler writes */
	_Atomic bool notified;
	_Atomic bool interrupted;
	_Atomic bool stop;
};

static struct race race;

static void relax(unsigned *spins)
{
	if (++*spins % SPINS == 0)
		sched_yield();
}

static uint64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- An honest driver ---- */

static void raise_to_driver(struct vio_mmio *slot)
{
	(void)slot;
	atomic_store(&race.interrupted, true);
}

static void lower_to_driver(struct vio_mmio *slot)
{
	(void)slot;
}

static void no_defer(struct vio_mmio *slot)
{
	vio_mmio_write(slot, VIO_MMIO_QUEUE_NOTIFY, 4, NO_QUEUE);
	atomic_store(&race.notified, true);
}

static const struct vio_mmio_host racing_host = {
	.raise = raise_to_driver,
	.lower = lower_to_driver,
	.defer = no_defer,
	.released = NULL,
	.failed = NULL,
};

/* Registers are written before the race; in it, the driver only notifies. */
static void notify_device(void *registers, uint32_t offset, unsigned width, uint32_t value)
{
	(void)registers;
	(void)width;
	(void)value;
	if (offset == VIO_MMIO_QUEUE_NOTIFY)
		atomic_store(&race.notified, true);
}

static const struct vio_driver_access racing_access = { .read = NULL, .write = notify_device };

static void *device_thread(void *arg)
{
	struct box *box = arg;
	unsigned spins = 0;

	while (!atomic_load(&race.stop)) {
		relax(&spins);
		if (!atomic_exchange(&race.notified, false))
			continue;
		/* Low again before the ring is looked at, or the next raise would be none. */
		vio_mmio_write(&box->slot, VIO_MMIO_INTERRUPT_ACK, 4, VIO_INTERRUPT_USED);
		vio_mmio_write(&box->slot, VIO_MMIO_QUEUE_NOTIFY, 4, 0);
		vio_mmio_write(&box->slot, VIO_MMIO_INTERRUPT_ACK, 4, VIO_INTERRUPT_USED);
	}
	return NULL;
}

/* Waits for one used buffer, asleep unless told otherwise: here a lost wakeup shows. */
static uint32_t wait_used(struct vio_driver_queue *queue, uint16_t *head)
{
	unsigned spins = 0;
	uint32_t len = 0;

	while (!vio_driver_queue_used(queue, head, &len)) {
		if (vio_driver_queue_listen(queue, true))
			continue;
		while (!atomic_exchange(&race.interrupted, false))
			relax(&spins);
	}
	vio_driver_queue_listen(queue, false);
	return len;
}

static void honest(struct box *box, uint64_t features)
{
	uint8_t *data = box_at(box, BOX_DATA, 0x1000);
	uint64_t end = milliseconds() + RACE_MS;
	pthread_t thread;
	uint32_t offered = 0;

	memset(&race, 0, sizeof(race));
	box->device.behaviour = BOX_FILL;
	assert_true(vio_driver_start(&box->driver, features));
	assert_true(vio_driver_queue_init(&box->driver, &race.queue, 0,
					  box_at(box, BOX_TABLE, 0x1000), BOX_SIZE));
	vio_driver_run(&box->driver);
	box->slot.host = &racing_host;
	box->driver.access = &racing_access;
	assert_int_equal(pthread_create(&thread, NULL, device_thread, box), 0);

	for (unsigned i = 0; i < ROUNDS_MIN || milliseconds() < end; i++) {
		unsigned count = i % 3 + 1;
		uint16_t head = 0;

		offered += count;
		for (unsigned k = 0; k < count; k++) {
			struct vio_buffer buffer = { data + k * 64, k + 1, true };

			assert_true(vio_driver_queue_add(&race.queue, &buffer, 1) >= 0);
			memset(data + k * 64, 0, k + 1);
			/* One by one, so that each has its own chance to be missed. */
			vio_driver_queue_publish(&race.queue);
		}
		for (unsigned k = 0; k < count; k++) {
			uint32_t len = wait_used(&race.queue, &head);

			/* The length and the bytes were there before the index. */
			assert_int_equal(len, k + 1);
			assert_int_equal(data[k * 64 + k], 0xda);
		}
	}
	atomic_store(&race.stop, true);
	pthread_join(thread, NULL);
	assert_int_equal(box->device.device.errors, 0);
	assert_int_equal(box->device.device.queues[0].counters.requests, offered);
}

static void honest_with_event_idx(void **state)
{
	honest(*state, VIO_BIT(VIO_F_EVENT_IDX));
}

static void honest_with_flags(void **state)
{
	honest(*state, 0);
}

static void honest_packed(void **state)
{
	honest(*state, VIO_BIT(VIO_F_EVENT_IDX) | VIO_BIT(VIO_F_RING_PACKED));
}

/* ---- A hostile one ---- */

static uint32_t random_next(uint32_t *random)
{
	*random ^= *random << 13;
	*random ^= *random >> 17;
	*random ^= *random << 5;
	return *random;
}

/* Mostly good values: only they get far enough to be overtaken. */
static void scribble_desc(volatile struct vio_desc *desc, uint32_t r, bool packed)
{
	static const uint64_t addrs[] = { BOX_DATA, BOX_DATA + 64, BOX_TABLE, BOX_FAR,
					  BOX_ROM,  BOX_DESC(0),   0,         UINT64_MAX - 3 };
	static const uint32_t lens[] = { 0, 1, 16, 32, 64, 0xffffffff };
	uint16_t flags = (r >> 12) & 7;
	uint16_t next = (r >> 16) % (r & 8 ? BOX_SIZE + 1 : BOX_SIZE);

	desc->addr = addrs[(r >> 4) % (r & 2 ? VIO_ARRAY_SIZE(addrs) : 4)];
	desc->len = lens[(r >> 8) % (r & 4 ? VIO_ARRAY_SIZE(lens) : 5)];
	if (packed) {
		/* Where a split descriptor has flags this one has its id, and flags behind that. */
		desc->flags = next;
		desc->next = flags | (r & 1 << 20 ? VIO_PACKED_F_AVAIL : VIO_PACKED_F_USED);
	} else {
		desc->flags = flags;
		desc->next = next;
	}
}

static void *scribbler(void *arg)
{
	struct box *box = arg;
	volatile struct vio_desc *ring = box_at(box, BOX_DESC(0), 0x1000);
	volatile struct vio_desc *table = box_at(box, BOX_TABLE, 0x1000);
	volatile struct vio_avail *avail = box_at(box, BOX_AVAIL(0), 0x1000);
	uint32_t random = 1;

	while (!atomic_load(&race.stop)) {
		uint32_t r = random_next(&random);

		scribble_desc((r & 1 ? ring : table) + random_next(&random) % BOX_SIZE, r,
			      race.packed);
		avail->ring[(r >> 20) % BOX_SIZE] = (r >> 24) % BOX_SIZE;
		if ((r >> 28) != 0)
			continue;
		/* The same two words are the packed format's event suppression. */
		avail->idx++;
		avail->flags = race.packed ? r >> 8 : 0;
	}
	return NULL;
}

static bool is_enough(uint32_t served, uint32_t broken, bool late)
{
	return late ? served != 0 && broken != 0 : served >= SERVED_MIN && broken >= BROKEN_MIN;
}

static void hostile(struct box *box, uint64_t features)
{
	const uint32_t *served = &box->device.device.queues[0].counters.requests;
	uint64_t end = milliseconds() + RACE_MS;
	pthread_t thread;

	memset(&race, 0, sizeof(race));
	race.packed = (features & VIO_BIT(VIO_F_RING_PACKED)) != 0;
	box_snapshot(box);
	box_allow(box, BOX_DESC(0), 0x3000);
	box_allow(box, BOX_TABLE, 0x1000);
	box_allow(box, BOX_DATA, 64 + 64);
	box_allow(box, BOX_FAR, 64);
	assert_int_equal(pthread_create(&thread, NULL, scribbler, box), 0);
	while (!is_enough(*served, box->failed, milliseconds() >= end) &&
	       milliseconds() < end + LATEST_MS) {
		/* As long as nothing is wrong, the other may not have the CPU. */
		if (box_status(box) == 0xf)
			sched_yield();
		/* The new driver is broken as soon as it runs, as likely as not. */
		box_negotiate(box, features | VIO_BIT(VIO_F_INDIRECT_DESC));
		memset(box_at(box, BOX_DESC(0), 0x3000), 0, 0x3000);
		box_ready(box, 0, BOX_SIZE, BOX_DESC(0), BOX_AVAIL(0), BOX_USED(0));
		box_write(box, VIO_MMIO_STATUS, 0xf);
		for (unsigned i = 0; i < 1000 && box_status(box) == 0xf; i++) {
			box_kick(box, 0);
			box_write(box, VIO_MMIO_INTERRUPT_ACK, 3);
		}
	}
	atomic_store(&race.stop, true);
	pthread_join(thread, NULL);
	assert_int_not_equal(*served, 0);
	assert_int_not_equal(box->failed, 0);
	box_assert_untouched(box);
	box_assert_works(box);
}

static void hostile_split(void **state)
{
	hostile(*state, 0);
}

static void hostile_packed(void **state)
{
	hostile(*state, VIO_BIT(VIO_F_RING_PACKED) | VIO_BIT(VIO_F_EVENT_IDX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST("SPL-P-24 SPL-D-14 SPL-D-12", honest_with_event_idx),
		BOX_TEST("SPL-P-24 SPL-D-14 SPL-D-10", honest_with_flags),
		BOX_TEST("PCK-P-16 PCK-P-27", honest_packed),
		BOX_TEST("32 CLN-H-01", hostile_split),
		BOX_TEST("32 44 CLN-H-01", hostile_packed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

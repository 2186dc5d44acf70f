/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An open queue of SIZE entries, split or PACKED, in any state it can be in: queue_ok() says what
 * holds in every one. take.c and complete.c prove that each operation keeps it, from all of them.
 */
#ifndef QUEUE_H
#define QUEUE_H

#include "world.h"

#ifndef SIZE
#define SIZE 4
#endif
#ifndef CAPACITY
#define CAPACITY SIZE
#endif
#ifndef PACKED
#define PACKED 0
#endif
#ifndef RING
#define RING (PACKED ? &vio_packed_ring : &vio_split_ring)
#endif

static struct vio_device device;
static struct vio_queue queue;
static uint8_t in_flight[SIZE];
static struct vio_completion completions[SIZE];
static struct vio_span spans[CAPACITY];

/* The ring's parts, each of exactly the size it should have: nothing stands beside them. */
static struct vio_packed_desc packed_ring[SIZE];
static struct vio_packed_event driver_event;
static struct vio_packed_event device_event;
static struct vio_desc table[SIZE];
static uint16_t avail_ring[2 + SIZE + 1]; /* flags, idx, ring, used_event */
static uint16_t used_ring[2 + 4 * SIZE + 1];

static unsigned interrupts;
static unsigned failures;
static unsigned releases;

static void count_interrupt(struct vio_device *of, uint32_t cause)
{
	PROVE(of == &device);
	PROVE(cause == VIO_INTERRUPT_USED || cause == VIO_INTERRUPT_CONFIG);
	interrupts += cause == VIO_INTERRUPT_USED;
}

static void count_defer(struct vio_device *of)
{
	PROVE(of == &device);
}

static void count_release(struct vio_device *of)
{
	PROVE(of == &device);
	releases++;
}

static void count_failure(struct vio_device *of, enum vio_error error)
{
	PROVE(of == &device && error > VIO_OK && error < VIO_ERRORS);
	failures++;
}

static const struct vio_transport transport = {
	.features = ~UINT64_C(0),
	.interrupt = count_interrupt,
	.defer = count_defer,
	.released = count_release,
	.failed = count_failure,
};

/* The harness's. */
static void notify(struct vio_device *of, struct vio_queue *served);

static const struct vio_queue_type queue_type = { .size_max = SIZE, .notify = notify };
static const struct vio_device_type type = { .queues = &queue_type, .queue_count = 1 };
static struct vio_queue_config config;

/* Ring entries used that the driver cannot see yet. */
static uint16_t unpublished(const struct vio_queue *of)
{
	return PACKED ? of->packed.unpublished : of->used_next - of->split.used_shown;
}

/* Those taken and not yet used, as the positions have it. */
static uint16_t outstanding(const struct vio_queue *of)
{
	return PACKED ? of->taken - of->packed.unpublished : of->avail_next - of->used_next;
}

/* Those of them that were completed and wait for their turn. */
static uint32_t waiting(const struct vio_queue *of)
{
	uint32_t entries = 0;

	for (unsigned i = 0; i < SIZE; i++)
		entries += of->completions[i].entries;
	return of->in_order ? entries : 0;
}

static uint16_t heads_in_flight(const struct vio_queue *of)
{
	uint16_t count = 0;

	for (unsigned i = 0; i < SIZE; i++)
		count += of->in_flight[i];
	return count;
}

/* How far ring position `position` is behind the next used entry. */
static uint32_t distance(const struct vio_queue *of, uint16_t position)
{
	if (!PACKED)
		return (uint32_t)(position - of->used_next) % SIZE;
	return position >= of->used_next ? (uint32_t)position - of->used_next
					 : (uint32_t)position + SIZE - of->used_next;
}

static bool apart(uint32_t a, uint32_t a_entries, uint32_t b, uint32_t b_entries)
{
	return (a + a_entries <= b) | (b + b_entries <= a);
}

/* Those that wait do so at their places in the ring, each another, and are marked in flight. */
static bool completions_ok(const struct vio_queue *of)
{
	bool ok = true;

	for (unsigned i = 0; i < SIZE; i++) {
		const struct vio_completion *a = &of->completions[i];
		uint32_t at = distance(of, i);
		bool there = a->entries != 0;

		ok &= !there | (at + a->entries <= outstanding(of));
		ok &= PACKED | !there |
		      ((a->entries == 1) & (a->id < SIZE) & of->in_flight[a->id % SIZE]);
		for (unsigned j = 0; j < i; j++) {
			const struct vio_completion *b = &of->completions[j];

			ok &= !there | (b->entries == 0) |
			      (apart(at, a->entries, distance(of, j), b->entries) &
			       (PACKED | (a->id != b->id)));
		}
	}
	return ok | !of->in_order;
}

/* How many more requests the batch may take, and how many without a look at the driver's index. */
static uint32_t share(const struct vio_queue *of)
{
	return of->batch_end - of->counters.requests;
}

static uint32_t seen(const struct vio_queue *of)
{
	return of->take_limit - of->counters.requests;
}

/* A packed ring's wrap counters are kept as the flags that go with them. */
static bool flags_ok(const struct vio_queue *of)
{
	return ((of->packed.avail_flags == VIO_PACKED_F_AVAIL) |
		(of->packed.avail_flags == VIO_PACKED_F_USED)) &
	       ((of->packed.used_flags == (VIO_PACKED_F_AVAIL | VIO_PACKED_F_USED)) |
		(of->packed.used_flags == 0));
}

static bool laps_differ(const struct vio_queue *of)
{
	return (of->packed.avail_flags == VIO_PACKED_F_AVAIL) != (of->packed.used_flags != 0);
}

/*
 * What holds of the device's own positions while the queue is open or halted. The walk, the ring's
 * writes and the order of completions all stand on it.
 */
static bool queue_ok(const struct vio_queue *of)
{
	uint32_t end = (uint32_t)of->used_next + outstanding(of);
	bool ok = (of->size == SIZE) & (waiting(of) <= outstanding(of)) & completions_ok(of) &
		  (of->in_batch | (unpublished(of) == 0)) &
		  (of->in_batch ? of->open : share(of) == 0) &
		  (of->direct == (of->in_batch & !of->in_order));

	if (PACKED)
		return ok & flags_ok(of) & (of->avail_next < SIZE) & (of->used_next < SIZE) &
		       (unpublished(of) <= of->taken) & (of->taken <= SIZE) &
		       (of->avail_next == (end < SIZE ? end : end - SIZE)) &
		       (laps_differ(of) == (end >= SIZE));
	/* A driver that is told of used entries at the batch's end cannot make up for more. */
	return ok & (seen(of) <= share(of)) & (heads_in_flight(of) == outstanding(of)) &
	       (share(of) <= 2 * SIZE) &
	       (unpublished(of) + outstanding(of) + share(of) <= 2 * SIZE);
}

/* What holds of a request that was taken from the queue, is of its generation and not completed. */
static bool request_ok(const struct vio_queue *of, const struct vio_request *req)
{
	uint32_t at = distance(of, req->position);
	bool ok = (req->entries != 0) & (req->entries + waiting(of) <= outstanding(of)) &
		  (req->position < SIZE);

	if (!PACKED)
		ok &= (req->entries == 1) & (req->id < SIZE) & of->in_flight[req->id % SIZE];
	ok &= !of->in_order | (at + req->entries <= outstanding(of));
	for (unsigned i = 0; i < SIZE; i++) {
		const struct vio_completion *other = &of->completions[i];

		ok &= !of->in_order | (other->entries == 0) |
		      (apart(at, req->entries, distance(of, i), other->entries) &
		       (PACKED | (other->id != req->id)));
	}
	return ok;
}

/* And of two such requests. */
static bool pair_ok(const struct vio_queue *of, const struct vio_request *a,
		    const struct vio_request *b)
{
	return (a->entries + b->entries + waiting(of) <= outstanding(of)) &
	       (PACKED | (a->id != b->id)) &
	       (!of->in_order | apart(distance(of, a->position), a->entries,
				      distance(of, b->position), b->entries));
}

/* Any positions that are in order; what is fixed while the queue is live stays as it is. */
static void any_positions(void)
{
	struct vio_queue any = nondet_queue();

	queue.avail_next = any.avail_next;
	queue.used_next = any.used_next;
	queue.taken = any.taken;
	queue.held = any.held;
	queue.batch_end = any.batch_end;
	queue.take_limit = any.take_limit;
	queue.counters = any.counters;
	queue.direct = any_bool();
	if (PACKED) {
		queue.packed.avail_flags = any.packed.avail_flags;
		queue.packed.used_flags = any.packed.used_flags;
		queue.packed.first_flags = any.packed.first_flags;
		queue.packed.unpublished = any.packed.unpublished;
	} else {
		queue.split.used_shown = any.split.used_shown;
	}
	for (unsigned i = 0; i < SIZE; i++) {
		in_flight[i] = any_bool();
		completions[i] = nondet_completion();
	}
	ASSUME(queue_ok(&queue));
}

/* The queue open, or halted, and a device for it; its positions are still to be chosen. */
static void live_queue(void)
{
	any_memory();
	device = nondet_device();
	device.type = &type;
	device.transport = &transport;
	device.memory = &guest;
	device.queues = &queue;
	device.configs = &config;
	device.spans = spans;
	device.span_count = CAPACITY;
	device.resetting = false;
	device.suspending = any_bool();
	device.paused = false;

	queue = nondet_queue();
	queue.device = &device;
	queue.memory = &guest;
	queue.ring = RING;
	if (PACKED) {
		queue.packed.desc = packed_ring;
		queue.packed.driver = &driver_event;
		queue.packed.device = &device_event;
	} else {
		queue.split.desc = table;
		queue.split.avail = (void *)avail_ring;
		queue.split.used = (void *)used_ring;
	}
	queue.in_flight = in_flight;
	queue.completions = completions;
	queue.size = SIZE;
	queue.index = 0;
	queue.open = any_bool();
	queue.halted = !queue.open;
	queue.event_idx = any_bool();
	queue.indirect = any_bool();
	queue.in_order = any_bool();
	queue.in_batch = any_bool();
	queue.closing = false;
}

static void any_live_queue(void)
{
	live_queue();
	any_positions();
}

#endif

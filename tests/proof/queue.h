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
/* The format: as it is said, or PACKED or not, and buffers used in order or not. */
#ifndef RING
#define RING any_ring()

static const struct vio_ring *any_ring(void)
{
	if (PACKED)
		return any_bool() ? &vio_packed_ring : &vio_packed_ring_in_order;
	return any_bool() ? &vio_split_ring : &vio_split_ring_in_order;
}
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

static bool is_in_order(const struct vio_queue *of)
{
	return of->ring == &vio_packed_ring_in_order || of->ring == &vio_split_ring_in_order;
}

#define F_AVAIL VIO_PACKED_WORD(0, VIO_PACKED_F_AVAIL)
#define F_USED  VIO_PACKED_WORD(0, VIO_PACKED_F_USED)
#define F_WRITE VIO_PACKED_WORD(0, VIO_DESC_F_WRITE)

/* Packed: whether avail_next, or used_next, is in the lap after that of used_shown. */
static bool avail_is_over(const struct vio_queue *of)
{
	return (of->avail_flags == F_AVAIL) != ((of->shown_flags & F_AVAIL) != 0);
}

static bool used_is_over(const struct vio_queue *of)
{
	return of->used_flags != of->shown_flags;
}

/* Ring entries taken that the driver does not see used yet, over two laps. */
static uint16_t taken_entries(const struct vio_queue *of)
{
	uint32_t taken = (uint32_t)of->avail_next - of->used_shown + of->size;

	if (!PACKED)
		return of->avail_next - of->used_shown;
	taken += avail_is_over(of) ? 0 : of->size;
	return taken >= 2 * of->size ? taken - 2 * of->size : taken;
}

/* Those of them that are used. */
static uint16_t unpublished(const struct vio_queue *of)
{
	return of->used_next - of->used_shown + (PACKED && used_is_over(of) ? of->size : 0);
}

/* And those that are not. */
static uint16_t outstanding(const struct vio_queue *of)
{
	return taken_entries(of) - unpublished(of);
}

/* Those of the latter that were completed and wait for their turn. */
static uint32_t waiting(const struct vio_queue *of)
{
	uint32_t entries = 0;

	for (unsigned i = 0; i < SIZE; i++)
		entries += completions[i].entries;
	return is_in_order(of) ? entries : 0;
}

static uint16_t heads_in_flight(const struct vio_queue *of)
{
	uint16_t count = 0;

	for (unsigned i = 0; i < SIZE; i++)
		count += of->in_flight[i];
	return count;
}

/* How far ring entry `index` is behind the next used one. */
static uint32_t distance(const struct vio_queue *of, uint16_t index)
{
	if (!PACKED)
		return (uint32_t)(index - of->used_next) % SIZE;
	return index >= of->used_next ? (uint32_t)index - of->used_next
				      : (uint32_t)index + SIZE - of->used_next;
}

/* And so a request: in a split ring its position counts on. */
static uint32_t distance_of(const struct vio_queue *of, const struct vio_request *req)
{
	return PACKED ? distance(of, req->position) : (uint16_t)(req->position - of->used_next);
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
		const struct vio_completion *a = &completions[i];
		uint32_t at = distance(of, i);
		bool there = a->entries != 0;

		ok &= !there | (at + a->entries <= outstanding(of));
		ok &= PACKED | !there |
		      ((a->entries == 1) & (a->id < SIZE) & of->in_flight[a->id % SIZE]);
		for (unsigned j = 0; j < i; j++) {
			const struct vio_completion *b = &completions[j];

			ok &= !there | (b->entries == 0) |
			      (apart(at, a->entries, distance(of, j), b->entries) &
			       (PACKED | (a->id != b->id)));
		}
	}
	return ok | !is_in_order(of);
}

/* A packed ring's wrap counters are kept as the flags that go with them. */
static bool used_flags_ok(uint32_t flags)
{
	return (flags == (F_WRITE | F_AVAIL | F_USED)) | (flags == F_WRITE);
}

static bool flags_ok(const struct vio_queue *of)
{
	return ((of->avail_flags == F_AVAIL) | (of->avail_flags == F_USED)) &
	       used_flags_ok(of->used_flags) & used_flags_ok(of->shown_flags);
}

/* What the entry at used_shown will be, when something is used. */
static bool first_word_ok(const struct vio_queue *of)
{
	uint32_t flags = of->first_word & ~(uint32_t)UINT16_MAX;

	return (flags | F_WRITE) == of->shown_flags;
}

/*
 * What holds of the device's own positions while the queue is open or halted. The walk, the ring's
 * writes and the order of completions all stand on it.
 */
static bool queue_ok(const struct vio_queue *of)
{
	bool ok = (of->size == SIZE) & (taken_entries(of) <= SIZE) &
		  (unpublished(of) <= taken_entries(of)) & (of->waiting == waiting(of)) &
		  (of->waiting <= outstanding(of)) & completions_ok(of);

	/* A run is counted when it is not simply all that is unpublished. */
	ok &= of->run <= unpublished(of);
	ok &= ((of->batch == VIO_BATCH_OTHER) & is_in_order(of)) | (of->run == 0);
	ok &= of->in_batch | (unpublished(of) == 0);
	ok &= !of->in_batch | of->open;
	ok &= (of->batch == (of->in_batch ? of->ring->batch : VIO_BATCH_NONE)) |
	      (of->in_batch & (of->batch == VIO_BATCH_OTHER));
	ok &= !of->in_batch | !is_in_order(of) | (of->batch == VIO_BATCH_OTHER) |
	      (of->waiting == 0);
	ok &= of->in_batch | (!of->may_look & (of->take_end == of->avail_next));
	if (PACKED)
		return ok & flags_ok(of) & ((unpublished(of) == 0) | first_word_ok(of)) &
		       (of->avail_next <= SIZE) & (of->used_next < SIZE) & (of->used_shown < SIZE) &
		       ((of->take_end == of->avail_next) |
			((of->take_end > of->avail_next) &
			 (of->take_end == (avail_is_over(of) ? of->used_shown : SIZE))));
	/* A driver that is told of used entries at the batch's end cannot make up for more. */
	return ok & (heads_in_flight(of) == outstanding(of)) &
	       ((uint16_t)(of->take_end - of->avail_next) + taken_entries(of) <= SIZE);
}

/* What holds of a request that was taken from the queue, is of its generation and not completed. */
static bool request_ok(const struct vio_queue *of, const struct vio_request *req)
{
	uint32_t at = distance_of(of, req);
	bool ok = (req->entries != 0) & (req->entries + waiting(of) <= outstanding(of));

	if (PACKED)
		ok &= req->position < SIZE;
	else
		ok &= (req->entries == 1) & (req->id < SIZE) & of->in_flight[req->id % SIZE];
	ok &= !is_in_order(of) | (at + req->entries <= outstanding(of));
	for (unsigned i = 0; i < SIZE; i++) {
		const struct vio_completion *other = &completions[i];

		ok &= !is_in_order(of) | (other->entries == 0) |
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
	       (!is_in_order(of) |
		apart(distance_of(of, a), a->entries, distance_of(of, b), b->entries));
}

/* Any positions that are in order; what is fixed while the queue is live stays as it is. */
static void any_positions(void)
{
	struct vio_queue any = nondet_queue();

	queue.take_end = any.take_end;
	queue.avail_next = any.avail_next;
	queue.used_next = any.used_next;
	queue.used_shown = any.used_shown;
	queue.run = any.run;
	queue.waiting = any.waiting;
	queue.counters = any.counters;
	queue.may_look = any_bool();
	queue.batch = any.batch;
	if (PACKED) {
		queue.avail_flags = any.avail_flags;
		queue.used_flags = any.used_flags;
		queue.shown_flags = any.shown_flags;
		queue.first_word = any.first_word;
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
	device.spans = (struct vio_spans){ spans, CAPACITY };
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
		queue.mask = SIZE - 1;
	}
	queue.in_flight = in_flight;
	device.completions = completions;
	device.entries = SIZE;
	queue.size = SIZE;
	queue.index = 0;
	queue.open = any_bool();
	queue.halted = !queue.open;
	queue.event_idx = any_bool();
	if (PACKED)
		queue.event_flags =
			queue.event_idx ? VIO_PACKED_EVENT_DESC : VIO_PACKED_EVENT_ENABLE;
	queue.indirect = any_bool();
	queue.in_batch = any_bool();
	queue.closing = false;
}

static void any_live_queue(void)
{
	live_queue();
	any_positions();
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A device as a proof sees it: any state it can be in, of which device_ok() says what holds in
 * every one. QUEUES queues of at most SIZE entries, CAPACITY spans.
 */
#ifndef DEVICE_H
#define DEVICE_H

#include "world.h"
#include "vio_ring.h"

#ifndef SIZE
#define SIZE 4
#endif
#ifndef CAPACITY
#define CAPACITY SIZE
#endif
#ifndef QUEUES
#define QUEUES 1
#endif
#ifndef PACKED
#define PACKED 0
#endif

static struct vio_device device;
static struct vio_queue queues[QUEUES];
static struct vio_queue_config configs[QUEUES];
static uint8_t in_flight[QUEUES * SIZE];
static struct vio_completion completions[QUEUES * SIZE];
static struct vio_span spans[CAPACITY];

struct vio_device nondet_device(void);
struct vio_queue nondet_queue(void);
struct vio_queue_config nondet_config(void);
struct vio_completion nondet_completion(void);
struct vio_request nondet_request(void);

static unsigned interrupts;
static unsigned failures;
static unsigned releases;

static void count_interrupt(struct vio_device *of, uint32_t cause)
{
	(void)of;
	(void)cause;
	interrupts++;
}

static void count_defer(struct vio_device *of)
{
	(void)of;
}

static void count_release(struct vio_device *of)
{
	(void)of;
	releases++;
}

static void count_failure(struct vio_device *of, enum vio_error error)
{
	(void)of;
	PROVE(error > VIO_OK && error < VIO_ERRORS);
	failures++;
}

static const struct vio_transport counting_transport = {
	.features = ~UINT64_C(0),
	.interrupt = count_interrupt,
	.defer = count_defer,
	.released = count_release,
	.failed = count_failure,
};

/* The harness's. */
static void notify(struct vio_device *of, struct vio_queue *queue);

static const struct vio_queue_type queue_types[QUEUES] = {
	{ .size_max = SIZE, .notify = notify },
#if QUEUES > 1
	{ .size_max = SIZE, .notify = notify },
#endif
};

static const struct vio_device_type type = {
	.name = "proof",
	.id = 42,
	.features = UINT64_C(0xffffff),
	.queues = queue_types,
	.queue_count = QUEUES,
};

/* The parts of a live ring lie inside regions that allow what is done to them, and are aligned. */
static bool parts_ok(const struct vio_queue *queue)
{
	uint32_t size = queue->size;

	if (PACKED)
		return inside_a_region(queue->packed.desc, size * sizeof(struct vio_packed_desc),
				       VIO_ACCESS_READ_WRITE) &
		       inside_a_region(queue->packed.driver, sizeof(struct vio_packed_event),
				       VIO_ACCESS_READ) &
		       inside_a_region(queue->packed.device, sizeof(struct vio_packed_event),
				       VIO_ACCESS_READ_WRITE);
	return inside_a_region(queue->split.desc, vio_split_desc_bytes(size), VIO_ACCESS_READ) &
	       inside_a_region(queue->split.avail, vio_split_avail_bytes(size), VIO_ACCESS_READ) &
	       inside_a_region(queue->split.used, vio_split_used_bytes(size),
			       VIO_ACCESS_READ_WRITE);
}

/* Ring entries taken and not yet used, as the positions have it. */
static uint16_t outstanding(const struct vio_queue *queue)
{
	return PACKED ? queue->taken - queue->unpublished : queue->avail_next - queue->used_next;
}

/* Those of them that were completed and wait for their turn. */
static uint32_t waiting(const struct vio_queue *queue)
{
	uint32_t entries = 0;

	for (unsigned i = 0; i < SIZE; i++)
		entries += i < queue->size ? queue->completions[i].entries : 0;
	return queue->in_order ? entries : 0;
}

static uint16_t heads_in_flight(const struct vio_queue *queue)
{
	uint16_t count = 0;

	for (unsigned i = 0; i < SIZE; i++)
		count += (i < queue->size) & queue->in_flight[i];
	return count;
}

/* How far ring position `position` is behind the next used entry. */
static uint32_t distance(const struct vio_queue *queue, uint16_t position)
{
	if (!PACKED)
		return (uint32_t)(position - queue->used_next) & (queue->size - 1U);
	return position >= queue->used_next ? (uint32_t)position - queue->used_next
					    : (uint32_t)position + queue->size - queue->used_next;
}

static bool apart(uint32_t a, uint32_t a_entries, uint32_t b, uint32_t b_entries)
{
	return (a + a_entries <= b) | (b + b_entries <= a);
}

/* Those that wait do so at their places in the ring, each another, and are marked in flight. */
static bool completions_ok(const struct vio_queue *queue)
{
	bool ok = true;

	for (unsigned i = 0; i < SIZE; i++) {
		const struct vio_completion *a = &queue->completions[i];
		uint32_t at = distance(queue, i);
		bool there = (i < queue->size) & (a->entries != 0);

		ok &= !there | (at + a->entries <= outstanding(queue));
		ok &= PACKED | !there |
		      ((a->entries == 1) & (a->id < queue->size) & queue->in_flight[a->id % SIZE]);
		for (unsigned j = 0; j < i; j++) {
			const struct vio_completion *b = &queue->completions[j];

			ok &= !there | (b->entries == 0) |
			      (apart(at, a->entries, distance(queue, j), b->entries) &
			       (PACKED | (a->id != b->id)));
		}
	}
	return ok | !queue->in_order;
}

/*
 * What holds of the device's own positions while the queue is live. The walk, the ring's writes and
 * the order of completions all stand on it; each operation is proved to keep it.
 */
static bool positions_ok(const struct vio_queue *queue)
{
	uint32_t size = queue->size;
	uint32_t end = (uint32_t)queue->used_next + outstanding(queue);
	bool ok = (size != 0) & (size <= SIZE) & (queue->budget <= size) &
		  (waiting(queue) <= outstanding(queue)) & completions_ok(queue) &
		  (queue->in_batch | ((queue->budget == 0) & (queue->unpublished == 0)));

	if (PACKED)
		return ok & (queue->avail_next < size) & (queue->used_next < size) &
		       (queue->unpublished <= queue->taken) & (queue->taken <= size) &
		       (queue->avail_next == (end < size ? end : end - size)) &
		       ((queue->avail_wrap != queue->used_wrap) == (end >= size));
	return ok & ((size & (size - 1)) == 0) &
	       ((uint16_t)(queue->avail_seen - queue->avail_next) <= size) &
	       (heads_in_flight(queue) == outstanding(queue));
}

/* What holds of a request that was taken from the queue, is of its generation and not completed. */
static bool request_ok(const struct vio_queue *queue, const struct vio_request *req)
{
	uint32_t at = distance(queue, req->position);
	bool ok = (req->entries != 0) & (req->entries + waiting(queue) <= outstanding(queue)) &
		  (req->position < queue->size);

	if (!PACKED)
		ok &= (req->entries == 1) & (req->id < queue->size) &
		      queue->in_flight[req->id % SIZE];
	if (!queue->in_order)
		return ok;
	ok &= at + req->entries <= outstanding(queue);
	for (unsigned i = 0; i < SIZE; i++) {
		const struct vio_completion *other = &queue->completions[i];

		ok &= (i >= queue->size) | (other->entries == 0) |
		      (apart(at, req->entries, distance(queue, i), other->entries) &
		       (PACKED | (other->id != req->id)));
	}
	return ok;
}

/* And of two such requests. */
static bool pair_ok(const struct vio_queue *queue, const struct vio_request *a,
		    const struct vio_request *b)
{
	return (a->entries + b->entries + waiting(queue) <= outstanding(queue)) &
	       (PACKED | (a->id != b->id)) &
	       (!queue->in_order | apart(distance(queue, a->position), a->entries,
					 distance(queue, b->position), b->entries));
}

/* Gives a pointer into the root's object, anywhere. */
static void *anywhere(void)
{
	uint64_t offset = nondet_u64();

	ASSUME(offset <= root_size);
	return root + offset;
}

/* Queue 0 in any state in which it can be open. */
static struct vio_queue *any_open_queue(void)
{
	struct vio_queue *queue = &queues[0];

	*queue = nondet_queue();
	queue->device = &device;
	queue->ring = PACKED ? &vio_packed_ring : &vio_split_ring;
	if (PACKED) {
		queue->packed.desc = anywhere();
		queue->packed.driver = anywhere();
		queue->packed.device = anywhere();
	} else {
		queue->split.desc = anywhere();
		queue->split.avail = anywhere();
		queue->split.used = anywhere();
	}
	queue->in_flight = in_flight;
	queue->completions = completions;
	queue->index = 0;
	queue->open = true;
	queue->event_idx = any_bool();
	queue->indirect = any_bool();
	queue->in_order = any_bool();
	queue->in_batch = any_bool();
	queue->closing = false;
	queue->avail_wrap = any_bool();
	queue->used_wrap = any_bool();
	for (unsigned i = 0; i < SIZE; i++) {
		in_flight[i] = any_bool();
		completions[i] = nondet_completion();
	}
	ASSUME(positions_ok(queue));
	ASSUME(parts_ok(queue));
	return queue;
}

/* A device for it. */
static void any_device(void)
{
	device = nondet_device();
	device.type = &type;
	device.transport = &counting_transport;
	device.memory = &memory;
	device.queues = queues;
	device.configs = configs;
	device.spans = spans;
	device.span_count = CAPACITY;
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Giving requests back, in either format (PACKED), in order or not, in a batch or not: nothing is
 * written but the ring's used entries; what a batch wrote is shown by one store with release, the
 * last; the driver is interrupted exactly when the specification's formula says so.
 */
#include "device.h"

static struct vio_queue *queue;
static unsigned stores;
static unsigned releases_stored;
static uint64_t shown_at;  /* where the store with release went */
static uint32_t shown;     /* and what it was */
static uint64_t loaded[2]; /* of the driver's event fields, in order */
static unsigned loads;

bool proof_may_store(const volatile void *to, size_t size)
{
	const volatile void *start = PACKED ? (const volatile void *)queue->packed.desc
					    : (const volatile void *)queue->split.used;
	uint64_t room = PACKED ? queue->size * sizeof(struct vio_packed_desc)
			       : vio_split_used_bytes(queue->size) - 2;
	uint64_t offset = root_offset(to) - root_offset(start);

	/* Of a descriptor of the packed ring: neither its address nor across its end. */
	if (PACKED &&
	    (offset % sizeof(struct vio_packed_desc) < sizeof(uint64_t) ||
	     offset % sizeof(struct vio_packed_desc) + size > sizeof(struct vio_packed_desc)))
		return false;
	return in_root(to) & (offset < room) & (size <= room - offset);
}

void proof_loaded(const volatile void *from, uint64_t value)
{
	PROVE(loads < 2);
	PROVE(PACKED ? root_offset(from) - root_offset(queue->packed.driver) < 4
		     : root_offset(from) - root_offset(queue->split.avail) <
			       vio_split_avail_bytes(SIZE));
	/* The question whether to interrupt comes after the answer is shown. */
	PROVE(releases_stored == 1);
	loaded[loads++ % 2] = value;
}

void proof_stored(const volatile void *to, uint32_t value, bool release)
{
	PROVE(releases_stored == 0);
	stores++;
	releases_stored += release;
	shown_at = root_offset(to);
	shown = value;
}

static void notify(struct vio_device *of, struct vio_queue *served)
{
	(void)of;
	(void)served;
}

/* Position and wrap counter in one number, of which a ring has two laps. */
static uint32_t lap_position(uint32_t position, bool wrap)
{
	return position + (wrap ? 0 : queue->size);
}

/* 2.7.7.2, 2.8.10: is the entry that the driver named among the `count` just shown? */
static bool wanted(uint16_t used_next, bool used_wrap, uint16_t count)
{
	uint32_t laps = 2U * queue->size;
	uint32_t event = 0;
	uint32_t ahead = 0;

	if (!PACKED) {
		if (!queue->event_idx)
			return (loaded[0] & VIO_AVAIL_F_NO_INTERRUPT) == 0;
		return (uint16_t)(loaded[0] - (uint16_t)(used_next - count)) < count;
	}
	if (loaded[0] == VIO_PACKED_EVENT_DISABLE)
		return false;
	if (loaded[0] != VIO_PACKED_EVENT_DESC || !queue->event_idx)
		return true;
	event = loaded[1] & 0x7fff;
	if (event >= queue->size)
		return true; /* names no entry: better an interrupt too many */
	/* How far the end is ahead of the event, over two laps. */
	ahead = lap_position(used_next, used_wrap) + laps - lap_position(event, loaded[1] >> 15);
	ahead = ahead >= laps ? ahead - laps : ahead;
	return (ahead != 0) & (ahead <= count);
}

static void check_shown(uint16_t count)
{
	uint32_t first = 0;

	if (PACKED) {
		first = queue->used_next + (queue->used_next < count ? queue->size : 0) - count;
		PROVE(shown_at == root_offset(&queue->packed.desc[first].flags));
	} else {
		PROVE(shown_at == root_offset(&queue->split.used->idx));
		PROVE(shown == queue->used_next);
	}
	PROVE(interrupts == wanted(queue->used_next, queue->used_wrap, count));
}

void completing(void)
{
	struct vio_request req = nondet_request();
	struct vio_queue before;
	struct vio_request other = nondet_request();
	uint16_t rest = 0;
	uint16_t used = 0;
	bool others = false;

	any_memory(REGIONS, REGIONS);
	any_device();
	queue = any_open_queue();
	ASSUME(queue->held != 0);
	ASSUME(req.generation == queue->generation);
	ASSUME(request_ok(queue, &req));
	/* Entries of requests that stay with their backends. */
	rest = outstanding(queue) - waiting(queue) - req.entries;
	others = request_ok(queue, &other) & pair_ok(queue, &req, &other);
	before = *queue;

	vio_queue_complete(queue, &req);

	PROVE(positions_ok(queue));
	PROVE(!others | request_ok(queue, &other));
	PROVE(outstanding(queue) - waiting(queue) == rest);
	PROVE(queue->held == before.held - 1);
	PROVE(failures == 0);
	PROVE(queue->open);
	used = outstanding(&before) - outstanding(queue);
	if (before.in_batch) {
		PROVE(releases_stored == 0 && interrupts == 0);
		PROVE(queue->unpublished == before.unpublished + used);
	} else {
		PROVE(releases_stored == (used != 0));
		if (used != 0)
			check_shown(used);
	}
}

/* The end of a batch, whatever it did. */
void publishing(void)
{
	uint16_t rest = 0;
	bool more = false;

	any_memory(REGIONS, REGIONS);
	any_device();
	queue = any_open_queue();
	ASSUME(!queue->in_batch);
	rest = outstanding(queue) - waiting(queue);
	more = vio_queue_serve(queue);
	PROVE(positions_ok(queue));
	PROVE(outstanding(queue) - waiting(queue) == rest);
	PROVE(!more);
}

/* Requests of an earlier life of the queue change nothing but the count of what is held. */
void late(void)
{
	struct vio_request req = nondet_request();
	unsigned way = nondet_u32();
	struct vio_queue before;

	any_memory(REGIONS, REGIONS);
	any_device();
	queue = any_open_queue();
	queue->open = any_bool();
	ASSUME(queue->held != 0);
	ASSUME(req.generation != queue->generation);
	before = *queue;
	if (way == 0)
		vio_queue_complete(queue, &req);
	else if (way == 1)
		vio_queue_refuse(queue, &req);
	else
		vio_queue_untake(queue, &req);
	PROVE(stores == 0 && loads == 0 && interrupts == 0 && failures == 0);
	PROVE(queue->held == before.held - 1);
	PROVE(positions_ok(queue));
	PROVE(outstanding(queue) == outstanding(&before));
	PROVE(releases <= 1);
}

/* Putting back what was taken last is as if it had not been taken. */
void putting_back(void)
{
	struct vio_request req = nondet_request();
	struct vio_queue before;
	struct vio_request other = nondet_request();
	uint32_t back = 0;
	bool others = false;

	any_memory(REGIONS, REGIONS);
	any_device();
	queue = any_open_queue();
	ASSUME(queue->held != 0);
	ASSUME(req.generation == queue->generation);
	ASSUME(request_ok(queue, &req));
	ASSUME(PACKED || (uint16_t)(queue->avail_seen - queue->avail_next) < queue->size);
	ASSUME(!queue->in_batch || queue->budget < queue->size);
	ASSUME(distance(queue, req.position) + req.entries == outstanding(queue));
	others = request_ok(queue, &other) & pair_ok(queue, &req, &other);
	before = *queue;
	vio_queue_untake(queue, &req);
	PROVE(!others | request_ok(queue, &other));
	back = queue->avail_next + (PACKED ? req.entries : 1U);
	PROVE(positions_ok(queue));
	PROVE(stores == 0 && loads == 0 && failures == 0);
	PROVE(queue->held == before.held - 1);
	PROVE(before.avail_next ==
	      (PACKED ? (back < queue->size ? back : back - queue->size) : (uint16_t)back));
}

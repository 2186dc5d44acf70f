/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Giving requests back, in either format (PACKED), in order or not, in a batch or not: nothing is
 * written but the ring's used entries; what a batch wrote is shown by one store with release, the
 * last; the driver is interrupted exactly when the specification's formula says so.
 */
#include "queue.h"

/* Rings of SIZE, or of any size up to it. */
#ifndef EXACT
#define EXACT 0
#endif

static unsigned stores;
static unsigned releases_stored;
static const volatile void *shown_at; /* where the store with release went */
static uint32_t shown;                /* and what it was */
static uint64_t loaded[2];            /* of the driver's event fields, in order */
static unsigned loads;
static bool drained; /* what the driver has made available is all taken; `asked` whether */
static bool asked;
static uint16_t rest; /* entries of requests that stay with their backends */

/* What a used entry is, and where the entries are shown from. */
bool proof_store(const volatile void *to, size_t size, uint32_t value, bool release)
{
	uint64_t offset = offset_of(to);
	uint64_t within = offset % sizeof(struct vio_packed_desc);

	PROVE(releases_stored == 0);
	stores++;
	releases_stored += release;
	shown_at = to;
	shown = value;
	if (!PACKED)
		return is_at(to, used_ring) &
		       (offset + size <= vio_split_used_bytes(queue.size) - 2);
	/* Of the first that was not shown yet, id and flags come last, by release. */
	PROVE(release || within + size <= offsetof(struct vio_packed_desc, id) ||
	      offset / sizeof(struct vio_packed_desc) != queue.used_shown);
	/* Of a descriptor all but its address. */
	return is_at(to, packed_ring) & (within >= sizeof(uint64_t)) &
	       (within + size <= sizeof(struct vio_packed_desc));
}

/* The question whether to interrupt comes after the entries are shown, and looks nowhere else. */
bool proof_load(const volatile void *from, size_t size, uint64_t value)
{
	(void)size;
	PROVE(releases_stored == 1);
	/* Legacy drivers may want an interrupt whenever there is no more to take, 6.3. */
	if (!PACKED && from == &avail_ring[1]) {
		asked = true;
		drained = value == queue.avail_next;
		return vio_device_has(&device, VIO_F_NOTIFY_ON_EMPTY) && loads == 0;
	}
	PROVE(loads < 2);
	loaded[loads++ % 2] = value;
	return PACKED ? is_at(from, &driver_event)
		      : from == &avail_ring[0] || from == &avail_ring[2 + queue.size];
}

static struct vio_queue at_end; /* of the handler */

/* A handler takes and completes: any positions. It may break the device, or have it halted. */
static void notify(struct vio_device *of, struct vio_queue *served)
{
	unsigned end = nondet_u8();

	PROVE(of == &device && served == &queue && queue.open && queue.in_batch);
	PROVE(queue.may_look && queue_ok(&queue));
	any_positions();
	rest = vio_queue_held(&queue);
	at_end = queue;
	if (end == 0) {
		vio_device_fail(of, VIO_ERROR_REFUSED);
		in_flight[nondet_u32() % SIZE] = true; /* a head whose chain was broken */
	}
	if (end == 1)
		vio_device_pause(of);
}

/* Position and wrap counter in one number, of which a ring has two laps. */
static uint32_t lap_position(uint32_t position, bool wrap)
{
	return position + (wrap ? 0 : queue.size);
}

/* 2.7.7.2, 2.8.10: is the entry that the driver named among the `count` just shown? */
static bool wanted(uint16_t used_next, bool used_wrap, uint16_t count)
{
	uint32_t laps = 2U * queue.size;
	uint32_t event = 0;
	uint32_t ahead = 0;

	if (drained)
		return true;
	if (!PACKED) {
		if (!queue.event_idx)
			return (loaded[0] & VIO_AVAIL_F_NO_INTERRUPT) == 0;
		return (uint16_t)(loaded[0] - (uint16_t)(used_next - count)) < count;
	}
	if (loaded[0] == VIO_PACKED_EVENT_DISABLE)
		return false;
	if (loaded[0] != VIO_PACKED_EVENT_DESC || !queue.event_idx)
		return true;
	event = loaded[1] & 0x7fff;
	if (event >= queue.size)
		return true; /* names no entry: better an interrupt too many */
	/* How far the end is ahead of the event, over two laps. */
	ahead = lap_position(used_next, used_wrap) + laps - lap_position(event, loaded[1] >> 15);
	ahead = ahead >= laps ? ahead - laps : ahead;
	return (ahead != 0) & (ahead <= count);
}

static void check_shown(uint16_t count)
{
	if (PACKED) {
		PROVE(shown_at == &packed_ring[queue.used_next +
					       (queue.used_next < count ? queue.size : 0) - count]
					   .id);
		PROVE(((shown & ~(F_WRITE | UINT16_MAX)) ^ queue.used_flags ^ F_WRITE) ==
		      (queue.used_next < count ? F_AVAIL | F_USED : 0));
	} else {
		PROVE(shown_at == &used_ring[1]);
		PROVE(shown == queue.used_next);
	}
	PROVE(asked == ((queue.ring == &vio_split_ring_legacy_big ||
			 queue.ring == &vio_split_ring_legacy_little) &&
			vio_device_has(&device, VIO_F_NOTIFY_ON_EMPTY)));
	PROVE(interrupts == wanted(queue.used_next, (queue.used_flags & F_USED) != 0, count));
}

void completing(void)
{
	struct vio_request req = nondet_request();
	struct vio_queue before;
	struct vio_request other = nondet_request();
	uint16_t used = 0;
	bool others = false;

	any_live_queue();
	ASSUME(request_ok(&queue, &req));
	rest = vio_queue_held(&queue) - req.entries;
	others = request_ok(&queue, &other) & pair_ok(&queue, &req, &other);
	before = queue;

	vio_queue_complete(&queue, &req);

	PROVE(queue_ok(&queue));
	PROVE(!others | request_ok(&queue, &other));
	PROVE(vio_queue_held(&queue) == rest);
	PROVE(failures == 0 && queue.open == before.open);
	PROVE(queue.counters.late == before.counters.late);
	used = outstanding(&before) - outstanding(&queue);
	if (before.in_batch) {
		PROVE(releases_stored == 0 && interrupts == 0);
		PROVE(unpublished(&queue) == (uint16_t)(unpublished(&before) + used));
	} else {
		PROVE(releases_stored == (used != 0));
		if (used != 0)
			check_shown(used);
	}
}

/* A batch: what the handler left to be shown is shown at its end, by one store. */
void publishing(void)
{
	uint16_t used = 0;

	any_live_queue();
	ASSUME(!queue.in_batch && queue.open);
	vio_queue_serve(&queue);
	PROVE((queue_ok(&queue) || failures != 0) && !queue.in_batch);
	PROVE(vio_queue_held(&queue) == rest);
	used = unpublished(&at_end) + outstanding(&at_end) - outstanding(&queue);
	PROVE(releases_stored == (used != 0));
	if (used != 0)
		check_shown(used);
	PROVE(queue.open == (failures == 0 && !device.paused));
}

/* What is shown at the end of a batch, and to whom, see EXACT. */
void deciding(void)
{
	uint16_t count = nondet_u16();

	live_queue();
	queue.size = EXACT ? SIZE : nondet_u16();
	ASSUME(!is_in_order(&queue));
	queue.in_batch = true;
	ASSUME(queue.size != 0 && queue.size <= SIZE && count != 0);
	if (PACKED) {
		ASSUME(queue.used_next < queue.size && queue.used_shown < queue.size);
		ASSUME(flags_ok(&queue) && unpublished(&queue) == count && count <= queue.size);
		ASSUME(first_word_ok(&queue));
	} else {
		queue.used_shown = queue.used_next - count;
	}
	vio_queue_end(&queue);
	PROVE(releases_stored == 1);
	check_shown(count);
}

/* The end of a batch in two halves: shown now, and what it was decided about later. */
void putting_off(void)
{
	uint16_t entries = 0;
	uint16_t used = 0;

	any_live_queue();
	ASSUME(queue.in_batch);
	rest = vio_queue_held(&queue);
	used = unpublished(&queue);
	entries = vio_queue_show(&queue, 0);
	PROVE(entries == used && loads == 0 && interrupts == 0);
	PROVE(queue_ok(&queue) && !queue.in_batch && vio_queue_held(&queue) == rest);
	vio_queue_decide(&queue, entries);
	if (used != 0)
		check_shown(used);
}

/* A batch is begun, or gone on with. One used entry, in order, is made for all from its start on.
 */
void beginning(void)
{
	struct vio_queue before;

	any_live_queue();
	rest = vio_queue_held(&queue);
	before = queue;
	PROVE(vio_queue_begin(&queue) == before.open);
	PROVE(queue_ok(&queue) && queue.in_batch == before.open);
	PROVE(queue.may_look == before.open && vio_queue_held(&queue) == rest);
	PROVE(outstanding(&queue) == outstanding(&before));
	PROVE(!is_in_order(&queue) || queue.batch <= VIO_BATCH_OTHER ||
	      queue.batch == before.batch || unpublished(&queue) == 0);
}

/* What enabling makes, with registers.c, and the first batch starts from. */
void starting(void)
{
	uint16_t next = nondet_u16();
	bool wrap = any_bool();

	any_live_queue();
	ASSUME(PACKED ? next < SIZE : wrap);
	queue.in_batch = false;
	queue.avail_next = queue.used_next = queue.used_shown = next;
	queue.run = queue.waiting = 0;
	queue.ring->start(&queue, wrap);
	vio_queue_stop_taking(&queue);
	for (unsigned i = 0; i < SIZE; i++) {
		in_flight[i] = 0;
		completions[i].entries = 0;
	}
	PROVE(queue_ok(&queue));
	PROVE(taken_entries(&queue) == 0);
}

/* Requests of an earlier life of the queue change nothing but the count of what is held. */
void late(void)
{
	struct vio_request req = nondet_request();
	unsigned way = nondet_u32();
	struct vio_queue before;

	any_live_queue();
	queue.open = queue.halted = false;
	vio_queue_stop_taking(&queue);
	ASSUME(req.entries != 0 && req.entries <= queue.held);
	before = queue;
	if (way == 0)
		vio_queue_complete(&queue, &req);
	else if (way == 1)
		vio_queue_refuse(&queue, &req);
	else
		vio_queue_untake(&queue, &req);
	PROVE(stores == 0 && loads == 0 && interrupts == 0 && failures == 0);
	PROVE(queue.held == before.held - req.entries);
	PROVE(queue.take_end == queue.avail_next && !queue.may_look);
	PROVE(unpublished(&queue) == unpublished(&before));
	PROVE(outstanding(&queue) == outstanding(&before));
	PROVE(releases <= 1);
}

/* Putting back what was taken last is as if it had not been taken. */
void putting_back(void)
{
	struct vio_request req = nondet_request();
	struct vio_queue before;
	struct vio_request other = nondet_request();
	uint16_t held = 0;
	bool others = false;

	any_live_queue();
	ASSUME(request_ok(&queue, &req));
	ASSUME(distance_of(&queue, &req) + req.entries == outstanding(&queue));
	others = request_ok(&queue, &other) & pair_ok(&queue, &req, &other);
	before = queue;
	held = vio_queue_held(&queue);
	vio_queue_untake(&queue, &req);
	PROVE(!others | request_ok(&queue, &other));
	PROVE(queue_ok(&queue));
	PROVE(stores == 0 && loads == 0 && failures == 0);
	PROVE(vio_queue_held(&queue) == held - req.entries);
	PROVE(outstanding(&queue) == outstanding(&before) - req.entries);
	PROVE(queue.used_next == before.used_next);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Taking a request into up to CAPACITY spans, whatever the guest's memory gives at each load: it
 * ends, with a request that is all inside guest memory, or with nothing, and a device that has
 * failed or is as it was. The unwinding assertions are the proof that no loop runs longer than its
 * bound.
 */
#include "queue.h"

/* The ring, or an indirect table. */
bool proof_load(const volatile void *from, size_t size, uint64_t value)
{
	(void)value;
	return is_guests(from, size, VIO_ACCESS_READ) ||
	       (PACKED ? is_at(from, packed_ring) : is_at(from, table) || is_at(from, avail_ring));
}

/* Nothing but the event that asks for a kick. */
bool proof_store(const volatile void *to, size_t size, uint32_t value, bool release)
{
	(void)size;
	(void)value;
	(void)release;
	return PACKED ? is_at(to, &device_event) : to == &used_ring[2 + 4 * SIZE];
}

static void notify(struct vio_device *of, struct vio_queue *served)
{
	(void)of;
	(void)served;
}

static bool span_ok(const struct vio_span *span, unsigned access)
{
	return (span->len != 0) & is_guests(span->data, span->len, access);
}

void taking(void)
{
	struct vio_request req = nondet_request();
	struct vio_request other = nondet_request();
	bool others = false;
	uint16_t capacity = nondet_u16();
	unsigned pick = nondet_u32();
	struct vio_queue before;
	uint64_t bytes = 0; /* summed up as they were taken, which is easier to prove */
	uint64_t all = 0;
	unsigned first_writable = 0;
	unsigned end = 0;
	uint16_t head = nondet_u16();
	bool was_in_flight = false;
	uint16_t held = 0;
	bool taken = false;

	any_live_queue();
	others = request_ok(&queue, &other);
	before = queue;
	held = vio_queue_held(&queue);
	ASSUME(head < SIZE);
	was_in_flight = in_flight[head];
	ASSUME(capacity >= 1 && capacity <= CAPACITY);

	taken = vio_queue_take_into(&queue, &req, spans, capacity);
	PROVE(failures <= 1);
	PROVE(!taken | (failures == 0));
	PROVE(queue_ok(&queue) | (failures != 0));
	PROVE(in_flight[head] == (was_in_flight | (taken & !PACKED & (head == req.id))) ||
	      failures != 0);
	if (!taken) {
		PROVE(vio_queue_held(&queue) == held);
		PROVE(outstanding(&queue) == outstanding(&before));
		PROVE(queue.open == (before.open && failures == 0));
		PROVE(failures == 0 || (device.status & VIO_STATUS_NEEDS_RESET) != 0);
		return;
	}

	/* First the readable spans, then the writable ones, none beyond the capacity. */
	for (; end < CAPACITY && bytes < req.readable_len; end++)
		bytes += spans[end].len;
	PROVE(bytes == req.readable_len);
	first_writable = end;
	all = bytes + req.writable_len;
	for (; end < CAPACITY && bytes < all; end++)
		bytes += spans[end].len;
	PROVE(bytes == all);
	PROVE(end <= capacity);
	PROVE(req.readable_len == 0 || req.readable == spans);
	PROVE(req.writable_len == 0 || req.writable == spans + first_writable);
	ASSUME(pick < CAPACITY);
	PROVE(pick >= first_writable || span_ok(&spans[pick], VIO_ACCESS_READ));
	PROVE(pick < first_writable || pick >= end || span_ok(&spans[pick], VIO_ACCESS_WRITE));
	PROVE(req.written == 0 && req.whole_len == req.writable_len && !req.last_claimed);

	/* It is accounted for, and nothing else in the ring has its place. */
	PROVE(before.in_batch);
	PROVE(vio_queue_held(&queue) == (uint16_t)(held + req.entries));
	PROVE(outstanding(&queue) == outstanding(&before) + req.entries);
	PROVE(PACKED || head != req.id || !was_in_flight);
	PROVE(request_ok(&queue, &req));
	PROVE(!others | (request_ok(&queue, &other) & pair_ok(&queue, &req, &other)));
}

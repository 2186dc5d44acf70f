/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Taking, in either format (PACKED), from rings of up to SIZE entries into CAPACITY spans, whatever
 * the guest's memory gives at each load: it ends, with a request that is all inside guest memory,
 * or with nothing, and a device that has failed or is as it was. The unwinding assertions are the
 * proof that no loop runs longer than its bound.
 */
#include "device.h"

static struct vio_queue *taken_from;

bool proof_may_store(const volatile void *to, size_t size)
{
	/* Nothing but the event that asks for a kick. */
	const volatile uint8_t *start = PACKED ? (const volatile uint8_t *)taken_from->packed.device
					       : (const volatile uint8_t *)taken_from->split.used +
							 vio_split_used_bytes(taken_from->size) - 2;
	uint64_t room = PACKED ? sizeof(struct vio_packed_event) : 2;
	uint64_t offset = root_offset(to) - root_offset(start);

	return in_root(to) & (offset < room) & (size <= room - offset);
}

void proof_loaded(const volatile void *from, uint64_t value)
{
	(void)from;
	(void)value;
}

void proof_stored(const volatile void *to, uint32_t value, bool release)
{
	(void)to;
	(void)value;
	(void)release;
}

static void notify(struct vio_device *of, struct vio_queue *queue)
{
	(void)of;
	(void)queue;
}

static bool span_ok(const struct vio_span *span, unsigned access)
{
	return (span->len != 0) & inside_a_region(span->data, span->len, access);
}

void taking(void)
{
	struct vio_request req = nondet_request();
	struct vio_request other = nondet_request();
	bool others = false;
	uint16_t capacity = nondet_u16();
	unsigned pick = nondet_u32();
	struct vio_span *span = NULL;
	struct vio_queue before;
	uint64_t readable = 0;
	uint64_t writable = 0;
	uint16_t head = 0;
	bool was_in_flight = false;
	bool taken = false;

	any_memory(REGIONS, REGIONS);
	any_device();
	taken_from = any_open_queue();
	others = request_ok(taken_from, &other);
	before = *taken_from;
	head = nondet_u16();
	ASSUME(head < SIZE);
	was_in_flight = in_flight[head];
	ASSUME(capacity >= 1 && capacity <= CAPACITY);

	taken = vio_queue_take_into(taken_from, &req, spans, capacity);
	PROVE(failures <= 1);
	PROVE(positions_ok(taken_from));
	PROVE(!taken | (failures == 0));
	PROVE(in_flight[head] == (was_in_flight | (taken & !PACKED & (head == req.id))));
	if (!taken) {
		PROVE(taken_from->held == before.held);
		PROVE(taken_from->avail_next == before.avail_next);
		PROVE(taken_from->taken == before.taken);
		PROVE(taken_from->open == (failures == 0));
		PROVE(failures == 0 || (device.status & VIO_STATUS_NEEDS_RESET) != 0);
		return;
	}

	/* First the readable spans, then the writable ones, none beyond the capacity. */
	PROVE(req.readable == spans);
	PROVE(req.readable_end == req.writable);
	PROVE(req.readable <= req.readable_end);
	PROVE(req.writable <= req.writable_end);
	PROVE(req.writable_end - spans <= capacity);
	ASSUME(pick < CAPACITY);
	span = &spans[pick];
	PROVE(span >= req.readable_end || span_ok(span, VIO_ACCESS_READ));
	PROVE(span < req.writable || span >= req.writable_end || span_ok(span, VIO_ACCESS_WRITE));
	for (unsigned i = 0; i < CAPACITY; i++) {
		span = &spans[i];
		readable += span < req.readable_end ? span->len : 0;
		writable += (span >= req.writable) & (span < req.writable_end) ? span->len : 0;
	}
	PROVE(req.readable_len == readable);
	PROVE(req.writable_len == writable);
	PROVE(req.written == 0 && !req.last_claimed);

	/* It is accounted for, and nothing else in the ring has its place. */
	PROVE(before.budget != 0 && taken_from->budget == before.budget - 1);
	PROVE(taken_from->held == (uint16_t)(before.held + 1));
	PROVE(req.generation == before.generation);
	PROVE(outstanding(taken_from) == outstanding(&before) + req.entries);
	PROVE(PACKED || head != req.id || !was_in_flight);
	PROVE(request_ok(taken_from, &req));
	PROVE(!others | (request_ok(taken_from, &other) & pair_ok(taken_from, &req, &other)));
}

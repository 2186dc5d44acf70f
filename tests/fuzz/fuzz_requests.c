/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stands between devices and the core, by ld's --wrap: what a request names is checked against the
 * guest's memory when the device takes it, and when it gives it back, only the bytes that it says
 * it wrote are held to be its own.
 */
#include "fuzz.h"
#include "vio_ring.h"

#define RECORDS 128
#define SPANS   512

bool __real_vio_queue_take_next(struct vio_queue *queue, struct vio_request *req,
				const struct vio_spans *room);
void __real_vio_queue_untake(struct vio_queue *queue, const struct vio_request *req);
void __real_vio_queue_complete(struct vio_queue *queue, const struct vio_request *req);
void __real_vio_queue_refuse(struct vio_queue *queue, const struct vio_request *req);
bool __wrap_vio_queue_take_next(struct vio_queue *queue, struct vio_request *req,
				const struct vio_spans *room);
void __wrap_vio_queue_untake(struct vio_queue *queue, const struct vio_request *req);
void __wrap_vio_queue_complete(struct vio_queue *queue, const struct vio_request *req);
void __wrap_vio_queue_refuse(struct vio_queue *queue, const struct vio_request *req);

struct record {
	const struct vio_queue *queue; /* NULL: free */
	struct vio_span writable[SPANS];
	unsigned writable_count;
	uint32_t writable_len;
	uint16_t position;
	uint16_t entries;
	uint16_t id;
};

static struct record records[RECORDS];
static unsigned held[FUZZ_QUEUES_MAX];

void fuzz_requests_reset(void)
{
	unsigned i = 0;

	memset(held, 0, sizeof(held));
	for (i = 0; i < RECORDS; i++)
		records[i].queue = NULL;
}

unsigned fuzz_requests_held(const struct vio_queue *queue)
{
	return held[queue->index];
}

static bool is_guest_memory(const struct vio_span *span, unsigned access)
{
	unsigned i = 0;

	for (i = 0; i < fuzz_guest.count; i++) {
		const struct vio_region *region = &fuzz_guest.regions[i];

		if (span->data >= region->data && span->data < region->data + region->size)
			return span->len != 0 &&
			       span->len <= (size_t)(region->data + region->size - span->data) &&
			       (region->access & access) == access;
	}
	return false;
}

/* Checks the spans of one side of `len` bytes; returns the one behind them. */
static const struct vio_span *check_spans(const struct vio_span *span, uint32_t len,
					  unsigned access)
{
	for (; len != 0; len -= span->len, span++)
		fuzz_check(is_guest_memory(span, access) && span->len <= len);
	return span;
}

/*
 * Where buffers are used in order, no two requests that are out have the same position. Elsewhere
 * they may, in a packed ring; but there the core does not look at it, and it says which record is
 * the request's: devices hand it back as it is.
 */
static bool is_in_order(const struct vio_queue *queue)
{
	return queue->ring == &vio_split_ring_in_order || queue->ring == &vio_packed_ring_in_order;
}

static void record(const struct vio_queue *queue, struct vio_request *req,
		   const struct vio_span *spans, size_t capacity)
{
	const struct vio_span *writable = NULL;
	const struct vio_span *last = NULL;
	unsigned i = 0;

	fuzz_check(queue->in_batch && queue->open && capacity <= SPANS);
	fuzz_check(req->readable_len == 0 || req->readable == spans);
	writable = check_spans(spans, req->readable_len, VIO_ACCESS_READ);
	fuzz_check(req->writable_len == 0 || req->writable == writable);
	last = check_spans(writable, req->writable_len, VIO_ACCESS_WRITE);
	fuzz_check(last - spans <= (ptrdiff_t)capacity);
	fuzz_check((uint64_t)req->readable_len + req->writable_len <= UINT32_MAX);
	fuzz_check(req->written == 0 && !req->last_claimed);
	fuzz_check(req->whole_len == req->writable_len);

	while (records[i].queue)
		fuzz_check(++i < RECORDS);
	held[queue->index] += req->entries;
	records[i].queue = queue;
	records[i].writable_count = (unsigned)(last - writable);
	records[i].writable_len = req->writable_len;
	memcpy(records[i].writable, writable, records[i].writable_count * sizeof(*writable));
	records[i].position = req->position;
	records[i].entries = req->entries;
	records[i].id = req->id;
	if (!is_in_order(queue))
		req->position = (uint16_t)i;
}

/* Finds the request's record, and ends it. */
static const struct record *end(const struct vio_queue *queue, const struct vio_request *req)
{
	struct record *it = records;

	if (is_in_order(queue)) {
		while (it->queue != queue || it->position != req->position)
			fuzz_check(++it < records + RECORDS);
	} else {
		fuzz_check(req->position < RECORDS);
		it += req->position;
	}
	fuzz_check(it->queue == queue && it->id == req->id && it->entries == req->entries);
	held[queue->index] -= req->entries;
	it->queue = NULL;
	return it;
}

bool __wrap_vio_queue_take_next(struct vio_queue *queue, struct vio_request *req,
				const struct vio_spans *room)
{
	bool took = __real_vio_queue_take_next(queue, req, room);

	if (took)
		record(queue, req, room->first, room->capacity);
	return took;
}

void __wrap_vio_queue_untake(struct vio_queue *queue, const struct vio_request *req)
{
	end(queue, req);
	__real_vio_queue_untake(queue, req);
}

void __wrap_vio_queue_complete(struct vio_queue *queue, const struct vio_request *req)
{
	const struct record *it = end(queue, req);
	const bool whole = req->writable_len == 0;
	uint32_t rest = req->written;
	unsigned i = 0;

	fuzz_check(req->written + req->writable_len + (req->last_claimed && !whole) ==
		   it->writable_len);
	for (i = 0; rest != 0; i++) {
		uint32_t len = it->writable[i].len < rest ? it->writable[i].len : rest;

		fuzz_memory_forgive(it->writable[i].data, len);
		rest -= len;
	}
	if (req->last_claimed) {
		const struct vio_span *last = &it->writable[it->writable_count - 1];

		fuzz_memory_forgive(last->data + last->len - 1, 1);
	}
	__real_vio_queue_complete(queue, req);
}

void __wrap_vio_queue_refuse(struct vio_queue *queue, const struct vio_request *req)
{
	end(queue, req);
	__real_vio_queue_refuse(queue, req);
}

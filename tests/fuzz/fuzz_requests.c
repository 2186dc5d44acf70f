/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stands between devices and the core, by ld's --wrap: what a request names is checked against the
 * guest's memory when the device takes it, and when it gives it back, only the bytes that it says
 * it wrote are held to be its own.
 */
#include "fuzz.h"

#define RECORDS 128
#define SPANS   512

bool __real_vio_queue_take_into(struct vio_queue *queue, struct vio_request *req,
				struct vio_span *spans, unsigned capacity);
void __real_vio_queue_untake(struct vio_queue *queue, const struct vio_request *req);
void __real_vio_queue_complete(struct vio_queue *queue, const struct vio_request *req);
void __real_vio_queue_refuse(struct vio_queue *queue, const struct vio_request *req);
bool __wrap_vio_queue_take_into(struct vio_queue *queue, struct vio_request *req,
				struct vio_span *spans, unsigned capacity);
void __wrap_vio_queue_untake(struct vio_queue *queue, const struct vio_request *req);
void __wrap_vio_queue_complete(struct vio_queue *queue, const struct vio_request *req);
void __wrap_vio_queue_refuse(struct vio_queue *queue, const struct vio_request *req);

struct record {
	const struct vio_queue *queue;   /* NULL: free */
	const struct vio_span *boundary; /* the request's readable_end, which nothing moves */
	struct vio_span writable[SPANS];
	unsigned writable_count;
	uint32_t writable_len;
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

static uint64_t check_spans(const struct vio_span *span, const struct vio_span *end,
			    unsigned access)
{
	uint64_t sum = 0;

	for (; span != end; span++) {
		fuzz_check(is_guest_memory(span, access));
		sum += span->len;
	}
	return sum;
}

static void record(const struct vio_queue *queue, const struct vio_request *req, unsigned capacity)
{
	unsigned i = 0;

	fuzz_check(queue->in_batch && queue->open);
	fuzz_check(req->writable == req->readable_end);
	fuzz_check(req->writable_end - req->readable <= (ptrdiff_t)capacity && capacity <= SPANS);
	fuzz_check(check_spans(req->readable, req->readable_end, VIO_ACCESS_READ) ==
		   req->readable_len);
	fuzz_check(check_spans(req->writable, req->writable_end, VIO_ACCESS_WRITE) ==
		   req->writable_len);
	fuzz_check((uint64_t)req->readable_len + req->writable_len <= UINT32_MAX);
	fuzz_check(req->written == 0 && !req->last_claimed);

	while (records[i].queue)
		fuzz_check(++i < RECORDS);
	held[queue->index]++;
	records[i].queue = queue;
	records[i].boundary = req->readable_end;
	records[i].writable_count = (unsigned)(req->writable_end - req->writable);
	records[i].writable_len = req->writable_len;
	memcpy(records[i].writable, req->writable,
	       records[i].writable_count * sizeof(*req->writable));
}

/* Finds the request's record and ends it. */
static const struct record *end(const struct vio_queue *queue, const struct vio_request *req)
{
	unsigned i = 0;

	while (records[i].queue != queue || records[i].boundary != req->readable_end)
		fuzz_check(++i < RECORDS);
	held[queue->index]--;
	records[i].queue = NULL;
	return &records[i];
}

bool __wrap_vio_queue_take_into(struct vio_queue *queue, struct vio_request *req,
				struct vio_span *spans, unsigned capacity)
{
	bool took = __real_vio_queue_take_into(queue, req, spans, capacity);

	if (took)
		record(queue, req, capacity);
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
	uint32_t rest = req->written;
	unsigned i = 0;

	fuzz_check(req->written + req->writable_len + req->last_claimed == it->writable_len);
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

/* SPDX-License-Identifier: BSD-2-Clause */
#include "vio_ring.h"

const char *vio_error_text(enum vio_error error)
{
	static const char *const text[VIO_ERRORS] = {
		[VIO_OK] = "no error",
		[VIO_ERROR_AVAIL_INDEX] = "available index jumped by more than the queue size",
		[VIO_ERROR_HEAD_RANGE] = "head index beyond the queue",
		[VIO_ERROR_HEAD_IN_FLIGHT] = "buffer made available twice",
		[VIO_ERROR_NEXT_RANGE] = "next index beyond the descriptor table",
		[VIO_ERROR_CHAIN_LENGTH] = "descriptor chain loops or is too long",
		[VIO_ERROR_CHAIN_ORDER] = "readable descriptor after a writable one",
		[VIO_ERROR_OVERCOMMIT] = "more descriptors in flight than the ring has",
		[VIO_ERROR_CHAIN_BYTES] = "buffer of 4 GiB or more",
		[VIO_ERROR_ADDRESS] = "address outside the guest's memory",
		[VIO_ERROR_INDIRECT] = "bad indirect descriptor",
		[VIO_ERROR_REFUSED] = "buffer of a shape the device cannot serve",
	};

	return (unsigned)error < VIO_ERRORS ? text[error] : "unknown error";
}

bool vio_queue_broken(struct vio_queue *queue, enum vio_error error)
{
	vio_device_fail(queue->device, error);
	return false;
}

struct vio_span *vio_span_add(struct vio_span *span, const struct vio_memory *memory,
			      uint64_t offset, uint32_t len, bool write)
{
	uint8_t *data = vio_memory_at(memory, memory->base + offset, len,
				      write ? VIO_ACCESS_WRITE : VIO_ACCESS_READ);

	if (!data)
		return NULL;
	if (len == 0) /* checked, and left out */
		return span;
	*span = (struct vio_span){ .data = data, .len = len };
	return span + 1;
}

bool vio_queue_take_into(struct vio_queue *queue, struct vio_request *req, struct vio_span *spans,
			 unsigned capacity)
{
	return queue->ring->take(queue, req, spans, capacity);
}

/* Nothing can be taken: the queue is closed, or it is not in a batch. */
void vio_queue_stop_taking(struct vio_queue *queue)
{
	queue->batch_end = queue->take_limit = queue->counters.requests;
	queue->direct = false;
}

void vio_queue_untake(struct vio_queue *queue, const struct vio_request *req)
{
	queue->held--;
	if (queue->open || queue->halted) {
		queue->ring->untake(queue, req);
		queue->counters.requests--;
		queue->counters.bytes_read -= req->readable_len;
	}
	if (!queue->open)
		vio_device_let_go(queue->device);
	if (!queue->in_batch)
		vio_queue_stop_taking(queue);
}

/*
 * Uses, in the order they were made available, the buffers that are complete up to the first that
 * is not. One used entry stands for a run of them (2.7.9, 2.8.11), but a driver takes a buffer
 * without an entry for filled whole: one that was not ends its run.
 */
static vio_noinline void use_in_order(struct vio_queue *queue)
{
	struct vio_completion *next = &queue->completions[queue->ring->used_position(queue, 0)];
	uint16_t entries = 0;

	while (next->entries != 0) {
		struct vio_completion done = *next;

		next->entries = 0;
		entries += done.entries;
		next = &queue->completions[queue->ring->used_position(queue, entries)];
		if (done.whole && next->entries != 0) {
			queue->ring->skip(queue, done.id);
			continue;
		}
		queue->ring->use(queue, done.id, done.len, entries);
		entries = 0;
	}
}

static void publish(struct vio_queue *queue)
{
	if (queue->in_order)
		use_in_order(queue);
	if (queue->ring->publish(queue)) {
		queue->counters.interrupts++;
		queue->device->transport->interrupt(queue->device, VIO_INTERRUPT_USED);
	}
}

/* The number of bytes that the driver is told. */
static inline uint32_t used_len(const struct vio_request *req)
{
	return req->written + (vio_unlikely(req->last_claimed) && req->writable_len == 0);
}

/* A completion that waits for others, is a batch of its own, or the one that somebody waits for. */
static vio_noinline void complete_apart(struct vio_queue *queue, const struct vio_request *req)
{
	const uint32_t len = used_len(req);

	if (!queue->open && !queue->halted) {
		queue->counters.late++;
		vio_device_let_go(queue->device);
		return;
	}
	queue->counters.bytes_written += len;
	if (queue->in_order)
		queue->completions[req->position] =
			(struct vio_completion){ .len = len,
						 .id = req->id,
						 .entries = req->entries,
						 .whole = req->writable_len == 0 };
	else
		queue->ring->use(queue, req->id, len, req->entries);
	if (!queue->in_batch)
		publish(queue);
	if (queue->halted)
		vio_device_let_go(queue->device);
}

void vio_queue_complete(struct vio_queue *queue, const struct vio_request *req)
{
	const uint32_t len = used_len(req);

	queue->held--;
	if (vio_unlikely(!queue->direct)) {
		complete_apart(queue, req);
		return;
	}
	queue->counters.bytes_written += len;
	if (queue->ring == &vio_split_ring)
		vio_split_use(queue, req->id, len, 1);
	else if (queue->ring == &vio_packed_ring)
		vio_packed_use(queue, req->id, len, req->entries);
	else
		queue->ring->use(queue, req->id, len, req->entries);
}

void vio_queue_refuse(struct vio_queue *queue, const struct vio_request *req)
{
	const bool late = !queue->open;

	(void)req;
	queue->held--;
	if (!late || queue->halted)
		vio_device_fail(queue->device, VIO_ERROR_REFUSED);
	if (late)
		vio_device_let_go(queue->device);
}

void vio_queue_kick(struct vio_queue *queue)
{
	if (!queue->open)
		return;
	queue->device->pending |= UINT32_C(1) << queue->index;
	queue->device->transport->defer(queue->device);
}

bool vio_queue_begin(struct vio_queue *queue)
{
	if (queue->in_batch && queue->counters.requests == queue->batch_end)
		vio_queue_end(queue);
	if (!queue->open)
		return false;
	if (!queue->in_batch)
		queue->batch_end = queue->counters.requests + queue->size;
	queue->in_batch = true;
	queue->direct = !queue->in_order;
	return true;
}

void vio_queue_end(struct vio_queue *queue)
{
	if (!queue->in_batch)
		return;
	queue->in_batch = false;
	publish(queue);
	vio_queue_stop_taking(queue);
}

bool vio_queue_serve(struct vio_queue *queue)
{
	struct vio_device *device = queue->device;
	bool more = false;

	if (!vio_queue_begin(queue))
		return false;
	device->type->queues[queue->index].notify(device, queue);
	more = queue->open && queue->counters.requests == queue->batch_end;
	vio_queue_end(queue);
	return more;
}

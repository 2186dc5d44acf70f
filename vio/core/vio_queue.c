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

vio_noinline bool vio_queue_broken(struct vio_queue *queue, enum vio_error error)
{
	vio_device_fail(queue->device, error);
	return false;
}

uint8_t *vio_span_find(const struct vio_memory *memory, uint64_t offset, uint64_t len, bool write)
{
	return vio_memory_at(memory, memory->base + offset, len,
			     write ? VIO_ACCESS_WRITE : VIO_ACCESS_READ);
}

bool vio_queue_look(struct vio_queue *queue)
{
	return queue->ring->look(queue);
}

bool vio_queue_take_next(struct vio_queue *queue, struct vio_request *req, struct vio_span *spans,
			 size_t capacity)
{
	return queue->ring->take(queue, req, spans, capacity);
}

void vio_queue_stop_taking(struct vio_queue *queue)
{
	queue->batch = VIO_BATCH_NONE;
	queue->may_look = false;
	queue->take_end = queue->avail_next;
}

/* Taken and not used, but for what only waits to be. */
uint16_t vio_queue_held(const struct vio_queue *queue)
{
	if (!queue->open && !queue->halted)
		return queue->held;
	return queue->ring->taken(queue) - queue->ring->unshown(queue) - queue->run -
	       queue->waiting;
}

void vio_queue_untake(struct vio_queue *queue, const struct vio_request *req)
{
	if (queue->open || queue->halted) {
		queue->ring->untake(queue, req);
		if (queue->batch == VIO_BATCH_NONE)
			queue->take_end = queue->avail_next;
		queue->counters.requests--;
		queue->counters.bytes_read -= req->readable_len;
	} else {
		queue->held -= req->entries;
	}
	if (!queue->open)
		vio_device_let_go(queue->device);
}

/* ---- In order ---- */

/* Where the next buffer to be used was taken. */
static uint16_t next_position(const struct vio_queue *queue)
{
	uint32_t position = (uint32_t)queue->used_next + queue->run;

	if (queue->ring->packed && position >= queue->size)
		position -= queue->size;
	return (uint16_t)position;
}

static struct vio_completion *completion_at(const struct vio_queue *queue, uint16_t position)
{
	return &queue->completions[queue->ring->packed ? position : position & queue->split.mask];
}

/* The run's used entry is all that the driver is to see of it. */
static void end_run(struct vio_queue *queue)
{
	if (queue->ring->packed)
		vio_packed_advance(queue, queue->used_next, queue->run);
	else
		queue->used_next += queue->run;
	queue->run = 0;
}

/*
 * The next buffer, in the order they were made available, is complete. One used entry stands for a
 * run of them (2.7.9, 2.8.11): the last one's, in the place of the first's. But a driver takes a
 * buffer without an entry for filled whole: one that was not ends its run.
 */
static inline void use_next(struct vio_queue *queue, uint32_t id, uint32_t len, uint16_t entries,
			    bool whole)
{
	if (queue->ring->packed)
		vio_packed_put(queue, queue->used_next, id, len);
	else
		vio_split_put(queue, id, len);
	queue->run += entries;
	if (vio_unlikely(!whole))
		end_run(queue);
}

void vio_use_in_order(struct vio_queue *queue, const struct vio_request *req)
{
	const bool whole = req->writable_len == 0;

	if (vio_likely(req->position == next_position(queue))) {
		use_next(queue, req->id, req->written, req->entries, whole);
		return;
	}
	*completion_at(queue, req->position) = (struct vio_completion){ .len = req->written,
									.id = (uint16_t)req->id,
									.entries = req->entries,
									.whole = whole };
	queue->waiting += req->entries;
}

/* Those that have waited for one that is complete now. */
static vio_noinline void use_waiting(struct vio_queue *queue)
{
	struct vio_completion *next = completion_at(queue, next_position(queue));

	while (next->entries != 0) {
		queue->waiting -= next->entries;
		use_next(queue, next->id, next->len, next->entries, next->whole);
		next->entries = 0;
		next = completion_at(queue, next_position(queue));
	}
}

void vio_end_in_order(struct vio_queue *queue)
{
	if (queue->waiting != 0)
		use_waiting(queue);
	end_run(queue);
}

/* ---- Using ---- */

/* A completion that is a batch of its own, or the one that somebody waits for. */
static vio_noinline void complete_apart(struct vio_queue *queue, const struct vio_request *req)
{
	if (!queue->open && !queue->halted) {
		queue->held -= req->entries;
		queue->counters.late++;
		vio_device_let_go(queue->device);
		return;
	}
	queue->counters.bytes_written += req->written;
	queue->ring->use(queue, req);
	queue->ring->publish(queue);
	if (queue->halted)
		vio_device_let_go(queue->device);
}

void vio_queue_complete(struct vio_queue *queue, const struct vio_request *req)
{
	const uint64_t len = req->written;

	if (vio_likely(queue->batch == VIO_BATCH_SPLIT)) {
		queue->counters.bytes_written += len;
		vio_split_use(queue, req);
	} else if (queue->batch == VIO_BATCH_PACKED) {
		queue->counters.bytes_written += len;
		vio_packed_use(queue, req);
	} else if (queue->batch != VIO_BATCH_NONE) {
		queue->counters.bytes_written += len;
		queue->ring->use(queue, req);
	} else {
		complete_apart(queue, req);
	}
}

void vio_queue_refuse(struct vio_queue *queue, const struct vio_request *req)
{
	const bool late = !queue->open;

	if (!late || queue->halted)
		vio_device_fail(queue->device, VIO_ERROR_REFUSED);
	queue->held -= req->entries;
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
	if (queue->in_batch && queue->open && queue->ring->taken(queue) == queue->size)
		vio_queue_end(queue);
	if (!queue->open)
		return false;
	queue->in_batch = true;
	queue->may_look = true;
	queue->batch = queue->ring->batch;
	if (queue->ring->packed)
		queue->take_end = vio_packed_take_end(queue);
	return true;
}

void vio_queue_end(struct vio_queue *queue)
{
	if (!queue->in_batch)
		return;
	queue->in_batch = false;
	queue->ring->publish(queue);
	vio_queue_stop_taking(queue);
}

uint16_t vio_queue_show(struct vio_queue *queue, uint16_t undecided)
{
	uint32_t entries = undecided;

	if (!queue->in_batch)
		return undecided;
	queue->in_batch = false;
	entries += queue->ring->show(queue);
	vio_queue_stop_taking(queue);
	return (uint16_t)(entries < queue->size ? entries : queue->size);
}

void vio_queue_decide(struct vio_queue *queue, uint16_t undecided)
{
	if (undecided != 0 && (queue->open || queue->halted))
		queue->ring->decide(queue, undecided);
}

void vio_queue_serve(struct vio_queue *queue)
{
	struct vio_device *device = queue->device;

	if (!vio_queue_begin(queue))
		return;
	device->type->queues[queue->index].notify(device, queue);
	vio_queue_end(queue);
}

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

bool vio_queue_take_next(struct vio_queue *queue, struct vio_request *req,
			 const struct vio_spans *room)
{
	return queue->ring->take(queue, req, room);
}

vio_noinline void vio_packed_turn(struct vio_queue *queue, uint16_t position)
{
	queue->used_next = position - queue->size;
	queue->used_flags ^= VIO_PACKED_LAP;
}

void vio_queue_stop_taking(struct vio_queue *queue)
{
	queue->batch = VIO_BATCH_NONE;
	queue->run = 0;
	queue->may_look = false;
	queue->take_end = queue->avail_next;
}

/* Taken and not used, but for what only waits to be. */
uint16_t vio_queue_held(const struct vio_queue *queue)
{
	if (!queue->open && !queue->halted)
		return queue->held;
	return queue->ring->taken(queue) - queue->ring->unshown(queue) - queue->waiting;
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

/*
 * ---- In order ----
 *
 * One used entry stands for a run of buffers, 2.7.9 and 2.8.8: the last one's, in the place of the
 * first's. But a driver takes a buffer without an entry for filled whole: one that was not ends its
 * run.
 *
 * Most batches are one run, of buffers that are completed as they were taken: its entry is at
 * used_shown all the time, and vio_queue_complete() makes it without a call. At the first buffer
 * that is not the next, or not filled whole, the batch becomes VIO_BATCH_OTHER, and from there on
 * `run` entries up to used_next are what the entry written last stands for.
 */

struct vio_completion *vio_queue_completions(const struct vio_queue *queue)
{
	const struct vio_device *device = queue->device;

	return device->completions + (size_t)queue->index * device->entries;
}

static struct vio_completion *completion_at(const struct vio_queue *queue, uint16_t position)
{
	return vio_queue_completions(queue) +
	       (queue->ring->packed ? position : position & queue->mask);
}

/* The next buffer, in the order they were made available, is complete. */
static void use_next(struct vio_queue *queue, const struct vio_completion *done)
{
	uint32_t position = (uint32_t)queue->used_next - queue->run;
	uint32_t flags = queue->used_flags;

	if (!queue->ring->packed) {
		vio_split_put(queue, position, done->id, done->len);
		queue->used_next++;
	} else {
		if (queue->used_next < queue->run) {
			position += queue->size;
			flags ^= VIO_PACKED_LAP;
		}
		vio_packed_put(queue, position, flags, done->id, done->len);
		vio_packed_advance(queue, queue->used_next + done->entries);
	}
	queue->run = done->whole ? queue->run + done->entries : 0;
}

/* Those that have waited for one before them are used with it. */
void vio_use_in_order(struct vio_queue *queue, const struct vio_request *req)
{
	struct vio_completion *next = completion_at(queue, req->position);

	if (queue->batch == queue->ring->batch) {
		queue->batch = VIO_BATCH_OTHER;
		queue->run = queue->ring->unshown(queue);
	}
	*next = (struct vio_completion){ .len = req->written,
					 .id = req->id,
					 .entries = req->entries,
					 .whole = req->writable_len == 0 };
	queue->waiting += req->entries;
	next = completion_at(queue, queue->used_next);
	while (next->entries != 0) {
		use_next(queue, next);
		queue->waiting -= next->entries;
		next->entries = 0;
		next = completion_at(queue, queue->used_next);
	}
}

/* ---- Using ---- */

/* One that is not simply the batch's next; or late, or a batch of its own. */
static vio_noinline void complete_other(struct vio_queue *queue, const struct vio_request *req)
{
	const bool in_batch = queue->batch != VIO_BATCH_NONE;

	if (!queue->open && !queue->halted) {
		queue->held -= req->entries;
		queue->counters.late++;
		vio_device_let_go(queue->device);
		return;
	}
	queue->counters.bytes_written += req->written;
	queue->ring->use(queue, req);
	if (in_batch)
		return;
	queue->ring->publish(queue);
	queue->run = 0;
	if (queue->halted)
		vio_device_let_go(queue->device);
}

/* Where it is as usual, without a call. */
void vio_queue_complete(struct vio_queue *queue, const struct vio_request *req)
{
	const enum vio_batch batch = (enum vio_batch)queue->batch;
	const size_t len = vio_widened(req->written);

	if (batch > VIO_BATCH_SPLIT) {
		queue->counters.bytes_written += len;
		vio_packed_use(queue, req, (uint32_t)len);
	} else if (vio_likely(batch == VIO_BATCH_SPLIT)) {
		queue->counters.bytes_written += len;
		vio_split_use(queue, queue->used_next, req, (uint32_t)len);
	} else if (batch == VIO_BATCH_SPLIT_IN_ORDER && vio_goes_on(queue, req)) {
		queue->counters.bytes_written += len;
		vio_split_use(queue, queue->used_shown, req, (uint32_t)len);
	} else if (batch == VIO_BATCH_PACKED_IN_ORDER && vio_goes_on(queue, req)) {
		queue->counters.bytes_written += len;
		vio_packed_go_on(queue, req, (uint32_t)len);
	} else {
		complete_other(queue, req);
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
	if (queue->batch != VIO_BATCH_NONE && queue->ring->taken(queue) == queue->size)
		vio_queue_end(queue);
	if (!queue->open)
		return false;
	if (queue->batch == VIO_BATCH_NONE)
		queue->batch = queue->waiting == 0 ? queue->ring->batch : VIO_BATCH_OTHER;
	queue->in_batch = true;
	queue->may_look = true;
	if (queue->ring->packed)
		queue->take_end =
			queue->avail_next == queue->size ? queue->size : vio_packed_take_end(queue);
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

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The split virtqueue, Virtio 1.4, 2.7.
 *
 * The driver owns the descriptor table and the available ring, and may rewrite them at any moment;
 * the device owns the used ring, and never reads it back. Each descriptor is two 64-bit loads into
 * locals, so what is checked is what is used.
 *
 * The notification protocol stands in look() and publish(). While buffers keep coming avail_event
 * is left behind, so the driver need not kick. Only when the ring looks empty is it moved to the
 * next index; the driver may have published just before it could see that, hence the fence and the
 * second look. publish() is the mirror image: our index first, then a fence, then the question
 * whether the driver wants to know.
 *
 * This is compiled once more for legacy guests of each byte order, vio_split_legacy_*.c.
 */
#include "vio_ring.h"

#ifndef VIO_SPLIT_LEGACY_RING
#define VIO_SPLIT_RING   vio_split_ring
#define VIO_SPLIT_LEGACY false
#else
#define VIO_SPLIT_RING   VIO_SPLIT_LEGACY_RING
#define VIO_SPLIT_LEGACY true
#endif

static void split_start(struct vio_queue *queue, bool wrap)
{
	(void)wrap;
	queue->split.used_shown = queue->used_next;
}

static volatile uint16_t *used_event(const struct vio_queue *queue)
{
	return &queue->split.avail->ring[queue->size];
}

static volatile uint16_t *avail_event(const struct vio_queue *queue)
{
	return (volatile uint16_t *)&queue->split.used->ring[queue->size];
}

static bool split_map(struct vio_queue *queue, const struct vio_queue_config *config,
		      const struct vio_memory *memory)
{
	uint32_t size = config->size;

	if (size == 0 || (size & (size - 1)) != 0 || size > VIO_SPLIT_SIZE_MAX ||
	    config->desc % VIO_SPLIT_DESC_ALIGN != 0 ||
	    config->driver % VIO_SPLIT_AVAIL_ALIGN != 0 ||
	    config->device % VIO_SPLIT_USED_ALIGN != 0)
		return false;

	queue->split.desc =
		vio_memory_at(memory, config->desc, vio_split_desc_bytes(size), VIO_ACCESS_READ);
	queue->split.avail =
		vio_memory_at(memory, config->driver, vio_split_avail_bytes(size), VIO_ACCESS_READ);
	queue->split.used = vio_memory_at(memory, config->device, vio_split_used_bytes(size),
					  VIO_ACCESS_READ_WRITE);
	return queue->split.desc && queue->split.avail && queue->split.used;
}

/* The request is the device's now. */
static inline bool take_it(struct vio_queue *queue)
{
	queue->avail_next++;
	queue->held++;
	queue->counters.requests++;
	return true;
}

/* A descriptor's flags, and above them the index of the next, by one load. */
static inline uint32_t load_flags(const volatile struct vio_desc *desc)
{
	uint32_t flags =
		vio_guest_load32((const volatile uint32_t *)(const volatile void *)&desc->flags);

	return VIO_GUEST_BIG_ENDIAN ? flags >> 16 | flags << 16 : flags;
}

/*
 * Copies the rest of a chain, of at most `left` descriptors, whose first one has been read;
 * terminates whatever the guest does.
 */
static vio_noinline bool walk(struct vio_queue *queue, struct vio_request *req, uint32_t left,
			      uint64_t offset, uint32_t len, uint32_t flags)
{
	struct vio_chain chain = { .memory = queue->memory, .next = req->readable };
	const volatile struct vio_desc *table = queue->split.desc;
	enum vio_error error = VIO_OK;
	uint32_t entries = queue->size;
	bool nested = false; /* not `table`: a driver may name the ring itself as a table */

	for (;;) {
		uint32_t index = flags >> 16;

		if (vio_unlikely(flags & VIO_DESC_F_INDIRECT)) {
			if (!queue->indirect || nested || (flags & VIO_DESC_F_NEXT) != 0)
				return vio_queue_broken(queue, VIO_ERROR_INDIRECT);
			table = vio_chain_table(&chain, offset, len, left, &error);
			if (!table)
				return vio_queue_broken(queue, error);
			left = entries = len / (uint32_t)sizeof(*table);
			nested = true;
			index = 0;
		} else {
			error = vio_chain_add(&chain, req, offset, len, flags);
			if (vio_unlikely(error != VIO_OK))
				return vio_queue_broken(queue, error);
			if ((flags & VIO_DESC_F_NEXT) == 0)
				return vio_chain_finish(&chain, queue, req) && take_it(queue);
			if (vio_unlikely(--left == 0))
				return vio_queue_broken(queue, VIO_ERROR_CHAIN_LENGTH);
			if (vio_unlikely(index >= entries))
				return vio_queue_broken(queue, VIO_ERROR_NEXT_RANGE);
		}
		offset = vio_memory_offset(chain.memory, vio_guest_load64(&table[index].addr));
		len = vio_guest_load32(&table[index].len);
		flags = load_flags(&table[index]);
	}
}

/* Takes the next of those that the driver's index has shown. */
static vio_noinline bool take_next(struct vio_queue *queue, struct vio_request *req,
				   struct vio_span *spans, unsigned capacity)
{
	uint32_t position = queue->avail_next & (queue->size - 1U);
	uint32_t head = vio_guest_load16(&queue->split.avail->ring[position]);
	uint64_t offset = 0;
	uint32_t flags = 0;
	uint32_t len = 0;

	req->position = (uint16_t)position;
	if (vio_unlikely(head >= queue->size))
		return vio_queue_broken(queue, VIO_ERROR_HEAD_RANGE);
	if (vio_unlikely(queue->in_flight[head]))
		return vio_queue_broken(queue, VIO_ERROR_HEAD_IN_FLIGHT);
	/* Whatever follows: should the chain be broken, the queue is closed. */
	queue->in_flight[head] = true;
	req->id = (uint16_t)head;
	req->readable = spans;
	req->entries = 1;
	req->last_claimed = 0;
	req->written = 0;

	offset = vio_memory_offset(queue->memory, vio_guest_load64(&queue->split.desc[head].addr));
	len = vio_guest_load32(&queue->split.desc[head].len);
	flags = load_flags(&queue->split.desc[head]);
	if (vio_unlikely(flags & (VIO_DESC_F_NEXT | VIO_DESC_F_INDIRECT)))
		return walk(queue, req, capacity, offset, len, flags);

	/* One descriptor in the first region is the usual case, and done here without a call. */
	flags &= VIO_DESC_F_WRITE;
	if (!vio_request_of_one(queue, req, spans, offset, len, flags))
		return walk(queue, req, 1, offset, len, flags);
	return take_it(queue);
}

/*
 * Looks how far the driver is, and takes from what it has made available as much as the batch
 * may. Arms the driver's next kick when there is nothing.
 */
static vio_noinline bool look_and_take(struct vio_queue *queue, struct vio_request *req,
				       struct vio_span *spans, unsigned capacity)
{
	uint32_t share = queue->batch_end - queue->counters.requests;
	uint16_t idx = 0;
	uint16_t ready = 0;

	if (share == 0)
		return false;
	idx = vio_guest_load16_acquire(&queue->split.avail->idx);
	if (idx == queue->avail_next && queue->event_idx) {
		vio_guest_store16(avail_event(queue), idx);
		vio_guest_fence();
		idx = vio_guest_load16_acquire(&queue->split.avail->idx);
	}
	ready = idx - queue->avail_next;
	if (ready == 0)
		return false;
	if (vio_unlikely(ready > queue->size))
		return vio_queue_broken(queue, VIO_ERROR_AVAIL_INDEX);
	queue->take_limit = queue->counters.requests + (ready < share ? ready : share);
	return take_next(queue, req, spans, capacity);
}

static bool split_take(struct vio_queue *queue, struct vio_request *req, struct vio_span *spans,
		       unsigned capacity)
{
	if (vio_unlikely(queue->counters.requests == queue->take_limit))
		return look_and_take(queue, req, spans, capacity);
	return take_next(queue, req, spans, capacity);
}

static void split_untake(struct vio_queue *queue, const struct vio_request *req)
{
	queue->in_flight[req->id] = false;
	queue->avail_next--;
}

static uint16_t split_used_position(const struct vio_queue *queue, uint16_t entries)
{
	return (queue->used_next + entries) & (queue->size - 1);
}

static void split_skip(struct vio_queue *queue, uint16_t id)
{
	queue->in_flight[id] = false;
}

static void split_use(struct vio_queue *queue, uint16_t id, uint32_t len, uint16_t entries)
{
	vio_split_use(queue, id, len, entries);
}

/* The driver wants to be interrupted then, whatever else it says: NOTIFY_ON_EMPTY, 6.3. */
static inline bool is_drained(const struct vio_queue *queue)
{
	return vio_device_has(queue->device, VIO_F_NOTIFY_ON_EMPTY) &&
	       vio_guest_load16(&queue->split.avail->idx) == queue->avail_next;
}

static bool split_publish(struct vio_queue *queue)
{
	uint16_t now = queue->used_next;
	uint16_t old = queue->split.used_shown;

	if (now == old)
		return false;
	queue->split.used_shown = now;
	vio_guest_store16_release(&queue->split.used->idx, now);
	vio_guest_fence();
	if (VIO_SPLIT_LEGACY && is_drained(queue))
		return true;
	if (queue->event_idx)
		return vio_event_passed(vio_guest_load16(used_event(queue)), now, old);
	return (vio_guest_load16(&queue->split.avail->flags) & VIO_AVAIL_F_NO_INTERRUPT) == 0;
}

const struct vio_ring VIO_SPLIT_RING = {
	.map = split_map,
	.start = split_start,
	.take = split_take,
	.untake = split_untake,
	.use = split_use,
	.used_position = split_used_position,
	.skip = split_skip,
	.publish = split_publish,
};

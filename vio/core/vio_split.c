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

/*
 * Looks how far the driver is, and how far the batch may go. True: there is something to take.
 * Arms the driver's next kick when there is nothing.
 */
static bool look(struct vio_queue *queue)
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
	return true;
}

static inline bool take_chain(struct vio_queue *queue, struct vio_request *req,
			      struct vio_span *spans, struct vio_chain *chain)
{
	if (!vio_chain_finish(chain, queue, req, spans))
		return false;
	queue->in_flight[req->id] = true;
	queue->avail_next++;
	return true;
}

/* The rest of a descriptor behind its address, by one load: len, flags, next from the lowest up. */
static inline uint64_t load_rest(const volatile struct vio_desc *desc)
{
	uint64_t rest = vio_guest_load64((const volatile uint64_t *)&desc->len);

	if (VIO_GUEST_BIG_ENDIAN)
		rest = rest >> 32 | (rest & 0xffff0000) << 16 | rest << 48;
	return rest;
}

/*
 * Takes a chain whose first descriptor has been read, of at most `left`; terminates whatever the
 * guest does.
 */
static __attribute__((noinline)) bool walk(struct vio_queue *queue, struct vio_request *req,
					   struct vio_span *spans, uint32_t left, uint64_t addr,
					   uint64_t rest)
{
	const volatile struct vio_desc *table = queue->split.desc;
	struct vio_chain chain = vio_chain_begin(queue, spans);
	uint32_t entries = queue->size;
	bool nested = false; /* not `table`: a driver may name the ring itself as a table */

	for (;;) {
		uint32_t len = (uint32_t)rest;
		uint32_t flags = (uint32_t)(rest >> 32);
		uint32_t index = (uint32_t)(rest >> 48);
		enum vio_error error = VIO_OK;

		if (vio_unlikely(flags & VIO_DESC_F_INDIRECT)) {
			entries = len / (uint32_t)sizeof(*table);
			if (!queue->indirect || nested || (flags & VIO_DESC_F_NEXT) != 0 ||
			    !vio_indirect_table_ok(addr, len) || entries > left)
				return vio_queue_broken(queue, VIO_ERROR_INDIRECT);
			table = vio_chain_table(&chain, addr, len);
			if (!table)
				return vio_queue_broken(queue, VIO_ERROR_ADDRESS);
			nested = true;
			left = entries;
			index = 0;
		} else {
			error = vio_chain_add(&chain, req, addr, len,
					      (flags & VIO_DESC_F_WRITE) != 0);
			if (vio_unlikely(error != VIO_OK))
				return vio_queue_broken(queue, error);
			if ((flags & VIO_DESC_F_NEXT) == 0)
				return take_chain(queue, req, spans, &chain);
			if (vio_unlikely(--left == 0))
				return vio_queue_broken(queue, VIO_ERROR_CHAIN_LENGTH);
			if (vio_unlikely(index >= entries))
				return vio_queue_broken(queue, VIO_ERROR_NEXT_RANGE);
		}
		addr = vio_guest_load64(&table[index].addr);
		rest = load_rest(&table[index]);
	}
}

static bool split_take(struct vio_queue *queue, struct vio_request *req, struct vio_span *spans,
		       uint16_t capacity)
{
	const volatile struct vio_desc *desc = NULL;
	uint32_t position = 0;
	uint32_t head = 0;
	uint64_t addr = 0;
	uint64_t rest = 0;

	if (queue->counters.requests == queue->take_limit && !look(queue))
		return false;

	position = queue->avail_next & (queue->size - 1U);
	head = vio_guest_load16(&queue->split.avail->ring[position]);
	if (vio_unlikely(head >= queue->size))
		return vio_queue_broken(queue, VIO_ERROR_HEAD_RANGE);
	if (vio_unlikely(queue->in_flight[head]))
		return vio_queue_broken(queue, VIO_ERROR_HEAD_IN_FLIGHT);
	req->position = (uint16_t)position;
	req->id = (uint16_t)head;
	req->entries = 1;

	desc = &queue->split.desc[head];
	addr = vio_guest_load64(&desc->addr);
	rest = load_rest(desc);
	if ((rest >> 32 & (VIO_DESC_F_NEXT | VIO_DESC_F_INDIRECT)) == 0) {
		struct vio_chain chain = vio_chain_begin(queue, spans);
		enum vio_error error = vio_chain_add(&chain, req, addr, (uint32_t)rest,
						     (rest >> 32 & VIO_DESC_F_WRITE) != 0);
		if (vio_unlikely(error != VIO_OK))
			return vio_queue_broken(queue, error);
		return take_chain(queue, req, spans, &chain);
	}
	return walk(queue, req, spans, capacity, addr, rest);
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
	volatile struct vio_used_elem *elem =
		&queue->split.used->ring[queue->used_next & (queue->size - 1)];

	queue->in_flight[id] = false;
	vio_guest_store32(&elem->id, id);
	vio_guest_store32(&elem->len, len);
	queue->used_next += entries;
	queue->unpublished += entries;
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
	uint16_t old = now - queue->unpublished;

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
	.take = split_take,
	.untake = split_untake,
	.use = split_use,
	.used_position = split_used_position,
	.skip = split_skip,
	.publish = split_publish,
};

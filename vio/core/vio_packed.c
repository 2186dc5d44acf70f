/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The packed virtqueue, Virtio 1.4, 2.8.
 *
 * One ring of descriptors serves both sides. Two flag bits, compared with a wrap counter, say whose
 * an entry is: available when AVAIL equals the device's counter and USED does not, used when both
 * equal it. The device's position and counter, on either side, are its own; it never reads back
 * what it wrote.
 *
 * A buffer is as many entries in a row as its chain is long, and is used with one entry in the
 * place of its first, after which as many are skipped. So the device must not write past what it
 * took: `taken` counts the entries from the last one shown as used to the last one taken, and a
 * driver that offers an entry again before it was shown would make that more than the ring has.
 * Buffer ids are the driver's own affair, and only echoed.
 *
 * A batch is shown to the driver by one store: the flags of its first used entry are kept back
 * until all others are written.
 */
#include "vio_ring.h"

static bool packed_map(struct vio_queue *queue, const struct vio_queue_config *config,
		       const struct vio_memory *memory)
{
	uint32_t size = config->size;

	if (size == 0 || size > VIO_PACKED_SIZE_MAX || config->desc % VIO_PACKED_DESC_ALIGN != 0 ||
	    config->driver % VIO_PACKED_EVENT_ALIGN != 0 ||
	    config->device % VIO_PACKED_EVENT_ALIGN != 0)
		return false;

	queue->packed.desc = vio_memory_at(
		memory, config->desc, size * sizeof(struct vio_packed_desc), VIO_ACCESS_READ_WRITE);
	queue->packed.driver = vio_memory_at(memory, config->driver,
					     sizeof(struct vio_packed_event), VIO_ACCESS_READ);
	queue->packed.device = vio_memory_at(
		memory, config->device, sizeof(struct vio_packed_event), VIO_ACCESS_READ_WRITE);
	return queue->packed.desc && queue->packed.driver && queue->packed.device;
}

static void packed_start(struct vio_queue *queue, bool wrap)
{
	queue->packed.avail_flags = wrap ? VIO_PACKED_F_AVAIL : VIO_PACKED_F_USED;
	queue->packed.used_flags = wrap ? VIO_PACKED_F_AVAIL | VIO_PACKED_F_USED : 0;
	queue->packed.unpublished = 0;
}

static bool is_available(const struct vio_queue *queue, uint16_t flags)
{
	return (flags & (VIO_PACKED_F_AVAIL | VIO_PACKED_F_USED)) == queue->packed.avail_flags;
}

/* Arms the driver's next kick, and looks again at the next entry's flags. */
static uint16_t arm(struct vio_queue *queue)
{
	uint16_t wrap = queue->packed.avail_flags == VIO_PACKED_F_AVAIL ? VIO_PACKED_EVENT_WRAP : 0;

	vio_guest_store16(&queue->packed.device->off_wrap, queue->avail_next | wrap);
	vio_guest_store16_release(&queue->packed.device->flags, VIO_PACKED_EVENT_DESC);
	vio_guest_fence();
	return vio_guest_load16_acquire(&queue->packed.desc[queue->avail_next].flags);
}

/* The request is the device's now. */
static inline bool take_it(struct vio_queue *queue, uint32_t entries)
{
	queue->held++;
	queue->counters.requests++;
	vio_packed_advance(queue, &queue->avail_next, &queue->packed.avail_flags, entries);
	return true;
}

/* An indirect table is walked from end to end; of its flags only WRITE means anything, 2.8.7. */
static enum vio_error walk_table(const struct vio_queue *queue, struct vio_request *req,
				 struct vio_chain *chain, uint32_t left, uint64_t offset,
				 uint32_t len)
{
	const volatile struct vio_packed_desc *desc = NULL;
	enum vio_error error = VIO_ERROR_INDIRECT;

	if (!queue->indirect)
		return error;
	desc = vio_chain_table(chain, offset, len, left, &error);
	if (!desc)
		return error;

	left = len / (uint32_t)sizeof(*desc);
	do {
		offset = vio_memory_offset(chain->memory, vio_guest_load64(&desc->addr));
		len = vio_guest_load32(&desc->len);
		error = vio_chain_add(chain, req, offset, len, vio_guest_load16(&desc->flags));
		desc++;
	} while (error == VIO_OK && --left != 0);
	return error;
}

/*
 * Copies the rest of a chain, of at most `left` descriptors, whose first one has been read;
 * terminates whatever the guest does. Its id is that of its last descriptor.
 */
static enum vio_error walk_ring(struct vio_queue *queue, struct vio_request *req,
				struct vio_chain *chain, uint32_t left, uint64_t offset,
				uint32_t len, uint32_t flags)
{
	const volatile struct vio_packed_desc *const end = queue->packed.desc + queue->size;
	const volatile struct vio_packed_desc *desc = &queue->packed.desc[queue->avail_next];
	enum vio_error error = vio_chain_add(chain, req, offset, len, flags);

	while (error == VIO_OK && (flags & VIO_DESC_F_NEXT) != 0) {
		if (vio_unlikely(--left == 0 || req->entries == queue->size))
			return VIO_ERROR_CHAIN_LENGTH;
		if (vio_unlikely(queue->taken == queue->size))
			return VIO_ERROR_OVERCOMMIT;
		queue->taken++;
		req->entries++;
		if (++desc == end)
			desc = queue->packed.desc;
		flags = vio_guest_load16(&desc->flags);
		offset = vio_memory_offset(chain->memory, vio_guest_load64(&desc->addr));
		len = vio_guest_load32(&desc->len);
		if (vio_unlikely(flags & VIO_DESC_F_INDIRECT))
			return VIO_ERROR_INDIRECT; /* not combined with a chain, 2.8.7 */
		error = vio_chain_add(chain, req, offset, len, flags);
	}
	req->id = vio_guest_load16(&desc->id);
	return error;
}

static vio_noinline bool walk(struct vio_queue *queue, struct vio_request *req, uint32_t left,
			      uint64_t offset, uint32_t len, uint32_t flags)
{
	struct vio_chain chain = { .memory = queue->memory, .next = req->readable };
	enum vio_error error = VIO_OK;

	if ((flags & VIO_DESC_F_INDIRECT) == 0) {
		error = walk_ring(queue, req, &chain, left, offset, len, flags);
	} else if ((flags & VIO_DESC_F_NEXT) == 0) {
		error = walk_table(queue, req, &chain, left, offset, len);
		req->id = vio_guest_load16(&queue->packed.desc[queue->avail_next].id);
	} else {
		error = VIO_ERROR_INDIRECT;
	}
	if (vio_unlikely(error != VIO_OK))
		return vio_queue_broken(queue, error);
	return vio_chain_finish(&chain, queue, req) && take_it(queue, req->entries);
}

/* Takes the next, whose first descriptor is available and has these flags. */
static vio_noinline bool take_next(struct vio_queue *queue, struct vio_request *req,
				   struct vio_span *spans, unsigned capacity, uint32_t flags)
{
	const volatile struct vio_packed_desc *desc = &queue->packed.desc[queue->avail_next];
	uint64_t offset = 0;
	uint32_t len = 0;

	if (vio_unlikely(queue->taken == queue->size))
		return vio_queue_broken(queue, VIO_ERROR_OVERCOMMIT);
	/* Whatever follows: should the chain be broken, the queue is closed. */
	queue->taken++;
	req->readable = spans;
	req->entries = 1;
	req->last_claimed = 0;
	req->written = 0;
	req->position = queue->avail_next;

	offset = vio_memory_offset(queue->memory, vio_guest_load64(&desc->addr));
	len = vio_guest_load32(&desc->len);
	if (vio_unlikely(flags & (VIO_DESC_F_NEXT | VIO_DESC_F_INDIRECT)))
		return walk(queue, req, capacity, offset, len, flags);

	/* One descriptor in the first region is the usual case, and done here without a call. */
	flags &= VIO_DESC_F_WRITE;
	if (!vio_request_of_one(queue, req, spans, offset, len, flags))
		return walk(queue, req, 1, offset, len, flags);
	req->id = vio_guest_load16(&desc->id);
	return take_it(queue, 1);
}

static bool packed_take(struct vio_queue *queue, struct vio_request *req, struct vio_span *spans,
			unsigned capacity)
{
	uint16_t flags = 0;

	if (queue->counters.requests == queue->batch_end)
		return false;
	flags = vio_guest_load16_acquire(&queue->packed.desc[queue->avail_next].flags);
	if (!is_available(queue, flags)) {
		if (!queue->event_idx)
			return false;
		flags = arm(queue);
		if (!is_available(queue, flags))
			return false;
	}
	return take_next(queue, req, spans, capacity, flags);
}

static void packed_untake(struct vio_queue *queue, const struct vio_request *req)
{
	queue->taken -= req->entries;
	/* Back by some is on by the rest, and the counter turns back if that does not turn it. */
	vio_packed_advance(queue, &queue->avail_next, &queue->packed.avail_flags,
			   queue->size - req->entries);
	queue->packed.avail_flags ^= VIO_PACKED_F_AVAIL | VIO_PACKED_F_USED;
}

static uint16_t packed_used_position(const struct vio_queue *queue, uint16_t entries)
{
	uint32_t position = (uint32_t)queue->used_next + entries;

	return (uint16_t)(position < queue->size ? position : position - queue->size);
}

static void packed_skip(struct vio_queue *queue, uint16_t id)
{
	(void)queue;
	(void)id;
}

static void packed_use(struct vio_queue *queue, uint16_t id, uint32_t len, uint16_t entries)
{
	vio_packed_use(queue, id, len, entries);
}

/* Whether the driver's event suppression structure asks for an interrupt now, 2.8.10. */
static bool wants_interrupt(const struct vio_queue *queue)
{
	uint16_t flags = vio_guest_load16(&queue->packed.driver->flags);
	uint16_t off_wrap = 0;
	uint16_t event = 0;

	if (flags == VIO_PACKED_EVENT_DISABLE)
		return false;
	if (flags != VIO_PACKED_EVENT_DESC || !queue->event_idx)
		return true;

	off_wrap = vio_guest_load16(&queue->packed.driver->off_wrap);
	event = off_wrap & (uint16_t)~VIO_PACKED_EVENT_WRAP;
	if (event >= queue->size)
		return true;
	/* Seen from the position now: an entry of the lap before lies that much behind it. */
	if (((off_wrap & VIO_PACKED_EVENT_WRAP) != 0) != (queue->packed.used_flags != 0))
		event -= queue->size;
	return vio_event_passed(event, queue->used_next,
				queue->used_next - queue->packed.unpublished);
}

static bool packed_publish(struct vio_queue *queue)
{
	bool wanted = false;
	uint32_t first =
		queue->used_next + (queue->used_next < queue->packed.unpublished ? queue->size : 0);

	if (queue->packed.unpublished == 0)
		return false;
	first -= queue->packed.unpublished;
	vio_guest_store16_release(&queue->packed.desc[first].flags, queue->packed.first_flags);
	queue->taken -= queue->packed.unpublished;
	vio_guest_fence();
	wanted = wants_interrupt(queue);
	queue->packed.unpublished = 0;
	return wanted;
}

const struct vio_ring vio_packed_ring = {
	.map = packed_map,
	.start = packed_start,
	.take = packed_take,
	.untake = packed_untake,
	.use = packed_use,
	.used_position = packed_used_position,
	.skip = packed_skip,
	.publish = packed_publish,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The split virtqueue, Virtio 1.4, 2.7.
 *
 * The driver owns the descriptor table and the available ring, and may rewrite them at any moment;
 * the device owns the used ring, and never reads it back. Each descriptor is loaded once, into
 * locals, so what is checked is what is used.
 *
 * The notification protocol stands in split_look() and split_publish(). While buffers keep coming
 * avail_event is left behind, so the driver need not kick. Only when the ring looks empty is it
 * moved to the next index; the driver may have published just before it could see that, hence the
 * fence and the second look. split_publish() is the mirror image: our index first, then a fence,
 * then the question whether the driver wants to know.
 *
 * Nearly every chain is readable buffers in the guest's RAM and then writable ones, in the ring or
 * all in one table. walk() takes these, one loop a side, and leaves the rest of any other to
 * walk_any(), which goes on where it stands.
 *
 * This is compiled once more for legacy guests that are big-endian, vio_split_legacy_big.c.
 */
#include "vio_ring.h"

#ifndef VIO_SPLIT_BIG_ENDIAN
#define VIO_SPLIT_BIG_ENDIAN 0
#endif

static void split_start(struct vio_queue *queue, bool wrap)
{
	(void)wrap;
	queue->used_flags = queue->shown_flags = 0;
	queue->mask = queue->size - 1U;
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

/* The descriptors that an index may name. */
struct table {
	const volatile struct vio_desc *desc;
	uint32_t entries;
	uint32_t indirect; /* not whether it is another: a driver may name the ring itself as a
			      table */
};

static vio_inline void load(struct vio_chain *chain, const struct table *table, uint32_t index)
{
	const volatile struct vio_desc *desc = &table->desc[index];

	chain->offset = vio_memory_offset(chain->memory, vio_guest_load64(&desc->addr));
	chain->len = vio_widened(vio_guest_load32(&desc->len));
	chain->flags = vio_widened(load_flags(desc));
}

/* The chain goes on, and ends, in an indirect table. */
static vio_inline enum vio_error enter(const struct vio_queue *queue, struct vio_chain *chain,
				       struct table *table)
{
	enum vio_error error = VIO_ERROR_INDIRECT;

	if (table->indirect)
		return error;
	table->desc = vio_chain_table(queue, chain, VIO_DESC_F_NEXT, &error);
	if (!table->desc)
		return error;
	table->indirect = true;
	table->entries = (uint32_t)chain->len / (uint32_t)sizeof(struct vio_desc);
	chain->end = chain->next + table->entries;
	load(chain, table, 0);
	return (chain->flags & VIO_DESC_F_INDIRECT) != 0 ? VIO_ERROR_INDIRECT : VIO_OK;
}

/* Loads the descriptor that the one just added names as the next. */
static vio_inline enum vio_error step(struct vio_chain *chain, const struct table *table)
{
	const uint32_t next = chain->flags >> 16;

	if ((chain->flags & VIO_DESC_F_NEXT) == 0)
		return VIO_CHAIN_END;
	if (vio_unlikely(next >= table->entries))
		return VIO_ERROR_NEXT_RANGE;
	if (vio_unlikely(chain->next == chain->end))
		return VIO_ERROR_CHAIN_LENGTH;
	load(chain, table, next);
	return VIO_OK;
}

/* Adds what is readable, or writable, from the next descriptor on; makes no call. */
static vio_inline enum vio_error walk_side(struct vio_chain *chain, const struct table *table,
					   const bool write)
{
	for (;;) {
		enum vio_error error = VIO_OK;

		if (!vio_chain_add(chain, write ? VIO_DESC_F_WRITE : 0))
			return VIO_CHAIN_RARE;
		error = step(chain, table);
		if (error != VIO_OK)
			return error;
		if (vio_unlikely(chain->flags & VIO_DESC_F_INDIRECT))
			return VIO_CHAIN_RARE;
		if (((chain->flags & VIO_DESC_F_WRITE) != 0) != write)
			return VIO_OK;
	}
}

static vio_inline bool finish(const struct vio_chain *chain, struct vio_queue *queue,
			      struct vio_request *req, enum vio_error error)
{
	if (vio_likely(error == VIO_CHAIN_END))
		error = vio_chain_finish(chain->bytes, queue, req);
	if (vio_unlikely(error != VIO_OK))
		return vio_queue_broken(queue, error);
	return take_it(queue);
}

/* The rest of a chain, whatever descriptors it is made of. */
static vio_noinline bool walk_any(struct vio_queue *queue, struct vio_request *req,
				  struct vio_chain chain, struct table table, uint32_t write)
{
	enum vio_error error = VIO_OK;

	do {
		if ((chain.flags & VIO_DESC_F_INDIRECT) != 0) {
			error = enter(queue, &chain, &table);
			continue;
		}
		error = vio_chain_add_side(&chain, req, &write, chain.flags & VIO_DESC_F_WRITE);
		if (error == VIO_OK)
			error = step(&chain, &table);
	} while (error == VIO_OK);
	if (write == 0)
		vio_chain_turn(&chain, req);
	return finish(&chain, queue, req, error);
}

/* Takes a buffer of which the first descriptor is given. Terminates whatever the guest does. */
static vio_noinline bool walk(struct vio_queue *queue, struct vio_request *req,
			      const struct vio_spans *room, uint64_t offset, uint64_t len,
			      uint64_t flags)
{
	struct vio_chain chain = vio_chain_begin(queue, req, room, offset, len, flags);
	struct table table = { queue->split.desc, queue->size, false };
	enum vio_error error = VIO_OK;
	uint32_t write = 0;

	if (VIO_SPLIT_BIG_ENDIAN) /* for which one walk will do */
		return walk_any(queue, req, chain, table, 0);
	if ((chain.flags & VIO_DESC_F_INDIRECT) != 0) {
		error = enter(queue, &chain, &table);
		if (error != VIO_OK)
			return vio_queue_broken(queue, error);
	}
	if ((chain.flags & VIO_DESC_F_WRITE) == 0)
		error = walk_side(&chain, &table, false);
	if (error == VIO_OK) {
		vio_chain_turn(&chain, req);
		write = VIO_DESC_F_WRITE;
		error = walk_side(&chain, &table, true);
		if (error == VIO_OK)
			error = VIO_ERROR_CHAIN_ORDER;
	} else if (error == VIO_CHAIN_END) {
		vio_chain_turn(&chain, req);
	}
	if (vio_unlikely(error == VIO_CHAIN_RARE))
		return walk_any(queue, req, chain, table, write);
	return finish(&chain, queue, req, error);
}

static bool split_take(struct vio_queue *queue, struct vio_request *req,
		       const struct vio_spans *room)
{
	const volatile struct vio_desc *desc = NULL;
	const uint32_t position = (uint32_t)vio_widened(queue->avail_next);
	uint64_t offset = 0;
	uint32_t flags = 0;
	size_t head = 0;
	uint64_t len = 0;

	req->position = (uint16_t)position;
	head = vio_widened(vio_guest_load16(&queue->split.avail->ring[position & queue->mask]));
	req->id = (uint16_t)head;
	if (vio_unlikely((uint32_t)head > queue->mask))
		return vio_queue_broken(queue, VIO_ERROR_HEAD_RANGE);
	if (vio_unlikely(queue->in_flight[head]))
		return vio_queue_broken(queue, VIO_ERROR_HEAD_IN_FLIGHT);
	/* Whatever follows: should the chain be broken, the queue is closed. */
	queue->in_flight[head] = true;
	req->entries = 1;
	req->last_claimed = 0;
	req->written = 0;

	desc = &queue->split.desc[head];
	offset = vio_memory_offset(queue->memory, vio_guest_load64(&desc->addr));
	len = vio_widened(vio_guest_load32(&desc->len));
	flags = load_flags(desc);
	/* One descriptor in the first region is the usual case, and done here without a call. */
	if (vio_unlikely(flags & (VIO_DESC_F_NEXT | VIO_DESC_F_INDIRECT)) ||
	    !vio_request_of_one(queue, req, room->first, offset, len,
				(flags & VIO_DESC_F_WRITE) != 0))
		return walk(queue, req, room, offset, len, flags);
	return take_it(queue);
}

/*
 * How far the driver is. Without EVENT_IDX one look a batch will do: it kicks for what comes after.
 * With it, its next kick is armed when there is nothing.
 */
static bool split_look(struct vio_queue *queue)
{
	uint16_t idx = vio_guest_load16_acquire(&queue->split.avail->idx);
	uint16_t limit = 0;

	if (!queue->event_idx) {
		queue->may_look = false;
	} else if (idx == queue->avail_next) {
		vio_guest_store16(avail_event(queue), idx);
		vio_guest_fence();
		idx = vio_guest_load16_acquire(&queue->split.avail->idx);
	}
	if (idx == queue->avail_next)
		return false;
	limit = queue->used_shown + (uint16_t)queue->size;
	if (vio_unlikely((uint16_t)(idx - queue->avail_next) >
			 (uint16_t)(limit - queue->avail_next)))
		return vio_queue_broken(queue, VIO_ERROR_AVAIL_INDEX);
	queue->take_end = idx;
	return true;
}

static void split_untake(struct vio_queue *queue, const struct vio_request *req)
{
	queue->in_flight[req->id] = false;
	queue->avail_next--;
}

static void split_use(struct vio_queue *queue, const struct vio_request *req)
{
	vio_split_use(queue, queue->used_next, req, req->written);
}

static uint16_t split_taken(const struct vio_queue *queue)
{
	return queue->avail_next - queue->used_shown;
}

static uint16_t split_unshown(const struct vio_queue *queue)
{
	return queue->used_next - queue->used_shown;
}

/* A legacy driver wants to be interrupted then, whatever else it says: NOTIFY_ON_EMPTY, 6.3. */
static inline bool is_drained(const struct vio_queue *queue)
{
	return vio_device_has(queue->device, VIO_F_NOTIFY_ON_EMPTY) &&
	       vio_guest_load16(&queue->split.avail->idx) == queue->avail_next;
}

/* Whether the driver wants to hear of the entries from `old` up to, and without, `now`. */
static inline bool wants_interrupt(const struct vio_queue *queue, uint16_t now, uint16_t old,
				   bool legacy)
{
	if (legacy && is_drained(queue))
		return true;
	if (queue->event_idx)
		return vio_event_passed(vio_guest_load16(used_event(queue)), now, old);
	return (vio_guest_load16(&queue->split.avail->flags) & VIO_AVAIL_F_NO_INTERRUPT) == 0;
}

static vio_inline void decide(struct vio_queue *queue, uint16_t now, uint16_t old, bool legacy)
{
	vio_guest_fence();
	vio_queue_interrupt(queue, wants_interrupt(queue, now, old, legacy));
}

static inline void show(struct vio_queue *queue)
{
	queue->used_shown = queue->used_next;
	vio_guest_store16_release(&queue->split.used->idx, queue->used_shown);
}

static vio_inline void publish(struct vio_queue *queue, bool legacy)
{
	uint16_t now = queue->used_next;
	uint16_t old = queue->used_shown;

	if (now == old)
		return;
	show(queue);
	decide(queue, now, old, legacy);
}

static void legacy_publish(struct vio_queue *queue)
{
	publish(queue, true);
}

static uint16_t split_show(struct vio_queue *queue)
{
	uint16_t entries = split_unshown(queue);

	show(queue);
	return entries;
}

static void legacy_decide(struct vio_queue *queue, uint16_t entries)
{
	decide(queue, queue->used_shown, queue->used_shown - entries, true);
}

/* What a ring in this byte order has; and its own. */
#define SPLIT_RING(...)                                                                            \
	{                                                                                          \
		.map = split_map, .start = split_start, .look = split_look, .take = split_take,    \
		.untake = split_untake, .show = split_show, .taken = split_taken,                  \
		.unshown = split_unshown, __VA_ARGS__                                              \
	}

#if VIO_SPLIT_BIG_ENDIAN

const struct vio_ring vio_split_ring_legacy_big =
	SPLIT_RING(.batch = VIO_BATCH_OTHER, .use = split_use, .publish = legacy_publish,
		   .decide = legacy_decide);

#else

static void split_publish(struct vio_queue *queue)
{
	publish(queue, false);
}

static void split_decide(struct vio_queue *queue, uint16_t entries)
{
	decide(queue, queue->used_shown, queue->used_shown - entries, false);
}

const struct vio_ring vio_split_ring = SPLIT_RING(.batch = VIO_BATCH_SPLIT, .use = split_use,
						  .publish = split_publish, .decide = split_decide);
const struct vio_ring vio_split_ring_in_order =
	SPLIT_RING(.batch = VIO_BATCH_SPLIT_IN_ORDER, .use = vio_use_in_order,
		   .publish = split_publish, .decide = split_decide);
const struct vio_ring vio_split_ring_legacy_little =
	SPLIT_RING(.batch = VIO_BATCH_SPLIT, .use = split_use, .publish = legacy_publish,
		   .decide = legacy_decide);

#endif

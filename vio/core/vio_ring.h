/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the core: what a ring format does for vio_queue.c, and what formats share. */
#ifndef VIO_RING_H
#define VIO_RING_H

#include "vio_device.h"
#include "vio_guest.h"

struct vio_ring {
	/* Checks and translates the parts of a ring of config->size entries; false: not usable. */
	bool (*map)(struct vio_queue *queue, const struct vio_queue_config *config,
		    const struct vio_memory *memory);
	/* Starts at the queue's positions; packed: with both wrap counters `wrap`. */
	void (*start)(struct vio_queue *queue, bool wrap);
	/* As vio_queue_take_into(). */
	bool (*take)(struct vio_queue *queue, struct vio_request *req, struct vio_span *spans,
		     unsigned capacity);
	void (*untake)(struct vio_queue *queue, const struct vio_request *req);
	/*
	 * Writes a used entry that the driver cannot see yet, standing for `entries` of the ring:
	 * those of the buffer `id` and of the ones before it that were skipped.
	 */
	void (*use)(struct vio_queue *queue, uint16_t id, uint32_t len, uint16_t entries);
	/* Where in the ring the buffer `entries` behind the next used entry was taken. */
	uint16_t (*used_position)(const struct vio_queue *queue, uint16_t entries);
	/* Buffer `id` is used without an entry of its own. */
	void (*skip)(struct vio_queue *queue, uint16_t id);
	/* Shows the driver all used entries; returns whether it wants an interrupt for them. */
	bool (*publish)(struct vio_queue *queue);
};

extern const struct vio_ring vio_split_ring;
extern const struct vio_ring vio_packed_ring;
/* For legacy guests of either byte order. */
extern const struct vio_ring vio_split_ring_legacy_little;
extern const struct vio_ring vio_split_ring_legacy_big;

/* Runs the notify handler as one batch, if the queue is open; true: the batch was too short. */
bool vio_queue_serve(struct vio_queue *queue);

/* The driver broke the ring. Returns false: there is nothing to take. */
bool vio_queue_broken(struct vio_queue *queue, enum vio_error error);

/* Nothing can be taken from now on: the queue is closed, or the batch is over. */
void vio_queue_stop_taking(struct vio_queue *queue);

/* What `use` does in the two formats, for vio_queue_complete() to do without a call. */
static inline void vio_split_use(struct vio_queue *queue, uint16_t id, uint32_t len,
				 uint16_t entries)
{
	volatile struct vio_used_elem *elem =
		&queue->split.used->ring[queue->used_next & (queue->size - 1U)];

	queue->in_flight[id] = false;
	vio_guest_store32(&elem->id, id);
	vio_guest_store32(&elem->len, len);
	queue->used_next += entries;
}

/*
 * Moves a position on by `entries`, at most the ring's size. Past the end its wrap counter turns,
 * and with it the flags that are looked for, or written, there.
 */
static inline void vio_packed_advance(const struct vio_queue *queue, uint16_t *position,
				      uint16_t *flags, uint32_t entries)
{
	uint32_t next = *position + entries;

	if (vio_unlikely(next >= queue->size)) {
		next -= queue->size;
		*flags ^= VIO_PACKED_F_AVAIL | VIO_PACKED_F_USED;
	}
	*position = (uint16_t)next;
}

static inline void vio_packed_use(struct vio_queue *queue, uint16_t id, uint32_t len,
				  uint16_t entries)
{
	volatile struct vio_packed_desc *desc = &queue->packed.desc[queue->used_next];
	uint16_t flags = queue->packed.used_flags;

	if (len != 0)
		flags |= VIO_DESC_F_WRITE;
	vio_guest_store16(&desc->id, id);
	vio_guest_store32(&desc->len, len);
	if (queue->packed.unpublished == 0)
		queue->packed.first_flags = flags;
	else
		vio_guest_store16(&desc->flags, flags);
	vio_packed_advance(queue, &queue->used_next, &queue->packed.used_flags, entries);
	queue->packed.unpublished += entries;
}

/*
 * A request under construction. It lives in registers: what is rare is called with values, never
 * with its address.
 */
struct vio_chain {
	const struct vio_memory *memory;
	struct vio_span *next; /* the span to fill */
	uint64_t bytes;
	size_t write; /* VIO_DESC_F_WRITE on the writable side, before it 0 */
};

/* The readable side ends here. */
static inline void vio_chain_turn(struct vio_chain *chain, struct vio_request *req)
{
	chain->write = VIO_DESC_F_WRITE;
	req->readable_end = req->writable = chain->next;
	req->readable_len = (uint32_t)chain->bytes;
}

/* From the start of the region added first, modulo 2^64, as the hot path counts addresses. */
static inline uint64_t vio_memory_offset(const struct vio_memory *memory, uint64_t addr)
{
	return addr - memory->base;
}

/* Fills a span that is empty, or not in the first region; returns where the next one is. */
struct vio_span *vio_span_add(struct vio_span *span, const struct vio_memory *memory,
			      uint64_t offset, uint32_t len, bool write);

/*
 * An indirect table, of which a driver may make the same in either format, 2.7.5.3 and 2.8.7: whole
 * descriptors, at most `left`. NULL and the error: it is none.
 */
static inline const volatile void *vio_chain_table(const struct vio_chain *chain, uint64_t offset,
						   uint32_t len, uint32_t left,
						   enum vio_error *error)
{
	const struct vio_memory *memory = chain->memory;

	/* Two 64-bit loads a descriptor: a CPU that insists on alignment would trap below 8. */
	*error = VIO_ERROR_INDIRECT;
	if (len == 0 || len % sizeof(struct vio_desc) != 0 ||
	    len / sizeof(struct vio_desc) > left || (memory->base + offset) % 8 != 0)
		return NULL;
	*error = VIO_ERROR_ADDRESS;
	if (vio_likely(vio_memory_holds(memory, offset, len, 0)))
		return memory->data + offset;
	return vio_memory_at(memory, memory->base + offset, len, VIO_ACCESS_READ);
}

/*
 * Adds one descriptor's buffer: the checks that every format and every kind of table shares. Of the
 * flags, only WRITE means anything here. The caller counts descriptors, so that they are never more
 * than there are spans.
 */
static inline enum vio_error vio_chain_add(struct vio_chain *chain, struct vio_request *req,
					   uint64_t offset, uint32_t len, uint32_t flags)
{
	const struct vio_memory *memory = chain->memory;
	const size_t write = flags & VIO_DESC_F_WRITE;

	if (write != chain->write) {
		if (vio_unlikely(!write))
			return VIO_ERROR_CHAIN_ORDER;
		vio_chain_turn(chain, req);
	}
	chain->bytes += len;
	if (vio_unlikely(!vio_memory_holds(memory, offset, len, write))) {
		chain->next = vio_span_add(chain->next, memory, offset, len, write != 0);
		return chain->next ? VIO_OK : VIO_ERROR_ADDRESS;
	}
	chain->next->data = memory->data + offset;
	chain->next->len = len;
	chain->next++;
	return VIO_OK;
}

/* Makes one descriptor's buffer a request; false: it is empty, or not in the first region. */
static inline bool vio_request_of_one(struct vio_queue *queue, struct vio_request *req,
				      struct vio_span *span, uint64_t offset, uint64_t len,
				      size_t write)
{
	const struct vio_memory *memory = queue->memory;

	if (vio_unlikely(!vio_memory_holds(memory, offset, len, write)))
		return false;
	span->data = memory->data + offset;
	span->len = (uint32_t)len;
	req->writable_end = span + 1;
	if (write) {
		req->readable_end = req->writable = span;
		req->readable_len = 0;
		req->writable_len = (uint32_t)len;
	} else {
		req->readable_end = req->writable = span + 1;
		req->readable_len = (uint32_t)len;
		req->writable_len = 0;
		queue->counters.bytes_read += len;
	}
	return true;
}

/* Makes the finished chain a request. */
static inline bool vio_chain_finish(struct vio_chain *chain, struct vio_queue *queue,
				    struct vio_request *req)
{
	if (vio_unlikely(chain->bytes > UINT32_MAX))
		return vio_queue_broken(queue, VIO_ERROR_CHAIN_BYTES);
	if (!chain->write)
		vio_chain_turn(chain, req);
	req->writable_end = chain->next;
	req->writable_len = (uint32_t)chain->bytes - req->readable_len;
	queue->counters.bytes_read += req->readable_len;
	return true;
}

#endif

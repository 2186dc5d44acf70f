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

/* Indirect tables: what a driver may make of them in either format, 2.7.5.3 and 2.8.7. */
static inline bool vio_indirect_table_ok(uint64_t addr, uint32_t len)
{
	/* Two 64-bit loads a descriptor: a CPU that insists on alignment would trap below 8. */
	return len != 0 && len % sizeof(struct vio_desc) == 0 && addr % 8 == 0;
}

/* Runs the notify handler as one batch, if the queue is open; true: the batch was too short. */
bool vio_queue_serve(struct vio_queue *queue);

/* The driver broke the ring. Returns false: there is nothing to take. */
bool vio_queue_broken(struct vio_queue *queue, enum vio_error error);

/* Nothing can be taken from now on: the queue is closed, or the batch is over. */
void vio_queue_stop_taking(struct vio_queue *queue);

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
 * A request under construction. It lives in registers: what is rare is called with values, never
 * with its address.
 */
struct vio_chain {
	const struct vio_memory *memory;
	struct vio_span *next; /* the span to fill */
	uint64_t bytes;
	uint32_t write; /* VIO_DESC_F_WRITE on the writable side, before it 0 */
};

/* The readable side ends here. */
static inline void vio_chain_turn(struct vio_chain *chain, struct vio_request *req)
{
	chain->write = VIO_DESC_F_WRITE;
	req->readable_end = req->writable = chain->next;
	req->readable_len = (uint32_t)chain->bytes;
}

/*
 * Fills a span that is empty, or not in the first region; returns where the next one is. `offset`:
 * from the start of the first region.
 */
struct vio_span *vio_span_add(struct vio_span *span, const struct vio_memory *memory,
			      uint64_t offset, uint32_t len, uint32_t write);

/* An indirect table of `len` bytes, not 0; NULL: it is not all in the guest's memory. */
static inline const volatile void *vio_chain_table(const struct vio_chain *chain, uint64_t addr,
						   uint32_t len)
{
	const uint64_t offset = addr - chain->memory->base;

	if (vio_likely(vio_memory_holds(chain->memory, offset, len, 0)))
		return chain->memory->data + offset;
	return vio_memory_at(chain->memory, addr, len, VIO_ACCESS_READ);
}

/*
 * Adds one descriptor's buffer: the checks that every format and every kind of table shares.
 * `write`: the device may write it and not read it. The caller counts descriptors, so that they
 * are never more than there are spans.
 */
static inline enum vio_error vio_chain_add(struct vio_chain *chain, struct vio_request *req,
					   uint64_t addr, uint32_t len, uint32_t flags)
{
	const uint32_t write = flags & VIO_DESC_F_WRITE;
	uint64_t offset = 0;

	if (write != chain->write) {
		if (vio_unlikely(!write))
			return VIO_ERROR_CHAIN_ORDER;
		vio_chain_turn(chain, req);
	}
	chain->bytes += len;
	offset = addr - chain->memory->base;
	if (vio_unlikely(!vio_memory_holds(chain->memory, offset, len, write))) {
		chain->next = vio_span_add(chain->next, chain->memory, offset, len, write);
		return chain->next ? VIO_OK : VIO_ERROR_ADDRESS;
	}
	chain->next->data = chain->memory->data + offset;
	chain->next->len = len;
	chain->next++;
	return VIO_OK;
}

/* The same as the next, for a chain of one. */
static inline void vio_request_of_one(struct vio_queue *queue, struct vio_request *req,
				      struct vio_span *span, uint8_t *data, uint32_t len,
				      uint32_t flags)
{
	span->data = data;
	span->len = len;
	req->writable_end = span + 1;
	if (flags & VIO_DESC_F_WRITE) {
		req->readable_end = req->writable = span;
		req->readable_len = 0;
		req->writable_len = len;
	} else {
		req->readable_end = req->writable = span + 1;
		req->readable_len = len;
		req->writable_len = 0;
		queue->counters.bytes_read += len;
	}
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

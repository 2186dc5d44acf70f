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
	/* As vio_queue_take_into(), for an open queue with budget left. */
	bool (*take)(struct vio_queue *queue, struct vio_request *req, struct vio_span *spans,
		     uint16_t capacity);
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

/* A request under construction. */
struct vio_chain {
	const struct vio_memory *memory;
	struct vio_span *next;     /* the span to fill */
	struct vio_span *writable; /* the first writable one; NULL: none yet */
	uint64_t bytes;
	uint64_t readable_bytes;
};

/*
 * Adds one descriptor's buffer: the checks that every format and every kind of table shares.
 * `write`: the device may write it and not read it. The caller counts descriptors, so that they
 * are never more than there are spans.
 */
static inline enum vio_error vio_chain_add(struct vio_chain *chain, uint64_t addr, uint32_t len,
					   bool write)
{
	uint8_t *data = NULL;

	if (!write) {
		if (vio_unlikely(chain->writable))
			return VIO_ERROR_CHAIN_ORDER;
		data = vio_memory_at(chain->memory, addr, len, VIO_ACCESS_READ);
	} else {
		if (!chain->writable) {
			chain->writable = chain->next;
			chain->readable_bytes = chain->bytes;
		}
		data = vio_memory_at(chain->memory, addr, len, VIO_ACCESS_WRITE);
	}
	if (vio_unlikely(!data))
		return VIO_ERROR_ADDRESS;
	chain->next->data = data;
	chain->next->len = len;
	chain->next += len != 0; /* an empty one is checked, and left out */
	chain->bytes += len;
	return VIO_OK;
}

/* Makes the finished chain a request, taken from `queue`. */
static inline enum vio_error vio_chain_finish(const struct vio_chain *chain,
					      struct vio_queue *queue, struct vio_request *req,
					      struct vio_span *spans)
{
	uint64_t readable = chain->writable ? chain->readable_bytes : chain->bytes;

	if (vio_unlikely(chain->bytes > UINT32_MAX))
		return VIO_ERROR_CHAIN_BYTES;
	req->readable = spans;
	req->writable = req->readable_end = chain->writable ? chain->writable : chain->next;
	req->writable_end = chain->next;
	req->readable_len = (uint32_t)readable;
	req->writable_len = (uint32_t)(chain->bytes - readable);
	req->written = 0;
	req->last_claimed = false;
	req->generation = queue->generation;
	queue->budget--;
	queue->held++;
	queue->counters.requests++;
	queue->counters.bytes_read += readable;
	return VIO_OK;
}

#endif

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
	/* Writes a used entry that the driver cannot see yet. */
	void (*use)(struct vio_queue *queue, uint16_t id, uint32_t len);
	/* Shows the driver all used entries; returns whether it wants an interrupt for them. */
	bool (*publish)(struct vio_queue *queue);
};

extern const struct vio_ring vio_split_ring;

/* Runs the notify handler as one batch, if the queue is open; true: the batch was too short. */
bool vio_queue_serve(struct vio_queue *queue);

/*
 * Adds one descriptor's buffer to the request that is being built: the checks every format and
 * every kind of table shares. `write`: the device may write it and not read it.
 */
static inline enum vio_error vio_ring_add(const struct vio_memory *memory, struct vio_request *req,
					  uint16_t capacity, uint64_t addr, uint32_t len,
					  bool write)
{
	uint32_t *side_len = write ? &req->writable_len : &req->readable_len;
	uint16_t count = req->readable_spans + req->writable_spans;
	uint8_t *data = NULL;

	if (vio_unlikely(!write && (req->writable_spans != 0)))
		return VIO_ERROR_CHAIN_ORDER;
	data = vio_memory_at(memory, addr, len, write ? VIO_ACCESS_WRITE : VIO_ACCESS_READ);
	if (vio_unlikely(!data))
		return VIO_ERROR_ADDRESS;
	if (vio_unlikely((uint64_t)req->readable_len + req->writable_len + len > UINT32_MAX))
		return VIO_ERROR_CHAIN_BYTES;
	if (vio_unlikely(len == 0))
		return VIO_OK;
	if (vio_unlikely(count == capacity))
		return VIO_ERROR_CHAIN_LENGTH;

	req->readable[count] = (struct vio_span){ .data = data, .len = len };
	*side_len += len;
	if (write)
		req->writable_spans++;
	else
		req->readable_spans++;
	return VIO_OK;
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A request: one buffer of a queue, as readable spans followed by writable spans (Virtio 1.4,
 * 2.6). The core has copied and checked every descriptor before the device sees it, so a span is
 * plain memory: inside one of the guest's regions, with the access its side needs, never empty.
 * How the driver cut the message into descriptors means nothing (2.7.4.1): read and write run
 * across span ends.
 *
 * Both sides are cursors that only move forward. What was written is therefore a prefix of the
 * writable bytes by construction, and its length is the length the driver is told: no device can
 * claim a byte it did not write.
 */
#ifndef VIO_REQUEST_H
#define VIO_REQUEST_H

#include "vio_types.h"

struct vio_span {
	uint8_t *data;
	uint32_t len; /* bytes, at least 1 */
};

/* Room for a request's spans. */
struct vio_spans {
	struct vio_span *first;
	size_t capacity;
};

/*
 * Filled by vio_queue_take(). A device that answers later keeps it, and the spans it was taken
 * into, until vio_queue_complete(); the guest's memory stays mapped until then, whatever the
 * driver does meanwhile.
 *
 * What is left of a side is so many bytes from its first span on: of no bytes, there is no span.
 */
struct vio_request {
	struct vio_span *readable; /* the first of the spans left to read */
	struct vio_span *writable; /* the first of the spans left to write */
	uint32_t readable_len;     /* bytes left to read */
	uint32_t writable_len;     /* bytes left to write, the claimed last byte not counted */
	uint16_t entries;          /* of the ring that it takes up */
	uint16_t last_claimed;     /* bytes: 1 after vio_request_claim_last() */
	uint32_t written;          /* bytes, the claimed last one counted after all others */
	uint32_t whole_len;        /* and how many there were to write */
	uint16_t id;               /* the ring's name for the buffer */
	uint16_t position;         /* when it was taken: avail_next */
};

/* How many spans, from `first` on, hold `len` bytes; the last one may hold more. */
unsigned vio_span_count(const struct vio_span *first, uint32_t len);

/* The next span to read or write, or false when that side is used up. Moves nothing. */
static inline bool vio_request_next_readable(const struct vio_request *req, struct vio_span *span)
{
	if (req->readable_len == 0)
		return false;
	*span = *req->readable;
	return true;
}

static inline bool vio_request_next_writable(const struct vio_request *req, struct vio_span *span)
{
	if (req->writable_len == 0)
		return false;
	*span = *req->writable;
	return true;
}

/*
 * Moves on by `len` bytes that the device has read, or written, in the spans itself. More than
 * are left counts as all that are left.
 */
static inline void vio_request_consumed(struct vio_request *req, uint32_t len);
static inline void vio_request_wrote(struct vio_request *req, uint32_t len);

/* Copies up to `len` bytes out of, or into, the request and moves on; returns how many. */
uint32_t vio_request_read(struct vio_request *req, void *to, uint32_t len);
uint32_t vio_request_write(struct vio_request *req, const void *from, uint32_t len);

/* Writes zeroes to all that is left to write: how a read that failed leaks nothing. */
void vio_request_zero_rest(struct vio_request *req);

/*
 * Takes the last writable byte out of the sequence, for a status that is known last, and returns
 * where it is; NULL when there is none. The device writes it before completing. It counts as
 * written when everything before it was.
 */
uint8_t *vio_request_claim_last(struct vio_request *req);

/* ---- Inside the core ---- */

/* Where a side of more than `len` bytes is after them. */
struct vio_span *vio_span_advance(struct vio_span *span, uint32_t len);

/* Moves a side on by `len` bytes, fewer than it has left. Most moves are by a whole span. */
static inline struct vio_span *vio_span_step(struct vio_span *span, uint32_t len)
{
	return vio_likely(len == span->len) ? span + 1 : vio_span_advance(span, len);
}

static inline void vio_request_consumed(struct vio_request *req, uint32_t len)
{
	if (len < req->readable_len) {
		req->readable = vio_span_step(req->readable, len);
		req->readable_len -= len;
	} else {
		req->readable = NULL;
		req->readable_len = 0;
	}
}

static inline void vio_request_wrote(struct vio_request *req, uint32_t len)
{
	if (len < req->writable_len) {
		req->writable = vio_span_step(req->writable, len);
		req->writable_len -= len;
		req->written += len;
	} else {
		req->writable = NULL;
		req->written = req->whole_len;
		req->writable_len = 0;
	}
}

#endif

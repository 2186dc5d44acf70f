/* SPDX-License-Identifier: BSD-2-Clause */
#include "vio_request.h"

unsigned vio_span_count(const struct vio_span *first, uint32_t len)
{
	const struct vio_span *span = first;

	while (len != 0) {
		len -= span->len < len ? span->len : len;
		span++;
	}
	return (unsigned)(span - first);
}

struct vio_span *vio_span_advance(struct vio_span *span, uint32_t len)
{
	while (len >= span->len)
		len -= span++->len;
	span->data += len;
	span->len -= len;
	return span;
}

uint32_t vio_request_read(struct vio_request *req, void *to, uint32_t len)
{
	struct vio_span span;
	uint8_t *at = to;
	uint32_t done = 0;

	while (done < len && vio_request_next_readable(req, &span)) {
		uint32_t part = span.len < len - done ? span.len : len - done;

		memcpy(at + done, span.data, part);
		vio_request_consumed(req, part);
		done += part;
	}
	return done;
}

uint32_t vio_request_write(struct vio_request *req, const void *from, uint32_t len)
{
	const uint8_t *at = from;
	struct vio_span span;
	uint32_t done = 0;

	while (done < len && vio_request_next_writable(req, &span)) {
		uint32_t part = span.len < len - done ? span.len : len - done;

		memcpy(span.data, at + done, part);
		vio_request_wrote(req, part);
		done += part;
	}
	return done;
}

void vio_request_zero_rest(struct vio_request *req)
{
	struct vio_span span;

	while (vio_request_next_writable(req, &span)) {
		memset(span.data, 0, span.len);
		vio_request_wrote(req, span.len);
	}
}

uint8_t *vio_request_claim_last(struct vio_request *req)
{
	struct vio_span *last = NULL;

	if (req->last_claimed || req->writable_len == 0)
		return NULL;
	last = req->writable + vio_span_count(req->writable, req->writable_len) - 1;
	last->len--;
	req->last_claimed = true;
	if (--req->writable_len == 0)
		req->written = req->whole_len;
	return last->data + last->len;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests: for any request of up to SPANS readable and writable spans of up to SPAN_BYTES each,
 * and any state in which a device can have left it, one call keeps to the spans and to the counts.
 * What is reported as written is a prefix of the writable bytes, really written. The spans are real
 * memory here: `from` and `to` are compared byte by byte, for any byte.
 */
#include "proof.h"
#include "vio_request.h"

#ifndef SPANS
#define SPANS 3
#endif
#ifndef SPAN_BYTES
#define SPAN_BYTES 2
#endif
#define GUEST_BYTES (SPANS * SPAN_BYTES + SPANS)
#define MOST        (SPANS * SPAN_BYTES + 1)

static uint8_t guest[GUEST_BYTES];
static struct vio_span spans[SPANS];
static struct vio_request req;
static uint8_t buffer[MOST];

struct vio_request nondet_request(void);

/* The spans lie one behind the other, with gaps: span i has its own place in the sequence. */
static uint32_t start[SPANS];

static uint32_t left(const struct vio_span *from, const struct vio_span *end)
{
	uint32_t bytes = 0;

	for (unsigned i = 0; i < SPANS; i++)
		bytes += (&spans[i] >= from) & (&spans[i] < end) ? spans[i].len : 0;
	return bytes;
}

/* Where the spans of either side end; a device need not know. */
static struct vio_span *readable_end;
static struct vio_span *writable_end;

/* The counts are the spans': nothing else is left to read or write, and no span is empty. */
static bool side_ok(const struct vio_span *from, const struct vio_span *end, uint32_t len)
{
	bool ok = true;

	if (len == 0)
		return true;
	for (unsigned i = 0; i < SPANS; i++)
		ok &= (&spans[i] < from) | (&spans[i] >= end) | (spans[i].len != 0);
	return ok & (from >= spans) & (from < end) & (end <= spans + SPANS) &
	       (len == left(from, end));
}

/* What is reported is what was written; of a claimed byte, when nothing is left before it. */
static bool counts_ok(void)
{
	uint32_t kept_back = req.last_claimed && req.writable_len != 0;

	return side_ok(req.readable, readable_end, req.readable_len) &
	       side_ok(req.writable, writable_end, req.writable_len) &
	       (req.written + req.writable_len + kept_back == req.whole_len) &
	       (req.writable_len <= MOST) & (req.readable_len <= MOST) &
	       (readable_end <= writable_end) &
	       (req.writable_len == 0 || readable_end <= req.writable);
}

static struct vio_span *any_span(void)
{
	uint8_t index = nondet_u8();

	ASSUME(index <= SPANS);
	return spans + index;
}

static void any_request(void)
{
	uint32_t at = 0;

	for (unsigned i = 0; i < SPANS; i++) {
		at += nondet_u8() & 1;
		start[i] = at;
		spans[i].len = nondet_u8();
		ASSUME(spans[i].len <= SPAN_BYTES);
		spans[i].data = guest + at;
		at += spans[i].len;
	}
	for (unsigned i = 0; i < GUEST_BYTES; i++)
		guest[i] = nondet_u8();
	for (unsigned i = 0; i < MOST; i++)
		buffer[i] = nondet_u8();
	req = nondet_request();
	req.readable = any_span();
	readable_end = any_span();
	req.writable = any_span();
	writable_end = any_span();
	req.last_claimed = any_bool();
	ASSUME(counts_ok());
	ASSUME(req.written <= UINT32_MAX - MOST);
}

/* Where in guest memory byte `n` of what is left to read, or write, stands; or nowhere. */
static unsigned place(const struct vio_span *from, const struct vio_span *end, uint32_t n)
{
	unsigned found = GUEST_BYTES;

	for (unsigned i = 0; i < SPANS; i++) {
		bool side = (&spans[i] >= from) & (&spans[i] < end);
		bool here = side & (n < spans[i].len) & (found == GUEST_BYTES);

		found = here ? start[i] + n : found;
		n -= side & !here ? spans[i].len : 0;
		n = found == GUEST_BYTES ? n : UINT32_MAX;
	}
	return found;
}

/* What is reported when `done` more bytes than before are written. */
static uint32_t reported(const struct vio_request *before, uint32_t done)
{
	bool whole = done == before->writable_len && done != 0;

	return before->written + done + (whole && before->last_claimed);
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

void reading(void)
{
	uint32_t len = nondet_u32();
	uint32_t pick = nondet_u8();
	uint32_t done = 0;
	unsigned at = 0;
	uint8_t byte = 0;
	uint8_t kept = 0;
	struct vio_request before;

	any_request();
	before = req;
	ASSUME(len <= MOST && pick < MOST);
	at = place(req.readable, readable_end, pick);
	byte = at < GUEST_BYTES ? guest[at] : 0;
	kept = buffer[pick];
	done = vio_request_read(&req, buffer, len);
	PROVE(counts_ok());
	PROVE(done == least(len, before.readable_len));
	PROVE(req.readable_len == before.readable_len - done);
	PROVE(req.writable_len == before.writable_len && req.written == before.written);
	PROVE(buffer[pick] == (pick < done ? byte : kept));
}

void writing(void)
{
	uint32_t len = nondet_u32();
	uint32_t pick = nondet_u8();
	uint32_t other = nondet_u8();
	uint32_t done = 0;
	unsigned at = 0;
	uint8_t kept = 0;
	bool targeted = false;
	struct vio_request before;

	any_request();
	before = req;
	ASSUME(len <= MOST && pick < MOST && other < GUEST_BYTES);
	at = place(req.writable, writable_end, pick);
	kept = guest[other];
	for (uint32_t i = 0; i < MOST; i++)
		targeted |= (i < len) & (place(req.writable, writable_end, i) == other);
	done = vio_request_write(&req, buffer, len);
	PROVE(counts_ok());
	PROVE(done == least(len, before.writable_len));
	PROVE(req.writable_len == before.writable_len - done);
	PROVE(req.written == reported(&before, done));
	PROVE(req.readable_len == before.readable_len);
	/* The first `done` bytes left are the buffer's, and no other byte has changed. */
	PROVE(pick >= done || (at < GUEST_BYTES && guest[at] == buffer[pick]));
	PROVE(targeted || guest[other] == kept);
}

void zeroing(void)
{
	uint32_t other = nondet_u8();
	uint8_t kept = 0;
	bool targeted = false;
	struct vio_request before;

	any_request();
	before = req;
	ASSUME(other < GUEST_BYTES);
	kept = guest[other];
	for (uint32_t i = 0; i < MOST; i++)
		targeted |=
			(i < req.writable_len) & (place(req.writable, writable_end, i) == other);
	vio_request_zero_rest(&req);
	PROVE(counts_ok());
	PROVE(req.writable_len == 0 && req.written == reported(&before, before.writable_len));
	PROVE(guest[other] == (targeted ? 0 : kept));
}

void claiming(void)
{
	struct vio_request before;
	uint8_t *last = NULL;
	unsigned at = 0;

	any_request();
	before = req;
	at = place(req.writable, writable_end, req.writable_len - 1);
	last = vio_request_claim_last(&req);
	if (last && writable_end[-1].len == 0)
		writable_end--;
	PROVE(counts_ok());
	PROVE((last != NULL) == (!before.last_claimed && before.writable_len != 0));
	if (last) {
		PROVE(at < GUEST_BYTES && last == guest + at);
		PROVE(req.writable_len == before.writable_len - 1);
		PROVE(place(req.writable, writable_end, req.writable_len) == GUEST_BYTES);
		PROVE(vio_request_claim_last(&req) == NULL);
	} else {
		PROVE(req.writable_len == before.writable_len);
	}
}

/* Moving on by any count, also one that a backend made up. */
void moving(void)
{
	uint32_t len = nondet_u32();
	struct vio_request before;
	struct vio_span span;

	any_request();
	before = req;
	if (any_bool()) {
		vio_request_wrote(&req, len);
		PROVE(req.written == reported(&before, least(len, before.writable_len)));
		PROVE(req.writable_len == before.writable_len - least(len, before.writable_len));
		PROVE(req.readable_len == before.readable_len);
	} else {
		vio_request_consumed(&req, len);
		PROVE(req.readable_len == before.readable_len - least(len, before.readable_len));
		PROVE(req.writable_len == before.writable_len && req.written == before.written);
	}
	PROVE(counts_ok());
	PROVE(vio_request_next_writable(&req, &span) == (req.writable_len != 0));
	PROVE(vio_request_next_readable(&req, &span) == (req.readable_len != 0));
}

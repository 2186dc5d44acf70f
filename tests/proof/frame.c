/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a sender leaves to be done on its frame: for any head and any fields that say so, nothing
 * outside head and frame is looked at or written. A head of any length lies at the end of its
 * memory, so that a byte too far is none.
 *
 * memcpy() and its builtin, with which checksums are summed up, are here copy() and load(). They
 * move nothing: what was any bytes stays that, and the sums are not looked at.
 */
#include "untouched.h"
#include "world.h"

void *load(void *to, const void *from, size_t len);

#include "vio_frame.c"

struct vio_offload nondet_offload(void);
struct head {
	uint8_t bytes[VIO_FRAME_HEAD];
} nondet_head(void);

static struct head head;

static struct vio_frame any_frame(void)
{
	struct vio_frame frame = { .head_len = nondet_u8(), .len = nondet_u32() };

	head = nondet_head();
	ASSUME(frame.head_len >= VIO_ETHERNET_HEADER && frame.head_len <= VIO_FRAME_HEAD);
	ASSUME(frame.len >= frame.head_len);
	frame.head = head.bytes + (VIO_FRAME_HEAD - frame.head_len);
	frame.offload = nondet_offload();
	return frame;
}

/* What the switch lets pass: the checksum is in the frame, a segment's headers are in its head. */
static bool is_checked(const struct vio_frame *frame)
{
	const struct vio_offload *offload = &frame->offload;
	uint32_t checksum_end = (uint32_t)offload->csum_start + offload->csum_offset + 2;

	if (offload->gso_type == VIO_NET_GSO_NONE)
		return offload->hdr_len == 0 && offload->gso_size == 0 &&
		       (offload->flags == 0 ||
			(offload->flags == VIO_NET_HDR_F_NEEDS_CSUM && checksum_end <= frame->len &&
			 offload->csum_start >= VIO_ETHERNET_HEADER));
	return offload->flags == VIO_NET_HDR_F_NEEDS_CSUM &&
	       offload->gso_size >= VIO_GSO_SIZE_MIN && offload->csum_offset == TCP_CHECKSUM &&
	       offload->csum_start >= VIO_ETHERNET_HEADER + IPV4_HEADER &&
	       offload->csum_start + TCP_HEADER <= offload->hdr_len &&
	       offload->hdr_len <= frame->head_len && offload->hdr_len < frame->len;
}

void *copy(void *restrict to, const void *restrict from, size_t len)
{
	PROVE(__CPROVER_r_ok(from, len) && __CPROVER_w_ok(to, len));
	return to;
}

void *load(void *to, const void *from, size_t len)
{
	PROVE(__CPROVER_r_ok(from, len) && __CPROVER_w_ok(to, len));
	return to;
}

/* The rest is in the sender's memory. */
#define SPANS 2
#ifndef LENGTH
#define LENGTH nondet_u16() /* of one span */
#endif

static struct vio_span rest[SPANS];

static void any_rest(struct vio_frame *frame)
{
	uint64_t bytes = 0;

	for (unsigned i = 0; i < SPANS; i++) {
		rest[i].len = LENGTH;
		ASSUME(rest[i].len != 0);
		rest[i].data = readable_memory + nondet_u32();
		bytes += rest[i].len;
	}
	frame->rest = rest;
	frame->skip = LENGTH;
	ASSUME(frame->skip < rest[0].len);
	ASSUME(frame->len - frame->head_len <= bytes - frame->skip);
}

void checking(void)
{
	struct vio_frame frame = any_frame();

	PROVE(!vio_offload_check(&frame) || is_checked(&frame));
}

/* ---- Cutting: start, and any step ---- */

#define IPV4_HEADER_MAX 60

static struct vio_segments segments;

struct vio_segments nondet_segments(void);

/* Between two steps: where the headers are, and what has not been sent yet. */
static bool segments_ok(void)
{
	const struct vio_offload *offload = &segments.payload.offload;

	return (segments.ip == VIO_ETHERNET_HEADER ||
		segments.ip == VIO_ETHERNET_HEADER + VIO_VLAN_TAG) &&
	       segments.ip + IPV4_HEADER <= segments.tcp &&
	       segments.tcp - segments.ip <= IPV4_HEADER_MAX &&
	       segments.tcp + TCP_HEADER <= offload->hdr_len &&
	       offload->hdr_len + segments.payload.head_len <= VIO_FRAME_HEAD &&
	       offload->gso_size >= VIO_GSO_SIZE_MIN &&
	       segments.payload.head_len <= segments.payload.len &&
	       __CPROVER_r_ok(segments.payload.head, segments.payload.head_len);
}

void starting_to_cut(void)
{
	struct vio_frame frame = any_frame();

	any_rest(&frame);
	segments = nondet_segments();
	ASSUME(vio_offload_check(&frame) && frame.offload.gso_type != 0);
	vio_segments_start(&segments, &frame);
	PROVE(segments_ok());
	PROVE(segments.payload.len == frame.len - frame.offload.hdr_len);
}

void cutting(void)
{
	struct vio_frame frame = any_frame();
	uint32_t left = 0;

	segments = nondet_segments();
	segments.first = nondet_u8() & 1;
	frame = segments.payload;
	ASSUME(frame.head_len <= VIO_FRAME_HEAD && frame.head_len <= frame.len);
	any_rest(&frame);
	segments.payload.head = head.bytes + (VIO_FRAME_HEAD - frame.head_len);
	segments.payload.rest = frame.rest;
	segments.payload.skip = frame.skip;
	ASSUME(segments_ok());
	left = segments.payload.len;

	PROVE(vio_segments_next(&segments, &frame) == (left != 0));
	if (left == 0)
		return;
	PROVE(segments_ok());
	/* It gets ahead, by no more than a link carries; the head is whole. */
	PROVE(segments.payload.len < left);
	PROVE(frame.len == segments.payload.offload.hdr_len + left - segments.payload.len);
	PROVE(left - segments.payload.len <= segments.payload.offload.gso_size);
	PROVE(frame.head == segments.next && frame.head_len <= VIO_FRAME_HEAD);
	PROVE(frame.head_len <= frame.len);
}

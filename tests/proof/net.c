/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The network device between the switch and its rings. Bytes move by memcpy() alone, which is
 * copy() here: it moves none, but knows which have to be next. So whatever is in either guest's
 * memory, and whenever it changes: each byte is copied once, in order, to its place, and no other
 * is touched.
 *
 * The rings are not here. What they hand out is what take.c proves of them: spans in guest memory,
 * none empty, of less than 4 GiB together. They are not where the device wants them, but in objects
 * of their own, which CBMC can tell apart. Frames to deliver are such as the switch lets pass.
 */
#ifndef SPANS
#define SPANS 2 /* of each buffer */
#endif
#ifndef PARTS
#define PARTS 1 /* of a frame, behind its head */
#endif
#ifndef BUFFERS
#define BUFFERS 3 /* that a frame may take */
#endif
#ifndef HEADER
#define HEADER 12
#endif
#ifndef LENGTH
#define LENGTH nondet_u16() /* of a span */
#endif
#ifndef FEATURES
#define FEATURES VIO_BIT(VIO_NET_F_MRG_RXBUF)
#endif
#define VIO_NET_QUEUE_SIZE SPANS
#define VIO_NET_MERGED     BUFFERS

#include "vio_net.h"
#include "untouched.h"
#include "world.h"

static bool ring_begin(struct vio_queue *queue);
static bool ring_take(struct vio_queue *queue, struct vio_request *req, struct vio_span *spans,
		      size_t capacity);
static void ring_untake(struct vio_queue *queue, const struct vio_request *req);
static void ring_refuse(struct vio_queue *queue, const struct vio_request *req);
static void ring_complete(struct vio_queue *queue, const struct vio_request *req);
static unsigned ring_span_count(const struct vio_span *first, uint32_t len);
static void *copy_within(void *restrict to, const void *restrict from, size_t len);

#define vio_queue_begin     ring_begin
#define vio_queue_take_into ring_take
#define vio_queue_untake    ring_untake
#define vio_queue_refuse    ring_refuse
#define vio_queue_complete  ring_complete
#define vio_span_count      ring_span_count

#undef memcpy
#define memcpy copy_within
#include "vio_net.c" /* its own functions, too */

#undef memcpy
#define memcpy    copy
#define TYPE_VLAN FRAME_TYPE_VLAN
#include "vio_frame.c"

struct vio_net nondet_net(void);
struct vio_net_hdr nondet_hdr(void);
struct vio_offload nondet_offload(void);

static struct vio_net net;
static bool sending_now;

/* ---- Copying ---- */

/* Pieces of memory, and how far they are gone through. */
struct sequence {
	struct vio_span parts[BUFFERS * SPANS + PARTS + 1];
	unsigned count;
	unsigned part;
	uint32_t at;
};

static struct sequence source;
static struct sequence target;
static uint64_t copied;      /* bytes from the one to the other */
static const uint8_t *start; /* the device's copy of a header, and of what follows it */
static const uint8_t *head;  /* of a frame to deliver */
static uint32_t head_len;
static unsigned taken; /* buffers, neither used nor put back */

static void append(struct sequence *sequence, const uint8_t *data, uint32_t len)
{
	sequence->parts[sequence->count++] =
		(struct vio_span){ .data = (uint8_t *)data, .len = len };
}

/* These are the bytes that are next, and all of one part. */
static void pass(struct sequence *sequence, const uint8_t *data, size_t len)
{
	const struct vio_span *part = &sequence->parts[sequence->part];

	PROVE(sequence->part < sequence->count);
	PROVE(data == part->data + sequence->at && len <= part->len - sequence->at);
	sequence->at += (uint32_t)len;
	if (sequence->at == part->len) {
		sequence->part++;
		sequence->at = 0;
	}
}

/* 5.1.6.4.1: the first bytes delivered are a header that says how many buffers follow. */
static bool says_buffers(void)
{
	uint16_t count = net.device.swapped ? vio_net16(start + 10) : start[10] | start[11] << 8;

	return HEADER == 10 || count == taken;
}

/* From guest to guest, or, in requests, from a guest to the device. */
void *copy(void *restrict to, const void *restrict from, size_t len)
{
	if (sending_now) {
		PROVE(__CPROVER_w_ok(to, len));
		start = copied == 0 ? to : start;
		PROVE((uint8_t *)to == start + copied);
	} else {
		PROVE(copied != 0 || says_buffers());
		pass(&target, to, len);
	}
	pass(&source, from, len);
	copied += len;
	return to;
}

/* What the device itself copies: a header out of its start, or one there, and a head behind it. */
static void *copy_within(void *restrict to, const void *restrict from, size_t len)
{
	PROVE(__CPROVER_r_ok(from, len) && __CPROVER_w_ok(to, len));
	if (sending_now) {
		PROVE(from == start && len == sizeof(struct vio_net_hdr));
		*(struct vio_net_hdr *)to = nondet_hdr();
	} else if (from == head) {
		PROVE(len == head_len && (uint8_t *)to == start + HEADER);
	} else {
		PROVE(len == sizeof(struct vio_net_hdr) && source.part == 0 && source.at == 0);
		start = to;
		source.parts[0] = (struct vio_span){ to, HEADER + head_len };
		*(struct vio_net_hdr *)to = *(const struct vio_net_hdr *)from;
	}
	return to;
}

/* Of up to 4 GiB there: a span ends inside. */
static uint8_t *anywhere(uint8_t *object)
{
	return object + nondet_u32();
}

static void any_net(void)
{
	net = nondet_net();
	net.device.swapped = any_bool();
	net.device.queues = net.storage.queues;
	net.storage.queues[0].size = VIO_NET_QUEUE_SIZE;
	net.header_len = HEADER;
	net.setup.pairs = 1;
	net.device.negotiated = FEATURES;
	for (unsigned i = 0; i < BUFFERS; i++)
		net.merged[i].writable = NULL; /* not just anything's address */
	ASSUME(net.setup.stations.count <= VIO_NET_ADDRESSES);
	ASSUME(net.setup.groups.count <= VIO_NET_ADDRESSES);
}

/* ---- The ring ---- */

static unsigned used;
static bool refused;
static struct vio_span given[BUFFERS][SPANS];
static uint64_t shown; /* bytes of the buffers used */

static bool ring_begin(struct vio_queue *queue)
{
	PROVE(queue == &net.storage.queues[0]);
	return any_bool();
}

static bool ring_take(struct vio_queue *queue, struct vio_request *req, struct vio_span *spans,
		      size_t capacity)
{
	struct vio_span *its = given[taken];
	uint64_t bytes = 0;

	PROVE(copied == 0 && used == 0 && !refused && taken < BUFFERS);
	PROVE(req == &net.merged[taken] && capacity >= queue->size);
	PROVE(spans == net.spans + taken * SPANS);
	PROVE(capacity <= VIO_ARRAY_SIZE(net.spans) - taken * SPANS);
	if (any_bool())
		return false;
	*req = nondet_request();
	for (unsigned i = 0; i < SPANS; i++) {
		its[i].len = LENGTH;
		ASSUME(its[i].len != 0);
		its[i].data = anywhere(memory);
		bytes += its[i].len;
		append(&target, its[i].data, its[i].len);
	}
	ASSUME(bytes <= UINT32_MAX);
	req->readable = NULL;
	req->writable = its;
	req->written = req->last_claimed = 0;
	req->readable_len = any_bool() ? 0 : nondet_u32();
	req->writable_len = req->whole_len = any_bool() ? 0 : (uint32_t)bytes;
	taken++;
	return true;
}

/* Of a buffer just taken, where the device wanted them. */
static unsigned ring_span_count(const struct vio_span *first, uint32_t len)
{
	PROVE(first == net.spans + (taken - 1) * SPANS &&
	      len == net.merged[taken - 1].writable_len);
	return SPANS;
}

/* Back they go the way they came. */
static void ring_untake(struct vio_queue *queue, const struct vio_request *req)
{
	(void)queue;
	PROVE(copied == 0 && used == 0 && taken != 0 && req == &net.merged[taken - 1]);
	taken--;
}

/* Only what the device can do nothing with. */
static void ring_refuse(struct vio_queue *queue, const struct vio_request *req)
{
	(void)queue;
	PROVE(copied == 0 && used == 0 && taken != 0 && req == &net.merged[taken - 1]);
	PROVE(req->readable_len != 0 || req->writable_len == 0);
	taken--;
	refused = true;
}

/* All but the last are full, and it is not empty. */
static void ring_complete(struct vio_queue *queue, const struct vio_request *req)
{
	(void)queue;
	PROVE(used < taken && req == &net.merged[used]);
	PROVE(req->written != 0 && req->written == copied - shown);
	PROVE(used == taken - 1 || (target.part == (used + 1) * SPANS && target.at == 0));
	shown = copied;
	used++;
}

/* ---- Taking what a frame needs ---- */

/* So many buffers as are needed and no more, or all are back. */
void reserving(void)
{
	const uint32_t need = nondet_u32();
	unsigned count = 0;
	uint64_t room = 0;
	uint64_t last = 0;

	any_net();
	ASSUME(need != 0);
	count = take_buffers(&net, &net.storage.queues[0], need);
	PROVE(count == taken && used == 0 && copied == 0);
	for (unsigned i = 0; i < BUFFERS; i++) {
		if (i < count) {
			last = net.merged[i].writable_len;
			room += last;
			PROVE(last != 0 && net.merged[i].readable_len == 0);
		}
	}
	PROVE(count == 0 || (!refused && room >= need && room - last < need));
}

/* ---- Receiving ---- */

static uint8_t head_bytes[VIO_FRAME_HEAD];
static struct vio_span rest[PARTS];

/* As the switch lets it pass. */
static struct vio_frame any_frame(void)
{
	struct vio_frame frame = { .rest = rest, .offload = nondet_offload() };
	uint64_t there = 0;

	head_len = nondet_u8();
	ASSUME(head_len >= VIO_ETHERNET_HEADER && head_len <= VIO_FRAME_HEAD);
	head = head_bytes + (VIO_FRAME_HEAD - head_len); /* nothing is behind it */
	frame.head = head;
	frame.head_len = head_len;
	frame.len = nondet_u32();
	frame.skip = LENGTH;
	append(&source, head, head_len); /* with a header before it, copy_within() */
	for (unsigned i = 0; i < PARTS; i++) {
		rest[i].len = LENGTH;
		ASSUME(rest[i].len != 0);
		rest[i].data = anywhere(readable_memory);
		append(&source, rest[i].data, rest[i].len);
		there += rest[i].len;
	}
	ASSUME(frame.skip < rest[0].len);
	source.parts[1].data += frame.skip;
	source.parts[1].len -= frame.skip;
	ASSUME(frame.len >= head_len && frame.len - head_len <= there - frame.skip);
	/* The longest segment, and a tag of the switch's. */
	ASSUME(frame.len <= UINT16_MAX + VIO_ETHERNET_HEADER + 2 * VIO_VLAN_TAG);
	return frame;
}

void receiving(void)
{
	struct vio_frame frame;
	uint32_t filtered = 0;
	bool delivered = false;

	any_net();
	filtered = net.filtered;
	frame = any_frame();

	delivered = deliver(&net.port, &frame);

	if (!delivered || net.filtered != filtered) {
		PROVE(copied == 0 && taken == 0 && used == 0);
		return;
	}
	PROVE(used == taken && used != 0 && !refused);
	PROVE(used == 1 || has(&net, VIO_NET_F_MRG_RXBUF));
	PROVE(copied == HEADER + (uint64_t)frame.len);
}

/* ---- Sending ---- */

static struct vio_span sent_spans[SPANS];
static uint64_t sent_bytes;
static bool passed_on;

/* What goes on is the request without its header: what was copied, and the rest where it is. */
void vio_port_send(struct vio_port *port, const struct vio_frame *frame)
{
	const struct vio_offload *offload = &frame->offload;
	const struct vio_span *part = &source.parts[source.part];

	PROVE(port == &net.port && !passed_on);
	passed_on = true;
	PROVE(copied >= HEADER && frame->head == start + HEADER);
	PROVE(frame->head_len == copied - HEADER && frame->len == sent_bytes - HEADER);
	PROVE(frame->head_len == frame->len ||
	      (frame->skip == 0 && frame->rest == &sent_spans[source.part] &&
	       frame->rest->data == part->data + source.at &&
	       frame->rest->len == part->len - source.at));
	/* As the switch wants it, and no work that the driver may not ask for. */
	PROVE(frame->head_len == frame->len ||
	      frame->head_len == (offload->gso_type != 0 ? SEGMENT_HEAD : ORDINARY_HEAD));
	PROVE(frame->head_len <= VIO_FRAME_HEAD - VIO_VLAN_TAG);
	PROVE((offload->flags & ~VIO_NET_HDR_F_NEEDS_CSUM) == 0);
	PROVE((vio_offload_needs(offload) & ~(unsigned)net.sends) == 0);
}

void sending(void)
{
	struct vio_request req = nondet_request();
	uint32_t runts = 0;
	uint32_t malformed = 0;
	unsigned count = nondet_u8();

	any_net();
	sending_now = true;
	runts = net.port.counters.drops[VIO_DROP_RUNT];
	malformed = net.port.counters.drops[VIO_DROP_MALFORMED];
	ASSUME(count <= SPANS);
	for (unsigned i = 0; i < SPANS; i++) {
		if (i >= count)
			break;
		sent_spans[i].len = LENGTH;
		ASSUME(sent_spans[i].len != 0);
		sent_spans[i].data = anywhere(readable_memory);
		append(&source, sent_spans[i].data, sent_spans[i].len);
		sent_bytes += sent_spans[i].len;
	}
	ASSUME(sent_bytes <= UINT32_MAX);
	req.readable = sent_spans;
	req.readable_len = (uint32_t)sent_bytes;

	send(&net, &req);

	PROVE(passed_on + (net.port.counters.drops[VIO_DROP_RUNT] - runts) +
		      (net.port.counters.drops[VIO_DROP_MALFORMED] - malformed) ==
	      1);
	PROVE((net.port.counters.drops[VIO_DROP_RUNT] != runts) == (sent_bytes < HEADER));
}

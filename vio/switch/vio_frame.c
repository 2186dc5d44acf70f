/* SPDX-License-Identifier: BSD-2-Clause */
#include "vio_frame.h"

enum {
	TYPE_VLAN = 0x8100,
	TYPE_IPV4 = 0x0800,
	TYPE_IPV6 = 0x86dd,

	IPV4_HEADER = 20,
	IPV4_LENGTH = 2,
	IPV4_IDENTIFICATION = 4,
	IPV4_FRAGMENT = 6,
	IPV4_FRAGMENTED = 0x3fff, /* more to come, or not the first */
	IPV4_PROTOCOL = 9,
	IPV4_CHECKSUM = 10,
	IPV4_ADDRESSES = 12,
	IPV4_ADDRESSES_LEN = 8,

	IPV6_HEADER = 40,
	IPV6_LENGTH = 4,
	IPV6_NEXT_HEADER = 6,
	IPV6_ADDRESSES = 8,
	IPV6_ADDRESSES_LEN = 32,

	PROTOCOL_TCP = 6,
	TCP_HEADER = 20,
	TCP_SEQUENCE = 4,
	TCP_DATA_OFFSET = 12,
	TCP_FLAGS = 13,
	TCP_CHECKSUM = 16,
	TCP_FIN = 0x01,
	TCP_PSH = 0x08,
	TCP_CWR = 0x80,
};

bool vio_frame_next(struct vio_frame *frame, uint32_t most, struct vio_span *part)
{
	uint32_t want = most < frame->len ? most : frame->len;

	if (want == 0)
		return false;
	if (frame->head_len != 0) {
		/* Nobody writes through it: a span's bytes are writable for the sake of requests.
		 */
		part->data = (uint8_t *)(uintptr_t)frame->head;
		part->len = want < frame->head_len ? want : frame->head_len;
		frame->head += part->len;
		frame->head_len -= part->len;
	} else {
		uint32_t there = frame->rest->len - frame->skip;

		part->data = frame->rest->data + frame->skip;
		part->len = want < there ? want : there;
		frame->skip += part->len;
		if (part->len == there) {
			frame->rest++;
			frame->skip = 0;
		}
	}
	frame->len -= part->len;
	return true;
}

uint32_t vio_frame_read(struct vio_frame *frame, void *to, uint32_t len)
{
	struct vio_span part;
	uint32_t done = 0;

	while (vio_frame_next(frame, len - done, &part)) {
		memcpy((uint8_t *)to + done, part.data, part.len);
		done += part.len;
	}
	return done;
}

void vio_frame_pull(struct vio_frame *frame, uint8_t buffer[VIO_FRAME_HEAD], uint32_t len)
{
	uint32_t whole = frame->len;

	frame->head_len = vio_frame_read(frame, buffer, len);
	frame->head = buffer;
	frame->len = whole;
}

static void skip(struct vio_frame *frame, uint32_t len)
{
	struct vio_span part;
	uint32_t done = 0;

	while (vio_frame_next(frame, len - done, &part))
		done += part.len;
}

/* ---- Checksums, RFC 1071 ---- */

static uint16_t fold(uint64_t sum)
{
	uint32_t low = (uint32_t)sum;
	uint32_t high = (uint32_t)(sum >> 32);

	low = (low & 0xffff) + (low >> 16) + (high & 0xffff) + (high >> 16);
	low = (low & 0xffff) + (low >> 16);
	return (uint16_t)(low + (low >> 16));
}

/* The sum of 16-bit words as the CPU loads them, which its own byte order does not matter to. */
static uint16_t sum_part(const uint8_t *data, uint32_t len)
{
	uint64_t sum = 0;
	uint32_t word = 0;

	for (; len >= sizeof(word); len -= sizeof(word), data += sizeof(word)) {
		__builtin_memcpy(&word, data, sizeof(word));
		sum += word;
	}
	word = 0;
	memcpy(&word, data, len);
	return fold(sum + word);
}

/* The sum of all the frame's bytes, as a header has it. */
static uint16_t sum_frame(struct vio_frame frame)
{
	struct vio_span part;
	uint64_t sum = 0;
	bool odd = false;

	while (vio_frame_next(&frame, UINT32_MAX, &part)) {
		uint16_t words = sum_part(part.data, part.len);

		/* From an odd place on every byte is the other half of its word. */
		sum += odd ? (uint16_t)(words << 8 | words >> 8) : words;
		odd ^= part.len & 1;
	}
	return fold(sum);
}

static uint16_t as_loaded(uint16_t value)
{
	return VIO_BIG_ENDIAN ? value : (uint16_t)(value << 8 | value >> 8);
}

static void set_checksum(uint8_t *at, uint16_t sum)
{
	/* 0 would say that there is none, where one is optional; its other form is as good. */
	uint16_t checksum = sum == 0xffff ? sum : (uint16_t)~sum;

	__builtin_memcpy(at, &checksum, sizeof(checksum));
}

bool vio_checksum_complete(struct vio_frame *frame, uint8_t buffer[VIO_FRAME_HEAD])
{
	uint32_t start = frame->offload.csum_start;
	uint32_t at = start + frame->offload.csum_offset;
	struct vio_frame summed;

	if (at + 2 > VIO_FRAME_HEAD)
		return false;
	vio_frame_pull(frame, buffer, frame->head_len > at + 2 ? frame->head_len : at + 2);
	summed = *frame;
	skip(&summed, start);
	set_checksum(buffer + at, sum_frame(summed));
	frame->offload = (struct vio_offload){ .flags = 0 };
	return true;
}

/* ---- TCP segments ---- */

static uint32_t network_header(const uint8_t *head, uint16_t *type)
{
	uint32_t tag = vio_net16(head + VIO_ETHERNET_HEADER - 2) == TYPE_VLAN ? VIO_VLAN_TAG : 0;

	*type = vio_net16(head + VIO_ETHERNET_HEADER - 2 + tag);
	return VIO_ETHERNET_HEADER + tag;
}

/* Where the TCP header starts; 0: the head holds no such segment. */
static uint32_t tcp_header(const struct vio_frame *frame, bool v6)
{
	const uint8_t *head = frame->head;
	uint32_t ip = 0;
	uint16_t type = 0;
	uint32_t len = 0;

	if (frame->head_len < VIO_ETHERNET_HEADER + VIO_VLAN_TAG + IPV6_HEADER + TCP_HEADER)
		return 0;
	ip = network_header(head, &type);
	if (v6) {
		if (type != TYPE_IPV6 || head[ip] >> 4 != 6 ||
		    head[ip + IPV6_NEXT_HEADER] != PROTOCOL_TCP)
			return 0;
		return ip + IPV6_HEADER;
	}
	len = (head[ip] & 15U) * 4;
	if (type != TYPE_IPV4 || head[ip] >> 4 != 4 || len < IPV4_HEADER ||
	    head[ip + IPV4_PROTOCOL] != PROTOCOL_TCP ||
	    (vio_net16(head + ip + IPV4_FRAGMENT) & IPV4_FRAGMENTED) != 0)
		return 0;
	return ip + len;
}

static bool segment_ok(struct vio_frame *frame)
{
	struct vio_offload *offload = &frame->offload;
	uint8_t kind = offload->gso_type & (uint8_t)~VIO_NET_GSO_ECN;
	uint32_t tcp = 0;
	uint32_t len = 0;

	if ((kind != VIO_NET_GSO_TCPV4 && kind != VIO_NET_GSO_TCPV6) ||
	    (offload->flags & VIO_NET_HDR_F_NEEDS_CSUM) == 0 ||
	    offload->gso_size < VIO_GSO_SIZE_MIN)
		return false;
	tcp = tcp_header(frame, kind == VIO_NET_GSO_TCPV6);
	if (tcp == 0 || tcp + TCP_HEADER > frame->head_len || offload->csum_start != tcp ||
	    offload->csum_offset != TCP_CHECKSUM)
		return false;
	len = (frame->head[tcp + TCP_DATA_OFFSET] >> 4) * 4U;
	if (len < TCP_HEADER || tcp + len > frame->head_len || tcp + len >= frame->len)
		return false;
	offload->hdr_len = (uint16_t)(tcp + len);
	return true;
}

bool vio_offload_check(struct vio_frame *frame)
{
	struct vio_offload *offload = &frame->offload;

	offload->flags &= VIO_NET_HDR_F_NEEDS_CSUM;
	if (offload->gso_type != VIO_NET_GSO_NONE)
		return segment_ok(frame);
	offload->hdr_len = offload->gso_size = 0;
	if (offload->flags != 0)
		return offload->csum_start >= VIO_ETHERNET_HEADER &&
		       (uint32_t)offload->csum_start + offload->csum_offset + 2 <= frame->len;
	offload->csum_start = offload->csum_offset = 0;
	return true;
}

unsigned vio_offload_work(const struct vio_offload *offload)
{
	unsigned needs = (offload->flags & VIO_NET_HDR_F_NEEDS_CSUM) != 0 ? VIO_TAKES_CSUM : 0;

	switch (offload->gso_type & (uint8_t)~VIO_NET_GSO_ECN) {
	case VIO_NET_GSO_TCPV4:
		needs |= VIO_TAKES_TSO4;
		break;
	case VIO_NET_GSO_TCPV6:
		needs |= VIO_TAKES_TSO6;
		break;
	default:
		break;
	}
	if ((offload->gso_type & VIO_NET_GSO_ECN) != 0)
		needs |= VIO_TAKES_ECN;
	return needs;
}

static uint32_t sequence_of(const uint8_t *tcp)
{
	return (uint32_t)vio_net16(tcp + TCP_SEQUENCE) << 16 | vio_net16(tcp + TCP_SEQUENCE + 2);
}

void vio_segments_start(struct vio_segments *segments, const struct vio_frame *frame)
{
	uint16_t type = 0;

	segments->payload = *frame;
	segments->ip = (uint16_t)network_header(frame->head, &type);
	segments->tcp = frame->offload.csum_start;
	vio_frame_read(&segments->payload, segments->head, frame->offload.hdr_len);
	segments->sequence = sequence_of(segments->head + segments->tcp);
	segments->identification = vio_net16(segments->head + segments->ip + IPV4_IDENTIFICATION);
	segments->first = true;
}

static void set_ipv4(struct vio_segments *segments, uint8_t *ip, uint32_t len)
{
	uint8_t *checksum = ip + IPV4_CHECKSUM;

	vio_net16_set(ip + IPV4_LENGTH, len);
	vio_net16_set(ip + IPV4_IDENTIFICATION, segments->identification++);
	memset(checksum, 0, 2);
	set_checksum(checksum, sum_part(ip, (uint32_t)(segments->tcp - segments->ip)));
}

/* What the checksum field holds until it is completed: the sum of the pseudo-header. */
static void set_pseudo_header(uint8_t *tcp, const uint8_t *addresses, uint32_t addresses_len,
			      uint32_t len)
{
	uint16_t sum = fold((uint64_t)sum_part(addresses, addresses_len) +
			    as_loaded((uint16_t)len) + as_loaded(PROTOCOL_TCP));

	__builtin_memcpy(tcp + TCP_CHECKSUM, &sum, sizeof(sum));
}

bool vio_segments_next(struct vio_segments *segments, struct vio_frame *frame)
{
	const struct vio_offload *offload = &segments->payload.offload;
	struct vio_frame *payload = &segments->payload;
	uint32_t len = payload->len < offload->gso_size ? payload->len : offload->gso_size;
	uint32_t tcp_len = offload->hdr_len - segments->tcp + len;
	uint8_t *ip = segments->next + segments->ip;
	uint8_t *tcp = segments->next + segments->tcp;
	uint32_t copied = 0;

	if (len == 0)
		return false;
	memcpy(segments->next, segments->head, offload->hdr_len);
	if ((offload->gso_type & (uint8_t)~VIO_NET_GSO_ECN) == VIO_NET_GSO_TCPV4) {
		set_ipv4(segments, ip, (uint32_t)(segments->tcp - segments->ip) + tcp_len);
		set_pseudo_header(tcp, ip + IPV4_ADDRESSES, IPV4_ADDRESSES_LEN, tcp_len);
	} else {
		vio_net16_set(ip + IPV6_LENGTH, tcp_len);
		set_pseudo_header(tcp, ip + IPV6_ADDRESSES, IPV6_ADDRESSES_LEN, tcp_len);
	}
	vio_net16_set(tcp + TCP_SEQUENCE, segments->sequence >> 16);
	vio_net16_set(tcp + TCP_SEQUENCE + 2, segments->sequence);
	segments->sequence += len;
	/* What is said once is said by the first, or the last. */
	if (!segments->first)
		tcp[TCP_FLAGS] &= (uint8_t)~TCP_CWR;
	if (len != payload->len)
		tcp[TCP_FLAGS] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
	segments->first = false;

	/* The sender may have copied some of the payload with its headers. */
	copied = payload->head_len < len ? payload->head_len : len;
	vio_frame_read(payload, segments->next + offload->hdr_len, copied);
	*frame = *payload;
	skip(payload, len - copied);
	frame->head = segments->next;
	frame->head_len = offload->hdr_len + copied;
	frame->len = offload->hdr_len + len;
	frame->offload = (struct vio_offload){
		.flags = VIO_NET_HDR_F_NEEDS_CSUM,
		.csum_start = segments->tcp,
		.csum_offset = TCP_CHECKSUM,
	};
	return true;
}

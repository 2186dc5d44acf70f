/* SPDX-License-Identifier: BSD-2-Clause */
#include "frames.h"

uint32_t frame_random(uint32_t *state, uint32_t below)
{
	*state = *state * 1664525u + 1013904223u;
	return (uint32_t)(((uint64_t)*state * below) >> 32);
}

uint8_t frame_stream(uint32_t sequence)
{
	return (uint8_t)(sequence * 7 + (sequence >> 8));
}

uint16_t frame_checksum(const uint8_t *bytes, uint32_t len, uint32_t sum)
{
	for (uint32_t i = 0; i < len; i++)
		sum += i % 2 == 0 ? bytes[i] << 8 : bytes[i];
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static uint32_t pseudo_sum(const uint8_t *addresses, uint32_t len, uint32_t tcp_len)
{
	return (uint16_t)~frame_checksum(addresses, len, tcp_len + 6);
}

uint32_t frame_write_tcp(uint8_t *bytes, const struct frame_tcp *tcp, struct vio_offload *offload)
{
	uint32_t ip = tcp->vlan ? 18 : 14;
	uint32_t at = ip + (tcp->v6 ? 40 : 20);
	uint32_t header = 20 + tcp->options * 4;
	uint32_t tcp_len = header + tcp->payload;
	uint32_t sum = 0;

	memset(bytes, 0, at + header);
	memcpy(bytes, "\x52\0\0\0\0\x02\x52\0\0\0\0\x01", 12);
	if (tcp->vlan)
		memcpy(bytes + 12, "\x81\0\0\x05", 4);
	vio_net16_set(bytes + ip - 2, tcp->v6 ? 0x86dd : 0x0800);
	if (tcp->v6) {
		bytes[ip] = 0x60;
		vio_net16_set(bytes + ip + 4, tcp_len);
		bytes[ip + 6] = 6;
		bytes[ip + 7] = 64;
		for (unsigned i = 0; i < 32; i++)
			bytes[ip + 8 + i] = (uint8_t)(0xfe - i * 5);
		sum = pseudo_sum(bytes + ip + 8, 32, tcp_len);
	} else {
		bytes[ip] = 0x45;
		vio_net16_set(bytes + ip + 2, 20 + tcp_len);
		vio_net16_set(bytes + ip + 4, 0xfffe); /* wraps while it is cut */
		vio_net16_set(bytes + ip + 6, 0x4000);
		bytes[ip + 8] = 64;
		bytes[ip + 9] = 6;
		memcpy(bytes + ip + 12, "\x0a\0\0\x01\x0a\0\0\x02", 8);
		vio_net16_set(bytes + ip + 10, frame_checksum(bytes + ip, 20, 0));
		sum = pseudo_sum(bytes + ip + 12, 8, tcp_len);
	}
	vio_net16_set(bytes + at, 4000);
	vio_net16_set(bytes + at + 2, 80);
	vio_net16_set(bytes + at + 4, tcp->sequence >> 16);
	vio_net16_set(bytes + at + 6, tcp->sequence);
	bytes[at + 12] = (uint8_t)(header / 4 << 4);
	bytes[at + 13] = tcp->flags;
	vio_net16_set(bytes + at + 16, sum);
	for (uint32_t i = 0; i < tcp->payload; i++)
		bytes[at + header + i] = frame_stream(tcp->sequence + i);
	*offload = (struct vio_offload){ .flags = VIO_NET_HDR_F_NEEDS_CSUM,
					 .csum_start = (uint16_t)at,
					 .csum_offset = 16 };
	if (tcp->gso_size != 0) {
		offload->gso_size = tcp->gso_size;
		offload->gso_type = tcp->v6 ? VIO_NET_GSO_TCPV6 : VIO_NET_GSO_TCPV4;
		if ((tcp->flags & FRAME_TCP_CWR) != 0)
			offload->gso_type |= VIO_NET_GSO_ECN;
	}
	return at + header + tcp->payload;
}

void frame_expect_valid(const uint8_t *bytes, uint32_t len)
{
	uint32_t ip = vio_net16(bytes + 12) == 0x8100 ? 18 : 14;

	if (vio_net16(bytes + ip - 2) == 0x86dd) {
		uint32_t tcp_len = len - ip - 40;

		assert_int_equal(vio_net16(bytes + ip + 4), tcp_len);
		assert_int_equal(frame_checksum(bytes + ip + 40, tcp_len,
						pseudo_sum(bytes + ip + 8, 32, tcp_len)),
				 0);
	} else {
		uint32_t tcp_len = len - ip - 20;

		assert_int_equal(vio_net16(bytes + ip + 2), 20 + tcp_len);
		assert_int_equal(frame_checksum(bytes + ip, 20, 0), 0);
		assert_int_equal(frame_checksum(bytes + ip + 20, tcp_len,
						pseudo_sum(bytes + ip + 12, 8, tcp_len)),
				 0);
	}
}

void frame_cut(struct frame_cut *cut, uint8_t *bytes, uint32_t len, uint32_t head, uint32_t piece,
	       const struct vio_offload *offload)
{
	unsigned spans = 0;

	if (head > len)
		head = len;
	cut->frame = (struct vio_frame){
		.head = bytes, .head_len = head, .len = len, .rest = cut->spans, .offload = *offload
	};
	for (uint32_t at = head; at < len; at += piece) {
		assert_true(spans < VIO_ARRAY_SIZE(cut->spans));
		cut->spans[spans++] = (struct vio_span){
			.data = bytes + at,
			.len = len - at < piece ? len - at : piece,
		};
	}
}

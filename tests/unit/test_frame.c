/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames of the switch: reading them, completing checksums, cutting TCP segments. */
#include "frames.h"

static uint8_t bytes[FRAME_MAX];
static uint8_t out[FRAME_MAX];
static struct frame_cut cut;
static struct vio_offload offload;

static void reads_across_all_parts(void **state)
{
	uint32_t len = frame_write_tcp(bytes, &(struct frame_tcp){ .payload = 1000 }, &offload);
	struct vio_frame frame;

	(void)state;
	frame_cut(&cut, bytes, len, 18, 7, &offload);
	frame = cut.frame;
	assert_int_equal(vio_frame_read(&frame, out, 40), 40);
	assert_int_equal(vio_frame_read(&frame, out + 40, FRAME_MAX), len - 40);
	assert_memory_equal(out, bytes, len);
	assert_int_equal(vio_frame_read(&frame, out, 1), 0);
	assert_int_equal(cut.frame.len, len);
}

static void pulls_more_into_the_head(void **state)
{
	uint32_t len = frame_write_tcp(bytes, &(struct frame_tcp){ .payload = 100 }, &offload);
	uint8_t buffer[VIO_FRAME_HEAD];

	(void)state;
	frame_cut(&cut, bytes, len, 14, 9, &offload);
	vio_frame_pull(&cut.frame, buffer, 50);
	assert_ptr_equal(cut.frame.head, buffer);
	assert_int_equal(cut.frame.head_len, 50);
	assert_int_equal(vio_frame_read(&cut.frame, out, FRAME_MAX), len);
	assert_memory_equal(out, bytes, len);

	frame_cut(&cut, bytes, 20, 14, 9, &offload);
	vio_frame_pull(&cut.frame, buffer, 50);
	assert_int_equal(cut.frame.head_len, 20);
}

/* However the frame is cut into parts, odd ones too. */
static void completes_checksums(void **state)
{
	(void)state;
	for (uint32_t payload = 0; payload < 70; payload++) {
		for (uint32_t piece = 1; piece < 9; piece++) {
			const struct frame_tcp tcp = { .v6 = payload % 2 == 0,
						       .vlan = piece % 3 == 0,
						       .payload = payload };
			uint32_t len = frame_write_tcp(bytes, &tcp, &offload);
			uint8_t buffer[VIO_FRAME_HEAD];
			struct vio_frame frame;

			frame_cut(&cut, bytes, len, 14 + payload % 60, piece, &offload);
			assert_true(vio_offload_check(&cut.frame));
			frame = cut.frame;
			assert_true(vio_checksum_complete(&frame, buffer));
			assert_int_equal(frame.offload.flags, 0);
			assert_int_equal(frame.len, len);
			assert_int_equal(vio_frame_read(&frame, out, FRAME_MAX), len);
			frame_expect_valid(out, len);
		}
	}
}

/* A sum of 0 is written as its other form: 0 says "none" in a UDP header. */
static void never_writes_a_checksum_of_0(void **state)
{
	uint8_t buffer[VIO_FRAME_HEAD];

	(void)state;
	memset(bytes, 0, 64);
	offload = (struct vio_offload){ .flags = VIO_NET_HDR_F_NEEDS_CSUM,
					.csum_start = 20,
					.csum_offset = 0 };
	bytes[30] = bytes[31] = 0xff;
	frame_cut(&cut, bytes, 64, 14, 64, &offload);
	assert_true(vio_checksum_complete(&cut.frame, buffer));
	assert_int_equal(vio_net16(cut.frame.head + 20), 0xffff);
}

static void NET_H_114_checksum_outside_the_frame(void **state)
{
	static const struct {
		uint16_t start, offset;
		bool ok;
	} rows[] = {
		{ 14, 0, true },      { 13, 0, false },          { 98, 0, true },
		{ 99, 0, false },     { 14, 84, true },          { 14, 85, false },
		{ 0, 0, false },      { 0xffff, 0xffff, false }, { 50, 0xffff, false },
		{ 0xffff, 0, false },
	};

	(void)state;
	memset(bytes, 0, 100);
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(rows); i++) {
		offload = (struct vio_offload){ .flags = VIO_NET_HDR_F_NEEDS_CSUM,
						.csum_start = rows[i].start,
						.csum_offset = rows[i].offset };
		frame_cut(&cut, bytes, 100, 14, 100, &offload);
		assert_int_equal(vio_offload_check(&cut.frame), rows[i].ok);
	}
}

/* It lies in the frame, but so deep that no header of ours holds it. */
static void checksum_beyond_a_head(void **state)
{
	uint8_t buffer[VIO_FRAME_HEAD];

	(void)state;
	memset(bytes, 0, 1000);
	offload = (struct vio_offload){ .flags = VIO_NET_HDR_F_NEEDS_CSUM,
					.csum_start = 180,
					.csum_offset = 11 };
	frame_cut(&cut, bytes, 1000, 14, 100, &offload);
	assert_true(vio_offload_check(&cut.frame));
	assert_false(vio_checksum_complete(&cut.frame, buffer));
}

/* What means nothing is cleared, unknown flags and DATA_VALID too. */
static void NET_D_15_16_19_24_ignored_fields(void **state)
{
	(void)state;
	offload = (struct vio_offload){ .flags = 0xfe,
					.hdr_len = 0xffff,
					.gso_size = 9,
					.csum_start = 0xffff,
					.csum_offset = 0xffff };
	memset(bytes, 0, 60);
	frame_cut(&cut, bytes, 60, 14, 60, &offload);
	assert_true(vio_offload_check(&cut.frame));
	assert_int_equal(cut.frame.offload.flags, 0);
	assert_int_equal(cut.frame.offload.csum_start, 0);
	assert_int_equal(cut.frame.offload.gso_size, 0);
	assert_int_equal(cut.frame.offload.hdr_len, 0);
}

static void NET_D_19_header_length_is_ours(void **state)
{
	const struct frame_tcp tcp = { .payload = 3000, .options = 3, .gso_size = 1448 };
	const uint16_t said[] = { 0, 1, 54, 0xffff };

	(void)state;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(said); i++) {
		uint32_t len = frame_write_tcp(bytes, &tcp, &offload);

		offload.hdr_len = said[i];
		frame_cut(&cut, bytes, len, 128, 999, &offload);
		assert_true(vio_offload_check(&cut.frame));
		assert_int_equal(cut.frame.offload.hdr_len, 14 + 20 + 20 + 12);
	}
}

/* hostile 57: a header that asks for what cannot be done. */
static void hostile_57_NET_H_115_NET_D_35_37_segments_that_are_none(void **state)
{
	struct row {
		const char *what;
		uint16_t at; /* in the frame */
		uint8_t value;
		uint16_t gso_size;
		uint8_t gso_type;
		uint8_t flags;
		uint16_t head;
	};
	static const struct row rows[] = {
		{ "not IPv4", 12, 0x86, 1000, 1, 1, 128 },
		{ "version 6", 14, 0x65, 1000, 1, 1, 128 },
		{ "a short IP header", 14, 0x44, 1000, 1, 1, 128 },
		{ "an IP header that moves TCP elsewhere", 14, 0x46, 1000, 1, 1, 128 },
		{ "UDP", 23, 17, 1000, 1, 1, 128 },
		{ "a fragment", 21, 1, 1000, 1, 1, 128 },
		{ "more fragments", 20, 0x20, 1000, 1, 1, 128 },
		{ "a short TCP header", 46, 0x40, 1000, 1, 1, 128 },
		{ "a TCP header beyond the head", 46, 0xf0, 1000, 1, 1, 90 },
		{ "a head too short to tell", 0, 0x52, 1000, 1, 1, 54 },
		{ "gso_size 0", 0, 0x52, 0, 1, 1, 128 },
		{ "gso_size below all MSS", 0, 0x52, VIO_GSO_SIZE_MIN - 1, 1, 1, 128 },
		{ "TCPV6", 0, 0x52, 1000, 4, 1, 128 },
		{ "UDP of old", 0, 0x52, 1000, 3, 1, 128 },
		{ "an unknown kind", 0, 0x52, 1000, 0x7f, 1, 128 },
		{ "only ECN", 0, 0x52, 1000, 0x80, 1, 128 },
		{ "no checksum to complete", 0, 0x52, 1000, 1, 0, 128 },
	};

	(void)state;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(rows); i++) {
		const struct frame_tcp tcp = { .payload = 3000, .gso_size = 1000 };
		uint32_t len = frame_write_tcp(bytes, &tcp, &offload);

		bytes[rows[i].at] = rows[i].value;
		offload.gso_size = rows[i].gso_size;
		offload.gso_type = rows[i].gso_type;
		offload.flags = rows[i].flags;
		frame_cut(&cut, bytes, len, rows[i].head, 1000, &offload);
		if (vio_offload_check(&cut.frame))
			fail_msg("taken for a segment: %s", rows[i].what);
	}
}

static void hostile_57_NET_H_114_segment_whose_checksum_is_elsewhere(void **state)
{
	const struct frame_tcp tcp = { .payload = 3000, .gso_size = 1000 };

	(void)state;
	for (int what = 0; what < 3; what++) {
		uint32_t len = frame_write_tcp(bytes, &tcp, &offload);

		offload.csum_start += what == 0 ? 2 : 0;
		offload.csum_offset += what == 1 ? 2 : 0;
		len = what == 2 ? 54 : len; /* no payload */
		frame_cut(&cut, bytes, len, 128, 1000, &offload);
		assert_false(vio_offload_check(&cut.frame));
	}
}

/* The stream comes out whole and in order, in frames of the size asked for. */
static void cut_and_check(const struct frame_tcp *tcp, uint32_t head, uint32_t piece)
{
	static struct vio_segments segments;
	uint32_t len = frame_write_tcp(bytes, tcp, &offload);
	uint32_t sequence = tcp->sequence;
	uint32_t end = tcp->sequence + tcp->payload;
	uint32_t ip = tcp->vlan ? 18 : 14;
	struct vio_frame frame;
	unsigned count = 0;

	frame_cut(&cut, bytes, len, head, piece, &offload);
	assert_true(vio_offload_check(&cut.frame));
	vio_segments_start(&segments, &cut.frame);
	while (vio_segments_next(&segments, &frame)) {
		uint32_t headers = cut.frame.offload.hdr_len;
		uint32_t payload = frame.len - headers;
		uint8_t buffer[VIO_FRAME_HEAD];
		uint8_t flags = tcp->flags;

		assert_int_equal(vio_offload_needs(&frame.offload), VIO_TAKES_CSUM);
		assert_true(payload == tcp->gso_size || sequence + payload == end);
		assert_true(vio_checksum_complete(&frame, buffer));
		assert_int_equal(vio_frame_read(&frame, out, FRAME_MAX), headers + payload);
		frame_expect_valid(out, headers + payload);
		if (!tcp->v6)
			assert_int_equal(vio_net16(out + ip + 4), (uint16_t)(0xfffe + count));
		assert_int_equal(vio_net16(out + offload.csum_start + 4), sequence >> 16);
		assert_int_equal(vio_net16(out + offload.csum_start + 6), (uint16_t)sequence);
		if (count != 0)
			flags &= (uint8_t)~FRAME_TCP_CWR;
		if (sequence + payload != end)
			flags &= (uint8_t) ~(FRAME_TCP_FIN | FRAME_TCP_PSH);
		assert_int_equal(out[offload.csum_start + 13], flags);
		for (uint32_t i = 0; i < payload; i++)
			assert_int_equal(out[headers + i], frame_stream(sequence + i));
		sequence += payload;
		count++;
	}
	assert_int_equal(sequence, end);
	assert_int_equal(count, (tcp->payload + tcp->gso_size - 1) / tcp->gso_size);
}

static void NET_D_19_cuts_segments(void **state)
{
	uint32_t random = 1;

	(void)state;
	for (unsigned i = 0; i < 300; i++) {
		const struct frame_tcp tcp = {
			.v6 = frame_random(&random, 2),
			.vlan = frame_random(&random, 2),
			.options = frame_random(&random, 11),
			.payload = 1 + frame_random(&random, i < 290 ? 5000 : 65000),
			.sequence = 0xfffffff0 + frame_random(&random, 32),
			.flags = FRAME_TCP_ACK | (uint8_t)frame_random(&random, 256),
			.gso_size = (uint16_t)(VIO_GSO_SIZE_MIN + frame_random(&random, 1500)),
		};

		cut_and_check(&tcp, 128 + frame_random(&random, 65),
			      100 + frame_random(&random, 4000));
	}
}

static void ECN_needs_a_receiver_that_takes_it(void **state)
{
	const struct frame_tcp tcp = { .payload = 3000, .gso_size = 1000, .flags = FRAME_TCP_CWR };
	uint32_t len = frame_write_tcp(bytes, &tcp, &offload);

	(void)state;
	frame_cut(&cut, bytes, len, 128, 1000, &offload);
	assert_true(vio_offload_check(&cut.frame));
	assert_int_equal(vio_offload_needs(&cut.frame.offload),
			 VIO_TAKES_CSUM | VIO_TAKES_TSO4 | VIO_TAKES_ECN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_across_all_parts),
		cmocka_unit_test(pulls_more_into_the_head),
		cmocka_unit_test(completes_checksums),
		cmocka_unit_test(never_writes_a_checksum_of_0),
		cmocka_unit_test(NET_H_114_checksum_outside_the_frame),
		cmocka_unit_test(checksum_beyond_a_head),
		cmocka_unit_test(NET_D_15_16_19_24_ignored_fields),
		cmocka_unit_test(NET_D_19_header_length_is_ours),
		cmocka_unit_test(hostile_57_NET_H_115_NET_D_35_37_segments_that_are_none),
		cmocka_unit_test(hostile_57_NET_H_114_segment_whose_checksum_is_elsewhere),
		cmocka_unit_test(NET_D_19_cuts_segments),
		cmocka_unit_test(ECN_needs_a_receiver_that_takes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

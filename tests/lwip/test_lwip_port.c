/* SPDX-License-Identifier: BSD-2-Clause */
/* lwIP as the root's port of a switch. */
#include "station.h"

enum {
	SYN = 2
};

static const struct vio_offload none;

static uint32_t echo_request(uint32_t size)
{
	uint8_t *icmp = bytes + IP + 20;

	station_ethernet(0x0800);
	memcpy(bytes + IP, "\x45\0\0\0\0\1\0\0\x40\1\0\0\x0a\0\0\1\x0a\0\0\2", 20);
	vio_net16_set(bytes + IP + 2, 28 + size);
	vio_net16_set(bytes + IP + 10, frame_checksum(bytes + IP, 20, 0));
	memcpy(icmp, "\x08\0\0\0\0\7\0\1", 8);
	for (uint32_t i = 0; i < size; i++)
		icmp[8 + i] = (uint8_t)(i * 3);
	vio_net16_set(icmp + 2, frame_checksum(icmp, 8 + size, 0));
	return IP + 28 + size;
}

/* The answer comes from the task, not out of the delivery. */
static void ping_is_answered(void **state)
{
	static const uint32_t sizes[] = { 0, 56, 1472 };

	(void)state;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(sizes); i++) {
		uint32_t len = echo_request(sizes[i]);

		got = 0;
		station_send(len, &none);
		assert_int_equal(got, 0);
		station_run();
		assert_int_equal(got, 1);
		assert_int_equal(got_len, len);
		assert_memory_equal(got_bytes, station_mac, VIO_MAC);
		assert_int_equal(got_bytes[IP + 20], 0);
		assert_memory_equal(got_bytes + IP + 28, bytes + IP + 28, sizes[i]);
	}
}

/* What waits is bounded, the rest counted, and all of it is there again. */
static void queue_is_bounded(void **state)
{
	const uint32_t len = echo_request(56);
	const uint32_t before = lwip.port.counters.drops[VIO_DROP_NO_ROOM];

	(void)state;
	for (unsigned round = 1; round <= 3; round++) {
		got = 0;
		for (unsigned i = 0; i < LWIP_PORT_QUEUE + 10; i++)
			station_send(len, &none);
		assert_int_equal(lwip.port.counters.drops[VIO_DROP_NO_ROOM] - before, 10 * round);
		station_run();
		assert_int_equal(got, LWIP_PORT_QUEUE);
	}
}

/* Whole segments fill lwIP's buffers before the queue is full. */
static void buffers_are_bounded(void **state)
{
	const struct frame_tcp tcp = { .payload = 60000, .gso_size = 1448, .flags = FRAME_TCP_ACK };
	const uint32_t before = lwip.port.counters.drops[VIO_DROP_NO_ROOM];
	struct vio_offload offload;
	const uint32_t len = frame_write_tcp(bytes, &tcp, &offload);

	(void)state;
	for (unsigned i = 0; i < LWIP_PORT_QUEUE; i++)
		station_send(len, &offload);
	assert_in_range(lwip.port.counters.drops[VIO_DROP_NO_ROOM] - before, 1,
			LWIP_PORT_QUEUE - 4);
	station_run();
	ping_is_answered(NULL);
}

/* A checksum left to others is not looked at; another is. */
static void checksums_are_checked_where_there_are_any(void **state)
{
	const struct frame_tcp tcp = { .flags = SYN };
	struct vio_offload offload;
	const uint32_t len = frame_write_tcp(bytes, &tcp, &offload);

	(void)state;
	station_send(len, &none);
	station_run();
	assert_int_equal(got, 0);
	station_send(len, &offload);
	station_run();
	assert_int_equal(got, 1); /* a reset: nobody listens */
	assert_int_equal(got_bytes[IP + 20 + 13] & 4, 4);
	frame_expect_valid(got_bytes, got_len);
	/* And for a receiver that takes it so, it is left. */
	station.takes = VIO_TAKES_CSUM;
	station_send(len, &offload);
	station_run();
	station.takes = 0;
	assert_int_equal(got, 2);
	/* The pseudo-header's sum: addresses, protocol, length. */
	assert_int_equal(vio_net16(got_bytes + IP + 20 + 16), 0x0a00 + 1 + 0x0a00 + 2 + 6 + 20);
}

/* lwIP's timers wake the task. */
static void time_goes_on(void **state)
{
	const uint64_t until = station_now + 30 * 1000000;

	(void)state;
	while (station_now < until) {
		assert_int_equal(lwip.task.state, SCHED_SLEEPING);
		assert_in_range(station_cpu.deadline, station_now + 1, station_now + 2000000);
		station_now = station_cpu.deadline;
		station_run();
	}
	ping_is_answered(NULL);
}

/* Frames of a guest that means no good, right at first and then changed here and there. */
static void hostile_frames_leave_no_trace(void **state)
{
	uint32_t seed = 7;

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		const struct frame_tcp tcp = {
			.flags = (uint8_t)frame_random(&seed, 64),
			.options = frame_random(&seed, 11),
			.payload = frame_random(&seed, 200),
			.sequence = frame_random(&seed, UINT32_MAX),
		};
		struct vio_offload offload = none;
		uint32_t len = 0;

		switch (frame_random(&seed, 4)) {
		case 0:
			len = station_arp();
			break;
		case 1:
			len = echo_request(frame_random(&seed, 100));
			break;
		default:
			len = frame_write_tcp(bytes, &tcp, &offload);
			if (frame_random(&seed, 2) != 0)
				bytes[IP + 9] = 17;
		}
		for (unsigned change = frame_random(&seed, 4); change-- != 0;)
			bytes[VIO_MAC * 2 + frame_random(&seed, len - VIO_MAC * 2)] =
				(uint8_t)frame_random(&seed, 256);
		/* Mostly with a header checksum that lets it in. */
		if (frame_random(&seed, 8) != 0 && bytes[IP] == 0x45) {
			vio_net16_set(bytes + IP + 10, 0);
			vio_net16_set(bytes + IP + 10, frame_checksum(bytes + IP, 20, 0));
		}
		if (frame_random(&seed, 4) == 0)
			len -= frame_random(&seed, len - IP);
		station_send(len, &offload);
		if (i % 8 == 0) {
			station_run();
			station_now += frame_random(&seed, 20000);
		}
	}
	station_run();
	station_now += 60 * 1000000; /* what it left half done runs out */
	for (unsigned i = 0; i < 200; i++) {
		station_run();
		station_now += 1000000;
	}
	station_send(station_arp(), &none);
	station_run();
	got = 0;
	queue_is_bounded(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(ping_is_answered, station_setup),
		cmocka_unit_test_setup(queue_is_bounded, station_setup),
		cmocka_unit_test_setup(buffers_are_bounded, station_setup),
		cmocka_unit_test_setup(checksums_are_checked_where_there_are_any, station_setup),
		cmocka_unit_test_setup(time_goes_on, station_setup),
		cmocka_unit_test_setup(hostile_frames_leave_no_trace, station_setup),
	};

	return cmocka_run_group_tests_name("lwip", tests, NULL, NULL);
}

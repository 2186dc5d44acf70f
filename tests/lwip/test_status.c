/* SPDX-License-Identifier: BSD-2-Clause */
/* The status page: what is in the JSON, and what the server makes of those who ask for it. */
#include <stdlib.h>

#include "board.h"
#include "lwip/prot/tcp.h"
#include "station.h"
#include "status.h"
#include "vio_dummy.h"
#include "vio_net.h"

#define TCP (IP + 20)

/* ---- A guest, with a dummy and a network device ---- */

static struct guest guest;
static struct vcpu vcpus[2];
static struct vio_device *devices[3];
static struct vio_net net;
static struct vio_dummy dummy;
static unsigned guests = 1;

struct vcpu *arch_vcpu(struct guest *of, unsigned index)
{
	assert_ptr_equal(of, &guest);
	return &vcpus[index];
}

struct vio_device *board_device(struct guest *of, unsigned slot)
{
	assert_ptr_equal(of, &guest);
	return slot < VIO_ARRAY_SIZE(devices) ? devices[slot] : NULL;
}

static struct guest *show(unsigned index)
{
	return index < guests ? &guest : NULL;
}

static const struct status status = { .guest = show, .lan = &lan };

static void make_guest(void)
{
	const struct vio_net_options options = { .mac = { 0x52, 0, 0, 0, 0, 9 } };

	guest = (struct guest){
		.name = "a \"quoted\"\nname", .number = 3, .vcpu_count = 2, .state = GUEST_HALTED
	};
	guest.memory_regions[1].size = 4096;
	guest.counters.aborts = 7;
	vcpus[0].state = VCPU_PAUSED;
	vcpus[0].entity.used = 12345678901;
	vio_dummy_init(&dummy);
	vio_net_init(&net, "nobody", &options);
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(devices); i++)
		devices[i] = &dummy.device;
	devices[1] = &net.device;
	net.device.status = 15;
	net.device.errors = 2;
	net.device.queues[1].counters.bytes_read = UINT64_MAX;
	guests = 1;
}

static int setup(void **state)
{
	static bool started;

	station_setup(state);
	make_guest();
	if (!started)
		status_start(&status);
	started = true;
	return 0;
}

static char json[32768];

static void write_json(uint32_t size)
{
	memset(json, '#', sizeof(json));
	uint32_t len = status_write(&status, json, size);

	assert_true(len < size);
	assert_int_equal(json[size], '#');
	json[len] = '\0';
}

static void expect_in_json(const char *text)
{
	if (!strstr(json, text))
		fail_msg("there is no %s in %s", text, json);
}

static void everything_is_said(void **state)
{
	(void)state;
	write_json(sizeof(json) - 1);
	expect_in_json("\"name\":\"a \\\"quoted\\\"\\u000aname\",\"number\":3,\"state\":\"halted\","
		       "\"memory\":4096,");
	expect_in_json("\"aborts\":7,");
	expect_in_json(
		"\"vcpus\":[{\"state\":\"paused\",\"ticks\":12345678901},{\"state\":\"unknown\"");
	expect_in_json(
		"\"devices\":[{\"slot\":1,\"name\":\"net\",\"id\":1,\"status\":15,"
		"\"features\":\"0x0000000000000000\",\"errors\":2,\"queues\":[{\"open\":false");
	expect_in_json("\"bytes_read\":18446744073709551615,");
	expect_in_json("{\"name\":\"root\",\"mac\":\"52:00:00:00:00:02\",\"up\":true,\"vlan\":0,");
	assert_null(strstr(json, "dummy"));
	assert_null(strstr(json, "cut"));
	station.counters.drops[VIO_DROP_SPOOFED] = 5;
	write_json(sizeof(json) - 1);
	expect_in_json("\"drops\":{\"spoofed\":5}}");
}

/* Brackets outside of strings pair. */
static void expect_whole(void)
{
	char open[32];
	unsigned depth = 0;
	bool quoted = false;

	for (const char *c = json; *c != '\0'; c++) {
		if (*c == '\\')
			c++;
		else if (*c == '"')
			quoted = !quoted;
		else if (!quoted && (*c == '{' || *c == '['))
			open[depth++] = *c == '{' ? '}' : ']';
		else if (!quoted && (*c == '}' || *c == ']'))
			assert_int_equal(open[--depth], *c);
	}
	assert_int_equal(depth, 0);
	assert_false(quoted);
}

static void what_does_not_fit_is_left_out_whole(void **state)
{
	(void)state;
	guests = 20;
	for (uint32_t size = 1024; size < 12000; size += 7) {
		write_json(size);
		expect_whole();
		expect_in_json(",\"cut\":true}");
	}
	guests = 0;
	write_json(1024);
	expect_whole();
	expect_in_json("\"guests\":[]}");
}

/* ---- By TCP ---- */

static uint16_t client_port = 1000;
static uint32_t sequence; /* the station's next */
static uint32_t acknowledged;
static bool finished;
static bool reset;
static char answer[65536];
static uint32_t answer_len;

static void segment(uint8_t flags, const void *data, uint32_t len)
{
	const struct frame_tcp tcp = { .flags = flags, .payload = len, .sequence = sequence };
	struct vio_offload offload;
	const uint32_t total = frame_write_tcp(bytes, &tcp, &offload);

	vio_net16_set(bytes + TCP, client_port);
	vio_net16_set(bytes + TCP + 8, acknowledged >> 16);
	vio_net16_set(bytes + TCP + 10, acknowledged);
	vio_net16_set(bytes + TCP + 14, 0xffff);
	memcpy(bytes + TCP + 20, data, len);
	sequence += len + ((flags & (TCP_SYN | TCP_FIN)) != 0);
	station_send(total, &offload);
}

/* Keeps what comes in order. */
static void received(void)
{
	const uint8_t *tcp = got_bytes + TCP;
	const uint32_t header = (tcp[12] >> 4) * 4U;
	uint32_t seq = 0;
	uint32_t len = 0;

	if (vio_net16(got_bytes + IP - 2) != 0x0800 || got_bytes[IP + 9] != 6 ||
	    vio_net16(tcp + 2) != client_port)
		return;
	seq = (uint32_t)vio_net16(tcp + 4) << 16 | vio_net16(tcp + 6);
	len = vio_net16(got_bytes + IP + 2) - 20U - header;
	if ((tcp[13] & TCP_RST) != 0)
		reset = true;
	if ((tcp[13] & TCP_SYN) != 0) {
		acknowledged = seq + 1;
		return;
	}
	if (seq != acknowledged || answer_len + len > sizeof(answer))
		return;
	memcpy(answer + answer_len, tcp + header, len);
	answer_len += len;
	acknowledged += len;
	if ((tcp[13] & TCP_FIN) != 0) {
		acknowledged++;
		finished = true;
	}
}

static void connect(void)
{
	const struct vio_offload none = { .flags = 0 };

	station_send(station_arp(), &none); /* the root knows where we are */
	station_run();
	station_hook = received;
	station.takes = VIO_TAKES_CSUM;
	client_port++;
	answer_len = 0;
	finished = reset = false;
	sequence = client_port * 1000U;
	acknowledged = 0;
	segment(TCP_SYN, "", 0);
	station_run();
	segment(TCP_ACK, "", 0);
	station_run();
}

/* Acknowledges what comes until there is no more. */
static void read_answer(void)
{
	uint32_t before = 0;

	do {
		before = acknowledged;
		segment(TCP_ACK, "", 0);
		station_run();
	} while (acknowledged != before);
	if (finished) {
		segment(TCP_FIN | TCP_ACK, "", 0);
		station_run();
	}
	answer[answer_len < sizeof(answer) ? answer_len : sizeof(answer) - 1] = '\0';
}

static void ask(const char *request)
{
	connect();
	segment(TCP_ACK | TCP_PSH, request, (uint32_t)strlen(request));
	station_run();
	read_answer();
}

static void the_server_answers(void **state)
{
	(void)state;
	ask("GET /status.json HTTP/1.0\r\n\r\n");
	assert_true(finished);
	assert_non_null(strstr(answer, "HTTP/1.0 200 OK\r\n"));
	assert_non_null(strstr(answer, "Content-Type: application/json\r\n\r\n{\"ticks\":"));
	memmove(json, strstr(answer, "\r\n\r\n") + 4, strlen(strstr(answer, "\r\n\r\n") + 4) + 1);
	expect_whole();
	ask("GET / HTTP/1.1\r\nHost: root\r\n\r\n");
	assert_true(finished);
	assert_non_null(strstr(answer, "Content-Type: text/html\r\n"));
	assert_string_equal(answer + answer_len - 8, "</html>\n");
	ask("GET /../../etc/passwd HTTP/1.0\r\n\r\n");
	assert_non_null(strstr(answer, "404"));
}

/* Those who ask and then neither read nor leave are forgotten, and their snapshots with them. */
static void readers_that_stall_are_forgotten(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 40; i++) {
		connect();
		segment(TCP_ACK | TCP_PSH, "GET /status.json HTTP/1.0\r\n\r\n", 29);
		station_run();
	}
	for (unsigned i = 0; i < 3000; i++) {
		station_now += STATION_TICKS / 10;
		station_run();
	}
	the_server_answers(NULL);
}

/* Right requests, and then changed here and there, cut, in pieces, left half way, or reset. */
static void hostile_requests_leave_no_trace(void **state)
{
	static const char *const requests[] = {
		"GET /status.json HTTP/1.0\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: 10.0.0.2\r\nConnection: keep-alive\r\n\r\n",
		"GET /index.html?a=b&c=d HTTP/1.0\r\n\r\n",
		"POST /status.json HTTP/1.0\r\nContent-Length: 99999\r\n\r\nabc",
		"GET /////////////////////////////////////////////////////////////////////////"
		"/////////////////////////////////////////////////////////////////// "
		"HTTP/1.0\r\n\r\n",
	};
	uint32_t seed = 11;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		char request[2048];
		uint32_t len = 0;
		uint32_t at = 0;

		memset(request, 'x', sizeof(request));
		strcpy(request, requests[frame_random(&seed, VIO_ARRAY_SIZE(requests))]);
		len = (uint32_t)strlen(request);
		for (unsigned change = frame_random(&seed, 4); change-- != 0;)
			request[frame_random(&seed, len)] = (char)frame_random(&seed, 256);
		if (frame_random(&seed, 8) == 0)
			len = frame_random(&seed, sizeof(request));
		connect();
		while (at < len) {
			uint32_t piece = 1 + frame_random(&seed, len - at < 1000 ? len - at : 1000);
			uint8_t flags = TCP_ACK;

			if (frame_random(&seed, 16) == 0)
				flags |= (uint8_t)frame_random(&seed, 256);
			segment(flags, request + at, piece);
			at += piece;
			if (frame_random(&seed, 2) == 0)
				station_run();
		}
		station_run();
		if (frame_random(&seed, 2) == 0)
			read_answer();
		station_now += frame_random(&seed, STATION_TICKS);
	}
	readers_that_stall_are_forgotten(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(everything_is_said, setup),
		cmocka_unit_test_setup(what_does_not_fit_is_left_out_whole, setup),
		cmocka_unit_test_setup(the_server_answers, setup),
		cmocka_unit_test_setup(readers_that_stall_are_forgotten, setup),
		cmocka_unit_test_setup(hostile_requests_leave_no_trace, setup),
	};

	return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}

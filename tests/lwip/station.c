/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>

#include "station.h"

const uint8_t root_mac[VIO_MAC] = { 0x52, 0, 0, 0, 0, 2 };
const uint8_t station_mac[VIO_MAC] = { 0x52, 0, 0, 0, 0, 1 };
static const struct vio_offload none;

/* ---- The root around it ---- */

struct sched sched;
struct sched_cpu station_cpu;
uint64_t station_now;

struct sched_cpu *sched_here(void)
{
	return &station_cpu;
}

uint64_t arch_now(void)
{
	return station_now;
}

uint64_t arch_frequency(void)
{
	return STATION_TICKS;
}

void root_fatal(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	abort();
}

static uint32_t random_number(void)
{
	static uint32_t state = 1;

	return frame_random(&state, UINT32_MAX);
}

/* ---- The net ---- */

struct vio_switch lan;
struct lwip_port lwip;
struct vio_port station;
unsigned got;
uint32_t got_len;
uint8_t got_bytes[FRAME_MAX];
void (*station_hook)(void);
uint8_t bytes[FRAME_MAX];
static struct frame_cut cut;

static bool take_frame(struct vio_port *port, const struct vio_frame *frame)
{
	struct vio_frame rest = *frame;

	assert_ptr_equal(port, &station);
	got++;
	got_len = vio_frame_read(&rest, got_bytes, FRAME_MAX);
	if (station_hook)
		station_hook();
	return true;
}

void station_send(uint32_t len, const struct vio_offload *offload)
{
	frame_cut(&cut, bytes, len, offload->gso_type != 0 ? 128 : 18, 700, offload);
	vio_port_send(&station, &cut.frame);
	vio_port_flush(&station);
}

/* Until nobody is ready. */
void station_run(void)
{
	struct sched_entity *next;

	while ((next = sched_pick(&station_cpu, station_now)))
		next->run(next);
}

void station_ethernet(uint16_t type)
{
	memcpy(bytes, root_mac, VIO_MAC);
	memcpy(bytes + VIO_MAC, station_mac, VIO_MAC);
	vio_net16_set(bytes + IP - 2, type);
}

uint32_t station_arp(void)
{
	station_ethernet(0x0806);
	memset(bytes, 0xff, VIO_MAC);
	memcpy(bytes + IP, "\0\1\x08\0\6\4\0\1", 8);
	memcpy(bytes + IP + 8, station_mac, VIO_MAC);
	memcpy(bytes + IP + 14, "\x0a\0\0\1\0\0\0\0\0\0\x0a\0\0\2", 14);
	return IP + 28;
}

int station_setup(void **state)
{
	static bool up;
	struct lwip_port_options options = { .random = random_number };

	(void)state;
	got = 0;
	if (up)
		return 0;
	up = true; /* there is one lwIP, for all tests */
	memcpy(options.mac, root_mac, VIO_MAC);
	IP4_ADDR(&options.address, 10, 0, 0, 2);
	IP4_ADDR(&options.netmask, 255, 255, 255, 0);
	sched_join(&sched, &station_cpu, 0, station_now);
	lwip_port_init(&lwip, &options);
	station = (struct vio_port){ .name = "station", .up = true, .deliver = take_frame };
	memcpy(station.mac, station_mac, VIO_MAC);
	assert_int_equal(vio_switch_add(&lan, &lwip.port, NULL), VIO_SWITCH_OK);
	assert_int_equal(vio_switch_add(&lan, &station, NULL), VIO_SWITCH_OK);
	lwip_port_start(&lwip);
	station_run();
	station_send(station_arp(), &none);
	got = 0;
	station_run();
	assert_int_equal(got, 1);
	assert_memory_equal(got_bytes + IP + 8, root_mac, VIO_MAC);
	got = 0;
	return 0;
}

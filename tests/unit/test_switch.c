/* SPDX-License-Identifier: BSD-2-Clause */
/* The switch: who gets which frame, and what becomes of those that nobody gets. */
#include <stdlib.h>

#include "frames.h"
#include "vio_switch.h"

#define PORTS 8

struct end {
	struct vio_port port;
	unsigned got;
	unsigned flushed;
	unsigned room; /* frames */
	uint32_t len;  /* of the last */
	struct vio_offload offload;
	uint8_t last[FRAME_MAX];
};

static struct vio_switch sw;
static struct end ends[PORTS];
static uint8_t bytes[FRAME_MAX];
static struct frame_cut cut;

static bool deliver(struct vio_port *port, const struct vio_frame *frame)
{
	struct end *end = VIO_CONTAINER_OF(port, struct end, port);
	struct vio_frame rest = *frame;

	if (end->room == 0)
		return false;
	end->room--;
	end->got++;
	end->len = vio_frame_read(&rest, end->last, FRAME_MAX);
	assert_int_equal(end->len, frame->len);
	end->offload = frame->offload;
	return true;
}

static void flush(struct vio_port *port)
{
	VIO_CONTAINER_OF(port, struct end, port)->flushed++;
}

static void set_mac(uint8_t *mac, unsigned number)
{
	memcpy(mac, "\x52\0\0\0\0\0", VIO_MAC);
	vio_net16_set(mac + 4, number);
}

static struct vio_port *add(unsigned number, uint8_t flags, uint16_t vlan)
{
	struct end *end = &ends[number];

	memset(end, 0, offsetof(struct end, last));
	end->room = UINT32_MAX;
	end->port = (struct vio_port){ .name = "end",
				       .flags = flags,
				       .vlan = vlan,
				       .up = true,
				       .deliver = deliver,
				       .flush = flush };
	set_mac(end->port.mac, number + 1);
	assert_int_equal(vio_switch_add(&sw, &end->port, NULL), VIO_SWITCH_OK);
	return &end->port;
}

/* Guests at 0, 1 and 2, and a card at 3. */
static int setup(void **state)
{
	(void)state;
	memset(&sw, 0, sizeof(sw));
	add(0, VIO_PORT_FILTERED, 0);
	add(1, VIO_PORT_FILTERED, 0);
	add(2, VIO_PORT_FILTERED, 0);
	add(3, 0, 0);
	return 0;
}

static void send_bytes(unsigned from, uint32_t len)
{
	const struct vio_offload none = { .flags = 0 };

	frame_cut(&cut, bytes, len, 18, 100, &none);
	vio_port_send(&ends[from].port, &cut.frame);
}

/* From the address of end `source` to that of end `to`; 255 is everybody. */
static void address(unsigned to, unsigned source)
{
	if (to == 255)
		memset(bytes, 0xff, VIO_MAC);
	else
		set_mac(bytes, to + 1);
	set_mac(bytes + VIO_MAC, source + 1);
	vio_net16_set(bytes + 12, 0x88b5);
}

static void send(unsigned from, unsigned to)
{
	address(to, from);
	send_bytes(from, 60);
}

/* Which ends got something since the last time, a bit each. */
static unsigned receivers(void)
{
	unsigned bits = 0;

	for (unsigned i = 0; i < PORTS; i++) {
		bits |= ends[i].got != 0 ? 1u << i : 0;
		ends[i].got = 0;
	}
	return bits;
}

static void unicast_goes_to_one(void **state)
{
	(void)state;
	send(0, 1);
	assert_int_equal(receivers(), 1 << 1);
	assert_int_equal(ends[1].len, 60);
	assert_memory_equal(ends[1].last, bytes, 60);
	send(3, 2);
	assert_int_equal(receivers(), 1 << 2);
	assert_int_equal(ends[0].port.counters.frames_in, 1);
	assert_int_equal(ends[0].port.counters.bytes_in, 60);
	assert_int_equal(ends[1].port.counters.frames_out, 1);
	assert_int_equal(ends[1].port.counters.bytes_out, 60);
}

static void broadcast_and_multicast_go_to_all_others(void **state)
{
	(void)state;
	send(0, 255);
	assert_int_equal(receivers(), 0xe);
	address(1, 3);
	bytes[0] = 0x33;
	send_bytes(3, 60);
	assert_int_equal(receivers(), 0x7);
}

/* Behind a port without the filter there may be anybody; behind a filtered one there is nobody. */
static void the_unknown_is_looked_for_behind_the_card_only(void **state)
{
	(void)state;
	send(0, 77);
	assert_int_equal(receivers(), 1 << 3);
	send(3, 77);
	assert_int_equal(receivers(), 0);
	assert_int_equal(ends[3].port.counters.drops[VIO_DROP_NOBODY], 1);
}

/* Nor is the address of all zeroes that of anybody, though free places of the table look like it.
 */
static void address_zero_is_unknown(void **state)
{
	(void)state;
	address(0, 1);
	memset(bytes, 0, VIO_MAC);
	send_bytes(1, 60);
	assert_int_equal(receivers(), 1 << 3);
	address(0, 1);
	memset(bytes + VIO_MAC, 0, VIO_MAC);
	send_bytes(3, 60);
	assert_int_equal(receivers(), 1 << 0);
	address(0, 1);
	memset(bytes, 0, VIO_MAC);
	send_bytes(1, 60);
	assert_int_equal(receivers(), 1 << 3);
}

static void addresses_are_learnt_and_forgotten(void **state)
{
	(void)state;
	add(4, 0, 0);
	address(0, 77);
	send_bytes(4, 60);
	assert_int_equal(receivers(), 1 << 0);
	send(0, 77);
	assert_int_equal(receivers(), 1 << 4);
	/* It has moved. */
	address(0, 77);
	send_bytes(3, 60);
	receivers();
	send(0, 77);
	assert_int_equal(receivers(), 1 << 3);
	for (unsigned i = 0; i < VIO_SWITCH_AGE - 1; i++)
		vio_switch_tick(&sw);
	send(0, 77);
	assert_int_equal(receivers(), 1 << 3);
	vio_switch_tick(&sw);
	send(0, 77);
	assert_int_equal(receivers(), 1 << 3 | 1 << 4);
	send(0, 1); /* the ports' own stay */
	assert_int_equal(receivers(), 1 << 1);
}

/* A card that says it has a guest's address gets nothing that is the guest's. */
static void a_guest_s_address_is_not_learnt_elsewhere(void **state)
{
	(void)state;
	address(0, 1);
	send_bytes(3, 60);
	receivers();
	send(0, 1);
	assert_int_equal(receivers(), 1 << 1);
}

static void the_table_overflows_without_harm(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 10000; i++) {
		address(0, 1000 + i);
		send_bytes(3, 60);
	}
	receivers();
	for (unsigned to = 1; to < 3; to++) {
		send(0, to);
		assert_int_equal(receivers(), 1u << to);
	}
	send(0, 1000);
	assert_int_equal(receivers(), 1 << 3);
}

static void filtered_ports_do_not_spoof(void **state)
{
	(void)state;
	address(1, 2);
	send_bytes(0, 60);
	address(1, 0);
	bytes[VIO_MAC] |= 1; /* nobody sends from a group */
	send_bytes(3, 60);
	assert_int_equal(receivers(), 0);
	assert_int_equal(ends[0].port.counters.drops[VIO_DROP_SPOOFED], 1);
	assert_int_equal(ends[3].port.counters.drops[VIO_DROP_SPOOFED], 1);
	assert_int_equal(ends[0].port.counters.frames_in, 0);
}

static void hostile_55_runts_and_giants(void **state)
{
	static const struct {
		uint32_t len;
		bool ok;
	} rows[] = { { 0, false },   { 1, false },    { 13, false },   { 14, true },
		     { 1518, true }, { 1519, false }, { 65000, false } };

	(void)state;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(rows); i++) {
		address(1, 0);
		send_bytes(0, rows[i].len);
		assert_int_equal(receivers(), rows[i].ok ? 1 << 1 : 0);
	}
	assert_int_equal(ends[0].port.counters.drops[VIO_DROP_RUNT], 3);
	assert_int_equal(ends[0].port.counters.drops[VIO_DROP_TOO_LONG], 2);
	ends[0].port.mtu = 9000;
	send_bytes(0, 9018);
	assert_int_equal(receivers(), 1 << 1);
}

static void vlans_are_nets_of_their_own(void **state)
{
	(void)state;
	add(4, VIO_PORT_FILTERED, 10);
	add(5, VIO_PORT_FILTERED, 10);
	add(6, VIO_PORT_FILTERED, 20);
	send(4, 5);
	assert_int_equal(receivers(), 1 << 5);
	send(4, 6);
	send(4, 0);
	assert_int_equal(receivers(), 0);
	send(4, 255);
	assert_int_equal(receivers(), 1 << 5);
	send(0, 255);
	assert_int_equal(receivers(), 0xe);
	/* A port in a VLAN may not name another. */
	address(6, 4);
	memcpy(bytes + 12, "\x81\0\0\x14\x88\xb5", 6);
	send_bytes(4, 60);
	assert_int_equal(receivers(), 0);
	assert_int_equal(ends[4].port.counters.drops[VIO_DROP_VLAN], 1);
	assert_int_equal(ends[4].port.counters.drops[VIO_DROP_NOBODY], 2);
}

/* In the net without a VLAN, guests may tag as they please. */
static void tags_pass_untouched_in_vlan_0(void **state)
{
	(void)state;
	address(1, 0);
	memcpy(bytes + 12, "\x81\0\x20\x05\x88\xb5", 6);
	send_bytes(0, 64);
	assert_int_equal(receivers(), 1 << 1);
	assert_memory_equal(ends[1].last, bytes, 64);
}

static void trunks_carry_tags(void **state)
{
	(void)state;
	add(4, VIO_PORT_FILTERED, 10);
	add(5, VIO_PORT_TRUNK, 0);
	send(4, 255);
	assert_int_equal(receivers(), 1 << 5);
	assert_int_equal(ends[5].len, 64);
	assert_memory_equal(ends[5].last, bytes, 12);
	assert_memory_equal(ends[5].last + 12, "\x81\0\0\x0a\x88\xb5", 6);
	assert_memory_equal(ends[5].last + 18, bytes + 14, 46);

	/* Back: tagged to the VLAN, untagged or with a tag of others to the rest. */
	address(4, 77);
	memcpy(bytes + 12, "\x81\0\0\x0a\x88\xb5", 6);
	send_bytes(5, 64);
	assert_int_equal(receivers(), 1 << 4);
	assert_int_equal(ends[4].len, 60);
	assert_memory_equal(ends[4].last + 12, "\x88\xb5", 2);
	assert_memory_equal(ends[4].last + 14, bytes + 18, 46);
	send(4, 77);
	assert_int_equal(receivers(), 1 << 5);
	send(5, 0);
	assert_int_equal(receivers(), 1 << 0);
	address(0, 5);
	memcpy(bytes + 12, "\x81\0\0\x63\x88\xb5", 6);
	send_bytes(5, 64);
	assert_int_equal(receivers(), 1 << 0);
	assert_int_equal(ends[0].len, 64);
}

static void private_ports_do_not_see_each_other(void **state)
{
	(void)state;
	add(4, VIO_PORT_FILTERED | VIO_PORT_PRIVATE, 0);
	add(5, VIO_PORT_FILTERED | VIO_PORT_PRIVATE, 0);
	send(4, 5);
	assert_int_equal(receivers(), 0);
	assert_int_equal(ends[4].port.counters.drops[VIO_DROP_NOBODY], 1);
	send(4, 255);
	assert_int_equal(receivers(), 0xf);
	send(4, 0);
	assert_int_equal(receivers(), 1 << 0);
	send(0, 5);
	assert_int_equal(receivers(), 1 << 5);
}

static void a_rate_is_kept(void **state)
{
	(void)state;
	ends[0].port.rate = 100;
	ends[0].port.burst = 359; /* five frames, and a byte less than a sixth */
	ends[0].port.tokens = 359;
	for (unsigned i = 0; i < 10; i++)
		send(0, 1);
	assert_int_equal(ends[1].got, 5);
	assert_int_equal(ends[0].port.counters.drops[VIO_DROP_RATE], 5);
	vio_switch_tick(&sw);
	for (unsigned i = 0; i < 10; i++)
		send(0, 1);
	assert_int_equal(ends[1].got, 7);
	for (unsigned i = 0; i < 10; i++)
		vio_switch_tick(&sw);
	for (unsigned i = 0; i < 10; i++)
		send(0, 1);
	assert_int_equal(ends[1].got, 12);
	send(2, 1); /* others are not concerned */
	assert_int_equal(ends[1].got, 13);
}

static void what_finds_no_room_is_counted_there(void **state)
{
	(void)state;
	ends[1].room = 2;
	for (unsigned i = 0; i < 5; i++)
		send(0, 1);
	assert_int_equal(ends[1].got, 2);
	assert_int_equal(ends[1].port.counters.drops[VIO_DROP_NO_ROOM], 3);
	assert_int_equal(ends[1].port.counters.frames_out, 2);
}

static void a_port_that_is_down_gets_nothing(void **state)
{
	(void)state;
	ends[1].port.up = false;
	send(0, 1);
	send(0, 255);
	assert_int_equal(receivers(), 0xc);
	assert_int_equal(ends[0].port.counters.drops[VIO_DROP_NOBODY], 1);
}

static void one_flush_a_batch(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5; i++)
		send(0, 1);
	send(0, 3);
	assert_int_equal(ends[1].flushed, 0);
	vio_port_flush(&ends[0].port);
	vio_port_flush(&ends[0].port);
	assert_int_equal(ends[1].flushed, 1);
	assert_int_equal(ends[3].flushed, 1);
	assert_int_equal(ends[2].flushed, 0);
}

static void removed_ports_are_forgotten(void **state)
{
	(void)state;
	send(0, 1);
	vio_switch_remove(&sw, &ends[1].port);
	vio_port_flush(&ends[0].port);
	receivers();
	send(0, 1);
	send(0, 255);
	assert_int_equal(receivers(), 1 << 2 | 1 << 3);
	assert_int_equal(ends[1].flushed, 0);
	add(1, VIO_PORT_FILTERED, 0);
	send(0, 1);
	assert_int_equal(receivers(), 1 << 1);
}

static enum vio_switch_error try_port(struct vio_port *port, const struct vio_port **other)
{
	port->deliver = deliver;
	return vio_switch_add(&sw, port, other);
}

static void wrong_ports_are_refused(void **state)
{
	const struct vio_port *other = NULL;
	static struct vio_port many[VIO_SWITCH_PORTS];
	struct vio_port port = { .vlan = 0 };

	(void)state;
	assert_int_equal(try_port(&port, NULL), VIO_SWITCH_ADDRESS);
	port.mac[0] = 1;
	assert_int_equal(try_port(&port, &other), VIO_SWITCH_ADDRESS);
	assert_null(other);
	memcpy(port.mac, ends[2].port.mac, VIO_MAC);
	assert_int_equal(try_port(&port, &other), VIO_SWITCH_DUPLICATE);
	assert_ptr_equal(other, &ends[2].port);
	assert_int_equal(try_port(&port, NULL), VIO_SWITCH_DUPLICATE);
	port.vlan = 4095;
	assert_int_equal(try_port(&port, NULL), VIO_SWITCH_VLAN);
	port.vlan = 5;
	port.flags = VIO_PORT_TRUNK;
	assert_int_equal(try_port(&port, NULL), VIO_SWITCH_VLAN);
	port.flags = 0;
	assert_int_equal(try_port(&port, NULL), VIO_SWITCH_OK); /* another net, the same address */
	for (unsigned i = 5; i < VIO_SWITCH_PORTS; i++) {
		set_mac(many[i].mac, 100 + i);
		assert_int_equal(try_port(&many[i], NULL), VIO_SWITCH_OK);
	}
	set_mac(many[0].mac, 99);
	assert_int_equal(try_port(&many[0], NULL), VIO_SWITCH_FULL);
	for (int error = -1; error <= VIO_SWITCH_ERRORS; error++)
		assert_non_null(vio_switch_error_text((enum vio_switch_error)error));
	for (int reason = -1; reason <= VIO_DROPS; reason++)
		assert_non_null(vio_drop_text((enum vio_drop)reason));
}

/* An address whose places all are ports' own already. */
static void an_address_table_that_is_too_small(void **state)
{
	struct vio_port port = { .vlan = 0 };

	(void)state;
	for (unsigned i = 0; i < VIO_SWITCH_ADDRESSES; i++) {
		sw.addresses[i].age = 255;
		sw.addresses[i].key |= 1ull << 60;
	}
	set_mac(port.mac, 100);
	assert_int_equal(try_port(&port, NULL), VIO_SWITCH_TABLE);
	/* And what cannot be learnt is looked for again. */
	address(0, 77);
	send_bytes(3, 60);
	send(0, 77);
	assert_int_equal(ends[3].got, 1);
}

/* ---- Offloads ---- */

static uint32_t send_tcp(unsigned from, const struct frame_tcp *tcp)
{
	struct vio_offload offload;
	uint32_t len = frame_write_tcp(bytes, tcp, &offload);

	frame_cut(&cut, bytes, len, 128, 4096, &offload);
	vio_port_send(&ends[from].port, &cut.frame);
	return len;
}

static void segments_are_passed_whole_or_cut(void **state)
{
	const struct frame_tcp v4 = { .payload = 20000, .gso_size = 1448, .sequence = 7 };
	const struct frame_tcp v6 = { .v6 = true, .payload = 20000, .gso_size = 1448 };
	uint32_t len = 0;

	(void)state;
	/* The frames go to end 1 from end 0: that is how they are written. */
	ends[1].port.takes = VIO_TAKES_CSUM | VIO_TAKES_TSO4;
	len = send_tcp(0, &v4);
	assert_int_equal(ends[1].got, 1);
	assert_int_equal(ends[1].len, len);
	assert_int_equal(ends[1].offload.gso_type, VIO_NET_GSO_TCPV4);
	assert_int_equal(ends[1].offload.gso_size, 1448);
	assert_int_equal(ends[1].offload.hdr_len, 54);
	receivers();

	send_tcp(0, &v6);
	assert_int_equal(ends[1].got, 14);
	assert_int_equal(ends[1].offload.gso_type, VIO_NET_GSO_NONE);
	assert_int_equal(ends[1].offload.flags, VIO_NET_HDR_F_NEEDS_CSUM);
	receivers();

	ends[1].port.takes = 0;
	send_tcp(0, &v4);
	assert_int_equal(ends[1].got, 14);
	assert_int_equal(ends[1].offload.flags, 0);
	frame_expect_valid(ends[1].last, ends[1].len);
	assert_int_equal(ends[1].port.counters.frames_out, 29);
}

/* A driver can make a buffer of 4 GiB of little memory, and would have us cut it. */
static void hostile_55_giant_segments(void **state)
{
	const struct frame_tcp v4 = { .payload = 20000, .gso_size = 1448 };
	const struct vio_span part = { .data = bytes, .len = sizeof(bytes) };
	struct vio_offload offload;

	(void)state;
	frame_cut(&cut, bytes, frame_write_tcp(bytes, &v4, &offload), 128, 4096, &offload);
	cut.spans[0] = cut.spans[1] = part;
	for (unsigned i = 0; i < 2; i++) {
		cut.frame.len = 14 + 4 + UINT16_MAX + i;
		vio_port_send(&ends[0].port, &cut.frame);
		assert_int_equal(receivers(), i == 0 ? 1 << 1 : 0);
		assert_int_equal(ends[0].port.counters.drops[VIO_DROP_TOO_LONG], i);
	}
	cut.frame.len = UINT32_MAX;
	vio_port_send(&ends[0].port, &cut.frame);
	assert_int_equal(receivers(), 0);
}

static void checksums_are_completed_for_those_who_do_not(void **state)
{
	const struct frame_tcp tcp = { .payload = 1000 };

	(void)state;
	ends[1].port.takes = VIO_TAKES_CSUM;
	send_tcp(0, &tcp);
	assert_int_equal(ends[1].offload.flags, VIO_NET_HDR_F_NEEDS_CSUM);
	ends[1].port.takes = 0;
	send_tcp(0, &tcp);
	assert_int_equal(ends[1].offload.flags, 0);
	frame_expect_valid(ends[1].last, ends[1].len);
	assert_int_equal(ends[1].got, 2);
}

static void work_that_cannot_be_done_is_counted(void **state)
{
	struct vio_offload offload = { .flags = VIO_NET_HDR_F_NEEDS_CSUM, .csum_start = 191 };

	(void)state;
	address(1, 0);
	frame_cut(&cut, bytes, 1000, 18, 100, &offload);
	vio_port_send(&ends[0].port, &cut.frame);
	assert_int_equal(ends[1].port.counters.drops[VIO_DROP_MALFORMED], 1);
	offload.csum_start = 999;
	frame_cut(&cut, bytes, 1000, 18, 100, &offload);
	vio_port_send(&ends[0].port, &cut.frame);
	assert_int_equal(ends[0].port.counters.drops[VIO_DROP_MALFORMED], 1);
	assert_int_equal(receivers(), 0);
}

/* Tags move the checksum, and the headers of a segment. */
static void offloads_cross_trunks(void **state)
{
	const struct frame_tcp tcp = { .payload = 3000, .gso_size = 1000 };
	uint32_t len = 0;

	(void)state;
	setup(state);
	vio_switch_remove(&sw, &ends[0].port);
	vio_switch_remove(&sw, &ends[1].port);
	add(0, VIO_PORT_FILTERED, 10);
	add(1, VIO_PORT_TRUNK, 0);
	for (unsigned takes = 0; takes < 4; takes++) {
		const unsigned both = VIO_TAKES_CSUM | VIO_TAKES_TSO4;

		ends[1].port.takes = (uint8_t)takes;
		len = send_tcp(0, &tcp);
		assert_int_equal(ends[1].got, takes == both ? 1 : 3);
		if (takes == both) {
			assert_int_equal(ends[1].len, len + 4);
			assert_int_equal(ends[1].offload.hdr_len, 58);
			assert_int_equal(ends[1].offload.csum_start, 38);
		}
		if ((takes & VIO_TAKES_CSUM) == 0)
			frame_expect_valid(ends[1].last, ends[1].len);
		receivers();
	}

	/* And back: the other way round now, the tag is taken off. */
	setup(state);
	vio_switch_remove(&sw, &ends[0].port);
	vio_switch_remove(&sw, &ends[1].port);
	add(0, VIO_PORT_TRUNK, 0);
	add(1, VIO_PORT_FILTERED, 5); /* the VLAN of a tagged TCP frame */
	for (unsigned takes = 0; takes < 4; takes++) {
		const struct frame_tcp tagged = { .vlan = true, .payload = 3000, .gso_size = 1000 };

		ends[1].port.takes = (uint8_t)takes;
		len = send_tcp(0, &tagged);
		assert_in_range(ends[1].got, 1, 3);
		if (ends[1].got == 1) {
			assert_int_equal(ends[1].len, len - 4);
			assert_int_equal(ends[1].offload.hdr_len, 54);
			assert_int_equal(ends[1].offload.csum_start, 34);
		}
		if ((takes & VIO_TAKES_CSUM) == 0)
			frame_expect_valid(ends[1].last, ends[1].len);
		receivers();
	}
}

/* ---- Everything at once ---- */

/*
 * Random frames between eight ports, of which some have little room: each is delivered to those
 * it is for and to nobody else, or counted, and those from one port to another keep their order.
 * `make test` runs a tenth of it; SWITCH_FRAMES says how many.
 */
static uint32_t next_number[PORTS][PORTS];
static uint32_t seen_number[PORTS][PORTS];
static uint64_t delivered, lost;
static unsigned now_from;
static uint32_t now_wanted; /* ports that should get it, a bit each */
static uint16_t vlans[PORTS];
static uint8_t port_flags[PORTS];

static bool check(struct vio_port *port, const struct vio_frame *frame)
{
	struct end *end = VIO_CONTAINER_OF(port, struct end, port);
	unsigned to = (unsigned)(end - ends);
	struct vio_frame rest = *frame;
	uint8_t got[64];
	uint32_t at = (port_flags[to] & VIO_PORT_TRUNK) != 0 && vlans[now_from] != 0 ? 18 : 14;
	uint32_t number = 0;

	assert_true(now_wanted & 1u << to);
	now_wanted &= ~(1u << to);
	if (end->room == 0) {
		lost++;
		return false;
	}
	end->room--;
	assert_true(vio_frame_read(&rest, got, sizeof(got)) >= at + 4);
	memcpy(&number, got + at, sizeof(number));
	assert_true(number > seen_number[now_from][to]);
	seen_number[now_from][to] = number;
	delivered++;
	return true;
}

static void everything_is_delivered_or_counted(void **state)
{
	const char *wish = getenv("SWITCH_FRAMES");
	uint64_t frames = wish ? strtoull(wish, NULL, 0) : 1000000;
	uint64_t counted = 0, out = 0, in = 0, sent_to_nobody = 0;
	uint32_t random = 7;

	(void)state;
	memset(&sw, 0, sizeof(sw));
	for (unsigned i = 0; i < PORTS; i++) {
		vlans[i] = i < 5 ? 0 : i < 7 ? 10 : 0;
		port_flags[i] = i == 7 ? VIO_PORT_TRUNK : VIO_PORT_FILTERED;
		port_flags[i] |= i == 3 || i == 4 ? VIO_PORT_PRIVATE : 0;
		add(i, port_flags[i], vlans[i])->deliver = check;
		ends[i].room = 100;
	}
	for (uint64_t n = 0; n < frames; n++) {
		unsigned from = frame_random(&random, PORTS);
		unsigned to = frame_random(&random, PORTS + 2); /* two that nobody is */
		uint32_t len = 60 + frame_random(&random, 100);
		const struct vio_offload none = { .flags = 0 };
		uint32_t number = 0;

		now_from = from;
		now_wanted = 0;
		for (unsigned i = 0; i < PORTS; i++) {
			bool same = vlans[i] == vlans[from] || i == 7;
			bool hidden = port_flags[i] & port_flags[from] & VIO_PORT_PRIVATE;
			bool meant = to == i || to == PORTS || (to == PORTS + 1 && i == 7) ||
				     (i == 7 && to < PORTS && vlans[to] != vlans[from]);

			if (i != from && same && !hidden && meant)
				now_wanted |= 1u << i;
		}
		/* To its own address, or a private port's: nobody. */
		if (to == from ||
		    (to < PORTS && (port_flags[to] & port_flags[from] & VIO_PORT_PRIVATE)))
			now_wanted = 0;
		/* The trunk's untagged frames belong to VLAN 0 only; its address is known there. */
		if (from != 7 && vlans[from] != 0 && to == 7)
			now_wanted = 1u << 7;
		sent_to_nobody += now_wanted == 0;
		address(to == PORTS ? 255 : to, from);
		number = ++next_number[from][0];
		memcpy(bytes + 14, &number, sizeof(number));
		frame_cut(&cut, bytes, len, 18, 50, &none);
		vio_port_send(&ends[from].port, &cut.frame);
		assert_int_equal(now_wanted, 0);
		ends[frame_random(&random, PORTS)].room += 2;
		if (n % 16 == 0)
			vio_port_flush(&ends[from].port);
	}
	for (unsigned i = 0; i < PORTS; i++) {
		in += ends[i].port.counters.frames_in;
		out += ends[i].port.counters.frames_out;
		counted += ends[i].port.counters.drops[VIO_DROP_NO_ROOM];
		sent_to_nobody -= ends[i].port.counters.drops[VIO_DROP_NOBODY];
	}
	assert_int_equal(in, frames);
	assert_int_equal(out, delivered);
	assert_int_equal(counted, lost);
	assert_int_equal(sent_to_nobody, 0);
	assert_true(lost > frames / 100 && delivered > frames / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(unicast_goes_to_one, setup),
		cmocka_unit_test_setup(broadcast_and_multicast_go_to_all_others, setup),
		cmocka_unit_test_setup(the_unknown_is_looked_for_behind_the_card_only, setup),
		cmocka_unit_test_setup(address_zero_is_unknown, setup),
		cmocka_unit_test_setup(addresses_are_learnt_and_forgotten, setup),
		cmocka_unit_test_setup(a_guest_s_address_is_not_learnt_elsewhere, setup),
		cmocka_unit_test_setup(the_table_overflows_without_harm, setup),
		cmocka_unit_test_setup(filtered_ports_do_not_spoof, setup),
		cmocka_unit_test_setup(hostile_55_runts_and_giants, setup),
		cmocka_unit_test_setup(vlans_are_nets_of_their_own, setup),
		cmocka_unit_test_setup(tags_pass_untouched_in_vlan_0, setup),
		cmocka_unit_test_setup(trunks_carry_tags, setup),
		cmocka_unit_test_setup(private_ports_do_not_see_each_other, setup),
		cmocka_unit_test_setup(a_rate_is_kept, setup),
		cmocka_unit_test_setup(what_finds_no_room_is_counted_there, setup),
		cmocka_unit_test_setup(a_port_that_is_down_gets_nothing, setup),
		cmocka_unit_test_setup(one_flush_a_batch, setup),
		cmocka_unit_test_setup(removed_ports_are_forgotten, setup),
		cmocka_unit_test_setup(wrong_ports_are_refused, setup),
		cmocka_unit_test_setup(an_address_table_that_is_too_small, setup),
		cmocka_unit_test_setup(segments_are_passed_whole_or_cut, setup),
		cmocka_unit_test_setup(hostile_55_giant_segments, setup),
		cmocka_unit_test_setup(checksums_are_completed_for_those_who_do_not, setup),
		cmocka_unit_test_setup(work_that_cannot_be_done_is_counted, setup),
		cmocka_unit_test_setup(offloads_cross_trunks, setup),
		cmocka_unit_test_setup(everything_is_delivered_or_counted, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

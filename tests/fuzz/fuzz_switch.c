/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The switch: ports that come and go with any options, and send any bytes with any offloads. Each
 * frame goes to those that may see it and to nobody else, as one that its receiver takes, or is
 * counted as dropped.
 */
#include "fuzz_alone.h"
#include "vio_switch.h"

#define PORTS 6
#define FRAME 0x11000

static struct vio_switch sw;
static struct vio_port ports[PORTS];
static uint8_t bytes[FRAME];

/* Of the frame under way. */
static struct vio_port *from;
static bool tagged_vlans; /* it may belong to another VLAN than its sender's */
static uint64_t delivered;
static uint64_t no_room;

static unsigned number_of(const struct vio_port *port)
{
	return (unsigned)(port - ports);
}

static bool may_see(const struct vio_port *to, const uint8_t *mac)
{
	if (to == from || !to->up || (from->flags & to->flags & VIO_PORT_PRIVATE) != 0)
		return false;
	if (to->vlan != from->vlan && !tagged_vlans && (to->flags & VIO_PORT_TRUNK) == 0)
		return false;
	return (to->flags & VIO_PORT_FILTERED) == 0 || vio_mac_is_group(mac) ||
	       vio_mac_number(mac) == vio_mac_number(to->mac);
}

/* Every byte can be read, and there are as many as the frame says. */
static uint32_t look_at(struct vio_frame frame)
{
	struct vio_span part;
	uint32_t len = 0;
	uint32_t sum = 0;
	uint32_t i = 0;

	while (vio_frame_next(&frame, UINT32_MAX, &part)) {
		for (i = 0; i < part.len; i++)
			sum += part.data[i];
		len += part.len;
	}
	return len + (sum & 0);
}

static bool deliver(struct vio_port *to, const struct vio_frame *frame)
{
	const struct vio_offload *offload = &frame->offload;

	fuzz_check(from && number_of(to) < PORTS && to->joined == &sw);
	fuzz_check(frame->head_len >= VIO_ETHERNET_HEADER && frame->head_len <= VIO_FRAME_HEAD);
	fuzz_check(may_see(to, frame->head));
	fuzz_check((vio_offload_needs(offload) & ~(unsigned)to->takes) == 0);
	fuzz_check(look_at(*frame) == frame->len);
	fuzz_check(offload->flags == 0 ||
		   (uint32_t)offload->csum_start + offload->csum_offset + 2 <= frame->len);
	fuzz_check(offload->gso_type == VIO_NET_GSO_NONE ||
		   (offload->hdr_len <= frame->head_len && offload->gso_size != 0));
	if (frame->len % 7 == 6) {
		no_room++;
		return false;
	}
	delivered++;
	return true;
}

static void flush(struct vio_port *port)
{
	fuzz_check(port->joined == &sw && !from);
}

static void set_mac(uint8_t *mac, uint8_t last)
{
	memcpy(mac, "\x52\0\0\0\0", VIO_MAC - 1);
	mac[VIO_MAC - 1] = last;
}

static void come_or_go(struct vio_port *port)
{
	uint8_t flags = fuzz_byte();

	if (port->joined) {
		vio_switch_remove(&sw, port);
		return;
	}
	*port = (struct vio_port){ .name = "port",
				   .vlan = flags & 16 ? fuzz_byte() % 4U : 0,
				   .flags = flags & 7,
				   .takes = fuzz_byte() & 15,
				   .up = (flags & 8) == 0,
				   .mtu = flags & 32 ? 9000 : 0,
				   .rate = flags & 64 ? 4000 : 0,
				   .burst = 8000,
				   .deliver = deliver,
				   .flush = flags & 128 ? NULL : flush };
	set_mac(port->mac, fuzz_byte() % 8);
	vio_switch_add(&sw, port, NULL);
}

static uint64_t sum_of(const uint32_t *counters)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < VIO_DROPS; i++)
		sum += counters[i];
	return sum;
}

/* An Ethernet frame, perhaps tagged, perhaps TCP, of which a few bytes are the input's. */
static uint32_t write_frame(struct vio_offload *offload)
{
	const uint8_t kind = fuzz_byte();
	const uint32_t tag = kind & 1 ? VIO_VLAN_TAG : 0;
	const uint32_t ip = VIO_ETHERNET_HEADER + tag;
	const uint32_t tcp = ip + (kind & 2 ? 40 : 20);

	memset(bytes, 0, 256);
	set_mac(bytes, fuzz_byte() % 12);
	set_mac(bytes + VIO_MAC, from->mac[VIO_MAC - 1]);
	if (kind & 4)
		memset(bytes, 0xff, VIO_MAC);
	vio_net16_set(bytes + 12, 0x8100);
	vio_net16_set(bytes + 14, fuzz_byte() % 5U);
	vio_net16_set(bytes + ip - 2, kind & 2 ? 0x86dd : 0x0800);
	bytes[ip] = kind & 2 ? 0x60 : 0x45;
	bytes[ip + (kind & 2 ? 6 : 9)] = 6;
	bytes[tcp + 12] = (uint8_t)(fuzz_byte() & 0xf0);
	for (unsigned i = kind >> 6; i != 0; i--) {
		uint8_t at = fuzz_byte();

		bytes[at] = fuzz_byte();
	}
	*offload = (struct vio_offload){
		.flags = kind & 8 ? VIO_NET_HDR_F_NEEDS_CSUM : fuzz_byte(),
		.gso_type = kind & 16 ? (kind & 2 ? VIO_NET_GSO_TCPV6 : VIO_NET_GSO_TCPV4)
				      : fuzz_byte() & 0x83,
		.hdr_len = fuzz_byte(),
		.gso_size = (uint16_t)(fuzz_byte() * 16),
		.csum_start = kind & 32 ? fuzz_byte() : (uint16_t)tcp,
		.csum_offset = 16,
	};
	return (uint32_t)fuzz_byte() << fuzz_byte() % 9;
}

static void send(struct vio_port *port)
{
	const uint64_t in = port->counters.frames_in;
	const uint64_t drops = sum_of(port->counters.drops);
	struct vio_span spans[3];
	struct vio_frame frame = { .head = bytes, .rest = spans };

	from = port;
	delivered = no_room = 0;
	frame.len = write_frame(&frame.offload);
	frame.head_len = fuzz_byte() % VIO_FRAME_HEAD;
	if (frame.head_len > frame.len || frame.len < VIO_ETHERNET_HEADER)
		frame.head_len = frame.len;
	if (frame.head_len < VIO_ETHERNET_HEADER && frame.len >= VIO_ETHERNET_HEADER)
		frame.head_len = VIO_ETHERNET_HEADER;
	tagged_vlans = (port->flags & VIO_PORT_TRUNK) != 0;
	for (unsigned i = 0; i < 3; i++)
		spans[i] = (struct vio_span){ bytes + VIO_FRAME_HEAD + (size_t)i * 100,
					      i < 2 ? 100 : FRAME - VIO_FRAME_HEAD - 200 };
	vio_port_send(port, &frame);
	from = NULL;
	/* It went in, or was dropped; if nobody got it, it is counted somewhere. */
	fuzz_check(port->counters.frames_in - in <= 1);
	fuzz_check(port->counters.frames_in != in ||
		   (sum_of(port->counters.drops) == drops + 1 && delivered + no_room == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	input = data;
	left = size;
	memset(&sw, 0, sizeof(sw));
	memset(ports, 0, sizeof(ports));
	while (left != 0) {
		uint8_t what = fuzz_byte();
		struct vio_port *port = &ports[what / 8 % PORTS];

		if (what % 8 == 0 || !port->joined)
			come_or_go(port);
		else if (what % 8 == 1)
			vio_port_flush(port);
		else if (what % 8 == 2)
			vio_switch_tick(&sw);
		else if (what % 8 == 3)
			port->up = !port->up;
		else
			send(port);
	}
	return 0;
}

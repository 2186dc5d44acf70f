/* SPDX-License-Identifier: BSD-2-Clause */
/* The network device and the switch, with another port that listens, and sends what the input says.
 */
#include "fuzz.h"
#include "vio_net.h"

#define RECEIVE  0
#define TRANSMIT 1
#define CONTROL  2
#define HEADER   sizeof(struct vio_net_hdr)

static struct vio_net net;
static struct vio_switch sw;
static struct vio_port other;
static struct vio_port trunk;
static uint8_t sent[0x10000];
static uint32_t got;

static const uint8_t guest_mac[VIO_MAC] = { 0x52, 0, 0, 0, 0, 1 };
static const uint8_t other_mac[VIO_MAC] = { 0x52, 0, 0, 0, 0, 2 };

/* Every byte of it can be read, and there are as many as it says. */
static bool deliver(struct vio_port *port, const struct vio_frame *frame)
{
	struct vio_frame rest = *frame;
	struct vio_span part;
	uint32_t len = 0;
	uint32_t sum = 0;
	uint32_t i = 0;

	fuzz_check(frame->head_len >= VIO_ETHERNET_HEADER && frame->head_len <= VIO_FRAME_HEAD);
	fuzz_check((vio_offload_needs(&frame->offload) & ~(unsigned)port->takes) == 0);
	while (vio_frame_next(&rest, UINT32_MAX, &part)) {
		for (i = 0; i < part.len; i++)
			sum += part.data[i];
		len += part.len;
	}
	fuzz_check(len == frame->len);
	fuzz_check(frame->offload.flags == 0 ||
		   (uint32_t)frame->offload.csum_start + frame->offload.csum_offset + 2 <= len);
	got += 1 + (sum & 0);
	return (sum & 7) != 7;
}

static void add_port(struct vio_port *port, uint8_t last, uint8_t flags, unsigned takes)
{
	*port = (struct vio_port){ .name = "other",
				   .up = true,
				   .flags = flags,
				   .takes = (uint8_t)takes,
				   .deliver = deliver };
	memcpy(port->mac, other_mac, VIO_MAC);
	port->mac[5] = last;
	fuzz_check(vio_switch_add(&sw, port, NULL) == VIO_SWITCH_OK);
}

static uint64_t now;

static uint64_t after(struct vio_net_clock *clock, uint32_t usecs)
{
	(void)clock;
	return now + usecs;
}

static void wake(struct vio_net_clock *clock, uint64_t at)
{
	(void)clock;
	(void)at;
}

static struct vio_net_clock a_clock = { .after = after, .wake = wake };

static struct vio_device *init(unsigned variant)
{
	struct vio_net_options options = { .any_address = variant & 1,
					   .mtu = variant & 2 ? 1000 : 0,
					   .clock = &a_clock };

	memset(&sw, 0, sizeof(sw));
	memcpy(options.mac, guest_mac, VIO_MAC);
	fuzz_check(vio_net_init(&net, "guest", &options));
	net.port.vlan = variant & 4 ? 10 : 0;
	net.port.rate = variant & 8 ? 4000 : 0;
	net.port.burst = 8000;
	fuzz_check(vio_switch_add(&sw, &net.port, NULL) == VIO_SWITCH_OK);
	add_port(&other, 2, 0, variant >> 4);
	add_port(&trunk, 3, VIO_PORT_TRUNK, variant >> 4);
	return &net.device;
}

/* A frame of the other's, of which the input chooses a few bytes. */
static void inject(unsigned what)
{
	struct vio_span spans[3];
	struct vio_frame frame = { .head = sent, .rest = spans };
	uint32_t len = 1U << what % 16;
	uint32_t i = 0;

	memset(sent, 0, 256);
	memcpy(sent, what & 16 ? guest_mac : other_mac, VIO_MAC);
	memcpy(sent + VIO_MAC, other_mac, VIO_MAC);
	for (i = 0; i < 6; i++) {
		uint8_t at = fuzz_byte();

		sent[at] = fuzz_byte();
	}
	frame.offload.flags = fuzz_byte();
	frame.offload.gso_type = fuzz_byte();
	frame.offload.gso_size = (uint16_t)(fuzz_byte() * 16);
	frame.offload.csum_start = fuzz_byte();
	frame.offload.csum_offset = fuzz_byte() % 32;
	frame.len = len;
	frame.head_len = len < 150 ? len : 150;
	for (i = 0; i < 3; i++)
		spans[i] = (struct vio_span){ sent + 150 + i * 100, i < 2 ? 100 : 0xf000 };
	vio_port_send(what & 32 ? &trunk : &other, &frame);
	vio_port_flush(&other);
}

static void act(unsigned what)
{
	switch (what % 8) {
	case 0:
		vio_net_set_link(&net, (what & 8) != 0);
		break;
	case 1:
		vio_net_announce(&net);
		break;
	case 2:
		vio_switch_tick(&sw);
		now += what;
		vio_net_tick(&net);
		break;
	default:
		inject(what >> 3);
		break;
	}
}

static void write_frame(uint64_t at, const struct vio_net_hdr *hdr)
{
	uint8_t frame[HEADER + 200] = { 0 };
	uint32_t i = 0;

	memcpy(frame, hdr, HEADER);
	memcpy(frame + HEADER, other_mac, VIO_MAC);
	memcpy(frame + HEADER + VIO_MAC, guest_mac, VIO_MAC);
	/* The headers of a TCP segment, of which a few bytes are the input's. */
	memcpy(frame + HEADER + 12, "\x08\0\x45\0\0\0\0\0\0\0\x40\x06", 12);
	frame[HEADER + 46] = 0x50;
	for (i = 0; i < 4; i++) {
		uint8_t where = fuzz_byte() % 200;

		frame[HEADER + where] = fuzz_byte();
	}
	fuzz_put(at, frame, sizeof(frame));
}

static void transmit(unsigned how)
{
	uint32_t len = 1U << (how >> 3) % 15;
	const struct fuzz_piece pieces[] = { { FUZZ_DATA, HEADER + len % 200, false },
					     { FUZZ_DATA + 0x1000, len, false } };
	struct vio_net_hdr hdr = { .flags = fuzz_byte(),
				   .gso_type = fuzz_byte(),
				   .gso_size = fuzz_wire16((uint16_t)(fuzz_byte() * 16)),
				   .csum_start = fuzz_wire16(34),
				   .csum_offset = fuzz_wire16(16) };

	if (how & 1)
		hdr.csum_start = fuzz_wire16(fuzz_byte());
	write_frame(FUZZ_DATA, &hdr);
	fuzz_add(TRANSMIT, pieces, 1 + (how >> 1 & 1), how >= 0x80);
	fuzz_kick(TRANSMIT);
}

static void receive(unsigned how)
{
	const struct fuzz_piece pieces[] = { { FUZZ_DATA, 1U << how % 13, true },
					     { FUZZ_FAR + 9, how, true } };

	fuzz_add(RECEIVE, pieces, 1 + (how >> 5) % 2, how >= 0x40);
	fuzz_kick(RECEIVE);
}

static void control(unsigned how)
{
	uint8_t data[32];
	const struct fuzz_piece pieces[] = { { FUZZ_DATA, 2 + how % 30, false },
					     { FUZZ_DATA + 64, 1, true } };
	uint32_t i = 0;

	for (i = 0; i < 12; i++)
		data[i] = fuzz_byte();
	data[0] %= 7;
	data[1] %= 7;
	fuzz_put(FUZZ_DATA, data, sizeof(data));
	fuzz_add(CONTROL, pieces, 2, how >= 0x40);
	fuzz_kick(CONTROL);
}

static void request(unsigned how)
{
	static void (*const kinds[])(unsigned) = { transmit, receive, control, transmit };

	kinds[how % 4](how >> 2);
}

static void works(void)
{
	const struct vio_net_hdr hdr = { .flags = 0 };
	const struct fuzz_piece out = { FUZZ_DATA, HEADER + 100, false };
	uint32_t before = got;

	net.port.tokens = net.port.burst;
	vio_net_set_link(&net, true);
	fuzz_put(FUZZ_DATA, &hdr, HEADER);
	fuzz_put(FUZZ_DATA + HEADER, other_mac, VIO_MAC);
	fuzz_put(FUZZ_DATA + HEADER + VIO_MAC, guest_mac, VIO_MAC);
	fuzz_put(FUZZ_DATA + HEADER + 12, "\x88\xb5\0\0", 4);
	fuzz_check(fuzz_request(TRANSMIT, &out, 1) == 0);
	fuzz_check(got > before);
}

const struct fuzz_device fuzz_device = {
	.init = init,
	.act = act,
	.request = request,
	.works = works,
	.spans = VIO_NET_QUEUE_SIZE,
	.moved_max = 0x4000000,
};

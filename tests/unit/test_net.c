/* SPDX-License-Identifier: BSD-2-Clause */
/* The network device: a guest with our driver on one side, a port of the switch on the other. */
#include "slot.h"
#include "frames.h"
#include "vio_mmio_state.h"
#include "vio_net.h"

enum {
	RX,
	TX,
	CONTROL,
	RING = 64,
	FRAMES = 40, /* that the other end remembers */
};

static const struct vio_net_options options = { .mac = { 0x52, 0, 0, 0, 0, 1 }, .speed = 1000 };
static const uint8_t other_mac[VIO_MAC] = { 0x52, 0, 0, 0, 0, 2 };

/* Bytes before a frame; a legacy slot leaves num_buffers away where it says nothing. */
#define HEADER     (header_len)
#define HEADER_MAX sizeof(struct vio_net_hdr)

static struct vio_net net;
static int64_t header_len;
static struct vio_switch sw;
static struct slot slot;
static uint8_t *page; /* guest memory for one request */
static uint8_t bytes[FRAME_MAX];
static struct frame_cut cut;

/* The other end of the switch. */
static struct vio_port other;
static unsigned got;
static uint32_t got_len;
static struct vio_offload got_offload;
static uint8_t got_bytes[FRAME_MAX];

static bool take_frame(struct vio_port *port, const struct vio_frame *frame)
{
	struct vio_frame rest = *frame;

	(void)port;
	got++;
	got_len = vio_frame_read(&rest, got_bytes, FRAME_MAX);
	got_offload = frame->offload;
	return true;
}

static void attach(const struct vio_net_options *with)
{
	memset(&sw, 0, sizeof(sw));
	got = 0;
	assert_true(vio_net_init(&net, "guest", with));
	other = (struct vio_port){ .name = "other", .up = true, .deliver = take_frame };
	memcpy(other.mac, other_mac, VIO_MAC);
	other.takes = VIO_TAKES_CSUM | VIO_TAKES_TSO4 | VIO_TAKES_TSO6 | VIO_TAKES_ECN;
	assert_int_equal(vio_switch_add(&sw, &other, NULL), VIO_SWITCH_OK);
	assert_int_equal(vio_switch_add(&sw, &net.port, NULL), VIO_SWITCH_OK);
	slot_attach(&slot, &net.device);
}

static int setup(void **state)
{
	(void)state;
	attach(&options);
	return 0;
}

static void start(uint64_t features)
{
	slot_start(&slot, features | VIO_BIT(VIO_F_INDIRECT_DESC), RING);
	header_len = slot_version && (features & VIO_BIT(VIO_NET_F_MRG_RXBUF)) == 0 ? 10 : 12;
	page = slot_alloc(&slot, 4096);
}

static uint32_t ordinary_frame(uint32_t len)
{
	memcpy(bytes, other_mac, VIO_MAC);
	memcpy(bytes + VIO_MAC, options.mac, VIO_MAC);
	for (uint32_t i = 12; i < len; i++)
		bytes[i] = (uint8_t)(i * 3);
	return len;
}

/* The guest sends `bytes` behind this header, cut into buffers of at most `piece`. */
static int64_t send_with(const struct vio_net_hdr *hdr, uint32_t len, uint32_t piece)
{
	struct vio_buffer buffers[RING];
	uint8_t *at = slot_alloc(&slot, HEADER + len);
	unsigned count = 0;

	memcpy(at, hdr, HEADER);
	memcpy(at + HEADER, bytes, len);
	for (uint32_t done = 0; done < HEADER + len; done += piece)
		buffers[count++] = (struct vio_buffer){
			at + done, HEADER + len - done < piece ? HEADER + len - done : piece, false
		};
	return slot_request(&slot, TX, buffers, count);
}

static struct vio_net_hdr wire_hdr(const struct vio_offload *offload)
{
	return (struct vio_net_hdr){ .flags = offload->flags,
				     .gso_type = offload->gso_type,
				     .hdr_len = slot_wire16(offload->hdr_len),
				     .gso_size = slot_wire16(offload->gso_size),
				     .csum_start = slot_wire16(offload->csum_start),
				     .csum_offset = slot_wire16(offload->csum_offset) };
}

/* The other end sends to the guest. */
static void inject(uint32_t len, const struct vio_offload *offload)
{
	frame_cut(&cut, bytes, len, offload->gso_type != 0 ? 128 : 18, 700, offload);
	vio_port_send(&other, &cut.frame);
	vio_port_flush(&other);
	slot_settle(&slot);
}

static const struct vio_offload none;

static void frame_to_guest(const uint8_t *mac, uint32_t len)
{
	ordinary_frame(len);
	memcpy(bytes, mac, VIO_MAC);
	memcpy(bytes + VIO_MAC, other_mac, VIO_MAC);
	vio_net16_set(bytes + 12, 0x88b5);
	inject(len, &none);
}

static uint8_t *post(uint32_t len)
{
	uint8_t *at = slot_alloc(&slot, len);
	const struct vio_buffer buffer = { at, len, true };

	memset(at, 0xee, len);
	slot_send(&slot, RX, &buffer, 1);
	return at;
}

static uint8_t command(uint8_t class, uint8_t number, const void *data, uint32_t len)
{
	uint8_t *at = slot_alloc(&slot, len + 3);
	const struct vio_buffer buffers[] = { { at, 2, false },
					      { at + 2, len, false },
					      { at + 2 + len, 1, true } };

	at[0] = class;
	at[1] = number;
	if (len != 0)
		memcpy(at + 2, data, len);
	at[2 + len] = 0xee;
	if (len == 0) {
		const struct vio_buffer two[] = { buffers[0], buffers[2] };

		assert_int_equal(slot_request(&slot, CONTROL, two, 2), 1);
	} else {
		assert_int_equal(slot_request(&slot, CONTROL, buffers, 3), 1);
	}
	return at[2 + len];
}

/* ---- Configuration ---- */

static void NET_D_02_03_10_11_NET_P_126_NET_L_106_configuration(void **state)
{
	(void)state;
	start(VIO_BIT(VIO_NET_F_MTU) | VIO_BIT(VIO_NET_F_STATUS));
	for (unsigned i = 0; i < VIO_MAC; i++)
		assert_int_equal(vio_driver_config(&slot.driver, i, 1), options.mac[i]);
	assert_int_equal(vio_driver_config(&slot.driver, 6, 2), VIO_NET_S_LINK_UP);
	assert_int_equal(vio_driver_config(&slot.driver, 8, 2), 1);
	assert_int_equal(vio_driver_config(&slot.driver, 10, 2), 1500);
	assert_int_equal(vio_driver_config(&slot.driver, 12, 4), 1000);
	assert_int_equal(vio_driver_config(&slot.driver, 16, 1), 1);

	vio_driver_interrupt(&slot.driver);
	vio_net_set_link(&net, false);
	assert_int_equal(vio_driver_interrupt(&slot.driver), VIO_INTERRUPT_CONFIG);
	assert_int_equal(vio_driver_config(&slot.driver, 6, 2), 0);
	/* A link that is down carries nothing, in either direction. */
	post(2048);
	frame_to_guest(options.mac, 60);
	assert_int_equal(slot_used(&slot, RX), SLOT_PENDING);
	assert_int_equal(send_with(&(struct vio_net_hdr){ .flags = 0 }, ordinary_frame(60), 99), 0);
	assert_int_equal(got, 0);
	vio_net_set_link(&net, true);
	frame_to_guest(options.mac, 60);
	assert_int_equal(slot_used(&slot, RX), HEADER + 60);
}

static void NET_D_02_04_12_wrong_options(void **state)
{
	struct vio_net_options wrong = options;

	(void)state;
	wrong.mtu = 67;
	assert_false(vio_net_init(&net, "guest", &wrong));
	wrong.mtu = 68;
	wrong.speed = 0;
	attach(&wrong);
	start(0);
	assert_int_equal(vio_driver_config(&slot.driver, 10, 2), 68);
	assert_int_equal(vio_driver_config(&slot.driver, 12, 4), UINT32_MAX);
	assert_int_equal(vio_driver_config(&slot.driver, 16, 1), 255);
}

static void NET_H_121_configuration_is_not_the_driver_s(void **state)
{
	(void)state;
	start(0);
	for (uint32_t at = 0; at < 20; at++)
		vio_mmio_write(&slot.mmio, VIO_MMIO_CONFIG + at, 1, 0x5a);
	assert_memory_equal(net.config.mac, options.mac, VIO_MAC);
	assert_int_equal(net.config.mtu, 1500);
}

static void NET_D_14_features_without_their_needs(void **state)
{
	(void)state;
	SLOT_NOT_LEGACY();
	assert_int_equal(vio_driver_probe(&slot.driver), VIO_ID_NET);
	/* Asked for by the driver, taken out by nobody: FEATURES_OK stays clear. */
	assert_false(vio_driver_start(&slot.driver, VIO_BIT(VIO_NET_F_HOST_TSO4)));
	assert_false(vio_driver_start(&slot.driver, VIO_BIT(VIO_NET_F_CTRL_RX)));
	assert_false(vio_driver_start(&slot.driver, VIO_BIT(VIO_NET_F_CTRL_RX_EXTRA)));
	assert_true(vio_driver_start(&slot.driver,
				     VIO_BIT(VIO_NET_F_HOST_TSO4) | VIO_BIT(VIO_NET_F_CSUM)));
}

/* ---- Sending ---- */

static void NET_D_15_16_sends_frames(void **state)
{
	(void)state;
	start(0);
	for (uint32_t piece = 1; piece < 80; piece += 3) {
		const struct vio_net_hdr hdr = { .flags = 0x80,
						 .csum_start = 0x1111,
						 .csum_offset = 0x2222,
						 .hdr_len = 0x3333 };
		uint32_t len =
			ordinary_frame(HEADER + 60 > RING * piece ? RING * piece - HEADER : 60);

		got = 0;
		assert_int_equal(send_with(&hdr, len, piece), 0);
		assert_int_equal(got, 1);
		assert_int_equal(got_len, len);
		assert_memory_equal(got_bytes, bytes, len);
		assert_int_equal(got_offload.flags, 0);
	}
	assert_true(slot.line);
}

static void hostile_55_NET_H_113_short_frames(void **state)
{
	(void)state;
	start(0);
	for (uint32_t len = 1; len < HEADER + VIO_ETHERNET_HEADER; len++) {
		const struct vio_buffer buffer = { page, len, false };

		assert_int_equal(slot_request(&slot, TX, &buffer, 1), 0);
	}
	assert_int_equal(got, 0);
	assert_int_equal(net.port.counters.drops[VIO_DROP_RUNT], HEADER + VIO_ETHERNET_HEADER - 1);
	assert_int_equal(send_with(&(struct vio_net_hdr){ .flags = 0 }, ordinary_frame(60), 99), 0);
	assert_int_equal(got, 1);
}

static void hostile_55_giants(void **state)
{
	struct vio_net_hdr hdr = { .flags = 0 };

	(void)state;
	start(VIO_BIT(VIO_NET_F_MTU));
	assert_int_equal(send_with(&hdr, ordinary_frame(1514), 512), 0); /* NET-D-06 */
	assert_int_equal(got, 1);
	assert_int_equal(send_with(&hdr, ordinary_frame(1519), 512), 0);
	assert_int_equal(got, 1);
	assert_int_equal(net.port.counters.drops[VIO_DROP_TOO_LONG], 1);
}

static void sends_checksums_and_segments_whole(void **state)
{
	const struct frame_tcp tcp = { .payload = 20000, .gso_size = 1448 };
	struct vio_offload offload;
	struct vio_net_hdr hdr;
	uint32_t len = 0;

	(void)state;
	start(VIO_BIT(VIO_NET_F_CSUM) | VIO_BIT(VIO_NET_F_HOST_TSO4) | VIO_BIT(VIO_NET_F_HOST_ECN));
	len = frame_write_tcp(bytes, &tcp, &offload);
	hdr = wire_hdr(&offload);
	memcpy(bytes, other_mac, VIO_MAC);
	memcpy(bytes + VIO_MAC, options.mac, VIO_MAC);
	assert_int_equal(send_with(&hdr, len, 4000), 0);
	assert_int_equal(got, 1);
	assert_int_equal(got_len, len);
	assert_memory_equal(got_bytes, bytes, len);
	assert_int_equal(got_offload.gso_type, VIO_NET_GSO_TCPV4);
	assert_int_equal(got_offload.hdr_len, 54);
}

/* hostile 57: what was not negotiated is not done. */
static void hostile_57_NET_H_115_offloads_not_negotiated(void **state)
{
	const uint64_t negotiated[] = { 0, VIO_BIT(VIO_NET_F_CSUM),
					VIO_BIT(VIO_NET_F_CSUM) | VIO_BIT(VIO_NET_F_HOST_TSO6),
					VIO_BIT(VIO_NET_F_CSUM) | VIO_BIT(VIO_NET_F_HOST_TSO4) };

	(void)state;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(negotiated); i++) {
		const struct frame_tcp tcp = { .payload = 3000,
					       .gso_size = 1448,
					       .flags = FRAME_TCP_CWR };
		struct vio_offload offload;
		struct vio_net_hdr hdr;
		uint32_t len = 0;

		attach(&options);
		start(negotiated[i]);
		len = frame_write_tcp(bytes, &tcp, &offload);
		memcpy(bytes, other_mac, VIO_MAC);
		memcpy(bytes + VIO_MAC, options.mac, VIO_MAC);
		hdr = wire_hdr(&offload);
		assert_int_equal(send_with(&hdr, len, 4000), 0);
		assert_int_equal(got, 0);
		assert_int_equal(net.port.counters.drops[VIO_DROP_MALFORMED], 1);
	}
}

static void sends_nowhere_without_a_switch(void **state)
{
	(void)state;
	vio_switch_remove(&sw, &net.port);
	start(0);
	assert_int_equal(send_with(&(struct vio_net_hdr){ .flags = 0 }, ordinary_frame(60), 99), 0);
	assert_int_equal(net.port.counters.drops[VIO_DROP_NOBODY], 1);
}

/* ---- Receiving ---- */

static void expect_header(const uint8_t *at, const struct vio_net_hdr *wanted)
{
	assert_memory_equal(at, wanted, HEADER);
}

static void NET_D_26_27_28_32_51_55_NET_P_123_NET_L_107_one_buffer(void **state)
{
	const struct vio_net_hdr hdr = { .num_buffers = slot_wire16(1) };
	uint8_t *at = NULL;

	(void)state;
	start(0);
	at = post(2048);
	frame_to_guest(options.mac, 1000);
	assert_int_equal(slot_used(&slot, RX), HEADER + 1000);
	expect_header(at, &hdr);
	assert_memory_equal(at + HEADER, bytes, 1000);
	assert_int_equal(at[HEADER + 1000], 0xee);
	assert_true(slot.line);
}

/* NET-D-27, hostile 56: a frame that does not fit is lost, the buffer is not. */
static void hostile_56_NET_H_116_small_buffers(void **state)
{
	const uint32_t sizes[] = { 1, 4, 9, 10, 11, 12, 13, 109 };

	(void)state;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(sizes); i++) {
		uint8_t *at = NULL;

		attach(&options);
		start(0);
		at = post(sizes[i]);
		frame_to_guest(options.mac, 100);
		assert_int_equal(slot_used(&slot, RX), SLOT_PENDING);
		assert_int_equal(net.port.counters.drops[VIO_DROP_NO_ROOM], 1);
		for (uint32_t k = 0; k < sizes[i]; k++)
			assert_int_equal(at[k], 0xee);
		if (sizes[i] > 72) {
			frame_to_guest(options.mac, 60);
			assert_int_equal(slot_used(&slot, RX), HEADER + 60);
		}
	}
}

static void no_buffer_at_all(void **state)
{
	(void)state;
	start(0);
	frame_to_guest(options.mac, 60);
	assert_int_equal(net.port.counters.drops[VIO_DROP_NO_ROOM], 1);
	assert_false(net.device.queues[RX].in_batch);
	post(100);
	frame_to_guest(options.mac, 60);
	assert_int_equal(slot_used(&slot, RX), HEADER + 60);
}

static void NET_D_29_30_31_merges_buffers(void **state)
{
	uint8_t *at[RING];
	uint32_t len = 1400;

	(void)state;
	start(VIO_BIT(VIO_NET_F_MRG_RXBUF));
	for (uint32_t size = 70; size < 1500; size += 97) {
		unsigned wanted = (HEADER + len + size - 1) / size;
		uint8_t whole[HEADER_MAX + 1500];
		uint32_t at_whole = 0;
		struct vio_net_hdr hdr = { .num_buffers = slot_wire16((uint16_t)wanted) };

		for (unsigned i = 0; i < wanted; i++)
			at[i] = post(size);
		frame_to_guest(options.mac, len);
		for (unsigned i = 0; i < wanted; i++) {
			uint32_t used = i + 1 < wanted ? size : HEADER + len - i * size;

			assert_int_equal(slot_used(&slot, RX), used);
			memcpy(whole + at_whole, at[i], used);
			at_whole += used;
		}
		expect_header(whole, &hdr);
		assert_memory_equal(whole + HEADER, bytes, len);
		assert_int_equal(slot_used(&slot, RX), SLOT_PENDING);
	}
}

/* Even a header may be spread. */
static void merges_tiny_buffers(void **state)
{
	uint8_t *at[RING];
	uint16_t count = 0;

	(void)state;
	start(VIO_BIT(VIO_NET_F_MRG_RXBUF));
	for (unsigned i = 0; i < 20; i++)
		at[i] = post(5);
	frame_to_guest(options.mac, 60);
	for (unsigned i = 0; i < 15; i++)
		assert_int_equal(slot_used(&slot, RX), i < 14 ? 5 : 2);
	memcpy(&count, at[2], sizeof(count));
	assert_int_equal(slot_wire16(count), 15);
	assert_memory_equal(at[2] + 2, bytes, 3);
}

/* Buffers of many descriptors: as many as there are spans for, and never the driver's fault. */
static void merges_buffers_of_many_pieces(void **state)
{
	struct vio_buffer pieces[RING / 2];
	unsigned used = 0;

	(void)state;
	start(VIO_BIT(VIO_NET_F_MRG_RXBUF));
	for (unsigned round = 0; round < 100; round++) {
		for (unsigned i = 0; i < RING / 2; i++)
			pieces[i] = (struct vio_buffer){ page + i * 20, 20, true };
		slot_send(&slot, RX, pieces, RING / 2);
		slot_send(&slot, RX, pieces, RING / 2);
		frame_to_guest(options.mac, 1200);
		for (used = 0; slot_used(&slot, RX) != SLOT_PENDING;)
			used++;
		assert_int_equal(used, 2);
	}
	assert_int_equal(slot.failed, 0);
}

/* More pieces than there are spans for: no room, but nobody's fault, and nothing is used. */
static void too_many_pieces_to_merge(void **state)
{
	const struct frame_tcp tcp = { .payload = 20000, .gso_size = 1448 };
	struct vio_buffer pieces[RING / 2];
	struct vio_offload offload;

	(void)state;
	if (slot_packed)
		skip(); /* our driver makes tables for split rings only */
	start(VIO_BIT(VIO_NET_F_MRG_RXBUF) | VIO_BIT(VIO_NET_F_GUEST_CSUM) |
	      VIO_BIT(VIO_NET_F_GUEST_TSO4));
	for (unsigned i = 0; i < RING / 2; i++)
		pieces[i] = (struct vio_buffer){ page + i * 20, 20, true };
	for (unsigned i = 0; i < RING; i++) {
		struct vio_desc *table = slot_alloc(&slot, RING / 2 * sizeof(*table));

		assert_true(vio_driver_queue_add_indirect(&slot.queues[RX], table, pieces,
							  RING / 2) >= 0);
	}
	vio_driver_queue_publish(&slot.queues[RX]);
	frame_write_tcp(bytes, &tcp, &offload);
	memcpy(bytes, options.mac, VIO_MAC);
	inject(20054, &offload);
	assert_int_equal(net.port.counters.drops[VIO_DROP_NO_ROOM], 1);
	assert_int_equal(slot_used(&slot, RX), SLOT_PENDING);
	assert_int_equal(slot.failed, 0);
	frame_to_guest(options.mac, 600);
	assert_int_equal(slot_used(&slot, RX), HEADER + 600);
}

/* hostile 56: too few buffers for the whole frame: none of them is used. */
static void hostile_56_not_enough_to_merge(void **state)
{
	uint8_t *at = NULL;

	(void)state;
	start(VIO_BIT(VIO_NET_F_MRG_RXBUF));
	at = post(500);
	post(500);
	frame_to_guest(options.mac, 1200);
	assert_int_equal(slot_used(&slot, RX), SLOT_PENDING);
	assert_int_equal(net.port.counters.drops[VIO_DROP_NO_ROOM], 1);
	assert_int_equal(at[0], 0xee);
	post(500);
	frame_to_guest(options.mac, 1200);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(slot_used(&slot, RX), i < 2 ? 500 : 212);
}

static void hostile_56_receive_buffers_of_a_wrong_shape(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		attach(&options);
		start(VIO_BIT(VIO_NET_F_MRG_RXBUF));
		post(100);
		if (i == 0) {
			const struct vio_buffer readable = { page, 64, false };

			slot_send(&slot, RX, &readable, 1);
		} else {
			const struct vio_buffer mixed[] = { { page, 64, false },
							    { page + 64, 64, true } };

			slot_send(&slot, RX, mixed, 2);
		}
		frame_to_guest(options.mac, 1000);
		slot_expect_failure(&slot, VIO_ERROR_REFUSED);
		frame_to_guest(options.mac, 60); /* and nothing more */
		assert_int_equal(net.port.counters.frames_out, 0);
	}
}

static void NET_D_05_longer_than_the_link(void **state)
{
	(void)state;
	other.mtu = 9000;
	start(VIO_BIT(VIO_NET_F_MTU));
	post(4000);
	frame_to_guest(options.mac, 1515);
	assert_int_equal(net.port.counters.drops[VIO_DROP_NO_ROOM], 1);
	frame_to_guest(options.mac, 1514);
	assert_int_equal(slot_used(&slot, RX), HEADER + 1514);
}

#define GUEST_OFFLOADS                                                                             \
	(VIO_BIT(VIO_NET_F_GUEST_CSUM) | VIO_BIT(VIO_NET_F_GUEST_TSO4) |                           \
	 VIO_BIT(VIO_NET_F_GUEST_TSO6) | VIO_BIT(VIO_NET_F_GUEST_ECN))

static void NET_D_41_43_44_45_52_53_56_whole_segments(void **state)
{
	const struct frame_tcp tcp = { .payload = 20000, .gso_size = 1448, .flags = FRAME_TCP_CWR };
	struct vio_offload offload;
	struct vio_net_hdr hdr;
	uint32_t len = 0;
	uint8_t *at = NULL;

	(void)state;
	start(GUEST_OFFLOADS);
	at = post(21000);
	len = frame_write_tcp(bytes, &tcp, &offload);
	memcpy(bytes, options.mac, VIO_MAC);
	inject(len, &offload);
	assert_int_equal(slot_used(&slot, RX), HEADER + len);
	offload.hdr_len = 54;
	hdr = wire_hdr(&offload);
	hdr.num_buffers = slot_wire16(1);
	assert_int_equal(hdr.gso_type, VIO_NET_GSO_TCPV4 | VIO_NET_GSO_ECN);
	expect_header(at, &hdr);
	assert_memory_equal(at + HEADER, bytes, len);
}

static void NET_D_33_34_36_40_51_57_only_what_the_driver_takes(void **state)
{
	static const struct {
		uint64_t features;
		bool v6, ecn;
		unsigned frames;
		bool summed;
	} rows[] = {
		{ 0, false, false, 3, true },
		{ VIO_BIT(VIO_NET_F_GUEST_CSUM), false, false, 3, false },
		{ VIO_BIT(VIO_NET_F_GUEST_CSUM) | VIO_BIT(VIO_NET_F_GUEST_TSO6), false, false, 3,
		  false },
		{ VIO_BIT(VIO_NET_F_GUEST_CSUM) | VIO_BIT(VIO_NET_F_GUEST_TSO4), false, true, 3,
		  false },
		{ VIO_BIT(VIO_NET_F_GUEST_CSUM) | VIO_BIT(VIO_NET_F_GUEST_TSO4), true, false, 3,
		  false },
		{ VIO_BIT(VIO_NET_F_GUEST_CSUM) | VIO_BIT(VIO_NET_F_GUEST_TSO6), true, false, 1,
		  false },
	};

	(void)state;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(rows); i++) {
		const struct frame_tcp tcp = { .payload = 4000,
					       .gso_size = 1400,
					       .v6 = rows[i].v6,
					       .flags = rows[i].ecn ? FRAME_TCP_CWR : 0 };
		struct vio_offload offload;
		uint8_t *at[4];
		uint32_t len = 0;

		attach(&options);
		start(rows[i].features);
		for (unsigned k = 0; k < 4; k++)
			at[k] = post(4200);
		len = frame_write_tcp(bytes, &tcp, &offload);
		memcpy(bytes, options.mac, VIO_MAC);
		inject(len, &offload);
		for (unsigned k = 0; k < rows[i].frames; k++) {
			uint32_t used = (uint32_t)slot_used(&slot, RX);

			assert_int_equal(at[k][0], rows[i].summed ? 0 : VIO_NET_HDR_F_NEEDS_CSUM);
			assert_int_equal(at[k][1], rows[i].frames == 1 ? VIO_NET_GSO_TCPV6 : 0);
			if (rows[i].summed)
				frame_expect_valid(at[k] + HEADER, used - HEADER);
		}
		assert_int_equal(slot_used(&slot, RX), SLOT_PENDING);
	}
}

/* More frames than a batch of the ring: the batch is ended, and another begun. */
static void a_cut_segment_fills_the_ring(void **state)
{
	const struct frame_tcp tcp = { .payload = 60000, .gso_size = 1000 };
	struct vio_offload offload;
	uint32_t len = frame_write_tcp(bytes, &tcp, &offload);

	(void)state;
	start(0);
	memcpy(bytes, options.mac, VIO_MAC);
	for (unsigned i = 0; i < RING; i++)
		post(1100);
	inject(len, &offload);
	for (unsigned i = 0; i < 60; i++)
		assert_int_equal(slot_used(&slot, RX), HEADER + 1054);
	assert_int_equal(slot_used(&slot, RX), SLOT_PENDING);
	assert_int_equal(net.port.counters.frames_out, 60);
}

/* ---- Control ---- */

#define CTRL_RX                                                                                    \
	(VIO_BIT(VIO_NET_F_CTRL_VQ) | VIO_BIT(VIO_NET_F_CTRL_RX) | VIO_BIT(VIO_NET_F_CTRL_RX_EXTRA))

static bool arrives(const uint8_t *mac)
{
	static unsigned waiting;

	if (net.device.queues[RX].counters.requests == 0)
		waiting = 0;
	if (waiting == 0)
		post(100);
	frame_to_guest(mac, 60);
	waiting = slot_used(&slot, RX) == SLOT_PENDING;
	return !waiting;
}

static const uint8_t broadcast[VIO_MAC] = { 255, 255, 255, 255, 255, 255 };
static const uint8_t group[VIO_MAC] = { 0x33, 0x33, 0, 0, 0, 1 };
static const uint8_t foreign[VIO_MAC] = { 0x52, 0, 0, 0, 0, 99 };

static const struct vio_net_options bridge = { .mac = { 0x52, 0, 0, 0, 0, 1 },
					       .any_address = true };

static void NET_D_66_67_68_69_70_71_72_73_NET_P_125_receive_modes(void **state)
{
	static const struct {
		uint8_t mode;
		bool own, foreign, group, broadcast;
	} rows[] = {
		{ 255, true, false, false, true }, { 0, true, true, true, true },
		{ 1, true, false, true, true },    { 2, true, true, false, true },
		{ 3, true, false, false, true },   { 4, false, false, false, true },
		{ 5, true, false, false, false },
	};
	const uint8_t on = 1;
	const uint8_t off = 0;

	(void)state;
	attach(&bridge);
	start(CTRL_RX);
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(rows); i++) {
		if (rows[i].mode != 255)
			assert_int_equal(command(0, rows[i].mode, &on, 1), 0);
		assert_int_equal(arrives(options.mac), rows[i].own);
		assert_int_equal(arrives(foreign), rows[i].foreign);
		assert_int_equal(arrives(group), rows[i].group);
		assert_int_equal(arrives(broadcast), rows[i].broadcast);
		if (rows[i].mode != 255)
			assert_int_equal(command(0, rows[i].mode, &off, 1), 0);
	}
	/* NO beats ALL, and promiscuous beats both: NET-D-67, 71, 72. */
	command(0, 1, &on, 1);
	command(0, 3, &on, 1);
	assert_false(arrives(group));
	command(0, 2, &on, 1);
	command(0, 4, &on, 1);
	assert_false(arrives(foreign));
	command(0, 0, &on, 1);
	assert_true(arrives(group));
	assert_true(arrives(foreign));
	assert_true(net.filtered > 0);
	assert_int_equal(command(0, 6, &on, 1), 1);
	assert_int_equal(command(9, 0, &on, 1), 1);
}

/* A guest in its filter sees nothing of others, however it asks. */
static void the_switch_s_filter_is_stronger(void **state)
{
	const uint8_t on = 1;

	(void)state;
	start(CTRL_RX);
	assert_int_equal(command(0, 0, &on, 1), 0);
	assert_false(arrives(foreign));
	assert_true(arrives(options.mac));
}

static uint8_t set_table(uint32_t stations, uint32_t groups, uint32_t claimed)
{
	uint8_t data[2000];
	uint32_t at = 0;
	uint32_t count = slot_wire32(claimed != 0 ? claimed : stations);

	memcpy(data, &count, 4);
	for (at = 4; at < 4 + 6 * stations; at += 6)
		memcpy(data + at, foreign, VIO_MAC);
	count = slot_wire32(groups);
	memcpy(data + at, &count, 4);
	for (at += 4; at < 8 + 6 * (stations + groups); at += 6)
		memcpy(data + at, group, VIO_MAC);
	return command(1, 0, data, at);
}

static void NET_D_74_75_77_NET_L_108_address_table(void **state)
{
	const uint8_t unlisted[VIO_MAC] = { 0x52, 0, 0, 0, 0, 98 };

	(void)state;
	attach(&bridge);
	start(CTRL_RX);
	assert_false(arrives(foreign));
	assert_int_equal(set_table(1, 1, 0), 0);
	assert_true(arrives(foreign));
	assert_true(arrives(group));
	assert_false(arrives(unlisted));
	/* More than there is room for: all of the kind. */
	assert_int_equal(set_table(VIO_NET_ADDRESSES + 1, 1, 0), 0);
	assert_true(arrives(unlisted));
	assert_int_equal(set_table(VIO_NET_ADDRESSES, 0, 0), 0);
	assert_false(arrives(unlisted));
	assert_false(arrives(group));
	assert_int_equal(set_table(0, 0, 0), 0);
	assert_false(arrives(foreign));
	set_table(1, 1, 0);
	vio_driver_reset(&slot.driver);
	assert_int_equal(net.setup.stations.count, 0);
	assert_int_equal(net.setup.groups.count, 0);
}

static void hostile_58_NET_H_117_NET_H_118_commands_cut_short(void **state)
{
	struct vio_buffer half_a_command[2];
	uint8_t data[64] = { 0 };

	(void)state;
	start(CTRL_RX | VIO_BIT(VIO_NET_F_CTRL_VLAN));
	half_a_command[0] = (struct vio_buffer){ page, 1, false };
	half_a_command[1] = (struct vio_buffer){ page + 8, 1, true };
	assert_int_equal(set_table(1, 1, 3), 1);
	assert_int_equal(set_table(1, 1, 0x2aaaaaab), 1); /* six times it is 2 */
	assert_int_equal(set_table(1, 1, 0xffffffff), 1);
	for (uint32_t len = 1; len < 8; len++)
		assert_int_equal(command(1, 0, data, len), 1);
	assert_int_equal(command(1, 0, data, 8), 0);
	assert_int_equal(command(0, 0, data, 0), 1);
	data[0] = 2;
	assert_int_equal(command(0, 0, data, 1), 1); /* neither on nor off */
	assert_int_equal(command(2, 0, data, 1), 1);
	vio_net16_set(data, 0xffff);
	assert_int_equal(command(2, 0, data, 2), 1);
	assert_int_equal(command(1, 1, data, 6), 1); /* not negotiated */
	assert_int_equal(command(3, 0, data, 0), 1);
	assert_int_equal(command(4, 0, data, 2), 1);
	assert_int_equal(command(5, 0, data, 8), 1);
	assert_int_equal(net.commands_refused, 18);
	assert_int_equal(slot_request(&slot, CONTROL, half_a_command, 2), 1);
	assert_int_equal(page[8], 1);
	/* Nowhere to answer. */
	slot_send(&slot, CONTROL, &(struct vio_buffer){ page, 8, false }, 1);
	slot_expect_failure(&slot, VIO_ERROR_REFUSED);
}

static void NET_D_78_79_80_NET_L_110_vlans(void **state)
{
	const uint8_t tag[] = { 0x81, 0, 0x20, 0x05 };
	const uint16_t vlan = slot_wire16(5);
	uint8_t *at = NULL;

	(void)state;
	for (unsigned with = 0; with < 2; with++) {
		attach(&options);
		start(with ? CTRL_RX | VIO_BIT(VIO_NET_F_CTRL_VLAN) : CTRL_RX);
		at = post(100);
		frame_to_guest(options.mac, 60);
		assert_int_equal(slot_used(&slot, RX), HEADER + 60);
		at = post(100);
		memcpy(bytes + 12, tag, sizeof(tag));
		inject(60, &none);
		assert_int_equal(slot_used(&slot, RX), with ? SLOT_PENDING : HEADER + 60);
		if (!with)
			continue;
		assert_int_equal(command(2, 0, &vlan, 2), 0);
		memcpy(bytes + 12, tag, sizeof(tag));
		inject(60, &none);
		assert_int_equal(slot_used(&slot, RX), HEADER + 60);
		assert_memory_equal(at + HEADER + 12, tag, 4);
		assert_int_equal(command(2, 1, &vlan, 2), 0);
		post(100);
		inject(60, &none);
		assert_int_equal(slot_used(&slot, RX), SLOT_PENDING);
	}
}

static void NET_D_76_the_driver_s_own_address(void **state)
{
	uint8_t mac[VIO_MAC];

	(void)state;
	memcpy(mac, foreign, VIO_MAC);
	attach(&bridge);
	start(CTRL_RX | VIO_BIT(VIO_NET_F_CTRL_MAC_ADDR));
	assert_int_equal(command(1, 1, mac, 6), 0);
	for (unsigned i = 0; i < VIO_MAC; i++)
		assert_int_equal(vio_driver_config(&slot.driver, i, 1), mac[i]);
	assert_true(arrives(foreign));
	assert_false(arrives(options.mac));
	mac[0] |= 1;
	assert_int_equal(command(1, 1, mac, 6), 1);
	assert_int_equal(command(1, 1, mac, 5), 1);
	vio_driver_reset(&slot.driver);
	assert_memory_equal(net.config.mac, options.mac, VIO_MAC);
	/* And a port in its filter is not even offered it. */
	attach(&options);
	assert_int_equal(net.device.offered & VIO_BIT(VIO_NET_F_CTRL_MAC_ADDR), 0);
}

static void NET_D_81_announcement(void **state)
{
	(void)state;
	start(CTRL_RX);
	vio_net_announce(&net);
	assert_int_equal(net.config.status, VIO_NET_S_LINK_UP);
	attach(&options);
	start(CTRL_RX | VIO_BIT(VIO_NET_F_GUEST_ANNOUNCE) | VIO_BIT(VIO_NET_F_STATUS));
	vio_driver_interrupt(&slot.driver);
	vio_net_announce(&net);
	assert_int_equal(vio_driver_interrupt(&slot.driver), VIO_INTERRUPT_CONFIG);
	assert_int_equal(vio_driver_config(&slot.driver, 6, 2),
			 VIO_NET_S_LINK_UP | VIO_NET_S_ANNOUNCE);
	assert_int_equal(command(3, 0, NULL, 0), 0);
	assert_int_equal(vio_driver_config(&slot.driver, 6, 2), VIO_NET_S_LINK_UP);
}

static void NET_H_122_NET_L_112_offloads_at_run_time(void **state)
{
	static const struct {
		uint64_t offloads;
		uint8_t ack, takes;
	} rows[] = {
		{ 0, 0, 0 },
		{ VIO_BIT(VIO_NET_F_GUEST_CSUM), 0, VIO_TAKES_CSUM },
		{ VIO_BIT(VIO_NET_F_GUEST_CSUM) | VIO_BIT(VIO_NET_F_GUEST_TSO4), 0,
		  VIO_TAKES_CSUM | VIO_TAKES_TSO4 },
		{ VIO_BIT(VIO_NET_F_GUEST_TSO4), 1, 0 },
		{ VIO_BIT(VIO_NET_F_GUEST_CSUM) | VIO_BIT(VIO_NET_F_GUEST_TSO6), 1, 0 },
		{ VIO_BIT(VIO_NET_F_CSUM), 1, 0 },
		{ UINT64_MAX, 1, 0 },
	};

	(void)state;
	start(VIO_BIT(VIO_NET_F_CTRL_VQ) | VIO_BIT(VIO_NET_F_CTRL_GUEST_OFFLOADS) |
	      VIO_BIT(VIO_NET_F_GUEST_CSUM) | VIO_BIT(VIO_NET_F_GUEST_TSO4));
	assert_int_equal(net.port.takes, VIO_TAKES_CSUM | VIO_TAKES_TSO4);
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(rows); i++) {
		const uint64_t wire = slot_wire64(rows[i].offloads);
		uint8_t before = net.port.takes;

		assert_int_equal(command(5, 0, &wire, 8), rows[i].ack);
		assert_int_equal(net.port.takes, rows[i].ack == 0 ? rows[i].takes : before);
	}
}

/* ---- Notification coalescing ---- */

#define COALESCING                                                                                 \
	(VIO_BIT(VIO_NET_F_CTRL_VQ) | VIO_BIT(VIO_NET_F_NOTF_COAL) |                               \
	 VIO_BIT(VIO_NET_F_VQ_NOTF_COAL) | VIO_BIT(VIO_F_RING_RESET))

static uint64_t now;
static uint64_t wake_at; /* 0: not wanted */

static uint64_t after(struct vio_net_clock *clock, uint32_t usecs)
{
	(void)clock;
	return now + usecs;
}

static void wake(struct vio_net_clock *clock, uint64_t at)
{
	(void)clock;
	wake_at = at;
}

static struct vio_net_clock a_clock = { .after = after, .wake = wake };
static const struct vio_net_options timed = { .mac = { 0x52, 0, 0, 0, 0, 1 }, .clock = &a_clock };

static void start_coalescing(uint64_t features)
{
	now = 1000;
	wake_at = 0;
	attach(&timed);
	start(COALESCING | features);
}

/* Time goes on, as far as the device cares. */
static void pass(uint32_t usecs)
{
	const uint64_t until = now + usecs;

	while (wake_at != 0 && wake_at <= until) {
		now = wake_at;
		wake_at = 0;
		vio_net_tick(&net);
	}
	now = until;
}

static bool interrupted(void)
{
	return (vio_driver_interrupt(&slot.driver) & VIO_INTERRUPT_USED) != 0;
}

enum {
	TX_SET,
	RX_SET,
	VQ_SET,
	VQ_GET,
	COAL = 6,
};

static uint8_t set_limits(uint8_t number, uint32_t packets, uint32_t usecs)
{
	const uint32_t data[] = { slot_wire32(packets), slot_wire32(usecs) };
	uint8_t ack = command(COAL, number, data, sizeof(data));

	interrupted();
	return ack;
}

static uint8_t set_queue_limits(uint16_t queue, uint32_t packets, uint32_t usecs)
{
	const uint32_t data[] = { slot_wire32(queue | 0xabcd0000U), slot_wire32(packets),
				  slot_wire32(usecs) };
	uint8_t ack = command(COAL, VQ_SET, data, sizeof(data));

	interrupted();
	return ack;
}

/* The answer has `room` bytes, behind the command in a buffer of its own. */
static uint8_t ask_limits(uint16_t queue, uint32_t room)
{
	const struct vio_buffer buffers[] = { { page, 6, false }, { page + 6, room, true } };
	const uint32_t vq = slot_wire32(queue | 0xabcd0000U);
	int64_t used = 0;

	page[0] = COAL;
	page[1] = VQ_GET;
	memcpy(page + 2, &vq, sizeof(vq));
	memset(page + 6, 0xee, 20);
	used = slot_request(&slot, CONTROL, buffers, 2);
	assert_int_equal(used, page[6] == 0 ? 9 : 1);
	interrupted();
	return page[6];
}

static void expect_limits(uint16_t queue, uint32_t packets, uint32_t usecs)
{
	const uint32_t wanted[] = { slot_wire32(packets), slot_wire32(usecs) };

	assert_int_equal(ask_limits(queue, 9), 0);
	assert_memory_equal(page + 7, wanted, sizeof(wanted));
	assert_int_equal(page[15], 0xee);
}

static void NET_D_91_92_93_94_98_limits_are_kept(void **state)
{
	const uint32_t data[3] = { 0 };

	(void)state;
	SLOT_NOT_LEGACY();
	start_coalescing(0);
	expect_limits(RX, 0, 0);
	assert_int_equal(set_limits(RX_SET, 15, 10), 0);
	assert_int_equal(set_limits(TX_SET, UINT32_MAX, 20), 0);
	expect_limits(RX, 15, 10);
	expect_limits(TX, UINT32_MAX, 20);
	assert_int_equal(set_queue_limits(TX, 7, UINT32_MAX), 0);
	expect_limits(RX, 15, 10);
	expect_limits(TX, 7, UINT32_MAX);
	assert_int_equal(set_limits(TX_SET, 1, 2), 0);
	expect_limits(TX, 1, 2);
	/* Cut short, without room for the answer, of a queue of another kind, or of none. */
	for (uint32_t len = 0; len < 8; len++)
		assert_int_equal(command(COAL, TX_SET, data, len), 1);
	for (uint32_t len = 0; len < 12; len++)
		assert_int_equal(command(COAL, VQ_SET, data, len), 1);
	for (uint32_t len = 0; len < 4; len++)
		assert_int_equal(command(COAL, VQ_GET, data, len), 1);
	for (uint32_t room = 1; room < 9; room++)
		assert_int_equal(ask_limits(RX, room), 1);
	assert_int_equal(command(COAL, VQ_GET + 1, data, sizeof(data)), 1);
	for (unsigned i = 0; i < 3; i++) {
		static const uint16_t wrong[] = { CONTROL, CONTROL + 1, 0xffff };

		assert_int_equal(set_queue_limits(wrong[i], 1, 1), 1);
		assert_int_equal(ask_limits(wrong[i], 9), 1);
	}
	expect_limits(TX, 1, 2);
	expect_limits(RX, 15, 10);
	vio_driver_reset(&slot.driver);
	slot.ram_used = 0;
	start(COALESCING);
	expect_limits(RX, 0, 0);
	expect_limits(TX, 0, 0);
}

/* Only with a clock, not by halves, and not to a legacy driver. */
static void coalescing_is_negotiated(void **state)
{
	const uint64_t bits = VIO_BIT(VIO_NET_F_NOTF_COAL) | VIO_BIT(VIO_NET_F_VQ_NOTF_COAL);

	(void)state;
	assert_int_equal(net.device.offered & bits, 0);
	attach(&timed);
	assert_int_equal(net.device.offered & bits, slot_version ? 0 : bits);
	SLOT_NOT_LEGACY();
	assert_int_equal(vio_driver_probe(&slot.driver), VIO_ID_NET);
	assert_false(vio_driver_start(&slot.driver, VIO_BIT(VIO_NET_F_NOTF_COAL)));
	assert_false(vio_driver_start(&slot.driver, VIO_BIT(VIO_NET_F_VQ_NOTF_COAL)));
	start(VIO_BIT(VIO_NET_F_CTRL_VQ) | VIO_BIT(VIO_NET_F_NOTF_COAL));
	assert_int_equal(set_limits(RX_SET, 4, 4), 0);
	assert_int_equal(set_queue_limits(RX, 1, 1), 1);
	assert_int_equal(ask_limits(RX, 9), 1);
	attach(&timed);
	start(VIO_BIT(VIO_NET_F_CTRL_VQ) | VIO_BIT(VIO_NET_F_VQ_NOTF_COAL));
	assert_int_equal(set_limits(RX_SET, 4, 4), 1);
	assert_int_equal(set_limits(TX_SET, 4, 4), 1);
	assert_int_equal(set_queue_limits(RX, 1, 1), 0);
}

/* One frame of either direction; it is used at once, whatever becomes of the interrupt. */
static void move_frame(unsigned queue)
{
	if (queue == TX) {
		assert_int_equal(
			send_with(&(struct vio_net_hdr){ .flags = 0 }, ordinary_frame(60), 99), 0);
		return;
	}
	post(100);
	frame_to_guest(options.mac, 60);
	assert_int_equal(slot_used(&slot, RX), HEADER + 60);
}

static void frames_are_counted(void **state)
{
	(void)state;
	SLOT_NOT_LEGACY();
	for (unsigned queue = RX; queue <= TX; queue++) {
		start_coalescing(queue == RX ? VIO_BIT(VIO_NET_F_MRG_RXBUF) : 0);
		set_queue_limits((uint16_t)queue, 3, 100);
		for (unsigned i = 1; i < 10; i++) {
			move_frame(queue);
			assert_int_equal(interrupted(), i % 3 == 0);
		}
		/* The other direction is not concerned. */
		move_frame(queue ^ 1);
		assert_true(interrupted());
		/* Neither limit alone makes anything wait. */
		set_queue_limits((uint16_t)queue, 0, 100);
		move_frame(queue);
		assert_true(interrupted());
		set_queue_limits((uint16_t)queue, 100, 0);
		move_frame(queue);
		assert_true(interrupted());
		assert_int_equal(net.device.queues[queue].counters.interrupts, 5);
	}
}

/* A frame counts once, in however many buffers it comes. */
static void frames_in_pieces_are_counted(void **state)
{
	(void)state;
	SLOT_NOT_LEGACY();
	start_coalescing(VIO_BIT(VIO_NET_F_MRG_RXBUF));
	set_limits(RX_SET, 2, 100);
	for (unsigned i = 1; i < 5; i++) {
		for (unsigned k = 0; k < 10; k++)
			post(100);
		frame_to_guest(options.mac, 900);
		assert_int_equal(interrupted(), i % 2 == 0);
		while (slot_used(&slot, RX) != SLOT_PENDING)
			;
	}
}

static void time_runs_out(void **state)
{
	(void)state;
	SLOT_NOT_LEGACY();
	for (unsigned queue = RX; queue <= TX; queue++) {
		start_coalescing(0);
		set_queue_limits((uint16_t)queue, 1000, 50);
		move_frame(queue);
		pass(30);
		move_frame(queue);
		pass(19);
		assert_false(interrupted());
		pass(1);
		assert_true(interrupted());
		/* And it begins with the next frame, not before. */
		pass(1000);
		assert_false(interrupted());
		move_frame(queue);
		pass(49);
		assert_false(interrupted());
		pass(1);
		assert_true(interrupted());
	}
}

/* The one whose time runs out first, and then the other. */
static void both_directions_have_their_time(void **state)
{
	(void)state;
	SLOT_NOT_LEGACY();
	start_coalescing(0);
	set_limits(RX_SET, 1000, 500);
	set_limits(TX_SET, 1000, 100);
	move_frame(RX);
	pass(100);
	move_frame(TX);
	pass(99);
	assert_false(interrupted());
	pass(1);
	assert_true(interrupted());
	assert_int_equal(net.device.queues[RX].counters.interrupts, 0);
	pass(299);
	assert_false(interrupted());
	pass(1);
	assert_true(interrupted());
	assert_int_equal(wake_at, 0);
}

static void what_waits_by_old_limits_waits_no_more(void **state)
{
	const uint32_t data[] = { slot_wire32(8), slot_wire32(100) };

	(void)state;
	SLOT_NOT_LEGACY();
	start_coalescing(0);
	set_limits(TX_SET, 15, 100);
	for (unsigned i = 0; i < 10; i++)
		move_frame(TX);
	assert_false(interrupted());
	command(COAL, TX_SET, data, sizeof(data));
	assert_int_equal(net.device.queues[TX].counters.interrupts, 1);
	pass(1000);
	assert_int_equal(net.device.queues[TX].counters.interrupts, 1);
}

/* What counts is what the driver wants when the wait is over. */
static void NET_D_97_a_driver_that_polls_is_left_alone(void **state)
{
	static const uint64_t features[] = { 0, VIO_BIT(VIO_F_EVENT_IDX) };

	(void)state;
	SLOT_NOT_LEGACY();
	for (unsigned i = 0; i < 2; i++) {
		start_coalescing(features[i]);
		set_limits(RX_SET, 3, 100);
		assert_false(vio_driver_queue_listen(&slot.queues[RX], true));
		move_frame(RX);
		/* An event index is moved ahead; flags say that it wants none. */
		vio_driver_queue_listen(&slot.queues[RX], features[i] != 0);
		pass(100);
		assert_false(interrupted());
		vio_driver_queue_listen(&slot.queues[RX], false);
		for (unsigned k = 0; k < 5; k++)
			move_frame(RX);
		assert_false(interrupted());
		/* The first after it has asked again is notified. */
		assert_false(vio_driver_queue_listen(&slot.queues[RX], true));
		move_frame(RX);
		pass(100);
		assert_true(interrupted());
	}
}

/* The driver's event lies in what waits, up to a ring's length behind; it has seen the rest. */
static void an_event_is_found_laps_later(void **state)
{
	(void)state;
	SLOT_NOT_LEGACY();
	for (unsigned frames = 1; frames < 3 * RING; frames++) {
		start_coalescing(VIO_BIT(VIO_F_EVENT_IDX));
		set_limits(TX_SET, 1000, 100);
		for (unsigned i = 0; i < frames; i++) {
			if (i == 0 || i + RING == frames)
				assert_false(vio_driver_queue_listen(&slot.queues[TX], true));
			move_frame(TX);
		}
		pass(99);
		assert_false(interrupted());
		pass(1);
		assert_true(interrupted());
		/* It was told, and has not asked again. */
		move_frame(TX);
		pass(100);
		assert_false(interrupted());
	}
}

/* A device at rest has nothing left to say, and one that begins anew nothing of before. */
static void NET_D_95_96_life_of_limits(void **state)
{
	uint8_t *ring = NULL;

	(void)state;
	SLOT_NOT_LEGACY();
	start_coalescing(VIO_BIT(VIO_F_SUSPEND));
	set_limits(RX_SET, 10, 100);
	set_limits(TX_SET, 10, 200);
	move_frame(RX);
	assert_true(vio_device_pause(&net.device));
	assert_true(interrupted());
	vio_device_resume(&net.device);
	slot_settle(&slot);
	move_frame(TX);
	vio_mmio_write(&slot.mmio, VIO_MMIO_STATUS, 4,
		       vio_mmio_read(&slot.mmio, VIO_MMIO_STATUS, 4) | VIO_STATUS_SUSPEND);
	assert_int_equal(vio_mmio_read(&slot.mmio, VIO_MMIO_STATUS, 4) & VIO_STATUS_SUSPEND,
			 VIO_STATUS_SUSPEND);
	assert_true(interrupted());
	vio_mmio_write(&slot.mmio, VIO_MMIO_STATUS, 4, net.device.status | VIO_STATUS_DRIVER_OK);
	slot_settle(&slot);
	/* Enabled again, a queue has the limits of its kind, and owes nothing. */
	for (uint16_t queue = RX; queue <= TX; queue++) {
		set_queue_limits(queue, 5, 5);
		move_frame(queue);
		vio_mmio_write(&slot.mmio, VIO_MMIO_QUEUE_SEL, 4, queue);
		vio_mmio_write(&slot.mmio, VIO_MMIO_QUEUE_RESET, 4, 1);
		assert_int_equal(ask_limits(queue, 9), 1);
		assert_int_equal(set_queue_limits(queue, 6, 6), 1);
		ring = slot_alloc_ring(&slot, RING);
		memset(ring, 0, VIO_DRIVER_RING_BYTES(RING));
		assert_true(vio_driver_queue_init(&slot.driver, &slot.queues[queue], queue, ring,
						  RING));
		expect_limits(queue, 10, queue == RX ? 100 : 200);
		pass(1000);
		assert_false(interrupted());
		move_frame(queue);
		pass(200);
		assert_true(interrupted());
	}
	move_frame(TX);
	vio_driver_reset(&slot.driver);
	pass(1000);
	assert_false(slot.line);
}

/* ---- Life ---- */

static void a_reset_takes_the_port_down(void **state)
{
	(void)state;
	start(GUEST_OFFLOADS);
	post(2048);
	assert_true(net.port.up);
	vio_driver_reset(&slot.driver);
	assert_false(net.port.up);
	assert_int_equal(net.port.takes, 0);
	frame_to_guest(options.mac, 60);
	assert_int_equal(other.counters.drops[VIO_DROP_NOBODY], 1);
	slot.ram_used = 0;
	start(0);
	post(2048);
	frame_to_guest(options.mac, 60);
	assert_int_equal(slot_used(&slot, RX), HEADER + 60);
}

/* ---- Save and restore ---- */

static uint8_t saved[VIO_MMIO_STATE_BYTES(VIO_NET_QUEUES, sizeof(struct vio_net_state))];
static struct vio_net_state *const own =
	(void *)(saved + sizeof(saved) - sizeof(struct vio_net_state));

/* The device is saved, and another with these options is in its place. */
static void replace(const struct vio_net_options *with)
{
	assert_true(vio_device_pause(&net.device));
	assert_int_equal(vio_mmio_save(&slot.mmio, saved, sizeof(saved)), VIO_STATE_OK);
	assert_true(vio_mmio_detach(&slot.mmio));
	vio_switch_remove(&sw, &net.port);
	assert_true(vio_net_init(&net, "guest", with));
	assert_int_equal(vio_switch_add(&sw, &net.port, NULL), VIO_SWITCH_OK);
	vio_mmio_attach(&slot.mmio, &net.device, &slot.memory);
}

static enum vio_state_error restore(void)
{
	return vio_mmio_restore(&slot.mmio, saved, sizeof(saved));
}

static void another_instance_goes_on(void **state)
{
	const uint64_t features = CTRL_RX | GUEST_OFFLOADS | VIO_BIT(VIO_NET_F_CSUM) |
				  VIO_BIT(VIO_NET_F_STATUS) | VIO_BIT(VIO_NET_F_CTRL_VLAN) |
				  VIO_BIT(VIO_NET_F_GUEST_ANNOUNCE) |
				  VIO_BIT(VIO_NET_F_CTRL_MAC_ADDR);
	const uint8_t own_mac[VIO_MAC] = { 0x52, 0, 0, 0, 0, 77 };
	const uint16_t vlan = slot_wire16(4095);
	const uint64_t checksums = slot_wire64(VIO_BIT(VIO_NET_F_GUEST_CSUM));
	const uint8_t on = 1;

	(void)state;
	attach(&bridge);
	start(features);
	post(2048);
	post(2048);
	frame_to_guest(options.mac, 60);
	assert_int_equal(slot_used(&slot, RX), HEADER + 60);
	assert_int_equal(set_table(1, 1, 0), 0);
	assert_int_equal(command(0, 3, &on, 1), 0);
	assert_int_equal(command(1, 1, own_mac, VIO_MAC), 0);
	assert_int_equal(command(2, 0, &vlan, sizeof(vlan)), 0);
	if ((net.device.negotiated & VIO_BIT(VIO_NET_F_CTRL_GUEST_OFFLOADS)) != 0)
		assert_int_equal(command(5, 0, &checksums, sizeof(checksums)), 0);
	vio_net_announce(&net);
	replace(&bridge);
	assert_false(net.port.up);
	assert_int_equal(restore(), VIO_STATE_OK);
	assert_true(net.port.up);
	assert_int_equal(net.setup.stations.count, 1);
	assert_int_equal(net.setup.groups.count, 1);
	assert_int_equal(net.setup.rx_modes, VIO_NET_RX_NOMULTI);
	assert_int_equal(net.setup.vlans[511], 0x80);
	assert_memory_equal(net.config.mac, own_mac, VIO_MAC);
	assert_int_equal(net.config.status, VIO_NET_S_LINK_UP | VIO_NET_S_ANNOUNCE);
	/* The second buffer is still there, and no third. */
	frame_to_guest(own_mac, 60);
	assert_int_equal(slot_used(&slot, RX), HEADER + 60);
	frame_to_guest(own_mac, 60);
	assert_int_equal(net.port.counters.drops[VIO_DROP_NO_ROOM], 1);
	assert_int_equal(send_with(&(struct vio_net_hdr){ .flags = 0 }, ordinary_frame(60), 99), 0);
	assert_int_equal(got, 1);
}

/* Nor in another instance. */
static void SUS_D_05_07_suspended_net_keeps_its_status(void **state)
{
	const uint32_t status = offsetof(struct vio_net_config, status);

	(void)state;
	SLOT_NOT_LEGACY();
	start(VIO_BIT(VIO_NET_F_STATUS) | VIO_BIT(VIO_NET_F_CTRL_VQ) |
	      VIO_BIT(VIO_NET_F_GUEST_ANNOUNCE) | VIO_BIT(VIO_F_SUSPEND));
	vio_mmio_write(&slot.mmio, VIO_MMIO_STATUS, 4, 0x1f);
	vio_net_set_link(&net, false);
	vio_net_announce(&net);
	assert_int_equal(vio_driver_interrupt(&slot.driver), 0);
	assert_int_equal(vio_driver_config(&slot.driver, status, 2), VIO_NET_S_LINK_UP);
	vio_mmio_write(&slot.mmio, VIO_MMIO_STATUS, 4, 0x1f);
	assert_int_equal(vio_driver_interrupt(&slot.driver), VIO_INTERRUPT_CONFIG);
	assert_int_equal(vio_driver_config(&slot.driver, status, 2), VIO_NET_S_ANNOUNCE);

	assert_int_equal(command(3, 0, NULL, 0), 0);
	vio_net_set_link(&net, true);
	assert_int_equal(vio_driver_config(&slot.driver, status, 2), VIO_NET_S_LINK_UP);
	vio_driver_interrupt(&slot.driver);
	vio_mmio_write(&slot.mmio, VIO_MMIO_STATUS, 4, 0x1f);
	vio_net_announce(&net);
	replace(&options);
	assert_int_equal(restore(), VIO_STATE_OK);
	assert_int_equal(vio_driver_config(&slot.driver, status, 2), VIO_NET_S_LINK_UP);
	vio_mmio_write(&slot.mmio, VIO_MMIO_STATUS, 4, 0x1f);
	assert_int_equal(vio_driver_interrupt(&slot.driver), VIO_INTERRUPT_CONFIG);
	assert_int_equal(vio_driver_config(&slot.driver, status, 2),
			 VIO_NET_S_LINK_UP | VIO_NET_S_ANNOUNCE);
	vio_mmio_write(&slot.mmio, VIO_MMIO_STATUS, 4, 0x1f);
	replace(&options);
	assert_int_equal(restore(), VIO_STATE_OK);
	assert_int_equal(vio_driver_config(&slot.driver, status, 2),
			 VIO_NET_S_LINK_UP | VIO_NET_S_ANNOUNCE);
	assert_int_equal(vio_driver_interrupt(&slot.driver), 0);
}

static void a_legacy_driver_sets_up_before_DRIVER_OK(void **state)
{
	const uint8_t on = 1;

	(void)state;
	if (!slot_version)
		skip();
	assert_true(vio_driver_start(&slot.driver, CTRL_RX));
	for (uint16_t i = 0; i < 3; i++) {
		void *ring = slot_alloc_ring(&slot, RING);

		assert_true(vio_driver_queue_init(&slot.driver, &slot.queues[i], i, ring, RING));
	}
	assert_int_equal(command(0, 0, &on, 1), 0);
	for (unsigned i = 0; i < 3; i++) {
		vio_mmio_write(&slot.mmio, VIO_MMIO_QUEUE_SEL, 4, i);
		vio_mmio_write(&slot.mmio, VIO_MMIO_QUEUE_PFN, 4, 0);
	}
	assert_true(net.port.up);
	replace(&options);
	assert_int_equal(restore(), VIO_STATE_OK);
	assert_int_equal(net.setup.rx_modes, VIO_NET_RX_PROMISC);
	assert_true(net.port.up);
}

static void what_it_takes_is_saved(void **state)
{
	const uint64_t checksums = slot_wire64(VIO_BIT(VIO_NET_F_GUEST_CSUM));

	(void)state;
	start(GUEST_OFFLOADS | VIO_BIT(VIO_NET_F_CTRL_VQ) | VIO_BIT(VIO_NET_F_CTRL_GUEST_OFFLOADS));
	assert_int_equal(command(5, 0, &checksums, sizeof(checksums)), 0);
	replace(&options);
	assert_int_equal(restore(), VIO_STATE_OK);
	assert_int_equal(net.port.takes, VIO_TAKES_CSUM);
}

static void limits_are_saved(void **state)
{
	(void)state;
	SLOT_NOT_LEGACY();
	start_coalescing(0);
	set_limits(RX_SET, 0x01020304, 100);
	set_limits(TX_SET, 10, 200);
	set_queue_limits(RX, 2, 50);
	move_frame(RX);
	assert_true(vio_device_pause(&net.device));
	assert_true(interrupted()); /* it is not left to the next */
	replace(&timed);
	assert_int_equal(own->limits[0][0], 4);
	assert_int_equal(restore(), VIO_STATE_OK);
	slot_settle(&slot);
	expect_limits(RX, 2, 50);
	expect_limits(TX, 10, 200);
	for (unsigned i = 1; i < 7; i++) {
		move_frame(RX);
		assert_int_equal(interrupted(), i % 2 == 0);
	}
	/* Where there is no clock, such a driver cannot go on. */
	replace(&options);
	assert_int_equal(restore(), VIO_STATE_FEATURES);
}

static void hostile_61_limits_that_cannot_be_are_refused(void **state)
{
	static const struct {
		uint64_t features;
		uint8_t kind, queue;
		enum vio_state_error wanted;
	} rows[] = {
		{ 0, 0, 0, VIO_STATE_OK },
		{ 0, 1, 0, VIO_STATE_OWN },
		{ 0, 1, 1, VIO_STATE_OWN },
		{ VIO_BIT(VIO_NET_F_NOTF_COAL), 1, 1, VIO_STATE_OK },
		{ VIO_BIT(VIO_NET_F_NOTF_COAL), 1, 0, VIO_STATE_OWN },
		{ VIO_BIT(VIO_NET_F_NOTF_COAL), 0, 1, VIO_STATE_OWN },
		{ VIO_BIT(VIO_NET_F_VQ_NOTF_COAL), 0, 1, VIO_STATE_OK },
		{ VIO_BIT(VIO_NET_F_VQ_NOTF_COAL), 1, 1, VIO_STATE_OWN },
	};

	(void)state;
	SLOT_NOT_LEGACY();
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(rows); i++) {
		attach(&timed);
		start(VIO_BIT(VIO_NET_F_CTRL_VQ) | rows[i].features);
		replace(&timed);
		own->limits[0][7] = rows[i].kind;
		own->limits[2][7] = rows[i].queue;
		assert_int_equal(restore(), rows[i].wanted);
	}
}

static void a_driver_that_was_not_there_is_not_there(void **state)
{
	(void)state;
	replace(&options);
	assert_int_equal(restore(), VIO_STATE_OK);
	assert_false(net.port.up);
	start(0);
	post(2048);
	frame_to_guest(options.mac, 60);
	assert_int_equal(slot_used(&slot, RX), HEADER + 60);
}

static void hostile_61_setups_that_cannot_be_are_refused(void **state)
{
	struct vio_net_options other_options = options;
	struct vio_net_state good;

	(void)state;
	start(CTRL_RX | VIO_BIT(VIO_NET_F_GUEST_CSUM));
	replace(&options);
	good = *own;
#define REFUSED(change)                                                                            \
	do {                                                                                       \
		*own = good;                                                                       \
		own->change;                                                                       \
		assert_int_equal(restore(), VIO_STATE_OWN);                                        \
		assert_int_equal(net.device.status, 0);                                            \
		assert_false(net.port.up);                                                         \
	} while (0)
	REFUSED(setup.pairs = 0);
	REFUSED(setup.pairs = 2);
	REFUSED(setup.rx_modes = 0x40);
	REFUSED(setup.stations.count = VIO_NET_ADDRESSES + 1);
	REFUSED(setup.groups.count = 255);
	REFUSED(setup.stations.all = 2);
	REFUSED(setup.vlans[7] = 1);
	REFUSED(mac[5] = 9);
	REFUSED(announce = 1);
	REFUSED(takes = VIO_TAKES_CSUM | VIO_TAKES_TSO4);
	REFUSED(takes = VIO_TAKES_ECN);
	*own = good;
	own->setup.groups.all = 1;
	own->setup.stations.count = VIO_NET_ADDRESSES;
	own->takes = 0;
	assert_int_equal(restore(), VIO_STATE_OK);
	/* Nor is a device with another address what the driver had. */
	other_options.mac[5] = 3;
	start(VIO_BIT(VIO_NET_F_CTRL_VQ) | VIO_BIT(VIO_NET_F_GUEST_ANNOUNCE));
	replace(&options);
	good = *own;
	REFUSED(announce = 2);
	REFUSED(announce = 4);
	REFUSED(announce = 7);
	*own = good;
	own->announce = 3;
	assert_int_equal(restore(), VIO_STATE_OK);
	replace(&other_options);
	assert_int_equal(restore(), VIO_STATE_OWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(NET_D_02_03_10_11_NET_P_126_NET_L_106_configuration, setup),
		cmocka_unit_test_setup(NET_D_02_04_12_wrong_options, setup),
		cmocka_unit_test_setup(NET_H_121_configuration_is_not_the_driver_s, setup),
		cmocka_unit_test_setup(NET_D_14_features_without_their_needs, setup),
		cmocka_unit_test_setup(NET_D_15_16_sends_frames, setup),
		cmocka_unit_test_setup(hostile_55_NET_H_113_short_frames, setup),
		cmocka_unit_test_setup(hostile_55_giants, setup),
		cmocka_unit_test_setup(sends_checksums_and_segments_whole, setup),
		cmocka_unit_test_setup(hostile_57_NET_H_115_offloads_not_negotiated, setup),
		cmocka_unit_test_setup(sends_nowhere_without_a_switch, setup),
		cmocka_unit_test_setup(NET_D_26_27_28_32_51_55_NET_P_123_NET_L_107_one_buffer,
				       setup),
		cmocka_unit_test_setup(hostile_56_NET_H_116_small_buffers, setup),
		cmocka_unit_test_setup(no_buffer_at_all, setup),
		cmocka_unit_test_setup(NET_D_29_30_31_merges_buffers, setup),
		cmocka_unit_test_setup(merges_tiny_buffers, setup),
		cmocka_unit_test_setup(merges_buffers_of_many_pieces, setup),
		cmocka_unit_test_setup(too_many_pieces_to_merge, setup),
		cmocka_unit_test_setup(hostile_56_not_enough_to_merge, setup),
		cmocka_unit_test_setup(hostile_56_receive_buffers_of_a_wrong_shape, setup),
		cmocka_unit_test_setup(NET_D_05_longer_than_the_link, setup),
		cmocka_unit_test_setup(NET_D_41_43_44_45_52_53_56_whole_segments, setup),
		cmocka_unit_test_setup(NET_D_33_34_36_40_51_57_only_what_the_driver_takes, setup),
		cmocka_unit_test_setup(a_cut_segment_fills_the_ring, setup),
		cmocka_unit_test_setup(NET_D_66_67_68_69_70_71_72_73_NET_P_125_receive_modes,
				       setup),
		cmocka_unit_test_setup(the_switch_s_filter_is_stronger, setup),
		cmocka_unit_test_setup(NET_D_74_75_77_NET_L_108_address_table, setup),
		cmocka_unit_test_setup(hostile_58_NET_H_117_NET_H_118_commands_cut_short, setup),
		cmocka_unit_test_setup(NET_D_78_79_80_NET_L_110_vlans, setup),
		cmocka_unit_test_setup(NET_D_76_the_driver_s_own_address, setup),
		cmocka_unit_test_setup(NET_D_81_announcement, setup),
		cmocka_unit_test_setup(NET_H_122_NET_L_112_offloads_at_run_time, setup),
		cmocka_unit_test_setup(NET_D_91_92_93_94_98_limits_are_kept, setup),
		cmocka_unit_test_setup(coalescing_is_negotiated, setup),
		cmocka_unit_test_setup(frames_are_counted, setup),
		cmocka_unit_test_setup(frames_in_pieces_are_counted, setup),
		cmocka_unit_test_setup(time_runs_out, setup),
		cmocka_unit_test_setup(both_directions_have_their_time, setup),
		cmocka_unit_test_setup(what_waits_by_old_limits_waits_no_more, setup),
		cmocka_unit_test_setup(NET_D_97_a_driver_that_polls_is_left_alone, setup),
		cmocka_unit_test_setup(an_event_is_found_laps_later, setup),
		cmocka_unit_test_setup(NET_D_95_96_life_of_limits, setup),
		cmocka_unit_test_setup(a_reset_takes_the_port_down, setup),
		cmocka_unit_test_setup(another_instance_goes_on, setup),
		cmocka_unit_test_setup(SUS_D_05_07_suspended_net_keeps_its_status, setup),
		cmocka_unit_test_setup(a_legacy_driver_sets_up_before_DRIVER_OK, setup),
		cmocka_unit_test_setup(what_it_takes_is_saved, setup),
		cmocka_unit_test_setup(limits_are_saved, setup),
		cmocka_unit_test_setup(hostile_61_limits_that_cannot_be_are_refused, setup),
		cmocka_unit_test_setup(a_driver_that_was_not_there_is_not_there, setup),
		cmocka_unit_test_setup(hostile_61_setups_that_cannot_be_are_refused, setup),
	};

	return SLOT_RUN_TESTS(tests);
}

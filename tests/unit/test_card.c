/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The root's driver of a network card, with a device of ours as the card: a frame goes station ->
 * switch -> virtio_net -> registers and rings -> vio_net -> another switch, the wire, and back.
 */
#include "slot.h"
#include "frames.h"
#include "virtio_net.h"
#include "virtio_probe.h"

#define FRAMES 600 /* that an end remembers */

/* ---- The card ---- */

static struct vio_mmio transports[2];
static struct vio_net hardware;
static struct vio_memory bus;
static struct vio_region bus_regions[2];
static bool line;
static bool deferred;

static void raise(struct vio_mmio *mmio)
{
	(void)mmio;
	line = true;
}

static void lower(struct vio_mmio *mmio)
{
	(void)mmio;
	line = false;
}

static void defer(struct vio_mmio *mmio)
{
	(void)mmio;
	deferred = true;
}

static void released(struct vio_mmio *mmio)
{
	fail_msg("slot %u: nobody waits", mmio->number);
}

static void failed(struct vio_mmio *mmio, enum vio_error error)
{
	fail_msg("slot %u: %s", mmio->number, vio_error_text(error));
}

static const struct vio_mmio_host host = { raise, lower, defer, released, failed };

static uint32_t reg_read(void *registers, uint32_t offset, unsigned width)
{
	return (uint32_t)vio_mmio_read(registers, offset, width);
}

static void reg_write(void *registers, uint32_t offset, unsigned width, uint32_t value)
{
	assert_int_equal(vio_mmio_write(registers, offset, width, value), VIO_MMIO_DONE);
}

static const struct vio_driver_access access = { reg_read, reg_write };
static const struct virtio_window window = { &access, transports, 0, sizeof(transports[0]), 2 };

/* ---- Its ends ---- */

struct end {
	struct vio_port port;
	unsigned count;
	uint32_t lengths[FRAMES];
	uint8_t last[FRAME_MAX];
	bool in_order; /* each frame's first byte of payload counts up */
};

static struct vio_switch wire;
static struct vio_switch lan;
static struct end far;  /* a station on the wire */
static struct end near; /* one on the root's switch */
static struct virtio_net card;
static struct virtio_net_memory card_memory;
static unsigned links;
static uint8_t bytes[FRAME_MAX];
static const struct vio_offload none;

static bool take_frame(struct vio_port *port, const struct vio_frame *frame)
{
	struct end *end = VIO_CONTAINER_OF(port, struct end, port);
	struct vio_frame rest = *frame;

	assert_true(end->count < FRAMES);
	assert_int_equal(frame->offload.flags, 0);
	assert_int_equal(frame->offload.gso_type, VIO_NET_GSO_NONE);
	assert_int_equal(vio_frame_read(&rest, end->last, FRAME_MAX), frame->len);
	if (end->last[VIO_ETHERNET_HEADER] != (uint8_t)end->count)
		end->in_order = false;
	end->lengths[end->count++] = frame->len;
	return true;
}

static void join(struct vio_switch *sw, struct end *end, uint8_t number, uint8_t flags)
{
	memset(end, 0, sizeof(*end));
	end->port = (struct vio_port){ .name = "end",
				       .mac = { 0x52, 0, 0, 0, 0, number },
				       .flags = flags,
				       .up = true,
				       .deliver = take_frame };
	end->in_order = true;
	assert_int_equal(vio_switch_add(sw, &end->port, NULL), VIO_SWITCH_OK);
}

static void link_changed(struct virtio_net *net)
{
	assert_ptr_equal(net, &card);
	links++;
}

static void add_to_bus(void *data, size_t size)
{
	assert_true(vio_memory_add(&bus, (struct vio_region){ .base = (uintptr_t)data,
							      .size = size,
							      .data = data,
							      .access = VIO_ACCESS_READ_WRITE }));
}

static void plug_in_card(void)
{
	const struct vio_net_options options = { .mac = { 0x52, 0, 0, 0, 0, 9 },
						 .any_address = true };

	assert_true(vio_net_init(&hardware, "card", &options));
	vio_mmio_attach(&transports[1], &hardware.device, &bus);
	assert_int_equal(vio_switch_add(&wire, &hardware.port, NULL), VIO_SWITCH_OK);
}

static const char *start_card(void)
{
	struct vio_driver driver;

	assert_int_equal(virtio_find(&window, VIO_ID_NET, 0, &driver), 1);
	return virtio_net_init(&card, &driver, &card_memory);
}

static int setup(void **state)
{
	uint16_t i = 0;

	(void)state;
	memset(&wire, 0, sizeof(wire));
	memset(&lan, 0, sizeof(lan));
	memset(&card, 0, sizeof(card));
	memset(&card_memory, 0xee, sizeof(card_memory));
	line = deferred = false;
	links = 0;
	for (i = 0; i < 2; i++)
		transports[i] = (struct vio_mmio){ .host = &host, .number = i };
	vio_memory_init(&bus, bus_regions, VIO_ARRAY_SIZE(bus_regions));
	add_to_bus(&card_memory, sizeof(card_memory));
	join(&wire, &far, 2, 0);
	join(&lan, &near, 1, VIO_PORT_FILTERED);
	plug_in_card();
	return 0;
}

static void start(void)
{
	assert_null(start_card());
	card.link_changed = link_changed;
	assert_int_equal(vio_switch_add(&lan, &card.port, NULL), VIO_SWITCH_OK);
}

static void run(void)
{
	while (line || deferred) {
		if (deferred) {
			deferred = false;
			vio_mmio_serve(&transports[1]);
		}
		if (line)
			virtio_net_interrupt(&card);
	}
}

/* A frame of `len` bytes, its payload counting from `first`, not flushed. */
static void send(struct end *from, const struct end *to, uint32_t len, uint8_t first)
{
	static struct frame_cut cut;

	memcpy(bytes, to->port.mac, VIO_MAC);
	memcpy(bytes + VIO_MAC, from->port.mac, VIO_MAC);
	for (uint32_t i = 12; i < len; i++)
		bytes[i] = (uint8_t)(first + i - VIO_ETHERNET_HEADER);
	vio_net16_set(bytes + 12, 0x88b5);
	frame_cut(&cut, bytes, len, 18, 700, &none);
	vio_port_send(&from->port, &cut.frame);
}

static void send_now(struct end *from, const struct end *to, uint32_t len, uint8_t first)
{
	send(from, to, len, first);
	vio_port_flush(&from->port);
	run();
}

static void frames_go_both_ways(void **state)
{
	static const uint32_t lengths[] = { 15, 18, 19, 60, 700, 1513, 1514 };

	(void)state;
	start();
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(lengths); i++) {
		send_now(&near, &far, lengths[i], (uint8_t)i);
		assert_int_equal(far.count, i + 1);
		assert_int_equal(far.lengths[i], lengths[i]);
		assert_memory_equal(far.last, bytes, lengths[i]);
		send_now(&far, &near, lengths[i], (uint8_t)i);
		assert_int_equal(near.count, i + 1);
		assert_int_equal(near.lengths[i], lengths[i]);
		assert_memory_equal(near.last, bytes, lengths[i]);
	}
}

/* Rings turn over several times, in batches of all sizes, and nothing is lost or reordered. */
static void rings_turn_over(void **state)
{
	unsigned sent = 0;

	(void)state;
	start();
	for (unsigned batch = 1; sent + batch <= FRAMES; batch++) {
		for (unsigned i = 0; i < batch; i++)
			send(&near, &far, 64, (uint8_t)(sent + i));
		vio_port_flush(&near.port);
		run();
		for (unsigned i = 0; i < batch; i++)
			send(&far, &near, 64, (uint8_t)(sent + i));
		vio_port_flush(&far.port);
		run();
		sent += batch;
		assert_int_equal(far.count, sent);
		assert_int_equal(near.count, sent);
	}
	assert_true(sent > 2 * VIRTIO_NET_RING);
	assert_true(far.in_order && near.in_order);
}

/* A batch that the card has no buffers for: the rest is lost, and counted. */
static void what_finds_no_buffer_is_counted(void **state)
{
	(void)state;
	start();
	for (unsigned i = 0; i < VIRTIO_NET_RING + 10; i++)
		send(&near, &far, 64, (uint8_t)i);
	vio_port_flush(&near.port);
	run();
	assert_int_equal(far.count, VIRTIO_NET_RING);
	assert_int_equal(card.port.counters.drops[VIO_DROP_NO_ROOM], 10);
	send_now(&near, &far, 64, (uint8_t)far.count);
	assert_int_equal(far.count, VIRTIO_NET_RING + 1);
	assert_true(far.in_order);
}

static void a_long_frame_does_not_fit(void **state)
{
	(void)state;
	near.port.mtu = 9000;
	start();
	send_now(&near, &far, sizeof(card_memory.sent[0].frame) + 1, 0);
	assert_int_equal(far.count, 0);
	assert_int_equal(card.port.counters.drops[VIO_DROP_NO_ROOM], 1);
}

/* What the card cannot, the switch does: checksums, and cutting what the guest left whole. */
static void a_segment_is_cut_for_the_card(void **state)
{
	const struct frame_tcp tcp = { .payload = 5000, .gso_size = 1448, .flags = FRAME_TCP_ACK };
	static struct frame_cut cut;
	struct vio_offload offload;
	uint32_t len = 0;

	(void)state;
	start();
	assert_int_equal(card.port.takes, 0);
	len = frame_write_tcp(bytes, &tcp, &offload);
	frame_cut(&cut, bytes, len, 128, 1000, &offload);
	vio_port_send(&near.port, &cut.frame);
	vio_port_flush(&near.port);
	run();
	assert_int_equal(far.count, 4);
	assert_int_equal(far.lengths[0], 54 + 1448);
	assert_int_equal(far.lengths[3], 54 + 5000 - 3 * 1448);
	frame_expect_valid(far.last, far.lengths[3]);
}

static void the_wire_is_unplugged(void **state)
{
	(void)state;
	start();
	assert_true(card.port.up);
	vio_net_set_link(&hardware, false);
	run();
	assert_false(card.port.up);
	assert_int_equal(links, 1);
	send_now(&near, &far, 64, 0);
	assert_int_equal(near.port.counters.drops[VIO_DROP_NOBODY], 1);
	vio_net_set_link(&hardware, true);
	run();
	assert_int_equal(links, 2);
	send_now(&near, &far, 64, 0);
	assert_int_equal(far.count, 1);
	/* Nothing changed. */
	vio_net_announce(&hardware);
	run();
	assert_int_equal(links, 2);
}

static uint32_t without[2]; /* features, low and high, that a card does not have */

static uint32_t poor_read(void *registers, uint32_t offset, unsigned width)
{
	struct vio_mmio *mmio = registers;
	uint32_t value = reg_read(registers, offset, width);

	if (offset == VIO_MMIO_DEVICE_FEATURES)
		value &= ~without[mmio->device_features_sel != 0];
	if (offset == VIO_MMIO_QUEUE_SIZE_MAX && without[0] == 0 && without[1] == 0)
		value /= 2;
	return value;
}

static void a_poor_card_is_refused(void **state)
{
	const struct vio_driver_access poor = { poor_read, reg_write };
	struct vio_driver driver = { .access = &poor, .registers = &transports[1] };

	(void)state;
	assert_int_equal(card.port.up, false);
	without[0] = without[1] = 0;
	assert_string_equal(virtio_net_init(&card, &driver, &card_memory),
			    "network card has no queues, or too small ones");
	without[0] = 1U << VIO_NET_F_MAC;
	assert_string_equal(virtio_net_init(&card, &driver, &card_memory),
			    "network card has no address");
	without[1] = 1;
	assert_string_equal(virtio_net_init(&card, &driver, &card_memory),
			    "network card does not agree on features");
	driver.registers = &transports[0];
	assert_string_equal(virtio_net_init(&card, &driver, &card_memory), "no network card");
	/* One that cannot say whether it is plugged in is. */
	vio_net_set_link(&hardware, false);
	without[0] = 1U << VIO_NET_F_STATUS;
	without[1] = 0;
	driver.registers = &transports[1];
	assert_null(virtio_net_init(&card, &driver, &card_memory));
	assert_true(card.port.up);
}

#define TEST(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(frames_go_both_ways),
		TEST(rings_turn_over),
		TEST(what_finds_no_buffer_is_counted),
		TEST(a_long_frame_does_not_fit),
		TEST(a_segment_is_cut_for_the_card),
		TEST(the_wire_is_unplugged),
		TEST(a_poor_card_is_refused),
	};

	return cmocka_run_group_tests_name("card", tests, NULL, NULL);
}

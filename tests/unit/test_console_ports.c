/* SPDX-License-Identifier: BSD-2-Clause */
/* The console device with several ports: what is said about them, and what goes through them. */
#include <linux/virtio_console.h>

#include "slot.h"
#include "vio_console_ports.h"
#include "vio_state.h"

enum {
	CONTROL_RECEIVE = 2,
	CONTROL_TRANSMIT = 3,
};

#define RECEIVE(id)  ((id) == 0 ? 0U : 2U * (id) + 2)
#define TRANSMIT(id) (RECEIVE(id) + 1)

#define STREAM       4096

/* One end of a cable. */
struct end {
	struct vio_console_backend backend;
	uint8_t got[STREAM];
	uint32_t got_len;
	uint32_t room;
	const char *says; /* what is left of it */
	bool open;
	unsigned turns; /* times it was opened or closed */
};

static uint32_t write(struct vio_console_backend *backend, const uint8_t *data, uint32_t len)
{
	struct end *end = VIO_CONTAINER_OF(backend, struct end, backend);

	if (len > end->room)
		len = end->room;
	assert_true(end->got_len + len <= STREAM);
	memcpy(end->got + end->got_len, data, len);
	end->got_len += len;
	end->room -= len;
	return len;
}

static uint32_t read(struct vio_console_backend *backend, uint8_t *to, uint32_t len)
{
	struct end *end = VIO_CONTAINER_OF(backend, struct end, backend);
	uint32_t got = 0;

	for (; got < len && *end->says != '\0'; got++)
		to[got] = (uint8_t)*end->says++;
	return got;
}

static void opened(struct vio_console_backend *backend, bool open)
{
	struct end *end = VIO_CONTAINER_OF(backend, struct end, backend);

	assert_true(end->open != open);
	end->open = open;
	end->turns++;
}

static struct end ends[3];

static const struct vio_console_port_info screen = {
	.backend = &ends[0].backend, .is_console = true, .cols = 80, .rows = 25
};
static const struct vio_console_port_info echo = { .backend = &ends[1].backend,
						   .name = "org.vio.echo" };
static const struct vio_console_port_info plain = { .backend = &ends[2].backend };

static struct vio_console_ports ports;
static struct slot slot;
static uint8_t *page;

/* Buffers for messages, used in the order in which they were given. */
static uint8_t *boxes[64];
static unsigned given;
static unsigned taken;

#define BOX 40

static void start_with(uint64_t features)
{
	slot_start(&slot, features, 16);
	page = slot_alloc(&slot, 4096);
	given = taken = 0;
}

static void start(void)
{
	start_with(VIO_BIT(VIO_F_EVENT_IDX) | VIO_BIT(VIO_CONSOLE_F_SIZE) |
		   VIO_BIT(VIO_CONSOLE_F_MULTIPORT) | VIO_BIT(VIO_F_SUSPEND));
}

static int attach(void **state)
{
	(void)state;
	memset(ends, 0, sizeof(ends));
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(ends); i++) {
		ends[i].backend = (struct vio_console_backend){ write, read, opened };
		ends[i].room = STREAM;
		ends[i].says = "";
	}
	memset(&ports, 0xa5, sizeof(ports));
	vio_console_ports_init(&ports, &screen, false);
	assert_true(vio_console_port_add(&ports, 1, &echo));
	slot_attach(&slot, &ports.device);
	return 0;
}

static int attach_and_start(void **state)
{
	attach(state);
	start();
	return 0;
}

static void give_of(unsigned count, uint32_t len)
{
	for (; count != 0; count--) {
		uint8_t *at = slot_alloc(&slot, BOX);

		boxes[given++ % VIO_ARRAY_SIZE(boxes)] = at;
		slot_send(&slot, CONTROL_RECEIVE, &(struct vio_buffer){ at, len, true }, 1);
	}
}

static void give(unsigned count)
{
	give_of(count, BOX);
}

/* The next message is this one, followed by `rest`. */
static void expect_with(uint32_t id, uint16_t event, uint16_t value, const void *rest,
			uint32_t rest_len)
{
	struct vio_console_control message;
	const uint8_t *at = boxes[taken % VIO_ARRAY_SIZE(boxes)];

	assert_int_equal(slot_used(&slot, CONTROL_RECEIVE), sizeof(message) + rest_len);
	taken++;
	memcpy(&message, at, sizeof(message));
	assert_int_equal(slot_wire32(message.id), id);
	assert_int_equal(slot_wire16(message.event), event);
	assert_int_equal(slot_wire16(message.value), value);
	assert_memory_equal(at + sizeof(message), rest, rest_len);
}

static void expect(uint32_t id, uint16_t event, uint16_t value)
{
	expect_with(id, event, value, "", 0);
}

static void expect_silence(void)
{
	slot_settle(&slot);
	assert_int_equal(slot_used(&slot, CONTROL_RECEIVE), SLOT_PENDING);
}

static void tell_of(uint32_t id, uint16_t event, uint16_t value, uint32_t len)
{
	const struct vio_console_control message = { slot_wire32(id), slot_wire16(event),
						     slot_wire16(value) };

	memcpy(page, &message, sizeof(message));
	assert_int_equal(
		slot_request(&slot, CONTROL_TRANSMIT, &(struct vio_buffer){ page, len, false }, 1),
		0);
}

static void tell(uint32_t id, uint16_t event, uint16_t value)
{
	tell_of(id, event, value, sizeof(struct vio_console_control));
}

/* The driver is told of both ports that there are. */
static void get_ports(void)
{
	tell(0, VIO_CONSOLE_DEVICE_READY, 1);
	expect(0, VIO_CONSOLE_DEVICE_ADD, 1);
	expect(1, VIO_CONSOLE_DEVICE_ADD, 1);
}

/* The driver goes through all there is to say about port 1, and opens it. */
static void open_echo(void)
{
	give(8);
	get_ports();
	tell(1, VIO_CONSOLE_PORT_READY, 1);
	expect_with(1, VIO_CONSOLE_PORT_NAME, 1, "org.vio.echo", 12);
	expect(1, VIO_CONSOLE_PORT_OPEN, 1);
	tell(1, VIO_CONSOLE_PORT_OPEN, 1);
	assert_true(ends[1].open);
}

static void send(unsigned id, const char *text)
{
	uint32_t len = (uint32_t)strlen(text);

	memcpy(page, text, len);
	assert_int_equal(
		slot_request(&slot, TRANSMIT(id), &(struct vio_buffer){ page, len, false }, 1), 0);
}

static void expect_got(const struct end *end, const char *text)
{
	assert_int_equal(end->got_len, strlen(text));
	assert_memory_equal(end->got, text, end->got_len);
}

/* ---- What there is ---- */

static unsigned queues_of(struct vio_device *device)
{
	unsigned count = 0;

	slot_attach(&slot, device);
	for (uint32_t i = 0; i < 64; i++) {
		uint32_t size = 0;

		vio_mmio_write(&slot.mmio, VIO_MMIO_QUEUE_SEL, 4, i);
		size = (uint32_t)vio_mmio_read(&slot.mmio, VIO_MMIO_QUEUE_SIZE_MAX, 4);
		if (size == 0)
			continue;
		assert_int_equal(size, VIO_CONSOLE_QUEUE_SIZE);
		assert_int_equal(i, count++);
	}
	return count;
}

static void CON_P_14_two_queues_or_two_a_port_and_two_for_control(void **state)
{
	static struct vio_console console;

	(void)state;
	assert_int_equal(queues_of(&ports.device), 2 * VIO_CONSOLE_PORTS + 2);
	assert_int_not_equal(
		vio_device_offered(&ports.device, 0) & VIO_BIT(VIO_CONSOLE_F_MULTIPORT), 0);
	vio_driver_probe(&slot.driver);
	assert_int_equal(vio_driver_config(&slot.driver, 4, 4), VIO_CONSOLE_PORTS);

	vio_console_init(&console, &ends[0].backend, 80, 25);
	assert_int_equal(queues_of(&console.device), 2);
	assert_int_equal(vio_device_offered(&console.device, 0) & VIO_BIT(VIO_CONSOLE_F_MULTIPORT),
			 0);
}

static void CON_P_15_CON_D_03_CON_D_04_CON_L_07_each_port_is_added_once(void **state)
{
	(void)state;
	for (uint32_t id = 0; id < VIO_CONSOLE_PORTS + 3; id++)
		assert_int_equal(vio_console_port_add(&ports, id, &plain),
				 id > 1 && id < VIO_CONSOLE_PORTS);
	give(2 * VIO_CONSOLE_PORTS);
	expect_silence();
	tell(0, VIO_CONSOLE_DEVICE_READY, 1);
	for (uint32_t id = 0; id < VIO_CONSOLE_PORTS; id++)
		expect(id, VIO_CONSOLE_DEVICE_ADD, 1);
	expect_silence();
	tell(0, VIO_CONSOLE_DEVICE_READY, 1);
	expect_silence();
}

static void CON_P_15_a_driver_that_is_not_ready_is_told_nothing(void **state)
{
	(void)state;
	give(4);
	tell(0, VIO_CONSOLE_DEVICE_READY, 0);
	assert_true(vio_console_port_add(&ports, 2, &plain));
	expect_silence();
	assert_int_equal(ports.ignored, 0);
	tell(0, VIO_CONSOLE_DEVICE_READY, 1);
	for (uint32_t id = 0; id < 3; id++)
		expect(id, VIO_CONSOLE_DEVICE_ADD, 1);
}

/* It says 0 when it could not come up. */
static void CON_P_15_nor_one_that_is_not_ready_any_more(void **state)
{
	(void)state;
	tell(0, VIO_CONSOLE_DEVICE_READY, 1);
	give(1);
	expect(0, VIO_CONSOLE_DEVICE_ADD, 1);
	tell(0, VIO_CONSOLE_DEVICE_READY, 0);
	give(3);
	expect_silence();
	tell(0, VIO_CONSOLE_DEVICE_READY, 1);
	expect(1, VIO_CONSOLE_DEVICE_ADD, 1);
	expect_silence();
}

static void CON_P_15_what_a_driver_missed_that_was_not_ready(void **state)
{
	(void)state;
	give(2);
	get_ports();
	tell(0, VIO_CONSOLE_DEVICE_READY, 0);
	vio_console_port_remove(&ports, 1);
	assert_true(vio_console_port_add(&ports, 1, &echo));
	give(3);
	expect_silence();
	tell(0, VIO_CONSOLE_DEVICE_READY, 1);
	expect(1, VIO_CONSOLE_DEVICE_REMOVE, 1);
	expect(1, VIO_CONSOLE_DEVICE_ADD, 1);
	expect_silence();
}

static void a_console_is_nominated_and_sized_a_stream_named(void **state)
{
	const uint16_t size[] = { slot_wire16(80), slot_wire16(25) };

	(void)state;
	give(8);
	get_ports();
	tell(0, VIO_CONSOLE_PORT_READY, 1);
	expect(0, VIO_CONSOLE_CONSOLE_PORT, 1);
	expect_with(0, VIO_CONSOLE_RESIZE, 1, size, sizeof(size));
	expect(0, VIO_CONSOLE_PORT_OPEN, 1);
	tell(1, VIO_CONSOLE_PORT_READY, 1);
	expect_with(1, VIO_CONSOLE_PORT_NAME, 1, "org.vio.echo", 12);
	expect(1, VIO_CONSOLE_PORT_OPEN, 1);
	expect_silence();
}

static void CON_P_13_resize_of_a_port(void **state)
{
	const uint16_t old[] = { slot_wire16(80), slot_wire16(25) };
	const uint16_t size[] = { slot_wire16(132), slot_wire16(43) };
	const uint16_t other[] = { slot_wire16(43), slot_wire16(132) };

	(void)state;
	open_echo();
	tell(0, VIO_CONSOLE_PORT_READY, 1);
	expect(0, VIO_CONSOLE_CONSOLE_PORT, 1);
	expect_with(0, VIO_CONSOLE_RESIZE, 1, old, sizeof(old));
	expect(0, VIO_CONSOLE_PORT_OPEN, 1);
	give(6);
	vio_driver_interrupt(&slot.driver);
	vio_console_port_resize(&ports, 0, 132, 43);
	slot_settle(&slot);
	expect_with(0, VIO_CONSOLE_RESIZE, 1, size, sizeof(size));
	assert_int_equal(vio_driver_interrupt(&slot.driver) & VIO_INTERRUPT_CONFIG,
			 VIO_INTERRUPT_CONFIG);
	assert_int_equal(vio_driver_config(&slot.driver, 0, 2), 132);

	/* Of a stream, of none and to none: nothing to say. */
	vio_console_port_resize(&ports, 1, 1, 1);
	vio_console_port_resize(&ports, 2, 1, 1);
	vio_console_port_resize(&ports, 99, 1, 1);
	vio_console_port_resize(&ports, 0, 0, 43);
	vio_console_port_resize(&ports, 0, 132, 0);
	expect_silence();

	ports.rows_first = true;
	vio_console_port_resize(&ports, 0, 132, 43);
	slot_settle(&slot);
	expect_with(0, VIO_CONSOLE_RESIZE, 1, other, sizeof(other));
}

/* ---- Data ---- */

static void a_port_carries_both_directions(void **state)
{
	(void)state;
	open_echo();
	send(1, "to the echo");
	expect_got(&ends[1], "to the echo");
	expect_got(&ends[0], "");
	slot_send(&slot, RECEIVE(1), &(struct vio_buffer){ page, 100, true }, 1);
	ends[1].says = "from it";
	vio_console_port_input_ready(&ports, 1);
	slot_settle(&slot);
	assert_int_equal(slot_used(&slot, RECEIVE(1)), 7);
	assert_memory_equal(page, "from it", 7);
	assert_int_equal(slot_used(&slot, RECEIVE(0)), SLOT_PENDING);
}

static void CON_P_11_input_waits_until_the_port_is_open(void **state)
{
	(void)state;
	ends[1].says = "early ";
	vio_console_port_input_ready(&ports, 1);
	start();
	slot_send(&slot, RECEIVE(1), &(struct vio_buffer){ page + 64, 100, true }, 1);
	open_echo();
	assert_int_equal(slot_used(&slot, RECEIVE(1)), 6);
	tell(1, VIO_CONSOLE_PORT_OPEN, 0);
	assert_false(ends[1].open);
	slot_send(&slot, RECEIVE(1), &(struct vio_buffer){ page + 64, 100, true }, 1);
	ends[1].says = "late";
	vio_console_port_input_ready(&ports, 1);
	slot_settle(&slot);
	assert_int_equal(slot_used(&slot, RECEIVE(1)), SLOT_PENDING);
	tell(1, VIO_CONSOLE_PORT_OPEN, 1);
	assert_int_equal(slot_used(&slot, RECEIVE(1)), 4);
	assert_memory_equal(page + 64, "late", 4);
}

static void output_of_a_port_waits_for_room(void **state)
{
	(void)state;
	open_echo();
	ends[1].room = 3;
	memcpy(page, "abcdef", 6);
	slot_send(&slot, TRANSMIT(1), &(struct vio_buffer){ page, 6, false }, 1);
	assert_int_equal(slot_used(&slot, TRANSMIT(1)), SLOT_PENDING);
	ends[1].room = 100;
	vio_console_port_output_ready(&ports, 1);
	slot_settle(&slot);
	assert_int_equal(slot_used(&slot, TRANSMIT(1)), 0);
	expect_got(&ends[1], "abcdef");
}

/* What the root had taken of a buffer that it lets go of is nothing to the next. */
static void output_is_lost_while_the_root_has_closed(void **state)
{
	(void)state;
	open_echo();
	ends[1].room = 3;
	memcpy(page, "abcdef", 6);
	slot_send(&slot, TRANSMIT(1), &(struct vio_buffer){ page, 6, false }, 1);
	ends[1].room = 100;
	vio_console_port_open(&ports, 1, false);
	slot_settle(&slot);
	assert_int_equal(slot_used(&slot, TRANSMIT(1)), 0);
	send(1, "lost");
	expect(1, VIO_CONSOLE_PORT_OPEN, 0);
	vio_console_port_open(&ports, 1, true);
	vio_console_port_open(&ports, 1, true);
	slot_settle(&slot);
	expect(1, VIO_CONSOLE_PORT_OPEN, 1);
	expect_silence();
	send(1, "again");
	expect_got(&ends[1], "abcagain");
}

static void output_before_the_port_is_ready_is_lost(void **state)
{
	(void)state;
	send(1, "lost");
	send(2, "lost");
	expect_got(&ends[1], "");
	open_echo();
	tell(1, VIO_CONSOLE_PORT_READY, 0);
	assert_false(ends[1].open);
	send(1, "lost");
	expect_got(&ends[1], "");
}

static void hostile_59_output_of_a_port_that_is_not_ready_any_more_is_let_go(void **state)
{
	uint8_t *text = slot_alloc(&slot, 16);

	(void)state;
	open_echo();
	ends[1].room = 3;
	memcpy(text, "abcdef", 6);
	slot_send(&slot, TRANSMIT(1), &(struct vio_buffer){ text, 6, false }, 1);
	assert_int_equal(slot_used(&slot, TRANSMIT(1)), SLOT_PENDING);
	tell(1, VIO_CONSOLE_PORT_READY, 0);
	assert_int_equal(slot_used(&slot, TRANSMIT(1)), 0);
	expect_got(&ends[1], "abc");
}

static void emergency_write_is_for_port_0(void **state)
{
	(void)state;
	vio_mmio_write(&slot.mmio, VIO_MMIO_CONFIG + 8, 4, vio_le32(slot_wire32('!')));
	expect_got(&ends[0], "!");
}

/* ---- Ports come and go ---- */

static void a_port_is_added_while_the_driver_runs(void **state)
{
	(void)state;
	open_echo();
	assert_true(vio_console_port_add(&ports, 2, &plain));
	slot_settle(&slot);
	expect(2, VIO_CONSOLE_DEVICE_ADD, 1);
	tell(2, VIO_CONSOLE_PORT_READY, 1);
	expect(2, VIO_CONSOLE_PORT_OPEN, 1);
	expect_silence();
	tell(2, VIO_CONSOLE_PORT_OPEN, 1);
	send(2, "there");
	expect_got(&ends[2], "there");
}

/* Its output is let go of, since drivers wait for that; its input buffers are for the next. */
static void CON_D_05_hostile_59_a_port_is_removed_with_buffers_in_flight(void **state)
{
	(void)state;
	open_echo();
	slot_send(&slot, RECEIVE(1), &(struct vio_buffer){ page + 64, 100, true }, 1);
	ends[1].room = 3;
	memcpy(page, "abcdef", 6);
	slot_send(&slot, TRANSMIT(1), &(struct vio_buffer){ page, 6, false }, 1);
	ends[1].room = 100;
	vio_console_port_remove(&ports, 1);
	vio_console_port_remove(&ports, 1);
	slot_settle(&slot);
	expect(1, VIO_CONSOLE_DEVICE_REMOVE, 1);
	expect_silence();
	assert_int_equal(slot_used(&slot, TRANSMIT(1)), 0);
	ends[1].says = "late";
	vio_console_port_input_ready(&ports, 1);
	vio_console_port_output_ready(&ports, 1);
	vio_console_port_open(&ports, 1, false);
	tell(1, VIO_CONSOLE_PORT_OPEN, 0);
	assert_int_equal(ports.ignored, 1);
	send(1, "late");
	expect_got(&ends[1], "abc");
	assert_int_equal(slot_used(&slot, RECEIVE(1)), SLOT_PENDING);

	assert_true(vio_console_port_add(&ports, 1, &plain));
	give(2);
	expect(1, VIO_CONSOLE_DEVICE_ADD, 1);
	tell(1, VIO_CONSOLE_PORT_READY, 1);
	expect(1, VIO_CONSOLE_PORT_OPEN, 1);
	ends[2].says = "new";
	tell(1, VIO_CONSOLE_PORT_OPEN, 1);
	assert_int_equal(slot_used(&slot, RECEIVE(1)), 3);
	send(1, "new");
	expect_got(&ends[2], "new");
}

static void CON_D_05_only_a_port_that_was_added_is_removed(void **state)
{
	(void)state;
	tell(0, VIO_CONSOLE_DEVICE_READY, 1);
	vio_console_port_remove(&ports, 1); /* the driver was not told of it */
	vio_console_port_remove(&ports, 2);
	vio_console_port_remove(&ports, 99);
	vio_console_port_remove(&ports, 0); /* stays */
	give(8);
	expect(0, VIO_CONSOLE_DEVICE_ADD, 1);
	expect_silence();
}

static void CON_D_03_CON_D_05_removed_and_added_before_the_driver_looks(void **state)
{
	(void)state;
	give(2);
	get_ports();
	for (unsigned i = 0; i < 100; i++) {
		vio_console_port_remove(&ports, 1);
		assert_true(vio_console_port_add(&ports, 1, i % 2 ? &echo : &plain));
		slot_settle(&slot);
	}
	/* Of the one that is gone, as the driver knows no other. */
	tell(1, VIO_CONSOLE_PORT_READY, 1);
	tell(1, VIO_CONSOLE_PORT_OPEN, 1);
	assert_false(ends[1].open);
	assert_int_equal(ports.ignored, 0);
	give(8);
	expect(1, VIO_CONSOLE_DEVICE_REMOVE, 1);
	expect(1, VIO_CONSOLE_DEVICE_ADD, 1);
	expect_silence();
	tell(1, VIO_CONSOLE_PORT_READY, 1);
	expect_with(1, VIO_CONSOLE_PORT_NAME, 1, "org.vio.echo", 12);
}

static void hostile_59_messages_wait_for_buffers_in_bounded_state(void **state)
{
	const uint16_t size[] = { slot_wire16(999), slot_wire16(25) };

	(void)state;
	give(2);
	get_ports();
	tell(0, VIO_CONSOLE_PORT_READY, 1);
	tell(1, VIO_CONSOLE_PORT_READY, 1);
	for (uint16_t i = 0; i < 1000; i++) {
		vio_console_port_open(&ports, 1, i % 2);
		vio_console_port_resize(&ports, 0, i, 25);
		slot_settle(&slot);
	}
	for (unsigned i = 0; i < 5; i++)
		give(1);
	expect(0, VIO_CONSOLE_CONSOLE_PORT, 1);
	expect_with(0, VIO_CONSOLE_RESIZE, 1, size, sizeof(size));
	expect(0, VIO_CONSOLE_PORT_OPEN, 1);
	expect_with(1, VIO_CONSOLE_PORT_NAME, 1, "org.vio.echo", 12);
	expect(1, VIO_CONSOLE_PORT_OPEN, 1);
	give(1);
	expect_silence();
}

static void be_ready_and_not(void)
{
	give(2);
	get_ports();
	tell(0, VIO_CONSOLE_PORT_READY, 1);
	tell(1, VIO_CONSOLE_PORT_READY, 1);
	tell(0, VIO_CONSOLE_PORT_READY, 0);
	tell(1, VIO_CONSOLE_PORT_READY, 0);
}

static void hostile_59_a_port_that_is_not_ready_any_more_is_told_nothing(void **state)
{
	(void)state;
	be_ready_and_not();
	give(3);
	expect_silence();
	tell(1, VIO_CONSOLE_PORT_READY, 1);
	expect_with(1, VIO_CONSOLE_PORT_NAME, 1, "org.vio.echo", 12);
	expect(1, VIO_CONSOLE_PORT_OPEN, 1);
	expect_silence();
}

static void reset_closes_and_a_new_driver_starts_afresh(void **state)
{
	(void)state;
	open_echo();
	assert_true(vio_driver_reset(&slot.driver));
	assert_false(ends[1].open);
	assert_int_equal(ends[1].turns, 2);
	vio_console_port_open(&ports, 1, false);
	vio_console_port_open(&ports, 1, true);
	start();
	open_echo();
	expect_silence();
}

static void SUS_D_05_suspended_ports_say_nothing(void **state)
{
	(void)state;
	SLOT_NOT_LEGACY();
	open_echo();
	vio_mmio_write(&slot.mmio, VIO_MMIO_STATUS, 4, 0x1f);
	vio_console_port_open(&ports, 1, false);
	expect_silence();
	vio_mmio_write(&slot.mmio, VIO_MMIO_STATUS, 4, 0x1f);
	slot_settle(&slot);
	expect(1, VIO_CONSOLE_PORT_OPEN, 0);
}

/* ---- Save and restore ---- */

static uint8_t saved[VIO_STATE_BYTES(VIO_CONSOLE_PORTS_QUEUES, 2048)];

/* The ports are saved; the same instance, made anew with the screen only, is in their place. */
static void save(void)
{
	assert_true(vio_device_pause(&ports.device));
	assert_int_equal(vio_device_save(&ports.device, saved, sizeof(saved)), VIO_STATE_OK);
	assert_true(vio_mmio_detach(&slot.mmio));
	vio_console_ports_init(&ports, &screen, false);
	ends[0].open = ends[1].open = false;
}

static enum vio_state_error restore(void)
{
	size_t size = vio_state_bytes(&ports.device);

	vio_mmio_attach(&slot.mmio, &ports.device, &slot.memory);
	return vio_device_restore(&ports.device, saved, size);
}

static void another_instance_goes_on_with_the_ports(void **unused)
{
	const uint16_t size[] = { slot_wire16(80), slot_wire16(25) };

	(void)unused;
	open_echo();
	tell(0, VIO_CONSOLE_PORT_READY, 1);
	expect(0, VIO_CONSOLE_CONSOLE_PORT, 1);
	expect_with(0, VIO_CONSOLE_RESIZE, 1, size, sizeof(size));
	expect(0, VIO_CONSOLE_PORT_OPEN, 1);
	ends[1].room = 3;
	memcpy(page, "abcdef", 6);
	slot_send(&slot, TRANSMIT(1), &(struct vio_buffer){ page, 6, false }, 1);
	save();
	assert_true(vio_console_port_add(&ports, 1, &echo));
	ends[1].room = 100;
	assert_int_equal(restore(), VIO_STATE_OK);
	assert_true(ends[1].open);
	assert_false(ends[0].open);
	give(3);
	expect_with(0, VIO_CONSOLE_RESIZE, 1, size, sizeof(size));
	expect(0, VIO_CONSOLE_PORT_OPEN, 1);
	expect(1, VIO_CONSOLE_PORT_OPEN, 1);
	expect_silence();
	assert_int_equal(slot_used(&slot, TRANSMIT(1)), 0);
	expect_got(&ends[1], "abcdef");
}

static void CON_D_03_CON_D_05_another_instance_has_other_ports(void **unused)
{
	(void)unused;
	open_echo();
	save();
	assert_true(vio_console_port_add(&ports, 2, &plain));
	assert_int_equal(restore(), VIO_STATE_OK);
	give(4);
	expect(1, VIO_CONSOLE_DEVICE_REMOVE, 1);
	expect(2, VIO_CONSOLE_DEVICE_ADD, 1);
	expect_silence();
	assert_false(ends[1].open);
}

/* A legacy driver need not wait for DRIVER_OK to ask for them. */
static void LEG_D_06_another_instance_goes_on_before_DRIVER_OK(void **unused)
{
	(void)unused;
	if (!slot_version)
		skip();
	assert_true(vio_driver_reset(&slot.driver));
	vio_driver_probe(&slot.driver);
	assert_true(vio_driver_start(&slot.driver, VIO_BIT(VIO_CONSOLE_F_MULTIPORT)));
	slot_set_up_queues(&slot, 16);
	give(1);
	tell(0, VIO_CONSOLE_DEVICE_READY, 1);
	expect(0, VIO_CONSOLE_DEVICE_ADD, 1);
	save();
	assert_true(vio_console_port_add(&ports, 1, &echo));
	assert_int_equal(restore(), VIO_STATE_OK);
	vio_driver_run(&slot.driver);
	give(2);
	expect(1, VIO_CONSOLE_DEVICE_ADD, 1);
	expect_silence();
}

static void a_removal_that_was_due_is_still_due(void **unused)
{
	(void)unused;
	open_echo();
	tell(1, VIO_CONSOLE_PORT_OPEN, 0);
	vio_console_port_remove(&ports, 1);
	vio_console_port_add(&ports, 1, &plain);
	vio_driver_interrupt(&slot.driver); /* before it is served */
	save();
	assert_true(vio_console_port_add(&ports, 1, &plain));
	assert_int_equal(restore(), VIO_STATE_OK);
	slot_settle(&slot);
	expect(1, VIO_CONSOLE_DEVICE_REMOVE, 1);
	expect(1, VIO_CONSOLE_DEVICE_ADD, 1);
	expect_silence();
}

static void hostile_59_another_instance_has_ports_that_are_not_ready_any_more(void **unused)
{
	(void)unused;
	be_ready_and_not();
	save();
	assert_true(vio_console_port_add(&ports, 1, &echo));
	assert_int_equal(restore(), VIO_STATE_OK);
	give(1);
	expect_silence();
}

/* What was due to a port of the same number is said of the new one only where it is true of it. */
static void hostile_61_another_instance_has_ports_of_another_kind(void **unused)
{
	const struct vio_console_port_info console = { .backend = &ends[1].backend,
						       .name = "screen",
						       .is_console = true,
						       .cols = 80,
						       .rows = 25 };
	const struct vio_console_port_info no_size = { .backend = &ends[1].backend,
						       .is_console = true };

	(void)unused;
	vio_console_port_remove(&ports, 1);
	assert_true(vio_console_port_add(&ports, 1, &console));
	give(2);
	get_ports();
	tell(1, VIO_CONSOLE_PORT_READY, 1);
	vio_driver_interrupt(&slot.driver);
	save();
	assert_true(vio_console_port_add(&ports, 1, &plain));
	assert_int_equal(restore(), VIO_STATE_OK);
	give(2);
	expect(1, VIO_CONSOLE_PORT_OPEN, 1);
	expect_silence();

	start();
	give(2);
	vio_console_port_remove(&ports, 1);
	assert_true(vio_console_port_add(&ports, 1, &console));
	get_ports();
	tell(1, VIO_CONSOLE_PORT_READY, 1);
	save();
	assert_true(vio_console_port_add(&ports, 1, &no_size));
	assert_int_equal(restore(), VIO_STATE_OK);
	give(3);
	expect(1, VIO_CONSOLE_CONSOLE_PORT, 1);
	expect(1, VIO_CONSOLE_PORT_OPEN, 1);
	expect_silence();
}

static void hostile_61_a_name_is_due_to_a_port_without(void **unused)
{
	const uint16_t size[] = { slot_wire16(80), slot_wire16(25) };
	uint8_t *first = saved + VIO_STATE_BYTES(VIO_CONSOLE_PORTS_QUEUES, 1);

	(void)unused;
	give(2);
	get_ports();
	tell(0, VIO_CONSOLE_PORT_READY, 1);
	save();
	assert_true(vio_console_port_add(&ports, 1, &echo));
	*first |= 1 << VIO_CONSOLE_PORT_NAME;
	assert_int_equal(restore(), VIO_STATE_OK);
	give(4);
	expect(0, VIO_CONSOLE_CONSOLE_PORT, 1);
	expect_with(0, VIO_CONSOLE_RESIZE, 1, size, sizeof(size));
	expect(0, VIO_CONSOLE_PORT_OPEN, 1);
	expect_silence();
}

static void what_a_removed_port_had_read_is_not_for_the_next(void **unused)
{
	(void)unused;
	open_echo();
	ends[1].says = "secret";
	vio_console_port_input_ready(&ports, 1);
	slot_settle(&slot);
	assert_string_equal(ends[1].says, "");
	vio_console_port_remove(&ports, 1);
	vio_driver_interrupt(&slot.driver);
	save();
	assert_true(vio_console_port_add(&ports, 1, &plain));
	assert_int_equal(restore(), VIO_STATE_OK);
	slot_settle(&slot);
	give(1);
	expect(1, VIO_CONSOLE_DEVICE_REMOVE, 1);
	expect(1, VIO_CONSOLE_DEVICE_ADD, 1);
	tell(1, VIO_CONSOLE_PORT_READY, 1);
	expect(1, VIO_CONSOLE_PORT_OPEN, 1);
	ends[2].says = "new";
	tell(1, VIO_CONSOLE_PORT_OPEN, 1);
	slot_send(&slot, RECEIVE(1), &(struct vio_buffer){ page + 64, 100, true }, 1);
	assert_int_equal(slot_used(&slot, RECEIVE(1)), 3);
	assert_memory_equal(page + 64, "new", 3);
}

static void a_driver_that_has_not_asked_is_told_nothing_of_another_instance(void **unused)
{
	(void)unused;
	give(4);
	save();
	assert_int_equal(restore(), VIO_STATE_OK);
	expect_silence();
	tell(0, VIO_CONSOLE_DEVICE_READY, 1);
	expect(0, VIO_CONSOLE_DEVICE_ADD, 1);
	expect_silence();
}

/* Of port 1: what is due, and what the driver knows. */
static void expect_refused(uint8_t pending, uint8_t flags)
{
	uint8_t *at = saved + VIO_STATE_BYTES(VIO_CONSOLE_PORTS_QUEUES, 1) + 2 +
		      sizeof(struct vio_console_progress);

	at[0] = pending;
	at[1] = flags;
	assert_int_equal(restore(), VIO_STATE_OWN);
	assert_int_equal(ports.device.status, 0);
	assert_true(vio_mmio_detach(&slot.mmio));
}

static void hostile_61_ports_that_cannot_be_are_refused(void **unused)
{
	const uint16_t too_much = VIO_CONSOLE_INPUT + 1; /* that waits at port 0 */
	uint8_t *own = saved + VIO_STATE_BYTES(VIO_CONSOLE_PORTS_QUEUES, 0);

	(void)unused;
	open_echo();
	save();
	assert_true(vio_console_port_add(&ports, 1, &echo));
	expect_refused(0, 2); /* ready, and not known */
	expect_refused(0, 4);
	expect_refused(0, 5);      /* open, and not ready */
	expect_refused(0, 8);      /* no such flag */
	expect_refused(1 << 2, 0); /* to be removed, and not known */
	expect_refused(1 << 1, 1); /* to be added, and known */
	expect_refused(1 << 7, 1); /* to be named, and not ready */
	expect_refused(1 << 1, 3);
	expect_refused(1 << 2, 7);
	expect_refused(1, 7); /* messages that are the driver's */
	expect_refused(1 << 3, 7);
	*own = 2;
	expect_refused(0, 0);
	*own = 1;
	memcpy(own + 1 + 2 + offsetof(struct vio_console_progress, input_tail), &too_much, 2);
	expect_refused(0, 0);
	memset(own + 1 + 2, 0, sizeof(struct vio_console_progress));
	assert_false(ends[1].open);
	own[1] = own[2] = 0;
	assert_int_equal(restore(), VIO_STATE_OK);
}

/* Without MULTIPORT, and before DRIVER_OK, no port has a state. */
static void hostile_61_ports_of_a_driver_that_knows_none_are_refused(void **unused)
{
	uint8_t *own = saved + VIO_STATE_BYTES(VIO_CONSOLE_PORTS_QUEUES, 0);

	(void)unused;
	start_with(VIO_BIT(VIO_CONSOLE_F_SIZE));
	save();
	*own = 1;
	expect_refused(0, 0);
	*own = 0;
	expect_refused(0, 7);
	expect_refused(1 << 1, 0);

	vio_mmio_attach(&slot.mmio, &ports.device, &slot.memory);
	assert_true(vio_driver_start(&slot.driver, VIO_BIT(VIO_CONSOLE_F_MULTIPORT)));
	save();
	*own = 1;
	expect_refused(0, 0);
}

/* ---- Drivers that know one port ---- */

static void a_driver_without_MULTIPORT_has_port_0(void **state)
{
	(void)state;
	start_with(VIO_BIT(VIO_CONSOLE_F_SIZE));
	give(4);
	tell(0, VIO_CONSOLE_DEVICE_READY, 1);
	assert_int_equal(ports.ignored, 1);
	assert_int_equal(vio_driver_interrupt(&slot.driver) & VIO_INTERRUPT_CONFIG, 0);
	send(0, "hello");
	expect_got(&ends[0], "hello");
	assert_int_equal(vio_driver_interrupt(&slot.driver) & VIO_INTERRUPT_CONFIG,
			 VIO_INTERRUPT_CONFIG);
	send(1, "lost");
	expect_got(&ends[1], "");
	ends[0].says = ends[1].says = "typed";
	vio_console_port_input_ready(&ports, 0);
	vio_console_port_input_ready(&ports, 1);
	slot_send(&slot, RECEIVE(1), &(struct vio_buffer){ page, 99, true }, 1);
	assert_int_equal(slot_request(&slot, RECEIVE(0), &(struct vio_buffer){ page, 99, true }, 1),
			 5);
	assert_int_equal(slot_used(&slot, RECEIVE(1)), SLOT_PENDING);
	expect_silence();
}

static void size_is_offered_only_when_it_is_known(void **state)
{
	const struct vio_console_port_info infos[] = { screen,
						       { .backend = screen.backend, .cols = 80 },
						       { .backend = screen.backend, .rows = 25 } };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		vio_console_ports_init(&ports, &infos[i], false);
		slot_attach(&slot, &ports.device);
		assert_int_equal(vio_device_offered(&ports.device, 0) & 7, i == 0 ? 7 : 6);
	}
}

/* ---- Messages of hostile drivers ---- */

static void CON_H_10_hostile_59_a_message_cut_short_is_ignored(void **state)
{
	(void)state;
	give(4);
	for (uint32_t len = 0; len < sizeof(struct vio_console_control); len++)
		tell_of(0, VIO_CONSOLE_DEVICE_READY, 1, len);
	assert_int_equal(ports.ignored, 8);
	expect_silence();
	tell_of(0, VIO_CONSOLE_DEVICE_READY, 1, 64); /* what follows it says nothing */
	expect(0, VIO_CONSOLE_DEVICE_ADD, 1);
	assert_int_equal(ports.ignored, 8);
	assert_int_equal(slot.failed, 0);
}

static void CON_H_10_hostile_59_messages_that_make_no_sense_are_ignored(void **state)
{
	static const struct vio_console_control messages[] = {
		{ 0, VIO_CONSOLE_PORT_OPEN, 1 },  /* not ready */
		{ 0, VIO_CONSOLE_DEVICE_ADD, 1 }, /* ours to say */
		{ 0, VIO_CONSOLE_DEVICE_REMOVE, 1 },
		{ 0, VIO_CONSOLE_CONSOLE_PORT, 1 },
		{ 0, VIO_CONSOLE_RESIZE, 1 },
		{ 0, VIO_CONSOLE_PORT_NAME, 1 },
		{ 0, VIO_CONSOLE_PORT_NAME + 1, 1 }, /* unknown */
		{ 0, UINT16_MAX, 1 },
		{ 2, VIO_CONSOLE_PORT_READY, 1 },                 /* absent */
		{ VIO_CONSOLE_PORTS, VIO_CONSOLE_PORT_READY, 1 }, /* out of range */
		{ VIO_CONSOLE_PORTS, VIO_CONSOLE_PORT_OPEN, 1 },
		{ INT32_MAX, VIO_CONSOLE_PORT_OPEN, 1 },
		{ UINT32_MAX, VIO_CONSOLE_PORT_READY, 1 },
	};

	(void)state;
	tell(0, VIO_CONSOLE_PORT_READY, 1); /* not added yet */
	assert_int_equal(ports.ignored, 1);
	give(2);
	get_ports();
	for (uint32_t i = 0; i < VIO_ARRAY_SIZE(messages); i++) {
		tell(messages[i].id, messages[i].event, messages[i].value);
		assert_int_equal(ports.ignored, 2 + i);
	}
	give(4);
	expect_silence();
	assert_int_equal(slot.failed, 0);
	assert_int_equal(ends[0].turns + ends[1].turns, 0);
	tell(1, VIO_CONSOLE_PORT_READY, 1);
	expect_with(1, VIO_CONSOLE_PORT_NAME, 1, "org.vio.echo", 12);
}

static void a_name_is_cut_where_the_buffer_ends(void **state)
{
	(void)state;
	give_of(3, 8);
	give_of(1, 11);
	get_ports();
	vio_console_port_open(&ports, 1, false);
	tell(1, VIO_CONSOLE_PORT_READY, 1);
	expect(1, VIO_CONSOLE_PORT_NAME, 1);
	tell(1, VIO_CONSOLE_PORT_READY, 1);
	expect_with(1, VIO_CONSOLE_PORT_NAME, 1, "org", 3);
}

static void refuses_on(unsigned queue, const struct vio_buffer *pieces, unsigned count)
{
	tell(0, VIO_CONSOLE_DEVICE_READY, 1);
	memset(page, 0, 64);
	slot_send(&slot, queue, pieces, count);
	assert_int_equal(slot_used(&slot, queue), SLOT_PENDING);
	slot_expect_failure(&slot, VIO_ERROR_REFUSED);
	for (unsigned i = 0; i < 64; i++)
		assert_int_equal(page[i], 0);
	start();
	open_echo();
}

static void hostile_31_refuses_a_readable_message_buffer(void **state)
{
	(void)state;
	refuses_on(CONTROL_RECEIVE,
		   (struct vio_buffer[]){ { page, 8, false }, { page + 8, 8, true } }, 2);
}

static void hostile_59_refuses_a_message_buffer_for_no_message(void **state)
{
	(void)state;
	refuses_on(CONTROL_RECEIVE, &(struct vio_buffer){ page, 7, true }, 1);
}

static void hostile_31_refuses_a_writable_message(void **state)
{
	(void)state;
	refuses_on(CONTROL_TRANSMIT,
		   (struct vio_buffer[]){ { page, 8, false }, { page + 8, 8, true } }, 2);
}

static void hostile_31_CON_H_09_refuses_a_writable_buffer_for_no_port(void **state)
{
	(void)state;
	refuses_on(TRANSMIT(2), (struct vio_buffer[]){ { page, 8, false }, { page + 8, 8, true } },
		   2);
}

static void constants_are_those_of_linux(void **state)
{
	(void)state;
	assert_int_equal(sizeof(struct vio_console_control), sizeof(struct virtio_console_control));
	assert_int_equal(offsetof(struct vio_console_control, event),
			 offsetof(struct virtio_console_control, event));
	assert_int_equal(offsetof(struct vio_console_control, value),
			 offsetof(struct virtio_console_control, value));
	assert_int_equal(VIO_CONSOLE_DEVICE_READY, VIRTIO_CONSOLE_DEVICE_READY);
	assert_int_equal(VIO_CONSOLE_DEVICE_ADD, VIRTIO_CONSOLE_PORT_ADD);
	assert_int_equal(VIO_CONSOLE_DEVICE_REMOVE, VIRTIO_CONSOLE_PORT_REMOVE);
	assert_int_equal(VIO_CONSOLE_PORT_READY, VIRTIO_CONSOLE_PORT_READY);
	assert_int_equal(VIO_CONSOLE_CONSOLE_PORT, VIRTIO_CONSOLE_CONSOLE_PORT);
	assert_int_equal(VIO_CONSOLE_RESIZE, VIRTIO_CONSOLE_RESIZE);
	assert_int_equal(VIO_CONSOLE_PORT_OPEN, VIRTIO_CONSOLE_PORT_OPEN);
	assert_int_equal(VIO_CONSOLE_PORT_NAME, VIRTIO_CONSOLE_PORT_NAME);
}

#define ATTACHED(test) cmocka_unit_test_setup(test, attach)
#define STARTED(test)  cmocka_unit_test_setup(test, attach_and_start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ATTACHED(CON_P_14_two_queues_or_two_a_port_and_two_for_control),
		STARTED(CON_P_15_CON_D_03_CON_D_04_CON_L_07_each_port_is_added_once),
		STARTED(CON_P_15_a_driver_that_is_not_ready_is_told_nothing),
		STARTED(CON_P_15_nor_one_that_is_not_ready_any_more),
		STARTED(CON_P_15_what_a_driver_missed_that_was_not_ready),
		STARTED(a_console_is_nominated_and_sized_a_stream_named),
		STARTED(CON_P_13_resize_of_a_port),
		STARTED(a_port_carries_both_directions),
		ATTACHED(CON_P_11_input_waits_until_the_port_is_open),
		STARTED(output_of_a_port_waits_for_room),
		STARTED(output_is_lost_while_the_root_has_closed),
		STARTED(output_before_the_port_is_ready_is_lost),
		STARTED(hostile_59_output_of_a_port_that_is_not_ready_any_more_is_let_go),
		STARTED(emergency_write_is_for_port_0),
		STARTED(a_port_is_added_while_the_driver_runs),
		STARTED(CON_D_05_hostile_59_a_port_is_removed_with_buffers_in_flight),
		STARTED(CON_D_05_only_a_port_that_was_added_is_removed),
		STARTED(CON_D_03_CON_D_05_removed_and_added_before_the_driver_looks),
		STARTED(hostile_59_messages_wait_for_buffers_in_bounded_state),
		STARTED(hostile_59_a_port_that_is_not_ready_any_more_is_told_nothing),
		STARTED(reset_closes_and_a_new_driver_starts_afresh),
		STARTED(SUS_D_05_suspended_ports_say_nothing),
		STARTED(another_instance_goes_on_with_the_ports),
		STARTED(CON_D_03_CON_D_05_another_instance_has_other_ports),
		STARTED(LEG_D_06_another_instance_goes_on_before_DRIVER_OK),
		STARTED(a_removal_that_was_due_is_still_due),
		STARTED(hostile_59_another_instance_has_ports_that_are_not_ready_any_more),
		STARTED(hostile_61_another_instance_has_ports_of_another_kind),
		STARTED(hostile_61_a_name_is_due_to_a_port_without),
		STARTED(what_a_removed_port_had_read_is_not_for_the_next),
		STARTED(a_driver_that_has_not_asked_is_told_nothing_of_another_instance),
		STARTED(hostile_61_ports_that_cannot_be_are_refused),
		ATTACHED(hostile_61_ports_of_a_driver_that_knows_none_are_refused),
		ATTACHED(a_driver_without_MULTIPORT_has_port_0),
		ATTACHED(size_is_offered_only_when_it_is_known),
		STARTED(CON_H_10_hostile_59_a_message_cut_short_is_ignored),
		STARTED(CON_H_10_hostile_59_messages_that_make_no_sense_are_ignored),
		STARTED(a_name_is_cut_where_the_buffer_ends),
		STARTED(hostile_31_refuses_a_readable_message_buffer),
		STARTED(hostile_59_refuses_a_message_buffer_for_no_message),
		STARTED(hostile_31_refuses_a_writable_message),
		STARTED(hostile_31_CON_H_09_refuses_a_writable_buffer_for_no_port),
		cmocka_unit_test(constants_are_those_of_linux),
	};

	return SLOT_RUN_TESTS(tests);
}

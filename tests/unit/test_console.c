/* SPDX-License-Identifier: BSD-2-Clause */
/* The console device: nothing lost in either direction, whatever order things come in. */
#include <linux/virtio_console.h>

#include "slot.h"
#include "vio_console.h"
#include "vio_state.h"

enum {
	RECEIVE,
	TRANSMIT
};

#define STREAM 0x10000

/* A terminal: what arrived on it, and what was typed. It moves as much as it is allowed to. */
struct terminal {
	struct vio_console_backend backend;
	uint8_t shown[STREAM];
	uint32_t shown_len;
	uint32_t room;
	uint8_t typed[STREAM];
	uint32_t typed_len;
	uint32_t read_len;
};

static uint32_t show(struct vio_console_backend *backend, const uint8_t *data, uint32_t len)
{
	struct terminal *terminal = VIO_CONTAINER_OF(backend, struct terminal, backend);

	assert_int_not_equal(len, 0);
	if (len > terminal->room)
		len = terminal->room;
	terminal->room -= len;
	assert_true(terminal->shown_len + len <= STREAM);
	memcpy(terminal->shown + terminal->shown_len, data, len);
	terminal->shown_len += len;
	return len;
}

static uint32_t type(struct vio_console_backend *backend, uint8_t *to, uint32_t len)
{
	struct terminal *terminal = VIO_CONTAINER_OF(backend, struct terminal, backend);
	uint32_t left = terminal->typed_len - terminal->read_len;

	assert_int_not_equal(len, 0);
	if (len > left)
		len = left;
	memcpy(to, terminal->typed + terminal->read_len, len);
	terminal->read_len += len;
	return len;
}

static struct terminal terminal;
static struct vio_console console;
static struct slot slot;
static uint8_t *page;

static uint8_t pattern(uint32_t i)
{
	return (uint8_t)(i * 167 + (i >> 8) * 13 + 1);
}

static void start(void)
{
	slot_start(&slot, VIO_BIT(VIO_F_EVENT_IDX) | VIO_BIT(VIO_CONSOLE_F_SIZE), 16);
	page = slot_alloc(&slot, 4096);
}

static int attach(void **state)
{
	(void)state;
	memset(&terminal, 0, sizeof(terminal));
	terminal.backend = (struct vio_console_backend){ .write = show, .read = type };
	terminal.room = UINT32_MAX;
	vio_console_init(&console, &terminal.backend, 80, 25);
	slot_attach(&slot, &console.device);
	return 0;
}

static int attach_and_start(void **state)
{
	attach(state);
	start();
	return 0;
}

static void keys(uint32_t len)
{
	for (uint32_t i = 0; i < len; i++, terminal.typed_len++)
		terminal.typed[terminal.typed_len] = pattern(terminal.typed_len);
	vio_console_input_ready(&console);
	slot_settle(&slot);
}

static void expect_pattern(const uint8_t *at, uint32_t len, uint32_t from)
{
	for (uint32_t i = 0; i < len; i++)
		assert_int_equal(at[i], pattern(from + i));
}

/* ---- Output ---- */

static void CON_P_12_sends_all_pieces_and_uses_0_bytes(void **state)
{
	const struct vio_buffer pieces[] = { { page, 5, false }, { page + 16, 7, false } };

	(void)state;
	memcpy(page, "Hello", 5);
	memcpy(page + 16, ", world", 7);
	assert_int_equal(slot_request(&slot, TRANSMIT, pieces, 2), 0);
	assert_int_equal(terminal.shown_len, 12);
	assert_memory_equal(terminal.shown, "Hello, world", 12);
}

static void output_waits_for_room_and_is_not_lost(void **state)
{
	const struct vio_buffer pieces[] = { { page, 5, false },
					     { page + 5, 100, false },
					     { page + 105, 23, false } };
	const struct vio_buffer next = { page + 128, 40, false };

	(void)state;
	for (unsigned i = 0; i < 168; i++)
		page[i] = pattern(i);
	terminal.room = 0;
	slot_send(&slot, TRANSMIT, pieces, 3);
	slot_send(&slot, TRANSMIT, &next, 1);
	while (terminal.shown_len < 128) {
		assert_int_equal(slot_used(&slot, TRANSMIT), SLOT_PENDING);
		terminal.room = 9;
		vio_console_output_ready(&console);
		slot_settle(&slot);
	}
	assert_int_equal(slot_used(&slot, TRANSMIT), 0);
	assert_int_equal(slot_used(&slot, TRANSMIT), SLOT_PENDING);
	terminal.room = 1000;
	vio_console_output_ready(&console);
	slot_settle(&slot);
	assert_int_equal(slot_used(&slot, TRANSMIT), 0);
	assert_int_equal(terminal.shown_len, 168);
	expect_pattern(terminal.shown, 168, 0);
	assert_int_equal(console.device.queues[TRANSMIT].counters.bytes_read, 168);
}

static void output_of_64_KiB_arrives_intact(void **state)
{
	uint32_t sent = 0;
	uint32_t used = 0;

	(void)state;
	terminal.room = 0;
	while (used < STREAM / 512) {
		while (sent < STREAM && slot.queues[TRANSMIT].free_count != 0) {
			uint8_t *at = slot.ram + SLOT_RAM_SIZE / 2 + sent;

			for (unsigned i = 0; i < 512; i++)
				at[i] = pattern(sent + i);
			sent += 512;
			slot_send(&slot, TRANSMIT, &(struct vio_buffer){ at, 512, false }, 1);
		}
		terminal.room = 1 + sent % 1000;
		vio_console_output_ready(&console);
		slot_settle(&slot);
		while (slot_used(&slot, TRANSMIT) == 0)
			used++;
	}
	assert_int_equal(terminal.shown_len, STREAM);
	expect_pattern(terminal.shown, STREAM, 0);
}

/* A write larger than the burst gives the root back the CPU on the way. */
static void hostile_59_a_huge_write_is_bounded(void **state)
{
	uint8_t *at = slot.ram + SLOT_RAM_SIZE / 2;
	const struct vio_buffer huge = { at, 3 * VIO_CONSOLE_BURST + 1, false };

	(void)state;
	for (uint32_t i = 0; i < huge.len; i++)
		at[i] = pattern(i);
	assert_int_equal(slot_request(&slot, TRANSMIT, &huge, 1), 0);
	assert_int_equal(terminal.shown_len, 3 * VIO_CONSOLE_BURST + 1);
	assert_true(slot.served >= 3);
	expect_pattern(terminal.shown, huge.len, 0);
}

static void hostile_59_a_write_of_nothing_is_used(void **state)
{
	(void)state;
	assert_int_equal(slot_request(&slot, TRANSMIT, &(struct vio_buffer){ page, 0, false }, 1),
			 0);
	assert_int_equal(terminal.shown_len, 0);
	assert_int_equal(slot.failed, 0);
}

static void hostile_12_reset_drops_output_that_waits(void **state)
{
	const struct vio_buffer piece = { page, 100, false };

	(void)state;
	memset(page, 'a', 100);
	terminal.room = 10;
	slot_send(&slot, TRANSMIT, &piece, 1);
	assert_true(vio_driver_reset(&slot.driver));
	assert_false(slot.parked);
	terminal.room = 1000;
	vio_console_output_ready(&console);
	slot_settle(&slot);
	assert_int_equal(terminal.shown_len, 10);

	start();
	memset(page, 'b', 20);
	assert_int_equal(slot_request(&slot, TRANSMIT, &(struct vio_buffer){ page, 20, false }, 1),
			 0);
	assert_int_equal(terminal.shown_len, 30);
	assert_memory_equal(terminal.shown + 10, page, 20);
}

/* QueueReady = 0 waits for no terminal, and the queue starts afresh when it is set up again. */
/* Nor is what the first driver had sent skipped for the next. */
static void hostile_12_reset_while_suspended_drops_it_too(void **state)
{
	const struct vio_buffer piece = { page, 100, false };

	(void)state;
	slot_start(&slot, VIO_BIT(VIO_F_SUSPEND), 16);
	terminal.room = 40;
	slot_send(&slot, TRANSMIT, &piece, 1);
	vio_mmio_write(&slot.mmio, VIO_MMIO_STATUS, 4, 0x1f);
	assert_true(vio_driver_reset(&slot.driver));
	start();
	terminal.room = 1000;
	assert_int_equal(slot_request(&slot, TRANSMIT, &piece, 1), 0);
	assert_int_equal(terminal.shown_len, 140);
}

static void a_queue_is_disabled_while_output_waits(void **state)
{
	const struct vio_buffer piece = { page, 100, false };
	void *ring = slot_alloc_ring(&slot, 16);

	(void)state;
	terminal.room = 10;
	slot_send(&slot, TRANSMIT, &piece, 1);
	vio_mmio_write(&slot.mmio, VIO_MMIO_QUEUE_SEL, 4, TRANSMIT);
	assert_int_equal(vio_mmio_write(&slot.mmio,
					slot_version ? VIO_MMIO_QUEUE_PFN : VIO_MMIO_QUEUE_READY, 4,
					0),
			 VIO_MMIO_DONE);
	assert_true(
		vio_driver_queue_init(&slot.driver, &slot.queues[TRANSMIT], TRANSMIT, ring, 16));
	terminal.room = 1000;
	assert_int_equal(slot_request(&slot, TRANSMIT, &piece, 1), 0);
	assert_int_equal(terminal.shown_len, 110);
}

static void hostile_31_CON_H_09_refuses_a_writable_buffer(void **state)
{
	const struct vio_buffer pieces[] = { { page, 8, false }, { page + 8, 8, true } };

	(void)state;
	slot_send(&slot, TRANSMIT, pieces, 2);
	assert_int_equal(slot_used(&slot, TRANSMIT), SLOT_PENDING);
	slot_expect_failure(&slot, VIO_ERROR_REFUSED);
	assert_int_equal(terminal.shown_len, 0);

	start();
	assert_int_equal(slot_request(&slot, TRANSMIT, &pieces[0], 1), 0);
	assert_int_equal(terminal.shown_len, 8);
}

/* ---- Input ---- */

static void CON_P_12_uses_as_many_bytes_as_were_typed(void **state)
{
	const struct vio_buffer pieces[] = { { page, 5, true }, { page + 16, 100, true } };

	(void)state;
	slot_send(&slot, RECEIVE, pieces, 2);
	assert_int_equal(slot_used(&slot, RECEIVE), SLOT_PENDING);
	assert_false(slot.line);
	keys(9);
	assert_int_equal(slot_used(&slot, RECEIVE), 9);
	expect_pattern(page, 5, 0);
	expect_pattern(page + 16, 4, 5);
	assert_int_equal(page[20], 0);
	assert_true(slot.line);
}

/* hvisor-tool 109, libvmm 71: input before there is a driver, or a buffer. */
static void CON_P_11_hostile_59_input_waits_for_driver_and_buffers(void **state)
{
	struct vio_buffer piece = { NULL, 200, true };
	uint32_t got = 0;

	(void)state;
	keys(100);
	assert_int_equal(terminal.read_len, 100);
	start();
	keys(1000);
	assert_int_equal(terminal.read_len, VIO_CONSOLE_INPUT);

	piece.data = page;
	while (got < 1100) {
		int64_t len = slot_request(&slot, RECEIVE, &piece, 1);

		assert_true(len > 0);
		expect_pattern(page, (uint32_t)len, got);
		got += (uint32_t)len;
	}
	assert_int_equal(got, 1100);
	assert_int_equal(slot_request(&slot, RECEIVE, &piece, 1), SLOT_PENDING);
}

/* All the room is used, where it wraps too: the backend's turn comes only when there is none. */
static void input_waits_in_all_of_the_buffer(void **state)
{
	(void)state;
	keys(200);
	assert_int_equal(slot_request(&slot, RECEIVE, &(struct vio_buffer){ page, 100, true }, 1),
			 100);
	keys(300);
	assert_int_equal(terminal.read_len, 100 + VIO_CONSOLE_INPUT);
	assert_int_equal(slot_request(&slot, RECEIVE, &(struct vio_buffer){ page, 999, true }, 1),
			 400);
	expect_pattern(page, 400, 100);
}

static void input_of_64_KiB_arrives_intact(void **state)
{
	uint32_t got = 0;
	uint32_t turn = 0;

	(void)state;
	for (turn = 0; got < STREAM; turn++) {
		uint32_t burst = 1 + turn * 37 % 700;
		int64_t len = 0;

		if (turn % 3 != 2)
			slot_send(&slot, RECEIVE,
				  &(struct vio_buffer){ page, 1 + turn * 53 % 600, true }, 1);
		keys(burst < STREAM - terminal.typed_len ? burst : STREAM - terminal.typed_len);
		len = slot_used(&slot, RECEIVE);
		if (len != SLOT_PENDING) {
			expect_pattern(page, (uint32_t)len, got);
			got += (uint32_t)len;
		}
		assert_true(turn < STREAM);
	}
	assert_int_equal(got, STREAM);
}

static void hostile_12_reset_keeps_input(void **state)
{
	(void)state;
	keys(20);
	assert_true(vio_driver_reset(&slot.driver));
	keys(20);
	start();
	assert_int_equal(slot_request(&slot, RECEIVE, &(struct vio_buffer){ page, 99, true }, 1),
			 40);
	expect_pattern(page, 40, 0);
}

static void refuses_on_receive(const struct vio_buffer *pieces, unsigned count)
{
	keys(4);
	slot_send(&slot, RECEIVE, pieces, count);
	assert_int_equal(slot_used(&slot, RECEIVE), SLOT_PENDING);
	slot_expect_failure(&slot, VIO_ERROR_REFUSED);
	assert_int_equal(page[0], 0);

	start();
	assert_int_equal(slot_request(&slot, RECEIVE, &(struct vio_buffer){ page, 8, true }, 1), 4);
	expect_pattern(page, 4, 0);
}

static void hostile_31_CON_H_08_refuses_a_readable_buffer(void **state)
{
	(void)state;
	refuses_on_receive(&(struct vio_buffer){ page, 8, false }, 1);
}

static void hostile_31_CON_H_08_refuses_a_partly_readable_buffer(void **state)
{
	(void)state;
	refuses_on_receive((struct vio_buffer[]){ { page, 8, false }, { page + 8, 8, true } }, 2);
}

static void hostile_59_refuses_a_receive_buffer_of_nothing(void **state)
{
	(void)state;
	refuses_on_receive(&(struct vio_buffer){ page, 0, true }, 1);
}

/* ---- Configuration ---- */

static void CON_D_01_02_emergency_write_before_any_initialisation(void **state)
{
	(void)state;
	if (slot_version == &vio_mmio_legacy_big)
		skip();
	vio_mmio_write(&slot.mmio, VIO_MMIO_CONFIG + 8, 4, 0xffffff00 | 'P');
	assert_int_equal(terminal.shown_len, 1);
	assert_int_equal(terminal.shown[0], 'P');
	assert_int_equal(vio_mmio_read(&slot.mmio, VIO_MMIO_CONFIG + 8, 4), 0);

	/* Its low byte is at 8; writes beside it say nothing. */
	vio_mmio_write(&slot.mmio, VIO_MMIO_CONFIG + 8, 1, 'a');
	vio_mmio_write(&slot.mmio, VIO_MMIO_CONFIG + 7, 2, 'b' << 8);
	vio_mmio_write(&slot.mmio, VIO_MMIO_CONFIG + 4, 8, (uint64_t)'c' << 32);
	vio_mmio_write(&slot.mmio, VIO_MMIO_CONFIG + 9, 1, 'x');
	vio_mmio_write(&slot.mmio, VIO_MMIO_CONFIG + 4, 4, 'x');
	vio_mmio_write(&slot.mmio, VIO_MMIO_CONFIG + 12, 4, 'x');
	assert_int_equal(terminal.shown_len, 4);
	assert_memory_equal(terminal.shown, "Pabc", 4);

	start();
	vio_mmio_write(&slot.mmio, VIO_MMIO_CONFIG + 8, 4, '!');
	assert_int_equal(terminal.shown[4], '!');
	slot.mmio.device->status |= VIO_STATUS_FAILED;
	vio_mmio_write(&slot.mmio, VIO_MMIO_CONFIG + 8, 4, '?');
	assert_int_equal(terminal.shown[5], '?');
}

/* A legacy driver writes byte by byte, and in its own order. */
static void CON_L_06_emergency_write_of_a_legacy_driver(void **state)
{
	const uint32_t word = slot_wire32('P');
	uint8_t bytes[4];

	(void)state;
	if (!slot_version)
		skip();
	memcpy(bytes, &word, sizeof(bytes));
	for (uint32_t i = 0; i < 4; i++)
		vio_mmio_write(&slot.mmio, VIO_MMIO_CONFIG + 8 + i, 1, bytes[i]);
	assert_int_equal(terminal.shown_len, 1);
	assert_int_equal(terminal.shown[0], 'P');
}

static void CON_L_06_config_is_in_the_byte_order_of_the_guest(void **state)
{
	static const uint8_t little[] = { 80, 0, 25, 0, 1, 0, 0, 0, 0, 0, 0, 0 };
	static const uint8_t big[] = { 0, 80, 0, 25, 0, 0, 0, 1, 0, 0, 0, 0 };
	const uint8_t *expected = slot_version == &vio_mmio_legacy_big ? big : little;

	(void)state;
	for (uint32_t i = 0; i < sizeof(big); i++)
		assert_int_equal(vio_mmio_read(&slot.mmio, VIO_MMIO_CONFIG + i, 1), expected[i]);
}

static void CON_P_13_resize_tells_the_driver(void **state)
{
	uint32_t generation = 0;

	(void)state;
	assert_int_equal(vio_driver_config(&slot.driver, 0, 2), 80);
	assert_int_equal(vio_driver_config(&slot.driver, 2, 2), 25);
	generation = (uint32_t)vio_mmio_read(&slot.mmio, VIO_MMIO_CONFIG_GENERATION, 4);
	vio_console_resize(&console, 132, 43);
	assert_int_equal(vio_driver_interrupt(&slot.driver), VIO_INTERRUPT_CONFIG);
	if (!slot_version)
		assert_int_not_equal(vio_mmio_read(&slot.mmio, VIO_MMIO_CONFIG_GENERATION, 4),
				     generation);
	vio_mmio_write(&slot.mmio, VIO_MMIO_CONFIG, 4, 0);
	assert_int_equal(vio_driver_config(&slot.driver, 0, 2), 132);
	assert_int_equal(vio_driver_config(&slot.driver, 2, 2), 43);
}

/* Its terminal may have another one by then, and input waits. */
static void SUS_D_05_suspended_console_keeps_its_size(void **state)
{
	(void)state;
	SLOT_NOT_LEGACY();
	slot_start(&slot, VIO_BIT(VIO_F_SUSPEND) | VIO_BIT(VIO_CONSOLE_F_SIZE), 16);
	vio_mmio_write(&slot.mmio, VIO_MMIO_STATUS, 4, 0x1f);
	vio_console_resize(&console, 40, 12);
	vio_console_resize(&console, 132, 43);
	assert_int_equal(vio_driver_interrupt(&slot.driver), 0);
	assert_int_equal(vio_mmio_read(&slot.mmio, VIO_MMIO_CONFIG, 4), 25 << 16 | 80);
	vio_mmio_write(&slot.mmio, VIO_MMIO_STATUS, 4, 0x1f);
	assert_int_equal(vio_driver_interrupt(&slot.driver), VIO_INTERRUPT_CONFIG);
	assert_int_equal(vio_mmio_read(&slot.mmio, VIO_MMIO_CONFIG, 4), 43 << 16 | 132);
}

static void CON_P_13_first_output_of_each_life_announces_the_size(void **state)
{
	(void)state;
	for (unsigned life = 0; life < 2; life++) {
		struct vio_buffer piece = { NULL, 1, false };

		start();
		piece.data = page;
		assert_int_equal(vio_driver_interrupt(&slot.driver) & VIO_INTERRUPT_CONFIG, 0);
		assert_int_equal(slot_request(&slot, TRANSMIT, &piece, 1), 0);
		assert_int_equal(vio_driver_interrupt(&slot.driver) & VIO_INTERRUPT_CONFIG,
				 VIO_INTERRUPT_CONFIG);
		assert_int_equal(slot_request(&slot, TRANSMIT, &piece, 1), 0);
		assert_int_equal(vio_driver_interrupt(&slot.driver) & VIO_INTERRUPT_CONFIG, 0);
	}
}

/* A legacy driver may have its first output before DRIVER_OK. */
static void CON_P_13_LEG_D_06_the_size_is_announced_at_DRIVER_OK(void **state)
{
	struct vio_buffer piece = { NULL, 1, false };

	(void)state;
	if (!slot_version)
		skip();
	assert_true(vio_driver_reset(&slot.driver));
	vio_driver_probe(&slot.driver);
	assert_true(vio_driver_start(&slot.driver, VIO_BIT(VIO_CONSOLE_F_SIZE)));
	slot_set_up_queues(&slot, 16);
	piece.data = slot_alloc(&slot, 1);
	assert_int_equal(slot_request(&slot, TRANSMIT, &piece, 1), 0);
	assert_int_equal(vio_driver_interrupt(&slot.driver) & VIO_INTERRUPT_CONFIG, 0);
	vio_driver_run(&slot.driver);
	assert_int_equal(vio_driver_interrupt(&slot.driver) & VIO_INTERRUPT_CONFIG,
			 VIO_INTERRUPT_CONFIG);
}

static void offers_size_only_when_it_is_known(void **state)
{
	const uint32_t own = VIO_BIT(VIO_CONSOLE_F_SIZE) | VIO_BIT(VIO_CONSOLE_F_MULTIPORT) |
			     VIO_BIT(VIO_CONSOLE_F_EMERG_WRITE);

	(void)state;
	assert_int_equal(vio_device_offered(&console.device, 0) & own,
			 VIO_BIT(VIO_CONSOLE_F_SIZE) | VIO_BIT(VIO_CONSOLE_F_EMERG_WRITE));
	vio_console_init(&console, &terminal.backend, 0, 0);
	slot_attach(&slot, &console.device);
	assert_int_equal(vio_device_offered(&console.device, 0) & own,
			 VIO_BIT(VIO_CONSOLE_F_EMERG_WRITE));
}

/* ---- Save and restore ---- */

static uint8_t saved[VIO_STATE_BYTES(2, sizeof(struct vio_console_progress))];
static struct vio_console other;

static void save(void)
{
	assert_true(vio_device_pause(&console.device));
	assert_int_equal(vio_device_save(&console.device, saved, sizeof(saved)), VIO_STATE_OK);
	assert_true(vio_mmio_detach(&slot.mmio));
	vio_console_init(&other, &terminal.backend, 80, 25);
	other.device.queues[TRANSMIT].generation = 7; /* of drivers before */
	vio_mmio_attach(&slot.mmio, &other.device, &slot.memory);
}

static void hostile_61_input_that_lies_is_refused(void **unused)
{
	struct vio_console_progress *progress = (void *)(saved + sizeof(saved) - sizeof(*progress));
	const uint16_t lengths[] = { VIO_CONSOLE_INPUT + 1, 0x8000, UINT16_MAX };

	(void)unused;
	save();
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(lengths); i++) {
		uint16_t tail = 0;

		memcpy(&tail, &progress->input_head, sizeof(tail));
		tail += lengths[i];
		memcpy(&progress->input_tail, &tail, sizeof(tail));
		assert_int_equal(vio_device_restore(&other.device, saved, sizeof(saved)),
				 VIO_STATE_OWN);
		assert_int_equal(other.device.status, 0);
	}
}

/* Half of a buffer is sent, input waits for one: another instance goes on there. */
static void what_was_begun_goes_on_in_another_instance(void **unused)
{
	const struct vio_buffer out = { page, 100, false };

	(void)unused;
	for (unsigned i = 0; i < 100; i++)
		page[i] = pattern(i);
	keys(30);
	terminal.room = 10;
	slot_send(&slot, TRANSMIT, &out, 1);
	save();
	terminal.room = 1000;
	assert_int_equal(vio_device_restore(&other.device, saved, sizeof(saved)), VIO_STATE_OK);
	slot_settle(&slot);
	assert_int_equal(slot_used(&slot, TRANSMIT), 0);
	assert_int_equal(terminal.shown_len, 100);
	expect_pattern(terminal.shown, 100, 0);
	assert_int_equal(slot_request(&slot, RECEIVE, &(struct vio_buffer){ page, 99, true }, 1),
			 30);
	expect_pattern(page, 30, 0);
}

/* The buffer at the front of a queue that was set up again since is another, or none. */
static void begin_then_disable(void)
{
	terminal.room = 10;
	slot_send(&slot, TRANSMIT, &(struct vio_buffer){ page, 100, false }, 1);
	terminal.room = 1000;
	vio_mmio_write(&slot.mmio, VIO_MMIO_QUEUE_SEL, 4, TRANSMIT);
	vio_mmio_write(&slot.mmio, VIO_MMIO_QUEUE_READY, 4, 0);
}

static void set_up_again(void)
{
	assert_true(vio_driver_queue_init(&slot.driver, &slot.queues[TRANSMIT], TRANSMIT,
					  slot_alloc_ring(&slot, 16), 16));
}

static void expect_5_more(void)
{
	assert_int_equal(slot_request(&slot, TRANSMIT, &(struct vio_buffer){ page, 5, false }, 1),
			 0);
	assert_int_equal(terminal.shown_len, 15);
}

static void what_was_begun_before_is_not_saved(void **unused)
{
	(void)unused;
	if (slot_version)
		skip(); /* the new slot does not know the size of a page */
	begin_then_disable();
	set_up_again();
	save();
	assert_int_equal(vio_device_restore(&other.device, saved, sizeof(saved)), VIO_STATE_OK);
	expect_5_more();
}

static void hostile_61_nothing_is_begun_of_a_closed_queue(void **unused)
{
	(void)unused;
	if (slot_version)
		skip();
	begin_then_disable();
	save();
	memset(saved + sizeof(saved) - sizeof(struct vio_console_progress), 0x7f, 4);
	assert_int_equal(vio_device_restore(&other.device, saved, sizeof(saved)), VIO_STATE_OK);
	set_up_again();
	expect_5_more();
}

static void constants_are_those_of_linux(void **state)
{
	(void)state;
	assert_int_equal(VIO_ID_CONSOLE, 3);
	assert_int_equal(VIO_CONSOLE_F_SIZE, VIRTIO_CONSOLE_F_SIZE);
	assert_int_equal(VIO_CONSOLE_F_MULTIPORT, VIRTIO_CONSOLE_F_MULTIPORT);
	assert_int_equal(VIO_CONSOLE_F_EMERG_WRITE, VIRTIO_CONSOLE_F_EMERG_WRITE);
	assert_int_equal(sizeof(struct vio_console_config), sizeof(struct virtio_console_config));
	assert_int_equal(offsetof(struct vio_console_config, rows),
			 offsetof(struct virtio_console_config, rows));
	assert_int_equal(offsetof(struct vio_console_config, max_nr_ports),
			 offsetof(struct virtio_console_config, max_nr_ports));
	assert_int_equal(offsetof(struct vio_console_config, emerg_wr),
			 offsetof(struct virtio_console_config, emerg_wr));
}

#define STARTED(test) cmocka_unit_test_setup(test, attach_and_start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STARTED(CON_P_12_sends_all_pieces_and_uses_0_bytes),
		STARTED(output_waits_for_room_and_is_not_lost),
		STARTED(output_of_64_KiB_arrives_intact),
		STARTED(hostile_59_a_huge_write_is_bounded),
		STARTED(hostile_59_a_write_of_nothing_is_used),
		STARTED(hostile_12_reset_drops_output_that_waits),
		STARTED(hostile_12_reset_while_suspended_drops_it_too),
		STARTED(a_queue_is_disabled_while_output_waits),
		STARTED(hostile_31_CON_H_09_refuses_a_writable_buffer),
		STARTED(CON_P_12_uses_as_many_bytes_as_were_typed),
		cmocka_unit_test_setup(CON_P_11_hostile_59_input_waits_for_driver_and_buffers,
				       attach),
		STARTED(input_waits_in_all_of_the_buffer),
		STARTED(input_of_64_KiB_arrives_intact),
		STARTED(hostile_12_reset_keeps_input),
		STARTED(hostile_31_CON_H_08_refuses_a_readable_buffer),
		STARTED(hostile_31_CON_H_08_refuses_a_partly_readable_buffer),
		STARTED(hostile_59_refuses_a_receive_buffer_of_nothing),
		cmocka_unit_test_setup(CON_D_01_02_emergency_write_before_any_initialisation,
				       attach),
		STARTED(CON_L_06_emergency_write_of_a_legacy_driver),
		STARTED(CON_L_06_config_is_in_the_byte_order_of_the_guest),
		STARTED(CON_P_13_resize_tells_the_driver),
		STARTED(SUS_D_05_suspended_console_keeps_its_size),
		cmocka_unit_test_setup(CON_P_13_first_output_of_each_life_announces_the_size,
				       attach),
		STARTED(CON_P_13_LEG_D_06_the_size_is_announced_at_DRIVER_OK),
		cmocka_unit_test_setup(offers_size_only_when_it_is_known, attach),
		STARTED(hostile_61_input_that_lies_is_refused),
		STARTED(what_was_begun_goes_on_in_another_instance),
		STARTED(what_was_begun_before_is_not_saved),
		STARTED(hostile_61_nothing_is_begun_of_a_closed_queue),
		cmocka_unit_test(constants_are_those_of_linux),
	};

	return SLOT_RUN_TESTS(tests);
}

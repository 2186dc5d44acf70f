/* SPDX-License-Identifier: BSD-2-Clause */
/* The emulated PL011, used as Linux, U-Boot and an early console use one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "vio_pl011.h"

enum {
	DR = 0x00,
	FR = 0x18,
	IBRD = 0x24,
	LCR_H = 0x2c,
	CR = 0x30,
	IFLS = 0x34,
	IMSC = 0x38,
	RIS = 0x3c,
	MIS = 0x40,
	ICR = 0x44,
};

static struct vio_pl011 uart;
static char sent[64];
static unsigned sent_count;
static unsigned rooms;
static int line;

static void on_output(void *data, uint8_t byte)
{
	assert_ptr_equal(data, &line);
	sent[sent_count++ % sizeof(sent)] = (char)byte;
}

static void on_raise(void *data)
{
	assert_ptr_equal(data, &line);
	assert_int_equal(line++, 0);
}

static void on_lower(void *data)
{
	assert_ptr_equal(data, &line);
	assert_int_equal(line--, 1);
}

static void on_room(void *data)
{
	assert_ptr_equal(data, &line);
	rooms++;
}

static const struct vio_uart_host host = { on_output, on_raise, on_lower, on_room };

static int setup(void **state)
{
	(void)state;
	vio_pl011_init(&uart, &host, &line);
	sent_count = rooms = 0;
	line = 0;
	return 0;
}

static uint64_t rd(uint32_t offset)
{
	return vio_pl011_read(&uart, offset, 4);
}

static void wr(uint32_t offset, uint32_t value)
{
	vio_pl011_write(&uart, offset, 4, value);
}

static void reset_values(void **state)
{
	(void)state;
	assert_int_equal(rd(CR), 0x300);
	assert_int_equal(rd(IFLS), 0x12);
	assert_int_equal(rd(IMSC), 0);
	assert_int_equal(rd(FR) & 0xf8, 0x90); /* both FIFOs empty, not busy */
}

static void found_by_the_amba_bus(void **state)
{
	uint32_t peripheral = 0;
	uint32_t cell = 0;
	unsigned i = 0;

	(void)state;
	for (i = 0; i < 4; i++) {
		peripheral |= (uint32_t)rd(0xfe0 + 4 * i) << (8 * i);
		cell |= (uint32_t)rd(0xff0 + 4 * i) << (8 * i);
	}
	assert_int_equal(peripheral & 0x000fffff, 0x00041011);
	assert_int_equal(cell, 0xb105f00d);
}

static void sends_without_set_up(void **state)
{
	const char *text = "early\n";
	unsigned i = 0;

	(void)state;
	for (i = 0; text[i] != '\0'; i++) {
		assert_int_equal(rd(FR) & 0x20, 0); /* never full */
		vio_pl011_write(&uart, DR, 1, (uint8_t)text[i]);
	}
	assert_int_equal(sent_count, 6);
	assert_memory_equal(sent, text, 6);
}

static void transmit_interrupt(void **state)
{
	(void)state;
	wr(IMSC, 0x20);
	assert_int_equal(line, 0);
	wr(DR, 'a');
	assert_int_equal(line, 1);
	assert_int_equal(rd(MIS), 0x20);
	wr(ICR, 0x20);
	assert_int_equal(line, 0);
	wr(DR, 'b');
	wr(IMSC, 0);
	assert_int_equal(line, 0);
	assert_int_equal(rd(RIS), 0x20);
	assert_int_equal(rd(MIS), 0);
}

static void one_byte_without_fifo(void **state)
{
	(void)state;
	assert_int_equal(vio_pl011_input(&uart, "xy", 2), 1);
	assert_int_equal(rd(FR) & 0x50, 0x40);
	assert_int_equal(vio_pl011_input(&uart, "y", 1), 0);
	assert_int_equal(rooms, 0);
	assert_int_equal(rd(DR), 'x');
	assert_int_equal(rooms, 1);
	assert_int_equal(rd(FR) & 0x50, 0x10);
	assert_int_equal(rd(DR), 0); /* empty */
	assert_int_equal(rooms, 1);
	/* With the FIFO on, it takes more at once, and says so. */
	assert_int_equal(vio_pl011_room(&uart), 1);
	assert_int_equal(vio_pl011_input(&uart, "z", 1), 1);
	assert_int_equal(vio_pl011_room(&uart), 0);
	wr(LCR_H, 0x70);
	assert_int_equal(rooms, 2);
	assert_int_equal(vio_pl011_room(&uart), VIO_PL011_FIFO - 1);
}

static void a_reset_empties_it_and_tells_who_waits_for_room(void **state)
{
	(void)state;
	vio_pl011_reset(&uart);
	assert_int_equal(rooms, 0);
	wr(LCR_H, 0x70);
	wr(IMSC, 0x50);
	assert_int_equal(vio_pl011_input(&uart, "0123456789abcdef", 16), 16);
	assert_int_equal(line, 1);
	vio_pl011_reset(&uart);
	assert_int_equal(line, 0);
	assert_int_equal(rooms, 1);
	reset_values(state);
}

/* As Linux: FIFO on, receive and timeout interrupts on, drain until empty. */
static void receives_through_the_fifo(void **state)
{
	char got[64];
	unsigned count = 0;
	uint32_t fed = 0;
	const char *text = "0123456789abcdefghijklmnopqrstuvwxyz";

	(void)state;
	wr(LCR_H, 0x70);
	wr(IMSC, 0x50);
	while (count < 36) {
		fed += vio_pl011_input(&uart, text + fed, 36 - fed);
		assert_int_equal(line, 1);
		wr(ICR, 0);
		while ((rd(FR) & 0x10) == 0)
			got[count++] = (char)vio_pl011_read(&uart, DR, 2);
		assert_int_equal(line, 0);
	}
	assert_int_equal(fed, 36);
	assert_memory_equal(got, text, 36);
	assert_int_equal(rooms, 2);
}

static void receive_trigger_levels(void **state)
{
	unsigned level = 0;
	const unsigned triggers[] = { 2, 4, 8, 12, 14 };

	(void)state;
	wr(LCR_H, 0x10);
	for (level = 0; level < 5; level++) {
		unsigned i = 0;

		wr(IFLS, level << 3);
		for (i = 1; i <= 16; i++) {
			assert_int_equal(vio_pl011_input(&uart, "z", 1), 1);
			assert_int_equal(rd(RIS), i >= triggers[level] ? 0x50 : 0x40);
		}
		assert_int_equal(vio_pl011_input(&uart, "z", 1), 0);
		for (i = 16; i > 0; i--) {
			assert_int_equal(rd(RIS), i >= triggers[level] ? 0x50 : 0x40);
			assert_int_equal(rd(DR), 'z');
		}
		assert_int_equal(rd(RIS), 0);
	}
}

static void keeps_only_implemented_bits(void **state)
{
	uint32_t offset = 0;

	(void)state;
	for (offset = 0; offset < 0x1000; offset += 4) {
		if (offset != DR)
			wr(offset, UINT32_MAX);
	}
	assert_int_equal(rd(IBRD), 0xffff);
	assert_int_equal(rd(IMSC), 0x7ff);
	assert_int_equal(rd(LCR_H), 0xff);
	assert_int_equal(rd(IFLS), 0x3f);
	assert_int_equal(rd(0x04), 0); /* no receive error */
	assert_int_equal(rd(0x80), 0);
	assert_int_equal(rd(0xfe0), 0x11);
	assert_int_equal(vio_pl011_read(&uart, IBRD, 1), 0xff);
}

static void hostile_7_odd_accesses_change_nothing(void **state)
{
	uint64_t offset = 0;

	(void)state;
	vio_pl011_input(&uart, "k", 1);
	for (offset = 0; offset < 0x1008; offset++) {
		assert_int_equal(vio_pl011_read(&uart, offset, 8), 0);
		vio_pl011_write(&uart, offset, 8, UINT64_MAX);
		if (offset % 4 != 0) {
			assert_int_equal(vio_pl011_read(&uart, offset, 1), 0);
			vio_pl011_write(&uart, offset, 2, UINT64_MAX);
		}
	}
	assert_int_equal(vio_pl011_read(&uart, UINT64_MAX - 3, 4), 0);
	vio_pl011_write(&uart, UINT64_MAX - 3, 4, UINT64_MAX);
	assert_int_equal(sent_count, 0);
	assert_int_equal(rd(DR), 'k');
	reset_values(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(reset_values, setup),
		cmocka_unit_test_setup(found_by_the_amba_bus, setup),
		cmocka_unit_test_setup(sends_without_set_up, setup),
		cmocka_unit_test_setup(transmit_interrupt, setup),
		cmocka_unit_test_setup(one_byte_without_fifo, setup),
		cmocka_unit_test_setup(a_reset_empties_it_and_tells_who_waits_for_room, setup),
		cmocka_unit_test_setup(receives_through_the_fifo, setup),
		cmocka_unit_test_setup(receive_trigger_levels, setup),
		cmocka_unit_test_setup(keeps_only_implemented_bits, setup),
		cmocka_unit_test_setup(hostile_7_odd_accesses_change_nothing, setup),
	};

	return cmocka_run_group_tests_name("pl011", tests, NULL, NULL);
}

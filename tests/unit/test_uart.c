/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The root's PL011 driver on the emulated PL011, as what is behind a Virtio console. The emulated
 * one sends at once; where a FIFO has to be full, the test stands in front of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define MMIO_TEST /* the registers are below */
#include "mmio.h"
#include "pl011.h"
#include "vio_pl011.h"

enum {
	DR = 0x00,
	FR = 0x18,
	IBRD = 0x24,
	FBRD = 0x28,
	LCR_H = 0x2c,
	CR = 0x30,
	IMSC = 0x38,
	MIS = 0x40,
};

static struct {
	struct vio_pl011 hardware;
	struct pl011 driver;
	char sent[256];
	unsigned sent_count;
	unsigned looks;         /* reads of FR */
	unsigned transmit_room; /* bytes the transmit FIFO has left */
	bool slow;              /* the transmit FIFO counts */
	bool line;
	unsigned input_ready, output_ready;
} t;

/* ---- The hardware ---- */

uint32_t mmio_read(const volatile void *registers, uint32_t offset)
{
	uint32_t value = (uint32_t)vio_pl011_read(&t.hardware, offset, 4);

	assert_ptr_equal(registers, &t);
	if (offset != FR)
		return value;
	t.looks++;
	if (!t.slow || t.transmit_room == 16)
		return value;
	return (value & ~0x80u) | (t.transmit_room == 0 ? 0x20 : 0);
}

void mmio_write(volatile void *registers, uint32_t offset, uint32_t value)
{
	assert_ptr_equal(registers, &t);
	if (offset == DR && t.slow)
		assert_true(t.transmit_room-- > 0); /* never overrun */
	vio_pl011_write(&t.hardware, offset, 4, value);
}

static void output(void *data, uint8_t byte)
{
	(void)data;
	assert_true(t.sent_count < sizeof(t.sent));
	t.sent[t.sent_count++] = (char)byte;
}

static void raise(void *data)
{
	(void)data;
	t.line = true;
}

static void lower(void *data)
{
	(void)data;
	t.line = false;
}

static const struct vio_uart_host hardware_host = { .output = output,
						    .raise = raise,
						    .lower = lower };

/* ---- Its user ---- */

static void input_ready(void *user)
{
	assert_ptr_equal(user, &t);
	t.input_ready++;
}

static void output_ready(void *user)
{
	assert_ptr_equal(user, &t);
	t.output_ready++;
}

static int setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	t.transmit_room = 16;
	vio_pl011_init(&t.hardware, &hardware_host, NULL);
	t.driver.input_ready = input_ready;
	t.driver.output_ready = output_ready;
	t.driver.user = &t;
	pl011_init(&t.driver, &t, 24000000, 115200);
	t.looks = 0;
	return 0;
}

static uint32_t backend_write(const char *text, uint32_t len)
{
	return t.driver.backend.write(&t.driver.backend, (const uint8_t *)text, len);
}

static uint32_t backend_read(char *to, uint32_t len)
{
	return t.driver.backend.read(&t.driver.backend, (uint8_t *)to, len);
}

static void sets_the_speed(void **state)
{
	(void)state;
	/* 24 MHz / (16 * 115200) = 13.02: 13 and 1/64. */
	assert_int_equal(vio_pl011_read(&t.hardware, IBRD, 4), 13);
	assert_int_equal(vio_pl011_read(&t.hardware, FBRD, 4), 1);
	assert_int_equal(vio_pl011_read(&t.hardware, LCR_H, 4), 0x70);
	assert_int_equal(vio_pl011_read(&t.hardware, CR, 4), 0x301);
	assert_int_equal(vio_pl011_read(&t.hardware, IMSC, 4), 0);
}

static void one_look_for_a_fifo_of_bytes(void **state)
{
	char text[160];

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_int_equal(backend_write(text, sizeof(text)), sizeof(text));
	assert_int_equal(t.sent_count, sizeof(text));
	assert_int_equal(t.looks, 10);
}

static void full_fifo_is_waited_for_by_interrupt(void **state)
{
	(void)state;
	t.slow = true;
	assert_int_equal(backend_write("0123456789abcdefGHIJ", 20), 16);
	assert_int_equal(vio_pl011_read(&t.hardware, IMSC, 4), 0x20);
	/* Room for some: byte by byte. */
	t.transmit_room = 3;
	assert_true(t.line);
	pl011_interrupt(&t.driver);
	assert_false(t.line);
	assert_int_equal(t.output_ready, 1);
	assert_int_equal(vio_pl011_read(&t.hardware, IMSC, 4), 0);
	assert_int_equal(backend_write("GHIJ", 4), 3);
	assert_int_equal(vio_pl011_read(&t.hardware, IMSC, 4), 0x20);
	assert_memory_equal(t.sent, "0123456789abcdefGHI", 19);
	assert_int_equal(t.input_ready, 0);
}

static void waits_for_the_roots_own_reports(void **state)
{
	(void)state;
	pl011_write(&t.driver, "panic", 5);
	assert_memory_equal(t.sent, "panic", 5);
}

static void input_comes_by_interrupt(void **state)
{
	char got[8];

	(void)state;
	assert_int_equal(backend_read(got, 8), 0);
	assert_false(t.line);
	assert_int_equal(vio_pl011_input(&t.hardware, "abc", 3), 3);
	assert_true(t.line);
	pl011_interrupt(&t.driver);
	assert_int_equal(t.input_ready, 1);
	assert_int_equal(backend_read(got, 8), 3);
	assert_memory_equal(got, "abc", 3);
	assert_int_equal(t.output_ready, 0);
}

/* Nobody reads: the interrupt stays down, the FIFO fills, and not a byte is lost. */
static void input_is_held_back(void **state)
{
	char got[40];

	(void)state;
	assert_int_equal(backend_read(got, 1), 0);
	assert_int_equal(vio_pl011_input(&t.hardware, "0123456789", 10), 10);
	pl011_interrupt(&t.driver);
	assert_false(t.line);
	assert_int_equal(vio_pl011_input(&t.hardware, "abcdefghij", 10), 6);
	assert_false(t.line);
	assert_int_equal(t.input_ready, 1);

	/* A reader that took all it wanted is not told again until it asks for more. */
	assert_int_equal(backend_read(got, 12), 12);
	assert_false(t.line);
	assert_int_equal(backend_read(got + 12, 28), 4);
	assert_memory_equal(got, "0123456789abcdef", 16);
	assert_int_equal(vio_pl011_input(&t.hardware, "g", 1), 1);
	assert_true(t.line);
	pl011_interrupt(&t.driver);
	assert_int_equal(t.input_ready, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(sets_the_speed, setup),
		cmocka_unit_test_setup(one_look_for_a_fifo_of_bytes, setup),
		cmocka_unit_test_setup(full_fifo_is_waited_for_by_interrupt, setup),
		cmocka_unit_test_setup(waits_for_the_roots_own_reports, setup),
		cmocka_unit_test_setup(input_comes_by_interrupt, setup),
		cmocka_unit_test_setup(input_is_held_back, setup),
	};

	return cmocka_run_group_tests_name("uart", tests, NULL, NULL);
}

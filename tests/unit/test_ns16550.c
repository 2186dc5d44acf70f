/* SPDX-License-Identifier: BSD-2-Clause */
/* The root's 16550 driver on the emulated 16550, and that with a driver as Linux has one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define MMIO_TEST /* the registers are below */
#include "mmio.h"
#include "ns16550.h"
#include "vio_ns16550.h"

#define SHIFT 3

enum {
	DATA,
	IER,
	IIR,
	LCR,
	MCR,
	LSR,
	MSR,
	SCRATCH,
};

static struct {
	struct vio_ns16550 hardware;
	struct ns16550 driver;
	char sent[256];
	unsigned sent_count;
	bool slow; /* the transmit FIFO counts: it takes */
	unsigned transmit_room;
	bool line;
	unsigned changes, rooms;
	unsigned input_ready, output_ready;
} t;

uint32_t mmio_read(const volatile void *registers, uint32_t offset)
{
	fail_msg("32 bits read at %p, %u", (const void *)(uintptr_t)registers, offset);
	return 0;
}

void mmio_write(volatile void *registers, uint32_t offset, uint32_t value)
{
	fail_msg("32 bits written at %p, %u: %u", (void *)(uintptr_t)registers, offset, value);
}

uint8_t mmio_read8(const volatile void *registers, uint32_t offset)
{
	uint8_t value = vio_ns16550_read(&t.hardware, offset >> SHIFT);

	assert_ptr_equal(registers, &t);
	assert_int_equal(offset % (1 << SHIFT), 0);
	if (offset >> SHIFT == LSR && t.slow && t.transmit_room != 16)
		value &= 0x9f;
	return value;
}

void mmio_write8(volatile void *registers, uint32_t offset, uint8_t value)
{
	assert_ptr_equal(registers, &t);
	if (offset >> SHIFT == DATA && t.slow)
		assert_true(t.transmit_room-- > 0); /* never overrun */
	vio_ns16550_write(&t.hardware, offset >> SHIFT, value);
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
	assert_false(t.line);
	t.line = true;
	t.changes++;
}

static void lower(void *data)
{
	(void)data;
	assert_true(t.line);
	t.line = false;
	t.changes++;
}

static void room(void *data)
{
	(void)data;
	t.rooms++;
}

static const struct vio_uart_host host = { output, raise, lower, room };

static void input_ready(void *user)
{
	(void)user;
	t.input_ready++;
}

static void output_ready(void *user)
{
	(void)user;
	t.output_ready++;
}

static int setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	vio_ns16550_init(&t.hardware, &host, NULL);
	ns16550_init(&t.driver, &t, SHIFT);
	t.driver.input_ready = input_ready;
	t.driver.output_ready = output_ready;
	return 0;
}

/* ---- The driver ---- */

static void output_goes_out(void **state)
{
	(void)state;
	ns16550_write(&t.driver, "words", 5);
	assert_memory_equal(t.sent, "words", 5);
	assert_int_equal(t.driver.backend.write(&t.driver.backend, (const uint8_t *)"more", 4), 4);
	assert_memory_equal(t.sent, "wordsmore", 9);
}

static void output_waits_for_room_and_is_told_of_it(void **state)
{
	static const uint8_t text[40] = "0123456789abcdef0123456789abcdef01234567";

	(void)state;
	t.slow = true;
	t.transmit_room = 16;
	assert_int_equal(t.driver.backend.write(&t.driver.backend, text, sizeof(text)), 16);
	assert_int_equal(t.driver.enabled, 2);
	t.transmit_room = 16;
	ns16550_interrupt(&t.driver);
	assert_int_equal(t.output_ready, 1);
	assert_int_equal(t.driver.enabled, 0);
	assert_int_equal(t.driver.backend.write(&t.driver.backend, text + 16, 24), 16);
}

static void input_is_told_of_once_until_read(void **state)
{
	uint8_t bytes[16];

	(void)state;
	assert_int_equal(t.driver.backend.read(&t.driver.backend, bytes, sizeof(bytes)), 0);
	assert_int_equal(vio_ns16550_input(&t.hardware, "abc", 3), 3);
	assert_true(t.line);
	ns16550_interrupt(&t.driver);
	assert_int_equal(t.input_ready, 1);
	assert_false(t.line);
	assert_int_equal(t.driver.backend.read(&t.driver.backend, bytes, sizeof(bytes)), 3);
	assert_memory_equal(bytes, "abc", 3);
}

/* ---- The emulated UART ---- */

static uint8_t get(unsigned number)
{
	return vio_ns16550_read(&t.hardware, number);
}

static void set(unsigned number, uint8_t value)
{
	vio_ns16550_write(&t.hardware, number, value);
}

static void transmit_interrupt_comes_when_enabled_and_goes_when_seen(void **state)
{
	(void)state;
	set(IER, 2);
	assert_true(t.line);
	assert_int_equal(get(IIR) & 15, 2);
	assert_false(t.line);
	assert_int_equal(get(IIR) & 15, 1);
	set(DATA, 'x');
	assert_true(t.line);
	set(IER, 0);
	assert_false(t.line);
}

static void receive_fifo_has_sixteen_bytes_and_a_trigger(void **state)
{
	(void)state;
	set(IIR, 0x41);
	set(IER, 1);
	assert_int_equal(vio_ns16550_input(&t.hardware, "abc", 3), 3);
	assert_int_equal(get(IIR), 0xcc);
	assert_int_equal(vio_ns16550_input(&t.hardware, "defghijklmnopqrs", 16), 13);
	assert_int_equal(get(IIR), 0xc4);
	t.rooms = 0;
	assert_int_equal(get(DATA), 'a');
	assert_int_equal(t.rooms, 1);
	assert_int_equal(get(LSR), 0x61);
	set(IIR, 0x43);
	assert_int_equal(get(LSR), 0x60);
	assert_false(t.line);
	set(IIR, 0);
	assert_int_equal(vio_ns16550_input(&t.hardware, "abc", 3), 1);
	assert_int_equal(get(DATA), 'a');
	assert_int_equal(get(DATA), 0);
}

static void without_its_fifo_it_has_room_for_one(void **state)
{
	(void)state;
	set(IIR, 0);
	assert_int_equal(vio_ns16550_room(&t.hardware), 1);
	assert_int_equal(vio_ns16550_input(&t.hardware, "ab", 2), 1);
	assert_int_equal(vio_ns16550_room(&t.hardware), 0);
	set(IIR, 1);
	assert_int_equal(vio_ns16550_room(&t.hardware), VIO_NS16550_FIFO);
}

static void a_reset_empties_it_and_tells_who_waits_for_room(void **state)
{
	(void)state;
	set(IIR, 1);
	set(IER, 1);
	t.rooms = 0;
	vio_ns16550_reset(&t.hardware);
	assert_int_equal(t.rooms, 0);
	set(IIR, 1);
	set(IER, 1);
	t.rooms = 0;
	assert_int_equal(vio_ns16550_input(&t.hardware, "0123456789abcdef", 16), 16);
	assert_true(t.line);
	vio_ns16550_reset(&t.hardware);
	assert_false(t.line);
	assert_int_equal(t.rooms, 1);
	assert_int_equal(get(LSR), 0x60);
	assert_int_equal(vio_ns16550_room(&t.hardware), 1);
}

static void drivers_find_a_16550a(void **state)
{
	(void)state;
	set(SCRATCH, 0xa5);
	assert_int_equal(get(SCRATCH), 0xa5);
	set(LCR, 0x83);
	set(DATA, 0x12);
	set(IER, 0x34);
	assert_int_equal(get(DATA), 0x12);
	set(LCR, 3);
	assert_int_equal(get(IER), 0);
	set(MCR, 0x1a);
	assert_int_equal(get(MSR) & 0xf0, 0x90);
	t.sent_count = 0;
	set(DATA, 'x');
	assert_int_equal(t.sent_count, 0);
	set(MCR, 0xff);
	assert_int_equal(get(MCR), 0x1f);
	set(IIR, 1);
	assert_int_equal(get(IIR) & 0xc0, 0xc0);
	set(9, 1);
	assert_int_equal(get(9), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(output_goes_out, setup),
		cmocka_unit_test_setup(output_waits_for_room_and_is_told_of_it, setup),
		cmocka_unit_test_setup(input_is_told_of_once_until_read, setup),
		cmocka_unit_test_setup(transmit_interrupt_comes_when_enabled_and_goes_when_seen,
				       setup),
		cmocka_unit_test_setup(receive_fifo_has_sixteen_bytes_and_a_trigger, setup),
		cmocka_unit_test_setup(without_its_fifo_it_has_room_for_one, setup),
		cmocka_unit_test_setup(a_reset_empties_it_and_tells_who_waits_for_room, setup),
		cmocka_unit_test_setup(drivers_find_a_16550a, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

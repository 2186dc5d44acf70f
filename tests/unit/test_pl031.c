/* SPDX-License-Identifier: BSD-2-Clause */
/* The root's PL031 driver on a clock that the test moves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define MMIO_TEST /* the registers are below */
#include "mmio.h"
#include "pl031.h"

enum {
	DR = 0x00,
	MR = 0x04,
	CR = 0x0c,
	IMSC = 0x10,
	ICR = 0x1c,
};

static struct {
	struct pl031 driver;
	uint32_t now, match, mask;
	uint32_t late; /* seconds that pass before the next alarm is set */
	bool running, raised;
	unsigned ticks;
} t;

uint32_t mmio_read(const volatile void *registers, uint32_t offset)
{
	assert_ptr_equal(registers, &t);
	assert_int_equal(offset, DR);
	return t.now;
}

void mmio_write(volatile void *registers, uint32_t offset, uint32_t value)
{
	assert_ptr_equal(registers, &t);
	switch (offset) {
	case MR:
		t.now += t.late;
		t.late = 0;
		t.match = value;
		break;
	case CR:
		t.running = value == 1;
		break;
	case IMSC:
		t.mask = value;
		break;
	case ICR:
		assert_int_equal(value, 1);
		t.raised = false;
		break;
	default:
		fail();
	}
}

static void tick(void *user)
{
	assert_ptr_equal(user, &t);
	assert_false(t.raised);
	t.ticks++;
}

/* A second passes, and the root takes the interrupt that may come of it. */
static void second(void)
{
	t.now++;
	t.raised |= t.running && t.now == t.match;
	if (t.raised && t.mask == 1)
		pl031_interrupt(&t.driver);
}

static void ticks_once_a_second_whatever_the_time(void **state)
{
	(void)state;
	t.now = UINT32_MAX - 5;
	t.raised = true; /* of the boot loader */
	t.driver.tick = tick;
	t.driver.user = &t;
	pl031_init(&t.driver, &t);
	assert_false(t.raised);
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(t.ticks, i);
		second();
	}
	assert_int_equal(t.ticks, 10);
}

static void a_second_that_is_over_is_not_waited_for(void **state)
{
	(void)state;
	t.now = UINT32_MAX;
	t.late = 3;
	pl031_init(&t.driver, &t);
	assert_int_equal(t.match - t.now, 1);
}

static void is_silent_when_it_is_stopped(void **state)
{
	(void)state;
	pl031_init(&t.driver, &t);
	t.raised = true;
	pl031_stop(&t);
	assert_false(t.raised);
	assert_int_equal(t.mask, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ticks_once_a_second_whatever_the_time),
		cmocka_unit_test(a_second_that_is_over_is_not_waited_for),
		cmocka_unit_test(is_silent_when_it_is_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

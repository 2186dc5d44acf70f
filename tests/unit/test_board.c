/* SPDX-License-Identifier: BSD-2-Clause */
/* The layout of board v1 itself: a promise, so the numbers stand here once more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "vio_board.h"

static void board_v1_is_where_virt_is(void **state)
{
	const struct vio_board *b = &vio_board_arm;

	(void)state;
	assert_int_equal(b->version, 1);
	assert_int_equal(b->ram_base, 0x40000000);
	assert_int_equal(b->virtio_base, 0x0a000000);
	assert_int_equal(1 << b->virtio_shift, 0x200);
	assert_int_equal(b->virtio_slots, 32);
	assert_int_equal(b->virtio_intid, 48);
	assert_int_equal(b->uart.base, 0x09000000);
	assert_int_equal(b->uart_intid, 33);
	assert_int_equal(b->gic_distributor.base, 0x08000000);
	assert_int_equal(b->gicv2_cpu.base, 0x08010000);
	assert_int_equal(b->gicv3_redistributors.base, 0x080a0000);
	assert_int_equal(b->timer_virtual_intid, 27);
	assert_int_equal(b->timer_physical_intid, 30);
}

static void board_v1_on_mips(void **state)
{
	const struct vio_board *b = &vio_board_mips;
	unsigned i = 0;

	(void)state;
	assert_int_equal(b->ram_base, 0);
	assert_int_equal(b->virtio_base, 0x1e000000);
	assert_int_equal(1 << b->virtio_shift, 0x200);
	assert_int_equal(b->virtio_slots, 16);
	assert_int_equal(b->uart.base, 0x1f000900);
	assert_int_equal(b->uart_shift, 3);
	assert_int_equal(b->uart_intid, 4);
	assert_int_equal(b->power.base, 0x1f000500);
	assert_int_equal(b->power_reset, 0x42);
	for (i = 0; i < b->virtio_slots; i++)
		assert_in_range(b->virtio_lines[i], 2, 6);
	/* All of it is in the first 512 MiB, which kernels reach without a TLB. */
	assert_true(b->ram_max <= b->virtio_base && b->uart.base + b->uart.size <= 0x20000000);
}

static void board_slots_of_the_standard(void **state)
{
	(void)state;
	assert_int_equal(VIO_BOARD_SLOT_CONSOLE, 0);
	assert_int_equal(VIO_BOARD_SLOT_BLK, 1);
	assert_int_equal(VIO_BOARD_SLOT_NET, 2);
	assert_int_equal(VIO_BOARD_SLOT_RNG, 3);
	assert_int_equal(VIO_BOARD_SLOT_FREE, 4);
}

/* No two parts overlap, and no two interrupts are the same. */
static void board_parts_are_apart(void **state)
{
	const struct vio_board *b = &vio_board_arm;
	const struct vio_board_range parts[] = {
		b->uart,
		b->gic_distributor,
		b->gicv2_cpu,
		b->gicv3_redistributors,
		{ b->virtio_base, (uint64_t)b->virtio_slots << b->virtio_shift },
		{ b->ram_base, b->ram_max },
	};
	unsigned i = 0;
	unsigned k = 0;

	(void)state;
	for (i = 0; i < VIO_ARRAY_SIZE(parts); i++) {
		assert_int_equal(parts[i].base % 4096, 0);
		for (k = 0; k < i; k++)
			assert_true(parts[i].base + parts[i].size <= parts[k].base ||
				    parts[k].base + parts[k].size <= parts[i].base);
	}
	assert_true(b->uart_intid < b->virtio_intid ||
		    b->uart_intid >= b->virtio_intid + b->virtio_slots);
	assert_int_equal(b->ram_max % b->ram_granule, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(board_v1_is_where_virt_is),
		cmocka_unit_test(board_v1_on_mips),
		cmocka_unit_test(board_slots_of_the_standard),
		cmocka_unit_test(board_parts_are_apart),
	};

	return cmocka_run_group_tests_name("board", tests, NULL, NULL);
}

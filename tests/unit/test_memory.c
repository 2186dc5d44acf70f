/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest memory: adding regions, merging them, and the one translation. */
#include "box.h"
#include "vio_memory.h"

static uint8_t ram[0x3000];

static struct vio_region storage[3];

static struct vio_memory empty_memory(void)
{
	struct vio_memory memory;

	memset(storage, 0x5a, sizeof(storage));
	vio_memory_init(&memory, storage, VIO_ARRAY_SIZE(storage));
	return memory;
}

static struct vio_region region(uint64_t base, uint64_t size, uint32_t at)
{
	return (struct vio_region){
		.base = base, .size = size, .data = ram + at, .access = VIO_ACCESS_READ_WRITE
	};
}

static void translates_first_and_last_byte(void **state)
{
	struct vio_memory memory = empty_memory();

	(void)state;
	assert_true(vio_memory_add(&memory, region(0x40000000, 0x1000, 0)));
	assert_ptr_equal(vio_memory_at(&memory, 0x40000000, 1, VIO_ACCESS_READ), ram);
	assert_ptr_equal(vio_memory_at(&memory, 0x40000000, 0x1000, VIO_ACCESS_WRITE), ram);
	assert_ptr_equal(vio_memory_at(&memory, 0x40000fff, 1, VIO_ACCESS_READ_WRITE), ram + 0xfff);
}

/* hostile 29, 30: the whole table at once. */
static void refuses_what_is_not_inside(void **state)
{
	static const struct {
		uint64_t addr;
		uint64_t len;
	} cases[] = {
		{ 0, 1 },
		{ 0x3fffffff, 1 },
		{ 0x3fffffff, 2 },
		{ 0x40001000, 1 },
		{ 0x40001000, 0 },
		{ 0x3fffffff, 0 },
		{ 0x40000fff, 2 },
		{ 0x40000000, 0x1001 },
		{ 0x40000001, UINT64_MAX },
		{ 0x40000800, UINT64_MAX - 0x400007ff },
		{ UINT64_MAX, 0 },
		{ UINT64_MAX, 1 },
		{ UINT64_MAX, UINT64_MAX },
		{ 0x140000000, 1 },
		{ 0x8000000040000000, 1 },
	};
	struct vio_memory memory = empty_memory();

	(void)state;
	assert_null(vio_memory_at(&memory, 0, 0, VIO_ACCESS_READ));
	assert_true(vio_memory_add(&memory, region(0x40000000, 0x1000, 0)));
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(cases); i++)
		assert_null(vio_memory_at(&memory, cases[i].addr, cases[i].len, VIO_ACCESS_READ));
}

static void access_is_checked(void **state)
{
	struct vio_memory memory = empty_memory();
	struct vio_region rom = region(0x1000, 0x1000, 0);

	(void)state;
	rom.access = VIO_ACCESS_READ;
	assert_true(vio_memory_add(&memory, rom));
	assert_non_null(vio_memory_at(&memory, 0x1000, 4, VIO_ACCESS_READ));
	assert_null(vio_memory_at(&memory, 0x1000, 4, VIO_ACCESS_WRITE));
	assert_null(vio_memory_at(&memory, 0x1000, 4, VIO_ACCESS_READ_WRITE));
}

/* hostile 29: contiguous for guest and root is one region, whatever the order of adding. */
static void contiguous_regions_merge(void **state)
{
	static const uint8_t orders[][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
					     { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };

	(void)state;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(orders); i++) {
		struct vio_memory memory = empty_memory();

		for (unsigned k = 0; k < 3; k++) {
			uint32_t at = orders[i][k] * UINT32_C(0x1000);

			assert_true(vio_memory_add(&memory, region(0x1000 + at, 0x1000, at)));
		}
		assert_int_equal(memory.count, 1);
		assert_ptr_equal(vio_memory_at(&memory, 0x1800, 0x2000, VIO_ACCESS_READ),
				 ram + 0x800);
		assert_null(vio_memory_at(&memory, 0x1000, 0x3001, VIO_ACCESS_READ));
	}
}

static void apart_for_either_side_does_not_merge(void **state)
{
	struct vio_memory memory = empty_memory();
	struct vio_region rom = region(0x2000, 0x800, 0x1000);

	(void)state;
	rom.access = VIO_ACCESS_READ;
	assert_true(vio_memory_add(&memory, region(0x1000, 0x1000, 0)));
	assert_true(vio_memory_add(&memory, rom)); /* other access */
	assert_true(
		vio_memory_add(&memory, region(0x2800, 0x800, 0x2000))); /* apart for the root */
	assert_int_equal(memory.count, 3);
	assert_null(vio_memory_at(&memory, 0x1fff, 2, VIO_ACCESS_READ));
	assert_null(vio_memory_at(&memory, 0x27ff, 2, VIO_ACCESS_READ));
	assert_ptr_equal(vio_memory_at(&memory, 0x2800, 1, VIO_ACCESS_READ), ram + 0x2000);
}

static void refused_regions_change_nothing(void **state)
{
	struct vio_memory memory = empty_memory();

	(void)state;
	assert_true(vio_memory_add(&memory, region(0x1000, 0x1000, 0)));
	assert_false(vio_memory_add(&memory, region(0x5000, 0, 0)));
	assert_false(vio_memory_add(&memory, region(UINT64_MAX, 2, 0)));
	assert_false(vio_memory_add(&memory, region(0x2000, UINT64_MAX - 0x2000, 0)));
	assert_false(vio_memory_add(&memory, region(0x8000, UINT64_MAX - 0x7fff, 0)));
	assert_false(vio_memory_add(&memory, region(0x1000, 0x1000, 0x1000)));
	assert_false(vio_memory_add(&memory, region(0x1fff, 1, 0x1000)));
	assert_false(vio_memory_add(&memory, region(0x0fff, 2, 0x1000)));
	assert_false(vio_memory_add(&memory, region(0x0800, 0x2000, 0x800)));
	assert_int_equal(memory.count, 1);
	assert_int_equal(memory.regions[0].size, 0x1000);

	assert_true(vio_memory_add(&memory, region(0x4000, 0x800, 0x1800)));
	assert_true(vio_memory_add(&memory, region(0x8000, 0x800, 0x2800)));
	assert_false(vio_memory_add(&memory, region(0xc000, 1, 0)));
	/* The others are in the way as much as the first. */
	for (unsigned i = 1; i < 3; i++) {
		uint64_t base = memory.regions[i].base;

		assert_false(vio_memory_add(&memory, region(base, 1, 0)));
		assert_false(vio_memory_add(&memory, region(base + 0x7ff, 1, 0)));
		assert_false(vio_memory_add(&memory, region(base - 1, 2, 0)));
	}
	assert_int_equal(memory.count, 3);
	/* Full, but this one joins another. */
	assert_true(vio_memory_add(&memory, region(0x2000, 0x800, 0x1000)));
	assert_int_equal(memory.count, 3);
	assert_ptr_equal(vio_memory_at(&memory, 0x1800, 0x1000, VIO_ACCESS_READ), ram + 0x800);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(translates_first_and_last_byte),
		cmocka_unit_test(refuses_what_is_not_inside),
		cmocka_unit_test(access_is_checked),
		cmocka_unit_test(contiguous_regions_merge),
		cmocka_unit_test(apart_for_either_side_does_not_merge),
		cmocka_unit_test(refused_regions_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

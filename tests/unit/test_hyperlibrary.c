/* SPDX-License-Identifier: BSD-2-Clause */
/* Which function a guest's call reaches, and what it may point to. */
#include "box.h"
#include "hyperlibrary.h"

static struct guest guest;
static struct vcpu vcpu = { .guest = &guest };
static uint8_t ram[64];

static int64_t sum(struct vcpu *caller, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	assert_ptr_equal(caller, &vcpu);
	return (int64_t)(a + 2 * b + 3 * c + 4 * d);
}

static int64_t seven(struct vcpu *caller, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	(void)caller;
	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return 7;
}

static const uint64_t arguments[] = { 1, 10, 100, 1000 };

static int64_t call(const struct hyperlibrary *library, unsigned number)
{
	return hyperlibrary_call(library, &vcpu, number, arguments);
}

static void test_every_function_is_found_by_its_number(void **state)
{
	struct hyperlibrary_entry entries[9];
	struct hyperlibrary library = { .entries = entries };
	unsigned number = 0;
	unsigned i = 0;

	(void)state;
	for (i = 0; i < VIO_ARRAY_SIZE(entries); i++)
		entries[i] = (struct hyperlibrary_entry){ 10 * i + 5, i % 2 ? sum : seven };
	for (library.count = 0; library.count <= VIO_ARRAY_SIZE(entries); library.count++) {
		for (number = 0; number < 100; number++) {
			int64_t wanted = GUEST_CALL_UNKNOWN;

			if (number % 10 == 5 && number / 10 < library.count)
				wanted = number / 10 % 2 ? 4321 : 7;
			assert_int_equal(call(&library, number), wanted);
		}
	}
}

/* Case 74. */
static void test_74_wild_addresses_are_none(void **state)
{
	static const struct {
		uint64_t address;
		uint64_t len;
		unsigned access;
		bool good;
	} cases[] = {
		{ 0x1000, 64, VIO_ACCESS_READ, true },
		{ 0x1001, 63, VIO_ACCESS_READ_WRITE, true },
		{ 0x1001, 64, VIO_ACCESS_READ, false },
		{ 0xfff, 2, VIO_ACCESS_READ, false },
		{ 0x103f, 1, VIO_ACCESS_WRITE, true },
		{ 0x1040, 1, VIO_ACCESS_WRITE, false },
		{ 0x1010, UINT64_MAX, VIO_ACCESS_READ, false },
		{ UINT64_MAX, 2, VIO_ACCESS_READ, false },
		{ 0x2000, 8, VIO_ACCESS_READ, true },
		{ 0x2000, 8, VIO_ACCESS_WRITE, false },
	};
	unsigned i = 0;

	(void)state;
	vio_memory_init(&guest.memory, guest.memory_regions, VIO_ARRAY_SIZE(guest.memory_regions));
	assert_true(vio_memory_add(&guest.memory,
				   (struct vio_region){ .base = 0x1000,
							.size = sizeof(ram),
							.data = ram,
							.access = VIO_ACCESS_READ_WRITE }));
	assert_true(vio_memory_add(
		&guest.memory,
		(struct vio_region){
			.base = 0x2000, .size = 8, .data = ram, .access = VIO_ACCESS_READ }));
	for (i = 0; i < VIO_ARRAY_SIZE(cases); i++) {
		uint8_t *at =
			hyperlibrary_at(&vcpu, cases[i].address, cases[i].len, cases[i].access);

		assert_int_equal(at != NULL, cases[i].good);
		if (at)
			assert_ptr_equal(at, &ram[cases[i].address % 0x1000]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_function_is_found_by_its_number),
		cmocka_unit_test(test_74_wild_addresses_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

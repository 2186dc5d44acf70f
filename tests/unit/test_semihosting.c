/* SPDX-License-Identifier: BSD-2-Clause */
/* The semihosting driver against a host that checks each parameter block. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define MMIO_TEST
#include "semihosting.h"

static struct {
	uint64_t operation; /* that is expected, */
	uint64_t words[3];  /* with these words */
	unsigned count;
	int64_t answer;
	int64_t error;
	unsigned calls;
} host;

int64_t semihosting_call(uint64_t operation, const void *block)
{
	if (operation == 0x13)
		return host.error;
	host.calls++;
	assert_int_equal(operation, host.operation);
	assert_memory_equal(block, host.words, host.count * sizeof(uint64_t));
	return host.answer;
}

static void expect(uint64_t operation, unsigned count, uint64_t a, uint64_t b, uint64_t c)
{
	host.operation = operation;
	host.count = count;
	host.words[0] = a;
	host.words[1] = b;
	host.words[2] = c;
}

static void answer(int64_t value, int64_t error)
{
	host.answer = value;
	host.error = error;
}

static void files_are_opened_by_mode(void **state)
{
	static const uint64_t modes[] = { 1, 5, 3, 9 };
	const char *name = "a name";

	(void)state;
	for (unsigned i = 0; i < HOST_MODES; i++) {
		expect(1, 3, (uintptr_t)name, modes[i], 6);
		answer(7, 0);
		assert_int_equal(semihosting.open(name, (enum host_mode)i), 7);
	}
	answer(-1, ENOENT);
	assert_int_equal(semihosting.open(name, HOST_APPEND), -HOST_NO_ENTRY);
	assert_string_equal(host_error_text(-HOST_NO_ENTRY), "there is no such file");
	assert_string_equal(host_error_text(ENOSPC), "the host's disk is full");
	expect(0xe, 2, (uintptr_t)name, 6, 0);
	assert_int_equal(semihosting.remove(name), -HOST_NO_ENTRY);
	answer(0, 0);
	assert_int_equal(semihosting.remove(name), 0);
}

static void the_host_says_what_is_left(void **state)
{
	char data[100];

	(void)state;
	expect(6, 3, 5, (uintptr_t)data, 100);
	answer(0, 0);
	assert_int_equal(semihosting.read(5, data, 100), 100);
	answer(40, 0);
	assert_int_equal(semihosting.read(5, data, 100), 60);
	answer(100, 0);
	assert_int_equal(semihosting.read(5, data, 100), 0); /* the end */
	answer(101, EISDIR);
	assert_int_equal(semihosting.read(5, data, 100), -EISDIR);
	answer(-1, 0);
	assert_int_equal(semihosting.read(5, data, 100), -HOST_IO);
	expect(5, 3, 5, (uintptr_t)data, 100);
	answer(30, 0);
	assert_int_equal(semihosting.write(5, data, 100), 70);
	answer(100, ENOSPC);
	assert_int_equal(semihosting.write(5, data, 100), -ENOSPC);
	expect(5, 3, 5, (uintptr_t)data, 0);
	answer(0, 0);
	assert_int_equal(semihosting.write(5, data, 0), 0);
}

static void a_file_has_a_size_and_a_place(void **state)
{
	(void)state;
	expect(0xc, 1, 5, 0, 0);
	answer(UINT32_MAX, 0);
	assert_int_equal(semihosting.size(5), UINT32_MAX);
	answer(-1, EBADF);
	assert_int_equal(semihosting.size(5), -HOST_BAD_HANDLE);
	expect(0xa, 2, 5, 1000, 0);
	answer(0, 0);
	assert_int_equal(semihosting.seek(5, 1000), 0);
	answer(-1, EINVAL);
	assert_int_equal(semihosting.seek(5, 1000), -HOST_BAD_VALUE);
	expect(2, 1, 5, 0, 0);
	answer(0, 0);
	assert_int_equal(semihosting.close(5), 0);
	answer(-1, EBADF);
	assert_int_equal(semihosting.close(5), -HOST_BAD_HANDLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_opened_by_mode),
		cmocka_unit_test(the_host_says_what_is_left),
		cmocka_unit_test(a_file_has_a_size_and_a_place),
	};

	return cmocka_run_group_tests_name("semihosting", tests, NULL, NULL);
}

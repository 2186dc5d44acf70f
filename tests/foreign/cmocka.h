/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * As much of cmocka as our tests use, for CPUs that Debian has no cmocka for: there the tests run
 * under QEMU's user emulation to see another byte order and word size. Reports as cmocka does.
 */
#ifndef CMOCKA_H
#define CMOCKA_H

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct CMUnitTest {
	const char *name;
	void (*test_func)(void **state);
	int (*setup_func)(void **state);
	int (*teardown_func)(void **state);
	void *initial_state;
};

__attribute__((weak)) jmp_buf cmocka_failed; /* one for all files */

__attribute__((unused, noreturn)) static void cmocka_fail(const char *file, int line)
{
	printf("[   LINE   ] --- %s:%d: error: Failure!\n", file, line);
	longjmp(cmocka_failed, 1);
}

#define assert_true(condition)                                                                     \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			printf("[  ERROR   ] --- %s\n", #condition);                               \
			cmocka_fail(__FILE__, __LINE__);                                           \
		}                                                                                  \
	} while (0)

#define fail_msg(...)                                                                              \
	do {                                                                                       \
		printf("[  ERROR   ] --- " __VA_ARGS__);                                           \
		printf("\n");                                                                      \
		cmocka_fail(__FILE__, __LINE__);                                                   \
	} while (0)

#define fail()                           cmocka_fail(__FILE__, __LINE__)
#define skip()                           longjmp(cmocka_failed, 2)
#define print_message(...)               printf(__VA_ARGS__)
#define assert_false(condition)          assert_true(!(condition))
#define assert_null(p)                   assert_true((p) == NULL)
#define assert_non_null(p)               assert_true((p) != NULL)
#define assert_ptr_equal(a, b)           assert_true((uintptr_t)(a) == (uintptr_t)(b))
#define assert_int_equal(a, b)           assert_true((uint64_t)(a) == (uint64_t)(b))
#define assert_int_not_equal(a, b)       assert_true((uint64_t)(a) != (uint64_t)(b))
#define assert_memory_equal(a, b, n)     assert_true(memcmp(a, b, n) == 0)
#define assert_memory_not_equal(a, b, n) assert_true(memcmp(a, b, n) != 0)
#define assert_string_equal(a, b)        assert_true(strcmp(a, b) == 0)
#define assert_string_not_equal(a, b)    assert_true(strcmp(a, b) != 0)
#define assert_in_range(v, low, high)                                                              \
	assert_true((uint64_t)(v) >= (uint64_t)(low) && (uint64_t)(v) <= (uint64_t)(high))

#define cmocka_unit_test(test)                                                                     \
	{                                                                                          \
#test, test, NULL, NULL, NULL                                                      \
	}
#define cmocka_unit_test_setup(test, setup)                                                        \
	{                                                                                          \
#test, test, setup, NULL, NULL                                                     \
	}
#define cmocka_unit_test_setup_teardown(test, setup, teardown)                                     \
	{                                                                                          \
#test, test, setup, teardown, NULL                                                 \
	}

__attribute__((unused)) static int cmocka_run(const struct CMUnitTest *tests, size_t count)
{
	static const char *const verdicts[] = { "[       OK ]", "[  FAILED  ]", "[  SKIPPED ]" };
	volatile int failures = 0;

	for (volatile size_t i = 0; i < count; i++) {
		const struct CMUnitTest *test = &tests[i];
		void *state = test->initial_state;
		volatile int bad = 0;

		if (!test->test_func)
			continue;
		bad = setjmp(cmocka_failed);
		if (!bad) {
			if (test->setup_func && test->setup_func(&state) != 0)
				fail_msg("set-up failed");
			test->test_func(&state);
			if (test->teardown_func)
				test->teardown_func(&state);
		}
		printf("%s %s\n", verdicts[bad], test->name);
		fflush(stdout);
		failures += bad == 1;
	}
	if (failures)
		printf("[  FAILED  ] %d test(s), listed above\n", failures);
	return failures;
}

#define cmocka_run_group_tests(tests, setup, teardown)                                             \
	cmocka_run(tests, sizeof(tests) / sizeof((tests)[0]))
#define cmocka_run_group_tests_name(name, tests, setup, teardown)                                  \
	cmocka_run(tests, sizeof(tests) / sizeof((tests)[0]))

#endif

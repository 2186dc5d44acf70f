/* SPDX-License-Identifier: BSD-2-Clause */
/* The lock between CPUs, step by step. That a step is one is the compiler's affair. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lock.h"

#define CPUS 4

static void take(struct lock *lock)
{
	assert_true(lock_try(lock));
}

/* The waiter has come when another had it, and has not looked since. */
static void wait_for_one(struct lock *lock, struct lock_waiter *waiter)
{
	take(lock);
	lock_wait(lock, waiter);
	lock_release(lock);
}

/* Another has it once, which the waiter sees, if it runs, and counts once. */
static void pass(struct lock *lock, struct lock_waiter *waiter)
{
	unsigned looks = 0;

	take(lock);
	for (looks = 0; waiter && looks < 3; looks++)
		assert_false(lock_try_waiting(lock, waiter));
	lock_release(lock);
}

static void it_is_of_one(void **state)
{
	struct lock lock = { 0 };
	struct lock_waiter waiter;

	(void)state;
	take(&lock);
	assert_false(lock_try(&lock));
	lock_wait(&lock, &waiter);
	assert_false(lock_try_waiting(&lock, &waiter));
	lock_release(&lock);
	assert_true(lock_try_waiting(&lock, &waiter));
	assert_false(lock_try(&lock));
	lock_release(&lock);
	take(&lock);
}

static void it_is_known_whether_somebody_waits(void **state)
{
	struct lock lock = { 0 };
	struct lock_waiter one;
	struct lock_waiter other;

	(void)state;
	take(&lock);
	assert_false(lock_is_waited_for(&lock));
	lock_wait(&lock, &one);
	lock_wait(&lock, &other);
	lock_release(&lock);
	assert_true(lock_try_waiting(&lock, &one));
	assert_true(lock_is_waited_for(&lock));
	lock_release(&lock);
	assert_true(lock_try_waiting(&lock, &other));
	assert_false(lock_is_waited_for(&lock));
	assert_int_equal(lock_takings(&lock), 3);
}

static void who_does_not_run_holds_up_nobody(void **state)
{
	struct lock lock = { 0 };
	struct lock_waiter waiter;
	unsigned i = 0;

	(void)state;
	wait_for_one(&lock, &waiter);
	for (i = 0; i < 1000; i++)
		pass(&lock, NULL);
	/* What went by meanwhile counts as one. */
	pass(&lock, &waiter);
	assert_int_equal(waiter.passed, 1);
	assert_true(lock_try_waiting(&lock, &waiter));
}

static void who_is_passed_too_often_is_next(void **state)
{
	struct lock lock = { 0 };
	struct lock_waiter waiter;
	unsigned i = 0;

	(void)state;
	wait_for_one(&lock, &waiter);
	for (i = 0; i < LOCK_PATIENCE; i++)
		pass(&lock, &waiter);
	assert_false(lock_try(&lock));
	assert_true(lock_try_waiting(&lock, &waiter));
	lock_release(&lock);
	take(&lock);
}

static void tickets_are_in_order(void **state)
{
	struct lock lock = { .next = UINT32_MAX, .first = UINT32_MAX };
	struct lock_waiter waiters[3];
	unsigned i = 0;
	unsigned k = 0;

	(void)state;
	for (i = 0; i < 3; i++)
		lock_wait(&lock, &waiters[i]);
	for (k = 0; k < LOCK_PATIENCE; k++) {
		take(&lock);
		for (i = 0; i < 3; i++)
			assert_false(lock_try_waiting(&lock, &waiters[i]));
		lock_release(&lock);
	}
	for (i = 0; i < 3; i++) {
		for (k = 2; k > i; k--)
			assert_false(lock_try_waiting(&lock, &waiters[k]));
		assert_false(lock_try(&lock));
		assert_true(lock_try_waiting(&lock, &waiters[i]));
		lock_release(&lock);
	}
	take(&lock);
}

/* ---- Any order of steps ---- */

static uint32_t random_state;

static uint32_t random_below(uint32_t limit)
{
	random_state = random_state * 1664525U + 1013904223U;
	return (random_state >> 16) % limit;
}

struct cpu {
	enum {
		AWAY,
		WAITS,
		HAS
	} state;
	struct lock_waiter waiter;
	unsigned passed; /* by others, while it has had turns in between */
	bool looked;     /* since the last of them */
};

static void took(struct cpu *cpus, struct cpu *one)
{
	struct cpu *cpu = cpus;

	for (; cpu < cpus + CPUS; cpu++) {
		assert_true(cpu->state != HAS);
		if (cpu != one && cpu->state == WAITS && cpu->looked) {
			cpu->passed++;
			cpu->looked = false;
		}
	}
	/* As often as it is patient, and once for each that may have had a ticket before. */
	assert_true(one->passed <= LOCK_PATIENCE + CPUS - 1);
	one->state = HAS;
	one->passed = 0;
}

static void turn(struct lock *lock, struct cpu *cpus, struct cpu *one)
{
	switch (one->state) {
	case AWAY:
		if (lock_try(lock)) {
			took(cpus, one);
		} else {
			lock_wait(lock, &one->waiter);
			one->state = WAITS;
			one->looked = true;
		}
		break;
	case WAITS:
		one->looked = true;
		if (lock_try_waiting(lock, &one->waiter))
			took(cpus, one);
		break;
	case HAS:
		one->state = AWAY;
		lock_release(lock);
		break;
	}
}

static void in_any_order_it_is_of_one_and_everybodys_in_time(void **state)
{
	unsigned seed = 0;
	unsigned i = 0;

	(void)state;
	for (seed = 0; seed < 200; seed++) {
		struct lock lock = { 0 };
		struct cpu cpus[CPUS] = { 0 };
		/* Some CPUs run more often than others. */
		const uint32_t weight = 1 + seed % 8;

		random_state = seed;
		for (i = 0; i < 5000; i++) {
			uint32_t n = random_below(CPUS * weight);

			turn(&lock, cpus, &cpus[n < CPUS ? n : 0]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_of_one),
		cmocka_unit_test(it_is_known_whether_somebody_waits),
		cmocka_unit_test(who_does_not_run_holds_up_nobody),
		cmocka_unit_test(who_is_passed_too_often_is_next),
		cmocka_unit_test(tickets_are_in_order),
		cmocka_unit_test(in_any_order_it_is_of_one_and_everybodys_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

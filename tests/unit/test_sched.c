/* SPDX-License-Identifier: BSD-2-Clause */
/* Who runs next, by a clock that the tests move. */
#include "box.h"
#include "scheduler.h"

static struct sched sched;
static struct sched_cpu cpu;
static struct sched_cpu *here;
static uint64_t now;

struct sched_cpu *sched_here(void)
{
	return here;
}

static struct sched_entity entity(uint8_t priority, uint8_t partition, uint64_t slice)
{
	return (struct sched_entity){ .priority = priority,
				      .partition = partition,
				      .slice = slice };
}

static void add(struct sched_entity *entity)
{
	sched_add(&sched, entity);
	sched_ready(entity);
}

static int start(void **state)
{
	(void)state;
	sched = (struct sched){ 0 };
	now = 1000;
	here = &cpu;
	sched_join(&sched, &cpu, 0, now);
	return 0;
}

static struct sched_entity *pick(void)
{
	return sched_pick(&cpu, now);
}

/* Runs until the deadline, at most `end`: a timer and nothing else. */
static void run_until(uint64_t end)
{
	while (now < end) {
		pick();
		assert_true(cpu.deadline > now);
		now = cpu.deadline < end ? cpu.deadline : end;
	}
	pick();
}

static void equals_take_turns(void **state)
{
	struct sched_entity a = entity(1, 1, 10);
	struct sched_entity b = entity(1, 2, 30);
	struct sched_entity c = entity(1, 3, 10);

	(void)state;
	add(&a);
	add(&b);
	add(&c);
	assert_ptr_equal(pick(), &a);
	assert_int_equal(cpu.deadline, now + 10);
	now += 4;
	assert_ptr_equal(pick(), &a);
	assert_int_equal(cpu.deadline, now + 6);
	now += 6;
	assert_ptr_equal(pick(), &b);
	assert_int_equal(cpu.deadline, now + 30);
	now += 35; /* late is late */
	assert_ptr_equal(pick(), &c);
	now += 10;
	assert_ptr_equal(pick(), &a);
	run_until(1045 + 10 + 5000);
	assert_int_equal(a.used / 100, 10);
	assert_int_equal(b.used / 100, 30);
	assert_int_equal(c.used / 100, 10);
	assert_int_equal(cpu.idle, 0);
}

static void one_alone_is_left_alone(void **state)
{
	struct sched_entity a = entity(1, 1, 10);

	(void)state;
	add(&a);
	assert_ptr_equal(pick(), &a);
	assert_int_equal(cpu.deadline, SCHED_NEVER);
	now += 1000000;
	assert_ptr_equal(pick(), &a);
	assert_int_equal(cpu.deadline, SCHED_NEVER);
	assert_int_equal(cpu.switches, 1);
}

static void the_urgent_goes_first_and_takes_nothing_of_the_slice(void **state)
{
	struct sched_entity a = entity(1, 1, 10);
	struct sched_entity b = entity(1, 2, 10);
	struct sched_entity urgent = entity(7, 3, 10);

	(void)state;
	add(&a);
	add(&b);
	sched_add(&sched, &urgent);
	assert_ptr_equal(pick(), &a);
	now += 7;
	cpu.attention = false;
	sched_ready(&urgent);
	assert_true(cpu.changed);
	assert_true(cpu.attention);
	assert_ptr_equal(pick(), &urgent);
	assert_int_equal(cpu.deadline, SCHED_NEVER); /* it has no equal */
	now += 500;
	sched_block(&urgent, SCHED_NEVER);
	assert_ptr_equal(pick(), &a);
	assert_int_equal(cpu.deadline, now + 3);
	now += 3;
	assert_ptr_equal(pick(), &b);
}

static unsigned timeouts;

static void timed_out(struct sched_entity *entity)
{
	timeouts++;
	assert_int_equal(entity->state, SCHED_BLOCKED);
}

static void sleepers_wake_in_their_time(void **state)
{
	struct sched_entity a = entity(1, 1, 10);
	struct sched_entity b = entity(1, 2, 10);
	struct sched_entity c = entity(1, 3, 10);
	struct sched_entity d = entity(1, 4, 10);

	(void)state;
	add(&a);
	add(&b);
	add(&c);
	add(&d);
	timeouts = 0;
	c.timeout = timed_out;
	pick();
	sched_block(&b, now + 50);
	sched_block(&c, now + 20);
	sched_block(&d, now + 80);
	sched_block(&a, SCHED_NEVER);
	assert_null(pick());
	assert_int_equal(cpu.deadline, 1020);
	now = 1030;
	assert_null(pick()); /* it was asked, and does not want to run */
	assert_int_equal(timeouts, 1);
	assert_int_equal(cpu.deadline, 1050);
	now = 1090;
	assert_ptr_equal(pick(), &b);
	assert_int_equal(cpu.idle, 90);
	now = 1100;
	assert_ptr_equal(pick(), &d);
	sched_ready(&c);
	sched_block(&d, 0); /* its time is past */
	now = 1101;
	pick();
	assert_int_equal(d.state, SCHED_READY);
}

/* Who blocks a moment before its slice is over, every time, gets no more than its turn. */
static void blocking_wins_nothing(void **state)
{
	struct sched_entity honest = entity(1, 1, 100);
	struct sched_entity clever = entity(1, 2, 100);

	(void)state;
	add(&honest);
	add(&clever);
	for (unsigned i = 0; i < 1000; i++) {
		if (pick() != &clever) {
			now = cpu.deadline;
			continue;
		}
		now += 99;
		sched_block(&clever, now + 1);
	}
	assert_in_range(honest.used, clever.used, UINT64_MAX);
}

static void what_is_removed_is_gone(void **state)
{
	struct sched_entity a = entity(1, 1, 10);
	struct sched_entity b = entity(1, 2, 10);
	struct sched_entity c = entity(1, 3, 10);

	(void)state;
	add(&a);
	add(&b);
	add(&c);
	assert_ptr_equal(pick(), &a);
	sched_block(&b, now + 5);
	sched_remove(&b);
	sched_remove(&a);
	assert_null(cpu.current);
	now += 100;
	assert_ptr_equal(pick(), &c);
	sched_remove(&c);
	now += 7;
	assert_null(pick());
	assert_int_equal(cpu.deadline, SCHED_NEVER);
	assert_null(sched.ready.first);
	assert_null(sched.ready.last);
	assert_null(cpu.sleepers.first);
}

/* ---- Windows ---- */

static const struct sched_window windows[] = { { 1, 100 }, { 2, 300 }, { SCHED_ROOT, 50 } };

static void windows_are_their_partitions_alone(void **state)
{
	struct sched_entity a = entity(1, 1, 10);
	struct sched_entity b1 = entity(1, 2, 10);
	struct sched_entity b2 = entity(1, 2, 10);
	struct sched_entity urgent = entity(7, 3, 10); /* has no window: it never runs */
	struct sched_entity task = entity(1, SCHED_ROOT, 10);

	(void)state;
	add(&a);
	add(&b1);
	add(&b2);
	add(&urgent);
	add(&task);
	sched_cycle(&sched, windows, VIO_ARRAY_SIZE(windows), now);
	assert_ptr_equal(pick(), &a);
	assert_int_equal(cpu.deadline, now + 100); /* no equal in its partition */
	run_until(now + 450 * 1000);
	assert_int_equal(a.used, 100 * 1000);
	assert_int_equal(b1.used + b2.used, 300 * 1000);
	assert_in_range(b1.used, b2.used - 10, b2.used + 10);
	assert_int_equal(urgent.used, 0);
	assert_int_equal(task.used, 50 * 1000);
	assert_int_equal(cpu.jitter.worst, 0);
	assert_int_equal(cpu.jitter.windows, 3000);
}

static void work(struct sched_entity *task)
{
	(void)task;
}

/* A task is not interrupted: it begins nothing that would take time from the next window. */
static void a_task_begins_what_fits_into_its_window(void **state)
{
	struct sched_entity task = entity(9, 2, SCHED_NEVER / 4);
	struct sched_entity vcpu = entity(1, 2, 10);
	struct sched_entity root = entity(1, SCHED_ROOT, 10);

	(void)state;
	task.run = work;
	add(&task);
	add(&vcpu);
	add(&root);
	sched_cycle(&sched, windows, VIO_ARRAY_SIZE(windows), now);
	now += 100;
	assert_ptr_equal(pick(), &task);
	now += 80;
	assert_ptr_equal(pick(), &task);
	now += 80;
	assert_ptr_equal(pick(), &task);
	now += 78; /* 62 are left, and its pieces take about 80 */
	assert_ptr_equal(pick(), &vcpu);
	assert_int_equal(cpu.deadline, 1400);
	now = 1400;
	assert_ptr_equal(pick(), &root);
	now = 1550;
	assert_ptr_equal(pick(), &task);
	/* Where it never fits it begins early. */
	now += 140;
	task.longest = 1000;
	assert_ptr_equal(pick(), &task);
	now += 20;
	assert_ptr_equal(pick(), &vcpu);
	assert_int_equal(cpu.jitter.worst, 0);
}

/* What took long once does not keep it out for ever. */
static void a_long_piece_is_forgotten(void **state)
{
	struct sched_entity task = entity(1, SCHED_ROOT, 10);

	(void)state;
	task.run = work;
	add(&task);
	pick();
	now += 100000;
	pick();
	assert_int_equal(task.longest, 100000);
	for (unsigned i = 0; i < 400; i++) {
		now += 10;
		pick();
	}
	assert_in_range(task.longest, 10, 300);
}

static void what_a_window_leaves_is_the_roots(void **state)
{
	struct sched_entity a = entity(1, 1, 10);
	struct sched_entity b = entity(1, 2, 10);
	struct sched_entity task = entity(1, SCHED_ROOT, 10);

	(void)state;
	add(&a);
	add(&b);
	add(&task);
	sched_cycle(&sched, windows, VIO_ARRAY_SIZE(windows), now);
	assert_ptr_equal(pick(), &a);
	now += 10;
	sched_block(&a, now + 40);
	assert_ptr_equal(pick(), &task);
	assert_int_equal(cpu.deadline, now + 40);
	now += 40;
	assert_ptr_equal(pick(), &a);
	sched_block(&task, SCHED_NEVER);
	sched_block(&a, SCHED_NEVER);
	assert_null(pick()); /* though b is ready */
	now = cpu.deadline;
	assert_ptr_equal(pick(), &b);
	sched_cycle(&sched, NULL, 0, now);
	sched_ready(&a);
	assert_ptr_equal(pick(), &b);
	assert_int_equal(cpu.deadline, now + 10);
}

static void lateness_is_measured_and_does_not_add_up(void **state)
{
	struct sched_entity a = entity(1, 1, 10);
	struct sched_entity b = entity(1, 2, 10);

	(void)state;
	add(&a);
	add(&b);
	sched_cycle(&sched, windows, VIO_ARRAY_SIZE(windows), now);
	assert_ptr_equal(pick(), &a);
	now = 1107;
	assert_ptr_equal(pick(), &b);
	assert_int_equal(cpu.deadline, 1400);
	assert_int_equal(cpu.jitter.worst, 7);
	now = 1403;
	assert_null(pick());
	assert_int_equal(cpu.deadline, 1450);
	assert_int_equal(cpu.jitter.windows, 2);
	assert_int_equal(cpu.jitter.total, 10);
	/* two frames and two windows are missed altogether */
	now = 1450 + 2 * 450 + 100 + 300 + 20;
	assert_null(pick());
	assert_int_equal(cpu.window, 2);
	assert_int_equal(cpu.deadline, 1450 + 3 * 450);
	assert_int_equal(cpu.jitter.skipped, 2 * 3 + 2);
	assert_int_equal(cpu.jitter.windows, 3);
	assert_int_equal(cpu.jitter.worst, 20);
	/* on the tick itself, a frame later */
	now = 1450 + 4 * 450;
	assert_ptr_equal(pick(), &a);
	assert_int_equal(cpu.window, 0);
	assert_int_equal(cpu.jitter.skipped, 2 * 3 + 2 + 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(equals_take_turns, start),
		cmocka_unit_test_setup(one_alone_is_left_alone, start),
		cmocka_unit_test_setup(the_urgent_goes_first_and_takes_nothing_of_the_slice, start),
		cmocka_unit_test_setup(sleepers_wake_in_their_time, start),
		cmocka_unit_test_setup(blocking_wins_nothing, start),
		cmocka_unit_test_setup(what_is_removed_is_gone, start),
		cmocka_unit_test_setup(windows_are_their_partitions_alone, start),
		cmocka_unit_test_setup(a_task_begins_what_fits_into_its_window, start),
		cmocka_unit_test_setup(a_long_piece_is_forgotten, start),
		cmocka_unit_test_setup(what_a_window_leaves_is_the_roots, start),
		cmocka_unit_test_setup(lateness_is_measured_and_does_not_add_up, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

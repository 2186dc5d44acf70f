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

/*
 * Windows of 100 ticks begin 10 late, and a piece took 1000 for once. On the way to being forgotten
 * that is more than what there is of any window, and less than the window.
 */
static void what_fits_no_late_window_begins_early(void **state)
{
	struct sched_entity task = entity(1, 1, 10);

	(void)state;
	task.run = work;
	task.longest = 1000;
	add(&task);
	sched_cycle(&sched, windows, VIO_ARRAY_SIZE(windows), now);
	for (unsigned frame = 1; frame < 300; frame++) {
		now = 1000 + 450 * frame + 10;
		assert_ptr_equal(pick(), &task);
		now += 46; /* over half of what there was */
		assert_null(pick());
	}
	assert_in_range(task.longest, 46, 63);
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

/* ---- Several CPUs ---- */

#define CPUS 3

static struct sched_cpu cpus[CPUS];

static int start_cpus(void **state)
{
	(void)state;
	sched = (struct sched){ 0 };
	now = 1000;
	for (unsigned i = 0; i < CPUS; i++) {
		here = &cpus[i];
		sched_join(&sched, here, i, now);
		sched_pick(here, now);
	}
	here = &cpus[0];
	sched.calls = 0;
	return 0;
}

static struct sched_entity *pick_on(unsigned i)
{
	here = &cpus[i];
	return sched_pick(here, now);
}

/* Who is called looks, until nobody is called any more; at first they are where they were. */
static void answer_calls(void)
{
	while (sched.calls) {
		const unsigned i = (unsigned)__builtin_ctz(sched.calls);

		sched.calls &= sched.calls - 1;
		if (cpus[i].changed)
			pick_on(i);
	}
}

static void each_cpu_runs_another(void **state)
{
	struct sched_entity a = entity(1, 1, 10);
	struct sched_entity b = entity(1, 2, 10);

	(void)state;
	add(&a);
	add(&b);
	assert_ptr_equal(pick_on(0), &a);
	assert_ptr_equal(pick_on(1), &b);
	assert_null(pick_on(2));
	now += 100;
	assert_ptr_equal(pick_on(0), &a);
	assert_ptr_equal(pick_on(1), &b);
	assert_int_equal(cpus[0].deadline, SCHED_NEVER); /* nobody waits */
	assert_int_equal(cpus[1].deadline, SCHED_NEVER);
	assert_int_equal(a.used, 100);
	assert_int_equal(b.used, 100);
}

static void who_wakes_is_offered_to_the_free(void **state)
{
	struct sched_entity a = entity(1, 1, 10);
	struct sched_entity b = entity(1, 2, 10);
	struct sched_entity c = entity(1, 3, 10);
	struct sched_entity d = entity(1, 4, 10);

	(void)state;
	add(&a);
	assert_ptr_equal(pick_on(0), &a);
	add(&b);
	assert_int_equal(sched.calls, 1 << 1); /* it is free, and this one is not */
	add(&c);
	assert_int_equal(sched.calls, 1 << 1 | 1 << 2); /* that one has been called for b */
	answer_calls();
	assert_ptr_equal(cpus[1].current, &b);
	assert_ptr_equal(cpus[2].current, &c);
	assert_false(cpus[0].changed);
	/* it comes back to where it was, though another is free, too */
	here = &cpus[1];
	sched_block(&b, SCHED_NEVER);
	pick_on(1);
	here = &cpus[2];
	sched_block(&c, SCHED_NEVER);
	pick_on(2);
	here = &cpus[0];
	sched_ready(&c);
	assert_int_equal(sched.calls, 1 << 2);
	answer_calls();
	sched_ready(&b);
	answer_calls();
	assert_ptr_equal(cpus[1].current, &b);
	assert_ptr_equal(cpus[2].current, &c);
	/* all are busy: whoever may be the first to end a slice has to know */
	here = &cpus[0];
	add(&d);
	assert_true(cpus[0].changed);
	assert_int_equal(sched.calls, 1 << 1 | 1 << 2);
	answer_calls();
	pick_on(0);
	for (unsigned i = 0; i < CPUS; i++)
		assert_int_equal(cpus[i].deadline, now + 10);
}

static void the_pinned_wait_for_their_cpu(void **state)
{
	struct sched_entity a = entity(1, 1, 10);
	struct sched_entity b = entity(1, 2, 10);
	struct sched_entity floats = entity(1, 3, 10);

	(void)state;
	a.cpus = 1 << 1;
	b.cpus = 1 << 1;
	add(&a);
	add(&b);
	assert_int_equal(sched.calls, 1 << 1);
	assert_null(pick_on(0));
	assert_ptr_equal(pick_on(1), &a);
	assert_int_equal(cpus[1].deadline, now + 10);
	assert_null(pick_on(2));
	here = &cpus[0];
	add(&floats);
	assert_ptr_equal(pick_on(0), &floats);
	assert_int_equal(cpus[0].deadline, SCHED_NEVER); /* its equals are not for this CPU */
	now += 10;
	assert_ptr_equal(pick_on(1), &b);
	assert_null(pick_on(2));
}

static void who_loses_its_cpu_goes_on_on_another(void **state)
{
	struct sched_entity a = entity(1, 1, 10);
	struct sched_entity urgent = entity(7, 2, 10);

	(void)state;
	add(&a);
	assert_ptr_equal(pick_on(0), &a);
	urgent.cpus = 1 << 0;
	add(&urgent);
	assert_int_equal(sched.calls, 0);
	assert_ptr_equal(pick_on(0), &urgent);
	assert_int_not_equal(sched.calls, 0);
	answer_calls();
	assert_ptr_equal(a.runs_on->current, &a);
}

/* What one CPU does to who runs on another counts from when that has looked. */
static void another_cpu_lets_go_by_itself(void **state)
{
	struct sched_entity a = entity(1, 1, 10);

	(void)state;
	add(&a);
	assert_ptr_equal(pick_on(0), &a);
	here = &cpus[1];
	sched_block(&a, SCHED_NEVER);
	assert_int_equal(sched.calls, 1 << 0);
	sched_ready(&a);
	assert_null(pick_on(1)); /* it is still in the other's hands */
	answer_calls();
	assert_ptr_equal(cpus[0].current, &a);
	here = &cpus[1];
	sched_block(&a, SCHED_NEVER);
	sched_remove(&a);
	assert_null(cpus[0].current);
	assert_true(cpus[0].changed);
	answer_calls();
	assert_null(cpus[0].current);
}

static void sleepers_wake_where_they_were_put_to_sleep(void **state)
{
	struct sched_entity a = entity(1, 1, 10);

	(void)state;
	here = &cpus[2];
	add(&a);
	assert_ptr_equal(pick_on(2), &a);
	sched_block(&a, now + 30);
	assert_null(pick_on(2));
	assert_int_equal(cpus[2].deadline, now + 30);
	pick_on(0);
	assert_int_equal(cpus[0].deadline, SCHED_NEVER);
	now += 30;
	sched.calls = 0;
	assert_ptr_equal(pick_on(2), &a);
	assert_int_equal(sched.calls, 0); /* nobody else is bothered */
}

static void a_window_is_the_same_on_all_cpus(void **state)
{
	struct sched_entity a1 = entity(1, 1, 10);
	struct sched_entity a2 = entity(1, 1, 10);
	struct sched_entity b = entity(1, 2, 10);

	(void)state;
	add(&b);
	add(&a1);
	add(&a2);
	sched_cycle(&sched, windows, VIO_ARRAY_SIZE(windows), now);
	assert_ptr_equal(pick_on(0), &a1);
	assert_ptr_equal(pick_on(1), &a2);
	assert_null(pick_on(2)); /* though b is ready */
	pick_on(0);
	for (unsigned i = 0; i < CPUS; i++)
		assert_int_equal(cpus[i].deadline, 1100);
	now = 1100;
	assert_ptr_equal(pick_on(2), &b);
	now = 1109;
	assert_null(pick_on(0));
	assert_null(pick_on(1));
	assert_int_equal(cpus[2].jitter.worst, 0);
	assert_int_equal(cpus[0].jitter.worst, 9);
}

/* ---- Chance ---- */

#define ENTITIES 7

static uint32_t chance(uint32_t below)
{
	static uint32_t state = 1;

	state = state * 1664525 + 1013904223;
	return (state >> 8) % below;
}

/* Once all calls are answered: no CPU has less to do than it could, or something less urgent. */
static void assert_well_placed(const struct sched_entity *entities)
{
	for (unsigned n = 0; n < ENTITIES; n++) {
		const struct sched_entity *one = &entities[n];

		if (one->runs_on)
			assert_ptr_equal(one->runs_on->current, one);
		if (one->state != SCHED_READY || one->runs_on)
			continue;
		for (unsigned i = 0; i < CPUS; i++) {
			if (!(one->cpus & cpus[i].bit))
				continue;
			assert_non_null(cpus[i].current);
			assert_true(cpus[i].current->priority >= one->priority);
			if (cpus[i].current->priority == one->priority)
				assert_true(cpus[i].deadline != SCHED_NEVER);
		}
	}
}

static void whatever_happens_each_cpu_has_the_best(void **state)
{
	struct sched_entity entities[ENTITIES];
	uint32_t were = 0; /* where something was done: they look by themselves */

	(void)state;
	for (unsigned n = 0; n < ENTITIES; n++) {
		entities[n] = entity((uint8_t)(1 + n % 3), (uint8_t)n, 10 + n);
		entities[n].cpus = n < 4 ? 0 : 1U << n % CPUS;
		sched_add(&sched, &entities[n]);
	}
	for (unsigned i = 0; i < 200000; i++) {
		struct sched_entity *one = &entities[chance(ENTITIES)];

		here = &cpus[chance(CPUS)];
		were |= here->bit;
		now += chance(4);
		switch (chance(4)) {
		case 0:
			sched_block(one, chance(2) ? SCHED_NEVER : now + chance(50));
			break;
		case 1:
			sched_ready(one);
			break;
		default:
			if (now < here->deadline)
				continue;
			here->changed = true;
			break;
		}
		if (chance(3) == 0)
			continue; /* more may happen before anybody looks */
		sched.calls |= were;
		were = 0;
		answer_calls();
		for (unsigned c = 0; c < CPUS; c++)
			assert_false(cpus[c].changed);
		assert_well_placed(entities);
	}
	for (unsigned n = 0; n < ENTITIES; n++)
		assert_in_range(entities[n].used, 1000, UINT64_MAX);
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
		cmocka_unit_test_setup(what_fits_no_late_window_begins_early, start),
		cmocka_unit_test_setup(a_long_piece_is_forgotten, start),
		cmocka_unit_test_setup(what_a_window_leaves_is_the_roots, start),
		cmocka_unit_test_setup(lateness_is_measured_and_does_not_add_up, start),
		cmocka_unit_test_setup(each_cpu_runs_another, start_cpus),
		cmocka_unit_test_setup(who_wakes_is_offered_to_the_free, start_cpus),
		cmocka_unit_test_setup(the_pinned_wait_for_their_cpu, start_cpus),
		cmocka_unit_test_setup(who_loses_its_cpu_goes_on_on_another, start_cpus),
		cmocka_unit_test_setup(another_cpu_lets_go_by_itself, start_cpus),
		cmocka_unit_test_setup(sleepers_wake_where_they_were_put_to_sleep, start_cpus),
		cmocka_unit_test_setup(a_window_is_the_same_on_all_cpus, start_cpus),
		cmocka_unit_test_setup(whatever_happens_each_cpu_has_the_best, start_cpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

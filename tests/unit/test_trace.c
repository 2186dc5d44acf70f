/* SPDX-License-Identifier: BSD-2-Clause */
/* The trace ring: what is noted, and that it keeps the latest. */
#include "box.h"
#include "trace.h"

#define CAPACITY 8

#define BYTES    (sizeof(struct trace_ring) + CAPACITY * sizeof(struct trace_event))

static _Alignas(8) uint8_t room[BYTES + 1];
static struct trace_ring *const ring = (void *)room;
static const struct trace_event *const events = ((struct trace_ring *)(void *)room)->events;
static struct guest guest = { .name = "a name of more than 15 characters", .number = 3 };
static struct vcpu vcpu = { .guest = &guest, .index = 2 };

static struct sched_cpu cpu = { .number = 1 };

struct sched_cpu *sched_here(void)
{
	return &cpu;
}

uint64_t arch_now(void)
{
	return 12345;
}

static int on(void **state)
{
	(void)state;
	memset(room, 0, sizeof(room));
	ring->capacity = CAPACITY;
	trace = ring;
	return 0;
}

static int off(void **state)
{
	(void)state;
	trace = NULL;
	return 0;
}

static void test_a_note_has_all_that_was_said(void **state)
{
	(void)state;
	trace_note(TRACE_EXIT, &vcpu, 7, UINT64_MAX);
	trace_note(TRACE_INTERRUPT, NULL, 42, 0);
	assert_int_equal(ring->written, 2);
	assert_int_equal(events[0].kind, TRACE_EXIT);
	assert_int_equal(events[0].time, 12345);
	assert_int_equal(events[0].guest, 3);
	assert_int_equal(events[0].vcpu, 2);
	assert_int_equal(events[0].cpu, 1);
	assert_int_equal(events[0].argument, 7);
	assert_true(events[0].detail == UINT64_MAX);
	assert_int_equal(events[1].guest, 0);
	assert_int_equal(events[1].argument, 42);
}

static void test_the_latest_stay(void **state)
{
	unsigned i = 0;

	(void)state;
	room[BYTES] = 0x5a;
	ring->written = UINT32_MAX - 2; /* the count may wrap, too */
	for (i = 0; i < 2 * CAPACITY + 3; i++)
		trace_note(TRACE_INTERRUPT, NULL, i, 0);
	assert_int_equal(ring->written, 2 * CAPACITY);
	for (i = 0; i < CAPACITY; i++)
		assert_int_equal(events[i].argument, CAPACITY + 3 + i);
	assert_int_equal(room[BYTES], 0x5a);
}

static void task(struct sched_entity *entity)
{
	(void)entity;
}

static void test_who_is_picked(void **state)
{
	struct sched_entity entity = { .run = task };

	(void)state;
	trace_picked(NULL);
	trace_picked(&entity);
	trace_picked(&vcpu.entity);
	assert_int_equal(events[0].kind, TRACE_IDLE);
	assert_int_equal(events[1].kind, TRACE_TASK);
	assert_true(events[1].detail == (uintptr_t)task);
	assert_int_equal(events[2].kind, TRACE_RUN);
	assert_int_equal(events[2].guest, 3);
	assert_string_equal(ring->names[3], "a name of more ");
}

static void test_nothing_is_noted_while_it_is_off(void **state)
{
	(void)state;
	trace = NULL;
	trace_note(TRACE_EXIT, &vcpu, 7, 7);
	assert_int_equal(ring->written, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_note_has_all_that_was_said, on, off),
		cmocka_unit_test_setup_teardown(test_the_latest_stay, on, off),
		cmocka_unit_test_setup_teardown(test_who_is_picked, on, off),
		cmocka_unit_test_setup_teardown(test_nothing_is_noted_while_it_is_off, on, off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

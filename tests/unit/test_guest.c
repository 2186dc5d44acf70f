/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guests on a CPU that is none: a clock that the tests move, memory that is an array, and devices
 * that hold on to it as long as a test wants. 71: memory is zero when it changes its owner.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "box.h"
#include "doorbell.h"
#include "machine.h"
#include "pages.h"
#include "root.h"

#define MIB        0x100000U
#define RAM_BASE   0x40000000U
#define RAM_SIZE   (8 * MIB)

#define BELL       0x0b000000U
#define BELL_INTID 80
#define BAD_INTID  5

static uint8_t ram[RAM_SIZE];
static uint64_t pool; /* what is free when no guest is there */

struct test_guest {
	struct guest guest;
	struct vcpu vcpus[2];
	struct region memory;
	bool held;      /* a backend holds guest memory */
	bool bad;       /* its program cannot be loaded */
	unsigned loads; /* so often was it started, */
	bool was_zero;  /* and its memory was zero each time */
	unsigned overs;
	unsigned deferred; /* batches that its devices want */
	unsigned tables;   /* that arch_create() took */
	unsigned resets;
	unsigned passed;    /* interrupt */
	bool line;          /* of the one device that interrupts */
	unsigned waits_for; /* interrupts that are pending for its vCPUs while it is loaded */
};

static struct test_guest first, second;

static struct test_guest *test_guest(struct guest *guest)
{
	return VIO_CONTAINER_OF(guest, struct test_guest, guest);
}

/* ---- The CPU that is none ---- */

static struct cpu cpu;
static uint64_t now, alarm_at;
static struct vcpu *loaded;
static uint64_t loaded_entry;
static jmp_buf idle; /* nobody is to run, and no timer is set */
static bool no_tables, no_maps;
static unsigned masked; /* the interrupt that was, last */

struct sched_cpu *sched_here(void)
{
	return &cpu.sched;
}

bool arch_create(struct guest *guest)
{
	test_guest(guest)->tables++;
	test_guest(guest)->line = false;
	return !no_tables;
}

void arch_destroy(struct guest *guest)
{
	test_guest(guest)->tables--;
}

struct vcpu *arch_vcpu(struct guest *guest, unsigned index)
{
	return &test_guest(guest)->vcpus[index];
}

bool arch_map(struct guest *guest, const struct region *region)
{
	(void)guest;
	(void)region;
	return !no_maps;
}

bool arch_fix(struct guest *guest)
{
	(void)guest;
	return !no_maps;
}

void arch_reset(struct guest *guest)
{
	test_guest(guest)->resets++;
}

void arch_reset_vcpu(struct vcpu *vcpu, uint64_t entry, uint64_t argument)
{
	(void)vcpu;
	loaded_entry = entry + argument;
}

void arch_load(struct vcpu *vcpu)
{
	loaded = vcpu;
}

void arch_stop(struct vcpu *vcpu)
{
	(void)vcpu;
	abort(); /* there is no other CPU */
}

void *arch_pointer(uint64_t physical)
{
	return ram + (physical - RAM_BASE);
}

void arch_clean(const void *start, uint64_t size)
{
	(void)start;
	assert_in_range(size, 1, MIB); /* nothing takes longer than that */
	now += size / 16;
}

bool arch_pass(struct guest *guest, unsigned intid)
{
	test_guest(guest)->passed = intid;
	return intid != BAD_INTID;
}

void arch_pass_back(struct guest *guest, unsigned intid)
{
	assert_int_equal(test_guest(guest)->passed, intid);
	test_guest(guest)->passed = 0;
}

void arch_mask(unsigned intid)
{
	masked = intid;
}

void arch_set_line(struct guest *guest, unsigned intid, bool up)
{
	assert_int_equal(intid, BELL_INTID);
	assert_int_not_equal(guest->state, GUEST_NONE);
	assert_int_not_equal(test_guest(guest)->line, up);
	test_guest(guest)->line = up;
	if (up)
		vcpu_resume(&test_guest(guest)->vcpus[0], VCPU_WAITS);
}

bool arch_service(struct guest *guest)
{
	if (!test_guest(guest)->deferred)
		return false;
	now += 100;
	return --test_guest(guest)->deferred != 0;
}

void arch_poll(void)
{
	if (loaded && loaded->paused & VCPU_WAITS && test_guest(loaded->guest)->waits_for)
		vcpu_resume(loaded, VCPU_WAITS);
}

uint64_t arch_now(void)
{
	return now;
}

void arch_timer(uint64_t deadline)
{
	alarm_at = deadline;
}

void arch_interrupts(bool wait)
{
	if (wait && alarm_at == SCHED_NEVER)
		longjmp(idle, 1);
	if (wait && now < alarm_at)
		now = alarm_at;
	if (now >= alarm_at)
		cpu.sched.changed = true;
}

void arch_yield(void)
{
}

void root_power_off(void)
{
	abort();
}

/* Who runs next; NULL: nobody, until something from outside happens. */
static struct vcpu *next(void)
{
	if (setjmp(idle))
		return NULL;
	return guest_next();
}

/* The vCPU runs until the timer ends that. */
static struct vcpu *run_to_the_timer(void)
{
	assert_true(alarm_at != SCHED_NEVER);
	now = alarm_at > now ? alarm_at : now;
	cpu.sched.changed = true;
	cpu.sched.attention = true;
	return next();
}

/* ---- Guests ---- */

static bool load(struct guest *guest, struct guest_entry *entry)
{
	struct test_guest *test = test_guest(guest);
	const uint8_t *at = arch_pointer(test->memory.physical);

	test->loads++;
	for (size_t i = 0; i < test->memory.size; i++) {
		if (at[i])
			test->was_zero = false;
	}
	*entry = (struct guest_entry){ .pc = 0x1000, .argument = 0x234 };
	return !test->bad;
}

static bool quiesce(struct guest *guest)
{
	return !test_guest(guest)->held;
}

static void over(struct guest *guest)
{
	test_guest(guest)->overs++;
}

static const struct guest_ops ops = { .load = load, .quiesce = quiesce, .over = over };

static void dirty(struct test_guest *test)
{
	memset(arch_pointer(test->memory.physical), 0x5a, test->memory.size);
}

static void create(struct test_guest *test, unsigned number)
{
	struct guest *guest = &test->guest;

	assert_int_equal(guest_create(guest, "test", number, 2, &ops), GUEST_OK);
	test->memory = (struct region){ .base = 0, .size = 2 * MIB };
	assert_int_equal(guest_add_memory(guest, &test->memory, MIB), GUEST_OK);
	test->was_zero = true;
	guest->slice = 1000;
	dirty(test);
}

static void start(struct test_guest *test)
{
	assert_int_equal(guest_start(&test->guest), GUEST_OK);
	assert_non_null(next());
	while (test->guest.state == GUEST_PREPARING)
		run_to_the_timer();
	assert_int_equal(test->guest.state, GUEST_RUNNING);
}

static int set_up(void **state)
{
	(void)state;
	first = (struct test_guest){ 0 };
	second = (struct test_guest){ 0 };
	sched = (struct sched){ 0 };
	cpu = (struct cpu){ 0 };
	sched_join(&sched, &cpu.sched, 0, now);
	loaded = NULL;
	alarm_at = SCHED_NEVER;
	root_set_console(NULL);
	if (pages_free() == 0)
		pages_add(RAM_BASE, RAM_SIZE);
	pool = pages_free();
	return 0;
}

/* Whatever a test did: nothing is left, and what was a guest's is zero. */
static int tear_down(void **state)
{
	struct test_guest *const both[] = { &first, &second };

	(void)state;
	sched_cycle(&sched, NULL, 0, now);
	for (size_t i = 0; i < VIO_ARRAY_SIZE(both); i++) {
		both[i]->held = false;
		guest_released(&both[i]->guest);
		if (both[i]->guest.state != GUEST_NONE)
			assert_int_equal(guest_kill(&both[i]->guest), GUEST_OK);
	}
	assert_null(next());
	for (size_t i = 0; i < VIO_ARRAY_SIZE(both); i++) {
		assert_int_equal(both[i]->guest.state, GUEST_NONE);
		assert_int_equal(both[i]->tables, 0);
	}
	assert_int_equal(pages_free(), pool);
	assert_int_equal(vcpus_alive, 0);
	assert_null(sched.ready.first);
	assert_null(cpu.sched.sleepers.first);
	assert_int_equal(ram[0], 0);
	assert_memory_equal(ram, ram + 1, RAM_SIZE - 1);
	return 0;
}

/* ---- vCPUs ---- */

/* The figure in docs/guests.md, row by row: state, what leads away from it. */
static void vcpus_take_the_steps_of_the_figure_and_no_other(void **state)
{
	static const enum vcpu_state none = VCPU_STATES;
	static const enum vcpu_state figure[VCPU_STATES][VCPU_STEPS] = {
		/* create, destroy, kick, schedule, preempt, pause, resume, halt, reset */
		[VCPU_UNKNOWN] = { VCPU_RESET, none, none, none, none, none, none, none, none },
		[VCPU_RESET] = { none, VCPU_UNKNOWN, VCPU_READY, none, none, none, none, none,
				 none },
		[VCPU_READY] = { none, none, none, VCPU_RUNNING, none, VCPU_PAUSED, none,
				 VCPU_HALTED, VCPU_RESET },
		[VCPU_RUNNING] = { none, none, none, none, VCPU_READY, VCPU_PAUSED, none,
				   VCPU_HALTED, VCPU_RESET },
		[VCPU_PAUSED] = { none, none, none, none, none, none, VCPU_READY, VCPU_HALTED,
				  VCPU_RESET },
		[VCPU_HALTED] = { none, none, none, none, none, none, none, none, VCPU_RESET },
	};
	unsigned alive = vcpus_alive;

	(void)state;
	for (unsigned from = 0; from < VCPU_STATES; from++) {
		for (unsigned step = 0; step < VCPU_STEPS; step++) {
			struct vcpu vcpu = { .state = from };
			bool took = false;

			sched_add(&sched, &vcpu.entity);
			if (from == VCPU_READY || from == VCPU_RUNNING)
				sched_ready(&vcpu.entity);
			took = vcpu_step(&vcpu, step);
			assert_int_equal(took, figure[from][step] != none);
			assert_int_equal(vcpu.state, took ? figure[from][step] : from);
			if (vcpu.state == VCPU_READY)
				assert_int_equal(vcpu.entity.state, SCHED_READY);
			if (vcpu.state == VCPU_RESET || vcpu.state == VCPU_HALTED)
				assert_int_equal(vcpu.entity.state, SCHED_BLOCKED);
			sched_remove(&vcpu.entity);
			vcpus_alive = alive;
		}
	}
}

static void a_vcpu_waits_for_all_its_reasons(void **state)
{
	struct vcpu *vcpu = &first.vcpus[0];

	(void)state;
	create(&first, 1);
	start(&first);
	assert_ptr_equal(next(), vcpu);
	vcpu_pause(vcpu, VCPU_WAITS, now + 500);
	assert_int_equal(guest_halt(&first.guest), GUEST_OK);
	vcpu_resume(vcpu, VCPU_WAITS);
	assert_null(next());
	vcpu_pause(vcpu, VCPU_PARKED, SCHED_NEVER);
	assert_int_equal(guest_continue(&first.guest), GUEST_OK);
	assert_null(next());
	vcpu_resume(vcpu, VCPU_PARKED);
	assert_ptr_equal(next(), vcpu);
	assert_int_equal(vcpu->state, VCPU_RUNNING);
	/* a second one is off until the first starts it, once */
	assert_int_equal(first.vcpus[1].state, VCPU_RESET);
	assert_true(vcpu_start(&first.vcpus[1], 0x8000, 5));
	assert_int_equal(loaded_entry, 0x8005);
	assert_false(vcpu_start(&first.vcpus[1], 0x8000, 5));
	assert_false(vcpu_start(vcpu, 0, 0));
	assert_int_equal(vcpus_alive, 2);
}

static void a_wait_ends_by_its_timer_or_its_interrupt(void **state)
{
	struct vcpu *vcpu = &first.vcpus[0];
	uint64_t then = 0;

	(void)state;
	create(&first, 1);
	start(&first);
	assert_ptr_equal(next(), vcpu);
	then = now;
	vcpu_pause(vcpu, VCPU_WAITS, then + 500);
	assert_ptr_equal(next(), vcpu);
	assert_int_equal(now, then + 500);
	vcpu_pause(vcpu, VCPU_WAITS, SCHED_NEVER);
	assert_null(next());
	first.waits_for = 1;
	assert_ptr_equal(next(), vcpu);
}

/* ---- Life ---- */

enum command {
	CREATE,
	ADD,
	START,
	HALT,
	CONTINUE,
	RESTART,
	KILL,
	COMMANDS
};

static enum guest_error tell(struct test_guest *test, enum command command)
{
	struct guest *guest = &test->guest;
	static struct region region = { .base = 0x10000000, .size = 4096 };

	switch (command) {
	case CREATE:
		return guest_create(guest, "test", 1, 2, &ops);
	case ADD:
		return guest_add(guest, &region);
	case START:
		return guest_start(guest);
	case HALT:
		return guest_halt(guest);
	case CONTINUE:
		return guest_continue(guest);
	case RESTART:
		return guest_restart(guest);
	default:
		return guest_kill(guest);
	}
}

static void bring_to(struct test_guest *test, enum guest_state state)
{
	if (state == GUEST_NONE)
		return;
	create(test, 1);
	if (state == GUEST_CREATED)
		return;
	if (state == GUEST_PREPARING) {
		assert_int_equal(guest_start(&test->guest), GUEST_OK);
		return;
	}
	start(test);
	if (state == GUEST_HALTED)
		assert_int_equal(guest_halt(&test->guest), GUEST_OK);
	if (state == GUEST_OFF)
		guest_end(&test->guest, GUEST_POWERED_OFF);
	next();
}

static void what_is_out_of_order_is_refused_with_the_reason(void **state)
{
	static const enum guest_error wanted[GUEST_STATES][COMMANDS] = {
		[GUEST_NONE] = { GUEST_OK, GUEST_IS_NONE, GUEST_IS_NONE, GUEST_IS_NONE,
				 GUEST_IS_NONE, GUEST_IS_NONE, GUEST_IS_NONE },
		[GUEST_CREATED] = { GUEST_EXISTS, GUEST_OK, GUEST_OK, GUEST_NOT_STARTED,
				    GUEST_NOT_STARTED, GUEST_NOT_STARTED, GUEST_OK },
		[GUEST_PREPARING] = { GUEST_EXISTS, GUEST_STARTED, GUEST_STARTED, GUEST_BUSY,
				      GUEST_BUSY, GUEST_BUSY, GUEST_OK },
		[GUEST_RUNNING] = { GUEST_EXISTS, GUEST_STARTED, GUEST_STARTED, GUEST_OK,
				    GUEST_NOT_HALTED, GUEST_OK, GUEST_OK },
		[GUEST_HALTED] = { GUEST_EXISTS, GUEST_STARTED, GUEST_STARTED, GUEST_NOT_RUNNING,
				   GUEST_OK, GUEST_OK, GUEST_OK },
		[GUEST_OFF] = { GUEST_EXISTS, GUEST_STARTED, GUEST_STARTED, GUEST_IS_OVER,
				GUEST_IS_OVER, GUEST_OK, GUEST_OK },
	};

	for (unsigned from = 0; from < GUEST_STATES; from++) {
		for (unsigned command = 0; command < COMMANDS; command++) {
			enum guest_error error;

			set_up(state);
			bring_to(&first, from);
			assert_int_equal(first.guest.state, from);
			error = tell(&first, command);
			if (error != wanted[from][command])
				fail_msg("state %u, command %u: %s", from, command,
					 guest_error_text(error));
			if (error != GUEST_OK)
				assert_int_equal(first.guest.state, from);
			assert_true(strlen(guest_error_text(error)) > 0);
			tear_down(state);
		}
	}
}

static void a_guest_starts_in_zeroed_memory(void **state)
{
	(void)state;
	create(&first, 1);
	start(&first);
	assert_ptr_equal(next(), &first.vcpus[0]);
	assert_int_equal(loaded_entry, 0x1234);
	assert_true(first.was_zero);
	assert_int_equal(first.resets, 1);
	dirty(&first);
	assert_int_equal(guest_restart(&first.guest), GUEST_OK);
	assert_ptr_equal(next(), &first.vcpus[0]);
	assert_true(first.was_zero);
	assert_int_equal(first.loads, 2);
	assert_int_equal(first.overs, 0);
	dirty(&first); /* and at the end, too: tear_down() looks */
}

static void a_halted_guest_stands_still(void **state)
{
	uint64_t used = 0;

	(void)state;
	create(&first, 1);
	create(&second, 2);
	start(&first);
	start(&second);
	assert_int_equal(guest_halt(&first.guest), GUEST_OK);
	assert_ptr_equal(next(), &second.vcpus[0]);
	used = first.vcpus[0].entity.used;
	for (unsigned i = 0; i < 5; i++) {
		now += 10000;
		cpu.sched.attention = true;
		cpu.sched.changed = true;
		assert_ptr_equal(next(), &second.vcpus[0]);
	}
	assert_int_equal(first.vcpus[0].entity.used, used);
	assert_int_equal(guest_continue(&first.guest), GUEST_OK);
	assert_ptr_equal(next(), &second.vcpus[0]);
	assert_ptr_equal(run_to_the_timer(), &first.vcpus[0]);
	assert_int_equal(first.loads, 1);
}

static void fatal_errors_restart_it_so_often(void **state)
{
	(void)state;
	create(&first, 1);
	first.guest.restart_limit = 3;
	start(&first);
	for (unsigned i = 1; i <= 3; i++) {
		assert_ptr_equal(next(), &first.vcpus[0]);
		dirty(&first);
		guest_end(&first.guest, GUEST_STOPPED);
		assert_int_equal(first.vcpus[0].state, VCPU_HALTED);
		guest_end(&first.guest, GUEST_STOPPED); /* another vCPU says so, too */
		assert_int_equal(first.guest.counters.restarts, i);
	}
	assert_ptr_equal(next(), &first.vcpus[0]);
	guest_end(&first.guest, GUEST_STOPPED);
	assert_null(next());
	assert_int_equal(first.guest.state, GUEST_OFF);
	assert_int_equal(first.guest.end, GUEST_STOPPED);
	assert_int_equal(first.vcpus[0].state, VCPU_HALTED);
	assert_int_equal(first.loads, 4);
	assert_int_equal(first.overs, 1);
	assert_true(first.was_zero);
}

static void its_own_reset_is_by_its_settings(void **state)
{
	(void)state;
	create(&first, 1);
	start(&first);
	guest_end(&first.guest, GUEST_RESET);
	assert_null(next());
	assert_int_equal(first.guest.state, GUEST_OFF);
	assert_int_equal(first.guest.end, GUEST_RESET);
	assert_int_equal(guest_restart(&first.guest), GUEST_OK);
	assert_ptr_equal(next(), &first.vcpus[0]);
	first.guest.restart_on_reset = true;
	guest_end(&first.guest, GUEST_RESET);
	assert_ptr_equal(next(), &first.vcpus[0]);
	assert_int_equal(first.loads, 3);
}

static void a_program_that_cannot_be_loaded_ends_it(void **state)
{
	(void)state;
	create(&first, 1);
	first.bad = true;
	assert_int_equal(guest_start(&first.guest), GUEST_OK);
	assert_null(next());
	assert_int_equal(first.guest.state, GUEST_OFF);
	assert_int_equal(first.guest.end, GUEST_STOPPED);
	assert_int_equal(first.overs, 1);
	first.bad = false;
	assert_int_equal(guest_restart(&first.guest), GUEST_OK);
	assert_ptr_equal(next(), &first.vcpus[0]);
}

/* 73: pages stay the guest's until the last backend has let go. */
static void kill_waits_for_who_holds_its_memory(void **state)
{
	(void)state;
	create(&first, 1);
	start(&first);
	dirty(&first);
	first.held = true;
	assert_int_equal(guest_kill(&first.guest), GUEST_OK);
	assert_null(next());
	assert_int_equal(first.guest.state, GUEST_PREPARING);
	assert_int_equal(pages_free(), pool - 2 * MIB);
	assert_int_equal(*(uint8_t *)arch_pointer(first.memory.physical), 0x5a);
	guest_released(&first.guest); /* one of two */
	assert_null(next());
	assert_int_equal(pages_free(), pool - 2 * MIB);
	assert_int_equal(guest_kill(&first.guest), GUEST_OK); /* again does no harm */
	first.held = false;
	guest_released(&first.guest);
	assert_null(next());
	assert_int_equal(first.guest.state, GUEST_NONE);
	assert_int_equal(first.guest.end, GUEST_KILLED);
	assert_int_equal(pages_free(), pool);
	assert_int_equal(first.overs, 1);
}

/* 73: and so does a restart. */
static void restart_waits_for_who_holds_its_memory(void **state)
{
	(void)state;
	create(&first, 1);
	start(&first);
	first.held = true;
	assert_int_equal(guest_restart(&first.guest), GUEST_OK);
	assert_null(next());
	assert_int_equal(first.loads, 1);
	first.held = false;
	guest_released(&first.guest);
	assert_ptr_equal(next(), &first.vcpus[0]);
	assert_int_equal(first.loads, 2);
}

/* 73 */
static void a_thousand_lives_leave_nothing(void **state)
{
	(void)state;
	create(&second, 2);
	start(&second);
	for (unsigned i = 0; i < 1000; i++) {
		create(&first, 1);
		if (i % 3)
			start(&first);
		if (i % 5 == 0)
			first.held = true;
		assert_int_equal(guest_kill(&first.guest), GUEST_OK);
		first.held = false;
		while (first.guest.state != GUEST_NONE) {
			guest_released(&first.guest);
			assert_non_null(next());
			if (first.guest.state != GUEST_NONE)
				run_to_the_timer();
		}
		assert_int_equal(pages_free(), pool - 2 * MIB);
	}
}

static void what_is_shared_stays(void **state)
{
	struct region region = { .base = 0x10000000, .size = 4096 };
	struct region large = { .base = 0x10000000, .size = 2 * RAM_SIZE };
	uint8_t *shared = NULL;

	(void)state;
	memset(ram, 1, RAM_SIZE);
	assert_int_equal(guest_share(&large), GUEST_NO_MEMORY);
	assert_int_equal(guest_share(&region), GUEST_OK);
	shared = arch_pointer(region.physical);
	assert_int_equal(shared[0], 0);
	assert_memory_equal(shared, shared + 1, 4095);
	memset(ram, 0, RAM_SIZE);
	create(&first, 1);
	shared[0] = 7;
	assert_int_equal(guest_add(&first.guest, &region), GUEST_OK);
	start(&first);
	assert_int_equal(guest_kill(&first.guest), GUEST_OK);
	assert_null(next());
	assert_int_equal(shared[0], 7);
	shared[0] = 0;
	pages_give(region.physical, region.size);
}

static unsigned prepared;

static void prepare(void *owner)
{
	assert_ptr_equal(owner, &prepared);
	prepared++;
}

static void registers_are_prepared_before_it_runs(void **state)
{
	static const struct region_ops registers = { .prepare = prepare };
	static const struct region_ops silent = { 0 };
	static struct region a = {
		.base = 0x10000000, .size = 8, .ops = &registers, .owner = &prepared
	};
	static struct region b = { .base = 0x20000000, .size = 8, .ops = &silent };

	(void)state;
	prepared = 0;
	create(&first, 1);
	assert_int_equal(guest_add(&first.guest, &a), GUEST_OK);
	assert_int_equal(guest_add(&first.guest, &b), GUEST_OK);
	start(&first);
	assert_int_equal(prepared, 1);
	assert_int_equal(guest_restart(&first.guest), GUEST_OK);
	next();
	assert_int_equal(prepared, 2);
}

static void what_cannot_be_configured_is_refused(void **state)
{
	struct region regions[SPACE_REGIONS];
	struct region memory = { .base = 0, .size = 4096 };
	struct region direct = { .base = GUEST_DIRECT, .size = 4096 };
	struct region device = { .base = 0x30000000, .size = 4096, .kind = REGION_DEVICE };
	struct region unmapped = { .base = 0x31000000, .size = 4096, .kind = REGION_DEVICE };
	struct region rom = { .base = 0x38000000, .size = 4096, .kind = REGION_READ_ONLY };
	uint64_t left = 0;

	(void)state;
	no_tables = true;
	assert_int_equal(guest_create(&first.guest, "test", 1, 2, &ops), GUEST_NO_TABLES);
	assert_int_equal(first.tables, 0);
	no_tables = false;
	create(&first, 1);
	left = pages_free();
	assert_int_equal(guest_add_memory(&first.guest, &memory, 4096), GUEST_BAD_REGION);
	assert_int_equal(pages_free(), left);
	assert_int_equal(guest_add_memory(&first.guest, &direct, 4096), GUEST_OK);
	assert_int_equal(direct.base, direct.physical);
	memory.size = 2 * RAM_SIZE;
	assert_int_equal(guest_add_memory(&first.guest, &memory, 4096), GUEST_NO_MEMORY);
	no_maps = true;
	assert_int_equal(guest_add(&first.guest, &unmapped), GUEST_NO_TABLES);
	no_maps = false;
	assert_int_equal(guest_add(&first.guest, &device), GUEST_OK);
	rom.physical = RAM_BASE;
	assert_int_equal(guest_add(&first.guest, &rom), GUEST_OK);
	assert_non_null(vio_memory_at(&first.guest.memory, rom.base, 1, VIO_ACCESS_READ));
	assert_null(vio_memory_at(&first.guest.memory, rom.base, 1, VIO_ACCESS_WRITE));
	assert_null(vio_memory_at(&first.guest.memory, device.base, 1, VIO_ACCESS_READ));
	for (unsigned i = first.guest.space.count; i < SPACE_REGIONS; i++) {
		regions[i] = (struct region){ .base = 0x40000000 + i * 4096U, .size = 4096 };
		assert_int_equal(guest_add(&first.guest, &regions[i]), GUEST_OK);
	}
	memory.base = 0x50000000;
	memory.size = 4096;
	left = pages_free();
	assert_int_equal(guest_add_memory(&first.guest, &memory, 4096), GUEST_NO_ROOM);
	assert_int_equal(pages_free(), left);
	assert_int_equal(guest_kill(&first.guest), GUEST_OK);
	next();
	assert_int_equal(guest_add_memory(&first.guest, &memory, 4096), GUEST_IS_NONE);
}

/* Nothing has happened then: it can be started otherwise. */
static void what_cannot_be_fixed_does_not_start(void **state)
{
	(void)state;
	create(&first, 1);
	no_maps = true;
	first.guest.fixed = true;
	assert_int_equal(guest_start(&first.guest), GUEST_NOT_FIXED);
	assert_int_equal(first.guest.state, GUEST_CREATED);
	first.guest.fixed = false;
	assert_int_equal(guest_start(&first.guest), GUEST_OK);
	no_maps = false;
}

/* 74: calls of the system's own range are by the guest's ops. */
static void calls_are_by_its_ops(void **state)
{
	static const struct guest_ops strict = { .load = load, .call = guest_call_is_fatal };
	const uint64_t x[4] = { 1, 2, 3, 4 };

	(void)state;
	create(&first, 1);
	start(&first);
	assert_int_equal(guest_call(&first.vcpus[0], 7, x), GUEST_CALL_UNKNOWN);
	assert_int_equal(first.guest.state, GUEST_RUNNING);
	first.guest.ops = &strict;
	assert_int_equal(guest_call(&first.vcpus[0], 7, x), GUEST_CALL_UNKNOWN);
	assert_int_equal(first.vcpus[0].state, VCPU_HALTED);
	assert_null(next());
	assert_int_equal(first.guest.state, GUEST_OFF);
}

/* ---- Shares ---- */

static void guests_take_turns(void **state)
{
	uint64_t began[2];

	(void)state;
	create(&first, 1);
	create(&second, 2);
	start(&first);
	start(&second);
	began[0] = first.vcpus[0].entity.used;
	began[1] = second.vcpus[0].entity.used;
	for (unsigned i = 0; i < 100; i++)
		run_to_the_timer();
	assert_in_range(first.vcpus[0].entity.used - began[0], 49000, 51000);
	assert_in_range(second.vcpus[0].entity.used - began[1], 49000, 51000);
}

/* A guest that dies and comes again for ever does so in its own time. */
static void restarts_are_in_its_own_time(void **state)
{
	static const struct sched_window windows[] = { { 1, 100000 }, { 2, 100000 } };
	uint64_t began = 0;

	(void)state;
	create(&first, 1);
	create(&second, 2);
	first.guest.restart_limit = UINT32_MAX;
	start(&first);
	start(&second);
	sched_cycle(&sched, windows, VIO_ARRAY_SIZE(windows), now);
	next();
	began = second.vcpus[0].entity.used;
	for (unsigned i = 0; i < 200; i++) {
		guest_end(&first.guest, GUEST_STOPPED);
		run_to_the_timer();
	}
	assert_in_range(first.guest.counters.restarts, 20, 200);
	/* A step that zeroes takes 65536 ticks here: it does not begin where they are not left. */
	assert_int_equal(cpu.sched.jitter.worst, 0);
	assert_int_equal(cpu.sched.jitter.skipped, 0);
	assert_in_range(second.vcpus[0].entity.used - began + cpu.sched.jitter.total,
			cpu.sched.jitter.windows / 2 * 100000,
			(cpu.sched.jitter.windows / 2 + 1) * 100000);
}

static void what_it_defers_is_done_in_its_own_time(void **state)
{
	(void)state;
	create(&first, 1);
	create(&second, 2);
	start(&first);
	start(&second);
	while (next() != &first.vcpus[0])
		run_to_the_timer();
	/* it runs: at once, and all of it */
	first.deferred = 3;
	guest_defer(&first.guest);
	assert_ptr_equal(next(), &first.vcpus[0]);
	assert_int_equal(first.deferred, 0);
	assert_false(cpu.sched.attention);
	/* more than its slice holds: the other one's turn comes in between */
	first.deferred = 20;
	guest_defer(&first.guest);
	assert_ptr_equal(next(), &second.vcpus[0]);
	assert_in_range(first.deferred, 10, 14);
	while (first.deferred)
		run_to_the_timer();
	/* the other one runs: in its turn */
	while (next() != &first.vcpus[0])
		run_to_the_timer();
	second.deferred = 2;
	guest_defer(&second.guest);
	assert_ptr_equal(next(), &first.vcpus[0]);
	assert_int_equal(second.deferred, 2);
	while (second.deferred)
		run_to_the_timer();
	/* nobody runs */
	vcpu_pause(&first.vcpus[0], VCPU_WAITS, SCHED_NEVER);
	vcpu_pause(&second.vcpus[0], VCPU_WAITS, SCHED_NEVER);
	assert_null(next());
	second.deferred = 2;
	guest_defer(&second.guest);
	assert_null(next());
	assert_int_equal(second.deferred, 0);
}

/* ---- Parts of the machine ---- */

static bool device_is_busy;

static bool stop_device(struct pass *pass)
{
	assert_int_equal(pass->intid ? masked : 0, pass->intid);
	return !device_is_busy;
}

static struct pass part(uint64_t base, unsigned intid)
{
	return (struct pass){
		.name = "part",
		.registers = { .base = base, .size = 4096, .physical = base },
		.intid = intid,
		.quiesce = stop_device,
	};
}

static void parts_of_the_machine_have_one_owner(void **state)
{
	struct pass of_root = part(0x30000000, 0), same_page = part(0x31000000, 0),
		    same_interrupt = part(0x33000000, 34), bad = part(0x34000000, BAD_INTID),
		    good = part(0x31000000, 34);

	(void)state;
	same_page.registers.size = 512;
	assert_null(machine_claim(0x30000800, 8, 40, &machine_root));
	create(&first, 1);
	create(&second, 2);
	assert_int_equal(guest_pass(&first.guest, &of_root), GUEST_TAKEN);
	of_root = part(0x32000000, 40);
	assert_int_equal(guest_pass(&first.guest, &of_root), GUEST_TAKEN);
	assert_int_equal(guest_pass(&first.guest, &bad), GUEST_BAD_INTERRUPT);
	assert_int_equal(guest_pass(&first.guest, &good), GUEST_OK);
	assert_int_equal(first.passed, 34);
	assert_int_equal(guest_pass(&second.guest, &same_page), GUEST_TAKEN);
	assert_int_equal(guest_pass(&second.guest, &same_interrupt), GUEST_TAKEN);
	start(&first);
	assert_int_equal(guest_pass(&first.guest, &same_interrupt), GUEST_STARTED);
	assert_int_equal(guest_kill(&first.guest), GUEST_OK);
	assert_null(next());
	assert_int_equal(first.passed, 0);
	assert_int_equal(guest_pass(&second.guest, &same_page), GUEST_OK);
	assert_int_equal(guest_kill(&second.guest), GUEST_OK);
	device_is_busy = false;
	assert_null(next());
	machine_unclaim(&machine_root);
}

/* 73: a device that is passed through may write to memory until it is quiet. */
static void parts_are_quiet_before_memory_goes(void **state)
{
	struct pass pass = part(0x31000000, 34);

	(void)state;
	create(&first, 1);
	assert_int_equal(guest_pass(&first.guest, &pass), GUEST_OK);
	start(&first);
	masked = 0;
	dirty(&first);
	device_is_busy = true;
	assert_int_equal(guest_restart(&first.guest), GUEST_OK);
	assert_null(next());
	assert_int_equal(masked, 34);
	assert_int_equal(*(uint8_t *)arch_pointer(first.memory.physical), 0x5a);
	device_is_busy = false;
	guest_released(&first.guest);
	assert_ptr_equal(next(), &first.vcpus[0]);
	assert_int_equal(first.loads, 2);
	assert_true(first.was_zero);
	masked = 0;
	guest_end(&first.guest, GUEST_POWERED_OFF);
	assert_null(next());
	assert_int_equal(masked, 34);
	assert_int_equal(first.passed, 34);
	assert_int_equal(guest_kill(&first.guest), GUEST_OK);
	assert_null(next());
}

/* ---- Doorbells ---- */

static struct doorbell bell;
static const struct region bell_buffer = { .base = 0x120000000, .size = 0x300000000 };

static uint32_t bell_read(struct test_guest *test, uint64_t offset)
{
	const struct region *bank = space_find(&test->guest.space, BELL);

	return (uint32_t)bank->ops->read(bank->owner, &test->vcpus[0], offset, 4);
}

static void bell_write(struct test_guest *test, uint64_t offset, uint32_t value)
{
	const struct region *bank = space_find(&test->guest.space, BELL);

	bank->ops->write(bank->owner, &test->vcpus[0], offset, 4, value);
}

static void attach(struct test_guest *test, unsigned end)
{
	create(test, end + 1);
	assert_int_equal(doorbell_attach(&bell, end, &test->guest, BELL, BELL_INTID, &bell_buffer),
			 GUEST_OK);
}

/* Both run, and neither end has anything to tell. */
static void set_up_bell(void)
{
	bell = (struct doorbell){ 0 };
	attach(&first, 0);
	attach(&second, 1);
	start(&first);
	start(&second);
	bell_write(&first, DOORBELL_STATUS, DOORBELL_STATUS_PEER);
}

static void a_bell_rings_at_the_other_end(void **state)
{
	(void)state;
	set_up_bell();
	assert_int_equal(bell_read(&first, DOORBELL_MAGIC), DOORBELL_MAGIC_VALUE);
	assert_int_equal(bell_read(&first, DOORBELL_VERSION), 1);
	assert_int_equal(bell_read(&first, DOORBELL_PEER), 1);
	assert_int_equal(bell_read(&first, DOORBELL_BUFFER), 0x20000000);
	assert_int_equal(bell_read(&first, DOORBELL_BUFFER + 4), 1);
	assert_int_equal(bell_read(&first, DOORBELL_BUFFER_SIZE), 0);
	assert_int_equal(bell_read(&first, DOORBELL_BUFFER_SIZE + 4), 3);
	bell_write(&first, DOORBELL_RING, DOORBELL_RING_NOW);
	bell_write(&first, DOORBELL_RING, DOORBELL_RING_NOW);
	assert_true(second.line);
	assert_false(first.line);
	assert_int_equal(bell_read(&second, DOORBELL_STATUS), DOORBELL_STATUS_RUNG);
	bell_write(&second, DOORBELL_STATUS, DOORBELL_STATUS_PEER);
	assert_true(second.line);
	bell_write(&second, DOORBELL_STATUS, UINT32_MAX);
	assert_false(second.line);
	assert_int_equal(bell_read(&second, DOORBELL_STATUS), 0);
	bell_write(&second, DOORBELL_RING, DOORBELL_RING_NOW);
	assert_true(first.line);
}

static void other_accesses_to_a_bell_are_ignored(void **state)
{
	const struct region *bank = NULL;

	(void)state;
	set_up_bell();
	bank = space_find(&first.guest.space, BELL);
	for (uint64_t offset = 0; offset < DOORBELL_SIZE; offset++) {
		for (unsigned width = 1; width <= 8; width *= 2) {
			uint64_t value =
				bank->ops->read(bank->owner, &first.vcpus[0], offset, width);

			if (width != 4 || offset % 4 || offset > DOORBELL_BUFFER_SIZE + 4)
				assert_int_equal(value, 0);
			if (width != 4 || offset != DOORBELL_RING)
				bank->ops->write(bank->owner, &first.vcpus[0], offset, width, 1);
		}
	}
	for (unsigned value = 0; value < 256; value++) {
		if (value != DOORBELL_RING_NOW && value != DOORBELL_RING_LATER)
			bell_write(&first, DOORBELL_RING, value);
	}
	run_to_the_timer();
	assert_false(second.line);
	assert_false(first.line);
}

static void a_bell_for_later_waits_for_the_next_switch(void **state)
{
	(void)state;
	set_up_bell();
	while (next() != &first.vcpus[0])
		run_to_the_timer();
	vcpu_pause(&second.vcpus[0], VCPU_WAITS, SCHED_NEVER);
	/* it waits: the other one is woken and runs */
	bell_write(&first, DOORBELL_RING, DOORBELL_RING_LATER);
	assert_ptr_equal(next(), &first.vcpus[0]);
	assert_false(second.line);
	vcpu_pause(&first.vcpus[0], VCPU_WAITS, SCHED_NEVER);
	assert_ptr_equal(next(), &second.vcpus[0]);
	assert_true(second.line);
	bell_write(&second, DOORBELL_STATUS, DOORBELL_STATUS_RUNG);
	/* it computes for ever, alone: to the end of its slice */
	vcpu_pause(&second.vcpus[0], VCPU_WAITS, SCHED_NEVER);
	vcpu_resume(&first.vcpus[0], VCPU_WAITS);
	assert_ptr_equal(next(), &first.vcpus[0]);
	bell_write(&first, DOORBELL_RING, DOORBELL_RING_LATER);
	assert_ptr_equal(next(), &first.vcpus[0]);
	assert_in_range(alarm_at - now, 1, 1000);
	assert_false(second.line);
	run_to_the_timer();
	assert_true(second.line);
}

/* 73: to a guest that is off, halted, restarting, dead, not there yet, or dies with a ring owed. */
static void a_bell_to_who_is_not_there_is_lost(void **state)
{
	(void)state;
	bell = (struct doorbell){ 0 };
	attach(&first, 0);
	start(&first);
	assert_int_equal(bell_read(&first, DOORBELL_PEER), 0);
	bell_write(&first, DOORBELL_RING, DOORBELL_RING_NOW);
	attach(&second, 1);
	bell_write(&first, DOORBELL_RING, DOORBELL_RING_NOW);
	assert_int_equal(bell_read(&first, DOORBELL_PEER), 0);
	start(&second);
	assert_false(second.line);
	assert_int_equal(bell_read(&first, DOORBELL_STATUS), DOORBELL_STATUS_PEER);
	assert_int_equal(bell_read(&first, DOORBELL_PEER), 1);

	assert_int_equal(guest_halt(&second.guest), GUEST_OK);
	bell_write(&first, DOORBELL_RING, DOORBELL_RING_NOW);
	assert_true(second.line);
	assert_int_equal(guest_restart(&second.guest), GUEST_OK);
	bell_write(&first, DOORBELL_RING, DOORBELL_RING_NOW);
	while (second.guest.state != GUEST_RUNNING)
		run_to_the_timer();
	assert_false(second.line);
	assert_int_equal(bell_read(&first, DOORBELL_PEER), 2);

	guest_end(&second.guest, GUEST_POWERED_OFF);
	next();
	bell_write(&first, DOORBELL_RING, DOORBELL_RING_NOW);
	assert_false(second.line);
	while (next() != &first.vcpus[0])
		run_to_the_timer();
	bell_write(&first, DOORBELL_RING, DOORBELL_RING_LATER);
	assert_int_equal(guest_kill(&second.guest), GUEST_OK);
	assert_int_equal(guest_kill(&first.guest), GUEST_OK);
	assert_null(next());
	attach(&first, 0);
	attach(&second, 1);
	start(&second);
	start(&first);
	assert_false(first.line);
	assert_int_equal(bell_read(&second, DOORBELL_PEER), 2);
}

static unsigned rung;

static void hear(struct doorbell_end *end)
{
	assert_ptr_equal(end, &bell.ends[1]);
	rung++;
}

static void the_root_has_bells_too(void **state)
{
	(void)state;
	bell = (struct doorbell){ 0 };
	rung = 0;
	doorbell_attach_root(&bell, 1, hear);
	attach(&first, 0);
	doorbell_ring(&bell.ends[1]);
	start(&first);
	assert_int_equal(rung, 1);
	assert_int_equal(bell_read(&first, DOORBELL_PEER), 1);
	bell_write(&first, DOORBELL_RING, DOORBELL_RING_NOW);
	assert_int_equal(rung, 2);
	assert_false(first.line);
	doorbell_ring(&bell.ends[1]);
	assert_true(first.line);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(vcpus_take_the_steps_of_the_figure_and_no_other),
		TEST(a_vcpu_waits_for_all_its_reasons),
		TEST(a_wait_ends_by_its_timer_or_its_interrupt),
		TEST(what_is_out_of_order_is_refused_with_the_reason),
		TEST(a_guest_starts_in_zeroed_memory),
		TEST(a_halted_guest_stands_still),
		TEST(fatal_errors_restart_it_so_often),
		TEST(its_own_reset_is_by_its_settings),
		TEST(a_program_that_cannot_be_loaded_ends_it),
		TEST(kill_waits_for_who_holds_its_memory),
		TEST(restart_waits_for_who_holds_its_memory),
		TEST(a_thousand_lives_leave_nothing),
		TEST(what_is_shared_stays),
		TEST(registers_are_prepared_before_it_runs),
		TEST(what_cannot_be_fixed_does_not_start),
		TEST(what_cannot_be_configured_is_refused),
		TEST(calls_are_by_its_ops),
		TEST(guests_take_turns),
		TEST(restarts_are_in_its_own_time),
		TEST(what_it_defers_is_done_in_its_own_time),
		TEST(parts_of_the_machine_have_one_owner),
		TEST(parts_are_quiet_before_memory_goes),
		TEST(a_bell_rings_at_the_other_end),
		TEST(other_accesses_to_a_bell_are_ignored),
		TEST(a_bell_for_later_waits_for_the_next_switch),
		TEST(a_bell_to_who_is_not_there_is_lost),
		TEST(the_root_has_bells_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

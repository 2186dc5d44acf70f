/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guests beside that of examples/linux, which owns console, disk and entropy: bare-metal programs
 * on boards of their own, with an early console. What they say there comes out line by line, after
 * their name. They are numbered from 2; all run the member `other` of the bundle. More options:
 *
 *	others=N	so many, up to 7
 *	guestK=A,B...	the command line of guest K: A B ...
 *	other-mem=SIZE	RAM of each, 4M by default
 *	restarts=N	fatal errors that each of them survives
 *	slice=TICKS	of every guest's turn
 *	pinK=N		guest K runs on the machine's CPU N, from 0, only
 *	cycle=T,T...	a cyclic schedule: the ticks of guest 1's window, guest 2's, ...
 *	report=TICKS	after so long, says who had how much of the CPU, and how late windows began
 *	bell=K,L	a doorbell between guests K and L, or of one: each board's next
 *	passK=PART	guest K has this part of the machine: clock, uart, gic
 *	lives=N		guest 2 is killed and made anew until it has lived N times,
 *	life=TICKS	so much of the CPU each time
 *
 * A tick is one of the counter: 16 ns. A hypercall that is not PSCI is a fatal error here.
 */
#include "guests.h"

#include "doorbell.h"
#include "machine.h"
#include "mmu.h"
#include "options.h"
#include "pages.h"
#include "pl031.h"
#include "root.h"
#include "smp.h"
#include "text.h"
#include "vcpu.h"

#define OTHERS_MAX    7
#define OTHER_MEM     (4 << 20)
#define LINE_MAX      120
#define ARGUMENTS_MAX 120

static struct other {
	struct arm_vcpu vcpus[1];
	struct arm_guest guest;
	struct pass pass;
	char name[8];
	char arguments[ARGUMENTS_MAX];
	char line[LINE_MAX + 1];
	unsigned length;
} others[OTHERS_MAX];

static struct guest *first_guest;
static uint64_t began;
static struct cpio_file program;
static unsigned count;

static uint64_t number_option(const char *name, uint64_t otherwise)
{
	const char *value;

	if (!options_find(machine.bootargs, name, &value))
		return otherwise;
	return options_size(value);
}

static struct other *other_of(struct guest *guest)
{
	return VIO_CONTAINER_OF(arm_guest(guest), struct other, guest);
}

/* ---- The console ---- */

static void say_line(struct other *other)
{
	other->line[other->length] = '\0';
	root_print("[%s] %s\n", other->name, other->line);
	other->length = 0;
}

static void output(struct guest *guest, uint8_t byte)
{
	struct other *other = other_of(guest);

	if (byte == '\n' || other->length == LINE_MAX)
		say_line(other);
	if (byte >= ' ')
		other->line[other->length++] = (char)byte;
}

static const struct board_early early = { .output = output };

/* ---- Life ---- */

static unsigned lives = 1;
static uint64_t life;
static uint64_t free_before; /* before guest 2 was made for the first time */
static void make(struct other *other);

static bool load(struct guest *guest, struct guest_entry *entry)
{
	const struct board_program program_of = {
		.kernel = program,
		.bootargs = other_of(guest)->arguments,
	};

	return board_load(guest, &program_of, entry);
}

static void over(struct guest *guest)
{
	struct other *other = other_of(guest);

	if (other->length)
		say_line(other);
	if (guest->state == GUEST_OFF) {
		root_print("vio-root: guest %s is over\n", guest->name);
		return;
	}
	if (pages_free() != free_before)
		root_fatal("guest %s has left %lu bytes of memory, and found %lu", guest->name,
			   pages_free(), free_before);
	if (--lives) {
		make(other);
		return;
	}
	root_print("vio-root: guest %s has lived to the end\n", guest->name);
}

static const struct guest_ops ops = {
	.load = load,
	.quiesce = board_quiesce,
	.over = over,
	.call = guest_call_is_fatal,
};

static void demand(const char *name, enum guest_error error)
{
	if (error != GUEST_OK)
		root_fatal("guest %s: %s", name, guest_error_text(error));
}

/* ---- Doorbells, and parts of the machine ---- */

static struct doorbell bell;
static struct pass first_pass;

/* Of guest `number`, which is being configured. */
static enum guest_error add_bell(struct guest *guest, unsigned number)
{
	const char *value;
	unsigned board_number = 0;

	if (!options_find(machine.bootargs, "bell", &value))
		return GUEST_OK;
	for (unsigned end = 0; end < 2; end++) {
		enum guest_error error;

		if ((unsigned)(value[end * 2UL] - '0') != number)
			continue;
		error = board_add_doorbell(guest, board_number++, &bell, end, NULL, NULL);
		if (error != GUEST_OK)
			return error;
	}
	return GUEST_OK;
}

static bool quiet_clock(struct pass *pass)
{
	pl031_stop(to_virtual(pass->registers.physical));
	return true;
}

static enum guest_error describe_clock(struct guest *guest, const struct pass *pass)
{
	static const char compatible[] = "arm,pl031\0arm,primecell";

	return board_describe(guest, &(struct vio_board_node){
					     .name = "pl031",
					     .compatible = compatible,
					     .compatible_size = sizeof(compatible),
					     .reg = { { pass->registers.base, PAGE_SIZE } },
					     .intid = pass->intid,
					     .clocked = true,
				     });
}

static enum guest_error add_pass(struct guest *guest, struct pass *pass)
{
	char name[] = "passN";
	const char *value;
	enum guest_error error;

	name[4] = (char)('0' + guest->number);
	if (!options_find(machine.bootargs, name, &value))
		return GUEST_OK;
	*pass = (struct pass){ .name = "the machine's clock", .intid = machine.clock.intid };
	pass->registers.physical = machine.clock.base;
	if (options_is(value, "uart")) {
		*pass = (struct pass){ .name = "the UART", .intid = machine.uart.intid };
		pass->registers.physical = machine.uart.base;
	} else if (options_is(value, "gic")) {
		*pass = (struct pass){ .name = "the interrupt controller" };
		pass->registers.physical = vio_board_arm.gic_distributor.base;
	} else {
		pass->quiesce = quiet_clock;
	}
	pass->registers.base = machine.clock.base;
	pass->registers.size = PAGE_SIZE;
	error = guest_pass(guest, pass);
	return error == GUEST_OK ? describe_clock(guest, pass) : error;
}

static void pin(struct guest *guest)
{
	char name[] = "pinN";
	const char *value;

	name[3] = (char)('0' + guest->number);
	if (options_find(machine.bootargs, name, &value))
		guest->cpus = 1U << options_size(value);
}

static void make(struct other *other)
{
	struct guest *guest = &other->guest.guest;

	other->guest.vcpus = other->vcpus;
	demand(other->name, guest_create(guest, other->name, (unsigned)(other - others) + 2,
					 VIO_ARRAY_SIZE(other->vcpus), &ops));
	guest->restart_limit = (unsigned)number_option("restarts", 0);
	guest->restart_on_reset = true;
	guest->slice = number_option("slice", guest->slice);
	pin(guest);
	demand(other->name, board_init(guest, number_option("other-mem", OTHER_MEM)));
	board_set_early(guest, &early);
	demand(other->name, add_bell(guest, guest->number));
	demand(other->name, add_pass(guest, &other->pass));
	demand(other->name, guest_start(guest));
}

/* ---- The root's own tasks ---- */

static struct sched_entity reaper, reporter;

static void reap(struct sched_entity *task)
{
	if (others[0].guest.guest.state == GUEST_RUNNING &&
	    sched_used(&others[0].vcpus[0].vcpu.entity, arch_now()) >= life)
		guest_kill(&others[0].guest.guest);
	sched_block(task, lives ? arch_now() + life : SCHED_NEVER);
}

static void report_cpu(const struct sched_cpu *cpu)
{
	const struct sched_jitter *jitter = &cpu->jitter;

	root_print("vio-root: CPU %u: %lu switches, idle %lu ticks\n", cpu->number, cpu->switches,
		   cpu->idle);
	if (sched.windows)
		root_print("vio-root: CPU %u: %lu windows, late by %lu ticks at worst, %lu in all, "
			   "%lu missed\n",
			   cpu->number, jitter->windows, jitter->worst, jitter->total,
			   jitter->skipped);
}

static void report_guest(struct guest *guest)
{
	root_print("vio-root: %s had %lu ticks, its root work %lu, restarts %lu\n", guest->name,
		   sched_used(&arch_vcpu(guest, 0)->entity, arch_now()),
		   sched_used(&guest->task, arch_now()), guest->counters.restarts);
}

static void report(struct sched_entity *task)
{
	sched_block(task, SCHED_NEVER);
	root_print("vio-root: after %lu ticks:\n", arch_now() - began);
	report_guest(first_guest);
	for (unsigned i = 0; i < count; i++)
		report_guest(&others[i].guest.guest);
	for (const struct sched_cpu *cpu = sched.cpus; cpu; cpu = cpu->next)
		report_cpu(cpu);
	if (smp_shared)
		root_print("vio-root: the root's lock: %lu steps, %lu ticks at most, %lu in all; "
			   "%lu waits, %lu ticks at most, %lu in all; %lu states taken\n",
			   smp_use.steps, smp_use.held_most, smp_use.held, smp_use.waits,
			   smp_use.waited_most, smp_use.waited, smp_use.taken);
}

static void start_task(struct sched_entity *task, void (*run)(struct sched_entity *),
		       uint64_t after)
{
	*task = (struct sched_entity){ .priority = 2, .slice = SCHED_NEVER / 4, .run = run };
	sched_add(&sched, task);
	sched_block(task, arch_now() + after);
}

/* ---- Options ---- */

static void set_arguments(struct other *other)
{
	const char *value;
	unsigned length = 0;

	if (!options_find(machine.bootargs, other->name, &value))
		return;
	for (; value[length] && value[length] != ' ' && length < ARGUMENTS_MAX - 1; length++)
		other->arguments[length] = (char)(value[length] == ',' ? ' ' : value[length]);
	other->arguments[length] = '\0';
}

static void set_cycle(const char *value)
{
	static struct sched_window windows[OTHERS_MAX + 1];
	unsigned n = 0;
	char *end;

	for (; n < VIO_ARRAY_SIZE(windows); value = end + 1) {
		windows[n].partition = (uint8_t)(n + 1);
		windows[n].length = strtoul(value, &end, 10);
		if (!windows[n++].length)
			root_fatal("cycle= is no list of ticks such as 10000,20000");
		if (*end != ',')
			break;
	}
	sched_cycle(&sched, windows, n, arch_now());
}

void start_other_guests(struct guest *first, const void *bundle, size_t size)
{
	const char *value;
	bool damaged;

	first_guest = first;
	began = arch_now();
	first->slice = number_option("slice", first->slice);
	demand(first->name, add_bell(first, 1));
	demand(first->name, add_pass(first, &first_pass));
	count = (unsigned)number_option("others", 1);
	lives = (unsigned)number_option("lives", 1);
	life = number_option("life", 0);
	if (count > OTHERS_MAX)
		root_fatal("others= is more than %u", OTHERS_MAX);
	program = cpio_find(bundle, size, "other", &damaged);
	if (!program.data)
		root_fatal("the bundle has no member `other`");
	for (unsigned i = count; i-- > 0;) {
		memcpy(others[i].name, "guest2", 7);
		others[i].name[5] = (char)('2' + i);
		set_arguments(&others[i]);
		free_before = pages_free();
		make(&others[i]);
	}
	if (options_find(machine.bootargs, "cycle", &value))
		set_cycle(value);
	if (lives > 1)
		start_task(&reaper, reap, life);
	if (number_option("report", 0))
		start_task(&reporter, report, number_option("report", 0));
}

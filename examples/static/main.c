/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A static system: all of it is in the device tree in system_tree (docs/static.md), and all memory
 * but that for translation tables is shared out before the first guest starts. Options on the
 * machine's command line:
 *
 *	quiet		say nothing unless something is wrong
 *	report=TICKS	after so long, says who had how much of the CPU, and how late windows began
 */
#include "devices.h"
#include "hyperlibrary.h"
#include "hardware.h"
#include "options.h"
#include "pages.h"
#include "root.h"
#include "system.h"
#include "text.h"

#define MIB       UINT64_C(0x100000)
#define TABLES    MIB /* kept back for what maps the guests */

#define VCPUS_MAX 4
#define SEED      64

/* Made by tree.S. */
extern const uint8_t system_tree[], system_tree_end[];
#define TREE_SIZE ((size_t)(system_tree_end - system_tree))

/* Made by tools/hyperlibrary of examples/hyperlibrary/library. */
extern const struct hyperlibrary hyperlibrary;

static struct plan plan;
static bool quiet;

static struct static_guest {
	struct arm_vcpu vcpus[VCPUS_MAX];
	struct arm_guest guest;
	struct kit kit;
	const struct plan_guest *plan;
} guests[PLAN_GUESTS];
static unsigned left; /* that are not over */

static struct static_guest *of_guest(struct guest *guest)
{
	return VIO_CONTAINER_OF(arm_guest(guest), struct static_guest, guest);
}

/* ---- Life ---- */

static struct cpio_file member(const char *name)
{
	bool damaged;

	if (!name)
		return (struct cpio_file){ NULL, 0 };
	return cpio_find(arch_pointer(machine.bundle), machine.bundle_size, name, &damaged);
}

static bool load(struct guest *guest, struct guest_entry *entry)
{
	static uint8_t seed[SEED];
	const struct plan_guest *is = of_guest(guest)->plan;
	struct board_program program = {
		.kernel = member(is->kernel),
		.initrd = member(is->initrd),
		.flat = is->flat,
		.bootargs = is->bootargs,
		.seed_size = hardware_seed(seed, sizeof(seed)),
	};

	if (program.seed_size)
		program.seed = seed;
	hardware_seed(&program.kaslr_seed, sizeof(program.kaslr_seed));
	return board_load(guest, &program, entry);
}

static void over(struct guest *guest)
{
	static const char *const ends[] = {
		[GUEST_POWERED_OFF] = "has powered off",
		[GUEST_RESET] = "has ended by a reset",
		[GUEST_STOPPED] = "has been stopped",
		[GUEST_KILLED] = "has been killed",
	};
	const struct plan_guest *is = of_guest(guest)->plan;

	kit_end(kit_of(guest));
	if (!quiet || guest->end == GUEST_STOPPED)
		root_print("vio-root: guest %s %s\n", guest->name, ends[guest->end]);
	if (--left == 0 || is->on_end == PLAN_END_POWER_OFF)
		root_power_off();
}

static int64_t call_library(struct vcpu *vcpu, unsigned function, const uint64_t *x)
{
	return hyperlibrary_call(&hyperlibrary, vcpu, function, x);
}

/* By what the plan says of hypercalls. */
static const struct guest_ops ops[] = {
	[PLAN_CALLS_NONE] = { .load = load, .quiesce = board_quiesce, .over = over },
	[PLAN_CALLS_FATAL] = {
		.load = load,
		.quiesce = board_quiesce,
		.over = over,
		.call = guest_call_is_fatal,
	},
	[PLAN_CALLS_LIBRARY] = {
		.load = load,
		.quiesce = board_quiesce,
		.over = over,
		.call = call_library,
	},
};

/* ---- The machine ---- */

/* What no guest's device needs of it the root leaves to those that have parts of it. */
static const struct plan_machine *look_at_machine(void)
{
	static struct vio_board_range free[PLAN_FREE];
	static struct plan_machine is;

	is = (struct plan_machine){
		.board = &vio_board_arm,
		.board_areas = &board_flash,
		.board_area_count = 1,
		.address_end = UINT64_C(1) << VA_BITS,
		.direct_slots = BOARD_DIRECT_SLOTS,
		.kinds = (1U << PLAN_KINDS) - 1,
		.vcpus_max = VCPUS_MAX,
		.cpu_count = machine.cpu_count ? machine.cpu_count : 1,
		.others_max = DEVICES_OTHERS,
		.ram = { machine.ram_base, machine.ram_size },
		.free = free,
		.owner = machine_owner,
		.intids = VGIC_INTIDS,
		.library = true,
		.ticks_hz = read_sysreg(cntfrq_el0),
		.bundle = arch_pointer(machine.bundle),
		.bundle_size = machine.bundle_size,
	};
	if (plan_wants_disk(system_tree, TREE_SIZE) && hardware_disk(NULL))
		is.disk = hardware.disk.disk.capacity * VIO_BLK_SECTOR;
	is.entropy = plan_wants(system_tree, TREE_SIZE, PLAN_RNG) && hardware_entropy(NULL);
	while (pages_piece(is.free_count, &free[is.free_count].base, &free[is.free_count].size))
		is.free_count++;
	return &is;
}

static void say_mistake(void *user, const char *node, const char *format, va_list arguments)
{
	bool *first = user;

	if (*first)
		root_print("vio-root: the tree of this system has mistakes:\n");
	*first = false;
	root_print("  %s: ", node);
	root_vprint(format, arguments);
	root_print("\n");
}

static void read_plan(void)
{
	uint64_t tables = pages_take(TABLES, MIB);
	bool first = true;
	unsigned mistakes;

	if (tables == PAGES_NONE)
		root_fatal("there is no memory for translation tables: %lu bytes", TABLES);
	mistakes = plan_read(&plan, system_tree, TREE_SIZE, look_at_machine(), say_mistake, &first);
	if (mistakes)
		root_fatal("%u mistake%s, and nothing is started", mistakes,
			   mistakes == 1 ? "" : "s");
	devices_reserve(&plan);
	pages_give(tables, TABLES);
}

/* ---- Guests ---- */

static void demand(const char *name, const char *error)
{
	if (error)
		root_fatal("guest %s: %s", name, error);
}

static void make(struct static_guest *made, const struct plan_guest *is)
{
	struct guest *guest = &made->guest.guest;
	struct kit_plan parts = {
		.name = is->name,
		.number = (unsigned)(made - guests) + 1,
		.vcpus = is->vcpus,
		.ram = is->memory,
		.ram_at = is->memory_at,
		.direct = is->direct,
	};

	made->plan = is;
	made->guest.vcpus = made->vcpus;
	devices_standard(is, &parts);
	demand(is->name, kit_make(&made->kit, guest, &parts, &ops[is->calls]));
	guest->policy = is->on_fault == PLAN_FAULT_ABORT ? GUEST_ABORT : GUEST_STOP;
	guest->restart_limit = is->restart_limit;
	guest->restart_on_reset = is->on_reset == PLAN_RESET_RESTART;
	guest->cpus = is->cpus;
	guest->priority = (uint8_t)is->priority;
	guest->partition = (uint8_t)is->partition;
	guest->slice = is->slice;
	demand(is->name, devices_others(is, guest));
	if (!quiet)
		root_print("vio-root: guest %s: %lu MiB at 0x%lx\n", is->name, is->memory / MIB,
			   is->memory_at);
}

/* ---- What is said of time ---- */

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

static void report(struct sched_entity *task)
{
	sched_block(task, SCHED_NEVER);
	for (unsigned i = 0; i < plan.guest_count; i++) {
		const struct guest *guest = &guests[i].guest.guest;
		uint64_t used = 0;

		for (unsigned v = 0; v < guest->vcpu_count; v++)
			used += sched_used(&guests[i].vcpus[v].vcpu.entity, arch_now());
		root_print("vio-root: %s had %lu ticks, its root work %lu, restarts %lu\n",
			   guest->name, used, guest->task.used, guest->counters.restarts);
	}
	for (const struct sched_cpu *cpu = sched.cpus; cpu; cpu = cpu->next)
		report_cpu(cpu);
}

static void start_report(void)
{
	static struct sched_entity reporter = { .priority = UINT8_MAX,
						.slice = SCHED_NEVER / 4,
						.run = report };
	const char *value;
	uint64_t ticks;

	if (!options_find(machine.bootargs, "report", &value))
		return;
	ticks = options_size(value);
	sched_add(&sched, &reporter);
	sched_block(&reporter, arch_now() + ticks);
}

void system_console(const struct machine_device *uart)
{
	hardware_console(uart);
}

void system_main(void)
{
	const char *value;

	quiet = options_find(machine.bootargs, "quiet", &value);
	read_plan();
	devices_init(&plan);
	left = plan.guest_count;
	for (unsigned i = 0; i < plan.guest_count; i++)
		make(&guests[i], &plan.guests[i]);
	devices_ready();
	for (unsigned i = 0; i < plan.guest_count; i++)
		demand(plan.guests[i].name,
		       guest_start(&guests[i].guest.guest) == GUEST_OK ? NULL : "does not start");
	if (plan.window_count)
		sched_cycle(&sched, plan.windows, plan.window_count, arch_now());
	start_report();
	root_run();
}

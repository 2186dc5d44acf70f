/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of a guest: the table is the figure in docs/guests.md. */
#include <inttypes.h>
#include <stddef.h>

#include "doorbell.h"
#include "guest.h"
#include "machine.h"
#include "pages.h"
#include "root.h"
#include "vio_types.h"

#define PRIORITY_USUAL 1
#define SLICE_USUAL    625000 /* 10 ms where the counter runs at 62.5 MHz */
#define PAGE           4096
#define ZERO_STEP      0x100000 /* bytes between two looks at the schedule */

/* ---- What is refused ---- */

enum command {
	CREATE,
	CONFIGURE,
	START,
	HALT,
	CONTINUE,
	RESTART,
	KILL,
	COMMANDS,
};

/* In each state, from GUEST_NONE to GUEST_OFF. */
static const uint8_t verdicts[COMMANDS][GUEST_STATES] = {
	[CREATE] = { GUEST_OK, GUEST_EXISTS, GUEST_EXISTS, GUEST_EXISTS, GUEST_EXISTS,
		     GUEST_EXISTS },
	[CONFIGURE] = { GUEST_IS_NONE, GUEST_OK, GUEST_STARTED, GUEST_STARTED, GUEST_STARTED,
			GUEST_STARTED },
	[START] = { GUEST_IS_NONE, GUEST_OK, GUEST_STARTED, GUEST_STARTED, GUEST_STARTED,
		    GUEST_STARTED },
	[HALT] = { GUEST_IS_NONE, GUEST_NOT_STARTED, GUEST_BUSY, GUEST_OK, GUEST_NOT_RUNNING,
		   GUEST_IS_OVER },
	[CONTINUE] = { GUEST_IS_NONE, GUEST_NOT_STARTED, GUEST_BUSY, GUEST_NOT_HALTED, GUEST_OK,
		       GUEST_IS_OVER },
	[RESTART] = { GUEST_IS_NONE, GUEST_NOT_STARTED, GUEST_BUSY, GUEST_OK, GUEST_OK, GUEST_OK },
	[KILL] = { GUEST_IS_NONE, GUEST_OK, GUEST_OK, GUEST_OK, GUEST_OK, GUEST_OK },
};

const char *guest_error_text(enum guest_error error)
{
	static const char *const texts[] = {
		[GUEST_OK] = "done",
		[GUEST_IS_NONE] = "there is no such guest",
		[GUEST_EXISTS] = "there is one already: kill it first",
		[GUEST_NOT_STARTED] = "it has not been started",
		[GUEST_STARTED] = "it has been started already",
		[GUEST_NOT_RUNNING] = "it is halted already",
		[GUEST_NOT_HALTED] = "it is not halted",
		[GUEST_IS_OVER] = "it is over: restart or kill it",
		[GUEST_BUSY] = "its devices or its memory are not ready yet: try again",
		[GUEST_NO_MEMORY] = "no memory of this size in one piece",
		[GUEST_BAD_REGION] = "a region that is empty, wraps or overlaps another",
		[GUEST_NO_ROOM] = "too many regions",
		[GUEST_NO_TABLES] = "no memory for its translation tables",
		[GUEST_BAD_RAM] = "its RAM is no size that the board can have: a multiple of 2 MiB",
		[GUEST_TAKEN] = "what is passed to it has another owner",
		[GUEST_BAD_INTERRUPT] = "it cannot have an interrupt of that number",
		[GUEST_NOT_FIXED] = "the core cannot keep that much memory mapped: give it less",
	};

	return texts[error];
}

static enum guest_error verdict(const struct guest *guest, enum command command)
{
	return (enum guest_error)verdicts[command][guest->state];
}

/* ---- The way to another state ---- */

static void step_all(struct guest *guest, enum vcpu_step step)
{
	for (unsigned i = 0; i < guest->vcpu_count; i++)
		vcpu_step(arch_vcpu(guest, i), step);
}

/* Starts it. `step`: what the vCPUs do at once. */
static void go(struct guest *guest, enum guest_state to, enum vcpu_step step)
{
	step_all(guest, step);
	guest->state = GUEST_PREPARING;
	guest->to = to;
	guest->prepared.quiet = false;
	guest->prepared.region = 0;
	guest->prepared.offset = 0;
	guest->prepared.reset = false;
	sched_ready(&guest->task);
}

/* What other guests have too is not this one's to zero. */
static bool is_own_memory(const struct region *region)
{
	return region->kind == REGION_MEMORY && !region->shared;
}

/* Some of the guest's memory; true when all is zero. */
static bool zero_some(struct guest *guest)
{
	uint64_t *offset = &guest->prepared.offset;

	for (; guest->prepared.region < guest->space.count; guest->prepared.region++) {
		const struct region *region = guest->space.regions[guest->prepared.region];
		uint64_t left = region->size - *offset;
		uint8_t *at = NULL;

		if (left == 0 || !is_own_memory(region)) {
			*offset = 0;
			continue;
		}
		if (left > ZERO_STEP)
			left = ZERO_STEP;
		at = (uint8_t *)arch_pointer(region->physical) + *offset;
		memset(at, 0, left);
		arch_clean(at, left);
		*offset += left;
		return false;
	}
	return true;
}

static void be_over(struct guest *guest, enum guest_state state)
{
	guest->state = state;
	if (guest->ops->over)
		guest->ops->over(guest);
}

static void reset(struct guest *guest)
{
	if (guest->prepared.reset)
		return;
	guest->prepared.reset = true;
	step_all(guest, VCPU_DO_RESET);
	for (unsigned i = 0; i < guest->space.count; i++) {
		struct region *region = guest->space.regions[i];

		if (region->kind == REGION_VIRTUAL && region->ops->prepare)
			region->ops->prepare(region->owner);
	}
	arch_reset(guest);
}

/* False: there is more to load. */
static bool run(struct guest *guest)
{
	struct guest_entry entry = { 0 };

	reset(guest);
	if (!guest->ops->load(guest, &entry)) {
		guest->end = GUEST_STOPPED;
		be_over(guest, GUEST_OFF);
	} else if (entry.more) {
		return false;
	} else {
		guest->state = GUEST_RUNNING;
		vcpu_start(arch_vcpu(guest, 0), entry.pc, entry.argument);
	}
	return true;
}

/* ---- Parts of the machine ---- */

enum guest_error guest_pass(struct guest *guest, struct pass *pass)
{
	struct region *registers = &pass->registers;
	enum guest_error error = verdict(guest, CONFIGURE);
	const char *owner = NULL;

	if (error != GUEST_OK)
		return error;
	owner = machine_claim(registers->physical, registers->size, pass->intid, &guest->name);
	if (owner) {
		root_print("vio-root: guest %s: %s is in use by %s\n", guest->name, pass->name,
			   owner);
		return GUEST_TAKEN;
	}
	if (pass->intid && !arch_pass(guest, pass->intid))
		return GUEST_BAD_INTERRUPT;
	pass->next = guest->passes;
	guest->passes = pass;
	registers->kind = REGION_DEVICE;
	return guest_add(guest, registers);
}

static bool quiesce_passes(struct guest *guest)
{
	bool quiet = true;

	for (struct pass *pass = guest->passes; pass; pass = pass->next) {
		if (pass->intid)
			arch_mask(pass->intid);
		if (pass->quiesce && !pass->quiesce(pass))
			quiet = false;
	}
	return quiet;
}

static void return_passes(struct guest *guest)
{
	for (struct pass *pass = guest->passes; pass; pass = pass->next) {
		if (pass->intid)
			arch_pass_back(guest, pass->intid);
	}
	machine_unclaim(&guest->name);
	guest->passes = NULL;
}

static void destroy(struct guest *guest)
{
	return_passes(guest);
	arch_destroy(guest);
	for (unsigned i = 0; i < guest->space.count; i++) {
		const struct region *region = guest->space.regions[i];

		if (region->pooled)
			pages_give(region->physical, region->size);
	}
	for (unsigned i = 0; i < guest->vcpu_count; i++) {
		struct vcpu *vcpu = arch_vcpu(guest, i);

		vcpu_step(vcpu, VCPU_DO_DESTROY);
		sched_remove(&vcpu->entity);
	}
	sched_remove(&guest->task);
	guest->space.count = 0;
	guest->memory.count = 0;
}

static bool quiesce(struct guest *guest)
{
	bool quiet = quiesce_passes(guest);

	if (guest->ops->quiesce && !guest->ops->quiesce(guest))
		quiet = false;
	return quiet;
}

static void prepare(struct guest *guest)
{
	struct sched_entity *task = &guest->task;

	if (!guest->prepared.quiet && !quiesce(guest)) {
		guest->counters.held++;
		sched_block(task, SCHED_NEVER);
		return;
	}
	guest->prepared.quiet = true;
	if (guest->to != GUEST_OFF && !zero_some(guest))
		return;
	sched_block(task, SCHED_NEVER);
	switch (guest->to) {
	case GUEST_RUNNING:
		if (!run(guest))
			sched_ready(task);
		break;
	case GUEST_NONE:
		destroy(guest);
		be_over(guest, GUEST_NONE);
		break;
	default:
		be_over(guest, GUEST_OFF);
		break;
	}
}

/* Where it is on another CPU, this is as good as its leaving. */
static void ring(struct guest *guest)
{
	for (unsigned i = 0; i < guest->vcpu_count; i++) {
		struct vcpu *vcpu = arch_vcpu(guest, i);

		if (vcpu->rings)
			doorbell_leave(vcpu);
	}
}

static void work(struct sched_entity *task)
{
	struct guest *guest = VIO_CONTAINER_OF(task, struct guest, task);

	ring(guest);

	if (guest->state == GUEST_PREPARING)
		prepare(guest);
	else if (!arch_service(guest))
		sched_block(task, SCHED_NEVER);
}

void guest_released(struct guest *guest)
{
	if (guest->state == GUEST_PREPARING)
		sched_ready(&guest->task);
}

/* ---- Commands ---- */

static void wait_is_over(struct sched_entity *entity)
{
	vcpu_resume(VIO_CONTAINER_OF(entity, struct vcpu, entity), VCPU_WAITS);
}

enum guest_error guest_create(struct guest *guest, const char *name, unsigned number,
			      unsigned vcpu_count, const struct guest_ops *ops)
{
	enum guest_error error = verdict(guest, CREATE);

	if (error != GUEST_OK)
		return error;
	*guest = (struct guest){
		.name = name,
		.number = number,
		.vcpu_count = vcpu_count,
		.ops = ops,
		.priority = PRIORITY_USUAL,
		.partition = (uint8_t)number,
		.slice = SLICE_USUAL,
		.task = { .run = work },
	};
	vio_memory_init(&guest->memory, guest->memory_regions,
			VIO_ARRAY_SIZE(guest->memory_regions));
	if (!arch_create(guest)) {
		arch_destroy(guest);
		return GUEST_NO_TABLES;
	}
	for (unsigned i = 0; i < vcpu_count; i++) {
		struct vcpu *vcpu = arch_vcpu(guest, i);

		*vcpu = (struct vcpu){
			.guest = guest,
			.index = i,
			.entity = { .timeout = wait_is_over },
		};
		vcpu_step(vcpu, VCPU_DO_CREATE);
	}
	guest->state = GUEST_CREATED;
	return GUEST_OK;
}

enum guest_error guest_add(struct guest *guest, struct region *region)
{
	enum guest_error error = verdict(guest, CONFIGURE);

	if (error != GUEST_OK)
		return error;
	if (guest->space.count == SPACE_REGIONS)
		return GUEST_NO_ROOM;
	if (!space_add(&guest->space, region))
		return GUEST_BAD_REGION;
	if (region->kind == REGION_VIRTUAL)
		return GUEST_OK;
	if (!arch_map(guest, region))
		return GUEST_NO_TABLES;
	if (region->kind == REGION_DEVICE)
		return GUEST_OK;
	if (!vio_memory_add(&guest->memory,
			    (struct vio_region){
				    .base = region->base,
				    .size = region->size,
				    .data = arch_pointer(region->physical),
				    .access = region->kind == REGION_MEMORY ? VIO_ACCESS_READ_WRITE
									    : VIO_ACCESS_READ,
			    }))
		return GUEST_NO_ROOM;
	return GUEST_OK;
}

enum guest_error guest_add_memory(struct guest *guest, struct region *region, uint64_t alignment)
{
	enum guest_error error = verdict(guest, CONFIGURE);

	if (error != GUEST_OK)
		return error;
	region->kind = REGION_MEMORY;
	region->pooled = true;
	region->physical = pages_take(region->size, alignment);
	if (region->physical == PAGES_NONE)
		return GUEST_NO_MEMORY;
	if (region->base == GUEST_DIRECT)
		region->base = region->physical;
	error = guest_add(guest, region);
	if (error != GUEST_OK && space_find(&guest->space, region->base) != region)
		pages_give(region->physical, region->size);
	return error;
}

enum guest_error guest_share(struct region *region)
{
	void *at = NULL;

	region->kind = REGION_MEMORY;
	region->shared = true;
	region->physical = pages_take(region->size, PAGE);
	if (region->physical == PAGES_NONE)
		return GUEST_NO_MEMORY;
	at = arch_pointer(region->physical);
	memset(at, 0, region->size);
	arch_clean(at, region->size);
	return GUEST_OK;
}

static void add_entity(const struct guest *guest, struct sched_entity *entity)
{
	entity->priority = guest->priority;
	entity->partition = guest->partition;
	entity->slice = guest->slice;
	if (!entity->cpus)
		entity->cpus = guest->cpus;
	sched_add(&sched, entity);
}

static void add_entities(struct guest *guest)
{
	add_entity(guest, &guest->task);
	for (unsigned i = 0; i < guest->vcpu_count; i++)
		add_entity(guest, &arch_vcpu(guest, i)->entity);
}

enum guest_error guest_start(struct guest *guest)
{
	enum guest_error error = verdict(guest, START);

	if (error != GUEST_OK)
		return error;
	if (guest->fixed && !arch_fix(guest))
		return GUEST_NOT_FIXED;
	add_entities(guest);
	go(guest, GUEST_RUNNING, VCPU_DO_RESET);
	return GUEST_OK;
}

enum guest_error guest_halt(struct guest *guest)
{
	enum guest_error error = verdict(guest, HALT);

	if (error != GUEST_OK)
		return error;
	guest->state = GUEST_HALTED;
	for (unsigned i = 0; i < guest->vcpu_count; i++)
		vcpu_pause(arch_vcpu(guest, i), VCPU_HELD, SCHED_NEVER);
	return GUEST_OK;
}

enum guest_error guest_continue(struct guest *guest)
{
	enum guest_error error = verdict(guest, CONTINUE);

	if (error != GUEST_OK)
		return error;
	guest->state = GUEST_RUNNING;
	for (unsigned i = 0; i < guest->vcpu_count; i++)
		vcpu_resume(arch_vcpu(guest, i), VCPU_HELD);
	return GUEST_OK;
}

enum guest_error guest_restart(struct guest *guest)
{
	enum guest_error error = verdict(guest, RESTART);

	if (error == GUEST_OK)
		go(guest, GUEST_RUNNING, VCPU_DO_RESET);
	return error;
}

enum guest_error guest_kill(struct guest *guest)
{
	enum guest_error error = verdict(guest, KILL);

	if (error != GUEST_OK)
		return error;
	if (guest->state == GUEST_CREATED)
		add_entities(guest);
	guest->end = GUEST_KILLED;
	go(guest, GUEST_NONE, VCPU_DO_RESET);
	return GUEST_OK;
}

void guest_end(struct guest *guest, enum guest_end end)
{
	if (guest->state != GUEST_RUNNING)
		return;
	guest->end = end;
	if (end == GUEST_RESET && guest->restart_on_reset) {
		go(guest, GUEST_RUNNING, VCPU_DO_RESET);
	} else if (end != GUEST_STOPPED) {
		go(guest, GUEST_OFF, VCPU_DO_RESET);
	} else if (guest->counters.restarts < guest->restart_limit) {
		guest->counters.restarts++;
		root_print("vio-root: guest %s: restart %" PRIu64 " of %u\n", guest->name,
			   guest->counters.restarts, guest->restart_limit);
		go(guest, GUEST_RUNNING, VCPU_DO_HALT);
	} else {
		go(guest, GUEST_OFF, VCPU_DO_HALT);
	}
}

int64_t guest_call(struct vcpu *vcpu, unsigned function, const uint64_t *x)
{
	const struct guest_ops *ops = vcpu->guest->ops;

	return ops->call ? ops->call(vcpu, function, x) : GUEST_CALL_UNKNOWN;
}

int64_t guest_call_is_fatal(struct vcpu *vcpu, unsigned function, const uint64_t *x)
{
	(void)x;
	root_print("vio-root: guest %s, vCPU %u: hypercall %u, and it may make none\n",
		   vcpu->guest->name, vcpu->index, function);
	guest_end(vcpu->guest, GUEST_STOPPED);
	return GUEST_CALL_UNKNOWN;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "scheduler.h"

/* ---- Lists ---- */

/* Before `at`; NULL: at the end. */
static void insert(struct sched_list *list, struct sched_entity *at, struct sched_entity *entity)
{
	entity->next = at;
	entity->previous = at ? at->previous : list->last;
	if (entity->previous)
		entity->previous->next = entity;
	else
		list->first = entity;
	if (at)
		at->previous = entity;
	else
		list->last = entity;
}

static void unlink(struct sched_list *list, struct sched_entity *entity)
{
	if (entity->previous)
		entity->previous->next = entity->next;
	else
		list->first = entity->next;
	if (entity->next)
		entity->next->previous = entity->previous;
	else
		list->last = entity->previous;
}

static void enqueue(struct sched *sched, struct sched_entity *entity)
{
	struct sched_entity *at = sched->ready.first;

	while (at && at->priority >= entity->priority)
		at = at->next;
	insert(&sched->ready, at, entity);
}

static void enqueue_sleeper(struct sched_cpu *cpu, struct sched_entity *entity)
{
	struct sched_entity *at = cpu->sleepers.first;

	while (at && at->wake_at <= entity->wake_at)
		at = at->next;
	insert(&cpu->sleepers, at, entity);
	entity->wakes = cpu;
}

static void take_off(struct sched_entity *entity)
{
	if (entity->state == SCHED_READY)
		unlink(&entity->sched->ready, entity);
	else if (entity->state == SCHED_SLEEPING)
		unlink(&entity->wakes->sleepers, entity);
	entity->state = SCHED_BLOCKED;
}

/* ---- CPUs ---- */

void sched_call(struct sched_cpu *cpu)
{
	cpu->attention = true;
	if (cpu != sched_here())
		cpu->sched->calls |= cpu->bit;
}

static void mark(struct sched_cpu *cpu)
{
	cpu->changed = true;
	sched_call(cpu);
}

static bool allows(const struct sched_cpu *cpu, const struct sched_entity *entity)
{
	return (entity->cpus & cpu->bit) != 0;
}

static bool is_free(const struct sched_cpu *cpu, const struct sched_entity *entity)
{
	return !cpu->current && !cpu->changed && allows(cpu, entity);
}

/* A CPU with nothing to run that may have it, or NULL. */
static struct sched_cpu *find_free(const struct sched_entity *entity)
{
	struct sched_cpu *here = sched_here();
	struct sched_cpu *cpu = entity->sched->cpus;

	if (entity->last && is_free(entity->last, entity))
		return entity->last;
	if (is_free(here, entity))
		return here;
	while (cpu && !is_free(cpu, entity))
		cpu = cpu->next;
	return cpu;
}

/* Whether `cpu`, busy, may have to run it, or to end a slice for its sake. */
static bool may_yield(const struct sched_cpu *cpu, const struct sched_entity *entity)
{
	return allows(cpu, entity) &&
	       (cpu->sched->windows || !cpu->current || cpu->current->priority <= entity->priority);
}

/* It is ready and runs nowhere. */
static void offer(const struct sched_entity *entity)
{
	struct sched_cpu *cpu = find_free(entity);

	if (cpu) {
		cpu->offered = cpu->sched->cpus->next != NULL;
		mark(cpu);
		return;
	}
	for (cpu = entity->sched->cpus; cpu; cpu = cpu->next) {
		if (may_yield(cpu, entity))
			mark(cpu);
	}
}

void sched_join(struct sched *sched, struct sched_cpu *cpu, unsigned number, uint64_t now)
{
	struct sched_cpu **end = &sched->cpus;

	*cpu = (struct sched_cpu){ .sched = sched,
				   .number = (uint8_t)number,
				   .bit = 1U << number,
				   .since = now,
				   .deadline = SCHED_NEVER };
	while (*end)
		end = &(*end)->next;
	*end = cpu;
	cpu->window = sched->cpus->window;
	cpu->window_end = sched->cpus->window_end;
	cpu->window_had = sched->cpus->window_had;
	mark(cpu);
}

/* ---- Entities ---- */

void sched_add(struct sched *sched, struct sched_entity *entity)
{
	entity->sched = sched;
	entity->state = SCHED_BLOCKED;
	entity->runs_on = NULL;
	entity->last = NULL;
	if (!entity->cpus)
		entity->cpus = UINT32_MAX;
	entity->left = entity->slice;
	entity->used = 0;
}

void sched_remove(struct sched_entity *entity)
{
	struct sched_cpu *cpu = entity->runs_on;

	take_off(entity);
	mark(sched_here());
	if (!cpu)
		return;
	cpu->current = NULL;
	entity->runs_on = NULL;
	mark(cpu);
}

void sched_ready(struct sched_entity *entity)
{
	if (entity->state == SCHED_READY)
		return;
	take_off(entity);
	entity->state = SCHED_READY;
	entity->left = entity->slice;
	enqueue(entity->sched, entity);
	if (entity->runs_on)
		mark(entity->runs_on); /* which has not left it yet */
	else
		offer(entity);
}

void sched_block(struct sched_entity *entity, uint64_t wake_at)
{
	take_off(entity);
	if (wake_at != SCHED_NEVER) {
		entity->state = SCHED_SLEEPING;
		entity->wake_at = wake_at;
		enqueue_sleeper(sched_here(), entity);
	}
	mark(sched_here());
	if (entity->runs_on)
		mark(entity->runs_on);
}

uint64_t sched_used(const struct sched_entity *entity, uint64_t now)
{
	return entity->used + (entity->runs_on ? now - entity->runs_on->since : 0);
}

/* ---- The choice ---- */

/* It fades, so that a piece that took long for once is forgotten after some hundreds. */
static void remember(struct sched_entity *entity, uint64_t spent)
{
	entity->longest -= entity->longest / 64;
	if (spent > entity->longest)
		entity->longest = spent;
}

/* Whose slice is over goes behind its equals. */
static void charge(struct sched_cpu *cpu, uint64_t now)
{
	struct sched_entity *entity = cpu->current;
	uint64_t spent = now - cpu->since;

	cpu->since = now;
	if (!entity) {
		cpu->idle += spent;
		return;
	}
	entity->used += spent;
	if (entity->run)
		remember(entity, spent);
	if (spent < entity->left) {
		entity->left -= spent;
		return;
	}
	entity->left = entity->slice;
	if (entity->state == SCHED_READY) {
		unlink(&cpu->sched->ready, entity);
		enqueue(cpu->sched, entity);
	}
}

static void wake_sleepers(struct sched_cpu *cpu, uint64_t now)
{
	struct sched_entity *entity = NULL;

	while ((entity = cpu->sleepers.first) && entity->wake_at <= now) {
		take_off(entity);
		if (entity->timeout)
			entity->timeout(entity);
		else
			sched_ready(entity);
	}
}

/* Windows begin when they are planned to, however late we look: lateness does not add up. */
static void turn_windows(struct sched_cpu *cpu, uint64_t now)
{
	const struct sched *sched = cpu->sched;
	uint64_t frames = 0;
	uint64_t over = 0;
	uint64_t began = 0;

	if (now < cpu->window_end)
		return;
	frames = (now - cpu->window_end) / sched->frame;
	cpu->window_end += frames * sched->frame;
	for (; now >= cpu->window_end; over++) {
		cpu->window = (cpu->window + 1) % sched->window_count;
		began = cpu->window_end;
		cpu->window_end += sched->windows[cpu->window].length;
	}
	cpu->window_had = cpu->window_end - now;
	cpu->jitter.windows++;
	cpu->jitter.skipped += frames * sched->window_count + over - 1;
	cpu->jitter.total += now - began;
	if (now - began > cpu->jitter.worst)
		cpu->jitter.worst = now - began;
}

/* Whether a task's next piece of work does not reach into the next window. */
static bool fits(const struct sched_entity *entity, const struct sched_cpu *cpu)
{
	uint64_t left = cpu->window_end - cpu->since;
	uint64_t had = cpu->window_had;

	return !entity->run || entity->longest <= left || (entity->longest > had && left > had / 2);
}

static bool is_free_for(const struct sched_entity *entity, const struct sched_cpu *cpu)
{
	return (!entity->runs_on || entity->runs_on == cpu) && allows(cpu, entity);
}

static struct sched_entity *first_of(const struct sched_cpu *cpu, uint8_t partition)
{
	struct sched_entity *entity = cpu->sched->ready.first;

	while (entity &&
	       (entity->partition != partition || !is_free_for(entity, cpu) || !fits(entity, cpu)))
		entity = entity->next;
	return entity;
}

static struct sched_entity *first(const struct sched_cpu *cpu)
{
	struct sched_entity *entity = cpu->sched->ready.first;

	while (entity && !is_free_for(entity, cpu))
		entity = entity->next;
	return entity;
}

static struct sched_entity *choose(const struct sched_cpu *cpu)
{
	const struct sched *sched = cpu->sched;
	struct sched_entity *entity = NULL;

	if (!sched->windows)
		return first(cpu);
	entity = first_of(cpu, sched->windows[cpu->window].partition);
	return entity ? entity : first_of(cpu, SCHED_ROOT);
}

/* Whether another one waits for the end of its slice. */
static bool has_equal(const struct sched_cpu *cpu, const struct sched_entity *entity)
{
	const struct sched_entity *other = entity->next;

	for (; other && other->priority == entity->priority; other = other->next) {
		if ((!cpu->sched->windows || other->partition == entity->partition) &&
		    is_free_for(other, cpu))
			return true;
	}
	return false;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void let_go(struct sched_cpu *cpu)
{
	cpu->current->runs_on = NULL;
	cpu->current = NULL;
}

/* It has chosen. Who was offered to it, and is not who it chose, may find another. */
static void pass_on(struct sched_cpu *cpu)
{
	const struct sched_entity *entity = cpu->sched->ready.first;

	cpu->offered = false;
	for (; entity; entity = entity->next) {
		if (!entity->runs_on)
			offer(entity);
	}
}

/* Who lost the CPU and could go on may do so on another. */
static void give(struct sched_cpu *cpu, struct sched_entity *entity)
{
	const struct sched_entity *previous = cpu->current;

	if (previous)
		let_go(cpu);
	if (entity) {
		entity->runs_on = cpu;
		entity->last = cpu;
		cpu->current = entity;
		cpu->switches++;
	}
	if (previous && cpu->sched->cpus->next)
		offer(previous);
	else if (!previous && cpu->offered)
		pass_on(cpu);
}

struct sched_entity *sched_pick(struct sched_cpu *cpu, uint64_t now)
{
	struct sched_entity *entity = NULL;
	uint64_t deadline = SCHED_NEVER;

	charge(cpu, now);
	if (cpu->current && cpu->current->state != SCHED_READY)
		let_go(cpu);
	cpu->changed = false; /* free, perhaps, for who wakes now */
	wake_sleepers(cpu, now);
	if (cpu->sched->windows) {
		turn_windows(cpu, now);
		deadline = cpu->window_end;
	}
	if (cpu->sleepers.first)
		deadline = earlier(deadline, cpu->sleepers.first->wake_at);
	entity = choose(cpu);
	if (entity && has_equal(cpu, entity))
		deadline = earlier(deadline, now + entity->left);
	if (entity != cpu->current)
		give(cpu, entity);
	cpu->deadline = deadline;
	cpu->changed = false; /* whatever came up meanwhile, it has chosen after that */
	return entity;
}

void sched_cycle(struct sched *sched, const struct sched_window *windows, unsigned count,
		 uint64_t now)
{
	sched->windows = windows;
	sched->window_count = count;
	sched->frame = 0;
	for (unsigned i = 0; i < count; i++)
		sched->frame += windows[i].length;
	for (struct sched_cpu *cpu = sched->cpus; cpu; cpu = cpu->next) {
		cpu->window = 0;
		cpu->window_had = count ? windows[0].length : 0;
		cpu->window_end = now + cpu->window_had;
		cpu->jitter = (struct sched_jitter){ 0 };
		mark(cpu);
	}
}

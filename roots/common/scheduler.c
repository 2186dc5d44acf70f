/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "scheduler.h"

bool attention;

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

static void enqueue_sleeper(struct sched *sched, struct sched_entity *entity)
{
	struct sched_entity *at = sched->sleepers.first;

	while (at && at->wake_at <= entity->wake_at)
		at = at->next;
	insert(&sched->sleepers, at, entity);
}

static void take_off(struct sched_entity *entity)
{
	if (entity->state == SCHED_READY)
		unlink(&entity->sched->ready, entity);
	else if (entity->state == SCHED_SLEEPING)
		unlink(&entity->sched->sleepers, entity);
	entity->state = SCHED_BLOCKED;
}

static void mark(struct sched *sched)
{
	sched->changed = true;
	attention = true;
}

/* ---- Entities ---- */

void sched_add(struct sched *sched, struct sched_entity *entity)
{
	entity->sched = sched;
	entity->state = SCHED_BLOCKED;
	entity->left = entity->slice;
	entity->used = 0;
}

void sched_remove(struct sched_entity *entity)
{
	struct sched *sched = entity->sched;

	take_off(entity);
	if (sched->current == entity)
		sched->current = NULL;
	mark(sched);
}

void sched_ready(struct sched_entity *entity)
{
	if (entity->state == SCHED_READY)
		return;
	take_off(entity);
	entity->state = SCHED_READY;
	entity->left = entity->slice;
	enqueue(entity->sched, entity);
	mark(entity->sched);
}

void sched_block(struct sched_entity *entity, uint64_t wake_at)
{
	take_off(entity);
	if (wake_at != SCHED_NEVER) {
		entity->state = SCHED_SLEEPING;
		entity->wake_at = wake_at;
		enqueue_sleeper(entity->sched, entity);
	}
	mark(entity->sched);
}

/* ---- The choice ---- */

/* Whose slice is over goes behind its equals. */
static void charge(struct sched *sched, uint64_t now)
{
	struct sched_entity *entity = sched->current;
	uint64_t spent = now - sched->since;

	sched->since = now;
	if (!entity) {
		sched->idle += spent;
		return;
	}
	entity->used += spent;
	if (spent < entity->left) {
		entity->left -= spent;
		return;
	}
	entity->left = entity->slice;
	if (entity->state == SCHED_READY) {
		unlink(&sched->ready, entity);
		enqueue(sched, entity);
	}
}

static void wake_sleepers(struct sched *sched, uint64_t now)
{
	struct sched_entity *entity = NULL;

	while ((entity = sched->sleepers.first) && entity->wake_at <= now) {
		take_off(entity);
		if (entity->timeout)
			entity->timeout(entity);
		else
			sched_ready(entity);
	}
}

/* Windows begin when they are planned to, however late we look: lateness does not add up. */
static void turn_windows(struct sched *sched, uint64_t now)
{
	uint64_t frames = 0;
	uint64_t over = 0;
	uint64_t began = 0;

	if (now < sched->window_end)
		return;
	frames = (now - sched->window_end) / sched->frame;
	sched->window_end += frames * sched->frame;
	for (; now >= sched->window_end; over++) {
		sched->window = (sched->window + 1) % sched->window_count;
		began = sched->window_end;
		sched->window_end += sched->windows[sched->window].length;
	}
	sched->jitter.windows++;
	sched->jitter.skipped += frames * sched->window_count + over - 1;
	sched->jitter.total += now - began;
	if (now - began > sched->jitter.worst)
		sched->jitter.worst = now - began;
}

static struct sched_entity *first_of(const struct sched *sched, uint8_t partition)
{
	struct sched_entity *entity = sched->ready.first;

	while (entity && entity->partition != partition)
		entity = entity->next;
	return entity;
}

static struct sched_entity *choose(const struct sched *sched)
{
	struct sched_entity *entity = NULL;

	if (!sched->windows)
		return sched->ready.first;
	entity = first_of(sched, sched->windows[sched->window].partition);
	return entity ? entity : first_of(sched, SCHED_ROOT);
}

/* Whether another one waits for the end of its slice. */
static bool has_equal(const struct sched *sched, const struct sched_entity *entity)
{
	const struct sched_entity *other = entity->next;

	while (other && other->priority == entity->priority) {
		if (!sched->windows || other->partition == entity->partition)
			return true;
		other = other->next;
	}
	return false;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

struct sched_entity *sched_pick(struct sched *sched, uint64_t now)
{
	struct sched_entity *entity = NULL;
	uint64_t deadline = SCHED_NEVER;

	charge(sched, now);
	wake_sleepers(sched, now);
	if (sched->windows) {
		turn_windows(sched, now);
		deadline = sched->window_end;
	}
	if (sched->sleepers.first)
		deadline = earlier(deadline, sched->sleepers.first->wake_at);
	entity = choose(sched);
	if (entity && has_equal(sched, entity))
		deadline = earlier(deadline, now + entity->left);
	if (entity && entity != sched->current)
		sched->switches++;
	sched->current = entity;
	sched->deadline = deadline;
	sched->changed = false;
	return entity;
}

void sched_cycle(struct sched *sched, const struct sched_window *windows, unsigned count,
		 uint64_t now)
{
	sched->windows = windows;
	sched->window_count = count;
	sched->window = 0;
	sched->window_end = now;
	sched->frame = 0;
	sched->jitter = (struct sched_jitter){ 0 };
	for (unsigned i = 0; i < count; i++)
		sched->frame += windows[i].length;
	if (count)
		sched->window_end += windows[0].length;
	mark(sched);
}

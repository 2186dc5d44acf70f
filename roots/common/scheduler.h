/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who runs next on a physical CPU. A guest's vCPUs and the root's own tasks are equals here: each
 * is an entity, and the ready one of the highest priority runs, those of the same priority in turn,
 * a slice each. What blocks (a vCPU in WFI, a task without work) is on no list that anybody walks,
 * or on that of the sleepers, of which only the first is looked at.
 *
 * All CPUs choose from one list. An entity floats, or is pinned to the CPUs of its mask; it runs on
 * one at a time. Who becomes ready, or loses its CPU to another, is offered: to a CPU that has
 * nothing to run, the one it last ran on before others; or, if all are busy, to every one that may
 * have to choose anew. A sleeper is woken by the CPU that put it to sleep.
 *
 * A cyclic schedule, in the style of ARINC 653, divides time into windows, repeated as one major
 * frame: only entities of the window's partition run in it, however ready the others are. What
 * they leave of it goes to partition 0, the root's own tasks, and to nobody else. A task, which is
 * not interrupted, begins a piece of work only if it will be done in this window, going by how long
 * its pieces took before; if they take longer than what there was of the window when it began, for
 * windows begin late, in the first half of that: no piece is kept out for ever. The frame is the
 * machine's: a window is the same partition's on every CPU, so that partitions never run beside
 * each other.
 *
 * Time is in ticks of the root's counter. The scheduler starts no timer, and interrupts no CPU: it
 * says by when it wants to be asked again, and which CPUs have to ask. Whoever calls it sees to it
 * that no two CPUs do so at a time.
 */
#ifndef SCHEDULER_H
#define SCHEDULER_H

#include <stdbool.h>
#include <stdint.h>

#define SCHED_NEVER UINT64_MAX
#define SCHED_ROOT  0 /* the partition of the root's own tasks */

struct sched;
struct sched_cpu;

enum sched_state {
	SCHED_BLOCKED,
	SCHED_SLEEPING, /* blocked, and its time comes */
	SCHED_READY,
};

struct sched_entity {
	/* The owner's, set before sched_add(). */
	uint8_t priority;  /* the higher goes first */
	uint8_t partition; /* in whose windows it runs */
	uint64_t slice;    /* ticks in a row while its equals wait: 1 to 2^62 */
	uint32_t cpus;     /* where it may run, a bit each; 0 becomes anywhere */
	/* A task: does a bounded piece of work. NULL: a vCPU, which the root enters. */
	void (*run)(struct sched_entity *entity);
	/* Its wake time has come; it is blocked when this is called. NULL: it is made ready. */
	void (*timeout)(struct sched_entity *entity);

	/* The scheduler's. */
	struct sched *sched;
	enum sched_state state;
	struct sched_entity *next; /* on the list of its state */
	struct sched_entity *previous;
	struct sched_cpu *runs_on; /* whose `current` it is, or NULL */
	struct sched_cpu *last;    /* the last one that it ran on, or NULL */
	struct sched_cpu *wakes;   /* among whose sleepers it is */
	uint64_t wake_at;
	uint64_t left;    /* of its slice */
	uint64_t longest; /* ticks that a task's piece of work took lately, at most */
	uint64_t used;    /* ticks it has had until it was last charged: see sched_used() */
};

struct sched_window {
	uint8_t partition;
	uint64_t length; /* ticks, at least 1 */
};

/* How late windows began: what the root, not preempted, was still busy with. */
struct sched_jitter {
	uint64_t windows; /* begun */
	uint64_t skipped; /* over before anybody looked */
	uint64_t worst;   /* ticks */
	uint64_t total;
};

struct sched_list {
	struct sched_entity *first;
	struct sched_entity *last;
};

/* A CPU's share. The first member of what the root knows of the CPU; zeroed at first. */
struct sched_cpu {
	/*
	 * Something has to be looked at before the guest goes on: a schedule that changed, or work
	 * that was deferred. The one thing that every exit from a guest tests.
	 */
	bool attention;
	bool changed; /* ask again now */
	bool offered; /* free, it was asked to run somebody, and others were not */
	uint8_t number;
	uint32_t bit; /* of entities' `cpus` */
	struct sched *sched;
	struct sched_cpu *next;
	struct sched_entity *current;
	struct sched_list sleepers; /* by wake time */
	uint64_t since;             /* when `current` was last charged */
	uint64_t deadline;          /* when to ask again at the latest, or SCHED_NEVER */
	uint64_t idle;              /* ticks in which nobody ran */
	uint64_t switches;
	unsigned window; /* the present one */
	uint64_t window_end;
	uint64_t window_had; /* ticks of it, when it was first looked at */
	struct sched_jitter jitter;
};

struct sched {
	struct sched_list ready; /* by priority; in a priority, by turn. Who runs is on it, too */
	struct sched_cpu *cpus;
	uint32_t
		calls; /* CPUs other than this that have to look, a bit each: the root's to clear */

	const struct sched_window *windows; /* NULL: no cyclic schedule */
	unsigned window_count;
	uint64_t frame; /* all windows together */
};

/* The CPU that this runs on: each root's own. */
struct sched_cpu *sched_here(void) __attribute__((const));

/* `cpu`, of this number, begins to choose from `sched`. */
void sched_join(struct sched *sched, struct sched_cpu *cpu, unsigned number, uint64_t now);

/* `cpu` has to look at something: sets `attention`, and has it called if it is another. */
void sched_call(struct sched_cpu *cpu);

/* Makes `entity` one of those to choose from, blocked. */
void sched_add(struct sched *sched, struct sched_entity *entity);

/* Blocked for good: nothing here points at it any more. */
void sched_remove(struct sched_entity *entity);

/* Behind those of its priority, unless it is ready already. */
void sched_ready(struct sched_entity *entity);

/* The ticks it has had until `now`: its share. */
uint64_t sched_used(const struct sched_entity *entity, uint64_t now);

/* Until sched_ready(), or until `wake_at`, which may be SCHED_NEVER or past. */
void sched_block(struct sched_entity *entity, uint64_t wake_at);

/*
 * On `cpu`, which is this one: charges the time since the last call, and returns who is to run
 * until `deadline`; NULL: nobody.
 */
struct sched_entity *sched_pick(struct sched_cpu *cpu, uint64_t now);

/*
 * From `now` on, these `count` windows in turn; they stay the caller's and must not change. NULL
 * and 0: no windows any more.
 */
void sched_cycle(struct sched *sched, const struct sched_window *windows, unsigned count,
		 uint64_t now);

#endif

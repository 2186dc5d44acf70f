/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A lock between CPUs: fair to who waits for it, and not held up by who waits and does not run.
 *
 * A CPU is at times a thread of a simulator, and the host runs something else just when its turn
 * has come. If all others wait for its turn then, that costs a time slice of the host; and as they
 * queue up meanwhile, so does the next turn, and the next. So a free lock goes to whoever asks.
 * Who waits counts how often it sees others take it, and gets a ticket when that is too often:
 * while there are tickets the lock is theirs, in order.
 *
 *	           no ticket is out
 *	asks -----------------------------> has it
 *	  | not free, or a ticket is out     ^  ^
 *	  v        no ticket is out          |  |
 *	waits -------------------------------+  |
 *	  | has seen others take it             |
 *	  v LOCK_PATIENCE times                 |
 *	has a ticket ---------------------------+
 *	           its ticket is the first
 *
 * So who waits sees others take it LOCK_PATIENCE times, then once each with a ticket before, and at
 * most once each who had looked for tickets just before there was this one.
 */
#ifndef LOCK_H
#define LOCK_H

#include <stdbool.h>
#include <stdint.h>

#define LOCK_PATIENCE 4

/* Zero is free. */
struct lock {
	uint32_t taken;   /* 1: somebody has it */
	uint32_t takings; /* how often somebody did; written by who has it */
	uint32_t waiting; /* CPUs */
	uint32_t next;    /* ticket to be given; */
	uint32_t first;   /* and the first that is out, `next` if none is; of who has the lock */
};

struct lock_waiter {
	uint32_t seen;   /* the latest `takings` */
	uint32_t passed; /* how often it was another */
	uint32_t ticket; /* once that is LOCK_PATIENCE */
};

static inline bool lock_grab(struct lock *lock)
{
	uint32_t free = 0;

	if (!__atomic_compare_exchange_n(&lock->taken, &free, 1, false, __ATOMIC_ACQUIRE,
					 __ATOMIC_RELAXED))
		return false;
	__atomic_store_n(&lock->takings, lock->takings + 1, __ATOMIC_RELAXED);
	return true;
}

/* Takes it; false: it is not to be had. */
static inline bool lock_try(struct lock *lock)
{
	return __atomic_load_n(&lock->next, __ATOMIC_RELAXED) ==
		       __atomic_load_n(&lock->first, __ATOMIC_RELAXED) &&
	       lock_grab(lock);
}

/* From here on the CPU waits, and has to call lock_try_waiting() until that has taken it. */
static inline void lock_wait(struct lock *lock, struct lock_waiter *waiter)
{
	waiter->seen = __atomic_load_n(&lock->takings, __ATOMIC_RELAXED);
	waiter->passed = 0;
	__atomic_fetch_add(&lock->waiting, 1, __ATOMIC_RELAXED);
}

static inline bool lock_try_in_line(struct lock *lock, const struct lock_waiter *waiter)
{
	if (__atomic_load_n(&lock->first, __ATOMIC_RELAXED) != waiter->ticket || !lock_grab(lock))
		return false;
	__atomic_store_n(&lock->first, waiter->ticket + 1, __ATOMIC_RELAXED);
	return true;
}

static inline void lock_look(struct lock *lock, struct lock_waiter *waiter)
{
	uint32_t takings = __atomic_load_n(&lock->takings, __ATOMIC_RELAXED);

	if (takings == waiter->seen)
		return;
	waiter->seen = takings;
	if (++waiter->passed == LOCK_PATIENCE)
		waiter->ticket = __atomic_fetch_add(&lock->next, 1, __ATOMIC_RELAXED);
}

static inline bool lock_try_waiting(struct lock *lock, struct lock_waiter *waiter)
{
	const bool in_line = waiter->passed == LOCK_PATIENCE;

	if (in_line ? lock_try_in_line(lock, waiter) : lock_try(lock)) {
		__atomic_fetch_sub(&lock->waiting, 1, __ATOMIC_RELAXED);
		return true;
	}
	if (!in_line)
		lock_look(lock, waiter);
	return false;
}

static inline void lock_release(struct lock *lock)
{
	__atomic_store_n(&lock->taken, 0, __ATOMIC_RELEASE);
}

static inline bool lock_is_waited_for(const struct lock *lock)
{
	return __atomic_load_n(&lock->waiting, __ATOMIC_RELAXED) != 0;
}

/* How often it was taken: another number than before tells that somebody has. */
static inline uint32_t lock_takings(const struct lock *lock)
{
	return __atomic_load_n(&lock->takings, __ATOMIC_RELAXED);
}

#endif

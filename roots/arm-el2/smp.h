/* SPDX-License-Identifier: BSD-2-Clause */
/* Several CPUs in one root. The essay is in smp.c. */
#ifndef SMP_H
#define SMP_H

#include <stdbool.h>
#include <stdint.h>

struct arm_cpu;
struct arm_vcpu;

/* This CPU, the `number`th: its share of the scheduler, its traps and timers. */
void cpu_init(unsigned number);

/* The lock's, in ticks of the counter. */
struct smp_use {
	uint64_t steps;     /* for which it was held, */
	uint64_t held;      /* in all, */
	uint64_t held_most; /* and for one */
	uint64_t waits;     /* when it was not free, */
	uint64_t waited;    /* in all, */
	uint64_t waited_most;
	uint64_t taken; /* states of vCPUs, from other CPUs */
};

extern struct smp_use smp_use;

/* Whether there are other CPUs. */
extern bool smp_shared;

/* The machine's other CPUs are started; this one has the lock. */
void smp_start(void);

/* On the way back to `vcpu`, which this returns: lets go of the lock. */
struct arm_vcpu *smp_leave(struct arm_vcpu *vcpu);

/* Others may have the lock, if they wait for it; or while this CPU sleeps. */
void smp_yield(void);
void smp_sleep(void);

/* Another CPU puts the state of its loaded vCPU into memory. */
void smp_take(struct arm_cpu *cpu);

#endif

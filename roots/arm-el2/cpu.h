/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's CPUs, as EL2 of each knows itself: TPIDR_EL2 points at its struct arm_cpu. */
#ifndef CPU_H
#define CPU_H

#include "arm.h"
#include "guest.h"

struct arm_vcpu;

struct arm_cpu {
	struct cpu common;       /* first: trap_return() finds `attention` by it */
	struct arm_vcpu *loaded; /* whose state the CPU holds, or NULL */
	uint64_t stack;          /* its end */
	uint64_t timer;          /* what the root's timer is set to, or SCHED_NEVER */
	uintptr_t redistributor; /* GICv3 */
	uint32_t private_on;     /* the guests' own of the private interrupts: which are enabled */
	uint8_t interface;       /* GICv2: the CPU interface, as a bit of GICD_ITARGETSR */
	bool traps_wfi;
	bool wanted; /* another CPU waits for `loaded` to be NULL */
};

extern struct arm_cpu arm_cpus[CPUS_MAX];

/* This one. Nothing moves from one CPU to another in the midst of a function. */
static inline struct arm_cpu *arm_cpu(void)
{
	struct arm_cpu *cpu;

	__asm__("mrs %0, tpidr_el2" : "=r"(cpu));
	return cpu;
}

#endif

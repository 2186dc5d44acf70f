/* SPDX-License-Identifier: BSD-2-Clause */
#include "cpu.h"
#include "smp.h"
#include "stack.h"
#include "stage2.h"
#include "vcpu.h"

struct arm_cpu arm_cpus[CPUS_MAX];
struct stack stacks[CPUS_MAX] __attribute__((section(".noinit")));

struct sched_cpu *sched_here(void)
{
	return &arm_cpu()->common.sched;
}

void cpu_init(unsigned number)
{
	struct arm_cpu *cpu = arm_cpu();

	cpu->stack = (uint64_t)&stacks[number + 1];
	cpu->timer = SCHED_NEVER;
	sched_join(&sched, &cpu->common.sched, number, arch_now());
	stage2_init();
	vcpu_init();
}

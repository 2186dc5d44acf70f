/* SPDX-License-Identifier: BSD-2-Clause */
/* The root's loop: what the scheduler picks runs, tasks from here, vCPUs from where this returns.
 */
#include <stddef.h>

#include "doorbell.h"
#include "trace.h"
#include "vio_types.h"

struct sched sched;

static void leave(struct cpu *cpu, const struct sched_entity *next)
{
	if (!cpu->running || next == &cpu->running->entity)
		return;
	vcpu_step(cpu->running, VCPU_DO_PREEMPT); /* unless it has stopped by itself */
	if (cpu->running->rings)
		doorbell_leave(cpu->running);
	cpu->running = NULL;
}

static struct vcpu *enter(struct cpu *cpu, struct vcpu *vcpu)
{
	cpu->running = vcpu;
	vcpu_step(vcpu, VCPU_DO_SCHEDULE); /* unless it goes on */
	arch_load(vcpu);
	return vcpu;
}

void guest_defer(struct guest *guest)
{
	struct cpu *cpu = cpu_here();

	cpu->sched.attention = true;
	if (!cpu->running || cpu->running->guest != guest)
		sched_ready(&guest->task);
}

/* What the guest's own kicks brought about is done in its own time, and not beyond. */
static void serve(struct cpu *cpu)
{
	cpu->sched.attention = false;
	while (cpu->running && arch_service(cpu->running->guest)) {
		if (arch_now() >= cpu->sched.deadline) {
			sched_ready(&cpu->running->guest->task);
			break;
		}
		arch_yield();
	}
}

struct vcpu *guest_next(void)
{
	struct cpu *cpu = cpu_here();

	for (;;) {
		struct sched_entity *next = NULL;

		serve(cpu);
		if (cpu->running && !cpu->sched.changed)
			return cpu->running;
		arch_poll();
		next = sched_pick(&cpu->sched, arch_now());
		if (vio_unlikely(trace != NULL))
			trace_picked(next);
		arch_timer(cpu->sched.deadline);
		leave(cpu, next);
		if (cpu->sched.changed)
			continue; /* a bell has woken somebody */
		if (!next) {
			arch_interrupts(true);
		} else if (next->run) {
			next->run(next);
			arch_interrupts(false);
		} else {
			return enter(cpu, VIO_CONTAINER_OF(next, struct vcpu, entity));
		}
	}
}

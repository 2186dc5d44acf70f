/* SPDX-License-Identifier: BSD-2-Clause */
/* The root's loop: what the scheduler picks runs, tasks from here, vCPUs from where this returns.
 */
#include <stddef.h>

#include "doorbell.h"
#include "trace.h"
#include "vio_types.h"

struct sched sched;

/* The vCPU that this returned last, as long as that may go on. */
static struct vcpu *running;

static void leave(const struct sched_entity *next)
{
	if (!running || next == &running->entity)
		return;
	vcpu_step(running, VCPU_DO_PREEMPT); /* unless it has stopped by itself */
	if (running->rings)
		doorbell_leave(running);
	running = NULL;
}

static struct vcpu *enter(struct vcpu *vcpu)
{
	running = vcpu;
	vcpu_step(vcpu, VCPU_DO_SCHEDULE); /* unless it goes on */
	arch_load(vcpu);
	return vcpu;
}

void guest_defer(struct guest *guest)
{
	attention = true;
	if (!running || running->guest != guest)
		sched_ready(&guest->task);
}

/* What the guest's own kicks brought about is done in its own time, and not beyond. */
static void serve(void)
{
	attention = false;
	while (running && arch_service(running->guest)) {
		if (arch_now() >= sched.deadline) {
			sched_ready(&running->guest->task);
			break;
		}
	}
}

struct vcpu *guest_next(void)
{
	for (;;) {
		struct sched_entity *next = NULL;

		serve();
		if (running && !sched.changed)
			return running;
		arch_poll();
		next = sched_pick(&sched, arch_now());
		if (vio_unlikely(trace != NULL))
			trace_picked(next);
		arch_timer(sched.deadline);
		leave(next);
		if (sched.changed)
			continue; /* a bell has woken somebody */
		if (!next) {
			arch_interrupts(true);
		} else if (next->run) {
			next->run(next);
			arch_interrupts(false);
		} else {
			return enter(VIO_CONTAINER_OF(next, struct vcpu, entity));
		}
	}
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of a vCPU: the table is the figure in docs/guests.md. */
#include "guest.h"

unsigned vcpus_alive;

#define STATE_BIT(state) (1U << (state))

/* From which states a step leads, and where to. */
static const struct {
	unsigned from;
	enum vcpu_state to;
} steps[VCPU_STEPS] = {
	[VCPU_DO_CREATE] = { STATE_BIT(VCPU_UNKNOWN), VCPU_RESET },
	[VCPU_DO_DESTROY] = { STATE_BIT(VCPU_RESET), VCPU_UNKNOWN },
	[VCPU_DO_KICK] = { STATE_BIT(VCPU_RESET), VCPU_READY },
	[VCPU_DO_SCHEDULE] = { STATE_BIT(VCPU_READY), VCPU_RUNNING },
	[VCPU_DO_PREEMPT] = { STATE_BIT(VCPU_RUNNING), VCPU_READY },
	[VCPU_DO_PAUSE] = { STATE_BIT(VCPU_READY) | STATE_BIT(VCPU_RUNNING), VCPU_PAUSED },
	[VCPU_DO_RESUME] = { STATE_BIT(VCPU_PAUSED), VCPU_READY },
	[VCPU_DO_HALT] = { STATE_BIT(VCPU_READY) | STATE_BIT(VCPU_RUNNING) | STATE_BIT(VCPU_PAUSED),
			   VCPU_HALTED },
	[VCPU_DO_RESET] = { STATE_BIT(VCPU_READY) | STATE_BIT(VCPU_RUNNING) |
				    STATE_BIT(VCPU_PAUSED) | STATE_BIT(VCPU_HALTED),
			    VCPU_RESET },
};

static bool is_alive(enum vcpu_state state)
{
	return state == VCPU_READY || state == VCPU_RUNNING || state == VCPU_PAUSED;
}

/* Off, or never to run again: nobody goes on with it, another CPU in its midst neither. */
static void stop(struct vcpu *vcpu)
{
	struct sched_cpu *cpu = vcpu->entity.runs_on;

	vcpu->paused = 0;
	sched_block(&vcpu->entity, SCHED_NEVER);
	if (!cpu || cpu == sched_here())
		return;
	arch_stop(vcpu);
	VIO_CONTAINER_OF(cpu, struct cpu, sched)->running = NULL;
}

bool vcpu_step(struct vcpu *vcpu, enum vcpu_step step)
{
	enum vcpu_state to = steps[step].to;

	if (!(steps[step].from & STATE_BIT(vcpu->state)))
		return false;
	if (is_alive(to) != is_alive(vcpu->state))
		vcpus_alive += is_alive(to) ? 1 : -1U;
	vcpu->state = to;
	switch (to) {
	case VCPU_READY:
		sched_ready(&vcpu->entity);
		break;
	case VCPU_RESET:
	case VCPU_HALTED:
		if (step != VCPU_DO_CREATE)
			stop(vcpu);
		break;
	default:
		break;
	}
	return true;
}

void vcpu_pause(struct vcpu *vcpu, unsigned reason, uint64_t wake_at)
{
	if (!is_alive(vcpu->state))
		return;
	vcpu->paused |= reason;
	if (vcpu_step(vcpu, VCPU_DO_PAUSE))
		sched_block(&vcpu->entity, wake_at);
}

void vcpu_resume(struct vcpu *vcpu, unsigned reason)
{
	vcpu->paused &= ~reason;
	if (!vcpu->paused)
		vcpu_step(vcpu, VCPU_DO_RESUME);
}

bool vcpu_start(struct vcpu *vcpu, uint64_t entry, uint64_t argument)
{
	if (vcpu->state != VCPU_RESET)
		return false;
	arch_reset_vcpu(vcpu, entry, argument);
	return vcpu_step(vcpu, VCPU_DO_KICK);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "trace.h"

#include "text.h"

struct trace_ring *trace;

static void name(const struct guest *guest)
{
	char *to = trace->names[guest->number % TRACE_GUESTS];

	if (to[0] == '\0')
		memcpy(to, guest->name, strnlen(guest->name, TRACE_NAME - 1));
}

void trace_write(enum trace_kind kind, const struct vcpu *vcpu, uint32_t argument, uint64_t detail)
{
	uint32_t number = __atomic_fetch_add(&trace->written, 1, __ATOMIC_RELAXED);
	struct trace_event *event = &trace->events[number & (trace->capacity - 1)];

	*event = (struct trace_event){
		.time = arch_now(),
		.detail = detail,
		.argument = argument,
		.kind = (uint8_t)kind,
		.cpu = sched_here()->number,
		.guest = (uint8_t)(vcpu ? vcpu->guest->number : 0),
		.vcpu = (uint8_t)(vcpu ? vcpu->index : 0),
	};
}

static void run(const struct vcpu *vcpu)
{
	name(vcpu->guest);
	trace_write(TRACE_RUN, vcpu, 0, 0);
}

void trace_picked(struct sched_entity *next)
{
	if (!next)
		trace_write(TRACE_IDLE, NULL, 0, 0);
	else if (next->run)
		trace_write(TRACE_TASK, NULL, 0, (uintptr_t)next->run);
	else
		run(VIO_CONTAINER_OF(next, struct vcpu, entity));
}

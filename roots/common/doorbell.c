/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "doorbell.h"

static bool is_there(const struct doorbell_end *end)
{
	if (end->rung)
		return true;
	return end->guest &&
	       (end->guest->state == GUEST_RUNNING || end->guest->state == GUEST_HALTED);
}

static void set_status(struct doorbell_end *end, uint32_t status)
{
	bool up = status != 0;

	if (up != (end->status != 0) || (up && end->edge))
		arch_set_line(end->guest, end->intid, up);
	end->status = status;
}

static void signal(struct doorbell_end *end, uint32_t bit)
{
	if (!is_there(end))
		return;
	if (end->rung)
		end->rung(end);
	else
		set_status(end, end->status | bit);
}

void doorbell_ring(struct doorbell_end *end)
{
	signal(end->other, DOORBELL_STATUS_RUNG);
}

/* ---- Rings for later ---- */

/* At the latest the end of its slice makes the vCPU leave: its guest's task waits for that. */
static void ring_later(struct doorbell_end *end, struct vcpu *vcpu)
{
	end->later = true;
	vcpu->rings = true;
	sched_ready(&vcpu->guest->task);
}

static const struct region_ops bank_ops;

void doorbell_leave(struct vcpu *vcpu)
{
	const struct space *space = &vcpu->guest->space;

	vcpu->rings = false;
	for (unsigned i = 0; i < space->count; i++) {
		const struct region *region = space->regions[i];
		struct doorbell_end *end = region->owner;

		if (region->ops != &bank_ops || !end->later)
			continue;
		end->later = false;
		doorbell_ring(end);
	}
}

/* ---- The registers ---- */

static uint64_t half(uint64_t value, uint64_t offset)
{
	return offset & 4 ? value >> 32 : (uint32_t)value;
}

static uint64_t read(void *owner, struct vcpu *vcpu, uint64_t offset, unsigned width)
{
	const struct doorbell_end *end = owner;

	(void)vcpu;
	if (width != 4)
		return 0;
	switch (offset) {
	case DOORBELL_MAGIC:
		return DOORBELL_MAGIC_VALUE;
	case DOORBELL_VERSION:
		return DOORBELL_VERSION_VALUE;
	case DOORBELL_PEER:
		return is_there(end->other) ? end->other->starts : 0;
	case DOORBELL_STATUS:
		return end->status;
	case DOORBELL_BUFFER:
	case DOORBELL_BUFFER + 4:
		return end->buffer ? half(end->buffer->base, offset) : 0;
	case DOORBELL_BUFFER_SIZE:
	case DOORBELL_BUFFER_SIZE + 4:
		return end->buffer ? half(end->buffer->size, offset) : 0;
	default:
		return 0;
	}
}

static void write(void *owner, struct vcpu *vcpu, uint64_t offset, unsigned width, uint64_t value)
{
	struct doorbell_end *end = owner;

	if (width != 4)
		return;
	switch (offset) {
	case DOORBELL_RING:
		if (value == DOORBELL_RING_NOW)
			doorbell_ring(end);
		else if (value == DOORBELL_RING_LATER)
			ring_later(end, vcpu);
		break;
	case DOORBELL_STATUS:
		set_status(end, end->status & ~(uint32_t)value);
		break;
	default:
		break;
	}
}

static void prepare(void *owner)
{
	struct doorbell_end *end = owner;

	set_status(end, 0);
	end->later = false;
	end->starts++;
	signal(end->other, DOORBELL_STATUS_PEER);
}

static const struct region_ops bank_ops = {
	.read = read,
	.write = write,
	.prepare = prepare,
};

/* ---- Ends ---- */

static struct doorbell_end *take_end(struct doorbell *doorbell, unsigned n)
{
	struct doorbell_end *end = &doorbell->ends[n];

	doorbell->ends[0].other = &doorbell->ends[1];
	doorbell->ends[1].other = &doorbell->ends[0];
	return end;
}

enum guest_error doorbell_attach(struct doorbell *doorbell, unsigned n, struct guest *guest,
				 uint64_t base, unsigned intid, const struct region *buffer)
{
	struct doorbell_end *end = take_end(doorbell, n);

	end->guest = guest;
	end->rung = NULL;
	end->intid = intid;
	end->buffer = buffer;
	end->status = 0;
	end->edge = false;
	end->later = false;
	end->bank = (struct region){
		.base = base,
		.size = DOORBELL_SIZE,
		.ops = &bank_ops,
		.owner = end,
	};
	return guest_add(guest, &end->bank);
}

void doorbell_attach_root(struct doorbell *doorbell, unsigned n,
			  void (*rung)(struct doorbell_end *end))
{
	struct doorbell_end *end = take_end(doorbell, n);

	end->guest = NULL;
	end->rung = rung;
	end->starts = 1;
}

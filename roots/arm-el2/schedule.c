/* SPDX-License-Identifier: BSD-2-Clause */
/* Who runs next, and what is done when nobody can. */
#include "irq.h"
#include "vcpu.h"

#define GUESTS_MAX 8

static struct arm_guest *guests[GUESTS_MAX];
static unsigned guest_count;
static void (*when_over)(void);

bool attention;

bool schedule_add(struct arm_guest *guest)
{
	if (guest_count == GUESTS_MAX)
		return false;
	guests[guest_count++] = guest;
	return true;
}

bool schedule_alone(void)
{
	return guest_count == 1 && guests[0]->guest.vcpu_count == 1;
}

/* One batch of each slot that asked; what is left asks again. */
static void serve(struct arm_guest *guest)
{
	uint32_t slots = guest->board.deferred;

	guest->board.deferred = 0;
	for (; slots; slots &= slots - 1)
		vio_mmio_serve(&guest->virtio.window.slots[__builtin_ctz(slots)]);
}

static struct arm_vcpu *find_ready(void)
{
	for (unsigned i = 0; i < guest_count; i++) {
		for (unsigned j = 0; j < guests[i]->guest.vcpu_count; j++) {
			struct arm_vcpu *vcpu = &guests[i]->vcpus[j];

			if (vcpu->vcpu.state == VCPU_WAITING && vgic_pending(vcpu))
				vcpu->vcpu.state = VCPU_READY;
			if (vcpu->vcpu.state == VCPU_READY)
				return vcpu;
		}
	}
	return NULL;
}

static bool all_off(void)
{
	for (unsigned i = 0; i < guest_count; i++) {
		if (guests[i]->guest.state == GUEST_RUNNING)
			return false;
	}
	return true;
}

struct arm_vcpu *vcpu_next(void)
{
	for (;;) {
		struct arm_vcpu *vcpu;

		while (attention) {
			attention = false;
			for (unsigned i = 0; i < guest_count; i++)
				serve(guests[i]);
		}
		vcpu = find_ready();
		if (vcpu) {
			vcpu_load(vcpu);
			return vcpu;
		}
		if (all_off()) {
			when_over();
			continue;
		}
		wfi();
		irq_take();
	}
}

void root_run(void (*over)(void))
{
	when_over = over;
	vcpu_resume(vcpu_next());
}

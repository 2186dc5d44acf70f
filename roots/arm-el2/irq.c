/* SPDX-License-Identifier: BSD-2-Clause */
#include "irq.h"
#include "machine.h"
#include "root.h"
#include "trap.h"
#include "vcpu.h"

#define SPIS 96

/* One or the other, or nobody. */
static struct handler {
	void (*call)(void *owner);
	void *owner;
	struct arm_guest *guest; /* has it */
} handlers[SPIS];

void irq_attach(unsigned intid, void (*handler)(void *owner), void *owner)
{
	if (intid < GIC_SPI_FIRST || intid - GIC_SPI_FIRST >= SPIS)
		root_fatal("interrupt %u is beyond those the root takes", intid);
	handlers[intid - GIC_SPI_FIRST] = (struct handler){ handler, owner, NULL };
	gic_enable(intid, true);
}

bool arch_pass(struct guest *guest, unsigned intid)
{
	if (intid < GIC_SPI_FIRST || intid - GIC_SPI_FIRST >= SPIS)
		return false;
	handlers[intid - GIC_SPI_FIRST].guest = arm_guest(guest);
	vgic_pass(arm_guest(guest), intid, true);
	return true;
}

void arch_mask(unsigned intid)
{
	gic_enable(intid, false);
}

void arch_pass_back(struct guest *guest, unsigned intid)
{
	vgic_pass(arm_guest(guest), intid, false);
	handlers[intid - GIC_SPI_FIRST].guest = NULL;
}

void irq_init(void)
{
	gic_enable(GIC_SGI_CALL, true);
	gic_enable(GIC_PPI_MAINTENANCE, true);
	gic_enable(GIC_PPI_HTIMER, true);
}

static const struct handler *handler_of(uint32_t intid)
{
	static const struct handler nobody;

	return intid >= GIC_SPI_FIRST && intid - GIC_SPI_FIRST < SPIS
		       ? &handlers[intid - GIC_SPI_FIRST]
		       : &nobody;
}

/* False: a guest has it, which is to end it. */
static bool take_spi(uint32_t intid)
{
	const struct handler *handler = handler_of(intid);

	if (handler->guest) {
		vgic_physical(&handler->guest->vcpus[0], intid);
		return false;
	}
	if (handler->call)
		handler->call(handler->owner);
	else
		gic_enable(intid, false);
	return true;
}

void irq_take(void)
{
	struct arm_cpu *cpu = arm_cpu();
	uint32_t taken = gic_acknowledge();
	uint32_t intid = taken & GIC_INTID;

	if (intid >= GIC_NONE)
		return;
	gic_drop(taken);
	switch (intid) {
	case GIC_SGI_CALL:
		break; /* what for, whoever leaves the root sees by itself */
	case GIC_PPI_VTIMER:
	case GIC_PPI_PTIMER:
		/* Only on while a vCPU is loaded; ends when that says so. */
		if (cpu->loaded) {
			vgic_physical(cpu->loaded, intid);
			return;
		}
		break;
	case GIC_PPI_HTIMER:
		cpu->common.sched.changed = true; /* which sets the timer anew */
		cpu->common.sched.attention = true;
		break;
	case GIC_PPI_MAINTENANCE:
		if (cpu->loaded)
			vgic_maintenance(cpu->loaded);
		break;
	default:
		if (!take_spi(intid))
			return;
		break;
	}
	gic_deactivate(taken);
}

struct arm_vcpu *trap_irq(struct arm_vcpu *vcpu)
{
	vcpu->vcpu.exits[EXIT_INTERRUPT]++;
	irq_take();
	return trap_return(vcpu);
}

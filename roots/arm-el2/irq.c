/* SPDX-License-Identifier: BSD-2-Clause */
#include "irq.h"
#include "machine.h"
#include "root.h"
#include "trap.h"
#include "vcpu.h"

#define SPIS 96

static struct handler {
	void (*call)(void *owner);
	void *owner;
} handlers[SPIS];

void irq_attach(unsigned intid, void (*handler)(void *owner), void *owner)
{
	if (intid < GIC_SPI_FIRST || intid - GIC_SPI_FIRST >= SPIS)
		root_fatal("interrupt %u is beyond those the root takes", intid);
	handlers[intid - GIC_SPI_FIRST] = (struct handler){ handler, owner };
	gic_enable(intid, true);
}

void irq_init(void)
{
	gic_enable(GIC_PPI_MAINTENANCE, true);
	gic_enable(GIC_PPI_HTIMER, true);
}

static void take_spi(uint32_t intid)
{
	struct handler *handler;

	if (intid < GIC_SPI_FIRST || intid - GIC_SPI_FIRST >= SPIS ||
	    !handlers[intid - GIC_SPI_FIRST].call) {
		gic_enable(intid, false);
		return;
	}
	handler = &handlers[intid - GIC_SPI_FIRST];
	handler->call(handler->owner);
}

void irq_take(void)
{
	uint32_t intid = gic_acknowledge();

	if (intid >= GIC_NONE)
		return;
	gic_drop(intid);
	switch (intid) {
	case GIC_PPI_VTIMER:
	case GIC_PPI_PTIMER:
		/* Only on while a vCPU is loaded; ends when that says so. */
		vgic_timer(loaded, intid);
		return;
	case GIC_PPI_HTIMER:
		sched.changed = true; /* which sets the timer anew */
		attention = true;
		break;
	case GIC_PPI_MAINTENANCE:
		vgic_maintenance(loaded);
		break;
	default:
		take_spi(intid);
		break;
	}
	gic_deactivate(intid);
}

struct arm_vcpu *trap_irq(struct arm_vcpu *vcpu)
{
	irq_take();
	return trap_return(vcpu);
}

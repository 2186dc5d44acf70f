/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's interrupt controller: GICv2 or GICv3, as the machine's. The essay is in vgic.c. */
#ifndef VGIC_H
#define VGIC_H

#include <stdbool.h>
#include <stdint.h>

#include "gic.h"
#include "guest.h"

#define VGIC_PRIVATE 32 /* SGIs 0 to 15 and PPIs 16 to 31: each vCPU has its own */
#define VGIC_SPIS    96
#define VGIC_INTIDS  (VGIC_PRIVATE + VGIC_SPIS)

#define VGIC_NO_LR   0xff

struct vgic_irq {
	uint8_t priority;
	uint8_t target; /* vCPU index of an SPI */
	uint8_t lr; /* the list register it last was in, if no other took that over, or VGIC_NO_LR
		     */
	uint8_t senders; /* GICv2 SGI: vCPUs that sent it, a bit each */
	bool enabled;
	bool group1;
	bool edge;
	bool line;   /* the device holds its line up */
	bool latch;  /* pending without line: edge, SGI, timer, or written to ISPENDR */
	bool active; /* written while in no list register */
	bool quick;  /* a level in a list register, enabled: raise and lower need touch nothing else
		      */
	bool hardware; /* behind it is the physical interrupt of the same number: a timer's, or an
			  SPI that is passed through, */
	bool physical; /* which is active until the guest has ended this one */
};

/* One vCPU's share. */
struct vgic_cpu {
	struct vgic_irq irqs[VGIC_PRIVATE];
	uint16_t owner[GIC_LRS];            /* intid in each list register, or VGIC_INTIDS */
	struct gic_context context;         /* while not loaded */
	uint32_t waiting[VGIC_INTIDS / 32]; /* to be looked at when a list register is free */
	bool overflow;
	bool knocked; /* another CPU than that which holds its state has one waiting for it */
};

struct vgic {
	struct vgic_irq spis[VGIC_SPIS];
	uint32_t ctlr; /* GICD_CTLR as the guest wrote it: group enables only */
	struct region distributor;
	struct region redistributor; /* GICv3 */
};

struct arm_vcpu;
struct arm_guest;

/* Puts the controller into the guest's address space; false when there is no room. */
bool vgic_init(struct arm_guest *guest);

/* As after power-on, whatever was there; and ending what was physically active before that. */
void vgic_clear(struct arm_guest *guest);
void vgic_reset(struct arm_guest *guest);

/* The level of SPI `intid` (a device's line). Any time, whichever vCPU is loaded. */
void vgic_raise(struct arm_guest *guest, unsigned intid);
void vgic_lower(struct arm_guest *guest, unsigned intid);

/*
 * SPI `intid` has the physical interrupt of the same number behind it, or, as at first, has not.
 * That is enabled as the guest enables its own, from now on or its next reset.
 */
void vgic_pass(struct arm_guest *guest, unsigned intid, bool pass);

/*
 * The physical interrupt `intid` fired, and its priority was dropped: of the timer of `vcpu`, which
 * is loaded, or an SPI of its guest.
 */
void vgic_physical(struct arm_vcpu *vcpu, unsigned intid);

/* ICC_SGI1R_EL1 was written. */
void vgic_sgi1r(struct arm_vcpu *vcpu, uint64_t value);

/* Maintenance interrupt of the loaded vCPU. */
void vgic_maintenance(struct arm_vcpu *vcpu);

/* The vCPU leaves the CPU, and is not the loaded one any more; or gets it, and is. */
void vgic_put(struct arm_vcpu *vcpu);
void vgic_load(struct arm_vcpu *vcpu);

/* What other CPUs had for the loaded vCPU meanwhile. */
void vgic_look(struct arm_vcpu *vcpu);

/* Whether an enabled interrupt awaits the vCPU: it must not sleep. */
bool vgic_pending(struct arm_vcpu *vcpu);

/* For the register banks (vgic_fields.c). */
struct vgic_irq *vgic_irq(struct arm_vcpu *vcpu, unsigned intid);
/* Fetches what the list registers know of `irq`, whose lr is then VGIC_NO_LR. */
void vgic_take_back(struct arm_vcpu *vcpu, unsigned intid);
/* A private interrupt of the guests on this CPU: `enable` or disable the physical one. */
void vgic_enable(unsigned intid, bool enable);
/* After `irq`, which is in no list register, lost its pending or active state. */
void vgic_settle(struct arm_vcpu *vcpu, unsigned intid);
/* After any change to `irq`: offers it to its vCPU again. */
void vgic_offer(struct arm_vcpu *vcpu, unsigned intid);
/* The vCPU that gets interrupt `intid` when `vcpu` asks. */
struct arm_vcpu *vgic_target(struct arm_vcpu *vcpu, unsigned intid);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's interrupt controller, GICv2 or GICv3: taking interrupts at EL2, and the list
 * registers through which the guest gets its own (vgic.c decides what goes into them).
 */
#ifndef GIC_H
#define GIC_H

#include <stdbool.h>

#include "arm.h"

#define GIC_SGI_CALL        0
#define GIC_PPI_MAINTENANCE 25
#define GIC_PPI_HTIMER      26 /* the root's own */
#define GIC_PPI_VTIMER      27
#define GIC_PPI_PTIMER      30
#define GIC_SPI_FIRST       32
#define GIC_INTID           0x3ffU
#define GIC_NONE            1020 /* from here up acknowledging found no interrupt */

/* Every GIC in reach has four list registers; a guest that needs more at a time is queued. */
#define GIC_LRS             4

/* A list register as GICv3 has it (ICH_LR<n>_EL2); gic_v2.c translates. */
#define LR_EOI              (1ULL << 41) /* maintenance interrupt at the guest's EOI; not LR_HW */
#define LR_PHYSICAL(id)     ((uint64_t)(id) << 32)
#define LR_PRIORITY(p)      ((uint64_t)(p) << 48)
#define LR_GROUP1           (1ULL << 60)
#define LR_HW               (1ULL << 61)
#define LR_PENDING          (1ULL << 62)
#define LR_ACTIVE           (1ULL << 63)
#define LR_STATE            (LR_PENDING | LR_ACTIVE)
/* GICv2 only, for software generated interrupts: the sender, in the place of LR_PHYSICAL */
#define LR_SENDER(cpu)      ((uint64_t)(cpu) << 32)

/* Virtual interface control: ICH_HCR_EL2 and GICH_HCR alike. */
#define VHCR_ENABLE         (1U << 0)
#define VHCR_UNDERFLOW                                                                             \
	(1U << 1) /* maintenance interrupt when at most one list register is in use */

/* The guest's side of the CPU interface while its vCPU is not loaded. */
struct arm_cpu;

struct gic_context {
	uint64_t lr[GIC_LRS];
	uint32_t vmcr;
	uint32_t apr0;
	uint32_t apr1;
};

struct gic {
	unsigned version;        /* 2 or 3 */
	uintptr_t distributor;   /* all of them root's addresses */
	uintptr_t redistributor; /* GICv3: the first */
	uintptr_t cpu;           /* GICv2: GICC */
	uintptr_t hypervisor;    /* GICv2: GICH */
	uint64_t guest_cpu; /* GICv2: GICV, physical, to be mapped where the guest looks for GICC */
};

extern struct gic gic;

/* Reads the controller's place and kind from the machine's device tree and sets it up for EL2. */
void gic_init(const void *fdt);

/* The share of another CPU, which calls this. */
void gic_join(void);

/* Interrupts another CPU, with GIC_SGI_CALL. */
void gic_call(const struct arm_cpu *cpu);

/* `enable` or disable a physical interrupt. */
void gic_enable(unsigned intid, bool enable);

/*
 * Take the most urgent interrupt; drop its priority; end it. A guest ends those of LR_HW itself.
 * What names it for the other two has its number in the bits of GIC_INTID.
 */
uint32_t gic_acknowledge(void);
void gic_drop(uint32_t intid);
void gic_deactivate(uint32_t intid);

/* A private interrupt is, or is not, active: what a vCPU has not ended yet goes with it. */
void gic_set_active(unsigned intid, bool active);

/* Maintenance: the list registers whose interrupt the guest has ended with LR_EOI set, a bit each.
 */
uint32_t gic_ended(void);
void gic_set_vhcr(uint32_t value);

void gic_save(struct gic_context *context);
void gic_restore(const struct gic_context *context);

uint64_t gic_v2_lr(unsigned n);
void gic_v2_set_lr(unsigned n, uint64_t value);

static inline uint64_t gic_v3_lr(unsigned n)
{
	switch (n) {
	case 0:
		return read_sysreg(ich_lr0_el2);
	case 1:
		return read_sysreg(ich_lr1_el2);
	case 2:
		return read_sysreg(ich_lr2_el2);
	default:
		return read_sysreg(ich_lr3_el2);
	}
}

static inline void gic_v3_set_lr(unsigned n, uint64_t value)
{
	switch (n) {
	case 0:
		write_sysreg(ich_lr0_el2, value);
		break;
	case 1:
		write_sysreg(ich_lr1_el2, value);
		break;
	case 2:
		write_sysreg(ich_lr2_el2, value);
		break;
	default:
		write_sysreg(ich_lr3_el2, value);
		break;
	}
}

/* List register `n` of the loaded vCPU: on the path of every interrupt a device raises. */
static inline uint64_t gic_lr(unsigned n)
{
	return gic.version == 3 ? gic_v3_lr(n) : gic_v2_lr(n);
}

static inline void gic_set_lr(unsigned n, uint64_t value)
{
	if (gic.version == 3)
		gic_v3_set_lr(n, value);
	else
		gic_v2_set_lr(n, value);
}

#endif

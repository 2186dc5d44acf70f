/* SPDX-License-Identifier: BSD-2-Clause */
/* What gic.c needs of each version. */
#ifndef GIC_OPS_H
#define GIC_OPS_H

#include "gic.h"

struct gic_ops {
	void (*init)(void);
	void (*join)(void);
	void (*call)(const struct arm_cpu *cpu);
	void (*enable)(unsigned intid, bool enable);
	uint32_t (*acknowledge)(void);
	void (*drop)(uint32_t intid);
	void (*deactivate)(uint32_t intid);
	void (*set_active)(unsigned intid, bool active);
	uint32_t (*ended)(void);
	void (*set_vhcr)(uint32_t value);
	void (*save)(struct gic_context *context);
	void (*restore)(const struct gic_context *context);
};

extern const struct gic_ops gic_v2_ops, gic_v3_ops;

/* Distributor registers, the same in both; each bank indexed by interrupt. */
#define GICD_CTLR       0x000
#define GICD_TYPER      0x004
#define GICD_IGROUPR    0x080
#define GICD_ISENABLER  0x100
#define GICD_ICENABLER  0x180
#define GICD_ISACTIVER  0x300
#define GICD_ICACTIVER  0x380
#define GICD_IPRIORITYR 0x400
#define GICD_ITARGETSR  0x800
#define GICD_SGIR       0xf00

#endif

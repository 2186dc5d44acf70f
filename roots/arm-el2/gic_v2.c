/* SPDX-License-Identifier: BSD-2-Clause */
/* GICv2: everything is memory-mapped; GICC for the root, GICH for its hold on the guest's GICV. */
#include "cpu.h"
#include "gic_ops.h"

#define GICC_CTLR          0x000
#define GICC_PMR           0x004
#define GICC_IAR           0x00c
#define GICC_EOIR          0x010
#define GICC_DIR           0x1000

#define GICC_CTLR_ENABLE   (1U << 0)
#define GICC_CTLR_EOIMODE  (1U << 9) /* EOIR drops the priority, DIR ends the interrupt */

#define GICH_HCR           0x000
#define GICH_VMCR          0x008
#define GICH_EISR0         0x020
#define GICH_APR           0x0f0
#define GICH_LR0           0x100

#define LR2_EOI            (1U << 19)
#define LR2_PHYSICAL_SHIFT 10
#define LR2_PRIORITY_SHIFT 23
#define LR2_STATE_SHIFT    28
#define LR2_GROUP1         (1U << 30)
#define LR2_HW             (1U << 31)

static void v2_init(void)
{
	unsigned lines = (mmio_read32(gic.distributor + GICD_TYPER) & 31) + 1;
	uint32_t here = mmio_read32(gic.distributor + GICD_ITARGETSR) & 0xff;

	if (!here)
		here = 1; /* it is the only one */
	mmio_write32(gic.distributor + GICD_CTLR, 0);
	for (uintptr_t word = 1; word < lines; word++) {
		mmio_write32(gic.distributor + GICD_ICENABLER + word * 4, ~0U);
		mmio_write32(gic.distributor + GICD_ICACTIVER + word * 4, ~0U);
	}
	for (uintptr_t intid = GIC_SPI_FIRST; intid < (uintptr_t)lines * 32; intid += 4) {
		mmio_write32(gic.distributor + GICD_IPRIORITYR + intid, 0xa0a0a0a0);
		mmio_write32(gic.distributor + GICD_ITARGETSR + intid, here * 0x01010101U);
	}
	mmio_write32(gic.distributor + GICD_CTLR, 1);
}

static void v2_join(void)
{
	arm_cpu()->interface = mmio_read32(gic.distributor + GICD_ITARGETSR) & 0xff;
	mmio_write32(gic.distributor + GICD_ICENABLER, ~0U);
	mmio_write32(gic.distributor + GICD_ICACTIVER, ~0U);
	for (uintptr_t intid = 0; intid < GIC_SPI_FIRST; intid += 4)
		mmio_write32(gic.distributor + GICD_IPRIORITYR + intid, 0xa0a0a0a0);
	mmio_write32(gic.cpu + GICC_PMR, 0xff);
	mmio_write32(gic.cpu + GICC_CTLR, GICC_CTLR_ENABLE | GICC_CTLR_EOIMODE);
}

static void v2_call(const struct arm_cpu *cpu)
{
	dsb(); /* what it is to see is written */
	mmio_write32(gic.distributor + GICD_SGIR, (uint32_t)cpu->interface << 16 | GIC_SGI_CALL);
}

static void v2_enable(unsigned intid, bool enable)
{
	mmio_write32(gic.distributor + (enable ? GICD_ISENABLER : GICD_ICENABLER) +
			     (uintptr_t)intid / 32 * 4,
		     1U << (intid % 32));
}

static uint32_t v2_acknowledge(void)
{
	return mmio_read32(gic.cpu + GICC_IAR) & 0x1fff; /* with an SGI's sender */
}

static void v2_drop(uint32_t intid)
{
	mmio_write32(gic.cpu + GICC_EOIR, intid);
}

static void v2_deactivate(uint32_t intid)
{
	mmio_write32(gic.cpu + GICC_DIR, intid);
}

static void v2_set_active(unsigned intid, bool active)
{
	mmio_write32(gic.distributor + (active ? GICD_ISACTIVER : GICD_ICACTIVER), 1U << intid);
}

static uint32_t v2_ended(void)
{
	return mmio_read32(gic.hypervisor + GICH_EISR0);
}

static void v2_set_vhcr(uint32_t value)
{
	mmio_write32(gic.hypervisor + GICH_HCR, value);
}

static void v2_save(struct gic_context *context)
{
	context->vmcr = mmio_read32(gic.hypervisor + GICH_VMCR);
	context->apr0 = mmio_read32(gic.hypervisor + GICH_APR);
}

static void v2_restore(const struct gic_context *context)
{
	mmio_write32(gic.hypervisor + GICH_VMCR, context->vmcr);
	mmio_write32(gic.hypervisor + GICH_APR, context->apr0);
}

uint64_t gic_v2_lr(unsigned n)
{
	uint32_t lr = mmio_read32(gic.hypervisor + GICH_LR0 + (uintptr_t)n * 4);
	uint64_t value = (lr & 0x3ff) | LR_PRIORITY((lr >> LR2_PRIORITY_SHIFT & 31) << 3) |
			 (uint64_t)(lr >> LR2_STATE_SHIFT & 3) << 62;

	if (lr & LR2_GROUP1)
		value |= LR_GROUP1;
	if (lr & LR2_HW)
		return value | LR_HW | LR_PHYSICAL(lr >> LR2_PHYSICAL_SHIFT & 0x3ff);
	return value | LR_SENDER(lr >> LR2_PHYSICAL_SHIFT & 7) | (lr & LR2_EOI ? LR_EOI : 0);
}

void gic_v2_set_lr(unsigned n, uint64_t value)
{
	uint32_t lr = (value & 0x3ff) | (uint32_t)(value >> 32 & 0x3ff) << LR2_PHYSICAL_SHIFT |
		      (uint32_t)(value >> 51 & 31) << LR2_PRIORITY_SHIFT |
		      (uint32_t)(value >> 62) << LR2_STATE_SHIFT;

	/* LR_EOI (41) has just become bit 19, where GICH has it; so the mask above left it in. */
	if (value & LR_GROUP1)
		lr |= LR2_GROUP1;
	if (value & LR_HW)
		lr |= LR2_HW;
	mmio_write32(gic.hypervisor + GICH_LR0 + (uintptr_t)n * 4, lr);
}

const struct gic_ops gic_v2_ops = {
	.init = v2_init,
	.join = v2_join,
	.call = v2_call,
	.enable = v2_enable,
	.acknowledge = v2_acknowledge,
	.drop = v2_drop,
	.deactivate = v2_deactivate,
	.set_active = v2_set_active,
	.ended = v2_ended,
	.set_vhcr = v2_set_vhcr,
	.save = v2_save,
	.restore = v2_restore,
};

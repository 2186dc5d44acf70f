/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GICv3: the CPU interface and the hold on the guest's are system registers.
 */
#include "gic_ops.h"

#define SRE_ALL        0xf /* system registers, no bypass, EL1 may use its own */
#define CTLR_EOIMODE   2
#define GICD_CTLR_ON   0x12 /* affinity routing, group 1 */
#define GICD_CTLR_RWP  (1U << 31)
#define GICD_IROUTER   0x6000
#define GICR_WAKER     0x14
#define GICR_SGI_FRAME 0x10000
#define WAKER_SLEEP    (1U << 1)
#define WAKER_ASLEEP   (1U << 2)

/* SGIs and PPIs stand in the redistributor, at the distributor's offsets. */
static uintptr_t frame(unsigned intid)
{
	return intid < GIC_SPI_FIRST ? gic.redistributor + GICR_SGI_FRAME : gic.distributor;
}

static void v3_init(void)
{
	unsigned words = (mmio_read32(gic.distributor + GICD_TYPER) & 31) + 1;

	mmio_write32(gic.redistributor + GICR_WAKER,
		     mmio_read32(gic.redistributor + GICR_WAKER) & ~WAKER_SLEEP);
	while (mmio_read32(gic.redistributor + GICR_WAKER) & WAKER_ASLEEP)
		;
	mmio_write32(gic.distributor + GICD_CTLR, 0);
	while (mmio_read32(gic.distributor + GICD_CTLR) & GICD_CTLR_RWP)
		;
	for (unsigned word = 0; word < words; word++) {
		uintptr_t base = frame(word * 32) + (uintptr_t)word * 4;

		mmio_write32(base + GICD_ICENABLER, ~0U);
		mmio_write32(base + GICD_ICACTIVER, ~0U);
		mmio_write32(base + GICD_IGROUPR, ~0U);
	}
	for (unsigned intid = 0; intid < words * 32; intid += 4)
		mmio_write32(frame(intid) + GICD_IPRIORITYR + intid, 0xa0a0a0a0);
	mmio_write32(gic.distributor + GICD_CTLR, GICD_CTLR_ON);
	for (unsigned intid = GIC_SPI_FIRST; intid < words * 32; intid++)
		mmio_write64(gic.distributor + GICD_IROUTER + (uintptr_t)intid * 8,
			     read_sysreg(mpidr_el1) & 0xff00ffffff);

	write_sysreg(icc_sre_el2, SRE_ALL);
	isb();
	write_sysreg(icc_sre_el1, SRE_ALL & 7);
	isb();
	write_sysreg(icc_pmr_el1, 0xff);
	write_sysreg(icc_ctlr_el1, CTLR_EOIMODE);
	write_sysreg(icc_igrpen1_el1, 1);
	isb();
}

static void v3_enable(unsigned intid, bool enable)
{
	mmio_write32(frame(intid) + (enable ? GICD_ISENABLER : GICD_ICENABLER) +
			     (uintptr_t)intid / 32 * 4,
		     1U << (intid % 32));
}

static uint32_t v3_acknowledge(void)
{
	return (uint32_t)read_sysreg(icc_iar1_el1) & 0xffffff;
}

static void v3_drop(uint32_t intid)
{
	write_sysreg(icc_eoir1_el1, intid);
}

static void v3_deactivate(uint32_t intid)
{
	write_sysreg(icc_dir_el1, intid);
}

static void v3_set_active(unsigned intid, bool active)
{
	mmio_write32(frame(intid) + (active ? GICD_ISACTIVER : GICD_ICACTIVER), 1U << intid);
}

static uint32_t v3_ended(void)
{
	return (uint32_t)read_sysreg(ich_eisr_el2);
}

static void v3_set_vhcr(uint32_t value)
{
	write_sysreg(ich_hcr_el2, value);
}

static void v3_save(struct gic_context *context)
{
	context->vmcr = (uint32_t)read_sysreg(ich_vmcr_el2);
	context->apr0 = (uint32_t)read_sysreg(ich_ap0r0_el2);
	context->apr1 = (uint32_t)read_sysreg(ich_ap1r0_el2);
}

static void v3_restore(const struct gic_context *context)
{
	write_sysreg(ich_vmcr_el2, context->vmcr);
	write_sysreg(ich_ap0r0_el2, context->apr0);
	write_sysreg(ich_ap1r0_el2, context->apr1);
}

const struct gic_ops gic_v3_ops = {
	.init = v3_init,
	.enable = v3_enable,
	.acknowledge = v3_acknowledge,
	.drop = v3_drop,
	.deactivate = v3_deactivate,
	.set_active = v3_set_active,
	.ended = v3_ended,
	.set_vhcr = v3_set_vhcr,
	.save = v3_save,
	.restore = v3_restore,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GICv3: the CPU interface and the hold on the guest's are system registers.
 */
#include "cpu.h"
#include "gic_ops.h"
#include "root.h"

#define SRE_ALL         0xf /* system registers, no bypass, EL1 may use its own */
#define CTLR_EOIMODE    2
#define GICD_CTLR_ON    0x12 /* affinity routing, group 1 */
#define GICD_CTLR_RWP   (1U << 31)
#define GICD_IROUTER    0x6000
#define GICR_TYPER      0x08
#define GICR_WAKER      0x14
#define GICR_SGI_FRAME  0x10000
#define GICR_STRIDE     0x20000
#define GICR_TYPER_LAST (1U << 4)
#define AFFINITY        0xff00ffffffU
#define WAKER_SLEEP     (1U << 1)
#define WAKER_ASLEEP    (1U << 2)

/* SGIs and PPIs stand in the redistributor, at the distributor's offsets. */
static uintptr_t frame(unsigned intid)
{
	return intid < GIC_SPI_FIRST ? arm_cpu()->redistributor + GICR_SGI_FRAME : gic.distributor;
}

static void clear(unsigned word)
{
	uintptr_t base = frame(word * 32);

	mmio_write32(base + GICD_ICENABLER + (uintptr_t)word * 4, ~0U);
	mmio_write32(base + GICD_ICACTIVER + (uintptr_t)word * 4, ~0U);
	mmio_write32(base + GICD_IGROUPR + (uintptr_t)word * 4, ~0U);
	for (unsigned intid = word * 32; intid < word * 32 + 32; intid += 4)
		mmio_write32(base + GICD_IPRIORITYR + intid, 0xa0a0a0a0);
}

static void v3_init(void)
{
	unsigned words = (mmio_read32(gic.distributor + GICD_TYPER) & 31) + 1;

	mmio_write32(gic.distributor + GICD_CTLR, 0);
	while (mmio_read32(gic.distributor + GICD_CTLR) & GICD_CTLR_RWP)
		;
	for (unsigned word = 1; word < words; word++)
		clear(word);
	mmio_write32(gic.distributor + GICD_CTLR, GICD_CTLR_ON);
	for (unsigned intid = GIC_SPI_FIRST; intid < words * 32; intid++)
		mmio_write64(gic.distributor + GICD_IROUTER + (uintptr_t)intid * 8,
			     read_sysreg(mpidr_el1) & AFFINITY);
}

/* They stand in a row, and each says whose it is. */
static uintptr_t find_redistributor(void)
{
	uint64_t mpidr = read_sysreg(mpidr_el1);
	uint32_t affinity = (uint32_t)(mpidr & 0xffffff) | (uint32_t)(mpidr >> 32) << 24;
	uintptr_t at = gic.redistributor;

	while (mmio_read32(at + GICR_TYPER + 4) != affinity) {
		if (mmio_read32(at + GICR_TYPER) & GICR_TYPER_LAST)
			root_fatal("CPU %lx has no redistributor", mpidr & AFFINITY);
		at += GICR_STRIDE;
	}
	return at;
}

static void v3_join(void)
{
	uintptr_t own = find_redistributor();

	arm_cpu()->redistributor = own;
	mmio_write32(own + GICR_WAKER, mmio_read32(own + GICR_WAKER) & ~WAKER_SLEEP);
	while (mmio_read32(own + GICR_WAKER) & WAKER_ASLEEP)
		;
	clear(0);
	write_sysreg(icc_sre_el2, SRE_ALL);
	isb();
	write_sysreg(icc_sre_el1, SRE_ALL & 7);
	isb();
	write_sysreg(icc_pmr_el1, 0xff);
	write_sysreg(icc_ctlr_el1, CTLR_EOIMODE);
	write_sysreg(icc_igrpen1_el1, 1);
	isb();
}

static void v3_call(const struct arm_cpu *cpu)
{
	uint64_t mpidr = mmio_read32(cpu->redistributor + GICR_TYPER + 4);

	dsb(); /* what it is to see is written */
	write_sysreg(icc_sgi1r_el1, (mpidr >> 24) << 48 | (mpidr >> 16 & 0xff) << 32 |
					    (mpidr >> 8 & 0xff) << 16 |
					    (uint64_t)GIC_SGI_CALL << 24 | 1ULL << (mpidr & 15));
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
	.join = v3_join,
	.call = v3_call,
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

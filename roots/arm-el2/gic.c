/* SPDX-License-Identifier: BSD-2-Clause */
#include <libfdt.h>

#include "gic_ops.h"
#include "machine.h"
#include "mmu.h"
#include "root.h"

struct gic gic;
static const struct gic_ops *ops;

/* The `index`th 64-bit address of the node's `reg`, which is claimed. */
static uint64_t reg_address(const void *fdt, int node, unsigned index)
{
	int size = 0;
	const fdt32_t *reg = fdt_getprop(fdt, node, "reg", &size);
	const fdt32_t *cells = reg + (size_t)index * 4;
	uint64_t address;

	if (!reg || size < (int)(index + 1) * 16)
		root_fatal("the interrupt controller in the machine's device tree lacks a register "
			   "block");
	address = (uint64_t)fdt32_to_cpu(cells[0]) << 32 | fdt32_to_cpu(cells[1]);
	machine_claim(address, fdt32_to_cpu(cells[3]), 0, &machine_root);
	return address;
}

void gic_init(const void *fdt)
{
	int node = fdt_node_offset_by_compatible(fdt, -1, "arm,gic-v3");

	if (node >= 0) {
		gic.version = 3;
		gic.redistributor = reg_address(fdt, node, 1) + LINEAR;
		ops = &gic_v3_ops;
	} else {
		node = fdt_node_offset_by_compatible(fdt, -1, "arm,cortex-a15-gic");
		if (node < 0)
			root_fatal("the machine has neither a GICv3 nor a GICv2");
		gic.version = 2;
		gic.cpu = reg_address(fdt, node, 1) + LINEAR;
		gic.hypervisor = reg_address(fdt, node, 2) + LINEAR;
		gic.guest_cpu = reg_address(fdt, node, 3);
		ops = &gic_v2_ops;
	}
	gic.distributor = reg_address(fdt, node, 0) + LINEAR;
	ops->init();
	gic_join();
}

void gic_join(void)
{
	ops->join();
	gic_set_vhcr(0);
}

void gic_call(const struct arm_cpu *cpu)
{
	ops->call(cpu);
}

void gic_enable(unsigned intid, bool enable)
{
	ops->enable(intid, enable);
}

uint32_t gic_acknowledge(void)
{
	return ops->acknowledge();
}

void gic_drop(uint32_t intid)
{
	ops->drop(intid);
}

void gic_deactivate(uint32_t intid)
{
	ops->deactivate(intid);
}

void gic_set_active(unsigned intid, bool active)
{
	ops->set_active(intid, active);
}

uint32_t gic_ended(void)
{
	return ops->ended();
}

void gic_set_vhcr(uint32_t value)
{
	ops->set_vhcr(value);
}

void gic_save(struct gic_context *context)
{
	for (unsigned n = 0; n < GIC_LRS; n++)
		context->lr[n] = gic_lr(n);
	ops->save(context);
}

void gic_restore(const struct gic_context *context)
{
	for (unsigned n = 0; n < GIC_LRS; n++)
		gic_set_lr(n, context->lr[n]);
	ops->restore(context);
}

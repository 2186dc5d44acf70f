/* SPDX-License-Identifier: BSD-2-Clause */
#include <libfdt.h>

#include "machine.h"
#include "root.h"

#define SPI_FIRST 32

struct machine machine = { .bootargs = "" };

static uint64_t cells(const fdt32_t *from, int count)
{
	uint64_t value = 0;

	for (int i = 0; i < count; i++)
		value = value << 32 | fdt32_to_cpu(from[i]);
	return value;
}

/* First address and size of the node's `reg`; two cells each, as on every machine we know. */
static uint64_t read_reg(int node, uint64_t *size)
{
	int len = 0;
	const fdt32_t *reg = fdt_getprop(machine.fdt, node, "reg", &len);

	if (!reg || len < 16)
		root_fatal("node %s in the machine's device tree has no usable reg property",
			   fdt_get_name(machine.fdt, node, NULL));
	if (size)
		*size = cells(reg + 2, 2);
	return cells(reg, 2);
}

static struct machine_device read_device(int node)
{
	struct machine_device device = { .base = read_reg(node, NULL) };
	int len = 0;
	const fdt32_t *interrupt = fdt_getprop(machine.fdt, node, "interrupts", &len);

	if (interrupt && len >= 12)
		device.intid = SPI_FIRST + fdt32_to_cpu(interrupt[1]);
	return device;
}

static void read_memory(void)
{
	int node = fdt_node_offset_by_prop_value(machine.fdt, -1, "device_type", "memory",
						 sizeof("memory"));

	if (node < 0)
		root_fatal("the machine's device tree describes no memory");
	machine.ram_base = read_reg(node, &machine.ram_size);
}

static uint64_t read_address(int node, const char *name)
{
	int len = 0;
	const fdt32_t *value = fdt_getprop(machine.fdt, node, name, &len);

	return value ? cells(value, len / 4) : 0;
}

static void read_chosen(void)
{
	int node = fdt_path_offset(machine.fdt, "/chosen");
	const char *bootargs;

	if (node < 0)
		return;
	bootargs = fdt_getprop(machine.fdt, node, "bootargs", NULL);
	if (bootargs)
		machine.bootargs = bootargs;
	machine.bundle = read_address(node, "linux,initrd-start");
	machine.bundle_size = read_address(node, "linux,initrd-end") - machine.bundle;
}

static void read_cpu(int node)
{
	if (fdt_stringlist_search(machine.fdt, node, "enable-method", "psci") >= 0 &&
	    machine.cpu_count < MACHINE_CPUS)
		machine.cpus[machine.cpu_count++] = read_address(node, "reg");
}

static void read_cpus(void)
{
	int node = fdt_path_offset(machine.fdt, "/psci");

	if (fdt_stringlist_search(machine.fdt, node, "method", "smc") < 0)
		return;
	node = -1;
	while ((node = fdt_node_offset_by_prop_value(machine.fdt, node, "device_type", "cpu",
						     sizeof("cpu"))) >= 0)
		read_cpu(node);
}

/* The tree has them in any order. */
static void read_virtio(void)
{
	int node = -1;
	uint64_t last = 0;

	while ((node = fdt_node_offset_by_compatible(machine.fdt, node, "virtio,mmio")) >= 0) {
		uint64_t size;
		uint64_t base = read_reg(node, &size);

		if (machine.virtio_count == 0 || base < machine.virtio.base)
			machine.virtio = read_device(node);
		if (base > last)
			last = base;
		machine.virtio_stride = (unsigned)size;
		machine.virtio_count++;
	}
	if (machine.virtio_count &&
	    last != machine.virtio.base +
			    (uint64_t)(machine.virtio_count - 1) * machine.virtio_stride)
		root_fatal("the machine's virtio-mmio transports do not stand in a row");
}

void machine_read(const void *fdt)
{
	int node;

	machine.fdt = fdt;
	if (fdt_check_header(fdt))
		root_fatal("the boot loader passed no device tree");
	node = fdt_node_offset_by_compatible(fdt, -1, "arm,pl011");
	if (node >= 0)
		machine.uart = read_device(node);
	node = fdt_node_offset_by_compatible(fdt, -1, "arm,pl031");
	if (node >= 0)
		machine.clock = read_device(node);
	read_memory();
	read_chosen();
	read_virtio();
	read_cpus();
}

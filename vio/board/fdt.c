/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The board as a device tree (Devicetree Specification 0.4; bindings as Linux documents them),
 * written front to back: libfdt appends nodes and properties to the buffer and keeps no state
 * elsewhere. The first error sticks, later calls do nothing. Names of properties are written as
 * often as they come: to find each among those that are there would be most of the work.
 */
#include <libfdt.h>

#include "vio_board.h"

/* More than any tree of ours needs beside what depends on the guest; the tests hold it to that. */
#define SPACE_FIXED    6656
#define SPACE_PER_CPU  144
#define SPACE_PER_NODE 288

#define GICV2_CPUS     8

/* Phandles. */
enum {
	PHANDLE_INTERRUPTS = 1, /* GIC, or the MIPS CPU's lines */
	PHANDLE_CLOCK = 2,
	PHANDLE_POWER = 3,
};

/* First and third cell of an interrupt specifier. */
enum {
	GIC_SPI = 0,
	GIC_PPI = 1,
	GIC_LEVEL_HIGH = 4,
	GICV2_CPU_MASK_SHIFT = 8,
};

struct writer {
	void *fdt;
	int error;
	const struct vio_board *board;
	const struct vio_board_guest *guest;
};

/* ---- Nodes and properties ---- */

static void keep_first(struct writer *w, int error)
{
	if (w->error == 0)
		w->error = error;
}

static void begin(struct writer *w, const char *name)
{
	keep_first(w, fdt_begin_node(w->fdt, name));
}

#define NAME_SIZE 48

/* `prefix`, which is short, and the node's unit address or index in hexadecimal. */
static void make_name(char *name, const char *prefix, uint64_t address)
{
	int shift = 60;

	while (*prefix != '\0')
		*name++ = *prefix++;
	*name++ = '@';
	while (shift > 0 && address >> shift == 0)
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*name++ = "0123456789abcdef"[(address >> shift) & 15];
	*name = '\0';
}

static void begin_at(struct writer *w, const char *prefix, uint64_t address)
{
	char name[NAME_SIZE];

	make_name(name, prefix, address);
	begin(w, name);
}

static void end(struct writer *w)
{
	keep_first(w, fdt_end_node(w->fdt));
}

static void bytes(struct writer *w, const char *name, const void *value, size_t size)
{
	keep_first(w, fdt_property(w->fdt, name, value, (int)size));
}

#define strings(w, name, text) bytes(w, name, text, sizeof(text))

static size_t string_size(const char *text)
{
	size_t len = 0;

	while (text[len] != '\0')
		len++;
	return len + 1;
}

static void string(struct writer *w, const char *name, const char *text)
{
	bytes(w, name, text, string_size(text));
}

static void flag(struct writer *w, const char *name)
{
	bytes(w, name, NULL, 0);
}

static void cell(struct writer *w, const char *name, uint32_t value)
{
	keep_first(w, fdt_property_u32(w->fdt, name, value));
}

static void cell64(struct writer *w, const char *name, uint64_t value)
{
	keep_first(w, fdt_property_u64(w->fdt, name, value));
}

static void reg(struct writer *w, const struct vio_board_range *ranges, size_t count)
{
	fdt64_t cells[4];
	size_t i = 0;

	for (i = 0; i < count; i++) {
		cells[2 * i] = cpu_to_fdt64(ranges[i].base);
		cells[2 * i + 1] = cpu_to_fdt64(ranges[i].size);
	}
	bytes(w, "reg", cells, count * 2 * sizeof(cells[0]));
}

/* Level interrupts by INTID; GICv2's private ones name the CPUs they go to. */
static void gic_interrupts(struct writer *w, const uint32_t *intids, size_t count)
{
	uint32_t cpus = w->guest->gic_version == 2 ? (UINT32_C(1) << w->guest->cpus) - 1 : 0;
	fdt32_t cells[12];
	size_t i = 0;

	for (i = 0; i < count; i++) {
		bool private = intids[i] < VIO_BOARD_SPI;
		uint32_t flags = GIC_LEVEL_HIGH;

		if (private)
			flags |= cpus << GICV2_CPU_MASK_SHIFT;
		cells[3 * i] = cpu_to_fdt32(private ? GIC_PPI : GIC_SPI);
		cells[3 * i + 1] =
			cpu_to_fdt32(intids[i] - (private ? VIO_BOARD_PPI : VIO_BOARD_SPI));
		cells[3 * i + 2] = cpu_to_fdt32(flags);
	}
	bytes(w, "interrupts", cells, count * 3 * sizeof(cells[0]));
}

static void interrupts(struct writer *w, const uint32_t *numbers, size_t count)
{
	if (w->board->cpu == VIO_BOARD_ARM)
		gic_interrupts(w, numbers, count);
	else
		cell(w, "interrupts", numbers[0]);
}

/* ---- What all have ---- */

static void write_chosen(struct writer *w)
{
	const struct vio_board_guest *guest = w->guest;
	char path[NAME_SIZE];

	begin(w, "chosen");
	make_name(path, w->board->cpu == VIO_BOARD_ARM ? "/pl011" : "/serial", w->board->uart.base);
	string(w, "stdout-path", path);
	if (guest->bootargs)
		string(w, "bootargs", guest->bootargs);
	if (guest->initrd_start != guest->initrd_end) {
		cell64(w, "linux,initrd-start", guest->initrd_start);
		cell64(w, "linux,initrd-end", guest->initrd_end);
	}
	if (guest->kaslr_seed != 0)
		cell64(w, "kaslr-seed", guest->kaslr_seed);
	if (guest->rng_seed)
		bytes(w, "rng-seed", guest->rng_seed, guest->rng_seed_size);
	end(w);
}

static void write_memory(struct writer *w)
{
	const struct vio_board_range ram = { w->board->ram_base, w->guest->ram_size };

	begin_at(w, "memory", ram.base);
	string(w, "device_type", "memory");
	reg(w, &ram, 1);
	end(w);
}

/* ---- ARM's part ---- */

/* MPIDR affinity: GICv3 groups CPUs by 16. */
static uint32_t mpidr(uint32_t cpu)
{
	return (cpu / 16) << 8 | cpu % 16;
}

static void write_cpus(struct writer *w)
{
	uint32_t i = 0;

	begin(w, "cpus");
	cell(w, "#address-cells", 1);
	cell(w, "#size-cells", 0);
	for (i = 0; i < w->guest->cpus; i++) {
		begin_at(w, "cpu", mpidr(i));
		string(w, "device_type", "cpu");
		string(w, "compatible", "arm,armv8");
		cell(w, "reg", mpidr(i));
		string(w, "enable-method", "psci");
		end(w);
	}
	end(w);
}

static void write_psci(struct writer *w)
{
	begin(w, "psci");
	strings(w, "compatible", "arm,psci-1.0\0arm,psci-0.2");
	string(w, "method", w->guest->psci_smc ? "smc" : "hvc");
	end(w);
}

static void write_timer(struct writer *w)
{
	const uint32_t intids[] = {
		w->board->timer_secure_intid,
		w->board->timer_physical_intid,
		w->board->timer_virtual_intid,
		w->board->timer_hypervisor_intid,
	};

	begin(w, "timer");
	strings(w, "compatible", "arm,armv8-timer\0arm,armv7-timer");
	interrupts(w, intids, VIO_ARRAY_SIZE(intids));
	flag(w, "always-on");
	end(w);
}

static void write_gic(struct writer *w)
{
	const struct vio_board *board = w->board;
	bool v2 = w->guest->gic_version == 2;
	const struct vio_board_range ranges[] = {
		board->gic_distributor,
		v2 ? board->gicv2_cpu : board->gicv3_redistributors,
	};

	begin_at(w, "intc", ranges[0].base);
	string(w, "compatible", v2 ? "arm,cortex-a15-gic" : "arm,gic-v3");
	reg(w, ranges, VIO_ARRAY_SIZE(ranges));
	flag(w, "interrupt-controller");
	cell(w, "#interrupt-cells", 3);
	cell(w, "#address-cells", 0);
	cell(w, "phandle", PHANDLE_INTERRUPTS);
	end(w);
}

static void write_uart(struct writer *w)
{
	const fdt32_t clocks[] = { cpu_to_fdt32(PHANDLE_CLOCK), cpu_to_fdt32(PHANDLE_CLOCK) };

	begin(w, "apb-pclk");
	string(w, "compatible", "fixed-clock");
	cell(w, "#clock-cells", 0);
	cell(w, "clock-frequency", w->board->uart_clock);
	string(w, "clock-output-names", "clk24mhz");
	cell(w, "phandle", PHANDLE_CLOCK);
	end(w);

	begin_at(w, "pl011", w->board->uart.base);
	strings(w, "compatible", "arm,pl011\0arm,primecell");
	reg(w, &w->board->uart, 1);
	interrupts(w, &w->board->uart_intid, 1);
	bytes(w, "clocks", clocks, sizeof(clocks));
	strings(w, "clock-names", "uartclk\0apb_pclk");
	end(w);
}

static void write_arm(struct writer *w)
{
	write_cpus(w);
	write_psci(w);
	write_timer(w);
	write_gic(w);
	write_uart(w);
}

/* ---- MIPS's part ---- */

/* Linux takes the rate of Count for half of its CPU's clock. */
static void write_mips_cpu(struct writer *w)
{
	begin(w, "cpu-clock");
	string(w, "compatible", "fixed-clock");
	cell(w, "#clock-cells", 0);
	cell(w, "clock-frequency", 2 * w->guest->count_rate);
	cell(w, "phandle", PHANDLE_CLOCK);
	end(w);

	begin(w, "cpus");
	cell(w, "#address-cells", 1);
	cell(w, "#size-cells", 0);
	begin_at(w, "cpu", 0);
	string(w, "device_type", "cpu");
	string(w, "compatible", "mti,mips24KEc");
	cell(w, "reg", 0);
	cell(w, "clocks", PHANDLE_CLOCK);
	end(w);
	end(w);

	begin(w, "interrupt-controller");
	string(w, "compatible", "mti,cpu-interrupt-controller");
	flag(w, "interrupt-controller");
	cell(w, "#interrupt-cells", 1);
	cell(w, "#address-cells", 0);
	cell(w, "phandle", PHANDLE_INTERRUPTS);
	end(w);
}

static void write_16550(struct writer *w)
{
	begin_at(w, "serial", w->board->uart.base);
	string(w, "compatible", "ns16550a");
	reg(w, &w->board->uart, 1);
	cell(w, "reg-shift", w->board->uart_shift);
	cell(w, "clock-frequency", w->board->uart_clock);
	interrupts(w, &w->board->uart_intid, 1);
	end(w);
}

static void write_power_switch(struct writer *w, const char *name, const char *compatible_with,
			       uint32_t value)
{
	begin(w, name);
	string(w, "compatible", compatible_with);
	cell(w, "regmap", PHANDLE_POWER);
	cell(w, "offset", 0);
	cell(w, "value", value);
	cell(w, "mask", UINT32_MAX);
	end(w);
}

static void write_power(struct writer *w)
{
	begin_at(w, "syscon", w->board->power.base);
	string(w, "compatible", "syscon");
	reg(w, &w->board->power, 1);
	flag(w, "little-endian");
	cell(w, "phandle", PHANDLE_POWER);
	end(w);
	write_power_switch(w, "poweroff", "syscon-poweroff", w->board->power_off);
	write_power_switch(w, "reboot", "syscon-reboot", w->board->power_reset);
}

static void write_mips(struct writer *w)
{
	write_mips_cpu(w);
	write_16550(w);
	write_power(w);
}

/* ---- The board ---- */

static void write_slot(struct writer *w, uint32_t slot)
{
	const uint64_t size = UINT64_C(1) << w->board->virtio_shift;
	const struct vio_board_range range = { w->board->virtio_base + slot * size, size };
	const bool arm = w->board->cpu == VIO_BOARD_ARM;
	const uint32_t interrupt =
		arm ? w->board->virtio_intid + slot : w->board->virtio_lines[slot];

	begin_at(w, "virtio_mmio", range.base);
	string(w, "compatible", "virtio,mmio");
	reg(w, &range, 1);
	interrupts(w, &interrupt, 1);
	flag(w, "dma-coherent");
	end(w);
}

static void write_node(struct writer *w, const struct vio_board_node *node)
{
	const fdt32_t clock = cpu_to_fdt32(PHANDLE_CLOCK);

	begin_at(w, node->name, node->reg[0].base);
	bytes(w, "compatible", node->compatible, node->compatible_size);
	reg(w, node->reg, node->reg[1].size ? 2 : 1);
	if (node->intid != 0)
		interrupts(w, &node->intid, 1);
	if (node->label)
		string(w, "label", node->label);
	if (node->clocked) {
		bytes(w, "clocks", &clock, sizeof(clock));
		string(w, "clock-names", "apb_pclk");
	}
	if (node->coherent)
		flag(w, "dma-coherent");
	end(w);
}

static void write_board(struct writer *w)
{
	uint32_t slot = 0;
	uint32_t i = 0;

	begin(w, "");
	bytes(w, "compatible", w->board->compatible, w->board->compatible_size);
	string(w, "model", w->board->compatible);
	cell(w, "#address-cells", 2);
	cell(w, "#size-cells", 2);
	cell(w, "interrupt-parent", PHANDLE_INTERRUPTS);
	write_chosen(w);
	write_memory(w);
	if (w->board->cpu == VIO_BOARD_ARM)
		write_arm(w);
	else
		write_mips(w);
	for (slot = 0; slot < w->board->virtio_slots; slot++)
		write_slot(w, slot);
	for (i = 0; i < w->guest->node_count; i++)
		write_node(w, &w->guest->nodes[i]);
	end(w);
}

/* ---- The tree ---- */

static enum vio_board_error check(const struct vio_board *board,
				  const struct vio_board_guest *guest)
{
	uint64_t ram_end = board->ram_base + guest->ram_size;
	bool arm = board->cpu == VIO_BOARD_ARM;
	uint32_t cpus_max = arm && guest->gic_version == 2 ? GICV2_CPUS : board->cpus_max;

	if (guest->ram_size < board->ram_min || guest->ram_size > board->ram_max ||
	    guest->ram_size % board->ram_granule != 0)
		return VIO_BOARD_RAM_SIZE;
	if (arm && guest->gic_version != 2 && guest->gic_version != 3)
		return VIO_BOARD_GIC_VERSION;
	if (!arm && (guest->count_rate == 0 || guest->count_rate > INT32_MAX))
		return VIO_BOARD_COUNT_RATE;
	if (guest->cpus == 0 || guest->cpus > cpus_max)
		return VIO_BOARD_CPUS;
	if (guest->initrd_start > guest->initrd_end)
		return VIO_BOARD_INITRD;
	if (guest->initrd_start != guest->initrd_end &&
	    (guest->initrd_start < board->ram_base || guest->initrd_end > ram_end))
		return VIO_BOARD_INITRD;
	return VIO_BOARD_OK;
}

size_t vio_board_fdt_space(const struct vio_board_guest *guest)
{
	size_t space = SPACE_FIXED + (size_t)guest->cpus * SPACE_PER_CPU + guest->rng_seed_size;
	uint32_t i = 0;

	if (guest->bootargs)
		space += string_size(guest->bootargs);
	for (i = 0; i < guest->node_count; i++) {
		const struct vio_board_node *node = &guest->nodes[i];

		space += SPACE_PER_NODE + node->compatible_size;
		if (node->label)
			space += string_size(node->label);
	}
	return space;
}

enum vio_board_error vio_board_fdt(const struct vio_board *board,
				   const struct vio_board_guest *guest, void *buffer, size_t space)
{
	struct writer w = { .fdt = buffer, .board = board, .guest = guest };
	enum vio_board_error error = check(board, guest);

	if (error != VIO_BOARD_OK)
		return error;
	if (space < vio_board_fdt_space(guest))
		return VIO_BOARD_SPACE;
	keep_first(&w, fdt_create_with_flags(buffer, space > INT32_MAX ? INT32_MAX : (int)space,
					     FDT_CREATE_FLAG_NO_NAME_DEDUP));
	keep_first(&w, fdt_finish_reservemap(buffer));
	write_board(&w);
	keep_first(&w, fdt_finish(buffer));
	return w.error == 0 ? VIO_BOARD_OK : VIO_BOARD_LIBFDT;
}

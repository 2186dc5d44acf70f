/* SPDX-License-Identifier: BSD-2-Clause */
/* The device tree that the board writes, read back with libfdt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <libfdt.h>

#include "vio_board.h"

static const uint8_t seed[32] = { 1, 2, 3 };

static struct vio_board_guest guest(uint32_t gic_version)
{
	return (struct vio_board_guest){
		.ram_size = 512 << 20,
		.cpus = 2,
		.gic_version = gic_version,
		.bootargs = "console=hvc0 quiet",
		.initrd_start = 0x48000000,
		.initrd_end = 0x48123456,
		.kaslr_seed = 0x1122334455667788,
		.rng_seed = seed,
		.rng_seed_size = sizeof(seed),
	};
}

/* In a buffer of just the size asked for: ASan sees a byte too much. */
static void *write_tree(const struct vio_board_guest *g)
{
	size_t space = vio_board_fdt_space(g);
	void *fdt = malloc(space);

	assert_non_null(fdt);
	assert_int_equal(vio_board_fdt(&vio_board_arm, g, fdt, space), VIO_BOARD_OK);
	assert_int_equal(fdt_check_full(fdt, space), 0);
	return fdt;
}

static int node(const void *fdt, const char *path)
{
	int offset = fdt_path_offset(fdt, path);

	if (offset < 0)
		fail_msg("no node %s", path);
	return offset;
}

static void has(const void *fdt, const char *path, const char *name, const void *value, int size)
{
	int len = 0;
	const void *got = fdt_getprop(fdt, node(fdt, path), name, &len);

	if (!got || len != size || memcmp(got, value, (size_t)size) != 0)
		fail_msg("%s/%s is not as expected (%d bytes)", path, name, len);
}

#define HAS_STRING(fdt, path, name, value) has(fdt, path, name, value, sizeof(value))

#define HAS_CELLS(fdt, path, name, ...)                                                            \
	do {                                                                                       \
		const uint32_t cells_[] = { __VA_ARGS__ };                                         \
		has_cells(fdt, path, name, cells_, VIO_ARRAY_SIZE(cells_));                        \
	} while (0)

static void has_cells(const void *fdt, const char *path, const char *name, const uint32_t *cells,
		      unsigned count)
{
	fdt32_t wanted[16];
	unsigned i = 0;

	for (i = 0; i < count; i++)
		wanted[i] = cpu_to_fdt32(cells[i]);
	has(fdt, path, name, wanted, (int)(count * sizeof(wanted[0])));
}

static void tree_gicv3(void **state)
{
	const struct vio_board_guest g = guest(3);
	void *fdt = write_tree(&g);

	(void)state;
	HAS_STRING(fdt, "/", "compatible", "vio,board-v1\0linux,dummy-virt");
	HAS_CELLS(fdt, "/memory@40000000", "reg", 0, 0x40000000, 0, 512 << 20);
	HAS_STRING(fdt, "/memory@40000000", "device_type", "memory");
	HAS_STRING(fdt, "/chosen", "bootargs", "console=hvc0 quiet");
	HAS_STRING(fdt, "/chosen", "stdout-path", "/pl011@9000000");
	HAS_CELLS(fdt, "/chosen", "linux,initrd-start", 0, 0x48000000);
	HAS_CELLS(fdt, "/chosen", "linux,initrd-end", 0, 0x48123456);
	HAS_CELLS(fdt, "/chosen", "kaslr-seed", 0x11223344, 0x55667788);
	has(fdt, "/chosen", "rng-seed", seed, sizeof(seed));
	HAS_STRING(fdt, "/psci", "method", "hvc");
	HAS_STRING(fdt, "/intc@8000000", "compatible", "arm,gic-v3");
	HAS_CELLS(fdt, "/intc@8000000", "reg", 0, 0x08000000, 0, 0x10000, 0, 0x080a0000, 0,
		  0xf60000);
	HAS_CELLS(fdt, "/timer", "interrupts", 1, 13, 4, 1, 14, 4, 1, 11, 4, 1, 10, 4);
	HAS_CELLS(fdt, "/pl011@9000000", "interrupts", 0, 1, 4);
	HAS_CELLS(fdt, "/pl011@9000000", "reg", 0, 0x09000000, 0, 0x1000);
	HAS_CELLS(fdt, "/cpus/cpu@1", "reg", 1);
	HAS_STRING(fdt, "/cpus/cpu@0", "enable-method", "psci");
	assert_int_equal(fdt_path_offset(fdt, "/cpus/cpu@2"), -FDT_ERR_NOTFOUND);
	free(fdt);
}

static void tree_gicv2(void **state)
{
	struct vio_board_guest g = guest(2);
	void *fdt = NULL;

	(void)state;
	g.psci_smc = true;
	fdt = write_tree(&g);
	HAS_STRING(fdt, "/psci", "method", "smc");
	HAS_STRING(fdt, "/intc@8000000", "compatible", "arm,cortex-a15-gic");
	HAS_CELLS(fdt, "/intc@8000000", "reg", 0, 0x08000000, 0, 0x10000, 0, 0x08010000, 0,
		  0x10000);
	/* Two CPUs in the mask of the private interrupts, none in a shared one's. */
	HAS_CELLS(fdt, "/timer", "interrupts", 1, 13, 0x304, 1, 14, 0x304, 1, 11, 0x304, 1, 10,
		  0x304);
	HAS_CELLS(fdt, "/pl011@9000000", "interrupts", 0, 1, 4);
	free(fdt);
}

/* Every slot is there, with its own interrupt. */
static void tree_has_every_slot(void **state)
{
	const struct vio_board_guest g = guest(3);
	void *fdt = write_tree(&g);
	int offset = -1;
	unsigned slots = 0;

	(void)state;
	while ((offset = fdt_node_offset_by_compatible(fdt, offset, "virtio,mmio")) >= 0) {
		const fdt32_t *reg = fdt_getprop(fdt, offset, "reg", NULL);
		const fdt32_t *interrupts = fdt_getprop(fdt, offset, "interrupts", NULL);

		assert_int_equal(fdt32_to_cpu(reg[1]), 0x0a000000 + slots * 0x200);
		assert_int_equal(fdt32_to_cpu(reg[3]), 0x200);
		assert_int_equal(fdt32_to_cpu(interrupts[1]), 16 + slots);
		assert_int_equal(fdt32_to_cpu(interrupts[2]), 4);
		assert_non_null(fdt_getprop(fdt, offset, "dma-coherent", NULL));
		slots++;
	}
	assert_int_equal(slots, 32);
	node(fdt, "/virtio_mmio@a003e00");
	free(fdt);
}

static void tree_has_the_systems_nodes(void **state)
{
	static const struct vio_board_node nodes[] = {
		{
			.name = "doorbell",
			.compatible = "vio,doorbell",
			.compatible_size = sizeof("vio,doorbell"),
			.reg = { { 0x0b000000, 0x1000 }, { 0x20000000, 0x10000 } },
			.intid = 80,
			.label = "other",
		},
		{
			.name = "pl031",
			.compatible = "arm,pl031\0arm,primecell",
			.compatible_size = sizeof("arm,pl031\0arm,primecell"),
			.reg = { { 0x09010000, 0x1000 } },
			.clocked = true,
			.coherent = true,
		},
	};
	struct vio_board_guest g = guest(3);
	const char *path = "/doorbell@b000000";
	void *fdt = NULL;

	(void)state;
	g.nodes = nodes;
	g.node_count = VIO_ARRAY_SIZE(nodes);
	fdt = write_tree(&g);
	HAS_STRING(fdt, path, "compatible", "vio,doorbell");
	HAS_CELLS(fdt, path, "reg", 0, 0x0b000000, 0, 0x1000, 0, 0x20000000, 0, 0x10000);
	HAS_CELLS(fdt, path, "interrupts", 0, 48, 4);
	HAS_STRING(fdt, path, "label", "other");
	assert_null(fdt_getprop(fdt, node(fdt, path), "clocks", NULL));
	path = "/pl031@9010000";
	HAS_STRING(fdt, path, "compatible", "arm,pl031\0arm,primecell");
	HAS_CELLS(fdt, path, "reg", 0, 0x09010000, 0, 0x1000);
	HAS_STRING(fdt, path, "clock-names", "apb_pclk");
	assert_non_null(fdt_getprop(fdt, node(fdt, path), "dma-coherent", NULL));
	assert_null(fdt_getprop(fdt, node(fdt, path), "interrupts", NULL));
	free(fdt);
}

static void tree_leaves_out_what_is_not_given(void **state)
{
	const struct vio_board_guest g = { .ram_size = 64 << 20, .cpus = 1, .gic_version = 3 };
	void *fdt = write_tree(&g);
	int chosen = node(fdt, "/chosen");

	(void)state;
	assert_null(fdt_getprop(fdt, chosen, "bootargs", NULL));
	assert_null(fdt_getprop(fdt, chosen, "linux,initrd-start", NULL));
	assert_null(fdt_getprop(fdt, chosen, "kaslr-seed", NULL));
	assert_null(fdt_getprop(fdt, chosen, "rng-seed", NULL));
	free(fdt);
}

static void tree_for_mips(void **state)
{
	const struct vio_board_guest g = {
		.ram_size = 64 << 20,
		.cpus = 1,
		.count_rate = 160000000,
		.bootargs = "console=ttyS0",
		.initrd_start = 0x800000,
		.initrd_end = 0x812345,
	};
	struct vio_board_guest bad = g;
	size_t space = vio_board_fdt_space(&g);
	void *fdt = malloc(space);

	(void)state;
	assert_non_null(fdt);
	assert_int_equal(vio_board_fdt(&vio_board_mips, &g, fdt, space), VIO_BOARD_OK);
	assert_int_equal(fdt_check_full(fdt, space), 0);
	has(fdt, "/", "compatible", "vio,board-v1", 13);
	has(fdt, "/chosen", "stdout-path", "/serial@1f000900", 17);
	has(fdt, "/memory@0", "reg", (const uint8_t[16]){ [12] = 4 }, 16);
	has(fdt, "/cpus/cpu@0", "compatible", "mti,mips24KEc", 14);
	has(fdt, "/cpu-clock", "clock-frequency", (const uint8_t[4]){ 0x13, 0x12, 0xd0, 0x00 }, 4);
	has(fdt, "/serial@1f000900", "interrupts", (const uint8_t[4]){ 0, 0, 0, 4 }, 4);
	has(fdt, "/serial@1f000900", "reg-shift", (const uint8_t[4]){ 0, 0, 0, 3 }, 4);
	has(fdt, "/virtio_mmio@1e000000", "interrupts", (const uint8_t[4]){ 0, 0, 0, 2 }, 4);
	has(fdt, "/virtio_mmio@1e000400", "interrupts", (const uint8_t[4]){ 0, 0, 0, 5 }, 4);
	has(fdt, "/virtio_mmio@1e001e00", "interrupts", (const uint8_t[4]){ 0, 0, 0, 6 }, 4);
	has(fdt, "/poweroff", "value", (const uint8_t[4]){ 0, 0, 0, 0x4f }, 4);
	has(fdt, "/reboot", "value", (const uint8_t[4]){ 0, 0, 0, 0x42 }, 4);
	assert_true(fdt_path_offset(fdt, "/psci") < 0);
	bad.count_rate = 0;
	assert_int_equal(vio_board_fdt(&vio_board_mips, &bad, fdt, space), VIO_BOARD_COUNT_RATE);
	bad = g;
	bad.cpus = 2;
	assert_int_equal(vio_board_fdt(&vio_board_mips, &bad, fdt, space), VIO_BOARD_CPUS);
	free(fdt);
}

/* Phandles: each is given once, and every reference finds its node. */
static void tree_phandles_resolve(void **state)
{
	const struct vio_board_guest g = guest(3);
	void *fdt = write_tree(&g);
	const fdt32_t *parent = fdt_getprop(fdt, 0, "interrupt-parent", NULL);
	const fdt32_t *clocks = fdt_getprop(fdt, node(fdt, "/pl011@9000000"), "clocks", NULL);

	(void)state;
	assert_int_equal(fdt_node_offset_by_phandle(fdt, fdt32_to_cpu(*parent)),
			 node(fdt, "/intc@8000000"));
	assert_int_equal(fdt_node_offset_by_phandle(fdt, fdt32_to_cpu(clocks[0])),
			 node(fdt, "/apb-pclk"));
	free(fdt);
}

static void tree_space_is_enough_and_not_absurd(void **state)
{
	uint32_t cpus = 0;

	(void)state;
	for (cpus = 1; cpus <= 123; cpus++) {
		struct vio_board_guest g = guest(3);
		void *fdt = NULL;

		g.cpus = cpus;
		fdt = write_tree(&g);
		assert_true(vio_board_fdt_space(&g) < fdt_totalsize(fdt) + 2048);
		free(fdt);
	}
}

static void refuses(struct vio_board_guest g, enum vio_board_error error)
{
	static uint64_t buffer[4096];

	assert_int_equal(vio_board_fdt(&vio_board_arm, &g, buffer, sizeof(buffer)), error);
	assert_true(strlen(vio_board_error_text(error)) > 0);
}

static void tree_refuses_what_the_board_cannot_be(void **state)
{
	struct vio_board_guest g = guest(3);
	uint64_t small[16];

	(void)state;
	assert_int_equal(vio_board_fdt(&vio_board_arm, &g, small, sizeof(small)), VIO_BOARD_SPACE);

	g.ram_size = 1 << 20;
	refuses(g, VIO_BOARD_RAM_SIZE);
	g.ram_size = (64 << 20) + 4096;
	refuses(g, VIO_BOARD_RAM_SIZE);
	g.ram_size = UINT64_C(256) << 30;
	refuses(g, VIO_BOARD_RAM_SIZE);

	g = guest(4);
	refuses(g, VIO_BOARD_GIC_VERSION);
	g = guest(3);
	g.cpus = 0;
	refuses(g, VIO_BOARD_CPUS);
	g.cpus = 124;
	refuses(g, VIO_BOARD_CPUS);
	g = guest(2);
	g.cpus = 9;
	refuses(g, VIO_BOARD_CPUS);

	g = guest(3);
	g.initrd_end = 0x40000000 + (512 << 20) + 1;
	refuses(g, VIO_BOARD_INITRD);
	g.initrd_end = g.initrd_start - 1;
	refuses(g, VIO_BOARD_INITRD);
	g.initrd_start = 0x3fffffff;
	g.initrd_end = 0x41000000;
	refuses(g, VIO_BOARD_INITRD);
	assert_string_equal(vio_board_error_text((enum vio_board_error)99), "unknown error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tree_gicv3),
		cmocka_unit_test(tree_gicv2),
		cmocka_unit_test(tree_has_every_slot),
		cmocka_unit_test(tree_has_the_systems_nodes),
		cmocka_unit_test(tree_leaves_out_what_is_not_given),
		cmocka_unit_test(tree_for_mips),
		cmocka_unit_test(tree_phandles_resolve),
		cmocka_unit_test(tree_space_is_enough_and_not_absurd),
		cmocka_unit_test(tree_refuses_what_the_board_cannot_be),
	};

	return cmocka_run_group_tests_name("fdt", tests, NULL, NULL);
}

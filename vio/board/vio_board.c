/* SPDX-License-Identifier: BSD-2-Clause */
#include "vio_board.h"

#define KIB(n) (UINT64_C(1024) * (n))
#define MIB(n) KIB(UINT64_C(1024) * (n))
#define GIB(n) MIB(UINT64_C(1024) * (n))

/* Some software looks for the board this one takes its addresses from. */
static const char compatible[] = "vio,board-v1\0linux,dummy-virt";

const struct vio_board vio_board_arm = {
	.cpu = VIO_BOARD_ARM,
	.compatible = compatible,
	.compatible_size = sizeof(compatible),
	.version = 1,
	.cpus_max = 123,

	.ram_base = 0x40000000,
	.ram_min = MIB(2),
	.ram_max = GIB(255),
	.ram_granule = MIB(2),

	.virtio_base = 0x0a000000,
	.virtio_intid = VIO_BOARD_SPI + 16,
	.virtio_slots = 32,
	.virtio_shift = 9,

	.uart = { 0x09000000, KIB(4) },
	.uart_intid = VIO_BOARD_SPI + 1,
	.uart_clock = 24000000,

	.doorbell_base = 0x0b000000,
	.doorbell_intid = VIO_BOARD_SPI + 48,
	.doorbells = 16,

	.gic_distributor = { 0x08000000, KIB(64) },
	.gicv2_cpu = { 0x08010000, KIB(64) },
	.gicv3_redistributors = { 0x080a0000, KIB(128) * 123 },

	.timer_secure_intid = VIO_BOARD_PPI + 13,
	.timer_physical_intid = VIO_BOARD_PPI + 14,
	.timer_virtual_intid = VIO_BOARD_PPI + 11,
	.timer_hypervisor_intid = VIO_BOARD_PPI + 10,
};

#define MIPS_SLOTS 16

/* The standard's devices have a line each but for the UART's IP4; the others share the last. */
static const uint8_t mips_lines[MIPS_SLOTS] = { 2, 3, 5, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6 };

const struct vio_board vio_board_mips = {
	.cpu = VIO_BOARD_MIPS,
	.compatible = compatible,
	.compatible_size = sizeof("vio,board-v1"),
	.version = 1,
	.cpus_max = 1,

	.ram_base = 0,
	.ram_min = MIB(2),
	.ram_max = MIB(448),
	.ram_granule = MIB(2),

	.virtio_base = 0x1e000000,
	.virtio_lines = mips_lines,
	.virtio_slots = MIPS_SLOTS,
	.virtio_shift = 9,

	.doorbell_base = 0x1e010000,
	.doorbell_intid = 6,
	.doorbells = 16,

	.uart = { 0x1f000900, 64 },
	.uart_intid = 4,
	.uart_clock = 1843200,
	.uart_shift = 3,

	.power = { 0x1f000500, 4 },
	.power_off = 0x4f,
	.power_reset = 0x42,
};

const char *vio_board_error_text(enum vio_board_error error)
{
	static const char *const texts[] = {
		[VIO_BOARD_OK] = "no error",
		[VIO_BOARD_RAM_SIZE] = "RAM size is not one the board can have",
		[VIO_BOARD_CPUS] = "number of CPUs is not one the board can have",
		[VIO_BOARD_GIC_VERSION] = "GIC version is neither 2 nor 3",
		[VIO_BOARD_COUNT_RATE] = "rate of the CPU's counter is not one that fits",
		[VIO_BOARD_INITRD] = "initrd is not in RAM",
		[VIO_BOARD_SPACE] = "device tree does not fit",
		[VIO_BOARD_LIBFDT] = "libfdt refused to write the device tree",
	};

	return (unsigned)error < VIO_ARRAY_SIZE(texts) ? texts[error] : "unknown error";
}

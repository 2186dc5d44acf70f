/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One guest on the standard board, by default Linux: its files come in a cpio archive that QEMU
 * calls the initrd (members `kernel` and, if wanted, `initrd`).
 *
 * Options, before ` -- ` on the machine's command line; the rest is the guest's command line:
 *
 *	mem=SIZE	the guest's RAM; all that is there by default
 *	disk=ram:SIZE	a RAM disk in the place of the machine's disk
 *	console=COLSxROWS  size of the terminal
 *	kernel=flat	the kernel is a flat binary, such as U-Boot, to run at RAM + 2 MiB
 *	policy=stop|abort  what an access to nothing does to the guest: its end with a report, or
 *			an abort, as by default for Linux
 *	reset=restart|off  what becomes of the machine when the guest asks for a reset
 *	quiet		say nothing unless something is wrong
 */
#include <libfdt.h>

#include "devices.h"
#include "gic.h"
#include "irq.h"
#include "load.h"
#include "machine.h"
#include "mmu.h"
#include "options.h"
#include "pages.h"
#include "root.h"
#include "system.h"
#include "text.h"
#include "vcpu.h"
#include "vio_board.h"
#include "vio_console.h"
#include "vio_pl011.h"
#include "vio_ramdisk.h"

#define MIB        0x100000ULL
#define FLASH_BASE 0x04000000
#define FLASH_SIZE 0x40000

static struct arm_guest guest;
static struct arm_vcpu vcpus[1];
static struct region ram, flash, uart_bank;
static struct vio_mmio slots[32];
static struct vio_pl011 guest_uart;
static struct vio_console console;
static struct vio_blk blk;
static struct vio_ramdisk ramdisk;
static uintptr_t uart_base;

static void uart_put(char c)
{
	while (mmio_read32(uart_base + 0x18) & 0x20)
		;
	mmio_write32(uart_base, (uint8_t)c);
}

static uint32_t console_write(struct vio_console_backend *backend, const uint8_t *data,
			      uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		uart_put((char)data[i]);
	return len;
}

static uint32_t console_read(struct vio_console_backend *backend, uint8_t *to, uint32_t len)
{
	uint32_t n = 0;

	while (n < len && !(mmio_read32(uart_base + 0x18) & 0x10))
		to[n++] = (uint8_t)mmio_read32(uart_base);
	mmio_write32(uart_base + 0x44, 0x50);
	return n;
}

static struct vio_console_backend console_backend = { console_write, console_read };

static void uart_interrupt(void *owner)
{
	vio_console_input_ready(&console);
}

void system_console(const struct machine_device *uart)
{
	uart_base = uart->base + LINEAR;
	root_set_console(uart_put);
}

static void pl011_output(struct vio_pl011 *uart, uint8_t byte)
{
	uart_put((char)byte);
}

static void pl011_raise(struct vio_pl011 *uart)
{
	vgic_raise(&guest, vio_board_arm.uart_intid);
}

static void pl011_lower(struct vio_pl011 *uart)
{
	vgic_lower(&guest, vio_board_arm.uart_intid);
}

static const struct vio_pl011_host pl011_host = {
	.output = pl011_output,
	.raise = pl011_raise,
	.lower = pl011_lower,
};

static uint64_t bank_read(void *owner, struct vcpu *vcpu, uint64_t offset, unsigned width)
{
	return vio_pl011_read(owner, offset, width);
}

static void bank_write(void *owner, struct vcpu *vcpu, uint64_t offset, unsigned width,
		       uint64_t value)
{
	vio_pl011_write(owner, offset, width, value);
}

static const struct region_ops uart_ops = { bank_read, bank_write, NULL };

static struct arm_guest *of(struct vio_arm_el2_guest *virtio)
{
	return VIO_CONTAINER_OF(virtio, struct arm_guest, virtio);
}

static void raise(struct vio_arm_el2_guest *virtio, uint32_t intid)
{
	vgic_raise(of(virtio), intid);
}

static void lower(struct vio_arm_el2_guest *virtio, uint32_t intid)
{
	vgic_lower(of(virtio), intid);
}

static void defer(struct vio_arm_el2_guest *virtio, struct vio_mmio *slot)
{
	of(virtio)->deferred |= 1U << slot->number;
	attention = true;
}

static void resume(struct vio_arm_el2_guest *virtio, struct vio_mmio *slot)
{
	struct arm_guest *parked = of(virtio);

	for (unsigned i = 0; i < parked->guest.vcpu_count; i++) {
		if (parked->vcpus[i].vcpu.state == VCPU_PARKED)
			parked->vcpus[i].vcpu.state = VCPU_READY;
	}
}

static void failed(struct vio_arm_el2_guest *virtio, struct vio_mmio *slot, enum vio_error error)
{
	of(virtio)->guest.counters.broken++;
}

static const struct vio_arm_el2_root virtio_root = { raise, lower, defer, resume, failed };

static void over(void)
{
	root_power_off();
}

void system_main(void)
{
	const char *value = "";
	const char *options = machine.bootargs;
	uint64_t size = pages_largest(2 * MIB);
	struct load_request request = { .guest = "linux", .ram_base = vio_board_arm.ram_base };
	struct load_result place;
	bool damaged;
	struct vio_board_guest board = { .cpus = 1, .gic_version = gic.version };

	if (options_find(options, "mem", &value))
		size = options_size(value);
	guest_init(&guest.guest, "linux", 1, 1);
	guest.guest.policy = GUEST_ABORT;
	if (!arm_guest_init(&guest, vcpus))
		root_fatal("init");
	ram = (struct region){ .base = vio_board_arm.ram_base,
			       .size = size,
			       .kind = REGION_MEMORY };
	ram.physical = pages_take(size, 2 * MIB);
	if (ram.physical == PAGES_NONE)
		root_fatal("guest wants %lu MiB", size >> 20);
	if (!guest_add(&guest.guest, &ram))
		root_fatal("ram");
	request.ram = to_virtual(ram.physical);
	request.ram_size = size;
	request.kernel =
		cpio_find(to_virtual(machine.bundle), machine.bundle_size, "kernel", &damaged);
	request.initrd =
		cpio_find(to_virtual(machine.bundle), machine.bundle_size, "initrd", &damaged);
	if (!request.kernel.data)
		root_fatal("no kernel");
	board.bootargs = options_guest(options);
	board.ram_size = size;
	request.fdt_space = vio_board_fdt_space(&board);
	if (!load_guest(&request, &place))
		root_fatal("not started");
	board.initrd_start = place.initrd_start;
	board.initrd_end = place.initrd_end;
	if (vio_board_fdt(&vio_board_arm, &board, request.ram + (place.fdt - ram.base),
			  request.fdt_space))
		root_fatal("fdt");
	arch_clean(request.ram, size);

	flash = (struct region){ .base = FLASH_BASE, .size = FLASH_SIZE, .kind = REGION_READ_ONLY };
	flash.physical = pages_take(FLASH_SIZE, 4096);
	memset(to_virtual(flash.physical), 0, FLASH_SIZE);
	guest_add(&guest.guest, &flash);

	vio_pl011_init(&guest_uart, &pl011_host, NULL);
	uart_bank = (struct region){ .base = vio_board_arm.uart.base,
				     .size = vio_board_arm.uart.size,
				     .ops = &uart_ops,
				     .owner = &guest_uart };
	guest_add(&guest.guest, &uart_bank);

	vio_arm_el2_init(&guest.virtio, &virtio_root,
			 (struct vio_mmio_window){ .base = vio_board_arm.virtio_base,
						   .slots = slots,
						   .count = vio_board_arm.virtio_slots,
						   .shift = vio_board_arm.virtio_shift },
			 vio_board_arm.virtio_intid);
	vio_console_init(&console, &console_backend, 80, 24);
	vio_mmio_attach(&slots[VIO_BOARD_SLOT_CONSOLE], &console.device, &guest.guest.memory);
	if (options_find(options, "disk", &value)) {
		uint64_t disk = options_size(value + 4);
		struct vio_blk_disk d = { .capacity = disk / 512 };

		vio_ramdisk_init(&ramdisk, to_virtual(pages_take(disk, 4096)));
		vio_blk_init(&blk, &ramdisk.backend, &d);
		vio_mmio_attach(&slots[VIO_BOARD_SLOT_BLK], &blk.device, &guest.guest.memory);
	}
	attach_devices(slots, &guest.guest.memory);
	irq_attach(machine.uart.intid, uart_interrupt, NULL);
	mmio_write32(uart_base + 0x2c, 0x70);
	mmio_write32(uart_base + 0x30, 0x301);
	mmio_write32(uart_base + 0x38, 0x50);
	root_print("vio-root: start\n");
	guest_start(&guest.guest, place.entry, place.fdt);
	root_run(over);
}

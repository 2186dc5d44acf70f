/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine has one UART for everything: the root's reports, the guest's early console and its
 * Virtio console. Input goes to the Virtio console while its driver is running, and to the early
 * console before (U-Boot, bare metal).
 */
#include "device_options.h"
#include "handover.h"
#include "hardware.h"
#include "lan.h"
#include "loopback.h"
#include "machine.h"
#include "network.h"
#include "options.h"
#include "parts.h"
#include "root.h"
#include "system.h"
#include "vcpu.h"

static struct arm_guest *owner;

/* ---- Console ---- */

static struct vio_console console;
static struct vio_console_ports ports; /* in its place, with port= */
static struct vio_device *screen;      /* of whichever it is */

void system_console(const struct machine_device *uart)
{
	hardware_console(uart);
}

/* As many bytes as the early console has room for; its FIFO says when there is more. */
static void feed_early_console(struct guest *guest)
{
	struct vio_console_backend *uart = &hardware.uart.backend;
	uint8_t bytes[VIO_PL011_FIFO];
	uint32_t room = board_early_room(guest);

	if (!(screen->status & VIO_STATUS_DRIVER_OK) && room)
		board_early_input(guest, bytes, uart->read(uart, bytes, room));
}

static void early_output(struct guest *guest, uint8_t byte)
{
	pl011_write(&hardware.uart, &byte, 1);
}

static const struct board_early early = { .output = early_output, .room = feed_early_console };

static void input_ready(void *user)
{
	if (!(screen->status & VIO_STATUS_DRIVER_OK))
		feed_early_console(&owner->guest);
	else if (screen == &ports.device)
		vio_console_port_input_ready(&ports, 0);
	else
		vio_console_input_ready(&console);
}

static void output_ready(void *user)
{
	if (screen == &ports.device)
		vio_console_port_output_ready(&ports, 0);
	else
		vio_console_output_ready(&console);
}

/* The console, and beside it a port that gives back what it is sent. */
static void init_ports(const char *name, uint16_t cols, uint16_t rows)
{
	static struct vio_console_port_info first;
	static struct loopback loopback;

	first = (struct vio_console_port_info){
		.backend = &hardware.uart.backend, .is_console = true, .cols = cols, .rows = rows
	};
	vio_console_ports_init(&ports, &first, false);
	loopback_add(&loopback, &ports, 1, name);
	screen = &ports.device;
}

static void init_console(struct arm_guest *guest)
{
	const char *port = device_options_port();
	uint16_t cols;
	uint16_t rows;

	device_options_size(&cols, &rows);
	if (port) {
		init_ports(port, cols, rows);
	} else {
		vio_console_init(&console, &hardware.uart.backend, cols, rows);
		screen = &console.device;
	}
	board_attach(&guest->guest, VIO_BOARD_SLOT_CONSOLE, screen);
	board_set_early(&guest->guest, &early);
	hardware_uart(input_ready, output_ready);
	feed_early_console(&guest->guest);
}

/* ---- Disk ---- */

static struct vio_blk blks[2]; /* one, but with handover= */
static struct vio_ramdisk ramdisk;
static struct vio_blk_disk ramdisk_says; /* of no capacity: there is none */
static const char *disk_name = "none";

void parts_memory(void)
{
	const char *value;

	network_memory();
	if (options_find(machine.bootargs, "disk", &value) &&
	    !device_options_ramdisk(&ramdisk, &ramdisk_says))
		root_fatal("disk= is not ram:SIZE");
}

static void init_ramdisk(void)
{
	vio_blk_init(&blks[0], &ramdisk.backend, &ramdisk_says);
	disk_name = "in RAM";
}

static bool init_disk(void)
{
	if (!hardware_disk(handover_step))
		return false;
	vio_blk_init(&blks[0], &hardware.disk.backend, &hardware.disk.disk);
	disk_name = "the machine's";
	return true;
}

const char *parts_disk(void)
{
	return disk_name;
}

/* ---- Entropy ---- */

static struct vio_rng rng;

static void entropy_ready(void)
{
	vio_rng_ready(&rng);
}

/* The same numbers in every run, for measuring: nothing waits for the machine's source. */
static bool init_fixed_rng(void)
{
	static const uint8_t no_secret[CSPRNG_SEED];

	csprng_init(&hardware.entropy, NULL);
	csprng_seed(&hardware.entropy, no_secret, sizeof(no_secret));
	vio_rng_init(&rng, &hardware.entropy.source);
	return true;
}

static uint32_t rng_rate;

static bool init_rng(void)
{
	const char *value;
	bool asked = options_find(machine.bootargs, "rng", &value);

	if (asked && options_is(value, "fixed"))
		return init_fixed_rng();
	if ((asked && options_is(value, "off")) || !hardware_entropy(entropy_ready))
		return false;
	vio_rng_init(&rng, &hardware.entropy.source);
	rng_rate = device_options_rng_rate();
	if (rng_rate && !machine.clock.base)
		root_fatal("rng= with a number needs the machine's PL031 clock");
	vio_rng_limit(&rng, rng_rate);
	return true;
}

/* ---- Time ---- */

static void second(void *user)
{
	if (rng_rate)
		vio_rng_refill(&rng, rng_rate);
	lan_tick();
}

/* Only where something goes by it: each interrupt takes time from the guest. */
static void init_clock(void)
{
	if (rng_rate || network_is_there())
		hardware_clock(second);
}

void parts_init(struct arm_guest *guest)
{
	owner = guest;
	device_options_slots(&guest->board.window, &guest->guest.memory);
	init_console(guest);
	if (virtio_has_legacy(hardware_window()))
		root_print("vio-root: a virtio-mmio device of the machine is legacy and not used: "
			   "start "
			   "QEMU with -global virtio-mmio.force-legacy=false\n");
	if (ramdisk_says.capacity)
		init_ramdisk();
	if (ramdisk_says.capacity || init_disk()) {
		board_attach(&guest->guest, VIO_BOARD_SLOT_BLK, &blks[0].device);
		handover_init(&guest->slots[VIO_BOARD_SLOT_BLK], blks, &hardware.disk);
	}
	if (init_rng())
		board_attach(&guest->guest, VIO_BOARD_SLOT_RNG, &rng.device);
	network_init(&guest->guest);
	init_clock();
}

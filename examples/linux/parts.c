/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine has one UART for everything: the root's reports, the guest's early console and its
 * Virtio console. Input goes to the Virtio console while its driver is running, and to the early
 * console before (U-Boot, bare metal).
 */
#include "handover.h"
#include "hardware.h"
#include "lan.h"
#include "loopback.h"
#include "machine.h"
#include "mmu.h"
#include "network.h"
#include "options.h"
#include "pages.h"
#include "parts.h"
#include "root.h"
#include "system.h"
#include "text.h"
#include "vcpu.h"
#include "vio_ramdisk.h"

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

/* console=COLSxROWS; 0 by 0, not known, otherwise */
static void read_size(uint16_t *cols, uint16_t *rows)
{
	const char *value;
	char *end;

	*cols = 0;
	*rows = 0;
	if (!options_find(machine.bootargs, "console", &value))
		return;
	*cols = (uint16_t)strtoul(value, &end, 10);
	if (*end != 'x' || !*cols)
		root_fatal("console= is no size such as 80x25");
	*rows = (uint16_t)strtoul(end + 1, &end, 10);
}

/* port=NAME: the console, and beside it a port that gives back what it is sent. */
static void init_ports(const char *value, uint16_t cols, uint16_t rows)
{
	static struct vio_console_port_info first;
	static struct loopback loopback;
	static char name[32];
	size_t len = 0;

	while (value[len] && value[len] != ' ')
		len++;
	if (len == 0 || len >= sizeof(name))
		root_fatal("port= is no name of 1 to 31 characters");
	memcpy(name, value, len);
	first = (struct vio_console_port_info){
		.backend = &hardware.uart.backend, .is_console = true, .cols = cols, .rows = rows
	};
	vio_console_ports_init(&ports, &first, false);
	loopback_add(&loopback, &ports, 1, name);
	screen = &ports.device;
}

static void init_console(struct arm_guest *guest)
{
	const char *value;
	uint16_t cols;
	uint16_t rows;

	read_size(&cols, &rows);
	if (options_find(machine.bootargs, "port", &value)) {
		init_ports(value, cols, rows);
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
static uint64_t ramdisk_at, ramdisk_size;
static const char *disk_name = "none";

void parts_memory(void)
{
	const char *value;

	network_memory();
	if (!options_find(machine.bootargs, "disk", &value))
		return;
	if (strnlen(value, 4) < 4 || memcmp(value, "ram:", 4) != 0)
		root_fatal("disk= is not ram:SIZE");
	ramdisk_size = options_size(value + 4);
	if (!ramdisk_size || ramdisk_size % VIO_BLK_SECTOR)
		root_fatal("disk=ram: is followed by no size in multiples of %u bytes",
			   VIO_BLK_SECTOR);
	ramdisk_at = pages_take(ramdisk_size, PAGE_SIZE);
	if (ramdisk_at == PAGES_NONE)
		root_fatal("the RAM disk does not fit: %lu bytes, and %lu are there in one piece",
			   ramdisk_size, pages_largest(PAGE_SIZE));
}

static void init_ramdisk(void)
{
	const struct vio_blk_disk says = {
		.capacity = ramdisk_size / VIO_BLK_SECTOR,
		.id = "ram",
	};

	memset(to_virtual(ramdisk_at), 0, ramdisk_size);
	vio_ramdisk_init(&ramdisk, to_virtual(ramdisk_at));
	vio_blk_init(&blks[0], &ramdisk.backend, &says);
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

/* rng=RATE: bytes a second, which is also what may be drawn at once. */
static void limit_rng(const char *value)
{
	uint64_t rate = options_size(value);

	if (!rate || rate > UINT32_MAX)
		root_fatal("rng= is neither off nor fixed, nor a number of bytes a second");
	if (!machine.clock.base)
		root_fatal("rng= with a number needs the machine's PL031 clock");
	rng_rate = (uint32_t)rate;
	vio_rng_limit(&rng, rng_rate);
}

static bool init_rng(void)
{
	const char *value;
	bool asked = options_find(machine.bootargs, "rng", &value);

	if (asked && options_is(value, "fixed"))
		return init_fixed_rng();
	if ((asked && options_is(value, "off")) || !hardware_entropy(entropy_ready))
		return false;
	vio_rng_init(&rng, &hardware.entropy.source);
	if (asked)
		limit_rng(value);
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

/* ---- Slots ---- */

static const struct slot_kind {
	const char *word;
	const struct vio_mmio_version *version; /* NULL: 2 */
	uint64_t withheld;                      /* features */
} slot_kinds[] = {
	{ "packed", NULL, 0 },
	{ "split", NULL, VIO_BIT(VIO_F_RING_PACKED) },
	{ "legacy", VIO_MMIO_LEGACY, 0 },
};

static const struct slot_kind *read_slot_kind(const char *value)
{
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(slot_kinds); i++) {
		if (options_is(value, slot_kinds[i].word))
			return &slot_kinds[i];
	}
	root_fatal("virtio= is none of packed, split and legacy");
}

static uint32_t read_slots(void)
{
	uint32_t slots = 0;
	const char *value;
	char *end;

	if (!options_find(machine.bootargs, "virtio-slots", &value))
		return UINT32_MAX;
	for (;; value = end + 1) {
		unsigned long slot = strtoul(value, &end, 10);

		if (end == value || slot >= BOARD_SLOTS)
			root_fatal("virtio-slots= is no list of slots from 0 to %u",
				   BOARD_SLOTS - 1);
		slots |= UINT32_C(1) << slot;
		if (*end != ',')
			return slots;
	}
}

/* What a slot is counts from the next attachment on, so its dummy comes anew. */
static void init_slots(struct arm_guest *guest)
{
	struct board *board = &guest->board;
	const struct slot_kind *kind;
	const char *value;
	uint32_t slots;

	if (!options_find(machine.bootargs, "virtio", &value))
		return;
	kind = read_slot_kind(value);
	slots = read_slots();
	for (unsigned i = 0; i < BOARD_SLOTS; i++) {
		if ((slots >> i & 1) == 0)
			continue;
		board->slots[i].version = kind->version;
		board->slots[i].withheld = kind->withheld;
		board_attach(&guest->guest, i, &board->dummies[i].device);
	}
}

void parts_init(struct arm_guest *guest)
{
	owner = guest;
	init_slots(guest);
	init_console(guest);
	if (virtio_has_legacy(hardware_window()))
		root_print("vio-root: a virtio-mmio device of the machine is legacy and not used: "
			   "start "
			   "QEMU with -global virtio-mmio.force-legacy=false\n");
	if (ramdisk_size)
		init_ramdisk();
	if (ramdisk_size || init_disk()) {
		board_attach(&guest->guest, VIO_BOARD_SLOT_BLK, &blks[0].device);
		handover_init(&guest->board.slots[VIO_BOARD_SLOT_BLK], blks, &hardware.disk);
	}
	if (init_rng())
		board_attach(&guest->guest, VIO_BOARD_SLOT_RNG, &rng.device);
	network_init(&guest->guest);
	init_clock();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine has one UART for everything: the root's reports, the guest's early console and its
 * Virtio console. Input goes to the Virtio console while its driver is running, and to the early
 * console before (U-Boot, bare metal).
 */
#include "csprng.h"
#include "handover.h"
#include "irq.h"
#include "loopback.h"
#include "machine.h"
#include "mmu.h"
#include "network.h"
#include "options.h"
#include "pages.h"
#include "parts.h"
#include "pl011.h"
#include "pl031.h"
#include "root.h"
#include "system.h"
#include "text.h"
#include "vcpu.h"
#include "vio_ramdisk.h"
#include "virtio_blk.h"
#include "virtio_probe.h"
#include "virtio_rng.h"

static struct arm_guest *owner;

/* ---- Console ---- */

static struct pl011 uart;
static struct vio_console console;
static struct vio_console_ports ports; /* in its place, with port= */
static struct vio_device *screen;      /* of whichever it is */

static void put(char c)
{
	pl011_write(&uart, &c, 1);
}

void system_console(const struct machine_device *device)
{
	pl011_init(&uart, to_virtual(device->base), 0, 0);
	root_set_console(put);
}

/* As many bytes as the early console has room for; its FIFO says when there is more. */
static void feed_early_console(struct arm_guest *guest)
{
	struct vio_pl011 *early = &guest->board.uart;
	uint8_t bytes[VIO_PL011_FIFO];
	uint32_t room = sizeof(bytes) - early->count;

	if (!(screen->status & VIO_STATUS_DRIVER_OK) && room)
		vio_pl011_input(early, bytes, uart.backend.read(&uart.backend, bytes, room));
}

static void early_output(struct arm_guest *guest, uint8_t byte)
{
	pl011_write(&uart, &byte, 1);
}

static void input_ready(void *user)
{
	if (!(screen->status & VIO_STATUS_DRIVER_OK))
		feed_early_console(owner);
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

static void uart_interrupt(void *user)
{
	pl011_interrupt(&uart);
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
		.backend = &uart.backend, .is_console = true, .cols = cols, .rows = rows
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
		vio_console_init(&console, &uart.backend, cols, rows);
		screen = &console.device;
	}
	board_attach(guest, VIO_BOARD_SLOT_CONSOLE, screen);
	guest->board.uart_output = early_output;
	guest->board.uart_room = feed_early_console;
	uart.input_ready = input_ready;
	uart.output_ready = output_ready;
	irq_attach(machine.uart.intid, uart_interrupt, NULL);
	feed_early_console(guest);
}

/* ---- Disk ---- */

static struct vio_blk blks[2]; /* one, but with handover= */
static struct virtio_blk disk;
static struct vio_ramdisk ramdisk;
static uint64_t ramdisk_at, ramdisk_size;
static const char *disk_name = "none";

static const struct virtio_window *machine_window(void)
{
	static struct virtio_window window;

	window = (struct virtio_window){
		.access = &vio_driver_mapped,
		.registers = to_virtual(machine.virtio.base),
		.dma_offset = -LINEAR,
		.stride = machine.virtio_stride,
		.count = machine.virtio_count,
	};
	return &window;
}

void parts_memory(void)
{
	const char *value;

	network_memory(machine_window());
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

static void disk_interrupt(void *user)
{
	virtio_blk_interrupt(&disk);
	handover_step();
}

static bool init_disk(void)
{
	struct vio_driver driver;
	int slot = virtio_find(machine_window(), VIO_ID_BLK, 0, &driver);
	const char *error;

	if (slot < 0)
		return false;
	error = virtio_blk_init(&disk, &driver);
	if (error)
		root_fatal("the machine's disk: %s", error);
	vio_blk_init(&blks[0], &disk.backend, &disk.disk);
	irq_attach(machine.virtio.intid + (unsigned)slot, disk_interrupt, NULL);
	disk_name = "the machine's";
	return true;
}

const char *parts_disk(void)
{
	return disk_name;
}

/* ---- Entropy ---- */

static struct virtio_rng source;
static struct csprng csprng;
static struct vio_rng rng;

static void seed_wanted(struct csprng *wanting)
{
	virtio_rng_request(&source);
}

static void seed_ready(void *user, const void *bytes, uint32_t len)
{
	csprng_seed(&csprng, bytes, len);
	vio_rng_ready(&rng);
}

static void rng_interrupt(void *user)
{
	virtio_rng_interrupt(&source);
}

/* The same numbers in every run, for measuring: nothing waits for the machine's source. */
static bool init_fixed_rng(void)
{
	static const uint8_t no_secret[CSPRNG_SEED];

	csprng_init(&csprng, NULL);
	csprng_seed(&csprng, no_secret, sizeof(no_secret));
	vio_rng_init(&rng, &csprng.source);
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
	struct vio_driver driver;
	int slot = virtio_find(machine_window(), VIO_ID_RNG, 0, &driver);
	const char *error;
	const char *value;
	bool asked = options_find(machine.bootargs, "rng", &value);

	if (asked && options_is(value, "fixed"))
		return init_fixed_rng();
	if (slot < 0 || (asked && options_is(value, "off")))
		return false;
	csprng_init(&csprng, seed_wanted);
	vio_rng_init(&rng, &csprng.source);
	if (asked)
		limit_rng(value);
	source.ready = seed_ready;
	error = virtio_rng_init(&source, &driver);
	if (error)
		root_fatal("the machine's source of entropy: %s", error);
	virtio_rng_request(&source);
	irq_attach(machine.virtio.intid + (unsigned)slot, rng_interrupt, NULL);
	return true;
}

uint32_t parts_seed(void *to, uint32_t size)
{
	if (rng.device.type == NULL)
		return 0;
	/* The seed of our own generator is under way. */
	while (!csprng.seeded) {
		wfi();
		irq_take();
	}
	return csprng.source.fill(&csprng.source, to, size);
}

/* Without a source, or before its first answer, by the time. */
static uint32_t random_number(void)
{
	uint32_t number = (uint32_t)arch_now() * UINT32_C(0x9e3779b1);

	if (rng.device.type && csprng.seeded)
		csprng.source.fill(&csprng.source, &number, sizeof(number));
	return number;
}

/* ---- Time ---- */

static struct pl031 clock;

static void second(void *user)
{
	if (rng_rate)
		vio_rng_refill(&rng, rng_rate);
	network_tick();
}

static void clock_interrupt(void *user)
{
	pl031_interrupt(&clock);
}

/* Only where something goes by it: each interrupt takes time from the guest. */
static void init_clock(void)
{
	if (!machine.clock.base || !(rng_rate || network_is_there()))
		return;
	clock.tick = second;
	pl031_init(&clock, to_virtual(machine.clock.base));
	irq_attach(machine.clock.intid, clock_interrupt, NULL);
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
		board_attach(guest, i, &board->dummies[i].device);
	}
}

void parts_init(struct arm_guest *guest)
{
	owner = guest;
	init_slots(guest);
	init_console(guest);
	if (virtio_has_legacy(machine_window()))
		root_print("vio-root: a virtio-mmio device of the machine is legacy and not used: "
			   "start "
			   "QEMU with -global virtio-mmio.force-legacy=false\n");
	if (ramdisk_size)
		init_ramdisk();
	if (ramdisk_size || init_disk()) {
		board_attach(guest, VIO_BOARD_SLOT_BLK, &blks[0].device);
		handover_init(&guest->board.slots[VIO_BOARD_SLOT_BLK], blks, &disk);
	}
	if (init_rng())
		board_attach(guest, VIO_BOARD_SLOT_RNG, &rng.device);
	network_init(guest, random_number);
	init_clock();
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "hardware.h"
#include "guest.h"
#include "root.h"
#include "virtio_rng.h"

struct hardware hardware;

static struct virtio_rng source;

const struct virtio_window *hardware_window(void)
{
	static struct virtio_window window;

	window = (struct virtio_window){
		.access = &vio_driver_mapped,
		.registers = arch_pointer(machine.virtio.base),
		.dma_offset = 0 - (uint64_t)(uintptr_t)arch_pointer(0),
		.stride = machine.virtio_stride,
		.count = machine.virtio_count,
	};
	return &window;
}

/* With its page. */
static bool is_ours(int slot)
{
	uint64_t base = machine.virtio.base + (uint64_t)slot * machine.virtio_stride;

	return !machine_claim(base, machine.virtio_stride, machine.virtio.intid + (unsigned)slot,
			      &machine_root);
}

int hardware_find(uint32_t id, struct vio_driver *driver)
{
	int slot = -1;

	do
		slot = virtio_find(hardware_window(), id, (unsigned)(slot + 1), driver);
	while (slot >= 0 && !is_ours(slot));
	return slot;
}

bool hardware_quiet_virtio(struct pass *pass)
{
	const struct virtio_window *window = hardware_window();
	bool quiet = true;

	for (uint64_t at = 0; at < pass->registers.size; at += window->stride) {
		struct vio_driver driver = {
			.access = window->access,
			.registers = arch_pointer(pass->registers.physical + at),
		};

		if (!vio_driver_reset(&driver))
			quiet = false;
	}
	return quiet;
}

/* ---- The UART ---- */

static void put(char c)
{
	pl011_write(&hardware.uart, &c, 1);
}

void hardware_console(const struct machine_device *uart)
{
	pl011_init(&hardware.uart, arch_pointer(uart->base), 0, 0);
	root_set_console(put);
}

static void uart_interrupt(void *owner)
{
	(void)owner;
	pl011_interrupt(&hardware.uart);
}

void hardware_uart(void (*input_ready)(void *user), void (*output_ready)(void *user))
{
	hardware.uart.input_ready = input_ready;
	hardware.uart.output_ready = output_ready;
	irq_attach(machine.uart.intid, uart_interrupt, NULL);
}

static void terminal_char(char c)
{
	terminal_root(&hardware.terminal, c);
}

static void terminal_input(void *user)
{
	(void)user;
	terminal_input_ready(&hardware.terminal);
}

static void terminal_output(void *user)
{
	(void)user;
	terminal_output_ready(&hardware.terminal);
}

void hardware_terminal(void)
{
	hardware.terminal.line = &hardware.uart.backend;
	hardware.terminal.key = TERMINAL_KEY;
	hardware_uart(terminal_input, terminal_output);
	root_set_console(terminal_char);
}

/* ---- The disk ---- */

static void (*disk_served)(void);

static void disk_interrupt(void *owner)
{
	(void)owner;
	virtio_blk_interrupt(&hardware.disk);
	if (disk_served)
		disk_served();
}

bool hardware_disk(void (*after)(void))
{
	struct vio_driver driver;
	int slot = hardware_find(VIO_ID_BLK, &driver);
	const char *error = NULL;

	if (slot < 0)
		return false;
	error = virtio_blk_init(&hardware.disk, &driver);
	if (error)
		root_fatal("the machine's disk: %s", error);
	disk_served = after;
	irq_attach(machine.virtio.intid + (unsigned)slot, disk_interrupt, NULL);
	return true;
}

/* ---- Entropy ---- */

static void (*entropy_ready)(void);

static void seed_wanted(struct csprng *wanting)
{
	(void)wanting;
	virtio_rng_request(&source);
}

static void seed_ready(void *user, const void *bytes, uint32_t len)
{
	(void)user;
	csprng_seed(&hardware.entropy, bytes, len);
	if (entropy_ready)
		entropy_ready();
}

static void rng_interrupt(void *owner)
{
	(void)owner;
	virtio_rng_interrupt(&source);
}

bool hardware_entropy(void (*ready)(void))
{
	struct vio_driver driver;
	int slot = hardware_find(VIO_ID_RNG, &driver);
	const char *error = NULL;

	if (slot < 0)
		return false;
	csprng_init(&hardware.entropy, seed_wanted);
	entropy_ready = ready;
	source.ready = seed_ready;
	error = virtio_rng_init(&source, &driver);
	if (error)
		root_fatal("the machine's source of entropy: %s", error);
	virtio_rng_request(&source);
	irq_attach(machine.virtio.intid + (unsigned)slot, rng_interrupt, NULL);
	return true;
}

void hardware_settle(void)
{
	while (hardware.entropy.source.fill && !hardware.entropy.seeded)
		arch_interrupts(true);
}

uint32_t hardware_seed(void *to, uint32_t size)
{
	if (!hardware.entropy.source.fill)
		return 0;
	hardware_settle();
	return hardware.entropy.source.fill(&hardware.entropy.source, to, size);
}

/* ---- Time ---- */

static void clock_interrupt(void *owner)
{
	(void)owner;
	pl031_interrupt(&hardware.clock);
}

bool hardware_clock(void (*second)(void *user))
{
	if (!machine.clock.base ||
	    machine_claim(machine.clock.base, 1, machine.clock.intid, &machine_root))
		return false;
	hardware.clock.tick = second;
	pl031_init(&hardware.clock, arch_pointer(machine.clock.base));
	irq_attach(machine.clock.intid, clock_interrupt, NULL);
	return true;
}

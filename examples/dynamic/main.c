/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A dynamic system: a shell on the root's console makes guests, loads them from files of the host
 * and watches over them (roots/common/shell). Options on the machine's command line:
 *
 *	semihosting		the host gives files by semihosting, which each guest can then reach
 *				by itself (semihosting.h): for development
 *	index=FILE		one of them lists the others, one name a line, for completion
 *	console=COLSxROWS	size of the terminal, in characters
 *	net=off			no network for the guests, though the machine has a card
 */
#include "dynamic.h"
#include "hardware.h"
#include "mmu.h"
#include "options.h"
#include "pages.h"
#include "root.h"
#include "semihosting.h"
#include "system.h"
#include "text.h"
#include "vcpu.h"
#include "virtio_net.h"

#define GUESTS 8
#define VCPUS  4

static struct {
	struct arm_vcpu vcpus[VCPUS];
	struct arm_guest guest;
} guests[GUESTS];

static struct dynamic_guest slots[GUESTS];
static struct dynamic dynamic;

void system_console(const struct machine_device *uart)
{
	hardware_console(uart);
}

/* ---- The network ---- */

static struct vio_switch lan;
static struct virtio_net card;

static void card_interrupt(void *owner)
{
	virtio_net_interrupt(&card);
}

/* The guests among themselves, and the machine's card if there is one. */
static void start_network(void)
{
	const uint64_t size =
		(sizeof(struct virtio_net_memory) + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);
	struct vio_driver driver;
	const char *error;
	const char *value;
	uint64_t at;
	int slot;

	if (options_find(machine.bootargs, "net", &value) && options_is(value, "off"))
		return;
	dynamic.lan = &lan;
	slot = hardware_find(VIO_ID_NET, &driver);
	if (slot < 0)
		return;
	at = pages_take(size, PAGE_SIZE);
	if (at == PAGES_NONE)
		root_fatal("there is no memory for the network card: %lu bytes", size);
	error = virtio_net_init(&card, &driver, to_virtual(at));
	if (error)
		root_fatal("the machine's network card: %s", error);
	vio_switch_add(&lan, &card.port, NULL);
	irq_attach(machine.virtio.intid + (unsigned)slot, card_interrupt, NULL);
}

static void second(void *user)
{
	vio_switch_tick(&lan);
}

/* ---- The system ---- */

static void read_options(void)
{
	static char index[DYNAMIC_FILE + 1];
	const char *value;
	size_t len = 0;

	if (options_find(machine.bootargs, "semihosting", &value))
		dynamic.files = &semihosting;
	if (options_find(machine.bootargs, "console", &value))
		dynamic.columns = (unsigned)strtoul(value, NULL, 10);
	if (!options_find(machine.bootargs, "index", &value))
		return;
	for (; value[len] && value[len] != ' ' && len < sizeof(index) - 1; len++)
		index[len] = value[len];
	dynamic.index = index;
}

void system_main(void)
{
	read_options();
	for (unsigned i = 0; i < GUESTS; i++) {
		guests[i].guest.vcpus = guests[i].vcpus;
		slots[i].guest = &guests[i].guest.guest;
	}
	dynamic.terminal = &hardware.terminal;
	dynamic.guests = slots;
	dynamic.count = GUESTS;
	dynamic.vcpus_max = VCPUS;
	if (hardware_disk(NULL)) {
		dynamic.disk = &hardware.disk.backend;
		dynamic.disk_says = &hardware.disk.disk;
	}
	if (hardware_entropy(NULL)) {
		dynamic.entropy = &hardware.entropy.source;
		dynamic.seed = hardware_seed;
		hardware_seed(&dynamic.serial, sizeof(dynamic.serial)); /* waits for the source */
	}
	start_network();
	if (dynamic.lan)
		hardware_clock(second);
	hardware_terminal();
	dynamic_start(&dynamic);
	terminal_input_ready(&hardware.terminal);
	root_run();
}

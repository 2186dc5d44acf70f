/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One guest on the standard board, by default Linux: its files come in a cpio archive that QEMU
 * calls the initrd (members `kernel` and, if wanted, `initrd`).
 *
 * Options stand before ` -- ` on the machine's command line, the guest's own behind it:
 *
 *	mem=SIZE		the guest's RAM, such as 512M; all there is by default
 *	cpus=N			the guest's vCPUs, 1 to 4, which share the machine's CPUs
 *	pin=N,N...		the only CPU, from 0, that each vCPU runs on; those that it does not
 *				reach float
 *	disk=ram:SIZE		a RAM disk in the place of the machine's disk
 *	rng=off|fixed|RATE	no entropy for the guest; or the same numbers in every run, which
 *			is for measuring and nothing else; or so many bytes a second
 *	net=off|MAC		no network for the guest, though the machine has a card; or the
 *			guest's address on it, such as 52:00:00:00:00:01
 *	address=dhcp|A.B.C.D/N	the root's own IP address there, and the bits of its net; none by
 *			default
 *	iperf			the root measures TCP there, on ports 5001 and 5002
 *	echo			the root sends back what it gets by TCP there, on port 7
 *	status			the root shows its status there, by HTTP
 *	console=COLSxROWS	size of the terminal, in characters
 *	port=NAME		a second port of the console, by that name, which gives back
 *				what is sent to it
 *	kernel=flat		the kernel is a flat binary, such as U-Boot
 *	policy=stop|abort	an access to nothing ends the guest with a report, or gives it
 *				the abort that hardware would: the default for an arm64 Image
 *	reset=off|restart	what the guest's reset does: end, as by default, or start it again
 *	virtio=packed|split|legacy
 *				the best that the slots offer: packed rings, as by default, split
 *				ones, or virtio-mmio version 1 for legacy drivers
 *	virtio-slots=N,N...	these slots only are as virtio= says; all by default
 *	handover=N		after each N interrupts of the machine's disk another device takes
 *				over in the guest's slot (handover.h)
 *	quiet			say nothing unless something is wrong
 */
#include "devices.h"
#include "guests.h"
#include "handover.h"
#include "hardware.h"
#include "lan.h"
#include "load.h"
#include "machine.h"
#include "options.h"
#include "pages.h"
#include "parts.h"
#include "root.h"
#include "system.h"
#include "text.h"
#include "vcpu.h"

#define MIB       UINT64_C(0x100000)

#define VCPUS_MAX 4

static struct arm_vcpu vcpus[VCPUS_MAX];
static struct arm_guest guest = { .vcpus = vcpus };
static struct board_program program;
static uint8_t seed[64];
static bool quiet;

static void read_bundle(void)
{
	const void *bundle;
	bool damaged;

	if (!machine.bundle_size)
		root_fatal("there is no bundle with a kernel: start QEMU with -initrd BUNDLE");
	bundle = arch_pointer(machine.bundle);
	program.kernel = cpio_find(bundle, machine.bundle_size, "kernel", &damaged);
	if (damaged)
		root_fatal("the bundle is no cpio archive of the newc format, or is cut short");
	if (!program.kernel.data)
		root_fatal("the bundle has no member `kernel`");
	program.initrd = cpio_find(bundle, machine.bundle_size, "initrd", &damaged);
}

static uint64_t ram_size(void)
{
	const uint64_t granule = vio_board_arm.ram_granule;
	uint64_t there = pages_largest(granule);
	uint64_t size = there;
	const char *value;

	if (options_find(machine.bootargs, "mem", &value)) {
		size = options_size(value);
		if (size < vio_board_arm.ram_min || size % granule)
			root_fatal("mem= is not a multiple of %lu MiB", granule / MIB);
	}
	if (size > there)
		root_fatal("the guest's RAM does not fit: mem=%luM, and the machine has %lu MiB in "
			   "one "
			   "piece (QEMU's -m)",
			   size / MIB, there / MIB);
	return size;
}

static unsigned vcpu_count(void)
{
	const char *value;
	uint64_t count;

	if (!options_find(machine.bootargs, "cpus", &value))
		return 1;
	count = options_size(value);
	if (count < 1 || count > VCPUS_MAX)
		root_fatal("cpus= is no number from 1 to %u", VCPUS_MAX);
	return (unsigned)count;
}

static void pin(void)
{
	const char *value;
	char *end;

	if (!options_find(machine.bootargs, "pin", &value))
		return;
	for (unsigned i = 0; i < VCPUS_MAX; i++, value = end + 1) {
		unsigned long cpu = strtoul(value, &end, 10);

		if (end == value || (cpu > 0 && cpu >= machine.cpu_count))
			root_fatal("pin= is no list of the machine's CPUs, from 0, such as 0,1");
		vcpus[i].vcpu.entity.cpus = 1U << cpu;
		if (*end != ',')
			break;
	}
}

static enum guest_policy policy(void)
{
	const char *value;

	if (!options_find(machine.bootargs, "policy", &value))
		return load_is_image(&program.kernel) ? GUEST_ABORT : GUEST_STOP;
	if (!options_is(value, "stop") && !options_is(value, "abort"))
		root_fatal("policy= is neither stop nor abort");
	return options_is(value, "stop") ? GUEST_STOP : GUEST_ABORT;
}

/* Entropy for the guest's start, each time new. */
static void draw_seed(void)
{
	program.seed_size = hardware_seed(seed, sizeof(seed));
	program.seed = program.seed_size ? seed : NULL;
	hardware_seed(&program.kaslr_seed, sizeof(program.kaslr_seed));
}

static bool load(struct guest *starting, struct guest_entry *entry)
{
	draw_seed();
	return board_load(starting, &program, entry);
}

/* Its disk has everything the guest was told it has. */
static void over(struct guest *ended)
{
	if (ended->end == GUEST_STOPPED)
		root_fatal("guest %s has been stopped", ended->name);
	handover_report();
	if (!quiet)
		lan_report();
	root_power_off();
}

static const struct guest_ops ops = {
	.load = load,
	.quiesce = board_quiesce,
	.over = over,
};

static void demand(enum guest_error error)
{
	if (error != GUEST_OK)
		root_fatal("guest %s: %s", guest.guest.name, guest_error_text(error));
}

void system_main(void)
{
	const char *options = machine.bootargs;
	const char *value;

	read_bundle();
	program.bootargs = options_guest(options);
	program.flat = options_find(options, "kernel", &value) && options_is(value, "flat");
	demand(guest_create(&guest.guest, "linux", 1, vcpu_count(), &ops));
	guest.guest.policy = policy();
	pin();
	guest.guest.restart_on_reset =
		options_find(options, "reset", &value) && options_is(value, "restart");
	parts_memory();
	demand(board_init(&guest.guest, ram_size()));
	parts_init(&guest);
	attach_devices(guest.slots, &guest.guest.memory);
	quiet = options_find(options, "quiet", &value);
	if (!quiet)
		root_print("vio-root: guest %s: %lu MiB, GICv%u, disk: %s\n", guest.guest.name,
			   guest.board.ram.size / MIB, gic.version, parts_disk());
	start_other_guests(&guest.guest, arch_pointer(machine.bundle), machine.bundle_size);
	demand(guest_start(&guest.guest));
	root_run();
}

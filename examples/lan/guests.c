/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guests on one network: Linux, several times, each with a network device on the same switch,
 * beside the machine's card and the root's own port (lan.h, with its options). They share the UART:
 * one is attached, Control-] leads to the next, and what the others say comes out after their
 * names.
 *
 *	guests=N		so many, 1 to 8; two by default
 *	mem=SIZE		RAM of all of them together; all there is by default
 *	macK=A:B:C:D:E:F	address of guest K, from 1 on; 52:56:49:4f:00:0K by default
 *	vlanK=N			its VLAN; 0, that of card and root, by default
 *	privateK		it sees no other private guest
 *	rateK=N			bytes a second that it may send; no limit by default
 *
 * A guest finds its number on its command line: guest=K, behind what stands there for all.
 */
#include "board.h"
#include "hardware.h"
#include "kit.h"
#include "lan.h"
#include "load.h"
#include "options.h"
#include "pages.h"
#include "root.h"
#include "system.h"
#include "text.h"
#include "vcpu.h"

#define GUESTS_MAX 8
#define LINE_MAX   512

static struct one {
	struct arm_vcpu vcpus[1];
	struct arm_guest guest;
	struct kit kit;
	char name[7];
	char line[LINE_MAX]; /* its command line */
	uint8_t seed[64];
} ones[GUESTS_MAX];

static unsigned count;
static unsigned alive;
static bool plugged = true; /* the card's wire is */
static struct cpio_file kernel;
static struct cpio_file initrd;

/* ---- Options ---- */

static const char *option(const char *name)
{
	const char *value = NULL;

	return options_find(machine.bootargs, name, &value) ? value : NULL;
}

/* An option that each guest has its own of. */
static const char *option_of(const struct one *one, const char *name)
{
	char own[16];
	size_t len = strnlen(name, sizeof(own) - 2);

	memcpy(own, name, len);
	own[len] = (char)('0' + one->kit.guest->number);
	own[len + 1] = '\0';
	return option(own);
}

static uint64_t number(const char *name, const char *value, uint64_t most)
{
	uint64_t is = options_size(value);

	if (is == 0 || is > most)
		root_fatal("%s= is no number from 1 to %lu", name, most);
	return is;
}

static void read_bundle(void)
{
	const void *bundle = arch_pointer(machine.bundle);
	bool damaged = false;

	if (!machine.bundle_size)
		root_fatal("there is no bundle with a kernel: start QEMU with -initrd BUNDLE");
	kernel = cpio_find(bundle, machine.bundle_size, "kernel", &damaged);
	if (damaged || !kernel.data)
		root_fatal("the bundle is no cpio archive with a member `kernel`");
	initrd = cpio_find(bundle, machine.bundle_size, "initrd", &damaged);
}

void system_console(const struct machine_device *uart)
{
	hardware_console(uart);
}

/* ---- Guests ---- */

static struct one *one_of(struct guest *guest)
{
	return VIO_CONTAINER_OF(arm_guest(guest), struct one, guest);
}

static bool load(struct guest *guest, struct guest_entry *entry)
{
	struct one *one = one_of(guest);
	struct board_program program = {
		.kernel = kernel,
		.initrd = initrd,
		.bootargs = one->line,
		.seed_size = hardware_seed(one->seed, sizeof(one->seed)),
	};

	program.seed = program.seed_size != 0 ? one->seed : NULL;
	hardware_seed(&program.kaslr_seed, sizeof(program.kaslr_seed));
	return board_load(guest, &program, entry);
}

static void over(struct guest *guest)
{
	kit_end(kit_of(guest));
	root_print("vio-root: guest %s is over\n", guest->name);
	if (--alive != 0)
		return;
	if (!option("quiet"))
		lan_report();
	root_power_off();
}

static const struct guest_ops ops = { .load = load, .quiesce = board_quiesce, .over = over };

static void write_line(struct one *one)
{
	const char *all = options_guest(machine.bootargs);
	const size_t len = strnlen(all, LINE_MAX - sizeof(" guest=1"));

	memcpy(one->line, all, len);
	memcpy(one->line + len, " guest=1", sizeof(" guest=1"));
	one->line[len + sizeof(" guest=") - 1] = one->name[5];
}

static void read_net(struct one *one, struct kit_plan *plan)
{
	const char *value = option_of(one, "mac");

	if (value && !lan_read_mac(value, plan->mac))
		root_fatal("%s: its mac= is no address such as 52:00:00:00:00:01", one->name);
	value = option_of(one, "vlan");
	plan->vlan = value ? (uint16_t)number("vlan", value, UINT16_MAX) : 0;
	value = option_of(one, "rate");
	plan->rate = value ? (uint32_t)number("rate", value, INT32_MAX) : 0;
	plan->is_private = option_of(one, "private") != NULL;
	plan->lan = &lan;
}

static void make(unsigned index, uint64_t ram)
{
	struct one *one = &ones[index];
	struct kit_plan plan = {
		.name = one->name,
		.number = index + 1,
		.vcpus = VIO_ARRAY_SIZE(one->vcpus),
		.ram = ram,
		.terminal = &hardware.terminal,
		.entropy = hardware.entropy.source.fill ? &hardware.entropy.source : NULL,
	};
	const char *problem = NULL;
	enum guest_error error = GUEST_OK;

	memcpy(one->name, "guest1", sizeof(one->name));
	one->name[5] = (char)('1' + index);
	one->guest.vcpus = one->vcpus;
	one->kit.guest = &one->guest.guest;
	one->guest.guest.number = plan.number;
	read_net(one, &plan);
	write_line(one);
	problem = kit_make(&one->kit, &one->guest.guest, &plan, &ops);
	if (problem)
		root_fatal("guest %s: %s", one->name, problem);
	one->guest.guest.policy = GUEST_ABORT;
	if (!plugged)
		vio_net_set_link(&one->kit.net, false);
	error = guest_start(&one->guest.guest);
	if (error != GUEST_OK)
		root_fatal("guest %s: %s", one->name, guest_error_text(error));
	alive++;
}

static struct guest *guest_at(unsigned index)
{
	return index < count ? &ones[index].guest.guest : NULL;
}

/* The guests that are made are told when the wire is pulled. */
static void link_changed(bool up)
{
	plugged = up;
	for (unsigned i = 0; i < count; i++) {
		if (ones[i].kit.net.port.joined)
			vio_net_set_link(&ones[i].kit.net, up);
	}
}

/* ---- All of it ---- */

static void second(void *user)
{
	lan_tick();
}

static uint64_t ram_of_each(void)
{
	const uint64_t granule = vio_board_arm.ram_granule;
	const char *value = option("mem");
	uint64_t all = value ? options_size(value) : pages_largest(granule);

	return all / count / granule * granule;
}

void system_main(void)
{
	const char *value = option("guests");
	uint64_t ram = 0;

	read_bundle();
	count = value ? (unsigned)number("guests", value, GUESTS_MAX) : 2;
	lan_memory();
	hardware_entropy(NULL);
	hardware_seed(&ram, sizeof(ram)); /* it is seeded from here on */
	hardware_terminal();
	lan_init(guest_at, link_changed);
	hardware_clock(second);
	ram = ram_of_each();
	if (!option("quiet"))
		root_print("vio-root: %u guests of %lu MiB\n", count, ram >> 20);
	for (unsigned i = 0; i < count; i++)
		make(i, ram);
	root_run();
}

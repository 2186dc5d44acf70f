/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Three guests: `answer`, bare metal, answers what `ask`, bare metal too, and `linux` ask it, each
 * by a doorbell and a buffer that only the two have. Both askers measure that, one after the other,
 * and say the figures; then there is Linux' shell. The machine ends with Linux, or with `ask` where
 * Linux is left out.
 *
 * The answerer has the higher priority: it runs as soon as it is rung for.
 *
 *	linux=off	without Linux: the bundle need not have it
 */
#include "board.h"
#include "cpio.h"
#include "hardware.h"
#include "kit.h"
#include "machine.h"
#include "options.h"
#include "root.h"
#include "system.h"
#include "vcpu.h"

#define MIB       UINT64_C(0x100000)
#define BARE_RAM  (4 * MIB)
#define LINUX_RAM (192 * MIB)
#define BUFFER    0x20000000 /* guest-physical, of the first */

enum {
	ANSWER,
	ASK,
	LINUX,
	GUESTS,
};

static struct member {
	struct arm_vcpu vcpus[1];
	struct arm_guest guest;
	struct kit kit;
	struct board_program program;
} members[GUESTS];

static bool with_linux;

/* What connects each asker to the answerer. */
static struct line {
	struct doorbell bell;
	struct region buffer;
} lines[GUESTS];

void system_console(const struct machine_device *uart)
{
	hardware_console(uart);
}

/* ---- Guests ---- */

static struct member *member_of(struct guest *guest)
{
	return VIO_CONTAINER_OF(arm_guest(guest), struct member, guest);
}

static void demand(const char *name, const char *error)
{
	if (error)
		root_fatal("guest %s: %s", name, error);
}

static void demand_ok(const char *name, enum guest_error error)
{
	demand(name, error == GUEST_OK ? NULL : guest_error_text(error));
}

static void start(unsigned n)
{
	struct guest *guest = &members[n].guest.guest;

	demand_ok(guest->name, guest_start(guest));
}

static bool load(struct guest *guest, struct guest_entry *entry)
{
	return board_load(guest, &member_of(guest)->program, entry);
}

static void over(struct guest *guest)
{
	kit_end(kit_of(guest));
	if (guest->end == GUEST_STOPPED)
		root_fatal("guest %s has been stopped", guest->name);
	if (guest == &members[ASK].guest.guest && with_linux)
		start(LINUX);
	else
		root_power_off();
}

static const struct guest_ops ops = { .load = load, .quiesce = board_quiesce, .over = over };

static struct cpio_file find(const char *name)
{
	bool damaged;
	struct cpio_file file =
		cpio_find(arch_pointer(machine.bundle), machine.bundle_size, name, &damaged);

	if (!file.data)
		root_fatal("the bundle has no member `%s`", name);
	return file;
}

static void make(unsigned n, const char *name, uint64_t ram)
{
	const struct kit_plan plan = { .name = name,
				       .number = n + 1,
				       .vcpus = 1,
				       .ram = ram,
				       .terminal = &hardware.terminal };
	struct member *member = &members[n];

	member->guest.vcpus = member->vcpus;
	demand(name, kit_make(&member->kit, &member->guest.guest, &plan, &ops));
}

/* The `number`th doorbell of the answerer is the first of guest `n`. */
static void connect(unsigned n, unsigned number)
{
	struct line *line = &lines[n];
	struct guest *asker = &members[n].guest.guest;
	struct guest *answerer = &members[ANSWER].guest.guest;

	line->buffer.base = BUFFER + number * (uint64_t)MIB;
	line->buffer.size = MIB;
	demand_ok(asker->name, guest_share(&line->buffer));
	demand_ok(asker->name,
		  board_add_doorbell(asker, 0, &line->bell, 0, &line->buffer, answerer->name));
	demand_ok(answerer->name,
		  board_add_doorbell(answerer, number, &line->bell, 1, &line->buffer, asker->name));
}

static void make_linux(void)
{
	struct board_program *program = &members[LINUX].program;

	program->kernel = find("kernel");
	program->initrd = find("initrd");
	program->bootargs = "console=hvc0 quiet panic=-1";
	make(LINUX, "linux", LINUX_RAM);
	members[LINUX].guest.guest.policy = GUEST_ABORT;
	connect(LINUX, 1);
	terminal_attach(&members[LINUX].kit.client);
}

void system_main(void)
{
	const char *value;

	with_linux = !options_find(machine.bootargs, "linux", &value) || !options_is(value, "off");
	hardware_terminal();
	make(ANSWER, "answer", BARE_RAM);
	make(ASK, "ask", BARE_RAM);
	members[ANSWER].program.kernel = find("bare");
	members[ANSWER].program.bootargs = with_linux ? "role=answer2" : "role=answer";
	members[ANSWER].guest.guest.priority++;
	members[ASK].program.kernel = find("bare");
	members[ASK].program.bootargs = "role=ask";
	connect(ASK, 0);
	if (with_linux)
		make_linux();
	start(ANSWER);
	start(ASK);
	root_run();
}

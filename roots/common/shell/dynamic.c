/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "dynamic.h"
#include "load.h"
#include "pages.h"
#include "root.h"
#include "text.h"

static struct dynamic_guest *slot_of(struct guest *guest)
{
	return VIO_CONTAINER_OF(kit_of(guest), struct dynamic_guest, kit);
}

bool dynamic_is_there(const struct dynamic_guest *slot)
{
	return slot->guest->state != GUEST_NONE;
}

static bool is_name(const struct dynamic_guest *slot, const char *name)
{
	size_t len = strlen(name);

	return strlen(slot->name) == len && memcmp(slot->name, name, len) == 0;
}

struct dynamic_guest *dynamic_find(struct dynamic *dynamic, const char *name)
{
	char *end = NULL;
	unsigned long number = strtoul(name, &end, 10);

	for (unsigned i = 0; i < dynamic->count; i++) {
		struct dynamic_guest *slot = &dynamic->guests[i];

		if (dynamic_is_there(slot) &&
		    (is_name(slot, name) || (*name && !*end && slot->guest->number == number)))
			return slot;
	}
	return NULL;
}

/* ---- A guest's start and end ---- */

static struct cpio_file in_memory(const struct dynamic_file *file)
{
	if (!file->size)
		return (struct cpio_file){ 0 };
	return (struct cpio_file){ arch_pointer(file->physical), file->size };
}

struct board_program dynamic_program(const struct dynamic_guest *slot)
{
	const struct cpio_file kernel = in_memory(&slot->kernel);
	const char *usual = kernel.data && load_is_image(&kernel) ? "console=hvc0 panic=-1" : "";

	return (struct board_program){
		.kernel = kernel,
		.initrd = in_memory(&slot->initrd),
		.flat = slot->flat,
		.bootargs = slot->has_arguments ? slot->arguments : usual,
	};
}

static bool load(struct guest *guest, struct guest_entry *entry)
{
	struct dynamic_guest *slot = slot_of(guest);
	struct board_program program = dynamic_program(slot);
	const struct dynamic *dynamic = slot->dynamic;

	if (slot->has_host_calls)
		host_calls_reset(&slot->host_calls);
	if (dynamic->seed) {
		program.seed_size = dynamic->seed(slot->seed, sizeof(slot->seed));
		program.seed = program.seed_size ? slot->seed : NULL;
		dynamic->seed(&program.kaslr_seed, sizeof(program.kaslr_seed));
	}
	kit_begin(&slot->kit);
	return board_load(guest, &program, entry);
}

void dynamic_drop(struct dynamic_file *file)
{
	if (file->room)
		pages_give(file->physical, file->room);
	file->room = 0;
	file->size = 0;
}

/* The guest's data is not for who has this memory next. */
static void drop_ramdisk(struct dynamic_guest *slot)
{
	if (slot->ramdisk_size) {
		memset(arch_pointer(slot->ramdisk_at), 0, slot->ramdisk_size);
		pages_give(slot->ramdisk_at, slot->ramdisk_size);
	}
	slot->ramdisk_size = 0;
}

static void be_gone(struct dynamic_guest *slot)
{
	dynamic_drop(&slot->kernel);
	dynamic_drop(&slot->initrd);
	drop_ramdisk(slot);
	slot->has_slice = false;
	if (slot->has_file_console) {
		file_console_close(&slot->file_console);
		if (slot->file_console.lost)
			root_print("vio-root: guest %s: the host did not take %" PRIu64
				   " bytes of its "
				   "console: %s\n",
				   slot->name, slot->file_console.lost,
				   host_error_text(slot->file_console.error));
	}
	slot->has_file_console = false;
	if (!slot->failed)
		root_print("vio-root: guest %s is gone; %" PRIu64 " MiB are free\n", slot->name,
			   pages_free() >> 20);
}

/* Who was attached to it is at the shell again, where something can be done about it. */
static void be_off(struct dynamic_guest *slot)
{
	static const char *const how[] = {
		[GUEST_POWERED_OFF] = "has powered off",
		[GUEST_RESET] = "has asked for a reset",
		[GUEST_STOPPED] = "has been stopped",
		[GUEST_KILLED] = "has been killed",
	};

	root_print("vio-root: guest %s %s: restart or kill it\n", slot->name,
		   how[slot->guest->end]);
	if (slot->kit.client.terminal && slot->kit.client.terminal->attached == &slot->kit.client)
		terminal_attach(&slot->dynamic->shell.client);
}

static void over(struct guest *guest)
{
	struct dynamic_guest *slot = slot_of(guest);

	kit_end(&slot->kit);
	if (slot->has_host_calls)
		host_calls_reset(&slot->host_calls);
	if (guest->state == GUEST_NONE)
		be_gone(slot);
	else
		be_off(slot);
}

static int64_t call(struct vcpu *vcpu, unsigned function, const uint64_t *x)
{
	struct dynamic_guest *slot = slot_of(vcpu->guest);

	if (!slot->has_host_calls)
		return GUEST_CALL_UNKNOWN;
	return host_calls_call(&slot->host_calls, vcpu, function, x);
}

const struct guest_ops dynamic_ops = {
	.load = load,
	.quiesce = board_quiesce,
	.over = over,
	.call = call,
};

/* ---- The shell ---- */

/* Names in the index stand one a line; each then ends with a zero. */
static void read_index(struct dynamic *dynamic)
{
	int64_t handle;
	int64_t got;

	if (!dynamic->files || !dynamic->index)
		return;
	handle = dynamic->files->open(dynamic->index, HOST_READ);
	if (handle < 0)
		return;
	got = dynamic->files->read(handle, dynamic->names, sizeof(dynamic->names) - 2);
	dynamic->files->close(handle);
	for (int64_t i = 0; i < got; i++) {
		if (dynamic->names[i] == '\n')
			dynamic->names[i] = '\0';
	}
}

void dynamic_start(struct dynamic *dynamic)
{
	struct shell *shell = &dynamic->shell;

	for (unsigned i = 0; i < dynamic->count; i++)
		dynamic->guests[i].dynamic = dynamic;
	dynamic->serial = 1;
	read_index(dynamic);
	shell->commands = dynamic_commands;
	shell->command_count = dynamic_command_count;
	shell->columns = dynamic->columns;
	shell->greeting = "VIO, a dynamic system. Try: help\n";
	shell->word = dynamic_word;
	shell_init(shell, dynamic->terminal, &sched);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a person can do with the guests of a dynamic system. Each command checks all it is told
 * before it does anything, and a refusal says the reason and what to do instead.
 */
#include <inttypes.h>

#include "dynamic.h"
#include "dts.h"
#include "load.h"
#include "options.h"
#include "pages.h"
#include "root.h"
#include "text.h"

#define MIB       UINT64_C(0x100000)
#define TREE_SIZE 16384

enum kind {
	KIND_GUEST = SHELL_OWN,
	KIND_FILE,
	KIND_OPTION, /* of `new` */
};

static struct dynamic *dynamic_of(struct shell *shell)
{
	return VIO_CONTAINER_OF(shell, struct dynamic, shell);
}

/* The guest that is meant, or NULL, which has been said. */
static struct dynamic_guest *find(struct shell *shell, const char *name)
{
	struct dynamic_guest *slot = dynamic_find(dynamic_of(shell), name);

	if (!slot)
		shell_print(shell, "there is no guest %s: list shows those there are\n", name);
	return slot;
}

static void answer(struct shell *shell, const struct dynamic_guest *slot, enum guest_error error)
{
	static const char *const hints[] = {
		[GUEST_NOT_STARTED] = ": start it",
		[GUEST_STARTED] = ": restart it",
		[GUEST_NOT_RUNNING] = ": continue it",
		[GUEST_NOT_HALTED] = ": halt it",
		[GUEST_NO_MEMORY] = ": list shows how much is free",
	};
	const char *hint = (unsigned)error < VIO_ARRAY_SIZE(hints) ? hints[error] : NULL;

	if (error != GUEST_OK)
		shell_print(shell, "guest %s: %s%s\n", slot->name, guest_error_text(error),
			    hint ? hint : "");
}

/* Text after `prefix`, or NULL. */
static const char *behind(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(text, prefix, len) == 0 ? text + len : NULL;
}

static bool is(const char *text, const char *word)
{
	const char *rest = behind(text, word);

	return rest && *rest == '\0';
}

static bool copy(char *to, size_t room, const char *from)
{
	size_t len = strlen(from);

	if (len >= room)
		return false;
	memcpy(to, from, len + 1);
	return true;
}

/* ---- new ---- */

struct request {
	struct shell *shell;
	struct dynamic *dynamic;
	struct dynamic_guest *slot;
	struct kit_plan plan;
	unsigned restarts;
	uint64_t ramdisk; /* bytes */
	uint64_t first;   /* of a slice, in sectors */
	uint64_t sectors;
	bool calls;
	char out[DYNAMIC_FILE + 1]; /* of a file console */
	char in[DYNAMIC_FILE + 1];
};

static bool refuse(const struct request *request, const char *why)
{
	shell_print(request->shell, "new: %s\n", why);
	return false;
}

static bool read_number(const char *value, unsigned *number)
{
	char *end = NULL;
	unsigned long read = strtoul(value, &end, 10);

	*number = (unsigned)read;
	return end != value && *end == '\0' && read <= UINT32_MAX;
}

static bool read_cpus(struct request *request, const char *value)
{
	if (read_number(value, &request->plan.vcpus) && request->plan.vcpus >= 1 &&
	    request->plan.vcpus <= request->dynamic->vcpus_max)
		return true;
	shell_print(request->shell, "new: cpus= is no number from 1 to %u\n",
		    request->dynamic->vcpus_max);
	return false;
}

static bool is_taken(const struct request *request)
{
	for (unsigned i = 0; i < request->dynamic->count; i++) {
		const struct dynamic_guest *other = &request->dynamic->guests[i];
		const struct disk_slice *slice = &other->slice;

		if (other == request->slot || !other->has_slice ||
		    request->first >= slice->first + slice->disk.capacity ||
		    slice->first >= request->first + request->sectors)
			continue;
		shell_print(request->shell, "new: part of that is guest %s's disk\n", other->name);
		return true;
	}
	return false;
}

/* FIRST+SIZE in bytes, or all. */
static bool read_slice(struct request *request, const char *value)
{
	const struct vio_blk_disk *disk = request->dynamic->disk_says;
	const char *plus = strchr(value, '+');
	char first[24];
	uint64_t size;

	if (!request->dynamic->disk)
		return refuse(request,
			      "the machine has no disk: disk=ram:SIZE makes one of memory");
	request->sectors = disk->capacity;
	if (!is(value, "all")) {
		if (!plus || (size_t)(plus - value) >= sizeof(first))
			return refuse(request,
				      "disk= is none of ram:SIZE, FIRST+SIZE, all and off");
		memcpy(first, value, (size_t)(plus - value));
		first[plus - value] = '\0';
		request->first = options_size(first);
		size = options_size(plus + 1);
		if ((!request->first && !is(first, "0")) || !size ||
		    (request->first | size) % VIO_BLK_SECTOR)
			return refuse(request,
				      "disk=FIRST+SIZE wants bytes, in multiples of 512: 0+64M");
		request->first /= VIO_BLK_SECTOR;
		request->sectors = size / VIO_BLK_SECTOR;
	}
	if (request->first > disk->capacity || request->sectors > disk->capacity - request->first) {
		shell_print(request->shell, "new: the machine's disk has %" PRIu64 " bytes\n",
			    disk->capacity * VIO_BLK_SECTOR);
		return false;
	}
	return !is_taken(request);
}

static bool read_disk(struct request *request, const char *value)
{
	const char *ram = behind(value, "ram:");

	request->ramdisk = 0;
	request->sectors = 0;
	if (is(value, "off"))
		return true;
	if (!ram)
		return read_slice(request, value);
	request->ramdisk = options_size(ram);
	if (!request->ramdisk || request->ramdisk % VIO_BLK_SECTOR ||
	    request->ramdisk > DYNAMIC_RAMDISK)
		return refuse(request,
			      "disk=ram: wants a size in multiples of 512, up to 64M: ram:16M");
	return true;
}

static bool read_console(struct request *request, const char *value)
{
	const char *file = behind(value, "file:");
	const char *comma = file ? strchr(file, ',') : NULL;
	size_t len = comma ? (size_t)(comma - file) : file ? strlen(file) : 0;

	request->plan.terminal = request->dynamic->terminal;
	request->plan.keeps = is(value, "kept");
	request->out[0] = request->in[0] = '\0';
	if (is(value, "kept") || is(value, "lines"))
		return true;
	request->plan.terminal = NULL;
	if (is(value, "off"))
		return true;
	if (!file || !len)
		return refuse(request, "console= is none of kept, lines, file:OUT, file:OUT,IN and "
				       "off");
	if (!request->dynamic->files)
		return refuse(request, "the host gives this system no files for console=file:");
	if (len >= sizeof(request->out) ||
	    (comma && !copy(request->in, sizeof(request->in), comma + 1)))
		return refuse(request, "the names of console=file: are too long");
	memcpy(request->out, file, len);
	request->out[len] = '\0';
	return true;
}

/* Six bytes in hexadecimal, with colons between. */
static bool read_mac(const char *value, uint8_t mac[VIO_MAC])
{
	char *end = NULL;

	for (unsigned i = 0; i < VIO_MAC; i++, value = end + 1) {
		unsigned long byte = strtoul(value, &end, 16);

		if (end == value || end - value > 2 || *end != (i < VIO_MAC - 1 ? ':' : '\0'))
			return false;
		mac[i] = (uint8_t)byte;
	}
	return true;
}

static bool read_net(struct request *request, const char *value)
{
	request->plan.lan = is(value, "off") ? NULL : request->dynamic->lan;
	if (is(value, "off"))
		return true;
	if (!request->dynamic->lan)
		return refuse(request, "this system has no network");
	return is(value, "on") || read_mac(value, request->plan.mac) ||
	       refuse(request, "net= is none of on, off and an address: 52:00:00:00:00:01");
}

static bool read_rng(struct request *request, const char *value)
{
	request->plan.entropy = is(value, "off") ? NULL : request->dynamic->entropy;
	if (is(value, "off") || (is(value, "on") && request->dynamic->entropy))
		return true;
	return refuse(request, request->dynamic->entropy ? "rng= is neither on nor off"
							 : "the machine has no entropy");
}

static bool read_restarts(struct request *request, const char *value)
{
	return read_number(value, &request->restarts) || refuse(request, "restarts= is no number");
}

static bool read_calls(struct request *request, const char *value)
{
	request->calls = is(value, "files");
	if (request->calls && !request->dynamic->files)
		return refuse(request, "the host gives this system no files for calls=files");
	return request->calls || is(value, "off") ||
	       refuse(request, "calls= is neither files nor off");
}

static const struct option {
	const char *name;
	bool (*read)(struct request *request, const char *value);
} options[] = {
	{ "cpus=", read_cpus },   { "disk=", read_disk }, { "console=", read_console },
	{ "net=", read_net },     { "rng=", read_rng },   { "restarts=", read_restarts },
	{ "calls=", read_calls },
};

static bool read_option(struct request *request, const char *word)
{
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(options); i++) {
		const char *value = behind(word, options[i].name);

		if (value)
			return options[i].read(request, value);
	}
	shell_print(request->shell, "new: there is no option %s: help new lists them\n", word);
	return false;
}

static bool is_name(const char *name)
{
	for (const char *at = name; *at; at++) {
		if (!((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
		      (at != name && ((*at >= '0' && *at <= '9') || *at == '-' || *at == '_'))))
			return false;
	}
	return strlen(name) <= DYNAMIC_NAME;
}

/* One that nobody has. */
static void make_name(struct dynamic *dynamic, char *name)
{
	do {
		unsigned number = dynamic->serial++ % 10000;
		unsigned digits = number < 10 ? 1 : number < 100 ? 2 : number < 1000 ? 3 : 4;

		copy(name, DYNAMIC_NAME + 1, "guest");
		name[5 + digits] = '\0';
		for (; digits > 0; number /= 10)
			name[4 + digits--] = (char)('0' + number % 10);
	} while (dynamic_find(dynamic, name));
}

static bool read_name(struct request *request, const char *name)
{
	struct dynamic_guest *slot = request->slot;

	if (!name) {
		make_name(request->dynamic, slot->name);
		return true;
	}
	if (!is_name(name))
		return refuse(request, "a guest's name is a letter, then letters, digits, - and _, "
				       "up to 15 in all");
	if (dynamic_find(request->dynamic, name)) {
		shell_print(request->shell,
			    "new: there is a guest %s already: kill it, or choose "
			    "another name\n",
			    name);
		return false;
	}
	return copy(slot->name, sizeof(slot->name), name);
}

static bool make_disk(struct request *request)
{
	struct dynamic_guest *slot = request->slot;
	struct dynamic *dynamic = request->dynamic;
	static struct vio_blk_disk says;

	if (request->sectors) {
		disk_slice_init(&slot->slice, dynamic->disk, dynamic->disk_says, request->first,
				request->sectors);
		slot->has_slice = true;
		request->plan.disk = &slot->slice.backend;
		request->plan.disk_says = &slot->slice.disk;
	}
	if (!request->ramdisk)
		return true;
	slot->ramdisk_at = pages_take(request->ramdisk, 4096);
	if (slot->ramdisk_at == PAGES_NONE)
		return refuse(request,
			      "there is no memory for the RAM disk: list shows how much is "
			      "free");
	slot->ramdisk_size = request->ramdisk;
	memset(arch_pointer(slot->ramdisk_at), 0, slot->ramdisk_size);
	vio_ramdisk_init(&slot->ramdisk, arch_pointer(slot->ramdisk_at));
	says = (struct vio_blk_disk){ .capacity = slot->ramdisk_size / VIO_BLK_SECTOR,
				      .id = "ram" };
	request->plan.disk = &slot->ramdisk.backend;
	request->plan.disk_says = &says;
	return true;
}

static bool make_console(struct request *request)
{
	struct dynamic_guest *slot = request->slot;
	const char *name = NULL;
	int64_t error;

	if (!request->out[0])
		return true;
	error = file_console_open(&slot->file_console, request->dynamic->files, request->out,
				  request->in[0] ? request->in : NULL, &name);
	if (error < 0) {
		shell_print(request->shell, "new: %s: %s\n", name, host_error_text(error));
		return false;
	}
	slot->has_file_console = true;
	request->plan.console = &slot->file_console.backend;
	return true;
}

static bool make(struct request *request)
{
	struct dynamic_guest *slot = request->slot;
	const char *error = NULL;

	slot->has_arguments = false;
	slot->flat = false;
	slot->failed = false;
	slot->started = 0;
	slot->ram = request->plan.ram;
	slot->has_host_calls = request->calls;
	host_calls_init(&slot->host_calls, request->dynamic->files);
	request->plan.name = slot->name;
	request->plan.number = (unsigned)(slot - request->dynamic->guests) + 1;
	if (!make_disk(request) || !make_console(request))
		return false;
	error = kit_make(&slot->kit, slot->guest, &request->plan, &dynamic_ops);
	if (error) {
		shell_print(request->shell, "new: guest %s: %s%s\n", slot->name, error,
			    error == guest_error_text(GUEST_NO_MEMORY)
				    ? ": list shows how much is free"
				    : "");
		return false;
	}
	slot->guest->restart_on_reset = true;
	slot->guest->restart_limit = request->restarts;
	return true;
}

/* Its end takes a moment; what is typed next finds it gone. */
static bool wait_for_end(struct shell *shell)
{
	if (!dynamic_is_there(dynamic_of(shell)->reading.guest))
		return true;
	sched_block(&shell->task, arch_now() + arch_frequency() / 1000);
	return false;
}

static void stop_waiting(struct shell *shell)
{
	shell_print(shell, "it is still there: a device of it has not let go of its memory\n");
}

static void wait_for(struct shell *shell, struct dynamic_guest *slot)
{
	dynamic_of(shell)->reading.guest = slot;
	shell_start_job(shell, wait_for_end, stop_waiting);
}

/* Of a guest that did not come to be. What did is being killed, and cleans up at its end. */
static void unmake(struct shell *shell, struct dynamic_guest *slot)
{
	slot->failed = true;
	if (dynamic_is_there(slot)) {
		wait_for(shell, slot);
		return;
	}
	if (slot->has_file_console)
		file_console_close(&slot->file_console);
	if (slot->ramdisk_size)
		pages_give(slot->ramdisk_at, slot->ramdisk_size);
	slot->has_file_console = false;
	slot->has_slice = false;
	slot->ramdisk_size = 0;
}

static struct dynamic_guest *free_slot(struct dynamic *dynamic)
{
	for (unsigned i = 0; i < dynamic->count; i++) {
		if (!dynamic_is_there(&dynamic->guests[i]))
			return &dynamic->guests[i];
	}
	return NULL;
}

static void command_new(struct shell *shell, unsigned count, const char *const *words)
{
	struct dynamic *dynamic = dynamic_of(shell);
	struct request request = {
		.shell = shell,
		.dynamic = dynamic,
		.slot = free_slot(dynamic),
		.plan = { .vcpus = 1,
			  .terminal = dynamic->terminal,
			  .keeps = true,
			  .entropy = dynamic->entropy,
			  .lan = dynamic->lan },
	};
	unsigned at = options_size(words[0]) ? 0 : 1;

	if (!request.slot) {
		shell_print(shell, "new: there are %u guests, and no room for more: kill one\n",
			    dynamic->count);
		return;
	}
	request.plan.ram = at < count ? options_size(words[at]) : 0;
	if (!request.plan.ram) {
		refuse(&request, "say how much memory it is to have, such as: new 64M");
		return;
	}
	if (!read_name(&request, at ? words[0] : NULL))
		return;
	for (unsigned i = at + 1; i < count; i++) {
		if (!read_option(&request, words[i]))
			return;
	}
	if (!make(&request)) {
		unmake(shell, request.slot);
		return;
	}
	shell_print(shell, "guest %s is number %u, with %" PRIu64 " MiB: open a program for it\n",
		    request.slot->name, request.plan.number, request.plan.ram / MIB);
}

/* ---- open ---- */

static void end_reading(struct dynamic *dynamic)
{
	dynamic->files->close(dynamic->reading.handle);
	dynamic->reading.file = NULL;
}

static void give_up_reading(struct shell *shell)
{
	struct dynamic *dynamic = dynamic_of(shell);

	dynamic_drop(dynamic->reading.file);
	end_reading(dynamic);
	shell_rewrite(shell);
	shell_print(shell, "given up\n");
}

enum content {
	CONTENT_IMAGE,
	CONTENT_ELF,
	CONTENT_ARCHIVE,
	CONTENT_OTHER,
};

static enum content content_of(const uint8_t *data, uint64_t size)
{
	const struct cpio_file file = { data, size };

	if (load_is_image(&file))
		return CONTENT_IMAGE;
	if (size >= 6 && memcmp(data, "070701", 6) == 0)
		return CONTENT_ARCHIVE;
	if (size >= 4 && memcmp(data,
				"\x7f"
				"ELF",
				4) == 0)
		return CONTENT_ELF;
	/* gzip, xz and zstd, as initramfses are packed. */
	if (size >= 4 && (memcmp(data, "\x1f\x8b", 2) == 0 ||
			  memcmp(data,
				 "\xfd"
				 "7zX",
				 4) == 0 ||
			  memcmp(data, "\x28\xb5\x2f\xfd", 4) == 0))
		return CONTENT_ARCHIVE;
	return CONTENT_OTHER;
}

/* All of it has been read: puts it where it belongs. */
static void take_file(struct shell *shell)
{
	static const char *const texts[] = {
		[CONTENT_IMAGE] = "an arm64 Image, its program",
		[CONTENT_ELF] = "an ELF program",
		[CONTENT_ARCHIVE] = "an archive, its initramfs",
		[CONTENT_OTHER] = "a flat binary, its program",
	};
	struct dynamic_guest *slot = dynamic_of(shell)->reading.guest;
	struct dynamic_file *file = dynamic_of(shell)->reading.file;
	enum content content = content_of(arch_pointer(file->physical), file->size);
	struct dynamic_file *to = content == CONTENT_ARCHIVE ? &slot->initrd : &slot->kernel;

	dynamic_drop(to);
	*to = *file;
	if (to == &slot->kernel)
		slot->flat = content == CONTENT_OTHER;
	shell_rewrite(shell);
	shell_print(shell, "guest %s: %s is %s: %" PRIu64 " bytes\n", slot->name, to->name,
		    texts[content], to->size);
}

static bool read_piece(struct shell *shell)
{
	struct dynamic *dynamic = dynamic_of(shell);
	struct dynamic_file *file = dynamic->reading.file;
	uint64_t got = dynamic->reading.got;
	uint64_t left = file->size - got;
	int64_t read = dynamic->files->read(dynamic->reading.handle,
					    (uint8_t *)arch_pointer(file->physical) + got,
					    left < DYNAMIC_PIECE ? left : DYNAMIC_PIECE);

	if (read <= 0) {
		shell_rewrite(shell);
		shell_print(shell, "open: %s: %s\n", file->name,
			    read < 0 ? host_error_text(read) : "it is shorter than the host said");
		dynamic_drop(file);
		end_reading(dynamic);
		return true;
	}
	dynamic->reading.got += (uint64_t)read;
	if (dynamic->reading.got == file->size) {
		take_file(shell);
		end_reading(dynamic);
		return true;
	}
	if (dynamic->reading.got / MIB != got / MIB) {
		shell_rewrite(shell);
		shell_print(shell, "%s: %" PRIu64 " of %" PRIu64 " MiB", file->name,
			    dynamic->reading.got / MIB, file->size / MIB);
	}
	return false;
}

static bool take_room(struct shell *shell, struct dynamic_file *file, int64_t size)
{
	if (size <= 0) {
		shell_print(shell, "open: %s: %s\n", file->name,
			    size ? host_error_text(size) : "it is empty");
		return false;
	}
	file->size = (uint64_t)size;
	file->room = (file->size + 4095) & ~UINT64_C(4095);
	file->physical = pages_take(file->room, 4096);
	if (file->physical != PAGES_NONE)
		return true;
	shell_print(shell,
		    "open: %s has %" PRIu64 " bytes, and %" PRIu64
		    " are free in one piece: kill a guest\n",
		    file->name, (uint64_t)size, pages_largest(4096));
	file->room = 0;
	return false;
}

static void command_open(struct shell *shell, unsigned count, const char *const *words)
{
	static struct dynamic_file file;
	struct dynamic *dynamic = dynamic_of(shell);
	struct dynamic_guest *slot = find(shell, words[0]);
	int64_t handle;

	(void)count;
	if (!slot)
		return;
	if (slot->guest->state != GUEST_CREATED && slot->guest->state != GUEST_OFF) {
		shell_print(shell, "guest %s runs: open a program before it starts, or kill it\n",
			    slot->name);
		return;
	}
	if (!dynamic->files) {
		shell_print(shell,
			    "open: the host gives this system no files: start QEMU with "
			    "-semihosting-config enable=on, and the root with semihosting\n");
		return;
	}
	file = (struct dynamic_file){ 0 };
	if (!copy(file.name, sizeof(file.name), words[1])) {
		shell_print(shell, "open: the name has more than %u characters\n", DYNAMIC_FILE);
		return;
	}
	handle = dynamic->files->open(file.name, HOST_READ);
	if (handle < 0) {
		shell_print(shell, "open: %s: %s%s\n", file.name, host_error_text(handle),
			    dynamic->names[0] ? ": files lists those of the host's folder" : "");
		return;
	}
	if (!take_room(shell, &file, dynamic->files->size(handle))) {
		dynamic->files->close(handle);
		return;
	}
	dynamic->reading.guest = slot;
	dynamic->reading.file = &file;
	dynamic->reading.handle = handle;
	dynamic->reading.got = 0;
	shell_start_job(shell, read_piece, give_up_reading);
}

/* ---- Life ---- */

static void command_start(struct shell *shell, unsigned count, const char *const *words)
{
	struct dynamic_guest *slot = find(shell, words[0]);
	const struct cpio_file kernel = { slot ? arch_pointer(slot->kernel.physical) : NULL,
					  slot ? slot->kernel.size : 0 };

	if (!slot)
		return;
	if (!slot->kernel.size) {
		shell_print(shell, "guest %s has no program yet: open %s FILE\n", slot->name,
			    slot->name);
		return;
	}
	if (slot->guest->state != GUEST_CREATED) {
		answer(shell, slot, GUEST_STARTED);
		return;
	}
	if (count > 1) {
		copy(slot->arguments, sizeof(slot->arguments), words[1]);
		slot->has_arguments = true;
	}
	slot->guest->policy = load_is_image(&kernel) ? GUEST_ABORT : GUEST_STOP;
	slot->started = arch_now();
	answer(shell, slot, guest_start(slot->guest));
}

static void command_halt(struct shell *shell, unsigned count, const char *const *words)
{
	struct dynamic_guest *slot = find(shell, words[0]);

	(void)count;
	if (slot)
		answer(shell, slot, guest_halt(slot->guest));
}

static void command_continue(struct shell *shell, unsigned count, const char *const *words)
{
	struct dynamic_guest *slot = find(shell, words[0]);

	(void)count;
	if (slot)
		answer(shell, slot, guest_continue(slot->guest));
}

static void command_restart(struct shell *shell, unsigned count, const char *const *words)
{
	struct dynamic_guest *slot = find(shell, words[0]);

	(void)count;
	if (slot)
		answer(shell, slot, guest_restart(slot->guest));
}

static void command_kill(struct shell *shell, unsigned count, const char *const *words)
{
	struct dynamic_guest *slot = find(shell, words[0]);

	(void)count;
	if (!slot)
		return;
	guest_kill(slot->guest);
	wait_for(shell, slot);
}

static void command_attach(struct shell *shell, unsigned count, const char *const *words)
{
	struct dynamic_guest *slot = find(shell, words[0]);

	(void)count;
	if (!slot)
		return;
	if (!slot->kit.client.terminal) {
		shell_print(shell, "guest %s has its console %s\n", slot->name,
			    slot->has_file_console ? "in a file of the host" : "nowhere");
		return;
	}
	shell_print(shell, "[%s: Control-] comes back]\n", slot->name);
	terminal_attach(&slot->kit.client);
}

/* ---- What there is ---- */

static const char *state_text(const struct dynamic_guest *slot)
{
	static const char *const texts[] = {
		[GUEST_CREATED] = "new",   [GUEST_PREPARING] = "busy", [GUEST_RUNNING] = "running",
		[GUEST_HALTED] = "halted", [GUEST_OFF] = "off",
	};

	return texts[slot->guest->state];
}

static void command_list(struct shell *shell, unsigned count, const char *const *words)
{
	struct dynamic *dynamic = dynamic_of(shell);

	(void)count;
	(void)words;
	for (unsigned i = 0; i < dynamic->count; i++) {
		const struct dynamic_guest *slot = &dynamic->guests[i];

		if (dynamic_is_there(slot))
			shell_print(shell, "%3u  %-15s %-8s %2u vCPU%s %5" PRIu64 " MiB  %s\n",
				    slot->guest->number, slot->name, state_text(slot),
				    slot->guest->vcpu_count,
				    slot->guest->vcpu_count == 1 ? " " : "s", slot->ram / MIB,
				    slot->kernel.size ? slot->kernel.name : "");
	}
	shell_print(shell, "free: %" PRIu64 " MiB, %" PRIu64 " in one piece\n", pages_free() / MIB,
		    pages_largest(2 * MIB) / MIB);
}

/* Tenths of a percent. */
static unsigned share(uint64_t part, uint64_t whole)
{
	return whole / 1000 ? (unsigned)(part / (whole / 1000)) : 0;
}

static void say_exits(struct shell *shell, const struct dynamic_guest *slot)
{
	static const char *const kinds[EXIT_KINDS] = {
		[EXIT_VIRTIO] = "Virtio registers",
		[EXIT_BANK] = "other registers",
		[EXIT_CALL] = "hypercalls",
		[EXIT_REGISTER] = "system registers",
		[EXIT_WAIT] = "waits",
		[EXIT_INTERRUPT] = "interrupts",
		[EXIT_OTHER] = "other",
	};
	const char *separator = "";

	shell_print(shell, "  exits      ");
	for (unsigned kind = 0; kind < EXIT_KINDS; kind++) {
		uint64_t exits = 0;

		for (unsigned i = 0; i < slot->guest->vcpu_count; i++)
			exits += arch_vcpu(slot->guest, i)->exits[kind];
		if (!exits)
			continue;
		shell_print(shell, "%s%s %" PRIu64, separator, kinds[kind], exits);
		separator = ", ";
	}
	shell_print(shell, "%s\n", *separator ? "" : "none");
}

static void say_stats(struct shell *shell, const struct dynamic_guest *slot)
{
	const struct guest *guest = slot->guest;
	const struct kit *kit = &slot->kit;
	uint64_t time = slot->started ? arch_now() - slot->started : 0;
	uint64_t used = 0;
	unsigned cpu;
	unsigned root = share(guest->task.used, time);

	for (unsigned i = 0; i < guest->vcpu_count; i++)
		used += arch_vcpu(slot->guest, i)->entity.used;
	cpu = share(used, time);
	shell_print(shell, "%s: %s\n", slot->name, state_text(slot));
	shell_print(shell, "  CPU        %u.%u %%, its devices' work %u.%u %%, of %" PRIu64 " s\n",
		    cpu / 10, cpu % 10, root / 10, root % 10, time / arch_frequency());
	say_exits(shell, slot);
	shell_print(shell,
		    "  devices    %" PRIu64 " kicks, %" PRIu64
		    " interrupts, broken by their drivers %" PRIu64 "\n",
		    guest->counters.kicks, guest->counters.interrupts, guest->counters.broken);
	if (slot->has_file_console)
		shell_print(shell, "  console    %" PRIu64 " bytes out, %" PRIu64 " lost\n",
			    slot->file_console.bytes, slot->file_console.lost);
	else if (kit->client.terminal)
		shell_print(shell, "  console    %" PRIu64 " bytes in, %" PRIu64 " out\n",
			    kit->client.bytes_in, kit->client.bytes_out);
	if (slot->has_slice || slot->ramdisk_size)
		shell_print(shell, "  disk       %" PRIu64 " bytes read, %" PRIu64 " written\n",
			    kit->disk.bytes_read, kit->disk.bytes_written);
	if (kit->net.port.joined)
		shell_print(shell, "  network    %" PRIu64 " frames in, %" PRIu64 " out\n",
			    kit->net.port.counters.frames_out, kit->net.port.counters.frames_in);
	if (slot->has_host_calls)
		shell_print(shell, "  host files %" PRIu64 " bytes read, %" PRIu64 " written\n",
			    slot->host_calls.bytes_read, slot->host_calls.bytes_written);
	shell_print(shell,
		    "  errors     accesses to nothing %" PRIu64 ", undefined instructions %" PRIu64
		    ", "
		    "restarts %" PRIu64 "\n",
		    guest->counters.aborts, guest->counters.undefined, guest->counters.restarts);
}

static void command_stats(struct shell *shell, unsigned count, const char *const *words)
{
	struct dynamic *dynamic = dynamic_of(shell);
	struct dynamic_guest *slot = count ? find(shell, words[0]) : NULL;

	if (slot)
		say_stats(shell, slot);
	for (unsigned i = 0; !count && i < dynamic->count; i++) {
		if (dynamic_is_there(&dynamic->guests[i]))
			say_stats(shell, &dynamic->guests[i]);
	}
	for (const struct sched_cpu *cpu = count ? NULL : sched.cpus; cpu; cpu = cpu->next)
		shell_print(shell, "CPU %u: %" PRIu64 " switches between vCPUs and tasks\n",
			    cpu->number, cpu->switches);
}

static void print_tree(void *to, const char *text)
{
	shell_print(to, "%s", text);
}

static void command_dt(struct shell *shell, unsigned count, const char *const *words)
{
	static _Alignas(8) uint8_t tree[TREE_SIZE];
	struct dynamic_guest *slot = find(shell, words[0]);
	struct board_program program;

	(void)count;
	if (!slot)
		return;
	program = dynamic_program(slot);
	if (board_tree(slot->guest, &program, tree, sizeof(tree)))
		dts_print(tree, print_tree, shell);
	else
		shell_print(shell, "dt: the tree has more than %u bytes\n", TREE_SIZE);
}

static void command_files(struct shell *shell, unsigned count, const char *const *words)
{
	const struct dynamic *dynamic = dynamic_of(shell);

	(void)count;
	(void)words;
	if (!dynamic->names[0]) {
		shell_print(shell,
			    dynamic->files
				    ? "the host does not list its files: open takes any name\n"
				    : "the host gives this system no files\n");
		return;
	}
	for (const char *name = dynamic->names; *name; name += strlen(name) + 1)
		shell_print(shell, "  %s\n", name);
}

static void command_poweroff(struct shell *shell, unsigned count, const char *const *words)
{
	(void)count;
	(void)words;
	shell_print(shell, "the machine is off\n");
	root_power_off();
}

/* ---- The table ---- */

const struct shell_command dynamic_commands[] = {
	{ .name = "help",
	  .usage = "[COMMAND]",
	  .summary = "lists the commands, or says more of one",
	  .most = 1,
	  .kinds = { SHELL_COMMAND },
	  .run = shell_help },
	{ .name = "list",
	  .usage = "",
	  .summary = "lists the guests, and the memory that is free",
	  .run = command_list },
	{ .name = "new",
	  .usage = "[NAME] BYTES [OPTION...]",
	  .summary = "makes a guest with so much memory, such as 256M, a multiple of 2M",
	  .details =
		  "  cpus=N                 so many vCPUs (1)\n"
		  "  disk=ram:SIZE          a disk in memory, up to 64M; gone when it is killed\n"
		  "  disk=FIRST+SIZE        so many bytes of the machine's disk; disk=all\n"
		  "  console=kept           what it says is kept until it is attached (usual)\n"
		  "  console=lines          or comes out line by line after its name\n"
		  "  console=file:OUT[,IN]  or goes to a file of the host; input from another\n"
		  "  net=on|off|MAC         a port of the switch, where there is one (on)\n"
		  "  rng=on|off             entropy (on)\n"
		  "  restarts=N             fatal errors after which it starts again (0)\n"
		  "  calls=files            it may open the host's files: insecure (off)\n",
	  .least = 1,
	  .most = SHELL_WORDS - 1,
	  .kinds = { SHELL_ANY, KIND_OPTION, KIND_OPTION },
	  .run = command_new },
	{ .name = "open",
	  .usage = "GUEST FILE",
	  .summary = "reads a file of the host for a guest: its program, or its initramfs",
	  .details =
		  "What it is, is seen from what is in it: an arm64 Image, an ELF program, an\n"
		  "archive (cpio, packed or not), or else a flat binary. Guests run meanwhile.\n",
	  .least = 2,
	  .most = 2,
	  .kinds = { KIND_GUEST, KIND_FILE },
	  .run = command_open },
	{ .name = "start",
	  .usage = "GUEST [ARGUMENTS]",
	  .summary = "starts a guest, with this command line for its program",
	  .details = "Without one, Linux has: console=hvc0 panic=-1\n",
	  .least = 1,
	  .most = 2,
	  .rest = true,
	  .kinds = { KIND_GUEST },
	  .run = command_start },
	{ .name = "halt",
	  .usage = "GUEST",
	  .summary = "halts a guest where it is",
	  .least = 1,
	  .most = 1,
	  .kinds = { KIND_GUEST },
	  .run = command_halt },
	{ .name = "continue",
	  .usage = "GUEST",
	  .summary = "lets a halted guest go on",
	  .least = 1,
	  .most = 1,
	  .kinds = { KIND_GUEST },
	  .run = command_continue },
	{ .name = "restart",
	  .usage = "GUEST",
	  .summary = "starts a guest again, in memory that is zero",
	  .least = 1,
	  .most = 1,
	  .kinds = { KIND_GUEST },
	  .run = command_restart },
	{ .name = "kill",
	  .usage = "GUEST",
	  .summary = "ends a guest; its memory is free again",
	  .least = 1,
	  .most = 1,
	  .kinds = { KIND_GUEST },
	  .run = command_kill },
	{ .name = "attach",
	  .usage = "GUEST",
	  .summary = "gives you a guest's console; Control-] comes back",
	  .least = 1,
	  .most = 1,
	  .kinds = { KIND_GUEST },
	  .run = command_attach },
	{ .name = "stats",
	  .usage = "[GUEST]",
	  .summary = "counts exits, kicks, interrupts, bytes and shares of the CPU",
	  .most = 1,
	  .kinds = { KIND_GUEST },
	  .run = command_stats },
	{ .name = "dt",
	  .usage = "GUEST",
	  .summary = "prints a guest's device tree",
	  .least = 1,
	  .most = 1,
	  .kinds = { KIND_GUEST },
	  .run = command_dt },
	{ .name = "files",
	  .usage = "",
	  .summary = "lists the host's files that can be opened",
	  .run = command_files },
	{ .name = "poweroff",
	  .usage = "",
	  .summary = "ends the machine with all guests",
	  .run = command_poweroff },
};
const unsigned dynamic_command_count = VIO_ARRAY_SIZE(dynamic_commands);

const char *dynamic_word(struct shell *shell, unsigned kind, unsigned n)
{
	const struct dynamic *dynamic = dynamic_of(shell);
	const char *name = dynamic->names;

	switch (kind) {
	case KIND_GUEST:
		for (unsigned i = 0; i < dynamic->count; i++) {
			if (dynamic_is_there(&dynamic->guests[i]) && n-- == 0)
				return dynamic->guests[i].name;
		}
		return NULL;
	case KIND_FILE:
		for (; *name && n > 0; n--)
			name += strlen(name) + 1;
		return *name ? name : NULL;
	case KIND_OPTION:
		return n < VIO_ARRAY_SIZE(options) ? options[n].name : NULL;
	default:
		return NULL;
	}
}

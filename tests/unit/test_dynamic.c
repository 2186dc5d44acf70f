/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The shell of a dynamic system, with all of it but the CPU and the board: what is typed at a UART
 * goes through terminal, editor, commands, guests, scheduler and pool, and what comes back is
 * looked at. The host has a few files, some of which are not what they seem.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "box.h"
#include "dynamic.h"
#include "load.h"
#include "pages.h"
#include "root.h"
#include "vio_board.h"

#define MIB      0x100000U
#define RAM_BASE 0x40000000U
#define RAM_SIZE (16 * MIB)
#define GUESTS   3
#define VCPUS    2
#define SLICE    1000000

static uint8_t ram[RAM_SIZE];

/* ---- The CPU that is none ---- */

struct test_guest {
	struct guest guest;
	struct vcpu vcpus[VCPUS];
	struct region memory;
	const struct board_early *early;
	unsigned loads;
};

static struct test_guest guests[GUESTS];
static struct cpu cpu;
static uint64_t now;
static uint64_t alarm_at;
static jmp_buf idle;
static bool no_tables;
static bool is_off;

static struct test_guest *test_guest(struct guest *guest)
{
	return VIO_CONTAINER_OF(guest, struct test_guest, guest);
}

struct sched_cpu *sched_here(void)
{
	return &cpu.sched;
}

bool arch_create(struct guest *guest)
{
	(void)guest;
	return !no_tables;
}

void arch_destroy(struct guest *guest)
{
	(void)guest;
}

struct vcpu *arch_vcpu(struct guest *guest, unsigned index)
{
	return &test_guest(guest)->vcpus[index];
}

bool arch_map(struct guest *guest, const struct region *region)
{
	(void)guest;
	(void)region;
	return true;
}

bool arch_fix(struct guest *guest)
{
	(void)guest;
	return true;
}

void arch_reset(struct guest *guest)
{
	(void)guest;
}

void arch_reset_vcpu(struct vcpu *vcpu, uint64_t entry, uint64_t argument)
{
	(void)vcpu;
	(void)entry;
	(void)argument;
}

void arch_load(struct vcpu *vcpu)
{
	vcpu->exits[EXIT_INTERRUPT]++;
}

void arch_stop(struct vcpu *vcpu)
{
	(void)vcpu;
	abort();
}

void *arch_pointer(uint64_t physical)
{
	return ram + (physical - RAM_BASE);
}

void arch_clean(const void *start, uint64_t size)
{
	(void)start;
	(void)size;
}

bool arch_pass(struct guest *guest, unsigned intid)
{
	(void)guest;
	(void)intid;
	return false;
}

void arch_pass_back(struct guest *guest, unsigned intid)
{
	(void)guest;
	(void)intid;
}

void arch_mask(unsigned intid)
{
	(void)intid;
}

void arch_set_line(struct guest *guest, unsigned intid, bool up)
{
	(void)guest;
	(void)intid;
	(void)up;
}

bool arch_service(struct guest *guest)
{
	(void)guest;
	return false;
}

void arch_poll(void)
{
}

uint64_t arch_now(void)
{
	return now++;
}

uint64_t arch_frequency(void)
{
	return 1000000;
}

void arch_timer(uint64_t deadline)
{
	alarm_at = deadline;
}

void arch_interrupts(bool wait)
{
	if (wait && alarm_at == SCHED_NEVER)
		longjmp(idle, 1);
	if (wait && now < alarm_at)
		now = alarm_at;
	if (now >= alarm_at)
		cpu.sched.changed = true;
}

void arch_yield(void)
{
}

void root_power_off(void)
{
	is_off = true;
	longjmp(idle, 1);
}

/* ---- The board that is none ---- */

enum guest_error board_init(struct guest *guest, uint64_t ram_size)
{
	struct region *memory = &test_guest(guest)->memory;

	if (ram_size == 0 || ram_size % (2 * MIB))
		return GUEST_BAD_RAM;
	*memory = (struct region){ .base = RAM_BASE, .size = ram_size };
	return guest_add_memory(guest, memory, 2 * MIB);
}

enum guest_error board_init_at(struct guest *guest, uint64_t ram_size, uint64_t physical)
{
	(void)physical;
	return board_init(guest, ram_size);
}

enum guest_error board_init_direct(struct guest *guest, uint64_t ram_size, uint64_t physical)
{
	(void)physical;
	return board_init(guest, ram_size);
}

void board_attach(struct guest *guest, unsigned slot, struct vio_device *device)
{
	(void)guest;
	assert_in_range(slot, 0, VIO_BOARD_SLOT_RNG);
	assert_non_null(device->type);
}

bool board_quiesce(struct guest *guest)
{
	(void)guest;
	return true;
}

void board_set_early(struct guest *guest, const struct board_early *early)
{
	test_guest(guest)->early = early;
}

uint32_t board_early_room(struct guest *guest)
{
	(void)guest;
	return 16;
}

void board_early_input(struct guest *guest, const uint8_t *data, uint32_t len)
{
	(void)guest;
	(void)data;
	assert_in_range(len, 0, 16);
}

bool board_load(struct guest *guest, const struct board_program *program, struct guest_entry *entry)
{
	(void)entry;
	assert_non_null(program->kernel.data);
	assert_true(program->kernel.size > 0);
	test_guest(guest)->loads++;
	return true;
}

bool board_tree(struct guest *guest, const struct board_program *program, void *buffer,
		size_t space)
{
	const struct vio_board_guest tree = {
		.ram_size = test_guest(guest)->memory.size,
		.cpus = guest->vcpu_count,
		.gic_version = 3,
		.bootargs = program->bootargs,
	};

	return vio_board_fdt(&vio_board_arm, &tree, buffer, space) == VIO_BOARD_OK;
}

/* ---- The host ---- */

static struct file {
	const char *name;
	const char *data;
	int64_t size;  /* that it says it has */
	int64_t bytes; /* that it gives; negative: an error */
	bool open;
} files[] = {
	{ "program",
	  "\x7f"
	  "ELF",
	  300000, 300000, false },
	{ "archive", "070701", 6, 6, false },
	{ "flat", "flat", 5000, 5000, false },
	{ "index", "program\narchive\nflat\n", 21, 21, false },
	{ "empty", "", 0, 0, false },
	{ "short", "", 600000, 300000, false },
	{ "broken", "", 600000, -HOST_IO, false },
	{ "huge", "", INT64_C(1) << 40, INT64_C(1) << 40, false },
	{ "out", "", 0, 0, false },
};
static int64_t host_room; /* bytes that may be written */
static char written[256];
static unsigned written_len;

static int64_t host_open(const char *name, enum host_mode mode)
{
	(void)mode;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(files); i++) {
		if (strcmp(files[i].name, name) != 0)
			continue;
		assert_false(files[i].open);
		files[i].open = true;
		return i;
	}
	return -HOST_NO_ENTRY;
}

static int64_t host_close(int64_t handle)
{
	assert_true(files[handle].open);
	files[handle].open = false;
	return 0;
}

static int64_t host_read(int64_t handle, void *to, uint64_t len)
{
	struct file *file = &files[handle];
	uint64_t text = strlen(file->data);

	assert_true(file->open);
	if (file->bytes < 0)
		return file->bytes;
	assert_in_range(len, 1, DYNAMIC_PIECE);
	if (file->bytes == 300000 && file->size > 300000 && len < DYNAMIC_PIECE)
		return 0;
	memset(to, 0, len);
	memcpy(to, file->data, text < len ? text : len);
	return (int64_t)(len < (uint64_t)file->bytes ? len : (uint64_t)file->bytes);
}

static int64_t host_write(int64_t handle, const void *data, uint64_t len)
{
	int64_t part = (int64_t)len < host_room ? (int64_t)len : host_room;

	assert_true(files[handle].open);
	if (part == 0)
		return -HOST_NO_SPACE;
	host_room -= part;
	for (int64_t i = 0; i < part && written_len < sizeof(written) - 1; i++)
		written[written_len++] = ((const char *)data)[i];
	return part;
}

static int64_t host_seek(int64_t handle, uint64_t offset)
{
	assert_true(files[handle].open);
	return offset > (uint64_t)files[handle].size ? -HOST_BAD_VALUE : 0;
}

static int64_t host_size(int64_t handle)
{
	assert_true(files[handle].open);
	return files[handle].size;
}

static int64_t host_remove(const char *name)
{
	(void)name;
	return -HOST_NO_ACCESS;
}

static const struct host_files host = { host_open, host_close, host_read,  host_write,
					host_seek, host_size,  host_remove };

/* ---- The person ---- */

static struct {
	struct vio_console_backend backend;
	const char *typed;
	char shown[32768];
	unsigned shown_len;
} uart;

static uint32_t uart_write(struct vio_console_backend *backend, const uint8_t *data, uint32_t len)
{
	(void)backend;
	for (uint32_t i = 0; i < len; i++) {
		if (uart.shown_len < sizeof(uart.shown) - 1)
			uart.shown[uart.shown_len++] = (char)data[i];
	}
	uart.shown[uart.shown_len] = '\0';
	return len;
}

static uint32_t uart_read(struct vio_console_backend *backend, uint8_t *to, uint32_t len)
{
	(void)backend;
	if (!*uart.typed || len == 0)
		return 0;
	*to = (uint8_t)*uart.typed++;
	return 1;
}

static struct terminal terminal;
static struct dynamic_guest slots[GUESTS];
static struct dynamic dynamic;
static struct vio_switch lan;
static struct vio_ramdisk disk;
static uint8_t sectors[64 * VIO_BLK_SECTOR];
static const struct vio_blk_disk disk_says = { .capacity = 64 };
static struct vio_entropy entropy;
static uint64_t pool;

static void put(char c)
{
	terminal_root(&terminal, c);
}

/* Until nobody has anything to do, or for so many turns. */
static void run(void)
{
	if (setjmp(idle))
		return;
	for (unsigned turn = 0; turn < 200; turn++) {
		guest_next();
		now += SLICE;
		cpu.sched.changed = true;
	}
}

static void type(const char *keys)
{
	uart.shown_len = 0;
	uart.shown[0] = '\0';
	uart.typed = keys;
	terminal_input_ready(&terminal);
	run();
}

static void line(const char *text)
{
	char keys[EDIT_LINE + 2];

	snprintf(keys, sizeof(keys), "%s\r", text);
	type(keys);
}

static bool shows(const char *text)
{
	return strstr(uart.shown, text) != NULL;
}

static void expect(const char *command, const char *answer)
{
	line(command);
	if (!shows(answer))
		fail_msg("%s: wanted: %s\ngot: %s", command, answer, uart.shown);
}

static int setup(void **state)
{
	(void)state;
	memset(guests, 0, sizeof(guests));
	memset(slots, 0, sizeof(slots));
	memset(&dynamic, 0, sizeof(dynamic));
	memset(&terminal, 0, sizeof(terminal));
	memset(&lan, 0, sizeof(lan));
	memset(&uart, 0, sizeof(uart));
	memset(&cpu, 0, sizeof(cpu));
	memset(&sched, 0, sizeof(sched));
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(files); i++)
		files[i].open = false;
	no_tables = is_off = false;
	host_room = INT64_MAX;
	written_len = 0;
	sched_join(&sched, &cpu.sched, 0, now);
	pages_reserve(RAM_BASE, RAM_SIZE); /* what an earlier test has left */
	pages_add(RAM_BASE, RAM_SIZE);
	pool = pages_free();
	uart.backend = (struct vio_console_backend){ .write = uart_write, .read = uart_read };
	uart.typed = "";
	terminal.line = &uart.backend;
	terminal.key = TERMINAL_KEY;
	vio_ramdisk_init(&disk, sectors);
	for (unsigned i = 0; i < GUESTS; i++)
		slots[i].guest = &guests[i].guest;
	dynamic.terminal = &terminal;
	dynamic.guests = slots;
	dynamic.count = GUESTS;
	dynamic.vcpus_max = VCPUS;
	dynamic.files = &host;
	dynamic.index = "index";
	dynamic.disk = &disk.backend;
	dynamic.disk_says = &disk_says;
	dynamic.entropy = &entropy;
	dynamic.lan = &lan;
	root_set_console(put);
	dynamic_start(&dynamic);
	run();
	return 0;
}

static enum guest_state state_of(unsigned slot)
{
	return guests[slot].guest.state;
}

/* ---- Tests ---- */

static void a_guest_lives(void **state)
{
	(void)state;
	expect("new one 4M cpus=2", "guest one is number 1, with 4 MiB: open a program for it");
	expect("open one program", "program is an ELF program: 300000 bytes");
	expect("open one archive", "archive is an archive, its initramfs: 6 bytes");
	line("start one these are its arguments");
	assert_int_equal(state_of(0), GUEST_RUNNING);
	assert_string_equal(slots[0].arguments, "these are its arguments");
	expect("list", "  1  one             running   2 vCPUs     4 MiB  program");
	line("halt one");
	assert_int_equal(state_of(0), GUEST_HALTED);
	line("continue 1");
	assert_int_equal(state_of(0), GUEST_RUNNING);
	line("restart one");
	assert_int_equal(guests[0].loads, 2);
	expect("stats one", "exits      interrupts ");
	expect("dt one", "bootargs = \"these are its arguments\";");
	expect("kill one", "guest one is gone; 16 MiB are free");
	assert_int_equal(state_of(0), GUEST_NONE);
	assert_int_equal(pages_free(), pool);
	line("poweroff");
	assert_true(is_off);
}

/* Whatever is refused leaves nothing behind. */
static void what_is_refused_leaves_nothing(void **state)
{
	static const char *const refused[][2] = {
		{ "new one 64M", "no memory of this size in one piece: list shows" },
		{ "new one 3M", "a multiple of 2 MiB" },
		{ "new one 4M disk=ram:32M", "there is no memory for the RAM disk" },
		{ "new one 4M disk=ram:4M console=file:nothing", "nothing: there is no such file" },
		{ "new one 4M console=file:out,nothing", "nothing: there is no such file" },
		{ "new one 16M disk=ram:1M", "no memory of this size" },
		{ "new one 4M disk=0+64K", "the machine's disk has 32768 bytes" },
		{ "new one 4M disk=1+512", "wants bytes, in multiples of 512" },
		{ "new one 4M net=01:00:00:00:00:00", "new: guest one: " },
	};

	(void)state;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(refused); i++) {
		expect(refused[i][0], refused[i][1]);
		assert_int_equal(pages_free(), pool);
		assert_int_equal(state_of(0), GUEST_NONE);
		assert_false(slots[0].has_slice);
	}
	no_tables = true;
	expect("new one 4M disk=ram:1M", "no memory for its translation tables");
	assert_int_equal(pages_free(), pool);
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(files); i++)
		assert_false(files[i].open);
}

static void files_that_are_not_what_they_seem(void **state)
{
	static const char *const bad[][2] = {
		{ "open one empty", "open: empty: it is empty" },
		{ "open one short", "open: short: it is shorter than the host said" },
		{ "open one broken", "open: broken: the host's disk failed" },
		{ "open one huge", "open: huge has 1099511627776 bytes, and" },
		{ "open one nothing", "there is no such file: files lists those" },
	};
	uint64_t free;

	(void)state;
	line("new one 4M");
	free = pages_free();
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(bad); i++) {
		expect(bad[i][0], bad[i][1]);
		assert_int_equal(pages_free(), free);
		assert_int_equal(slots[0].kernel.size, 0);
	}
	line("open one program");
	expect("open one flat", "flat is a flat binary, its program: 5000 bytes");
	assert_true(slots[0].flat);
	assert_int_equal(pages_free(), free - 8192); /* the former one went */
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(files); i++)
		assert_false(files[i].open);
}

/* ^C ends the reading; what was typed behind it is a command. */
static void reading_is_given_up(void **state)
{
	uint64_t free;

	(void)state;
	line("new one 4M");
	free = pages_free();
	type("open one program\r\003list\r");
	assert_true(shows("given up"));
	assert_true(shows("one             new"));
	assert_int_equal(pages_free(), free);
	assert_false(files[0].open);
}

static void a_console_is_a_file(void **state)
{
	(void)state;
	line("new one 4M console=file:out");
	line("open one program");
	line("start one");
	for (const char *c = "hello\nwor"; *c; c++)
		guests[0].early->output(&guests[0].guest, (uint8_t)*c);
	assert_int_equal(written_len, 6); /* lines at a time */
	slots[0].kit.output->write(slots[0].kit.output, (const uint8_t *)"ld\n", 3);
	assert_memory_equal(written, "hello\nworld\n", 12);
	host_room = 2;
	slots[0].kit.output->write(slots[0].kit.output, (const uint8_t *)"lost\n", 5);
	expect("stats one", "console    14 bytes out, 3 lost");
	expect("attach one", "has its console in a file of the host");
	expect("kill one", "the host did not take 3 bytes of its console: the host's disk is full");
	assert_false(files[8].open);
}

static int64_t call(unsigned number, uint64_t a, uint64_t b, uint64_t c)
{
	const uint64_t x[4] = { a, b, c, 0 };

	return guest_call(&guests[0].vcpus[0], number, x);
}

/* 74: a guest's hypercalls for files, with what makes sense and what does not. */
static void files_by_hypercall(void **state)
{
	uint8_t *memory;
	int64_t file;

	(void)state;
	line("new one 4M calls=files");
	memory = arch_pointer(guests[0].memory.physical);
	memcpy(memory, "archive\0../index", 17);
	assert_int_equal(call(HOST_CALL_OPEN, RAM_BASE, 8, HOST_READ), -HOST_BAD_VALUE);
	assert_int_equal(call(HOST_CALL_OPEN, RAM_BASE + 8, 8, HOST_READ), -HOST_NO_ACCESS);
	assert_int_equal(call(HOST_CALL_OPEN, RAM_BASE, 0, HOST_READ), -HOST_NAME_TOO_LONG);
	assert_int_equal(call(HOST_CALL_OPEN, RAM_BASE, 256, HOST_READ), -HOST_NAME_TOO_LONG);
	assert_int_equal(call(HOST_CALL_OPEN, RAM_BASE - 1, 7, HOST_READ), -HOST_BAD_VALUE);
	assert_int_equal(call(HOST_CALL_OPEN, RAM_BASE, 7, HOST_MODES), -HOST_BAD_VALUE);
	assert_int_equal(call(HOST_CALL_REMOVE, RAM_BASE, 7, 0), -HOST_NO_ACCESS);
	file = call(HOST_CALL_OPEN, RAM_BASE, 7, HOST_READ);
	assert_int_equal(file, 0);
	assert_int_equal(call(HOST_CALL_SIZE, 0, 0, 0), 6);
	assert_int_equal(call(HOST_CALL_READ, 0, RAM_BASE + 100, 6), 6);
	assert_memory_equal(memory + 100, "070701", 6);
	assert_int_equal(call(HOST_CALL_READ, 0, RAM_BASE + 4 * MIB - 3, 4), -HOST_BAD_VALUE);
	assert_int_equal(call(HOST_CALL_READ, 1, RAM_BASE, 4), -HOST_BAD_HANDLE);
	assert_int_equal(call(HOST_CALL_READ, UINT64_MAX, RAM_BASE, 4), -HOST_BAD_HANDLE);
	assert_int_equal(call(HOST_CALL_SEEK, 0, 7, 0), -HOST_BAD_VALUE);
	assert_int_equal(call(HOST_CALL_WRITE, 0, RAM_BASE, 3), 3);
	assert_int_equal(call(HOST_CALL_REMOVE + 1, 0, 0, 0), GUEST_CALL_UNKNOWN);
	line("kill one"); /* its files are closed with it */
	assert_false(files[1].open);
	line("new one 4M");
	assert_int_equal(call(HOST_CALL_SIZE, 0, 0, 0), GUEST_CALL_UNKNOWN);
}

static void attached_and_back(void **state)
{
	(void)state;
	line("new one 4M");
	expect("attach one", "[one: Control-] comes back]");
	assert_ptr_equal(terminal.attached, &slots[0].kit.client);
	type("\x1dlist\r");
	assert_true(shows("one             new"));
	line("attach one");
	line("kill one"); /* typed to the guest */
	assert_int_equal(state_of(0), GUEST_CREATED);
	type("\x1d"
	     "kill one\r");
	assert_int_equal(state_of(0), GUEST_NONE);
	assert_ptr_equal(terminal.attached, &dynamic.shell.client);
}

/* Words in any order: nothing breaks, and when all guests are gone the pool is as it was. */
static void noise(void **state)
{
	static const char *const words[] = {
		"new ",         "new ",      "open ",
		"start ",       "halt ",     "continue ",
		"restart ",     "kill ",     "kill ",
		"attach ",      "stats ",    "list ",
		"dt ",          "files ",    "help ",
		"one ",         "two ",      "guest1 ",
		"2 ",           "4M ",       "2M ",
		"1G ",          "cpus=2 ",   "disk=ram:64K ",
		"disk=0+512 ",  "disk=all ", "console=lines ",
		"console=off ", "net=off ",  "rng=off ",
		"program ",     "archive ",  "flat ",
		"short ",       "broken ",   "calls=files ",
		"\x1d",         "\t",        "\x1b[A",
		"\x7f",         "\x03",      "\x15",
	};
	uint32_t random = 1;

	(void)state;
	for (unsigned i = 0; i < 6000; i++) {
		char keys[EDIT_LINE] = "";

		for (unsigned n = 0; n < 4; n++) {
			random = random * 1664525 + 1013904223;
			strcat(keys, words[(random >> 12) % VIO_ARRAY_SIZE(words)]);
		}
		strcat(keys, random >> 30 ? "\r" : "");
		type(keys);
	}
	type("\x1d\x03\x15");
	for (unsigned i = 0; i < GUESTS; i++) {
		char kill[] = "kill 0";

		kill[5] = (char)('1' + i);
		line(kill);
		assert_int_equal(state_of(i), GUEST_NONE);
	}
	assert_int_equal(pages_free(), pool);
}

#define TEST(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_guest_lives),
		TEST(what_is_refused_leaves_nothing),
		TEST(files_that_are_not_what_they_seem),
		TEST(reading_is_given_up),
		TEST(a_console_is_a_file),
		TEST(files_by_hypercall),
		TEST(attached_and_back),
		TEST(noise),
	};

	return cmocka_run_group_tests_name("dynamic", tests, NULL, NULL);
}

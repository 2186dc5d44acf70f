/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Static systems: what becomes of a tree. Each bad one is the good one with one passage replaced;
 * dtc makes the blob. Whatever else is said, or not said, is an error.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libfdt.h>

#include "box.h"
#include "plan.h"

#define MIB  UINT64_C(0x100000)
#define ROOM 65536

static const char good[] =
	"/dts-v1/;\n"
	"/ {\n"
	"	compatible = \"vio,static-system\";\n"
	"	guests {\n"
	"		left: left {\n"
	"			kernel = \"program\"; initrd = \"files\"; bootargs = \"quiet\";\n"
	"			memory = <0x4000000>; memory-at = <0x0 0x48000000>;\n"
	"			vcpus = <2>; cpus = <1>; priority = <3>; partition = <7>; slice-us "
	"= <500>;\n"
	"			restart-limit = <5>; on-fault = \"abort\"; on-reset = "
	"\"restart\";\n"
	"			hypercalls = \"fatal\"; on-end = \"power-off\";\n"
	"			console { device = \"console\"; };\n"
	"			disk0 { device = \"blk\"; ram-disk = <0x10000>; };\n"
	"			disk1 { device = \"blk\"; slot = <9>; disk-size = <0x100000>; };\n"
	"			net { device = \"net\"; mac = [52 00 00 00 00 01]; vlan = <4094>; "
	"private; rate = <1000>; };\n"
	"			rng { device = \"rng\"; };\n"
	"			window { device = \"shared\"; region = <&buffer>; at = "
	"<0x30000000>; };\n"
	"			bell { device = \"doorbell\"; doorbell = <&bell>; };\n"
	"			clock { device = \"registers\"; at = <0x30100000>; size = "
	"<0x1000>;\n"
	"				physical = <0x09010000>; intid = <34>;\n"
	"				compatible = \"arm,pl031\", \"arm,primecell\"; clocked;\n"
	"				offset = <0x800>; };\n"
	"		};\n"
	"		right: right {\n"
	"			kernel = \"program\"; flat;\n"
	"			memory = <0x0 0x2000000>;\n"
	"			disk { device = \"blk\"; disk-offset = <0x100000>; read-only; };\n"
	"			net { device = \"net\"; mac = [52 00 00 00 00 02]; };\n"
	"			empty { device = \"dummy\"; slot = <30>; };\n"
	"			window { device = \"shared\"; region = <&buffer>; at = "
	"<0x30000000>;\n"
	"				read-only; };\n"
	"			bell { device = \"doorbell\"; doorbell = <&bell>; number = <3>;\n"
	"				region = <&buffer>; at = <0x30008000>; label = \"to "
	"left\"; };\n"
	"		};\n"
	"	};\n"
	"	shared { buffer: buffer { size = <0x2000>; }; };\n"
	"	doorbells { bell: bell { }; };\n"
	"	schedule { windows = <&left 4000>, <&right 2000>, <0 1000>; };\n"
	"};\n";

static char said[ROOM];
static unsigned lines;

static __attribute__((format(printf, 3, 0))) void hear(void *user, const char *node,
						       const char *format, va_list arguments)
{
	size_t len = strlen(said);

	assert_ptr_equal(user, said);
	len += (size_t)snprintf(said + len, ROOM - len, "%s: ", node);
	len += (size_t)vsnprintf(said + len, ROOM - len, format, arguments);
	assert_true(len + 1 < ROOM);
	memcpy(said + len, "\n", 2);
	lines++;
}

/* ---- The machine ---- */

static char bundle[1024];
static size_t bundle_size;

static void add_member(const char *name, const char *data)
{
	size_t name_size = strlen(name) + 1;
	size_t size = strlen(data);

	bundle_size +=
		(size_t)sprintf(bundle + bundle_size,
				"070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x", 1,
				0, 0, 0, 1, 0, size, 0, 0, 0, 0, name_size, 0);
	memcpy(bundle + bundle_size, name, name_size);
	bundle_size = (bundle_size + name_size + 3) & ~(size_t)3;
	memcpy(bundle + bundle_size, data, size);
	bundle_size = (bundle_size + size + 3) & ~(size_t)3;
}

static const struct vio_board_range free_memory[] = {
	{ 0x40000000, MIB },       { 0x40a00000, MIB },
	{ 0x44000000, 256 * MIB }, { 0x54001000, 4 * MIB }, /* 2 MiB of it are aligned; */
	{ 0x55001000, 3 * MIB },                            /* less of this */
	{ 0x56000000, 0x2000 },
};

static const char *owner(uint64_t base, uint64_t size, unsigned intid)
{
	if (intid == 33 || (intid == 0 && base < 0x09001000 && base + size > 0x09000000))
		return "the root";
	return NULL;
}

static const struct vio_board_range flash = { 0x04000000, 0x40000 };

static struct plan_machine machine = {
	.board = &vio_board_arm,
	.board_areas = &flash,
	.board_area_count = 1,
	.direct_slots = 8,
	.address_end = UINT64_C(1) << 39,
	.kinds = (1U << PLAN_KINDS) - 1,
	.vcpus_max = 4,
	.others_max = 2,
	.cpu_count = 2,
	.ram = { 0x40000000, 512 * MIB },
	.free = free_memory,
	.free_count = VIO_ARRAY_SIZE(free_memory),
	.owner = owner,
	.intids = 128,
	.disk = 64 * MIB,
	.entropy = true,
	.ticks_hz = 62500000,
	.bundle = bundle,
};

static int make_machine(void **state)
{
	(void)state;
	add_member("program", "does something");
	add_member("files", "of several kinds");
	add_member("TRAILER!!!", "");
	machine.bundle_size = bundle_size;
	return 0;
}

/* ---- Trees ---- */

static struct plan plan;
static _Alignas(8) uint8_t blob[ROOM];

/* By dtc; its warnings are not our subject. */
static size_t compile(const char *source)
{
	char command[128];
	char name[] = "/tmp/vio-plan-XXXXXX";
	int descriptor = mkstemp(name);
	FILE *pipe;
	FILE *file;
	size_t size;

	assert_true(descriptor >= 0);
	snprintf(command, sizeof(command), "dtc -q -f -I dts -O dtb -o %s -", name);
	pipe = popen(command, "w");
	assert_non_null(pipe);
	fputs(source, pipe);
	if (pclose(pipe) != 0)
		fail_msg("dtc does not take this:\n%s", source);
	file = fdopen(descriptor, "rb");
	size = fread(blob, 1, sizeof(blob), file);
	fclose(file);
	remove(name);
	return size;
}

static unsigned read_tree(const char *source)
{
	size_t size = compile(source);

	memset(said, 0, sizeof(said));
	lines = 0;
	memset(&plan, 0xa5, sizeof(plan));
	return plan_read(&plan, blob, size, &machine, hear, said);
}

/* `source` with `from` (there is one) replaced; until the next call. */
static const char *replaced(const char *source, const char *from, const char *to)
{
	static char text[ROOM];
	const char *at = strstr(source, from);

	assert_non_null(at);
	assert_null(strstr(at + 1, from));
	snprintf(text, ROOM, "%.*s%s%s", (int)(at - source), source, to, at + strlen(from));
	return text;
}

static void a_good_tree_is_followed(void **state)
{
	const struct plan_guest *left = &plan.guests[0];
	const struct plan_guest *right = &plan.guests[1];

	(void)state;
	assert_int_equal(read_tree(good), 0);
	assert_string_equal(said, "");
	assert_int_equal(plan.guest_count, 2);
	assert_string_equal(left->name, "left");
	assert_string_equal(left->kernel, "program");
	assert_string_equal(left->initrd, "files");
	assert_string_equal(left->bootargs, "quiet");
	assert_false(left->flat);
	assert_int_equal(left->vcpus, 2);
	assert_int_equal(left->cpus, 2);
	assert_int_equal(left->priority, 3);
	assert_int_equal(left->partition, 7);
	assert_int_equal(left->slice, 31250);
	assert_int_equal(left->restart_limit, 5);
	assert_int_equal(left->on_fault, PLAN_FAULT_ABORT);
	assert_int_equal(left->on_reset, PLAN_RESET_RESTART);
	assert_int_equal(left->on_end, PLAN_END_POWER_OFF);
	assert_int_equal(left->calls, PLAN_CALLS_FATAL);
	assert_int_equal(left->memory, 64 * MIB);
	assert_int_equal(left->memory_at, 0x48000000);
	assert_int_equal(left->device_count, 8);
	assert_int_equal(left->devices[0].slot, VIO_BOARD_SLOT_CONSOLE);
	assert_int_equal(left->devices[1].ram_disk, 0x10000);
	assert_int_equal(left->devices[2].slot, 9);
	assert_int_equal(left->devices[2].disk_size, MIB);
	assert_int_equal(left->devices[3].mac[5], 1);
	assert_int_equal(left->devices[3].vlan, 4094);
	assert_true(left->devices[3].is_private);
	assert_int_equal(left->devices[3].rate, 1000);
	assert_int_equal(left->devices[5].at, 0x30000000);
	assert_int_equal(left->devices[5].size, 0x2000);
	assert_int_equal(left->devices[6].doorbell, 0);
	assert_int_equal(left->devices[6].end, 0);
	assert_int_equal(left->devices[6].size, 0);
	assert_int_equal(left->devices[7].physical, 0x09010000);
	assert_int_equal(left->devices[7].intid, 34);
	assert_string_equal(left->devices[7].name, "clock");
	assert_memory_equal(left->devices[7].compatible.first, "arm,pl031\0arm,primecell", 24);
	assert_int_equal(left->devices[7].compatible.size, 24);
	assert_true(left->devices[7].clocked);
	assert_int_equal(left->devices[7].offset, 0x800);
	assert_int_equal(left->devices[7].length, 0x800);

	assert_true(right->flat);
	assert_int_equal(right->memory, 32 * MIB);
	assert_int_equal(right->partition, 2);
	assert_int_equal(right->vcpus, 1);
	assert_int_equal(right->on_fault, PLAN_FAULT_STOP);
	assert_int_equal(right->calls, PLAN_CALLS_NONE);
	assert_int_equal(right->devices[0].disk_offset, MIB);
	assert_int_equal(right->devices[0].disk_size, 63 * MIB);
	assert_true(right->devices[0].read_only);
	assert_int_equal(right->devices[3].physical, left->devices[5].physical);
	assert_int_equal(right->devices[4].end, 1);
	assert_int_equal(right->devices[4].number, 3);
	assert_int_equal(right->devices[4].at, 0x30008000);
	assert_int_equal(right->devices[4].size, 0x2000);
	assert_int_equal(right->devices[4].physical, left->devices[5].physical);
	assert_string_equal(right->devices[4].label, "to left");

	assert_int_equal(plan.window_count, 3);
	assert_int_equal(plan.windows[0].partition, 7);
	assert_int_equal(plan.windows[0].length, 250000);
	assert_int_equal(plan.windows[1].partition, 2);
	assert_int_equal(plan.windows[2].partition, SCHED_ROOT);
}

static bool apart(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a + a_size <= b || b + b_size <= a;
}

static void memory_without_a_place_gets_one(void **state)
{
	const struct plan_guest *left = &plan.guests[0];
	const struct plan_guest *right = &plan.guests[1];

	(void)state;
	assert_int_equal(read_tree(good), 0);
	assert_int_equal(right->memory_at % vio_board_arm.ram_granule, 0);
	assert_true(right->memory_at >= 0x44000000);
	assert_true(apart(left->memory_at, left->memory, right->memory_at, right->memory));
	/* The small ones go where the guests' would not fit. */
	assert_in_range(left->devices[1].physical, 0x40000000, 0x40cfffff);
	assert_int_equal(plan.shared[0].physical, 0x56000000);
}

static const struct {
	const char *from;
	const char *to;
	const char *said;
} mistakes[] = {
	/* A node by itself */
	{ "	compatible = \"vio,static-system\";\n", "", "/: compatible is missing\n" },
	{ "vio,static-system", "linux,dummy-virt",
	  "/: compatible is `linux,dummy-virt`: it is one of vio,static-system\n" },
	{ "	shared {", "	network { }; shared {", "/network: unknown node in a system\n" },
	{ "	guests {", "	guests { default;",
	  "/guests: unknown property default of a list of guests\n" },
	{ "bootargs = ", "bootarg = ", "/guests/left: unknown property bootarg of a guest\n" },
	{ "flat;", "flat = <1>;", "/guests/right: flat is there or not, and has no value\n" },
	{ "kernel = \"program\"; flat;", "flat;", "/guests/right: kernel is missing\n" },
	{ "\"program\"; flat;", "\"\"; flat;", "/guests/right: kernel is one string, not empty\n" },
	{ "\"program\"; flat;", "\"program\", \"files\"; flat;",
	  "/guests/right: kernel is one string, not empty\n" },
	{ "\"program\"; flat;", "\"programm\"; flat;",
	  "/guests/right: kernel: the bundle has no member `programm`\n" },
	{ "\"files\"", "\"file\"", "/guests/left: initrd: the bundle has no member `file`\n" },
	{ "memory = <0x0 0x2000000>;", "", "/guests/right: memory is missing\n" },
	{ "<0x0 0x2000000>", "<0 0 0x2000000>",
	  "/guests/right: memory is one cell, or two for 64 bits\n" },
	{ "<0x0 0x2000000>", "<0x2000001>",
	  "/guests/right: memory is 0x2000001: it is 0x200000 to 0x3fc0000000, in multiples of "
	  "0x200000\n" },
	{ "vcpus = <2>", "vcpus = <0>", "/guests/left: vcpus is 0x0: it is 0x1 to 0xffffffff\n" },
	{ "vcpus = <2>", "vcpus = <0 2>",
	  "/guests/left: vcpus is one cell, a number of 32 bits\n" },
	{ "vcpus = <2>", "vcpus = <5>",
	  "/guests/left: vcpus is 5: a guest of this system has up to 4\n" },
	{ "cpus = <1>", "cpus = <0 2>", "/guests/left: cpus has 2: the machine has 0 to 1\n" },
	{ "cpus = <1>", "cpus", "/guests/left: cpus is one cell a CPU, from 0\n" },
	{ "hypercalls = \"fatal\"", "hypercalls = \"library\"",
	  "/guests/left: hypercalls: this system has no library\n" },
	{ "partition = <7>", "partition = <0>",
	  "/guests/left: partition is 0x0: it is 0x1 to 0xff\n" },
	{ "\"abort\"", "\"abortion\"",
	  "/guests/left: on-fault is `abortion`: it is one of stop, abort\n" },
	{ "device = \"rng\"", "device = \"random\"",
	  "/guests/left/rng: device is `random`: it is one of console, blk, net, rng, dummy, "
	  "shared, "
	  "doorbell, registers\n" },
	{ "device = \"rng\";", "", "/guests/left/rng: device is missing\n" },
	{ "device = \"rng\";", "device = \"rng\"; ram-disk = <512>;",
	  "/guests/left/rng: unknown property ram-disk of a rng\n" },
	{ "device = \"rng\";", "device = \"rng\"; port { };",
	  "/guests/left/rng/port: unknown node in a device\n" },
	{ "ram-disk = <0x10000>", "ram-disk = <1000>",
	  "/guests/left/disk0: ram-disk is 0x3e8: it is a multiple of 0x200\n" },
	{ "mac = [52 00 00 00 00 02]", "mac = [53 00 00 00 00 02]",
	  "/guests/right/net: mac is the address of one card: not all zeroes, and of no group (its "
	  "first byte is even)\n" },
	{ "mac = [52 00 00 00 00 02]", "mac = \"52:00:00:00:00:02\"",
	  "/guests/right/net: mac is six bytes, such as [52 00 00 00 00 01]\n" },
	{ "mac = [52 00 00 00 00 02];", "", "/guests/right/net: mac is missing\n" },
	{ "vlan = <4094>", "vlan = <4095>",
	  "/guests/left/net: vlan is 0xfff: it is 0x1 to 0xffe\n" },
	{ "size = <0x2000>", "size = <0x2100>",
	  "/shared/buffer: size is 0x2100: it is a multiple of 0x1000\n" },
	{ "windows = ", "window = ",
	  "/schedule: unknown property window of a schedule\n/schedule: windows is missing\n" },
	{ "<&left 4000>, ", "<&left>, ",
	  "/schedule: windows is two cells a window, whose and how many microseconds, up to 32 "
	  "windows\n" },

	/* What only one can have */
	{ "memory = <0x0 0x2000000>;", "memory = <0x2000000>; memory-at = <0x4a000000>;",
	  "/guests/right: memory at 0x4a000000 to 0x4bffffff overlaps memory of /guests/left\n" },
	{ "memory = <0x0 0x2000000>;", "memory = <0x2000000>; memory-at = <0x40800000>;",
	  "/guests/right: memory at 0x40800000: the machine has no 0x2000000 free bytes there\n" },
	{ "memory = <0x0 0x2000000>;", "memory = <0x2000000>; memory-at = <0x4c001000>;",
	  "/guests/right: memory at 0x4c001000: it starts at a multiple of 0x200000\n" },
	{ "memory = <0x0 0x2000000>;", "memory = <0x10000000>;",
	  "/guests/right: memory of 0x10000000 bytes: the machine has 0x8000000 more in one "
	  "piece\n" },
	{ "slot = <9>", "slot = <3>",
	  "/guests/left/rng: slot 3 is that of /guests/left/disk1 already\n" },
	{ "slot = <30>", "slot = <32>",
	  "/guests/right/empty: slot is 32: the board has 0 to 31\n" },
	{ "00 02]", "00 01]", "/guests/right/net: mac is that of /guests/left/net already\n" },
	{ "disk-offset = <0x100000>", "disk-offset = <0xffe00>",
	  "/guests/right/disk: part of the disk at 0xffe00 to 0x3ffffff overlaps part of the disk "
	  "of "
	  "/guests/left/disk1\n" },
	{ "disk-offset = <0x100000>", "disk-offset = <0x4000000>",
	  "/guests/right/disk: it goes beyond the machine's disk of 0x4000000 bytes\n" },
	{ "disk-size = <0x100000>", "disk-size = <0x100000>; ram-disk = <0x1000>",
	  "/guests/left/disk1: a ram-disk is no part of the machine's: it has neither disk-offset "
	  "nor "
	  "disk-size\n" },
	{ "at = <0x30100000>", "at = <0x30001000>",
	  "/guests/left/clock: window at 0x30001000 to 0x30001fff overlaps window of "
	  "/guests/left/window\n" },
	{ "at = <0x30100000>", "at = <0x43fff000>",
	  "/guests/left/clock: window at 0x43fff000 to 0x43ffffff overlaps memory of "
	  "/guests/left\n" },
	{ "at = <0x30100000>", "at = <0x09000000>",
	  "/guests/left/clock: window at 0x9000000 to 0x9000fff overlaps what the board has "
	  "there\n" },
	{ "at = <0x30100000>", "at = <0x0403f000>",
	  "/guests/left/clock: window at 0x403f000 to 0x403ffff overlaps what the board has "
	  "there\n" },
	{ "at = <0x30100000>", "at = <0x80 0x0>",
	  "/guests/left/clock: a guest's addresses end at 0x7fffffffff\n" },
	{ "physical = <0x09010000>", "physical = <0x09000000>",
	  "/guests/left/clock: registers at 0x9000000 are those of the root\n" },
	{ "physical = <0x09010000>", "physical = <0x48000000>",
	  "/guests/left/clock: registers at 0x48000000 to 0x48000fff overlaps the machine's "
	  "memory\n" },
	{ "empty {",
	  "clock { device = \"registers\"; at = <0x30100000>; size = <0x3000>;"
	  "physical = <0x0900f000>; intid = <34>; }; empty {",
	  "/guests/right/clock: registers at 0x900f000 to 0x9011fff overlaps registers of "
	  "/guests/left/clock\n"
	  "/guests/right/clock: interrupt 34 is taken: interrupt of /guests/left/clock\n" },
	{ "intid = <34>", "intid = <33>",
	  "/guests/left/clock: interrupt 33 is the board's UART\n"
	  "/guests/left/clock: interrupt 33 is that of the root\n" },
	{ "intid = <34>", "intid = <27>",
	  "/guests/left/clock: intid is 27: those of parts are 32 to 127\n" },
	{ "intid = <34>", "intid = <128>",
	  "/guests/left/clock: intid is 128: those of parts are 32 to 127\n" },
	{ "offset = <0x800>", "offset = <0x800>; length = <0x801>",
	  "/guests/left/clock: 0x801 bytes at offset 0x800 are not in the registers\n" },
	{ "offset = <0x800>", "offset = <0x1000>; length = <1>",
	  "/guests/left/clock: 0x1 bytes at offset 0x1000 are not in the registers\n" },
	{ "compatible = \"arm,pl031\", \"arm,primecell\";", "",
	  "/guests/left/clock: offset and length are for the guest's tree, which has it by its "
	  "compatible: that is missing\n" },
	{ "\"arm,pl031\", \"arm,primecell\"", "<1>",
	  "/guests/left/clock: compatible is strings, not empty\n"
	  "/guests/left/clock: offset and length are for the guest's tree, which has it by its "
	  "compatible: that is missing\n" },
	{ "clock { ", "a-clock-that-has-a-name-of-29 { ",
	  "/guests/left/a-clock-that-has-a-name-of-29: its name is longer than 28 characters\n" },
	{ "\"abort\";", "\"abort\"; direct;",
	  "/guests/left/disk1: slot is 9: the board has 0 to 7\n" },
	{ "number = <3>", "number = <16>",
	  "/guests/right/bell: number is 16: the board has 0 to 15\n" },
	{ "at = <0x30008000>", "at = <0x0800f000>",
	  "/guests/right/bell: window at 0x800f000 to 0x8010fff overlaps what the board has "
	  "there\n" },
	{ "<34>", "<80>", "/guests/left/clock: interrupt 80 is the board's doorbells\n" },

	{ "rng { device = \"rng\"; };",
	  "r0 { device = \"rng\"; slot = <20>; }; r1 { device = \"rng\"; slot = <21>; };"
	  "r2 { device = \"rng\"; slot = <22>; };",
	  "/guests/left/r2: the system has up to 2 of these outside their standard slot\n" },

	{ "at = <0x30008000>", "at = <0x7f 0xfffff000>",
	  "/guests/right/bell: a guest's addresses end at 0x7fffffffff\n" },

	/* References */
	{ "<&bell>; number", "<&buffer>; number",
	  "/guests/right/bell: doorbell refers to /shared/buffer, which is no doorbell\n"
	  "/doorbells/bell: it has 1 ends, and should have 2\n" },
	{ "at = <0x30008000>; ", "",
	  "/guests/right/bell: at is missing: where the region is to be\n" },
	{ "region = <&buffer>; at = <0x30008000>; ", "at = <0x30008000>; ",
	  "/guests/right/bell: at is where a region is to be, and region is missing\n" },
	{ "<&bell>; number", "<0>; number",
	  "/guests/right/bell: doorbell is a reference, and no number\n"
	  "/doorbells/bell: it has 1 ends, and should have 2\n" },
	{ "bell: bell { };", "bell: bell { }; other { };",
	  "/doorbells/other: it has 0 ends, and should have 2\n" },
	{ "<&buffer>; at = <0x30000000>; };", "<&right>; at = <0x30000000>; };",
	  "/guests/left/window: region refers to /guests/right, which is no shared memory\n" },
	{ "<&buffer>; at = <0x30000000>; };", "<77>; at = <0x30000000>; };",
	  "/guests/left/window: region refers to no node\n" },
	{ "<&right 2000>", "<&buffer 2000>",
	  "/schedule: a window refers to /shared/buffer, which is no guest\n" },
	{ "<&right 2000>", "<99 2000>", "/schedule: a window refers to no node\n" },
	{ "<&right 2000>, ", "",
	  "/guests/right: it has no window in the schedule, so it would never run\n" },
	{ "<0 1000>", "<0 0>", "/schedule: window 3 has no time\n" },
};

static void each_mistake_is_named(void **state)
{
	(void)state;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(mistakes); i++) {
		unsigned count = read_tree(replaced(good, mistakes[i].from, mistakes[i].to));

		assert_string_equal(said, mistakes[i].said);
		assert_int_equal(count, lines);
	}
}

/* Just what there is, where it is, and no more. */
static void what_fits_fits(void **state)
{
	static const struct {
		const char *from;
		const char *to;
		unsigned mistakes;
	} cases[] = {
		{ "memory-at = <0x0 0x48000000>", "memory-at = <0x44000000>", 0 },
		{ "memory-at = <0x0 0x48000000>", "memory-at = <0x50000000>", 0 },
		{ "memory-at = <0x0 0x48000000>", "memory-at = <0x50200000>", 1 },
		{ "memory = <0x0 0x2000000>;", "memory = <0x8000000>;", 0 },
		{ "memory = <0x0 0x2000000>;", "memory = <0x8200000>;", 1 },
		{ "size = <0x2000>; };", "size = <0x2000>; physical = <0x56000000>; };", 0 },
		{ "size = <0x2000>; };", "size = <0x2000>; physical = <0x56001000>; };", 1 },
		{ "at = <0x30100000>", "at = <0x7f 0xfffff000>", 0 },
		{ "disk-offset = <0x100000>", "disk-offset = <0x100000>; disk-size = <0x3f00000>",
		  0 },
		{ "vcpus = <2>", "vcpus = <4>", 0 },
		{ "intid = <34>", "intid = <32>", 0 },
		{ "intid = <34>", "intid = <127>", 0 },
		{ "\"quiet\"", "\"q\"", 0 },
		{ "partition = <7>", "partition = <255>", 0 },
	};

	(void)state;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(cases); i++) {
		unsigned count = read_tree(replaced(good, cases[i].from, cases[i].to));

		if (count != cases[i].mistakes)
			fail_msg("%s: %s", cases[i].to, said);
	}
	read_tree(replaced(good, "memory = <0x0 0x2000000>;", "memory = <0x200000>;"));
	assert_int_equal(plan.guests[1].memory_at, 0x54200000);
}

static void a_system_may_have_a_library(void **state)
{
	(void)state;
	machine.library = true;
	read_tree(replaced(good, "hypercalls = \"fatal\"", "hypercalls = \"library\""));
	machine.library = false;
	assert_string_equal(said, "");
	assert_int_equal(plan.guests[0].calls, PLAN_CALLS_LIBRARY);
}

static void all_mistakes_are_named_at_once(void **state)
{
	(void)state;
	read_tree("/dts-v1/;\n"
		  "/ {\n"
		  "	compatible = \"vio,static-system\"; model = \"mine\";\n"
		  "	guests {\n"
		  "		a { kernel = \"program\"; memory = <0x400000>; colour = <7>;\n"
		  "			disk { device = \"blk\"; };\n"
		  "			other { device = \"blk\"; slot = <2>; };\n"
		  "			net { device = \"net\"; mac = [02 00 00 00 00 00]; }; };\n"
		  "		b { memory = <0x40000000>;\n"
		  "			net { device = \"net\"; mac = [02 00 00 00 00 00]; }; };\n"
		  "	};\n"
		  "	schedule { windows = <0 100>; };\n"
		  "};\n");
	assert_string_equal(said,
			    "/: unknown property model of a system\n"
			    "/guests/a: unknown property colour of a guest\n"
			    "/guests/b: kernel is missing\n"
			    "/guests/a/net: slot 2 is that of /guests/a/other already\n"
			    "/guests/b: memory of 0x40000000 bytes: the machine has 0xfc00000 more "
			    "in one piece\n"
			    "/guests/a/other: part of the disk at 0x0 to 0x3ffffff overlaps part "
			    "of the disk of "
			    "/guests/a/disk\n"
			    "/guests/b/net: mac is that of /guests/a/net already\n"
			    "/guests/a: it has no window in the schedule, so it would never run\n"
			    "/guests/b: it has no window in the schedule, so it would never run\n");
}

/* Its memory is where the machine has it, and transports may be where the board's slots were. */
static void a_direct_guest_has_another_board(void **state)
{
	static const char tree[] =
		"/dts-v1/; / { compatible = \"vio,static-system\"; guests { one { direct;"
		"kernel = \"program\"; memory = <0x400000>; memory-at = <0x44000000>;"
		"disk { device = \"registers\"; at = <0x0a003000>; size = <0x1000>; intid = <79>; "
		"};"
		"}; }; };";

	(void)state;
	assert_int_equal(read_tree(tree), 0);
	assert_true(plan.guests[0].direct);
	assert_int_equal(plan.guests[0].devices[0].physical, 0x0a003000);
	assert_int_equal(read_tree(replaced(tree, "0x0a003000", "0x0a000000")), 1);
	assert_int_equal(read_tree(replaced(tree, "<79>", "<55>")), 1);
	assert_int_equal(read_tree(replaced(tree, "at = <0x0a003000>",
					    "physical = <0x0a003000>; at = <0x44200000>")),
			 1);
	assert_int_equal(read_tree(replaced(tree, "at = <0x0a003000>",
					    "physical = <0x0a003000>; at = <0x40000000>")),
			 0);
	assert_int_equal(read_tree(replaced(tree, "direct;", "")), 2);
}

static void what_a_tree_wants_is_known_before(void **state)
{
	size_t size = compile(good);

	(void)state;
	assert_true(plan_wants_disk(blob, size));
	assert_true(plan_wants(blob, size, PLAN_RNG));
	size = compile(
		"/dts-v1/; / { a { device = \"blk\"; ram-disk; }; b { device = \"net\"; }; };");
	assert_false(plan_wants_disk(blob, size));
	assert_false(plan_wants(blob, size, PLAN_RNG));
	assert_true(plan_wants(blob, size, PLAN_NET));
	assert_false(plan_wants(blob, size - 1, PLAN_NET));
}

/* dtc would not have it. */
static void two_guests_of_one_name_are_refused(void **state)
{
	size_t size = compile("/dts-v1/; / { compatible = \"vio,static-system\"; guests {"
			      "one { kernel = \"program\"; memory = <0x400000>; };"
			      "two { kernel = \"program\"; memory = <0x400000>; }; }; };");

	(void)state;
	for (size_t i = 0; i + 4 < size; i++) {
		if (memcmp(blob + i, "two", 4) == 0)
			memcpy(blob + i, "one", 4);
	}
	memset(said, 0, sizeof(said));
	assert_int_equal(plan_read(&plan, blob, size, &machine, hear, said), 1);
	assert_non_null(strstr(said, "there are two guests of this name\n"));
}

static void registers_end_with_the_addresses(void **state)
{
	(void)state;
	read_tree("/dts-v1/; / { compatible = \"vio,static-system\"; guests { one {"
		  "kernel = \"program\"; memory = <0x400000>;"
		  "part { device = \"registers\"; at = <0x30000000>; size = <0x2000>;"
		  "physical = <0xffffffff 0xfffff000>; }; }; }; };");
	assert_string_equal(said,
			    "/guests/one/part: registers at 0xfffffffffffff000 goes beyond all "
			    "addresses\n");
}

/* A tree with `count` of these, every # in which is the number; until the next call. */
static const char *many(const char *before, unsigned count, const char *each, const char *after)
{
	static char text[ROOM];
	size_t len = (size_t)sprintf(text, "%s", before);

	for (unsigned i = 0; i < count; i++) {
		for (const char *c = each; *c; c++)
			len += (size_t)(*c == '#' ? sprintf(text + len, "%u", i)
						  : sprintf(text + len, "%c", *c));
	}
	snprintf(text + len, ROOM - len, "%s", after);
	return text;
}

#define START "/dts-v1/; / { compatible = \"vio,static-system\"; guests { "
#define GUEST "kernel = \"program\"; memory = <0x400000>; "

static void so_many_and_no_more(void **state)
{
	static const struct {
		const char *before;
		unsigned count;
		const char *each;
		const char *after;
		const char *said;
	} cases[] = {
		{ START, PLAN_GUESTS, "g# { " GUEST "};", "}; };",
		  "/guests/g8: a system has up to 8 guests\n" },
		{ START "g { " GUEST, PLAN_DEVICES, "d# { device = \"dummy\"; slot = <#>; };",
		  "}; }; };", "/guests/g/d16: a guest has up to 16 devices\n" },
		{ START "g { " GUEST "}; }; shared {", PLAN_SHARED, "s# { size = <0x1000>; };",
		  "}; };", "/shared/s8: a system has up to 8 pieces of shared memory\n" },
		{ START "g { " GUEST "}; }; schedule { windows = <0 5>", PLAN_WINDOWS - 2,
		  ", <0 1#>", ", <&{/guests/g} 9>; }; };",
		  "/schedule: windows is two cells a window, whose and how many microseconds, up "
		  "to "
		  "32 windows\n" },
	};

	(void)state;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(cases); i++) {
		assert_int_equal(read_tree(many(cases[i].before, cases[i].count, cases[i].each,
						cases[i].after)),
				 0);
		read_tree(many(cases[i].before, cases[i].count + 1, cases[i].each, cases[i].after));
		assert_string_equal(said, cases[i].said);
	}
	read_tree(many(START "g { " GUEST "}; }; doorbells {", PLAN_DOORBELLS + 1, "d# { };",
		       "}; };"));
	assert_non_null(strstr(said, "/doorbells/d16: a system has up to 16 doorbells\n"));
}

static void what_the_system_has_not_is_refused(void **state)
{
	(void)state;
	machine.kinds &= ~(1U << PLAN_REGISTERS);
	machine.disk = 0;
	machine.entropy = false;
	read_tree(good);
	machine.kinds |= 1U << PLAN_REGISTERS;
	machine.disk = 64 * MIB;
	machine.entropy = true;
	assert_string_equal(said,
			    "/guests/left/clock: this system has no registers devices\n"
			    "/guests/left/disk1: the machine has no disk: give it a ram-disk\n"
			    "/guests/right/disk: the machine has no disk: give it a ram-disk\n"
			    "/guests/left/rng: the machine has no source of entropy\n");
	read_tree("/dts-v1/; / { compatible = \"vio,static-system\"; };");
	assert_string_equal(said, "/: no guests\n");
}

/* Each byte changed, and each length: nothing but mistakes, or another plan. */
static void a_damaged_tree_does_no_harm(void **state)
{
	static const uint8_t changes[] = { 0x01, 0x80, 0xff };
	size_t size = compile(good);

	(void)state;
	for (size_t i = 0; i < size; i++) {
		uint8_t *cut = malloc(i ? i : 1);

		memcpy(cut, blob, i);
		memset(said, 0, sizeof(said));
		assert_true(plan_read(&plan, cut, i, &machine, hear, said) > 0);
		free(cut);
		for (unsigned c = 0; c < VIO_ARRAY_SIZE(changes); c++) {
			blob[i] ^= changes[c];
			memset(said, 0, sizeof(said));
			plan_read(&plan, blob, size, &machine, hear, said);
			blob[i] ^= changes[c];
		}
	}
}

/* Older ones have another idea of names. */
static void a_tree_of_an_old_version_is_refused(void **state)
{
	size_t size = compile(good);

	(void)state;
	for (uint32_t version = 0; version < 16; version++) {
		memset(said, 0, sizeof(said));
		fdt_set_version(blob, version);
		fdt_set_last_comp_version(blob, version);
		assert_int_equal(plan_read(&plan, blob, size, &machine, hear, said), 1);
		assert_string_equal(said, "/: no device tree, or a damaged one "
					  "(FDT_ERR_BADVERSION)\n");
		assert_false(plan_wants_disk(blob, size));
		assert_false(plan_wants(blob, size, PLAN_RNG));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_tree_is_followed),
		cmocka_unit_test(memory_without_a_place_gets_one),
		cmocka_unit_test(what_fits_fits),
		cmocka_unit_test(each_mistake_is_named),
		cmocka_unit_test(a_system_may_have_a_library),
		cmocka_unit_test(all_mistakes_are_named_at_once),
		cmocka_unit_test(a_direct_guest_has_another_board),
		cmocka_unit_test(what_a_tree_wants_is_known_before),
		cmocka_unit_test(two_guests_of_one_name_are_refused),
		cmocka_unit_test(registers_end_with_the_addresses),
		cmocka_unit_test(so_many_and_no_more),
		cmocka_unit_test(what_the_system_has_not_is_refused),
		cmocka_unit_test(a_damaged_tree_does_no_harm),
		cmocka_unit_test(a_tree_of_an_old_version_is_refused),
	};

	return cmocka_run_group_tests(tests, make_machine, NULL);
}

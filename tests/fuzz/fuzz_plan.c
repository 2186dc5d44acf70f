/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Static systems: a blob as it is, or a tree built of nodes and properties that the reader knows,
 * with any values. What it accepts is a plan that can be followed: all memory is free, whole and
 * nobody else's, and nothing of the machine's or the board's is given away.
 */
#include <libfdt.h>

#include "fuzz.h"
#include "plan.h"

#define MIB  UINT64_C(0x100000)
#define ROOM 8192

_Noreturn void fuzz_broken(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

static const char *const node_names[] = {
	"guests", "shared", "doorbells", "schedule", "a", "b", "c", "d",
};

static const char *const property_names[] = {
	"compatible", "kernel",   "initrd",    "bootargs", "flat",     "memory",        "memory-at",
	"vcpus",      "priority", "partition", "slice-us", "on-fault", "restart-limit", "on-reset",
	"hypercalls", "direct",   "offset",    "length",   "cpus",     "private",       "rate",
	"on-end",     "device",   "slot",      "ram-disk", "mac",      "disk-offset",   "disk-size",
	"read-only",  "vlan",     "region",    "at",       "size",     "physical",      "intid",
	"windows",    "phandle",  "number",    "doorbell", "label",    "unheard-of",
};

static const char *const words[] = {
	"vio,static-system", "prog",      "console", "blk",     "net",  "rng", "dummy", "shared",
	"doorbell",          "registers", "stop",    "restart", "none", "",
};

/* One member, `prog`, and the end. */
static const char bundle[] = "070701000000010000000000000000000000000000000100000000000000040000000"
			     "00000000000000000000000"
			     "000000000500000000prog\0\0data"
			     "070701000000010000000000000000000000000000000100000000000000000000000"
			     "00000000000000000000000"
			     "000000000B00000000TRAILER!!!\0\0\0";

static const struct vio_board_range free_memory[] = {
	{ 0x40000000, 2 * MIB },
	{ 0x44000000, 64 * MIB },
};
static const char *owner(uint64_t base, uint64_t size, unsigned intid)
{
	return intid == 33 || (intid == 0 && base < 0x09001000 && base + size > 0x09000000) ? "me"
											    : NULL;
}

static const struct vio_board_range flash = { 0x04000000, 0x40000 };

static const struct plan_machine machine = {
	.board = &vio_board_arm,
	.board_areas = &flash,
	.board_area_count = 1,
	.direct_slots = 8,
	.address_end = UINT64_C(1) << 39,
	.kinds = (1U << PLAN_KINDS) - 1,
	.vcpus_max = 4,
	.others_max = 2,
	.cpu_count = 2,
	.ram = { 0x40000000, 256 * MIB },
	.free = free_memory,
	.free_count = VIO_ARRAY_SIZE(free_memory),
	.owner = owner,
	.intids = 128,
	.disk = MIB,
	.entropy = true,
	.ticks_hz = 62500000,
	.bundle = bundle,
	.bundle_size = sizeof(bundle) - 1,
};

/* ---- A tree from bytes ---- */

static const uint8_t *input;
static size_t left;

static unsigned byte(void)
{
	if (left == 0)
		return 0;
	left--;
	return *input++;
}

static uint32_t cell(void)
{
	static const uint32_t likely[] = { 0x200000, 0x1000, 0x44000000, 0x30000000, 512, 0 };
	unsigned how = byte();

	if (how < 8)
		return how;
	if (how < 16)
		return likely[how % VIO_ARRAY_SIZE(likely)];
	return (uint32_t)how << 24 | byte() << 16 | byte() << 8 | byte();
}

static void put_property(void *fdt)
{
	const char *name = property_names[byte() % VIO_ARRAY_SIZE(property_names)];
	unsigned how = byte();
	uint8_t value[64];
	unsigned len = how >> 2 & 15;

	if (how % 4 == 0) {
		fdt_property_string(fdt, name, words[len % VIO_ARRAY_SIZE(words)]);
		return;
	}
	if (how % 4 == 1) {
		for (unsigned i = 0; i < len; i++)
			value[i] = (uint8_t)byte();
		fdt_property(fdt, name, value, (int)len);
		return;
	}
	for (unsigned i = 0; i < len; i++) {
		fdt32_t number = cpu_to_fdt32(cell());

		memcpy(value + (size_t)4 * i, &number, 4);
	}
	fdt_property(fdt, name, value, 4 * (int)len);
}

/* Properties of a node come before its children, or libfdt refuses them. */
static void build(void *fdt)
{
	unsigned depth = 1;

	fdt_create(fdt, ROOM);
	fdt_finish_reservemap(fdt);
	fdt_begin_node(fdt, "");
	fdt_property_string(fdt, "compatible", words[0]);
	while (left) {
		unsigned what = byte();

		if (what % 4 != 0) {
			put_property(fdt);
		} else if (what & 4 && depth > 1) {
			fdt_end_node(fdt);
			depth--;
		} else if (depth < 5) {
			fdt_begin_node(fdt, node_names[(what >> 3) % VIO_ARRAY_SIZE(node_names)]);
			depth++;
		}
	}
	for (; depth; depth--)
		fdt_end_node(fdt);
	fdt_finish(fdt);
}

/* ---- What holds of a plan ---- */

static struct vio_board_range taken[256];
static unsigned taken_count;

static void take(uint64_t base, uint64_t size)
{
	bool is_free = false;

	for (unsigned i = 0; i < VIO_ARRAY_SIZE(free_memory); i++) {
		if (base >= free_memory[i].base && size <= free_memory[i].size &&
		    base - free_memory[i].base <= free_memory[i].size - size)
			is_free = true;
	}
	fuzz_check(is_free && size != 0);
	for (unsigned i = 0; i < taken_count; i++)
		fuzz_check(base >= taken[i].base + taken[i].size || base + size <= taken[i].base);
	taken[taken_count++] = (struct vio_board_range){ base, size };
}

static void check_device(const struct plan *plan, const struct plan_device *device)
{
	fuzz_check(device->kind < PLAN_KINDS);
	switch (device->kind) {
	case PLAN_BLK:
		if (device->ram_disk)
			take(device->physical, device->ram_disk);
		else
			fuzz_check(device->disk_size && device->disk_size <= machine.disk &&
				   device->disk_offset <= machine.disk - device->disk_size);
		break;
	case PLAN_DOORBELL:
		fuzz_check(device->number < vio_board_arm.doorbells && device->end < 2);
		fuzz_check(device->doorbell < plan->doorbell_count);
		if (!device->size)
			break;
		/* fallthrough */
	case PLAN_SHARED_MEMORY:
		fuzz_check(device->shared < plan->shared_count && device->size);
		fuzz_check(device->physical == plan->shared[device->shared].physical);
		break;
	case PLAN_REGISTERS:
		fuzz_check(device->physical + device->size <= 0x40000000 ||
			   device->physical >= 0x50000000);
		fuzz_check(owner(device->physical, device->size, 0) == NULL);
		fuzz_check(device->intid == 0 ||
			   (device->intid >= 32 && device->intid < 128 && device->intid != 33));
		break;
	default:
		fuzz_check(device->slot < vio_board_arm.virtio_slots);
		break;
	}
}

static void check_plan(const struct plan *plan)
{
	taken_count = 0;
	fuzz_check(plan->guest_count >= 1 && plan->guest_count <= PLAN_GUESTS);
	for (unsigned i = 0; i < plan->guest_count; i++) {
		const struct plan_guest *guest = &plan->guests[i];

		take(guest->memory_at, guest->memory);
		fuzz_check(guest->memory_at % vio_board_arm.ram_granule == 0);
		fuzz_check(guest->kernel && strcmp(guest->kernel, "prog") == 0);
		fuzz_check(guest->vcpus >= 1 && guest->vcpus <= machine.vcpus_max);
		fuzz_check(guest->cpus < 4);
		fuzz_check(guest->partition >= 1 && guest->partition <= 255);
		for (unsigned d = 0; d < guest->device_count; d++)
			check_device(plan, &guest->devices[d]);
	}
	for (unsigned i = 0; i < plan->shared_count; i++)
		take(plan->shared[i].physical, plan->shared[i].size);
	for (unsigned i = 0; i < plan->window_count; i++)
		fuzz_check(plan->windows[i].length >= 1);
}

static __attribute__((format(printf, 3, 0))) void hear(void *user, const char *node,
						       const char *format, va_list arguments)
{
	char text[512];

	(*(unsigned *)user)++;
	fuzz_check(node[0] == '/');
	fuzz_check(vsnprintf(text, sizeof(text), format, arguments) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct plan plan;
	static _Alignas(8) uint8_t built[ROOM];
	unsigned said = 0;
	unsigned mistakes = 0;
	uint8_t *blob = NULL;

	if (size < 2)
		return 0;
	if (data[0] % 16 == 0) {
		blob = malloc(size - 1);

		memcpy(blob, data + 1, size - 1);
		mistakes = plan_read(&plan, blob, size - 1, &machine, hear, &said);
	} else {
		input = data + 1;
		left = size - 1;
		build(built);
		mistakes = plan_read(&plan, built, ROOM, &machine, hear, &said);
	}
	fuzz_check(mistakes == said);
	if (mistakes == 0)
		check_plan(&plan); /* whose strings are in the blob */
	free(blob);
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * First every node by itself, by a table of the properties it may have: what is unknown, missing,
 * of the wrong length or out of range. Then what nodes have to do with one another: names they
 * refer to, and everything that only one can have (memory, addresses, slots, interrupts, MACs,
 * sectors of the disk). A value that was refused is as if it were not there, so that one mistake is
 * one message.
 *
 * The tree is trusted, since it is part of the root; but it may be damaged. Past check() all of its
 * structure can be walked safely, and values are looked at with their lengths.
 */
#include "plan_reader.h"
#include "vio_types.h"

#define SECTOR 512
#define ALL    UINT32_MAX

void plan_path(const struct plan_reader *r, int node, char path[PLAN_PATH])
{
	if (node < 0 || fdt_get_path(r->fdt, node, path, PLAN_PATH) != 0)
		memcpy(path, "/", 2);
}

void plan_mistake(struct plan_reader *r, int node, const char *format, ...)
{
	char path[PLAN_PATH];
	va_list arguments;

	plan_path(r, node, path);
	r->mistakes++;
	va_start(arguments, format);
	r->report(r->user, path, format, arguments);
	va_end(arguments);
}

bool plan_is_name(const char *name, const char *wanted)
{
	return strlen(name) == strlen(wanted) && memcmp(name, wanted, strlen(wanted)) == 0;
}

/* ---- Properties ---- */

struct property {
	const char *name;
	/* Sets the member; a bad value is reported, and the member stays as it is. */
	void (*parse)(struct plan_reader *r, int node, const struct property *property,
		      const fdt32_t *value, int len, void *member);
	const char *const *words; /* one of these, by its index; NULL ends them */
	uint64_t min;             /* numbers; sizes and addresses are multiples of `unit` */
	uint64_t max;
	uint32_t unit;
	uint32_t kinds;    /* of nodes that may have it, */
	uint32_t required; /* and must */
	uint32_t offset;   /* of the member */
};

static void bad(struct plan_reader *r, int node, const struct property *property, const char *what)
{
	plan_mistake(r, node, "%s is %s", property->name, what);
}

static bool in_range(struct plan_reader *r, int node, const struct property *property, uint64_t n)
{
	if (n < property->min || n > property->max)
		plan_mistake(r, node, "%s is 0x%lx: it is 0x%lx to 0x%lx", property->name, shown(n),
			     shown(property->min), shown(property->max));
	else if (property->unit && n % property->unit)
		plan_mistake(r, node, "%s is 0x%lx: it is a multiple of 0x%lx", property->name,
			     shown(n), shown(property->unit));
	else
		return true;
	return false;
}

static void parse_cell(struct plan_reader *r, int node, const struct property *property,
		       const fdt32_t *value, int len, void *member)
{
	if (len != 4)
		bad(r, node, property, "one cell, a number of 32 bits");
	else if (in_range(r, node, property, fdt32_ld(value)))
		*(uint32_t *)member = fdt32_ld(value);
}

/* A number of 64 bits may be written in one cell, too. */
static void parse_wide(struct plan_reader *r, int node, const struct property *property,
		       const fdt32_t *value, int len, void *member)
{
	uint64_t n;

	if (len != 4 && len != 8) {
		bad(r, node, property, "one cell, or two for 64 bits");
		return;
	}
	n = len == 4 ? fdt32_ld(value) : (uint64_t)fdt32_ld(value) << 32 | fdt32_ld(value + 1);
	if (in_range(r, node, property, n))
		*(uint64_t *)member = n;
}

static void parse_text(struct plan_reader *r, int node, const struct property *property,
		       const fdt32_t *value, int len, void *member)
{
	const char *text = (const char *)value;

	if (len < 2 || memchr(text, '\0', (size_t)len) != text + len - 1)
		bad(r, node, property, "one string, not empty");
	else
		*(const char **)member = text;
}

static void parse_flag(struct plan_reader *r, int node, const struct property *property,
		       const fdt32_t *value, int len, void *member)
{
	(void)value;
	if (len != 0)
		bad(r, node, property, "there or not, and has no value");
	else
		*(bool *)member = true;
}

#define WORDS_LEN 80

/* All of them, for people. They are few and short. */
static void join(const char *const *words, char to[WORDS_LEN])
{
	size_t len = 0;

	for (unsigned i = 0; words[i]; i++) {
		size_t word = strlen(words[i]);

		if (len + 2 + word >= WORDS_LEN)
			break;
		if (i > 0) {
			memcpy(to + len, ", ", 2);
			len += 2;
		}
		memcpy(to + len, words[i], word);
		len += word;
	}
	to[len] = '\0';
}

static void parse_word(struct plan_reader *r, int node, const struct property *property,
		       const fdt32_t *value, int len, void *member)
{
	const char *text = NULL;
	char words[WORDS_LEN];

	parse_text(r, node, property, value, len, &text);
	if (!text)
		return;
	for (uint32_t i = 0; property->words[i]; i++) {
		if (plan_is_name(text, property->words[i])) {
			*(uint32_t *)member = i;
			return;
		}
	}
	join(property->words, words);
	plan_mistake(r, node, "%s is `%s`: it is one of %s", property->name, text, words);
}

static void parse_mac(struct plan_reader *r, int node, const struct property *property,
		      const fdt32_t *value, int len, void *member)
{
	static const uint8_t none[PLAN_MAC];

	if (len != PLAN_MAC)
		bad(r, node, property, "six bytes, such as [52 00 00 00 00 01]");
	else if (*(const uint8_t *)value & 1 || memcmp(value, none, PLAN_MAC) == 0)
		bad(r, node, property,
		    "the address of one card: not all zeroes, and of no group (its first byte is "
		    "even)");
	else
		memcpy(member, value, PLAN_MAC);
}

static void parse_cpus(struct plan_reader *r, int node, const struct property *property,
		       const fdt32_t *value, int len, void *member)
{
	uint32_t cpus = 0;

	if (len == 0 || len % 4) {
		bad(r, node, property, "one cell a CPU, from 0");
		return;
	}
	for (int i = 0; i < len / 4; i++) {
		uint32_t cpu = fdt32_ld(value + i);

		if (cpu >= r->machine->cpu_count) {
			plan_mistake(r, node, "%s has %u: the machine has 0 to %u", property->name,
				     cpu, r->machine->cpu_count - 1);
			return;
		}
		cpus |= 1U << cpu;
	}
	*(uint32_t *)member = cpus;
}

static void parse_strings(struct plan_reader *r, int node, const struct property *property,
			  const fdt32_t *value, int len, void *member)
{
	const char *text = (const char *)value;

	if (len < 2 || text[0] == '\0' || text[len - 1] != '\0')
		bad(r, node, property, "strings, not empty");
	else
		*(struct plan_strings *)member = (struct plan_strings){ text, (uint32_t)len };
}

/* A node that is referred to, which may be none: looked up when all have been read. */
static void parse_reference(struct plan_reader *r, int node, const struct property *property,
			    const fdt32_t *value, int len, void *member)
{
	if (len != 4)
		bad(r, node, property, "one reference, such as <&buffer>");
	else if (fdt32_ld(value) == 0)
		bad(r, node, property, "a reference, and no number");
	else
		*(uint32_t *)member = fdt32_ld(value);
}

static void parse_windows(struct plan_reader *r, int node, const struct property *property,
			  const fdt32_t *value, int len, void *member)
{
	(void)member;
	if (len == 0 || len % 8 || len > 8 * PLAN_WINDOWS) {
		plan_mistake(r, node,
			     "%s is two cells a window, whose and how many microseconds, up to %u "
			     "windows",
			     property->name, PLAN_WINDOWS);
		return;
	}
	r->schedule.cells = value;
	r->schedule.count = (unsigned)len / 8;
}

static const char *const kind_words[] = { "console", "blk",      "net",       "rng", "dummy",
					  "shared",  "doorbell", "registers", NULL };
static const char *const fault_words[] = { "stop", "abort", NULL };
static const char *const reset_words[] = { "end", "restart", NULL };
static const char *const end_words[] = { "stay", "power-off", NULL };
static const char *const call_words[] = { "none", "fatal", "library", NULL };
static const char *const compatible_words[] = { "vio,static-system", NULL };

static const struct property system_properties[] = {
	{ "compatible", parse_word, .kinds = ALL, .required = ALL, .words = compatible_words },
};

static const struct property schedule_properties[] = {
	{ "windows", parse_windows, .kinds = ALL, .required = ALL },
};

#define OF_GUEST(member) .offset = offsetof(struct plan_guest, member), .kinds = ALL

static const struct property guest_properties[] = {
	{ "kernel", parse_text, OF_GUEST(kernel), .required = ALL },
	{ "initrd", parse_text, OF_GUEST(initrd) },
	{ "bootargs", parse_text, OF_GUEST(bootargs) },
	{ "flat", parse_flag, OF_GUEST(flat) },
	{ "direct", parse_flag, OF_GUEST(direct) },
	{ "memory", parse_wide, OF_GUEST(memory), .required = ALL, .max = UINT64_MAX },
	{ "memory-at", parse_wide, OF_GUEST(memory_at), .max = PLAN_NOWHERE - 1 },
	{ "vcpus", parse_cell, OF_GUEST(vcpus), .min = 1, .max = UINT32_MAX },
	{ "cpus", parse_cpus, OF_GUEST(cpus) },
	{ "priority", parse_cell, OF_GUEST(priority), .max = UINT8_MAX },
	{ "partition", parse_cell, OF_GUEST(partition), .min = 1, .max = UINT8_MAX },
	{ "slice-us", parse_cell, OF_GUEST(slice_us), .min = 1, .max = UINT32_MAX },
	{ "restart-limit", parse_cell, OF_GUEST(restart_limit), .max = UINT32_MAX },
	{ "on-fault", parse_word, OF_GUEST(on_fault), .words = fault_words },
	{ "on-reset", parse_word, OF_GUEST(on_reset), .words = reset_words },
	{ "on-end", parse_word, OF_GUEST(on_end), .words = end_words },
	{ "hypercalls", parse_word, OF_GUEST(calls), .words = call_words },
};

#define OF_DEVICE(member, of)                                                                      \
	.offset = offsetof(struct plan_device, member), .kinds = (of) /* of these kinds */

static const struct property device_properties[] = {
	{ "device", parse_word, OF_DEVICE(kind, ALL), .words = kind_words },
	{ "slot", parse_cell, OF_DEVICE(slot, VIRTIO & ~KINDS(PLAN_CONSOLE)), .max = UINT32_MAX },
	{ "ram-disk", parse_wide, OF_DEVICE(ram_disk, KINDS(PLAN_BLK)), .min = SECTOR,
	  .max = UINT64_MAX, .unit = SECTOR },
	{ "disk-offset", parse_wide, OF_DEVICE(disk_offset, KINDS(PLAN_BLK)), .max = UINT64_MAX,
	  .unit = SECTOR },
	{ "disk-size", parse_wide, OF_DEVICE(disk_size, KINDS(PLAN_BLK)), .min = SECTOR,
	  .max = UINT64_MAX, .unit = SECTOR },
	{ "read-only", parse_flag, OF_DEVICE(read_only, KINDS(PLAN_BLK) | SHARING) },
	{ "writes-ignored", parse_flag, OF_DEVICE(writes_ignored, SHARING) },
	{ "mac", parse_mac, OF_DEVICE(mac, KINDS(PLAN_NET)), .required = KINDS(PLAN_NET) },
	{ "vlan", parse_cell, OF_DEVICE(vlan, KINDS(PLAN_NET)), .min = 1, .max = 4094 },
	{ "private", parse_flag, OF_DEVICE(is_private, KINDS(PLAN_NET)) },
	{ "rate", parse_cell, OF_DEVICE(rate, KINDS(PLAN_NET)), .min = 1, .max = UINT32_MAX },
	{ "number", parse_cell, OF_DEVICE(number, KINDS(PLAN_DOORBELL)), .max = UINT32_MAX },
	{ "doorbell", parse_reference, OF_DEVICE(doorbell, KINDS(PLAN_DOORBELL)),
	  .required = KINDS(PLAN_DOORBELL) },
	{ "label", parse_text, OF_DEVICE(label, KINDS(PLAN_DOORBELL)) },
	{ "region", parse_reference, OF_DEVICE(shared, SHARING),
	  .required = KINDS(PLAN_SHARED_MEMORY) },
	{ "at", parse_wide, OF_DEVICE(at, ADDRESSED),
	  .required = KINDS(PLAN_SHARED_MEMORY) | KINDS(PLAN_REGISTERS), .max = PLAN_NOWHERE - 1,
	  .unit = PLAN_PAGE },
	{ "size", parse_wide, OF_DEVICE(size, KINDS(PLAN_REGISTERS)),
	  .required = KINDS(PLAN_REGISTERS), .min = PLAN_PAGE, .max = UINT64_MAX,
	  .unit = PLAN_PAGE },
	{ "physical", parse_wide, OF_DEVICE(physical, KINDS(PLAN_REGISTERS)),
	  .max = PLAN_NOWHERE - 1, .unit = PLAN_PAGE },
	{ "compatible", parse_strings, OF_DEVICE(compatible, KINDS(PLAN_REGISTERS)) },
	{ "offset", parse_wide, OF_DEVICE(offset, KINDS(PLAN_REGISTERS)), .max = UINT64_MAX },
	{ "length", parse_wide, OF_DEVICE(length, KINDS(PLAN_REGISTERS)), .min = 1,
	  .max = UINT64_MAX },
	{ "clocked", parse_flag, OF_DEVICE(clocked, KINDS(PLAN_REGISTERS)) },
	{ "coherent", parse_flag, OF_DEVICE(coherent, KINDS(PLAN_REGISTERS)) },
	{ "intid", parse_cell, OF_DEVICE(intid, KINDS(PLAN_REGISTERS)), .max = UINT32_MAX },
};

#define OF_SHARED(member) .offset = offsetof(struct plan_shared, member), .kinds = ALL

static const struct property shared_properties[] = {
	{ "size", parse_wide, OF_SHARED(size), .required = ALL, .min = PLAN_PAGE, .max = UINT64_MAX,
	  .unit = PLAN_PAGE },
	{ "physical", parse_wide, OF_SHARED(physical), .max = PLAN_NOWHERE - 1, .unit = PLAN_PAGE },
};

/* The index of the property in the table; `count`: it is none of these. */
static unsigned find_property(const struct property *table, unsigned count, const char *name)
{
	unsigned i = 0;

	while (i < count && !plan_is_name(name, table[i].name))
		i++;
	return i;
}

/* Reads what the table has into `to`; `kind` is a bit, `what` the kind in words. */
static void read_properties(struct plan_reader *r, int node, const struct property *table,
			    unsigned count, uint32_t kind, const char *what, void *to)
{
	uint32_t seen = 0;
	int at;

	fdt_for_each_property_offset(at, r->fdt, node)
	{
		const char *name = NULL;
		int len = 0;
		const fdt32_t *value = fdt_getprop_by_offset(r->fdt, at, &name, &len);
		unsigned i;

		if (!value || plan_is_name(name, "phandle"))
			continue;
		i = find_property(table, count, name);
		if (i == count || !(table[i].kinds & kind)) {
			plan_mistake(r, node, "unknown property %s of a %s", name, what);
			continue;
		}
		if (seen >> i & 1)
			plan_mistake(r, node, "%s is there twice", name);
		else
			table[i].parse(r, node, &table[i], value, len,
				       (uint8_t *)to + table[i].offset);
		seen |= 1U << i;
	}
	for (unsigned i = 0; i < count; i++) {
		if (table[i].required & kind && !(seen >> i & 1))
			plan_mistake(r, node, "%s is missing", table[i].name);
	}
}

#define READ(r, node, table, kind, what, to)                                                       \
	read_properties(r, node, table, VIO_ARRAY_SIZE(table), kind, what, to)

static void refuse_children(struct plan_reader *r, int node, const char *what)
{
	int child;

	fdt_for_each_subnode(child, r->fdt, node)
		plan_mistake(r, child, "unknown node in a %s", what);
}

/* ---- Nodes ---- */

/* A dummy has none, and goes to the first that is free. */
static const uint8_t standard_slots[] = {
	[PLAN_CONSOLE] = VIO_BOARD_SLOT_CONSOLE, [PLAN_BLK] = VIO_BOARD_SLOT_BLK,
	[PLAN_NET] = VIO_BOARD_SLOT_NET,         [PLAN_RNG] = VIO_BOARD_SLOT_RNG,
	[PLAN_DUMMY] = VIO_BOARD_SLOT_FREE,
};

bool plan_is_standard(const struct plan_device *device)
{
	return device->kind < PLAN_DUMMY && device->slot == standard_slots[device->kind];
}

static void read_device(struct plan_reader *r, int node, struct plan_guest *guest)
{
	const struct property *property = &device_properties[0];
	struct plan_device device = {
		.node = node,
		.name = fdt_get_name(r->fdt, node, NULL),
		.kind = PLAN_KINDS,
		.at = PLAN_NOWHERE,
		.physical = PLAN_NOWHERE,
	};
	int len = 0;
	const fdt32_t *value = fdt_getprop(r->fdt, node, property->name, &len);

	refuse_children(r, node, "device");
	if (!value) {
		plan_mistake(r, node, "%s is missing", property->name);
		return;
	}
	property->parse(r, node, property, value, len, &device.kind);
	if (device.kind == PLAN_KINDS)
		return;
	if (!(r->machine->kinds >> device.kind & 1)) {
		plan_mistake(r, node, "this system has no %s devices", kind_words[device.kind]);
		return;
	}
	if (KINDS(device.kind) & VIRTIO)
		device.slot = standard_slots[device.kind];
	READ(r, node, device_properties, KINDS(device.kind), kind_words[device.kind], &device);
	if (guest->device_count == PLAN_DEVICES)
		plan_mistake(r, node, "a guest has up to %u devices", PLAN_DEVICES);
	else
		guest->devices[guest->device_count++] = device;
}

static void read_guest(struct plan_reader *r, int node)
{
	struct plan *plan = r->plan;
	struct plan_guest *guest = &plan->guests[plan->guest_count];
	int child;

	if (plan->guest_count == PLAN_GUESTS) {
		plan_mistake(r, node, "a system has up to %u guests", PLAN_GUESTS);
		return;
	}
	*guest = (struct plan_guest){
		.name = fdt_get_name(r->fdt, node, NULL),
		.node = node,
		.memory_at = PLAN_NOWHERE,
		.vcpus = 1,
		.priority = 1,
		.partition = plan->guest_count + 1,
		.slice_us = 10000,
	};
	READ(r, node, guest_properties, ALL, "guest", guest);
	fdt_for_each_subnode(child, r->fdt, node) read_device(r, child, guest);
	plan->guest_count++;
}

static void read_guests(struct plan_reader *r, int node)
{
	int child;

	read_properties(r, node, NULL, 0, 0, "list of guests", NULL);
	fdt_for_each_subnode(child, r->fdt, node) read_guest(r, child);
}

static void read_shared(struct plan_reader *r, int node)
{
	struct plan *plan = r->plan;
	int child;

	read_properties(r, node, NULL, 0, 0, "list of shared memory", NULL);
	fdt_for_each_subnode(child, r->fdt, node)
	{
		struct plan_shared *shared = &plan->shared[plan->shared_count];

		if (plan->shared_count == PLAN_SHARED) {
			plan_mistake(r, child, "a system has up to %u pieces of shared memory",
				     PLAN_SHARED);
			continue;
		}
		*shared = (struct plan_shared){ .node = child, .physical = PLAN_NOWHERE };
		READ(r, child, shared_properties, ALL, "piece of shared memory", shared);
		refuse_children(r, child, "piece of shared memory");
		plan->shared_count++;
	}
}

static void read_doorbells(struct plan_reader *r, int node)
{
	struct plan *plan = r->plan;
	int child;

	read_properties(r, node, NULL, 0, 0, "list of doorbells", NULL);
	fdt_for_each_subnode(child, r->fdt, node)
	{
		read_properties(r, child, NULL, 0, 0, "doorbell", NULL);
		refuse_children(r, child, "doorbell");
		if (plan->doorbell_count == PLAN_DOORBELLS)
			plan_mistake(r, child, "a system has up to %u doorbells", PLAN_DOORBELLS);
		else
			plan->doorbells[plan->doorbell_count++].node = child;
	}
}

static void read_schedule(struct plan_reader *r, int node)
{
	r->schedule.node = node;
	READ(r, node, schedule_properties, ALL, "schedule", r);
	refuse_children(r, node, "schedule");
}

static void read_system(struct plan_reader *r)
{
	static const struct {
		const char *name;
		void (*read)(struct plan_reader *r, int node);
	} parts[] = {
		{ "guests", read_guests },
		{ "shared", read_shared },
		{ "doorbells", read_doorbells },
		{ "schedule", read_schedule },
	};
	uint32_t compatible;
	int child;

	READ(r, 0, system_properties, ALL, "system", &compatible);
	fdt_for_each_subnode(child, r->fdt, 0)
	{
		unsigned i = 0;

		while (i < VIO_ARRAY_SIZE(parts) &&
		       !plan_is_name(fdt_get_name(r->fdt, child, NULL), parts[i].name))
			i++;
		if (i < VIO_ARRAY_SIZE(parts))
			parts[i].read(r, child);
		else
			plan_mistake(r, child, "unknown node in a system");
	}
	if (r->plan->guest_count == 0)
		plan_mistake(r, 0, "no guests");
}

/* ---- The whole ---- */

static bool has_kind(const void *fdt, int node, enum plan_kind kind)
{
	int len = 0;
	const char *word = fdt_getprop(fdt, node, "device", &len);

	return word && len > 0 && word[len - 1] == '\0' && plan_is_name(word, kind_words[kind]);
}

/* A node of this kind after `node`, without that property; negative: there is none. */
static int next_without(const void *fdt, int node, enum plan_kind kind, const char *property)
{
	do
		node = fdt_next_node(fdt, node, NULL);
	while (node >= 0 && (!has_kind(fdt, node, kind) || fdt_getprop(fdt, node, property, NULL)));
	return node;
}

/*
 * What fdt_check_full() says; but of versions before 16 it takes for granted that the root's name
 * is a path, and reads it where there is none. These have not been written for twenty years.
 */
static int check(const void *fdt, size_t size)
{
	if (size >= FDT_V1_SIZE && fdt_magic(fdt) == FDT_MAGIC && fdt_version(fdt) < 16)
		return -FDT_ERR_BADVERSION;
	return fdt_check_full(fdt, size);
}

bool plan_wants_disk(const void *fdt, size_t size)
{
	return check(fdt, size) == 0 && next_without(fdt, -1, PLAN_BLK, "ram-disk") >= 0;
}

bool plan_wants(const void *fdt, size_t size, enum plan_kind kind)
{
	return check(fdt, size) == 0 && next_without(fdt, -1, kind, "") >= 0;
}

unsigned plan_read(struct plan *plan, const void *fdt, size_t size,
		   const struct plan_machine *machine, plan_report *report, void *user)
{
	struct plan_reader r = {
		.plan = plan, .fdt = fdt, .machine = machine, .report = report, .user = user
	};
	int error = check(fdt, size);

	*plan = (struct plan){ 0 };
	if (error) {
		plan_mistake(&r, -1, "no device tree, or a damaged one (%s)", fdt_strerror(error));
		return r.mistakes;
	}
	read_system(&r);
	plan_check(&r);
	return r.mistakes;
}

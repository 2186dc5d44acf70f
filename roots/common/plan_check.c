/* SPDX-License-Identifier: BSD-2-Clause */
/* What the nodes of a static system have to do with one another. */
#include "cpio.h"
#include "plan_reader.h"
#include "vio_types.h"

/* ---- What only one can have ---- */

static uint64_t last(const struct plan_span *span)
{
	return span->base + (span->size - 1);
}

static bool clash(const struct plan_span *a, const struct plan_span *b)
{
	return a->base <= last(b) && b->base <= last(a) && !(a->lenient && b->lenient);
}

static void refuse_clash(struct plan_reader *r, const struct plan_span *span,
			 const struct plan_span *other)
{
	char path[PLAN_PATH] = "";

	if (other->node >= 0)
		plan_path(r, other->node, path);
	if (span->size == 1)
		plan_mistake(r, span->node, "%s %lu is taken: %s%s%s", span->what,
			     shown(span->base), other->what, *path ? " of " : "", path);
	else
		plan_mistake(r, span->node, "%s at 0x%lx to 0x%lx overlaps %s%s%s", span->what,
			     shown(span->base), shown(last(span)), other->what, *path ? " of " : "",
			     path);
}

/* One more, which overlaps none of those before. Empty ones were refused already. */
static void claim(struct plan_reader *r, struct plan_span span)
{
	if (span.size == 0)
		return;
	if (last(&span) < span.base) {
		plan_mistake(r, span.node, "%s at 0x%lx goes beyond all addresses", span.what,
			     shown(span.base));
		return;
	}
	for (unsigned i = 0; i < r->claims.count; i++) {
		if (clash(&span, &r->claims.list[i])) {
			refuse_clash(r, &span, &r->claims.list[i]);
			break;
		}
	}
	r->claims.list[r->claims.count++] = span;
}

/* ---- Memory of the machine ---- */

/* What a node wants of it, and where that is, or will be. */
struct want {
	int node;
	const char *what;
	uint64_t size;
	uint64_t unit;
	uint64_t *physical; /* PLAN_NOWHERE: anywhere */
};

/* Takes [base, end) out of piece `i`, which has it all. */
static void cut(struct plan_reader *r, unsigned i, uint64_t base, uint64_t end)
{
	struct vio_board_range piece = r->pool.list[i];

	r->pool.list[i] = (struct vio_board_range){ piece.base, base - piece.base };
	if (end != piece.base + piece.size && r->pool.count < PLAN_PIECES)
		r->pool.list[r->pool.count++] =
			(struct vio_board_range){ end, piece.base + piece.size - end };
}

static bool holds(const struct vio_board_range *piece, uint64_t base, uint64_t size)
{
	return base >= piece->base && size <= piece->size &&
	       base - piece->base <= piece->size - size;
}

/* What is left of a piece above its first aligned address. */
static uint64_t aligned_size(const struct vio_board_range *piece, uint64_t unit)
{
	uint64_t lost = -piece->base & (unit - 1);

	return piece->size > lost ? piece->size - lost : 0;
}

static uint64_t largest(const struct plan_reader *r, uint64_t unit)
{
	uint64_t size = 0;

	for (unsigned i = 0; i < r->pool.count; i++) {
		if (aligned_size(&r->pool.list[i], unit) > size)
			size = aligned_size(&r->pool.list[i], unit);
	}
	return size;
}

static bool is_free(const struct plan_reader *r, uint64_t base, uint64_t size)
{
	for (unsigned i = 0; i < r->machine->free_count; i++) {
		if (holds(&r->machine->free[i], base, size))
			return true;
	}
	return false;
}

static void take_fixed(struct plan_reader *r, const struct want *want)
{
	uint64_t base = *want->physical;

	if (base == PLAN_NOWHERE)
		return;
	if (base % want->unit) {
		plan_mistake(r, want->node, "%s at 0x%lx: it starts at a multiple of 0x%lx",
			     want->what, shown(base), shown(want->unit));
		return;
	}
	if (!is_free(r, base, want->size)) {
		plan_mistake(r, want->node,
			     "%s at 0x%lx: the machine has no 0x%lx free bytes there", want->what,
			     shown(base), shown(want->size));
		return;
	}
	claim(r, (struct plan_span){ want->node, want->what, base, want->size, false });
	for (unsigned i = 0; i < r->pool.count; i++) {
		if (holds(&r->pool.list[i], base, want->size)) {
			cut(r, i, base, base + want->size);
			break;
		}
	}
}

/* From the smallest piece that will do. */
static void take_free(struct plan_reader *r, const struct want *want)
{
	unsigned best = PLAN_PIECES;
	uint64_t base;

	if (*want->physical != PLAN_NOWHERE)
		return;
	for (unsigned i = 0; i < r->pool.count; i++) {
		const struct vio_board_range *piece = &r->pool.list[i];

		if (aligned_size(piece, want->unit) >= want->size &&
		    (best == PLAN_PIECES || piece->size < r->pool.list[best].size))
			best = i;
	}
	if (best == PLAN_PIECES) {
		plan_mistake(r, want->node,
			     "%s of 0x%lx bytes: the machine has 0x%lx more in one piece",
			     want->what, shown(want->size), shown(largest(r, want->unit)));
		return;
	}
	base = r->pool.list[best].base;
	base += -base & (want->unit - 1);
	cut(r, best, base, base + want->size);
	*want->physical = base;
}

/* Sizes that were refused are 0: nothing is wanted. */
static void take(struct plan_reader *r, struct want want,
		 void (*how)(struct plan_reader *r, const struct want *want))
{
	if (want.size)
		how(r, &want);
}

static void take_all(struct plan_reader *r,
		     void (*how)(struct plan_reader *r, const struct want *want))
{
	struct plan *plan = r->plan;

	for (unsigned i = 0; i < plan->guest_count; i++) {
		struct plan_guest *guest = &plan->guests[i];

		take(r,
		     (struct want){ guest->node, "memory", guest->memory,
				    r->machine->board->ram_granule, &guest->memory_at },
		     how);
		for (unsigned d = 0; d < guest->device_count; d++) {
			struct plan_device *device = &guest->devices[d];

			if (device->kind == PLAN_BLK)
				take(r,
				     (struct want){ device->node, "RAM disk", device->ram_disk,
						    PLAN_PAGE, &device->physical },
				     how);
		}
	}
	for (unsigned i = 0; i < plan->shared_count; i++) {
		struct plan_shared *shared = &plan->shared[i];

		take(r,
		     (struct want){ shared->node, "shared memory", shared->size, PLAN_PAGE,
				    &shared->physical },
		     how);
	}
}

/* What has a fixed place goes first. */
static void place_memory(struct plan_reader *r)
{
	const struct plan_machine *machine = r->machine;

	while (r->pool.count < machine->free_count && r->pool.count < PLAN_PIECES) {
		r->pool.list[r->pool.count] = machine->free[r->pool.count];
		r->pool.count++;
	}
	r->claims.count = 0;
	take_all(r, take_fixed);
	take_all(r, take_free);
}

/* ---- Time ---- */

#define US 1000000 /* a second's */

static uint64_t ticks(const struct plan_reader *r, uint64_t us)
{
	uint64_t n = us * r->machine->ticks_hz / US;

	return n ? n : 1;
}

/* ---- References ---- */

/* What may be referred to: structs that start with their nodes. */
struct list {
	const char *what;
	const void *first;
	size_t size;
	unsigned count;
};

#define LIST(what, array, count) (&(const struct list){ what, array, sizeof((array)[0]), count })

/* The index of what `phandle`, at `name` of the node, refers to; `count`, and said: it is not in
 * the list. */
static unsigned refer(struct plan_reader *r, int node, const char *name, uint32_t phandle,
		      const struct list *list)
{
	int found = fdt_node_offset_by_phandle(r->fdt, phandle);
	char path[PLAN_PATH];

	for (unsigned i = 0; found >= 0 && i < list->count; i++) {
		if (*(const int *)((const char *)list->first + i * list->size) == found)
			return i;
	}
	if (found < 0) {
		plan_mistake(r, node, "%s refers to no node", name);
	} else {
		plan_path(r, found, path);
		plan_mistake(r, node, "%s refers to %s, which is no %s", name, path, list->what);
	}
	return list->count;
}

/* What was refused has size 0 then. */
static void find_shared(struct plan_reader *r, struct plan_device *device)
{
	struct plan *plan = r->plan;
	unsigned i;

	if (!device->shared) { /* a doorbell's may be missing */
		if (device->kind == PLAN_DOORBELL && device->at != PLAN_NOWHERE)
			plan_mistake(r, device->node,
				     "at is where a region is to be, and region is "
				     "missing");
		return;
	}
	if (device->kind == PLAN_DOORBELL && device->at == PLAN_NOWHERE)
		plan_mistake(r, device->node, "at is missing: where the region is to be");
	i = refer(r, device->node, "region", device->shared,
		  LIST("shared memory", plan->shared, plan->shared_count));
	device->shared = i;
	device->size = i < plan->shared_count ? plan->shared[i].size : 0;
}

static void find_doorbell(struct plan_reader *r, struct plan_device *device)
{
	struct plan *plan = r->plan;
	unsigned i;

	find_shared(r, device);
	if (!device->doorbell)
		return;
	i = refer(r, device->node, "doorbell", device->doorbell,
		  LIST("doorbell", plan->doorbells, plan->doorbell_count));
	if (i == plan->doorbell_count)
		return;
	device->doorbell = i;
	device->end = plan->doorbells[i].ends++;
}

static void check_doorbells(struct plan_reader *r)
{
	for (unsigned i = 0; i < r->plan->doorbell_count; i++) {
		const struct plan_doorbell *doorbell = &r->plan->doorbells[i];

		if (doorbell->ends != 2)
			plan_mistake(r, doorbell->node, "it has %u ends, and should have 2",
				     doorbell->ends);
	}
}

static bool has_window(const struct plan *plan, uint8_t partition)
{
	for (unsigned i = 0; i < plan->window_count; i++) {
		if (plan->windows[i].partition == partition)
			return true;
	}
	return false;
}

/* The partition of a window; false, and said: it is nobody's. */
static bool find_partition(struct plan_reader *r, uint32_t phandle, uint8_t *partition)
{
	struct plan *plan = r->plan;
	unsigned i;

	*partition = SCHED_ROOT;
	if (phandle == 0)
		return true;
	i = refer(r, r->schedule.node, "a window", phandle,
		  LIST("guest", plan->guests, plan->guest_count));
	if (i == plan->guest_count)
		return false;
	*partition = (uint8_t)plan->guests[i].partition;
	return true;
}

static void make_schedule(struct plan_reader *r)
{
	struct plan *plan = r->plan;
	bool all_found = r->schedule.count != 0;

	for (unsigned i = 0; i < r->schedule.count; i++) {
		struct sched_window *window = &plan->windows[i];
		uint32_t us = fdt32_ld(r->schedule.cells + 2 * (size_t)i + 1);

		if (us == 0)
			plan_mistake(r, r->schedule.node, "window %u has no time", i + 1);
		if (!find_partition(r, fdt32_ld(r->schedule.cells + 2 * (size_t)i),
				    &window->partition))
			all_found = false;
		window->length = ticks(r, us);
		plan->window_count++;
	}
	for (unsigned i = 0; all_found && i < plan->guest_count; i++) {
		if (!has_window(plan, (uint8_t)plan->guests[i].partition))
			plan_mistake(r, plan->guests[i].node,
				     "it has no window in the schedule, so it would never run");
	}
}

/* ---- Guests by themselves ---- */

/* Even one that was refused. */
static bool has(const struct plan_reader *r, const struct plan_device *device, const char *property)
{
	return fdt_getprop(r->fdt, device->node, property, NULL) != NULL;
}

static void check_member(struct plan_reader *r, int node, const char *property, const char *name)
{
	bool damaged;

	if (!name || cpio_find(r->machine->bundle, r->machine->bundle_size, name, &damaged).data)
		return;
	plan_mistake(r, node, "%s: the bundle has no member `%s`%s", property, name,
		     damaged ? ", and is damaged" : "");
}

static void check_guest(struct plan_reader *r, struct plan_guest *guest)
{
	const struct vio_board *board = r->machine->board;
	uint32_t vcpus_max =
		r->machine->vcpus_max < board->cpus_max ? r->machine->vcpus_max : board->cpus_max;

	for (const struct plan_guest *other = r->plan->guests; other < guest; other++) {
		if (plan_is_name(other->name, guest->name))
			plan_mistake(r, guest->node, "there are two guests of this name");
	}
	guest->slice = ticks(r, guest->slice_us);
	check_member(r, guest->node, "kernel", guest->kernel);
	check_member(r, guest->node, "initrd", guest->initrd);
	if (guest->calls == PLAN_CALLS_LIBRARY && !r->machine->library)
		plan_mistake(r, guest->node, "hypercalls: this system has no library");
	if (guest->vcpus > vcpus_max)
		plan_mistake(r, guest->node, "vcpus is %u: a guest of this system has up to %u",
			     guest->vcpus, vcpus_max);
	if (guest->memory % board->ram_granule || guest->memory > board->ram_max ||
	    (guest->memory && guest->memory < board->ram_min)) {
		plan_mistake(r, guest->node,
			     "memory is 0x%lx: it is 0x%lx to 0x%lx, in multiples of 0x%lx",
			     shown(guest->memory), shown(board->ram_min), shown(board->ram_max),
			     shown(board->ram_granule));
		guest->memory = 0;
	}
}

/* Places of the board of which a guest has each once. */
static const struct place {
	const char *name;
	uint32_t kinds;
	uint16_t offset; /* in struct plan_device */
} places[] = {
	{ "slot", VIRTIO, offsetof(struct plan_device, slot) },
	{ "number", KINDS(PLAN_DOORBELL), offsetof(struct plan_device, number) },
};

static uint32_t place_of(const struct plan_device *device, const struct place *place)
{
	return *(const uint32_t *)((const char *)device + place->offset);
}

static void check_places(struct plan_reader *r, const struct plan_guest *guest,
			 const struct place *place, uint32_t count)
{
	char path[PLAN_PATH];

	for (unsigned i = 0; i < guest->device_count; i++) {
		const struct plan_device *device = &guest->devices[i];
		uint32_t at = place_of(device, place);

		if (!(KINDS(device->kind) & place->kinds))
			continue;
		if (at >= count)
			plan_mistake(r, device->node, "%s is %u: the board has 0 to %u",
				     place->name, at, count - 1);
		for (const struct plan_device *other = guest->devices; other < device; other++) {
			if (!(KINDS(other->kind) & place->kinds) || place_of(other, place) != at)
				continue;
			plan_path(r, other->node, path);
			plan_mistake(r, device->node, "%s %u is that of %s already", place->name,
				     at, path);
		}
	}
}

static void claim_for_board(struct plan_reader *r, uint64_t base, uint64_t size)
{
	claim(r, (struct plan_span){ -1, "what the board has there", base, size, true });
}

/* Of slots: the machine's own transports may be where the others would be. */
static unsigned slots_of(const struct plan_reader *r, const struct plan_guest *guest)
{
	return guest->direct ? r->machine->direct_slots : r->machine->board->virtio_slots;
}

static void claim_board(struct plan_reader *r, const struct plan_guest *guest)
{
	const struct vio_board *board = r->machine->board;
	const struct vio_board_range ranges[] = {
		board->uart,
		board->gic_distributor,
		board->gicv2_cpu,
		board->gicv3_redistributors,
		{ board->virtio_base, (uint64_t)slots_of(r, guest) << board->virtio_shift },
		{ board->doorbell_base, (uint64_t)board->doorbells * PLAN_PAGE },
	};

	r->claims.count = 0;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(ranges); i++)
		claim_for_board(r, ranges[i].base, ranges[i].size);
	for (unsigned i = 0; i < r->machine->board_area_count; i++)
		claim_for_board(r, r->machine->board_areas[i].base,
				r->machine->board_areas[i].size);
}

static void check_addresses(struct plan_reader *r, const struct plan_guest *guest)
{
	const uint64_t end = r->machine->address_end;

	claim_board(r, guest);
	if (!guest->direct)
		claim(r, (struct plan_span){ guest->node, "memory", r->machine->board->ram_base,
					     guest->memory, false });
	else if (guest->memory_at != PLAN_NOWHERE)
		claim(r, (struct plan_span){ guest->node, "memory", guest->memory_at, guest->memory,
					     false });
	for (unsigned i = 0; i < guest->device_count; i++) {
		const struct plan_device *device = &guest->devices[i];

		if (!(KINDS(device->kind) & ADDRESSED) || device->at == PLAN_NOWHERE)
			continue;
		if (device->at >= end || device->size > end - device->at)
			plan_mistake(r, device->node, "a guest's addresses end at 0x%lx",
				     shown(end - 1));
		else
			claim(r, (struct plan_span){ device->node, "window", device->at,
						     device->size, false });
	}
}

/* The guest's own interrupt of that number is to be the part's. */
static void check_intids(struct plan_reader *r, const struct plan_guest *guest)
{
	const struct vio_board *board = r->machine->board;
	const struct {
		const char *what;
		uint32_t first;
		uint32_t count;
	} its[] = {
		{ "UART", board->uart_intid, 1 },
		{ "slots", board->virtio_intid, slots_of(r, guest) },
		{ "doorbells", board->doorbell_intid, board->doorbells },
	};

	for (unsigned d = 0; d < guest->device_count; d++) {
		const struct plan_device *device = &guest->devices[d];

		for (unsigned i = 0; device->intid && i < VIO_ARRAY_SIZE(its); i++) {
			if (device->intid - its[i].first < its[i].count)
				plan_mistake(r, device->node, "interrupt %u is the board's %s",
					     device->intid, its[i].what);
		}
	}
}

/* What the guest's tree is to say of registers. */
static void check_node(struct plan_reader *r, struct plan_device *device)
{
	if (!device->compatible.first) {
		if (has(r, device, "offset") || has(r, device, "length"))
			plan_mistake(r, device->node,
				     "offset and length are for the guest's tree, which has it by "
				     "its compatible: that is missing");
		return;
	}
	if (strlen(device->name) > PLAN_NODE_NAME)
		plan_mistake(r, device->node, "its name is longer than %u characters",
			     PLAN_NODE_NAME);
	if (!has(r, device, "length") && device->offset < device->size)
		device->length = device->size - device->offset;
	if (device->offset > device->size || device->length > device->size - device->offset)
		plan_mistake(r, device->node,
			     "0x%lx bytes at offset 0x%lx are not in the registers",
			     shown(device->length), shown(device->offset));
}

/* ---- Parts of the machine, and the network ---- */

static void each_device(struct plan_reader *r, enum plan_kind kind,
			void (*check)(struct plan_reader *r, struct plan_device *device))
{
	for (unsigned i = 0; i < r->plan->guest_count; i++) {
		struct plan_guest *guest = &r->plan->guests[i];

		for (unsigned d = 0; d < guest->device_count; d++) {
			if (guest->devices[d].kind == kind)
				check(r, &guest->devices[d]);
		}
	}
}

static void claim_sectors(struct plan_reader *r, struct plan_device *device)
{
	uint64_t disk = r->machine->disk;

	if (has(r, device, "ram-disk")) {
		if (has(r, device, "disk-offset") || has(r, device, "disk-size"))
			plan_mistake(r, device->node,
				     "a ram-disk is no part of the machine's: it has neither "
				     "disk-offset nor disk-size");
		return;
	}
	if (!disk) {
		plan_mistake(r, device->node, "the machine has no disk: give it a ram-disk");
		return;
	}
	if (device->disk_offset >= disk || device->disk_size > disk - device->disk_offset) {
		plan_mistake(r, device->node, "it goes beyond the machine's disk of 0x%lx bytes",
			     shown(disk));
		return;
	}
	if (!has(r, device, "disk-size"))
		device->disk_size = disk - device->disk_offset;
	claim(r, (struct plan_span){ device->node, "part of the disk", device->disk_offset,
				     device->disk_size, device->read_only });
}

static void claim_registers(struct plan_reader *r, struct plan_device *device)
{
	const char *owner;

	if (!has(r, device, "physical"))
		device->physical = device->at;
	if (device->physical == PLAN_NOWHERE || device->size == 0)
		return;
	claim(r, (struct plan_span){ device->node, "registers", device->physical, device->size,
				     false });
	owner = r->machine->owner(device->physical, device->size, 0);
	if (owner)
		plan_mistake(r, device->node, "registers at 0x%lx are those of %s",
			     shown(device->physical), owner);
}

static void claim_intid(struct plan_reader *r, struct plan_device *device)
{
	unsigned intid = device->intid;
	const char *owner;

	if (!intid)
		return;
	if (intid < VIO_BOARD_SPI || intid >= r->machine->intids) {
		plan_mistake(r, device->node, "intid is %u: those of parts are %u to %u", intid,
			     VIO_BOARD_SPI, r->machine->intids - 1);
		return;
	}
	claim(r, (struct plan_span){ device->node, "interrupt", intid, 1, false });
	owner = r->machine->owner(0, 0, intid);
	if (owner)
		plan_mistake(r, device->node, "interrupt %u is that of %s", intid, owner);
}

static void check_source(struct plan_reader *r, struct plan_device *device)
{
	if (!r->machine->entropy)
		plan_mistake(r, device->node, "the machine has no source of entropy");
}

static void place_shared(struct plan_reader *r, struct plan_device *device)
{
	if (device->size)
		device->physical = r->plan->shared[device->shared].physical;
}

static void check_mac(struct plan_reader *r, struct plan_device *device)
{
	static const uint8_t none[PLAN_MAC];
	char path[PLAN_PATH];

	if (memcmp(device->mac, none, PLAN_MAC) == 0)
		return; /* missing */
	for (unsigned i = 0; i < r->plan->guest_count; i++) {
		struct plan_guest *guest = &r->plan->guests[i];

		for (unsigned d = 0; d < guest->device_count; d++) {
			if (&guest->devices[d] == device)
				return;
			if (memcmp(guest->devices[d].mac, device->mac, PLAN_MAC) != 0)
				continue;
			plan_path(r, guest->devices[d].node, path);
			plan_mistake(r, device->node, "mac is that of %s already", path);
		}
	}
}

static void count_other(struct plan_reader *r, struct plan_device *device)
{
	if (!plan_is_standard(device) && ++r->others > r->machine->others_max)
		plan_mistake(r, device->node,
			     "the system has up to %u of these outside their standard slot",
			     r->machine->others_max);
}

static void check_parts(struct plan_reader *r)
{
	const struct plan_machine *machine = r->machine;

	r->claims.count = 0;
	each_device(r, PLAN_BLK, claim_sectors);

	r->claims.count = 0;
	claim(r, (struct plan_span){ -1, "the machine's memory", machine->ram.base,
				     machine->ram.size, true });
	each_device(r, PLAN_REGISTERS, claim_registers);

	r->claims.count = 0;
	each_device(r, PLAN_REGISTERS, claim_intid);

	for (unsigned kind = PLAN_CONSOLE; kind < PLAN_DUMMY; kind++) {
		r->others = 0;
		each_device(r, (enum plan_kind)kind, count_other);
	}
	each_device(r, PLAN_NET, check_mac);
	each_device(r, PLAN_RNG, check_source);
}

void plan_check(struct plan_reader *r)
{
	const struct vio_board *board = r->machine->board;

	each_device(r, PLAN_SHARED_MEMORY, find_shared);
	each_device(r, PLAN_DOORBELL, find_doorbell);
	check_doorbells(r);
	for (unsigned i = 0; i < r->plan->guest_count; i++) {
		struct plan_guest *guest = &r->plan->guests[i];

		check_guest(r, guest);
		check_places(r, guest, &places[0], slots_of(r, guest));
		check_places(r, guest, &places[1], board->doorbells);
		check_intids(r, guest);
	}
	each_device(r, PLAN_REGISTERS, check_node);
	place_memory(r);
	for (unsigned i = 0; i < r->plan->guest_count; i++)
		check_addresses(r, &r->plan->guests[i]);
	each_device(r, PLAN_SHARED_MEMORY, place_shared);
	each_device(r, PLAN_DOORBELL, place_shared);
	check_parts(r);
	make_schedule(r);
}

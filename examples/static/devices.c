/* SPDX-License-Identifier: BSD-2-Clause */
#include "devices.h"

#include "disk_slice.h"
#include "hardware.h"
#include "pages.h"
#include "root.h"
#include "text.h"
#include "vio_ramdisk.h"
#include "virtio_net.h"

#define SEGMENT 66000 /* bytes: the longest that a guest sends at once */

/* ---- What there is ---- */

/* What is behind a guest's disk. */
struct disk {
	struct vio_ramdisk ram;
	struct disk_slice slice;
	struct vio_blk_backend *backend;
	struct vio_blk_disk says;
};

static struct disk disks[PLAN_GUESTS];
static struct disk other_disks[DEVICES_OTHERS];
static struct vio_blk other_blks[DEVICES_OTHERS];
static struct vio_net other_nets[DEVICES_OTHERS];
static struct net_timer net_timers[DEVICES_OTHERS];
static struct vio_rng other_rngs[DEVICES_OTHERS];

static struct region regions[PLAN_GUESTS * PLAN_DEVICES];
static struct pass passes[PLAN_GUESTS * PLAN_DEVICES];
static struct doorbell doorbells[PLAN_DOORBELLS];

/* How many of each are taken. */
static unsigned blks_taken, nets_taken, rngs_taken, regions_taken, passes_taken;

static struct vio_switch lan;
static struct virtio_net card;
static struct virtio_net_memory card_memory;
static bool has_net;

/* ---- Memory ---- */

static void reserve(uint64_t physical, uint64_t size)
{
	pages_reserve(physical, size);
	memset(arch_pointer(physical), 0, size);
	arch_clean(arch_pointer(physical), size);
}

/* Guests' own is zeroed at each of their starts. */
void devices_reserve(const struct plan *plan)
{
	for (unsigned i = 0; i < plan->guest_count; i++) {
		const struct plan_guest *guest = &plan->guests[i];

		pages_reserve(guest->memory_at, guest->memory);
		for (unsigned d = 0; d < guest->device_count; d++) {
			if (guest->devices[d].ram_disk)
				reserve(guest->devices[d].physical, guest->devices[d].ram_disk);
		}
	}
	for (unsigned i = 0; i < plan->shared_count; i++)
		reserve(plan->shared[i].physical, plan->shared[i].size);
}

/* The guest's own view of what it shares. */
static struct region *shared_region(const struct plan_device *device)
{
	struct region *region = &regions[regions_taken++];

	*region = (struct region){
		.base = device->at,
		.size = device->size,
		.kind = device->writes_ignored ? REGION_ROM
			: device->read_only    ? REGION_READ_ONLY
					       : REGION_MEMORY,
		.physical = device->physical,
		.shared = true,
	};
	return region;
}

/* ---- Disks ---- */

static void disk_init(struct disk *disk, const struct plan_device *device)
{
	if (device->ram_disk) {
		vio_ramdisk_init(&disk->ram, arch_pointer(device->physical));
		disk->backend = &disk->ram.backend;
		disk->says = (struct vio_blk_disk){
			.capacity = device->ram_disk / VIO_BLK_SECTOR,
			.id = "ram",
		};
	} else {
		disk_slice_init(&disk->slice, &hardware.disk.backend, &hardware.disk.disk,
				device->disk_offset / VIO_BLK_SECTOR,
				device->disk_size / VIO_BLK_SECTOR);
		disk->backend = &disk->slice.backend;
		disk->says = disk->slice.disk;
	}
	if (device->read_only)
		disk->says.read_only = true;
}

/* ---- The network ---- */

static void join(struct vio_port *port)
{
	enum vio_switch_error error = vio_switch_add(&lan, port, NULL);

	if (error != VIO_SWITCH_OK)
		root_fatal("the network's port %s: %s", port->name, vio_switch_error_text(error));
}

static void card_interrupt(void *owner)
{
	virtio_net_interrupt(&card);
}

/* Without a card, guests have one another. */
static void card_init(void)
{
	struct vio_driver driver;
	int slot = hardware_find(VIO_ID_NET, &driver);
	const char *error;

	if (slot < 0)
		return;
	error = virtio_net_init(&card, &driver, &card_memory);
	if (error)
		root_fatal("the machine's network card: %s", error);
	join(&card.port);
	irq_attach(machine.virtio.intid + (unsigned)slot, card_interrupt, NULL);
}

static void second(void *user)
{
	vio_switch_tick(&lan);
}

/* ---- The machine's side ---- */

void devices_init(const struct plan *plan)
{
	for (unsigned i = 0; i < plan->guest_count; i++) {
		for (unsigned d = 0; d < plan->guests[i].device_count; d++) {
			if (plan->guests[i].devices[d].kind == PLAN_NET)
				has_net = true;
		}
	}
	if (has_net)
		card_init();
	hardware_terminal();
}

/* A guest may have the machine's clock: then no address is forgotten. */
void devices_ready(void)
{
	if (has_net)
		hardware_clock(second);
}

/* ---- A guest's ---- */

void devices_standard(const struct plan_guest *guest, struct kit_plan *kit)
{
	struct disk *disk = &disks[kit->number - 1];

	for (unsigned i = 0; i < guest->device_count; i++) {
		const struct plan_device *device = &guest->devices[i];

		if (!plan_is_standard(device))
			continue;
		switch (device->kind) {
		case PLAN_CONSOLE:
			kit->terminal = &hardware.terminal;
			break;
		case PLAN_BLK:
			disk_init(disk, device);
			kit->disk = disk->backend;
			kit->disk_says = &disk->says;
			break;
		case PLAN_NET:
			kit->lan = &lan;
			memcpy(kit->mac, device->mac, VIO_MAC);
			kit->vlan = (uint16_t)device->vlan;
			kit->is_private = device->is_private;
			kit->rate = device->rate;
			break;
		default:
			kit->entropy = &hardware.entropy.source;
			break;
		}
	}
}

static enum guest_error add_blk(struct guest *guest, const struct plan_device *device)
{
	struct vio_blk *blk = &other_blks[blks_taken];
	struct disk *disk = &other_disks[blks_taken++];

	disk_init(disk, device);
	vio_blk_init(blk, disk->backend, &disk->says);
	board_attach(guest, device->slot, &blk->device);
	return GUEST_OK;
}

static enum guest_error add_net(struct guest *guest, const struct plan_device *device)
{
	struct vio_net *net = &other_nets[nets_taken];
	struct net_timer *timer = &net_timers[nets_taken++];
	struct vio_net_options options = { .clock = &timer->clock };

	memcpy(options.mac, device->mac, VIO_MAC);
	net_timer_init(timer, net, guest);
	vio_net_init(net, guest->name, &options);
	net->port.vlan = (uint16_t)device->vlan;
	net->port.flags |= device->is_private ? VIO_PORT_PRIVATE : 0;
	net->port.rate = device->rate;
	net->port.burst = device->rate + SEGMENT;
	join(&net->port);
	board_attach(guest, device->slot, &net->device);
	return GUEST_OK;
}

static enum guest_error add_rng(struct guest *guest, const struct plan_device *device)
{
	struct vio_rng *rng = &other_rngs[rngs_taken++];

	vio_rng_init(rng, &hardware.entropy.source);
	board_attach(guest, device->slot, &rng->device);
	return GUEST_OK;
}

static enum guest_error add_shared(struct guest *guest, const struct plan_device *device)
{
	static const char compatible[] = "vio,shared-memory";
	const struct vio_board_node node = {
		.name = "shared-memory",
		.compatible = compatible,
		.compatible_size = sizeof(compatible),
		.reg = { { device->at, device->size } },
	};
	enum guest_error error = guest_add(guest, shared_region(device));

	return error == GUEST_OK ? board_describe(guest, &node) : error;
}

static enum guest_error add_doorbell(struct guest *guest, const struct plan_device *device)
{
	return board_add_doorbell(guest, device->number, &doorbells[device->doorbell], device->end,
				  device->size ? shared_region(device) : NULL, device->label);
}

static bool quiet_clock(struct pass *pass)
{
	pl031_stop(arch_pointer(pass->registers.physical));
	return true;
}

/* Of parts that are neither the root does not know how to stop them. */
static bool (*quiesce_of(uint64_t physical))(struct pass *pass)
{
	uint64_t transports = (uint64_t)machine.virtio_count * machine.virtio_stride;

	if (physical == machine.clock.base)
		return quiet_clock;
	return physical - machine.virtio.base < transports ? hardware_quiet_virtio : NULL;
}

static enum guest_error describe(struct guest *guest, const struct plan_device *device)
{
	const struct vio_board_node node = {
		.name = device->name,
		.compatible = device->compatible.first,
		.compatible_size = device->compatible.size,
		.reg = { { device->at + device->offset, device->length } },
		.intid = device->intid,
		.clocked = device->clocked,
		.coherent = device->coherent,
	};

	return board_describe(guest, &node);
}

static enum guest_error add_registers(struct guest *guest, const struct plan_device *device)
{
	struct pass *pass = &passes[passes_taken++];
	enum guest_error error;

	*pass = (struct pass){
		.name = guest->name,
		.registers = { .base = device->at,
			       .size = device->size,
			       .physical = device->physical },
		.intid = device->intid,
		.quiesce = quiesce_of(device->physical),
	};
	error = guest_pass(guest, pass);
	return error == GUEST_OK && device->compatible.first ? describe(guest, device) : error;
}

/* A dummy is in every slot as it is. */
static enum guest_error (*const add[])(struct guest *guest, const struct plan_device *device) = {
	[PLAN_BLK] = add_blk,           [PLAN_NET] = add_net,
	[PLAN_RNG] = add_rng,           [PLAN_SHARED_MEMORY] = add_shared,
	[PLAN_DOORBELL] = add_doorbell, [PLAN_REGISTERS] = add_registers,
};

const char *devices_others(const struct plan_guest *is, struct guest *guest)
{
	for (unsigned i = 0; i < is->device_count; i++) {
		const struct plan_device *device = &is->devices[i];
		enum guest_error error = GUEST_OK;

		if (plan_is_standard(device) || !add[device->kind])
			continue;
		error = add[device->kind](guest, device);
		if (error != GUEST_OK)
			return guest_error_text(error);
	}
	return NULL;
}

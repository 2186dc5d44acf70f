/* SPDX-License-Identifier: BSD-2-Clause */
#include "arm_board.h"

#include "load.h"
#include "mmu.h"
#include "pages.h"
#include "root.h"
#include "stage2.h"
#include "vcpu.h"

#define LOAD_STEP 0x80000 /* bytes that are copied between two looks at the schedule */

/* Where firmware for QEMU's `virt` keeps its settings. */
const struct vio_board_range board_flash = { 0x04000000, 0x40000 };

static struct arm_guest *of_virtio(struct vio_arm_el2_guest *virtio)
{
	return VIO_CONTAINER_OF(virtio, struct arm_guest, virtio);
}

/* ---- What the slots ask for ---- */

static void slot_raise(struct vio_arm_el2_guest *virtio, uint32_t intid)
{
	of_virtio(virtio)->guest.counters.interrupts++;
	vgic_raise(of_virtio(virtio), intid);
}

static void slot_lower(struct vio_arm_el2_guest *virtio, uint32_t intid)
{
	vgic_lower(of_virtio(virtio), intid);
}

static void slot_defer(struct vio_arm_el2_guest *virtio, struct vio_mmio *slot)
{
	of_virtio(virtio)->guest.counters.kicks++;
	of_virtio(virtio)->board.deferred |= 1U << slot->number;
	guest_defer(&of_virtio(virtio)->guest);
}

static void slot_resume(struct vio_arm_el2_guest *virtio, struct vio_mmio *slot)
{
	struct arm_guest *guest = of_virtio(virtio);

	for (unsigned i = 0; i < guest->guest.vcpu_count; i++)
		vcpu_resume(&guest->vcpus[i].vcpu, VCPU_PARKED);
	guest_released(&guest->guest);
}

static void slot_failed(struct vio_arm_el2_guest *virtio, struct vio_mmio *slot,
			enum vio_error error)
{
	of_virtio(virtio)->guest.counters.broken++;
}

static const struct vio_arm_el2_root slot_root = {
	.raise = slot_raise,
	.lower = slot_lower,
	.defer = slot_defer,
	.resume = slot_resume,
	.failed = slot_failed,
};

/* ---- The early console ---- */

static uint64_t uart_read(void *owner, struct vcpu *vcpu, uint64_t offset, unsigned width)
{
	return vio_pl011_read(owner, offset, width);
}

static void uart_write(void *owner, struct vcpu *vcpu, uint64_t offset, unsigned width,
		       uint64_t value)
{
	vio_pl011_write(owner, offset, width, value);
}

static void uart_output(struct vio_pl011 *uart, uint8_t byte)
{
	struct arm_guest *guest = uart->host_data;

	if (guest->board.early && guest->board.early->output)
		guest->board.early->output(&guest->guest, byte);
}

static void uart_room(struct vio_pl011 *uart)
{
	struct arm_guest *guest = uart->host_data;

	if (guest->board.early && guest->board.early->room)
		guest->board.early->room(&guest->guest);
}

static void uart_raise(struct vio_pl011 *uart)
{
	vgic_raise(uart->host_data, vio_board_arm.uart_intid);
}

static void uart_lower(struct vio_pl011 *uart)
{
	vgic_lower(uart->host_data, vio_board_arm.uart_intid);
}

static const struct vio_pl011_host uart_host = {
	.output = uart_output,
	.raise = uart_raise,
	.lower = uart_lower,
	.room = uart_room,
};

static void uart_prepare(void *owner)
{
	struct vio_pl011 *uart = owner;

	if (uart->raised)
		uart_lower(uart);
	vio_pl011_init(uart, &uart_host, uart->host_data);
}

static const struct region_ops uart_ops = {
	.read = uart_read,
	.write = uart_write,
	.prepare = uart_prepare,
};

/* ---- The board ---- */

/* Every page of the flash is this one: an erased, or missing, store of settings. */
static const _Alignas(PAGE_SIZE) uint8_t flash_page[PAGE_SIZE];

static bool map_flash(struct arm_guest *guest)
{
	for (uint64_t at = 0; at < board_flash.size; at += PAGE_SIZE) {
		if (!stage2_map(guest, board_flash.base + at, to_physical(flash_page), PAGE_SIZE,
				STAGE2_READ_ONLY))
			return false;
	}
	return true;
}

void board_set_early(struct guest *guest, const struct board_early *early)
{
	arm_guest(guest)->board.early = early;
}

uint32_t board_early_room(struct guest *guest)
{
	return vio_pl011_room(&arm_guest(guest)->board.uart);
}

void board_early_input(struct guest *guest, const uint8_t *data, uint32_t len)
{
	vio_pl011_input(&arm_guest(guest)->board.uart, data, len);
}

static enum guest_error add_ram(struct guest *guest, struct region *ram)
{
	if (ram->physical == PAGES_NONE)
		return guest_add_memory(guest, ram, vio_board_arm.ram_granule);
	return guest_add(guest, ram);
}

static enum guest_error init(struct guest *common, const struct vio_board *arm, uint64_t ram_size,
			     uint64_t physical)
{
	struct arm_guest *guest = arm_guest(common);
	struct board *board = &guest->board;
	const struct vio_mmio_window window = VIO_MMIO_WINDOW(arm->virtio_base, board->slots,
							      arm->virtio_slots, arm->virtio_shift);
	enum guest_error error;

	vio_arm_el2_init(&guest->virtio, &slot_root, window, arm->virtio_intid);
	for (unsigned i = 0; i < arm->virtio_slots; i++) {
		vio_dummy_init(&board->dummies[i]);
		board_attach(common, i, &board->dummies[i].device);
	}
	board->layout = arm;
	if (ram_size < arm->ram_min || ram_size > arm->ram_max || ram_size % arm->ram_granule)
		return GUEST_BAD_RAM;
	board->early = NULL;
	board->uart_bank = (struct region){
		.base = arm->uart.base,
		.size = arm->uart.size,
		.ops = &uart_ops,
		.owner = &board->uart,
	};
	vio_pl011_init(&board->uart, &uart_host, guest);
	board->node_count = 0;
	board->ram = (struct region){
		.base = arm->ram_base,
		.size = ram_size,
		.kind = REGION_MEMORY,
		.physical = physical,
	};
	error = add_ram(common, &board->ram);
	if (arm == &board->direct)
		board->direct.ram_base = board->ram.base;
	if (error == GUEST_OK)
		error = guest_add(common, &board->uart_bank);
	if (error == GUEST_OK && !map_flash(guest))
		error = GUEST_NO_TABLES;
	if (error != GUEST_OK)
		return error;
	return GUEST_OK;
}

enum guest_error board_init_at(struct guest *guest, uint64_t ram_size, uint64_t physical)
{
	return init(guest, &vio_board_arm, ram_size, physical);
}

/* The granule is pages_take()'s alignment, too. */
enum guest_error board_init_direct(struct guest *guest, uint64_t ram_size, uint64_t physical)
{
	struct board *board = &arm_guest(guest)->board;

	board->direct = vio_board_arm;
	board->direct.virtio_slots = BOARD_DIRECT_SLOTS;
	board->direct.ram_base = physical == PAGES_NONE ? GUEST_DIRECT : physical;
	return init(guest, &board->direct, ram_size, physical);
}

enum guest_error board_init(struct guest *guest, uint64_t ram_size)
{
	return board_init_at(guest, ram_size, PAGES_NONE);
}

struct vio_device *board_device(struct guest *guest, unsigned slot)
{
	return slot < BOARD_SLOTS ? arm_guest(guest)->board.slots[slot].device : NULL;
}

void board_attach(struct guest *guest, unsigned slot, struct vio_device *device)
{
	vio_mmio_attach(&arm_guest(guest)->board.slots[slot], device, &guest->memory);
}

enum guest_error board_describe(struct guest *guest, const struct vio_board_node *node)
{
	struct board *board = &arm_guest(guest)->board;

	if (board->node_count == BOARD_NODES)
		return GUEST_NO_ROOM;
	board->nodes[board->node_count++] = *node;
	return GUEST_OK;
}

enum guest_error board_add_doorbell(struct guest *guest, unsigned number, struct doorbell *doorbell,
				    unsigned end, struct region *buffer, const char *label)
{
	static const char compatible[] = "vio,doorbell";
	const struct vio_board *arm = &vio_board_arm;
	struct vio_board_node node = {
		.name = "doorbell",
		.compatible = compatible,
		.compatible_size = sizeof(compatible),
		.reg = { { arm->doorbell_base + number * (uint64_t)DOORBELL_SIZE, DOORBELL_SIZE } },
		.intid = arm->doorbell_intid + number,
		.label = label,
	};
	enum guest_error error;

	if (number >= arm->doorbells)
		return GUEST_NO_ROOM;
	if (buffer)
		node.reg[1] = (struct vio_board_range){ buffer->base, buffer->size };
	error = doorbell_attach(doorbell, end, guest, node.reg[0].base, node.intid, buffer);
	if (error == GUEST_OK && buffer)
		error = guest_add(guest, buffer);
	return error == GUEST_OK ? board_describe(guest, &node) : error;
}

bool board_quiesce(struct guest *common)
{
	struct arm_guest *guest = arm_guest(common);
	bool quiet = true;

	guest->board.loading = false;
	for (unsigned i = 0; i < guest->board.layout->virtio_slots; i++) {
		if (!vio_device_reset(guest->board.slots[i].device))
			quiet = false;
	}
	return quiet;
}

bool board_service(struct arm_guest *guest)
{
	uint32_t slots = guest->board.deferred;

	guest->board.deferred = 0;
	for (; slots; slots &= slots - 1)
		vio_mmio_serve(&guest->board.slots[__builtin_ctz(slots)]);
	return guest->board.deferred != 0;
}

static struct vio_board_guest tree_of(struct guest *guest, const struct board_program *program)
{
	const struct board *board = &arm_guest(guest)->board;

	return (struct vio_board_guest){
		.ram_size = board->ram.size,
		.cpus = guest->vcpu_count,
		.gic_version = gic.version,
		.bootargs = program->bootargs,
		.initrd_start = board->loaded.initrd_start,
		.initrd_end = board->loaded.initrd_end,
		.kaslr_seed = program->kaslr_seed,
		.rng_seed = program->seed,
		.rng_seed_size = program->seed_size,
		.nodes = board->nodes,
		.node_count = board->node_count,
	};
}

bool board_tree(struct guest *guest, const struct board_program *program, void *buffer,
		size_t space)
{
	const struct vio_board_guest tree = tree_of(guest, program);

	return vio_board_fdt(&vio_board_arm, &tree, buffer, space) == VIO_BOARD_OK;
}

bool board_load(struct guest *guest, const struct board_program *program, struct guest_entry *entry)
{
	struct board *board = &arm_guest(guest)->board;
	const struct region *ram = &board->ram;
	struct vio_board_guest tree = tree_of(guest, program);
	struct load_request request = {
		.guest = guest->name,
		.ram_base = ram->base,
		.ram_size = ram->size,
		.ram = to_virtual(ram->physical),
		.kernel = program->kernel,
		.initrd = program->initrd,
		.flat = program->flat,
		.fdt_space = vio_board_fdt_space(&tree),
	};
	struct load_result *loaded = &board->loaded;
	struct load_copy done;
	enum vio_board_error error;
	uint8_t *fdt;

	if (!board->loading && !load_guest(&request, loaded))
		return false;
	board->loading = load_some(&request, loaded, LOAD_STEP, &done);
	if (board->loading) {
		cache_clean(request.ram + done.at, done.size);
		entry->more = true;
		return true;
	}
	tree = tree_of(guest, program);
	fdt = request.ram + (loaded->fdt - ram->base);
	error = vio_board_fdt(board->layout, &tree, fdt, request.fdt_space);
	if (error != VIO_BOARD_OK) {
		root_print("vio-root: guest %s: %s\n", guest->name, vio_board_error_text(error));
		return false;
	}
	cache_clean(fdt, request.fdt_space);
	entry->pc = loaded->entry;
	entry->argument = loaded->fdt;
	return true;
}

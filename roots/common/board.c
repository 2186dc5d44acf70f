/* SPDX-License-Identifier: BSD-2-Clause */
#include "board.h"

#include "pages.h"
#include "root.h"

#define LOAD_STEP 0x80000 /* bytes that are copied between two looks at the schedule */

/* ---- What the slots ask for ---- */

static void slot_raise(struct vio_mmio *slot)
{
	struct guest *guest = slot->host_data;

	guest->counters.interrupts++;
	arch_set_line(guest, arch_slot_line(slot->number), true);
}

static void slot_lower(struct vio_mmio *slot)
{
	arch_set_line(slot->host_data, arch_slot_line(slot->number), false);
}

static void slot_defer(struct vio_mmio *slot)
{
	struct guest *guest = slot->host_data;

	guest->counters.kicks++;
	arch_board(guest)->deferred |= 1U << slot->number;
	guest_defer(guest);
}

static void slot_released(struct vio_mmio *slot)
{
	struct guest *guest = slot->host_data;

	for (unsigned i = 0; i < guest->vcpu_count; i++)
		vcpu_resume(arch_vcpu(guest, i), VCPU_PARKED);
	guest_released(guest);
}

static void slot_failed(struct vio_mmio *slot, enum vio_error error)
{
	struct guest *guest = slot->host_data;

	(void)error;
	guest->counters.broken++;
}

static const struct vio_mmio_host slot_host = {
	.raise = slot_raise,
	.lower = slot_lower,
	.defer = slot_defer,
	.released = slot_released,
	.failed = slot_failed,
};

bool arch_service(struct guest *guest)
{
	struct board *board = arch_board(guest);
	uint32_t slots = board->deferred;

	board->deferred = 0;
	for (; slots; slots &= slots - 1)
		vio_mmio_serve(&board->slots[__builtin_ctz(slots)]);
	return board->deferred != 0;
}

bool board_quiesce(struct guest *guest)
{
	struct board *board = arch_board(guest);
	bool quiet = true;

	board->loading = false;
	for (unsigned i = 0; i < board->window.count; i++) {
		if (!vio_device_reset(board->slots[i].device))
			quiet = false;
	}
	return quiet;
}

struct vio_device *board_device(struct guest *guest, unsigned slot)
{
	const struct board *board = arch_board(guest);

	return slot < board->window.count ? board->slots[slot].device : NULL;
}

void board_attach(struct guest *guest, unsigned slot, struct vio_device *device)
{
	vio_mmio_attach(&arch_board(guest)->slots[slot], device, &guest->memory);
}

/* ---- The early console ---- */

static void uart_output(void *guest, uint8_t byte)
{
	const struct board_early *early = arch_board(guest)->early;

	if (early && early->output)
		early->output(guest, byte);
}

static void uart_room(void *guest)
{
	const struct board_early *early = arch_board(guest)->early;

	if (early && early->room)
		early->room(guest);
}

static void uart_raise(void *guest)
{
	arch_set_line(guest, arch_board(guest)->uart_line, true);
}

static void uart_lower(void *guest)
{
	arch_set_line(guest, arch_board(guest)->uart_line, false);
}

const struct vio_uart_host board_uart_host = {
	.output = uart_output,
	.raise = uart_raise,
	.lower = uart_lower,
	.room = uart_room,
};

void board_set_early(struct guest *guest, const struct board_early *early)
{
	arch_board(guest)->early = early;
}

/* ---- The board ---- */

static void init_window(struct guest *guest, struct board *board)
{
	const struct vio_board *layout = board->layout;

	board->window = VIO_MMIO_WINDOW(layout->virtio_base, board->slots, layout->virtio_slots,
					layout->virtio_shift);
	vio_mmio_window_init(&board->window, &slot_host, guest);
	for (unsigned i = 0; i < layout->virtio_slots; i++) {
		vio_dummy_init(&board->dummies[i]);
		board_attach(guest, i, &board->dummies[i].device);
	}
}

/* From the pool, unless it is there. */
static enum guest_error add_ram(struct guest *guest, struct region *ram, uint64_t alignment)
{
	return ram->physical == PAGES_NONE ? guest_add_memory(guest, ram, alignment)
					   : guest_add(guest, ram);
}

enum guest_error board_make(struct guest *guest, uint64_t ram_size, uint64_t physical,
			    uint64_t alignment)
{
	struct board *board = arch_board(guest);
	const struct vio_board *layout = board->layout;
	enum guest_error error;

	init_window(guest, board);
	if (ram_size < layout->ram_min || ram_size > layout->ram_max ||
	    ram_size % layout->ram_granule)
		return GUEST_BAD_RAM;
	board->early = NULL;
	board->tree.ram_size = ram_size;
	board->tree.cpus = guest->vcpu_count;
	board->tree.nodes = board->nodes;
	board->tree.node_count = 0;
	board->ram = (struct region){
		.base = layout->ram_base,
		.size = ram_size,
		.kind = REGION_MEMORY,
		.physical = physical,
	};
	board->uart.base = layout->uart.base;
	board->uart.size = layout->uart.size;
	board->uart.ops = &board_type.uart;
	error = add_ram(guest, &board->ram, alignment);
	return error == GUEST_OK ? guest_add(guest, &board->uart) : error;
}

enum guest_error board_init(struct guest *guest, uint64_t ram_size)
{
	return board_init_at(guest, ram_size, PAGES_NONE);
}

enum guest_error board_describe(struct guest *guest, const struct vio_board_node *node)
{
	struct board *board = arch_board(guest);

	if (board->tree.node_count == BOARD_NODES)
		return GUEST_NO_ROOM;
	board->nodes[board->tree.node_count++] = *node;
	return GUEST_OK;
}

enum guest_error board_add_doorbell(struct guest *guest, unsigned number, struct doorbell *doorbell,
				    unsigned end, struct region *buffer, const char *label)
{
	static const char compatible[] = "vio,doorbell";
	const struct vio_board *layout = arch_board(guest)->layout;
	const struct board_interrupt interrupt = arch_doorbell_interrupt(guest, number);
	struct vio_board_node node = {
		.name = "doorbell",
		.compatible = compatible,
		.compatible_size = sizeof(compatible),
		.reg = { { layout->doorbell_base + number * (uint64_t)DOORBELL_SIZE,
			   DOORBELL_SIZE } },
		.intid = interrupt.intid,
		.label = label,
	};
	enum guest_error error;

	if (number >= layout->doorbells)
		return GUEST_NO_ROOM;
	if (buffer)
		node.reg[1] = (struct vio_board_range){ buffer->base, buffer->size };
	error = doorbell_attach(doorbell, end, guest, node.reg[0].base, interrupt.line, buffer);
	doorbell->ends[end].edge = interrupt.edge;
	if (error == GUEST_OK && buffer)
		error = guest_add(guest, buffer);
	return error == GUEST_OK ? board_describe(guest, &node) : error;
}

/* ---- What the guest finds in its memory ---- */

static struct vio_board_guest tree_of(const struct board *board,
				      const struct board_program *program)
{
	struct vio_board_guest tree = board->tree;

	tree.bootargs = program->bootargs;
	tree.initrd_start = board->loaded.initrd_start;
	tree.initrd_end = board->loaded.initrd_end;
	tree.kaslr_seed = program->kaslr_seed;
	tree.rng_seed = program->seed;
	tree.rng_seed_size = program->seed_size;
	return tree;
}

bool board_tree(struct guest *guest, const struct board_program *program, void *buffer,
		size_t space)
{
	const struct board *board = arch_board(guest);
	const struct vio_board_guest tree = tree_of(board, program);

	return vio_board_fdt(board->layout, &tree, buffer, space) == VIO_BOARD_OK;
}

bool board_load(struct guest *guest, const struct board_program *program, struct guest_entry *entry)
{
	struct board *board = arch_board(guest);
	const struct region *ram = &board->ram;
	struct load_request request = {
		.guest = guest->name,
		.ram_base = ram->base,
		.ram_size = ram->size,
		.ram = arch_pointer(ram->physical),
		.kernel = program->kernel,
		.initrd = program->initrd,
		.flat = program->flat,
		.machine = board_type.machine,
		.vectors = board_type.vectors,
	};
	struct load_result *loaded = &board->loaded;
	struct load_copy done;
	enum vio_board_error error;
	struct vio_board_guest tree;
	uint8_t *fdt;

	if (!board->loading) {
		tree = tree_of(board, program);
		request.fdt_space = vio_board_fdt_space(&tree);
		if (!load_guest(&request, loaded))
			return false;
	}
	board->loading = load_some(&request, loaded, LOAD_STEP, &done);
	if (board->loading) {
		arch_clean(request.ram + done.at, done.size);
		entry->more = true;
		return true;
	}
	tree = tree_of(board, program);
	fdt = request.ram + (loaded->fdt - ram->base);
	error = vio_board_fdt(board->layout, &tree, fdt, loaded->fdt_space);
	if (error != VIO_BOARD_OK) {
		root_print("vio-root: guest %s: %s\n", guest->name, vio_board_error_text(error));
		return false;
	}
	arch_clean(fdt, loaded->fdt_space);
	entry->pc = loaded->entry;
	entry->argument = loaded->fdt;
	return true;
}

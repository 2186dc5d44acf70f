/* SPDX-License-Identifier: BSD-2-Clause */
#include "mips_board.h"

#include <elf.h>

#include "cache.h"
#include "load.h"
#include "pages.h"
#include "root.h"
#include "vcpu.h"

#define LARGE_PAGE (UINT64_C(16) << 20)

static struct mips_guest *of_virtio(struct vio_mips_vz_guest *virtio)
{
	return VIO_CONTAINER_OF(virtio, struct mips_guest, virtio);
}

/* ---- What the slots ask for ---- */

static void slot_raise(struct vio_mips_vz_guest *virtio, unsigned line)
{
	vcpu_line(of_virtio(virtio), line, LINE_OF_SLOTS, true);
}

static void slot_lower(struct vio_mips_vz_guest *virtio, unsigned line)
{
	vcpu_line(of_virtio(virtio), line, LINE_OF_SLOTS, false);
}

static void slot_defer(struct vio_mips_vz_guest *virtio, struct vio_mmio *slot)
{
	of_virtio(virtio)->board.deferred |= 1U << slot->number;
	guest_defer(&of_virtio(virtio)->guest);
}

static void slot_resume(struct vio_mips_vz_guest *virtio, struct vio_mmio *slot)
{
	struct mips_guest *guest = of_virtio(virtio);

	for (unsigned i = 0; i < guest->guest.vcpu_count; i++)
		vcpu_resume(&guest->vcpus[i].vcpu, VCPU_PARKED);
	guest_released(&guest->guest);
}

static void slot_failed(struct vio_mips_vz_guest *virtio, struct vio_mmio *slot,
			enum vio_error error)
{
	of_virtio(virtio)->guest.counters.broken++;
}

static const struct vio_mips_vz_root slot_root = {
	.raise = slot_raise,
	.lower = slot_lower,
	.defer = slot_defer,
	.resume = slot_resume,
	.failed = slot_failed,
};

/* ---- The early console ---- */

static uint64_t uart_read(void *owner, struct vcpu *vcpu, uint64_t offset, unsigned width)
{
	unsigned shift = vio_board_mips.uart_shift;

	/* A byte each, in whatever part of its place. */
	return offset & ((1U << shift) - 1) ? 0
					    : vio_ns16550_read(owner, (uint32_t)(offset >> shift));
}

static void uart_write(void *owner, struct vcpu *vcpu, uint64_t offset, unsigned width,
		       uint64_t value)
{
	unsigned shift = vio_board_mips.uart_shift;

	if (!(offset & ((1U << shift) - 1)))
		vio_ns16550_write(owner, (uint32_t)(offset >> shift), (uint8_t)value);
}

static void uart_output(struct vio_ns16550 *uart, uint8_t byte)
{
	struct mips_guest *guest = uart->host_data;

	if (guest->board.early && guest->board.early->output)
		guest->board.early->output(&guest->guest, byte);
}

static void uart_room(struct vio_ns16550 *uart)
{
	struct mips_guest *guest = uart->host_data;

	if (guest->board.early && guest->board.early->room)
		guest->board.early->room(&guest->guest);
}

static void uart_raise(struct vio_ns16550 *uart)
{
	vcpu_line(uart->host_data, vio_board_mips.uart_intid, LINE_OF_UART, true);
}

static void uart_lower(struct vio_ns16550 *uart)
{
	vcpu_line(uart->host_data, vio_board_mips.uart_intid, LINE_OF_UART, false);
}

static const struct vio_ns16550_host uart_host = {
	.output = uart_output,
	.raise = uart_raise,
	.lower = uart_lower,
	.room = uart_room,
};

static void uart_prepare(void *owner)
{
	struct vio_ns16550 *uart = owner;

	if (uart->raised)
		uart_lower(uart);
	vio_ns16550_init(uart, &uart_host, uart->host_data);
}

static const struct region_ops uart_ops = {
	.read = uart_read,
	.write = uart_write,
	.prepare = uart_prepare,
};

/* ---- The power switch ---- */

static uint64_t power_read(void *owner, struct vcpu *vcpu, uint64_t offset, unsigned width)
{
	return 0;
}

static void power_write(void *owner, struct vcpu *vcpu, uint64_t offset, unsigned width,
			uint64_t value)
{
	struct mips_guest *guest = owner;

	if (offset != 0)
		return;
	if (value == vio_board_mips.power_off)
		guest_end(&guest->guest, GUEST_POWERED_OFF);
	else if (value == vio_board_mips.power_reset)
		guest_end(&guest->guest, GUEST_RESET);
}

static const struct region_ops power_ops = {
	.read = power_read,
	.write = power_write,
};

/* ---- The board ---- */

void board_set_early(struct guest *guest, const struct board_early *early)
{
	mips_guest(guest)->board.early = early;
}

uint32_t board_early_room(struct guest *guest)
{
	return VIO_NS16550_FIFO - mips_guest(guest)->board.uart.count;
}

void board_early_input(struct guest *guest, const uint8_t *data, uint32_t len)
{
	vio_ns16550_input(&mips_guest(guest)->board.uart, data, len);
}

/* A multiple of the granule, so that it is mapped in large pages; the largest there are, if it is
 * to stay mapped. */
static uint64_t alignment_of(const struct guest *guest, uint64_t size)
{
	uint64_t alignment = LARGE_PAGE;

	if (!guest->fixed)
		return vio_board_mips.ram_granule;
	while (alignment > vio_board_mips.ram_granule &&
	       (alignment > size || pages_largest(alignment) < size))
		alignment /= 4;
	return alignment > vio_board_mips.ram_granule ? alignment : vio_board_mips.ram_granule;
}

/* From the pool, unless it is there. */
static enum guest_error add_ram(struct guest *guest, struct region *ram)
{
	return ram->physical == PAGES_NONE
		       ? guest_add_memory(guest, ram, alignment_of(guest, ram->size))
		       : guest_add(guest, ram);
}

enum guest_error board_init(struct guest *guest, uint64_t ram_size)
{
	return board_init_at(guest, ram_size, PAGES_NONE);
}

/* No device of this machine reaches memory by itself, so none is given away. */
enum guest_error board_init_direct(struct guest *guest, uint64_t ram_size, uint64_t physical)
{
	return GUEST_BAD_REGION;
}

enum guest_error board_init_at(struct guest *common, uint64_t ram_size, uint64_t physical)
{
	const struct vio_board *mips = &vio_board_mips;
	struct mips_guest *guest = mips_guest(common);
	struct board *board = &guest->board;
	const struct vio_mmio_window window = VIO_MMIO_WINDOW(
		mips->virtio_base, board->slots, mips->virtio_slots, mips->virtio_shift);
	enum guest_error error;

	vio_mips_vz_init(&guest->virtio, &slot_root, window, mips->virtio_lines, VIO_BIG_ENDIAN);
	for (unsigned i = 0; i < mips->virtio_slots; i++) {
		vio_dummy_init(&board->dummies[i]);
		board_attach(common, i, &board->dummies[i].device);
	}
	if (ram_size < mips->ram_min || ram_size > mips->ram_max || ram_size % mips->ram_granule)
		return GUEST_BAD_RAM;
	board->early = NULL;
	board->uart_bank = (struct region){
		.base = mips->uart.base,
		.size = mips->uart.size,
		.ops = &uart_ops,
		.owner = &board->uart,
	};
	vio_ns16550_init(&board->uart, &uart_host, guest);
	board->power_bank = (struct region){
		.base = mips->power.base,
		.size = mips->power.size,
		.ops = &power_ops,
		.owner = guest,
	};
	board->node_count = 0;
	board->ram = (struct region){
		.base = mips->ram_base,
		.size = ram_size,
		.kind = REGION_MEMORY,
		.physical = physical,
	};
	error = add_ram(common, &board->ram);
	if (error == GUEST_OK)
		error = guest_add(common, &board->uart_bank);
	if (error == GUEST_OK)
		error = guest_add(common, &board->power_bank);
	return error;
}

struct vio_device *board_device(struct guest *guest, unsigned slot)
{
	return slot < BOARD_SLOTS ? mips_guest(guest)->board.slots[slot].device : NULL;
}

void board_attach(struct guest *guest, unsigned slot, struct vio_device *device)
{
	vio_mmio_attach(&mips_guest(guest)->board.slots[slot], device, &guest->memory);
}

enum guest_error board_describe(struct guest *guest, const struct vio_board_node *node)
{
	struct board *board = &mips_guest(guest)->board;

	if (board->node_count == BOARD_NODES)
		return GUEST_NO_ROOM;
	board->nodes[board->node_count++] = *node;
	return GUEST_OK;
}

enum guest_error board_add_doorbell(struct guest *guest, unsigned number, struct doorbell *doorbell,
				    unsigned end, struct region *buffer, const char *label)
{
	static const char compatible[] = "vio,doorbell";
	const struct vio_board *mips = &vio_board_mips;
	struct vio_board_node node = {
		.name = "doorbell",
		.compatible = compatible,
		.compatible_size = sizeof(compatible),
		.reg = { { mips->doorbell_base + number * (uint64_t)DOORBELL_SIZE,
			   DOORBELL_SIZE } },
		.intid = mips_guest(guest)->by_cause ? LINE_BY_CAUSE : mips->doorbell_intid,
		.label = label,
	};
	enum guest_error error;

	if (number >= mips->doorbells)
		return GUEST_NO_ROOM;
	if (buffer)
		node.reg[1] = (struct vio_board_range){ buffer->base, buffer->size };
	error = doorbell_attach(doorbell, end, guest, node.reg[0].base,
				line_number(node.intid, LINE_OF_DOORBELLS + number), buffer);
	doorbell->ends[end].edge = mips_guest(guest)->by_cause;
	if (error == GUEST_OK && buffer)
		error = guest_add(guest, buffer);
	return error == GUEST_OK ? board_describe(guest, &node) : error;
}

bool board_quiesce(struct guest *common)
{
	struct mips_guest *guest = mips_guest(common);
	bool quiet = true;

	for (unsigned i = 0; i < vio_board_mips.virtio_slots; i++) {
		if (!vio_device_reset(guest->board.slots[i].device))
			quiet = false;
	}
	return quiet;
}

bool board_service(struct mips_guest *guest)
{
	uint32_t slots = guest->board.deferred;

	guest->board.deferred = 0;
	for (; slots; slots &= slots - 1)
		vio_mmio_serve(&guest->board.slots[__builtin_ctz(slots)]);
	return guest->board.deferred != 0;
}

bool board_load(struct guest *guest, const struct board_program *program, struct guest_entry *entry)
{
	const struct region *ram = &mips_guest(guest)->board.ram;
	struct vio_board_guest tree = {
		.ram_size = ram->size,
		.cpus = guest->vcpu_count,
		.count_rate = (uint32_t)arch_frequency(),
		.bootargs = program->bootargs,
		.kaslr_seed = program->kaslr_seed,
		.rng_seed = program->seed,
		.rng_seed_size = program->seed_size,
		.nodes = mips_guest(guest)->board.nodes,
		.node_count = mips_guest(guest)->board.node_count,
	};
	struct load_request request = {
		.guest = guest->name,
		.ram_base = ram->base,
		.ram_size = ram->size,
		.ram = to_virtual(ram->physical),
		.kernel = program->kernel,
		.initrd = program->initrd,
		.flat = program->flat,
		.machine = EM_MIPS,
		.vectors = PAGE_SIZE,
		.fdt_space = vio_board_fdt_space(&tree),
	};
	struct load_result loaded_at;
	struct load_copy done;
	enum vio_board_error error;
	uint8_t *fdt;

	if (!load_guest(&request, &loaded_at))
		return false;
	while (load_some(&request, &loaded_at, UINT64_MAX, &done))
		cache_clean(request.ram + done.at, done.size);
	tree.initrd_start = loaded_at.initrd_start;
	tree.initrd_end = loaded_at.initrd_end;
	fdt = request.ram + (loaded_at.fdt - ram->base);
	error = vio_board_fdt(&vio_board_mips, &tree, fdt, request.fdt_space);
	if (error != VIO_BOARD_OK) {
		root_print("vio-root: guest %s: %s\n", guest->name, vio_board_error_text(error));
		return false;
	}
	cache_clean(fdt, request.fdt_space);
	entry->pc = loaded_at.entry;
	entry->argument = loaded_at.fdt;
	return true;
}

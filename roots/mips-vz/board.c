/* SPDX-License-Identifier: BSD-2-Clause */
/* Board v1 on MIPS, as this root has it. */
#include <elf.h>

#include "pages.h"
#include "vcpu.h"

#define LARGE_PAGE (UINT64_C(16) << 20)

struct board *arch_board(struct guest *guest)
{
	return &mips_guest(guest)->board;
}

/* ---- Interrupts ---- */

unsigned arch_slot_line(unsigned slot)
{
	return line_number(vio_board_mips.virtio_lines[slot], LINE_OF_SLOTS + slot);
}

struct board_interrupt arch_doorbell_interrupt(struct guest *guest, unsigned number)
{
	bool by_cause = mips_guest(guest)->by_cause;
	unsigned line = by_cause ? LINE_BY_CAUSE : vio_board_mips.doorbell_intid;

	return (struct board_interrupt){
		.intid = line,
		.line = line_number(line, LINE_OF_DOORBELLS + number),
		.edge = by_cause,
	};
}

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

static void uart_prepare(void *owner)
{
	vio_ns16550_reset(owner);
}

const struct board_type board_type = {
	.machine = EM_MIPS,
	.vectors = PAGE_SIZE,
	.uart = { .read = uart_read, .write = uart_write, .prepare = uart_prepare },
};

uint32_t board_early_room(struct guest *guest)
{
	return vio_ns16550_room(&mips_guest(guest)->uart);
}

void board_early_input(struct guest *guest, const uint8_t *data, uint32_t len)
{
	vio_ns16550_input(&mips_guest(guest)->uart, data, len);
}

/* ---- The power switch ---- */

static uint64_t power_read(void *owner, struct vcpu *vcpu, uint64_t offset, unsigned width)
{
	return 0;
}

static void power_write(void *owner, struct vcpu *vcpu, uint64_t offset, unsigned width,
			uint64_t value)
{
	if (offset != 0)
		return;
	if (value == vio_board_mips.power_off)
		guest_end(owner, GUEST_POWERED_OFF);
	else if (value == vio_board_mips.power_reset)
		guest_end(owner, GUEST_RESET);
}

static const struct region_ops power_ops = {
	.read = power_read,
	.write = power_write,
};

/* ---- The board ---- */

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

enum guest_error board_init_at(struct guest *common, uint64_t ram_size, uint64_t physical)
{
	struct mips_guest *guest = mips_guest(common);
	struct board *board = &guest->board;
	enum guest_error error;

	board->layout = &vio_board_mips;
	board->slots = guest->slots;
	board->dummies = guest->dummies;
	board->uart.owner = &guest->uart;
	board->uart_line = line_number(vio_board_mips.uart_intid, LINE_OF_UART);
	board->tree.count_rate = (uint32_t)arch_frequency();
	vio_ns16550_init(&guest->uart, &board_uart_host, common);
	guest->power = (struct region){
		.base = vio_board_mips.power.base,
		.size = vio_board_mips.power.size,
		.ops = &power_ops,
		.owner = common,
	};
	error = board_make(common, ram_size, physical, alignment_of(common, ram_size));
	return error == GUEST_OK ? guest_add(common, &guest->power) : error;
}

/* No device of this machine reaches memory by itself, so none is given away. */
enum guest_error board_init_direct(struct guest *guest, uint64_t ram_size, uint64_t physical)
{
	return GUEST_BAD_REGION;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Board v1 on ARM, as this root has it. */
#include <elf.h>

#include "mmu.h"
#include "pages.h"
#include "stage2.h"
#include "vcpu.h"

/* Where firmware for QEMU's `virt` keeps its settings. */
const struct vio_board_range board_flash = { 0x04000000, 0x40000 };

struct board *arch_board(struct guest *guest)
{
	return &arm_guest(guest)->board;
}

/* ---- Interrupts ---- */

unsigned arch_slot_line(unsigned slot)
{
	return vio_board_arm.virtio_intid + slot;
}

struct board_interrupt arch_doorbell_interrupt(struct guest *guest, unsigned number)
{
	unsigned intid = vio_board_arm.doorbell_intid + number;

	return (struct board_interrupt){ .intid = intid, .line = intid };
}

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

static void uart_prepare(void *owner)
{
	vio_pl011_reset(owner);
}

const struct board_type board_type = {
	.machine = EM_AARCH64,
	.uart = { .read = uart_read, .write = uart_write, .prepare = uart_prepare },
};

uint32_t board_early_room(struct guest *guest)
{
	return vio_pl011_room(&arm_guest(guest)->uart);
}

void board_early_input(struct guest *guest, const uint8_t *data, uint32_t len)
{
	vio_pl011_input(&arm_guest(guest)->uart, data, len);
}

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

static enum guest_error init(struct arm_guest *guest, const struct vio_board *layout,
			     uint64_t ram_size, uint64_t physical)
{
	struct board *board = &guest->board;
	enum guest_error error;

	board->layout = layout;
	board->slots = guest->slots;
	board->dummies = guest->dummies;
	board->uart.owner = &guest->uart;
	board->uart_line = layout->uart_intid;
	board->tree.gic_version = gic.version;
	vio_pl011_init(&guest->uart, &board_uart_host, &guest->guest);
	error = board_make(&guest->guest, ram_size, physical, layout->ram_granule);
	return error == GUEST_OK && !map_flash(guest) ? GUEST_NO_TABLES : error;
}

enum guest_error board_init_at(struct guest *guest, uint64_t ram_size, uint64_t physical)
{
	return init(arm_guest(guest), &vio_board_arm, ram_size, physical);
}

/* The granule is pages_take()'s alignment, too. */
enum guest_error board_init_direct(struct guest *common, uint64_t ram_size, uint64_t physical)
{
	struct arm_guest *guest = arm_guest(common);
	enum guest_error error;

	guest->direct = vio_board_arm;
	guest->direct.virtio_slots = BOARD_DIRECT_SLOTS;
	guest->direct.ram_base = physical == PAGES_NONE ? GUEST_DIRECT : physical;
	error = init(guest, &guest->direct, ram_size, physical);
	guest->direct.ram_base = guest->board.ram.base;
	return error;
}

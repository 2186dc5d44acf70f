/* SPDX-License-Identifier: BSD-2-Clause */
/* The standard board (vio/board) around a guest, and what the guest finds in its memory on it. */
#ifndef BOARD_H
#define BOARD_H

#include "cpio.h"
#include "doorbell.h"
#include "vio_board.h"
#include "vio_dummy.h"
#include "vio_mmio.h"
#include "vio_pl011.h"

struct arm_guest;

#define BOARD_SLOTS 32
#define BOARD_NODES 8

/* Embedded in the guest. */
struct board {
	struct vio_mmio slots[BOARD_SLOTS];
	struct vio_dummy dummies[BOARD_SLOTS];
	uint32_t deferred; /* slots that want to be served, a bit each */
	struct vio_pl011 uart;
	struct region uart_bank;
	struct region ram;
	struct vio_board_node nodes[BOARD_NODES]; /* beside the standard's, for the tree */
	unsigned node_count;

	/* The system's: bytes that the guest sends by its early console, and room for more input.
	 */
	void (*uart_output)(struct arm_guest *guest, uint8_t byte);
	void (*uart_room)(struct arm_guest *guest);
};

/*
 * Gives the guest `ram_size` bytes of RAM, the early console, the window with a dummy in every
 * slot, and zeroes where firmware looks for flash.
 */
enum guest_error board_init(struct arm_guest *guest, uint64_t ram_size);

/* Puts a device into a slot. */
void board_attach(struct arm_guest *guest, unsigned slot, struct vio_device *device);

/* One node more in the guest's device tree. GUEST_NO_ROOM: there are BOARD_NODES. */
enum guest_error board_describe(struct arm_guest *guest, const struct vio_board_node *node);

/*
 * Puts end 0 or 1 of a doorbell into the guest, as number 0 to 15 of its board. `buffer` is memory
 * (`shared`) that goes into the guest with it, or NULL; `label`: what for. Both outlive the guest.
 */
enum guest_error board_add_doorbell(struct arm_guest *guest, unsigned number,
				    struct doorbell *doorbell, unsigned end, struct region *buffer,
				    const char *label);

/* For guest_ops. */
bool board_quiesce(struct guest *guest);

/* One batch of each slot that asked; true: some ask again. */
bool board_service(struct arm_guest *guest);

/* What the guest is to start with. */
struct board_program {
	struct cpio_file kernel;
	struct cpio_file initrd; /* data NULL: none */
	bool flat; /* a kernel that is neither arm64 Image nor ELF is a program for RAM + 2 MiB */
	const char *bootargs;
	uint64_t kaslr_seed; /* 0: none */
	const uint8_t *seed; /* entropy for the guest, or NULL */
	uint32_t seed_size;
};

/* Fills the RAM, for guest_ops.load: false: it does not fit, or is no program. */
bool board_load(struct arm_guest *guest, const struct board_program *program,
		struct guest_entry *entry);

#endif

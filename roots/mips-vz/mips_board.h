/* SPDX-License-Identifier: BSD-2-Clause */
/* Board v1 on MIPS, as this root has it: board.h has the calls. */
#ifndef MIPS_BOARD_H
#define MIPS_BOARD_H

#include "board.h"
#include "vio_board.h"
#include "vio_dummy.h"
#include "vio_mmio.h"
#include "vio_ns16550.h"

struct mips_guest;

#define BOARD_SLOTS 16
#define BOARD_NODES 8

/* Embedded in the guest. */
struct board {
	struct vio_mmio slots[BOARD_SLOTS];
	struct vio_dummy dummies[BOARD_SLOTS];
	uint32_t deferred; /* slots that want to be served, a bit each */
	struct vio_ns16550 uart;
	struct region uart_bank;
	struct region power_bank;
	struct region ram;
	struct vio_board_node nodes[BOARD_NODES]; /* beside the standard's, for the tree */
	unsigned node_count;
	const struct board_early *early; /* NULL: nobody listens */
};

/* One batch of each slot that asked; true: some ask again. */
bool board_service(struct mips_guest *guest);

#endif

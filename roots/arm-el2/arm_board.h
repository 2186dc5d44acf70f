/* SPDX-License-Identifier: BSD-2-Clause */
/* Board v1 on ARM, as this root has it: board.h has the calls. */
#ifndef ARM_BOARD_H
#define ARM_BOARD_H

#include "board.h"
#include "load.h"
#include "vio_board.h"
#include "vio_dummy.h"
#include "vio_mmio.h"
#include "vio_pl011.h"

struct arm_guest;

#define BOARD_SLOTS 32
#define BOARD_NODES 16

/* Embedded in the guest. */
struct board {
	const struct vio_board *layout; /* version 1's, or */
	struct vio_board direct;        /* that of board_init_direct() */
	struct vio_mmio slots[BOARD_SLOTS];
	struct vio_dummy dummies[BOARD_SLOTS];
	uint32_t deferred; /* slots that want to be served, a bit each */
	struct vio_pl011 uart;
	struct region uart_bank;
	struct region ram;
	struct vio_board_node nodes[BOARD_NODES]; /* beside the standard's, for the tree */
	unsigned node_count;
	struct load_result loaded;       /* the guest's program, as far as it has come, */
	bool loading;                    /* if it is on its way */
	const struct board_early *early; /* NULL: nobody listens */
};

/* One batch of each slot that asked; true: some ask again. */
bool board_service(struct arm_guest *guest);

#endif

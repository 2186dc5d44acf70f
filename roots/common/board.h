/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The standard board (vio/board) around a guest, and what the guest finds in its memory on it. A
 * root embeds `struct board` in its guests, and has what is its machine's own: board_init_at(),
 * board_init_direct(), board_early_room(), board_early_input(), and what is declared at the end.
 */
#ifndef BOARD_H
#define BOARD_H

#include "cpio.h"
#include "doorbell.h"
#include "load.h"
#include "vio_board.h"
#include "vio_dummy.h"
#include "vio_mmio.h"
#include "vio_uart.h"

#define BOARD_NODES 16

struct board {
	/* The root's, set before board_make(): */
	const struct vio_board *layout;
	struct vio_mmio *slots;    /* layout->virtio_slots of them, */
	struct vio_dummy *dummies; /* and as many */
	struct region uart;        /* the early console: its `owner`, */
	unsigned uart_line;        /* and interrupt, for arch_set_line() */
	/* What is the same in all of the guest's trees: gic_version, or count_rate. */
	struct vio_board_guest tree;

	/* And what comes of it: */
	struct vio_mmio_window window;
	struct region ram;
	uint32_t deferred;                        /* slots that want to be served, a bit each */
	bool loading;                             /* the guest's program is on its way, */
	struct load_result loaded;                /* as far as this */
	const struct board_early *early;          /* NULL: nobody listens */
	struct vio_board_node nodes[BOARD_NODES]; /* beside the standard's */
};

/*
 * Gives the guest `ram_size` bytes of RAM, the early console, the window with a dummy in every
 * slot, and zeroes where firmware looks for flash. Between guest_create() and guest_start().
 */
enum guest_error board_init(struct guest *guest, uint64_t ram_size);

/* The same with memory at `physical`, which is not the pool's and outlives the guest. */
enum guest_error board_init_at(struct guest *guest, uint64_t ram_size, uint64_t physical);

/* Where firmware looks for flash: guest-physical. */
extern const struct vio_board_range board_flash;

/*
 * The same for a guest that is given devices of the machine which reach memory by themselves: its
 * RAM is where the machine has it, and so is no place that a guest can know without its device
 * tree. The window has BOARD_DIRECT_SLOTS slots, the rest of its place is free for the machine's
 * own transports. `physical` PAGES_NONE: from the pool.
 */
enum guest_error board_init_direct(struct guest *guest, uint64_t ram_size, uint64_t physical);

#define BOARD_DIRECT_SLOTS 8

/* The device in a slot, which is a dummy in one without; NULL behind the last slot. */
struct vio_device *board_device(struct guest *guest, unsigned slot);

/* Puts a device into a slot (enum vio_board_slot, or one that is free); it outlives the guest. */
void board_attach(struct guest *guest, unsigned slot, struct vio_device *device);

/* One node more in the guest's device tree. GUEST_NO_ROOM: there are too many. */
enum guest_error board_describe(struct guest *guest, const struct vio_board_node *node);

/*
 * Puts end 0 or 1 of a doorbell into the guest, as number 0 to 15 of its board. `buffer` is memory
 * (`shared`) that goes into the guest with it, or NULL; `label`: what for. Both outlive the guest.
 */
enum guest_error board_add_doorbell(struct guest *guest, unsigned number, struct doorbell *doorbell,
				    unsigned end, struct region *buffer, const char *label);

/* For guest_ops. */
bool board_quiesce(struct guest *guest);

/* The system's side of the early console, which takes and gives single bytes. */
struct board_early {
	void (*output)(struct guest *guest, uint8_t byte); /* NULL: they are lost */
	void (*room)(struct guest *guest); /* board_early_input() takes bytes again; or NULL */
};

/* After board_init(). `early` is kept. */
void board_set_early(struct guest *guest, const struct board_early *early);

/* How many bytes the early console has room for; and gives it so many at most. */
uint32_t board_early_room(struct guest *guest);
void board_early_input(struct guest *guest, const uint8_t *data, uint32_t len);

/* What the guest is to start with. */
struct board_program {
	struct cpio_file kernel;
	struct cpio_file initrd; /* data NULL: none */
	bool flat; /* a kernel that is neither Image nor ELF is a program for RAM + 2 MiB */
	const char *bootargs;
	uint64_t kaslr_seed; /* 0: none */
	const uint8_t *seed; /* entropy for the guest, or NULL */
	uint32_t seed_size;
};

/*
 * Fills the RAM, for guest_ops.load, some of it a call; the program stays where it is until all of
 * it is there. False: it does not fit, or is no program.
 */
bool board_load(struct guest *guest, const struct board_program *program,
		struct guest_entry *entry);

/*
 * The device tree that the guest starts, or has started, with: into `space` bytes, aligned to 8.
 * False: they are too few.
 */
bool board_tree(struct guest *guest, const struct board_program *program, void *buffer,
		size_t space);

/* ---- For the roots' board_init_...() ---- */

/*
 * Lays the board out: the window, RAM of that size at `physical`, or from the pool with that
 * alignment, and the early console.
 */
enum guest_error board_make(struct guest *guest, uint64_t ram_size, uint64_t physical,
			    uint64_t alignment);

/* Of the early console, whose `host_data` is the guest. */
extern const struct vio_uart_host board_uart_host;

/* ---- What each root provides ---- */

/* What all of a root's boards have. */
struct board_type {
	unsigned machine;       /* of guests' programs, as in load.h, */
	uint32_t vectors;       /* likewise */
	struct region_ops uart; /* the early console's registers */
};

extern const struct board_type board_type;

struct board *arch_board(struct guest *guest);

/* A slot's interrupt, for arch_set_line(). */
unsigned arch_slot_line(unsigned slot);

/* A doorbell's. */
struct board_interrupt {
	unsigned intid; /* that the guest is told of */
	unsigned line;  /* for arch_set_line() */
	bool edge;      /* the guest takes it down by itself */
};

struct board_interrupt arch_doorbell_interrupt(struct guest *guest, unsigned number);

#endif

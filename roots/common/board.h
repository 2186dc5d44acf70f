/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The standard board (vio/board) around a guest, and what the guest finds in its memory on it. Each
 * root has these calls for its own kind of guest.
 */
#ifndef BOARD_H
#define BOARD_H

#include "cpio.h"
#include "doorbell.h"
#include "vio_board.h"
#include "vio_device.h"

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

#endif

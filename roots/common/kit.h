/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a guest of a system with several needs: the objects of its devices, on the standard board,
 * made from a short description.
 *
 *	static struct {
 *		struct arm_vcpu vcpus[1];
 *		struct arm_guest guest;
 *		struct kit kit;
 *	} one;
 *	const struct kit_plan plan = {
 *		.name = "one", .number = 1, .vcpus = 1, .ram = 64 << 20,
 *		.terminal = &terminal, .disk = &slice.backend, .disk_says = &slice.disk,
 *	};
 *
 *	one.guest.vcpus = one.vcpus;
 *	error = kit_make(&one.kit, &one.guest.guest, &plan, &ops);
 *	...settings, more regions and devices of the system's own...
 *	error = guest_start(&one.guest.guest);
 *
 * The system owns all of it, of a size known at build time. Its guest_ops have board_quiesce(), and
 * call kit_begin() in `load`, and kit_end() first thing in `over`. A kit whose guest is gone
 *(GUEST_NONE) can be made again.
 */
#ifndef KIT_H
#define KIT_H

#include "net_timer.h"
#include "terminal.h"
#include "vio_blk.h"
#include "vio_console_ports.h"
#include "vio_rng.h"

/* What is left out, 0 or NULL, the guest does not have: its slot is empty. All outlives the guest.
 */
struct kit_plan {
	const char *name;
	unsigned number; /* 1 to 255, no two alike */
	unsigned vcpus;
	uint64_t ram;    /* bytes, from the pool; or, */
	uint64_t ram_at; /* if not 0, there on the machine (board_init_at()) */
	bool direct;     /* and where the machine has it (board_init_direct()) */
	bool fixed;      /* struct guest */

	/* Console and early console: on a terminal, with others; or on a backend of its own. */
	struct terminal *terminal;
	bool keeps; /* struct terminal_client */
	struct vio_console_backend *console;
	uint16_t cols; /* its size, in characters; 0: not known */
	uint16_t rows;
	/* The console is port 0 of these; NULL: it has no others. */
	struct vio_console_ports *ports;

	struct vio_blk_backend *disk;
	const struct vio_blk_disk *disk_says;

	struct vio_entropy *entropy; /* may be shared, and has to be seeded: hardware_seed() */
	uint32_t entropy_limit;      /* bytes, for vio_rng_limit(); 0: none */

	struct vio_switch *lan;
	uint8_t mac[VIO_MAC]; /* all 0: 52:56:49:4f:00:NUMBER */
	uint16_t vlan;
	bool is_private; /* sees no other private port of the switch */
	uint32_t rate;   /* bytes that it may send in a tick of the switch; 0: no limit */
};

struct kit {
	struct guest *guest;
	struct vio_console_backend *output; /* of both consoles; NULL: there are none */
	struct terminal_client client;
	struct vio_console console;
	struct vio_console_ports *ports; /* the plan's, in the console's place */
	struct vio_console_port_info first;
	struct vio_device *screen; /* of whichever it is */
	struct vio_blk blk;
	struct kit_disk {
		struct vio_blk_backend backend; /* before the plan's */
		struct vio_blk_backend *behind;
		uint64_t bytes_read;
		uint64_t bytes_written;
	} disk;
	struct vio_rng rng;
	struct vio_net net;
	struct net_timer net_timer;
	char problem[64];
};

/*
 * Creates the guest, which is zeroed or was killed, and gives it RAM and the plan's devices. NULL:
 * it is GUEST_CREATED. Otherwise what is wrong, in words that complete "guest NAME: "; what there
 * is of the guest is then being killed, and `over` hears of it if anything was.
 */
const char *kit_make(struct kit *kit, struct guest *guest, const struct kit_plan *plan,
		     const struct guest_ops *ops);

/* Of guest_ops.load: what waits for the guest, its early console gets as far as it has room. */
void kit_begin(struct kit *kit);

/* Of guest_ops.over: when the guest is gone, its devices leave what they shared with others. */
void kit_end(struct kit *kit);

/* The kit of a guest that was made with one. */
struct kit *kit_of(const struct guest *guest);

#endif

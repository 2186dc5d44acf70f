/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What stands in the memory between a root and the guest that serves a disk for it; both sides
 * compile this. Little-endian; each word has one writer, and `bytes` of data whoever has the slot.
 *
 *	server						root
 *	fills in `sectors`, sets `answered` of all
 *	slots to 0, counts `hello` up, rings
 *							fails what was under way, sets
 *							`asked` of all slots to 0, and
 *							`welcome` to `hello`, rings
 *							fills in a slot, and the data of a
 *							write; a new `asked`, never 0; rings
 *	does what is asked, fills in the data of a
 *	read, `status`; sets `answered` to `asked`,
 *	rings
 *
 * A server that starts again says hello again, and so does one that finds `welcome` is not its
 * `hello` any more: it was too slow, and nobody waits for it. A hello is never 0, and never the one
 * before. The memory is zero before the first.
 */
#ifndef REMOTE_DISK_RING_H
#define REMOTE_DISK_RING_H

#include <stdint.h>

#define REMOTE_DISK_SLOTS  16
#define REMOTE_DISK_BYTES  (64U << 10) /* of data in a slot */
#define REMOTE_DISK_SECTOR 512

enum remote_disk_op {
	REMOTE_DISK_READ = 1,
	REMOTE_DISK_WRITE = 2,
	REMOTE_DISK_FLUSH = 3,
};

/* Every other status is an error. */
#define REMOTE_DISK_OK 1

struct remote_disk_slot {
	/* The root's. */
	uint32_t asked;
	uint32_t op;
	uint64_t sector;
	uint32_t bytes; /* whole sectors, at most REMOTE_DISK_BYTES */
	uint32_t roots[11];
	/* The server's. */
	uint32_t answered;
	uint32_t status;
	uint32_t servers[14];
};

struct remote_disk_ring {
	/* The server's. */
	uint64_t sectors;
	uint32_t hello;
	uint32_t servers[13];
	/* The root's. */
	uint32_t welcome;
	uint32_t roots[15];
	struct remote_disk_slot slots[REMOTE_DISK_SLOTS];
	uint8_t space[4096 - 128 - REMOTE_DISK_SLOTS * 128];
	uint8_t data[REMOTE_DISK_SLOTS][REMOTE_DISK_BYTES];
};

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A packed ring, driven by hand on top of the box: descriptors with their wrap bits, used entries,
 * event suppression. Like the box's split rings it can break every rule.
 */
#ifndef PACKED_H
#define PACKED_H

#include "box.h"

#define PACKED_ENTRY ((uint32_t)sizeof(struct vio_packed_desc))

struct packed {
	struct box *box;
	uint32_t queue;
	uint16_t size;
	/* The driver's side: where the next descriptor goes, and where the next used entry comes.
	 */
	uint16_t next;
	uint16_t used;
	bool next_wrap;
	bool used_wrap;
};

/*
 * Negotiates RING_PACKED and `features`, sets all queues up, `ring` being queue `queue` with `size`
 * entries, and sets DRIVER_OK.
 */
void packed_start(struct packed *ring, struct box *box, uint64_t features, uint32_t queue,
		  uint16_t size);

/* Only the ring's own state, and its memory zeroed: the queue is to be set up anew. */
void packed_init(struct packed *ring, struct box *box, uint32_t queue, uint16_t size);

/* Sets the queue up at its usual place; returns what QueueReady reads then. */
uint32_t packed_ready(struct packed *ring);

/* Writes entry `index` as it is given; the driver's position does not move. */
void packed_put(struct packed *ring, uint16_t index, uint64_t addr, uint32_t len, uint16_t id,
		uint16_t flags);
/* The same for entry `index` of an indirect table at `table`. */
void packed_entry(struct box *box, uint64_t table, uint16_t index, uint64_t addr, uint32_t len,
		  uint16_t id, uint16_t flags);

/* AVAIL and USED of an entry that is available at the driver's position. */
uint16_t packed_available(const struct packed *ring);

/* Makes a descriptor available, at once, at the driver's position; packed_offer() kicks too. */
void packed_add(struct packed *ring, uint64_t addr, uint32_t len, uint16_t flags, uint16_t id);
void packed_offer(struct packed *ring, uint64_t addr, uint32_t len, uint16_t flags, uint16_t id);

/* Entry `index`, in the CPU's order. */
struct vio_packed_desc packed_at(const struct packed *ring, uint16_t index);

/* Whether the entry at the used position is used. */
bool packed_is_used(const struct packed *ring);

/*
 * The next used entry must be there, name buffer `id`, report `len` bytes, and stand for `entries`
 * of the ring, after which the next is to come.
 */
void packed_expect(struct packed *ring, uint16_t id, uint32_t len, uint16_t entries);

/* What the driver wants to hear of, and what the device does. */
void packed_set_event(struct packed *ring, uint16_t off_wrap, uint16_t flags);
struct vio_packed_event packed_event(const struct packed *ring);

/* off_wrap of a position. */
uint16_t packed_off_wrap(uint16_t off, bool wrap);

/* box_snapshot(), the entries of the ring allowed to change as well. */
void packed_snapshot(struct packed *ring);

/* box_assert_works() for this format: a message echoed on each queue. */
void packed_assert_works(struct box *box);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's address space: regions, each either real, that is mapped memory or a passed-through
 * block of devices, or virtual, a bank of registers whose every access traps and is answered by
 * the root.
 */
#ifndef SPACE_H
#define SPACE_H

#include <stdbool.h>
#include <stdint.h>

struct vcpu;

/* A virtual region. Offsets are within the region; width is 1, 2, 4 or 8 bytes, any alignment. */
struct region_ops {
	uint64_t (*read)(void *owner, struct vcpu *vcpu, uint64_t offset, unsigned width);
	void (*write)(void *owner, struct vcpu *vcpu, uint64_t offset, unsigned width,
		      uint64_t value);
	/* Optional: the guest is about to start, the registers take their reset values. */
	void (*prepare)(void *owner);
};

enum region_kind {
	REGION_VIRTUAL,
	REGION_MEMORY,
	REGION_READ_ONLY, /* memory that the guest cannot write: that is an access to nothing */
	REGION_ROM,       /* the same, but what it writes is lost, as before a ROM */
	REGION_DEVICE,    /* real registers */
};

struct region {
	uint64_t base; /* guest-physical */
	uint64_t size;
	uint64_t physical; /* real regions: where it is; with base and size multiples of 4 KiB */
	const struct region_ops *ops; /* virtual regions */
	void *owner;                  /* handed to ops */
	enum region_kind kind;
	bool shared; /* memory: others have it too, so it is not zeroed for this guest */
	bool pooled; /* memory: taken from the pool, to which it goes back */
};

#define SPACE_REGIONS 40

struct space {
	struct region *regions[SPACE_REGIONS];
	unsigned count;
};

/* Adds a region, which must outlive the space. False: empty, wraps, overlaps another, or no room.
 */
bool space_add(struct space *space, struct region *region);

/* The region that `address` lies in, or NULL. */
struct region *space_find(const struct space *space, uint64_t address);

#endif

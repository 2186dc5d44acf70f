/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest memory: the regions a guest owns, and the one function that turns an address of its into
 * a pointer of ours.
 */
#ifndef VIO_MEMORY_H
#define VIO_MEMORY_H

#include "vio_types.h"

enum vio_access {
	VIO_ACCESS_READ = 1,
	VIO_ACCESS_WRITE = 2,
	VIO_ACCESS_READ_WRITE = 3,
};

struct vio_region {
	uint64_t base;   /* guest-physical address */
	uint64_t size;   /* bytes, never 0 */
	uint8_t *data;   /* where the root sees it */
	unsigned access; /* of enum vio_access: what devices may do to it for the guest */
};

/* The caller owns it and the storage behind it; one guest's devices share one. */
struct vio_memory {
	struct vio_region *regions;
	unsigned count;
	unsigned capacity;
	/*
	 * The first region once more, that should be the guest's RAM, as the hot path asks for
	 * it. `bytes`: what may be read of it [0] and what may be written [VIO_DESC_F_WRITE],
	 * either all or nothing, so that one comparison tells both the end and the access.
	 */
	uint64_t base;
	uint8_t *data;
	uint64_t bytes[3];
};

/* `storage` holds up to `capacity` regions, at least 1, and must live as long as `memory`. */
void vio_memory_init(struct vio_memory *memory, struct vio_region *storage, unsigned capacity);

/*
 * Adds a region. One that continues another, in guest and root addresses alike and with the same
 * access, is merged with it: a buffer may span the two. Returns false, and changes nothing, when
 * the region is empty, wraps, overlaps another, or finds no room. Not to be called while a device
 * of this guest is being served.
 */
bool vio_memory_add(struct vio_memory *memory, struct vio_region region);

/*
 * The root's address of the `len` bytes at guest address `addr`, or NULL when they are not all in
 * one region that allows `access`. `len` 0 asks for the address alone: it must lie in a region.
 * Safe for any values, whoever chose them.
 */
void *vio_memory_at(const struct vio_memory *memory, uint64_t addr, uint64_t len, unsigned access);

/* ---- Inside the core ---- */

/*
 * Whether `len` bytes, `offset` from the start of the first region modulo 2^64, are in it and may
 * be read (`write` 0) or written (VIO_DESC_F_WRITE). They are at least one: an empty range, like
 * one that wraps, ends before it begins. What is not here may be elsewhere: vio_memory_at().
 */
static inline bool vio_memory_holds(const struct vio_memory *memory, uint64_t offset, uint64_t len,
				    size_t write)
{
	uint64_t end = offset + len;

	return offset < end && end <= memory->bytes[write];
}

#endif

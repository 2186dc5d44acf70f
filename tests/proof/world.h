/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest memory, of which a proof knows where it is, and never what is in it (guest.h). */
#ifndef WORLD_H
#define WORLD_H

#include "vio_ring.h"

#ifndef MEMORY
#define MEMORY (UINT64_C(1) << 33) /* enough for any sum of lengths */
#endif

/* What the device may only read, and what it may also write. */
static uint8_t readable_memory[MEMORY];
static uint8_t memory[MEMORY];

static bool write_only; /* then `memory` may not be read */

static struct vio_memory guest;

struct vio_region nondet_region(void);
struct vio_device nondet_device(void);
struct vio_queue nondet_queue(void);
struct vio_queue_config nondet_config(void);
struct vio_completion nondet_completion(void);
struct vio_request nondet_request(void);

/* Any first region, which is looked at in passing; all others through vio_memory_at(). */
static void any_memory(void)
{
	uint64_t size = nondet_u64();
	bool writable = any_bool();

	ASSUME(size <= sizeof(memory));
	guest.base = nondet_u64();
	guest.data = writable ? memory : readable_memory;
	write_only = any_bool();
	guest.bytes[0] = !(writable && write_only) && any_bool() ? size : 0;
	guest.bytes[VIO_DESC_F_WRITE] = writable ? size : 0;
}

static bool is_at(const volatile void *pointer, const volatile void *object)
{
	return __CPROVER_POINTER_OBJECT(pointer) == __CPROVER_POINTER_OBJECT(object);
}

static uint64_t offset_of(const volatile void *pointer)
{
	return __CPROVER_POINTER_OFFSET(pointer);
}

#ifndef TRANSLATION
/*
 * What memory.c proves of vio_memory_at() takes its place: NULL, or the root's address of `len`
 * bytes that allow `access`. Which, is the guest's choice, who chose the address.
 */
void *vio_memory_at(const struct vio_memory *table, uint64_t addr, uint64_t len, unsigned access)
{
	uint64_t offset = nondet_u64();
	bool elsewhere = write_only && (access & VIO_ACCESS_READ) != 0;
	bool to_write = (access & VIO_ACCESS_WRITE) != 0;
	bool writable = to_write || (!elsewhere && any_bool());

	PROVE(table == &guest);
	(void)addr;
	if ((elsewhere && to_write) || any_bool())
		return NULL;
	ASSUME(offset < sizeof(memory) && len <= sizeof(memory) - offset);
	return (writable ? memory : readable_memory) + offset;
}
#endif

/* Whether these bytes are the guest's and allow `access`. */
static bool is_guests(const volatile void *data, uint64_t len, unsigned access)
{
	return ((is_at(data, memory) & (((access & VIO_ACCESS_READ) == 0) | !write_only)) |
		(is_at(data, readable_memory) & ((access & VIO_ACCESS_WRITE) == 0))) &
	       (offset_of(data) <= sizeof(memory)) & (len <= sizeof(memory) - offset_of(data));
}

#endif

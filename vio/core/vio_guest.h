/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loads from and stores to memory that a guest may be writing at the same moment.
 *
 * Every load below is one volatile access, so a value that was checked is the value that is used;
 * a 64-bit field on a 32-bit root is two halves, and a torn value is checked like any other. What
 * the loads return is turned from the ring's byte order into the CPU's. A ring is little-endian; a
 * source that is compiled once more for legacy guests in the other order says so before this.
 *
 * Order between root and guest stands in four places only: acquire when the driver's index is
 * read, release when ours is published, one full fence between publishing and asking whether the
 * driver wants to hear of it, and one between arming a kick and looking at the ring again.
 */
#ifndef VIO_GUEST_H
#define VIO_GUEST_H

#include <stdatomic.h>

#include "vio_types.h"

#ifndef VIO_GUEST_BIG_ENDIAN
#define VIO_GUEST_BIG_ENDIAN false
#endif

static inline uint16_t vio_guest16(uint16_t value)
{
	return VIO_GUEST_BIG_ENDIAN != VIO_BIG_ENDIAN ? __builtin_bswap16(value) : value;
}

static inline uint32_t vio_guest32(uint32_t value)
{
	return VIO_GUEST_BIG_ENDIAN != VIO_BIG_ENDIAN ? __builtin_bswap32(value) : value;
}

static inline uint64_t vio_guest64(uint64_t value)
{
	return VIO_GUEST_BIG_ENDIAN != VIO_BIG_ENDIAN ? __builtin_bswap64(value) : value;
}

/*
 * Test builds see each load of guest memory, and may change the memory after it, which finds
 * every double fetch: void vio_guest_loaded(const volatile void *address, size_t size).
 * They see the fences, too, as loads of nothing (NULL, 0).
 */
#ifdef VIO_TEST_GUEST_LOADS
void vio_guest_loaded(const volatile void *address, size_t size);
#else
static inline void vio_guest_loaded(const volatile void *address, size_t size)
{
	(void)address;
	(void)size;
}
#endif

/* A word may be two 16-bit fields, which the other side writes, or reads, one by one. */
typedef uint32_t __attribute__((__may_alias__)) vio_guest_word;
typedef _Atomic uint32_t __attribute__((__may_alias__)) vio_guest_atomic_word;

static inline uint16_t vio_guest_load16(const volatile uint16_t *from)
{
	uint16_t value = *from;

	vio_guest_loaded(from, sizeof(*from));
	return vio_guest16(value);
}

static inline uint32_t vio_guest_load32(const volatile uint32_t *from)
{
	uint32_t value = *(const volatile vio_guest_word *)from;

	vio_guest_loaded(from, sizeof(*from));
	return vio_guest32(value);
}

static inline uint64_t vio_guest_load64(const volatile uint64_t *from)
{
	uint64_t value = *from;

	vio_guest_loaded(from, sizeof(*from));
	return vio_guest64(value);
}

/* What the driver wrote before this index is visible after it. */
static inline uint16_t vio_guest_load16_acquire(volatile uint16_t *from)
{
	uint16_t value =
		atomic_load_explicit((volatile _Atomic uint16_t *)from, memory_order_acquire);

	vio_guest_loaded(from, sizeof(*from));
	return vio_guest16(value);
}

static inline uint32_t vio_guest_load32_acquire(volatile uint32_t *from)
{
	uint32_t value =
		atomic_load_explicit((volatile vio_guest_atomic_word *)from, memory_order_acquire);

	vio_guest_loaded(from, sizeof(*from));
	return vio_guest32(value);
}

static inline void vio_guest_store16(volatile uint16_t *to, uint16_t value)
{
	*to = vio_guest16(value);
}

static inline void vio_guest_store32(volatile uint32_t *to, uint32_t value)
{
	*(volatile vio_guest_word *)to = vio_guest32(value);
}

/* What we wrote before this index is visible to a driver that sees it. */
static inline void vio_guest_store16_release(volatile uint16_t *to, uint16_t value)
{
	atomic_store_explicit((volatile _Atomic uint16_t *)to, vio_guest16(value),
			      memory_order_release);
}

static inline void vio_guest_store32_release(volatile uint32_t *to, uint32_t value)
{
	atomic_store_explicit((volatile vio_guest_atomic_word *)to, vio_guest32(value),
			      memory_order_release);
}

static inline void vio_guest_fence(void)
{
	atomic_thread_fence(memory_order_seq_cst);
	vio_guest_loaded(NULL, 0);
}

#endif

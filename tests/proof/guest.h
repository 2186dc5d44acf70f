/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the guest's memory is to a proof: included before everything else, in the place of
 * vio_guest.h.
 *
 * A load gives any value at all, whatever the one before it gave: a guest that rewrites its memory
 * at every moment, and, where a 64-bit load is two halves, a torn value. A store changes nothing,
 * since no load could tell. Each must be inside one object, and where the proof allows it.
 */
#ifndef VIO_GUEST_H
#define VIO_GUEST_H

#define VIO_PROVED /* what the compiler is told beside C is left out */

#include "proof.h"

/* A value is as arbitrary in either byte order. */
#define VIO_GUEST_BIG_ENDIAN VIO_BIG_ENDIAN

/* The harness's: whether the device may, at this moment; it may also note what was. */
bool proof_load(const volatile void *from, size_t size, uint64_t value);
bool proof_store(const volatile void *to, size_t size, uint32_t value, bool release);

static inline uint16_t vio_guest_load16(const volatile uint16_t *from)
{
	uint16_t value = nondet_u16();

	PROVE(__CPROVER_r_ok(from, sizeof(*from)));
	PROVE(proof_load(from, sizeof(*from), value));
	return value;
}

static inline uint32_t vio_guest_load32(const volatile uint32_t *from)
{
	uint32_t value = nondet_u32();

	PROVE(__CPROVER_r_ok(from, sizeof(*from)));
	PROVE(proof_load(from, sizeof(*from), value));
	return value;
}

static inline uint64_t vio_guest_load64(const volatile uint64_t *from)
{
	uint64_t value = nondet_u64();

	PROVE(__CPROVER_r_ok(from, sizeof(*from)));
	PROVE(proof_load(from, sizeof(*from), value));
	return value;
}

static inline uint16_t vio_guest_load16_acquire(volatile uint16_t *from)
{
	return vio_guest_load16(from);
}

static inline uint32_t vio_guest_load32_acquire(volatile uint32_t *from)
{
	return vio_guest_load32(from);
}

static inline void vio_guest_store16(volatile uint16_t *to, uint16_t value)
{
	PROVE(__CPROVER_w_ok(to, sizeof(*to)));
	PROVE(proof_store(to, sizeof(*to), value, false));
}

static inline void vio_guest_store32(volatile uint32_t *to, uint32_t value)
{
	PROVE(__CPROVER_w_ok(to, sizeof(*to)));
	PROVE(proof_store(to, sizeof(*to), value, false));
}

static inline void vio_guest_store16_release(volatile uint16_t *to, uint16_t value)
{
	PROVE(__CPROVER_w_ok(to, sizeof(*to)));
	PROVE(proof_store(to, sizeof(*to), value, true));
}

static inline void vio_guest_store32_release(volatile uint32_t *to, uint32_t value)
{
	PROVE(__CPROVER_w_ok(to, sizeof(*to)));
	PROVE(proof_store(to, sizeof(*to), value, true));
}

/* Order is not CBMC's business but SPIN's (notify.pml). */
static inline void vio_guest_fence(void)
{
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What vio_guest.h is to a proof: included before everything else, in its place. A load gives any
 * value at all, whatever the one before it gave: a guest that rewrites its memory at every moment,
 * and, where a 64-bit load is two halves, a torn value. A store changes nothing, since no load
 * could tell. Both must be inside an object of the right size; a store also inside what the proof
 * says is the ring's.
 */
#ifndef VIO_GUEST_H
#define VIO_GUEST_H

#include "proof.h"

/* The harness's: what the device may write, and who hears of loads and stores. */
bool proof_may_store(const volatile void *to, size_t size);
void proof_loaded(const volatile void *from, uint64_t value);
void proof_stored(const volatile void *to, uint32_t value, bool release);

static inline uint16_t vio_guest_load16(const volatile uint16_t *from)
{
	uint16_t value = nondet_u16();

	PROVE(__CPROVER_r_ok(from, sizeof(*from)));
	proof_loaded(from, value);
	return value;
}

static inline uint32_t vio_guest_load32(const volatile uint32_t *from)
{
	uint32_t value = nondet_u32();

	PROVE(__CPROVER_r_ok(from, sizeof(*from)));
	proof_loaded(from, value);
	return value;
}

static inline uint64_t vio_guest_load64(const volatile uint64_t *from)
{
	uint64_t value = nondet_u64();

	PROVE(__CPROVER_r_ok(from, sizeof(*from)));
	proof_loaded(from, value);
	return value;
}

static inline uint16_t vio_guest_load16_acquire(volatile uint16_t *from)
{
	return vio_guest_load16(from);
}

static inline void vio_guest_store16(volatile uint16_t *to, uint16_t value)
{
	PROVE(__CPROVER_w_ok(to, sizeof(*to)));
	PROVE(proof_may_store(to, sizeof(*to)));
	proof_stored(to, value, false);
}

static inline void vio_guest_store32(volatile uint32_t *to, uint32_t value)
{
	PROVE(__CPROVER_w_ok(to, sizeof(*to)));
	PROVE(proof_may_store(to, sizeof(*to)));
	proof_stored(to, value, false);
}

static inline void vio_guest_store16_release(volatile uint16_t *to, uint16_t value)
{
	PROVE(__CPROVER_w_ok(to, sizeof(*to)));
	PROVE(proof_may_store(to, sizeof(*to)));
	proof_stored(to, value, true);
}

/* Order is not CBMC's business but SPIN's (notify.pml). */
static inline void vio_guest_fence(void)
{
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of a proof, and the guest memory that proofs share. */
#ifndef PROOF_H
#define PROOF_H

#include "vio_types.h"

#define ASSUME(condition) __CPROVER_assume(condition)
#define PROVE(condition)  __CPROVER_assert(condition, #condition)

/* Any value: functions without a body. */
uint8_t nondet_u8(void);
uint16_t nondet_u16(void);
uint32_t nondet_u32(void);
uint64_t nondet_u64(void);

/* A prover's bool may be any byte. */
static inline bool any_bool(void)
{
	return nondet_u8() & 1;
}

#endif

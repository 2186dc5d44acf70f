/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random bytes for guests: a ChaCha20 generator (RFC 8439) with fast key erasure. Each refill of
 * the pool replaces the key by output that nobody is given, and bytes are erased from the pool
 * when they are given, so who sees the state learns nothing of what went before.
 */
#ifndef CSPRNG_H
#define CSPRNG_H

#include "vio_rng.h"

#define CSPRNG_SEED     32  /* bytes of entropy that make it secure */
#define CSPRNG_POOL     256 /* bytes made at a time, a multiple of CSPRNG_BLOCK */
#define CSPRNG_BLOCK    64

/* Bytes after which fresh entropy is asked for. It goes on meanwhile. */
#define CSPRNG_INTERVAL (UINT32_C(1) << 20)

struct csprng {
	struct vio_entropy source;
	/* From inside fill(), once an interval: csprng_seed() is wanted soon. May be NULL. */
	void (*seed_wanted)(struct csprng *csprng);

	uint32_t key[8];
	uint8_t pool[CSPRNG_POOL];
	uint32_t left;  /* bytes of the pool not yet given: those at its end */
	uint32_t given; /* bytes since the last seed */
	bool seeded;
};

/* Not seeded: fill() gives nothing. */
void csprng_init(struct csprng *csprng, void (*seed_wanted)(struct csprng *csprng));

/*
 * Adds entropy, best CSPRNG_SEED bytes or more of a true source. It can only get better by what it
 * is given. Having had CSPRNG_SEED bytes in one call it is seeded; then call vio_rng_ready().
 */
void csprng_seed(struct csprng *csprng, const void *seed, size_t len);

/* One block of key stream, RFC 8439, 2.3: `out` gets CSPRNG_BLOCK bytes. */
void chacha20_block(const uint32_t key[8], uint32_t counter, const uint32_t nonce[3], uint8_t *out);

#endif

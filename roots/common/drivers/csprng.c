/* SPDX-License-Identifier: BSD-2-Clause */
#include "csprng.h"

static uint32_t rotate(uint32_t value, unsigned by)
{
	return value << by | value >> (32 - by);
}

static void quarter_round(uint32_t *s, unsigned a, unsigned b, unsigned c, unsigned d)
{
	s[a] += s[b];
	s[d] = rotate(s[d] ^ s[a], 16);
	s[c] += s[d];
	s[b] = rotate(s[b] ^ s[c], 12);
	s[a] += s[b];
	s[d] = rotate(s[d] ^ s[a], 8);
	s[c] += s[d];
	s[b] = rotate(s[b] ^ s[c], 7);
}

void chacha20_block(const uint32_t key[8], uint32_t counter, const uint32_t nonce[3], uint8_t *out)
{
	/* "expand 32-byte k", the key, the counter, the nonce: 2.3. */
	const uint32_t start[16] = {
		0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, key[0], key[1],
		key[2],     key[3],     key[4],     key[5],     key[6], key[7],
		counter,    nonce[0],   nonce[1],   nonce[2],
	};
	uint32_t s[16];
	size_t i = 0;

	memcpy(s, start, sizeof(s));
	for (i = 0; i < 10; i++) {
		quarter_round(s, 0, 4, 8, 12);
		quarter_round(s, 1, 5, 9, 13);
		quarter_round(s, 2, 6, 10, 14);
		quarter_round(s, 3, 7, 11, 15);
		quarter_round(s, 0, 5, 10, 15);
		quarter_round(s, 1, 6, 11, 12);
		quarter_round(s, 2, 7, 8, 13);
		quarter_round(s, 3, 4, 9, 14);
	}
	for (i = 0; i < 16; i++) {
		s[i] = vio_le32(s[i] + start[i]);
		memcpy(out + 4 * i, &s[i], 4);
	}
}

/* The key is used once, for these blocks; the first of their bytes are the next one. */
static void refill(struct csprng *csprng)
{
	static const uint32_t no_nonce[3];
	uint32_t i = 0;

	for (i = 0; i < CSPRNG_POOL / CSPRNG_BLOCK; i++)
		chacha20_block(csprng->key, i, no_nonce, csprng->pool + (size_t)i * CSPRNG_BLOCK);
	memcpy(csprng->key, csprng->pool, sizeof(csprng->key));
	memset(csprng->pool, 0, sizeof(csprng->key));
	csprng->left = CSPRNG_POOL - sizeof(csprng->key);
}

static void count(struct csprng *csprng, uint32_t len)
{
	uint32_t before = csprng->given;

	csprng->given += len;
	if (csprng->given / CSPRNG_INTERVAL != before / CSPRNG_INTERVAL && csprng->seed_wanted)
		csprng->seed_wanted(csprng);
}

static uint32_t fill(struct vio_entropy *source, void *to, uint32_t len)
{
	struct csprng *csprng = VIO_CONTAINER_OF(source, struct csprng, source);
	uint8_t *at = to;
	uint32_t rest = len;

	if (!csprng->seeded)
		return 0;
	while (rest > 0) {
		uint8_t *bytes = NULL;
		uint32_t part = 0;

		if (csprng->left == 0)
			refill(csprng);
		part = rest < csprng->left ? rest : csprng->left;
		bytes = csprng->pool + CSPRNG_POOL - csprng->left;
		memcpy(at, bytes, part);
		memset(bytes, 0, part);
		csprng->left -= part;
		at += part;
		rest -= part;
	}
	count(csprng, len);
	return len;
}

/* Each piece is added to the key, and the sum replaced by what it generates. */
void csprng_seed(struct csprng *csprng, const void *seed, size_t len)
{
	const uint8_t *bytes = seed;
	size_t i = 0;

	for (i = 0; i < len; i++) {
		size_t at = i % sizeof(csprng->key);

		csprng->key[at / 4] ^= (uint32_t)bytes[i] << (8 * (at % 4));
		if (at == sizeof(csprng->key) - 1 || i == len - 1)
			refill(csprng);
	}
	/* What is in the pool may be known to who knew the old key. */
	memset(csprng->pool, 0, sizeof(csprng->pool));
	csprng->left = 0;
	csprng->given = 0;
	if (len >= CSPRNG_SEED)
		csprng->seeded = true;
}

void csprng_init(struct csprng *csprng, void (*seed_wanted)(struct csprng *csprng))
{
	*csprng = (struct csprng){ .source = { .fill = fill }, .seed_wanted = seed_wanted };
}

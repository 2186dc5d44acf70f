/* SPDX-License-Identifier: BSD-2-Clause */
/* ChaCha20 against RFC 8439, and the generator built on it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "csprng.h"

static struct csprng csprng;
static unsigned wanted;

static void on_seed_wanted(struct csprng *c)
{
	assert_ptr_equal(c, &csprng);
	wanted++;
}

static int setup(void **state)
{
	(void)state;
	wanted = 0;
	csprng_init(&csprng, on_seed_wanted);
	return 0;
}

static uint32_t fill(void *to, uint32_t len)
{
	return csprng.source.fill(&csprng.source, to, len);
}

static void chacha20_rfc8439_2_3_2(void **state)
{
	static const uint8_t expected[64] = {
		0x10, 0xf1, 0xe7, 0xe4, 0xd1, 0x3b, 0x59, 0x15, 0x50, 0x0f, 0xdd, 0x1f, 0xa3,
		0x20, 0x71, 0xc4, 0xc7, 0xd1, 0xf4, 0xc7, 0x33, 0xc0, 0x68, 0x03, 0x04, 0x22,
		0xaa, 0x9a, 0xc3, 0xd4, 0x6c, 0x4e, 0xd2, 0x82, 0x64, 0x46, 0x07, 0x9f, 0xaa,
		0x09, 0x14, 0xc2, 0xd7, 0x05, 0xd9, 0x8b, 0x02, 0xa2, 0xb5, 0x12, 0x9c, 0xd1,
		0xde, 0x16, 0x4e, 0xb9, 0xcb, 0xd0, 0x83, 0xe8, 0xa2, 0x50, 0x3c, 0x4e,
	};
	const uint32_t nonce[3] = { 0x09000000, 0x4a000000, 0x00000000 };
	uint32_t key[8];
	uint8_t out[64];
	unsigned i = 0;

	(void)state;
	for (i = 0; i < 8; i++)
		key[i] = 0x03020100 + i * 0x04040404;
	chacha20_block(key, 1, nonce, out);
	assert_memory_equal(out, expected, 64);
}

/* Appendix A.1, vectors 1 and 2: all zero, counters 0 and 1. */
static void chacha20_rfc8439_a_1(void **state)
{
	static const uint8_t first[16] = { 0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90,
					   0x40, 0x5d, 0x6a, 0xe5, 0x53, 0x86, 0xbd, 0x28 };
	static const uint8_t second[16] = { 0x9f, 0x07, 0xe7, 0xbe, 0x55, 0x51, 0x38, 0x7a,
					    0x98, 0xba, 0x97, 0x7c, 0x73, 0x2d, 0x08, 0x0d };
	const uint32_t zero[8] = { 0 };
	uint8_t out[64];

	(void)state;
	chacha20_block(zero, 0, zero, out);
	assert_memory_equal(out, first, 16);
	chacha20_block(zero, 1, zero, out);
	assert_memory_equal(out, second, 16);
}

static void gives_nothing_before_it_is_seeded(void **state)
{
	uint8_t out[8] = { 0 };

	(void)state;
	assert_int_equal(fill(out, 8), 0);
	csprng_seed(&csprng, "too short", 9);
	assert_int_equal(fill(out, 8), 0);
	csprng_seed(&csprng, "thirty-two bytes of some entropy", 32);
	assert_int_equal(fill(out, 8), 8);
}

/* The first bytes, worked out by hand from the block function. */
static void stream_is_chacha20_with_key_erasure(void **state)
{
	const uint32_t nonce[3] = { 0 };
	uint8_t seed[32] = "thirty-two bytes of some entropy";
	uint8_t block[64];
	uint8_t out[64 + 224];
	uint32_t key[8];

	(void)state;
	csprng_seed(&csprng, seed, 32);
	assert_int_equal(fill(out, sizeof(out)), sizeof(out));

	memcpy(key, seed, 32); /* the test runs on a little-endian machine */
	chacha20_block(key, 0, nonce, block);
	memcpy(key, block, 32);
	chacha20_block(key, 0, nonce, block);
	assert_memory_equal(out, block + 32, 32);
	memcpy(seed, block, 32);
	chacha20_block(key, 1, nonce, block);
	assert_memory_equal(out + 32, block, 64);
	/* After 224 bytes the pool is empty and the key another. */
	memcpy(key, seed, 32);
	chacha20_block(key, 0, nonce, block);
	assert_memory_equal(out + 224, block + 32, 32);
}

/* How bytes are asked for changes nothing, and what was given is not kept. */
static void pieces_make_the_same_stream(void **state)
{
	static uint8_t whole[4096];
	static uint8_t pieces[4096];
	uint32_t at = 0;
	uint32_t i = 0;

	(void)state;
	csprng_seed(&csprng, "thirty-two bytes of some entropy", 32);
	assert_int_equal(fill(whole, sizeof(whole)), sizeof(whole));
	setup(NULL);
	csprng_seed(&csprng, "thirty-two bytes of some entropy", 32);
	while (at < sizeof(pieces)) {
		uint32_t len = at % 97 + 1;

		len = len < sizeof(pieces) - at ? len : (uint32_t)sizeof(pieces) - at;
		assert_int_equal(fill(pieces + at, len), len);
		at += len;
		for (i = 0; i < CSPRNG_POOL - csprng.left; i++)
			assert_int_equal(csprng.pool[i], 0);
	}
	assert_memory_equal(whole, pieces, sizeof(whole));
}

static void seed_changes_the_stream(void **state)
{
	uint8_t a[32];
	uint8_t b[32];
	struct csprng copy;

	(void)state;
	csprng_seed(&csprng, "thirty-two bytes of some entropy", 32);
	copy = csprng;
	csprng_seed(&csprng, "more", 4);
	assert_int_equal(fill(a, 32), 32);
	assert_int_equal(copy.source.fill(&copy.source, b, 32), 32);
	assert_memory_not_equal(a, b, 32);
	/* Longer than a key: every byte counts. */
	setup(NULL);
	memset(a, 7, 32);
	csprng_seed(&csprng, "0123456789abcdef0123456789abcdef0123456789abcdef", 48);
	fill(a, 32);
	setup(NULL);
	csprng_seed(&csprng, "0123456789abcdef0123456789abcdef0123456789abcdeX", 48);
	fill(b, 32);
	assert_memory_not_equal(a, b, 32);
}

static void asks_for_a_new_seed(void **state)
{
	static uint8_t out[CSPRNG_INTERVAL / 4];
	unsigned i = 0;

	(void)state;
	csprng_seed(&csprng, "thirty-two bytes of some entropy", 32);
	for (i = 0; i < 3; i++)
		fill(out, sizeof(out));
	assert_int_equal(wanted, 0);
	for (i = 0; i < 4; i++)
		fill(out, sizeof(out));
	assert_int_equal(wanted, 1);
	csprng_seed(&csprng, "thirty-two bytes of some entropy", 32);
	for (i = 0; i < 3; i++)
		fill(out, sizeof(out));
	assert_int_equal(wanted, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chacha20_rfc8439_2_3_2),
		cmocka_unit_test(chacha20_rfc8439_a_1),
		cmocka_unit_test_setup(gives_nothing_before_it_is_seeded, setup),
		cmocka_unit_test_setup(stream_is_chacha20_with_key_erasure, setup),
		cmocka_unit_test_setup(pieces_make_the_same_stream, setup),
		cmocka_unit_test_setup(seed_changes_the_stream, setup),
		cmocka_unit_test_setup(asks_for_a_new_seed, setup),
	};

	return cmocka_run_group_tests_name("csprng", tests, NULL, NULL);
}

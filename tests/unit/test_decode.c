/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The decoder against the assembler: each word of a64_loads.h with many register values. Serves
 * hostile case 70.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "vio_arm_decode.h"

enum mode {
	PLAIN,
	BEFORE,
	AFTER,
};

enum extend {
	IMMEDIATE,
	LSL,
	UXTW,
	SXTW,
	SXTX,
};

/* What the assembler's text says. */
struct a64_case {
	uint32_t word;
	const char *text;
	unsigned pair, write, width, sign, wide;
	unsigned rt, rt2, rn, rm;
	enum mode mode;
	enum extend extend;
	unsigned shift;
	int offset;
};

#include "a64_loads.h"

static uint64_t random_state = 88172645463325252u;

static uint64_t random64(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static void random_registers(uint64_t *x)
{
	unsigned i = 0;

	for (i = 0; i < 32; i++)
		x[i] = random64() >> (random64() & 63);
}

static uint64_t expected_offset(const struct a64_case *c, const uint64_t *x)
{
	uint64_t rm = c->rm == 31 ? 0 : x[c->rm];

	switch (c->extend) {
	case UXTW:
		return (rm & 0xffffffff) << c->shift;
	case SXTW:
		return (uint64_t)(int64_t)(int32_t)rm << c->shift;
	case LSL:
	case SXTX:
		return rm << c->shift;
	default:
		return (uint64_t)(int64_t)c->offset;
	}
}

static void check_case(const struct a64_case *c, const uint64_t *x)
{
	struct vio_arm_instruction got;
	uint64_t moved = x[c->rn] + expected_offset(c, x);
	uint64_t address = c->mode == AFTER ? x[c->rn] : moved;
	unsigned i = 0;

	if (!vio_arm_decode(c->word, x, &got))
		fail_msg("%s: refused", c->text);
	if (got.count != 1 + c->pair || got.write_back != (c->mode != PLAIN) ||
	    (got.write_back && (got.base != c->rn || got.base_value != moved)))
		fail_msg("%s: count or write-back", c->text);
	for (i = 0; i < got.count; i++) {
		const struct vio_arm_access *access = &got.accesses[i];

		if (access->address != address + (uint64_t)i * c->width ||
		    access->width != c->width || access->write != c->write ||
		    access->reg != (i == 0 ? c->rt : c->rt2) ||
		    (!c->write && (access->sign_extend != c->sign || access->wide != c->wide)))
			fail_msg("%s: access %u", c->text, i);
	}
}

static void hostile_70_decodes_as_assembled(void **state)
{
	uint64_t x[32];
	unsigned i = 0;
	unsigned round = 0;

	(void)state;
	for (round = 0; round < 200; round++) {
		random_registers(x);
		for (i = 0; i < VIO_ARRAY_SIZE(accepted); i++)
			check_case(&accepted[i], x);
	}
}

static void hostile_70_refuses_what_it_does_not_know(void **state)
{
	struct vio_arm_instruction got;
	uint64_t x[32] = { 0 };
	unsigned i = 0;

	(void)state;
	for (i = 0; i < VIO_ARRAY_SIZE(refused); i++) {
		if (vio_arm_decode(refused[i].word, x, &got))
			fail_msg("%s: accepted", refused[i].text);
	}
}

/* Any word: what comes out can be carried out without a further check. */
static void hostile_70_any_word_gives_sane_fields(void **state)
{
	uint64_t x[32];
	unsigned seen = 0;
	unsigned i = 0;

	(void)state;
	random_registers(x);
	for (i = 0; i < 2000000; i++) {
		struct vio_arm_instruction got;
		unsigned k = 0;

		if (!vio_arm_decode((uint32_t)random64(), x, &got))
			continue;
		seen++;
		assert_in_range(got.count, 1, 2);
		assert_in_range(got.base, 0, 31);
		for (k = 0; k < got.count; k++) {
			assert_true(got.accesses[k].width == 1 || got.accesses[k].width == 2 ||
				    got.accesses[k].width == 4 || got.accesses[k].width == 8);
			assert_in_range(got.accesses[k].reg, 0, 31);
			assert_int_equal(got.accesses[k].write, got.accesses[0].write);
		}
	}
	assert_true(seen > 1000);
}

static void syndrome_fields(void **state)
{
	/* ldrsh w7: SAS 1, SSE, SRT 7; then str x30: SAS 3, SRT 30, SF, WnR. */
	struct vio_arm_access load = vio_arm_access_of_syndrome(0x93670007, 0x1234);
	struct vio_arm_access store = vio_arm_access_of_syndrome(0x93de8047, 0x1238);
	uint64_t x[31] = { 0 };

	(void)state;
	assert_int_equal(load.address, 0x1234);
	assert_int_equal(load.width, 2);
	assert_int_equal(load.reg, 7);
	assert_true(load.sign_extend && !load.wide && !load.write);
	assert_int_equal(store.width, 8);
	assert_int_equal(store.reg, 30);
	assert_true(store.write && store.wide && !store.sign_extend);

	vio_arm_access_load(&load, x, 0x8001);
	assert_int_equal(x[7], 0xffff8001);
	load.wide = true;
	vio_arm_access_load(&load, x, 0x8001);
	assert_int_equal(x[7], 0xffffffffffff8001);
	load.sign_extend = false;
	vio_arm_access_load(&load, x, 0x8001);
	assert_int_equal(x[7], 0x8001);

	x[30] = 0x1122334455667788;
	assert_int_equal(vio_arm_access_value(&store, x), 0x1122334455667788);
	store.width = 2;
	assert_int_equal(vio_arm_access_value(&store, x), 0x7788);
	store.reg = VIO_ARM_XZR;
	assert_int_equal(vio_arm_access_value(&store, x), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_70_decodes_as_assembled),
		cmocka_unit_test(hostile_70_refuses_what_it_does_not_know),
		cmocka_unit_test(hostile_70_any_word_gives_sane_fields),
		cmocka_unit_test(syndrome_fields),
	};

	return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}

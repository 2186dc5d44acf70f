/* SPDX-License-Identifier: BSD-2-Clause */
/* The entropy device. */
#include "slot.h"
#include "vio_rng.h"

/* A source that counts 1, 2, 3 ... and has only so many bytes. */
struct counter {
	struct vio_entropy source;
	uint32_t left;
	uint32_t given;
	uint32_t calls;
};

static uint32_t count(struct vio_entropy *source, void *to, uint32_t len)
{
	struct counter *counter = VIO_CONTAINER_OF(source, struct counter, source);
	uint8_t *at = to;

	counter->calls++;
	if (len > counter->left)
		len = counter->left;
	counter->left -= len;
	for (uint32_t i = 0; i < len; i++)
		at[i] = (uint8_t)(++counter->given);
	return len;
}

static struct counter counter;
static struct vio_rng rng;
static struct slot slot;
static uint8_t *page;

static void start(void)
{
	slot_start(&slot, VIO_BIT(VIO_F_INDIRECT_DESC), 8);
	page = slot_alloc(&slot, 4096);
}

static int attach(void **state)
{
	(void)state;
	counter = (struct counter){ .source.fill = count, .left = UINT32_MAX };
	vio_rng_init(&rng, &counter.source);
	slot_attach(&slot, &rng.device);
	start();
	return 0;
}

static void expect_counted(const uint8_t *at, uint32_t len, uint32_t from)
{
	for (uint32_t i = 0; i < len; i++)
		assert_int_equal(at[i], (uint8_t)(from + i));
}

static void RNG_D_01_fills_the_buffer(void **state)
{
	const struct vio_buffer pieces[] = { { page, 40, true }, { page + 100, 24, true } };

	(void)state;
	assert_int_equal(slot_request(&slot, 0, pieces, 2), 64);
	expect_counted(page, 40, 1);
	expect_counted(page + 100, 24, 41);
	assert_int_equal(page[40], 0);
	assert_true(slot.line);
}

static void RNG_D_02_gives_what_the_source_has(void **state)
{
	const struct vio_buffer pieces[] = { { page, 40, true }, { page + 100, 24, true } };

	(void)state;
	counter.left = 50;
	assert_int_equal(slot_request(&slot, 0, pieces, 2), 50);
	expect_counted(page + 100, 10, 41);
	assert_int_equal(page[110], 0);
}

static void RNG_P_04_holds_the_buffer_while_the_source_is_dry(void **state)
{
	const struct vio_buffer first = { page, 16, true };
	const struct vio_buffer second = { page + 16, 16, true };

	(void)state;
	counter.left = 0;
	slot_send(&slot, 0, &first, 1);
	slot_send(&slot, 0, &second, 1);
	assert_int_equal(slot_used(&slot, 0), SLOT_PENDING);
	assert_false(slot.line);

	vio_rng_ready(&rng);
	slot_settle(&slot);
	assert_int_equal(slot_used(&slot, 0), SLOT_PENDING);

	counter.left = 20;
	vio_rng_ready(&rng);
	slot_settle(&slot);
	assert_int_equal(slot_used(&slot, 0), 16);
	assert_int_equal(slot_used(&slot, 0), 4);
	expect_counted(page, 20, 1);
	assert_int_equal(slot.failed, 0);
}

/* A reset while a buffer waits: the next driver's is served, and the old one's left alone. */
static void hostile_12_reset_while_dry(void **state)
{
	const struct vio_buffer piece = { page, 16, true };
	const uint8_t *old = page;

	(void)state;
	counter.left = 0;
	slot_send(&slot, 0, &piece, 1);
	assert_true(vio_driver_reset(&slot.driver));
	assert_false(slot.parked);
	counter.left = 100;
	vio_rng_ready(&rng);
	slot_settle(&slot);
	assert_int_equal(counter.given, 0);

	start();
	assert_int_equal(slot_request(&slot, 0, &(struct vio_buffer){ page, 8, true }, 1), 8);
	assert_int_equal(old[0], 0);
}

static void hostile_60_RNG_H_03_refuses(const struct vio_buffer *buffer)
{
	slot_send(&slot, 0, buffer, 1);
	assert_int_equal(slot_used(&slot, 0), SLOT_PENDING);
	slot_expect_failure(&slot, VIO_ERROR_REFUSED);
	assert_int_equal(counter.calls, 0);

	start();
	assert_int_equal(slot_request(&slot, 0, &(struct vio_buffer){ page, 8, true }, 1), 8);
}

static void hostile_60_RNG_H_03_refuses_readable_only(void **state)
{
	(void)state;
	hostile_60_RNG_H_03_refuses(&(struct vio_buffer){ page, 16, false });
}

static void hostile_60_RNG_H_03_refuses_zero_length(void **state)
{
	(void)state;
	hostile_60_RNG_H_03_refuses(&(struct vio_buffer){ page, 0, true });
}

static void RNG_H_03_passes_over_a_readable_part(void **state)
{
	const struct vio_buffer pieces[] = { { page, 32, false }, { page + 32, 8, true } };

	(void)state;
	assert_int_equal(slot_request(&slot, 0, pieces, 2), 8);
	assert_int_equal(page[0], 0);
	expect_counted(page + 32, 8, 1);
}

static void hostile_60_a_huge_buffer_draws_no_more_than_the_cap(void **state)
{
	struct vio_buffer pieces[8];

	(void)state;
	for (unsigned i = 0; i < 8; i++)
		pieces[i] = (struct vio_buffer){ slot.ram + SLOT_RAM_SIZE / 2, SLOT_RAM_SIZE / 2,
						 true };
	assert_int_equal(slot_request(&slot, 0, pieces, 8), VIO_RNG_REQUEST_MAX);
	assert_int_equal(counter.given, VIO_RNG_REQUEST_MAX);

	/* The cap is counted over all pieces. */
	pieces[0] = (struct vio_buffer){ page, VIO_RNG_REQUEST_MAX - 1, true };
	pieces[1] = (struct vio_buffer){ page + 2048, 2, true };
	assert_int_equal(slot_request(&slot, 0, pieces, 2), VIO_RNG_REQUEST_MAX);
	assert_int_equal(page[2049], 0);
}

/* ---- The limit ---- */

/* The allowance is all there is, whatever is asked for, and a reset gains nothing. */
static void RNG_P_04_hostile_60_a_guest_over_its_limit_waits(void **state)
{
	const struct vio_buffer piece = { page, 60, true };
	unsigned calls = 0;

	(void)state;
	vio_rng_limit(&rng, 100);
	for (unsigned i = 0; i < 4; i++)
		slot_send(&slot, 0, &piece, 1);
	assert_int_equal(slot_used(&slot, 0), 60);
	assert_int_equal(slot_used(&slot, 0), 40);
	assert_int_equal(slot_used(&slot, 0), SLOT_PENDING);
	assert_int_equal(counter.given, 100);

	/* Waiting is no work: nothing is asked for again by itself, and the source is not asked. */
	calls = counter.calls;
	assert_false(slot.deferred);
	vio_rng_ready(&rng);
	slot_settle(&slot);
	assert_int_equal(counter.calls, calls);

	vio_rng_refill(&rng, 70);
	slot_settle(&slot);
	assert_int_equal(slot_used(&slot, 0), 60);
	assert_int_equal(slot_used(&slot, 0), 10);
	assert_int_equal(counter.given, 170);

	assert_true(vio_driver_reset(&slot.driver));
	start();
	assert_int_equal(slot_request(&slot, 0, &(struct vio_buffer){ page, 8, true }, 1),
			 SLOT_PENDING);
	assert_int_equal(counter.given, 170);
	vio_rng_refill(&rng, 0);
	vio_rng_refill(&rng, 5);
	slot_settle(&slot);
	assert_int_equal(slot_used(&slot, 0), 5);
	assert_int_equal(slot.failed, 0);
}

static void an_allowance_grows_to_the_burst_and_no_further(void **state)
{
	const struct vio_buffer piece = { page, 1000, true };

	(void)state;
	vio_rng_limit(&rng, 100);
	for (unsigned i = 0; i < 1000; i++)
		vio_rng_refill(&rng, UINT32_MAX);
	assert_false(slot.deferred);
	assert_int_equal(slot_request(&slot, 0, &piece, 1), 100);
	vio_rng_refill(&rng, 60);
	vio_rng_refill(&rng, 60);
	slot_settle(&slot);
	assert_int_equal(slot_request(&slot, 0, &piece, 1), 100);
	assert_int_equal(slot_request(&slot, 0, &piece, 1), SLOT_PENDING);
}

/* Two guests, one source: what one may not have is left for the other. */
static void hostile_60_a_limit_leaves_the_source_to_others(void **state)
{
	static struct vio_rng other;
	static struct slot beside;
	uint32_t before = 0;

	(void)state;
	counter.left = 5000;
	vio_rng_limit(&rng, 100);
	for (unsigned i = 0; i < 8; i++)
		slot_send(&slot, 0, &(struct vio_buffer){ page, 1024, true }, 1);
	before = counter.given;
	assert_int_equal(before, 100);

	vio_rng_init(&other, &counter.source);
	slot_attach(&beside, &other.device);
	slot_start(&beside, 0, 8);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(
			slot_request(&beside, 0,
				     &(struct vio_buffer){ slot_alloc(&beside, 1024), 1024, true },
				     1),
			1024);
}

static void without_a_limit_a_refill_is_nothing(void **state)
{
	(void)state;
	vio_rng_limit(&rng, 1);
	vio_rng_limit(&rng, 0);
	vio_rng_refill(&rng, 5);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(
			slot_request(&slot, 0, &(struct vio_buffer){ page, 1024, true }, 1), 1024);
	assert_int_equal(rng.allowance, UINT32_MAX);
}

static void RNG_P_05_has_no_config_space_and_no_features_of_its_own(void **state)
{
	(void)state;
	assert_int_equal(vio_mmio_read(&slot.mmio, VIO_MMIO_DEVICE_ID, 4), 4);
	vio_mmio_write(&slot.mmio, VIO_MMIO_DEVICE_FEATURES_SEL, 4, 0);
	assert_int_equal(vio_mmio_read(&slot.mmio, VIO_MMIO_DEVICE_FEATURES, 4) & 0xffffff, 0);
	vio_mmio_write(&slot.mmio, VIO_MMIO_CONFIG, 4, UINT32_MAX);
	assert_int_equal(vio_mmio_read(&slot.mmio, VIO_MMIO_CONFIG, 4), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(RNG_D_01_fills_the_buffer, attach),
		cmocka_unit_test_setup(RNG_D_02_gives_what_the_source_has, attach),
		cmocka_unit_test_setup(RNG_P_04_holds_the_buffer_while_the_source_is_dry, attach),
		cmocka_unit_test_setup(hostile_12_reset_while_dry, attach),
		cmocka_unit_test_setup(hostile_60_RNG_H_03_refuses_readable_only, attach),
		cmocka_unit_test_setup(hostile_60_RNG_H_03_refuses_zero_length, attach),
		cmocka_unit_test_setup(RNG_H_03_passes_over_a_readable_part, attach),
		cmocka_unit_test_setup(hostile_60_a_huge_buffer_draws_no_more_than_the_cap, attach),
		cmocka_unit_test_setup(RNG_P_04_hostile_60_a_guest_over_its_limit_waits, attach),
		cmocka_unit_test_setup(an_allowance_grows_to_the_burst_and_no_further, attach),
		cmocka_unit_test_setup(hostile_60_a_limit_leaves_the_source_to_others, attach),
		cmocka_unit_test_setup(without_a_limit_a_refill_is_nothing, attach),
		cmocka_unit_test_setup(RNG_P_05_has_no_config_space_and_no_features_of_its_own,
				       attach),
	};

	return SLOT_RUN_TESTS(tests);
}

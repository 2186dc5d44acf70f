/* SPDX-License-Identifier: BSD-2-Clause */
/* The blanking plate: it is there, and advertises nothing. */
#include "slot.h"
#include "vio_dummy.h"

static struct vio_dummy dummy;
static struct slot slot;

static int attach(void **state)
{
	(void)state;
	vio_dummy_init(&dummy);
	slot_attach(&slot, &dummy.device);
	return 0;
}

/* MMIO: DeviceID 0 with the right magic is a slot that drivers skip, 4.2.3.1.1. */
static void drivers_skip_it(void **state)
{
	(void)state;
	assert_int_equal(vio_mmio_read(&slot.mmio, VIO_MMIO_MAGIC_VALUE, 4), VIO_MMIO_MAGIC);
	assert_int_equal(vio_mmio_read(&slot.mmio, VIO_MMIO_VERSION, 4), 2);
	assert_int_equal(vio_driver_probe(&slot.driver), VIO_ID_NONE);
}

static void offers_no_feature_and_has_no_queue(void **state)
{
	(void)state;
	for (unsigned window = 0; window < 4; window++) {
		vio_mmio_write(&slot.mmio, VIO_MMIO_DEVICE_FEATURES_SEL, 4, window);
		assert_int_equal(vio_mmio_read(&slot.mmio, VIO_MMIO_DEVICE_FEATURES, 4), 0);
	}
	for (unsigned queue = 0; queue < 3; queue++) {
		vio_mmio_write(&slot.mmio, VIO_MMIO_QUEUE_SEL, 4, queue);
		assert_int_equal(vio_mmio_read(&slot.mmio, VIO_MMIO_QUEUE_SIZE_MAX, 4), 0);
		vio_mmio_write(&slot.mmio, VIO_MMIO_QUEUE_READY, 4, 1);
		assert_int_equal(vio_mmio_read(&slot.mmio, VIO_MMIO_QUEUE_READY, 4), 0);
	}
	assert_int_equal(vio_mmio_read(&slot.mmio, VIO_MMIO_CONFIG, 8), 0);
}

/* A driver that writes everywhere all the same does no harm. */
static void any_write_succeeds(void **state)
{
	static const uint32_t values[] = { 0, 1, 0x0f, UINT32_MAX };

	(void)state;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(values); i++) {
		for (uint32_t offset = 0; offset < 0x200; offset += 4)
			assert_int_equal(vio_mmio_write(&slot.mmio, offset, 4, values[i]),
					 VIO_MMIO_DONE);
	}
	assert_false(slot.line);
	assert_int_equal(slot.failed, 0);
	assert_int_equal(vio_mmio_read(&slot.mmio, VIO_MMIO_DEVICE_ID, 4), VIO_ID_NONE);
	assert_int_equal(vio_mmio_read(&slot.mmio, VIO_MMIO_CONFIG, 8), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(drivers_skip_it, attach),
		cmocka_unit_test_setup(offers_no_feature_and_has_no_queue, attach),
		cmocka_unit_test_setup(any_write_succeeds, attach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

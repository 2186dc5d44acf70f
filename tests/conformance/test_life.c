/* SPDX-License-Identifier: BSD-2-Clause */
/* Clauses of the areas status, feature, reserved, init and reset. Breaches are in tests/hostile. */
#include "box.h"

#define VERSION_1 VIO_BIT(VIO_F_VERSION_1)

static uint64_t offered(struct box *box)
{
	uint64_t features = 0;

	for (uint32_t window = 0; window < 2; window++) {
		box_write(box, VIO_MMIO_DEVICE_FEATURES_SEL, window);
		features |= (uint64_t)box_read(box, VIO_MMIO_DEVICE_FEATURES) << (32 * window);
	}
	return features;
}

/* ---- Status ---- */

static void status_is_0_at_first(void **state)
{
	struct box *box = *state;

	assert_int_equal(box_status(box), 0);
	assert_int_equal(box->device.resets, 1); /* by attaching it */
	box_start(box, 0);
	box_write(box, VIO_MMIO_STATUS, 0);
	assert_int_equal(box_status(box), 0);
}

/* Each bit reads back as soon as it is written, as drivers check. */
static void status_reads_back(void **state)
{
	struct box *box = *state;

	box_write(box, VIO_MMIO_STATUS, 1);
	assert_int_equal(box_status(box), 1);
	box_write(box, VIO_MMIO_STATUS, 3);
	assert_int_equal(box_status(box), 3);
	box_write(box, VIO_MMIO_DRIVER_FEATURES_SEL, 1);
	box_write(box, VIO_MMIO_DRIVER_FEATURES, 1);
	box_write(box, VIO_MMIO_STATUS, 0xb);
	assert_int_equal(box_status(box), 0xb);
	assert_int_equal(box->device.enables, 0);
	box_write(box, VIO_MMIO_STATUS, 0xf);
	assert_int_equal(box_status(box), 0xf);
	assert_int_equal(box->device.enables, 1);
	box_write(box, VIO_MMIO_STATUS, 0x8f);
	assert_int_equal(box_status(box), 0x8f);
}

static void broken_ring_needs_reset(void **state)
{
	struct box *box = *state;

	box_start(box, 0);
	box_avail(box, 0, BOX_SIZE);
	box_publish(box, 0);
	assert_int_equal(box_status(box), 0xf);
	box_kick(box, 0);
	assert_int_equal(box_status(box), 0x4f);
	/* Only the configuration changed: no buffer was used. */
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), VIO_INTERRUPT_CONFIG);
	assert_true(box->line);
	assert_int_equal(box->device.device.errors, 1);
	assert_string_not_equal(vio_error_text(box->error), "unknown error");
}

static void every_error_has_its_words(void **state)
{
	(void)state;
	for (unsigned i = 0; i < VIO_ERRORS; i++) {
		assert_non_null(vio_error_text((enum vio_error)i));
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(vio_error_text((enum vio_error)i),
						vio_error_text((enum vio_error)k));
	}
	assert_string_equal(vio_error_text(VIO_ERRORS), "unknown error");
	assert_string_equal(vio_error_text((enum vio_error)0xffff), "unknown error");
}

/* ---- Features ---- */

static void offers_what_it_can_honour(void **state)
{
	struct box *box = *state;

	assert_true(offered(box) ==
		    (VIO_BIT(BOX_F_PLAIN) | VIO_BIT(BOX_F_NEEDED) | VIO_BIT(BOX_F_NEEDING) |
		     VIO_BIT(BOX_F_LAST) | VIO_BIT(BOX_F_HIGH) | VIO_BIT(BOX_F_CHAINED) |
		     VIO_BIT(VIO_F_INDIRECT_DESC) | VIO_BIT(VIO_F_EVENT_IDX) |
		     VIO_BIT(VIO_F_RING_PACKED) | VIO_BIT(VIO_F_IN_ORDER) |
		     VIO_BIT(VIO_F_NOTIFICATION_DATA) | VIO_BIT(VIO_F_RING_RESET) |
		     VIO_BIT(VIO_F_SUSPEND) | VERSION_1));
}

/* The type claims some of these; no transport of ours carries them. */
static void never_offers_reserved_bits(void **state)
{
	static const unsigned bits[] = {
		24,
		30,
		31, /* of nobody, or of legacy devices */
		VIO_F_ACCESS_PLATFORM,
		VIO_F_ORDER_PLATFORM,
		37, /* SR_IOV: PCI only */
		39, /* NOTIF_CONFIG_DATA: not on mmio */
		41, /* ADMIN_VQ: not on mmio */
		42,
		44,
		49,
		63,
	};
	struct box *box = *state;

	for (unsigned i = 0; i < VIO_ARRAY_SIZE(bits); i++)
		assert_true((offered(box) & VIO_BIT(bits[i])) == 0);
}

static void instance_narrows_its_type(void **state)
{
	struct box *box = *state;

	vio_device_init(&box->device.device, &box_type, VIO_BIT(BOX_F_LAST) | VIO_BIT(1),
			&box->device.config, VIO_STORAGE(&box->device.storage));
	vio_mmio_attach(&box->slot, &box->device.device, &box->memory);
	assert_true((offered(box) & (VIO_BIT(24) - 1)) == VIO_BIT(BOX_F_LAST));
	assert_true((offered(box) & VERSION_1) != 0);
}

/* FEAT-D-01: an instance that cannot honour what a feature needs does not offer that feature. */
static void never_offers_a_feature_without_its_need(void **state)
{
	struct box *box = *state;

	vio_device_init(&box->device.device, &box_type,
			VIO_BIT(BOX_F_NEEDING) | VIO_BIT(BOX_F_CHAINED), &box->device.config,
			VIO_STORAGE(&box->device.storage));
	vio_mmio_attach(&box->slot, &box->device.device, &box->memory);
	assert_true((offered(box) & VIO_BIT(BOX_F_NEEDING)) == 0);
	assert_true((offered(box) & VIO_BIT(BOX_F_CHAINED)) == 0);
}

static void accepts_every_valid_subset(void **state)
{
	static const unsigned bits[] = { BOX_F_PLAIN,         BOX_F_NEEDED,   BOX_F_NEEDING,
					 BOX_F_LAST,          BOX_F_HIGH,     BOX_F_CHAINED,
					 VIO_F_INDIRECT_DESC, VIO_F_EVENT_IDX };
	struct box *box = *state;

	for (unsigned subset = 0; subset < 1U << VIO_ARRAY_SIZE(bits); subset++) {
		uint64_t features = 0;

		for (unsigned i = 0; i < VIO_ARRAY_SIZE(bits); i++) {
			if ((subset >> i & 1) != 0)
				features |= VIO_BIT(bits[i]);
		}
		if (((features & VIO_BIT(BOX_F_NEEDING)) != 0 &&
		     (features & VIO_BIT(BOX_F_NEEDED)) == 0) ||
		    ((features & VIO_BIT(BOX_F_CHAINED)) != 0 &&
		     (features & VIO_BIT(BOX_F_NEEDING)) == 0))
			continue;
		/* The same again after a reset, too. */
		box_negotiate(box, features);
		box_negotiate(box, features);
		assert_true(box->device.device.negotiated == (features | VERSION_1));
	}
}

static void nothing_is_enabled_before_features_ok(void **state)
{
	struct box *box = *state;

	box_write(box, VIO_MMIO_STATUS, 3);
	box_write(box, VIO_MMIO_DRIVER_FEATURES_SEL, 0);
	box_write(box, VIO_MMIO_DRIVER_FEATURES, (uint32_t)VIO_BIT(BOX_F_PLAIN));
	assert_false(vio_device_has(&box->device.device, BOX_F_PLAIN));
	box_write(box, VIO_MMIO_DRIVER_FEATURES_SEL, 1);
	box_write(box, VIO_MMIO_DRIVER_FEATURES, 1);
	box_write(box, VIO_MMIO_STATUS, 0xb);
	assert_true(vio_device_has(&box->device.device, BOX_F_PLAIN));
	box_write(box, VIO_MMIO_STATUS, 0);
	assert_false(vio_device_has(&box->device.device, BOX_F_PLAIN));
}

/* ---- Reset ---- */

static void reset_forgets_the_driver(void **state)
{
	struct box *box = *state;
	unsigned resets = box->device.resets;

	box->device.behaviour = BOX_FILL;
	box_start(box, VIO_BIT(BOX_F_PLAIN));
	resets = box->device.resets;
	box_desc(box, 0, 0, BOX_DATA, 8, VIO_DESC_F_WRITE, 0);
	box_offer(box, 0, 0);
	assert_true(box->line);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_DONE);
	assert_int_equal(box_status(box), 0);
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), 0);
	assert_false(box->line);
	assert_int_equal(box->device.resets, resets + 1);
	for (uint32_t i = 0; i < BOX_QUEUES; i++) {
		box_write(box, VIO_MMIO_QUEUE_SEL, i);
		assert_int_equal(box_read(box, VIO_MMIO_QUEUE_READY), 0);
	}

	/* So are the features it accepted, */
	box_write(box, VIO_MMIO_STATUS, 0xb);
	assert_int_equal(box_status(box), 0x3);

	/* and the addresses: ready alone does not bring the old queue back. */
	box_write(box, VIO_MMIO_DRIVER_FEATURES_SEL, 1);
	box_write(box, VIO_MMIO_DRIVER_FEATURES, 1);
	box_write(box, VIO_MMIO_STATUS, 0xb);
	box_write(box, VIO_MMIO_QUEUE_SEL, 0);
	box_write(box, VIO_MMIO_QUEUE_READY, 1);
	assert_int_equal(box_read(box, VIO_MMIO_QUEUE_READY), 0);
	box_assert_works(box);
}

/* No interrupt, no memory access, until there is a driver again. */
static void reset_device_is_silent(void **state)
{
	struct box *box = *state;

	box_start(box, 0);
	box_write(box, VIO_MMIO_STATUS, 0);
	box_snapshot(box);
	vio_device_config_changed(&box->device.device);
	vio_queue_kick(&box->device.device.queues[0]);
	vio_mmio_serve(&box->slot);
	assert_int_equal(box->loads, 0);
	assert_false(box->line);
	box_assert_untouched(box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST("STAT-P-05", status_is_0_at_first),
		BOX_TEST("STAT-P-05", status_reads_back),
		BOX_TEST("STAT-D-03 STAT-D-04 MMIO-D-04", broken_ring_needs_reset),
		BOX_TEST("STAT-D-03", every_error_has_its_words),
		BOX_TEST("FEAT-D-04 RSV-D-01", offers_what_it_can_honour),
		BOX_TEST("FEAT-D-04 RSV-D-07 RSV-P-08 NOTF-P-02", never_offers_reserved_bits),
		BOX_TEST("FEAT-D-04", instance_narrows_its_type),
		BOX_TEST("FEAT-D-01", never_offers_a_feature_without_its_need),
		BOX_TEST("FEAT-D-02 FEAT-D-05", accepts_every_valid_subset),
		BOX_TEST("FEAT-D-03", nothing_is_enabled_before_features_ok),
		BOX_TEST("RST-D-01 RST-P-03 MMIO-D-05 MMIO-D-06", reset_forgets_the_driver),
		BOX_TEST("RST-D-02", reset_device_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

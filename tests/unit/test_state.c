/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Save and restore, seen by a driver that is not told: whatever it was doing, it goes on. What a
 * state must not do is in tests/hostile/test_state.c.
 */
#include "either.h"

static struct either ring;

/* The row: the ring format, and features. */
#define ROW(test, name, packed, features)                                                          \
	{                                                                                          \
#test ", " name, test, box_setup, box_teardown,                                    \
			(void *)(uintptr_t)((packed) | (features))                                 \
	}
#define IN_ORDER 2
#define EVENTS   4
#define RESETS   8

static uint32_t row(const struct box *box)
{
	return (uint32_t)(uintptr_t)box->row;
}

static void start(struct box *box)
{
	uint64_t features = box_version ? 0 : VIO_BIT(VIO_F_SUSPEND);
	const uint32_t wanted = row(box);

	if ((wanted & IN_ORDER) != 0)
		features |= VIO_BIT(VIO_F_IN_ORDER);
	if ((wanted & EVENTS) != 0)
		features |= VIO_BIT(VIO_F_EVENT_IDX);
	if ((wanted & RESETS) != 0)
		features |= VIO_BIT(VIO_F_RING_RESET);
	box->row = (wanted & 1) != 0 ? box : NULL;
	either_start(&ring, box, features);
}

/* ---- Traffic ---- */

static uint32_t random_state;

static uint32_t random_below(uint32_t limit)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % limit;
}

static void clear(struct box *box, uint16_t id)
{
	memset(box_at(box, BOX_DATA + id * UINT64_C(64), 8), 0, 8);
}

static void assert_filled(struct box *box, uint16_t id)
{
	static const uint8_t filled[8] = { 0xda, 0xda, 0xda, 0xda, 0xda, 0xda, 0xda, 0xda };

	assert_memory_equal(box_at(box, BOX_DATA + id * UINT64_C(64), 8), filled, 8);
}

/*
 * Some buffers at a time are made available, by a driver that does not always kick; the device
 * holds some of them for a while; and now and then another takes over. Buffers come back in the
 * order they went out, each once, filled.
 */
static void traffic_goes_on(void **state)
{
	struct box *box = *state;
	uint16_t next = 0;
	uint16_t expected = 0;
	unsigned handed_over = 0;

	start(box);
	box->slot.serving = VIO_MMIO_SERVE_LATER;
	random_state = row(box) + 1;
	for (unsigned round = 0; round < 3000; round++) {
		unsigned count = random_below(6);

		box->device.behaviour = random_below(2) != 0 ? BOX_HOLD : BOX_FILL;
		for (; count != 0 && (uint16_t)(next - expected) < BOX_SIZE; count--, next++) {
			clear(box, next % BOX_SIZE);
			either_add(&ring, next % BOX_SIZE);
		}
		if (random_below(3) != 0)
			box_kick(box, 0);
		if (random_below(3) != 0)
			box_serve(box);
		if (random_below(4) == 0) {
			bool rest = vio_device_pause(&box->device.device);

			for (unsigned i = 0; i < box->device.held_count; i++)
				box_complete(box, i);
			assert_true(rest == (box->device.held_count == 0));
			box_hand_over(box);
			handed_over++;
		} else {
			for (unsigned i = 0; i < box->device.held_count; i++)
				box_complete(box, i);
		}
		box->device.held_count = 0;
		for (; either_is_used(&ring); expected++) {
			assert_filled(box, expected % BOX_SIZE);
			either_expect(&ring, expected % BOX_SIZE);
		}
	}
	assert_true(handed_over > 500 && next > 1000);
	box->device.behaviour = BOX_FILL;
	box_kick(box, 0);
	box_serve(box);
	for (; either_is_used(&ring); expected++)
		either_expect(&ring, expected % BOX_SIZE);
	assert_int_equal(expected, next);
	assert_int_equal(box->failed, 0);
}

/* A driver that was told that no kick is needed sends none; nor does one whose kick was lost. */
static void looks_without_a_kick(void **state)
{
	struct box *box = *state;

	start(box);
	box->device.behaviour = BOX_FILL;
	for (uint16_t i = 0; i < 40; i++) {
		either_add(&ring, i % BOX_SIZE);
		box_hand_over(box);
		assert_true(box->serve_wanted);
		box_serve(box);
		either_expect(&ring, i % BOX_SIZE);
	}
}

/*
 * A legacy driver may use a queue before DRIVER_OK, and with no status at all. Nobody takes over
 * from it then, but that it has been notified is not forgotten.
 */
static void legacy_queues_need_no_status(void **state)
{
	struct box *box = *state;
	uint8_t saved[BOX_STATE];

	box->device.behaviour = BOX_HOLD;
	box->slot.serving = VIO_MMIO_SERVE_LATER;
	ring = (struct either){ .box = box };
	box_write(box, VIO_MMIO_GUEST_PAGE_SIZE, 4096);
	box->size[0] = BOX_SIZE;
	memset(box_at(box, BOX_DESC(0), 0x3000), 0, 0x3000);
	assert_int_not_equal(box_place(box, 0, BOX_SIZE, 64, BOX_DESC(0)), 0);
	assert_int_equal(box_status(box), 0);
	either_add(&ring, 0);
	box_kick(box, 0);
	box_hand_over(box);
	box_serve(box);
	assert_int_equal(box->device.held_count, 1);

	assert_false(vio_device_pause(&box->device.device));
	memset(saved, 0, sizeof(saved));
	box_complete(box, 0);
	assert_int_equal(vio_mmio_save(&box->slot, saved, sizeof(saved)), VIO_STATE_OK);
	assert_int_equal(vio_mmio_restore(&box->slot, saved, sizeof(saved)), VIO_STATE_BUSY);
	vio_device_resume(&box->device.device);
	box_serve(box);
	either_offer(&ring, 1);
	assert_int_equal(vio_mmio_restore(&box->slot, saved, sizeof(saved)), VIO_STATE_BUSY);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_PARK);
	assert_int_equal(vio_mmio_restore(&box->slot, saved, sizeof(saved)), VIO_STATE_BUSY);
	box_complete(box, 1);
	assert_int_equal(vio_mmio_restore(&box->slot, saved, sizeof(saved)), VIO_STATE_OK);
}

/* Its features are final though none of its queues is live any more. */
static void a_legacy_driver_has_let_go_of_its_queues(void **state)
{
	struct box *box = *state;

	box_negotiate(box, VIO_BIT(BOX_F_PLAIN));
	box->size[0] = BOX_SIZE;
	memset(box_at(box, BOX_DESC(0), 0x3000), 0, 0x3000);
	assert_int_not_equal(box_place(box, 0, BOX_SIZE, 64, BOX_DESC(0)), 0);
	box_write(box, VIO_MMIO_QUEUE_PFN, 0);
	for (unsigned i = 0; i < 2; i++) {
		box_hand_over(box);
		assert_int_equal(box->device.enables, 1);
		assert_true(vio_device_has(&box->device.device, BOX_F_PLAIN));
		box_write(box, VIO_MMIO_DRIVER_FEATURES, 0);
		assert_true(box->device.device.driver_features == VIO_BIT(BOX_F_PLAIN));
	}
	box_write(box, VIO_MMIO_STATUS, 0);
	box_hand_over(box);
	assert_int_equal(box->device.enables, 0);
	assert_false(vio_device_has(&box->device.device, BOX_F_PLAIN));
}

/* Into a device that is paused: the root says when. */
static void waits_for_the_root(void **state)
{
	struct box *box = *state;
	uint8_t saved[BOX_STATE];

	start(box);
	box->device.behaviour = BOX_FILL;
	either_add(&ring, 0);
	assert_true(vio_device_pause(&box->device.device));
	assert_int_equal(vio_mmio_save(&box->slot, saved, sizeof(saved)), VIO_STATE_OK);
	box_renew(box, &box_type);
	assert_true(vio_device_pause(&box->device.device));
	assert_int_equal(vio_mmio_restore(&box->slot, saved, sizeof(saved)), VIO_STATE_OK);
	box_snapshot(box);
	box_kick(box, 0);
	box_serve(box);
	assert_int_equal(box->loads, 0);
	vio_device_resume(&box->device.device);
	box_serve(box);
	either_expect(&ring, 0);
}

/* ---- Everything else the driver can see ---- */

static void registers_are_as_they_were(void **state)
{
	struct box *box = *state;

	start(box);
	box->device.behaviour = BOX_FILL;
	either_offer(&ring, 0);
	vio_device_config_changed(&box->device.device);
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), 3);
	box_write(box, VIO_MMIO_QUEUE_SEL, 2);
	box_write(box, VIO_MMIO_DEVICE_FEATURES_SEL, 1);
	box_write(box, VIO_MMIO_DRIVER_FEATURES_SEL, 0xffffffff);
	box_hand_over(box);
	assert_true(box->line);
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), 3);
	assert_int_equal(box->slot.queue_sel, 2);
	assert_int_equal(box->slot.device_features_sel, 1);
	assert_int_equal(box->slot.driver_features_sel, 0xffffffff);
	box_write(box, VIO_MMIO_INTERRUPT_ACK, 1);
	assert_true(box->line);
	box_hand_over(box);
	assert_true(box->line);
	box_write(box, VIO_MMIO_INTERRUPT_ACK, 2);
	assert_false(box->line);
	box_hand_over(box);
	assert_false(box->line);
}

static void fields_of_the_driver_are_as_they_were(void **state)
{
	struct box *box = *state;
	const uint32_t rw32 = VIO_MMIO_CONFIG + offsetof(struct box_config, rw32);
	uint32_t generation = 0;

	start(box);
	vio_mmio_write(&box->slot, rw32, 4, 0x01020304);
	vio_mmio_write(&box->slot, VIO_MMIO_CONFIG + 4, 2, 0x0506);
	generation = box_read(box, VIO_MMIO_CONFIG_GENERATION);
	box_hand_over(box);
	assert_int_equal(box_read(box, rw32), 0x01020304);
	assert_int_equal(vio_mmio_read(&box->slot, VIO_MMIO_CONFIG + 4, 2), 0x0506);
	/* Whoever has read one half of a field from the old device reads both again. */
	assert_int_not_equal(box_read(box, VIO_MMIO_CONFIG_GENERATION), generation);
}

/* Between any two of a driver's steps. */
static void initialisation_goes_on(void **state)
{
	struct box *box = *state;
	const uint64_t features = VIO_BIT(VIO_F_VERSION_1) | VIO_BIT(BOX_F_PLAIN);

	box->device.behaviour = BOX_FILL;
	box_hand_over(box);
	for (uint32_t status = 1; status <= 3; status += 2) {
		box_write(box, VIO_MMIO_STATUS, status);
		box_hand_over(box);
		assert_int_equal(box_status(box), status);
	}
	for (uint32_t window = 0; window < 2; window++) {
		box_write(box, VIO_MMIO_DRIVER_FEATURES_SEL, window);
		box_hand_over(box);
		box_write(box, VIO_MMIO_DRIVER_FEATURES, (uint32_t)(features >> 32 * window));
		box_hand_over(box);
	}
	box_write(box, VIO_MMIO_STATUS, 0xb);
	box_hand_over(box);
	assert_int_equal(box_status(box), 0xb);
	assert_true(vio_device_has(&box->device.device, BOX_F_PLAIN));
	/* Half an address, and no size yet: what is being written is anything. */
	box_write(box, VIO_MMIO_QUEUE_SEL, 0);
	box_write(box, VIO_MMIO_QUEUE_SIZE, 0x12345);
	box_write(box, VIO_MMIO_QUEUE_DESC_HIGH, 0xdeadbeef);
	box_hand_over(box);
	assert_int_equal(box->device.device.configs[0].size, 0x12345);
	assert_true(box->device.device.configs[0].desc == UINT64_C(0xdeadbeef00000000));
	assert_int_equal(box_read(box, VIO_MMIO_QUEUE_READY), 0);
	for (uint32_t i = 0; i < BOX_QUEUES; i++) {
		box->size[i] = box_type.queues[i].size_max;
		memset(box_at(box, BOX_DESC(i), 0x3000), 0, 0x3000);
		assert_int_equal(
			box_ready(box, i, box->size[i], BOX_DESC(i), BOX_AVAIL(i), BOX_USED(i)), 1);
		box_hand_over(box);
		assert_int_equal(box_read(box, VIO_MMIO_QUEUE_READY), 1);
		assert_int_equal(box->device.enables, 0);
	}
	box_write(box, VIO_MMIO_STATUS, 0xf);
	box_hand_over(box);
	assert_int_equal(box_status(box), 0xf);
	assert_int_equal(box->device.enables, 1);
	ring = (struct either){ .box = box };
	either_offer(&ring, 4);
	either_expect(&ring, 4);
}

/* The one that goes on when the driver is ready to hear of it. */
static void a_change_that_is_not_told_yet_is_told(void **state)
{
	struct box *box = *state;

	for (unsigned changes = 0; changes < 2; changes++) {
		box_negotiate(box, 0);
		if (changes != 0)
			vio_device_config_changed(&box->device.device);
		box_hand_over(box);
		box_hand_over(box);
		assert_int_equal(box_status(box), 0xb);
		assert_false(box->line);
		box_write(box, VIO_MMIO_STATUS, 0xf);
		assert_int_equal(box->line, changes);
	}
}

static void suspended_stays_suspended(void **state)
{
	struct box *box = *state;

	start(box);
	box->device.behaviour = BOX_FILL;
	box_write(box, VIO_MMIO_STATUS, 0x1f);
	box->device.ro64 = 9;
	vio_device_config_changed(&box->device.device);
	either_add(&ring, 0);
	for (unsigned i = 0; i < 2; i++) {
		box_hand_over(box);
		assert_int_equal(box_status(box), 0x1b);
		box_snapshot(box);
		box_kick(box, 0);
		box_serve(box);
		assert_int_equal(box->loads, 0);
		assert_false(box->line);
	}
	box_write(box, VIO_MMIO_STATUS, 0xf);
	assert_int_equal(box_status(box), 0xf);
	box_serve(box);
	either_expect(&ring, 0);
	/* That the configuration changed is not forgotten. */
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), 3);
	box_hand_over(box);
	box_write(box, VIO_MMIO_INTERRUPT_ACK, 3);
	box_write(box, VIO_MMIO_STATUS, 0x1f);
	box_write(box, VIO_MMIO_STATUS, 0xf);
	assert_false(box->line);
}

static void broken_stays_broken(void **state)
{
	struct box *box = *state;

	start(box);
	box->device.behaviour = BOX_REFUSE;
	either_offer(&ring, 0);
	assert_int_equal(box_status(box), 0x4f);
	box_hand_over(box);
	assert_int_equal(box_status(box), 0x4f);
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), VIO_INTERRUPT_CONFIG);
	box->device.behaviour = BOX_FILL;
	box_snapshot(box);
	either_offer(&ring, 1);
	assert_int_equal(box->loads, 0);
	box_write(box, VIO_MMIO_STATUS, 0xcf);
	box_hand_over(box);
	assert_int_equal(box_status(box), 0xcf);
	box_assert_works(box);
}

/* A queue that the driver took down, and one that it had put up anew, elsewhere and smaller. */
static void queues_are_as_they_were(void **state)
{
	struct box *box = *state;

	start(box);
	box->device.behaviour = BOX_FILL;
	for (uint16_t i = 0; i < 5; i++) {
		either_offer(&ring, i);
		either_expect(&ring, i);
	}
	box_write(box, VIO_MMIO_QUEUE_SEL, 0);
	box_write(box, VIO_MMIO_QUEUE_RESET, 1);
	box_write(box, VIO_MMIO_QUEUE_SEL, 1);
	box_write(box, VIO_MMIO_QUEUE_READY, 0);
	box_hand_over(box);
	for (uint32_t i = 0; i < BOX_QUEUES; i++) {
		box_write(box, VIO_MMIO_QUEUE_SEL, i);
		assert_int_equal(box_read(box, VIO_MMIO_QUEUE_READY), i == 2);
	}
	assert_int_equal(box->device.device.configs[1].size, BOX_SIZE);
	assert_true(box->device.device.configs[0].desc == 0);
	assert_int_equal(either_enable(&ring, 4), 1);
	for (uint16_t i = 0; i < 9; i++) {
		either_offer(&ring, i % 4);
		box_hand_over(box);
		box_serve(box);
		either_expect(&ring, i % 4);
		assert_false(either_is_used(&ring));
	}
}

/* ---- When there is nothing to save, or no room ---- */

static void saves_only_what_rests(void **state)
{
	struct box *box = *state;
	struct vio_device *device = &box->device.device;
	uint8_t saved[BOX_STATE];

	start(box);
	box->device.behaviour = BOX_HOLD;
	assert_int_equal(vio_mmio_save(&box->slot, saved, sizeof(saved)), VIO_STATE_BUSY);
	either_offer(&ring, 0);
	assert_false(vio_device_pause(device));
	assert_int_equal(vio_mmio_save(&box->slot, saved, sizeof(saved)), VIO_STATE_BUSY);
	box_complete(box, 0);
	assert_int_equal(box->released, 1);
	for (size_t size = 0; size < sizeof(saved); size++)
		assert_int_equal(vio_mmio_save(&box->slot, saved, size), VIO_STATE_SIZE);
	assert_int_equal(vio_state_bytes(device) + sizeof(struct vio_mmio_state), sizeof(saved));
	assert_int_equal(vio_mmio_save(&box->slot, saved, sizeof(saved)), VIO_STATE_OK);
	/* Not in need of it after all. */
	vio_device_resume(device);
	box_serve(box);
	either_offer(&ring, 1);
	assert_int_equal(box->device.held_count, 2);
	assert_int_equal(vio_mmio_save(&box->slot, saved, sizeof(saved)), VIO_STATE_BUSY);
}

/* What is stored is the same on every CPU. */
static void layout_is_fixed(void **state)
{
	static const uint8_t expected[] = {
		2,   0,    0,   0,    1, 0, 0, 0, 0,    0,    0, 0,    0, 0,    0, 0,
		1,   0,    0,   0,    0, 0, 0, 0, /* slot */
		'V', 'I',  'O', 'S',  2, 0, 0, 0, 0x2a, 0,    0, 0,    0, 0,    0, 0,
		0,   0,    0,   0,    1, 8, 0, 0, 8,    0,    3, 0xf,  1, 0,    0, 0, /* device */
		0,   0x10, 0,   0x40, 0, 0, 0, 0, 0,    0x20, 0, 0x40, 0, 0,    0, 0,
		0,   0x30, 0,   0x40, 0, 0, 0, 0, 16,   0,    0, 0,    0, 0x10, 0, 0,
		0,   0,    0,   0,    3, 0, 3, 0, /* queue 0 */
	};
	struct box *box = *state;
	uint8_t saved[BOX_STATE];

	start(box);
	box->device.behaviour = BOX_FILL;
	for (uint16_t i = 0; i < 3; i++)
		either_offer(&ring, i);
	box_write(box, VIO_MMIO_QUEUE_SEL, 1);
	box_write(box, VIO_MMIO_DRIVER_FEATURES_SEL, 0);
	assert_true(vio_device_pause(&box->device.device));
	assert_int_equal(vio_mmio_save(&box->slot, saved, sizeof(saved)), VIO_STATE_OK);
	assert_memory_equal(saved, expected, sizeof(expected));
	assert_memory_equal(saved + sizeof(saved) - 8, "\xd1\xd2\xd3\xd4\x55\x66\xeex", 8);
}

static void every_error_has_its_words(void **state)
{
	(void)state;
	for (unsigned i = 0; i < VIO_STATE_ERRORS; i++) {
		assert_non_null(vio_state_error_text((enum vio_state_error)i));
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(vio_state_error_text((enum vio_state_error)i),
						vio_state_error_text((enum vio_state_error)k));
	}
	assert_string_equal(vio_state_error_text(VIO_STATE_ERRORS), "unknown error");
}

#define BOTH(test, features)                                                                       \
	ROW(test, "split " #features, 0, features), ROW(test, "packed " #features, 1, features)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(traffic_goes_on, 0),
		BOTH(traffic_goes_on, EVENTS),
		BOTH(looks_without_a_kick, EVENTS),
		BOTH(looks_without_a_kick, IN_ORDER),
		BOTH(waits_for_the_root, 0),
		BOTH(registers_are_as_they_were, 0),
		BOTH(fields_of_the_driver_are_as_they_were, 0),
		ROW(initialisation_goes_on, "split", 0, 0),
		ROW(a_change_that_is_not_told_yet_is_told, "split", 0, 0),
		BOTH(suspended_stays_suspended, 0),
		BOTH(broken_stays_broken, 0),
		BOTH(queues_are_as_they_were, RESETS),
		BOTH(saves_only_what_rests, 0),
		ROW(layout_is_fixed, "split", 0, 0),
		cmocka_unit_test(every_error_has_its_words),
	};
	const struct CMUnitTest legacy_tests[] = {
		ROW(traffic_goes_on, "split", 0, 0),
		ROW(traffic_goes_on, "split EVENTS", 0, EVENTS),
		ROW(looks_without_a_kick, "split EVENTS", 0, EVENTS),
		ROW(registers_are_as_they_were, "split", 0, 0),
		ROW(legacy_queues_need_no_status, "split", 0, 0),
		ROW(a_legacy_driver_has_let_go_of_its_queues, "split", 0, 0),
	};
	int failures = cmocka_run_group_tests(tests, NULL, NULL);

	return failures + BOX_RUN_LEGACY_TESTS(legacy_tests);
}

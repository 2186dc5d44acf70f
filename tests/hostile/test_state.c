/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Case 61: states that lie. One is taken from a device that has worked for a while, and bent. It is
 * refused, and then nothing has changed; or what comes of it is no worse than what a driver could
 * have brought about.
 */
#include "either.h"

#define SLOT_AT(field)   offsetof(struct vio_mmio_state, field)
#define DEVICE_AT(field) (sizeof(struct vio_mmio_state) + offsetof(struct vio_state_header, field))
#define QUEUE_AT(queue, field)                                                                     \
	(sizeof(struct vio_mmio_state) + sizeof(struct vio_state_header) +                         \
	 (queue) * sizeof(struct vio_state_queue) + offsetof(struct vio_state_queue, field))
#define OWN_AT(byte) (BOX_STATE - BOX_OWN_STATE + (byte))

static struct either ring;

/* With an interrupt up, queue 2 not live and the others some entries on. */
static void save(struct box *box, uint8_t *saved)
{
	box->device.behaviour = BOX_FILL;
	either_start(&ring, box, VIO_BIT(VIO_F_SUSPEND) | VIO_BIT(BOX_F_PLAIN));
	box_write(box, VIO_MMIO_QUEUE_SEL, 2);
	box_write(box, VIO_MMIO_QUEUE_READY, 0);
	for (uint16_t i = 0; i < BOX_SIZE + 3; i++)
		either_offer(&ring, i % BOX_SIZE);
	assert_true(vio_device_pause(&box->device.device));
	assert_int_equal(vio_mmio_save(&box->slot, saved, BOX_STATE), VIO_STATE_OK);
}

/* The target is as one that was just attached. */
static void assert_as_attached(struct box *box)
{
	const struct vio_device *device = &box->device.device;

	assert_int_equal(box_status(box), 0);
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), 0);
	assert_false(box->line);
	assert_int_equal(box->slot.queue_sel, 0);
	/* The device type has heard of nothing since. */
	assert_int_equal(box->device.enables + box->device.configures, 0);
	assert_true(device->negotiated == 0 && device->driver_features == 0);
	assert_int_equal(device->pending, 0);
	assert_false(device->suspending || device->untold || device->agreed);
	for (uint32_t i = 0; i < BOX_QUEUES; i++) {
		assert_false(device->queues[i].open || device->queues[i].halted);
		assert_false(device->configs[i].ready);
		assert_int_equal(device->configs[i].size, box_type.queues[i].size_max);
		assert_true(device->configs[i].desc == 0);
	}
}

static enum vio_state_error restore(struct box *box, const uint8_t *saved, size_t size)
{
	enum vio_state_error error = VIO_STATE_OK;

	box_renew(box, &box_type);
	box_snapshot(box);
	error = vio_mmio_restore(&box->slot, saved, size);
	assert_int_equal(box->loads, 0);
	box->allowed_count = 0;
	box_assert_untouched(box);
	if (error != VIO_STATE_OK)
		assert_as_attached(box);
	return error;
}

/* The driver does what it would have done, and whatever comes of that is its own affair. */
static void drive(struct box *box)
{
	for (uint32_t i = 0; i < BOX_QUEUES; i++)
		box_kick(box, i);
	box_serve(box);
	box_write(box, VIO_MMIO_STATUS, 0x1f);
	box_write(box, VIO_MMIO_STATUS, 0xf);
	box_serve(box);
	box_write(box, VIO_MMIO_INTERRUPT_ACK, UINT32_MAX);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_DONE);
}

static void hostile_61_any_bit_is_wrong(void **state)
{
	struct box *box = *state;
	uint8_t saved[BOX_STATE];
	unsigned refused = 0;

	save(box, saved);
	for (size_t bit = 0; bit < 8 * sizeof(saved); bit++) {
		saved[bit / 8] ^= (uint8_t)(1U << bit % 8);
		if (restore(box, saved, sizeof(saved)) == VIO_STATE_OK)
			drive(box);
		else
			refused++;
		saved[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	/* Selectors, own fields and the addresses of the queue that is not live can be anything. */
	assert_in_range(refused, 600, 800);
	assert_int_equal(restore(box, saved, sizeof(saved)), VIO_STATE_OK);
	box_assert_works(box);
}

static void hostile_61_any_byte_is_wrong(void **state)
{
	static const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xff };
	struct box *box = *state;
	uint8_t saved[BOX_STATE];

	save(box, saved);
	for (size_t at = 0; at < sizeof(saved); at++) {
		const uint8_t was = saved[at];

		for (unsigned i = 0; i < VIO_ARRAY_SIZE(values); i++) {
			saved[at] = values[i];
			if (restore(box, saved, sizeof(saved)) == VIO_STATE_OK)
				drive(box);
		}
		saved[at] = was;
	}
	box_assert_works(box);
}

static void hostile_61_cut_short(void **state)
{
	struct box *box = *state;
	uint8_t saved[BOX_STATE];

	save(box, saved);
	for (size_t size = 0; size < sizeof(saved); size++) {
		/* Of just that many bytes, so that ASan sees a read behind them. */
		uint8_t *cut = malloc(size + 1);

		memcpy(cut + 1, saved, size);
		assert_int_equal(restore(box, cut + 1, size), VIO_STATE_SIZE);
		free(cut);
	}
	/* In a buffer that is larger it is still there. */
	assert_int_equal(restore(box, saved, SIZE_MAX), VIO_STATE_OK);
}

static void hostile_61_lies(void **state)
{
	static const struct {
		size_t at;
		uint32_t value; /* of `width` bytes, little-endian */
		unsigned width;
		enum vio_state_error error;
	} lies[] = {
		{ SLOT_AT(version), 1, 4, VIO_STATE_SLOT },
		{ SLOT_AT(version), 0x102, 4, VIO_STATE_SLOT },
		{ SLOT_AT(interrupt_status), 4, 4, VIO_STATE_SLOT },
		{ SLOT_AT(interrupt_status), 0x80000001, 4, VIO_STATE_SLOT },
		{ DEVICE_AT(magic), 0, 4, VIO_STATE_FORMAT },
		{ DEVICE_AT(version), 1, 4, VIO_STATE_FORMAT },
		{ DEVICE_AT(version), 3, 4, VIO_STATE_FORMAT },
		{ DEVICE_AT(zero), 1, 1, VIO_STATE_FORMAT },
		{ DEVICE_AT(zero) + 1, 1, 1, VIO_STATE_FORMAT },
		{ DEVICE_AT(device), VIO_ID_BLK, 4, VIO_STATE_TYPE },
		{ DEVICE_AT(queue_count), 0, 1, VIO_STATE_TYPE },
		{ DEVICE_AT(queue_count), 255, 1, VIO_STATE_TYPE },
		{ DEVICE_AT(own_bytes), 0, 2, VIO_STATE_TYPE },
		{ DEVICE_AT(own_bytes), 0xffff, 2, VIO_STATE_TYPE },
		/* Not offered; VERSION_1 declined; without what it needs. */
		{ DEVICE_AT(driver_features) + 3, 0x80, 1, VIO_STATE_FEATURES },
		{ DEVICE_AT(driver_features) + 4, 0, 1, VIO_STATE_FEATURES },
		{ DEVICE_AT(driver_features), 1 << BOX_F_NEEDING, 1, VIO_STATE_FEATURES },
		/* Queues without FEATURES_OK; suspended and running, and both without queues. */
		{ DEVICE_AT(status), 0x03, 1, VIO_STATE_QUEUE },
		{ DEVICE_AT(status), 0x00, 1, VIO_STATE_QUEUE },
		{ DEVICE_AT(status), 0x1f, 1, VIO_STATE_STATUS },
		{ DEVICE_AT(status), 0x2f, 1, VIO_STATE_STATUS },
		/* The driver runs, and so has been told, and has agreed on features. */
		{ DEVICE_AT(untold), 1, 1, VIO_STATE_STATUS },
		{ DEVICE_AT(untold), 0xff, 1, VIO_STATE_STATUS },
		{ DEVICE_AT(agreed), 0, 1, VIO_STATE_STATUS },
		{ DEVICE_AT(agreed), 2, 1, VIO_STATE_STATUS },
		/* Live, and outside memory, too large, of no size, or in more than the bits there
		   are. */
		{ QUEUE_AT(0, desc), 0, 4, VIO_STATE_QUEUE },
		{ QUEUE_AT(0, desc) + 4, 0xffffffff, 4, VIO_STATE_QUEUE },
		{ QUEUE_AT(0, desc), (uint32_t)BOX_RAM + 8, 4, VIO_STATE_QUEUE },
		{ QUEUE_AT(0, device), (uint32_t)BOX_ROM, 4, VIO_STATE_QUEUE },
		{ QUEUE_AT(0, driver), (uint32_t)(BOX_NEXT + BOX_NEXT_SIZE - 2), 4,
		  VIO_STATE_QUEUE },
		{ QUEUE_AT(1, size), 0, 4, VIO_STATE_QUEUE },
		{ QUEUE_AT(1, size), 2 * BOX_SIZE, 4, VIO_STATE_QUEUE },
		{ QUEUE_AT(1, size), 0x10010, 4, VIO_STATE_QUEUE },
		{ QUEUE_AT(0, flags), 7, 1, VIO_STATE_QUEUE },
		{ QUEUE_AT(0, flags), 0x83, 1, VIO_STATE_QUEUE },
		{ QUEUE_AT(0, zero), 1, 1, VIO_STATE_QUEUE },
		/* Not live, and yet somewhere. */
		{ QUEUE_AT(2, next), 1, 2, VIO_STATE_QUEUE },
		{ QUEUE_AT(2, flags), VIO_STATE_WRAP, 1, VIO_STATE_QUEUE },
		{ OWN_AT(7), 'y', 1, VIO_STATE_OWN },
	};
	struct box *box = *state;
	uint8_t saved[BOX_STATE];

	save(box, saved);
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(lies); i++) {
		uint8_t bent[BOX_STATE];
		enum vio_state_error error = VIO_STATE_OK;

		memcpy(bent, saved, sizeof(bent));
		for (unsigned k = 0; k < lies[i].width; k++)
			bent[lies[i].at + k] = (uint8_t)(lies[i].value >> 8 * k);
		error = restore(box, bent, sizeof(bent));
		if (error != lies[i].error)
			fail_msg("lie %u: \"%s\" and not \"%s\"", i, vio_state_error_text(error),
				 vio_state_error_text(lies[i].error));
	}
	box_assert_works(box);
	packed_assert_works(box);
}

/* Of a driver that has not come to DRIVER_OK. */
static void hostile_61_lies_about_a_driver_that_has_not_started(void **state)
{
	static const struct {
		uint8_t status;
		uint8_t agreed;
		uint8_t untold;
		enum vio_state_error error;
	} lies[] = {
		{ 0xb, 1, 0, VIO_STATE_STATUS }, /* agreed without DRIVER_OK */
		{ 0x3, 1, 0, VIO_STATE_STATUS }, { 0xb, 0, 2, VIO_STATE_STATUS },
		{ 0x0, 0, 1, VIO_STATE_STATUS }, /* nobody is there to be told */
		{ 0xb, 0, 1, VIO_STATE_OK },     { 0x1, 0, 1, VIO_STATE_OK },
		{ 0x0, 0, 0, VIO_STATE_OK },
	};
	struct box *box = *state;
	uint8_t saved[BOX_STATE];

	box_negotiate(box, 0);
	assert_true(vio_device_pause(&box->device.device));
	assert_int_equal(vio_mmio_save(&box->slot, saved, sizeof(saved)), VIO_STATE_OK);
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(lies); i++) {
		saved[DEVICE_AT(status)] = lies[i].status;
		saved[DEVICE_AT(agreed)] = lies[i].agreed;
		saved[DEVICE_AT(untold)] = lies[i].untold;
		assert_int_equal(restore(box, saved, sizeof(saved)), lies[i].error);
	}
	box_assert_works(box);
}

/* A legacy driver agrees by what it does, and status says nothing about it. */
static void hostile_61_lies_about_a_legacy_driver(void **state)
{
	static const struct {
		uint8_t status;
		uint8_t agreed;
		bool is_live;
		enum vio_state_error error;
	} lies[] = {
		{ 0x3, 0, true, VIO_STATE_QUEUE }, /* live queues, and not agreed */
		{ 0xf, 0, true, VIO_STATE_QUEUE },  { 0x7, 0, false, VIO_STATE_STATUS },
		{ 0x3, 2, true, VIO_STATE_STATUS }, { 0x3, 1, true, VIO_STATE_OK },
		{ 0x0, 1, false, VIO_STATE_OK },    { 0xb, 0, false, VIO_STATE_OK },
	};
	struct box *box = *state;
	uint8_t saved[BOX_STATE];

	box_negotiate(box, 0);
	memset(box_at(box, BOX_DESC(0), 0x3000), 0, 0x3000);
	assert_int_not_equal(box_place(box, 0, BOX_SIZE, 64, BOX_DESC(0)), 0);
	assert_true(vio_device_pause(&box->device.device));
	assert_int_equal(vio_mmio_save(&box->slot, saved, sizeof(saved)), VIO_STATE_OK);
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(lies); i++) {
		saved[DEVICE_AT(status)] = lies[i].status;
		saved[DEVICE_AT(agreed)] = lies[i].agreed;
		saved[QUEUE_AT(0, flags)] = lies[i].is_live ? VIO_STATE_READY | VIO_STATE_WRAP : 0;
		box_renew(box, &box_type);
		assert_int_equal(vio_mmio_restore(&box->slot, saved, sizeof(saved)), lies[i].error);
		if (lies[i].error != VIO_STATE_OK)
			assert_as_attached(box);
	}
}

/* Behind the end of a packed ring; in a split one any position can be, but has no wrap counter. */
static void hostile_61_positions(void **state)
{
	struct box *box = *state;
	uint8_t saved[BOX_STATE];
	uint8_t *next = &saved[QUEUE_AT(0, next)];

	save(box, saved);
	for (uint32_t position = 0; position < 0x10000; position += 1 + position / 40) {
		enum vio_state_error error = VIO_STATE_OK;

		next[0] = (uint8_t)position;
		next[1] = (uint8_t)(position >> 8);
		error = restore(box, saved, sizeof(saved));
		if (ring.is_packed && position >= BOX_SIZE) {
			assert_int_equal(error, VIO_STATE_QUEUE);
			continue;
		}
		assert_int_equal(error, VIO_STATE_OK);
		drive(box);
	}
	next[0] = 3;
	next[1] = 0;
	saved[QUEUE_AT(0, flags)] ^= VIO_STATE_WRAP;
	assert_int_equal(restore(box, saved, sizeof(saved)),
			 ring.is_packed ? VIO_STATE_OK : VIO_STATE_QUEUE);
}

/* A position far behind the driver's: it broke its ring, as far as the device can tell. */
static void hostile_61_position_that_the_ring_denies(void **state)
{
	struct box *box = *state;
	uint8_t saved[BOX_STATE];

	save(box, saved);
	saved[QUEUE_AT(0, next)] -= BOX_SIZE + 1;
	saved[QUEUE_AT(0, next) + 1] -= 1;
	assert_int_equal(restore(box, saved, sizeof(saved)), VIO_STATE_OK);
	box_serve(box);
	assert_int_equal(box_status(box), 0x4f);
	assert_int_equal(box->error, VIO_ERROR_AVAIL_INDEX);
	box_assert_works(box);
}

/* ---- The state is good, and the target is not the one for it ---- */

static enum vio_state_error restore_into(struct box *box, const struct vio_device_type *type,
					 const uint8_t *saved)
{
	enum vio_state_error error = VIO_STATE_OK;

	box_renew(box, type);
	error = vio_mmio_restore(&box->slot, saved, BOX_STATE);
	if (error != VIO_STATE_OK)
		assert_as_attached(box);
	return error;
}

static void hostile_61_another_target(void **state)
{
	struct box *box = *state;
	struct vio_queue_type queues[BOX_QUEUES];
	struct vio_device_type other = box_type;
	struct vio_memory empty;
	struct vio_region none;
	uint8_t saved[BOX_STATE];

	save(box, saved);
	memcpy(queues, box_type.queues, sizeof(queues));
	queues[1].size_max = BOX_SIZE / 2;
	other.queues = queues;
	box_renew(box, &other);
	assert_int_equal(vio_mmio_restore(&box->slot, saved, sizeof(saved)), VIO_STATE_QUEUE);
	assert_int_equal(box_status(box), 0);

	other = box_type;
	other.features &= ~VIO_BIT(BOX_F_PLAIN);
	assert_int_equal(restore_into(box, &other, saved), VIO_STATE_FEATURES);
	box->slot.withheld = VIO_BIT(VIO_F_SUSPEND);
	assert_int_equal(restore_into(box, &box_type, saved), VIO_STATE_FEATURES);
	box->slot.withheld = 0;

	vio_memory_init(&empty, &none, 1);
	box_renew(box, &box_type);
	vio_mmio_detach(&box->slot);
	vio_mmio_attach(&box->slot, &box->device.device, &empty);
	assert_int_equal(vio_mmio_restore(&box->slot, saved, sizeof(saved)), VIO_STATE_QUEUE);
	assert_as_attached(box);

	/* One that saves nothing of its own. */
	other = box_type;
	other.state_bytes = 0;
	other.save = NULL;
	other.can_restore = NULL;
	other.restore = NULL;
	assert_int_equal(restore_into(box, &other, saved), VIO_STATE_TYPE);
	box_start(box, 0);
	assert_true(vio_device_pause(&box->device.device));
	assert_int_equal(vio_mmio_save(&box->slot, saved, sizeof(saved) - 8), VIO_STATE_OK);
	assert_int_equal(restore_into(box, &other, saved), VIO_STATE_OK);
}

/* A device that has a driver, or whose reset waits for the backend, takes none in. */
static void hostile_61_busy_target(void **state)
{
	struct box *box = *state;
	uint8_t saved[BOX_STATE];

	save(box, saved);
	assert_int_equal(restore(box, saved, sizeof(saved)), VIO_STATE_OK);
	box->device.behaviour = BOX_HOLD;
	either_offer(&ring, 3);
	assert_int_equal(vio_mmio_restore(&box->slot, saved, sizeof(saved)), VIO_STATE_BUSY);
	assert_int_equal(box_status(box), 0xf);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_PARK);
	assert_int_equal(vio_mmio_restore(&box->slot, saved, sizeof(saved)), VIO_STATE_BUSY);
	box_complete(box, 0);
	assert_int_equal(vio_mmio_restore(&box->slot, saved, sizeof(saved)), VIO_STATE_OK);
}

#define CASE(test) EITHER("61", test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(hostile_61_any_bit_is_wrong),
		CASE(hostile_61_any_byte_is_wrong),
		CASE(hostile_61_cut_short),
		CASE(hostile_61_lies),
		BOX_TEST("61", hostile_61_lies_about_a_driver_that_has_not_started),
		CASE(hostile_61_positions),
		BOX_TEST("61", hostile_61_position_that_the_ring_denies),
		CASE(hostile_61_another_target),
		CASE(hostile_61_busy_target),
	};

	const struct CMUnitTest legacy_tests[] = {
		BOX_TEST("61", hostile_61_lies_about_a_legacy_driver),
	};
	int failures = cmocka_run_group_tests(tests, NULL, NULL);

	return failures + BOX_RUN_LEGACY_TESTS(legacy_tests);
}

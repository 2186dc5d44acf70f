/* SPDX-License-Identifier: BSD-2-Clause */
/* Clauses of the areas mmio, config and shm. Breaches are in tests/hostile. */
#include "box.h"

static void identifies_itself(void **state)
{
	struct box *box = *state;

	assert_int_equal(box_read(box, 0x000), 0x74726976);
	assert_int_equal(box_read(box, 0x004), 2);
	assert_int_equal(box_read(box, 0x008), box_type.id);
	assert_int_equal(box_read(box, 0x00c), VIO_MMIO_VENDOR);
	assert_int_not_equal(box_read(box, 0x00c), 0);
}

static void queue_sizes(void **state)
{
	struct box *box = *state;

	for (uint32_t i = 0; i < BOX_QUEUES; i++) {
		uint32_t max = 0;

		box_write(box, VIO_MMIO_QUEUE_SEL, i);
		max = box_read(box, VIO_MMIO_QUEUE_SIZE_MAX);
		assert_int_equal(max, box_type.queues[i].size_max);
		assert_int_equal(max & (max - 1), 0);
		assert_true(max <= 32768);
	}
}

static void used_bit_stays_until_acknowledged(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_HOLD;
	box_start(box, 0);
	box_desc(box, 0, 0, BOX_DATA, 8, VIO_DESC_F_WRITE, 0);
	box_desc(box, 0, 1, BOX_DATA, 8, VIO_DESC_F_WRITE, 0);
	box_offer(box, 0, 0);
	box_offer(box, 0, 1);
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), 0);
	box_complete(box, 0);
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), 1);
	assert_true(box->line);
	box_complete(box, 1);
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), 1);
	assert_int_equal(box->raised, 1);
	box_write(box, VIO_MMIO_INTERRUPT_ACK, 1);
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), 0);
	assert_false(box->line);
}

static void config_change_is_told(void **state)
{
	struct box *box = *state;
	uint32_t generation = box_read(box, VIO_MMIO_CONFIG_GENERATION);

	/* Before DRIVER_OK there is nobody to tell, but a torn read is seen. */
	vio_device_config_changed(&box->device.device);
	assert_int_not_equal(box_read(box, VIO_MMIO_CONFIG_GENERATION), generation);
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), 0);

	box_start(box, 0);
	generation = box_read(box, VIO_MMIO_CONFIG_GENERATION);
	box->device.ro64++;
	vio_device_config_changed(&box->device.device);
	assert_int_not_equal(box_read(box, VIO_MMIO_CONFIG_GENERATION), generation);
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), VIO_INTERRUPT_CONFIG);
	assert_true(box->line);

	/* Nothing changed, no new generation. */
	generation = box_read(box, VIO_MMIO_CONFIG_GENERATION);
	vio_mmio_read(&box->slot, VIO_MMIO_CONFIG, 4);
	assert_int_equal(box_read(box, VIO_MMIO_CONFIG_GENERATION), generation);
}

/* What it has read by then may be old: of a driver that has begun, and only until it is told. */
static void config_change_before_driver_ok_is_told_then(void **state)
{
	struct box *box = *state;

	for (uint32_t status = 1; status <= 0xb; status = status == 3 ? 0xb : status + 2) {
		box_negotiate(box, 0);
		if (status != 0xb) {
			box_write(box, VIO_MMIO_STATUS, 0);
			box_write(box, VIO_MMIO_STATUS, status);
		}
		box->device.ro64++;
		vio_device_config_changed(&box->device.device);
		assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), 0);
		if (status != 0xb) {
			box_write(box, VIO_MMIO_DRIVER_FEATURES_SEL, 1);
			box_write(box, VIO_MMIO_DRIVER_FEATURES, 1);
			box_write(box, VIO_MMIO_STATUS, 0xb);
		}
		box_write(box, VIO_MMIO_STATUS, 0xf);
		assert_int_equal(box_status(box), 0xf);
		assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), VIO_INTERRUPT_CONFIG);
		box_write(box, VIO_MMIO_INTERRUPT_ACK, VIO_INTERRUPT_CONFIG);
		box_write(box, VIO_MMIO_STATUS, 0xf);
		assert_false(box->line);
	}
	box_negotiate(box, 0);
	vio_device_config_changed(&box->device.device);
	box_start(box, 0);
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), 0);
}

/* A driver that reads a capacity in two halves sees that it changed between them. */
static void torn_read_is_seen(void **state)
{
	struct box *box = *state;
	const uint32_t at = VIO_MMIO_CONFIG + offsetof(struct box_config, ro64);
	uint32_t generation = box_read(box, VIO_MMIO_CONFIG_GENERATION);

	box->device.ro64 = 0xffffffff;
	vio_device_config_changed(&box->device.device);
	assert_int_equal(box_read(box, at), 0xffffffff);
	box->device.ro64 = UINT64_C(0x100000000);
	generation = box_read(box, VIO_MMIO_CONFIG_GENERATION);
	vio_device_config_changed(&box->device.device);
	assert_int_equal(box_read(box, at + 4), 1);
	assert_int_not_equal(box_read(box, VIO_MMIO_CONFIG_GENERATION), generation);
	assert_true(vio_driver_config(&box->driver, offsetof(struct box_config, ro64), 8) ==
		    UINT64_C(0x100000000));
}

/*
 * Two fields change in one step, and one of them needs two reads. Whenever that happens, what a
 * driver reads between two equal generations is of one moment.
 */
static void no_mixture_in_one_generation(void **state)
{
	const uint32_t ro64 = VIO_MMIO_CONFIG + offsetof(struct box_config, ro64);
	struct box *box = *state;
	unsigned repeated = 0;

	box_start(box, 0);
	for (unsigned change = 0; change < 8; change++) {
		const uint32_t was = box->device.ro32;
		uint32_t generation = 0;
		uint32_t seen[3];
		unsigned at = 0;

		do {
			repeated += at != 0;
			generation = box_read(box, VIO_MMIO_CONFIG_GENERATION);
			for (unsigned i = 0; i < 3; i++) {
				if (at++ == change) {
					box->device.ro32++;
					box->device.ro64 = (uint64_t)box->device.ro32 << 32 |
							   ~box->device.ro32;
					vio_device_config_changed(&box->device.device);
				}
				seen[i] = box_read(box,
						   i == 0 ? VIO_MMIO_CONFIG : ro64 + 4 * (i - 1));
			}
		} while (box_read(box, VIO_MMIO_CONFIG_GENERATION) != generation);
		assert_true(seen[0] == was || seen[0] == was + 1);
		assert_int_equal(seen[2], seen[0]);
		assert_int_equal(seen[1], ~seen[0]);
	}
	assert_int_equal(repeated, 3);
}

/* Nor does one change without the other: a device changes the struct in one place only. */
static void nothing_changes_before_it_is_told(void **state)
{
	struct box *box = *state;
	uint32_t generation = box_read(box, VIO_MMIO_CONFIG_GENERATION);

	box->device.ro32 = 1;
	assert_int_equal(box_read(box, VIO_MMIO_CONFIG), 0x44332211);
	assert_int_equal(box_read(box, VIO_MMIO_CONFIG_GENERATION), generation);
	vio_device_config_changed(&box->device.device);
	assert_int_equal(box_read(box, VIO_MMIO_CONFIG), 1);
	assert_int_equal(box_read(box, VIO_MMIO_CONFIG_GENERATION), generation + 1);
}

static void config_is_readable_from_the_start(void **state)
{
	struct box *box = *state;

	for (unsigned pass = 0; pass < 2; pass++) {
		assert_int_equal(box_read(box, VIO_MMIO_CONFIG), 0x44332211);
		assert_int_equal(vio_mmio_read(&box->slot, VIO_MMIO_CONFIG + 4, 2), 0x6655);
		assert_int_equal(vio_mmio_read(&box->slot, VIO_MMIO_CONFIG + 6, 1), 0x77);
		assert_int_equal(vio_mmio_read(&box->slot, VIO_MMIO_CONFIG + 11, 1), 0xcc);
		assert_true(vio_mmio_read(&box->slot,
					  VIO_MMIO_CONFIG + offsetof(struct box_config, ro64),
					  8) == UINT64_C(0x0123456789abcdef));
		box_start(box, 0);
		box_write(box, VIO_MMIO_STATUS, 0);
	}
}

static void config_writes_reach_the_device(void **state)
{
	struct box *box = *state;

	box_start(box, 0);
	vio_mmio_write(&box->slot, VIO_MMIO_CONFIG + 4, 2, 0x1234);
	assert_int_equal(box->device.config.rw16, 0x1234);
	assert_int_equal(box->device.config_writes, 1);
	vio_mmio_write(&box->slot, VIO_MMIO_CONFIG + 5, 1, 0xff);
	assert_int_equal(box->device.config.rw16, 0xff34);
	vio_mmio_write(&box->slot, VIO_MMIO_CONFIG, 4, 0);
	assert_int_equal(box->device.config.ro32, 0x44332211);
}

static void registers_of_queues_are_apart(void **state)
{
	struct box *box = *state;

	box_negotiate(box, 0);
	/* All of queue 0 but `ready`, all of queue 1, then the rest of 0. */
	box_write(box, VIO_MMIO_QUEUE_SEL, 0);
	box_write(box, VIO_MMIO_QUEUE_SIZE, 8);
	box_write(box, VIO_MMIO_QUEUE_DESC_LOW, (uint32_t)BOX_DESC(0));
	box_write(box, VIO_MMIO_QUEUE_DRIVER_LOW, (uint32_t)BOX_AVAIL(0));
	box_write(box, VIO_MMIO_QUEUE_DEVICE_LOW, (uint32_t)BOX_USED(0));
	assert_int_equal(box_ready(box, 1, 16, BOX_DESC(1), BOX_AVAIL(1), BOX_USED(1)), 1);
	box_write(box, VIO_MMIO_QUEUE_SEL, 0);
	assert_int_equal(box_read(box, VIO_MMIO_QUEUE_READY), 0);
	box_write(box, VIO_MMIO_QUEUE_READY, 1);
	assert_int_equal(box_read(box, VIO_MMIO_QUEUE_READY), 1);
	box_write(box, VIO_MMIO_QUEUE_SEL, 2);
	assert_int_equal(box_read(box, VIO_MMIO_QUEUE_READY), 0);
	assert_int_equal(box->device.device.queues[0].size, 8);
	assert_int_equal(box->device.device.queues[1].size, 16);
	assert_ptr_equal(box->device.device.queues[0].split.desc, box_at(box, BOX_DESC(0), 1));
	assert_ptr_equal(box->device.device.queues[1].split.used, box_at(box, BOX_USED(1), 1));

	box_write(box, VIO_MMIO_QUEUE_SEL, 1);
	box_write(box, VIO_MMIO_QUEUE_READY, 0);
	assert_int_equal(box_read(box, VIO_MMIO_QUEUE_READY), 0);
	box_write(box, VIO_MMIO_QUEUE_SEL, 0);
	assert_int_equal(box_read(box, VIO_MMIO_QUEUE_READY), 1);
}

/* The driver need not write QueueSize when it likes the largest. */
static void queue_size_is_the_largest_at_first(void **state)
{
	struct box *box = *state;

	box_negotiate(box, 0);
	box_write(box, VIO_MMIO_QUEUE_SEL, 2);
	box_write(box, VIO_MMIO_QUEUE_DESC_LOW, (uint32_t)BOX_DESC(0));
	box_write(box, VIO_MMIO_QUEUE_DRIVER_LOW, (uint32_t)BOX_AVAIL(0));
	box_write(box, VIO_MMIO_QUEUE_DEVICE_LOW, (uint32_t)BOX_USED(0));
	box_write(box, VIO_MMIO_QUEUE_READY, 1);
	assert_int_equal(box->device.device.queues[2].size, BOX_SMALL);
}

/* Halves in any order and as often as the driver likes; the last ones count, whole. */
static void addresses_are_two_halves(void **state)
{
	static const struct {
		uint32_t low;
		uint64_t address;
	} parts[] = { { VIO_MMIO_QUEUE_DESC_LOW, BOX_FAR },
		      { VIO_MMIO_QUEUE_DRIVER_LOW, BOX_FAR + 0x1000 },
		      { VIO_MMIO_QUEUE_DEVICE_LOW, BOX_FAR + 0x2000 } };
	struct box *box = *state;
	const struct vio_queue *queue = &box->device.device.queues[0];

	box_negotiate(box, 0);
	for (unsigned reverse = 0; reverse < 2; reverse++) {
		box_write(box, VIO_MMIO_QUEUE_SEL, 0);
		box_write(box, VIO_MMIO_QUEUE_READY, 0);
		for (unsigned i = 0; i < VIO_ARRAY_SIZE(parts); i++) {
			box_write(box, parts[i].low, 0xffffffff);
			box_write(box, parts[i].low + 4, 0xffffffff);
			for (unsigned half = 0; half < 2; half++) {
				bool high = half != reverse;

				box_write(box, parts[i].low + (high ? 4 : 0),
					  (uint32_t)(high ? parts[i].address >> 32
							  : parts[i].address));
			}
		}
		box_write(box, VIO_MMIO_QUEUE_READY, 1);
		assert_int_equal(box_read(box, VIO_MMIO_QUEUE_READY), 1);
		assert_ptr_equal(queue->split.desc, box_at(box, BOX_FAR, 1));
		assert_ptr_equal(queue->split.avail, box_at(box, BOX_FAR + 0x1000, 1));
		assert_ptr_equal(queue->split.used, box_at(box, BOX_FAR + 0x2000, 1));
	}
}

static void no_shared_memory(void **state)
{
	static const uint32_t ids[] = { 0, 1, 255, 0xffffffff };
	struct box *box = *state;

	for (unsigned i = 0; i < VIO_ARRAY_SIZE(ids); i++) {
		box_write(box, VIO_MMIO_SHM_SEL, ids[i]);
		for (uint32_t offset = VIO_MMIO_SHM_LEN_LOW; offset <= VIO_MMIO_SHM_BASE_HIGH;
		     offset += 4)
			assert_int_equal(box_read(box, offset), 0xffffffff);
	}
}

/* Work is done inside the notification, or announced and done when the root says. */
static void served_now_or_later(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	box->slot.serving = VIO_MMIO_SERVE_LATER;
	box_start(box, 0);
	box->deferred = 0;
	box_desc(box, 0, 0, BOX_DATA, 8, VIO_DESC_F_WRITE, 0);
	box_offer(box, 0, 0);
	assert_int_equal(box_used_idx(box, 0), 0);
	assert_int_equal(box->deferred, 1);
	box_serve(box);
	assert_int_equal(box_used_idx(box, 0), 1);

	box->slot.serving = VIO_MMIO_SERVE_NOW;
	box_offer(box, 0, 0);
	assert_int_equal(box_used_idx(box, 0), 2);
	assert_int_equal(box->deferred, 1);
	/* Only the queue that was notified was looked at. */
	assert_int_equal(box->device.notified[0], 3);
	assert_int_equal(box->device.notified[1], 1);
}

/* A device put into a slot meets none of the last one's selectors. */
static void selectors_are_0_at_first(void **state)
{
	struct box *box = *state;

	box_write(box, VIO_MMIO_DEVICE_FEATURES_SEL, 1);
	box_write(box, VIO_MMIO_DRIVER_FEATURES_SEL, 1);
	box_write(box, VIO_MMIO_QUEUE_SEL, 2);
	assert_true(vio_mmio_detach(&box->slot));
	vio_mmio_attach(&box->slot, &box->device.device, &box->memory);
	assert_int_equal(box_read(box, VIO_MMIO_DEVICE_FEATURES),
			 (uint32_t)box->device.device.offered);
	assert_int_equal(box_read(box, VIO_MMIO_QUEUE_SIZE_MAX), BOX_SIZE);
	box_write(box, VIO_MMIO_DRIVER_FEATURES, 5);
	assert_int_equal(box->device.device.driver_features, 5);
}

static void window_of_slots(void **state)
{
	struct vio_mmio slots[3];
	const struct vio_mmio_window window = VIO_MMIO_WINDOW(0x0a000000, slots, 3, 9);
	uint32_t offset = 0;

	(void)state;
	assert_ptr_equal(vio_mmio_window_find(&window, 0x0a000000, &offset), &slots[0]);
	assert_int_equal(offset, 0);
	assert_ptr_equal(vio_mmio_window_find(&window, 0x0a0003ff, &offset), &slots[1]);
	assert_int_equal(offset, 0x1ff);
	assert_ptr_equal(vio_mmio_window_find(&window, 0x0a0005fc, &offset), &slots[2]);
	assert_int_equal(offset, 0x1fc);
	assert_null(vio_mmio_window_find(&window, 0x0a000600, &offset));
	assert_null(vio_mmio_window_find(&window, 0x09ffffff, &offset));
	assert_null(vio_mmio_window_find(&window, 0x10a000000, &offset));
	assert_null(vio_mmio_window_find(&window, 0, &offset));
	assert_null(vio_mmio_window_find(&window, UINT64_MAX, &offset));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST("MMIO-D-01 MMIO-D-02 MMIO-P-14", identifies_itself),
		BOX_TEST("SPL-P-23 VQ-P-01", queue_sizes),
		BOX_TEST("MMIO-D-03 MMIO-D-04 MMIO-P-22", used_bit_stays_until_acknowledged),
		BOX_TEST("CFG-P-04 MMIO-D-07", config_change_is_told),
		BOX_TEST("CFG-P-04", config_change_before_driver_ok_is_told_then),
		BOX_TEST("MMIO-D-07", torn_read_is_seen),
		BOX_TEST("MMIO-D-07", no_mixture_in_one_generation),
		BOX_TEST("MMIO-D-07", nothing_changes_before_it_is_told),
		BOX_TEST("CFG-D-01 CFG-P-02 MMIO-P-25", config_is_readable_from_the_start),
		BOX_TEST("CFG-P-02 MMIO-P-25", config_writes_reach_the_device),
		BOX_TEST("MMIO-P-18 MMIO-P-20", registers_of_queues_are_apart),
		BOX_TEST("MMIO-P-18", queue_size_is_the_largest_at_first),
		BOX_TEST("MMIO-P-24", addresses_are_two_halves),
		BOX_TEST("SHM-P-02 SHM-D-01 MMIO-P-23", no_shared_memory),
		BOX_TEST("MMIO-P-21", served_now_or_later),
		BOX_TEST("MMIO-P-18", selectors_are_0_at_first),
		BOX_TEST("board", window_of_slots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

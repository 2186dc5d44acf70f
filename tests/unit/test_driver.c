/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver side against the device side: both must agree on every rule of the ring. */
#include "box.h"

#define SIZE 8

static uint64_t ring_format; /* the features that choose it */

/* Guest memory that both see: the ring, a table, and data. */
struct shared {
	_Alignas(16) uint8_t ring[VIO_DRIVER_RING_BYTES(SIZE)];
	_Alignas(16) struct vio_desc table[4];
	char out[64];
	char in[64];
};

static struct shared *shared(struct box *box)
{
	return box_at(box, BOX_DATA, sizeof(struct shared));
}

static void start(struct box *box, struct vio_driver_queue *queue, uint64_t wanted)
{
	assert_int_equal(vio_driver_probe(&box->driver), box_type.id);
	assert_true(vio_driver_start(&box->driver, wanted | ring_format));
	assert_true(vio_driver_queue_init(&box->driver, queue, 0, shared(box)->ring, SIZE));
	vio_driver_run(&box->driver);
	assert_int_equal(box_status(box), box_version ? 0x7 : 0xf);
}

static void expect_used(struct vio_driver_queue *queue, int expected_head, uint32_t expected_len)
{
	uint16_t head = 0xffff;
	uint32_t len = 0;

	assert_true(vio_driver_queue_used(queue, &head, &len));
	assert_int_equal(head, expected_head);
	assert_int_equal(len, expected_len);
}

static void nothing_used(struct vio_driver_queue *queue)
{
	uint16_t head = 0;
	uint32_t len = 0;

	assert_false(vio_driver_queue_used(queue, &head, &len));
}

static void echo_rounds(struct box *box, uint64_t wanted)
{
	struct vio_driver_queue queue;
	struct shared *mem = shared(box);

	start(box, &queue, wanted);
	for (unsigned i = 0; i < 70000; i++) {
		unsigned split = i % 17;
		const struct vio_buffer buffers[] = {
			{ mem->out, split, false },
			{ mem->out + split, 16 - split, false },
			{ mem->in, 16, true },
		};
		int head = 0;

		memcpy(mem->out, &i, sizeof(i));
		if (i % 3 == 0 && (wanted & VIO_BIT(VIO_F_INDIRECT_DESC)) != 0)
			head = vio_driver_queue_add_indirect(&queue, mem->table, buffers, 3);
		else
			head = vio_driver_queue_add(&queue, buffers, 3);
		assert_true(head >= 0);
		nothing_used(&queue);
		assert_true(vio_driver_queue_publish(&queue));
		expect_used(&queue, head, 16);
		nothing_used(&queue);
		assert_memory_equal(mem->in, mem->out, 16);
		assert_int_equal(queue.free_count, SIZE);
		assert_int_equal(vio_driver_interrupt(&box->driver), VIO_INTERRUPT_USED);
		vio_driver_queue_listen(&queue, true);
	}
	assert_int_equal(box->failed, 0);
	assert_true(vio_driver_reset(&box->driver));
}

static void echo_plain(void **state)
{
	echo_rounds(*state, 0);
}

static void echo_indirect(void **state)
{
	echo_rounds(*state, VIO_BIT(VIO_F_INDIRECT_DESC));
}

static void echo_event_idx(void **state)
{
	echo_rounds(*state, VIO_BIT(VIO_F_INDIRECT_DESC) | VIO_BIT(VIO_F_EVENT_IDX));
}

static void negotiates_what_both_want(void **state)
{
	struct box *box = *state;

	if (box_version) {
		struct vio_driver_queue queue;

		start(box, &queue, VIO_BIT(BOX_F_PLAIN) | VIO_BIT(1) | VIO_BIT(BOX_F_HIGH));
		assert_true(box->driver.features == VIO_BIT(BOX_F_PLAIN));
		assert_true(box->device.device.negotiated == box->driver.features);
		return;
	}
	assert_true(vio_driver_start(&box->driver, VIO_BIT(BOX_F_PLAIN) | VIO_BIT(1) |
							   VIO_BIT(BOX_F_HIGH) | VIO_BIT(63)));
	assert_true(box->driver.features ==
		    (VIO_BIT(BOX_F_PLAIN) | VIO_BIT(BOX_F_HIGH) | VIO_BIT(VIO_F_VERSION_1)));
	assert_true(box->device.device.negotiated == box->driver.features);
	/* What the device does not agree to: the need is missing. */
	assert_false(vio_driver_start(&box->driver, VIO_BIT(BOX_F_NEEDING)));
	assert_true((box_status(box) & VIO_STATUS_FAILED) != 0);
	assert_true(vio_driver_start(&box->driver, 0));
}

static void queue_that_is_not_there(void **state)
{
	struct box *box = *state;
	struct vio_driver_queue queue;

	vio_driver_probe(&box->driver);
	assert_true(vio_driver_start(&box->driver, 0));
	assert_false(
		vio_driver_queue_init(&box->driver, &queue, BOX_QUEUES, shared(box)->ring, SIZE));
	assert_false(vio_driver_queue_init(&box->driver, &queue, 2, shared(box)->ring, SIZE));
	assert_true(vio_driver_queue_init(&box->driver, &queue, 2, shared(box)->ring, 4));
	assert_false(vio_driver_queue_init(&box->driver, &queue, 2, shared(box)->ring, 4));
}

/* All descriptors out at once, back in any order, and none lost on the way. */
static void descriptors_run_out_and_come_back(void **state)
{
	struct box *box = *state;
	struct shared *mem = shared(box);
	struct vio_driver_queue queue;
	const struct vio_buffer pair[] = { { mem->out, 4, false }, { mem->in, 4, true } };
	int heads[SIZE / 2];

	box->device.behaviour = BOX_HOLD;
	start(box, &queue, 0);
	for (unsigned round = 0; round < 100; round++) {
		for (unsigned i = 0; i < SIZE / 2; i++) {
			heads[i] = vio_driver_queue_add(&queue, pair, 2);
			assert_true(heads[i] >= 0 && heads[i] < SIZE);
			for (unsigned k = 0; k < i; k++)
				assert_int_not_equal(heads[k], heads[i]);
		}
		assert_int_equal(vio_driver_queue_add(&queue, pair, 1), -1);
		assert_int_equal(vio_driver_queue_add(&queue, pair, 0), -1);
		assert_int_equal(vio_driver_queue_add_indirect(&queue, mem->table, pair, 2), -1);
		vio_driver_queue_publish(&queue);
		assert_int_equal(box->device.held_count, SIZE / 2);
		for (unsigned i = 0; i < SIZE / 2; i++) {
			unsigned which = (i * 3 + round) % (SIZE / 2);

			box_complete(box, which);
			expect_used(&queue, heads[which], 4);
		}
		box->device.held_count = 0;
		assert_int_equal(queue.free_count, SIZE);
	}
	assert_int_equal(box->failed, 0);
}

static void suppresses_interrupts(struct box *box, uint64_t wanted)
{
	struct shared *mem = shared(box);
	const struct vio_buffer buffer = { mem->in, 4, true };
	struct vio_driver_queue queue;

	start(box, &queue, wanted);
	for (unsigned i = 0; i < 300; i++) {
		bool on = i % 3 == 0;
		int heads[3];

		assert_false(vio_driver_queue_listen(&queue, on));
		/* One at a time: off is off for as long as it takes. */
		for (unsigned k = 0; k < VIO_ARRAY_SIZE(heads); k++) {
			heads[k] = vio_driver_queue_add(&queue, &buffer, 1);
			vio_driver_queue_publish(&queue);
			assert_int_equal(box->line, on);
		}
		/* Used meanwhile: whoever wants to sleep now is told not to. */
		assert_true(vio_driver_queue_listen(&queue, true));
		for (unsigned k = 0; k < VIO_ARRAY_SIZE(heads); k++)
			expect_used(&queue, heads[k], 0);
		assert_int_equal(vio_driver_interrupt(&box->driver), on);
	}
}

static void suppresses_by_flag(void **state)
{
	struct box *box = *state;

	suppresses_interrupts(box, 0);
}

static void suppresses_by_event(void **state)
{
	struct box *box = *state;

	suppresses_interrupts(box, VIO_BIT(VIO_F_EVENT_IDX));
}

static void kicks_only_when_asked(void **state)
{
	struct box *box = *state;
	struct shared *mem = shared(box);
	const struct vio_buffer buffer = { mem->in, 4, true };
	struct vio_driver_queue queue;

	box->slot.serving = VIO_MMIO_SERVE_LATER;
	start(box, &queue, VIO_BIT(VIO_F_EVENT_IDX));
	box_serve(box);
	assert_false(vio_driver_queue_publish(&queue)); /* nothing new */
	vio_driver_queue_add(&queue, &buffer, 1);
	assert_true(vio_driver_queue_publish(&queue));
	/* Not served yet: avail_event is behind, and one kick is enough. */
	vio_driver_queue_add(&queue, &buffer, 1);
	assert_false(vio_driver_queue_publish(&queue));
	box_serve(box);
	assert_int_equal(box->device.device.queues[0].counters.requests, 2);
	assert_int_equal(box->device.device.queues[0].counters.kicks, 1);
	vio_driver_queue_add(&queue, &buffer, 1);
	assert_true(vio_driver_queue_publish(&queue));
}

static void reads_config_of_every_width(void **state)
{
	struct box *box = *state;

	vio_driver_probe(&box->driver);
	assert_int_equal(vio_driver_config(&box->driver, 0, 4), 0x44332211);
	assert_int_equal(vio_driver_config(&box->driver, 4, 2), 0x6655);
	assert_int_equal(vio_driver_config(&box->driver, 7, 1), 0x88);
	assert_true(vio_driver_config(&box->driver, offsetof(struct box_config, ro64), 8) ==
		    UINT64_C(0x0123456789abcdef));
}

/* Only a caller that names a ring for it drives a legacy device, and only with whole pages. */
static void drives_legacy_devices_when_told_to(void **state)
{
	struct box *box = *state;
	struct vio_driver_queue queue;
	struct shared *mem = shared(box);

	if (!box_version)
		skip();
	start(box, &queue, 0);
	vio_driver_reset(&box->driver);
	assert_false(vio_driver_queue_init(&box->driver, &queue, 0, mem->ring + 64, SIZE));
	box->driver.dma_offset += UINT64_C(1) << 44;
	assert_false(vio_driver_queue_init(&box->driver, &queue, 0, mem->ring, SIZE));
	assert_int_equal(box_read(box, VIO_MMIO_QUEUE_PFN), 0);
	box->driver.legacy_ring = NULL;
	assert_int_equal(vio_driver_probe(&box->driver), VIO_ID_NONE);
}

static void finds_nothing_in_an_empty_slot(void **state)
{
	struct box *box = *state;

	vio_mmio_detach(&box->slot);
	assert_int_equal(vio_driver_probe(&box->driver), VIO_ID_NONE);
}

/* ---- Against a device that is nothing but a memory of what was written ---- */

struct notebook {
	uint32_t registers[0x100 / 4];
	uint32_t statuses[8];
	unsigned status_count;
	uint32_t offered[2];
	bool stuck; /* Status keeps what it had */
};

static uint32_t read_notebook(void *registers, uint32_t offset, unsigned width)
{
	struct notebook *notebook = registers;

	assert_int_equal(width, 4);
	if (offset == VIO_MMIO_DEVICE_FEATURES)
		return notebook->offered[notebook->registers[VIO_MMIO_DEVICE_FEATURES_SEL / 4]];
	return notebook->registers[offset / 4];
}

static void write_notebook(void *registers, uint32_t offset, unsigned width, uint32_t value)
{
	struct notebook *notebook = registers;

	assert_int_equal(width, 4);
	if (offset == VIO_MMIO_STATUS) {
		notebook->statuses[notebook->status_count++] = value;
		if (notebook->stuck)
			return;
	}
	notebook->registers[offset / 4] = value;
}

static const struct vio_driver_access notebook_access = { .read = read_notebook,
							  .write = write_notebook };

static bool start_notebook(struct notebook *notebook, struct vio_driver *driver)
{
	*driver = (struct vio_driver){ .access = &notebook_access,
				       .registers = notebook,
				       .features = VIO_BIT(7) };
	return vio_driver_start(driver, VIO_BIT(2));
}

static void sets_status_step_by_step(void **state)
{
	static const uint32_t steps[] = { 0, 1, 3, 0xb, 0xf };
	struct notebook notebook = { .offered = { 0xffffffff, 0xffffffff } };
	struct vio_driver driver;

	(void)state;
	assert_true(start_notebook(&notebook, &driver));
	vio_driver_run(&driver);
	assert_int_equal(notebook.status_count, VIO_ARRAY_SIZE(steps));
	assert_memory_equal(notebook.statuses, steps, sizeof(steps));
	assert_true(driver.features == (VIO_BIT(2) | VIO_BIT(VIO_F_VERSION_1)));
}

static uint64_t address_at(const struct notebook *notebook, uint32_t low)
{
	return notebook->registers[low / 4] | (uint64_t)notebook->registers[low / 4 + 1] << 32;
}

/* What the device is told is the pointer and the offset, in all 64 bits. */
static void tells_device_addresses(void **state)
{
	_Alignas(16) static uint8_t ring[VIO_DRIVER_RING_BYTES(SIZE)];
	struct notebook notebook = { .offered = { 0, 1 } };
	struct vio_driver_queue queue;
	struct vio_driver driver;
	const uint64_t base = UINT64_C(0x123456789000);
	uint64_t desc = 0;

	(void)state;
	assert_true(start_notebook(&notebook, &driver));
	driver.dma_offset = base - (uintptr_t)ring;
	notebook.registers[VIO_MMIO_QUEUE_SIZE_MAX / 4] = SIZE;
	assert_true(vio_driver_queue_init(&driver, &queue, 5, ring, SIZE));
	assert_int_equal(notebook.registers[VIO_MMIO_QUEUE_SEL / 4], 5);
	assert_int_equal(notebook.registers[VIO_MMIO_QUEUE_SIZE / 4], SIZE);
	assert_true(address_at(&notebook, VIO_MMIO_QUEUE_DESC_LOW) == base);
	assert_true(address_at(&notebook, VIO_MMIO_QUEUE_DRIVER_LOW) ==
		    base + ((uintptr_t)queue.split.avail - (uintptr_t)ring));
	assert_true(address_at(&notebook, VIO_MMIO_QUEUE_DEVICE_LOW) ==
		    base + ((uintptr_t)queue.split.used - (uintptr_t)ring));

	assert_int_equal(vio_driver_queue_add(&queue, &(struct vio_buffer){ ring, SIZE, true }, 1),
			 0);
	desc = vio_le64(queue.split.desc[0].addr);
	assert_true(desc == base);
}

static void gives_up_on_a_device_that_does_not_reset(void **state)
{
	struct notebook notebook = { .stuck = true, .offered = { 0, 1 } };
	struct vio_driver driver;

	(void)state;
	notebook.registers[VIO_MMIO_STATUS / 4] = 0xf;
	assert_false(start_notebook(&notebook, &driver));
	assert_int_equal(notebook.status_count, 1);
}

static void gives_up_on_a_legacy_device(void **state)
{
	struct notebook notebook = { .offered = { 0xffffffff, 0xfffffffe } };
	struct vio_driver driver;

	(void)state;
	assert_false(start_notebook(&notebook, &driver));
	assert_int_equal(notebook.registers[VIO_MMIO_STATUS / 4], 0x8b);
}

/* Registers in memory, as hardware has them: little-endian, of the width that was asked. */
static void mapped_registers(void **state)
{
	_Alignas(4) uint8_t registers[0x104] = { 0x76, 0x69, 0x72, 0x74, 2, 0, 0, 0, 0x2c };
	struct vio_driver driver = { .access = &vio_driver_mapped, .registers = registers };

	(void)state;
	assert_int_equal(vio_driver_probe(&driver), 0x2c);
	registers[0]++;
	assert_int_equal(vio_driver_probe(&driver), VIO_ID_NONE);
	memcpy(registers + 0x100, "\x11\x22\x33\x44", 4);
	assert_int_equal(vio_driver_config(&driver, 0, 4), 0x44332211);
	assert_int_equal(vio_driver_config(&driver, 2, 2), 0x4433);
	assert_int_equal(vio_driver_config(&driver, 3, 1), 0x44);
	vio_driver_mapped.write(registers, 0x100, 4, 0xa1b2c3d4);
	vio_driver_mapped.write(registers, 0x102, 1, 0xee);
	assert_memory_equal(registers + 0x100, "\xd4\xc3\xee\xa1", 4);
	vio_driver_mapped.write(registers, 0x100, 2, 0x1234);
	assert_memory_equal(registers + 0x100, "\x34\x12\xee\xa1", 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST("driver", echo_plain),
		BOX_TEST("driver", echo_indirect),
		BOX_TEST("driver SPL-D-12 SPL-D-19", echo_event_idx),
		BOX_TEST("driver", negotiates_what_both_want),
		BOX_TEST("driver", queue_that_is_not_there),
		BOX_TEST("driver", descriptors_run_out_and_come_back),
		BOX_TEST("driver SPL-D-09", suppresses_by_flag),
		BOX_TEST("driver SPL-D-13", suppresses_by_event),
		BOX_TEST("driver SPL-D-19", kicks_only_when_asked),
		BOX_TEST("driver", reads_config_of_every_width),
		BOX_TEST("driver", drives_legacy_devices_when_told_to),
		BOX_TEST("driver", finds_nothing_in_an_empty_slot),
		BOX_TEST("driver", sets_status_step_by_step),
		BOX_TEST("driver", tells_device_addresses),
		BOX_TEST("driver", gives_up_on_a_device_that_does_not_reset),
		BOX_TEST("driver", gives_up_on_a_legacy_device),
		BOX_TEST("driver", mapped_registers),
	};

	int failures = cmocka_run_group_tests_name("split", tests, NULL, NULL);

	ring_format = VIO_BIT(VIO_F_RING_PACKED);
	failures += cmocka_run_group_tests_name("packed", tests, NULL, NULL);
	ring_format = 0;
	return failures + BOX_RUN_LEGACY_TESTS(tests);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers misused, and the life cycle out of order: hostile-cases.md 1 to 5 and 7 to 15. */
#include "box.h"

#define CONTROL_END 0x100
#define SLOT_END    0x1000 /* the largest slot a board may have */

/* Everything the product remembers about the slot and its device. */
struct state {
	struct vio_mmio slot;
	struct box_device device;
};

static struct state remember(const struct box *box)
{
	return (struct state){ .slot = box->slot, .device = box->device };
}

static void assert_same(const struct box *box, const struct state *before)
{
	assert_memory_equal(&box->slot, &before->slot, sizeof(before->slot));
	assert_memory_equal(&box->device, &before->device, sizeof(before->device));
}

/* ---- 1, 2: queues that are not there ---- */

static const uint32_t no_queues[] = { BOX_QUEUES, 31,      32,         33,         0xff,
				      0xffff,     0x10000, 0x7fffffff, 0x80000000, 0xffffffff };

/* All registers that act on the queue QueueSel names. */
static const uint32_t queue_registers[] = {
	VIO_MMIO_QUEUE_SIZE,       VIO_MMIO_QUEUE_READY,       VIO_MMIO_QUEUE_DESC_LOW,
	VIO_MMIO_QUEUE_DESC_HIGH,  VIO_MMIO_QUEUE_DRIVER_LOW,  VIO_MMIO_QUEUE_DRIVER_HIGH,
	VIO_MMIO_QUEUE_DEVICE_LOW, VIO_MMIO_QUEUE_DEVICE_HIGH, VIO_MMIO_QUEUE_RESET,
};

static void no_such_queue(void **state)
{
	struct box *box = *state;

	box_start(box, 0);
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(no_queues); i++) {
		struct state before;

		box_write(box, VIO_MMIO_QUEUE_SEL, no_queues[i]);
		before = remember(box);
		assert_int_equal(box_read(box, VIO_MMIO_QUEUE_SIZE_MAX), 0);
		assert_int_equal(box_read(box, VIO_MMIO_QUEUE_READY), 0);
		for (unsigned k = 0; k < VIO_ARRAY_SIZE(queue_registers); k++) {
			for (uint32_t value = 0; value < 3; value++)
				assert_int_equal(box_write(box, queue_registers[k], value),
						 VIO_MMIO_DONE);
		}
		assert_int_equal(
			box_ready(box, no_queues[i], 4, BOX_DESC(0), BOX_AVAIL(0), BOX_USED(0)), 0);
		box_kick(box, no_queues[i]);
		assert_same(box, &before);
	}
	box_assert_works(box);
}

static void device_without_queues(void **state)
{
	static const struct vio_device_type bare = { .name = "bare", .id = 0x2b };
	struct box *box = *state;
	struct vio_device device;

	vio_device_init(&device, &bare, UINT64_MAX, NULL, NULL);
	vio_mmio_attach(&box->slot, &device, &box->memory);
	assert_int_equal(box_ready(box, 0, 4, BOX_DESC(0), BOX_AVAIL(0), BOX_USED(0)), 0);
	assert_int_equal(box_read(box, VIO_MMIO_QUEUE_SIZE_MAX), 0);
	assert_int_equal(box_write(box, VIO_MMIO_QUEUE_READY, 0), VIO_MMIO_DONE);
	box_kick(box, 0);
	for (uint32_t offset = 0; offset < SLOT_END; offset += 4)
		box_write(box, offset, 0xffffffff);
	assert_int_equal(vio_mmio_read(&box->slot, VIO_MMIO_CONFIG, 8), 0);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_DONE);
	assert_true(vio_mmio_detach(&box->slot));
}

/* ---- 3, 4: queues that must not become usable ---- */

struct bad_queue {
	const char *name;
	uint32_t size;
	uint64_t desc;
	uint64_t avail;
	uint64_t used;
	bool usable;
};

#define RAM_END        (BOX_RAM + BOX_RAM_SIZE)
#define D              BOX_DESC(0)
#define A              BOX_AVAIL(0)
#define U              BOX_USED(0)
#define DESC_BYTES(n)  (UINT64_C(16) * (n))
#define AVAIL_BYTES(n) (UINT64_C(6) + UINT64_C(2) * (n))
#define USED_BYTES(n)  (UINT64_C(6) + UINT64_C(8) * (n))

static const struct bad_queue bad_queues[] = {
	{ "3 MMIO-H-28 size 0", 0, D, A, U, false },
	{ "3 MMIO-H-28 size 3", 3, D, A, U, false },
	{ "3 MMIO-H-28 size 12", 12, D, A, U, false },
	{ "3 MMIO-H-28 size above the maximum", BOX_SIZE * 2, D, A, U, false },
	{ "3 MMIO-H-28 size 65536", 0x10000, D, A, U, false },
	{ "3 MMIO-H-28 size with a high bit", 0x80000004, D, A, U, false },
	{ "3 MMIO-H-28 size 2^32 - 1", 0xffffffff, D, A, U, false },
	{ "3 MMIO-H-28 size that is right in 16 bits", 0x10008, D, A, U, false },
	{ "4 SPL-H-25 descriptors unaligned", 8, D + 8, A, U, false },
	{ "4 SPL-H-25 available ring unaligned", 8, D, A + 1, U, false },
	{ "4 SPL-H-25 used ring unaligned", 8, D, A, U + 2, false },
	{ "4 SPL-H-25 descriptors nowhere", 8, 0, A, U, false },
	{ "4 SPL-H-25 available ring nowhere", 8, D, 0, U, false },
	{ "4 SPL-H-25 used ring nowhere", 8, D, A, 0, false },
	{ "4 SPL-H-25 descriptors wrap", 8, UINT64_MAX - 15, A, U, false },
	{ "4 SPL-H-25 available ring wraps", 8, D, UINT64_MAX - 1, U, false },
	{ "4 SPL-H-25 used ring wraps", 8, D, A, UINT64_MAX - 3, false },
	{ "4 SPL-H-25 descriptors half outside", 8, BOX_FAR + BOX_FAR_SIZE - 64, A, U, false },
	{ "4 SPL-H-25 used_event outside", 8, D, BOX_FAR + BOX_FAR_SIZE - AVAIL_BYTES(8) + 2, U,
	  false },
	{ "4 SPL-H-25 avail_event outside", 8, D, A,
	  BOX_FAR + BOX_FAR_SIZE - ((USED_BYTES(8) + 1) & ~UINT64_C(3)) + 4, false },
	{ "4 SPL-H-25 descriptors straddle two regions", 8, RAM_END - 64, A, U, false },
	{ "4 SPL-H-25 available ring straddles two regions", 8, D, RAM_END - 4, U, false },
	{ "4 SPL-H-25 used ring straddles two regions", 8, D, A, RAM_END - 8, false },
	{ "4 SPL-H-25 used ring read-only", 8, D, A, BOX_ROM, false },
	{ "4 SPL-H-25 address beyond 40 bits", 8, D | UINT64_C(1) << 40, A, U, false },

	{ "3 size 1", 1, D, A, U, true },
	{ "3 the largest size", BOX_SIZE, D, A, U, true },
	{ "4 each part ends where a region ends", 8, RAM_END - DESC_BYTES(8),
	  BOX_NEXT + BOX_NEXT_SIZE - AVAIL_BYTES(8),
	  BOX_FAR + BOX_FAR_SIZE - ((USED_BYTES(8) + 3) & ~UINT64_C(3)), true },
	{ "4 descriptors in a read-only region", 8, BOX_ROM, A, U, true },
};

static void run_queue(void **state)
{
	struct box *box = *state;
	const struct bad_queue *row = box->row;

	box->device.behaviour = BOX_IGNORE;
	box_negotiate(box, 0);
	box_snapshot(box);
	assert_int_equal(box_ready(box, 0, row->size, row->desc, row->avail, row->used),
			 row->usable);
	box_write(box, VIO_MMIO_STATUS, 0xf);
	box_kick(box, 0);
	box_serve(box);
	box_assert_untouched(box);
	assert_int_equal(box->loads, 0);
	assert_int_equal(box->device.notified[0] != 0, row->usable);

	/* Refused is not for ever: the driver may do better without a reset. */
	box_write(box, VIO_MMIO_QUEUE_READY, 0);
	assert_int_equal(box_ready(box, 0, 8, D, A, U), 1);
	box_assert_works(box);
}

static void ready_before_features_ok(void **state)
{
	struct box *box = *state;

	assert_int_equal(box_ready(box, 0, 8, D, A, U), 0);
	box_write(box, VIO_MMIO_STATUS, VIO_STATUS_ACKNOWLEDGE | VIO_STATUS_DRIVER);
	assert_int_equal(box_ready(box, 0, 8, D, A, U), 0);
	box_assert_works(box);
}

/* ---- 5: a live queue cannot be changed ---- */

static void live_queue_reconfigured(void **state)
{
	struct box *box = *state;
	struct state before;

	box_start(box, 0);
	box_write(box, VIO_MMIO_QUEUE_SEL, 0);
	before = remember(box);
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(queue_registers); i++) {
		if (queue_registers[i] == VIO_MMIO_QUEUE_READY)
			continue;
		box_write(box, queue_registers[i], 2);
		box_write(box, queue_registers[i], 0xffffffff);
	}
	box_write(box, VIO_MMIO_QUEUE_READY, 1);
	box_write(box, VIO_MMIO_QUEUE_READY, 2);
	assert_same(box, &before);
	assert_int_equal(box_read(box, VIO_MMIO_QUEUE_READY), 1);

	box_desc(box, 0, 0, BOX_DATA, 4, VIO_DESC_F_WRITE, 0);
	box_offer(box, 0, 0);
	assert_int_equal(box_used_idx(box, 0), 1);
	box_assert_works(box);
}

/* ---- 7: config space ---- */

/* What the driver may see: the fields of struct box_config, little-endian, and nothing between. */
static int config_byte(const struct box *box, uint32_t offset, bool *writable)
{
	const struct box_config *config = &box->device.config;
	const struct {
		size_t at;
		uint64_t value;
		unsigned width;
		bool writable;
	} layout[] = {
		{ offsetof(struct box_config, ro32), config->ro32, 4, false },
		{ offsetof(struct box_config, rw16), config->rw16, 2, true },
		{ offsetof(struct box_config, bytes), config->bytes[0], 1, false },
		{ offsetof(struct box_config, bytes) + 1, config->bytes[1], 1, false },
		{ offsetof(struct box_config, bytes) + 2, config->bytes[2], 1, false },
		{ offsetof(struct box_config, bytes) + 3, config->bytes[3], 1, false },
		{ offsetof(struct box_config, bytes) + 4, config->bytes[4], 1, false },
		{ offsetof(struct box_config, bytes) + 5, config->bytes[5], 1, false },
		{ offsetof(struct box_config, ro64), config->ro64, 8, false },
		{ offsetof(struct box_config, rw32), config->rw32, 4, true },
		{ offsetof(struct box_config, rw8), config->rw8, 1, true },
	};

	*writable = false;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(layout); i++) {
		if (offset - layout[i].at < layout[i].width) {
			*writable = layout[i].writable;
			return (uint8_t)(layout[i].value >> (8 * (offset - layout[i].at)));
		}
	}
	return 0;
}

static const unsigned widths[] = { 1, 2, 4, 8 };

static void config_read_everywhere(void **state)
{
	struct box *box = *state;
	bool writable = false;

	for (uint32_t offset = 0; offset < SLOT_END - CONTROL_END; offset++) {
		for (unsigned w = 0; w < VIO_ARRAY_SIZE(widths); w++) {
			uint64_t expected = 0;

			for (unsigned i = 0; i < widths[w]; i++)
				expected |= (uint64_t)config_byte(box, offset + i, &writable)
					    << (8 * i);
			assert_true(vio_mmio_read(&box->slot, VIO_MMIO_CONFIG + offset,
						  widths[w]) == expected);
		}
	}
	vio_mmio_read(&box->slot, UINT32_MAX, 8);
	assert_int_equal(vio_mmio_read(&box->slot, UINT32_MAX - 7, 8), 0);
}

static void config_written_everywhere(void **state)
{
	struct box *box = *state;
	const struct box_config original = box->device.config;

	for (uint32_t offset = 0; offset < SLOT_END - CONTROL_END; offset++) {
		for (unsigned w = 0; w < VIO_ARRAY_SIZE(widths); w++) {
			struct state before;

			box->device.config = original;
			box->device.config_writes = 0;
			before = remember(box);
			vio_mmio_write(&box->slot, VIO_MMIO_CONFIG + offset, widths[w],
				       UINT64_C(0xa8a7a6a5a4a3a2a1));
			for (unsigned i = 0; i < sizeof(original); i++) {
				bool writable = false;
				int old = 0;
				int now = config_byte(box, i, &writable);

				/* The model reads the box, so show it the old one for the rest. */
				box->device.config = original;
				old = config_byte(box, i, &writable);
				vio_mmio_write(&box->slot, VIO_MMIO_CONFIG + offset, widths[w],
					       UINT64_C(0xa8a7a6a5a4a3a2a1));
				if (writable && i - offset < widths[w])
					assert_int_equal(now, 0xa1 + i - offset);
				else
					assert_int_equal(now, old);
			}
			/* Nothing else in the device moved. */
			box->device.config = original;
			box->device.config_writes = 0;
			assert_same(box, &before);
		}
	}
	vio_mmio_write(&box->slot, UINT32_MAX, 8, UINT64_MAX);
	vio_mmio_write(&box->slot, UINT32_MAX - 7, 8, UINT64_MAX);
	assert_memory_equal(&box->device.config, &original, sizeof(original));
}

/* ---- 8 and undefined registers ---- */

static void odd_widths_and_offsets(void **state)
{
	struct box *box = *state;
	struct state before;

	box_start(box, 0);
	before = remember(box);
	for (uint32_t offset = 0; offset < CONTROL_END; offset++) {
		for (unsigned w = 0; w < VIO_ARRAY_SIZE(widths); w++) {
			if (widths[w] == 4 && offset % 4 == 0)
				continue;
			assert_int_equal(vio_mmio_read(&box->slot, offset, widths[w]), 0);
			for (uint64_t value = 0; value < 2; value++)
				assert_int_equal(vio_mmio_write(&box->slot, offset, widths[w],
								value - value * 2),
						 VIO_MMIO_DONE);
		}
	}
	assert_same(box, &before);
	box_assert_works(box);
}

static bool is_writable(uint32_t offset)
{
	static const uint32_t others[] = {
		VIO_MMIO_DEVICE_FEATURES_SEL,
		VIO_MMIO_DRIVER_FEATURES,
		VIO_MMIO_DRIVER_FEATURES_SEL,
		VIO_MMIO_QUEUE_SEL,
		VIO_MMIO_QUEUE_NOTIFY,
		VIO_MMIO_INTERRUPT_ACK,
		VIO_MMIO_STATUS,
	};

	for (unsigned i = 0; i < VIO_ARRAY_SIZE(others); i++) {
		if (offset == others[i])
			return true;
	}
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(queue_registers); i++) {
		if (offset == queue_registers[i])
			return true;
	}
	return false;
}

static void undefined_and_read_only_registers(void **state)
{
	static const uint32_t values[] = { 0, 1, 0xffffffff };
	struct box *box = *state;
	struct state before;

	box_start(box, 0);
	before = remember(box);
	for (uint32_t offset = 0; offset < CONTROL_END; offset += 4) {
		for (unsigned i = 0; i < VIO_ARRAY_SIZE(values) && !is_writable(offset); i++)
			box_write(box, offset, values[i]);
	}
	assert_same(box, &before);

	/* What can only be written, or is nothing, reads 0. */
	for (uint32_t offset = 0; offset < CONTROL_END; offset += 4) {
		switch (offset) {
		case VIO_MMIO_MAGIC_VALUE:
		case VIO_MMIO_VERSION:
		case VIO_MMIO_DEVICE_ID:
		case VIO_MMIO_VENDOR_ID:
		case VIO_MMIO_DEVICE_FEATURES:
		case VIO_MMIO_QUEUE_SIZE_MAX:
		case VIO_MMIO_QUEUE_READY:
		case VIO_MMIO_INTERRUPT_STATUS:
		case VIO_MMIO_STATUS:
		case VIO_MMIO_SHM_LEN_LOW:
		case VIO_MMIO_SHM_LEN_HIGH:
		case VIO_MMIO_SHM_BASE_LOW:
		case VIO_MMIO_SHM_BASE_HIGH:
		case VIO_MMIO_CONFIG_GENERATION:
			break;
		default:
			assert_int_equal(box_read(box, offset), 0);
		}
	}
	assert_same(box, &before);
	box_assert_works(box);
}

static void empty_slot(void **state)
{
	struct box *box = *state;

	assert_true(vio_mmio_detach(&box->slot));
	for (uint32_t offset = 0; offset < SLOT_END; offset++) {
		for (unsigned w = 0; w < VIO_ARRAY_SIZE(widths); w++) {
			uint64_t value = vio_mmio_read(&box->slot, offset, widths[w]);

			if (widths[w] == 4 && offset == VIO_MMIO_MAGIC_VALUE)
				assert_int_equal(value, 0x74726976);
			else if (widths[w] == 4 && offset == VIO_MMIO_VERSION)
				assert_int_equal(value, 2);
			else
				assert_int_equal(value, 0);
			assert_int_equal(vio_mmio_write(&box->slot, offset, widths[w], UINT64_MAX),
					 VIO_MMIO_DONE);
		}
	}
	vio_mmio_serve(&box->slot);
	assert_false(box->line);
	vio_mmio_attach(&box->slot, &box->device.device, &box->memory);
	box_assert_works(box);
}

/* ---- 9: status ---- */

struct status_write {
	uint32_t write;
	uint32_t reads;
};

static void assert_statuses(struct box *box, const struct status_write *writes, unsigned count)
{
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_DONE);
	box_write(box, VIO_MMIO_DRIVER_FEATURES_SEL, 1);
	box_write(box, VIO_MMIO_DRIVER_FEATURES, 1);
	for (unsigned i = 0; i < count; i++) {
		box_write(box, VIO_MMIO_STATUS, writes[i].write);
		if (box_status(box) != writes[i].reads)
			fail_msg("status reads 0x%x after 0x%x", box_status(box), writes[i].write);
	}
}

static void status_bits_at_once(void **state)
{
	static const struct status_write writes[] = { { 0xf, 0xf } };
	struct box *box = *state;

	assert_statuses(box, writes, VIO_ARRAY_SIZE(writes));
	assert_int_equal(box->device.enables, 1);
	box_write(box, VIO_MMIO_STATUS, 0xf);
	assert_int_equal(box->device.enables, 1);
	box_assert_works(box);
}

static void status_bits_cleared(void **state)
{
	static const struct status_write writes[] = {
		{ 0xf, 0xf }, { 0x3, 0xf }, { 0x8, 0xf }, { 0x1, 0xf }, { 0x4, 0xf }
	};
	struct box *box = *state;

	assert_statuses(box, writes, VIO_ARRAY_SIZE(writes));
	assert_int_equal(box->device.enables, 1);
	box_assert_works(box);
}

static void driver_ok_without_features_ok(void **state)
{
	static const struct status_write writes[] = { { 0x1, 0x1 }, { 0x3, 0x3 }, { 0x7, 0x3 },
						      { 0x4, 0x3 }, { 0xb, 0xb }, { 0xf, 0xf } };
	struct box *box = *state;

	assert_statuses(box, writes, VIO_ARRAY_SIZE(writes) - 2);
	assert_int_equal(box->device.enables, 0);
	assert_statuses(box, writes, VIO_ARRAY_SIZE(writes));
	assert_int_equal(box->device.enables, 1);
	box_assert_works(box);
}

static void unknown_status_bits(void **state)
{
	static const struct status_write writes[] = {
		{ 0x30, 0x0 }, { 0x100, 0x0 },      { 0xffffff00, 0x0 }, { 0x40, 0x0 },
		{ 0x31, 0x1 }, { 0x80000002, 0x3 }, { 0x7b, 0xb },       { 0xffffff7f, 0xf },
	};
	struct box *box = *state;

	assert_statuses(box, writes, VIO_ARRAY_SIZE(writes));
	assert_int_equal(box->failed, 0);
	box_assert_works(box);
}

/* The driver cannot clear DEVICE_NEEDS_RESET, nor go on in spite of it. */
static void going_on_after_needs_reset(void **state)
{
	struct box *box = *state;

	box_start(box, 0);
	box_desc(box, 0, 0, 0, 8, 0, 0);
	box_snapshot(box);
	box_offer(box, 0, 0);
	for (uint32_t bits = 1; bits < 0x100; bits++) {
		box_write(box, VIO_MMIO_STATUS, bits & ~UINT32_C(0x80));
		assert_int_equal(box_status(box), bits < 0x80 && (bits & 0x7f) == 0 ? 0 : 0x4f);
		if (bits == 0x7f)
			break;
	}
	box_write(box, VIO_MMIO_QUEUE_SEL, 1);
	box_write(box, VIO_MMIO_QUEUE_READY, 0);
	box_write(box, VIO_MMIO_QUEUE_READY, 1);
	box_desc(box, 1, 0, BOX_DATA, 8, VIO_DESC_F_WRITE, 0);
	box_offer(box, 1, 0);
	assert_int_equal(box_used_idx(box, 1), 0);
	box_assert_needs_reset(box, VIO_ERROR_ADDRESS);
	box_assert_works(box);
}

/* Broken in the middle of a round: the queues after it are not looked at, nor asked for again. */
static void broken_while_others_wait(void **state)
{
	struct box *box = *state;

	box->slot.serving = VIO_MMIO_SERVE_LATER;
	box_start(box, 0);
	memset(box->device.notified, 0, sizeof(box->device.notified));
	box_desc(box, 0, 0, 0, 8, 0, 0);
	box_offer(box, 0, 0);
	box_kick(box, 1);
	box->serve_wanted = false;
	box_snapshot(box);
	vio_mmio_serve(&box->slot);
	assert_int_equal(box->device.notified[0], 1);
	assert_int_equal(box->device.notified[1], 0);
	assert_false(box->serve_wanted);
	box_assert_needs_reset(box, VIO_ERROR_ADDRESS);
	box_assert_works(box);
}

static void going_on_after_failed(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_HOLD;
	box_start(box, 0);
	box_desc(box, 0, 0, BOX_DATA, 8, VIO_DESC_F_WRITE, 0);
	box_desc(box, 0, 1, BOX_DATA, 8, VIO_DESC_F_WRITE, 0);
	box_offer(box, 0, 0);
	box_write(box, VIO_MMIO_STATUS, 0x80 | 0xf);
	assert_int_equal(box_status(box), 0x8f);
	box_snapshot(box);
	box_offer(box, 0, 1);
	box_write(box, VIO_MMIO_STATUS, 0xf);
	box_offer(box, 0, 1);
	box_allow(box, BOX_DATA, 8);
	box_complete(box, 0);
	assert_int_equal(box_used_idx(box, 0), 0);
	assert_int_equal(box->device.held_count, 1);
	assert_int_equal(box->loads, 0);
	assert_false(box->line);
	box_assert_untouched(box);
	box_assert_works(box);
}

/* ---- 10: features ---- */

static bool accepts(struct box *box, uint64_t features)
{
	box_write(box, VIO_MMIO_STATUS, 0);
	box_write(box, VIO_MMIO_STATUS, 3);
	for (uint32_t window = 0; window < 2; window++) {
		box_write(box, VIO_MMIO_DRIVER_FEATURES_SEL, window);
		box_write(box, VIO_MMIO_DRIVER_FEATURES, (uint32_t)(features >> (32 * window)));
	}
	box_write(box, VIO_MMIO_STATUS, 0xb);
	return (box_status(box) & VIO_STATUS_FEATURES_OK) != 0;
}

static void features_never_offered(void **state)
{
	const uint64_t version_1 = VIO_BIT(VIO_F_VERSION_1);
	struct box *box = *state;
	uint64_t offered = box->device.device.offered;

	for (unsigned bit = 0; bit < 64; bit++) {
		if (bit == BOX_F_NEEDING || bit == BOX_F_CHAINED)
			continue;
		assert_int_equal(accepts(box, version_1 | VIO_BIT(bit)),
				 (offered & VIO_BIT(bit)) != 0);
		if ((offered & VIO_BIT(bit)) == 0)
			assert_int_equal(box->device.device.negotiated, 0);
	}
	assert_false(accepts(box, UINT64_MAX));
	/* Refused, the driver may still come to its senses; DRIVER_OK it does not get. */
	box_write(box, VIO_MMIO_STATUS, 0xf);
	assert_int_equal(box_status(box), 0x3);
	box_write(box, VIO_MMIO_DRIVER_FEATURES, 1);
	box_write(box, VIO_MMIO_DRIVER_FEATURES_SEL, 0);
	box_write(box, VIO_MMIO_DRIVER_FEATURES, 0);
	box_write(box, VIO_MMIO_STATUS, 0xb);
	assert_int_equal(box_status(box), 0xb);
	box_assert_works(box);
}

static void version_1_declined(void **state)
{
	struct box *box = *state;

	assert_false(accepts(box, 0));
	assert_false(accepts(box, VIO_BIT(BOX_F_PLAIN)));
	box_assert_works(box);
}

static void feature_without_its_need(void **state)
{
	const uint64_t version_1 = VIO_BIT(VIO_F_VERSION_1);
	struct box *box = *state;

	assert_false(accepts(box, version_1 | VIO_BIT(BOX_F_NEEDING)));
	assert_true(accepts(box, version_1 | VIO_BIT(BOX_F_NEEDED)));
	assert_true(accepts(box, version_1 | VIO_BIT(BOX_F_NEEDING) | VIO_BIT(BOX_F_NEEDED)));
	assert_false(accepts(box, version_1 | VIO_BIT(BOX_F_CHAINED)));
	assert_false(accepts(box, version_1 | VIO_BIT(BOX_F_CHAINED) | VIO_BIT(BOX_F_NEEDED)));
	assert_false(accepts(box, version_1 | VIO_BIT(BOX_F_CHAINED) | VIO_BIT(BOX_F_NEEDING)));
	box_assert_works(box);
}

static void features_rewritten_after_features_ok(void **state)
{
	struct box *box = *state;
	uint64_t negotiated = 0;

	box_start(box, VIO_BIT(BOX_F_PLAIN) | VIO_BIT(BOX_F_HIGH));
	negotiated = box->device.device.negotiated;
	for (uint32_t window = 0; window < 4; window++) {
		box_write(box, VIO_MMIO_DRIVER_FEATURES_SEL, window);
		box_write(box, VIO_MMIO_DRIVER_FEATURES, 0xffffffff);
		box_write(box, VIO_MMIO_DRIVER_FEATURES, 0);
	}
	box_write(box, VIO_MMIO_STATUS, 0xf);
	assert_true(box->device.device.negotiated == negotiated);
	assert_true(vio_device_has(&box->device.device, BOX_F_PLAIN));
	assert_true(vio_device_has(&box->device.device, BOX_F_HIGH));
	assert_false(vio_device_has(&box->device.device, VIO_F_EVENT_IDX));
	box_assert_works(box);
}

static void feature_windows_beyond_64_bits(void **state)
{
	static const uint32_t beyond[] = { 2, 3, 31, 32, 0x80000000, 0xffffffff };
	struct box *box = *state;

	for (unsigned i = 0; i < VIO_ARRAY_SIZE(beyond); i++) {
		box_write(box, VIO_MMIO_DEVICE_FEATURES_SEL, beyond[i]);
		assert_int_equal(box_read(box, VIO_MMIO_DEVICE_FEATURES), 0);
		box_write(box, VIO_MMIO_DRIVER_FEATURES_SEL, beyond[i]);
		box_write(box, VIO_MMIO_DRIVER_FEATURES, 0xffffffff);
		assert_int_equal(box->device.device.driver_features, 0);
	}
	box_assert_works(box);
}

/* ---- 11: too early, too late ---- */

static void kicked_before_driver_ok(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	box_negotiate(box, 0);
	box->size[0] = 8;
	memset(box_at(box, D, 0x3000), 0, 0x3000);
	assert_int_equal(box_ready(box, 0, 8, D, A, U), 1);
	box_desc(box, 0, 0, BOX_DATA, 8, VIO_DESC_F_WRITE, 0);
	box_snapshot(box);
	box_offer(box, 0, 0);
	box_offer(box, 0, 0);
	box_serve(box);
	assert_int_equal(box->loads, 0);
	assert_int_equal(box_used_idx(box, 0), 0);
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), 0);
	assert_false(box->line);
	box_assert_untouched(box);

	/* And then without another kick. */
	box_write(box, VIO_MMIO_STATUS, 0xf);
	box_serve(box);
	assert_int_equal(box_used_idx(box, 0), 2);
	assert_true(box->line);
	box_assert_works(box);
}

static void kicked_before_ready(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	box_start(box, 0);
	box_write(box, VIO_MMIO_QUEUE_SEL, 0);
	box_write(box, VIO_MMIO_QUEUE_READY, 0);
	memset(box_at(box, D, 0x3000), 0, 0x3000);
	box_desc(box, 0, 0, BOX_DATA, 8, VIO_DESC_F_WRITE, 0);
	box_snapshot(box);
	box_offer(box, 0, 0);
	box_serve(box);
	assert_int_equal(box->loads, 0);
	box_assert_untouched(box);

	/* Live queues are looked at when they become so after DRIVER_OK, too. */
	assert_int_equal(box_ready(box, 0, BOX_SIZE, D, A, U), 1);
	box_serve(box);
	assert_int_equal(box_used_idx(box, 0), 1);
	box_assert_works(box);
}

static void kicked_after_reset(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	box_start(box, 0);
	box_write(box, VIO_MMIO_STATUS, 0);
	box_desc(box, 0, 0, BOX_DATA, 8, VIO_DESC_F_WRITE, 0);
	box_snapshot(box);
	box_offer(box, 0, 0);
	box_serve(box);
	assert_int_equal(box->loads, 0);
	assert_int_equal(box->device.notified[0], 1); /* by DRIVER_OK */
	box_assert_untouched(box);
	box_assert_works(box);
}

static void deferred_work_after_reset(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	box->slot.serving = VIO_MMIO_SERVE_LATER;
	box_start(box, 0);
	box_desc(box, 0, 0, BOX_DATA, 8, VIO_DESC_F_WRITE, 0);
	box_offer(box, 0, 0);
	assert_true(box->serve_wanted);
	box_write(box, VIO_MMIO_STATUS, 0);
	box_snapshot(box);
	box_serve(box);
	assert_int_equal(box->loads, 0);
	box_assert_untouched(box);
	box_assert_works(box);
}

/* ---- 12: reset with requests in flight ---- */

static void hold_two(struct box *box)
{
	box->device.behaviour = BOX_HOLD;
	box_start(box, 0);
	box_desc(box, 0, 0, BOX_DATA, 8, VIO_DESC_F_WRITE, 0);
	box_desc(box, 1, 3, BOX_DATA + 16, 8, VIO_DESC_F_WRITE, 0);
	box_offer(box, 0, 0);
	box_offer(box, 1, 3);
	assert_int_equal(box->device.held_count, 2);
	box_snapshot(box);
}

static void reset_waits_for_the_backend(void **state)
{
	struct box *box = *state;

	hold_two(box);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_PARK);
	/* Another CPU of the guest tries everything meanwhile. */
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_PARK);
	box_write(box, VIO_MMIO_STATUS, 0xf);
	assert_int_equal(box_status(box) & VIO_STATUS_DRIVER_OK, 0);
	assert_int_equal(box_ready(box, 0, 8, D, A, U), 0);
	box_kick(box, 0);
	box_serve(box);
	assert_int_equal(box->loads, 0);

	box_allow(box, BOX_DATA, 8);
	box_complete(box, 1);
	assert_int_equal(box->released, 0);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_PARK);
	box_complete(box, 0);
	assert_int_equal(box->released, 1);
	assert_int_equal(box_status(box), 0);
	/* It is over now, not only when the waiting CPU has written again. */
	box_write(box, VIO_MMIO_STATUS, VIO_STATUS_ACKNOWLEDGE);
	assert_int_equal(box_status(box), VIO_STATUS_ACKNOWLEDGE);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_DONE);
	assert_int_equal(box_used_idx(box, 0), 0);
	assert_int_equal(box_used_idx(box, 1), 0);
	assert_false(box->line);
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), 0);
	assert_int_equal(box->device.device.queues[0].counters.late, 1);
	box_allow(box, BOX_DATA + 16, 8);
	box_assert_untouched(box);
	box_assert_works(box);
	assert_int_equal(box->released, 1);
}

static void queue_disabled_in_flight(void **state)
{
	struct box *box = *state;

	hold_two(box);
	box_write(box, VIO_MMIO_QUEUE_SEL, 0);
	assert_int_equal(box_write(box, VIO_MMIO_QUEUE_READY, 0), VIO_MMIO_PARK);
	assert_int_equal(box_read(box, VIO_MMIO_QUEUE_READY), 0);
	assert_int_equal(box_ready(box, 0, 8, D, A, U), 0);
	box_complete(box, 1);
	assert_int_equal(box->released, 0);
	assert_int_equal(box_used_idx(box, 1), 1); /* the other queue is alive */
	box_complete(box, 0);
	assert_int_equal(box->released, 1);
	assert_int_equal(box_used_idx(box, 0), 0);
	box->device.behaviour = BOX_IGNORE;
	box_write(box, VIO_MMIO_QUEUE_SEL, 0);
	assert_int_equal(box_write(box, VIO_MMIO_QUEUE_READY, 0), VIO_MMIO_DONE);
	assert_int_equal(box_ready(box, 0, 8, D, A, U), 1);
	box_assert_works(box);
	assert_int_equal(box->released, 1);
}

/* Each queue is released once, when its own last request is. */
static void two_queues_disabled_in_flight(void **state)
{
	struct box *box = *state;

	hold_two(box);
	for (uint32_t i = 0; i < 2; i++) {
		box_write(box, VIO_MMIO_QUEUE_SEL, i);
		assert_int_equal(box_write(box, VIO_MMIO_QUEUE_READY, 0), VIO_MMIO_PARK);
	}
	box_complete(box, 0);
	assert_int_equal(box->released, 1);
	box_complete(box, 1);
	assert_int_equal(box->released, 2);
	box_assert_works(box);
}

/* One CPU waits for its queue, then another resets the device: one release ends both waits. */
static void reset_while_a_queue_is_closing(void **state)
{
	struct box *box = *state;

	hold_two(box);
	box_write(box, VIO_MMIO_QUEUE_SEL, 0);
	assert_int_equal(box_write(box, VIO_MMIO_QUEUE_READY, 0), VIO_MMIO_PARK);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_PARK);
	box_complete(box, 0);
	box_complete(box, 1);
	assert_int_equal(box->released, 1);
	assert_int_equal(box_write(box, VIO_MMIO_QUEUE_READY, 0), VIO_MMIO_DONE);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_DONE);

	/* In the device's next life that queue owes no release to anybody. */
	box->device.held_count = 0;
	hold_two(box);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_PARK);
	box_complete(box, 0);
	assert_int_equal(box->released, 1);
	box_complete(box, 1);
	assert_int_equal(box->released, 2);
	box_assert_works(box);
}

/* The other way round. */
static void queue_disabled_while_resetting(void **state)
{
	struct box *box = *state;

	hold_two(box);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_PARK);
	box_write(box, VIO_MMIO_QUEUE_SEL, 0);
	assert_int_equal(box_write(box, VIO_MMIO_QUEUE_READY, 0), VIO_MMIO_PARK);
	box_complete(box, 0);
	box_complete(box, 1);
	assert_int_equal(box->released, 1);
	assert_int_equal(box_read(box, VIO_MMIO_QUEUE_RESET), 0);

	box->device.held_count = 0;
	hold_two(box);
	box_complete(box, 0);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_PARK);
	assert_int_equal(box->released, 1);
	box_complete(box, 1);
	assert_int_equal(box->released, 2);
	box_assert_works(box);
}

static void detached_in_flight(void **state)
{
	struct box *box = *state;

	hold_two(box);
	assert_false(vio_mmio_detach(&box->slot));
	assert_int_equal(box_read(box, VIO_MMIO_DEVICE_ID), 0);
	box_kick(box, 0);
	box_complete(box, 0);
	box_complete(box, 1);
	assert_int_equal(box->released, 1);
	assert_int_equal(box_used_idx(box, 0), 0);
	assert_false(box->line);
	vio_mmio_attach(&box->slot, &box->device.device, &box->memory);
	box_assert_works(box);
}

static void refused_late(void **state)
{
	struct box *box = *state;

	hold_two(box);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_PARK);
	vio_queue_refuse(box->device.held[0].queue, &box->device.held[0].request);
	vio_queue_refuse(box->device.held[1].queue, &box->device.held[1].request);
	assert_int_equal(box->released, 1);
	assert_int_equal(box->failed, 0);
	assert_int_equal(box_status(box), 0);
	box_assert_works(box);
}

/* ---- 13: interrupts ---- */

static void both_causes(struct box *box)
{
	box->device.behaviour = BOX_FILL;
	box_start(box, 0);
	box_desc(box, 0, 0, BOX_DATA, 8, VIO_DESC_F_WRITE, 0);
	box_offer(box, 0, 0);
	vio_device_config_changed(&box->device.device);
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), 3);
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), 3);
	assert_int_equal(box->raised, 1);
}

static void acknowledged_one_by_one(void **state)
{
	struct box *box = *state;

	for (uint32_t first = 1; first < 3; first++) {
		box->raised = 0;
		both_causes(box);
		box_write(box, VIO_MMIO_INTERRUPT_ACK, first);
		assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), 3 - first);
		assert_true(box->line);
		box_write(box, VIO_MMIO_INTERRUPT_ACK, first);
		assert_true(box->line);
		box_write(box, VIO_MMIO_INTERRUPT_ACK, 3 - first);
		assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), 0);
		assert_false(box->line);
		/* Lowering a low line would fail in the box. */
		box_write(box, VIO_MMIO_INTERRUPT_ACK, 3);
	}
}

static void acknowledged_bits_that_are_not_set(void **state)
{
	struct box *box = *state;

	both_causes(box);
	box_write(box, VIO_MMIO_INTERRUPT_ACK, 0);
	box_write(box, VIO_MMIO_INTERRUPT_ACK, 0xfffffffc);
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), 3);
	assert_true(box->line);
	box_write(box, VIO_MMIO_INTERRUPT_ACK, 0xffffffff);
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), 0);
	assert_false(box->line);
}

static void never_acknowledged(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	box_start(box, 0);
	box_desc(box, 0, 0, BOX_DATA, 8, VIO_DESC_F_WRITE, 0);
	for (uint16_t i = 0; i < 1000; i++) {
		box_offer(box, 0, 0);
		assert_int_equal(box_used_idx(box, 0), i + 1);
	}
	assert_int_equal(box->raised, 1);
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), 1);
}

/* ---- 15: kick storm ---- */

static void kick_storm(void **state)
{
	struct box *box = *state;

	box_start(box, VIO_BIT(VIO_F_EVENT_IDX));
	box_snapshot(box);
	for (unsigned i = 0; i < 10000; i++) {
		box_kick(box, i % (BOX_QUEUES + 1));
		assert_false(box->serve_wanted);
	}
	/* A kick on an empty ring costs two looks at the driver's index. */
	assert_true(box->loads <= 20000);
	assert_false(box->line);
	assert_int_equal(box->failed, 0);

	/* Served later, a storm is one call. */
	box->slot.serving = VIO_MMIO_SERVE_LATER;
	box_snapshot(box);
	for (unsigned i = 0; i < 10000; i++)
		box_kick(box, 0);
	assert_int_equal(box->loads, 0);
	box_serve(box);
	assert_true(box->loads <= 2);
	box_assert_works(box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST("1 2 VQ-P-01 MMIO-P-19 MMIO-H-33", no_such_queue),
		BOX_TEST("1", device_without_queues),
		BOX_TEST("3", ready_before_features_ok),
		BOX_TEST("5 MMIO-H-29 MMIO-H-34", live_queue_reconfigured),
		BOX_TEST("7 CFG-H-03 CFG-P-02 MMIO-P-25", config_read_everywhere),
		BOX_TEST("7 CFG-H-03 INIT-H-04", config_written_everywhere),
		BOX_TEST("8 MMIO-H-27", odd_widths_and_offsets),
		BOX_TEST("8 MMIO-H-26", undefined_and_read_only_registers),
		BOX_TEST("MMIO-P-15 MMIO-H-35", empty_slot),
		BOX_TEST("9", status_bits_at_once),
		BOX_TEST("9 STAT-H-07", status_bits_cleared),
		BOX_TEST("9 INIT-H-02", driver_ok_without_features_ok),
		BOX_TEST("9", unknown_status_bits),
		BOX_TEST("9 11", going_on_after_needs_reset),
		BOX_TEST("11", broken_while_others_wait),
		BOX_TEST("11 STAT-H-08", going_on_after_failed),
		BOX_TEST("10 FEAT-D-03 FEAT-H-06", features_never_offered),
		BOX_TEST("10 RSV-D-02 RSV-H-09", version_1_declined),
		BOX_TEST("10 FEAT-H-07", feature_without_its_need),
		BOX_TEST("10 INIT-H-01", features_rewritten_after_features_ok),
		BOX_TEST("10 MMIO-P-16 MMIO-P-17", feature_windows_beyond_64_bits),
		BOX_TEST("11 STAT-D-01 STAT-D-02 INIT-H-03", kicked_before_driver_ok),
		BOX_TEST("11 MMIO-D-08 MMIO-H-33", kicked_before_ready),
		BOX_TEST("11 RST-D-02", kicked_after_reset),
		BOX_TEST("11 RST-D-02", deferred_work_after_reset),
		BOX_TEST("12 STAT-P-06 RST-D-02 RST-P-03", reset_waits_for_the_backend),
		BOX_TEST("12 MMIO-H-30", queue_disabled_in_flight),
		BOX_TEST("12 MMIO-H-30", two_queues_disabled_in_flight),
		BOX_TEST("12", reset_while_a_queue_is_closing),
		BOX_TEST("12", queue_disabled_while_resetting),
		BOX_TEST("12", detached_in_flight),
		BOX_TEST("12", refused_late),
		BOX_TEST("13 MMIO-P-22 MMIO-D-03", acknowledged_one_by_one),
		BOX_TEST("13 MMIO-H-31", acknowledged_bits_that_are_not_set),
		BOX_TEST("13 MMIO-H-32", never_acknowledged),
		BOX_TEST("15 SPL-D-20 NOTF-P-01", kick_storm),
	};
	struct CMUnitTest rows[VIO_ARRAY_SIZE(bad_queues)];

	for (unsigned i = 0; i < VIO_ARRAY_SIZE(rows); i++)
		rows[i] = (struct CMUnitTest)BOX_ROW(bad_queues[i].name, run_queue, &bad_queues[i]);
	return cmocka_run_group_tests(rows, NULL, NULL) + cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The root's drivers of Virtio devices, with devices of ours as the hardware: a guest's request
 * goes guest -> vio_blk -> virtio_blk -> registers and ring -> vio_blk -> a disk in the test.
 */
#include "csprng.h"
#include "disk_slice.h"
#include "slot.h"
#include "virtio_blk.h"
#include "virtio_probe.h"
#include "virtio_rng.h"

#define CAPACITY 128 /* sectors */
#define SECTOR   VIO_BLK_SECTOR
#define TRACE    64

/* ---- The hardware ---- */

static struct vio_mmio transports[4];
static struct vio_blk hardware_blk;
static struct vio_rng hardware_rng;
static struct vio_memory bus;
static struct vio_region bus_regions[3];
static bool line;
static bool deferred;

static void raise(struct vio_mmio *mmio)
{
	(void)mmio;
	line = true;
}

static void lower(struct vio_mmio *mmio)
{
	(void)mmio;
	line = false;
}

static void defer(struct vio_mmio *mmio)
{
	assert_ptr_equal(mmio->device, &hardware_blk.device);
	deferred = true;
}

static void released(struct vio_mmio *mmio)
{
	fail_msg("slot %u: nobody waits", mmio->number);
}

static void failed(struct vio_mmio *mmio, enum vio_error error)
{
	fail_msg("slot %u: %s", mmio->number, vio_error_text(error));
}

static const struct vio_mmio_host host = { raise, lower, defer, released, failed };

static uint32_t reg_read(void *registers, uint32_t offset, unsigned width)
{
	return (uint32_t)vio_mmio_read(registers, offset, width);
}

static void reg_write(void *registers, uint32_t offset, unsigned width, uint32_t value)
{
	assert_int_equal(vio_mmio_write(registers, offset, width, value), VIO_MMIO_DONE);
}

static const struct vio_driver_access access = { reg_read, reg_write };

/* A disk that may answer late, and badly. */
static struct {
	struct vio_blk_backend backend;
	uint8_t sectors[CAPACITY * SECTOR];
	bool late;
	uint64_t bad_sector; /* requests that touch it fail */
	struct vio_blk_io *held[2 * VIO_BLK_IOS + 1];
	unsigned held_count;
	char trace[TRACE];
	uint32_t lengths[TRACE];
	unsigned spans[TRACE];
	uint32_t longest; /* span, bytes */
	unsigned count;
	struct vio_blk_range last; /* flags: unmap */
} disk;

static void move(struct vio_blk_io *io)
{
	uint8_t *at = disk.sectors + io->sector * SECTOR;
	enum vio_blk_status status = VIO_BLK_S_OK;
	unsigned i = 0;

	if (io->sector <= disk.bad_sector && disk.bad_sector < io->sector + io->len / SECTOR)
		status = VIO_BLK_S_IOERR;
	for (i = 0; status == VIO_BLK_S_OK && i < io->span_count; i++) {
		if (io->op == VIO_BLK_READ)
			memcpy(io->spans[i].data, at, io->spans[i].len);
		else
			memcpy(at, io->spans[i].data, io->spans[i].len);
		at += io->spans[i].len;
	}
	if (io->op == VIO_BLK_LIFETIME)
		memcpy(io->lifetime, (const uint16_t[]){ 2, 3, 11 }, sizeof(io->lifetime));
	vio_blk_done(io, status);
}

static void disk_submit(struct vio_blk_backend *backend, struct vio_blk_io *io)
{
	unsigned i = 0;

	assert_ptr_equal(backend, &disk.backend);
	assert_true(disk.count < TRACE);
	for (i = 0; i < io->span_count; i++) {
		if (io->spans[i].len > disk.longest)
			disk.longest = io->spans[i].len;
	}
	disk.trace[disk.count] = "RWFDZEL"[io->op];
	disk.lengths[disk.count] = io->len;
	disk.last = (struct vio_blk_range){ io->sector, io->sectors, io->unmap };
	disk.spans[disk.count++] = io->span_count;
	if (disk.late)
		disk.held[disk.held_count++] = io;
	else
		move(io);
}

/* ---- The root ---- */

static struct virtio_window window = { &access, transports, 0, sizeof(transports[0]), 4 };
static struct virtio_blk root_blk;
static struct virtio_rng root_rng;
static struct vio_blk guest_blk;
static struct slot slots[2]; /* one, but where a test has two guests */
static struct slot *slot;

static void run(void)
{
	while (line || deferred || slots[0].deferred || slots[1].deferred) {
		if (line)
			virtio_blk_interrupt(&root_blk);
		if (deferred) {
			deferred = false;
			vio_mmio_serve(&transports[2]);
		}
		slot_settle(&slots[0]);
		slot_settle(&slots[1]);
	}
}

static void add_to_bus(void *data, size_t size)
{
	assert_true(vio_memory_add(&bus, (struct vio_region){ .base = (uintptr_t)data,
							      .size = size,
							      .data = data,
							      .access = VIO_ACCESS_READ_WRITE }));
}

static int setup(void **state)
{
	uint16_t i = 0;

	(void)state;
	memset(&disk, 0, sizeof(disk));
	memset(slots, 0, sizeof(slots));
	slot = &slots[0];
	memset(&root_blk, 0, sizeof(root_blk));
	memset(&root_rng, 0, sizeof(root_rng));
	disk.backend.submit = disk_submit;
	disk.bad_sector = UINT64_MAX;
	line = deferred = false;
	for (i = 0; i < 4; i++)
		transports[i] = (struct vio_mmio){ .host = &host, .number = i };
	vio_memory_init(&bus, bus_regions, VIO_ARRAY_SIZE(bus_regions));
	add_to_bus(&root_blk, sizeof(root_blk));
	add_to_bus(&root_rng, sizeof(root_rng));
	return 0;
}

/* A disk as described in transport 2, driven by the root, with a guest's device on top of it. */
static void start(const struct vio_blk_disk *description, uint64_t features)
{
	struct vio_driver driver;

	vio_blk_init(&hardware_blk, &disk.backend, description);
	vio_mmio_attach(&transports[2], &hardware_blk.device, &bus);
	assert_int_equal(virtio_find(&window, VIO_ID_BLK, 0, &driver), 2);
	assert_null(virtio_blk_init(&root_blk, &driver));
	vio_blk_init(&guest_blk, &root_blk.backend, &root_blk.disk);
	slot_attach(slot, &guest_blk.device);
	add_to_bus(slot->ram, SLOT_RAM_SIZE);
	slot_start(slot, features | VIO_BIT(VIO_F_INDIRECT_DESC), 128);
}

/* ---- The guest ---- */

struct request {
	struct vio_blk_header *header;
	uint8_t *status;
	struct vio_buffer buffers[VIO_BLK_SPANS];
	unsigned count;
};

static void make(struct request *r, uint32_t type, uint64_t sector, uint8_t *data,
		 const uint32_t *lengths, unsigned count)
{
	unsigned i = 0;

	r->header = slot_alloc(slot, sizeof(*r->header));
	r->status = slot_alloc(slot, 1);
	*r->header = (struct vio_blk_header){ .type = vio_le32(type), .sector = vio_le64(sector) };
	*r->status = 0xee;
	r->count = 0;
	r->buffers[r->count++] = (struct vio_buffer){ .data = r->header, .len = 16 };
	for (i = 0; i < count; i++) {
		r->buffers[r->count++] = (struct vio_buffer){ .data = data,
							      .len = lengths[i],
							      .writable = type == VIO_BLK_T_IN };
		data += lengths[i];
	}
	r->buffers[r->count++] =
		(struct vio_buffer){ .data = r->status, .len = 1, .writable = true };
}

static uint8_t request(uint32_t type, uint64_t sector, uint8_t *data, const uint32_t *lengths,
		       unsigned count)
{
	struct request r;

	make(&r, type, sector, data, lengths, count);
	slot_send(slot, 0, r.buffers, r.count);
	run();
	assert_true(slot_used(slot, 0) != SLOT_PENDING);
	return *r.status;
}

static uint8_t pattern(uint32_t i)
{
	return (uint8_t)(i * 167 + (i >> 8) * 13 + 1);
}

static uint8_t *patterned(uint32_t len)
{
	uint8_t *data = slot_alloc(slot, len);
	uint32_t i = 0;

	for (i = 0; i < len; i++)
		data[i] = pattern(i);
	return data;
}

static void expect_trace(const char *trace)
{
	assert_int_equal(disk.count, strlen(trace));
	assert_memory_equal(disk.trace, trace, strlen(trace));
}

static void disk_is_described_to_the_guest(void **state)
{
	const struct vio_blk_disk description = {
		.capacity = CAPACITY,
		.id = "twenty characters id",
		.blk_size = 4096,
		.seg_max = 12,
		.size_max = 8192,
		.read_only = true,
		.write_cache = true,
		.physical_block_exp = 3,
		.min_io_size = 8,
		.opt_io_size = 64,
	};
	const struct vio_blk_disk *got = &root_blk.disk;
	uint32_t length = 512;

	(void)state;
	start(&description, 0);
	assert_int_equal(got->capacity, CAPACITY);
	assert_string_equal(got->id, "twenty characters id");
	assert_int_equal(got->blk_size, 4096);
	assert_int_equal(got->seg_max, 12);
	assert_int_equal(got->size_max, 8192);
	assert_true(got->read_only);
	assert_true(got->write_cache);
	assert_int_equal(got->physical_block_exp, 3);
	assert_int_equal(got->min_io_size, 8);
	assert_int_equal(got->opt_io_size, 64);
	assert_int_equal(request(VIO_BLK_T_OUT, 0, patterned(512), &length, 1), VIO_BLK_S_IOERR);
	expect_trace("");
}

static void write_then_read_in_place(void **state)
{
	const uint32_t lengths[] = { 512, 100, 924, 1, 511 };
	uint8_t *data = NULL;
	uint8_t *back = NULL;

	(void)state;
	start(&(const struct vio_blk_disk){ .capacity = CAPACITY }, 0);
	assert_null(root_blk.disk.id);
	data = patterned(2048);
	assert_int_equal(request(VIO_BLK_T_OUT, 5, data, lengths, 5), VIO_BLK_S_OK);
	assert_memory_equal(disk.sectors + 5 * SECTOR, data, 2048);
	back = slot_alloc(slot, 2048);
	assert_int_equal(request(VIO_BLK_T_IN, 5, back, lengths, 5), VIO_BLK_S_OK);
	assert_memory_equal(back, data, 2048);
	expect_trace("WR");
	/* As the guest cut it: nothing was copied together. */
	assert_int_equal(disk.spans[0], 5);
}

/* More segments, or longer ones, than the disk takes: whole sectors each time. */
static void large_requests_are_cut(void **state)
{
	uint32_t lengths[64];
	uint8_t *data = NULL;
	uint8_t *back = NULL;
	unsigned i = 0;

	(void)state;
	start(&(const struct vio_blk_disk){ .capacity = CAPACITY, .seg_max = 5, .size_max = 700 },
	      0);
	for (i = 0; i < 64; i++)
		lengths[i] = i % 2 == 0 ? 312 : 712;
	data = patterned(32768);
	back = slot_alloc(slot, 32768);
	assert_int_equal(request(VIO_BLK_T_OUT, 3, data, lengths, 64), VIO_BLK_S_OK);
	assert_memory_equal(disk.sectors + 3 * SECTOR, data, 32768);
	assert_int_equal(request(VIO_BLK_T_IN, 3, back, lengths, 64), VIO_BLK_S_OK);
	assert_memory_equal(back, data, 32768);
	assert_in_range(disk.count, 20, 60);
	assert_in_range(disk.longest, 1, 700);
	for (i = 0; i < disk.count; i++) {
		assert_in_range(disk.spans[i], 1, 5);
		assert_int_equal(disk.lengths[i] % SECTOR, 0);
	}
}

static void what_cannot_be_cut_fails(void **state)
{
	uint32_t lengths[64];
	unsigned i = 0;

	(void)state;
	start(&(const struct vio_blk_disk){ .capacity = CAPACITY, .seg_max = 3 }, 0);
	for (i = 0; i < 64; i++)
		lengths[i] = 128;
	assert_int_equal(request(VIO_BLK_T_IN, 0, patterned(8192), lengths, 64), VIO_BLK_S_IOERR);
	expect_trace("");
	/* The slot came back. */
	lengths[0] = 512;
	for (i = 0; i < 2 * VIRTIO_BLK_SLOTS; i++)
		assert_int_equal(request(VIO_BLK_T_IN, 0, patterned(512), lengths, 1),
				 VIO_BLK_S_OK);
}

static void error_of_a_later_part_is_the_answer(void **state)
{
	const uint32_t lengths[] = { 1024, 1024, 1024 };

	(void)state;
	start(&(const struct vio_blk_disk){ .capacity = CAPACITY, .seg_max = 1 }, 0);
	disk.bad_sector = 12;
	assert_int_equal(request(VIO_BLK_T_IN, 10, patterned(3072), lengths, 3), VIO_BLK_S_IOERR);
	expect_trace("RR");
	disk.bad_sector = UINT64_MAX;
	assert_int_equal(request(VIO_BLK_T_IN, 10, patterned(3072), lengths, 3), VIO_BLK_S_OK);
}

static void flush_reaches_the_disk(void **state)
{
	const uint32_t length = 512;

	(void)state;
	start(&(const struct vio_blk_disk){ .capacity = CAPACITY, .write_cache = true },
	      VIO_BIT(VIO_BLK_F_FLUSH));
	assert_int_equal(request(VIO_BLK_T_OUT, 0, patterned(512), &length, 1), VIO_BLK_S_OK);
	assert_int_equal(request(VIO_BLK_T_FLUSH, 0, NULL, NULL, 0), VIO_BLK_S_OK);
	expect_trace("WF");
}

/* A guest that did not take FLUSH: the flush comes out of vio_blk_done(). */
static void write_through_reaches_the_disk(void **state)
{
	const uint32_t length = 512;

	(void)state;
	start(&(const struct vio_blk_disk){ .capacity = CAPACITY, .write_cache = true }, 0);
	assert_int_equal(request(VIO_BLK_T_OUT, 0, patterned(512), &length, 1), VIO_BLK_S_OK);
	expect_trace("WF");
}

/* What the disk cannot the guest is not offered, and the limits are the disk's. */
static void what_the_disk_can_is_offered_to_the_guest(void **state)
{
	static const struct {
		enum vio_blk_op op;
		unsigned feature;
	} options[] = {
		{ VIO_BLK_DISCARD, VIO_BLK_F_DISCARD },
		{ VIO_BLK_WRITE_ZEROES, VIO_BLK_F_WRITE_ZEROES },
		{ VIO_BLK_SECURE_ERASE, VIO_BLK_F_SECURE_ERASE },
		{ VIO_BLK_LIFETIME, VIO_BLK_F_LIFETIME },
	};
	const struct vio_blk_disk description = {
		.capacity = CAPACITY,
		.may_unmap = true,
		.discard = { 11, 1 },
		.write_zeroes = { 22, 1 },
		.secure_erase = { 33, 1 },
		.discard_alignment = 4,
		.secure_erase_alignment = 5,
	};
	const struct vio_blk_disk *got = &root_blk.disk;
	uint64_t mask = 0;
	unsigned i = 0;

	(void)state;
	for (i = 0; i < VIO_ARRAY_SIZE(options); i++)
		mask |= UINT64_C(1) << options[i].feature;
	for (i = 0; i < VIO_ARRAY_SIZE(options); i++) {
		setup(NULL);
		disk.backend.can = (uint8_t)(1U << options[i].op);
		start(&description, 0);
		assert_int_equal(root_blk.backend.can, disk.backend.can);
		assert_int_equal(vio_device_offered(&guest_blk.device, 0) & mask,
				 UINT64_C(1) << options[i].feature);
	}
	setup(NULL);
	disk.backend.can = UINT8_MAX;
	start(&description, 0);
	assert_true(got->may_unmap);
	assert_int_equal(got->discard.max_sectors, 11);
	assert_int_equal(got->write_zeroes.max_sectors, 22);
	assert_int_equal(got->secure_erase.max_sectors, 33);
	assert_int_equal(got->discard_alignment, 4);
	assert_int_equal(got->secure_erase_alignment, 5);
	assert_int_equal(guest_blk.config.discard.max_seg, VIO_BLK_RANGES);
}

/* The guest's list of two is two requests to a disk that takes one range in each. */
static void ranges_reach_the_disk(void **state)
{
	static const struct {
		uint32_t type;
		uint32_t flags;
		const char *trace;
	} kinds[] = {
		{ VIO_BLK_T_DISCARD, 0, "DD" },
		{ VIO_BLK_T_WRITE_ZEROES, 0, "ZZ" },
		{ VIO_BLK_T_WRITE_ZEROES, VIO_BLK_RANGE_UNMAP, "ZZ" },
		{ VIO_BLK_T_SECURE_ERASE, 0, "EE" },
	};
	const struct vio_blk_disk description = {
		.capacity = CAPACITY,
		.discard = { CAPACITY, 1 },
		.write_zeroes = { CAPACITY, 1 },
		.secure_erase = { CAPACITY, 1 },
	};
	const uint32_t length = 2 * sizeof(struct vio_blk_range);
	unsigned i = 0;

	(void)state;
	for (i = 0; i < VIO_ARRAY_SIZE(kinds); i++) {
		const struct vio_blk_range ranges[] = {
			{ vio_le64(3), vio_le32(4), 0 },
			{ vio_le64(100), vio_le32(28), vio_le32(kinds[i].flags) },
		};
		void *data = NULL;

		setup(NULL);
		disk.backend.can = UINT8_MAX;
		start(&description, VIO_BIT(VIO_BLK_F_DISCARD) | VIO_BIT(VIO_BLK_F_WRITE_ZEROES) |
					    VIO_BIT(VIO_BLK_F_SECURE_ERASE));
		data = slot_alloc(slot, length);
		memcpy(data, ranges, length);
		assert_int_equal(request(kinds[i].type, 0, data, &length, 1), VIO_BLK_S_OK);
		expect_trace(kinds[i].trace);
		assert_int_equal(disk.last.sector, 100);
		assert_int_equal(disk.last.sectors, 28);
		assert_int_equal(disk.last.flags, kinds[i].flags);
	}
}

static void lifetime_comes_from_the_disk(void **state)
{
	static const uint8_t expected[] = { 2, 0, 3, 0, 11, 0 };
	const struct vio_buffer pieces[] = { { NULL, 16, false },
					     { NULL, sizeof(expected), true },
					     { NULL, 1, true } };
	struct vio_buffer buffers[3];
	unsigned i = 0;

	(void)state;
	disk.backend.can = UINT8_MAX;
	start(&(const struct vio_blk_disk){ .capacity = CAPACITY }, VIO_BIT(VIO_BLK_F_LIFETIME));
	for (i = 0; i < 3; i++) {
		buffers[i] = pieces[i];
		buffers[i].data = slot_alloc(slot, pieces[i].len);
	}
	*(struct vio_blk_header *)buffers[0].data =
		(struct vio_blk_header){ .type = vio_le32(VIO_BLK_T_GET_LIFETIME) };
	slot_send(slot, 0, buffers, 3);
	run();
	assert_int_equal(slot_used(slot, 0), sizeof(expected) + 1);
	assert_memory_equal(buffers[1].data, expected, sizeof(expected));
	expect_trace("L");
}

/* All there can be, answered backwards. */
static void many_at_a_time_in_any_order(void **state)
{
	static struct request requests[VIO_BLK_IOS];
	const uint32_t length = 512;
	unsigned i = 0;

	(void)state;
	start(&(const struct vio_blk_disk){ .capacity = CAPACITY }, 0);
	disk.late = true;
	for (i = 0; i < VIO_BLK_IOS; i++) {
		uint8_t *data = slot_alloc(slot, 512);

		memset(data, (int)i + 1, 512);
		make(&requests[i], VIO_BLK_T_OUT, i, data, &length, 1);
		slot_send(slot, 0, requests[i].buffers, requests[i].count);
	}
	run();
	assert_int_equal(disk.held_count, VIO_BLK_IOS);
	while (disk.held_count > 0) {
		move(disk.held[--disk.held_count]);
		run();
	}
	for (i = 0; i < VIO_BLK_IOS; i++) {
		assert_true(slot_used(slot, 0) != SLOT_PENDING);
		assert_int_equal(*requests[i].status, VIO_BLK_S_OK);
		assert_int_equal(disk.sectors[(size_t)i * SECTOR + 511], i + 1);
	}
}

static void hostile_12_reset_waits_for_the_disk(void **state)
{
	const uint32_t length = 512;
	struct request r;

	(void)state;
	start(&(const struct vio_blk_disk){ .capacity = CAPACITY }, 0);
	disk.late = true;
	make(&r, VIO_BLK_T_IN, 0, patterned(512), &length, 1);
	slot_send(slot, 0, r.buffers, r.count);
	run();
	assert_false(vio_driver_reset(&slot->driver));
	assert_int_equal(slot->released, 0);
	move(disk.held[0]);
	run();
	assert_int_equal(slot->released, 1);
	assert_true(vio_driver_reset(&slot->driver));
}

/* Two guests, each with half of the disk, who share a memory, too. */
static struct {
	struct disk_slice slice;
	struct vio_blk blk;
} halves[2];

static void start_halves(void)
{
	start(&(const struct vio_blk_disk){ .capacity = CAPACITY, .write_cache = true }, 0);
	for (unsigned i = 0; i < 2; i++) {
		assert_true(disk_slice_init(&halves[i].slice, &root_blk.backend, &root_blk.disk,
					    i * CAPACITY / 2, CAPACITY / 2));
		vio_blk_init(&halves[i].blk, &halves[i].slice.backend, &halves[i].slice.disk);
		slot_attach(&slots[i], &halves[i].blk.device);
	}
	slots[1].ram_used = SLOT_RAM_SIZE / 2;
	slot_start(&slots[0], VIO_BIT(VIO_F_INDIRECT_DESC), 128);
	slot_start(&slots[1], VIO_BIT(VIO_F_INDIRECT_DESC), 128);
}

static void slices_are_disks_of_their_own(void **state)
{
	const struct vio_blk_disk whole = { .capacity = CAPACITY };
	uint32_t length = 1024;
	uint8_t *data = NULL;

	(void)state;
	start_halves();
	slot = &slots[1];
	assert_int_equal(guest_blk.capacity, CAPACITY);
	assert_int_equal(halves[1].blk.capacity, CAPACITY / 2);
	data = patterned(length);
	assert_int_equal(request(VIO_BLK_T_OUT, CAPACITY / 2 - 2, data, &length, 1), VIO_BLK_S_OK);
	assert_memory_equal(disk.sectors + (CAPACITY - 2) * SECTOR, data, length);
	assert_int_equal(request(VIO_BLK_T_OUT, CAPACITY / 2 - 1, data, &length, 1),
			 VIO_BLK_S_IOERR);
	expect_trace("WF"); /* the flush of a guest that did not take FLUSH */
	slot = &slots[0];
	assert_int_equal(request(VIO_BLK_T_OUT, 3, data, &length, 1), VIO_BLK_S_OK);
	assert_memory_equal(disk.sectors + 3 * SECTOR, data, length);

	assert_false(disk_slice_init(&halves[0].slice, &root_blk.backend, &whole, 1, CAPACITY));
	assert_false(disk_slice_init(&halves[0].slice, &root_blk.backend, &whole, 0, 0));
	assert_false(disk_slice_init(&halves[0].slice, &root_blk.backend, &whole, CAPACITY + 1, 1));
	assert_false(disk_slice_init(&halves[0].slice, &root_blk.backend, &whole, 2, UINT64_MAX));
	assert_true(disk_slice_init(&halves[0].slice, &root_blk.backend, &whole, 1, CAPACITY - 1));
}

/*
 * All that two guests may have with the disk, of which it takes half at a time: none is refused,
 * and one more of the first, who asks for it when it has an answer, does not overtake the other's.
 */
static void who_shares_the_disk_waits_in_turn(void **state)
{
	enum {
		ONE = VIO_BLK_IOS + 1,
		BOTH = ONE + VIO_BLK_IOS
	};
	static struct request requests[BOTH];
	uint32_t length = 512;

	(void)state;
	start_halves();
	disk.late = true;
	for (unsigned i = 0; i < BOTH; i++) {
		slot = &slots[i >= ONE];
		make(&requests[i], VIO_BLK_T_IN, i < ONE ? i : i - ONE, patterned(length), &length,
		     1);
		slot_send(slot, 0, requests[i].buffers, requests[i].count);
	}
	run();
	assert_int_equal(disk.held_count, VIRTIO_BLK_SLOTS);
	for (unsigned i = 0; i < BOTH; i++) {
		/* The first's, the second's, and the last of the first. */
		unsigned which = i < VIO_BLK_IOS ? i : i < BOTH - 1 ? i + 1 : ONE - 1;
		uint64_t sector = which < ONE ? which : which - ONE + CAPACITY / 2;

		assert_true(i < disk.held_count);
		assert_int_equal(disk.held[i]->sector, sector);
		move(disk.held[i]);
		run();
		assert_int_equal(*requests[which].status, VIO_BLK_S_OK);
	}
}

static void probing_says_what_is_wrong(void **state)
{
	struct vio_driver driver;

	(void)state;
	assert_int_equal(virtio_find(&window, VIO_ID_BLK, 0, &driver), -1);
	assert_non_null(virtio_blk_init(&root_blk, &driver));
	assert_non_null(virtio_rng_init(&root_rng, &driver));
	assert_false(virtio_has_legacy(&window));
}

static uint32_t legacy_read(void *registers, uint32_t offset, unsigned width)
{
	return offset == VIO_MMIO_VERSION ? 1 : reg_read(registers, offset, width);
}

static void legacy_transports_are_noticed(void **state)
{
	const struct vio_driver_access old = { legacy_read, reg_write };
	const struct virtio_window legacy = { &old, transports, 0, sizeof(transports[0]), 4 };
	struct vio_driver driver;

	(void)state;
	assert_true(virtio_has_legacy(&legacy));
	assert_int_equal(virtio_find(&legacy, VIO_ID_BLK, 0, &driver), -1);
}

/* ---- Entropy ---- */

static struct csprng csprng;
static struct vio_entropy source;
static unsigned seeds;

static uint32_t source_fill(struct vio_entropy *from, void *to, uint32_t len)
{
	assert_ptr_equal(from, &source);
	memset(to, 0x5a, len);
	return len;
}

static void on_entropy(void *user, const void *bytes, uint32_t len)
{
	assert_ptr_equal(user, &csprng);
	assert_int_equal(len, VIRTIO_RNG_BYTES);
	assert_int_equal(*(const uint8_t *)bytes, 0x5a);
	csprng_seed(&csprng, bytes, len);
	seeds++;
}

static void hardware_entropy_seeds_the_generator(void **state)
{
	const uint8_t zeroes[VIRTIO_RNG_BYTES] = { 0 };
	struct vio_driver driver;
	uint8_t out[16];
	unsigned i = 0;

	(void)state;
	seeds = 0;
	source.fill = source_fill;
	vio_rng_init(&hardware_rng, &source);
	vio_mmio_attach(&transports[1], &hardware_rng.device, &bus);
	csprng_init(&csprng, NULL);
	root_rng.ready = on_entropy;
	root_rng.user = &csprng;
	assert_int_equal(virtio_find(&window, VIO_ID_RNG, 0, &driver), 1);
	assert_null(virtio_rng_init(&root_rng, &driver));

	for (i = 1; i <= 5; i++) {
		virtio_rng_request(&root_rng);
		virtio_rng_request(&root_rng);
		assert_true(line);
		virtio_rng_interrupt(&root_rng);
		assert_false(line);
		assert_int_equal(seeds, i);
		assert_memory_equal(root_rng.bytes, zeroes, sizeof(zeroes));
	}
	virtio_rng_interrupt(&root_rng);
	assert_int_equal(seeds, 5);
	assert_int_equal(csprng.source.fill(&csprng.source, out, 16), 16);
}

#define TEST(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(disk_is_described_to_the_guest),
		TEST(write_then_read_in_place),
		TEST(large_requests_are_cut),
		TEST(what_cannot_be_cut_fails),
		TEST(error_of_a_later_part_is_the_answer),
		TEST(flush_reaches_the_disk),
		TEST(write_through_reaches_the_disk),
		TEST(what_the_disk_can_is_offered_to_the_guest),
		TEST(ranges_reach_the_disk),
		TEST(lifetime_comes_from_the_disk),
		TEST(many_at_a_time_in_any_order),
		TEST(hostile_12_reset_waits_for_the_disk),
		TEST(slices_are_disks_of_their_own),
		TEST(who_shares_the_disk_waits_in_turn),
		TEST(probing_says_what_is_wrong),
		TEST(legacy_transports_are_noticed),
		TEST(hardware_entropy_seeds_the_generator),
	};

	return cmocka_run_group_tests_name("disk", tests, NULL, NULL);
}

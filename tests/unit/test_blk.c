/* SPDX-License-Identifier: BSD-2-Clause */
/* The block device: over a RAM disk that answers at once, and over a disk that answers late. */
#include <linux/virtio_blk.h>

#include "slot.h"
#include "vio_mmio_state.h"
#include "vio_ramdisk.h"

#define CAPACITY 64 /* sectors */
#define SECTOR   VIO_BLK_SECTOR
#define FLUSHING (VIO_BIT(VIO_BLK_F_FLUSH) | VIO_BIT(VIO_F_INDIRECT_DESC))
#define RANGED                                                                                     \
	(VIO_BIT(VIO_BLK_F_DISCARD) | VIO_BIT(VIO_BLK_F_WRITE_ZEROES) |                            \
	 VIO_BIT(VIO_BLK_F_SECURE_ERASE) | VIO_BIT(VIO_BLK_F_LIFETIME))

/* All that a backend can be asked for. */
#define CAN                                                                                        \
	(VIO_BIT(VIO_BLK_DISCARD) | VIO_BIT(VIO_BLK_WRITE_ZEROES) |                                \
	 VIO_BIT(VIO_BLK_SECURE_ERASE) | VIO_BIT(VIO_BLK_LIFETIME))

/* A status the device never writes. */
#define UNSET 0xee

/* A disk that keeps what it is given until the test lets it answer. */
struct slow_disk {
	struct vio_blk_backend backend;
	struct vio_blk_io *held[VIO_BLK_IOS];
	unsigned count;
	unsigned submitted;
	unsigned cancelled;
	bool gives_up;  /* when cancelled */
	bool at_once;   /* what moves no data is answered from inside submit() */
	unsigned depth; /* calls of submit() inside one another: now, */
	unsigned depth_max;
	struct vio_blk_range ranges[32]; /* as submitted; flags: unmap */
	char trace[33];
};

static struct vio_blk blk;
static struct vio_ramdisk ramdisk;
static struct slow_disk slow;
static struct slot slot;
static uint8_t sectors[CAPACITY * SECTOR];
static const struct vio_blk_disk plain = { .capacity = CAPACITY, .id = "VIO-0123456789" };

/* What a request is made of, in guest memory. */
static struct vio_blk_header *header;
static uint8_t *data;
static uint8_t *status;

static uint8_t pattern(uint32_t i)
{
	return (uint8_t)(i * 167 + (i >> 8) * 13 + 1);
}

static void hold(struct vio_blk_backend *backend, struct vio_blk_io *io)
{
	struct slow_disk *disk = VIO_CONTAINER_OF(backend, struct slow_disk, backend);

	disk->ranges[disk->submitted % 32] =
		(struct vio_blk_range){ io->sector, io->sectors, io->unmap };
	disk->trace[disk->submitted++ % 32] = "RWFDZEL"[io->op];
	assert_true(io->op < VIO_BLK_FLUSH || (io->len == 0 && io->span_count == 0));
	if (disk->at_once && io->op >= VIO_BLK_FLUSH) {
		if (++disk->depth > disk->depth_max)
			disk->depth_max = disk->depth;
		vio_blk_done(io, VIO_BLK_S_OK);
		disk->depth--;
		return;
	}
	assert_true(disk->count < VIO_BLK_IOS);
	disk->held[disk->count++] = io;
}

static void answer(unsigned which, enum vio_blk_status with)
{
	struct vio_blk_io *io = slow.held[which];

	assert_true(which < slow.count);
	slow.held[which] = slow.held[--slow.count];
	if (io->op == VIO_BLK_READ && with == VIO_BLK_S_OK) {
		for (unsigned i = 0; i < io->span_count; i++)
			memset(io->spans[i].data, (int)io->sector + 1, io->spans[i].len);
	}
	vio_blk_done(io, with);
}

static void cancel(struct vio_blk_backend *backend, struct vio_blk_io *io)
{
	(void)backend;
	slow.cancelled++;
	for (unsigned i = 0; slow.gives_up && i < slow.count; i++) {
		if (slow.held[i] == io) {
			answer(i, VIO_BLK_S_IOERR);
			return;
		}
	}
}

static void alloc_request(void)
{
	header = slot_alloc(&slot, sizeof(*header));
	status = slot_alloc(&slot, 1);
	data = slot_alloc(&slot, CAPACITY * SECTOR + 4096);
	*status = UNSET;
}

static void start(uint64_t features)
{
	slot_start(&slot, features, 256);
	alloc_request();
}

/* Of a driver that has come to FEATURES_OK. */
static void start_rest(void)
{
	slot_set_up_queues(&slot, 16);
	vio_driver_run(&slot.driver);
	alloc_request();
}

static void attach(struct vio_blk_backend *backend, const struct vio_blk_disk *disk)
{
	vio_blk_init(&blk, backend, disk);
	slot_attach(&slot, &blk.device);
}

static int attach_ramdisk(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < sizeof(sectors); i++)
		sectors[i] = pattern(i);
	vio_ramdisk_init(&ramdisk, sectors);
	attach(&ramdisk.backend, &plain);
	start(FLUSHING);
	return 0;
}

static void attach_slow(const struct vio_blk_disk *disk)
{
	memset(&slow, 0, sizeof(slow));
	slow.backend = (struct vio_blk_backend){ .submit = hold, .cancel = cancel };
	attach(&slow.backend, disk);
}

static int attach_slow_disk(void **state)
{
	(void)state;
	attach_slow(&plain);
	start(FLUSHING);
	return 0;
}

static void set_header(uint32_t type, uint64_t sector)
{
	*header =
		(struct vio_blk_header){ .type = slot_wire32(type), .sector = slot_wire64(sector) };
}

/* One request with its data in one piece; returns the used length. */
static int64_t request(uint32_t type, uint64_t sector, uint32_t len, bool writable)
{
	const struct vio_buffer pieces[] = {
		{ header, sizeof(*header), false },
		{ data, len, writable },
		{ status, 1, true },
	};

	set_header(type, sector);
	*status = UNSET;
	return slot_request(&slot, 0, pieces, 3);
}

static void expect_pattern(const uint8_t *at, uint32_t len, uint32_t from)
{
	for (uint32_t i = 0; i < len; i++)
		assert_int_equal(at[i], pattern(from + i));
}

static void expect_zeroes(const uint8_t *at, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		assert_int_equal(at[i], 0);
}

/* ---- Transfers ---- */

static void BLK_P_65_reads_and_counts_data_and_status(void **state)
{
	(void)state;
	assert_int_equal(request(VIO_BLK_T_IN, 3, SECTOR, true), SECTOR + 1);
	assert_int_equal(*status, VIO_BLK_S_OK);
	expect_pattern(data, SECTOR, 3 * SECTOR);
	assert_int_equal(data[SECTOR], 0);
}

static void writes_and_counts_the_status_only(void **state)
{
	(void)state;
	memset(data, 0x5a, 2 * SECTOR);
	assert_int_equal(request(VIO_BLK_T_OUT, 5, 2 * SECTOR, false), 1);
	assert_int_equal(*status, VIO_BLK_S_OK);
	assert_memory_equal(sectors + 5 * SECTOR, data, 2 * SECTOR);
	expect_pattern(sectors, 5 * SECTOR, 0);
	expect_pattern(sectors + 7 * SECTOR, SECTOR, 7 * SECTOR);
}

static void first_and_last_sector_and_the_whole_disk(void **state)
{
	(void)state;
	assert_int_equal(request(VIO_BLK_T_IN, 0, SECTOR, true), SECTOR + 1);
	expect_pattern(data, SECTOR, 0);
	assert_int_equal(request(VIO_BLK_T_IN, CAPACITY - 1, SECTOR, true), SECTOR + 1);
	expect_pattern(data, SECTOR, (CAPACITY - 1) * SECTOR);
	assert_int_equal(request(VIO_BLK_T_IN, 0, CAPACITY * SECTOR, true), CAPACITY * SECTOR + 1);
	expect_pattern(data, CAPACITY * SECTOR, 0);
}

/* 2.7.4.1: how the driver cuts its request means nothing. */
static void hostile_51_any_framing(void **state)
{
	uint8_t *bytes = (uint8_t *)header;
	const struct vio_buffer in[] = {
		{ bytes, 1, false },
		{ bytes + 1, 7, false },
		{ bytes + 8, 8, false },
		{ data, 300, true },
		{ data + 300, 700, true },
		{ data + 1000, 24, true },
		{ slot.ram + 0xf0000, 1, true },
	};
	struct vio_buffer out[] = { { slot.ram + 0xf0000, 16 + SECTOR, false },
				    { status, 1, true } };

	(void)state;
	set_header(VIO_BLK_T_IN, 7);
	slot.ram[0xf0000] = UNSET;
	assert_int_equal(slot_request(&slot, 0, in, 7), 2 * SECTOR + 1);
	assert_int_equal(slot.ram[0xf0000], VIO_BLK_S_OK);
	expect_pattern(data, 2 * SECTOR, 7 * SECTOR);

	/* Status at the end of the data, header at its start. */
	assert_int_equal(slot_request(&slot, 0,
				      (struct vio_buffer[]){ { header, 16, false },
							     { data, SECTOR + 1, true } },
				      2),
			 SECTOR + 1);
	assert_int_equal(data[SECTOR], VIO_BLK_S_OK);
	set_header(VIO_BLK_T_OUT, 9);
	memcpy(slot.ram + 0xf0000, header, 16);
	memset(slot.ram + 0xf0010, 0x77, SECTOR);
	assert_int_equal(slot_request(&slot, 0, out, 2), 1);
	assert_memory_equal(sectors + 9 * SECTOR, slot.ram + 0xf0010, SECTOR);
}

/* hostile 24: a chain as long as the queue. */
static void a_chain_of_256_descriptors(void **state)
{
	struct vio_buffer pieces[256];

	(void)state;
	pieces[0] = (struct vio_buffer){ header, 16, false };
	for (unsigned i = 1; i < 255; i++)
		pieces[i] = (struct vio_buffer){ data + 2 * i, 2, true };
	pieces[254] = (struct vio_buffer){ data + 508, 6, true };
	pieces[255] = (struct vio_buffer){ status, 1, true };
	set_header(VIO_BLK_T_IN, 1);
	assert_int_equal(slot_request(&slot, 0, pieces, 256), SECTOR + 1);
	expect_pattern(data + 2, SECTOR, SECTOR);
}

/* ---- Requests that fail ---- */

static void hostile_50_BLK_H_57_nothing_beyond_the_capacity(void **state)
{
	static const struct {
		uint64_t sector;
		uint32_t len;
	} cases[] = {
		{ CAPACITY, SECTOR },
		{ CAPACITY - 1, 2 * SECTOR },
		{ 0, (CAPACITY + 1) * SECTOR },
		{ UINT64_MAX, SECTOR },
		{ UINT64_MAX, 2 * SECTOR },
		{ UINT64_MAX - 1, 4 * SECTOR },
		{ UINT64_MAX / SECTOR, SECTOR },
		{ UINT64_C(1) << 55, SECTOR },
		{ UINT64_C(1) << 32, SECTOR },
	};

	(void)state;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(cases); i++) {
		memset(data, 0xcc, cases[i].len);
		assert_int_equal(request(VIO_BLK_T_OUT, cases[i].sector, cases[i].len, false), 1);
		assert_int_equal(*status, VIO_BLK_S_IOERR);
		assert_int_equal(request(VIO_BLK_T_IN, cases[i].sector, cases[i].len, true),
				 cases[i].len + 1);
		assert_int_equal(*status, VIO_BLK_S_IOERR);
		expect_zeroes(data, cases[i].len);
	}
	expect_pattern(sectors, sizeof(sectors), 0);
	assert_int_equal(slot.failed, 0);
}

static void hostile_52_BLK_H_58_whole_sectors_only(void **state)
{
	static const uint32_t lens[] = { 1, 511, 513, 1023, 1025 };

	(void)state;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(lens); i++) {
		assert_int_equal(request(VIO_BLK_T_OUT, 0, lens[i], false), 1);
		assert_int_equal(*status, VIO_BLK_S_IOERR);
		assert_int_equal(request(VIO_BLK_T_IN, 0, lens[i], true), lens[i] + 1);
		assert_int_equal(*status, VIO_BLK_S_IOERR);
	}
	expect_pattern(sectors, sizeof(sectors), 0);
	assert_int_equal(request(VIO_BLK_T_IN, 0, 0, true), 1);
	assert_int_equal(*status, VIO_BLK_S_OK);
}

static void BLK_H_62_data_of_the_wrong_direction(void **state)
{
	const struct vio_buffer both[] = {
		{ header, 16, false },
		{ data, SECTOR, false },
		{ data + SECTOR, SECTOR, true },
		{ status, 1, true },
	};

	(void)state;
	memset(data, 0xcc, 2 * SECTOR);
	assert_int_equal(request(VIO_BLK_T_IN, 0, SECTOR, false), 1);
	assert_int_equal(*status, VIO_BLK_S_IOERR);
	assert_int_equal(data[0], 0xcc);
	assert_int_equal(request(VIO_BLK_T_OUT, 0, SECTOR, true), SECTOR + 1);
	assert_int_equal(*status, VIO_BLK_S_IOERR);
	for (uint32_t type = VIO_BLK_T_IN; type <= VIO_BLK_T_OUT; type++) {
		set_header(type, 0);
		*status = UNSET;
		assert_int_equal(slot_request(&slot, 0, both, 4), SECTOR + 1);
		assert_int_equal(*status, VIO_BLK_S_IOERR);
	}
	expect_pattern(sectors, sizeof(sectors), 0);
}

static void hostile_52_BLK_P_64_unknown_types_are_unsupported(void **state)
{
	static const uint32_t types[] = { 2, 3, 5, 10, 11, 13, 14, 26, 0x7fffffff, 0x80000001 };

	(void)state;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(types); i++) {
		if (types[i] == VIO_BLK_T_FLUSH_OUT && slot_version)
			continue;
		memset(data, 0xcc, SECTOR);
		assert_int_equal(request(types[i], 0, SECTOR, true), SECTOR + 1);
		assert_int_equal(*status, VIO_BLK_S_UNSUPP);
		expect_zeroes(data, SECTOR);
		assert_int_equal(request(types[i], 0, SECTOR, false), 1);
		assert_int_equal(*status, VIO_BLK_S_UNSUPP);
	}
	expect_pattern(sectors, sizeof(sectors), 0);
}

/* What is too much to clear is not: the length used says so, and the status is there. */
static void hostile_54_a_refusal_of_gigabytes_is_cheap(void **state)
{
	struct vio_buffer pieces[10];

	(void)state;
	pieces[0] = (struct vio_buffer){ header, 16, false };
	for (unsigned i = 1; i < 9; i++)
		pieces[i] = (struct vio_buffer){ slot.ram + SLOT_RAM_SIZE / 4,
						 SLOT_RAM_SIZE * 3 / 4, true };
	pieces[9] = (struct vio_buffer){ status, 1, true };
	slot.ram[SLOT_RAM_SIZE / 2] = 0xcc;
	set_header(VIO_BLK_T_IN, 0);
	assert_int_equal(slot_request(&slot, 0, pieces, 10), 0);
	assert_int_equal(*status, VIO_BLK_S_IOERR);
	assert_int_equal(slot.ram[SLOT_RAM_SIZE / 2], 0xcc);
}

static void refuses(const struct vio_buffer *pieces, unsigned count)
{
	slot_send(&slot, 0, pieces, count);
	assert_int_equal(slot_used(&slot, 0), SLOT_PENDING);
	slot_expect_failure(&slot, VIO_ERROR_REFUSED);
	expect_pattern(sectors, sizeof(sectors), 0);

	start(FLUSHING);
	assert_int_equal(request(VIO_BLK_T_IN, 0, SECTOR, true), SECTOR + 1);
}

static void hostile_51_BLK_H_61_refuses_a_short_header(void **state)
{
	(void)state;
	set_header(VIO_BLK_T_OUT, 0);
	refuses((struct vio_buffer[]){ { header, 15, false }, { status, 1, true } }, 2);
}

static void hostile_51_BLK_H_61_refuses_no_header(void **state)
{
	(void)state;
	refuses((struct vio_buffer[]){ { data, 100, true } }, 1);
}

static void hostile_51_BLK_H_61_refuses_no_status(void **state)
{
	(void)state;
	set_header(VIO_BLK_T_OUT, 0);
	refuses((struct vio_buffer[]){ { header, 16, false }, { data, SECTOR, false } }, 2);
}

static void hostile_51_BLK_H_61_refuses_nothing_at_all(void **state)
{
	(void)state;
	refuses((struct vio_buffer[]){ { header, 0, false } }, 1);
}

static void a_refusal_keeps_no_io(void **state)
{
	(void)state;
	for (unsigned i = 0; i <= VIO_BLK_IOS; i++) {
		slot.failed = 0;
		slot.ram_used = 0;
		start(FLUSHING);
		refuses((struct vio_buffer[]){ { header, 16, false } }, 1);
	}
}

/* ---- Read-only ---- */

static const struct vio_blk_disk rom = { .capacity = CAPACITY, .read_only = true };

static void writes_to_a_read_only_disk_fail(uint64_t features)
{
	attach(&ramdisk.backend, &rom);
	assert_true(vio_device_offered(&blk.device, 0) & VIO_BIT(VIO_BLK_F_RO));
	start(features);
	assert_int_equal(request(VIO_BLK_T_OUT, 0, SECTOR, false), 1);
	assert_int_equal(*status, VIO_BLK_S_IOERR);
	expect_pattern(sectors, sizeof(sectors), 0);
	assert_int_equal(request(VIO_BLK_T_IN, 0, SECTOR, true), SECTOR + 1);
	assert_int_equal(*status, VIO_BLK_S_OK);
}

static void BLK_D_18_19_no_write_to_a_read_only_disk(void **state)
{
	(void)state;
	writes_to_a_read_only_disk_fail(VIO_BIT(VIO_BLK_F_RO));
}

static void hostile_52_BLK_D_18_nor_when_the_driver_declined_RO(void **state)
{
	(void)state;
	writes_to_a_read_only_disk_fail(0);
}

/* ---- Identity ---- */

static void BLK_P_67_id_is_20_bytes_padded_with_zeroes(void **state)
{
	static const uint8_t expected[VIO_BLK_ID_BYTES] = "VIO-0123456789";

	(void)state;
	memset(data, 0xcc, 32);
	assert_int_equal(request(VIO_BLK_T_GET_ID, 0, 20, true), 21);
	assert_int_equal(*status, VIO_BLK_S_OK);
	assert_memory_equal(data, expected, 20);
	assert_int_equal(data[20], 0xcc);
}

static void BLK_P_67_id_of_20_characters_has_no_end(void **state)
{
	struct vio_blk_disk disk = plain;

	(void)state;
	disk.id = "abcdefghijklmnopqrstuvwxyz";
	attach(&ramdisk.backend, &disk);
	start(FLUSHING);
	assert_int_equal(request(VIO_BLK_T_GET_ID, 0, 20, true), 21);
	assert_memory_equal(data, "abcdefghijklmnopqrst", 20);

	disk.id = NULL;
	attach(&ramdisk.backend, &disk);
	start(FLUSHING);
	assert_int_equal(request(VIO_BLK_T_GET_ID, 0, 20, true), 21);
	expect_zeroes(data, 20);
}

static void BLK_H_59_id_buffers_of_other_sizes(void **state)
{
	static const uint32_t lens[] = { 0, 1, 19, 21, 512 };

	(void)state;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(lens); i++) {
		memset(data, 0xcc, 600);
		assert_int_equal(request(VIO_BLK_T_GET_ID, 0, lens[i], true), lens[i] + 1);
		assert_int_equal(*status, VIO_BLK_S_OK);
		assert_int_equal(data[lens[i]], 0xcc);
		if (lens[i] > 20)
			expect_zeroes(data + 20, lens[i] - 20);
	}
	assert_int_equal(request(VIO_BLK_T_GET_ID, 0, 20, false), 1);
}

/* ---- Persistence ---- */

static const struct vio_blk_disk cached = { .capacity = CAPACITY, .write_cache = true };

static void BLK_D_27_flush_waits_for_the_backend(void **state)
{
	(void)state;
	attach_slow(&cached);
	start(FLUSHING);
	assert_int_equal(request(VIO_BLK_T_OUT, 1, SECTOR, false), SLOT_PENDING);
	answer(0, VIO_BLK_S_OK);
	assert_int_equal(slot_used(&slot, 0), 1);
	assert_int_equal(request(VIO_BLK_T_FLUSH, 0, 0, false), SLOT_PENDING);
	assert_int_equal(*status, UNSET);
	answer(0, VIO_BLK_S_OK);
	assert_int_equal(slot_used(&slot, 0), 1);
	assert_int_equal(*status, VIO_BLK_S_OK);
	assert_string_equal(slow.trace, "WF");

	assert_int_equal(request(VIO_BLK_T_FLUSH, 0, 0, false), SLOT_PENDING);
	answer(0, VIO_BLK_S_IOERR);
	assert_int_equal(slot_used(&slot, 0), 1);
	assert_int_equal(*status, VIO_BLK_S_IOERR);
}

static void BLK_H_63_flush_with_data_or_sector_is_a_flush(void **state)
{
	(void)state;
	assert_int_equal(request(VIO_BLK_T_FLUSH, 99, SECTOR, false), 1);
	assert_int_equal(*status, VIO_BLK_S_OK);
	assert_int_equal(request(VIO_BLK_T_FLUSH, UINT64_MAX, SECTOR, true), SECTOR + 1);
	assert_int_equal(*status, VIO_BLK_S_OK);
	expect_pattern(sectors, sizeof(sectors), 0);
}

/* A disk in memory that was said to have a cache. */
static void flush_changes_no_data(void **state)
{
	(void)state;
	attach(&ramdisk.backend, &cached);
	start(FLUSHING);
	assert_int_equal(request(VIO_BLK_T_FLUSH, 0, 0, false), 1);
	assert_int_equal(*status, VIO_BLK_S_OK);
	expect_pattern(sectors, sizeof(sectors), 0);
}

/* The driver that did not take FLUSH: the write is used only after a flush. */
static void BLK_D_26_write_through_without_FLUSH(void **state)
{
	(void)state;
	attach_slow(&cached);
	start(0);
	assert_int_equal(request(VIO_BLK_T_OUT, 1, SECTOR, false), SLOT_PENDING);
	answer(0, VIO_BLK_S_OK);
	assert_int_equal(slot_used(&slot, 0), SLOT_PENDING);
	assert_int_equal(*status, UNSET);
	answer(0, VIO_BLK_S_OK);
	assert_int_equal(slot_used(&slot, 0), 1);
	assert_int_equal(*status, VIO_BLK_S_OK);
	assert_string_equal(slow.trace, "WF");

	/* A flush that fails fails the write; a write that fails needs none. */
	assert_int_equal(request(VIO_BLK_T_OUT, 1, SECTOR, false), SLOT_PENDING);
	answer(0, VIO_BLK_S_OK);
	answer(0, VIO_BLK_S_IOERR);
	assert_int_equal(slot_used(&slot, 0), 1);
	assert_int_equal(*status, VIO_BLK_S_IOERR);
	assert_int_equal(request(VIO_BLK_T_OUT, 1, SECTOR, false), SLOT_PENDING);
	answer(0, VIO_BLK_S_IOERR);
	assert_int_equal(slot_used(&slot, 0), 1);
	assert_string_equal(slow.trace, "WFWFW");

	/* A read is only read, and the flush may be answered at once. */
	slow.at_once = true;
	assert_int_equal(request(VIO_BLK_T_IN, 1, SECTOR, true), SLOT_PENDING);
	answer(0, VIO_BLK_S_OK);
	assert_int_equal(slot_used(&slot, 0), SECTOR + 1);
	assert_int_equal(request(VIO_BLK_T_OUT, 1, SECTOR, false), SLOT_PENDING);
	answer(0, VIO_BLK_S_OK);
	assert_int_equal(slot_used(&slot, 0), 1);
	assert_string_equal(slow.trace, "WFWFWRWF");
}

static void a_disk_without_cache_sees_no_flush(void **state)
{
	(void)state;
	attach_slow(&plain);
	start(0);
	assert_int_equal(request(VIO_BLK_T_OUT, 1, SECTOR, false), SLOT_PENDING);
	answer(0, VIO_BLK_S_OK);
	assert_int_equal(slot_used(&slot, 0), 1);
	assert_int_equal(request(VIO_BLK_T_FLUSH, 0, 0, false), 1);
	assert_int_equal(*status, VIO_BLK_S_OK);
	assert_string_equal(slow.trace, "W");
}

/* ---- Answers that come late ---- */

static void a_backend_never_sees_a_transfer_of_nothing(void **state)
{
	(void)state;
	assert_int_equal(request(VIO_BLK_T_IN, CAPACITY, 0, true), 1);
	assert_int_equal(*status, VIO_BLK_S_OK);
	assert_int_equal(request(VIO_BLK_T_OUT, 0, 0, false), 1);
	assert_int_equal(*status, VIO_BLK_S_OK);
	assert_int_equal(slow.submitted, 0);
}

/* Sends `count` reads of one sector each: sector i, data at i sectors, status at 60000 + i. */
static void send_reads(unsigned count, int *heads)
{
	struct vio_blk_header *headers = slot_alloc(&slot, count * sizeof(*headers));

	for (unsigned i = 0; i < count; i++) {
		struct vio_buffer pieces[] = {
			{ &headers[i], sizeof(*headers), false },
			{ data + i * SECTOR, SECTOR, true },
			{ data + CAPACITY * SECTOR + i, 1, true },
		};

		headers[i] = (struct vio_blk_header){ .sector = slot_wire64(i) };
		data[CAPACITY * SECTOR + i] = UNSET;
		heads[i] = vio_driver_queue_add(&slot.queues[0], pieces, 3);
		assert_true(heads[i] >= 0);
	}
	vio_driver_queue_publish(&slot.queues[0]);
	slot_settle(&slot);
}

static void answers_come_in_any_order(void **state)
{
	static const unsigned order[] = { 2, 0, 1, 0 };
	static const unsigned expected[] = { 2, 0, 1, 3 };
	int heads[4];

	(void)state;
	send_reads(4, heads);
	assert_int_equal(slow.count, 4);
	for (unsigned i = 0; i < 4; i++) {
		uint16_t head = 0;
		uint32_t len = 0;

		answer(order[i], VIO_BLK_S_OK);
		assert_true(slot.line);
		vio_driver_interrupt(&slot.driver);
		assert_true(vio_driver_queue_used(&slot.queues[0], &head, &len));
		assert_int_equal(head, heads[expected[i]]);
		assert_int_equal(len, SECTOR + 1);
		assert_int_equal(data[expected[i] * SECTOR], expected[i] + 1);
		assert_false(vio_driver_queue_used(&slot.queues[0], &head, &len));
	}
}

static void more_requests_than_ios_wait_in_the_ring(void **state)
{
	int heads[3 * VIO_BLK_IOS];
	unsigned used = 0;

	(void)state;
	send_reads(3 * VIO_BLK_IOS, heads);
	assert_int_equal(slow.count, VIO_BLK_IOS);
	while (used < 3 * VIO_BLK_IOS) {
		answer(slow.count / 2, VIO_BLK_S_OK);
		slot_settle(&slot);
		while (slot_used(&slot, 0) == SECTOR + 1)
			used++;
	}
	assert_int_equal(slow.submitted, 3 * VIO_BLK_IOS);
	for (unsigned i = 0; i < 3 * VIO_BLK_IOS; i++) {
		assert_int_equal(data[CAPACITY * SECTOR + i], VIO_BLK_S_OK);
		assert_int_equal(data[i * SECTOR], i + 1);
	}
}

/* When all ios were busy the driver's next kick may be suppressed: the device looks by itself. */
static void a_full_pool_looks_at_the_ring_again(void **state)
{
	int heads[VIO_BLK_IOS];

	(void)state;
	attach_slow(&plain);
	start(FLUSHING | VIO_BIT(VIO_F_EVENT_IDX));
	send_reads(VIO_BLK_IOS, heads);
	send_reads(1, heads);
	assert_int_equal(slow.submitted, VIO_BLK_IOS);
	answer(0, VIO_BLK_S_OK);
	slot_settle(&slot);
	assert_int_equal(slow.submitted, VIO_BLK_IOS + 1);
}

static void hostile_54_a_failed_read_shows_zeroes(void **state)
{
	(void)state;
	memset(data, 0xcc, 2 * SECTOR);
	assert_int_equal(request(VIO_BLK_T_IN, 1, SECTOR, true), SLOT_PENDING);
	memset(slow.held[0]->spans[0].data, 0xdd, 100);
	answer(0, VIO_BLK_S_IOERR);
	assert_int_equal(slot_used(&slot, 0), SECTOR + 1);
	assert_int_equal(*status, VIO_BLK_S_IOERR);
	expect_zeroes(data, SECTOR);
	assert_int_equal(data[SECTOR], 0xcc);
}

static void hostile_12_reset_waits_for_the_backend(void **state)
{
	int heads[3];
	uint16_t head = 0;
	uint32_t len = 0;

	(void)state;
	send_reads(3, heads);
	assert_false(vio_driver_reset(&slot.driver));
	assert_int_equal(slow.cancelled, 3);
	assert_int_equal(vio_mmio_write(&slot.mmio, VIO_MMIO_STATUS, 4, 0), VIO_MMIO_PARK);
	answer(0, VIO_BLK_S_OK);
	answer(1, VIO_BLK_S_IOERR);
	assert_int_equal(slot.released, 0);
	answer(0, VIO_BLK_S_OK);
	assert_int_equal(slot.released, 1);
	assert_false(vio_driver_queue_used(&slot.queues[0], &head, &len));
	assert_false(slot.line);
	assert_int_equal(vio_mmio_write(&slot.mmio, VIO_MMIO_STATUS, 4, 0), VIO_MMIO_DONE);

	start(FLUSHING);
	assert_int_equal(request(VIO_BLK_T_IN, 1, SECTOR, true), SLOT_PENDING);
	answer(0, VIO_BLK_S_OK);
	assert_int_equal(slot_used(&slot, 0), SECTOR + 1);
}

static void hostile_12_reset_is_over_at_once_when_the_backend_gives_up(void **state)
{
	int heads[VIO_BLK_IOS];

	(void)state;
	send_reads(VIO_BLK_IOS, heads);
	slow.gives_up = true;
	assert_true(vio_driver_reset(&slot.driver));
	assert_int_equal(slow.count, 0);
	assert_int_equal(slot.released, 0);

	start(FLUSHING);
	send_reads(VIO_BLK_IOS, heads);
	assert_int_equal(slow.count, VIO_BLK_IOS);
}

/* Nobody waits any more for the flush of a write that a reset has dropped. */
static void hostile_12_reset_ends_write_through(void **state)
{
	(void)state;
	attach_slow(&cached);
	start(0);
	assert_int_equal(request(VIO_BLK_T_OUT, 1, SECTOR, false), SLOT_PENDING);
	assert_false(vio_driver_reset(&slot.driver));
	answer(0, VIO_BLK_S_OK);
	assert_string_equal(slow.trace, "W");
	assert_int_equal(slot.released, 1);
}

/* A guest that queues far more than the disk's size gives the root back the CPU on the way. */
static void hostile_15_a_batch_is_bounded_in_bytes(void **state)
{
	static uint8_t large[1 << 20];
	const struct vio_blk_disk disk = { .capacity = sizeof(large) / SECTOR };
	const uint32_t half = SLOT_RAM_SIZE / 2;
	unsigned i = 0;

	(void)state;
	vio_ramdisk_init(&ramdisk, large);
	attach(&ramdisk.backend, &disk);
	start(FLUSHING);
	set_header(VIO_BLK_T_OUT, 0);
	for (i = 0; i < 64; i++) {
		const struct vio_buffer pieces[] = {
			{ header, 16, false },
			{ slot.ram + half, half, false },
			{ slot.ram + half, half, false },
			{ status, 1, true },
		};

		assert_true(vio_driver_queue_add(&slot.queues[0], pieces, 4) >= 0);
	}
	vio_driver_queue_publish(&slot.queues[0]);
	assert_true(slot.deferred);
	slot_settle(&slot);
	assert_true(slot.served >= 7);
	for (i = 0; slot_used(&slot, 0) == 1; i++)
		;
	assert_int_equal(i, 64);
}

/* ---- Lists of ranges ---- */

static const struct {
	uint32_t type;
	char trace;
	enum vio_blk_op op;
	unsigned feature;
} lists[] = {
	{ VIO_BLK_T_DISCARD, 'D', VIO_BLK_DISCARD, VIO_BLK_F_DISCARD },
	{ VIO_BLK_T_WRITE_ZEROES, 'Z', VIO_BLK_WRITE_ZEROES, VIO_BLK_F_WRITE_ZEROES },
	{ VIO_BLK_T_SECURE_ERASE, 'E', VIO_BLK_SECURE_ERASE, VIO_BLK_F_SECURE_ERASE },
};

static void start_able(const struct vio_blk_disk *disk, uint64_t features)
{
	memset(&slow, 0, sizeof(slow));
	slow.backend = (struct vio_blk_backend){ .submit = hold, .cancel = cancel, .can = CAN };
	attach(&slow.backend, disk);
	start(features | RANGED);
}

static int attach_able_disk(void **state)
{
	(void)state;
	start_able(&plain, FLUSHING);
	return 0;
}

static void put_range(unsigned index, uint64_t sector, uint32_t count, uint32_t flags)
{
	const struct vio_blk_range range = { slot_wire64(sector), slot_wire32(count),
					     slot_wire32(flags) };

	memcpy(data + index * sizeof(range), &range, sizeof(range));
}

static int64_t list(uint32_t type, unsigned count)
{
	return request(type, 0, count * (uint32_t)sizeof(struct vio_blk_range), false);
}

static int64_t list_of(uint32_t type, uint64_t sector, uint32_t count, uint32_t flags)
{
	put_range(0, sector, count, flags);
	return list(type, 1);
}

static void expect_range(unsigned index, uint64_t sector, uint32_t count, uint32_t unmap)
{
	assert_int_equal(slow.ranges[index].sector, sector);
	assert_int_equal(slow.ranges[index].sectors, count);
	assert_int_equal(slow.ranges[index].flags, unmap);
}

static void a_list_reaches_the_backend_range_by_range(void **state)
{
	(void)state;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(lists); i++) {
		char trace[4] = { lists[i].trace, 0 };

		start_able(&plain, FLUSHING);
		put_range(0, 7, 2, 0);
		put_range(1, CAPACITY, 0, 0); /* nothing: it is left out */
		put_range(2, CAPACITY - 1, 1, 0);
		put_range(3, 0, CAPACITY, 0);
		assert_int_equal(list(lists[i].type, 4), SLOT_PENDING);
		assert_string_equal(slow.trace, trace);
		answer(0, VIO_BLK_S_OK);
		trace[1] = trace[2] = lists[i].trace;
		answer(0, VIO_BLK_S_OK);
		assert_string_equal(slow.trace, trace);
		assert_int_equal(slot_used(&slot, 0), SLOT_PENDING);
		answer(0, VIO_BLK_S_OK);
		assert_int_equal(slot_used(&slot, 0), 1);
		assert_int_equal(*status, VIO_BLK_S_OK);
		assert_int_equal(slow.submitted, 3);
		expect_range(0, 7, 2, 0);
		expect_range(1, CAPACITY - 1, 1, 0);
		expect_range(2, 0, CAPACITY, 0);
	}
}

static void a_list_of_nothing_is_done(void **state)
{
	(void)state;
	assert_int_equal(list(VIO_BLK_T_DISCARD, 0), 1);
	assert_int_equal(*status, VIO_BLK_S_OK);
	assert_int_equal(list_of(VIO_BLK_T_WRITE_ZEROES, 3, 0, VIO_BLK_RANGE_UNMAP), 1);
	assert_int_equal(*status, VIO_BLK_S_OK);
	assert_int_equal(slow.submitted, 0);
}

/* 2.7.4.1 holds for lists, too; the limit of ranges is the most that fit. */
static void hostile_51_53_a_list_in_any_framing(void **state)
{
	struct vio_buffer pieces[VIO_BLK_RANGES * 2 + 2];

	(void)state;
	slow.at_once = true;
	set_header(VIO_BLK_T_DISCARD, 0);
	memcpy(data, header, sizeof(*header));
	for (unsigned i = 0; i < VIO_BLK_RANGES; i++) {
		put_range(i + 1, i, i + 1, 0);
		pieces[2 * i] = (struct vio_buffer){ data + 16 * i + (i != 0) * 5,
						     16 - (i != 0) * 5, false };
		pieces[2 * i + 1] = (struct vio_buffer){ data + 16 * i + 16, 5, false };
	}
	pieces[2 * VIO_BLK_RANGES] =
		(struct vio_buffer){ data + 16 * VIO_BLK_RANGES + 5, 11, false };
	pieces[2 * VIO_BLK_RANGES + 1] = (struct vio_buffer){ status, 1, true };
	assert_int_equal(slot_request(&slot, 0, pieces, VIO_ARRAY_SIZE(pieces)), 1);
	assert_int_equal(*status, VIO_BLK_S_OK);
	assert_int_equal(slow.submitted, VIO_BLK_RANGES);
	for (unsigned i = 0; i < VIO_BLK_RANGES; i++)
		expect_range(i, i, i + 1, 0);
}

/* However long the list: the backend that answers at once is not called from its own answer. */
static void hostile_53_a_list_takes_no_stack(void **state)
{
	(void)state;
	start_able(&(const struct vio_blk_disk){ .capacity = CAPACITY, .write_cache = true }, 0);
	slow.at_once = true;
	for (unsigned i = 0; i < VIO_BLK_RANGES; i++)
		put_range(i, i, 1, 0);
	assert_int_equal(list(VIO_BLK_T_WRITE_ZEROES, VIO_BLK_RANGES), 1);
	assert_int_equal(*status, VIO_BLK_S_OK);
	assert_int_equal(slow.submitted, VIO_BLK_RANGES + 1);
	assert_int_equal(slow.depth_max, 1);
}

/* What the driver makes of its list while the backend works through it means nothing. */
static void hostile_53_32_a_list_is_read_once(void **state)
{
	(void)state;
	put_range(0, 1, 2, 0);
	put_range(1, 3, 4, VIO_BLK_RANGE_UNMAP);
	assert_int_equal(list(VIO_BLK_T_WRITE_ZEROES, 2), SLOT_PENDING);
	memset(data, 0xff, 2 * sizeof(struct vio_blk_range));
	answer(0, VIO_BLK_S_OK);
	answer(0, VIO_BLK_S_OK);
	assert_int_equal(slot_used(&slot, 0), 1);
	expect_range(0, 1, 2, 0);
	expect_range(1, 3, 4, 1);
}

/* Nothing is done of a list in which anything is wrong, wherever in it. */
static void hostile_53_BLK_H_60_bad_ranges_do_nothing(void **state)
{
	static const struct {
		uint64_t sector;
		uint32_t count;
	} bad[] = {
		{ CAPACITY, 1 },       { CAPACITY - 1, 2 },
		{ 0, CAPACITY + 1 },   { CAPACITY + 1, 0 },
		{ UINT64_MAX, 1 },     { UINT64_MAX, UINT32_MAX },
		{ UINT64_MAX - 1, 4 }, { UINT64_C(1) << 55, 1 },
		{ 1, UINT32_MAX },     { 1, 41 }, /* above the limit below */
	};
	struct vio_blk_disk disk = plain;

	(void)state;
	disk.discard.max_sectors = 40;
	disk.write_zeroes.max_sectors = 40;
	disk.secure_erase.max_sectors = 40;
	start_able(&disk, FLUSHING);
	slow.at_once = true;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(lists) * VIO_ARRAY_SIZE(bad); i++) {
		const unsigned which = i / VIO_ARRAY_SIZE(lists);

		put_range(0, 0, 1, 0);
		put_range(1, bad[which].sector, bad[which].count, 0);
		put_range(2, 0, 1, 0);
		assert_int_equal(list(lists[i % VIO_ARRAY_SIZE(lists)].type, 3), 1);
		assert_int_equal(*status, VIO_BLK_S_IOERR);
	}
	assert_int_equal(slow.submitted, 0);
	assert_int_equal(list_of(VIO_BLK_T_DISCARD, 1, 40, 0), 1);
	assert_int_equal(*status, VIO_BLK_S_OK);
	assert_int_equal(slow.submitted, 1);
}

static void hostile_53_BLK_H_60_bad_lists_do_nothing(void **state)
{
	static const uint32_t lens[] = { 1,
					 15,
					 17,
					 31,
					 33,
					 16 * VIO_BLK_RANGES + 1,
					 16 * (VIO_BLK_RANGES + 1),
					 CAPACITY * SECTOR };
	struct vio_blk_disk disk = plain;

	(void)state;
	slow.at_once = true;
	memset(data, 0, CAPACITY * SECTOR);
	put_range(0, 0, 1, 0);
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(lists); i++) {
		for (unsigned k = 0; k < VIO_ARRAY_SIZE(lens); k++) {
			assert_int_equal(request(lists[i].type, 0, lens[k], false), 1);
			assert_int_equal(*status, VIO_BLK_S_IOERR);
		}
		/* A list that the device would write. */
		assert_int_equal(request(lists[i].type, 0, 16, true), 17);
		assert_int_equal(*status, VIO_BLK_S_IOERR);
		put_range(0, 0, 1, 0);
	}
	assert_int_equal(slow.submitted, 0);

	disk.discard.max_seg = 2;
	start_able(&disk, FLUSHING);
	slow.at_once = true;
	for (unsigned i = 0; i < 3; i++)
		put_range(i, 0, 1, 0);
	assert_int_equal(list(VIO_BLK_T_DISCARD, 3), 1);
	assert_int_equal(*status, VIO_BLK_S_IOERR);
	assert_int_equal(slow.submitted, 0);
	assert_int_equal(list(VIO_BLK_T_DISCARD, 2), 1);
	assert_int_equal(*status, VIO_BLK_S_OK);
	assert_int_equal(slow.submitted, 2);
}

/* Also where something else is wrong, in the same range or in another. */
static void hostile_53_BLK_D_20_unknown_flags_are_unsupported(void **state)
{
	static const uint32_t flags[] = { 2, 3, 0x80000000, UINT32_MAX };

	(void)state;
	slow.at_once = true;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(lists); i++) {
		for (unsigned k = 0; k < VIO_ARRAY_SIZE(flags); k++) {
			put_range(0, CAPACITY, 1, 0);
			put_range(1, k, k, flags[k]);
			put_range(2, UINT64_MAX, 1, k % 2 != 0 ? flags[k] : 0);
			assert_int_equal(list(lists[i].type, 3), 1);
			assert_int_equal(*status, VIO_BLK_S_UNSUPP);
		}
	}
	assert_int_equal(slow.submitted, 0);
}

static void hostile_53_BLK_D_21_unmap_is_for_write_zeroes_only(void **state)
{
	(void)state;
	slow.at_once = true;
	assert_int_equal(list_of(VIO_BLK_T_DISCARD, 1, 1, VIO_BLK_RANGE_UNMAP), 1);
	assert_int_equal(*status, VIO_BLK_S_UNSUPP);
	assert_int_equal(list_of(VIO_BLK_T_SECURE_ERASE, 1, 1, VIO_BLK_RANGE_UNMAP), 1);
	assert_int_equal(*status, VIO_BLK_S_UNSUPP);
	assert_int_equal(slow.submitted, 0);
	assert_int_equal(list_of(VIO_BLK_T_WRITE_ZEROES, 1, 1, VIO_BLK_RANGE_UNMAP), 1);
	assert_int_equal(*status, VIO_BLK_S_OK);
	assert_string_equal(slow.trace, "Z");
	expect_range(0, 1, 1, 1);
}

static void a_list_ends_with_the_first_error(void **state)
{
	static const enum vio_blk_status errors[] = { VIO_BLK_S_IOERR, VIO_BLK_S_UNSUPP };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		start_able(&cached, 0);
		for (unsigned k = 0; k < 3; k++)
			put_range(k, k, 1, 0);
		assert_int_equal(list(VIO_BLK_T_WRITE_ZEROES, 3), SLOT_PENDING);
		answer(0, VIO_BLK_S_OK);
		answer(0, errors[i]);
		assert_int_equal(slot_used(&slot, 0), 1);
		assert_int_equal(*status, errors[i]);
		assert_string_equal(slow.trace, "ZZ");
	}
}

/* The rest of a list does not reach beyond a disk that has become smaller. */
static void hostile_53_a_resize_holds_for_the_rest_of_a_list(void **state)
{
	(void)state;
	put_range(0, 0, 1, 0);
	put_range(1, CAPACITY - 1, 1, 0);
	assert_int_equal(list(VIO_BLK_T_DISCARD, 2), SLOT_PENDING);
	vio_blk_resize(&blk, CAPACITY - 1);
	answer(0, VIO_BLK_S_OK);
	assert_int_equal(slot_used(&slot, 0), 1);
	assert_int_equal(*status, VIO_BLK_S_IOERR);
	assert_int_equal(slow.submitted, 1);
}

static void hostile_12_53_reset_ends_a_list(void **state)
{
	(void)state;
	put_range(0, 0, 1, 0);
	put_range(1, 1, 1, 0);
	assert_int_equal(list(VIO_BLK_T_DISCARD, 2), SLOT_PENDING);
	assert_false(vio_driver_reset(&slot.driver));
	answer(0, VIO_BLK_S_OK);
	assert_int_equal(slot.released, 1);
	assert_string_equal(slow.trace, "D");
}

/* Zeroes are a write: they are persistent like one. A discard is none, an erasure is its own. */
static void BLK_D_26_zeroes_are_written_through(void **state)
{
	(void)state;
	start_able(&cached, 0);
	slow.at_once = true;
	assert_int_equal(list_of(VIO_BLK_T_WRITE_ZEROES, 1, 1, 0), 1);
	assert_string_equal(slow.trace, "ZF");
	assert_int_equal(list_of(VIO_BLK_T_DISCARD, 1, 1, 0), 1);
	assert_int_equal(list_of(VIO_BLK_T_SECURE_ERASE, 1, 1, 0), 1);
	assert_string_equal(slow.trace, "ZFDE");

	start_able(&cached, FLUSHING);
	slow.at_once = true;
	assert_int_equal(list_of(VIO_BLK_T_WRITE_ZEROES, 1, 1, 0), 1);
	assert_string_equal(slow.trace, "Z");
}

static void BLK_D_23_zeroes_are_read_after_write_zeroes(void **state)
{
	(void)state;
	start(FLUSHING | RANGED);
	for (uint32_t flags = 0; flags <= VIO_BLK_RANGE_UNMAP; flags++) {
		assert_int_equal(list_of(VIO_BLK_T_WRITE_ZEROES, 3 + 10 * flags, 2, flags), 1);
		assert_int_equal(*status, VIO_BLK_S_OK);
		assert_int_equal(request(VIO_BLK_T_IN, 3 + 10 * flags, 2 * SECTOR, true),
				 2 * SECTOR + 1);
		expect_zeroes(data, 2 * SECTOR);
	}
	expect_pattern(sectors, 3 * SECTOR, 0);
	expect_pattern(sectors + 5 * SECTOR, 8 * SECTOR, 5 * SECTOR);
	expect_pattern(sectors + 15 * SECTOR, (CAPACITY - 15) * SECTOR, 15 * SECTOR);
}

/* The disk in memory gives nothing back: what is discarded is cleared. */
static void BLK_D_22_discard_may_clear(void **state)
{
	(void)state;
	start(FLUSHING | RANGED);
	put_range(0, 0, 1, 0);
	put_range(1, CAPACITY - 1, 1, 0);
	assert_int_equal(list(VIO_BLK_T_DISCARD, 2), 1);
	assert_int_equal(*status, VIO_BLK_S_OK);
	expect_zeroes(sectors, SECTOR);
	expect_pattern(sectors + SECTOR, (CAPACITY - 2) * SECTOR, SECTOR);
	expect_zeroes(sectors + (CAPACITY - 1) * SECTOR, SECTOR);
}

/* Neither what the driver did not accept, nor what the backend cannot, nor on a read-only disk. */
static void hostile_53_BLK_P_64_what_is_not_negotiated_is_unsupported(void **state)
{
	struct vio_blk_disk read_only = cached;

	(void)state;
	start(FLUSHING);
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(lists); i++) {
		assert_int_equal(list_of(lists[i].type, 1, 1, 0), 1);
		assert_int_equal(*status, VIO_BLK_S_UNSUPP);
	}
	assert_int_equal(slow.submitted, 0);

	for (unsigned i = 0; i < VIO_ARRAY_SIZE(lists); i++) {
		memset(&slow, 0, sizeof(slow));
		slow.backend.submit = hold;
		slow.backend.can = (uint8_t)(CAN & ~VIO_BIT(lists[i].op));
		attach(&slow.backend, &plain);
		assert_int_equal(vio_device_offered(&blk.device, 0) & RANGED,
				 RANGED & ~VIO_BIT(lists[i].feature));
	}

	read_only.read_only = true;
	start_able(&read_only, FLUSHING);
	assert_int_equal(vio_device_offered(&blk.device, 0) & RANGED, VIO_BIT(VIO_BLK_F_LIFETIME));
	for (uint32_t offset = 36; offset < 0x100; offset++)
		assert_int_equal(vio_mmio_read(&slot.mmio, VIO_MMIO_CONFIG + offset, 1), 0);
	assert_int_equal(list_of(VIO_BLK_T_DISCARD, 1, 1, 0), 1);
	assert_int_equal(*status, VIO_BLK_S_UNSUPP);
	assert_int_equal(slow.submitted, 0);
}

/* A list may be much work for few bytes: the root has the CPU back after each. */
static void hostile_15_53_a_list_ends_the_batch(void **state)
{
	(void)state;
	start(FLUSHING | RANGED);
	put_range(0, 0, CAPACITY, 0);
	set_header(VIO_BLK_T_DISCARD, 0);
	for (unsigned i = 0; i < 8; i++) {
		const struct vio_buffer pieces[] = {
			{ header, 16, false },
			{ data, 16, false },
			{ status, 1, true },
		};

		assert_true(vio_driver_queue_add(&slot.queues[0], pieces, 3) >= 0);
	}
	vio_driver_queue_publish(&slot.queues[0]);
	slot_settle(&slot);
	assert_true(slot.served >= 7);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(slot_used(&slot, 0), 1);
}

/* ---- Lifetime ---- */

static void BLK_D_28_29_lifetime_is_offered_where_there_is_one(void **state)
{
	(void)state;
	assert_true(vio_device_offered(&blk.device, 0) & VIO_BIT(VIO_BLK_F_LIFETIME));
	attach_slow(&plain);
	assert_false(vio_device_offered(&blk.device, 0) & VIO_BIT(VIO_BLK_F_LIFETIME));
	start(FLUSHING | RANGED);
	assert_int_equal(request(VIO_BLK_T_GET_LIFETIME, 0, 6, true), 7);
	assert_int_equal(*status, VIO_BLK_S_UNSUPP);
	assert_int_equal(slow.submitted, 0);
}

static void BLK_D_30_lifetime_has_no_reserved_values(void **state)
{
	static const struct {
		uint16_t is[VIO_BLK_METRICS];
		uint16_t told[3];
	} cases[] = {
		{ { 0, 0, 0 }, { 0, 0, 0 } },           { { 1, 2, 10 }, { 1, 2, 10 } },
		{ { 3, 11, 11 }, { 3, 11, 11 } },       { { 4, 12, 1 }, { 0, 0, 1 } },
		{ { 0x101, 0xffff, 12 }, { 0, 0, 0 } },
	};

	(void)state;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(cases); i++) {
		memset(data, 0xcc, 8);
		assert_int_equal(request(VIO_BLK_T_GET_LIFETIME, 0, 6, true), SLOT_PENDING);
		memcpy(slow.held[0]->lifetime, cases[i].is, sizeof(cases[i].is));
		answer(0, VIO_BLK_S_OK);
		assert_int_equal(slot_used(&slot, 0), 7);
		assert_int_equal(*status, VIO_BLK_S_OK);
		for (unsigned k = 0; k < 3; k++) {
			uint16_t word = slot_wire16(cases[i].told[k]);

			assert_memory_equal(data + 2 * (size_t)k, &word, sizeof(word));
		}
		assert_int_equal(data[6], 0xcc);
	}
	assert_string_equal(slow.trace, "LLLLL");

	memset(data, 0xcc, 8);
	assert_int_equal(request(VIO_BLK_T_GET_LIFETIME, 0, 6, true), SLOT_PENDING);
	slow.held[0]->lifetime[VIO_BLK_PRE_EOL_INFO] = 1;
	answer(0, VIO_BLK_S_IOERR);
	assert_int_equal(slot_used(&slot, 0), 7);
	assert_int_equal(*status, VIO_BLK_S_IOERR);
	expect_zeroes(data, 6);
}

static void hostile_54_lifetime_buffers_of_other_sizes(void **state)
{
	static const uint32_t lens[] = { 0, 1, 5, 7, 512 };

	(void)state;
	slow.at_once = true;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(lens); i++) {
		memset(data, 0xcc, 600);
		assert_int_equal(request(VIO_BLK_T_GET_LIFETIME, 0, lens[i], true), lens[i] + 1);
		assert_int_equal(*status, VIO_BLK_S_OK);
		expect_zeroes(data, lens[i]);
		assert_int_equal(data[lens[i]], 0xcc);
	}
}

/* ---- Cache mode ---- */

#define WRITEBACK 32 /* config offset */

static void set_writeback(uint8_t value)
{
	vio_mmio_write(&slot.mmio, VIO_MMIO_CONFIG + WRITEBACK, 1, value);
}

static void expect_write(const char *trace)
{
	memset(slow.trace, 0, sizeof(slow.trace));
	slow.submitted = 0;
	assert_int_equal(request(VIO_BLK_T_OUT, 1, SECTOR, false), SLOT_PENDING);
	answer(0, VIO_BLK_S_OK);
	assert_int_equal(slot_used(&slot, 0), 1);
	assert_string_equal(slow.trace, trace);
}

static void BLK_D_02_the_cache_mode_comes_with_flush(void **state)
{
	const uint64_t both = VIO_BIT(VIO_BLK_F_FLUSH) | VIO_BIT(VIO_BLK_F_CONFIG_WCE);

	(void)state;
	attach_slow(&cached);
	assert_int_equal(vio_device_offered(&blk.device, 0) & both, both);
	attach_slow(&plain);
	assert_int_equal(vio_device_offered(&blk.device, 0) & both, VIO_BIT(VIO_BLK_F_FLUSH));
}

/* As the driver finds it before DRIVER_OK. */
static void BLK_D_03_writeback_starts_as_flush_was_negotiated(void **state)
{
	static const struct {
		uint64_t features;
		uint8_t writeback;
	} cases[] = {
		{ VIO_BIT(VIO_BLK_F_CONFIG_WCE), 0 },
		{ VIO_BIT(VIO_BLK_F_CONFIG_WCE) | VIO_BIT(VIO_BLK_F_FLUSH), 1 },
		{ VIO_BIT(VIO_BLK_F_FLUSH), 1 },
		{ 0, 0 },
	};

	(void)state;
	SLOT_NOT_LEGACY();
	attach_slow(&cached);
	for (unsigned i = 0; i < 2 * VIO_ARRAY_SIZE(cases); i++) {
		const unsigned which = i % VIO_ARRAY_SIZE(cases);

		assert_true(vio_driver_start(&slot.driver, cases[which].features));
		assert_int_equal(vio_driver_config(&slot.driver, WRITEBACK, 1),
				 cases[which].writeback);
		set_writeback(i % 2 != 0);
	}
	attach_slow(&plain);
	assert_true(vio_driver_start(&slot.driver, FLUSHING));
	assert_int_equal(vio_driver_config(&slot.driver, WRITEBACK, 1), 0);
}

static void BLK_D_26_the_driver_toggles_the_cache_mode(void **state)
{
	(void)state;
	attach_slow(&cached);
	start(FLUSHING | VIO_BIT(VIO_BLK_F_CONFIG_WCE));
	slow.at_once = true;
	expect_write("W");
	set_writeback(0);
	expect_write("WF");
	assert_int_equal(vio_driver_config(&slot.driver, WRITEBACK, 1), 0);
	set_writeback(0x80);
	assert_int_equal(vio_driver_config(&slot.driver, WRITEBACK, 1), 1);
	expect_write("W");

	/* Writeback was 0 when the write came, and is 1 when it is done. */
	set_writeback(0);
	memset(slow.trace, 0, sizeof(slow.trace));
	slow.submitted = 0;
	assert_int_equal(request(VIO_BLK_T_OUT, 1, SECTOR, false), SLOT_PENDING);
	set_writeback(1);
	answer(0, VIO_BLK_S_OK);
	assert_int_equal(slot_used(&slot, 0), 1);
	assert_string_equal(slow.trace, "WF");
}

/*
 * There is no FEATURES_OK: the mode is what it was, or what the driver wrote, through features and
 * status, and only DRIVER_OK of a driver that cannot write it makes it that of FLUSH.
 */
static void BLK_L_53_BLK_L_54_legacy_drivers_keep_their_cache_mode(void **state)
{
	static const struct {
		uint64_t features;
		uint8_t written;
		uint8_t then;
	} cases[] = {
		{ VIO_BIT(VIO_BLK_F_CONFIG_WCE), 1, 1 },
		{ VIO_BIT(VIO_BLK_F_CONFIG_WCE), 0, 0 },
		{ VIO_BIT(VIO_BLK_F_CONFIG_WCE) | VIO_BIT(VIO_BLK_F_FLUSH), 0, 0 },
		{ VIO_BIT(VIO_BLK_F_FLUSH), 0, 1 },
		{ VIO_BIT(VIO_BLK_F_FLUSH), 1, 1 },
		{ 0, 1, 0 },
		{ 0, 0, 0 },
	};

	(void)state;
	if (!slot_version)
		skip();
	attach_slow(&cached);
	vio_driver_probe(&slot.driver);
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(cases); i++) {
		void *ring = slot_alloc_ring(&slot, 16);

		vio_driver_reset(&slot.driver);
		assert_int_equal(vio_driver_config(&slot.driver, WRITEBACK, 1), 1);
		set_writeback(cases[i].written);
		assert_true(vio_driver_start(&slot.driver, cases[i].features));
		assert_int_equal(vio_driver_config(&slot.driver, WRITEBACK, 1), 1);
		set_writeback(cases[i].written);
		assert_true(vio_driver_queue_init(&slot.driver, &slot.queues[0], 0, ring, 16));
		vio_mmio_write(&slot.mmio, VIO_MMIO_STATUS, 4, 0xb);
		assert_int_equal(vio_driver_config(&slot.driver, WRITEBACK, 1), cases[i].written);
		vio_driver_run(&slot.driver);
		assert_int_equal(vio_driver_config(&slot.driver, WRITEBACK, 1), cases[i].then);
		set_writeback(!cases[i].then);
		assert_int_equal(vio_driver_config(&slot.driver, WRITEBACK, 1),
				 (cases[i].features & VIO_BIT(VIO_BLK_F_CONFIG_WCE)) != 0
					 ? !cases[i].then
					 : cases[i].then);
	}
}

static void BLK_L_52_config_is_in_the_byte_order_of_the_guest(void **state)
{
	const bool big = slot_version == &vio_mmio_legacy_big;

	(void)state;
	if (!slot_version)
		skip();
	attach_slow(&plain);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(vio_mmio_read(&slot.mmio, VIO_MMIO_CONFIG + i, 1),
				 plain.capacity >> 8 * (big ? 7 - i : i) & 0xff);
	/* blk_size */
	assert_int_equal(vio_mmio_read(&slot.mmio, VIO_MMIO_CONFIG + 20, 4), big ? 0x20000 : 0x200);
}

/* BLK-L-55: so are all headers of these tests, by slot_wire32() and slot_wire64(). */
static void BLK_L_55_header_is_in_the_byte_order_of_the_guest(void **state)
{
	const bool big = slot_version == &vio_mmio_legacy_big;
	uint8_t *bytes = (uint8_t *)header;
	const struct vio_buffer pieces[] = { { header, sizeof(*header), false },
					     { data, SECTOR, true },
					     { status, 1, true } };

	(void)state;
	memset(header, 0, sizeof(*header));
	bytes[big ? 15 : 8] = 3;
	assert_int_equal(slot_request(&slot, 0, pieces, 3), SECTOR + 1);
	assert_int_equal(*status, VIO_BLK_S_OK);
	assert_memory_equal(data, sectors + 3 * SECTOR, SECTOR);
	bytes[big ? 3 : 0] = VIO_BLK_T_GET_ID;
	slot_request(&slot, 0, pieces, 3);
	assert_memory_equal(data, plain.id, 14);
}

static void BLK_L_56_FLUSH_OUT_is_a_flush(void **state)
{
	(void)state;
	attach_slow(&cached);
	start(FLUSHING);
	if (!slot_version) {
		request(VIO_BLK_T_FLUSH_OUT, 0, 0, false);
		assert_int_equal(*status, VIO_BLK_S_UNSUPP);
		return;
	}
	assert_int_equal(request(VIO_BLK_T_FLUSH_OUT, 0, 0, false), SLOT_PENDING);
	assert_string_equal(slow.trace, "F");
	answer(0, VIO_BLK_S_OK);
	assert_int_equal(slot_used(&slot, 0), 1);
	assert_int_equal(*status, VIO_BLK_S_OK);
}

static void the_mode_is_not_for_a_driver_without_CONFIG_WCE(void **state)
{
	(void)state;
	attach_slow(&cached);
	start(FLUSHING);
	slow.at_once = true;
	set_writeback(0);
	assert_int_equal(vio_driver_config(&slot.driver, WRITEBACK, 1), 1);
	expect_write("W");
	start(0);
	set_writeback(1);
	assert_int_equal(vio_driver_config(&slot.driver, WRITEBACK, 1), 0);
	expect_write("WF");

	attach_slow(&plain);
	start(FLUSHING);
	set_writeback(1);
	assert_int_equal(vio_driver_config(&slot.driver, WRITEBACK, 1), 0);
	expect_write("W");
}

/* ---- Save and restore ---- */

/* The mode goes with the driver that chose it; one that cannot has the new disk's. */
static void the_mode_is_part_of_the_state(void **state)
{
	static const struct {
		uint64_t features;
		uint8_t saved;
		uint8_t restored;
		const char *trace;
	} cases[] = {
		{ VIO_BIT(VIO_BLK_F_CONFIG_WCE), 0, 0, "WF" },
		{ VIO_BIT(VIO_BLK_F_CONFIG_WCE), 1, 1, "W" },
		{ 0, 0, 1, "W" },
	};
	uint8_t saved[VIO_MMIO_STATE_BYTES(VIO_BLK_QUEUES, VIO_BLK_STATE)];
	uint8_t *mode = &saved[sizeof(saved) - VIO_BLK_STATE];

	(void)state;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(cases); i++) {
		attach_slow(&cached);
		start(FLUSHING | cases[i].features);
		set_writeback(cases[i].saved);
		assert_true(vio_device_pause(&blk.device));
		assert_int_equal(vio_mmio_save(&slot.mmio, saved, sizeof(saved)), VIO_STATE_OK);
		for (unsigned good = 0; good < 2; good++) {
			assert_true(vio_mmio_detach(&slot.mmio));
			vio_blk_init(&blk, &slow.backend, &cached);
			vio_mmio_attach(&slot.mmio, &blk.device, &slot.memory);
			*mode = good ? *mode - 2 : *mode + 2;
			assert_int_equal(vio_mmio_restore(&slot.mmio, saved, sizeof(saved)),
					 good ? VIO_STATE_OK : VIO_STATE_OWN);
		}
		assert_int_equal(vio_driver_config(&slot.driver, WRITEBACK, 1), cases[i].restored);
		slow.at_once = true;
		expect_write(cases[i].trace);
	}
}

/* Features are final, DRIVER_OK is still to come: one that cannot choose has what they make of it.
 */
static void BLK_D_26_hostile_61_the_mode_before_DRIVER_OK(void **state)
{
	static const struct {
		const struct vio_blk_disk *from;
		uint64_t features;
		uint8_t saved; /* true of the first only */
		const char *trace;
	} cases[] = {
		{ &plain, FLUSHING, 0, "W" },
		{ &cached, FLUSHING, 0, "W" },
		{ &cached, 0, 1, "WF" },
	};
	uint8_t saved[VIO_MMIO_STATE_BYTES(VIO_BLK_QUEUES, VIO_BLK_STATE)];

	(void)state;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(cases); i++) {
		attach_slow(cases[i].from);
		assert_true(vio_driver_start(&slot.driver, cases[i].features));
		assert_true(vio_device_pause(&blk.device));
		assert_int_equal(vio_mmio_save(&slot.mmio, saved, sizeof(saved)), VIO_STATE_OK);
		assert_true(vio_mmio_detach(&slot.mmio));
		vio_blk_init(&blk, &slow.backend, &cached);
		vio_mmio_attach(&slot.mmio, &blk.device, &slot.memory);
		saved[sizeof(saved) - VIO_BLK_STATE] = cases[i].saved;
		assert_int_equal(vio_mmio_restore(&slot.mmio, saved, sizeof(saved)), VIO_STATE_OK);
		start_rest();
		slow.at_once = true;
		expect_write(cases[i].trace);
	}
}

/* ---- Queues ---- */

#define LAST (VIO_BLK_QUEUES - 1)

/* A read of sector `sector` into sector-sized piece `sector` of the data, on `queue`. */
static void send_read(unsigned queue, unsigned sector)
{
	struct vio_blk_header *own = slot_alloc(&slot, sizeof(*own));
	const struct vio_buffer pieces[] = {
		{ own, sizeof(*own), false },
		{ data + sector * SECTOR, SECTOR, true },
		{ data + CAPACITY * SECTOR + sector, 1, true },
	};

	*own = (struct vio_blk_header){ .sector = slot_wire64(sector) };
	slot_send(&slot, queue, pieces, 3);
}

static void each_queue_has_its_requests_back(void **state)
{
	(void)state;
	assert_true(vio_device_offered(&blk.device, 0) & VIO_BIT(VIO_BLK_F_MQ));
	assert_int_equal(vio_driver_config(&slot.driver, 34, 2), VIO_BLK_QUEUES);
	for (unsigned i = 0; i < VIO_BLK_QUEUES; i++)
		send_read(i, i);
	for (unsigned i = VIO_BLK_QUEUES; i-- > 0;) {
		assert_int_equal(slot_used(&slot, i), SLOT_PENDING);
		answer(i, VIO_BLK_S_OK);
		assert_int_equal(slot_used(&slot, i), SECTOR + 1);
		assert_int_equal(data[i * SECTOR], i + 1);
	}
}

/* One queue is always full; the other's few requests get their share of the ios. */
static void hostile_15_a_busy_queue_starves_no_other(void **state)
{
	unsigned used = 0;

	(void)state;
	for (unsigned i = 0; i < 3 * VIO_BLK_IOS; i++)
		send_read(0, i);
	send_read(LAST, 3 * VIO_BLK_IOS);
	send_read(LAST, 3 * VIO_BLK_IOS + 1);
	assert_int_equal(slow.count, VIO_BLK_IOS);
	for (unsigned i = 0; i < 2 * VIO_BLK_QUEUES + VIO_BLK_IOS; i++) {
		answer(0, VIO_BLK_S_OK);
		slot_settle(&slot);
		while (slot_used(&slot, 0) != SLOT_PENDING)
			used++;
	}
	assert_int_equal(slot_used(&slot, LAST), SECTOR + 1);
	assert_int_equal(slot_used(&slot, LAST), SECTOR + 1);
	assert_true(used < 2 * VIO_BLK_IOS);
	while (slow.count != 0) {
		answer(0, VIO_BLK_S_OK);
		slot_settle(&slot);
	}
	while (slot_used(&slot, 0) != SLOT_PENDING)
		used++;
	assert_int_equal(used, 3 * VIO_BLK_IOS);
	assert_int_equal(blk.waiting, 0);
}

/* A queue's turn is lost with the queue, but not the other's. */
static void hostile_12_a_queue_that_is_gone_keeps_none_waiting(void **state)
{
	unsigned used = 0;

	(void)state;
	start(FLUSHING | VIO_BIT(VIO_F_RING_RESET));
	for (unsigned i = 0; i < VIO_BLK_IOS; i++)
		send_read(0, i);
	send_read(LAST, VIO_BLK_IOS);
	send_read(0, VIO_BLK_IOS + 1);
	vio_mmio_write(&slot.mmio, VIO_MMIO_QUEUE_SEL, 4, LAST);
	if (slot_version)
		assert_int_equal(vio_mmio_write(&slot.mmio, VIO_MMIO_QUEUE_PFN, 4, 0),
				 VIO_MMIO_DONE);
	else
		vio_mmio_write(&slot.mmio, VIO_MMIO_QUEUE_RESET, 4, 1);
	while (slow.count != 0)
		answer(0, VIO_BLK_S_OK);
	slot_settle(&slot);
	assert_int_equal(slow.count, 1);
	answer(0, VIO_BLK_S_OK);
	while (slot_used(&slot, 0) != SLOT_PENDING)
		used++;
	assert_int_equal(used, VIO_BLK_IOS + 1);
}

/* ---- Configuration ---- */

static void BLK_P_66_config_says_what_the_disk_is(void **state)
{
	static const struct vio_blk_disk disk = {
		.capacity = 0x123456789a,
		.blk_size = 4096,
		.size_max = 65536,
		.seg_max = 30,
		.read_only = true,
		.physical_block_exp = 3,
		.alignment_offset = 1,
		.min_io_size = 8,
		.opt_io_size = 256,
		.cylinders = 0x1234,
		.heads = 16,
		.sectors = 63,
	};
	const uint64_t all = VIO_BIT(VIO_BLK_F_SIZE_MAX) | VIO_BIT(VIO_BLK_F_SEG_MAX) |
			     VIO_BIT(VIO_BLK_F_RO) | VIO_BIT(VIO_BLK_F_BLK_SIZE) |
			     VIO_BIT(VIO_BLK_F_FLUSH) | VIO_BIT(VIO_BLK_F_TOPOLOGY) |
			     VIO_BIT(VIO_BLK_F_GEOMETRY) | VIO_BIT(VIO_BLK_F_MQ);

	(void)state;
	attach_slow(&disk);
	assert_int_equal(vio_mmio_read(&slot.mmio, VIO_MMIO_DEVICE_ID, 4), 2);
	assert_int_equal(vio_device_offered(&blk.device, 0) & 0xffffff, all);
	assert_int_equal(vio_driver_config(&slot.driver, 0, 8), 0x123456789a);
	assert_int_equal(vio_driver_config(&slot.driver, 8, 4), 65536);
	assert_int_equal(vio_driver_config(&slot.driver, 12, 4), 30);
	assert_int_equal(vio_driver_config(&slot.driver, 16, 2), 0x1234);
	assert_int_equal(vio_driver_config(&slot.driver, 18, 1), 16);
	assert_int_equal(vio_driver_config(&slot.driver, 19, 1), 63);
	assert_int_equal(vio_driver_config(&slot.driver, 20, 4), 4096);
	assert_int_equal(vio_driver_config(&slot.driver, 24, 1), 3);
	assert_int_equal(vio_driver_config(&slot.driver, 25, 1), 1);
	assert_int_equal(vio_driver_config(&slot.driver, 26, 2), 8);
	assert_int_equal(vio_driver_config(&slot.driver, 28, 4), 256);
}

/* BLK-D-04 with it: padding and what is not offered read 0. */
static void BLK_D_01_defaults_offer_flush(void **state)
{
	const uint32_t num_queues = slot_version == &vio_mmio_legacy_big ? 35 : 34; /* its 1 */

	(void)state;
	assert_int_equal(vio_device_offered(&blk.device, 0) & 0xffffff,
			 VIO_BIT(VIO_BLK_F_SEG_MAX) | VIO_BIT(VIO_BLK_F_BLK_SIZE) |
				 VIO_BIT(VIO_BLK_F_FLUSH) | VIO_BIT(VIO_BLK_F_MQ));
	assert_int_equal(vio_driver_config(&slot.driver, 12, 4), 254);
	assert_int_equal(vio_driver_config(&slot.driver, 20, 4), 512);
	for (uint32_t offset = 32; offset < 0x100; offset++)
		assert_int_equal(vio_mmio_read(&slot.mmio, VIO_MMIO_CONFIG + offset, 1),
				 offset == num_queues ? VIO_BLK_QUEUES : 0);
	vio_mmio_write(&slot.mmio, VIO_MMIO_CONFIG, 4, 0);
	assert_int_equal(vio_driver_config(&slot.driver, 0, 8), CAPACITY);
}

static void BLK_D_17_resize_tells_the_driver(void **state)
{
	(void)state;
	assert_int_equal(request(VIO_BLK_T_IN, CAPACITY - 1, SECTOR, true), SECTOR + 1);
	vio_driver_interrupt(&slot.driver);
	vio_blk_resize(&blk, CAPACITY - 1);
	assert_int_equal(vio_driver_interrupt(&slot.driver), VIO_INTERRUPT_CONFIG);
	assert_int_equal(vio_driver_config(&slot.driver, 0, 8), CAPACITY - 1);
	assert_int_equal(request(VIO_BLK_T_IN, CAPACITY - 1, SECTOR, true), SECTOR + 1);
	assert_int_equal(*status, VIO_BLK_S_IOERR);
}

static void expect_limits(const uint32_t *expected)
{
	for (unsigned i = 0; i < 9; i++) {
		/* write_zeroes_may_unmap and its padding stand between. */
		uint32_t offset = 36 + 4 * i + (i > 4) * 4U;

		assert_int_equal(vio_driver_config(&slot.driver, offset, 4), expected[i]);
	}
}

/* Also BLK-D-04: the padding behind the flag. */
static void BLK_D_24_limits_are_what_the_disk_says(void **state)
{
	static const struct vio_blk_disk disk = {
		.capacity = CAPACITY,
		.blk_size = 4096,
		.may_unmap = true,
		.discard = { 100, 5 },
		.write_zeroes = { UINT32_MAX, VIO_BLK_RANGES + 1 },
		.secure_erase = { 0, 1 },
		.discard_alignment = 64,
	};
	static const uint32_t said[] = { 100, 5, 64, UINT32_MAX, VIO_BLK_RANGES, 2048, 1, 8 };
	static const uint32_t by_default[] = { 2048, VIO_BLK_RANGES, 1, 2048, VIO_BLK_RANGES,
					       2048, VIO_BLK_RANGES, 1 };
	uint32_t expected[9] = { 0 };

	(void)state;
	start_able(&disk, FLUSHING);
	memcpy(expected, said, sizeof(said));
	expect_limits(expected);
	assert_int_equal(vio_driver_config(&slot.driver, 56, 1), 1);
	assert_int_equal(vio_driver_config(&slot.driver, 57, 1), 0);
	assert_int_equal(vio_driver_config(&slot.driver, 58, 2), 0);
	start_able(&plain, FLUSHING);
	memcpy(expected, by_default, sizeof(by_default));
	expect_limits(expected);
	assert_int_equal(vio_driver_config(&slot.driver, 56, 4), 0);
}

static void SUS_D_05_suspended_disk_keeps_its_size(void **state)
{
	(void)state;
	SLOT_NOT_LEGACY();
	start(VIO_BIT(VIO_F_SUSPEND));
	vio_mmio_write(&slot.mmio, VIO_MMIO_STATUS, 4, 0x1f);
	vio_blk_resize(&blk, 3);
	assert_int_equal(vio_driver_interrupt(&slot.driver), 0);
	assert_int_equal(vio_driver_config(&slot.driver, 0, 8), CAPACITY);
	vio_mmio_write(&slot.mmio, VIO_MMIO_STATUS, 4, 0x1f);
	assert_int_equal(vio_driver_interrupt(&slot.driver), VIO_INTERRUPT_CONFIG);
	assert_int_equal(vio_driver_config(&slot.driver, 0, 8), 3);
}

#define SAME_OFFSET(ours, theirs)                                                                  \
	assert_int_equal(offsetof(struct vio_blk_config, ours),                                    \
			 offsetof(struct virtio_blk_config, theirs))

static void constants_are_those_of_linux(void **state)
{
	(void)state;
	assert_int_equal(VIO_BLK_F_SIZE_MAX, VIRTIO_BLK_F_SIZE_MAX);
	assert_int_equal(VIO_BLK_F_SEG_MAX, VIRTIO_BLK_F_SEG_MAX);
	assert_int_equal(VIO_BLK_F_RO, VIRTIO_BLK_F_RO);
	assert_int_equal(VIO_BLK_F_BLK_SIZE, VIRTIO_BLK_F_BLK_SIZE);
	assert_int_equal(VIO_BLK_F_FLUSH, VIRTIO_BLK_F_FLUSH);
	assert_int_equal(VIO_BLK_F_TOPOLOGY, VIRTIO_BLK_F_TOPOLOGY);
	assert_int_equal(VIO_BLK_F_GEOMETRY, VIRTIO_BLK_F_GEOMETRY);
	assert_int_equal(VIO_BLK_F_CONFIG_WCE, VIRTIO_BLK_F_CONFIG_WCE);
	assert_int_equal(VIO_BLK_F_MQ, VIRTIO_BLK_F_MQ);
	assert_int_equal(VIO_BLK_F_DISCARD, VIRTIO_BLK_F_DISCARD);
	assert_int_equal(VIO_BLK_F_WRITE_ZEROES, VIRTIO_BLK_F_WRITE_ZEROES);
	assert_int_equal(VIO_BLK_T_DISCARD, VIRTIO_BLK_T_DISCARD);
	assert_int_equal(VIO_BLK_T_WRITE_ZEROES, VIRTIO_BLK_T_WRITE_ZEROES);
	assert_int_equal(VIO_BLK_RANGE_UNMAP, VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP);
	assert_int_equal(sizeof(struct vio_blk_range),
			 sizeof(struct virtio_blk_discard_write_zeroes));
	assert_int_equal(offsetof(struct vio_blk_range, flags),
			 offsetof(struct virtio_blk_discard_write_zeroes, flags));
	assert_int_equal(VIO_BLK_T_IN, VIRTIO_BLK_T_IN);
	assert_int_equal(VIO_BLK_T_OUT, VIRTIO_BLK_T_OUT);
	assert_int_equal(VIO_BLK_T_FLUSH, VIRTIO_BLK_T_FLUSH);
	assert_int_equal(VIO_BLK_T_GET_ID, VIRTIO_BLK_T_GET_ID);
	assert_int_equal(VIO_BLK_ID_BYTES, VIRTIO_BLK_ID_BYTES);
	assert_int_equal(VIO_BLK_S_OK, VIRTIO_BLK_S_OK);
	assert_int_equal(VIO_BLK_S_IOERR, VIRTIO_BLK_S_IOERR);
	assert_int_equal(VIO_BLK_S_UNSUPP, VIRTIO_BLK_S_UNSUPP);
	assert_int_equal(sizeof(struct vio_blk_header), sizeof(struct virtio_blk_outhdr));
	assert_int_equal(offsetof(struct vio_blk_header, sector),
			 offsetof(struct virtio_blk_outhdr, sector));
	SAME_OFFSET(size_max, size_max);
	SAME_OFFSET(seg_max, seg_max);
	SAME_OFFSET(cylinders, geometry.cylinders);
	SAME_OFFSET(heads, geometry.heads);
	SAME_OFFSET(sectors, geometry.sectors);
	SAME_OFFSET(blk_size, blk_size);
	SAME_OFFSET(physical_block_exp, physical_block_exp);
	SAME_OFFSET(alignment_offset, alignment_offset);
	SAME_OFFSET(min_io_size, min_io_size);
	SAME_OFFSET(opt_io_size, opt_io_size);
	SAME_OFFSET(writeback, wce);
	SAME_OFFSET(num_queues, num_queues);
	SAME_OFFSET(discard.max_sectors, max_discard_sectors);
	SAME_OFFSET(discard.max_seg, max_discard_seg);
	SAME_OFFSET(discard_sector_alignment, discard_sector_alignment);
	SAME_OFFSET(write_zeroes.max_sectors, max_write_zeroes_sectors);
	SAME_OFFSET(write_zeroes.max_seg, max_write_zeroes_seg);
	SAME_OFFSET(write_zeroes_may_unmap, write_zeroes_may_unmap);
}

#define OVER_RAMDISK(test) cmocka_unit_test_setup(test, attach_ramdisk)
#define OVER_SLOW(test)    cmocka_unit_test_setup(test, attach_slow_disk)
#define OVER_ABLE(test)    cmocka_unit_test_setup(test, attach_able_disk)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OVER_RAMDISK(BLK_P_65_reads_and_counts_data_and_status),
		OVER_RAMDISK(writes_and_counts_the_status_only),
		OVER_RAMDISK(first_and_last_sector_and_the_whole_disk),
		OVER_RAMDISK(hostile_51_any_framing),
		OVER_RAMDISK(a_chain_of_256_descriptors),
		OVER_RAMDISK(hostile_50_BLK_H_57_nothing_beyond_the_capacity),
		OVER_RAMDISK(hostile_52_BLK_H_58_whole_sectors_only),
		OVER_RAMDISK(BLK_H_62_data_of_the_wrong_direction),
		OVER_RAMDISK(hostile_52_BLK_P_64_unknown_types_are_unsupported),
		OVER_RAMDISK(hostile_54_a_refusal_of_gigabytes_is_cheap),
		OVER_RAMDISK(hostile_51_BLK_H_61_refuses_a_short_header),
		OVER_RAMDISK(hostile_51_BLK_H_61_refuses_no_header),
		OVER_RAMDISK(hostile_51_BLK_H_61_refuses_no_status),
		OVER_RAMDISK(hostile_51_BLK_H_61_refuses_nothing_at_all),
		OVER_RAMDISK(a_refusal_keeps_no_io),
		OVER_SLOW(a_backend_never_sees_a_transfer_of_nothing),
		OVER_RAMDISK(BLK_D_18_19_no_write_to_a_read_only_disk),
		OVER_RAMDISK(hostile_52_BLK_D_18_nor_when_the_driver_declined_RO),
		OVER_RAMDISK(BLK_P_67_id_is_20_bytes_padded_with_zeroes),
		OVER_RAMDISK(BLK_P_67_id_of_20_characters_has_no_end),
		OVER_RAMDISK(BLK_H_59_id_buffers_of_other_sizes),
		OVER_SLOW(BLK_D_27_flush_waits_for_the_backend),
		OVER_RAMDISK(BLK_H_63_flush_with_data_or_sector_is_a_flush),
		OVER_RAMDISK(flush_changes_no_data),
		OVER_SLOW(BLK_D_26_write_through_without_FLUSH),
		OVER_SLOW(a_disk_without_cache_sees_no_flush),
		OVER_SLOW(answers_come_in_any_order),
		OVER_SLOW(more_requests_than_ios_wait_in_the_ring),
		OVER_SLOW(a_full_pool_looks_at_the_ring_again),
		OVER_SLOW(hostile_54_a_failed_read_shows_zeroes),
		OVER_SLOW(hostile_12_reset_waits_for_the_backend),
		OVER_SLOW(hostile_12_reset_is_over_at_once_when_the_backend_gives_up),
		OVER_SLOW(hostile_12_reset_ends_write_through),
		OVER_RAMDISK(hostile_15_a_batch_is_bounded_in_bytes),
		OVER_ABLE(a_list_reaches_the_backend_range_by_range),
		OVER_ABLE(a_list_of_nothing_is_done),
		OVER_ABLE(hostile_51_53_a_list_in_any_framing),
		OVER_ABLE(hostile_53_a_list_takes_no_stack),
		OVER_ABLE(hostile_53_32_a_list_is_read_once),
		OVER_ABLE(hostile_53_BLK_H_60_bad_ranges_do_nothing),
		OVER_ABLE(hostile_53_BLK_H_60_bad_lists_do_nothing),
		OVER_ABLE(hostile_53_BLK_D_20_unknown_flags_are_unsupported),
		OVER_ABLE(hostile_53_BLK_D_21_unmap_is_for_write_zeroes_only),
		OVER_ABLE(a_list_ends_with_the_first_error),
		OVER_ABLE(hostile_53_a_resize_holds_for_the_rest_of_a_list),
		OVER_ABLE(hostile_12_53_reset_ends_a_list),
		OVER_ABLE(BLK_D_26_zeroes_are_written_through),
		OVER_RAMDISK(BLK_D_23_zeroes_are_read_after_write_zeroes),
		OVER_RAMDISK(BLK_D_22_discard_may_clear),
		OVER_ABLE(hostile_53_BLK_P_64_what_is_not_negotiated_is_unsupported),
		OVER_RAMDISK(hostile_15_53_a_list_ends_the_batch),
		OVER_ABLE(BLK_D_28_29_lifetime_is_offered_where_there_is_one),
		OVER_ABLE(BLK_D_30_lifetime_has_no_reserved_values),
		OVER_ABLE(hostile_54_lifetime_buffers_of_other_sizes),
		OVER_SLOW(BLK_D_02_the_cache_mode_comes_with_flush),
		OVER_SLOW(BLK_D_03_writeback_starts_as_flush_was_negotiated),
		OVER_SLOW(BLK_L_53_BLK_L_54_legacy_drivers_keep_their_cache_mode),
		OVER_SLOW(BLK_L_52_config_is_in_the_byte_order_of_the_guest),
		OVER_RAMDISK(BLK_L_55_header_is_in_the_byte_order_of_the_guest),
		OVER_SLOW(BLK_L_56_FLUSH_OUT_is_a_flush),
		OVER_SLOW(BLK_D_26_the_driver_toggles_the_cache_mode),
		OVER_SLOW(the_mode_is_not_for_a_driver_without_CONFIG_WCE),
		OVER_SLOW(the_mode_is_part_of_the_state),
		OVER_SLOW(BLK_D_26_hostile_61_the_mode_before_DRIVER_OK),
		OVER_SLOW(each_queue_has_its_requests_back),
		OVER_SLOW(hostile_15_a_busy_queue_starves_no_other),
		OVER_SLOW(hostile_12_a_queue_that_is_gone_keeps_none_waiting),
		OVER_SLOW(BLK_P_66_config_says_what_the_disk_is),
		OVER_SLOW(BLK_D_01_defaults_offer_flush),
		OVER_ABLE(BLK_D_24_limits_are_what_the_disk_says),
		OVER_RAMDISK(BLK_D_17_resize_tells_the_driver),
		OVER_RAMDISK(SUS_D_05_suspended_disk_keeps_its_size),
		cmocka_unit_test(constants_are_those_of_linux),
	};

	return SLOT_RUN_TESTS(tests);
}

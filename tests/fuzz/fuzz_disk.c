/* SPDX-License-Identifier: BSD-2-Clause */
#include "fuzz_disk.h"

#define HEADER FUZZ_TABLE
#define STATUS (FUZZ_TABLE + 0x20)

/* Of the kinds of disk_request(). */
#define LIST   4

struct vio_blk disk_blk;

struct vio_device *disk_init(struct vio_blk_backend *backend, unsigned variant)
{
	const struct vio_blk_disk disk = {
		.capacity = DISK_SECTORS / 2 + variant % 8,
		.id = (variant & 0x80) != 0 ? NULL : "fuzz-disk-with-a-long-name",
		.read_only = variant % 16 == 15,
		.write_cache = (variant & 0x10) != 0,
		.size_max = (variant & 0x20) != 0 ? 4096 : 0,
		.seg_max = (variant & 0x40) != 0 ? 4 : 0,
		.blk_size = (variant & 0x20) != 0 ? 4096 : 0,
		.physical_block_exp = (variant & 0x43) == 0x40,
		.alignment_offset = (variant & 0x43) == 0x41,
		.min_io_size = (variant & 0x43) == 0x42,
		.opt_io_size = (variant & 0x43) == 0x43,
		.cylinders = (variant & 0x43) == 0x43,
		.may_unmap = (variant & 1) != 0,
		.discard = { (variant & 0x40) != 0 ? 5 : 0, (variant & 0x40) != 0 ? 3 : 0 },
	};

	vio_blk_init(&disk_blk, backend, &disk);
	return &disk_blk.device;
}

static void put_header(uint32_t type, uint64_t sector)
{
	const struct vio_blk_header header = { .type = fuzz_wire32(type),
					       .sector = fuzz_wire64(sector) };

	fuzz_put(HEADER, &header, sizeof(header));
}

/* Ranges to discard, clear or erase, for the most part on the disk; or no ranges at all. */
static void list_request(unsigned how)
{
	static const uint32_t types[] = { VIO_BLK_T_DISCARD, VIO_BLK_T_WRITE_ZEROES,
					  VIO_BLK_T_SECURE_ERASE, VIO_BLK_T_GET_LIFETIME };
	const unsigned kind = fuzz_byte();
	const uint32_t type = types[kind % 4];
	const unsigned count = (kind >> 2) % (VIO_BLK_RANGES + 2);
	const struct fuzz_piece pieces[] = {
		{ HEADER, sizeof(struct vio_blk_header), false },
		{ FUZZ_DATA, count * (uint32_t)sizeof(struct vio_blk_range) + (kind == 0xff),
		  type == VIO_BLK_T_GET_LIFETIME },
		{ STATUS, 1, true },
	};
	unsigned i = 0;

	put_header(type, 0);
	for (i = 0; i < count; i++) {
		const unsigned where = fuzz_byte();
		const unsigned what = fuzz_byte();
		const struct vio_blk_range range = {
			.sector = fuzz_wire64(where < 0xff ? where % 32 : UINT64_MAX),
			.sectors = fuzz_wire32(what < 0xff ? what % 8 : UINT32_MAX),
			.flags = fuzz_wire32(what > 0xf0 ? what & 3 : 0),
		};

		fuzz_put(FUZZ_DATA + i * sizeof(range), &range, sizeof(range));
	}
	fuzz_add(how >> 3 & 1, pieces, 3, (how & 0x40) != 0);
	if ((how & 0x80) == 0)
		fuzz_kick(how >> 3 & 1);
}

void disk_request(unsigned how)
{
	static const uint32_t types[] = { VIO_BLK_T_IN,
					  VIO_BLK_T_OUT,
					  VIO_BLK_T_FLUSH,
					  VIO_BLK_T_GET_ID,
					  [LIST] = 0,
					  VIO_BLK_T_OUT,
					  3,
					  0x80000000 };
	const uint32_t type = types[how % 8];
	const unsigned count = (how >> 3) % 8; /* 6: a length of no sectors; 7: no data */
	const uint32_t len = count == 6 ? 100 : count * VIO_BLK_SECTOR + VIO_BLK_SECTOR;
	const struct fuzz_piece pieces[] = {
		{ HEADER, sizeof(struct vio_blk_header), false },
		{ FUZZ_DATA + how * 16, len, type != VIO_BLK_T_OUT },
		{ STATUS, 1, true },
	};
	const struct fuzz_piece bare[] = { pieces[0], pieces[2] };

	if (how % 8 == LIST) {
		list_request(how);
		return;
	}
	put_header(type, fuzz_byte());
	if (count == 7)
		fuzz_add(0, bare, 2, (how & 0x40) != 0);
	else
		fuzz_add(0, pieces, 3, (how & 0x40) != 0);
	if ((how & 0x80) == 0)
		fuzz_kick(0);
}

static void transfer(uint32_t type, uint64_t at, uint32_t used)
{
	const struct fuzz_piece pieces[] = {
		{ HEADER, sizeof(struct vio_blk_header), false },
		{ at, VIO_BLK_SECTOR, type == VIO_BLK_T_IN },
		{ STATUS, 1, true },
	};

	put_header(type, 1);
	fuzz_put(STATUS, "\xff", 1);
	fuzz_check(fuzz_request(0, pieces, 3) == used);
	fuzz_check(*(const uint8_t *)fuzz_at(STATUS, 1) == VIO_BLK_S_OK);
}

void disk_works(void)
{
	vio_blk_resize(&disk_blk, DISK_SECTORS / 2);
	fuzz_put(FUZZ_DATA, "written", 8);
	if (!disk_blk.read_only) {
		transfer(VIO_BLK_T_OUT, FUZZ_DATA, 1);
		transfer(VIO_BLK_T_IN, FUZZ_NEXT, VIO_BLK_SECTOR + 1);
		fuzz_check(memcmp(fuzz_at(FUZZ_NEXT, 8), "written", 8) == 0);
	}
	transfer(VIO_BLK_T_IN, FUZZ_FAR, VIO_BLK_SECTOR + 1);
}

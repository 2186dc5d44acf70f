/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The block device over a backend that answers late, in any order, and not always well; a reset may
 * cancel what it holds, or not.
 */
#include "fuzz_disk.h"

static struct vio_blk_backend backend;
static struct vio_blk_io *held[VIO_BLK_IOS];
static uint8_t *data;
static unsigned at_once; /* answer this many from inside submit() */
static bool inside;      /* such an answer to a range is under way */

static bool is_range(const struct vio_blk_io *io)
{
	return io->op >= VIO_BLK_DISCARD && io->op <= VIO_BLK_SECURE_ERASE;
}

static void move(const struct vio_blk_io *io)
{
	uint8_t *at = data + io->sector * VIO_BLK_SECTOR;
	unsigned i = 0;

	if (is_range(io)) {
		memset(at, 0, io->sectors * VIO_BLK_SECTOR);
		fuzz_moved(io->sectors * VIO_BLK_SECTOR);
	}
	for (i = 0; i < io->span_count; i++) {
		if (io->op == VIO_BLK_READ)
			memcpy(io->spans[i].data, at, io->spans[i].len);
		else
			memcpy(at, io->spans[i].data, io->spans[i].len);
		at += io->spans[i].len;
	}
	fuzz_moved(io->len);
}

static void check(const struct vio_blk_io *io)
{
	uint64_t sum = 0;
	unsigned i = 0;

	if (io->op >= VIO_BLK_FLUSH) {
		fuzz_check(io->len == 0 && io->span_count == 0);
		fuzz_check(io->op == VIO_BLK_FLUSH || (backend.can >> io->op & 1) != 0);
		fuzz_check(!is_range(io) || (io->sectors != 0 &&
					     io->sector + io->sectors <= disk_blk.config.capacity));
		return;
	}
	for (i = 0; i < io->span_count; i++)
		sum += io->spans[i].len;
	fuzz_check(sum == io->len && io->len != 0 && io->len % VIO_BLK_SECTOR == 0);
	fuzz_check(io->sector + io->len / VIO_BLK_SECTOR <= disk_blk.config.capacity);
}

static void submit(struct vio_blk_backend *self, struct vio_blk_io *io)
{
	unsigned i = 0;

	(void)self;
	fuzz_check(!inside); /* a list is no recursion */
	check(io);
	if (at_once != 0) {
		at_once--;
		move(io);
		inside = is_range(io);
		vio_blk_done(io, VIO_BLK_S_OK);
		inside = false;
		return;
	}
	while (held[i])
		fuzz_check(++i < VIO_BLK_IOS);
	held[i] = io;
}

static void answer(unsigned i, enum vio_blk_status status)
{
	struct vio_blk_io *io = held[i];

	if (!io)
		return;
	held[i] = NULL;
	if (status == VIO_BLK_S_OK)
		move(io);
	vio_blk_done(io, status);
}

static void cancel(struct vio_blk_backend *self, struct vio_blk_io *io)
{
	unsigned i = 0;

	(void)self;
	for (i = 0; i < VIO_BLK_IOS; i += 2) {
		if (held[i] == io)
			answer(i, VIO_BLK_S_IOERR);
	}
}

static struct vio_device *init(unsigned variant)
{
	if (!data)
		data = calloc(DISK_SECTORS, VIO_BLK_SECTOR);
	memset(held, 0, sizeof(held));
	backend.submit = submit;
	backend.cancel = (variant & 8) != 0 ? cancel : NULL;
	backend.can = (uint8_t)(variant << 2 | VIO_BIT(VIO_BLK_WRITE_ZEROES));
	at_once = 0;
	return disk_init(&backend, variant);
}

static void act(unsigned what)
{
	switch (what % 4) {
	case 0:
	case 1:
		answer((what >> 1) % VIO_BLK_IOS, what < 0xc0 ? VIO_BLK_S_OK : VIO_BLK_S_IOERR);
		break;
	case 2:
		at_once = what >> 2;
		break;
	default:
		vio_blk_resize(&disk_blk, what % (DISK_SECTORS + 1));
		break;
	}
}

/* As often as the longest list, and the flush behind it. */
static void let_go(void)
{
	unsigned i = 0;

	for (i = 0; i < (VIO_BLK_RANGES + 1) * VIO_BLK_IOS; i++)
		answer(i % VIO_BLK_IOS, VIO_BLK_S_OK);
}

const struct fuzz_device fuzz_device = {
	.init = init,
	.act = act,
	.request = disk_request,
	.let_go = let_go,
	.works = disk_works,
	.spans = VIO_BLK_SPANS,
	.moved_max = DISK_MOVED_MAX,
};

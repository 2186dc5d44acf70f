/* SPDX-License-Identifier: BSD-2-Clause */
#include "disk_slice.h"

static struct disk_slice *slice_of(struct vio_blk_backend *backend)
{
	return VIO_CONTAINER_OF(backend, struct disk_slice, backend);
}

/* The device has checked that it is inside; it sets `sector` anew before it submits again. */
static void submit(struct vio_blk_backend *backend, struct vio_blk_io *io)
{
	struct disk_slice *slice = slice_of(backend);

	io->sector += slice->first;
	slice->whole->submit(slice->whole, io);
}

static void cancel(struct vio_blk_backend *backend, struct vio_blk_io *io)
{
	struct disk_slice *slice = slice_of(backend);

	slice->whole->cancel(slice->whole, io);
}

bool disk_slice_init(struct disk_slice *slice, struct vio_blk_backend *whole,
		     const struct vio_blk_disk *disk, uint64_t first, uint64_t sectors)
{
	if (sectors == 0 || first > disk->capacity || sectors > disk->capacity - first)
		return false;
	slice->backend = (struct vio_blk_backend){
		.submit = submit,
		.cancel = whole->cancel ? cancel : NULL,
		.can = whole->can,
	};
	slice->disk = *disk;
	slice->disk.capacity = sectors;
	slice->whole = whole;
	slice->first = first;
	return true;
}

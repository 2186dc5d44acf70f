/* SPDX-License-Identifier: BSD-2-Clause */
#include "host_disk.h"

static bool move(const struct host_disk *disk, const struct vio_blk_io *io)
{
	const struct host_files *files = disk->files;
	uint16_t i = 0;

	if (files->seek(disk->handle, io->sector * VIO_BLK_SECTOR) < 0)
		return false;
	for (i = 0; i < io->span_count; i++) {
		const struct vio_span *span = &io->spans[i];
		int64_t moved = io->op == VIO_BLK_READ
					? files->read(disk->handle, span->data, span->len)
					: files->write(disk->handle, span->data, span->len);

		if (moved != (int64_t)span->len)
			return false;
	}
	return true;
}

static void serve(const struct host_disk *disk, struct vio_blk_io *io)
{
	bool done = io->op == VIO_BLK_FLUSH ||
		    ((io->op == VIO_BLK_READ || io->op == VIO_BLK_WRITE) && move(disk, io));

	vio_blk_done(io, done ? VIO_BLK_S_OK : VIO_BLK_S_IOERR);
}

static void submit(struct vio_blk_backend *backend, struct vio_blk_io *io)
{
	struct host_disk *disk = VIO_CONTAINER_OF(backend, struct host_disk, backend);
	struct vio_blk_io *before = disk->last;

	if (!disk->later) {
		serve(disk, io);
		return;
	}
	io->next = NULL;
	disk->last = io;
	if (before) {
		before->next = io;
		return;
	}
	disk->first = io;
	disk->later(disk);
}

bool host_disk_serve(struct host_disk *disk)
{
	struct vio_blk_io *io = disk->first;

	if (!io)
		return false;
	disk->first = io->next;
	if (!disk->first)
		disk->last = NULL;
	serve(disk, io); /* which may submit the next */
	return disk->first != NULL;
}

int64_t host_disk_init(struct host_disk *disk, const struct host_files *files, const char *name)
{
	int64_t size = 0;

	*disk = (struct host_disk){
		.backend = { .submit = submit },
		.disk = { .id = "host-file" },
		.files = files,
		.handle = files->open(name, HOST_UPDATE),
	};
	if (disk->handle < 0) {
		disk->disk.read_only = true;
		disk->handle = files->open(name, HOST_READ);
	}
	if (disk->handle < 0)
		return disk->handle;
	size = files->size(disk->handle);
	if (size < VIO_BLK_SECTOR)
		return size < 0 ? size : -HOST_BAD_VALUE;
	disk->disk.capacity = (uint64_t)size / VIO_BLK_SECTOR;
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "vio_ramdisk.h"

static void submit(struct vio_blk_backend *backend, struct vio_blk_io *io)
{
	struct vio_ramdisk *ramdisk = VIO_CONTAINER_OF(backend, struct vio_ramdisk, backend);
	uint8_t *at = ramdisk->data + (size_t)io->sector * VIO_BLK_SECTOR;
	unsigned i = 0;

	if (io->span_count == 0 && io->op != VIO_BLK_FLUSH)
		memset(at, 0, (size_t)io->sectors * VIO_BLK_SECTOR);
	for (i = 0; i < io->span_count; i++) {
		const struct vio_span *span = &io->spans[i];

		if (io->op == VIO_BLK_READ)
			memcpy(span->data, at, span->len);
		else
			memcpy(at, span->data, span->len);
		at += span->len;
	}
	vio_blk_done(io, VIO_BLK_S_OK);
}

void vio_ramdisk_init(struct vio_ramdisk *ramdisk, uint8_t *data)
{
	ramdisk->backend = (struct vio_blk_backend){
		.submit = submit,
		.can = VIO_BIT(VIO_BLK_DISCARD) | VIO_BIT(VIO_BLK_WRITE_ZEROES),
	};
	ramdisk->data = data;
}

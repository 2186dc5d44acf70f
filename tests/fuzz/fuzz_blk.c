/* SPDX-License-Identifier: BSD-2-Clause */
/* The block device over the RAM disk, which answers at once. */
#include "fuzz_disk.h"
#include "vio_ramdisk.h"

static struct vio_device *init(unsigned variant)
{
	static uint8_t *data;
	static struct vio_ramdisk ramdisk;

	/* Memory of its own, which ASan guards. */
	if (!data)
		data = calloc(DISK_SECTORS, VIO_BLK_SECTOR);
	vio_ramdisk_init(&ramdisk, data);
	return disk_init(&ramdisk.backend, variant);
}

static void act(unsigned what)
{
	vio_blk_resize(&disk_blk, what % (DISK_SECTORS + 1));
}

const struct fuzz_device fuzz_device = {
	.init = init,
	.act = act,
	.request = disk_request,
	.works = disk_works,
	.spans = VIO_BLK_SPANS,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* Part of a disk as a disk of its own: several guests' disks on the one that the machine has. */
#ifndef DISK_SLICE_H
#define DISK_SLICE_H

#include "vio_blk.h"

struct disk_slice {
	struct vio_blk_backend backend;
	struct vio_blk_disk disk; /* what to say to vio_blk_init() of it */

	struct vio_blk_backend *whole;
	uint64_t first; /* sector of the whole */
};

/*
 * `sectors` of them from `first` on, of the disk `disk` behind `whole`, which takes requests of
 * several devices (virtio_blk.h) and outlives the slice. False: they are not all on the disk.
 */
bool disk_slice_init(struct disk_slice *slice, struct vio_blk_backend *whole,
		     const struct vio_blk_disk *disk, uint64_t first, uint64_t sectors);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* A disk in memory: the simplest block backend, which answers at once. */
#ifndef VIO_RAMDISK_H
#define VIO_RAMDISK_H

#include "vio_blk.h"

struct vio_ramdisk {
	struct vio_blk_backend backend;
	uint8_t *data;
};

/*
 * `data`, the caller's, holds the sectors and outlives the disk; the capacity given to
 * vio_blk_init() and vio_blk_resize() must be within it.
 */
void vio_ramdisk_init(struct vio_ramdisk *ramdisk, uint8_t *data);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* What the targets of the block device share: its disk, and its driver. */
#ifndef FUZZ_DISK_H
#define FUZZ_DISK_H

#include "fuzz.h"
#include "vio_blk.h"

#define DISK_SECTORS   64 /* of storage; the driver may be told of less */

/* Of one batch: blk's own bound, and one request beyond it. */
#define DISK_MOVED_MAX ((UINT32_C(16) << 20) + VIO_BLK_SPANS * FUZZ_RAM_SIZE)

extern struct vio_blk disk_blk;

/* Makes disk_blk a disk of the kind that `variant` stands for. */
struct vio_device *disk_init(struct vio_blk_backend *backend, unsigned variant);
/* A header, data, and a status byte, or nearly so. */
void disk_request(unsigned how);
/* Reads back what it writes. */
void disk_works(void);

#endif

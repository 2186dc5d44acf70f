/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file of the host as what is behind a guest's block device. Every request stops the machine
 * until the host has done it, so all are answered at once; and what the host has taken it keeps, so
 * there is no write cache to flush.
 */
#ifndef HOST_DISK_H
#define HOST_DISK_H

#include "host_files.h"
#include "vio_blk.h"

struct host_disk {
	struct vio_blk_backend backend;
	struct vio_blk_disk disk; /* for vio_blk_init() */
	const struct host_files *files;
	int64_t handle;
};

/*
 * Opens the file; one that cannot be written is a read-only disk. What is behind its last whole
 * sector is not seen. Returns a negative host_error if it cannot be opened or has no sector.
 */
int64_t host_disk_init(struct host_disk *disk, const struct host_files *files, const char *name);

#endif

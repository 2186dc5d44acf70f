/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file of the host as what is behind a guest's block device. A request stops the machine until
 * the host has done it, so it can be answered at once; or, as real disks do, later, while the guest
 * goes on and may end. What the host has taken it keeps, so there is no write cache to flush.
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
	/*
	 * Set after host_disk_init(): requests are kept, and host_disk_serve() is to be called some
	 * time. Called for the first of those that wait. NULL: they are answered at once.
	 */
	void (*later)(struct host_disk *disk);
	struct vio_blk_io *first, *last; /* of those that wait */
};

/*
 * Opens the file; one that cannot be written is a read-only disk. What is behind its last whole
 * sector is not seen. Returns a negative host_error if it cannot be opened or has no sector.
 */
int64_t host_disk_init(struct host_disk *disk, const struct host_files *files, const char *name);

/* Does the first request that waits. False: none does any more. */
bool host_disk_serve(struct host_disk *disk);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding the root's own Virtio devices among the virtio-mmio transports of the machine. */
#ifndef VIRTIO_PROBE_H
#define VIRTIO_PROBE_H

#include "vio_driver.h"

/* Transports of a machine: `count` at `stride` bytes from each other. */
struct virtio_window {
	const struct vio_driver_access *access;
	void *registers;     /* of the first, where the CPU sees them */
	uint64_t dma_offset; /* of struct vio_driver */
	uint32_t stride;
	uint32_t count;
};

/*
 * The first transport from `from` on that holds a device of this Virtio ID: makes `driver` reach
 * it and returns the transport's number, or -1.
 */
int virtio_find(const struct virtio_window *window, uint32_t id, unsigned from,
		struct vio_driver *driver);

/* Whether a transport speaks only the legacy interface, which vio_driver does not. */
bool virtio_has_legacy(const struct virtio_window *window);

#endif

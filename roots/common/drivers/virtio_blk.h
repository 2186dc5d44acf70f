/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The root's driver for a Virtio block device, as what is behind a guest's (Virtio 1.4, 5.2). What
 * the device can, the guest's can: ranges to discard, clear or erase and the lifetime go through.
 *
 * Nothing is copied: the device reads and writes the guest's own memory, which has to be where
 * the driver's `dma_offset` says. A request that is more than the device takes in one goes there
 * in several, one after the other.
 *
 * Several guests' devices may share it (disk_slice.h). What they have with it at a time is up to
 * VIRTIO_BLK_SLOTS requests of all together; others wait in the order in which they came, and as a
 * device has VIO_BLK_IOS of them at most, none waits for more than that of each.
 */
#ifndef VIRTIO_BLK_H
#define VIRTIO_BLK_H

#include "vio_blk.h"
#include "vio_driver.h"

/* Requests at a time, as many as one vio_blk has with its backend: a power of two. */
#define VIRTIO_BLK_SLOTS    VIO_BLK_IOS

/* Pieces of data in one request to the device, at most. */
#define VIRTIO_BLK_SEGMENTS (VIO_BLK_SPANS - 2)

/* A request to the device: header, data, status. */
struct virtio_blk_slot {
	_Alignas(16) struct vio_desc table[VIRTIO_BLK_SEGMENTS + 2];
	struct vio_blk_header header;
	struct vio_blk_range range;
	uint16_t lifetime[VIO_BLK_METRICS];
	uint8_t status;

	struct virtio_blk_slot *next; /* free ones */
	struct vio_blk_io *io;
	const struct vio_span *span; /* what is still to be sent to the device */
	uint32_t offset;             /* bytes of *span that were */
	uint32_t left;               /* bytes in all */
	uint64_t sector;
};

struct virtio_blk {
	struct vio_blk_backend backend;
	struct vio_blk_disk disk; /* what to say to vio_blk_init() of it */

	struct vio_driver driver;
	struct vio_driver_queue queue;
	struct virtio_blk_slot *free;
	struct vio_blk_io *waiting; /* for a free one, the first */
	struct vio_blk_io **waiting_end;
	struct virtio_blk_slot *by_head[VIRTIO_BLK_SLOTS];
	uint32_t segments;     /* the device takes that many in a request, */
	uint32_t segment_size; /* of that many bytes */
	struct vio_buffer buffers[VIRTIO_BLK_SEGMENTS + 2];
	char id[VIO_BLK_ID_BYTES + 1];
	struct virtio_blk_slot slots[VIRTIO_BLK_SLOTS];
	_Alignas(16) uint8_t ring[VIO_DRIVER_RING_BYTES(VIRTIO_BLK_SLOTS)];
};

/*
 * Starts the device behind `driver`, and asks it who it is, which takes a moment; its interrupt
 * should be enabled afterwards only. NULL, or what is wrong.
 */
const char *virtio_blk_init(struct virtio_blk *blk, const struct vio_driver *driver);

/* To be called when the device's interrupt is up: requests that it has done are answered. */
void virtio_blk_interrupt(struct virtio_blk *blk);

#endif

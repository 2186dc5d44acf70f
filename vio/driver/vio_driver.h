/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The other side of a device: a small driver for Virtio over MMIO version 2, with split queues, or
 * packed ones where VIO_F_RING_PACKED was negotiated, and for the legacy version 1, for a root's
 * own hardware, bare-metal guests and tests. What it drives is trusted to be a device.
 *
 *	if (vio_driver_probe(&driver) == VIO_ID_RNG && vio_driver_start(&driver, 0) &&
 *	    vio_driver_queue_init(&driver, &queue, 0, ring, 8)) {
 *		vio_driver_run(&driver);
 *		vio_driver_queue_add(&queue, &buffer, 1);
 *		vio_driver_queue_publish(&queue);
 *		while (!vio_driver_queue_used(&queue, &head, &len))
 *			;
 *	}
 */
#ifndef VIO_DRIVER_H
#define VIO_DRIVER_H

#include "virtio.h"
#include "virtio_mmio.h"

/* How registers are reached: `width` 1, 2 or 4 bytes, values in the CPU's order. */
struct vio_driver_access {
	uint32_t (*read)(void *registers, uint32_t offset, unsigned width);
	void (*write)(void *registers, uint32_t offset, unsigned width, uint32_t value);
};

/* For registers that the CPU sees at `registers`, mapped as device memory. */
extern const struct vio_driver_access vio_driver_mapped;

struct vio_driver_ring;

/* Rings of split queues; big-endian ones only a legacy device can have. */
extern const struct vio_driver_ring vio_driver_split_ring;
extern const struct vio_driver_ring vio_driver_split_ring_big;

/* Filled in by the caller but for `features` and `version`. */
struct vio_driver {
	const struct vio_driver_access *access;
	void *registers;
	uint64_t dma_offset; /* added, modulo 2^64, to a pointer gives the device's address of it */
	uint64_t features;   /* what was negotiated */
	/*
	 * For legacy devices: the ring in the byte order of the machine they were made for, which
	 * is VIO_DRIVER_LEGACY_RING unless this is another's. NULL: legacy devices are not driven.
	 */
	const struct vio_driver_ring *legacy_ring;
	uint32_t version; /* of the device, since vio_driver_probe() */
};

#define VIO_DRIVER_LEGACY_RING                                                                     \
	(VIO_BIG_ENDIAN ? &vio_driver_split_ring_big : &vio_driver_split_ring)

/* The Virtio device ID, or VIO_ID_NONE when there is no device that this driver can drive. */
uint32_t vio_driver_probe(struct vio_driver *driver);

/*
 * Resets the device, which was probed, and negotiates VERSION_1 and those of `wanted` that it
 * offers, 3.1.1 steps 1 to 6. False: it does not reset, or does not agree.
 */
bool vio_driver_start(struct vio_driver *driver, uint64_t wanted);

/* DRIVER_OK: after the queues are set up. */
void vio_driver_run(struct vio_driver *driver);

/* Ends all use of the queues and of the buffers in them. False: the device did not reset. */
bool vio_driver_reset(struct vio_driver *driver);

/*
 * A config field at `offset`, `width` 1, 2, 4 or 8 bytes; eight are read until they are of one
 * generation, 2.5.1.
 */
uint64_t vio_driver_config(struct vio_driver *driver, uint32_t offset, unsigned width);

/* Acknowledges what InterruptStatus shows, and returns it. */
uint32_t vio_driver_interrupt(struct vio_driver *driver);

/*
 * Memory for the ring of a queue of `size` entries: this many bytes, aligned to 16, for a legacy
 * device to VIO_DRIVER_LEGACY_PAGE.
 */
#define VIO_DRIVER_RING_BYTES(size) (16 * (size) + 8 + 2 * (size) + 8 + 8 * (size))
#define VIO_DRIVER_LEGACY_PAGE      4096

/* Packed: what is known of the chain with an id. */
struct vio_driver_id {
	uint16_t next;    /* free: the next free one */
	uint16_t entries; /* in use: of the ring */
};

struct vio_driver_queue {
	struct vio_driver *driver;
	const struct vio_driver_ring *ring; /* the ring format */
	union {
		struct {
			volatile struct vio_desc *desc;
			volatile struct vio_avail *avail;
			volatile struct vio_used *used;
		} split;
		struct {
			volatile struct vio_packed_desc *desc;
			volatile struct vio_packed_event *driver;
			volatile struct vio_packed_event *device;
			struct vio_driver_id *ids;
			uint16_t first_flags; /* of the first pending entry */
			bool avail_wrap;
			bool used_wrap;
		} packed;
	};
	uint16_t index;
	uint16_t size;
	uint16_t free;       /* the name of the next chain, first of a list */
	uint16_t free_count; /* descriptors */
	uint16_t avail_next;
	uint16_t pending; /* made available, but not shown to the device yet */
	uint16_t used_next;
};

/* One piece of a buffer chain; readable pieces come first. */
struct vio_buffer {
	void *data;
	uint32_t len;  /* bytes */
	bool writable; /* by the device */
};

/*
 * Sets up queue `index` with `size` entries (split: a power of two) in `memory`, which is the
 * queue's until reset. False: the device has no such queue, or not that large, or cannot have its
 * ring there.
 */
bool vio_driver_queue_init(struct vio_driver *driver, struct vio_driver_queue *queue,
			   uint16_t index, void *memory, uint16_t size);

/*
 * Queues a chain of `count` pieces, not yet visible to the device, and returns its head: the name
 * under which it comes back. -1: fewer than `count` descriptors are free.
 */
int vio_driver_queue_add(struct vio_driver_queue *queue, const struct vio_buffer *buffers,
			 unsigned count);

/*
 * The same in one descriptor, with `table` of `count` entries, aligned to 16, the device's until
 * used. Needs VIO_F_INDIRECT_DESC.
 */
int vio_driver_queue_add_indirect(struct vio_driver_queue *queue, volatile struct vio_desc *table,
				  const struct vio_buffer *buffers, unsigned count);

/* Makes all chains added visible, and notifies the device if it asks for it; returns whether. */
bool vio_driver_queue_publish(struct vio_driver_queue *queue);

/* Takes back a chain that the device has used, with the bytes it wrote; false: there is none. */
bool vio_driver_queue_used(struct vio_driver_queue *queue, uint16_t *head, uint32_t *len);

/*
 * Asks for an interrupt at the next used buffer, or for none (a hint), 2.7.7. True: a buffer was
 * used meanwhile, look before sleeping.
 */
bool vio_driver_queue_listen(struct vio_driver_queue *queue, bool on);

#endif

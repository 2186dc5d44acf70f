/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the driver: what a ring format does for vio_driver.c. */
#ifndef VIO_DRIVER_RING_H
#define VIO_DRIVER_RING_H

#include "vio_driver.h"
#include "vio_guest.h"

/* Of the used ring of a split queue, bytes. */
#define VIO_DRIVER_SPLIT_ALIGN UINT32_C(8)

/* The parts of a ring, 2.6, that the device is told the addresses of. */
struct vio_driver_parts {
	const volatile void *desc;
	const volatile void *driver;
	const volatile void *device;
};

struct vio_driver_ring {
	bool big_endian;
	/* Divides zeroed `memory` among the parts of the ring. */
	struct vio_driver_parts (*lay_out)(struct vio_driver_queue *queue, void *memory);
	/* Writes the next descriptor of the chain that queue->free will name. */
	void (*put)(struct vio_driver_queue *queue, uint64_t addr, uint32_t len, uint16_t flags);
	/* Writes entry `index` of an indirect table. */
	void (*put_entry)(volatile struct vio_desc *table, uint16_t index, uint64_t addr,
			  uint32_t len, uint16_t flags);
	/* The chain `head` of `count` descriptors is written. */
	void (*offer)(struct vio_driver_queue *queue, uint16_t head, uint16_t count);
	/* Shows the device all that is pending; returns whether it wants to be notified. */
	bool (*publish)(struct vio_driver_queue *queue);
	bool (*has_used)(const struct vio_driver_queue *queue);
	/* Takes the next used entry; returns how many descriptors that frees. */
	uint16_t (*take_used)(struct vio_driver_queue *queue, uint16_t *head, uint32_t *len);
	/* Asks for the next interrupt, or for none. */
	void (*listen)(struct vio_driver_queue *queue, bool on);
};

extern const struct vio_driver_ring vio_driver_packed_ring;

static inline bool vio_driver_has_event_idx(const struct vio_driver_queue *queue)
{
	return (queue->driver->features & VIO_BIT(VIO_F_EVENT_IDX)) != 0;
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtio over MMIO (Virtio 1.4, 4.2): the register file of one slot, version 2, and the window in
 * which a board lays its slots out.
 *
 * A slot has a device, or none and then reads as an empty slot (DeviceID 0). The root traps the
 * guest's access and passes on offset, width and value; what comes back is the register's value,
 * or whether the vCPU has to wait.
 */
#ifndef VIO_MMIO_H
#define VIO_MMIO_H

#include "vio_device.h"
#include "virtio_mmio.h"

#define VIO_MMIO_VENDOR UINT32_C(0x004f4956) /* "VIO" */

struct vio_mmio;

/* What a slot asks of its root. Called from inside vio_mmio_ calls and completions alike. */
struct vio_mmio_host {
	/* The slot's level interrupt goes up, or down: only called on a change. */
	void (*raise)(struct vio_mmio *slot);
	void (*lower)(struct vio_mmio *slot);
	/* Call vio_mmio_serve() soon, not from inside this call. */
	void (*defer)(struct vio_mmio *slot);
	/* The write that returned VIO_MMIO_PARK may go on. */
	void (*released)(struct vio_mmio *slot);
	/* The driver broke the device, which now needs a reset. NULL: the root does not care. */
	void (*failed)(struct vio_mmio *slot, enum vio_error error);
};

/* When requests are served. */
enum vio_mmio_serving {
	VIO_MMIO_SERVE_NOW,   /* inside the QueueNotify write */
	VIO_MMIO_SERVE_LATER, /* by the root, after `defer` */
};

/* Owned by the caller, who sets `host`, `host_data`, `withheld`, `number` and `serving`. */
struct vio_mmio {
	struct vio_device *device; /* NULL: an empty slot */
	const struct vio_mmio_host *host;
	void *host_data;
	uint64_t withheld; /* features not to be offered here, from the next attachment on */
	uint32_t interrupt_status;
	uint32_t device_features_sel;
	uint32_t driver_features_sel;
	uint32_t queue_sel;
	uint16_t number; /* of the slot in its window, for the host */
	uint8_t serving; /* enum vio_mmio_serving */
};

enum vio_mmio_outcome {
	VIO_MMIO_DONE,
	/*
	 * A reset or QueueReady = 0 waits until the backend has let go of guest memory. Stop the
	 * vCPU at this instruction; after `released`, let it execute the write again.
	 */
	VIO_MMIO_PARK,
};

/* Puts `device` into the slot for a guest with this memory, both until detached. */
void vio_mmio_attach(struct vio_mmio *slot, struct vio_device *device,
		     const struct vio_memory *memory);

/*
 * Takes the device out: it is reset, its line drops, and the slot is empty for the guest at once.
 * False: a backend still holds guest memory, and `released` will say when not.
 */
bool vio_mmio_detach(struct vio_mmio *slot);

/*
 * The guest reads, or writes, `width` (1, 2, 4 or 8) bytes at `offset` into the slot. Anything
 * that is no aligned 32-bit access to a register or an access to the config space reads 0 and is
 * ignored when written, 4.2.2.2.
 */
uint64_t vio_mmio_read(struct vio_mmio *slot, uint32_t offset, unsigned width);
enum vio_mmio_outcome vio_mmio_write(struct vio_mmio *slot, uint32_t offset, unsigned width,
				     uint64_t value);

/* Does the work that `defer` announced; asks again by `defer` when work is left. */
void vio_mmio_serve(struct vio_mmio *slot);

/* A board's window: `count` slots of 1 << shift bytes from guest address `base`. */
struct vio_mmio_window {
	uint64_t base;
	struct vio_mmio *slots;
	uint32_t bytes; /* count << shift */
	uint16_t count;
	uint8_t shift;
};

#define VIO_MMIO_WINDOW(window_base, window_slots, slot_count, slot_shift)                         \
	((struct vio_mmio_window){                                                                 \
		.base = (window_base),                                                             \
		.slots = (window_slots),                                                           \
		.bytes = (uint32_t)(slot_count) << (slot_shift),                                   \
		.count = (slot_count),                                                             \
		.shift = (slot_shift),                                                             \
	})

/* The slot that guest address `addr` falls into, or NULL, and the offset in it. */
static inline struct vio_mmio *vio_mmio_window_find(const struct vio_mmio_window *window,
						    uint64_t addr, uint32_t *offset)
{
	uint64_t within = addr - window->base;

	if (within >= window->bytes)
		return NULL;
	*offset = (uint32_t)within & ((UINT32_C(1) << window->shift) - 1);
	return &window->slots[(uint32_t)within >> window->shift];
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtio over MMIO (Virtio 1.4, 4.2): the register file of one slot, and the window in which a
 * board lays its slots out. It is version 2, or, where the root says so, version 1 for a legacy
 * driver.
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

struct vio_mmio_version;

/*
 * The legacy register file, version 1, for guests in either byte order; a guest's rings, config
 * space and requests are in its own. Only roots that name one link it.
 */
extern const struct vio_mmio_version vio_mmio_legacy_little;
extern const struct vio_mmio_version vio_mmio_legacy_big;

/* For guests in the root's byte order. */
#define VIO_MMIO_LEGACY (VIO_BIG_ENDIAN ? &vio_mmio_legacy_big : &vio_mmio_legacy_little)

/* Owned by the caller, who sets the fields from `host` to `serving`. */
struct vio_mmio {
	struct vio_device *device; /* NULL: an empty slot */
	uint32_t interrupt_status;
	uint32_t device_features_sel;
	uint32_t driver_features_sel;
	uint32_t queue_sel;
	uint32_t guest_page_size; /* legacy: bytes; a reset does not clear it */

	const struct vio_mmio_host *host;
	void *host_data;
	const struct vio_mmio_version *version; /* NULL: 2 */
	uint64_t withheld; /* features not to be offered here, from the next attachment on */
	uint16_t number;   /* of the slot in its window, for the host */
	uint8_t serving;   /* enum vio_mmio_serving */
};

enum vio_mmio_outcome {
	VIO_MMIO_DONE,
	/*
	 * A reset, QueueReady = 0 or QueuePFN = 0 waits until the backend has let go of guest
	 * memory. Stop the vCPU at this instruction; after `released`, let it execute the write
	 * again.
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

/* The same for 4 bytes, which drivers write. */
enum vio_mmio_outcome vio_mmio_write_word(struct vio_mmio *slot, uint32_t offset, uint32_t value);

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

/*
 * The window's slots, which live as long as the guest, have this host and their numbers. They are
 * zeroed before, or have `version`, `withheld` and `serving` set.
 */
void vio_mmio_window_init(const struct vio_mmio_window *window, const struct vio_mmio_host *host,
			  void *host_data);

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

/* ---- Inside the transport ---- */

/* What is not the same in all versions. */
struct vio_mmio_version {
	uint32_t number; /* in the Version register */
	struct vio_transport transport;
	/* A register that the others do not have, or `value` written to it. */
	uint32_t (*read)(const struct vio_mmio *slot, uint32_t offset);
	/* False: PARK, above. */
	bool (*write)(struct vio_mmio *slot, uint32_t offset, uint32_t value);
};

extern const struct vio_mmio_version vio_mmio_version_2;

/* Bits 0 to 23 and 50 to 63 are the device type's own and no transport's business, 2.2. */
#define VIO_MMIO_DEVICE_TYPE_FEATURES (VIO_BIT(24) - 1 + (UINT64_C(0x3fff) << 50))

/* A version's transport: its host's side is that of all. */
#define VIO_MMIO_TRANSPORT(...)                                                                    \
	{                                                                                          \
		.interrupt = vio_mmio_interrupt, .defer = vio_mmio_defer,                          \
		.released = vio_mmio_released, .failed = vio_mmio_failed, __VA_ARGS__              \
	}

void vio_mmio_interrupt(struct vio_device *device, uint32_t cause);
void vio_mmio_defer(struct vio_device *device);
void vio_mmio_released(struct vio_device *device);
void vio_mmio_failed(struct vio_device *device, enum vio_error error);

static inline bool vio_mmio_has_queue(const struct vio_mmio *slot)
{
	return slot->queue_sel < slot->device->type->queue_count;
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Save and restore: a device's driver goes on with another instance of the same type, such as one
 * over another backend, or in another root that has the same guest memory.
 *
 *	vio_device_pause() --true--> vio_device_save() --> detached
 *	                                  | bytes
 *	attached, reset -----------> vio_device_restore() --> running
 *
 * Only a paused device is saved, so no request is in flight and nothing waits to be published: what
 * is left of a queue is its configuration and one position. No count or index in a state could
 * contradict another.
 *
 * A state is checked whole, by the same rules that a driver is held to, before any of it has an
 * effect. Then what the driver did is done again, in its order: features, queues, DRIVER_OK. A
 * position that lies is a driver that lies: its ring breaks, or its own buffers are used twice.
 *
 * Counters are not part of the state, nor is what the device's new backend says in the config
 * space.
 */
#ifndef VIO_STATE_H
#define VIO_STATE_H

#include "vio_device.h"

#define VIO_STATE_MAGIC   UINT32_C(0x534f4956) /* "VIOS" */
#define VIO_STATE_VERSION 2

/* The state's layout, all little-endian: a header, a record a queue, what the type saves. */
struct vio_state_header {
	uint32_t magic;
	uint32_t version;
	uint32_t device;     /* Virtio device ID */
	uint32_t generation; /* of the config space */
	uint64_t driver_features;
	uint16_t own_bytes; /* the type's state_bytes */
	uint8_t queue_count;
	uint8_t status; /* as the driver reads it */
	uint8_t agreed; /* its features are final: DRIVER_OK, or a legacy driver's first queue */
	uint8_t untold; /* of a change of the config space, which it has to be at DRIVER_OK */
	uint8_t zero[2];
};

/* Of struct vio_state_queue. */
enum {
	VIO_STATE_READY = 1, /* live, or stopped by the driver's misuse */
	VIO_STATE_WRAP = 2,  /* packed: the wrap counter at `next` */
};

struct vio_state_queue {
	uint64_t desc; /* as in struct vio_queue_config */
	uint64_t driver;
	uint64_t device;
	uint32_t size;
	uint32_t align;
	uint32_t pfn;
	uint16_t next; /* the next ring entry to take, and to use */
	uint8_t flags;
	uint8_t zero;
};

/* Bytes of a state: of a type with so many queues, that saves `own_bytes` more. */
#define VIO_STATE_BYTES(queue_count, own_bytes)                                                    \
	(sizeof(struct vio_state_header) + (queue_count) * sizeof(struct vio_state_queue) +        \
	 (own_bytes))

enum vio_state_error {
	VIO_STATE_OK,
	VIO_STATE_BUSY,     /* saving: not paused, or not quite; restoring: not just reset */
	VIO_STATE_SIZE,     /* the buffer is too small, or the state is cut short */
	VIO_STATE_FORMAT,   /* no state, or of another version */
	VIO_STATE_TYPE,     /* of another type of device */
	VIO_STATE_FEATURES, /* negotiated what the target does not offer, or cannot be together */
	VIO_STATE_QUEUE,    /* a live queue of bad size, place or position */
	VIO_STATE_STATUS,   /* status bits, or their companions, that no driver can bring about */
	VIO_STATE_OWN,      /* refused by the type */
	VIO_STATE_SLOT,     /* of another register file, or with impossible registers */
	VIO_STATE_ERRORS,
};

/* A few words for a report: never NULL, any value. */
const char *vio_state_error_text(enum vio_state_error error);

/* How many bytes vio_device_save() writes: VIO_STATE_BYTES() of the type. */
size_t vio_state_bytes(const struct vio_device *device);

/*
 * Writes the state of a paused device, at any address. The device is as it was: it can be resumed,
 * and then the state is worth nothing; or reset and detached, which the driver does not notice when
 * the state is restored into another in its place before it runs again.
 */
enum vio_state_error vio_device_save(const struct vio_device *device, void *state, size_t size);

/*
 * Makes an attached device that has just been reset go on where the saved one was. Every queue is
 * looked at, after vio_device_resume() if it was paused before. Any error: nothing has happened.
 */
enum vio_state_error vio_device_restore(struct vio_device *device, const void *state, size_t size);

#endif

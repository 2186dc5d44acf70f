/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The device to copy: `make new-device NAME=widget` does it, docs/new-device.md goes on from there.
 *
 * A driver sends bytes, and gets one number for them, which the backend works out. Change what the
 * device is in this file, and what it does in serve().
 */
#ifndef VIO_TEMPLATE_H
#define VIO_TEMPLATE_H

#include "vio_device.h"

/* The DeviceID a driver looks for. Numbers below 256 are, or may become, the standard's (5). */
#define VIO_ID_TEMPLATE         0xf000

/* Buffers the driver can have waiting: a power of two. */
#define VIO_TEMPLATE_QUEUE_SIZE 16

/* Bytes of a request at most: it bounds what one notification can cost the root. */
#define VIO_TEMPLATE_LIMIT      65536

/* Feature bit numbers, 0 to 23. What a driver has not accepted must not happen. */
enum {
	VIO_TEMPLATE_F_LENGTH = 0, /* the answer has its second half */
};

/* What the driver reads at offset 0x100. Every field is aligned to its size; so is the next. */
struct vio_template_config {
	uint32_t limit; /* VIO_TEMPLATE_LIMIT */
};

/* What follows a request's bytes; little-endian. */
struct vio_template_answer {
	uint32_t number;
	uint32_t length; /* bytes of the request */
};

/* What is behind the device; embedded in the backend's own struct. */
struct vio_template_backend {
	/* Works `len` bytes into `number`, which is 0 at the start of a request. */
	uint32_t (*work)(struct vio_template_backend *backend, uint32_t number, const uint8_t *data,
			 uint32_t len);
};

/* The caller owns it. */
struct vio_template {
	struct vio_device device;
	struct vio_template_config config;
	struct vio_template_backend *backend;
	VIO_DEVICE_STORAGE(1, VIO_TEMPLATE_QUEUE_SIZE) storage;
};

/* `backend` outlives the device. */
void vio_template_init(struct vio_template *self, struct vio_template_backend *backend);

#endif

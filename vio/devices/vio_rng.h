/* SPDX-License-Identifier: BSD-2-Clause */
/* The entropy device, Virtio 1.4, 5.4: one queue of buffers to fill with random bytes. */
#ifndef VIO_RNG_H
#define VIO_RNG_H

#include "vio_device.h"

#define VIO_RNG_QUEUE_SIZE  8

/* Most bytes one buffer is given, so that one kick costs a bounded draw on the source. */
#define VIO_RNG_REQUEST_MAX 1024

/* Where the random bytes come from; embedded in the source's own struct. */
struct vio_entropy {
	/*
	 * Writes up to `len` bytes to `to` and returns how many; fewer when the source is dry for
	 * now, and then it calls vio_rng_ready() when it is not.
	 */
	uint32_t (*fill)(struct vio_entropy *source, void *to, uint32_t len);
};

/* The caller owns it. */
struct vio_rng {
	struct vio_device device;
	struct vio_entropy *source;
	VIO_DEVICE_STORAGE(1, VIO_RNG_QUEUE_SIZE) storage;
};

/* `source` outlives the device. */
void vio_rng_init(struct vio_rng *rng, struct vio_entropy *source);

/* The source, after a short fill, has bytes again. At any time, but not from inside fill(). */
void vio_rng_ready(struct vio_rng *rng);

#endif

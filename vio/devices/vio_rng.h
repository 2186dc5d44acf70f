/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The entropy device, Virtio 1.4, 5.4: one queue of buffers to fill with random bytes.
 *
 * Guests that share a source may each have a limit, so that none draws it dry for the others: an
 * allowance of bytes, which the root refills by its own clock, as the device has none. A guest that
 * has used its up waits, as for a dry source, and costs nothing meanwhile.
 */
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
	uint32_t burst;     /* bytes, the most that the allowance can be; 0: no limit */
	uint32_t allowance; /* bytes the guest may still have */
	VIO_DEVICE_STORAGE(1, VIO_RNG_QUEUE_SIZE) storage;
};

/* `source` outlives the device. There is no limit yet. */
void vio_rng_init(struct vio_rng *rng, struct vio_entropy *source);

/* The source, after a short fill, has bytes again. At any time, but not from inside fill(). */
void vio_rng_ready(struct vio_rng *rng);

/*
 * The guest may have `burst` bytes at once, and as many more as vio_rng_refill() is called with. A
 * reset of the device gains it nothing. 0: no limit. Call before the guest runs.
 */
void vio_rng_limit(struct vio_rng *rng, uint32_t burst);

/* Adds to the allowance, up to the burst: a rate of R bytes a second is R / 10 ten times in one. */
void vio_rng_refill(struct vio_rng *rng, uint32_t bytes);

#endif

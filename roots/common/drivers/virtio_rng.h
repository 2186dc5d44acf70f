/* SPDX-License-Identifier: BSD-2-Clause */
/* The root's driver for a Virtio entropy device: where a csprng's seed comes from. */
#ifndef VIRTIO_RNG_H
#define VIRTIO_RNG_H

#include "vio_driver.h"

#define VIRTIO_RNG_BYTES 64 /* asked for at a time */
#define VIRTIO_RNG_QUEUE 2

/* Set up by the caller but for what virtio_rng_init() fills in. */
struct virtio_rng {
	/* Out of virtio_rng_interrupt(): `len` random bytes, which are erased afterwards. */
	void (*ready)(void *user, const void *bytes, uint32_t len);
	void *user;

	struct vio_driver driver;
	struct vio_driver_queue queue;
	bool busy;
	uint8_t bytes[VIRTIO_RNG_BYTES];
	_Alignas(16) uint8_t ring[VIO_DRIVER_RING_BYTES(VIRTIO_RNG_QUEUE)];
};

/* Starts the device behind `driver`. NULL, or what is wrong. */
const char *virtio_rng_init(struct virtio_rng *rng, const struct vio_driver *driver);

/* Asks for bytes, if not asked already. They come with the device's interrupt. */
void virtio_rng_request(struct virtio_rng *rng);

/* To be called when the device's interrupt is up, and by who cannot wait for it, at any time. */
void virtio_rng_interrupt(struct virtio_rng *rng);

#endif

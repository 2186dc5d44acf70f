/* SPDX-License-Identifier: BSD-2-Clause */
#include "virtio_rng.h"

const char *virtio_rng_init(struct virtio_rng *rng, const struct vio_driver *driver)
{
	rng->driver = *driver;
	rng->busy = false;
	if (vio_driver_probe(&rng->driver) != VIO_ID_RNG)
		return "no entropy device";
	if (!vio_driver_start(&rng->driver, 0))
		return "entropy device does not agree on features";
	if (!vio_driver_queue_init(&rng->driver, &rng->queue, 0, rng->ring, VIRTIO_RNG_QUEUE))
		return "entropy device has no queue";
	vio_driver_run(&rng->driver);
	return NULL;
}

void virtio_rng_request(struct virtio_rng *rng)
{
	const struct vio_buffer buffer = {
		.data = rng->bytes,
		.len = sizeof(rng->bytes),
		.writable = true,
	};

	if (rng->busy || vio_driver_queue_add(&rng->queue, &buffer, 1) < 0)
		return;
	rng->busy = true;
	vio_driver_queue_publish(&rng->queue);
}

void virtio_rng_interrupt(struct virtio_rng *rng)
{
	uint16_t head = 0;
	uint32_t len = 0;

	vio_driver_interrupt(&rng->driver);
	if (!vio_driver_queue_used(&rng->queue, &head, &len))
		return;
	rng->busy = false;
	rng->ready(rng->user, rng->bytes, len < sizeof(rng->bytes) ? len : sizeof(rng->bytes));
	memset(rng->bytes, 0, sizeof(rng->bytes));
}

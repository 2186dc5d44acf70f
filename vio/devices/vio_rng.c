/* SPDX-License-Identifier: BSD-2-Clause */
#include "vio_rng.h"

/* Fills the request from the front, up to the cap; false: the source ran dry on the way. */
static bool fill(struct vio_entropy *source, struct vio_request *req)
{
	struct vio_span span;

	while (req->written < VIO_RNG_REQUEST_MAX && vio_request_next_writable(req, &span)) {
		uint32_t room = VIO_RNG_REQUEST_MAX - req->written;
		uint32_t want = span.len < room ? span.len : room;
		uint32_t got = source->fill(source, span.data, want);

		vio_request_wrote(req, got);
		if (got < want)
			return false;
	}
	return true;
}

/*
 * A used buffer holds at least one random byte (5.4.6.2), so one that the dry source leaves empty
 * goes back to the ring, and one that could never hold a byte is the driver's fault.
 */
static void serve(struct vio_device *device, struct vio_queue *queue)
{
	struct vio_rng *rng = VIO_CONTAINER_OF(device, struct vio_rng, device);
	struct vio_request req;
	bool more = true;

	while (more && vio_queue_take(queue, &req)) {
		if (req.writable_len == 0) {
			vio_queue_refuse(queue, &req);
			return;
		}
		more = fill(rng->source, &req);
		if (req.written == 0)
			vio_queue_untake(queue, &req);
		else
			vio_queue_complete(queue, &req);
	}
}

static const struct vio_queue_type rng_queues[] = {
	{ .size_max = VIO_RNG_QUEUE_SIZE, .notify = serve },
};

static const struct vio_device_type rng_type = {
	.name = "rng",
	.id = VIO_ID_RNG,
	.queues = rng_queues,
	.queue_count = VIO_ARRAY_SIZE(rng_queues),
};

void vio_rng_init(struct vio_rng *rng, struct vio_entropy *source)
{
	rng->source = source;
	vio_device_init(&rng->device, &rng_type, 0, NULL, VIO_STORAGE(&rng->storage));
}

void vio_rng_ready(struct vio_rng *rng)
{
	vio_queue_kick(&rng->device.queues[0]);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "vio_rng.h"

/* Fills the request from the front, as far as cap, allowance and source go. */
static void fill(struct vio_rng *rng, struct vio_request *req)
{
	uint32_t room = rng->allowance < VIO_RNG_REQUEST_MAX ? rng->allowance : VIO_RNG_REQUEST_MAX;
	struct vio_span span;

	while (req->written < room && vio_request_next_writable(req, &span)) {
		uint32_t want = span.len < room - req->written ? span.len : room - req->written;
		uint32_t got = rng->source->fill(rng->source, span.data, want);

		vio_request_wrote(req, got);
		if (got < want)
			break;
	}
	if (rng->burst != 0)
		rng->allowance -= req->written;
}

/*
 * A used buffer holds at least one random byte (5.4.6.2), so one that stays empty for now goes back
 * to the ring, and one that could never hold a byte is the driver's fault.
 */
static void serve(struct vio_device *device, struct vio_queue *queue)
{
	struct vio_rng *rng = VIO_CONTAINER_OF(device, struct vio_rng, device);
	struct vio_request req;

	while (vio_queue_take(queue, &req)) {
		if (req.writable_len == 0) {
			vio_queue_refuse(queue, &req);
			return;
		}
		fill(rng, &req);
		if (req.written == 0) {
			vio_queue_untake(queue, &req);
			return;
		}
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
	vio_rng_limit(rng, 0);
	vio_device_init(&rng->device, &rng_type, 0, NULL, VIO_STORAGE(&rng->storage));
}

void vio_rng_ready(struct vio_rng *rng)
{
	vio_queue_kick(&rng->device.queues[0]);
}

void vio_rng_limit(struct vio_rng *rng, uint32_t burst)
{
	rng->burst = burst;
	rng->allowance = burst != 0 ? burst : UINT32_MAX;
}

void vio_rng_refill(struct vio_rng *rng, uint32_t bytes)
{
	uint32_t spent = rng->burst - rng->allowance;

	if (rng->burst == 0)
		return;
	if (rng->allowance == 0)
		vio_queue_kick(&rng->device.queues[0]);
	rng->allowance += bytes < spent ? bytes : spent;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "vio_checksum.h"

uint32_t vio_checksum_crc32(struct vio_checksum_backend *backend, uint32_t crc, const uint8_t *data,
			    uint32_t len)
{
	unsigned bit = 0;

	(void)backend;
	for (crc = ~crc; len-- != 0;) {
		crc ^= *data++;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (0xedb88320 & -(crc & 1));
	}
	return ~crc;
}

/*
 * The driver has made buffers available. A request's spans are checked memory of the guest: read
 * each byte once, since the guest may change it meanwhile.
 */
static void serve(struct vio_device *device, struct vio_queue *queue)
{
	struct vio_checksum *self = VIO_CONTAINER_OF(device, struct vio_checksum, device);
	uint32_t answer_len = vio_device_has(device, VIO_CHECKSUM_F_LENGTH) ? 8 : 4;
	struct vio_request req;
	struct vio_span in;

	while (vio_queue_take(queue, &req)) {
		struct vio_checksum_answer answer = { .length = vio_le32(req.readable_len) };
		uint32_t crc = 0;

		if (req.readable_len > VIO_CHECKSUM_LIMIT || req.writable_len < answer_len) {
			vio_queue_refuse(queue, &req);
			return;
		}
		while (vio_request_next_readable(&req, &in)) {
			crc = self->backend->extend(self->backend, crc, in.data, in.len);
			vio_request_consumed(&req, in.len);
		}
		answer.crc = vio_le32(crc);
		vio_request_write(&req, &answer, answer_len);
		vio_queue_complete(queue, &req);
	}
}

/* A line for each queue. */
static const struct vio_queue_type checksum_queues[] = {
	{ .size_max = VIO_CHECKSUM_QUEUE_SIZE, .notify = serve },
};

/* A line for each field of the config struct; true: the driver may write it. */
static const struct vio_config_field checksum_fields[] = {
	VIO_CONFIG_FIELD(struct vio_checksum_config, limit, false),
};

/* More that can stand here: vio_device.h. */
static const struct vio_device_type checksum_type = {
	.name = "checksum",
	.id = VIO_ID_CHECKSUM,
	.features = VIO_BIT(VIO_CHECKSUM_F_LENGTH),
	.queues = checksum_queues,
	.queue_count = VIO_ARRAY_SIZE(checksum_queues),
	.fields = checksum_fields,
	.field_count = VIO_ARRAY_SIZE(checksum_fields),
};

void vio_checksum_init(struct vio_checksum *self, struct vio_checksum_backend *backend)
{
	self->config = (struct vio_checksum_config){ .limit = VIO_CHECKSUM_LIMIT };
	self->backend = backend;
	vio_device_init(&self->device, &checksum_type, checksum_type.features, &self->config,
			VIO_STORAGE(&self->storage));
}

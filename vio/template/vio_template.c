/* SPDX-License-Identifier: BSD-2-Clause */
#include "vio_template.h"

/*
 * The driver has made buffers available. A request's spans are checked memory of the guest: read
 * each byte once, since the guest may change it meanwhile.
 */
static void serve(struct vio_device *device, struct vio_queue *queue)
{
	struct vio_template *self = VIO_CONTAINER_OF(device, struct vio_template, device);
	uint32_t answer_len = vio_device_has(device, VIO_TEMPLATE_F_LENGTH) ? 8 : 4;
	struct vio_request req;
	struct vio_span in;

	while (vio_queue_take(queue, &req)) {
		struct vio_template_answer answer = { .length = vio_le32(req.readable_len) };
		uint32_t number = 0;

		if (req.readable_len > VIO_TEMPLATE_LIMIT || req.writable_len < answer_len) {
			vio_queue_refuse(queue, &req);
			return;
		}
		while (vio_request_next_readable(&req, &in)) {
			number = self->backend->work(self->backend, number, in.data, in.len);
			vio_request_consumed(&req, in.len);
		}
		answer.number = vio_le32(number);
		vio_request_write(&req, &answer, answer_len);
		vio_queue_complete(queue, &req);
	}
}

/* A line for each queue. */
static const struct vio_queue_type template_queues[] = {
	{ .size_max = VIO_TEMPLATE_QUEUE_SIZE, .notify = serve },
};

/* A line for each field of the config struct; true: the driver may write it. */
static const struct vio_config_field template_fields[] = {
	VIO_CONFIG_FIELD(struct vio_template_config, limit, false),
};

/* More that can stand here: vio_device.h. */
static const struct vio_device_type template_type = {
	.name = "template",
	.id = VIO_ID_TEMPLATE,
	.features = VIO_BIT(VIO_TEMPLATE_F_LENGTH),
	.queues = template_queues,
	.queue_count = VIO_ARRAY_SIZE(template_queues),
	.fields = template_fields,
	.field_count = VIO_ARRAY_SIZE(template_fields),
};

void vio_template_init(struct vio_template *self, struct vio_template_backend *backend)
{
	self->config = (struct vio_template_config){ .limit = VIO_TEMPLATE_LIMIT };
	self->backend = backend;
	vio_device_init(&self->device, &template_type, template_type.features, &self->config,
			VIO_STORAGE(&self->storage));
}

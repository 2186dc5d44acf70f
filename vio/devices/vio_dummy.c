/* SPDX-License-Identifier: BSD-2-Clause */
#include "vio_dummy.h"

/* Attaching resets, and has just offered what core and transport can do for any device. */
static void offer_nothing(struct vio_device *device)
{
	device->offered = 0;
}

static const struct vio_device_type dummy_type = {
	.name = "dummy",
	.id = VIO_ID_NONE,
	.reset = offer_nothing,
};

void vio_dummy_init(struct vio_dummy *dummy)
{
	vio_device_init(&dummy->device, &dummy_type, 0, NULL, NULL);
}

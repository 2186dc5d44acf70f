/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dummy, the blanking plate of a board: a slot that is there and holds nothing. It reads as
 * DeviceID 0, which drivers skip without a word (Virtio 1.4, 4.2.3.1.1), offers no feature and has
 * no queue.
 */
#ifndef VIO_DUMMY_H
#define VIO_DUMMY_H

#include "vio_device.h"

/* The caller owns it; one a slot. */
struct vio_dummy {
	struct vio_device device;
};

void vio_dummy_init(struct vio_dummy *dummy);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#include "virtio_probe.h"

static struct vio_driver transport(const struct virtio_window *window, unsigned number)
{
	return (struct vio_driver){
		.access = window->access,
		.registers = (uint8_t *)window->registers + (size_t)number * window->stride,
		.dma_offset = window->dma_offset,
	};
}

int virtio_find(const struct virtio_window *window, uint32_t id, unsigned from,
		struct vio_driver *driver)
{
	unsigned i = 0;

	for (i = from; i < window->count; i++) {
		*driver = transport(window, i);
		if (vio_driver_probe(driver) == id)
			return (int)i;
	}
	return -1;
}

bool virtio_has_legacy(const struct virtio_window *window)
{
	unsigned i = 0;

	for (i = 0; i < window->count; i++) {
		struct vio_driver at = transport(window, i);

		if (at.access->read(at.registers, VIO_MMIO_MAGIC_VALUE, 4) == VIO_MMIO_MAGIC &&
		    at.access->read(at.registers, VIO_MMIO_VERSION, 4) == 1)
			return true;
	}
	return false;
}

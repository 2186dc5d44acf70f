/* SPDX-License-Identifier: BSD-2-Clause */
#include "devices.h"
#include "vio_board.h"
#include "vio_checksum.h"

static struct vio_checksum_backend checksum_backend = { .extend = vio_checksum_crc32 };
static struct vio_checksum checksum_device;

void attach_devices(struct vio_mmio *slots, const struct vio_memory *memory)
{
	vio_checksum_init(&checksum_device, &checksum_backend);
	vio_mmio_attach(&slots[VIO_BOARD_SLOT_FREE], &checksum_device.device, memory);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DEVICES_H
#define DEVICES_H

#include "vio_mmio.h"

/*
 * Puts this system's own devices into the slots of the window that the standard board leaves free,
 * from VIO_BOARD_SLOT_FREE on, for the guest with this memory.
 */
void attach_devices(struct vio_mmio *slots, const struct vio_memory *memory);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Devices beside the standard's. `make new-device` adds lines at the three marks. */
#include "devices.h"
#include "vio_board.h"
/* new-device: headers */

/* new-device: objects */

void attach_devices(struct vio_mmio *slots, const struct vio_memory *memory)
{
	struct vio_mmio *slot = &slots[VIO_BOARD_SLOT_FREE];

	/* new-device: attach */
	(void)slot;
	(void)memory;
}

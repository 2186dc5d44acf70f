/* SPDX-License-Identifier: BSD-2-Clause */
/* Save and restore of a slot: its registers, and behind them the state of its device. */
#ifndef VIO_MMIO_STATE_H
#define VIO_MMIO_STATE_H

#include "vio_mmio.h"
#include "vio_state.h"

/* All little-endian. */
struct vio_mmio_state {
	uint32_t version; /* the register file's; for big-endian guests VIO_MMIO_STATE_BIG more */
	uint32_t interrupt_status;
	uint32_t device_features_sel;
	uint32_t driver_features_sel;
	uint32_t queue_sel;
	uint32_t guest_page_size;
};

#define VIO_MMIO_STATE_BIG 0x100

/* Bytes of a slot's state, with a device as of VIO_STATE_BYTES(). */
#define VIO_MMIO_STATE_BYTES(queue_count, own_bytes)                                               \
	(sizeof(struct vio_mmio_state) + VIO_STATE_BYTES(queue_count, own_bytes))

/* As vio_device_save(), of the device in the slot. */
enum vio_state_error vio_mmio_save(const struct vio_mmio *slot, void *state, size_t size);

/*
 * As vio_device_restore(), of the device just attached to the slot. The line goes where
 * InterruptStatus says; after an error it is low and the slot is as it was attached.
 */
enum vio_state_error vio_mmio_restore(struct vio_mmio *slot, const void *state, size_t size);

#endif

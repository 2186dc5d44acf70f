/* SPDX-License-Identifier: BSD-2-Clause */
#include "vio_mmio_state.h"

#define CAUSES ((uint32_t)(VIO_INTERRUPT_USED | VIO_INTERRUPT_CONFIG))

_Static_assert(sizeof(struct vio_mmio_state) == 24, "no padding in what is stored");

static uint32_t version_of(const struct vio_mmio *slot)
{
	const struct vio_device *device = slot->device;

	return (vio_device_is_legacy(device) ? VIO_MMIO_VERSION_LEGACY : VIO_MMIO_VERSION_2) |
	       (device->transport->big_endian ? VIO_MMIO_STATE_BIG : 0);
}

enum vio_state_error vio_mmio_save(const struct vio_mmio *slot, void *state, size_t size)
{
	const struct vio_mmio_state registers = {
		.version = vio_le32(version_of(slot)),
		.interrupt_status = vio_le32(slot->interrupt_status),
		.device_features_sel = vio_le32(slot->device_features_sel),
		.driver_features_sel = vio_le32(slot->driver_features_sel),
		.queue_sel = vio_le32(slot->queue_sel),
		.guest_page_size = vio_le32(slot->guest_page_size),
	};

	if (size < sizeof(registers))
		return VIO_STATE_SIZE;
	memcpy(state, &registers, sizeof(registers));
	return vio_device_save(slot->device, (uint8_t *)state + sizeof(registers),
			       size - sizeof(registers));
}

enum vio_state_error vio_mmio_restore(struct vio_mmio *slot, const void *state, size_t size)
{
	struct vio_mmio_state registers;
	enum vio_state_error error = VIO_STATE_OK;
	uint32_t causes = 0;

	if (size < sizeof(registers))
		return VIO_STATE_SIZE;
	memcpy(&registers, state, sizeof(registers));
	causes = vio_le32(registers.interrupt_status);
	if (registers.version != vio_le32(version_of(slot)) || (causes & ~CAUSES) != 0)
		return VIO_STATE_SLOT;

	error = vio_device_restore(slot->device, (const uint8_t *)state + sizeof(registers),
				   size - sizeof(registers));
	if (error != VIO_STATE_OK)
		return error;
	slot->device_features_sel = vio_le32(registers.device_features_sel);
	slot->driver_features_sel = vio_le32(registers.driver_features_sel);
	slot->queue_sel = vio_le32(registers.queue_sel);
	slot->guest_page_size = vio_le32(registers.guest_page_size);
	if (causes != 0)
		slot->device->transport->interrupt(slot->device, causes);
	return VIO_STATE_OK;
}

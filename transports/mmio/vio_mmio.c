/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The register files: what all versions have, and version 2, 4.2.2. The selectors and
 * InterruptStatus live here; everything else is the core's, or the queue's configuration.
 */
#include "vio_mmio.h"

#define TRANSPORT_FEATURES                                                                         \
	(VIO_BIT(VIO_F_VERSION_1) | VIO_BIT(VIO_F_INDIRECT_DESC) | VIO_BIT(VIO_F_EVENT_IDX) |      \
	 VIO_BIT(VIO_F_RING_PACKED) | VIO_BIT(VIO_F_IN_ORDER) | VIO_BIT(VIO_F_RING_RESET) |        \
	 VIO_BIT(VIO_F_NOTIFICATION_DATA) | VIO_BIT(VIO_F_SUSPEND))

/* ---- Towards the host ---- */

void vio_mmio_interrupt(struct vio_device *device, uint32_t cause)
{
	struct vio_mmio *slot = device->slot;
	bool was_low = slot->interrupt_status == 0;

	slot->interrupt_status |= cause;
	if (was_low)
		slot->host->raise(slot);
}

/* One line for all causes: it drops only when none is left, 4.2.3.4. */
static void acknowledge(struct vio_mmio *slot, uint32_t causes)
{
	bool was_high = slot->interrupt_status != 0;

	slot->interrupt_status &= ~causes;
	if (was_high && slot->interrupt_status == 0)
		slot->host->lower(slot);
}

void vio_mmio_defer(struct vio_device *device)
{
	struct vio_mmio *slot = device->slot;

	slot->host->defer(slot);
}

void vio_mmio_released(struct vio_device *device)
{
	struct vio_mmio *slot = device->slot;

	slot->host->released(slot);
}

void vio_mmio_failed(struct vio_device *device, enum vio_error error)
{
	struct vio_mmio *slot = device->slot;

	if (slot->host->failed)
		slot->host->failed(slot, error);
}

void vio_mmio_window_init(const struct vio_mmio_window *window, const struct vio_mmio_host *host,
			  void *host_data)
{
	uint16_t i = 0;

	for (i = 0; i < window->count; i++) {
		window->slots[i].host = host;
		window->slots[i].host_data = host_data;
		window->slots[i].number = i;
	}
}

static const struct vio_mmio_version *version_of(const struct vio_mmio *slot)
{
	return slot->version ? slot->version : &vio_mmio_version_2;
}

void vio_mmio_attach(struct vio_mmio *slot, struct vio_device *device,
		     const struct vio_memory *memory)
{
	slot->device = device;
	slot->interrupt_status = 0;
	slot->device_features_sel = 0;
	slot->driver_features_sel = 0;
	slot->queue_sel = 0;
	slot->guest_page_size = 0;
	vio_device_attach(device, &version_of(slot)->transport, slot, memory);
	vio_device_withhold(device, slot->withheld);
}

static bool reset(struct vio_mmio *slot)
{
	bool done = vio_device_reset(slot->device);

	acknowledge(slot, ~UINT32_C(0));
	return done;
}

bool vio_mmio_detach(struct vio_mmio *slot)
{
	bool done = !slot->device || reset(slot);

	slot->device = NULL;
	return done;
}

/* Apart, so that the other registers need no stack for it. */
vio_noinline void vio_mmio_serve(struct vio_mmio *slot)
{
	if (slot->device)
		vio_device_serve(slot->device);
}

/* Work has come up inside a register write: do it now, or have it done. */
static inline void serve_or_defer(struct vio_mmio *slot)
{
	if (slot->serving == VIO_MMIO_SERVE_NOW)
		vio_mmio_serve(slot);
	else
		slot->host->defer(slot);
}

/* ---- Towards the guest ---- */

static uint32_t read_empty(const struct vio_mmio *slot, uint32_t offset)
{
	switch (offset) {
	case VIO_MMIO_MAGIC_VALUE:
		return VIO_MMIO_MAGIC;
	case VIO_MMIO_VERSION:
		return version_of(slot)->number;
	default:
		return 0;
	}
}

/* Registers by number: a dense switch is a jump, where one of offsets would be a search. */
#define AT(name) (VIO_MMIO_##name / 4)

static uint32_t read_register(struct vio_mmio *slot, uint32_t offset)
{
	struct vio_device *device = slot->device;

	switch (offset / 4) {
	case AT(MAGIC_VALUE):
		return VIO_MMIO_MAGIC;
	case AT(VERSION):
		return version_of(slot)->number;
	case AT(DEVICE_ID):
		return device->type->id;
	case AT(VENDOR_ID):
		return VIO_MMIO_VENDOR;
	case AT(DEVICE_FEATURES):
		return vio_device_offered(device, slot->device_features_sel);
	case AT(QUEUE_SIZE_MAX):
		return vio_mmio_has_queue(slot) ? device->type->queues[slot->queue_sel].size_max
						: 0;
	case AT(STATUS):
		return device->status;
	/* No shared memory: all-ones for length and base, 4.2.2. */
	case AT(SHM_LEN_LOW):
	case AT(SHM_LEN_HIGH):
	case AT(SHM_BASE_LOW):
	case AT(SHM_BASE_HIGH):
		return UINT32_MAX;
	default:
		return version_of(slot)->read(slot, offset);
	}
}

/* What is rare: apart, so that the registers that are not need no stack. */
static vio_noinline enum vio_mmio_outcome write_other(struct vio_mmio *slot, uint32_t offset,
						      uint32_t value)
{
	struct vio_device *device = slot->device;
	bool done = true;

	if (offset == VIO_MMIO_DRIVER_FEATURES)
		vio_device_accept(device, slot->driver_features_sel, value);
	else if (offset != VIO_MMIO_STATUS)
		done = version_of(slot)->write(slot, offset, value);
	else if (value == 0)
		done = reset(slot);
	else
		vio_device_set_status(device, value);
	if (device->pending != 0)
		serve_or_defer(slot);
	return done ? VIO_MMIO_DONE : VIO_MMIO_PARK;
}

static bool is_register(uint32_t offset, unsigned width)
{
	return width == 4 && offset % 4 == 0 && offset < VIO_MMIO_CONFIG;
}

/*
 * A driver reads InterruptStatus and writes InterruptACK at each interrupt, and QueueNotify for
 * each batch, so these come first. In an empty slot no interrupt is up.
 */
uint64_t vio_mmio_read(struct vio_mmio *slot, uint32_t offset, unsigned width)
{
	if (vio_likely(offset == VIO_MMIO_INTERRUPT_STATUS && width == 4))
		return slot->interrupt_status;
	if (offset >= VIO_MMIO_CONFIG)
		return slot->device ? vio_device_config_read(slot->device, offset - VIO_MMIO_CONFIG,
							     width)
				    : 0;
	if (!is_register(offset, width))
		return 0;
	return slot->device ? read_register(slot, offset) : read_empty(slot, offset);
}

/* The config space takes any width; what is no register is not there. */
static vio_noinline enum vio_mmio_outcome write_config(struct vio_mmio *slot, uint32_t offset,
						       unsigned width, uint64_t value)
{
	if (slot->device && offset >= VIO_MMIO_CONFIG)
		vio_device_config_write(slot->device, offset - VIO_MMIO_CONFIG, width, value);
	return VIO_MMIO_DONE;
}

static inline void notify(struct vio_mmio *slot, uint32_t value)
{
	/* With NOTIFICATION_DATA the upper half says how far the driver is: we look anyway. */
	if (vio_device_has(slot->device, VIO_F_NOTIFICATION_DATA))
		value &= 0xffff;
	if (vio_device_notify(slot->device, value))
		serve_or_defer(slot);
}

static inline enum vio_mmio_outcome write_register(struct vio_mmio *slot, uint32_t offset,
						   uint32_t value)
{
	switch (offset) {
	case VIO_MMIO_DEVICE_FEATURES_SEL:
		slot->device_features_sel = value;
		return VIO_MMIO_DONE;
	case VIO_MMIO_DRIVER_FEATURES_SEL:
		slot->driver_features_sel = value;
		return VIO_MMIO_DONE;
	case VIO_MMIO_QUEUE_SEL:
		slot->queue_sel = value;
		return VIO_MMIO_DONE;
	default:
		return write_other(slot, offset, value);
	}
}

enum vio_mmio_outcome vio_mmio_write_word(struct vio_mmio *slot, uint32_t offset, uint32_t value)
{
	if (vio_unlikely(!slot->device))
		return VIO_MMIO_DONE;
	if (offset == VIO_MMIO_QUEUE_NOTIFY) {
		notify(slot, value);
		return VIO_MMIO_DONE;
	}
	if (offset == VIO_MMIO_INTERRUPT_ACK) {
		acknowledge(slot, value);
		return VIO_MMIO_DONE;
	}
	if (vio_likely(is_register(offset, 4)))
		return write_register(slot, offset, value);
	return write_config(slot, offset, 4, value);
}

enum vio_mmio_outcome vio_mmio_write(struct vio_mmio *slot, uint32_t offset, unsigned width,
				     uint64_t value)
{
	return width == 4 ? vio_mmio_write_word(slot, offset, (uint32_t)value)
			  : write_config(slot, offset, width, value);
}

/* ---- Version 2 ---- */

static uint32_t read_version_2(const struct vio_mmio *slot, uint32_t offset)
{
	const struct vio_device *device = slot->device;

	switch (offset) {
	case VIO_MMIO_QUEUE_READY:
		return vio_mmio_has_queue(slot) && device->configs[slot->queue_sel].ready;
	case VIO_MMIO_QUEUE_RESET:
		return vio_mmio_has_queue(slot) && device->queues[slot->queue_sel].closing;
	case VIO_MMIO_CONFIG_GENERATION:
		return device->generation;
	default:
		return 0;
	}
}

/* Size and addresses of the selected queue: ignored when it is live or there is none. */
static void write_queue_config(struct vio_mmio *slot, uint32_t offset, uint32_t value)
{
	struct vio_queue_config *config = vio_device_queue_config(slot->device, slot->queue_sel);
	bool high = (offset & 4) != 0;

	if (!config)
		return;
	switch (offset) {
	case VIO_MMIO_QUEUE_SIZE:
		config->size = value;
		break;
	case VIO_MMIO_QUEUE_DESC_LOW:
	case VIO_MMIO_QUEUE_DESC_HIGH:
		vio_set_half(&config->desc, high, value);
		break;
	case VIO_MMIO_QUEUE_DRIVER_LOW:
	case VIO_MMIO_QUEUE_DRIVER_HIGH:
		vio_set_half(&config->driver, high, value);
		break;
	case VIO_MMIO_QUEUE_DEVICE_LOW:
	case VIO_MMIO_QUEUE_DEVICE_HIGH:
		vio_set_half(&config->device, high, value);
		break;
	default:
		break;
	}
}

static bool write_version_2(struct vio_mmio *slot, uint32_t offset, uint32_t value)
{
	switch (offset) {
	case VIO_MMIO_QUEUE_READY:
		if (value == 0)
			return vio_device_disable_queue(slot->device, slot->queue_sel);
		if (value == 1)
			vio_device_enable_queue(slot->device, slot->queue_sel);
		break;
	case VIO_MMIO_QUEUE_RESET:
		if (value == 1)
			vio_device_reset_queue(slot->device, slot->queue_sel);
		break;
	default:
		write_queue_config(slot, offset, value);
		break;
	}
	return true;
}

const struct vio_mmio_version vio_mmio_version_2 = {
	.number = VIO_MMIO_VERSION_2,
	.transport =
		VIO_MMIO_TRANSPORT(.features = VIO_MMIO_DEVICE_TYPE_FEATURES | TRANSPORT_FEATURES),
	.read = read_version_2,
	.write = write_version_2,
};

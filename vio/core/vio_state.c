/* SPDX-License-Identifier: BSD-2-Clause */
#include "vio_state.h"

#include "vio_ring.h"

_Static_assert(sizeof(struct vio_state_header) == 32, "no padding in what is stored");
_Static_assert(sizeof(struct vio_state_queue) == 40, "no padding in what is stored");

const char *vio_state_error_text(enum vio_state_error error)
{
	static const char *const text[VIO_STATE_ERRORS] = {
		[VIO_STATE_OK] = "no error",
		[VIO_STATE_BUSY] = "the device is not at rest",
		[VIO_STATE_SIZE] = "not all of a state, or no room for it",
		[VIO_STATE_FORMAT] = "no state of this version",
		[VIO_STATE_TYPE] = "state of another type of device",
		[VIO_STATE_FEATURES] = "features that are not offered",
		[VIO_STATE_QUEUE] = "queue outside the guest's memory, or with a bad position",
		[VIO_STATE_STATUS] = "impossible device status",
		[VIO_STATE_OWN] = "bad state of the device's own",
		[VIO_STATE_SLOT] = "bad state of the slot's registers",
	};

	return (unsigned)error < VIO_STATE_ERRORS ? text[error] : "unknown error";
}

size_t vio_state_bytes(const struct vio_device *device)
{
	return VIO_STATE_BYTES(device->type->queue_count, device->type->state_bytes);
}

/* ---- Saving ---- */

/* Of a queue in which nothing is in flight, both counters are the same; split: there is none. */
static bool wrap_of(const struct vio_queue *queue)
{
	return queue->ring != &vio_packed_ring || queue->packed.used_flags != 0;
}

static struct vio_state_queue save_queue(const struct vio_queue *queue,
					 const struct vio_queue_config *config)
{
	struct vio_state_queue record = {
		.desc = vio_le64(config->desc),
		.driver = vio_le64(config->driver),
		.device = vio_le64(config->device),
		.size = vio_le32(config->size),
		.align = vio_le32(config->align),
		.pfn = vio_le32(config->pfn),
	};

	if (config->ready) {
		record.next = vio_le16(queue->used_next);
		record.flags = VIO_STATE_READY | (wrap_of(queue) ? VIO_STATE_WRAP : 0);
	}
	return record;
}

enum vio_state_error vio_device_save(const struct vio_device *device, void *state, size_t size)
{
	const struct vio_device_type *type = device->type;
	const struct vio_state_header header = {
		.magic = vio_le32(VIO_STATE_MAGIC),
		.version = vio_le32(VIO_STATE_VERSION),
		.device = vio_le32(type->id),
		.generation = vio_le32(device->generation),
		.driver_features = vio_le64(device->driver_features),
		.own_bytes = vio_le16(type->state_bytes),
		.queue_count = type->queue_count,
		.status = device->status,
		.stale = device->stale,
	};
	uint8_t *to = state;
	unsigned i = 0;

	if (!device->paused || vio_device_holds_memory(device))
		return VIO_STATE_BUSY;
	if (size < vio_state_bytes(device))
		return VIO_STATE_SIZE;

	memcpy(to, &header, sizeof(header));
	to += sizeof(header);
	for (i = 0; i < type->queue_count; i++) {
		struct vio_state_queue record = save_queue(&device->queues[i], &device->configs[i]);

		memcpy(to, &record, sizeof(record));
		to += sizeof(record);
	}
	if (type->save)
		type->save(device, to);
	return VIO_STATE_OK;
}

/* ---- Restoring ---- */

static enum vio_state_error check(const struct vio_device *device,
				  const struct vio_state_header *header, size_t size)
{
	const struct vio_device_type *type = device->type;

	if (header->magic != vio_le32(VIO_STATE_MAGIC) ||
	    header->version != vio_le32(VIO_STATE_VERSION) ||
	    (header->zero[0] | header->zero[1] | header->zero[2]) != 0)
		return VIO_STATE_FORMAT;
	if (header->device != vio_le32(type->id) || header->queue_count != type->queue_count ||
	    header->own_bytes != vio_le16(type->state_bytes))
		return VIO_STATE_TYPE;
	if (size < vio_state_bytes(device))
		return VIO_STATE_SIZE;
	/* A legacy driver needs no status for a live queue. */
	if (device->status != 0 || device->resetting || device->agreed)
		return VIO_STATE_BUSY;
	return VIO_STATE_OK;
}

/* Written and, if it was live, enabled as by the driver, but for the position. */
static bool restore_queue(struct vio_device *device, uint32_t index,
			  const struct vio_state_queue *record)
{
	bool ready = (record->flags & VIO_STATE_READY) != 0;
	bool wrap = (record->flags & VIO_STATE_WRAP) != 0;

	if ((record->flags & ~(VIO_STATE_READY | VIO_STATE_WRAP)) != 0 || record->zero != 0)
		return false;
	device->configs[index] = (struct vio_queue_config){
		.desc = vio_le64(record->desc),
		.driver = vio_le64(record->driver),
		.device = vio_le64(record->device),
		.size = vio_le32(record->size),
		.align = vio_le32(record->align),
		.pfn = vio_le32(record->pfn),
	};
	return ready ? vio_device_enable_queue_at(device, index, vio_le16(record->next), wrap)
		     : record->next == 0 && !wrap;
}

/* The driver's steps; `at`: the queues' records, and then the type's own. */
static enum vio_state_error replay(struct vio_device *device, const struct vio_state_header *header,
				   const uint8_t *at)
{
	const struct vio_device_type *type = device->type;
	const uint8_t status = header->status;
	unsigned i = 0;

	device->driver_features = vio_le64(header->driver_features);
	vio_device_set_status(device, status & (VIO_STATUS_ACKNOWLEDGE | VIO_STATUS_DRIVER |
						VIO_STATUS_FEATURES_OK));
	if ((status & ~device->status & VIO_STATUS_FEATURES_OK) != 0)
		return VIO_STATE_FEATURES;
	for (i = 0; i < type->queue_count; i++, at += sizeof(struct vio_state_queue)) {
		struct vio_state_queue record;

		memcpy(&record, at, sizeof(record));
		if (!restore_queue(device, i, &record))
			return VIO_STATE_QUEUE;
	}
	if ((status & (VIO_STATUS_DRIVER_OK | VIO_STATUS_SUSPEND)) != 0)
		vio_device_set_status(device, VIO_STATUS_DRIVER_OK);
	if (type->restore && !type->restore(device, at))
		return VIO_STATE_OWN;
	vio_device_set_status(device, status & VIO_STATUS_SUSPEND);
	device->stale = header->stale != 0;
	device->status |= status & VIO_STATUS_NEEDS_RESET;
	vio_device_set_status(device, status & VIO_STATUS_FAILED);

	if (device->status != status || header->stale > ((status & VIO_STATUS_SUSPEND) != 0))
		return VIO_STATE_STATUS;
	return VIO_STATE_OK;
}

enum vio_state_error vio_device_restore(struct vio_device *device, const void *state, size_t size)
{
	struct vio_state_header header;
	enum vio_state_error error = VIO_STATE_SIZE;
	unsigned i = 0;

	if (size < sizeof(header))
		return error;
	memcpy(&header, state, sizeof(header));
	error = check(device, &header, size);
	if (error != VIO_STATE_OK)
		return error;

	error = replay(device, &header, (const uint8_t *)state + sizeof(header));
	if (error != VIO_STATE_OK) {
		device->stale = false;
		vio_device_reset(device);
		return error;
	}
	/* Whoever is reading the config space just now reads it again: another device answers. */
	device->generation = vio_le32(header.generation) + 1;
	for (i = 0; i < device->type->queue_count; i++)
		device->pending |= (uint32_t)device->queues[i].open << i;
	if (device->pending != 0)
		device->transport->defer(device);
	return VIO_STATE_OK;
}

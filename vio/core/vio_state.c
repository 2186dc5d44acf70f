/* SPDX-License-Identifier: BSD-2-Clause */
#include "vio_state.h"

#include "vio_ring.h"

_Static_assert(sizeof(struct vio_state_header) == 32, "no padding in what is stored");
_Static_assert(sizeof(struct vio_state_queue) == 40, "no padding in what is stored");

#define STARTED (VIO_STATUS_DRIVER_OK | VIO_STATUS_SUSPEND)

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
	return !queue->ring->packed ||
	       (queue->used_flags & VIO_PACKED_WORD(0, VIO_PACKED_F_USED)) != 0;
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
		.agreed = device->agreed,
		.untold = device->untold,
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
	    (header->zero[0] | header->zero[1]) != 0)
		return VIO_STATE_FORMAT;
	if (header->device != vio_le32(type->id) || header->queue_count != type->queue_count ||
	    header->own_bytes != vio_le16(type->state_bytes))
		return VIO_STATE_TYPE;
	if (size < vio_state_bytes(device))
		return VIO_STATE_SIZE;
	if (device->status != 0 || device->resetting || device->agreed)
		return VIO_STATE_BUSY;
	return VIO_STATE_OK;
}

static struct vio_state_queue record_at(const uint8_t *records, unsigned index)
{
	struct vio_state_queue record;

	memcpy(&record, records + index * sizeof(record), sizeof(record));
	return record;
}

static struct vio_queue_config config_of(const struct vio_state_queue *record)
{
	return (struct vio_queue_config){
		.desc = vio_le64(record->desc),
		.driver = vio_le64(record->driver),
		.device = vio_le64(record->device),
		.size = vio_le32(record->size),
		.align = vio_le32(record->align),
		.pfn = vio_le32(record->pfn),
	};
}

/* Of the driver's features, without which no queue is live. A legacy driver needs no status. */
static bool is_final(const struct vio_device *device, const struct vio_state_header *header)
{
	return vio_device_is_legacy(device) ? header->agreed != 0
					    : (header->status & VIO_STATUS_FEATURES_OK) != 0;
}

/* Whether a driver can bring a device with these features there. */
static bool is_status(const struct vio_device *device, const struct vio_state_header *header,
		      uint64_t features)
{
	const uint8_t bits = VIO_STATUS_ACKNOWLEDGE | VIO_STATUS_DRIVER | VIO_STATUS_FEATURES_OK |
			     VIO_STATUS_NEEDS_RESET | VIO_STATUS_FAILED;
	const uint8_t started = header->status & STARTED;

	if ((header->status & ~(bits | STARTED)) != 0 || header->agreed > 1 || header->untold > 1)
		return false;
	if (header->untold != 0 && (header->status == 0 || started == VIO_STATUS_DRIVER_OK))
		return false;
	if (started == 0)
		return header->agreed == 0 || vio_device_is_legacy(device);
	if (header->agreed == 0 || !is_final(device, header))
		return false;
	return started == VIO_STATUS_DRIVER_OK ||
	       (started == VIO_STATUS_SUSPEND && (features & VIO_BIT(VIO_F_SUSPEND)) != 0);
}

/* Whether a driver can have set a queue up so, and gone as far in it. */
static bool is_queue(const struct vio_device *device, const struct vio_state_header *header,
		     uint64_t features, unsigned index, const struct vio_state_queue *record)
{
	const struct vio_queue_config config = config_of(record);
	const bool wrap = (record->flags & VIO_STATE_WRAP) != 0;
	struct vio_queue queue = device->queues[index];

	if ((record->flags & ~(VIO_STATE_READY | VIO_STATE_WRAP)) != 0 || record->zero != 0)
		return false;
	if ((record->flags & VIO_STATE_READY) == 0)
		return record->next == 0 && !wrap;
	return is_final(device, header) &&
	       vio_device_map_queue(device, features, &config, vio_le16(record->next), wrap,
				    &queue);
}

/* All that could be wrong with a state of this kind of device, before any of it has an effect. */
static enum vio_state_error check_all(const struct vio_device *device,
				      const struct vio_state_header *header, const uint8_t *records)
{
	const struct vio_device_type *type = device->type;
	const uint64_t written = vio_le64(header->driver_features);
	const uint64_t features = vio_device_usable_features(device, written);
	unsigned i = 0;

	if ((header->status & VIO_STATUS_FEATURES_OK) != 0 && !vio_device_accepts(device, written))
		return VIO_STATE_FEATURES;
	for (i = 0; i < type->queue_count; i++) {
		const struct vio_state_queue record = record_at(records, i);

		if (!is_queue(device, header, features, i, &record))
			return VIO_STATE_QUEUE;
	}
	if (!is_status(device, header, features))
		return VIO_STATE_STATUS;
	if (type->can_restore &&
	    !type->can_restore(device, is_final(device, header) ? features : 0, header->agreed != 0,
			       records + i * sizeof(struct vio_state_queue)))
		return VIO_STATE_OWN;
	return VIO_STATE_OK;
}

/* The driver's steps. */
static void replay(struct vio_device *device, const struct vio_state_header *header,
		   const uint8_t *records)
{
	const struct vio_device_type *type = device->type;
	const uint8_t status = header->status;
	unsigned i = 0;

	device->driver_features = vio_le64(header->driver_features);
	vio_device_set_status(device, status & (VIO_STATUS_ACKNOWLEDGE | VIO_STATUS_DRIVER |
						VIO_STATUS_FEATURES_OK));
	for (i = 0; i < type->queue_count; i++) {
		const struct vio_state_queue record = record_at(records, i);

		device->configs[i] = config_of(&record);
		if ((record.flags & VIO_STATE_READY) != 0)
			vio_device_enable_queue_at(device, i, vio_le16(record.next),
						   (record.flags & VIO_STATE_WRAP) != 0);
	}
	if ((status & STARTED) != 0)
		vio_device_set_status(device, VIO_STATUS_DRIVER_OK);
	else if (header->agreed != 0)
		vio_device_agree(device);
	if (type->restore)
		type->restore(device, records + i * sizeof(struct vio_state_queue));
	vio_device_set_status(device, status & VIO_STATUS_SUSPEND);
	device->untold = header->untold != 0;
	device->status |= status & VIO_STATUS_NEEDS_RESET;
	vio_device_set_status(device, status & VIO_STATUS_FAILED);
}

enum vio_state_error vio_device_restore(struct vio_device *device, const void *state, size_t size)
{
	const uint8_t *records = (const uint8_t *)state + sizeof(struct vio_state_header);
	struct vio_state_header header;
	enum vio_state_error error = VIO_STATE_SIZE;
	unsigned i = 0;

	if (size < sizeof(header))
		return error;
	memcpy(&header, state, sizeof(header));
	error = check(device, &header, size);
	if (error == VIO_STATE_OK)
		error = check_all(device, &header, records);
	if (error != VIO_STATE_OK)
		return error;

	replay(device, &header, records);
	/* Whoever is reading the config space just now reads it again: another device answers. */
	device->generation = vio_le32(header.generation) + 1;
	for (i = 0; i < device->type->queue_count; i++)
		device->pending |= (uint32_t)device->queues[i].open << i;
	if (device->pending != 0)
		device->transport->defer(device);
	return VIO_STATE_OK;
}

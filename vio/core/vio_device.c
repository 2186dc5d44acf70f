/* SPDX-License-Identifier: BSD-2-Clause */
#include "vio_ring.h"

/* What core and transport do for any device; a transport may carry less. */
#define CORE_FEATURES                                                                              \
	(VIO_BIT(VIO_F_VERSION_1) | VIO_BIT(VIO_F_INDIRECT_DESC) | VIO_BIT(VIO_F_EVENT_IDX) |      \
	 VIO_BIT(VIO_F_RING_PACKED) | VIO_BIT(VIO_F_IN_ORDER) | VIO_BIT(VIO_F_RING_RESET) |        \
	 VIO_BIT(VIO_F_NOTIFICATION_DATA) | VIO_BIT(VIO_F_SUSPEND) |                               \
	 VIO_BIT(VIO_F_NOTIFY_ON_EMPTY) | VIO_BIT(VIO_F_ANY_LAYOUT))

/* A queue in two cache lines, a device in four. */
_Static_assert(sizeof(struct vio_queue) <= 128, "hot fields and counters of a queue");
_Static_assert(sizeof(struct vio_device) <= 256, "a device without its storage");

#define STATUS_STARTED  (VIO_STATUS_DRIVER_OK | VIO_STATUS_SUSPEND)
#define STATUS_GIVEN_UP (VIO_STATUS_NEEDS_RESET | VIO_STATUS_FAILED)

void vio_device_init(struct vio_device *device, const struct vio_device_type *type,
		     uint64_t features, void *config, const struct vio_storage *storage)
{
	unsigned i = 0;

	*device = (struct vio_device){ .type = type,
				       .config = config,
				       .features = type->features & features };
	if (!storage)
		return;
	device->queues = storage->queues;
	device->configs = storage->configs;
	device->completions = storage->completions;
	device->entries = storage->entries;
	device->spans = (struct vio_spans){ storage->spans, storage->span_count };
	for (i = 0; i < type->queue_count; i++) {
		device->queues[i] = (struct vio_queue){
			.device = device,
			.index = (uint8_t)i,
			.in_flight = storage->in_flight + (size_t)i * storage->entries,
		};
	}
}

/* VIO_BIT() in halves: a 32-bit CPU has no shift of 64 bits by a variable but in a library. */
static uint64_t feature_bit(unsigned feature)
{
	uint32_t half = UINT32_C(1) << feature % 32;

	return feature < 32 ? half : (uint64_t)half << 32;
}

/* Those of `features` whose needs are among them, 2.2.1. */
static uint64_t with_needs_met(const struct vio_device_type *type, uint64_t features)
{
	unsigned i = 0;

	for (i = 0; i < type->need_count; i++) {
		if ((features & feature_bit(type->needs[i].needs)) == 0)
			features &= ~feature_bit(type->needs[i].feature);
	}
	return features;
}

void vio_device_attach(struct vio_device *device, const struct vio_transport *transport, void *slot,
		       const struct vio_memory *memory)
{
	device->transport = transport;
	device->slot = slot;
	device->memory = memory;
	device->swapped = transport->big_endian != VIO_BIG_ENDIAN;
	device->offered = with_needs_met(device->type,
					 (device->features | CORE_FEATURES) & transport->features);
	vio_device_reset(device);
}

void vio_device_withhold(struct vio_device *device, uint64_t features)
{
	device->offered = with_needs_met(device->type, device->offered & ~features);
}

/* Nothing is taken any more, and what is still with a backend belongs to the past. */
static void close_queue(struct vio_queue *queue)
{
	queue->held = vio_queue_held(queue);
	queue->generation += queue->open || queue->halted;
	queue->open = false;
	queue->halted = false;
	vio_queue_stop_taking(queue);
}

static void close_queues(struct vio_device *device)
{
	unsigned i = 0;

	for (i = 0; i < device->type->queue_count; i++)
		close_queue(&device->queues[i]);
	device->pending = 0;
}

bool vio_device_holds_memory(const struct vio_device *device)
{
	unsigned i = 0;

	for (i = 0; i < device->type->queue_count; i++) {
		if (vio_queue_held(&device->queues[i]) != 0)
			return true;
	}
	return false;
}

/* ---- Features ---- */

uint32_t vio_device_offered(const struct vio_device *device, uint32_t window)
{
	switch (window) {
	case 0:
		return (uint32_t)device->offered;
	case 1:
		return (uint32_t)(device->offered >> 32);
	default:
		return 0;
	}
}

void vio_device_accept(struct vio_device *device, uint32_t window, uint32_t bits)
{
	if (window < 2 && (device->status & VIO_STATUS_FEATURES_OK) == 0 && !device->agreed)
		vio_set_half(&device->driver_features, window == 1, bits);
}

/* Nothing that was not offered, nothing without what it needs, 2.2. */
uint64_t vio_device_usable_features(const struct vio_device *device, uint64_t driver_features)
{
	return with_needs_met(device->type, driver_features & device->offered);
}

/* A legacy driver is not refused: it gets what it can have. On other transports it is. */
bool vio_device_accepts(const struct vio_device *device, uint64_t driver_features)
{
	return vio_device_is_legacy(device) ||
	       (vio_device_usable_features(device, driver_features) == driver_features &&
		(device->offered & ~driver_features & VIO_BIT(VIO_F_VERSION_1)) == 0);
}

/* The driver has said so: FEATURES_OK, or, where that means nothing, DRIVER_OK. */
static void negotiate(struct vio_device *device)
{
	device->negotiated = vio_device_usable_features(device, device->driver_features);
	if (device->type->negotiated)
		device->type->negotiated(device);
}

/* Before the first queue opens: a legacy driver says no sooner that it has chosen. */
void vio_device_agree(struct vio_device *device)
{
	if (device->agreed)
		return;
	device->agreed = true;
	device->negotiated = vio_device_usable_features(device, device->driver_features);
	if (device->type->enabled)
		device->type->enabled(device);
}

/* ---- Status ---- */

/* What is used so far is shown first. */
static void halt_queue(struct vio_queue *queue)
{
	vio_queue_end(queue);
	queue->halted = queue->open;
	queue->open = false;
	vio_queue_stop_taking(queue);
}

static bool is_halted(const struct vio_device *device)
{
	return device->suspending || device->paused;
}

static void open_queue(struct vio_queue *queue)
{
	struct vio_device *device = queue->device;

	queue->open = true;
	if (is_halted(device))
		halt_queue(queue);
}

/* Without a kick. */
static void look_at(struct vio_queue *queue)
{
	if (queue->open)
		queue->device->pending |= UINT32_C(1) << queue->index;
}

static void halt(struct vio_device *device)
{
	unsigned i = 0;

	if (device->type->halting)
		device->type->halting(device);
	for (i = 0; i < device->type->queue_count; i++) {
		if (device->queues[i].open)
			halt_queue(&device->queues[i]);
	}
	device->pending = 0;
}

/* The driver's wish and the root's are both gone: every queue is looked at without a kick. */
static void go_on(struct vio_device *device)
{
	unsigned i = 0;

	if (is_halted(device))
		return;
	for (i = 0; i < device->type->queue_count; i++) {
		struct vio_queue *queue = &device->queues[i];

		if (queue->halted) {
			queue->halted = false;
			open_queue(queue);
			look_at(queue);
		}
	}
}

/* The end of what waits for the backend, if nothing is with it; true: for the root. */
static bool end_waits(struct vio_device *device)
{
	bool reset = device->resetting;

	if (vio_device_holds_memory(device))
		return false;
	if (reset) {
		device->resetting = false;
		device->status = 0;
		device->untold = false;
	}
	if (device->suspending &&
	    (device->status & (VIO_STATUS_DRIVER_OK | STATUS_GIVEN_UP)) == VIO_STATUS_DRIVER_OK)
		device->status ^= STATUS_STARTED;
	return reset || device->paused;
}

/*
 * What the driver made available before DRIVER_OK is looked at now, without a kick. What it has
 * read of the config space may have changed since.
 */
static void start(struct vio_device *device)
{
	unsigned i = 0;

	device->status |= VIO_STATUS_DRIVER_OK;
	vio_device_agree(device);
	if (vio_device_is_legacy(device))
		negotiate(device);
	if (device->untold)
		vio_device_config_changed(device);
	for (i = 0; i < device->type->queue_count; i++) {
		if (device->configs[i].ready) {
			open_queue(&device->queues[i]);
			look_at(&device->queues[i]);
		}
	}
}

static void suspend(struct vio_device *device)
{
	device->suspending = true;
	halt(device);
	end_waits(device);
}

static void wake(struct vio_device *device)
{
	device->status ^= STATUS_STARTED;
	device->suspending = false;
	if (device->untold)
		vio_device_config_changed(device);
	go_on(device);
}

static bool may_open_queues(const struct vio_device *device)
{
	return (device->status & VIO_STATUS_FEATURES_OK) != 0 || vio_device_is_legacy(device);
}

void vio_device_set_status(struct vio_device *device, uint32_t bits)
{
	uint32_t added = bits & ~(uint32_t)device->status;

	if (device->resetting)
		return;
	device->status |= added & (VIO_STATUS_ACKNOWLEDGE | VIO_STATUS_DRIVER | VIO_STATUS_FAILED);
	if ((added & VIO_STATUS_FEATURES_OK) != 0 &&
	    vio_device_accepts(device, device->driver_features)) {
		device->status |= VIO_STATUS_FEATURES_OK;
		if (!vio_device_is_legacy(device))
			negotiate(device);
	}
	if ((device->status & STATUS_GIVEN_UP) != 0)
		close_queues(device);
	else if ((added & VIO_STATUS_DRIVER_OK) != 0 && (device->status & VIO_STATUS_SUSPEND) != 0)
		wake(device);
	else if ((added & VIO_STATUS_DRIVER_OK) != 0 && may_open_queues(device))
		start(device);
	else if ((added & VIO_STATUS_SUSPEND) != 0 && vio_device_has(device, VIO_F_SUSPEND) &&
		 (device->status & VIO_STATUS_DRIVER_OK) != 0)
		suspend(device);
}

static struct vio_queue_config initial_config(const struct vio_device_type *type, uint32_t index)
{
	return (struct vio_queue_config){ .size = type->queues[index].size_max,
					  .align = VIO_LEGACY_ALIGN };
}

bool vio_device_reset(struct vio_device *device)
{
	unsigned i = 0;

	close_queues(device);
	for (i = 0; i < device->type->queue_count; i++) {
		device->configs[i] = initial_config(device->type, i);
		device->queues[i].in_batch = false; /* what it used, nobody looks for */
		device->queues[i].closing = false;  /* one release ends every wait */
	}
	device->status &= (uint8_t)~STATUS_STARTED;
	device->suspending = false;
	device->driver_features = 0;
	device->negotiated = 0;
	device->agreed = false;
	if (device->untold)
		vio_device_config_changed(device);
	if (device->type->reset)
		device->type->reset(device);

	device->resetting = true;
	return end_waits(device);
}

void vio_device_let_go(struct vio_device *device)
{
	bool over = end_waits(device);
	unsigned i = 0;

	for (i = 0; i < device->type->queue_count; i++) {
		struct vio_queue *queue = &device->queues[i];

		if (queue->closing && queue->held == 0) {
			queue->closing = false;
			over = true;
		}
	}
	if (over)
		device->transport->released(device);
}

bool vio_device_pause(struct vio_device *device)
{
	device->paused = true;
	halt(device);
	return end_waits(device);
}

void vio_device_resume(struct vio_device *device)
{
	device->paused = false;
	go_on(device);
	if (device->pending != 0)
		device->transport->defer(device);
}

void vio_device_fail(struct vio_device *device, enum vio_error error)
{
	close_queues(device);
	device->status |= VIO_STATUS_NEEDS_RESET;
	device->errors++;
	device->transport->interrupt(device, VIO_INTERRUPT_CONFIG);
	device->transport->failed(device, error);
}

/* ---- Queues ---- */

struct vio_queue_config *vio_device_queue_config(struct vio_device *device, uint32_t index)
{
	if (index >= device->type->queue_count || device->configs[index].ready)
		return NULL;
	return &device->configs[index];
}

static const struct vio_ring *ring_of(const struct vio_device *device, uint64_t features)
{
	const bool in_order = (features & VIO_BIT(VIO_F_IN_ORDER)) != 0;

	if (vio_device_is_legacy(device))
		return device->transport->legacy_ring;
	if ((features & VIO_BIT(VIO_F_RING_PACKED)) != 0)
		return in_order ? &vio_packed_ring_in_order : &vio_packed_ring;
	return in_order ? &vio_split_ring_in_order : &vio_split_ring;
}

bool vio_device_map_queue(const struct vio_device *device, uint64_t features,
			  const struct vio_queue_config *config, uint16_t next, bool wrap,
			  struct vio_queue *queue)
{
	if (config->size > device->type->queues[queue->index].size_max)
		return false;
	queue->ring = ring_of(device, features);
	if (!queue->ring->map(queue, config, device->memory))
		return false;
	/* An index of a split ring counts on, one of a packed ring is a place in it. */
	return queue->ring->packed ? next < config->size : wrap;
}

bool vio_device_enable_queue_at(struct vio_device *device, uint32_t index, uint16_t next, bool wrap)
{
	struct vio_queue_config *config = vio_device_queue_config(device, index);
	struct vio_queue *queue = NULL;

	if (!config || !may_open_queues(device) || device->resetting)
		return false;
	queue = &device->queues[index];
	if (queue->held != 0 ||
	    !vio_device_map_queue(device, device->negotiated, config, next, wrap, queue))
		return false;

	if (vio_device_is_legacy(device))
		vio_device_agree(device);
	queue->size = (uint16_t)config->size;
	queue->event_idx = vio_device_has(device, VIO_F_EVENT_IDX);
	queue->indirect = vio_device_has(device, VIO_F_INDIRECT_DESC);
	queue->memory = device->memory;
	queue->in_batch = false;
	queue->avail_next = queue->used_next = queue->used_shown = queue->take_end = next;
	queue->run = queue->waiting = 0;
	queue->ring->start(queue, wrap);
	memset(queue->in_flight, 0, config->size);
	memset(vio_queue_completions(queue), 0, config->size * sizeof(struct vio_completion));
	config->ready = true;
	if ((device->status & STATUS_GIVEN_UP) != 0)
		return true;
	if (vio_device_is_legacy(device)) {
		open_queue(queue); /* looked at when notified: it may not be filled in yet */
	} else if ((device->status & STATUS_STARTED) != 0) {
		open_queue(queue);
		look_at(queue);
	}
	return true;
}

void vio_device_enable_queue(struct vio_device *device, uint32_t index)
{
	vio_device_enable_queue_at(device, index, 0, true);
}

bool vio_device_disable_queue(struct vio_device *device, uint32_t index)
{
	struct vio_queue *queue = NULL;

	if (index >= device->type->queue_count)
		return true;
	queue = &device->queues[index];
	close_queue(queue);
	device->pending &= ~(UINT32_C(1) << index);
	device->configs[index].ready = false;
	queue->in_batch = false;
	/* The end of a reset under way ends this wait too. */
	queue->closing = queue->held != 0 && !device->resetting;
	return queue->held == 0;
}

void vio_device_reset_queue(struct vio_device *device, uint32_t index)
{
	if (index >= device->type->queue_count || !device->configs[index].ready ||
	    !vio_device_has(device, VIO_F_RING_RESET))
		return;
	vio_device_disable_queue(device, index);
	device->configs[index] = initial_config(device->type, index);
}

void vio_device_serve(struct vio_device *device)
{
	uint32_t pending = device->pending;
	struct vio_queue *queue = device->queues;

	device->pending = 0;
	for (; pending != 0; pending >>= 1, queue++) {
		if ((pending & 1) != 0)
			vio_queue_serve(queue);
	}
}

/* ---- Config space ---- */

void vio_device_config_changed(struct vio_device *device)
{
	const bool runs = (device->status & VIO_STATUS_DRIVER_OK) != 0;

	device->untold = device->status != 0 && !runs;
	if ((device->status & VIO_STATUS_SUSPEND) != 0)
		return;
	if (device->type->configure)
		device->type->configure(device);
	device->generation++;
	if (runs)
		device->transport->interrupt(device, VIO_INTERRUPT_CONFIG);
}

/* The byte of the config struct that the driver sees at `offset`; NULL outside every field. */
static uint8_t *config_byte(const struct vio_device *device, uint32_t offset, bool to_write)
{
	const struct vio_device_type *type = device->type;
	unsigned i = 0;

	for (i = 0; i < type->field_count; i++) {
		const struct vio_config_field *field = &type->fields[i];
		uint32_t within = offset - field->offset;

		if (within >= (uint32_t)field->width * field->count)
			continue;
		if (to_write && !field->writable)
			return NULL;
		if (device->swapped)
			within ^= field->width - 1U;
		return (uint8_t *)device->config + field->offset + within;
	}
	return NULL;
}

uint64_t vio_device_config_read(const struct vio_device *device, uint32_t offset, unsigned width)
{
	uint64_t value = 0;
	unsigned i = width;

	while (i-- != 0) {
		const uint8_t *byte = config_byte(device, offset + i, false);

		value = value << 8 | (byte ? *byte : 0);
	}
	return value;
}

void vio_device_config_write(struct vio_device *device, uint32_t offset, unsigned width,
			     uint64_t value)
{
	unsigned i = 0;

	if ((device->status & VIO_STATUS_SUSPEND) != 0)
		return;
	for (i = 0; i < width; i++, value >>= 8) {
		uint8_t *byte = config_byte(device, offset + i, true);

		if (byte)
			*byte = (uint8_t)value;
	}
	if (device->type->config_written)
		device->type->config_written(device, offset, width);
}

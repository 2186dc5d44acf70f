/* SPDX-License-Identifier: BSD-2-Clause */
#define _DEFAULT_SOURCE
#include <unistd.h>

#include "box.h"

#define SECONDS_MAX 60 /* a test that takes longer hangs */

const struct vio_mmio_version *box_version;
int box_failures;

static struct box *current;

void vio_guest_loaded(const volatile void *address, size_t size)
{
	struct box *box = current;

	if (!box)
		return;
	if (!address) {
		box->fences++;
		return;
	}
	box->loads++;
	if (!box->after_load)
		return;
	for (unsigned i = 0; i < box->memory.count; i++) {
		const struct vio_region *region = &box->memory.regions[i];
		uintptr_t offset = (uintptr_t)address - (uintptr_t)region->data;

		if (offset < region->size)
			box->after_load(box, region->base + offset, size);
	}
}

/* ---- The device ---- */

static struct box_device *box_device_of(struct vio_device *device)
{
	return VIO_CONTAINER_OF(device, struct box_device, device);
}

static void hold(struct box_device *device, struct vio_queue *queue)
{
	struct box_held *held = NULL;

	for (;;) {
		assert_true(device->held_count < BOX_HELD);
		held = &device->held[device->held_count];
		if (!vio_queue_take_into(queue, &held->request, held->spans, BOX_SIZE))
			return;
		held->queue = queue;
		device->held_count++;
	}
}

static void echo(struct vio_request *req)
{
	uint8_t piece[7];
	uint32_t len = 0;

	while ((len = vio_request_read(req, piece, sizeof(piece))) != 0)
		vio_request_write(req, piece, len);
}

static void fill(struct vio_request *req)
{
	struct vio_span span;

	while (vio_request_next_writable(req, &span)) {
		memset(span.data, 0xda, span.len);
		vio_request_wrote(req, span.len);
	}
}

static void notify(struct vio_device *dev, struct vio_queue *queue)
{
	struct box_device *device = box_device_of(dev);
	struct vio_request req;

	device->notified[queue->index]++;
	switch (device->behaviour) {
	case BOX_IGNORE:
		return;
	case BOX_HOLD:
		hold(device, queue);
		return;
	case BOX_UNTAKE:
	case BOX_WAVER:
		if (vio_queue_take(queue, &req))
			vio_queue_untake(queue, &req);
		if (device->behaviour == BOX_WAVER)
			break;
		return;
	default:
		break;
	}
	while (vio_queue_take(queue, &req)) {
		if (device->behaviour == BOX_REFUSE) {
			vio_queue_refuse(queue, &req);
			continue;
		}
		if (device->behaviour == BOX_ECHO)
			echo(&req);
		else
			fill(&req);
		vio_queue_complete(queue, &req);
	}
}

static void reset(struct vio_device *dev)
{
	box_device_of(dev)->resets++;
}

static void enabled(struct vio_device *dev)
{
	box_device_of(dev)->enables++;
}

static void configure(struct vio_device *dev)
{
	struct box_device *device = box_device_of(dev);

	device->configures++;
	device->config.ro32 = device->ro32;
	device->config.ro64 = device->ro64;
}

static void config_written(struct vio_device *dev, uint32_t offset, unsigned width)
{
	(void)offset;
	(void)width;
	box_device_of(dev)->config_writes++;
}

/* Of its own it has the fields that the driver writes. */
struct own_state {
	uint32_t rw32;
	uint16_t rw16;
	uint8_t rw8;
	uint8_t letter;
};

_Static_assert(sizeof(struct own_state) == BOX_OWN_STATE, "as box.h says");

static void save(const struct vio_device *dev, void *state)
{
	const struct box_config *config = dev->config;
	const struct own_state own = { .rw32 = vio_le32(config->rw32),
				       .rw16 = vio_le16(config->rw16),
				       .rw8 = config->rw8,
				       .letter = 'x' };

	memcpy(state, &own, sizeof(own));
}

static bool can_restore(const struct vio_device *device, uint64_t negotiated, bool is_enabled,
			const void *state)
{
	struct own_state own;

	(void)device;
	(void)negotiated;
	(void)is_enabled;
	memcpy(&own, state, sizeof(own));
	return own.letter == 'x';
}

static void restore(struct vio_device *dev, const void *state)
{
	struct box_config *config = dev->config;
	struct own_state own;

	memcpy(&own, state, sizeof(own));
	config->rw32 = vio_le32(own.rw32);
	config->rw16 = vio_le16(own.rw16);
	config->rw8 = own.rw8;
}

static const struct vio_queue_type queue_types[BOX_QUEUES] = {
	{ .size_max = BOX_SIZE, .notify = notify },
	{ .size_max = BOX_SIZE, .notify = notify },
	{ .size_max = BOX_SMALL, .notify = notify },
};

static const struct vio_config_field fields[] = {
	VIO_CONFIG_FIELD(struct box_config, ro32, false),
	VIO_CONFIG_FIELD(struct box_config, rw16, true),
	VIO_CONFIG_ARRAY(struct box_config, bytes, false),
	VIO_CONFIG_FIELD(struct box_config, ro64, false),
	VIO_CONFIG_FIELD(struct box_config, rw32, true),
	VIO_CONFIG_FIELD(struct box_config, rw8, true),
};

static const struct vio_feature_need needs[] = {
	{ .feature = BOX_F_NEEDING, .needs = BOX_F_NEEDED },
	{ .feature = BOX_F_CHAINED, .needs = BOX_F_NEEDING },
};

/* Bits 24 to 49 are none of a device type's: those claimed here must never be offered. */
const struct vio_device_type box_type = {
	.name = "box",
	.id = 0x2a,
	.features = VIO_BIT(BOX_F_PLAIN) | VIO_BIT(BOX_F_NEEDED) | VIO_BIT(BOX_F_NEEDING) |
		    VIO_BIT(BOX_F_LAST) | VIO_BIT(BOX_F_HIGH) | VIO_BIT(BOX_F_CHAINED) |
		    VIO_BIT(24) | VIO_BIT(30) | VIO_BIT(31) | VIO_BIT(37) | VIO_BIT(39) |
		    VIO_BIT(VIO_F_RING_RESET) | VIO_BIT(41) | VIO_BIT(42) | VIO_BIT(44) |
		    VIO_BIT(49),
	.queues = queue_types,
	.fields = fields,
	.needs = needs,
	.queue_count = BOX_QUEUES,
	.field_count = VIO_ARRAY_SIZE(fields),
	.need_count = VIO_ARRAY_SIZE(needs),
	.reset = reset,
	.enabled = enabled,
	.configure = configure,
	.state_bytes = BOX_OWN_STATE,
	.save = save,
	.can_restore = can_restore,
	.restore = restore,
	.config_written = config_written,
};

void box_complete(struct box *box, unsigned index)
{
	struct box_held *held = &box->device.held[index];

	assert_true(index < box->device.held_count);
	fill(&held->request);
	vio_queue_complete(held->queue, &held->request);
}

/* ---- The root ---- */

static struct box *box_of(struct vio_mmio *slot)
{
	return slot->host_data;
}

static void raise_line(struct vio_mmio *slot)
{
	assert_false(box_of(slot)->line);
	box_of(slot)->line = true;
	box_of(slot)->raised++;
}

static void lower_line(struct vio_mmio *slot)
{
	assert_true(box_of(slot)->line);
	box_of(slot)->line = false;
}

static void defer(struct vio_mmio *slot)
{
	box_of(slot)->serve_wanted = true;
	box_of(slot)->deferred++;
}

static void released(struct vio_mmio *slot)
{
	box_of(slot)->released++;
}

static void failed(struct vio_mmio *slot, enum vio_error error)
{
	box_of(slot)->failed++;
	box_of(slot)->error = error;
}

static const struct vio_mmio_host host = {
	.raise = raise_line,
	.lower = lower_line,
	.defer = defer,
	.released = released,
	.failed = failed,
};

void box_serve(struct box *box)
{
	unsigned rounds = 0;

	while (box->serve_wanted) {
		assert_true(++rounds < 100);
		box->serve_wanted = false;
		vio_mmio_serve(&box->slot);
	}
}

/* ---- Registers ---- */

uint32_t box_read(struct box *box, uint32_t offset)
{
	return (uint32_t)vio_mmio_read(&box->slot, offset, 4);
}

enum vio_mmio_outcome box_write(struct box *box, uint32_t offset, uint32_t value)
{
	return vio_mmio_write(&box->slot, offset, 4, value);
}

uint32_t box_status(struct box *box)
{
	return box_read(box, VIO_MMIO_STATUS);
}

static void select_queue(struct box *box, uint32_t queue, uint64_t desc, uint64_t avail,
			 uint64_t used)
{
	box_write(box, VIO_MMIO_QUEUE_SEL, queue);
	if (queue < BOX_QUEUES) {
		box->desc_at[queue] = desc;
		box->avail_at[queue] = avail;
		box->used_at[queue] = used;
	}
}

uint32_t box_ready(struct box *box, uint32_t queue, uint32_t size, uint64_t desc, uint64_t avail,
		   uint64_t used)
{
	select_queue(box, queue, desc, avail, used);
	box_write(box, VIO_MMIO_QUEUE_SIZE, size);
	box_write(box, VIO_MMIO_QUEUE_DESC_LOW, (uint32_t)desc);
	box_write(box, VIO_MMIO_QUEUE_DESC_HIGH, (uint32_t)(desc >> 32));
	box_write(box, VIO_MMIO_QUEUE_DRIVER_LOW, (uint32_t)avail);
	box_write(box, VIO_MMIO_QUEUE_DRIVER_HIGH, (uint32_t)(avail >> 32));
	box_write(box, VIO_MMIO_QUEUE_DEVICE_LOW, (uint32_t)used);
	box_write(box, VIO_MMIO_QUEUE_DEVICE_HIGH, (uint32_t)(used >> 32));
	box_write(box, VIO_MMIO_QUEUE_READY, 1);
	return box_read(box, VIO_MMIO_QUEUE_READY);
}

/* Where the parts are is calculated here as 2.7.2 has it, and not by the product's own functions.
 */
uint32_t box_place(struct box *box, uint32_t queue, uint32_t size, uint32_t align, uint64_t at)
{
	uint64_t avail = at + 16 * size;
	uint64_t used = avail + 2 * (3 + size);

	if (align != 0)
		used = (used + align - 1) / align * align;
	select_queue(box, queue, at, avail, used);
	box_write(box, VIO_MMIO_QUEUE_SIZE, size);
	box_write(box, VIO_MMIO_QUEUE_ALIGN, align);
	box_write(box, VIO_MMIO_QUEUE_PFN, (uint32_t)(at / box->slot.guest_page_size));
	return box_read(box, VIO_MMIO_QUEUE_PFN);
}

static void negotiate_legacy(struct box *box, uint32_t features)
{
	box_write(box, VIO_MMIO_GUEST_PAGE_SIZE, BOX_PAGE);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_DONE);
	box_write(box, VIO_MMIO_STATUS, VIO_STATUS_ACKNOWLEDGE);
	box_write(box, VIO_MMIO_STATUS, VIO_STATUS_ACKNOWLEDGE | VIO_STATUS_DRIVER);
	box_write(box, VIO_MMIO_DRIVER_FEATURES_SEL, 0);
	box_write(box, VIO_MMIO_DRIVER_FEATURES, features);
}

void box_negotiate(struct box *box, uint64_t features)
{
	uint32_t status = VIO_STATUS_ACKNOWLEDGE | VIO_STATUS_DRIVER;

	if (box->slot.version) {
		negotiate_legacy(box, (uint32_t)features);
		return;
	}
	features |= VIO_BIT(VIO_F_VERSION_1);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_DONE);
	box_write(box, VIO_MMIO_STATUS, VIO_STATUS_ACKNOWLEDGE);
	box_write(box, VIO_MMIO_STATUS, status);
	for (uint32_t window = 0; window < 2; window++) {
		box_write(box, VIO_MMIO_DRIVER_FEATURES_SEL, window);
		box_write(box, VIO_MMIO_DRIVER_FEATURES, (uint32_t)(features >> (32 * window)));
	}
	status |= VIO_STATUS_FEATURES_OK;
	box_write(box, VIO_MMIO_STATUS, status);
	assert_int_equal(box_status(box), status);
}

void box_start(struct box *box, uint64_t features)
{
	box_negotiate(box, features);
	for (uint32_t i = 0; i < BOX_QUEUES; i++) {
		memset(box_at(box, BOX_DESC(i), 0x3000), 0, 0x3000);
		box->avail_idx[i] = 0;
		box->size[i] = box_type.queues[i].size_max;
		if (box->slot.version)
			assert_true(box_place(box, i, box->size[i], 64, BOX_DESC(i)) != 0);
		else
			assert_int_equal(box_ready(box, i, box->size[i], BOX_DESC(i), BOX_AVAIL(i),
						   BOX_USED(i)),
					 1);
	}
	box_write(box, VIO_MMIO_STATUS, box_status(box) | VIO_STATUS_DRIVER_OK);
	assert_int_equal(box_status(box), box->slot.version ? 0x7 : 0xf);
	box_serve(box);
}

static uint32_t read_slot(void *registers, uint32_t offset, unsigned width)
{
	return (uint32_t)vio_mmio_read(registers, offset, width);
}

static void write_slot(void *registers, uint32_t offset, unsigned width, uint32_t value)
{
	vio_mmio_write(registers, offset, width, value);
}

static const struct vio_driver_access slot_access = { .read = read_slot, .write = write_slot };

/* ---- Rings, by hand ---- */

static bool is_swapped(const struct box *box)
{
	return (box->slot.version == &vio_mmio_legacy_big) != VIO_BIG_ENDIAN;
}

uint16_t box_wire16(const struct box *box, uint16_t value)
{
	return is_swapped(box) ? __builtin_bswap16(value) : value;
}

uint32_t box_wire32(const struct box *box, uint32_t value)
{
	return is_swapped(box) ? __builtin_bswap32(value) : value;
}

uint64_t box_wire64(const struct box *box, uint64_t value)
{
	return is_swapped(box) ? __builtin_bswap64(value) : value;
}

void box_put(struct box *box, uint64_t addr, const void *from, uint64_t len)
{
	memcpy(box_at(box, addr, len), from, len);
	for (unsigned i = 0; i < BOX_REGIONS; i++) {
		if (addr - box->regions[i].base < box->regions[i].size)
			memcpy(box->before[i] + (addr - box->regions[i].base), from, len);
	}
}

void box_entry(struct box *box, uint64_t table, uint16_t index, uint64_t addr, uint32_t len,
	       uint16_t flags, uint16_t next)
{
	struct vio_desc desc = { .addr = box_wire64(box, addr),
				 .len = box_wire32(box, len),
				 .flags = box_wire16(box, flags),
				 .next = box_wire16(box, next) };

	box_put(box, table + index * sizeof(desc), &desc, sizeof(desc));
}

void box_desc(struct box *box, uint32_t queue, uint16_t index, uint64_t addr, uint32_t len,
	      uint16_t flags, uint16_t next)
{
	box_entry(box, box->desc_at[queue], index, addr, len, flags, next);
}

/* The available ring is words: flags, idx, the ring, used_event. */
static void put_avail(struct box *box, uint32_t queue, unsigned word, uint16_t value)
{
	value = box_wire16(box, value);
	box_put(box, box->avail_at[queue] + word * sizeof(value), &value, sizeof(value));
}

void box_avail(struct box *box, uint32_t queue, uint16_t head)
{
	uint16_t slot = box->avail_idx[queue]++ & (box->size[queue] - 1);

	put_avail(box, queue, 2U + slot, head);
}

void box_publish(struct box *box, uint32_t queue)
{
	put_avail(box, queue, 1, box->avail_idx[queue]);
}

void box_kick(struct box *box, uint32_t queue)
{
	assert_int_equal(box_write(box, VIO_MMIO_QUEUE_NOTIFY, queue), VIO_MMIO_DONE);
}

void box_offer(struct box *box, uint32_t queue, uint16_t head)
{
	box_avail(box, queue, head);
	box_publish(box, queue);
	box_kick(box, queue);
}

uint16_t box_used_idx(struct box *box, uint32_t queue)
{
	struct vio_used *used = box_at(box, box->used_at[queue], sizeof(*used));

	return box_wire16(box, used->idx);
}

struct vio_used_elem box_used(struct box *box, uint32_t queue, uint16_t index)
{
	struct vio_used *used = box_at(box, box->used_at[queue], vio_split_used_bytes(BOX_SIZE));
	struct vio_used_elem elem = used->ring[index & (box->size[queue] - 1)];

	return (struct vio_used_elem){ .id = box_wire32(box, elem.id),
				       .len = box_wire32(box, elem.len) };
}

void box_set_avail_flags(struct box *box, uint32_t queue, uint16_t flags)
{
	put_avail(box, queue, 0, flags);
}

void box_set_used_event(struct box *box, uint32_t queue, uint16_t event)
{
	put_avail(box, queue, 2U + box->size[queue], event);
}

uint16_t box_avail_event(struct box *box, uint32_t queue)
{
	uint64_t at = box->used_at[queue] + vio_split_used_bytes(box->size[queue]) - 2;
	uint16_t event;

	memcpy(&event, box_at(box, at, sizeof(event)), sizeof(event));
	return box_wire16(box, event);
}

/* ---- Verdicts ---- */

void *box_at(struct box *box, uint64_t addr, uint64_t len)
{
	void *at = vio_memory_at(&box->memory, addr, len, VIO_ACCESS_READ);

	assert_non_null(at);
	return at;
}

void box_allow(struct box *box, uint64_t addr, uint64_t len)
{
	assert_true(box->allowed_count < VIO_ARRAY_SIZE(box->allowed));
	box->allowed[box->allowed_count].addr = addr;
	box->allowed[box->allowed_count].len = len;
	box->allowed_count++;
}

void box_snapshot(struct box *box)
{
	box->allowed_count = 0;
	for (unsigned i = 0; i < BOX_REGIONS; i++)
		memcpy(box->before[i], box->regions[i].data, box->regions[i].size);
	for (unsigned i = 0; i < BOX_QUEUES; i++)
		box_allow(box, box->used_at[i], vio_split_used_bytes(BOX_SIZE));
	box->loads = 0;
}

static bool is_allowed(const struct box *box, uint64_t addr)
{
	for (unsigned i = 0; i < box->allowed_count; i++) {
		if (addr - box->allowed[i].addr < box->allowed[i].len)
			return true;
	}
	return false;
}

void box_assert_untouched(struct box *box)
{
	for (unsigned i = 0; i < BOX_REGIONS; i++) {
		const struct vio_region *region = &box->regions[i];

		if (memcmp(region->data, box->before[i], region->size) == 0)
			continue;
		for (uint64_t k = 0; k < region->size; k++) {
			if (region->data[k] != box->before[i][k] &&
			    !is_allowed(box, region->base + k))
				fail_msg("the device wrote to guest address 0x%llx",
					 (unsigned long long)(region->base + k));
		}
	}
}

void box_assert_needs_reset(struct box *box, enum vio_error error)
{
	unsigned notified = 0;

	if (box->failed != 1 || box->error != error)
		fail_msg("failed %u times, with \"%s\" and not \"%s\"", box->failed,
			 vio_error_text(box->error), vio_error_text(error));
	assert_true((box_status(box) & VIO_STATUS_NEEDS_RESET) != 0);
	assert_true((box_read(box, VIO_MMIO_INTERRUPT_STATUS) & VIO_INTERRUPT_CONFIG) != 0);
	assert_true(box->line);
	box_assert_untouched(box);
	/* No chain is longer than a ring and a table together; each entry is two loads. */
	assert_true(box->loads <= BOX_SIZE * (BOX_SIZE * 4 + 8));

	/* Stopped: nothing is looked at any more. */
	for (unsigned i = 0; i < BOX_QUEUES; i++)
		notified += box->device.notified[i];
	box->loads = 0;
	for (uint32_t i = 0; i < BOX_QUEUES; i++)
		box_kick(box, i);
	box_serve(box);
	for (unsigned i = 0; i < BOX_QUEUES; i++)
		notified -= box->device.notified[i];
	assert_int_equal(notified, 0);
	assert_int_equal(box->loads, 0);
}

void box_assert_works(struct box *box)
{
	static const char message[] = "after the storm";

	box->after_load = NULL;
	box->device.behaviour = BOX_ECHO;
	box_start(box, 0);
	assert_false(box->line);
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), 0);
	memcpy(box_at(box, BOX_DATA, sizeof(message)), message, sizeof(message));
	for (uint32_t i = 0; i < BOX_QUEUES; i++) {
		uint64_t answer = BOX_DATA + 0x100 + i * UINT64_C(0x100);

		memset(box_at(box, answer, sizeof(message)), 0, sizeof(message));
		box_desc(box, i, 0, BOX_DATA, sizeof(message), VIO_DESC_F_NEXT, 1);
		box_desc(box, i, 1, answer, sizeof(message), VIO_DESC_F_WRITE, 0);
		box_offer(box, i, 0);
		box_serve(box);
		assert_int_equal(box_used_idx(box, i), 1);
		assert_int_equal(box_used(box, i, 0).id, 0);
		assert_int_equal(box_used(box, i, 0).len, sizeof(message));
		assert_memory_equal(box_at(box, answer, sizeof(message)), message, sizeof(message));
	}
	assert_true(box->line);
	assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), VIO_INTERRUPT_USED);
	assert_int_equal(box_status(box), box->slot.version ? 0x7 : 0xf);
}

/* ---- Set-up ---- */

static void init_device(struct box *box, const struct vio_device_type *type)
{
	box->device.config = (struct box_config){
		.ro32 = 0x44332211,
		.rw16 = 0x6655,
		.bytes = { 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc },
		.ro64 = UINT64_C(0x0123456789abcdef),
		.rw32 = 0xd4d3d2d1,
		.rw8 = 0xee,
	};
	box->device.ro32 = box->device.config.ro32;
	box->device.ro64 = box->device.config.ro64;
	vio_device_init(&box->device.device, type, UINT64_MAX, &box->device.config,
			VIO_STORAGE(&box->device.storage));
}

void box_renew(struct box *box, const struct vio_device_type *type)
{
	const enum box_behaviour behaviour = box->device.behaviour;

	assert_true(vio_mmio_detach(&box->slot));
	memset(&box->device, 0xa5, sizeof(box->device));
	memset(box->device.notified, 0, sizeof(box->device.notified));
	box->device.behaviour = behaviour;
	box->device.held_count = box->device.resets = box->device.enables = 0;
	box->device.configures = box->device.config_writes = 0;
	init_device(box, type);
	vio_mmio_attach(&box->slot, &box->device.device, &box->memory);
}

void box_hand_over(struct box *box)
{
	uint8_t state[BOX_STATE + 1];

	assert_true(vio_device_pause(&box->device.device));
	memset(state, 0xa5, sizeof(state));
	assert_int_equal(vio_mmio_save(&box->slot, state, BOX_STATE), VIO_STATE_OK);
	assert_int_equal(state[BOX_STATE], 0xa5);
	box_renew(box, &box_type);
	assert_int_equal(vio_mmio_restore(&box->slot, state, BOX_STATE), VIO_STATE_OK);
}

int box_setup(void **state)
{
	static const struct {
		uint64_t base;
		uint64_t size;
		unsigned access;
	} map[BOX_REGIONS] = {
		{ BOX_RAM, BOX_RAM_SIZE, VIO_ACCESS_READ_WRITE },
		{ BOX_NEXT, BOX_NEXT_SIZE, VIO_ACCESS_READ_WRITE },
		{ BOX_FAR, BOX_FAR_SIZE, VIO_ACCESS_READ_WRITE },
		{ BOX_ROM, BOX_ROM_SIZE, VIO_ACCESS_READ },
	};
	struct box *box = calloc(1, sizeof(*box));

	box->row = *state;

	vio_memory_init(&box->memory, box->regions, VIO_ARRAY_SIZE(box->regions));
	for (unsigned i = 0; i < BOX_REGIONS; i++) {
		uint8_t *data = aligned_alloc(BOX_PAGE, map[i].size);

		for (uint64_t k = 0; k < map[i].size; k++)
			data[k] = (uint8_t)(k * 7 + i);
		box->before[i] = malloc(map[i].size);
		if (!vio_memory_add(&box->memory, (struct vio_region){ .base = map[i].base,
								       .size = map[i].size,
								       .data = data,
								       .access = map[i].access }))
			return -1;
	}

	init_device(box, &box_type);
	box->slot.host = &host;
	box->slot.host_data = box;
	box->slot.version = box_version;
	box->driver = (struct vio_driver){
		.access = &slot_access,
		.registers = &box->slot,
		.dma_offset = BOX_RAM - (uintptr_t)box->regions[0].data,
		.legacy_ring = box_version == &vio_mmio_legacy_big ? &vio_driver_split_ring_big
								   : &vio_driver_split_ring,
	};
	for (unsigned i = 0; i < BOX_QUEUES; i++) {
		box->desc_at[i] = BOX_DESC(i);
		box->avail_at[i] = BOX_AVAIL(i);
		box->used_at[i] = BOX_USED(i);
	}
	vio_mmio_attach(&box->slot, &box->device.device, &box->memory);
	alarm(SECONDS_MAX);
	current = box;
	*state = box;
	return 0;
}

int box_teardown(void **state)
{
	struct box *box = *state;

	alarm(0);
	current = NULL;
	for (unsigned i = 0; i < BOX_REGIONS; i++) {
		free(box->before[i]);
		free(box->regions[i].data);
	}
	free(box);
	return 0;
}

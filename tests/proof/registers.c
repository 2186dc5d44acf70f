/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a device behind the registers. slot_ok() says what holds of a slot, its device and
 * their QUEUES queues between any two calls. attaching() proves that it holds in the beginning, the
 * other proofs that one call of each kind keeps it, from every state in which it holds. So it holds
 * after any sequence of calls, of any length: register accesses of any offset, width and value,
 * batches, late completions, failures, and changes of the config space.
 *
 * What a device's handler does to its queue is "anything that keeps the queue's own invariant";
 * that taking, completing and putting back do is proved in take.c and complete.c.
 */
#define PACKED (queue->ring == &vio_packed_ring)
#ifndef QUEUES
#define QUEUES 2
#endif
#include "device.h"
#include "vio_mmio.h"

#ifndef SELECT
#define SELECT UINT32_MAX
#endif
#define CONFIG_BYTES 8
#define FIELDS       2

static struct vio_mmio slot;
static uint8_t config[CONFIG_BYTES];
static struct vio_config_field fields[FIELDS] = {
	{ .offset = 0, .width = 4, .count = 1, .writable = true },
	{ .offset = 4, .width = 1, .count = 4, .writable = false },
};
static struct vio_feature_need needs[1];
static unsigned defers;
static bool line;

struct vio_mmio nondet_slot(void);
struct vio_config_field nondet_field(void);
struct vio_feature_need nondet_need(void);

bool proof_may_store(const volatile void *to, size_t size)
{
	(void)to;
	(void)size;
	return true; /* complete.c looks closer */
}

void proof_loaded(const volatile void *from, uint64_t value)
{
	(void)from;
	(void)value;
}

void proof_stored(const volatile void *to, uint32_t value, bool release)
{
	(void)to;
	(void)value;
	(void)release;
}

/* ---- The root ---- */

static void raise_line(struct vio_mmio *of)
{
	PROVE(of == &slot && !line);
	line = true;
}

static void lower_line(struct vio_mmio *of)
{
	PROVE(of == &slot && line);
	line = false;
}

static void hear_defer(struct vio_mmio *of)
{
	PROVE(of == &slot);
	defers++;
}

static void hear_release(struct vio_mmio *of)
{
	PROVE(of == &slot);
	releases++;
}

static void hear_failure(struct vio_mmio *of, enum vio_error error)
{
	PROVE(of == &slot && error > VIO_OK && error < VIO_ERRORS);
	failures++;
}

static const struct vio_mmio_host host = {
	.raise = raise_line,
	.lower = lower_line,
	.defer = hear_defer,
	.released = hear_release,
	.failed = hear_failure,
};

/* ---- The device ---- */

static void config_written(struct vio_device *of, uint32_t offset, unsigned width)
{
	PROVE(of == &device);
	(void)offset;
	(void)width;
}

static const struct vio_device_type slot_type = {
	.name = "proof",
	.id = 42,
	.features = UINT64_C(0xffffff),
	.queues = queue_types,
	.queue_count = QUEUES,
	.fields = fields,
	.field_count = FIELDS,
	.needs = needs,
	.need_count = 1,
	.config_written = config_written,
};

/* A handler leaves its queue's positions in any order that is one, or breaks the device. */
static void notify(struct vio_device *of, struct vio_queue *queue)
{
	struct vio_queue after = nondet_queue();

	PROVE(of == &device && queue->device == of && queue->open && queue->in_batch);
	PROVE(queue->budget == queue->size);
	queue->budget = after.budget;
	queue->avail_next = after.avail_next;
	queue->avail_seen = after.avail_seen;
	queue->used_next = after.used_next;
	queue->unpublished = after.unpublished;
	queue->taken = after.taken;
	queue->held = after.held;
	queue->avail_wrap = any_bool();
	queue->used_wrap = any_bool();
	for (unsigned i = 0; i < SIZE; i++) {
		queue->in_flight[i] = any_bool();
		queue->completions[i] = nondet_completion();
	}
	ASSUME(positions_ok(queue));
	if (any_bool())
		vio_device_fail(of, VIO_ERROR_REFUSED);
}

/* ---- What always holds ---- */

static bool has(unsigned feature)
{
	return (device.negotiated & VIO_BIT(feature)) != 0;
}

static bool status_is(uint8_t bits)
{
	return (device.status & bits) != 0;
}

/* As they were before the call: what has not changed is not argued again. */
static struct vio_queue old_queues[QUEUES];
static uint8_t old_in_flight[QUEUES * SIZE];
static struct vio_completion old_completions[QUEUES * SIZE];
static bool was_live[QUEUES];

static void remember(void)
{
	for (unsigned i = 0; i < QUEUES; i++) {
		old_queues[i] = queues[i];
		was_live[i] = configs[i].ready;
	}
	for (unsigned i = 0; i < SIZE * QUEUES; i++) {
		old_in_flight[i] = in_flight[i];
		old_completions[i] = completions[i];
	}
}

static bool unchanged(unsigned index)
{
	const struct vio_queue *now = &queues[index];
	const struct vio_queue *old = &old_queues[index];
	bool same = was_live[index] & (now->ring == old->ring) & (now->size == old->size) &
		    (now->split.desc == old->split.desc) & (now->split.avail == old->split.avail) &
		    (now->split.used == old->split.used) & (now->in_order == old->in_order) &
		    (now->in_batch == old->in_batch) & (now->avail_next == old->avail_next) &
		    (now->avail_seen == old->avail_seen) & (now->used_next == old->used_next) &
		    (now->unpublished == old->unpublished) & (now->taken == old->taken) &
		    (now->avail_wrap == old->avail_wrap) & (now->used_wrap == old->used_wrap) &
		    (now->budget == 0);

	for (unsigned i = index * SIZE; i < (index + 1) * SIZE; i++)
		same &= (in_flight[i] == old_in_flight[i]) &
			(completions[i].id == old_completions[i].id) &
			(completions[i].entries == old_completions[i].entries);
	return same;
}

static bool queue_ok(unsigned index)
{
	const struct vio_queue *queue = &queues[index];
	const struct vio_queue_config *queue_config = &configs[index];
	bool pending = (device.pending >> index & 1) != 0;
	bool ok = (queue->device == &device) & (queue->index == index) &
		  (queue->in_flight == in_flight + (size_t)index * SIZE) &
		  (queue->completions == completions + (size_t)index * SIZE);

	/* Live: made from a valid configuration by a driver that has agreed on features. */
	ok &= !queue_config->ready |
	      (status_is(VIO_STATUS_FEATURES_OK) & !device.resetting &
	       (queue_config->size == queue->size) &
	       (unchanged(index) | (positions_ok(queue) & parts_ok(queue))) &
	       (queue->ring == (has(VIO_F_RING_PACKED) ? &vio_packed_ring : &vio_split_ring)) &
	       (queue->event_idx == has(VIO_F_EVENT_IDX)) &
	       (queue->indirect == has(VIO_F_INDIRECT_DESC)) &
	       (queue->in_order == has(VIO_F_IN_ORDER)) & !queue->closing);
	/* Open: live, and driver and device are both well. Only then is there work. */
	ok &= !queue->open | (queue_config->ready & status_is(VIO_STATUS_DRIVER_OK) &
			      !status_is(VIO_STATUS_NEEDS_RESET) & !status_is(VIO_STATUS_FAILED));
	ok &= queue->open | ((queue->budget == 0) & !pending);
	ok &= !queue->in_batch & (queue->budget == 0);
	/* Nothing waits for what has come back. */
	ok &= !queue->closing | ((queue->held != 0) & !device.resetting);
	return ok;
}

static bool slot_ok(void)
{
	bool held = false;
	bool ok = (slot.device == &device) & (slot.host == &host) & (device.slot == &slot) &
		  (device.memory == &memory) & (device.type == &slot_type) &
		  (line == (slot.interrupt_status != 0)) & (device.pending >> QUEUES == 0);

	for (unsigned i = 0; i < QUEUES; i++) {
		ok &= queue_ok(i);
		held |= queues[i].held != 0;
	}
	ok &= status_is(VIO_STATUS_FEATURES_OK) | !status_is(VIO_STATUS_DRIVER_OK);
	ok &= status_is(VIO_STATUS_FEATURES_OK) | (device.negotiated == 0);
	ok &= (device.negotiated & ~device.offered) == 0;
	ok &= (device.offered & VIO_BIT(VIO_F_VERSION_1)) != 0;
	ok &= !status_is(VIO_STATUS_FEATURES_OK) | device.resetting | has(VIO_F_VERSION_1);
	/* A reset that waits, waits for something. */
	ok &= !device.resetting |
	      (held & !status_is(VIO_STATUS_DRIVER_OK) & (device.negotiated == 0));
	return ok;
}

/* ---- Any state in which that holds ---- */

static void any_needs(void)
{
	needs[0] = nondet_need();
	ASSUME(needs[0].feature < 24 && needs[0].needs < 24);
}

static void any_queue(unsigned index)
{
	struct vio_queue *queue = &queues[index];

	*queue = nondet_queue();
	queue->device = &device;
	queue->ring = any_bool() ? &vio_packed_ring : &vio_split_ring;
	queue->split.desc = anywhere();
	queue->split.avail = anywhere();
	queue->split.used = anywhere();
	queue->in_flight = in_flight + (size_t)index * SIZE;
	queue->completions = completions + (size_t)index * SIZE;
	queue->open = any_bool();
	queue->event_idx = any_bool();
	queue->indirect = any_bool();
	queue->in_order = any_bool();
	queue->in_batch = false;
	queue->closing = any_bool();
	queue->avail_wrap = any_bool();
	queue->used_wrap = any_bool();
	configs[index] = nondet_config();
	configs[index].ready = any_bool();
	for (unsigned i = 0; i < SIZE; i++) {
		queue->in_flight[i] = any_bool();
		queue->completions[i] = nondet_completion();
	}
}

static const struct vio_transport *transport_of_slot;

static void any_slot(void)
{
	any_memory(REGIONS, REGIONS);
	any_needs();
	slot = nondet_slot();
	slot.host = &host;
	slot.device = NULL;
	/*
	 * Serving at once is the same write, and then vio_mmio_serve() as the last thing it does:
	 * that is serving(), from a state that writing() has proved to be one.
	 */
	slot.serving = VIO_MMIO_SERVE_LATER;
	/* The real one, for its pointer to the transport's table. */
	any_device();
	device.type = &slot_type;
	device.config = config;
	for (unsigned i = 0; i < QUEUES; i++)
		any_queue(i);
}

static void any_attached_slot(void)
{
	uint64_t offered = nondet_u64();

	any_slot();
	for (unsigned i = 0; i < QUEUES; i++)
		queues[i].held = 0;
	vio_mmio_attach(&slot, &device, &memory);
	transport_of_slot = device.transport;

	/* Now any other state. */
	any_device();
	device.type = &slot_type;
	device.config = config;
	device.transport = transport_of_slot;
	device.slot = &slot;
	device.memory = &memory;
	device.offered = offered;
	device.resetting = any_bool();
	slot = nondet_slot();
	slot.host = &host;
	slot.device = &device;
	slot.serving = VIO_MMIO_SERVE_LATER;
	line = slot.interrupt_status != 0;
	for (unsigned i = 0; i < QUEUES; i++)
		any_queue(i);
	ASSUME(slot_ok());
	remember();
	failures = releases = defers = 0;
}

static unsigned any_width(void)
{
	return 1U << (nondet_u8() & 3);
}

/* ---- The proofs ---- */

/* Whatever was in the device's storage, as long as no backend holds requests of an earlier guest.
 */
void attaching(void)
{
	any_slot();
	for (unsigned i = 0; i < QUEUES; i++) {
		queues[i].held = 0;
		queues[i].index = (uint8_t)i;
		queues[i].budget = 0;
	}
	slot.withheld &= ~VIO_BIT(VIO_F_VERSION_1);
	vio_mmio_attach(&slot, &device, &memory);
	PROVE(slot_ok());
	PROVE(device.status == 0 && slot.interrupt_status == 0 && device.pending == 0);
	PROVE((device.offered & slot.withheld) == 0);
}

/* Any access while queue SELECT is selected; where there is none, no_such_queue() says the rest. */
void writing(void)
{
	uint32_t offset = nondet_u32();
	unsigned width = any_width();
	enum vio_mmio_outcome outcome = VIO_MMIO_DONE;
	bool held = false;

	any_attached_slot();
	slot.queue_sel = SELECT;
	outcome = vio_mmio_write(&slot, offset, width, nondet_u64());
	PROVE(slot_ok());
	for (unsigned i = 0; i < QUEUES; i++)
		held |= queues[i].held != 0;
	PROVE(outcome == VIO_MMIO_DONE || outcome == VIO_MMIO_PARK);
	PROVE(outcome == VIO_MMIO_DONE || held);
	PROVE(outcome == VIO_MMIO_DONE ||
	      (width == 4 && (offset == VIO_MMIO_STATUS || offset == VIO_MMIO_QUEUE_READY)));
	/* Only a buffer that comes back ends a wait. */
	PROVE(releases == 0 && failures == 0);
}

/* An index beyond the queues, whatever it is, reaches none. */
void no_such_queue(void)
{
	uint32_t index = nondet_u32();
	uint32_t pending = 0;
	unsigned pick = nondet_u32();
	struct vio_queue_config before;

	any_device();
	ASSUME(index >= QUEUES && pick < QUEUES);
	pending = device.pending;
	configs[pick] = nondet_config();
	before = configs[pick];
	PROVE(vio_device_queue_config(&device, index) == NULL);
	PROVE(vio_device_disable_queue(&device, index));
	vio_device_enable_queue(&device, index);
	vio_device_reset_queue(&device, index);
	vio_device_notify(&device, index);
	PROVE(device.pending == pending);
	PROVE(configs[pick].ready == before.ready && configs[pick].size == before.size &&
	      configs[pick].desc == before.desc && configs[pick].driver == before.driver &&
	      configs[pick].device == before.device);
}

void reading(void)
{
	uint32_t offset = nondet_u32();
	unsigned width = any_width();
	uint64_t value = 0;
	struct vio_device before;
	struct vio_mmio slot_before;

	any_attached_slot();
	before = device;
	slot_before = slot;
	value = vio_mmio_read(&slot, offset, width);
	PROVE(slot_ok());
	PROVE(device.status == before.status && device.pending == before.pending &&
	      device.negotiated == before.negotiated && device.generation == before.generation);
	PROVE(slot.interrupt_status == slot_before.interrupt_status);
	PROVE(width == 8 || value >> (8 * (width & 7)) == 0);
	PROVE(width == 4 || offset >= VIO_MMIO_CONFIG || value == 0);
}

void serving(void)
{
	any_attached_slot();
	vio_mmio_serve(&slot);
	PROVE(slot_ok());
	/* What is left is announced. */
	PROVE(device.pending == 0 || defers != 0);
}

/* A backend gives back what it held of an earlier generation. */
void letting_go(void)
{
	struct vio_request req = nondet_request();
	bool resetting = false;
	bool closing = false;

	any_attached_slot();
	ASSUME(queues[0].held != 0);
	ASSUME(req.generation != queues[0].generation);
	resetting = device.resetting;
	closing = queues[0].closing;
	vio_queue_complete(&queues[0], &req);
	PROVE(slot_ok());
	/* The last one ends the wait, and is not said twice. */
	PROVE(releases == (resetting ? !device.resetting : closing && queues[0].held == 0));
	PROVE(device.resetting ==
	      (resetting && (queues[0].held != 0 || queues[QUEUES - 1].held != 0)));
}

void failing(void)
{
	any_attached_slot();
	vio_device_fail(&device, VIO_ERROR_ADDRESS);
	PROVE(slot_ok());
	PROVE(failures == 1 && line);
	PROVE((device.status & VIO_STATUS_NEEDS_RESET) != 0);
	for (unsigned i = 0; i < QUEUES; i++)
		PROVE(!queues[i].open);
}

void changing_config(void)
{
	uint32_t generation = 0;

	any_attached_slot();
	generation = device.generation;
	vio_device_config_changed(&device);
	PROVE(slot_ok());
	PROVE(device.generation == generation + 1);
}

/* Taken away from its guest: the line is low, nothing is served, and the slot reads as empty. */
void detaching(void)
{
	any_attached_slot();
	PROVE(vio_mmio_detach(&slot) == !device.resetting);
	PROVE(!line && slot.device == NULL && device.pending == 0);
	for (unsigned i = 0; i < QUEUES; i++)
		PROVE(!queues[i].open && !configs[i].ready);
	PROVE(vio_mmio_read(&slot, VIO_MMIO_DEVICE_ID, 4) == 0);
	PROVE(vio_mmio_write(&slot, nondet_u32(), any_width(), nondet_u64()) == VIO_MMIO_DONE);
	vio_mmio_serve(&slot);
	PROVE(!line && defers == 0);
}

static void any_fields(void)
{
	for (unsigned i = 0; i < FIELDS; i++) {
		struct vio_config_field *field = &fields[i];

		*field = nondet_field();
		field->writable = any_bool();
		ASSUME(field->width == 1 || field->width == 2 || field->width == 4 ||
		       field->width == 8);
		ASSUME(field->count >= 1 && field->count <= CONFIG_BYTES);
		ASSUME(field->offset + field->width * field->count <= CONFIG_BYTES);
	}
}

/* Any access to any config space touches nothing but its fields, and writes only what is. */
void accessing_config(void)
{
	uint32_t offset = nondet_u32();
	unsigned width = any_width();
	unsigned pick = nondet_u32();
	bool writable = false;
	uint8_t before = 0;

	any_fields();
	device.type = &slot_type;
	device.config = config;
	ASSUME(pick < CONFIG_BYTES);
	config[pick] = nondet_u8();
	before = config[pick];
	if (any_bool())
		vio_device_config_write(&device, offset, width, nondet_u64());
	else
		vio_device_config_read(&device, offset, width);
	for (unsigned i = 0; i < FIELDS; i++)
		writable |= fields[i].writable & (pick >= fields[i].offset) &
			    (pick - fields[i].offset < (unsigned)fields[i].width * fields[i].count);
	PROVE(config[pick] == before || (writable && pick - offset < width));
}

/* The window: an address falls into the slot whose share of it holds it, or into none. */
void finding(void)
{
	static struct vio_mmio slots[3];
	struct vio_mmio_window window;
	uint64_t addr = nondet_u64();
	uint32_t offset = 0;
	struct vio_mmio *found = NULL;

	uint8_t shift = nondet_u8();

	ASSUME(shift >= 9 && shift <= 16);
	window = VIO_MMIO_WINDOW(nondet_u64(), slots, 3, shift);
	found = vio_mmio_window_find(&window, addr, &offset);
	PROVE((found != NULL) == (addr - window.base < (uint64_t)window.count << window.shift));
	PROVE(!found || (found >= slots && found < slots + 3));
	PROVE(!found || addr - window.base == ((uint64_t)(found - slots) << window.shift) + offset);
	PROVE(!found || offset < 1U << window.shift);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a device behind the registers. slot_ok() says what holds of a slot, its device and
 * their QUEUES queues between any two calls. attaching() proves that it holds in the beginning, the
 * other proofs that one call of each kind keeps it, from every state in which it holds. So it holds
 * after any sequence of calls, of any length: register accesses of any offset, width and value,
 * batches, late completions, failures, and changes of the config space.
 *
 * Of a live queue's positions it says no more than that only enabling the queue touches them, and
 * how: what taking and completing make of them is proved in take.c and complete.c.
 */
#define QUEUES       2
#define MEMORY       256
#define SIZE         4
#define CONFIG_BYTES 8
#define FIELDS       2
#ifndef OFFSET
#define OFFSET nondet_u32()
#endif
/* A queue whose index is not known is any queue at once, which is past what CBMC can tell apart. */
#ifndef SELECT
#define SELECT nondet_u32()
#endif
#ifndef VERSION
#define VERSION (&vio_mmio_version_2)
#endif

#include "untouched.h"
#include "world.h"
#include "vio_mmio.h"

static struct vio_mmio slot;
static struct vio_device device;
static struct vio_queue queues[QUEUES];
static struct vio_queue_config configs[QUEUES];
static uint8_t in_flight[QUEUES * SIZE];
static struct vio_completion completions[QUEUES * SIZE];
static uint8_t config[CONFIG_BYTES];
static struct vio_config_field fields[FIELDS] = {
	{ .offset = 0, .width = 4, .count = 1, .writable = true },
	{ .offset = 4, .width = 1, .count = 4, .writable = false },
};
static struct vio_feature_need needs[1];

static struct vio_queue queues_before[QUEUES];
static unsigned failures;
static unsigned releases;
static unsigned defers;
static uint32_t kicked; /* queues that the device is to look at once more */
static bool line;

struct vio_mmio nondet_slot(void);
struct vio_config_field nondet_field(void);
struct vio_feature_need nondet_need(void);

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

/*
 * A handler holds on to requests, or none; it may kick its queue, or break the device. Entries it
 * used: complete.c.
 */
static void notify(struct vio_device *of, struct vio_queue *queue)
{
	PROVE(of == &device && queue->device == of && queue->open && queue->in_batch);
	queue->avail_next = nondet_u16(); /* what it took */
	queues_before[queue->index].avail_next = queue->avail_next;
	if (any_bool())
		of->transport->interrupt(of, VIO_INTERRUPT_USED);
	if (any_bool()) {
		vio_queue_kick(queue);
		kicked |= UINT32_C(1) << queue->index;
	}
	if (any_bool()) {
		vio_device_fail(of, VIO_ERROR_REFUSED);
		kicked = 0;
	}
}

static const struct vio_queue_type queue_types[QUEUES] = {
	{ .size_max = SIZE, .notify = notify },
	{ .size_max = SIZE, .notify = notify },
};

static const struct vio_device_type type = {
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

/* ---- What always holds ---- */

static bool has(unsigned feature)
{
	return (device.negotiated & VIO_BIT(feature)) != 0;
}

#define STARTED  (VIO_STATUS_DRIVER_OK | VIO_STATUS_SUSPEND)
#define GIVEN_UP (VIO_STATUS_NEEDS_RESET | VIO_STATUS_FAILED)

/* Any of them. */
static bool status_is(uint8_t bits)
{
	return (device.status & bits) != 0;
}

static const struct vio_ring *ring(void)
{
	if (VERSION->transport.legacy_ring)
		return VERSION->transport.legacy_ring;
	if (has(VIO_F_RING_PACKED))
		return has(VIO_F_IN_ORDER) ? &vio_packed_ring_in_order : &vio_packed_ring;
	return has(VIO_F_IN_ORDER) ? &vio_split_ring_in_order : &vio_split_ring;
}

/* The ring's parts are the guest's and allow what is done to them. */
static bool parts_ok(const struct vio_queue *queue)
{
	uint32_t size = queue->size;

	if (queue->ring->packed)
		return is_guests(queue->packed.desc, size * sizeof(struct vio_packed_desc),
				 VIO_ACCESS_READ_WRITE) &
		       is_guests(queue->packed.driver, sizeof(struct vio_packed_event),
				 VIO_ACCESS_READ) &
		       is_guests(queue->packed.device, sizeof(struct vio_packed_event),
				 VIO_ACCESS_READ_WRITE);
	return is_guests(queue->split.desc, vio_split_desc_bytes(size), VIO_ACCESS_READ) &
	       is_guests(queue->split.avail, vio_split_avail_bytes(size), VIO_ACCESS_READ) &
	       is_guests(queue->split.used, vio_split_used_bytes(size), VIO_ACCESS_READ_WRITE) &
	       ((size & (size - 1)) == 0);
}

static bool is_legacy(void)
{
	return VERSION->transport.legacy_ring != NULL;
}

static bool queue_ok(unsigned index)
{
	const struct vio_queue *queue = &queues[index];
	bool ready = configs[index].ready;
	bool halted = device.suspending | device.paused;
	bool pending = (device.pending >> index & 1) != 0;
	bool ok = (queue->device == &device) & (queue->index == index) &
		  (queue->in_flight == in_flight + (size_t)index * SIZE) &
		  (device.completions == completions) & (device.entries == SIZE);

	/* Live: made from a valid configuration by a driver that has agreed on features. */
	ok &= !ready | ((status_is(VIO_STATUS_FEATURES_OK) | is_legacy()) & !device.resetting &
			(configs[index].size == queue->size) & (queue->size - 1U < SIZE) &
			parts_ok(queue) & (queue->ring == ring()) & (queue->memory == &guest) &
			(is_legacy() | ((queue->event_idx == has(VIO_F_EVENT_IDX)) &
					(queue->indirect == has(VIO_F_INDIRECT_DESC)))) &
			!queue->closing);
	/* Open or halted: live, and driver and device are both well. Only then is there work. */
	ok &= !(queue->open | queue->halted) |
	      (ready & (status_is(STARTED) | is_legacy()) & !status_is(GIVEN_UP) &
	       (queue->halted == halted) & (queue->open == !halted));
	ok &= queue->open | !pending;
	ok &= !queue->in_batch | (ready & (queue->open | status_is(GIVEN_UP)));
	ok &= queue->batch == (queue->open & queue->in_batch ? queue->ring->batch : VIO_BATCH_NONE);
	ok &= (queue->open & queue->in_batch) |
	      ((queue->take_end == queue->avail_next) & !queue->may_look);
	/* Nothing waits for what has come back. */
	ok &= !queue->closing | ((queue->held != 0) & !device.resetting);
	/* What has not been open has handed out nothing. */
	ok &= !ready | queue->open | queue->halted | status_is(GIVEN_UP) | (queue->held == 0);
	return ok;
}

static bool holds_memory(void)
{
	bool holds = false;

	for (unsigned i = 0; i < QUEUES; i++)
		holds |= vio_queue_held(&queues[i]) != 0;
	return holds;
}

static uint64_t usable(uint64_t features)
{
	bool met = (features >> needs[0].needs & 1) != 0;

	return met ? features : features & ~(UINT64_C(1) << needs[0].feature);
}

static bool slot_ok(void)
{
	bool ok = (slot.device == &device) & (slot.host == &host) & (device.slot == &slot) &
		  (device.transport == &VERSION->transport) & (device.memory == &guest) &
		  (device.type == &type) & (line == (slot.interrupt_status != 0)) &
		  (device.pending >> QUEUES == 0);

	for (unsigned i = 0; i < QUEUES; i++)
		ok &= queue_ok(i);
	ok &= status_is(VIO_STATUS_FEATURES_OK) | !status_is(STARTED) | is_legacy();
	ok &= status_is(VIO_STATUS_FEATURES_OK) | is_legacy() | (device.negotiated == 0);
	ok &= (device.negotiated & ~device.offered) == 0;
	/* What was agreed on is what the driver wrote last, as far as it can have it. */
	ok &= is_legacy() | !status_is(VIO_STATUS_FEATURES_OK) |
	      (device.negotiated == usable(device.driver_features & device.offered));
	ok &= (device.offered & ~VERSION->transport.features) == 0;
	ok &= is_legacy() | ((device.offered & VIO_BIT(VIO_F_VERSION_1)) != 0);
	ok &= !status_is(VIO_STATUS_FEATURES_OK) | device.resetting | is_legacy() |
	      has(VIO_F_VERSION_1);
	/* A driver that wants no device for a while has had one, and has none when it is told so.
	 */
	ok &= !device.suspending | (has(VIO_F_SUSPEND) & (status_is(VIO_STATUS_DRIVER_OK) !=
							  status_is(VIO_STATUS_SUSPEND)));
	ok &= !status_is(VIO_STATUS_SUSPEND) | (device.suspending & !holds_memory());
	ok &= !device.untold | (!status_is(VIO_STATUS_DRIVER_OK) & (device.status != 0));
	/* A reset that waits, waits for something. */
	ok &= !device.resetting |
	      (holds_memory() & !status_is(STARTED) & (device.negotiated == 0) & !device.agreed);
	return ok;
}

/* ---- Any state in which that holds ---- */

static bool was_live[QUEUES];
static unsigned place[QUEUES]; /* stands for any of the ring's entries */
static uint8_t mark_before[QUEUES];

static volatile void *anywhere(void)
{
	uint64_t offset = nondet_u64();

	ASSUME(offset <= sizeof(memory));
	return (any_bool() ? memory : readable_memory) + offset;
}

static void any_queue(unsigned index)
{
	struct vio_queue *queue = &queues[index];

	*queue = nondet_queue();
	queue->device = &device;
	queue->index = (uint8_t)index;
	if (VERSION->transport.legacy_ring)
		queue->ring = VERSION->transport.legacy_ring;
	else if (any_bool())
		queue->ring = any_bool() ? &vio_packed_ring : &vio_packed_ring_in_order;
	else
		queue->ring = any_bool() ? &vio_split_ring : &vio_split_ring_in_order;
	queue->split.desc = anywhere();
	queue->split.avail = anywhere();
	queue->split.used = anywhere();
	queue->in_flight = in_flight + (size_t)index * SIZE;
	queue->open = any_bool();
	queue->event_idx = any_bool();
	queue->indirect = any_bool();
	queue->in_batch = any_bool();
	queue->closing = any_bool();
	queue->halted = any_bool();
	queue->may_look = any_bool();
	queue->memory = any_bool() ? &guest : NULL;
	configs[index] = nondet_config();
	configs[index].ready = any_bool();
	place[index] = nondet_u32() % SIZE;
	queue->in_flight[place[index]] = nondet_u8();
}

static void any_device(void)
{
	device = nondet_device();
	device.type = &type;
	device.config = config;
	device.queues = queues;
	device.configs = configs;
	device.completions = completions;
	device.entries = SIZE;
	device.memory = &guest;
	device.slot = &slot;
	device.resetting = any_bool();
	device.agreed = any_bool();
	device.suspending = any_bool();
	device.paused = any_bool();
	device.untold = any_bool();
	needs[0] = nondet_need();
	ASSUME(needs[0].feature < 24 && needs[0].needs < 24);
	for (unsigned i = 0; i < QUEUES; i++)
		any_queue(i);
	slot = nondet_slot();
	slot.host = &host;
	slot.version = VERSION;
	slot.device = NULL;
	/*
	 * Serving at once is the same write, and then vio_mmio_serve() as the last thing it does:
	 * that is serving(), from a state that writing() has proved to be one.
	 */
	slot.serving = VIO_MMIO_SERVE_LATER;
}

static void any_attached_slot(void)
{
	any_device();
	device.transport = &VERSION->transport;
	slot.device = &device;
	line = slot.interrupt_status != 0;
	ASSUME(slot_ok());
	for (unsigned i = 0; i < QUEUES; i++) {
		/* Nothing waits to be shown at the end of a batch: that is publishing(),
		 * complete.c. */
		ASSUME(queues[i].used_shown == queues[i].used_next);
		ASSUME(!queues[i].ring->packed || queues[i].used_flags == queues[i].shown_flags);
		ASSUME(queues[i].run == 0 && queues[i].waiting == 0);
		ASSUME(queues[i].used_next < SIZE);
		ASSUME(!configs[i].ready || !queues[i].ring->packed ||
		       queues[i].used_next < queues[i].size);
		for (unsigned j = 0; j < SIZE; j++)
			vio_queue_completions(&queues[i])[j].entries = 0;
		queues_before[i] = queues[i];
		was_live[i] = configs[i].ready;
		mark_before[i] = queues[i].in_flight[place[i]];
	}
	failures = releases = defers = 0;
	kicked = 0;
}

/* A queue that stays live stays where it was; one that becomes live starts at the beginning. */
static bool positions_kept(unsigned index)
{
	const struct vio_queue *now = &queues[index];
	const struct vio_queue *old = &queues_before[index];
	uint8_t mark = now->in_flight[place[index]];
	/* What only a split ring has lies in the same place. */
	bool kept = (now->packed.desc == old->packed.desc) &
		    (now->packed.driver == old->packed.driver) &
		    (now->packed.device == old->packed.device) &
		    (now->avail_flags == old->avail_flags) & (now->used_flags == old->used_flags) &
		    (now->shown_flags == old->shown_flags) & (now->size == old->size) &
		    (now->used_shown == old->used_shown) & (now->avail_next == old->avail_next) &
		    (now->used_next == old->used_next) & (mark == mark_before[index]);
	bool fresh = (now->avail_next == 0) & (now->used_next == 0) & (now->used_shown == 0) &
		     (now->run == 0) & (now->waiting == 0) &
		     ((mark == 0) | (place[index] >= now->size)) &
		     ((vio_queue_completions(now)[place[index]].entries == 0) |
		      (place[index] >= now->size));

	if (has(VIO_F_RING_PACKED))
		fresh &= (now->avail_flags == VIO_PACKED_WORD(0, VIO_PACKED_F_AVAIL)) &
			 (now->used_flags ==
			  VIO_PACKED_WORD(0, VIO_DESC_F_WRITE | VIO_PACKED_F_AVAIL |
						     VIO_PACKED_F_USED)) &
			 (now->shown_flags == now->used_flags);
	else
		fresh &= now->mask == now->size - 1;
	return !configs[index].ready | (was_live[index] ? kept : fresh);
}

static void prove_ok(void)
{
	PROVE(slot_ok());
	for (unsigned i = 0; i < QUEUES; i++)
		PROVE(positions_kept(i));
}

static unsigned any_width(void)
{
	return 1U << (nondet_u8() & 3);
}

/* ---- The proofs ---- */

/* Whatever was in the device's storage, if no backend holds requests of an earlier guest. */
void attaching(void)
{
	any_device();
	for (unsigned i = 0; i < QUEUES; i++)
		ASSUME(vio_queue_held(&queues[i]) == 0);
	device.untold = false;
	slot.withheld &= ~VIO_BIT(VIO_F_VERSION_1);
	vio_mmio_attach(&slot, &device, &guest);
	PROVE(slot_ok());
	PROVE(device.status == 0 && slot.interrupt_status == 0 && device.pending == 0);
	PROVE((device.offered & slot.withheld) == 0);
	/* 2.2.1: nothing is offered without what it needs. */
	PROVE((device.offered >> needs[0].feature & 1) == 0 ||
	      (device.offered >> needs[0].needs & 1) != 0);
}

void writing(void)
{
	uint32_t offset = OFFSET;
	unsigned width = any_width();
	enum vio_mmio_outcome outcome = VIO_MMIO_DONE;

	any_attached_slot();
	slot.queue_sel = SELECT;
	outcome = vio_mmio_write(&slot, offset, width, nondet_u64());
	prove_ok();
	/* Who is parked waits for something, and for an end of which the root will hear. */
	PROVE(outcome == VIO_MMIO_DONE || (outcome == VIO_MMIO_PARK && holds_memory()));
	PROVE(outcome == VIO_MMIO_DONE || device.resetting || queues[slot.queue_sel].closing);
	PROVE(outcome == VIO_MMIO_DONE ||
	      (width == 4 && (offset == VIO_MMIO_STATUS || offset == VIO_MMIO_QUEUE_READY ||
			      (is_legacy() && offset == VIO_MMIO_QUEUE_PFN))));
	/* Only a buffer that comes back ends a wait. */
	PROVE(releases == 0 && failures == 0);
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
	prove_ok();
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
	prove_ok();
	/* What is left is all there, and announced. */
	PROVE((device.pending & kicked) == kicked);
	PROVE(device.pending == 0 || defers != 0);
}

/* A backend gives back what it held, late or while halted: the last one ends what waits for it. */
void letting_go(void)
{
	const unsigned index = SELECT;
	bool resetting = false;
	bool closing = false;

	any_attached_slot();
	ASSUME(vio_queue_held(&queues[index]) != 0 && !queues[index].open);
	resetting = device.resetting;
	closing = queues[index].closing;
	if (queues[index].halted)
		queues[index].waiting++; /* as good as used */
	else
		queues[index].held--;
	vio_device_let_go(&device);
	prove_ok();
	PROVE(releases == ((!holds_memory() & (resetting | device.paused)) |
			   (closing & (vio_queue_held(&queues[index]) == 0))));
	PROVE(device.resetting == (resetting & holds_memory()));
}

void pausing(void)
{
	bool paused = any_bool();

	any_attached_slot();
	if (paused)
		PROVE(vio_device_pause(&device) == !holds_memory());
	else
		vio_device_resume(&device);
	prove_ok();
	PROVE(device.paused == paused);
	/* Halted or not, a queue is still there. */
	for (unsigned i = 0; i < QUEUES; i++)
		PROVE((queues[i].open | queues[i].halted) ==
		      (queues_before[i].open | queues_before[i].halted));
	PROVE(!paused || (!queues[0].open && !queues[QUEUES - 1].open));
	PROVE(device.pending == 0 || defers != 0);
	PROVE(!device.resetting || holds_memory());
}

void failing(void)
{
	any_attached_slot();
	vio_device_fail(&device, VIO_ERROR_ADDRESS);
	prove_ok();
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
	prove_ok();
	PROVE(device.generation == generation + 1 || status_is(VIO_STATUS_SUSPEND));
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
	device.type = &type;
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

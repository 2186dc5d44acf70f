/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One input, one guest. The first bytes choose the device's options, the features and the ring
 * format; then each byte is an operation of the table below, with arguments in the bytes behind it.
 * Whatever the driver did, what must always hold is looked at after each operation, and in the end
 * the device is reset and has to work.
 */
#include "fuzz.h"
#include "vio_ring.h"

#define STEPS_MAX    400
#define STATE_OWN    2048 /* bytes a type may save of its own */
#define CONFIG_BYTES 64
#define STARTED      (VIO_STATUS_DRIVER_OK | VIO_STATUS_SUSPEND)

struct vio_mmio fuzz_slot;
struct vio_device *fuzz_dut;

/* What the root was told. */
static struct {
	bool line;
	bool serve_wanted;
	unsigned released;
	unsigned failed;
} root;

static struct {
	const uint8_t *at;
	size_t left;
} input;

static uint64_t moved;
static bool tracing;
static unsigned variant; /* of the device */

_Noreturn void fuzz_broken(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

void fuzz_moved(uint32_t bytes)
{
	moved += bytes;
}

/* ---- The input ---- */

uint8_t fuzz_byte(void)
{
	if (input.left == 0)
		return 0;
	input.left--;
	return *input.at++;
}

static uint16_t half_word(void)
{
	uint16_t low = fuzz_byte();

	return (uint16_t)(low | fuzz_byte() << 8);
}

uint32_t fuzz_word(void)
{
	uint32_t low = half_word();

	return low | (uint32_t)half_word() << 16;
}

/* Addresses where it is worth to look, and around the ends of regions. */
static uint64_t address(void)
{
	static const uint64_t edges[] = {
		0,         UINT64_MAX - 15,        FUZZ_RAM,
		FUZZ_NEXT, FUZZ_NEXT + FUZZ_SMALL, FUZZ_ROM + FUZZ_SMALL,
		FUZZ_FAR,  FUZZ_FAR + FUZZ_SMALL,
	};
	uint16_t choice = half_word();
	uint64_t offset = choice & 0x1fff;

	switch (choice >> 13) {
	case 0:
	case 1:
		return FUZZ_RAM + (choice & 0x3fff) * UINT64_C(4);
	case 2:
		return FUZZ_DATA + offset;
	case 3:
		return FUZZ_TABLE + offset / 4 * 16;
	case 4:
		return FUZZ_NEXT + offset;
	case 5:
		return FUZZ_ROM + offset;
	case 6:
		return FUZZ_FAR + offset;
	default:
		return edges[offset % 8] + (uint64_t)((int64_t)(offset / 8 % 32) - 16);
	}
}

static uint32_t length(void)
{
	static const uint32_t lengths[] = {
		0xe0,   0xff,   0x100,   0x101,    0x200,   0x3ff,      0x400,      0x401,
		0x600,  0xfff,  0x1000,  0x1001,   0x2000,  0x4000,     0x7fff,     0x8000,
		0x8001, 0xffff, 0x10000, 0x10001,  0x11000, 0x20000,    0x100000,   0x1000000,
		31,     1 << 9, 1 << 11, 33 * 512, 1 << 30, 0x7fffffff, 0x80000000, 0xffffffff,
	};
	uint8_t choice = fuzz_byte();

	return choice < 0xe0 ? choice : lengths[choice - 0xe0];
}

/* ---- The root ---- */

static void raise_line(struct vio_mmio *slot)
{
	(void)slot;
	fuzz_check(!root.line);
	root.line = true;
}

static void lower_line(struct vio_mmio *slot)
{
	(void)slot;
	fuzz_check(root.line);
	root.line = false;
}

static void defer(struct vio_mmio *slot)
{
	(void)slot;
	root.serve_wanted = true;
}

static void released(struct vio_mmio *slot)
{
	(void)slot;
	root.released++;
}

static void failed(struct vio_mmio *slot, enum vio_error error)
{
	(void)slot;
	fuzz_check(error != VIO_OK && error < VIO_ERRORS);
	fuzz_check(vio_error_text(error) && vio_error_text(VIO_ERRORS));
	root.failed++;
}

static const struct vio_mmio_host host = {
	.raise = raise_line,
	.lower = lower_line,
	.defer = defer,
	.released = released,
	.failed = failed,
};

void fuzz_settle(void)
{
	unsigned rounds = 0;

	while (root.serve_wanted) {
		fuzz_check(++rounds < 1000);
		root.serve_wanted = false;
		vio_mmio_serve(&fuzz_slot);
	}
}

/* ---- What always holds ---- */

/*
 * Loads that serving each queue once may cost: for each request of a batch, and the one that is not
 * there, at most four a descriptor, of which it has at most as many as the ring and a table; and
 * besides, its ring entry and the indices.
 */
static unsigned loads_max(void)
{
	unsigned sum = 0;
	unsigned i = 0;

	for (i = 0; i < fuzz_dut->type->queue_count; i++) {
		unsigned size = fuzz_dut->type->queues[i].size_max;

		sum += (size + 1) * (4 * (size + fuzz_device.spans) + 8);
	}
	return sum;
}

/* What the ring counts as taken is what devices hold, and in order what waits for those. */
static void check_in_flight(const struct vio_queue *queue)
{
	const unsigned taken = queue->ring->taken(queue);
	unsigned marked = 0;
	unsigned i = 0;

	for (i = 0; i < queue->size; i++)
		marked += queue->in_flight[i] != 0;
	fuzz_check(queue->ring->packed || marked == taken);
	fuzz_check(taken <= queue->size && taken == vio_queue_held(queue) + queue->waiting);
	fuzz_check(taken == 0 || vio_queue_held(queue) != 0);
	fuzz_check(queue->waiting == 0 || vio_device_has(fuzz_dut, VIO_F_IN_ORDER));
}

static void check_queue(const struct vio_queue *queue)
{
	const struct vio_queue_config *config = &fuzz_dut->configs[queue->index];
	const uint8_t status = fuzz_dut->status;

	fuzz_check(vio_queue_held(queue) == fuzz_requests_held(queue));
	fuzz_check(!queue->in_batch && queue->batch == VIO_BATCH_NONE && !queue->may_look);
	if (config->ready)
		fuzz_check(queue->ring->unshown(queue) == 0 && queue->run == 0);
	fuzz_check(queue->take_end == queue->avail_next);
	fuzz_check(!queue->closing || (!config->ready && vio_queue_held(queue) != 0));
	if (config->ready) {
		fuzz_check(((status & VIO_STATUS_FEATURES_OK) != 0 || fuzz_slot.version) &&
			   !fuzz_dut->resetting);
		fuzz_check(queue->size != 0 && queue->size == config->size &&
			   queue->size <= fuzz_dut->type->queues[queue->index].size_max);
	}
	fuzz_check(!queue->open || !queue->halted);
	if (queue->open || queue->halted)
		fuzz_check(queue->halted == (fuzz_dut->suspending || fuzz_dut->paused));
	if (!queue->open && !queue->halted) {
		fuzz_check((fuzz_dut->pending & UINT32_C(1) << queue->index) == 0);
		return;
	}
	fuzz_check(config->ready && ((status & STARTED) != 0 || fuzz_slot.version) &&
		   (status & (VIO_STATUS_NEEDS_RESET | VIO_STATUS_FAILED)) == 0);
	check_in_flight(queue);
}

static void check_device(void)
{
	const uint8_t status = fuzz_dut->status;
	unsigned held = 0;
	unsigned i = 0;

	fuzz_check((status & 0x20) == 0);
	fuzz_check((status & STARTED) != STARTED);
	fuzz_check((status & VIO_STATUS_SUSPEND) == 0 ||
		   (fuzz_dut->suspending && vio_device_has(fuzz_dut, VIO_F_SUSPEND)));
	fuzz_check(!fuzz_dut->untold || (status != 0 && (status & VIO_STATUS_DRIVER_OK) == 0));
	fuzz_check((status & STARTED) == 0 || (status & VIO_STATUS_FEATURES_OK) != 0 ||
		   fuzz_slot.version);
	fuzz_check(fuzz_dut->negotiated == 0 || (status & VIO_STATUS_FEATURES_OK) != 0 ||
		   (fuzz_dut->agreed && fuzz_slot.version));
	fuzz_check((fuzz_dut->negotiated & ~fuzz_dut->offered) == 0);
	fuzz_check(fuzz_slot.version || fuzz_dut->agreed == ((status & STARTED) != 0));
	for (i = 0; i < fuzz_dut->type->queue_count; i++) {
		check_queue(&fuzz_dut->queues[i]);
		held += vio_queue_held(&fuzz_dut->queues[i]);
	}
	fuzz_check(!fuzz_dut->resetting || held != 0);
	fuzz_check((status & VIO_STATUS_SUSPEND) == 0 || held == 0);
	fuzz_check(fuzz_dut->pending >> fuzz_dut->type->queue_count == 0);

	fuzz_check(fuzz_slot.interrupt_status <= 3);
	fuzz_check(root.line == (fuzz_slot.interrupt_status != 0));
	if (!fuzz_slot.device)
		return;
	fuzz_check(fuzz_read(VIO_MMIO_INTERRUPT_STATUS) == fuzz_slot.interrupt_status);
	fuzz_check(fuzz_read(VIO_MMIO_STATUS) == status);
}

/* After a reset that is over nothing is left of the driver. */
static void check_is_reset(void)
{
	uint32_t i = 0;

	fuzz_check(fuzz_read(VIO_MMIO_STATUS) == 0);
	fuzz_check(fuzz_read(VIO_MMIO_INTERRUPT_STATUS) == 0 && !root.line);
	fuzz_check(fuzz_dut->negotiated == 0 && fuzz_dut->driver_features == 0);
	fuzz_check(!fuzz_dut->untold && !fuzz_dut->agreed);
	fuzz_check(!fuzz_dut->resetting && fuzz_dut->pending == 0);
	for (i = 0; i < fuzz_dut->type->queue_count; i++) {
		fuzz_write(VIO_MMIO_QUEUE_SEL, i);
		fuzz_check(fuzz_read(VIO_MMIO_QUEUE_READY) == 0);
		fuzz_check(fuzz_read(VIO_MMIO_QUEUE_PFN) == 0);
		fuzz_check(fuzz_dut->queues[i].held == 0 && !fuzz_dut->queues[i].open);
		fuzz_check(fuzz_dut->configs[i].size == fuzz_dut->type->queues[i].size_max);
		fuzz_check(fuzz_dut->configs[i].desc == 0 && fuzz_dut->configs[i].driver == 0 &&
			   fuzz_dut->configs[i].device == 0);
	}
}

/* The parts of a live ring that the device writes, where they are. */
static void forgive_ring(const struct vio_queue *queue)
{
	const uint32_t size = queue->size;

	if (vio_device_has(fuzz_dut, VIO_F_RING_PACKED)) {
		fuzz_memory_forgive(queue->packed.desc, size * sizeof(*queue->packed.desc));
		fuzz_memory_forgive(queue->packed.device, sizeof(*queue->packed.device));
	} else {
		fuzz_memory_forgive(&queue->split.used->idx, vio_split_used_bytes(size) - 2);
	}
}

static void forgive_rings(void)
{
	unsigned i = 0;

	for (i = 0; i < fuzz_dut->type->queue_count; i++) {
		if (fuzz_dut->configs[i].ready)
			forgive_ring(&fuzz_dut->queues[i]);
	}
}

static struct {
	uint32_t errors;
	unsigned failed;
	unsigned released;
	bool resetting;
	bool suspended;
	uint64_t config[CONFIG_BYTES / 8];
} before;

static uint64_t config_at(unsigned i)
{
	return vio_device_config_read(fuzz_dut, i * 8, 8);
}

static bool is_suspended(void)
{
	return (fuzz_dut->status & VIO_STATUS_SUSPEND) != 0;
}

static void remember_config(void)
{
	unsigned i = 0;

	before.suspended = is_suspended();
	for (i = 0; before.suspended && i < VIO_ARRAY_SIZE(before.config); i++)
		before.config[i] = config_at(i);
}

/* No step ends a suspension and begins another. */
static void check_config(void)
{
	unsigned i = 0;

	for (i = 0; before.suspended && is_suspended() && i < VIO_ARRAY_SIZE(before.config); i++)
		fuzz_check(config_at(i) == before.config[i]);
}

static void begin_step(void)
{
	before.errors = fuzz_dut->errors;
	before.failed = root.failed;
	before.released = root.released;
	before.resetting = fuzz_dut->resetting;
	remember_config();
	fuzz_loads = 0;
	moved = 0;
	fuzz_memory_change(0, 0);
}

static void end_step(void)
{
	forgive_rings();
	fuzz_memory_check();
	fuzz_check(fuzz_loads <= loads_max());
	fuzz_check(moved <= fuzz_device.moved_max);
	fuzz_check(fuzz_dut->errors - before.errors == root.failed - before.failed);
	fuzz_check(fuzz_dut->errors - before.errors <= 1);
	if (fuzz_dut->errors != before.errors)
		fuzz_check((fuzz_dut->status & VIO_STATUS_NEEDS_RESET) != 0 &&
			   (fuzz_slot.interrupt_status & VIO_INTERRUPT_CONFIG) != 0);
	if (before.resetting && !fuzz_dut->resetting)
		fuzz_check(root.released != before.released);
	check_config();
	check_device();
}

/* ---- Operations ---- */

/*
 * A queue, or one that is not there. For most devices that is a part of a byte which says other
 * things, too; those with more queues read another.
 */
static unsigned queue_of(uint8_t byte, unsigned among)
{
	unsigned count = fuzz_dut->type->queue_count;

	return count > FUZZ_QUEUES ? fuzz_byte() % (count + 1) : byte % among;
}

/* Registers of one byte's value: selectors, sizes, Status, InterruptACK, QueueReady ... */
static void write_small(void)
{
	uint32_t offset = fuzz_byte() * 4U;

	fuzz_write(offset & 0x1fc, fuzz_byte());
}

static void write_word(void)
{
	uint32_t offset = fuzz_byte() * 4U;

	fuzz_write(offset & 0x1fc, fuzz_word());
}

/* Any offset and width, up to the window's end and across it. */
static void access_any(void)
{
	uint32_t offset = half_word();
	uint8_t how = fuzz_byte();
	unsigned width = 1U << (how & 3);
	bool registers = offset < VIO_MMIO_CONFIG;
	uint64_t value = 0;

	if ((how & 4) != 0) {
		value = fuzz_word();
		vio_mmio_write(&fuzz_slot, offset, width, value << 32 | value);
	} else {
		value = vio_mmio_read(&fuzz_slot, offset, width);
		fuzz_check(!registers || (width == 4 && offset % 4 == 0) || value == 0);
		fuzz_check(width == 8 || value >> 8 * width == 0);
	}
}

static void read_all(void)
{
	uint32_t offset = 0;

	for (offset = 0; offset < VIO_MMIO_CONFIG + 0x40; offset += 4)
		fuzz_read(offset);
}

static void acknowledge(void)
{
	uint32_t was = fuzz_slot.interrupt_status;
	uint32_t causes = fuzz_byte();

	fuzz_write(VIO_MMIO_INTERRUPT_ACK, causes);
	fuzz_check(!fuzz_slot.device || fuzz_slot.interrupt_status == (was & ~causes));
}

static void set_status(void)
{
	fuzz_write(VIO_MMIO_STATUS, fuzz_read(VIO_MMIO_STATUS) | fuzz_byte());
}

static void reset(void)
{
	if (!fuzz_slot.device)
		return;
	if (fuzz_write(VIO_MMIO_STATUS, 0) == VIO_MMIO_DONE)
		check_is_reset();
	else
		fuzz_check(fuzz_dut->resetting);
}

static void bring_up(void)
{
	uint64_t declined = fuzz_byte() | (uint64_t)fuzz_byte() << 28 | (uint64_t)fuzz_byte() << 36;

	uint8_t how = fuzz_byte();

	fuzz_bring_up(~declined, 1U << (how & 15), how < 0xe0);
}

static void select_queue(void)
{
	fuzz_write(VIO_MMIO_QUEUE_SEL, queue_of(fuzz_byte(), 4));
}

/* What cannot be right is likelier than one number in 2^32. */
static void place_legacy_ring(void)
{
	uint8_t what = fuzz_byte();
	uint32_t power = UINT32_C(1) << (what >> 3);

	if (what % 4 == 0)
		fuzz_write(VIO_MMIO_GUEST_PAGE_SIZE, (what & 4) != 0 ? power : fuzz_word());
	else if (what % 4 == 1)
		fuzz_write(VIO_MMIO_QUEUE_ALIGN, (what & 4) != 0 ? power : fuzz_word());
	else
		fuzz_write(VIO_MMIO_QUEUE_PFN, (uint32_t)(address() / FUZZ_PAGE));
}

static void place_ring(void)
{
	static const uint8_t registers[] = { VIO_MMIO_QUEUE_DESC_LOW, VIO_MMIO_QUEUE_DRIVER_LOW,
					     VIO_MMIO_QUEUE_DEVICE_LOW };
	uint32_t offset = 0;
	uint64_t at = 0;

	if (fuzz_slot.version) {
		place_legacy_ring();
		return;
	}
	offset = registers[fuzz_byte() % 3];
	at = address();
	fuzz_write(offset, (uint32_t)at);
	fuzz_write(offset + 4, (uint32_t)(at >> 32));
}

static void disable_queue(void)
{
	select_queue();
	fuzz_write(fuzz_slot.version ? VIO_MMIO_QUEUE_PFN : VIO_MMIO_QUEUE_READY, 0);
}

static void reset_queue(void)
{
	select_queue();
	fuzz_write(VIO_MMIO_QUEUE_RESET, 1);
	fuzz_read(VIO_MMIO_QUEUE_RESET);
}

static void kick(void)
{
	if (fuzz_slot.device)
		fuzz_kick(queue_of(fuzz_byte(), 4));
}

static void serve(void)
{
	root.serve_wanted = false;
	vio_mmio_serve(&fuzz_slot);
}

/* Once, whether the root serves now or later. */
static void notify_and_serve(unsigned queue)
{
	if (!fuzz_slot.device)
		return;
	fuzz_kick(queue);
	if (fuzz_slot.serving == VIO_MMIO_SERVE_LATER)
		serve();
}

static void kick_and_serve(void)
{
	notify_and_serve(queue_of(fuzz_byte(), 4));
}

static void add(void)
{
	uint8_t how = fuzz_byte();
	struct fuzz_piece pieces[8];
	unsigned count = 1 + (how >> 2) % 8;
	unsigned writable = (how >> 5) % 8;
	unsigned queue = queue_of(how, 4);
	unsigned i = 0;

	for (i = 0; i < count; i++) {
		pieces[i].addr = address();
		pieces[i].len = length();
		pieces[i].writable = i >= writable;
	}
	if (queue < fuzz_dut->type->queue_count)
		fuzz_add(queue, pieces, count, (how & 0x80) != 0);
}

/* Any descriptor as the head of a chain, in a split ring. */
static void offer(void)
{
	uint8_t head = fuzz_byte();
	uint8_t how = fuzz_byte();
	unsigned queue = queue_of(how, 4);

	if (queue < fuzz_dut->type->queue_count)
		fuzz_offer(queue, head < 0x80 ? head % 18 : (uint16_t)(head << 8 | how));
	if ((how & 4) == 0)
		notify_and_serve(queue);
}

static void request(void)
{
	uint8_t how = fuzz_byte();

	if (fuzz_device.request)
		fuzz_device.request(how);
}

/* A descriptor anywhere in a ring, or in a table. */
static void put_desc(void)
{
	uint8_t where = fuzz_byte();
	uint8_t index = fuzz_byte() % 32;
	uint8_t flags = fuzz_byte();
	uint16_t next = fuzz_byte();
	unsigned queue = queue_of(where, 4);
	bool in_ring = queue < FUZZ_QUEUES || queue < fuzz_dut->type->queue_count;
	uint64_t table = in_ring ? fuzz_ring_part(queue, 0) : FUZZ_TABLE;
	struct vio_desc desc = { .addr = fuzz_wire64(address()),
				 .len = fuzz_wire32(length()),
				 .flags = fuzz_wire16(flags & 7),
				 .next = fuzz_wire16(next) };

	if (vio_device_has(fuzz_dut, VIO_F_RING_PACKED)) {
		desc.flags = fuzz_wire16(next); /* the id */
		desc.next = fuzz_wire16((flags & 0x87) | (flags & 8) << 12);
	}
	fuzz_put(table + index * sizeof(desc), &desc, sizeof(desc));
}

/* Two bytes of a ring: indices, flags, event fields. */
static void poke_ring(void)
{
	uint8_t where = fuzz_byte();
	uint16_t value = fuzz_wire16(half_word());

	unsigned queue = queue_of(where, FUZZ_QUEUES);

	fuzz_put(fuzz_ring_part(queue, 1 + (where >> 2) % 2) + (where >> 3) * 2U, &value,
		 sizeof(value));
}

static void poke_any(void)
{
	uint64_t at = address();
	unsigned count = 1 + fuzz_byte() % 16;
	uint8_t byte = 0;

	for (; count != 0; count--) {
		byte = fuzz_byte();
		fuzz_put(at++, &byte, 1);
	}
}

static void act(void)
{
	uint8_t what = fuzz_byte();

	if (fuzz_device.act)
		fuzz_device.act(what);
}

static void detach(void)
{
	if (!fuzz_slot.device)
		return;
	if (!vio_mmio_detach(&fuzz_slot))
		fuzz_check(fuzz_dut->resetting);
	read_all();
	fuzz_check(!root.line);
}

static bool is_held(void)
{
	unsigned held = 0;
	unsigned i = 0;

	for (i = 0; i < fuzz_dut->type->queue_count; i++)
		held += vio_queue_held(&fuzz_dut->queues[i]);
	return held != 0;
}

static void attach(void)
{
	if (fuzz_slot.device || is_held())
		return;
	vio_mmio_attach(&fuzz_slot, fuzz_dut, &fuzz_guest);
	check_is_reset();
}

static void pause(void)
{
	fuzz_check(vio_device_pause(fuzz_dut) == !is_held());
}

static void resume(void)
{
	vio_device_resume(fuzz_dut);
}

/* For the driver. */
static bool is_as(const struct vio_device *other)
{
	return fuzz_dut->status == other->status && fuzz_dut->agreed == other->agreed &&
	       fuzz_dut->untold == other->untold && fuzz_dut->negotiated == other->negotiated &&
	       fuzz_dut->driver_features == other->driver_features;
}

/*
 * Another instance takes over what this one has saved. At times some bytes of that are anything, or
 * are missing, and at times the instance is of another kind. If not, it can.
 */
static void hand_over(void)
{
	static uint8_t state[VIO_MMIO_STATE_BYTES(FUZZ_QUEUES_MAX, STATE_OWN)];
	const bool was_paused = fuzz_dut->paused;
	struct vio_device was;
	uint8_t lies = fuzz_byte();
	const bool is_cut = lies >= 0xf0;
	const bool is_other = lies >= 0x80 && !is_cut;
	const bool is_honest = lies % 8 == 0 && !is_cut && !is_other;
	enum vio_state_error error = VIO_STATE_OK;
	size_t size = sizeof(struct vio_mmio_state) + vio_state_bytes(fuzz_dut);

	fuzz_check(size <= sizeof(state));
	if (!fuzz_slot.device)
		return;
	if (!vio_device_pause(fuzz_dut)) {
		fuzz_check(vio_mmio_save(&fuzz_slot, state, size) == VIO_STATE_BUSY);
		return;
	}
	fuzz_check(vio_mmio_save(&fuzz_slot, state, size - 1) == VIO_STATE_SIZE);
	fuzz_check(vio_mmio_save(&fuzz_slot, state, size) == VIO_STATE_OK);
	for (; lies % 8 != 0; lies--)
		state[half_word() % size] = fuzz_byte();

	was = *fuzz_dut;
	fuzz_check(vio_mmio_detach(&fuzz_slot));
	if (is_other)
		variant = fuzz_byte();
	fuzz_dut = fuzz_device.init(variant);
	vio_mmio_attach(&fuzz_slot, fuzz_dut, &fuzz_guest);
	fuzz_dut->paused = was_paused;
	error = vio_mmio_restore(&fuzz_slot, state, is_cut ? lies % size : size);
	before.errors = fuzz_dut->errors;
	before.failed = root.failed;
	before.resetting = before.suspended = false;
	fuzz_check(!is_honest || (error == VIO_STATE_OK && is_as(&was)));
	if (error != VIO_STATE_OK)
		check_is_reset();
	fuzz_check(vio_state_error_text(error));
}

/* Double fetches: what is loaded first and checked may be another value when loaded again. */
static void change_after_load(void)
{
	unsigned count = fuzz_byte() % 4U;
	uint8_t how = fuzz_byte();

	for (; count != 0; count--) {
		unsigned loads = 1U + fuzz_byte();

		fuzz_memory_change(loads, (how & 4) != 0 ? address() : half_word());
	}
	notify_and_serve(queue_of(how, 4));
}

static void storm(void)
{
	fuzz_memory_storm(fuzz_byte());
}

static const struct operation {
	void (*run)(void);
	const char *name;
} operations[] = {
	{ write_small, "write_small" },
	{ write_word, "write_word" },
	{ access_any, "access_any" },
	{ read_all, "read_all" },
	{ acknowledge, "acknowledge" },
	{ set_status, "set_status" },
	{ reset, "reset" },
	{ bring_up, "bring_up" },
	{ select_queue, "select_queue" },
	{ place_ring, "place_ring" },
	{ disable_queue, "disable_queue" },
	{ reset_queue, "reset_queue" },
	{ kick, "kick" },
	{ serve, "serve" },
	{ kick_and_serve, "kick_and_serve" },
	{ add, "add" },
	{ offer, "offer" },
	{ request, "request" },
	{ put_desc, "put_desc" },
	{ poke_ring, "poke_ring" },
	{ poke_any, "poke_any" },
	{ act, "act" },
	{ detach, "detach" },
	{ attach, "attach" },
	{ pause, "pause" },
	{ resume, "resume" },
	{ hand_over, "hand_over" },
	{ change_after_load, "change_after_load" },
	{ storm, "storm" },
};

static void step(void)
{
	const struct operation *operation = &operations[fuzz_byte() % VIO_ARRAY_SIZE(operations)];

	if (tracing)
		fprintf(stderr, "%s\n", operation->name);
	begin_step();
	operation->run();
	end_step();
}

/* ---- One input ---- */

/* Everything is let go of, the device is reset, and works. */
static void finish(uint64_t features)
{
	fuzz_memory_storm(0);
	begin_step();
	if (fuzz_device.let_go)
		fuzz_device.let_go();
	resume();
	end_step();
	fuzz_check(!is_held());
	attach();
	reset();
	fuzz_check(fuzz_bring_up(features, 0, true));
	fuzz_settle();
	if (fuzz_device.works)
		fuzz_device.works();
	fuzz_check(fuzz_read(VIO_MMIO_STATUS) == (fuzz_slot.version ? 0x7 : 0xf));
	forgive_rings();
	fuzz_memory_check();
	fuzz_check(vio_mmio_detach(&fuzz_slot));
	check_device();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Of the device's bits 0 to 7, and of those for rings, 28 to 40 but for 36. */
	uint64_t declined = 0;
	const struct vio_mmio_version *version = NULL;
	uint8_t options = 0;
	unsigned steps = 0;

	tracing = getenv("FUZZ_TRACE") != NULL;
	input.at = data;
	input.left = size;
	memset(&root, 0, sizeof(root));
	fuzz_memory_reset();
	fuzz_requests_reset();
	fuzz_driver_reset();

	variant = fuzz_byte();
	fuzz_dut = fuzz_device.init(variant);
	options = fuzz_byte();
	declined = fuzz_byte() | (uint64_t)fuzz_byte() << 28 | (uint64_t)(options & 0xf0) << 33;
	declined |= (options & 0x20) != 0 ? VIO_BIT(VIO_F_NOTIFY_ON_EMPTY) : 0;
	declined &= ~VIO_BIT(VIO_F_VERSION_1);
	if ((options & 8) != 0)
		version = (options & 0x10) != 0 ? &vio_mmio_legacy_big : &vio_mmio_legacy_little;
	fuzz_slot = (struct vio_mmio){ .host = &host,
				       .version = version,
				       .serving = (options & 1) != 0 ? VIO_MMIO_SERVE_LATER
								     : VIO_MMIO_SERVE_NOW };
	vio_mmio_attach(&fuzz_slot, fuzz_dut, &fuzz_guest);
	begin_step();
	if ((options & 2) == 0)
		fuzz_bring_up(~declined, (options & 4) != 0 ? 4 : 16, true);
	end_step();
	while (input.left != 0 && steps++ < STEPS_MAX)
		step();
	finish(~(declined & ~(VIO_BIT(24) - 1)));
	return 0;
}

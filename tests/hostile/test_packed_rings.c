/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packed rings that are set up wrong, offer what is in flight, or change while the device reads:
 * hostile-cases.md 4, 12, 26 to 28, 32 to 34, 44 and 45.
 */
#include "packed.h"

#define NEXT     VIO_DESC_F_NEXT
#define WRITE    VIO_DESC_F_WRITE
#define INDIRECT VIO_DESC_F_INDIRECT
#define AVAIL    VIO_PACKED_F_AVAIL
#define USED     VIO_PACKED_F_USED

/* ---- 4: where the ring is ---- */

struct place {
	const char *name;
	uint32_t size;
	uint64_t desc, driver, device;
	bool ready;
};

static const struct place places[] = {
	{ "4 PCK-H-19 descriptors off by 8", 16, BOX_DESC(0) + 8, BOX_AVAIL(0), BOX_USED(0),
	  false },
	{ "4 PCK-H-19 descriptors off by 1", 16, BOX_DESC(0) + 1, BOX_AVAIL(0), BOX_USED(0),
	  false },
	{ "4 PCK-H-19 driver area off by 2", 16, BOX_DESC(0), BOX_AVAIL(0) + 2, BOX_USED(0),
	  false },
	{ "4 PCK-H-19 driver area off by 1", 16, BOX_DESC(0), BOX_AVAIL(0) + 1, BOX_USED(0),
	  false },
	{ "4 PCK-H-19 device area off by 2", 16, BOX_DESC(0), BOX_AVAIL(0), BOX_USED(0) + 2,
	  false },
	{ "4 descriptors nowhere", 16, 0, BOX_AVAIL(0), BOX_USED(0), false },
	{ "4 driver area nowhere", 16, BOX_DESC(0), 0, BOX_USED(0), false },
	{ "4 device area nowhere", 16, BOX_DESC(0), BOX_AVAIL(0), 0, false },
	{ "4 last descriptor outside", 16, BOX_FAR + BOX_FAR_SIZE - 15 * 16, BOX_AVAIL(0),
	  BOX_USED(0), false },
	{ "4 descriptors across two regions", 16, BOX_NEXT - 16, BOX_AVAIL(0), BOX_USED(0), false },
	{ "4 descriptors wrap", 16, UINT64_MAX - 15, BOX_AVAIL(0), BOX_USED(0), false },
	{ "4 driver area at the end of a region", 16, BOX_DESC(0), BOX_FAR + BOX_FAR_SIZE,
	  BOX_USED(0), false },
	{ "4 descriptors in a read-only region", 16, BOX_ROM, BOX_AVAIL(0), BOX_USED(0), false },
	{ "4 device area in a read-only region", 16, BOX_DESC(0), BOX_AVAIL(0), BOX_ROM, false },
	{ "3 size 0", 0, BOX_DESC(0), BOX_AVAIL(0), BOX_USED(0), false },
	{ "3 size above the device's", 17, BOX_DESC(0), BOX_AVAIL(0), BOX_USED(0), false },
	{ "3 size 0x10001", 0x10001, BOX_DESC(0), BOX_AVAIL(0), BOX_USED(0), false },
	{ "3 size 0xffffffff", UINT32_MAX, BOX_DESC(0), BOX_AVAIL(0), BOX_USED(0), false },

	{ "PCK-P-18 as small as can be aligned", 16, BOX_DESC(0) + 16, BOX_AVAIL(0) + 4,
	  BOX_USED(0) + 4, true },
	{ "PCK-P-18 last bytes of a region", 3, BOX_FAR + BOX_FAR_SIZE - 3 * 16,
	  BOX_ROM + BOX_ROM_SIZE - 4, BOX_RAM + BOX_RAM_SIZE - 4, true },
	{ "PCK-P-18 size 1", 1, BOX_DESC(0), BOX_AVAIL(0), BOX_USED(0), true },
	{ "PCK-P-18 size 15", 15, BOX_DESC(0), BOX_AVAIL(0), BOX_USED(0), true },
};

static void set_up_at(void **state)
{
	struct box *box = *state;
	const struct place *place = box->row;

	box_negotiate(box, VIO_BIT(VIO_F_RING_PACKED) | VIO_BIT(VIO_F_EVENT_IDX));
	box_snapshot(box);
	if (place->ready)
		box_allow(box, place->device, sizeof(struct vio_packed_event));
	assert_int_equal(box_ready(box, 0, place->size, place->desc, place->driver, place->device),
			 place->ready);
	box_write(box, VIO_MMIO_STATUS, 0xf);
	box_kick(box, 0);
	box_assert_untouched(box);
	assert_int_equal(box->failed, 0);
	packed_assert_works(box);
}

/* A region that ends a byte before the third descriptor does. */
static void last_byte_outside(void **state)
{
	struct box *box = *state;
	const uint64_t base = UINT64_C(0x300000000);
	uint8_t *data = aligned_alloc(16, 3 * PACKED_ENTRY);

	assert_true(vio_memory_add(&box->memory,
				   (struct vio_region){ .base = base,
							.size = 3 * PACKED_ENTRY - 1,
							.data = data,
							.access = VIO_ACCESS_READ_WRITE }));
	box_negotiate(box, VIO_BIT(VIO_F_RING_PACKED));
	assert_int_equal(box_ready(box, 0, 3, base, BOX_AVAIL(0), BOX_USED(0)), 0);
	assert_int_equal(box_ready(box, 0, 2, base, BOX_AVAIL(0), BOX_USED(0)), 1);
	packed_assert_works(box);
	free(data);
}

/* ---- 44: what is, and is not, available ---- */

/* Both bits have to say so: three of the four combinations do not, in either lap. */
static void wrong_wrap_bits_are_an_empty_ring(void **state)
{
	static const uint16_t bits[] = { 0, AVAIL, USED, AVAIL | USED };
	struct packed ring;
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	packed_start(&ring, box, 0, 0, 1);
	for (unsigned lap = 0; lap < 6; lap++) {
		for (unsigned i = 0; i < VIO_ARRAY_SIZE(bits); i++) {
			if (bits[i] == packed_available(&ring))
				continue;
			packed_put(&ring, 0, BOX_DATA, 8, 1, bits[i] | WRITE);
			packed_snapshot(&ring);
			box_kick(box, 0);
			assert_int_equal(box->device.device.queues[0].counters.requests, lap);
			assert_int_equal(packed_at(&ring, 0).flags, bits[i] | WRITE);
			box_assert_untouched(box);
		}
		packed_offer(&ring, BOX_DATA, 8, WRITE, (uint16_t)lap);
		packed_expect(&ring, (uint16_t)lap, 8, 1);
	}
	assert_int_equal(box->failed, 0);
}

/* Ids are the driver's: any value, and the same again, all in flight at once. */
static void any_id(void **state)
{
	static const uint16_t ids[] = { 0xffff, 0, 0xffff, 0x8000, 17, 16, 16, 0xffff };
	struct packed ring;
	struct box *box = *state;

	box->device.behaviour = BOX_HOLD;
	packed_start(&ring, box, 0, 0, 16);
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(ids); i++)
		packed_offer(&ring, BOX_DATA + i * UINT64_C(64), i + 1, WRITE, ids[i]);
	assert_int_equal(box->device.held_count, VIO_ARRAY_SIZE(ids));
	for (unsigned i = VIO_ARRAY_SIZE(ids); i-- != 0;) {
		box_complete(box, i);
		packed_expect(&ring, ids[i], i + 1, 1);
	}
	assert_int_equal(box->failed, 0);
}

/* Only the first entry's bits count: the driver shows that one last. */
static void stale_bits_behind_the_head(void **state)
{
	struct packed ring;
	struct box *box = *state;

	packed_start(&ring, box, 0, 0, 4);
	packed_put(&ring, 1, BOX_DATA + 64, 8, 5, WRITE);
	packed_snapshot(&ring);
	box_allow(box, BOX_DATA + 64, 8);
	packed_offer(&ring, BOX_DATA, 8, NEXT, 3);
	packed_expect(&ring, 5, 8, 2);
	assert_memory_equal(box_at(box, BOX_DATA, 8), box_at(box, BOX_DATA + 64, 8), 8);
	box_assert_untouched(box);
}

/* The tail never came: what stands there is an empty descriptor at address 0. */
static void head_without_its_tail(void **state)
{
	struct packed ring;
	struct box *box = *state;

	packed_start(&ring, box, 0, 0, 4);
	packed_add(&ring, BOX_DATA, 8, NEXT, 3);
	packed_snapshot(&ring);
	box_kick(box, 0);
	box_assert_needs_reset(box, VIO_ERROR_ADDRESS);
	packed_assert_works(box);
}

/* ---- 26, 27, 28: what is offered again ---- */

/*
 * A driver on another CPU makes each chain available again as soon as the device has read it: none
 * of it was given back yet, though in the device's mind it was used.
 */
static void offer_again(struct box *box, uint64_t addr, size_t size)
{
	struct vio_packed_desc desc;
	uint64_t at = addr - addr % sizeof(desc);

	(void)size;
	if (addr - BOX_DESC(0) >= 0x1000 ||
	    addr % sizeof(desc) != offsetof(struct vio_packed_desc, len))
		return;
	memcpy(&desc, box_at(box, at, sizeof(desc)), sizeof(desc));
	desc.flags ^= vio_le16(AVAIL | USED);
	box_put(box, at, &desc, sizeof(desc));
}

static void offered_again_in_one_batch(void **state)
{
	struct packed ring;
	struct box *box = *state;
	const uint16_t chain = (uint16_t)(uintptr_t)box->row;

	box->device.behaviour = BOX_FILL;
	packed_start(&ring, box, 0, 0, 16);
	for (uint16_t i = 0; i < 16; i++) {
		bool last = i % chain == chain - 1 || i == 15;

		packed_add(&ring, BOX_DATA + i * UINT64_C(16), 8, last ? WRITE : WRITE | NEXT, i);
	}
	packed_snapshot(&ring);
	box_allow(box, BOX_DATA, 16 * 16);
	box->after_load = offer_again;
	box_kick(box, 0);
	box->after_load = NULL;
	box_assert_needs_reset(box, VIO_ERROR_OVERCOMMIT);
	packed_assert_works(box);
}

/* All in flight, and the whole ring available once more. */
static void more_in_flight_than_the_ring_holds(void **state)
{
	struct packed ring;
	struct box *box = *state;

	box->device.behaviour = BOX_HOLD;
	packed_start(&ring, box, 0, 0, 5);
	for (uint16_t i = 0; i < 5; i++)
		packed_offer(&ring, BOX_DATA + i * UINT64_C(64), 8, WRITE, i);
	assert_int_equal(box->device.held_count, 5);
	packed_add(&ring, BOX_DATA, 8, WRITE, 9);
	packed_snapshot(&ring);
	box_kick(box, 0);
	box_assert_needs_reset(box, VIO_ERROR_OVERCOMMIT);

	/* The five are let go of, and nothing is told about them. */
	box_snapshot(box);
	box_allow(box, BOX_DATA, 0x1000);
	for (unsigned i = 0; i < 5; i++)
		box_complete(box, i);
	box_assert_untouched(box);
	packed_assert_works(box);
}

/* A chain that starts in free entries and runs into those in flight. */
static void chain_into_what_is_in_flight(void **state)
{
	struct packed ring;
	struct box *box = *state;

	box->device.behaviour = BOX_HOLD;
	packed_start(&ring, box, 0, 0, 5);
	for (uint16_t i = 0; i < 3; i++)
		packed_offer(&ring, BOX_DATA + i * UINT64_C(64), 8, WRITE, i);
	/* One is given back: three entries are free. */
	box_complete(box, 1);
	for (uint16_t i = 0; i < 4; i++)
		packed_add(&ring, BOX_DATA + 0x200, 8, i < 3 ? NEXT | WRITE : WRITE, 3);
	packed_snapshot(&ring);
	box_kick(box, 0);
	box_assert_needs_reset(box, VIO_ERROR_OVERCOMMIT);
	box_complete(box, 0);
	box_complete(box, 2);
	packed_assert_works(box);
}

/* Given back, an entry may come again: a kick is worth what the ring holds. */
static void add_one_more(struct box *box, uint64_t addr, size_t size)
{
	struct packed ring = { .box = box, .size = 4 };
	uint64_t within = addr - BOX_DESC(0);

	(void)size;
	/* When the device asks for the event flags it has published a batch. */
	if (within < 0x1000 || addr != BOX_AVAIL(0) + 2)
		return;
	for (ring.next = 0; ring.next < ring.size; ring.next++) {
		uint16_t used = packed_at(&ring, ring.next).flags & AVAIL;

		packed_put(&ring, ring.next, BOX_DATA, 8, ring.next, WRITE | (used ? USED : AVAIL));
	}
}

static void refilled_for_ever(void **state)
{
	struct packed ring;
	struct box *box = *state;
	struct vio_queue *queue = &box->device.device.queues[0];

	box->device.behaviour = BOX_FILL;
	box->slot.serving = VIO_MMIO_SERVE_LATER;
	packed_start(&ring, box, 0, 0, 4);
	for (uint16_t i = 0; i < 4; i++)
		packed_add(&ring, BOX_DATA, 8, WRITE, i);
	box->after_load = add_one_more;
	for (unsigned round = 1; round < 20; round++) {
		box_kick(box, 0);
		box_serve(box);
		assert_int_equal(queue->counters.requests, round * 4);
	}
	box->after_load = NULL;
	box_kick(box, 0);
	box_serve(box);
	assert_int_equal(queue->counters.requests, 20 * 4);
	assert_int_equal(box->failed, 0);
	packed_assert_works(box);
}

/* ---- 32, 33: memory that changes ---- */

/* Whatever has been read is gone, the flags of an entry too: a second look finds wild values. */
static void destroy(struct box *box, uint64_t addr, size_t size)
{
	static const uint8_t wild[8] = { 0xf5, 0xff, 0xf5, 0xff, 0xff, 0xff, 0x7f, 0xff };

	box_put(box, addr, wild, size);
}

static void destroyed_after_each_load(void **state)
{
	static const char message[16] = "once and for all";
	struct packed ring;
	struct box *box = *state;

	memcpy(box_at(box, BOX_DATA, 16), message, 16);
	packed_start(&ring, box, VIO_BIT(VIO_F_INDIRECT_DESC), 0, 5);
	packed_add(&ring, BOX_DATA, 4, NEXT, 1);
	packed_add(&ring, BOX_DATA + 4, 12, NEXT, 2);
	packed_add(&ring, BOX_DATA + 64, 3, NEXT | WRITE, 3);
	packed_add(&ring, BOX_DATA + 67, 13, WRITE, 4);
	packed_entry(box, BOX_TABLE, 0, BOX_DATA, 16, 0, 0);
	packed_entry(box, BOX_TABLE, 1, BOX_DATA + 128, 16, 0, WRITE);
	packed_add(&ring, BOX_TABLE, 2 * PACKED_ENTRY, INDIRECT, 5);
	packed_snapshot(&ring);
	box_allow(box, BOX_DATA + 64, 16);
	box_allow(box, BOX_DATA + 128, 16);
	box->after_load = destroy;
	box_kick(box, 0);
	assert_int_equal(box->failed, 0);
	packed_expect(&ring, 4, 16, 4);
	packed_expect(&ring, 5, 16, 1);
	assert_memory_equal(box_at(box, BOX_DATA + 64, 16), message, 16);
	assert_memory_equal(box_at(box, BOX_DATA + 128, 16), message, 16);
	box_assert_untouched(box);
	packed_assert_works(box);
}

/* NEXT comes and goes under the device's eyes: it sees one value, and stops within the ring. */
static void flip_next(struct box *box, uint64_t addr, size_t size)
{
	uint16_t flags;

	if (size != sizeof(flags) || addr - BOX_DESC(0) >= 0x1000)
		return;
	memcpy(&flags, box_at(box, addr, sizeof(flags)), sizeof(flags));
	flags ^= vio_le16(NEXT);
	box_put(box, addr, &flags, sizeof(flags));
}

static void flags_flipped_while_walking(void **state)
{
	struct packed ring;
	struct box *box = *state;

	packed_start(&ring, box, 0, 0, 4);
	packed_add(&ring, BOX_DATA, 8, NEXT, 1);
	packed_add(&ring, BOX_DATA + 64, 8, WRITE, 2);
	packed_snapshot(&ring);
	box_allow(box, BOX_DATA + 64, 8);
	box->after_load = flip_next;
	box_kick(box, 0);
	assert_int_equal(box->failed, 0);
	packed_expect(&ring, 2, 8, 2);
	box_assert_untouched(box);
	packed_assert_works(box);
}

/* The device keeps its own place: what the driver writes over used entries does not move it. */
static void used_entries_overwritten(void **state)
{
	struct packed ring;
	struct box *box = *state;
	uint8_t wild[16 * 5];

	memset(wild, 0xa5, sizeof(wild));
	box->device.behaviour = BOX_HOLD;
	packed_start(&ring, box, VIO_BIT(VIO_F_EVENT_IDX), 0, 5);
	for (uint16_t i = 0; i < 5; i++)
		packed_offer(&ring, BOX_DATA + i * UINT64_C(64), 8, WRITE, i);
	for (uint16_t i = 5; i-- != 0;) {
		box_put(box, BOX_DESC(0), wild, sizeof(wild));
		box_put(box, BOX_USED(0), wild, 4);
		box_complete(box, i);
		packed_expect(&ring, i, 8, 1);
	}
	assert_int_equal(box->failed, 0);
	packed_assert_works(box);
}

/* ---- 34, 45: event suppression at random ---- */

static uint32_t random_state = 1;

static uint32_t random32(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state;
}

/* Does one of the `entries` that are used now stand where the driver pointed? */
static bool points_at(const struct packed *ring, uint16_t entries, uint16_t off_wrap)
{
	uint16_t at = ring->used;
	bool wrap = ring->used_wrap;

	for (uint16_t k = 0; k < entries; k++) {
		if (packed_off_wrap(at, wrap) == off_wrap)
			return true;
		at++;
		if (at == ring->size) {
			at = 0;
			wrap = !wrap;
		}
	}
	return false;
}

static void random_suppression(void **state)
{
	static const uint16_t flags_near[] = { VIO_PACKED_EVENT_ENABLE, VIO_PACKED_EVENT_DISABLE,
					       VIO_PACKED_EVENT_DESC, 3 };
	struct packed ring;
	struct box *box = *state;
	const bool event_idx = box->row != NULL;
	struct vio_queue *queue = &box->device.device.queues[0];

	box->device.behaviour = BOX_FILL;
	packed_start(&ring, box, event_idx ? VIO_BIT(VIO_F_EVENT_IDX) : 0, 0, 13);
	for (unsigned i = 0; i < 5000; i++) {
		uint16_t count = random32() % ring.size + 1;
		uint16_t off_wrap = (uint16_t)random32();
		uint16_t flags = (uint16_t)random32();
		uint32_t before = queue->counters.interrupts;
		bool wanted = true;

		if (random32() % 8 != 0) {
			flags = flags_near[flags % 4];
			off_wrap &= VIO_PACKED_EVENT_WRAP | 15;
		}
		packed_set_event(&ring, off_wrap, flags);
		if (flags == VIO_PACKED_EVENT_DISABLE)
			wanted = false;
		else if (flags == VIO_PACKED_EVENT_DESC && event_idx &&
			 (off_wrap & ~VIO_PACKED_EVENT_WRAP) < ring.size)
			wanted = points_at(&ring, count, off_wrap);

		for (uint16_t k = 0; k < count; k++)
			packed_add(&ring, BOX_DATA, 8, WRITE, k);
		box_kick(box, 0);
		box_serve(box);
		for (uint16_t k = 0; k < count; k++)
			packed_expect(&ring, k, 8, 1);
		assert_int_equal(queue->counters.interrupts - before, wanted);
		assert_int_equal(box->line, wanted);
		box_write(box, VIO_MMIO_INTERRUPT_ACK, VIO_INTERRUPT_USED);
	}
	assert_int_equal(box->failed, 0);
}

/* ---- 12: late completions ---- */

static void completed_after_a_reset(void **state)
{
	struct packed ring;
	struct box *box = *state;

	box->device.behaviour = BOX_HOLD;
	packed_start(&ring, box, 0, 0, 3);
	for (uint16_t i = 0; i < 3; i++)
		packed_offer(&ring, BOX_DATA + i * UINT64_C(64), 8, WRITE, i);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_PARK);
	box_snapshot(box);
	box_allow(box, BOX_DATA, 0x100);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(box->released, 0);
		box_complete(box, i);
	}
	assert_int_equal(box->released, 1);
	box_assert_untouched(box);
	assert_int_equal(box->loads, 0);
	assert_int_equal(box_status(box), 0);
	assert_false(box->line);
	packed_assert_works(box);
}

/*
 * FAILED written 65536 times closes the queue but once: the late completion is still known as one,
 * and ends the reset.
 */
static void closed_as_often_as_generations_go(void **state)
{
	struct packed ring;
	struct box *box = *state;

	box->device.behaviour = BOX_HOLD;
	packed_start(&ring, box, 0, 0, 3);
	packed_offer(&ring, BOX_DATA, 8, WRITE, 1);
	for (uint32_t i = 0; i < 0xffff; i++)
		box_write(box, VIO_MMIO_STATUS, 0xf | VIO_STATUS_FAILED);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_PARK);
	box_snapshot(box);
	box_allow(box, BOX_DATA, 8);
	box_complete(box, 0);
	assert_int_equal(box->released, 1);
	assert_int_equal(box->device.device.queues[0].counters.late, 1);
	box_assert_untouched(box);
	packed_assert_works(box);
}

/* ---- What a device does with a driver that breaks the ring behind a good request ---- */

static void put_back_after_a_failure(void **state)
{
	struct packed ring;
	struct vio_span spans[2][4];
	struct vio_request req[2];
	struct box *box = *state;
	struct vio_queue *queue = &box->device.device.queues[0];

	box->device.behaviour = BOX_IGNORE;
	packed_start(&ring, box, 0, 0, 4);
	packed_add(&ring, BOX_DATA, 8, WRITE, 1);
	packed_add(&ring, 0, 8, WRITE, 2);
	packed_snapshot(&ring);
	assert_true(vio_queue_begin(queue));
	assert_true(vio_queue_take_into(queue, &req[0], spans[0], 4));
	assert_false(vio_queue_take_into(queue, &req[1], spans[1], 4));
	vio_queue_untake(queue, &req[0]);
	assert_false(vio_queue_take_into(queue, &req[0], spans[0], 4));
	box_assert_needs_reset(box, VIO_ERROR_ADDRESS);
	assert_int_equal(box_write(box, VIO_MMIO_STATUS, 0), VIO_MMIO_DONE);
	packed_assert_works(box);
}

static void spans_of_the_caller_are_the_limit(void **state)
{
	struct packed ring;
	struct vio_span spans[4] = { { 0 } };
	struct vio_request req;
	struct box *box = *state;
	struct vio_queue *queue = &box->device.device.queues[0];

	box->device.behaviour = BOX_IGNORE;
	packed_start(&ring, box, 0, 0, 16);
	for (uint16_t i = 0; i < 7; i++)
		packed_add(&ring, BOX_DATA + i, 1, i == 2 || i == 6 ? 0 : NEXT, i);
	packed_snapshot(&ring);
	assert_true(vio_queue_begin(queue));
	assert_true(vio_queue_take_into(queue, &req, spans, 3));
	assert_int_equal(req.readable_len, 3);
	assert_false(vio_queue_take_into(queue, &req, spans, 3));
	assert_null(spans[3].data);
	box_assert_needs_reset(box, VIO_ERROR_CHAIN_LENGTH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST("4", last_byte_outside),
		BOX_TEST("44 PCK-D-06", wrong_wrap_bits_are_an_empty_ring),
		BOX_TEST("44 PCK-H-26", any_id),
		BOX_TEST("44 PCK-H-23", stale_bits_behind_the_head),
		BOX_TEST("44 PCK-H-23", head_without_its_tail),
		BOX_ROW("26 28 PCK-H-20 chains of 3 offered again in one batch",
			offered_again_in_one_batch, 3),
		BOX_ROW("26 28 PCK-H-20 chain of the ring's size offered again in one batch",
			offered_again_in_one_batch, 16),
		BOX_TEST("27 28", more_in_flight_than_the_ring_holds),
		BOX_TEST("27 28", chain_into_what_is_in_flight),
		BOX_TEST("26", refilled_for_ever),
		BOX_TEST("32 PCK-H-20 CLN-H-01", destroyed_after_each_load),
		BOX_TEST("44 32 PCK-H-20", flags_flipped_while_walking),
		BOX_TEST("33", used_entries_overwritten),
		BOX_ROW("34 45 PCK-P-16 PCK-P-17 random_suppression", random_suppression, 0),
		BOX_ROW("34 45 PCK-P-16 PCK-P-17 random_suppression with EVENT_IDX",
			random_suppression, 1),
		BOX_TEST("12", completed_after_a_reset),
		BOX_TEST("12", closed_as_often_as_generations_go),
		BOX_TEST("11", put_back_after_a_failure),
		BOX_TEST("44 PCK-D-09", spans_of_the_caller_are_the_limit),
	};
	struct CMUnitTest rows[VIO_ARRAY_SIZE(places)];

	for (unsigned i = 0; i < VIO_ARRAY_SIZE(rows); i++)
		rows[i] = (struct CMUnitTest)BOX_ROW(places[i].name, set_up_at, &places[i]);
	return cmocka_run_group_tests(rows, NULL, NULL) + cmocka_run_group_tests(tests, NULL, NULL);
}

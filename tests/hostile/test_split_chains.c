/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptor chains that no honest driver builds: hostile-cases.md 14, 20 to 24, 29 to 31, 35 and
 * 40 to 43. Each row writes descriptors, offers a head and names the outcome. Whatever that is,
 * nothing but the writable buffers changes, the walk is short, and the device works after a reset.
 */
#define _DEFAULT_SOURCE
#include <sys/mman.h>

#include "box.h"

#define NEXT     VIO_DESC_F_NEXT
#define WRITE    VIO_DESC_F_WRITE
#define INDIRECT VIO_DESC_F_INDIRECT

#define RAM_END  (BOX_RAM + BOX_RAM_SIZE)
#define MMIO     UINT64_C(0x0a000000)
#define ENTRY    ((uint32_t)sizeof(struct vio_desc))

#define ENTRIES  5
#define NO_TABLE 0
#define FILL_UP  0xffff /* as `repeat`: all entries there are */

struct entry {
	uint64_t addr;
	uint32_t len;
	uint16_t flags;
	uint16_t next;
};

struct chain {
	const char *name; /* starts with the case's number and the clause */
	enum vio_error error;
	bool no_indirect; /* not negotiated */
	uint16_t head;
	struct entry ring[ENTRIES];  /* the descriptor table, from entry 0 */
	struct entry table[ENTRIES]; /* the table at BOX_TABLE */
};

#define GOOD_READ                                                                                  \
	{                                                                                          \
		BOX_DATA, 8, 0, 0                                                                  \
	}

static const struct chain chains[] = {
	/* 20, 21: indices */
	{ "20 SPL-H-35 head is the queue size", VIO_ERROR_HEAD_RANGE, .head = BOX_SIZE,
	  .ring = { GOOD_READ } },
	{ "20 SPL-H-35 head 0x7fff", VIO_ERROR_HEAD_RANGE, .head = 0x7fff, .ring = { GOOD_READ } },
	{ "20 SPL-H-35 head 0xffff", VIO_ERROR_HEAD_RANGE, .head = 0xffff, .ring = { GOOD_READ } },
	{ "21 SPL-H-35 next is the queue size", VIO_ERROR_NEXT_RANGE,
	  .ring = { { BOX_DATA, 8, NEXT, BOX_SIZE } } },
	{ "21 SPL-H-35 next 0xffff", VIO_ERROR_NEXT_RANGE,
	  .ring = { { BOX_DATA, 8, NEXT, 0xffff } } },
	{ "21 next beyond an indirect table", VIO_ERROR_NEXT_RANGE,
	  .ring = { { BOX_TABLE, 2 * ENTRY, INDIRECT, 0 } },
	  .table = { { BOX_DATA, 8, NEXT, 2 }, GOOD_READ, GOOD_READ } },

	/* 22, 23: loops */
	{ "22 SPL-H-27 loop of one", VIO_ERROR_CHAIN_LENGTH, .ring = { { BOX_DATA, 8, NEXT, 0 } } },
	{ "22 SPL-H-27 loop of two", VIO_ERROR_CHAIN_LENGTH,
	  .ring = { { BOX_DATA, 8, NEXT, 1 }, { BOX_DATA, 8, NEXT, 0 } } },
	{ "22 SPL-H-27 loop of five, writable", VIO_ERROR_CHAIN_LENGTH,
	  .ring = { { BOX_DATA, 8, NEXT | WRITE, 1 },
		    { BOX_DATA, 8, NEXT | WRITE, 2 },
		    { BOX_DATA, 8, NEXT | WRITE, 3 },
		    { BOX_DATA, 8, NEXT | WRITE, 4 },
		    { BOX_DATA, 8, NEXT | WRITE, 1 } } },
	{ "23 SPL-H-38 loop of zero-length descriptors", VIO_ERROR_CHAIN_LENGTH,
	  .ring = { { BOX_DATA, 0, NEXT, 1 }, { BOX_DATA, 0, NEXT, 0 } } },
	{ "23 loop of zero-length entries of a table", VIO_ERROR_CHAIN_LENGTH,
	  .ring = { { BOX_TABLE, 2 * ENTRY, INDIRECT, 0 } },
	  .table = { { BOX_DATA, 0, NEXT, 1 }, { BOX_DATA, 0, NEXT, 0 } } },

	/* 14, 29, 30: addresses */
	{ "14 the device's own registers", VIO_ERROR_ADDRESS, .ring = { { MMIO, 8, WRITE, 0 } } },
	{ "29 SPL-H-36 address wraps", VIO_ERROR_ADDRESS,
	  .ring = { { UINT64_MAX - 0xff, 512, 0, 0 } } },
	{ "29 SPL-H-36 wraps back into RAM", VIO_ERROR_ADDRESS,
	  .ring = { { UINT64_MAX - 0xff, 0x40001000, WRITE, 0 } } },
	{ "29 longest length", VIO_ERROR_ADDRESS, .ring = { { BOX_RAM, UINT32_MAX, WRITE, 0 } } },
	{ "29 last byte outside", VIO_ERROR_ADDRESS,
	  .ring = { { BOX_FAR + BOX_FAR_SIZE - 7, 8, WRITE, 0 } } },
	{ "29 first byte outside", VIO_ERROR_ADDRESS, .ring = { { BOX_RAM - 1, 8, WRITE, 0 } } },
	{ "29 spans two regions", VIO_ERROR_ADDRESS, .ring = { { RAM_END - 4, 8, WRITE, 0 } } },
	{ "29 bad address in the second descriptor", VIO_ERROR_ADDRESS,
	  .ring = { { BOX_DATA, 8, NEXT, 1 }, { 0, 8, WRITE, 0 } } },
	{ "29 high half of the address counts", VIO_ERROR_ADDRESS,
	  .ring = { { BOX_DATA | UINT64_C(1) << 40, 8, WRITE, 0 } } },
	{ "29 bad address in a table", VIO_ERROR_ADDRESS,
	  .ring = { { BOX_TABLE, ENTRY, INDIRECT, 0 } }, .table = { { RAM_END - 4, 8, 0, 0 } } },
	{ "29 write to a read-only region", VIO_ERROR_ADDRESS,
	  .ring = { { BOX_ROM, 8, WRITE, 0 } } },
	{ "30 length 0 at a bad address", VIO_ERROR_ADDRESS, .ring = { { 0, 0, 0, 0 } } },
	{ "30 length 0 at the end of a region", VIO_ERROR_ADDRESS,
	  .ring = { { BOX_FAR + BOX_FAR_SIZE, 0, WRITE, 0 } } },

	/* 31: order */
	{ "31 SPL-H-26 readable after writable", VIO_ERROR_CHAIN_ORDER,
	  .ring = { { BOX_DATA, 8, NEXT | WRITE, 1 }, { BOX_DATA, 8, 0, 0 } } },
	{ "31 SPL-H-26 readable after an empty writable", VIO_ERROR_CHAIN_ORDER,
	  .ring = { { BOX_DATA, 0, NEXT | WRITE, 1 }, { BOX_DATA, 8, 0, 0 } } },
	{ "31 readable table entry after a writable descriptor", VIO_ERROR_CHAIN_ORDER,
	  .ring = { { BOX_DATA, 8, NEXT | WRITE, 1 }, { BOX_TABLE, ENTRY, INDIRECT, 0 } },
	  .table = { GOOD_READ } },

	/* 40, 41: tables */
	{ "40 SPL-H-29 PCK-H-24 INDIRECT not negotiated", VIO_ERROR_INDIRECT, .no_indirect = true,
	  .ring = { { BOX_TABLE, ENTRY, INDIRECT, 0 } }, .table = { GOOD_READ } },
	{ "40 SPL-H-30 table in a table", VIO_ERROR_INDIRECT,
	  .ring = { { BOX_TABLE, ENTRY, INDIRECT, 0 } },
	  .table = { { BOX_TABLE + 0x100, ENTRY, INDIRECT, 0 } } },
	{ "40 SPL-H-30 table that holds itself", VIO_ERROR_INDIRECT,
	  .ring = { { BOX_TABLE, ENTRY, INDIRECT, 0 } },
	  .table = { { BOX_TABLE, ENTRY, INDIRECT, 0 } } },
	{ "40 SPL-H-30 the ring itself as the table", VIO_ERROR_INDIRECT,
	  .ring = { { BOX_DESC(0), ENTRY, INDIRECT, 0 } } },
	{ "40 SPL-H-32 INDIRECT and NEXT", VIO_ERROR_INDIRECT,
	  .ring = { { BOX_TABLE, ENTRY, INDIRECT | NEXT, 1 }, GOOD_READ }, .table = { GOOD_READ } },
	{ "40 SPL-H-33 empty table", VIO_ERROR_INDIRECT, .ring = { { BOX_TABLE, 0, INDIRECT, 0 } },
	  .table = { GOOD_READ } },
	{ "40 SPL-H-33 half an entry", VIO_ERROR_INDIRECT,
	  .ring = { { BOX_TABLE, 8, INDIRECT, 0 } }, .table = { GOOD_READ } },
	{ "40 SPL-H-33 an entry and a byte", VIO_ERROR_INDIRECT,
	  .ring = { { BOX_TABLE, ENTRY + 1, INDIRECT, 0 } }, .table = { GOOD_READ } },
	{ "40 SPL-H-31 SPL-D-02 table of one more than the queue size", VIO_ERROR_INDIRECT,
	  .ring = { { BOX_TABLE, (BOX_SIZE + 1) * ENTRY, INDIRECT, 0 } }, .table = { GOOD_READ } },
	{ "40 SPL-H-33 huge table", VIO_ERROR_INDIRECT,
	  .ring = { { BOX_TABLE, UINT32_MAX - 15, INDIRECT, 0 } }, .table = { GOOD_READ } },
	{ "40 misaligned table", VIO_ERROR_INDIRECT,
	  .ring = { { BOX_TABLE + 4, ENTRY, INDIRECT, 0 } }, .table = { GOOD_READ } },
	{ "41 SPL-H-33 table half outside RAM", VIO_ERROR_ADDRESS,
	  .ring = { { BOX_FAR + BOX_FAR_SIZE - ENTRY, 2 * ENTRY, INDIRECT, 0 } } },
	{ "41 table nowhere", VIO_ERROR_ADDRESS, .ring = { { MMIO, ENTRY, INDIRECT, 0 } } },
	{ "41 table wraps", VIO_ERROR_ADDRESS,
	  .ring = { { UINT64_MAX - 15, 2 * ENTRY, INDIRECT, 0 } } },

	/* What is legal, however odd, works. */
	{ "30 length 0 inside RAM", VIO_OK,
	  .ring = { { BOX_DATA, 0, NEXT, 1 },
		    { BOX_DATA, 4, NEXT, 2 },
		    { BOX_DATA, 0, WRITE | NEXT, 3 },
		    { BOX_DATA + 64, 4, WRITE, 0 } } },
	{ "29 reads a read-only region", VIO_OK,
	  .ring = { { BOX_ROM + BOX_ROM_SIZE - 8, 8, NEXT, 1 }, { BOX_FAR, 8, WRITE, 0 } } },
	{ "29 last bytes of a region", VIO_OK,
	  .ring = { { RAM_END - 8, 8, NEXT, 1 }, { BOX_NEXT, 8, WRITE, 0 } } },
	{ "42 SPL-D-06 WRITE on the descriptor of a table", VIO_OK,
	  .ring = { { BOX_TABLE, 2 * ENTRY, INDIRECT | WRITE, 0 } },
	  .table = { { BOX_DATA, 8, NEXT, 1 }, { BOX_DATA + 64, 8, WRITE, 0 } } },
	{ "42 WRITE on the descriptor of a table in ROM's access", VIO_OK,
	  .ring = { { BOX_DATA, 8, NEXT, 1 }, { BOX_TABLE, ENTRY, INDIRECT | WRITE, 0 } },
	  .table = { { BOX_DATA + 64, 8, WRITE, 0 } } },
	{ "43 SPL-D-07 direct descriptors, then a table", VIO_OK,
	  .ring = { { BOX_DATA, 4, NEXT, 1 },
		    { BOX_DATA + 4, 4, NEXT, 2 },
		    { BOX_TABLE, 2 * ENTRY, INDIRECT, 0 } },
	  .table = { { BOX_DATA + 8, 4, NEXT, 1 }, { BOX_DATA + 64, 12, WRITE, 0 } } },
	{ "unknown descriptor flags", VIO_OK,
	  .ring = { { BOX_DATA, 8, NEXT | 0xfff8, 1 }, { BOX_DATA + 64, 8, WRITE | 0xfff8, 0 } } },
};

static void write_chain(struct box *box, const struct chain *chain)
{
	for (uint16_t i = 0; i < ENTRIES; i++) {
		const struct entry *e = &chain->ring[i];

		box_desc(box, 0, i, e->addr, e->len, e->flags, e->next);
		e = &chain->table[i];
		box_entry(box, BOX_TABLE, i, e->addr, e->len, e->flags, e->next);
	}
}

/* The bytes that an echo of `list` reads, or writes, in order. */
static uint32_t gather(struct box *box, const struct entry *list, uint16_t side, uint8_t *to)
{
	uint32_t done = 0;

	for (unsigned i = 0; i < ENTRIES; i++) {
		if (list[i].len == 0 || (list[i].flags & INDIRECT) != 0 ||
		    (list[i].flags & WRITE) != side)
			continue;
		memcpy(to + done, box_at(box, list[i].addr, list[i].len), list[i].len);
		done += list[i].len;
		if (side == WRITE)
			box_allow(box, list[i].addr, list[i].len);
	}
	return done;
}

static uint32_t gather_all(struct box *box, const struct chain *chain, uint16_t side, uint8_t *to)
{
	uint32_t done = gather(box, chain->ring, side, to);

	return done + gather(box, chain->table, side, to + done);
}

static void expect_echo(struct box *box, const struct chain *chain)
{
	uint8_t sent[64] = { 0 };
	uint8_t received[64] = { 0 };
	uint32_t len = gather_all(box, chain, 0, sent);

	assert_int_equal(box->failed, 0);
	assert_int_equal(gather_all(box, chain, WRITE, received), len);
	assert_memory_equal(sent, received, len);
	box_assert_untouched(box);
	assert_int_equal(box_used_idx(box, 0), 1);
	assert_int_equal(box_used(box, 0, 0).id, 0);
	assert_int_equal(box_used(box, 0, 0).len, len);
}

static void run_chain(void **state)
{
	struct box *box = *state;
	const struct chain *chain = box->row;

	box_start(box, (chain->no_indirect ? 0 : VIO_BIT(VIO_F_INDIRECT_DESC)) |
			       VIO_BIT(VIO_F_EVENT_IDX));
	write_chain(box, chain);
	box_avail(box, 0, chain->head);
	box_publish(box, 0);
	box_snapshot(box);
	box_kick(box, 0);
	if (chain->error == VIO_OK) {
		expect_echo(box, chain);
	} else {
		box_assert_needs_reset(box, chain->error);
		assert_int_equal(box_used_idx(box, 0), 0);
	}
	box_assert_works(box);
}

/* `count` descriptors of four bytes, every one to the next; the last is writable. */
static void write_long_chain(struct box *box, unsigned count, uint64_t table)
{
	for (unsigned i = 0; i < count; i++) {
		bool last = i + 1 == count;

		box_entry(box, table, (uint16_t)i, BOX_DATA + i * UINT64_C(8), 4,
			  last ? WRITE : NEXT, (uint16_t)(i + 1));
	}
}

static void chain_as_long_as_the_ring(void **state)
{
	struct box *box = *state;

	box_start(box, VIO_BIT(VIO_F_INDIRECT_DESC));
	write_long_chain(box, BOX_SIZE, BOX_DESC(0));
	box_snapshot(box);
	box_allow(box, BOX_DATA + (BOX_SIZE - 1) * 8, 4);
	box_offer(box, 0, 0);
	assert_int_equal(box->failed, 0);
	assert_int_equal(box_used_idx(box, 0), 1);
	assert_int_equal(box_used(box, 0, 0).len, 4);
	box_assert_untouched(box);
}

static void table_as_long_as_the_ring(void **state)
{
	struct box *box = *state;

	box_start(box, VIO_BIT(VIO_F_INDIRECT_DESC));
	write_long_chain(box, BOX_SIZE, BOX_TABLE);
	box_desc(box, 0, 3, BOX_TABLE, BOX_SIZE * ENTRY, INDIRECT, 0);
	box_offer(box, 0, 3);
	assert_int_equal(box->failed, 0);
	assert_int_equal(box_used_idx(box, 0), 1);
	assert_int_equal(box_used(box, 0, 0).id, 3);
	assert_int_equal(box_used(box, 0, 0).len, 4);
}

/* The whole ring, then a table: together more than the device has spans for. */
static void ring_and_table_together_too_long(void **state)
{
	struct box *box = *state;

	box_start(box, VIO_BIT(VIO_F_INDIRECT_DESC));
	write_long_chain(box, BOX_SIZE, BOX_DESC(0));
	write_long_chain(box, BOX_SIZE, BOX_TABLE);
	box_desc(box, 0, BOX_SIZE - 1, BOX_TABLE, BOX_SIZE * ENTRY, INDIRECT, 0);
	box_snapshot(box);
	box_offer(box, 0, 0);
	box_assert_needs_reset(box, VIO_ERROR_INDIRECT);
	box_assert_works(box);
}

/* Sixteen descriptors of a sixteenth of 2^32 bytes each; the last is `less` shorter. */
static void write_sixteenths(struct box *box, uint64_t base, uint32_t less)
{
	const uint32_t part = 0x10000000;

	for (uint16_t i = 0; i < 16; i++)
		box_desc(box, 0, i, base, part - (i == 15 ? less : 0),
			 (i < 15 ? NEXT : 0) | (i < 8 ? 0 : WRITE), i + 1);
}

/* 35: lengths that add up to 2^32 and more; the memory is never touched, so it need not exist. */
static void lengths_beyond_32_bits(void **state)
{
	struct box *box = *state;
	const uint64_t base = UINT64_C(0x200000000);
	const uint32_t part = 0x10000000;
	uint8_t *huge =
		mmap(NULL, part, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	assert_true(huge != MAP_FAILED);
	assert_true(vio_memory_add(&box->memory,
				   (struct vio_region){ .base = base,
							.size = part,
							.data = huge,
							.access = VIO_ACCESS_READ_WRITE }));
	box_start(box, 0);
	write_sixteenths(box, base, 0);
	box_avail(box, 0, 0);
	box_publish(box, 0);
	box_snapshot(box);
	box_kick(box, 0);
	box_assert_needs_reset(box, VIO_ERROR_CHAIN_BYTES);
	box_assert_works(box);

	/* One byte less is legal. */
	box->device.behaviour = BOX_HOLD;
	box_start(box, 0);
	write_sixteenths(box, base, 1);
	box_offer(box, 0, 0);
	assert_int_equal(box->device.held_count, 1);
	assert_int_equal(box->device.held[0].request.readable_len, 8 * part);
	assert_int_equal(box->device.held[0].request.writable_len, 8 * part - 1);
	munmap(huge, part);
}

/* 29: contiguous for guest and root, and so one region: a buffer may span them. */
static void merged_regions(void **state)
{
	struct box *box = *state;
	uint8_t *both = aligned_alloc(64, 0x2000);
	const uint64_t base = UINT64_C(0x300000000);

	memset(both, 0x5a, 0x1000);
	for (unsigned i = 0; i < 2; i++)
		assert_true(vio_memory_add(&box->memory,
					   (struct vio_region){ .base = base + i * UINT64_C(0x1000),
								.size = 0x1000,
								.data = both + i * 0x1000,
								.access = VIO_ACCESS_READ_WRITE }));
	box->device.behaviour = BOX_FILL;
	box_start(box, 0);
	box_desc(box, 0, 0, base + 0xff0, 0x20, WRITE, 0);
	box_offer(box, 0, 0);
	assert_int_equal(box->failed, 0);
	assert_int_equal(box_used(box, 0, 0).len, 0x20);
	assert_int_equal(both[0xfef], 0x5a);
	assert_int_equal(both[0xff0], 0xda);
	assert_int_equal(both[0x100f], 0xda);
	free(both);
}

/* 31: a buffer the device can do nothing with. */
static void device_refuses(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_REFUSE;
	box_start(box, 0);
	box_desc(box, 0, 0, BOX_DATA, 8, 0, 0);
	box_avail(box, 0, 0);
	box_avail(box, 0, 0);
	box_publish(box, 0);
	box_snapshot(box);
	box_kick(box, 0);
	assert_int_equal(box->device.device.queues[0].counters.requests, 1);
	box_assert_needs_reset(box, VIO_ERROR_REFUSED);
	assert_int_equal(box_used_idx(box, 0), 0);
	box_assert_works(box);
}

/* What came before the bad buffer in the same batch is still given back. */
static void good_buffers_before_a_bad_one(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	box_start(box, 0);
	box_desc(box, 0, 0, BOX_DATA, 8, WRITE, 0);
	box_desc(box, 0, 1, 0, 8, WRITE, 0);
	box_avail(box, 0, 0);
	box_avail(box, 0, 1);
	box_publish(box, 0);
	box_snapshot(box);
	box_allow(box, BOX_DATA, 8);
	box_kick(box, 0);
	box_assert_needs_reset(box, VIO_ERROR_ADDRESS);
	assert_int_equal(box_used_idx(box, 0), 1);
	assert_int_equal(box_used(box, 0, 0).len, 8);
	box_assert_works(box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST("24", chain_as_long_as_the_ring),
		BOX_TEST("24 40 SPL-H-31", table_as_long_as_the_ring),
		BOX_TEST("40 43 SPL-H-31", ring_and_table_together_too_long),
		BOX_TEST("35 SPL-H-27", lengths_beyond_32_bits),
		BOX_TEST("29", merged_regions),
		BOX_TEST("31", device_refuses),
		BOX_TEST("20-41", good_buffers_before_a_bad_one),
	};

	struct CMUnitTest rows[VIO_ARRAY_SIZE(chains)];

	for (unsigned i = 0; i < VIO_ARRAY_SIZE(rows); i++)
		rows[i] = (struct CMUnitTest)BOX_ROW(chains[i].name, run_chain, &chains[i]);
	return cmocka_run_group_tests(rows, NULL, NULL) + cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptor chains that no honest driver builds: hostile-cases.md 14, 20 to 24, 29 to 31, 35 and
 * 40 to 43, in both ring formats where these know them. Each row writes descriptors, offers a head
 * and names the outcome. Whatever that is, nothing but the writable buffers changes, the walk is
 * short, and the device works after a reset.
 */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <sys/mman.h>

#include "packed.h"

#define NEXT     VIO_DESC_F_NEXT
#define WRITE    VIO_DESC_F_WRITE
#define INDIRECT VIO_DESC_F_INDIRECT

#define RAM_END  (BOX_RAM + BOX_RAM_SIZE)
#define MMIO     UINT64_C(0x0a000000)
#define ENTRY    ((uint32_t)sizeof(struct vio_desc))

#define ENTRIES  5

_Static_assert(sizeof(struct vio_desc) == sizeof(struct vio_packed_desc), "ENTRY is for both");

struct entry {
	uint64_t addr;
	uint32_t len;
	uint16_t flags;
	uint16_t next; /* split: the next descriptor; packed: the id */
};

enum formats {
	BOTH,
	SPLIT,
	PACKED,
};

struct chain {
	const char *name; /* starts with the case's number and the clause */
	enum vio_error error;
	enum formats formats;
	bool no_indirect; /* not negotiated */
	bool endless;     /* the whole ring is NEXT, with the first entry's other flags */
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
	{ "20 SPL-H-35 head is the queue size", VIO_ERROR_HEAD_RANGE, SPLIT, .head = BOX_SIZE,
	  .ring = { GOOD_READ } },
	{ "20 SPL-H-35 head 0x7fff", VIO_ERROR_HEAD_RANGE, SPLIT, .head = 0x7fff,
	  .ring = { GOOD_READ } },
	{ "20 SPL-H-35 head 0xffff", VIO_ERROR_HEAD_RANGE, SPLIT, .head = 0xffff,
	  .ring = { GOOD_READ } },
	{ "21 SPL-H-35 next is the queue size", VIO_ERROR_NEXT_RANGE, SPLIT,
	  .ring = { { BOX_DATA, 8, NEXT, BOX_SIZE } } },
	{ "21 SPL-H-35 next 0xffff", VIO_ERROR_NEXT_RANGE, SPLIT,
	  .ring = { { BOX_DATA, 8, NEXT, 0xffff } } },
	{ "21 next beyond an indirect table", VIO_ERROR_NEXT_RANGE, SPLIT,
	  .ring = { { BOX_TABLE, 2 * ENTRY, INDIRECT, 0 } },
	  .table = { { BOX_DATA, 8, NEXT, 2 }, GOOD_READ, GOOD_READ } },

	/* 22, 23: loops */
	{ "22 SPL-H-27 loop of one", VIO_ERROR_CHAIN_LENGTH, SPLIT,
	  .ring = { { BOX_DATA, 8, NEXT, 0 } } },
	{ "22 SPL-H-27 loop of two", VIO_ERROR_CHAIN_LENGTH, SPLIT,
	  .ring = { { BOX_DATA, 8, NEXT, 1 }, { BOX_DATA, 8, NEXT, 0 } } },
	{ "22 SPL-H-27 loop of five, writable", VIO_ERROR_CHAIN_LENGTH, SPLIT,
	  .ring = { { BOX_DATA, 8, NEXT | WRITE, 1 },
		    { BOX_DATA, 8, NEXT | WRITE, 2 },
		    { BOX_DATA, 8, NEXT | WRITE, 3 },
		    { BOX_DATA, 8, NEXT | WRITE, 4 },
		    { BOX_DATA, 8, NEXT | WRITE, 1 } } },
	{ "23 SPL-H-38 loop of zero-length descriptors", VIO_ERROR_CHAIN_LENGTH, SPLIT,
	  .ring = { { BOX_DATA, 0, NEXT, 1 }, { BOX_DATA, 0, NEXT, 0 } } },
	{ "23 loop of zero-length entries of a table", VIO_ERROR_CHAIN_LENGTH, SPLIT,
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
	{ "31 SPL-H-26 PCK-H-22 readable after writable", VIO_ERROR_CHAIN_ORDER,
	  .ring = { { BOX_DATA, 8, NEXT | WRITE, 1 }, { BOX_DATA, 8, 0, 0 } } },
	{ "31 SPL-H-26 PCK-H-22 readable after an empty writable", VIO_ERROR_CHAIN_ORDER,
	  .ring = { { BOX_DATA, 0, NEXT | WRITE, 1 }, { BOX_DATA, 8, 0, 0 } } },
	{ "31 readable table entry after a writable descriptor", VIO_ERROR_CHAIN_ORDER, SPLIT,
	  .ring = { { BOX_DATA, 8, NEXT | WRITE, 1 }, { BOX_TABLE, ENTRY, INDIRECT, 0 } },
	  .table = { GOOD_READ } },

	/* 40, 41: tables */
	{ "40 SPL-H-29 PCK-H-24 INDIRECT not negotiated", VIO_ERROR_INDIRECT, .no_indirect = true,
	  .ring = { { BOX_TABLE, ENTRY, INDIRECT, 0 } }, .table = { GOOD_READ } },
	{ "40 SPL-H-30 table in a table", VIO_ERROR_INDIRECT, SPLIT,
	  .ring = { { BOX_TABLE, ENTRY, INDIRECT, 0 } },
	  .table = { { BOX_TABLE + 0x100, ENTRY, INDIRECT, 0 } } },
	{ "40 SPL-H-30 table in a table, behind a buffer", VIO_ERROR_INDIRECT, SPLIT,
	  .ring = { { BOX_TABLE, 2 * ENTRY, INDIRECT, 0 } },
	  .table = { { BOX_DATA, 8, NEXT, 1 },
		     { BOX_TABLE + 2 * ENTRY, ENTRY, INDIRECT, 0 },
		     GOOD_READ } },
	{ "40 SPL-H-30 table that holds itself", VIO_ERROR_INDIRECT, SPLIT,
	  .ring = { { BOX_TABLE, ENTRY, INDIRECT, 0 } },
	  .table = { { BOX_TABLE, ENTRY, INDIRECT, 0 } } },
	{ "40 SPL-H-30 the ring itself as the table", VIO_ERROR_INDIRECT, SPLIT,
	  .ring = { { BOX_DESC(0), ENTRY, INDIRECT, 0 } } },
	{ "40 SPL-H-32 PCK-H-24 INDIRECT and NEXT", VIO_ERROR_INDIRECT,
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
	{ "42 SPL-D-06 PCK-P-13 WRITE on the descriptor of a table", VIO_OK,
	  .ring = { { BOX_TABLE, 2 * ENTRY, INDIRECT | WRITE, 0 } },
	  .table = { { BOX_DATA, 8, NEXT, 1 }, { BOX_DATA + 64, 8, WRITE, 0 } } },
	{ "42 WRITE on the descriptor of a table in ROM's access", VIO_OK, SPLIT,
	  .ring = { { BOX_DATA, 8, NEXT, 1 }, { BOX_TABLE, ENTRY, INDIRECT | WRITE, 0 } },
	  .table = { { BOX_DATA + 64, 8, WRITE, 0 } } },
	{ "43 SPL-D-07 direct descriptors, then a table", VIO_OK, SPLIT,
	  .ring = { { BOX_DATA, 4, NEXT, 1 },
		    { BOX_DATA + 4, 4, NEXT, 2 },
		    { BOX_TABLE, 2 * ENTRY, INDIRECT, 0 } },
	  .table = { { BOX_DATA + 8, 4, NEXT, 1 }, { BOX_DATA + 64, 12, WRITE, 0 } } },
	{ "unknown descriptor flags", VIO_OK, SPLIT,
	  .ring = { { BOX_DATA, 8, NEXT | 0xfff8, 1 }, { BOX_DATA + 64, 8, WRITE | 0xfff8, 0 } } },

	/* What the packed format forbids, or reads otherwise. */
	{ "43 PCK-H-24 PCK-P-13 direct descriptors, then a table", VIO_ERROR_INDIRECT, PACKED,
	  .ring = { { BOX_DATA, 8, NEXT, 0 }, { BOX_TABLE, ENTRY, INDIRECT, 0 } },
	  .table = { GOOD_READ } },
	{ "43 PCK-H-24 writable descriptors, then a table", VIO_ERROR_INDIRECT, PACKED,
	  .ring = { { BOX_DATA, 8, NEXT | WRITE, 0 }, { BOX_TABLE, ENTRY, INDIRECT, 0 } },
	  .table = { { BOX_DATA + 64, 8, WRITE, 0 } } },
	{ "44 PCK-H-21 a chain longer than the ring", VIO_ERROR_CHAIN_LENGTH, PACKED,
	  .endless = true },
	{ "44 PCK-H-21 writable, longer than the ring", VIO_ERROR_CHAIN_LENGTH, PACKED,
	  .endless = true, .ring = { { 0, 0, WRITE, 0 } } },
	{ "44 every bit but those that mean something", VIO_OK, PACKED,
	  .ring = { { BOX_DATA, 8, NEXT | 0x7f78, 1 }, { BOX_DATA + 64, 8, WRITE | 0x7f78, 9 } } },
	{ "40 PCK-P-13 INDIRECT means nothing in a table", VIO_OK, PACKED,
	  .ring = { { BOX_TABLE, 2 * ENTRY, INDIRECT, 0xffff } },
	  .table = { { BOX_DATA, 8, INDIRECT | NEXT, 0 }, { BOX_DATA + 64, 8, WRITE | NEXT, 0 } } },
	{ "40 PCK-P-13 the ring itself as the table", VIO_OK, PACKED,
	  .ring = { { BOX_DESC(0), ENTRY, INDIRECT, 3 } } },
	{ "31 PCK-H-22 readable after writable in a table", VIO_ERROR_CHAIN_ORDER, PACKED,
	  .ring = { { BOX_TABLE, 2 * ENTRY, INDIRECT, 0 } },
	  .table = { { BOX_DATA, 8, WRITE, 0 }, GOOD_READ } },
};

/* ---- One driver for either format ---- */

struct run {
	const struct chain *chain;
	bool packed;
};

static const struct run split_run = { NULL, false };
static const struct run packed_run = { NULL, true };

static struct packed ring;
static bool is_packed;
static uint16_t next_desc; /* split: the first descriptor not used yet */
static uint16_t used_count;

static void start(struct box *box, uint64_t features)
{
	is_packed = ((const struct run *)box->row)->packed;
	next_desc = used_count = 0;
	if (is_packed)
		packed_start(&ring, box, features, 0, BOX_SIZE);
	else
		box_start(box, features);
}

/* Makes `count` descriptors available as one chain, NEXT and id or next being the test's. */
static void add(struct box *box, const struct entry *list, uint16_t count)
{
	uint16_t head = next_desc;

	for (; count != 0; count--, list++) {
		if (is_packed)
			packed_add(&ring, list->addr, list->len, list->flags, list->next);
		else
			box_desc(box, 0, next_desc++, list->addr, list->len, list->flags,
				 list->next);
	}
	if (!is_packed)
		box_avail(box, 0, head);
}

static void put_table(struct box *box, uint64_t table, uint16_t index, const struct entry *e)
{
	if (is_packed)
		packed_entry(box, table, index, e->addr, e->len, e->next, e->flags);
	else
		box_entry(box, table, index, e->addr, e->len, e->flags, e->next);
}

static void snapshot(struct box *box)
{
	if (is_packed) {
		packed_snapshot(&ring);
		return;
	}
	box_publish(box, 0);
	box_snapshot(box);
}

static void kick(struct box *box)
{
	if (!is_packed)
		box_publish(box, 0);
	box_kick(box, 0);
}

/* The next used entry is of a buffer that `id` names: its head, or its last descriptor. */
static void expect_used(struct box *box, uint16_t id, uint32_t len, uint16_t entries)
{
	if (is_packed) {
		packed_expect(&ring, id, len, entries);
		return;
	}
	assert_true(box_used_idx(box, 0) > used_count);
	assert_int_equal(box_used(box, 0, used_count).id, id);
	assert_int_equal(box_used(box, 0, used_count).len, len);
	used_count++;
}

static void expect_no_more_used(struct box *box)
{
	if (is_packed)
		assert_false(packed_is_used(&ring));
	else
		assert_int_equal(box_used_idx(box, 0), used_count);
}

static void assert_works(struct box *box)
{
	if (!box_version)
		packed_assert_works(box);
	box_assert_works(box);
}

/* ---- The rows ---- */

static uint16_t entries_of(const struct entry *list)
{
	uint16_t count = ENTRIES;

	while (count > 1 && list[count - 1].len == 0 && list[count - 1].flags == 0)
		count--;
	return count;
}

static void write_chain(struct box *box, const struct chain *chain)
{
	uint16_t count = entries_of(chain->ring);

	for (uint16_t i = 0; i < ENTRIES; i++)
		put_table(box, BOX_TABLE, i, &chain->table[i]);
	if (chain->endless) {
		for (uint16_t i = 0; i < BOX_SIZE; i++)
			add(box, &(struct entry){ BOX_DATA, 8, NEXT | chain->ring[0].flags, i }, 1);
		return;
	}
	next_desc = 0;
	add(box, chain->ring, count);
	if (!is_packed && chain->head != 0) {
		box->avail_idx[0] = 0;
		box_avail(box, 0, chain->head);
	}
}

/* The bytes that an echo of `list` reads, or writes, in order. */
static uint32_t gather(struct box *box, const struct entry *list, uint16_t side, uint8_t *to)
{
	uint32_t done = 0;

	for (unsigned i = 0; i < ENTRIES; i++) {
		if (list[i].len == 0 || (list[i].flags & WRITE) != side)
			continue;
		memcpy(to + done, box_at(box, list[i].addr, list[i].len), list[i].len);
		done += list[i].len;
		if (side == WRITE)
			box_allow(box, list[i].addr, list[i].len);
	}
	return done;
}

/* Where the chain ends in a table, that descriptor is no buffer. */
static uint32_t gather_all(struct box *box, const struct chain *chain, uint16_t side, uint8_t *to)
{
	struct entry direct[ENTRIES];
	uint32_t done = 0;

	memcpy(direct, chain->ring, sizeof(direct));
	for (unsigned i = 0; i < ENTRIES; i++) {
		if ((direct[i].flags & INDIRECT) != 0)
			direct[i].len = 0;
	}
	done = gather(box, direct, side, to);
	return done + gather(box, chain->table, side, to + done);
}

static void expect_echo(struct box *box, const struct chain *chain)
{
	uint8_t sent[64] = { 0 };
	uint8_t received[64] = { 0 };
	uint32_t len = gather_all(box, chain, 0, sent);
	uint16_t count = entries_of(chain->ring);

	/* An echo is as long as what is there to write it to. */
	assert_int_equal(box->failed, 0);
	assert_int_equal(gather_all(box, chain, WRITE, received), len);
	assert_memory_equal(sent, received, len);
	box_assert_untouched(box);
	expect_used(box, is_packed ? chain->ring[count - 1].next : 0, len, count);
	expect_no_more_used(box);
}

static void run_chain(void **state)
{
	struct box *box = *state;
	const struct chain *chain = ((const struct run *)box->row)->chain;

	start(box,
	      (chain->no_indirect ? 0 : VIO_BIT(VIO_F_INDIRECT_DESC)) | VIO_BIT(VIO_F_EVENT_IDX));
	write_chain(box, chain);
	snapshot(box);
	kick(box);
	if (chain->error == VIO_OK) {
		expect_echo(box, chain);
	} else {
		box_assert_needs_reset(box, chain->error);
		expect_no_more_used(box);
	}
	assert_works(box);
}

/* ---- Long chains ---- */

/* Entry `i` of `count`: of four bytes, every one to the next; the last is writable. */
static struct entry long_entry(unsigned i, unsigned count)
{
	return (struct entry){ BOX_DATA + i * UINT64_C(8), 4, i + 1 == count ? WRITE : NEXT,
			       (uint16_t)(i + 1) };
}

static void chain_as_long_as_the_ring(void **state)
{
	struct box *box = *state;
	struct entry list[BOX_SIZE];

	start(box, VIO_BIT(VIO_F_INDIRECT_DESC));
	for (unsigned i = 0; i < BOX_SIZE; i++)
		list[i] = long_entry(i, BOX_SIZE);
	add(box, list, BOX_SIZE);
	snapshot(box);
	box_allow(box, BOX_DATA + (BOX_SIZE - 1) * 8, 4);
	kick(box);
	assert_int_equal(box->failed, 0);
	expect_used(box, is_packed ? BOX_SIZE : 0, 4, BOX_SIZE);
	box_assert_untouched(box);
}

static void put_long_table(struct box *box)
{
	for (uint16_t i = 0; i < BOX_SIZE; i++) {
		struct entry e = long_entry(i, BOX_SIZE);

		put_table(box, BOX_TABLE, i, &e);
	}
}

static void table_as_long_as_the_ring(void **state)
{
	struct box *box = *state;

	start(box, VIO_BIT(VIO_F_INDIRECT_DESC));
	put_long_table(box);
	next_desc = 3;
	add(box, &(struct entry){ BOX_TABLE, BOX_SIZE * ENTRY, INDIRECT, 3 }, 1);
	kick(box);
	assert_int_equal(box->failed, 0);
	expect_used(box, 3, 4, 1);
}

/* The whole ring, then a table: together more than the device has spans for. */
static void ring_and_table_together_too_long(void **state)
{
	struct box *box = *state;
	struct entry list[BOX_SIZE];

	start(box, VIO_BIT(VIO_F_INDIRECT_DESC));
	put_long_table(box);
	for (unsigned i = 0; i < BOX_SIZE - 1; i++)
		list[i] = long_entry(i, BOX_SIZE);
	list[BOX_SIZE - 1] = (struct entry){ BOX_TABLE, BOX_SIZE * ENTRY, INDIRECT, 0 };
	add(box, list, BOX_SIZE);
	snapshot(box);
	kick(box);
	box_assert_needs_reset(box, VIO_ERROR_INDIRECT);
	assert_works(box);
}

/* Sixteen descriptors of a sixteenth of 2^32 bytes each; the last is `less` shorter. */
static void add_sixteenths(struct box *box, uint64_t base, uint32_t less, bool in_table)
{
	const uint32_t part = 0x10000000;
	struct entry list[16];

	for (uint16_t i = 0; i < 16; i++) {
		list[i] = (struct entry){ base, part - (i == 15 ? less : 0),
					  (i < 15 ? NEXT : 0) | (i < 8 ? 0 : WRITE), i + 1 };
		if (in_table)
			put_table(box, BOX_TABLE, i, &list[i]);
	}
	if (in_table)
		add(box, &(struct entry){ BOX_TABLE, 16 * ENTRY, INDIRECT, 0 }, 1);
	else
		add(box, list, 16);
}

/* The memory of the guest: what it has, and one more region, which may be the one added first. */
static void add_region(struct box *box, struct vio_region *regions, unsigned count,
		       const struct vio_region *region, bool first)
{
	vio_memory_init(&box->memory, regions, count);
	if (first)
		assert_true(vio_memory_add(&box->memory, *region));
	for (unsigned i = 0; i < BOX_REGIONS; i++)
		assert_true(vio_memory_add(&box->memory, box->regions[i]));
	if (!first)
		assert_true(vio_memory_add(&box->memory, *region));
}

/* 35: lengths that add up to 2^32 and more; the memory is never touched, so it need not exist. */
static void lengths_beyond_32_bits(void **state)
{
	const uint64_t base = UINT64_C(0x200000000);
	const uint32_t part = 0x10000000;
	struct vio_region regions[BOX_REGIONS + 1];
	struct box *box = *state;
	const struct vio_region huge = {
		.base = base,
		.size = part,
		.data = mmap(NULL, part, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
			     0),
		.access = VIO_ACCESS_READ_WRITE,
	};

	assert_true(huge.data != MAP_FAILED);
	for (unsigned i = 0; i < 4; i++) {
		const bool in_table = i % 2 != 0;

		add_region(box, regions, VIO_ARRAY_SIZE(regions), &huge, i / 2 != 0);
		start(box, VIO_BIT(VIO_F_INDIRECT_DESC));
		box->failed = 0;
		add_sixteenths(box, base, 0, in_table);
		snapshot(box);
		kick(box);
		box_assert_needs_reset(box, VIO_ERROR_CHAIN_BYTES);
		assert_works(box);

		/* One byte less is legal. */
		start(box, VIO_BIT(VIO_F_INDIRECT_DESC));
		box->device.behaviour = BOX_HOLD;
		box->device.held_count = 0;
		add_sixteenths(box, base, 1, in_table);
		kick(box);
		assert_int_equal(box->device.held_count, 1);
		assert_int_equal(box->device.held[0].request.readable_len, 8 * part);
		assert_int_equal(box->device.held[0].request.writable_len, 8 * part - 1);
		vio_queue_complete(&box->device.device.queues[0], &box->device.held[0].request);
	}
	munmap(huge.data, part);
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
	start(box, 0);
	add(box, &(struct entry){ base + 0xff0, 0x20, WRITE, 0 }, 1);
	kick(box);
	assert_int_equal(box->failed, 0);
	expect_used(box, 0, 0x20, 1);
	assert_int_equal(both[0xfef], 0x5a);
	assert_int_equal(both[0xff0], 0xda);
	assert_int_equal(both[0x100f], 0xda);
	free(both);
}

/* 31: a buffer the device can do nothing with. */
static void device_refuses(void **state)
{
	struct box *box = *state;
	const struct entry good = GOOD_READ;

	box->device.behaviour = BOX_REFUSE;
	start(box, 0);
	add(box, &good, 1);
	add(box, &good, 1);
	snapshot(box);
	kick(box);
	assert_int_equal(box->device.device.queues[0].counters.requests, 1);
	box_assert_needs_reset(box, VIO_ERROR_REFUSED);
	expect_no_more_used(box);
	assert_works(box);
}

/* What came before the bad buffer in the same batch is still given back. */
static void good_buffers_before_a_bad_one(void **state)
{
	struct box *box = *state;

	box->device.behaviour = BOX_FILL;
	start(box, 0);
	add(box, &(struct entry){ BOX_DATA, 8, WRITE, 0 }, 1);
	add(box, &(struct entry){ 0, 8, WRITE, 0 }, 1);
	snapshot(box);
	box_allow(box, BOX_DATA, 8);
	kick(box);
	box_assert_needs_reset(box, VIO_ERROR_ADDRESS);
	expect_used(box, 0, 8, 1);
	expect_no_more_used(box);
	assert_works(box);
}

#define EITHER(ids, test)                                                                          \
	BOX_ROW(ids " " #test ", split", test, &split_run),                                        \
		BOX_ROW(ids " " #test ", packed", test, &packed_run)

/* A test for each row and format, under a name of its own; what is left of `tests` is no test. */
static void make_rows(struct CMUnitTest *tests)
{
	static struct run runs[2 * VIO_ARRAY_SIZE(chains)];
	static char names[VIO_ARRAY_SIZE(runs)][96];
	unsigned count = 0;

	for (unsigned i = 0; i < VIO_ARRAY_SIZE(runs); i++) {
		const struct chain *chain = &chains[i / 2];
		bool packed = i % 2 != 0;

		if (chain->formats == (packed ? SPLIT : PACKED))
			continue;
		runs[i] = (struct run){ chain, packed };
		snprintf(names[i], sizeof(names[i]), "%s, %s", chain->name,
			 packed ? "packed" : "split");
		tests[count++] = (struct CMUnitTest)BOX_ROW(names[i], run_chain, &runs[i]);
	}
}

/* A legacy slot has no packed rings. */
static void drop_packed(struct CMUnitTest *tests, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const struct run *run = tests[i].initial_state;

		if (run && run->packed)
			tests[i] = (struct CMUnitTest){ 0 };
	}
}

int main(void)
{
	struct CMUnitTest tests[] = {
		EITHER("24 PCK-D-09", chain_as_long_as_the_ring),
		EITHER("24 40 SPL-H-31", table_as_long_as_the_ring),
		EITHER("40 43 SPL-H-31", ring_and_table_together_too_long),
		EITHER("35 SPL-H-27", lengths_beyond_32_bits),
		EITHER("29", merged_regions),
		EITHER("31", device_refuses),
		EITHER("20-41", good_buffers_before_a_bad_one),
	};
	struct CMUnitTest rows[2 * VIO_ARRAY_SIZE(chains)] = { { 0 } };

	int failures = 0;

	make_rows(rows);
	failures = cmocka_run_group_tests(rows, NULL, NULL) +
		   cmocka_run_group_tests(tests, NULL, NULL);
	drop_packed(rows, VIO_ARRAY_SIZE(rows));
	drop_packed(tests, VIO_ARRAY_SIZE(tests));
	box_version = &vio_mmio_legacy_little;
	failures += cmocka_run_group_tests_name("legacy, little", rows, NULL, NULL) +
		    cmocka_run_group_tests_name("legacy, little", tests, NULL, NULL);
	box_version = &vio_mmio_legacy_big;
	return failures + cmocka_run_group_tests_name("legacy, big", rows, NULL, NULL) +
	       cmocka_run_group_tests_name("legacy, big", tests, NULL, NULL);
}

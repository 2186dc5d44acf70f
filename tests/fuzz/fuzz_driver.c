/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A driver that knows how it should be done, for both ring formats: it brings devices to where they
 * can be broken, and asks afterwards whether they still work.
 */
#include "fuzz.h"

struct ring {
	bool packed;
	bool wrap; /* packed: the driver's counters, of buffers to add and to get back */
	bool used_wrap;
	uint16_t size;
	uint16_t next;      /* split: of the available ring; packed: the entry */
	uint16_t next_desc; /* split: the next to write, whether free or not */
	uint16_t used;
	uint16_t added; /* entries of the buffer added last */
};

static struct ring rings[FUZZ_QUEUES_MAX + 1]; /* the last: of a queue that is not there */

void fuzz_driver_reset(void)
{
	memset(rings, 0, sizeof(rings));
}

uint32_t fuzz_read(uint32_t offset)
{
	return (uint32_t)vio_mmio_read(&fuzz_slot, offset, 4);
}

enum vio_mmio_outcome fuzz_write(uint32_t offset, uint32_t value)
{
	return vio_mmio_write(&fuzz_slot, offset, 4, value);
}

static bool is_swapped(void)
{
	return (fuzz_slot.version == &vio_mmio_legacy_big) != VIO_BIG_ENDIAN;
}

uint16_t fuzz_wire16(uint16_t value)
{
	return is_swapped() ? __builtin_bswap16(value) : value;
}

uint32_t fuzz_wire32(uint32_t value)
{
	return is_swapped() ? __builtin_bswap32(value) : value;
}

uint64_t fuzz_wire64(uint64_t value)
{
	return is_swapped() ? __builtin_bswap64(value) : value;
}

/* ---- Life ---- */

#define LEGACY_ALIGN    64
#define LEGACY_SIZE_MAX 32 /* entries, which with all else are less than FUZZ_RING_SIZE */

/* A legacy ring in one piece. */
static uint64_t legacy_part(unsigned queue, unsigned part)
{
	uint64_t avail = FUZZ_RING(queue) + vio_split_desc_bytes(rings[queue].size);
	uint64_t used = avail + vio_split_avail_bytes(rings[queue].size) + LEGACY_ALIGN - 1;
	uint64_t parts[] = { FUZZ_RING(queue), avail, used / LEGACY_ALIGN * LEGACY_ALIGN };

	return parts[part];
}

uint64_t fuzz_ring_part(unsigned queue, unsigned part)
{
	static const uint64_t ends[] = { FUZZ_NEXT + FUZZ_SMALL, FUZZ_FAR + FUZZ_SMALL,
					 FUZZ_RAM + FUZZ_RAM_SIZE };

	if (fuzz_slot.version)
		return legacy_part(queue, part);
	if (part == 0)
		return ends[queue % FUZZ_QUEUES] - queue / FUZZ_QUEUES * UINT64_C(0x400) -
		       rings[queue].size * sizeof(struct vio_desc);
	return FUZZ_RING(queue) + (part == 1 ? 0 : 0x400);
}

static void write_address(uint32_t offset, uint64_t address)
{
	fuzz_write(offset, (uint32_t)address);
	fuzz_write(offset + 4, (uint32_t)(address >> 32));
}

static void set_up_ring(unsigned queue, unsigned size, bool packed)
{
	static const uint8_t zeroes[0x1000];
	uint32_t size_max = 0;

	fuzz_write(VIO_MMIO_QUEUE_SEL, queue);
	size_max = fuzz_read(VIO_MMIO_QUEUE_SIZE_MAX);
	if (size == 0 || size > size_max)
		size = size_max;
	if (fuzz_slot.version && size > LEGACY_SIZE_MAX)
		size = LEGACY_SIZE_MAX;
	rings[queue] = (struct ring){
		.packed = packed, .wrap = true, .used_wrap = true, .size = (uint16_t)size
	};
	fuzz_put(FUZZ_RING(queue), zeroes, FUZZ_RING_SIZE);
	fuzz_put(fuzz_ring_part(queue, 0), zeroes, size * (uint32_t)sizeof(struct vio_desc));
	fuzz_write(VIO_MMIO_QUEUE_SIZE, size);
	if (fuzz_slot.version) {
		fuzz_write(VIO_MMIO_QUEUE_ALIGN, LEGACY_ALIGN);
		fuzz_write(VIO_MMIO_QUEUE_PFN, (uint32_t)(FUZZ_RING(queue) / FUZZ_PAGE));
		return;
	}
	write_address(VIO_MMIO_QUEUE_DESC_LOW, fuzz_ring_part(queue, 0));
	write_address(VIO_MMIO_QUEUE_DRIVER_LOW, fuzz_ring_part(queue, 1));
	write_address(VIO_MMIO_QUEUE_DEVICE_LOW, fuzz_ring_part(queue, 2));
	fuzz_write(VIO_MMIO_QUEUE_READY, 1);
}

static uint32_t add_status(uint32_t bit)
{
	fuzz_write(VIO_MMIO_STATUS, fuzz_read(VIO_MMIO_STATUS) | bit);
	return fuzz_read(VIO_MMIO_STATUS);
}

static uint64_t negotiate(uint64_t features)
{
	uint32_t window = 0;
	uint64_t accepted = 0;

	for (window = 0; window < 2; window++) {
		uint32_t bits = 0;

		fuzz_write(VIO_MMIO_DEVICE_FEATURES_SEL, window);
		bits = fuzz_read(VIO_MMIO_DEVICE_FEATURES) & (uint32_t)(features >> 32 * window);
		fuzz_write(VIO_MMIO_DRIVER_FEATURES_SEL, window);
		fuzz_write(VIO_MMIO_DRIVER_FEATURES, bits);
		accepted |= (uint64_t)bits << 32 * window;
	}
	return accepted;
}

bool fuzz_bring_up(uint64_t features, unsigned size, bool run)
{
	bool packed = false;
	unsigned i = 0;

	if (!fuzz_slot.device || fuzz_write(VIO_MMIO_STATUS, 0) == VIO_MMIO_PARK)
		return false;
	fuzz_write(VIO_MMIO_GUEST_PAGE_SIZE, FUZZ_PAGE);
	add_status(VIO_STATUS_ACKNOWLEDGE);
	add_status(VIO_STATUS_DRIVER);
	packed = (negotiate(features) & VIO_BIT(VIO_F_RING_PACKED)) != 0;
	if (!fuzz_slot.version &&
	    (add_status(VIO_STATUS_FEATURES_OK) & VIO_STATUS_FEATURES_OK) == 0)
		return false;
	for (i = 0; i < fuzz_dut->type->queue_count; i++)
		set_up_ring(i, size, packed);
	return !run || (add_status(VIO_STATUS_DRIVER_OK) & VIO_STATUS_DRIVER_OK) != 0;
}

/* ---- Buffers ---- */

static void put_split(uint64_t table, unsigned index, const struct fuzz_piece *piece,
		      uint16_t flags, unsigned next)
{
	struct vio_desc desc = { .addr = fuzz_wire64(piece->addr),
				 .len = fuzz_wire32(piece->len),
				 .flags = fuzz_wire16(flags),
				 .next = fuzz_wire16((uint16_t)next) };

	fuzz_put(table + index * sizeof(desc), &desc, sizeof(desc));
}

static void put16(uint64_t addr, unsigned index, uint16_t value)
{
	value = fuzz_wire16(value);
	fuzz_put(addr + 2 * index, &value, sizeof(value));
}

static uint16_t flags_of(const struct fuzz_piece *piece, bool last)
{
	return (piece->writable ? VIO_DESC_F_WRITE : 0) | (last ? 0 : VIO_DESC_F_NEXT);
}

static void offer_split(unsigned queue, uint16_t head)
{
	struct ring *ring = &rings[queue];
	uint64_t avail = fuzz_ring_part(queue, 1);

	put16(avail, 2U + ring->next % ring->size, head);
	ring->next++;
	put16(avail, 1, ring->next);
}

void fuzz_offer(unsigned queue, uint16_t head)
{
	if (rings[queue].size != 0 && !rings[queue].packed)
		offer_split(queue, head);
}

static void add_split(unsigned queue, const struct fuzz_piece *pieces, unsigned count,
		      bool indirect)
{
	struct ring *ring = &rings[queue];
	uint16_t head = ring->next_desc;
	unsigned i = 0;

	for (i = 0; i < count; i++) {
		uint16_t flags =
			flags_of(&pieces[i], i + 1 == count) | (indirect ? VIO_DESC_F_INDIRECT : 0);
		uint16_t next = (ring->next_desc + 1) % ring->size;

		put_split(fuzz_ring_part(queue, 0), ring->next_desc, &pieces[i], flags, next);
		ring->next_desc = next;
	}
	offer_split(queue, head);
}

/* An available entry's two flags differ, and AVAIL is the driver's counter. */
static void add_packed(unsigned queue, const struct fuzz_piece *pieces, unsigned count,
		       bool indirect)
{
	struct ring *ring = &rings[queue];
	uint16_t id = ring->next;
	unsigned i = 0;

	for (i = 0; i < count; i++) {
		uint16_t flags = flags_of(&pieces[i], i + 1 == count) |
				 (indirect ? VIO_DESC_F_INDIRECT : 0) |
				 (ring->wrap ? VIO_PACKED_F_AVAIL : VIO_PACKED_F_USED);
		struct vio_packed_desc desc = { .addr = vio_le64(pieces[i].addr),
						.len = vio_le32(pieces[i].len),
						.id = vio_le16(id),
						.flags = vio_le16(flags) };

		fuzz_put(fuzz_ring_part(queue, 0) + ring->next * sizeof(desc), &desc, sizeof(desc));
		if (++ring->next == ring->size) {
			ring->next = 0;
			ring->wrap = !ring->wrap;
		}
	}
	ring->added = (uint16_t)count;
}

void fuzz_add(unsigned queue, const struct fuzz_piece *pieces, unsigned count, bool indirect)
{
	uint64_t place =
		queue < FUZZ_QUEUES ? queue * 0x400 : 0xc00 + (queue - FUZZ_QUEUES) * 0x100;
	struct fuzz_piece table = { .addr = FUZZ_TABLE + place,
				    .len = count * (uint32_t)sizeof(struct vio_desc) };
	unsigned i = 0;

	if (rings[queue].size == 0)
		return;
	if (indirect) {
		/* A table of the packed format has an id, which is not looked at, for `next`. */
		for (i = 0; i < count; i++)
			put_split(table.addr, i, &pieces[i], flags_of(&pieces[i], i + 1 == count),
				  i + 1);
		pieces = &table;
		count = 1;
	}
	if (rings[queue].packed)
		add_packed(queue, pieces, count, indirect);
	else
		add_split(queue, pieces, count, indirect);
}

void fuzz_kick(unsigned queue)
{
	uint32_t value = queue;

	if (vio_device_has(fuzz_dut, VIO_F_NOTIFICATION_DATA))
		value |= (uint32_t)(rings[queue].next | rings[queue].wrap << 15) << 16;
	fuzz_write(VIO_MMIO_QUEUE_NOTIFY, value);
}

static bool take_split(unsigned queue, uint32_t *len)
{
	struct ring *ring = &rings[queue];
	uint64_t at = fuzz_ring_part(queue, 2);
	struct vio_used_elem elem;
	uint16_t idx = 0;

	memcpy(&idx, fuzz_at(at + 2, 2), sizeof(idx));
	if (fuzz_wire16(idx) == ring->used)
		return false;
	memcpy(&elem, fuzz_at(at + 4 + ring->used % ring->size * sizeof(elem), sizeof(elem)),
	       sizeof(elem));
	ring->used++;
	*len = fuzz_wire32(elem.len);
	return true;
}

/* A driver of one buffer at a time knows how far the device skips. */
static bool take_packed(unsigned queue, uint32_t *len)
{
	struct ring *ring = &rings[queue];
	struct vio_packed_desc desc;
	uint16_t flags = 0;

	memcpy(&desc, fuzz_at(fuzz_ring_part(queue, 0) + ring->used * sizeof(desc), sizeof(desc)),
	       sizeof(desc));
	flags = vio_le16(desc.flags);
	if (((flags & VIO_PACKED_F_AVAIL) != 0) != ring->used_wrap ||
	    ((flags & VIO_PACKED_F_USED) != 0) != ring->used_wrap)
		return false;
	*len = vio_le32(desc.len);
	ring->used += ring->added;
	if (ring->used >= ring->size) {
		ring->used -= ring->size;
		ring->used_wrap = !ring->used_wrap;
	}
	return true;
}

bool fuzz_take_used(unsigned queue, uint32_t *len)
{
	return rings[queue].packed ? take_packed(queue, len) : take_split(queue, len);
}

int64_t fuzz_request(unsigned queue, const struct fuzz_piece *pieces, unsigned count)
{
	uint32_t len = 0;

	fuzz_add(queue, pieces, count, false);
	fuzz_kick(queue);
	fuzz_settle();
	if (fuzz_device.let_go)
		fuzz_device.let_go();
	return fuzz_take_used(queue, &len) ? (int64_t)len : -1;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "packed.h"

#define PACKED_BITS (VIO_PACKED_F_AVAIL | VIO_PACKED_F_USED)

/* ---- Set-up ---- */

void packed_init(struct packed *ring, struct box *box, uint32_t queue, uint16_t size)
{
	*ring = (struct packed){
		.box = box, .queue = queue, .size = size, .next_wrap = true, .used_wrap = true
	};
	memset(box_at(box, BOX_DESC(queue), 0x3000), 0, 0x3000);
}

uint32_t packed_ready(struct packed *ring)
{
	return box_ready(ring->box, ring->queue, ring->size, BOX_DESC(ring->queue),
			 BOX_AVAIL(ring->queue), BOX_USED(ring->queue));
}

void packed_start(struct packed *ring, struct box *box, uint64_t features, uint32_t queue,
		  uint16_t size)
{
	const struct vio_device_type *type = box->slot.device->type;

	box_negotiate(box, features | VIO_BIT(VIO_F_RING_PACKED));
	for (uint32_t i = 0; i < type->queue_count; i++) {
		packed_init(ring, box, i, i == queue ? size : type->queues[i].size_max);
		assert_int_equal(packed_ready(ring), 1);
	}
	packed_init(ring, box, queue, size);
	box_write(box, VIO_MMIO_STATUS, box_status(box) | VIO_STATUS_DRIVER_OK);
	assert_int_equal(box_status(box), 0xf);
	box_serve(box);
}

/* ---- Descriptors ---- */

void packed_entry(struct box *box, uint64_t table, uint16_t index, uint64_t addr, uint32_t len,
		  uint16_t id, uint16_t flags)
{
	struct vio_packed_desc desc = { .addr = vio_le64(addr),
					.len = vio_le32(len),
					.id = vio_le16(id),
					.flags = vio_le16(flags) };

	box_put(box, table + index * sizeof(desc), &desc, sizeof(desc));
}

void packed_put(struct packed *ring, uint16_t index, uint64_t addr, uint32_t len, uint16_t id,
		uint16_t flags)
{
	packed_entry(ring->box, BOX_DESC(ring->queue), index, addr, len, id, flags);
}

uint16_t packed_available(const struct packed *ring)
{
	return ring->next_wrap ? VIO_PACKED_F_AVAIL : VIO_PACKED_F_USED;
}

static void move_on(const struct packed *ring, uint16_t *position, bool *wrap, unsigned entries)
{
	for (; entries != 0; entries--) {
		if (++*position != ring->size)
			continue;
		*position = 0;
		*wrap = !*wrap;
	}
}

void packed_add(struct packed *ring, uint64_t addr, uint32_t len, uint16_t flags, uint16_t id)
{
	packed_put(ring, ring->next, addr, len, id, flags | packed_available(ring));
	move_on(ring, &ring->next, &ring->next_wrap, 1);
}

void packed_offer(struct packed *ring, uint64_t addr, uint32_t len, uint16_t flags, uint16_t id)
{
	packed_add(ring, addr, len, flags, id);
	box_kick(ring->box, ring->queue);
}

struct vio_packed_desc packed_at(const struct packed *ring, uint16_t index)
{
	struct vio_packed_desc desc;

	assert_true(index < ring->size);
	memcpy(&desc, box_at(ring->box, BOX_DESC(ring->queue) + index * sizeof(desc), sizeof(desc)),
	       sizeof(desc));
	return (struct vio_packed_desc){ .addr = vio_le64(desc.addr),
					 .len = vio_le32(desc.len),
					 .id = vio_le16(desc.id),
					 .flags = vio_le16(desc.flags) };
}

/* ---- Used entries ---- */

bool packed_is_used(const struct packed *ring)
{
	uint16_t bits = packed_at(ring, ring->used).flags & PACKED_BITS;

	return bits == (ring->used_wrap ? PACKED_BITS : 0);
}

void packed_expect(struct packed *ring, uint16_t id, uint32_t len, uint16_t entries)
{
	struct vio_packed_desc entry = packed_at(ring, ring->used);

	assert_true(packed_is_used(ring));
	assert_int_equal(entry.id, id);
	assert_int_equal(entry.len, len);
	assert_int_equal(entry.flags & ~PACKED_BITS, len != 0 ? VIO_DESC_F_WRITE : 0);
	move_on(ring, &ring->used, &ring->used_wrap, entries);
}

/* ---- Event suppression ---- */

uint16_t packed_off_wrap(uint16_t off, bool wrap)
{
	return off | (wrap ? VIO_PACKED_EVENT_WRAP : 0);
}

void packed_set_event(struct packed *ring, uint16_t off_wrap, uint16_t flags)
{
	struct vio_packed_event event = { .off_wrap = vio_le16(off_wrap),
					  .flags = vio_le16(flags) };

	box_put(ring->box, BOX_AVAIL(ring->queue), &event, sizeof(event));
}

struct vio_packed_event packed_event(const struct packed *ring)
{
	struct vio_packed_event event;

	memcpy(&event, box_at(ring->box, BOX_USED(ring->queue), sizeof(event)), sizeof(event));
	return (struct vio_packed_event){ .off_wrap = vio_le16(event.off_wrap),
					  .flags = vio_le16(event.flags) };
}

/* ---- Verdicts ---- */

void packed_snapshot(struct packed *ring)
{
	box_snapshot(ring->box);
	box_allow(ring->box, BOX_DESC(ring->queue), ring->size * PACKED_ENTRY);
}

void packed_assert_works(struct box *box)
{
	static const char message[] = "after the storm";
	struct packed ring;

	box->after_load = NULL;
	box->device.behaviour = BOX_ECHO;
	memcpy(box_at(box, BOX_DATA, sizeof(message)), message, sizeof(message));
	for (uint32_t i = 0; i < BOX_QUEUES; i++) {
		char *answer = box_at(box, BOX_DATA + 0x100, sizeof(message));

		memset(answer, 0, sizeof(message));
		packed_start(&ring, box, 0, i, 3);
		packed_add(&ring, BOX_DATA, sizeof(message), VIO_DESC_F_NEXT, 0xbad);
		packed_offer(&ring, BOX_DATA + 0x100, sizeof(message), VIO_DESC_F_WRITE, 77);
		box_serve(box);
		packed_expect(&ring, 77, sizeof(message), 2);
		assert_false(packed_is_used(&ring));
		assert_string_equal(answer, message);
		assert_int_equal(box_read(box, VIO_MMIO_INTERRUPT_STATUS), VIO_INTERRUPT_USED);
	}
	assert_int_equal(box_status(box), 0xf);
}

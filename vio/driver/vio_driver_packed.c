/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The packed virtqueue, 2.8. A chain is named by an id, which says nothing about where it stands:
 * free ids are linked, and each in use remembers how many entries its chain has. The first entry of
 * all that is pending gets its flags last, and with that store the device sees them all.
 */
#include "vio_driver_ring.h"

#define PACKED_BITS (VIO_PACKED_F_AVAIL | VIO_PACKED_F_USED)

static struct vio_driver_parts packed_lay_out(struct vio_driver_queue *queue, void *memory)
{
	uint8_t *events = (uint8_t *)memory + queue->size * sizeof(*queue->packed.desc);
	uint16_t i = 0;

	queue->packed.desc = memory;
	queue->packed.driver = (volatile struct vio_packed_event *)(void *)events;
	queue->packed.device = queue->packed.driver + 1;
	queue->packed.ids =
		(struct vio_driver_id *)(void *)(events + 2 * sizeof(struct vio_packed_event));
	queue->packed.avail_wrap = queue->packed.used_wrap = true;
	for (i = 0; i < queue->size; i++)
		queue->packed.ids[i].next = i + 1;
	return (struct vio_driver_parts){ memory, queue->packed.driver, queue->packed.device };
}

static void advance(const struct vio_driver_queue *queue, uint16_t *position, bool *wrap,
		    uint16_t entries)
{
	uint32_t next = (uint32_t)*position + entries;

	if (next >= queue->size) {
		next -= queue->size;
		*wrap = !*wrap;
	}
	*position = (uint16_t)next;
}

static void packed_put(struct vio_driver_queue *queue, uint64_t addr, uint32_t len, uint16_t flags)
{
	volatile struct vio_packed_desc *desc = &queue->packed.desc[queue->avail_next];

	flags |= queue->packed.avail_wrap ? VIO_PACKED_F_AVAIL : VIO_PACKED_F_USED;
	desc->addr = vio_le64(addr);
	desc->len = vio_le32(len);
	desc->id = vio_le16(queue->free);
	if (queue->pending++ == 0)
		queue->packed.first_flags = flags;
	else
		desc->flags = vio_le16(flags);
	advance(queue, &queue->avail_next, &queue->packed.avail_wrap, 1);
}

static void packed_put_entry(volatile struct vio_desc *table, uint16_t index, uint64_t addr,
			     uint32_t len, uint16_t flags)
{
	volatile struct vio_packed_desc *desc = (volatile void *)&table[index];

	desc->addr = vio_le64(addr);
	desc->len = vio_le32(len);
	desc->flags = vio_le16(flags & VIO_DESC_F_WRITE);
}

static void packed_offer(struct vio_driver_queue *queue, uint16_t head, uint16_t count)
{
	queue->free = queue->packed.ids[head].next;
	queue->packed.ids[head].entries = count;
}

/* Whether the device's event suppression structure asks for a notification now, 2.8.10. */
static bool wants_notification(const struct vio_driver_queue *queue)
{
	uint16_t flags = vio_guest_load16(&queue->packed.device->flags);
	uint16_t off_wrap = 0;
	uint16_t event = 0;

	if (flags != VIO_PACKED_EVENT_DESC || !vio_driver_has_event_idx(queue))
		return flags != VIO_PACKED_EVENT_DISABLE;
	off_wrap = vio_guest_load16(&queue->packed.device->off_wrap);
	event = off_wrap & (uint16_t)~VIO_PACKED_EVENT_WRAP;
	if (((off_wrap & VIO_PACKED_EVENT_WRAP) != 0) != queue->packed.avail_wrap)
		event -= queue->size;
	return vio_event_passed(event, queue->avail_next, queue->avail_next - queue->pending);
}

static bool packed_publish(struct vio_driver_queue *queue)
{
	uint32_t first = queue->avail_next + (queue->avail_next < queue->pending ? queue->size : 0);

	first -= queue->pending;
	vio_guest_store16_release(&queue->packed.desc[first].flags, queue->packed.first_flags);
	vio_guest_fence();
	return wants_notification(queue);
}

static bool packed_has_used(const struct vio_driver_queue *queue)
{
	uint16_t flags = vio_guest_load16_acquire(&queue->packed.desc[queue->used_next].flags);

	return (flags & PACKED_BITS) == (queue->packed.used_wrap ? PACKED_BITS : 0);
}

static uint16_t packed_take_used(struct vio_driver_queue *queue, uint16_t *head, uint32_t *len)
{
	const volatile struct vio_packed_desc *desc = &queue->packed.desc[queue->used_next];
	uint16_t count = 0;

	*head = vio_guest_load16(&desc->id);
	*len = vio_guest_load32(&desc->len);
	count = queue->packed.ids[*head].entries;
	queue->packed.ids[*head].next = queue->free;
	queue->free = *head;
	advance(queue, &queue->used_next, &queue->packed.used_wrap, count);
	return count;
}

static void packed_listen(struct vio_driver_queue *queue, bool on)
{
	uint16_t flags = on ? VIO_PACKED_EVENT_ENABLE : VIO_PACKED_EVENT_DISABLE;

	if (on && vio_driver_has_event_idx(queue)) {
		vio_guest_store16(&queue->packed.driver->off_wrap,
				  queue->used_next |
					  (queue->packed.used_wrap ? VIO_PACKED_EVENT_WRAP : 0));
		flags = VIO_PACKED_EVENT_DESC;
	}
	vio_guest_store16_release(&queue->packed.driver->flags, flags);
}

const struct vio_driver_ring vio_driver_packed_ring = {
	.lay_out = packed_lay_out,
	.put = packed_put,
	.put_entry = packed_put_entry,
	.offer = packed_offer,
	.publish = packed_publish,
	.has_used = packed_has_used,
	.take_used = packed_take_used,
	.listen = packed_listen,
};

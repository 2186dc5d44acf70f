/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The split virtqueue, 2.7. Free descriptors are linked by `next`. Compiled once more in
 * big-endian, for a legacy device that has a big-endian CPU beside it, vio_driver_split_big.c.
 */
#include "vio_driver_ring.h"

#ifndef VIO_DRIVER_SPLIT_RING
#define VIO_DRIVER_SPLIT_RING vio_driver_split_ring
#endif

static volatile uint16_t *used_event(const struct vio_driver_queue *queue)
{
	return &queue->split.avail->ring[queue->size];
}

static volatile uint16_t *avail_event(const struct vio_driver_queue *queue)
{
	return (volatile uint16_t *)&queue->split.used->ring[queue->size];
}

static struct vio_driver_parts split_lay_out(struct vio_driver_queue *queue, void *memory)
{
	uint16_t size = queue->size;
	uint8_t *avail = (uint8_t *)memory + vio_split_desc_bytes(size);
	uint8_t *used = avail + ((vio_split_avail_bytes(size) + VIO_DRIVER_SPLIT_ALIGN - 1) &
				 ~(VIO_DRIVER_SPLIT_ALIGN - 1));
	uint16_t i = 0;

	queue->split.desc = memory;
	queue->split.avail = (volatile struct vio_avail *)(void *)avail;
	queue->split.used = (volatile struct vio_used *)(void *)used;
	for (i = 0; i < size; i++)
		queue->split.desc[i].next = vio_guest16(i + 1);
	return (struct vio_driver_parts){ memory, avail, used };
}

static void fill(volatile struct vio_desc *desc, uint64_t addr, uint32_t len, uint16_t flags)
{
	desc->addr = vio_guest64(addr);
	desc->len = vio_guest32(len);
	desc->flags = vio_guest16(flags);
}

static void split_put(struct vio_driver_queue *queue, uint64_t addr, uint32_t len, uint16_t flags)
{
	volatile struct vio_desc *desc = &queue->split.desc[queue->free];

	fill(desc, addr, len, flags);
	queue->free = vio_guest16(desc->next);
}

static void split_put_entry(volatile struct vio_desc *table, uint16_t index, uint64_t addr,
			    uint32_t len, uint16_t flags)
{
	fill(&table[index], addr, len, flags);
	table[index].next = vio_guest16(index + 1);
}

static void split_offer(struct vio_driver_queue *queue, uint16_t head, uint16_t count)
{
	(void)count;
	queue->split.avail->ring[queue->avail_next & (queue->size - 1)] = vio_guest16(head);
	queue->avail_next++;
	queue->pending++;
}

static bool split_publish(struct vio_driver_queue *queue)
{
	uint16_t now = queue->avail_next;

	vio_guest_store16_release(&queue->split.avail->idx, now);
	vio_guest_fence();
	if (vio_driver_has_event_idx(queue))
		return vio_event_passed(vio_guest_load16(avail_event(queue)), now,
					now - queue->pending);
	return (vio_guest_load16(&queue->split.used->flags) & VIO_USED_F_NO_NOTIFY) == 0;
}

static bool split_has_used(const struct vio_driver_queue *queue)
{
	return vio_guest_load16_acquire(&queue->split.used->idx) != queue->used_next;
}

static uint16_t split_take_used(struct vio_driver_queue *queue, uint16_t *head, uint32_t *len)
{
	const volatile struct vio_used_elem *elem =
		&queue->split.used->ring[queue->used_next & (queue->size - 1)];
	volatile struct vio_desc *desc = NULL;
	uint16_t count = 1;

	*head = (uint16_t)vio_guest_load32(&elem->id);
	*len = vio_guest_load32(&elem->len);
	queue->used_next++;

	for (desc = &queue->split.desc[*head]; (vio_guest16(desc->flags) & VIO_DESC_F_NEXT) != 0;
	     desc = &queue->split.desc[vio_guest16(desc->next)])
		count++;
	desc->next = vio_guest16(queue->free);
	queue->free = *head;
	return count;
}

static void split_listen(struct vio_driver_queue *queue, bool on)
{
	/* An event index just left behind is reached again after 2^16 buffers, or by turning on. */
	if (vio_driver_has_event_idx(queue))
		vio_guest_store16(used_event(queue), queue->used_next - !on);
	else
		vio_guest_store16(&queue->split.avail->flags, on ? 0 : VIO_AVAIL_F_NO_INTERRUPT);
}

const struct vio_driver_ring VIO_DRIVER_SPLIT_RING = {
	.big_endian = VIO_GUEST_BIG_ENDIAN,
	.lay_out = split_lay_out,
	.put = split_put,
	.put_entry = split_put_entry,
	.offer = split_offer,
	.publish = split_publish,
	.has_used = split_has_used,
	.take_used = split_take_used,
	.listen = split_listen,
};

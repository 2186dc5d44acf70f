/* SPDX-License-Identifier: BSD-2-Clause */
#include "either.h"

void either_start(struct either *ring, struct box *box, uint64_t features)
{
	*ring = (struct either){ .box = box, .is_packed = box->row != NULL };
	if (ring->is_packed)
		packed_start(&ring->packed, box, features, 0, BOX_SIZE);
	else
		box_start(box, features);
}

uint32_t either_enable(struct either *ring, uint16_t size)
{
	ring->used = 0;
	packed_init(&ring->packed, ring->box, 0, size);
	ring->box->avail_idx[0] = 0;
	ring->box->size[0] = size;
	return packed_ready(&ring->packed);
}

void either_add(struct either *ring, uint16_t id)
{
	uint64_t data = BOX_DATA + id * UINT64_C(64);

	if (ring->is_packed) {
		packed_add(&ring->packed, data, 8, VIO_DESC_F_WRITE, id);
	} else {
		box_desc(ring->box, 0, id, data, 8, VIO_DESC_F_WRITE, 0);
		box_avail(ring->box, 0, id);
		box_publish(ring->box, 0);
	}
}

void either_offer(struct either *ring, uint16_t id)
{
	either_add(ring, id);
	box_kick(ring->box, 0);
	box_serve(ring->box);
}

bool either_is_used(const struct either *ring)
{
	return ring->is_packed ? packed_is_used(&ring->packed)
			       : box_used_idx(ring->box, 0) != ring->used;
}

void either_expect(struct either *ring, uint16_t id)
{
	if (ring->is_packed) {
		packed_expect(&ring->packed, id, 8, 1);
		return;
	}
	assert_true(either_is_used(ring));
	assert_int_equal(box_used(ring->box, 0, ring->used).id, id);
	assert_int_equal(box_used(ring->box, 0, ring->used).len, 8);
	ring->used++;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Queue 0 of the box in whichever ring format the test's row says: 0 is split, 1 is packed. */
#ifndef EITHER_H
#define EITHER_H

#include "packed.h"

struct either {
	struct box *box;
	bool is_packed;
	uint16_t used; /* of a split ring: entries seen */
	struct packed packed;
};

/* Everything up to DRIVER_OK, with `features` besides VERSION_1 and the ring format. */
void either_start(struct either *ring, struct box *box, uint64_t features);

/* Sets the queue up again, with `size` entries and its parts where they stood; QueueReady then. */
uint32_t either_enable(struct either *ring, uint16_t size);

/* Makes 8 writable bytes available, for buffer `id` its own; either_offer() kicks and serves. */
void either_add(struct either *ring, uint16_t id);
void either_offer(struct either *ring, uint16_t id);

/* The next used entry is there, or not; expect: and is of buffer `id`, filled whole. */
bool either_is_used(const struct either *ring);
void either_expect(struct either *ring, uint16_t id);

#define EITHER(ids, test)                                                                          \
	BOX_ROW(ids " " #test ", split", test, 0), BOX_ROW(ids " " #test ", packed", test, 1)

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#include "eic.h"

#include "core.h"

#define PRIORITY(r) ((r)&0x3f) /* 0: the source is off */
#define SET(r)      ((r) >> 8 & 0xf)
#define VECTOR(r)   ((r) >> 16 & 0xff)
#define WRITABLE    0x00ff0f3fu

uint32_t eic_read(const struct eic *eic, uint32_t offset, uint32_t sources)
{
	return offset == EIC_PENDING ? sources : eic->source[offset / 4];
}

void eic_write(struct eic *eic, uint32_t offset, uint32_t value)
{
	if (offset != EIC_PENDING)
		eic->source[offset / 4] = value & WRITABLE;
}

struct request eic_request(const struct eic *eic, uint32_t sources)
{
	struct request best = { 0, 0, 0 };

	for (unsigned n = 0; n < EIC_SOURCES; n++) {
		uint32_t source = eic->source[n];

		if (sources >> n & 1 && PRIORITY(source) > best.priority)
			best = (struct request){ PRIORITY(source), VECTOR(source), SET(source) };
	}
	return best;
}

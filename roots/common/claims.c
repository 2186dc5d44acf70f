/* SPDX-License-Identifier: BSD-2-Clause */
/* Who has which part of the machine. */
#include <stddef.h>

#include "machine.h"
#include "root.h"

#define CLAIMS 32
#define PAGE   4096

static struct claim {
	uint64_t first, last; /* pages */
	unsigned intid;
	const char *owner;
} claims[CLAIMS];
static unsigned count;

const char machine_root[] = "the root";

const char *machine_claim(uint64_t base, uint64_t size, unsigned intid, const char *owner)
{
	uint64_t first = base / PAGE;
	uint64_t last = (base + size - 1) / PAGE;

	for (unsigned i = 0; i < count; i++) {
		const struct claim *claim = &claims[i];

		if (claim->owner != owner && ((first <= claim->last && claim->first <= last) ||
					      (intid && intid == claim->intid)))
			return claim->owner;
	}
	if (count == CLAIMS)
		root_fatal("parts of the machine have more than %u owners", CLAIMS);
	claims[count++] = (struct claim){ first, last, intid, owner };
	return NULL;
}

void machine_unclaim(const char *owner)
{
	for (unsigned i = 0; i < count;) {
		if (claims[i].owner == owner)
			claims[i] = claims[--count];
		else
			i++;
	}
}

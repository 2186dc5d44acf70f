/* SPDX-License-Identifier: BSD-2-Clause */
/* Who has which part of the machine. */
#include <stdbool.h>
#include <stddef.h>

#include "machine.h"
#include "root.h"

#define CLAIMS 32
#define PAGE   4096

static struct claim {
	uint64_t first, last; /* pages */
	unsigned intid;
	const char *const *owner;
} claims[CLAIMS];
static unsigned count;

const char *const machine_root = "the root";

/* Nothing at all overlaps what has no size. */
static bool clash(const struct claim *claim, uint64_t base, uint64_t size, unsigned intid)
{
	if (intid && intid == claim->intid)
		return true;
	return size && base / PAGE <= claim->last && claim->first <= (base + size - 1) / PAGE;
}

const char *machine_owner(uint64_t base, uint64_t size, unsigned intid)
{
	for (unsigned i = 0; i < count; i++) {
		if (clash(&claims[i], base, size, intid))
			return *claims[i].owner;
	}
	return NULL;
}

const char *machine_claim(uint64_t base, uint64_t size, unsigned intid, const char *const *owner)
{
	for (unsigned i = 0; i < count; i++) {
		if (claims[i].owner != owner && clash(&claims[i], base, size, intid))
			return *claims[i].owner;
	}
	if (count == CLAIMS)
		root_fatal("parts of the machine have more than %u owners", CLAIMS);
	claims[count++] = (struct claim){ base / PAGE, (base + size - 1) / PAGE, intid, owner };
	return NULL;
}

void machine_unclaim(const char *const *owner)
{
	for (unsigned i = 0; i < count;) {
		if (claims[i].owner == owner)
			claims[i] = claims[--count];
		else
			i++;
	}
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "hyperlibrary.h"

static const struct hyperlibrary_entry *find(const struct hyperlibrary *library, unsigned number)
{
	unsigned from = 0;
	unsigned to = library->count;

	while (from < to) {
		unsigned middle = from + (to - from) / 2;

		if (library->entries[middle].number == number)
			return &library->entries[middle];
		if (library->entries[middle].number < number)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

int64_t hyperlibrary_call(const struct hyperlibrary *library, struct vcpu *caller, unsigned number,
			  const uint64_t *x)
{
	const struct hyperlibrary_entry *entry = find(library, number);

	return entry ? entry->function(caller, x[0], x[1], x[2], x[3]) : GUEST_CALL_UNKNOWN;
}

void *hyperlibrary_at(const struct vcpu *caller, uint64_t address, uint64_t len, unsigned access)
{
	return vio_memory_at(&caller->guest->memory, address, len, access);
}

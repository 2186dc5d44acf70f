/* SPDX-License-Identifier: BSD-2-Clause */
#include "guests.h"

/* This system has none; examples/several has. */
void start_other_guests(struct guest *first, const void *bundle, size_t size)
{
	(void)first;
	(void)bundle;
	(void)size;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The formula of 2.7.7.2 in the one place where it stands, for all 2^48 indices: it asks whether
 * the entry named is one of those from `old` up to, and without, `now`.
 */
#include "proof.h"
#include "virtio.h"

void event_passed(void)
{
	uint16_t event = nondet_u16();
	uint16_t now = nondet_u16();
	uint16_t old = nondet_u16();
	uint16_t entries = now - old;
	uint16_t step = nondet_u16();

	PROVE(vio_event_passed(event, now, old) == ((uint16_t)(event - old) < entries));
	/* The same once more, entry by entry. */
	PROVE(step >= entries || vio_event_passed(old + step, now, old));
	PROVE(!vio_event_passed(event, old, old));
	PROVE(!vio_event_passed(now, now, old));
}

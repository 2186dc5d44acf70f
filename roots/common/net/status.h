/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The root's status page, on port 80 of its own address: guests, their devices and queues, and the
 * ports of the switch, with everything that is counted there.
 *
 *	/             for people: a page that asks for the other each second, and draws it
 *	/status.json  for programs
 *
 * Whoever is on the root's net can read it, its guests included; nobody can change anything by it.
 */
#ifndef STATUS_H
#define STATUS_H

#include "guest.h"
#include "vio_switch.h"

/* What there is to show. */
struct status {
	/* The guest with this index, from 0 on without a gap; NULL: there is none any more. */
	struct guest *(*guest)(unsigned index);
	const struct vio_switch *lan;
};

/* Starts the server, on lwIP, which is up. `status` stays the caller's, and must not change. */
void status_start(const struct status *status);

/*
 * Writes the JSON to `to`, `size` bytes of at least 1024, and returns its length. What does not fit
 * is left out, whole devices, guests or ports, and the field `cut` is there then.
 */
uint32_t status_write(const struct status *status, char *to, uint32_t size);

#endif

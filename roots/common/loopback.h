/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A port that gives back what the guest sends it, up to a ^D (EOT): there the root closes its side,
 * so that a reader comes to an end, until the guest has closed its own. What was not read until
 * then is forgotten.
 */
#ifndef LOOPBACK_H
#define LOOPBACK_H

#include "vio_console_ports.h"

#define LOOPBACK_SIZE 256

struct loopback {
	struct vio_console_backend backend;
	struct vio_console_port_info info;
	struct vio_console_ports *ports;
	uint32_t id;
	uint32_t head; /* counters of bytes, never reduced to the size */
	uint32_t tail;
	bool ended;
	uint8_t bytes[LOOPBACK_SIZE];
};

/* Adds itself as port `id`; the name outlives it. */
void loopback_add(struct loopback *loopback, struct vio_console_ports *ports, uint32_t id,
		  const char *name);

#endif

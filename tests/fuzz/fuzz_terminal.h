/* SPDX-License-Identifier: BSD-2-Clause */
/* For the targets with a console: a terminal with little room and little to say. */
#ifndef FUZZ_TERMINAL_H
#define FUZZ_TERMINAL_H

#include "fuzz.h"
#include "vio_console.h"

struct fuzz_terminal {
	struct vio_console_backend backend;
	uint32_t room;    /* bytes that it will take */
	uint32_t waiting; /* bytes to be read, which count up */
	uint8_t next;
	bool open; /* on the guest's side, if that says so */
};

void fuzz_terminal_init(struct fuzz_terminal *terminal, uint32_t room, uint32_t waiting);

/* On a device that works what was typed comes in order, without a gap, and output goes out. */
void fuzz_terminal_works(struct fuzz_terminal *terminal, unsigned receive, unsigned transmit);

#endif

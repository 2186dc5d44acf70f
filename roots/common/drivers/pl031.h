/* SPDX-License-Identifier: BSD-2-Clause */
/* The root's PL031 real-time clock (Arm DDI 0224), as something that calls once a second. */
#ifndef PL031_H
#define PL031_H

#include "vio_types.h"

struct pl031 {
	volatile void *registers;
	void (*tick)(void *user); /* out of pl031_interrupt(); set by the caller */
	void *user;
};

/* Starts the clock's interrupts, one each second. The time it tells stays what it is. */
void pl031_init(struct pl031 *clock, volatile void *registers);

/* No interrupt any more: for one that somebody else has used. */
void pl031_stop(volatile void *registers);

/* To be called when the clock's interrupt is up; it is down afterwards. */
void pl031_interrupt(struct pl031 *clock);

#endif

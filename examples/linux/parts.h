/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's parts, and the guest's standard devices with these behind them. */
#ifndef PARTS_H
#define PARTS_H

#include <stdint.h>

struct arm_guest;

/* Takes the memory for the network card, and for a RAM disk if one was asked for: before the
 * guest's, which may want all. */
void parts_memory(void);

/* Puts console, disk, network and entropy on the guest's board and their drivers' interrupts into
 * place. */
void parts_init(struct arm_guest *guest);

/* What the guest has as its disk, in a few words. */
const char *parts_disk(void);

#endif

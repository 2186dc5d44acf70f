/* SPDX-License-Identifier: BSD-2-Clause */
/* devices.c: the guest's devices and what is behind them. */
#ifndef LINUX_H
#define LINUX_H

#include <stdint.h>

struct arm_guest;

/* Takes the memory for a RAM disk, if one was asked for: before the guest's, which may want all. */
void devices_memory(void);

/* Puts console, disk and entropy on the guest's board and their drivers' interrupts into place. */
void devices_init(struct arm_guest *guest);

/* What the guest has as its disk, in a few words. */
const char *devices_disk(void);

/* Entropy for the guest's start: `size` bytes to `to`, or 0 when there is no source. */
uint32_t devices_seed(uint8_t *to, uint32_t size);

#endif

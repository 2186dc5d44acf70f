/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Options of a guest's devices that systems of every root have, read from the machine's command
 * line. One that makes no sense ends the machine, which says what it should be.
 */
#ifndef DEVICE_OPTIONS_H
#define DEVICE_OPTIONS_H

#include "vio_blk.h"
#include "vio_mmio.h"
#include "vio_ramdisk.h"

/*
 * virtio=packed|split|legacy, virtio-slots=N,N...: makes these slots of a window, or all, what the
 * first says. What is in them is attached anew, so: before the guest starts.
 */
void device_options_slots(const struct vio_mmio_window *window, const struct vio_memory *memory);

/* console=COLSxROWS: a terminal's size in characters; 0 by 0, not known, without it. */
void device_options_size(uint16_t *cols, uint16_t *rows);

/* port=NAME: the name of a second port of the console, or NULL. */
const char *device_options_port(void);

/* rng=RATE: bytes a second, which is also what may be drawn at once; 0: no limit. */
uint32_t device_options_rng_rate(void);

/* disk=ram:SIZE: takes the memory, which is zeroed. False: the disk is no such. */
bool device_options_ramdisk(struct vio_ramdisk *ramdisk, struct vio_blk_disk *says);

#endif

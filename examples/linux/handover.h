/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * handover=N: after every N interrupts of the machine's disk the guest's disk is replaced, by
 * another device in the same slot that goes on where the first was: what a root does to restart,
 * or exchange, what is behind a device. The guest notices nothing but the time it takes.
 */
#ifndef HANDOVER_H
#define HANDOVER_H

#include "virtio_blk.h"
#include "vio_mmio.h"

/* Two devices over `disk` take turns in `slot`: the first has just been attached to it. */
void handover_init(struct vio_mmio *slot, struct vio_blk devices[2], struct virtio_blk *disk);

/* After each interrupt of the disk has been served. */
void handover_step(void);

/* Says how often it was done, if it was to be. */
void handover_report(void);

#endif

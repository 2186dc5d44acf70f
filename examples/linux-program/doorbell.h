/* SPDX-License-Identifier: BSD-2-Clause */
/* A doorbell and its buffer, docs/guests.md, in a program of a Linux guest: by /dev/mem. */
#ifndef DOORBELL_H
#define DOORBELL_H

#include <stdint.h>

#define DOORBELL_RING 0x0c /* the register, from `registers` */

struct doorbell {
	volatile uint8_t *registers;
	volatile void *buffer;
};

/*
 * Maps the first doorbell of the device tree. Without one, or with a buffer of less than `size`
 * bytes, it says so and ends the program.
 */
struct doorbell doorbell_open(uint64_t size);

/* `when`: as the register takes it, 1 for at once. What was written to the buffer is seen first. */
static inline void doorbell_ring(const struct doorbell *doorbell, uint32_t when)
{
	__sync_synchronize();
	*(volatile uint32_t *)(doorbell->registers + DOORBELL_RING) = when;
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* The root's own map: memory and devices at physical + LINEAR. */
#ifndef MMU_H
#define MMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arm.h"

static inline uint64_t to_physical(const volatile void *pointer)
{
	return (uint64_t)pointer - LINEAR;
}

static inline void *to_virtual(uint64_t physical)
{
	return (void *)(physical + LINEAR);
}

/*
 * Leaves the table of start.S for one that maps the `ram_size` bytes of memory at `ram_base` (whole
 * MiBs), the devices in the first GiB, and the image with code read-only, constants neither written
 * nor executed, data not executed, a hole below the stack, and nothing at identity.
 */
void mmu_init(uint64_t ram_base, uint64_t ram_size);

/* The same map for another CPU. */
void mmu_join(void);

/* Writes back and drops cached copies, so that a guest whose caches are off sees what the root
 * wrote. */
void cache_clean(const void *start, size_t size);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers of the root's own hardware, mapped as device memory: 32-bit, little-endian, or bytes.
 */
#ifndef MMIO_H
#define MMIO_H

#include "vio_types.h"

/* Test builds bring the hardware: these two are then theirs. */
#ifdef MMIO_TEST
uint32_t mmio_read(const volatile void *registers, uint32_t offset);
void mmio_write(volatile void *registers, uint32_t offset, uint32_t value);
uint8_t mmio_read8(const volatile void *registers, uint32_t offset);
void mmio_write8(volatile void *registers, uint32_t offset, uint8_t value);
#else
static inline uint32_t mmio_read(const volatile void *registers, uint32_t offset)
{
	const volatile uint8_t *base = registers;

	return vio_le32(*(const volatile uint32_t *)(base + offset));
}

static inline void mmio_write(volatile void *registers, uint32_t offset, uint32_t value)
{
	volatile uint8_t *base = registers;

	*(volatile uint32_t *)(base + offset) = vio_le32(value);
}

static inline uint8_t mmio_read8(const volatile void *registers, uint32_t offset)
{
	return *((const volatile uint8_t *)registers + offset);
}

static inline void mmio_write8(volatile void *registers, uint32_t offset, uint8_t value)
{
	*((volatile uint8_t *)registers + offset) = value;
}
#endif

#endif

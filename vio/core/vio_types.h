/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VIO_TYPES_H
#define VIO_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All that VIO links to. Declared here because a freestanding compiler need not bring string.h. */
void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *to, int byte, size_t len);

#define VIO_CONTAINER_OF(member_pointer, type, member)                                             \
	((type *)(void *)((char *)(member_pointer)-offsetof(type, member)))

#define VIO_ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* A feature's mask from its bit number, 0 to 63. */
#define VIO_BIT(n)            (UINT64_C(1) << (n))

#define VIO_BIG_ENDIAN        (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

/* The wire is little-endian whatever the CPU: these convert either way (Virtio 1.4, 1.4). */
static inline uint16_t vio_le16(uint16_t value)
{
	return VIO_BIG_ENDIAN ? __builtin_bswap16(value) : value;
}

static inline uint32_t vio_le32(uint32_t value)
{
	return VIO_BIG_ENDIAN ? __builtin_bswap32(value) : value;
}

static inline uint64_t vio_le64(uint64_t value)
{
	return VIO_BIG_ENDIAN ? __builtin_bswap64(value) : value;
}

/* ---- Inside the core ---- */

#define vio_likely(condition)   __builtin_expect(!!(condition), 1)
#define vio_unlikely(condition) __builtin_expect(!!(condition), 0)

/* So unlikely that a jump is better than both values, and a choice between them. */
#ifdef VIO_PROVED /* by a tool that does not know it */
#define vio_never(condition) vio_unlikely(condition)
#else
#define vio_never(condition) __builtin_expect_with_probability(!!(condition), 0, 1.0)
#endif

/*
 * A function of its own, so that its caller need not save registers for what it seldom does, or
 * does last; and called as it is written, not in a copy that takes apart what it is given.
 */
#ifdef __clang__
#define vio_noinline __attribute__((noinline))
#else
#define vio_noinline __attribute__((noinline, noclone))
#endif

/* Inlined whatever its size: what it is given by address stays in registers then. */
#define vio_inline inline __attribute__((always_inline))

/*
 * The compiler is not told where the variable's value is from. It would keep that in a register of
 * its own, on paths where there are only just enough.
 */
#ifdef VIO_PROVED
#define vio_forget(variable) ((void)0)
#else
#define vio_forget(variable) __asm__("" : "+r"(variable))
#endif

/* A value of fewer bits than a register, once extended: and not kept narrow as well. */
static inline size_t vio_widened(size_t value)
{
	vio_forget(value);
	return value;
}

/* Replaces the high, or low, half of a 64-bit value that registers show 32 bits of. */
static inline void vio_set_half(uint64_t *value, bool high, uint32_t half)
{
	if (high)
		*value = (uint32_t)*value | (uint64_t)half << 32;
	else
		*value = (*value & ~(uint64_t)UINT32_MAX) | half;
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* memcpy, memmove and memset for the root: by words where both sides allow it. */
#include <stddef.h>
#include <stdint.h>

#include "vio_types.h"

typedef uint32_t __attribute__((may_alias)) word;

void *memcpy(void *restrict to, const void *restrict from, size_t len)
{
	uint8_t *out = to;
	const uint8_t *in = from;

	if ((((uintptr_t)out ^ (uintptr_t)in) & 3) == 0) {
		for (; len > 0 && (uintptr_t)out & 3; len--)
			*out++ = *in++;
		for (; len >= 16; len -= 16, out += 16, in += 16) {
			word a = ((const word *)in)[0], b = ((const word *)in)[1];
			word c = ((const word *)in)[2], d = ((const word *)in)[3];

			((word *)out)[0] = a;
			((word *)out)[1] = b;
			((word *)out)[2] = c;
			((word *)out)[3] = d;
		}
		for (; len >= 4; len -= 4, out += 4, in += 4)
			*(word *)out = *(const word *)in;
	}
	for (; len > 0; len--)
		*out++ = *in++;
	return to;
}

void *memmove(void *to, const void *from, size_t len)
{
	uint8_t *out = to;
	const uint8_t *in = from;

	if ((uintptr_t)out - (uintptr_t)in >= len)
		return memcpy(to, from, len);
	while (len-- > 0)
		out[len] = in[len];
	return to;
}

void *memset(void *to, int byte, size_t len)
{
	uint8_t *out = to;
	word pattern = (uint8_t)byte * UINT32_C(0x01010101);

	for (; len > 0 && (uintptr_t)out & 3; len--)
		*out++ = (uint8_t)byte;
	for (; len >= 16; len -= 16, out += 16) {
		((word *)out)[0] = pattern;
		((word *)out)[1] = pattern;
		((word *)out)[2] = pattern;
		((word *)out)[3] = pattern;
	}
	for (; len > 0; len--)
		*out++ = (uint8_t)byte;
	return to;
}

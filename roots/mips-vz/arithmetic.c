/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * 64-bit division, shifts and comparison, which the compiler calls for on a 32-bit CPU. Its own
 * library is for another ABI (position-independent, with an FPU).
 */
#include <stdint.h>

uint64_t __udivdi3(uint64_t n, uint64_t by);
uint64_t __umoddi3(uint64_t n, uint64_t by);
int __ucmpdi2(uint64_t a, uint64_t b);
uint64_t __ashldi3(uint64_t n, int by);
uint64_t __lshrdi3(uint64_t n, int by);

static uint64_t divide(uint64_t n, uint64_t by, uint64_t *rest)
{
	uint64_t quotient = 0;
	unsigned shift = 0;

	if ((n | by) <= UINT32_MAX) {
		*rest = (uint32_t)n % (uint32_t)by;
		return (uint32_t)n / (uint32_t)by;
	}
	for (; shift < 63 && by << shift >> shift == by && by << shift < n; shift++)
		;
	for (;; shift--) {
		uint64_t part = by << shift;

		if (part >> shift == by && part <= n) {
			n -= part;
			quotient |= UINT64_C(1) << shift;
		}
		if (shift == 0)
			break;
	}
	*rest = n;
	return quotient;
}

uint64_t __udivdi3(uint64_t n, uint64_t by)
{
	uint64_t rest;

	return divide(n, by, &rest);
}

uint64_t __umoddi3(uint64_t n, uint64_t by)
{
	uint64_t rest;

	divide(n, by, &rest);
	return rest;
}

/* 0, 1 or 2: less, equal, greater. */
int __ucmpdi2(uint64_t a, uint64_t b)
{
	return a < b ? 0 : a == b ? 1 : 2;
}

static uint64_t join(uint32_t high, uint32_t low)
{
	return (uint64_t)high << 32 | low;
}

/* By halves: in one piece, the compiler would call these. `by` is 0 to 63. */
uint64_t __ashldi3(uint64_t n, int by)
{
	uint32_t low = (uint32_t)n;
	uint32_t high = (uint32_t)(n >> 32);

	if (by == 0)
		return n;
	if (by >= 32)
		return join(low << (by - 32), 0);
	return join(high << by | low >> (32 - by), low << by);
}

uint64_t __lshrdi3(uint64_t n, int by)
{
	uint32_t low = (uint32_t)n;
	uint32_t high = (uint32_t)(n >> 32);

	if (by == 0)
		return n;
	if (by >= 32)
		return join(0, high >> (by - 32));
	return join(high >> by, low >> by | high << (32 - by));
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * 64-bit division and comparison, which the compiler calls for on a 32-bit CPU. Its own library is
 * for another ABI (position-independent, with an FPU).
 */
#include <stdint.h>

uint64_t __udivdi3(uint64_t n, uint64_t by);
uint64_t __umoddi3(uint64_t n, uint64_t by);
int __ucmpdi2(uint64_t a, uint64_t b);

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

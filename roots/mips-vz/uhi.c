/* SPDX-License-Identifier: BSD-2-Clause */
#include "uhi.h"

int32_t uhi(enum uhi_operation operation, uint32_t a, uint32_t b, uint32_t c)
{
	register uint32_t r4 __asm__("$4") = a;
	register uint32_t r5 __asm__("$5") = b;
	register uint32_t r6 __asm__("$6") = c;
	register uint32_t r25 __asm__("$25") = operation;
	register int32_t r2 __asm__("$2") = 1;

	__asm__ volatile("sdbbp 1"
			 : "+r"(r2), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r25)
			 :
			 : "$3", "memory");
	return r2;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What lwIP asks of the compiler and of the root around it. */
#ifndef LWIP_ARCH_CC_H
#define LWIP_ARCH_CC_H

#define LWIP_NO_CTYPE_H    1
#define LWIP_NO_INTTYPES_H 1
#define LWIP_NO_UNISTD_H   1

#include <limits.h>

typedef long ssize_t;
#define SSIZE_MAX LONG_MAX

#ifndef BYTE_ORDER
#define BYTE_ORDER __BYTE_ORDER__
#endif

#define X8_F  "x"
#define U16_F "u"
#define S16_F "d"
#define X16_F "x"
#define U32_F "u"
#define S32_F "d"
#define X32_F "x"
#define SZT_F "lu"

/* Its pools need no zeroing at start. */
#define LWIP_DECLARE_MEMORY_ALIGNED(name, size)                                                    \
	unsigned char name[LWIP_MEM_ALIGN_BUFFER(size)] __attribute__((section(".noinit")))

void lwip_port_fault(const char *what);
unsigned lwip_port_random(void);

#define LWIP_PLATFORM_DIAG(words)  ((void)0)
#define LWIP_PLATFORM_ASSERT(text) lwip_port_fault(text)
#define LWIP_RAND()                lwip_port_random()

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Put before lwIP and what the root has on it, for fuzz_lwip.c: each object is an allocation of its
 * own, so that the sanitizer sees its ends; and variables are in one section, to be put back.
 */
#ifndef LWIP_MEMORY_H
#define LWIP_MEMORY_H

#ifndef FUZZ_H /* the target itself */
#pragma clang section bss = "lwip_zero" data = "lwip_data"
#endif

#ifndef __ASSEMBLER__
#include <stddef.h>

void *fuzz_malloc(size_t size);
void *fuzz_calloc(size_t count, size_t size);
void fuzz_free(void *object);
#endif

#define MEM_LIBC_MALLOC 1
#define MEMP_MEM_MALLOC 1
#define mem_clib_malloc fuzz_malloc
#define mem_clib_calloc fuzz_calloc
#define mem_clib_free   fuzz_free

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's Unified Hosting Interface (MIPS MD01069): arguments, and files of the host. By
 * `sdbbp 1`, which an emulator or a debugger answers.
 */
#ifndef UHI_H
#define UHI_H

#include <stddef.h>
#include <stdint.h>

enum uhi_operation {
	UHI_EXIT = 1,
	UHI_OPEN = 2,
	UHI_CLOSE = 3,
	UHI_READ = 4,
	UHI_WRITE = 5,
	UHI_LSEEK = 6,
	UHI_ARGC = 9,
	UHI_ARGNLEN = 10,
	UHI_ARGN = 11,
};

/* Flags of UHI_OPEN. */
enum {
	UHI_RDONLY = 0,
	UHI_WRONLY = 1,
	UHI_RDWR = 2,
	UHI_APPEND = 8,
	UHI_CREAT = 0x200,
	UHI_TRUNC = 0x400,
};

/* Whence of UHI_LSEEK. */
enum {
	UHI_SEEK_SET = 0,
	UHI_SEEK_END = 2,
};

/* The operation's result: -1 when it failed, as a rule. Pointers are kseg0 addresses. */
int32_t uhi(enum uhi_operation operation, uint32_t a, uint32_t b, uint32_t c);

static inline uint32_t uhi_pointer(const volatile void *at)
{
	return (uint32_t)(uintptr_t)at;
}

#endif

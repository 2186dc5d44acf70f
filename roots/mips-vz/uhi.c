/* SPDX-License-Identifier: BSD-2-Clause */
#include "uhi.h"

enum operation {
	UHI_EXIT = 1,
	UHI_OPEN = 2,
	UHI_CLOSE = 3,
	UHI_READ = 4,
	UHI_WRITE = 5,
	UHI_LSEEK = 6,
	UHI_UNLINK = 7,
	UHI_ARGC = 9,
	UHI_ARGNLEN = 10,
	UHI_ARGN = 11,
};

/* Flags of open, and whence of lseek. */
enum {
	O_WRONLY = 1,
	O_RDWR = 2,
	O_APPEND = 8,
	O_CREAT = 0x200,
	O_TRUNC = 0x400,
	SEEK_SET = 0,
	SEEK_END = 2,
	MODE = 0644, /* of what is made */
};

static uint32_t pointer(const volatile void *at)
{
	return (uint32_t)(uintptr_t)at;
}

/* The host's result; a negative error number for -1. */
static int64_t call(enum operation operation, uint32_t a, uint32_t b, uint32_t c)
{
	register uint32_t r4 __asm__("$4") = a;
	register uint32_t r5 __asm__("$5") = b;
	register uint32_t r6 __asm__("$6") = c;
	register uint32_t r25 __asm__("$25") = operation;
	register int32_t r2 __asm__("$2") = 1;
	register int32_t r3 __asm__("$3") = HOST_IO;

	__asm__ volatile("sdbbp 1"
			 : "+r"(r2), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r25)
			 :
			 : "memory");
	return r2 != -1 ? r2 : r3 > 0 ? -(int64_t)r3 : -(int64_t)HOST_IO;
}

static int64_t open(const char *name, enum host_mode mode)
{
	static const uint16_t flags[HOST_MODES] = {
		[HOST_WRITE] = O_WRONLY | O_CREAT | O_TRUNC,
		[HOST_UPDATE] = O_RDWR,
		[HOST_APPEND] = O_WRONLY | O_CREAT | O_APPEND,
	};

	return call(UHI_OPEN, pointer(name), flags[mode], MODE);
}

static int64_t close(int64_t handle)
{
	return call(UHI_CLOSE, (uint32_t)handle, 0, 0);
}

static int64_t read(int64_t handle, void *to, uint64_t len)
{
	return call(UHI_READ, (uint32_t)handle, pointer(to), (uint32_t)len);
}

static int64_t write(int64_t handle, const void *data, uint64_t len)
{
	return call(UHI_WRITE, (uint32_t)handle, pointer(data), (uint32_t)len);
}

static int64_t seek(int64_t handle, uint64_t offset)
{
	if (offset > INT32_MAX)
		return -HOST_BAD_VALUE;
	return call(UHI_LSEEK, (uint32_t)handle, (uint32_t)offset, SEEK_SET);
}

/* By the position at its end, so that the position is lost. */
static int64_t size(int64_t handle)
{
	return call(UHI_LSEEK, (uint32_t)handle, 0, SEEK_END);
}

static int64_t unlink(const char *name)
{
	return call(UHI_UNLINK, pointer(name), 0, 0);
}

const struct host_files uhi_files = {
	.open = open,
	.close = close,
	.read = read,
	.write = write,
	.seek = seek,
	.size = size,
	.remove = unlink,
};

uint32_t uhi_argc(void)
{
	int64_t count = call(UHI_ARGC, 0, 0, 0);

	return count > 0 ? (uint32_t)count : 0;
}

uint32_t uhi_argnlen(uint32_t n)
{
	int64_t length = call(UHI_ARGNLEN, n, 0, 0);

	return length > 0 ? (uint32_t)length : 0;
}

void uhi_argn(uint32_t n, char *to)
{
	call(UHI_ARGN, n, pointer(to), 0);
}

void uhi_exit(int status)
{
	call(UHI_EXIT, (uint32_t)status, 0, 0);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "semihosting.h"

#if defined(__aarch64__) || defined(MMIO_TEST)

enum {
	SYS_OPEN = 0x01,
	SYS_CLOSE = 0x02,
	SYS_WRITE = 0x05,
	SYS_READ = 0x06,
	SYS_SEEK = 0x0a,
	SYS_FLEN = 0x0c,
	SYS_REMOVE = 0x0e,
	SYS_ERRNO = 0x13,
};

#ifndef MMIO_TEST
static int64_t semihosting_call(uint64_t operation, const void *block)
{
	register uint64_t x0 __asm__("x0") = operation;
	register const void *x1 __asm__("x1") = block;

	__asm__ volatile("hlt #0xf000" : "+r"(x0) : "r"(x1) : "memory");
	return (int64_t)x0;
}
#endif

/* Of the call before, which has failed. */
static int64_t error(void)
{
	int64_t number = semihosting_call(SYS_ERRNO, NULL);

	return number > 0 ? -number : -HOST_IO;
}

static uint64_t length(const char *name)
{
	uint64_t len = 0;

	while (name[len] != '\0')
		len++;
	return len;
}

static int64_t open_file(const char *name, enum host_mode mode)
{
	/* fopen()'s "rb", "wb", "r+b" and "ab" by their numbers. */
	static const uint8_t modes[HOST_MODES] = { 1, 5, 3, 9 };
	const uint64_t block[] = { (uintptr_t)name, modes[mode], length(name) };
	int64_t handle = semihosting_call(SYS_OPEN, block);

	return handle < 0 ? error() : handle;
}

static int64_t done(int64_t result)
{
	return result < 0 ? error() : 0;
}

static int64_t close_file(int64_t handle)
{
	const uint64_t block[] = { (uint64_t)handle };

	return done(semihosting_call(SYS_CLOSE, block));
}

/* Answered with what is left to be moved; with all of it, at the end or when nothing works. */
static int64_t transfer(uint64_t operation, int64_t handle, const void *data, uint64_t len)
{
	const uint64_t block[] = { (uint64_t)handle, (uintptr_t)data, len };
	int64_t left = semihosting_call(operation, block);

	if (left < 0 || (uint64_t)left > len)
		return error();
	return (int64_t)(len - (uint64_t)left);
}

static int64_t read_file(int64_t handle, void *to, uint64_t len)
{
	return transfer(SYS_READ, handle, to, len);
}

static int64_t write_file(int64_t handle, const void *data, uint64_t len)
{
	int64_t wrote = transfer(SYS_WRITE, handle, data, len);

	return wrote == 0 && len != 0 ? error() : wrote;
}

static int64_t seek_file(int64_t handle, uint64_t offset)
{
	const uint64_t block[] = { (uint64_t)handle, offset };

	return done(semihosting_call(SYS_SEEK, block));
}

static int64_t size_of_file(int64_t handle)
{
	const uint64_t block[] = { (uint64_t)handle };
	int64_t size = semihosting_call(SYS_FLEN, block);

	return size < 0 ? error() : size;
}

static int64_t remove_file(const char *name)
{
	const uint64_t block[] = { (uintptr_t)name, length(name) };

	return semihosting_call(SYS_REMOVE, block) != 0 ? error() : 0;
}

const struct host_files semihosting = {
	.open = open_file,
	.close = close_file,
	.read = read_file,
	.write = write_file,
	.seek = seek_file,
	.size = size_of_file,
	.remove = remove_file,
};

#endif

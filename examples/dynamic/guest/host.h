/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of the host, for a bare-metal guest: the hypercalls of roots/common/host_calls.h. */
#ifndef HOST_H
#define HOST_H

#include <stdint.h>

/* The root's hypercall, with up to three arguments. */
int64_t host_call(uint64_t function, uint64_t a, uint64_t b, uint64_t c);

/* A hypervisor's own service, a call of 64 bits. */
#define HOST_FUNCTION(number) (UINT64_C(0xc6000000) + (number))

enum {
	HOST_OPEN = 0x1000,
	HOST_CLOSE,
	HOST_READ,
	HOST_WRITE,
	HOST_SEEK,
	HOST_SIZE,
	HOST_REMOVE,
};

enum {
	HOST_TO_READ,
	HOST_TO_WRITE,
	HOST_TO_UPDATE,
	HOST_TO_APPEND,
};

/* As the header named above has them: at least 0, or a negative error of the host. */
static inline int64_t host_open(const char *name, uint64_t length, unsigned mode)
{
	return host_call(HOST_FUNCTION(HOST_OPEN), (uintptr_t)name, length, mode);
}

static inline int64_t host_close(int64_t file)
{
	return host_call(HOST_FUNCTION(HOST_CLOSE), (uint64_t)file, 0, 0);
}

static inline int64_t host_read(int64_t file, void *to, uint64_t length)
{
	return host_call(HOST_FUNCTION(HOST_READ), (uint64_t)file, (uintptr_t)to, length);
}

static inline int64_t host_write(int64_t file, const void *data, uint64_t length)
{
	return host_call(HOST_FUNCTION(HOST_WRITE), (uint64_t)file, (uintptr_t)data, length);
}

static inline int64_t host_seek(int64_t file, uint64_t byte)
{
	return host_call(HOST_FUNCTION(HOST_SEEK), (uint64_t)file, byte, 0);
}

static inline int64_t host_size(int64_t file)
{
	return host_call(HOST_FUNCTION(HOST_SIZE), (uint64_t)file, 0, 0);
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files of the host for a guest, by hypercall: the calls of MIPS UHI, with guest-physical
 * addresses.
 *
 * **Insecure**, and for development: the guest reads and writes what the emulator's user may, as
 * far as names lead there without a leading `/` and without `..`; symbolic links are the host's to
 * follow. Each call stops the whole machine until the host has done it. A guest has none of this
 * unless its system gives it a struct host_calls.
 *
 * In the range that is a hypervisor's own (SMC calling convention, HVC 0x86000000 + number), with
 * arguments in x1 on and the answer in x0: at least 0, or a negative host_error.
 *
 *	0x1000 OPEN	name, its bytes, mode (enum host_mode)	a handle
 *	0x1001 CLOSE	handle
 *	0x1002 READ	handle, to, bytes			bytes; 0 at the end
 *	0x1003 WRITE	handle, from, bytes			bytes
 *	0x1004 SEEK	handle, byte
 *	0x1005 SIZE	handle					bytes
 *	0x1006 REMOVE	name, its bytes
 *
 * One call moves HOST_CALLS_PIECE bytes at most, and answers with fewer than it was asked for.
 */
#ifndef HOST_CALLS_H
#define HOST_CALLS_H

#include "guest.h"
#include "host_files.h"

#define HOST_CALLS_FILES 8 /* open at a time, of one guest */
#define HOST_CALLS_PIECE 65536

enum host_call {
	HOST_CALL_OPEN = 0x1000,
	HOST_CALL_CLOSE,
	HOST_CALL_READ,
	HOST_CALL_WRITE,
	HOST_CALL_SEEK,
	HOST_CALL_SIZE,
	HOST_CALL_REMOVE,
};

/* One guest's. Its handles are its own: numbers from 0 to HOST_CALLS_FILES - 1. */
struct host_calls {
	const struct host_files *files;
	bool open[HOST_CALLS_FILES];
	int64_t handles[HOST_CALLS_FILES]; /* the host's */
	uint64_t bytes_read;
	uint64_t bytes_written;
};

void host_calls_init(struct host_calls *calls, const struct host_files *files);

/* Closes all: when the guest starts, and when it ends. */
void host_calls_reset(struct host_calls *calls);

/* For guest_ops.call: the answer, or GUEST_CALL_UNKNOWN when it is none of these. */
int64_t host_calls_call(struct host_calls *calls, struct vcpu *caller, unsigned number,
			const uint64_t *x);

#endif

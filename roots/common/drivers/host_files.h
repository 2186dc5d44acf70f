/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files of the host that a debugger or an emulator gives the root: Arm semihosting is one driver
 * (semihosting.h), MIPS UHI another. For development; the root sees what the emulator's user may
 * see, and there is no directory to list.
 *
 * Every call stops the whole machine until the host has done it: who moves much, moves pieces.
 */
#ifndef HOST_FILES_H
#define HOST_FILES_H

#include "vio_types.h"

enum host_mode {
	HOST_READ,   /* what is there */
	HOST_WRITE,  /* made anew: what was there is lost */
	HOST_UPDATE, /* what is there, to be read and written */
	HOST_APPEND, /* made if it is not there; all writes go to the end */
	HOST_MODES,
};

#define HOST_NAME_MAX 255 /* bytes of a name, without its end */

/* All return a negative host_error when it did not work. */
struct host_files {
	/* A handle, from 0 on. The name ends with a zero, and is relative to where the host's
	 * emulator was started. */
	int64_t (*open)(const char *name, enum host_mode mode);
	int64_t (*close)(int64_t handle);
	/* The bytes that were moved: fewer at the end of the file, or when the host has no room. */
	int64_t (*read)(int64_t handle, void *to, uint64_t len);
	int64_t (*write)(int64_t handle, const void *data, uint64_t len);
	/* To this byte, counted from the start, within the file. */
	int64_t (*seek)(int64_t handle, uint64_t offset);
	int64_t (*size)(int64_t handle); /* bytes */
	int64_t (*remove)(const char *name);
};

/* The host's errno, as far as the numbers are the same everywhere. */
enum host_error {
	HOST_NOT_PERMITTED = 1,
	HOST_NO_ENTRY = 2,
	HOST_IO = 5,
	HOST_BAD_HANDLE = 9,
	HOST_NO_ACCESS = 13,
	HOST_EXISTS = 17,
	HOST_NOT_DIRECTORY = 20,
	HOST_IS_DIRECTORY = 21,
	HOST_BAD_VALUE = 22,
	HOST_TOO_MANY = 24,
	HOST_NO_SPACE = 28,
	HOST_READ_ONLY = 30,
	HOST_NAME_TOO_LONG = 91, /* where the host is QEMU: by the numbers of gdb */
};

/* In words; `error` as it was returned, or without its sign. Never NULL. */
const char *host_error_text(int64_t error);

#endif

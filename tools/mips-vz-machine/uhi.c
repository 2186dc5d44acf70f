/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Semihosting by MIPS' Unified Hosting Interface, as QEMU does it: the host's files are the
 * program's. Addresses are the program's, in root kernel mode; a buffer that is not mapped RAM
 * fails with EFAULT.
 */
#include "uhi.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "board.h"
#include "core.h"

enum operation {
	UHI_EXIT = 1,
	UHI_OPEN = 2,
	UHI_CLOSE = 3,
	UHI_READ = 4,
	UHI_WRITE = 5,
	UHI_LSEEK = 6,
	UHI_UNLINK = 7,
	UHI_FSTAT = 8,
	UHI_ARGC = 9,
	UHI_ARGNLEN = 10,
	UHI_ARGN = 11,
	UHI_PLOG = 13,
	UHI_PREAD = 19,
	UHI_PWRITE = 20
};

/* Of UHI's open */
#define FLAG_WRONLY 0x1
#define FLAG_RDWR   0x2
#define FLAG_APPEND 0x8
#define FLAG_CREAT  0x200
#define FLAG_TRUNC  0x400
#define FLAG_EXCL   0x800

#define PATH_SIZE   4096
#define CHUNK       4096
#define STAT_SIZE   104

#define V0          core->gpr[2]
#define ERROR       core->gpr[3]
#define A0          core->gpr[4]
#define A1          core->gpr[5]
#define A2          core->gpr[6]
#define A3          core->gpr[7]

static void result(struct core *core, int64_t value)
{
	V0 = (uint32_t)value;
	ERROR = value < 0 ? (uint32_t)errno : 0;
}

static void fault(struct core *core)
{
	errno = EFAULT;
	result(core, -1);
}

/* False: longer than PATH_SIZE, or not mapped. */
static bool get_string(const struct core *core, uint32_t address, char *string)
{
	for (uint32_t i = 0; i < PATH_SIZE; i++) {
		if (!memory_peek(core, ROOT_KERNEL, address + i, string + i, 1))
			return false;
		if (!string[i])
			return true;
	}
	return false;
}

static int host_flags(uint32_t flags)
{
	return (flags & FLAG_RDWR     ? O_RDWR
		: flags & FLAG_WRONLY ? O_WRONLY
				      : O_RDONLY) |
	       (flags & FLAG_APPEND ? O_APPEND : 0) | (flags & FLAG_CREAT ? O_CREAT : 0) |
	       (flags & FLAG_TRUNC ? O_TRUNC : 0) | (flags & FLAG_EXCL ? O_EXCL : 0);
}

static void open_file(struct core *core)
{
	char path[PATH_SIZE];

	if (get_string(core, A0, path))
		result(core, open(path, host_flags(A1) | O_CLOEXEC, (mode_t)A2));
	else
		fault(core);
}

static void unlink_file(struct core *core)
{
	char path[PATH_SIZE];

	if (get_string(core, A0, path))
		result(core, unlink(path));
	else
		fault(core);
}

/* `offset` < 0: where the file is. */
static void read_file(struct core *core, int64_t offset)
{
	uint8_t bytes[CHUNK];
	uint32_t done = 0;

	while (done < A2) {
		size_t want = A2 - done < CHUNK ? A2 - done : CHUNK;
		ssize_t got = offset < 0 ? read((int)A0, bytes, want)
					 : pread((int)A0, bytes, want, offset + done);

		if (got < 0 && !done) {
			result(core, -1);
			return;
		}
		if (got > 0 && !memory_poke(core, ROOT_KERNEL, A1 + done, bytes, (size_t)got)) {
			fault(core);
			return;
		}
		if (got > 0)
			done += (uint32_t)got;
		if (got < (ssize_t)want)
			break;
	}
	result(core, done);
}

static void write_file(struct core *core, int64_t offset)
{
	uint8_t bytes[CHUNK];
	uint32_t done = 0;

	while (done < A2) {
		size_t want = A2 - done < CHUNK ? A2 - done : CHUNK;
		ssize_t put;

		if (!memory_peek(core, ROOT_KERNEL, A1 + done, bytes, want)) {
			fault(core);
			return;
		}
		put = offset < 0 ? write((int)A0, bytes, want)
				 : pwrite((int)A0, bytes, want, offset + done);
		if (put < 0 && !done) {
			result(core, -1);
			return;
		}
		if (put > 0)
			done += (uint32_t)put;
		if (put < (ssize_t)want)
			break;
	}
	result(core, done);
}

/* In the core's byte order. */
static void put(const struct core *core, uint8_t *at, unsigned size, uint64_t value)
{
	for (unsigned i = 0; i < size; i++)
		at[core->big_endian ? size - 1 - i : i] = (uint8_t)(value >> 8 * i);
}

static void stat_file(struct core *core)
{
	uint8_t bytes[STAT_SIZE] = { 0 };
	struct stat host;

	if (fstat((int)A0, &host)) {
		result(core, -1);
		return;
	}
	put(core, bytes + 4, 4, host.st_mode);
	put(core, bytes + 8, 2, host.st_nlink);
	put(core, bytes + 16, 8, (uint64_t)host.st_size);
	put(core, bytes + 24, 8, (uint64_t)host.st_atime);
	put(core, bytes + 40, 8, (uint64_t)host.st_mtime);
	put(core, bytes + 56, 8, (uint64_t)host.st_ctime);
	put(core, bytes + 72, 8, (uint64_t)host.st_blksize);
	put(core, bytes + 80, 8, (uint64_t)host.st_blocks);
	if (memory_poke(core, ROOT_KERNEL, A1, bytes, sizeof(bytes)))
		result(core, 0);
	else
		fault(core);
}

static void argument(struct core *core, bool only_length)
{
	const struct board *board = core->board;

	if (A0 >= (uint32_t)board->argc) {
		errno = EINVAL;
		result(core, -1);
	} else if (only_length) {
		result(core, (int64_t)strlen(board->argv[A0]));
	} else if (memory_poke(core, ROOT_KERNEL, A1, board->argv[A0],
			       strlen(board->argv[A0]) + 1)) {
		result(core, 0);
	} else {
		fault(core);
	}
}

static void log_line(struct core *core)
{
	char format[PATH_SIZE];
	const char *value;

	if (!get_string(core, A0, format)) {
		fault(core);
		return;
	}
	value = strpbrk(format, "%");
	if (value && (value[1] == 'd' || value[1] == 'x'))
		fprintf(stderr, value[1] == 'd' ? "%.*s%d%s" : "%.*s%x%s", (int)(value - format),
			format, (int)A1, value + 2);
	else
		fputs(format, stderr);
	result(core, 0);
}

void uhi(struct core *core)
{
	board_flush(core->board);
	switch (core->gpr[25]) {
	case UHI_EXIT:
		core_stop(core, (int)A0 & 0xff);
		break;
	case UHI_OPEN:
		open_file(core);
		break;
	case UHI_CLOSE:
		result(core, A0 <= STDERR_FILENO ? 0 : close((int)A0));
		break;
	case UHI_READ:
		read_file(core, -1);
		break;
	case UHI_WRITE:
		write_file(core, -1);
		break;
	case UHI_LSEEK:
		result(core, lseek((int)A0, (int32_t)A1, (int)A2));
		break;
	case UHI_UNLINK:
		unlink_file(core);
		break;
	case UHI_FSTAT:
		stat_file(core);
		break;
	case UHI_ARGC:
		result(core, core->board->argc);
		break;
	case UHI_ARGNLEN:
		argument(core, true);
		break;
	case UHI_ARGN:
		argument(core, false);
		break;
	case UHI_PLOG:
		log_line(core);
		break;
	case UHI_PREAD:
		read_file(core, A3);
		break;
	case UHI_PWRITE:
		write_file(core, A3);
		break;
	default:
		core_unpredictable(core, "UHI has no operation %u here", core->gpr[25]);
	}
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file of the host behind a console: what the guest says is written to it, and what it is to be
 * told may come from another. As each write stops the machine, single bytes, which is how an early
 * console has it, are gathered to lines.
 */
#ifndef FILE_CONSOLE_H
#define FILE_CONSOLE_H

#include "host_files.h"
#include "vio_console.h"

#define FILE_CONSOLE_LINE 256

struct file_console {
	struct vio_console_backend backend;
	const struct host_files *files;
	int64_t out;
	int64_t in; /* negative: none, or it has been read to its end */
	uint64_t bytes;
	uint64_t lost; /* bytes that the host did not take: the guest is not held up by its disk */
	int64_t error; /* why; 0: nothing was lost */
	uint32_t length;
	uint8_t line[FILE_CONSOLE_LINE];
};

/*
 * Makes the file `out` anew; `in`, or NULL, is where input comes from. 0, or a negative host_error,
 * of which `name` then says the file.
 */
int64_t file_console_open(struct file_console *console, const struct host_files *files,
			  const char *out, const char *in, const char **name);

/* What is gathered goes out, and the files are closed. */
void file_console_close(struct file_console *console);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Archives of cpio's "newc" format: what a root finds its guests' files in. */
#ifndef CPIO_H
#define CPIO_H

#include <stdbool.h>
#include <stddef.h>

struct cpio_file {
	const void *data; /* NULL: there is no such file */
	size_t size;
};

/* The member called `name` of the archive. `*damaged`: the archive is none, or cut short. */
struct cpio_file cpio_find(const void *archive, size_t size, const char *name, bool *damaged);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts of instructions and exits, in all and between markers. README.md says what markers are. */
#ifndef COUNT_H
#define COUNT_H

#include <stdio.h>

#include "core.h"

enum marker {
	MARKER_BEGIN,
	MARKER_END,
	MARKER_TOTAL
};

struct count_file {
	FILE *file;
	struct counts begun;
};

void count_marker(struct core *core, enum marker marker);

#endif

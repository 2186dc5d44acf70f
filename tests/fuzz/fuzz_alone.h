/* SPDX-License-Identifier: BSD-2-Clause */
/* The input of a target that stands alone, without the bench: fuzz.h declares these two. */
#ifndef FUZZ_ALONE_H
#define FUZZ_ALONE_H

#include "fuzz.h"

_Noreturn void fuzz_broken(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

static const uint8_t *input;
static size_t left;

uint8_t fuzz_byte(void)
{
	return left != 0 ? left--, *input++ : 0;
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The root's command line, `key=value key ... -- the guest's command line`. A value reaches to the
 * next space.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The guest's part; "" when there is none. */
const char *options_guest(const char *line);

/* Whether `key` is there, alone or with a value, which (or "") then starts at `*value`. */
bool options_find(const char *line, const char *key, const char **value);

/* Whether a value is the word `word`. */
bool options_is(const char *value, const char *word);

/* A number of bytes with an optional K, M or G behind it, and nothing else; 0 if it is no such. */
uint64_t options_size(const char *value);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* What the core has: `--core NAME=VALUE,...`. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>

#include "core.h"

void options_default(struct core_options *options);
/* False, after an error on stderr that says what there is. */
bool options_parse(struct core_options *options, const char *list);
void options_help(void);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef GUESTS_H
#define GUESTS_H

#include <stddef.h>

struct guest;

/*
 * Makes and starts this system's other guests, beside the `first`, which is made but not started.
 * The machine ends with that one. `bundle`: the archive their programs may come in.
 */
void start_other_guests(struct guest *first, const void *bundle, size_t size);

#endif

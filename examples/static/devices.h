/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The devices of the plan's guests. What is in the standard's slots is of the guest's kit; what is
 * in others, of here: up to DEVICES_OTHERS of each kind in the whole system.
 */
#ifndef DEVICES_H
#define DEVICES_H

#include "kit.h"
#include "plan.h"
#include "vcpu.h"

#define DEVICES_OTHERS 8

/* The plan's memory is no longer the pool's. */
void devices_reserve(const struct plan *plan);

/* The machine's side: terminal, card, shared memory. */
void devices_init(const struct plan *plan);

/* Fills in what the guest's kit is to have. */
void devices_standard(const struct plan_guest *guest, struct kit_plan *kit);

/* The rest, when that is made. NULL, or what is wrong. */
const char *devices_others(const struct plan_guest *is, struct guest *guest);

/* All guests have theirs. */
void devices_ready(void);

#endif

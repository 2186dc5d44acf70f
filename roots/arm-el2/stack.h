/* SPDX-License-Identifier: BSD-2-Clause */
/* The root's stacks, one a CPU. */
#ifndef STACK_H
#define STACK_H

#include "arm.h"

struct stack {
	_Alignas(PAGE_SIZE) uint8_t hole[PAGE_SIZE]; /* not mapped */
	uint8_t bytes[STACK_SIZE];
};

extern struct stack stacks[CPUS_MAX];

#endif

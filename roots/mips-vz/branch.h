/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BRANCH_H
#define BRANCH_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Where the branch or jump `word` at `pc` leads, with these general registers, of which it writes
 * the link: the instruction in its delay slot has been carried out. False: it is none that has one.
 */
bool branch_target(uint32_t word, uint32_t pc, uint32_t *r, uint32_t *target);

#endif

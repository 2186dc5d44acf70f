/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arm semihosting (Semihosting for AArch32 and AArch64, release 2.0) as a source of host files.
 *
 * Insecure by nature: who takes the call is below every exception level, so where it is on for the
 * root, each guest's own HLT 0xf000 reaches the host, too, past the root. An emulator has it off by
 * default, and it is on only for systems that say they need it. Where it is off, a call is an
 * undefined instruction, and the root's end.
 */
#ifndef SEMIHOSTING_H
#define SEMIHOSTING_H

#include "host_files.h"

extern const struct host_files semihosting;

#ifdef MMIO_TEST
/* The host, which a test brings. */
int64_t semihosting_call(uint64_t operation, const void *block);
#endif

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's Unified Hosting Interface (MIPS MD01069): arguments, and files of the host. By
 * `sdbbp 1` in kernel mode, which an emulator or a debugger answers. File names, offsets and
 * lengths have 31 bits.
 */
#ifndef UHI_H
#define UHI_H

#include "host_files.h"

extern const struct host_files uhi_files;

/* The root's arguments: how many, the length of one without its end, and itself. */
uint32_t uhi_argc(void);
uint32_t uhi_argnlen(uint32_t n);
void uhi_argn(uint32_t n, char *to);

/* Ends the machine, if the host can. */
void uhi_exit(int status);

#endif

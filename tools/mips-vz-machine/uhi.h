/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef UHI_H
#define UHI_H

struct core;

/* The operation of MIPS' Unified Hosting Interface that is in $25. */
void uhi(struct core *core);

#endif

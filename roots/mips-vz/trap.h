/* SPDX-License-Identifier: BSD-2-Clause */
/* Exits, from vectors.S. The essay of who does what is in backend.h. */
#ifndef TRAP_H
#define TRAP_H

#include "vcpu.h"

/* Each returns the vCPU to go on with. */
struct mips_vcpu *trap_exit(struct mips_vcpu *vcpu);
struct mips_vcpu *trap_refill(struct mips_vcpu *vcpu);
struct mips_vcpu *trap_breakpoint(struct mips_vcpu *vcpu);

/* report.c: the guest did `what`; all its registers. */
void report_guest(struct mips_vcpu *vcpu, const char *what, uint64_t address);

#endif

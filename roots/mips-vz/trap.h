/* SPDX-License-Identifier: BSD-2-Clause */
/* Exits, from vectors.S. The essay of who does what is in backend.h. */
#ifndef TRAP_H
#define TRAP_H

#include "vcpu.h"

/*
 * Each returns the vCPU to go on with. NULL: this one, and its registers that compiled code keeps
 * or never uses are as they were (VZ_ACCESS_QUICK).
 */
struct mips_vcpu *trap_exit(struct mips_vcpu *vcpu);
struct mips_vcpu *trap_refill(struct mips_vcpu *vcpu);
struct mips_vcpu *trap_breakpoint(struct mips_vcpu *vcpu);

/* False: the vCPU goes on, and its registers were not needed. True: trap_exit() comes next. */
bool trap_interrupt(struct mips_vcpu *vcpu, unsigned line);

/* trap_access() has asked the glue, with this outcome: the rest of it. */
void trap_outcome(struct mips_vcpu *vcpu, enum vio_mips_vz_outcome outcome, uint64_t address,
		  uint32_t word, enum backend_access access);

/* trap_trace.c: `behind`, with each exit noted. */
const struct backend_ops *trap_traced(const struct backend_ops *behind);
void trap_note_exit(struct mips_vcpu *vcpu);

/* report.c: the guest did `what`; all its registers. */
void report_guest(struct mips_vcpu *vcpu, const char *what, uint64_t address);

#endif

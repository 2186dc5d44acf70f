/* SPDX-License-Identifier: BSD-2-Clause */
/* What a guest's exits are turned into. The essay is in trap.c. */
#ifndef TRAP_H
#define TRAP_H

#include "vcpu.h"

/* Called by vectors.S, each returns the vCPU to go on with. */
struct arm_vcpu *trap_sync(struct arm_vcpu *vcpu, uint64_t esr);
struct arm_vcpu *trap_irq(struct arm_vcpu *vcpu);
struct arm_vcpu *trap_serror(struct arm_vcpu *vcpu, uint64_t esr);

/*
 * This CPU's exits, once it is known whether they are noted (trap_trace.c), and whether there are
 * other CPUs (smp.c): then they go to the same functions of these.
 */
void trap_init(void);
struct arm_vcpu *trap_sync_shared(struct arm_vcpu *vcpu, uint64_t esr);
struct arm_vcpu *trap_irq_shared(struct arm_vcpu *vcpu, uint64_t esr);
struct arm_vcpu *trap_serror_shared(struct arm_vcpu *vcpu, uint64_t esr);
struct arm_vcpu *trap_sync_traced(struct arm_vcpu *vcpu, uint64_t esr);
struct arm_vcpu *trap_irq_traced(struct arm_vcpu *vcpu, uint64_t esr);
struct arm_vcpu *trap_serror_traced(struct arm_vcpu *vcpu, uint64_t esr);

static inline struct arm_vcpu *trap_return(struct arm_vcpu *vcpu)
{
	return vio_unlikely(sched_here()->attention) ? arm_vcpu(guest_next()) : vcpu;
}

/* Go on behind the instruction. */
static inline void trap_skip(void)
{
	write_sysreg(elr_el2, read_sysreg(elr_el2) + 4);
}

/* psci.c: HVC or SMC; sysreg.c: MRS or MSR, false when there is no such register. */
void psci_call(struct arm_vcpu *vcpu);
bool sysreg_access(struct arm_vcpu *vcpu, uint32_t iss);

/* inject.c: the guest takes an exception to EL1. */
void inject_undefined(void);
/* A synchronous external abort; `esr` is EL2's, whose class and direction it keeps. */
void inject_abort(uint64_t esr);

/* report.c: the guest did `what`; all its registers. */
void report_guest(struct arm_vcpu *vcpu, const char *what, uint64_t ipa);

#endif

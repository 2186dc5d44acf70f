/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's exits when the root is traced: between two notes they go where they always go. */
#include "trace.h"
#include "trap.h"

/* The guest-physical address of an abort, the number of a call, or nothing. */
static uint64_t detail(const struct arm_vcpu *vcpu, uint64_t esr)
{
	switch (ESR_EC(esr)) {
	case EC_DATA_ABORT:
	case EC_INSTR_ABORT:
		return (read_sysreg(hpfar_el2) & 0xfffffffff0) << 8 |
		       (read_sysreg(far_el2) & (PAGE_SIZE - 1));
	case EC_HVC64:
	case EC_SMC64:
		return vcpu->x[0];
	default:
		return 0;
	}
}

static struct arm_vcpu *enter(struct arm_vcpu *vcpu)
{
	trace_write(TRACE_ENTER, &vcpu->vcpu, 0, 0);
	return vcpu;
}

struct arm_vcpu *trap_sync_traced(struct arm_vcpu *vcpu, uint64_t esr)
{
	trace_write(TRACE_EXIT, &vcpu->vcpu, (uint32_t)esr, detail(vcpu, esr));
	return enter(trap_sync(vcpu, esr));
}

/* ESR_EL2 says nothing about an interrupt. */
struct arm_vcpu *trap_irq_traced(struct arm_vcpu *vcpu, uint64_t esr)
{
	trace_write(TRACE_EXIT, &vcpu->vcpu, TRACE_ARM_IRQ, 0);
	return enter(trap_irq(vcpu));
}

struct arm_vcpu *trap_serror_traced(struct arm_vcpu *vcpu, uint64_t esr)
{
	trace_write(TRACE_EXIT, &vcpu->vcpu, (uint32_t)esr, 0);
	return enter(trap_serror(vcpu, esr));
}

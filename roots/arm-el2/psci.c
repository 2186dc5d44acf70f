/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PSCI 1.1 (DEN0022) and the general calls of the SMC calling convention (DEN0028), which a guest
 * makes by HVC or SMC alike; the convention's range of a hypervisor's own services is the system's
 * (guest_ops.call). Everything else is answered with "not supported", as the convention asks of
 * unknown calls.
 */
#include "trap.h"

#define CALL_64       (1U << 30)

/* The range of the hypervisor's own services: 16 bits of function number, less the general ones. */
#define OWN_CALLS     0x86000000
#define OWN_CALL_MASK 0xff00U
#define OWN_GENERAL   0xff00U

enum {
	SMCCC_VERSION = 0x80000000,
	SMCCC_ARCH_FEATURES = 0x80000001,
	PSCI_VERSION = 0x84000000,
	PSCI_CPU_SUSPEND = 0x84000001,
	PSCI_CPU_OFF = 0x84000002,
	PSCI_CPU_ON = 0x84000003,
	PSCI_AFFINITY_INFO = 0x84000004,
	PSCI_MIGRATE_INFO_TYPE = 0x84000006,
	PSCI_SYSTEM_OFF = 0x84000008,
	PSCI_SYSTEM_RESET = 0x84000009,
	PSCI_FEATURES = 0x8400000a,
};

enum {
	SUCCESS = 0,
	NOT_SUPPORTED = -1,
	INVALID_PARAMETERS = -2,
	ALREADY_ON = -4,
};

#define VERSION_PSCI  0x10001
#define VERSION_SMCCC 0x10001
#define NO_MIGRATION  2 /* no trusted OS to migrate */
#define AFFINITY_ON   0
#define AFFINITY_OFF  1

static struct arm_vcpu *find(struct arm_guest *guest, uint64_t affinity)
{
	for (unsigned i = 0; i < guest->guest.vcpu_count; i++) {
		if (((guest->vcpus[i].mpidr ^ affinity) & 0xff00ffffff) == 0)
			return &guest->vcpus[i];
	}
	return NULL;
}

static int64_t cpu_on(struct arm_vcpu *caller, uint64_t affinity, uint64_t entry, uint64_t context)
{
	struct arm_vcpu *vcpu = find(caller->guest, affinity);

	if (!vcpu)
		return INVALID_PARAMETERS;
	return vcpu_start(&vcpu->vcpu, entry, context) ? SUCCESS : ALREADY_ON;
}

static int64_t affinity_info(struct arm_vcpu *caller, uint64_t affinity, uint64_t level)
{
	struct arm_vcpu *vcpu = find(caller->guest, affinity);

	if (!vcpu || level > 0)
		return INVALID_PARAMETERS;
	return vcpu->vcpu.state == VCPU_RESET ? AFFINITY_OFF : AFFINITY_ON;
}

static int64_t features(uint32_t call)
{
	switch (call) {
	case SMCCC_VERSION:
	case PSCI_VERSION:
	case PSCI_CPU_SUSPEND:
	case PSCI_CPU_SUSPEND | CALL_64:
	case PSCI_CPU_OFF:
	case PSCI_CPU_ON:
	case PSCI_CPU_ON | CALL_64:
	case PSCI_AFFINITY_INFO:
	case PSCI_AFFINITY_INFO | CALL_64:
	case PSCI_MIGRATE_INFO_TYPE:
	case PSCI_SYSTEM_OFF:
	case PSCI_SYSTEM_RESET:
	case PSCI_FEATURES:
		return SUCCESS;
	default:
		return NOT_SUPPORTED;
	}
}

static bool is_own(uint32_t call)
{
	return (call & ~0xffffU) == OWN_CALLS && (call & OWN_CALL_MASK) != OWN_GENERAL;
}

static void end(struct arm_vcpu *vcpu, enum guest_end how)
{
	guest_end(&vcpu->guest->guest, how);
}

static int64_t answer(struct arm_vcpu *vcpu, uint32_t call, const uint64_t *x)
{
	switch (call) {
	case SMCCC_VERSION:
		return VERSION_SMCCC;
	case SMCCC_ARCH_FEATURES:
		return x[0] == SMCCC_VERSION || x[0] == SMCCC_ARCH_FEATURES ? SUCCESS
									    : NOT_SUPPORTED;
	case PSCI_VERSION:
		return VERSION_PSCI;
	case PSCI_FEATURES:
		return features((uint32_t)x[0]);
	case PSCI_MIGRATE_INFO_TYPE:
		return NO_MIGRATION;
	case PSCI_CPU_SUSPEND:
		/* Standby: until an interrupt comes. A deeper state may be entered as this one. */
		vcpu_wait(vcpu);
		return SUCCESS;
	case PSCI_CPU_ON:
		return cpu_on(vcpu, x[0], x[1], x[2]);
	case PSCI_AFFINITY_INFO:
		return affinity_info(vcpu, x[0], x[1]);
	case PSCI_CPU_OFF:
		vcpu_step(&vcpu->vcpu, VCPU_DO_RESET);
		return SUCCESS;
	case PSCI_SYSTEM_OFF:
		end(vcpu, GUEST_POWERED_OFF);
		return SUCCESS;
	case PSCI_SYSTEM_RESET:
		end(vcpu, GUEST_RESET);
		return SUCCESS;
	default:
		return is_own(call) ? guest_call(&vcpu->vcpu, call & 0xffff, x) : NOT_SUPPORTED;
	}
}

/* These have a second number, by which their arguments are 64 bits wide. */
static bool has_64_bit_form(uint32_t call)
{
	return call == PSCI_CPU_SUSPEND || call == PSCI_CPU_ON || call == PSCI_AFFINITY_INFO ||
	       is_own(call);
}

void psci_call(struct arm_vcpu *vcpu)
{
	uint32_t call = (uint32_t)vcpu->x[0];
	uint64_t x[4] = { vcpu->x[1], vcpu->x[2], vcpu->x[3], vcpu->x[4] };

	if (call & CALL_64 && has_64_bit_form(call & ~CALL_64)) {
		call &= ~CALL_64;
	} else {
		for (unsigned i = 0; i < VIO_ARRAY_SIZE(x); i++)
			x[i] = (uint32_t)x[i];
	}
	vcpu->x[0] = (uint64_t)answer(vcpu, call, x);
}

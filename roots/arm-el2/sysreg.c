/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System registers that trap. The ID registers show the CPU less what the guest does not have:
 * EL2 and EL3, SVE, MPAM, activity monitors, RAS, performance monitors, profiling and tracing;
 * those without a row read as zero, like reserved ones. What is neither here nor in the CPU is
 * undefined.
 */
#include "trap.h"
#include "vio_arm_access.h"

/* As in the ISS of a trapped MRS or MSR. */
#define KEY(op0, op1, crn, crm, op2)                                                               \
	((op0) << 20 | (op2) << 17 | (op1) << 14 | (crn) << 10 | (crm) << 1)
#define KEY_MASK       0x3ffc1eU
#define OP0(key)       ((key) >> 20)
#define OP2(key)       ((key) >> 17 & 7)
#define OP1(key)       ((key) >> 14 & 7)
#define CRN(key)       ((key) >> 10 & 15)
#define CRM(key)       ((key) >> 1 & 15)
#define OP0_DEBUG      2
#define ISS_READ       1U
#define ISS_RT(iss)    ((iss) >> 5 & 31)

#define ID_SPACE       KEY(3, 0, 0, 0, 0)
#define ID_SPACE_MASK  (KEY_MASK & ~KEY(0, 0, 0, 7, 7))
#define ACTLR_EL1      KEY(3, 0, 1, 0, 1)
#define ICC_SGI0R_EL1  KEY(3, 0, 12, 11, 7)
#define ICC_SGI1R_EL1  KEY(3, 0, 12, 11, 5)
#define ICC_ASGI1R_EL1 KEY(3, 0, 12, 11, 6)

/* A field of four bits, as hidden from the guest. */
#define HIDE(low)      (0xfULL << (low))

#define PFR0_HIDDEN    (HIDE(8) | HIDE(12) | HIDE(28) | HIDE(32) | HIDE(40) | HIDE(44))
#define DFR0_HIDDEN    (HIDE(4) | HIDE(8) | HIDE(32) | HIDE(40) | HIDE(44) | HIDE(48))
#define MMFR1_HIDDEN   HIDE(8)
#define PFR1_HIDDEN_32 HIDE(12)
#define DFR0_HIDDEN_32 (HIDE(12) | HIDE(16) | HIDE(20) | HIDE(24) | HIDE(28))

#define ID_REGISTERS(X)                                                                            \
	X(1, 0, id_pfr0_el1, 0)                                                                    \
	X(1, 1, id_pfr1_el1, PFR1_HIDDEN_32)                                                       \
	X(1, 2, id_dfr0_el1, DFR0_HIDDEN_32)                                                       \
	X(1, 3, id_afr0_el1, 0)                                                                    \
	X(1, 4, id_mmfr0_el1, 0)                                                                   \
	X(1, 5, id_mmfr1_el1, 0)                                                                   \
	X(1, 6, id_mmfr2_el1, 0)                                                                   \
	X(1, 7, id_mmfr3_el1, 0)                                                                   \
	X(2, 0, id_isar0_el1, 0)                                                                   \
	X(2, 1, id_isar1_el1, 0)                                                                   \
	X(2, 2, id_isar2_el1, 0)                                                                   \
	X(2, 3, id_isar3_el1, 0)                                                                   \
	X(2, 4, id_isar4_el1, 0)                                                                   \
	X(2, 5, id_isar5_el1, 0)                                                                   \
	X(2, 6, id_mmfr4_el1, 0)                                                                   \
	X(3, 0, mvfr0_el1, 0)                                                                      \
	X(3, 1, mvfr1_el1, 0)                                                                      \
	X(3, 2, mvfr2_el1, 0)                                                                      \
	X(4, 0, id_aa64pfr0_el1, PFR0_HIDDEN)                                                      \
	X(5, 0, id_aa64dfr0_el1, DFR0_HIDDEN)                                                      \
	X(6, 0, id_aa64isar0_el1, 0)                                                               \
	X(6, 1, id_aa64isar1_el1, 0)                                                               \
	X(7, 0, id_aa64mmfr0_el1, 0)                                                               \
	X(7, 1, id_aa64mmfr1_el1, MMFR1_HIDDEN)                                                    \
	X(7, 2, S3_0_C0_C7_2, 0)

static uint64_t id_register(uint32_t key)
{
	switch (key) {
#define ID_CASE(crm, op2, name, hidden)                                                            \
	case KEY(3, 0, 0, crm, op2):                                                               \
		return read_sysreg(name) & ~(uint64_t)(hidden);
		ID_REGISTERS(ID_CASE)
	default:
		return 0;
	}
}

static bool read_register(const struct arm_vcpu *vcpu, uint32_t key, uint64_t *value)
{
	*value = 0;
	if (OP0(key) == OP0_DEBUG)
		return debug_read(vcpu, OP1(key), CRN(key), CRM(key), OP2(key), value);
	if (key == ACTLR_EL1)
		return true;
	if ((key & ID_SPACE_MASK) != ID_SPACE)
		return false;
	*value = id_register(key);
	return true;
}

static bool write_register(struct arm_vcpu *vcpu, uint32_t key, uint64_t value)
{
	if (OP0(key) == OP0_DEBUG)
		return debug_write(vcpu, OP1(key), CRN(key), CRM(key), OP2(key), value);
	switch (key) {
	case ACTLR_EL1:
		return true;
	case ICC_SGI1R_EL1:
		vgic_sgi1r(vcpu, value);
		return true;
	case ICC_SGI0R_EL1:
	case ICC_ASGI1R_EL1:
		return gic.version == 3; /* of groups that the guest's SGIs are not in */
	default:
		return false;
	}
}

bool sysreg_access(struct arm_vcpu *vcpu, uint32_t iss)
{
	uint32_t key = iss & KEY_MASK;
	unsigned rt = ISS_RT(iss);
	uint64_t value = rt == VIO_ARM_XZR ? 0 : vcpu->x[rt];

	if (!(iss & ISS_READ))
		return write_register(vcpu, key, value);
	if (!read_register(vcpu, key, &value))
		return false;
	if (rt != VIO_ARM_XZR)
		vcpu->x[rt] = value;
	return true;
}

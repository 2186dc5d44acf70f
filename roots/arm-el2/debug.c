/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Breakpoints and watchpoints belong to the CPU, not to who runs on it. So all debug registers
 * trap. What a guest writes is kept with its vCPU, and is put into the CPU only while that vCPU is
 * loaded and has debug exceptions on (MDSCR_EL1.MDE). Without that bit they have no effect: what
 * another vCPU has left there may stay, and a switch between guests that debug nothing has nothing
 * to do.
 *
 * They match at EL0 and EL1 only. There is no external debugger and no lock against one: those
 * registers read as zero (Arm ARM, D2, D19.3).
 */
#include "debug.h"

#include "vcpu.h"

#define MDCR_TDA      (1U << 9)
#define MDCR_TDOSA    (1U << 10)
#define MDCR_TDRA     (1U << 11)

#define MDSCR_MDE     (1U << 15)
#define MDSCR_WRITTEN (MDSCR_MDE | 1U << 13 | 1U << 12 | 1U << 0) /* KDE, TDCC, SS */
#define OSLSR_OSLM    8                                           /* there is an OS lock: open */
#define CONTROL_MASK  0x1fff1fff                                  /* less what reaches EL2 */

#define EACH(X)                                                                                    \
	X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)

#define LOAD_BREAKPOINT(n)                                                                         \
	if ((n) < breakpoints) {                                                                   \
		write_sysreg(dbgbvr##n##_el1, debug->registers[DEBUG_BVR][n]);                     \
		write_sysreg(dbgbcr##n##_el1, debug->registers[DEBUG_BCR][n]);                     \
	}
#define LOAD_WATCHPOINT(n)                                                                         \
	if ((n) < watchpoints) {                                                                   \
		write_sysreg(dbgwvr##n##_el1, debug->registers[DEBUG_WVR][n]);                     \
		write_sysreg(dbgwcr##n##_el1, debug->registers[DEBUG_WCR][n]);                     \
	}

void debug_init(void)
{
	write_sysreg(mdcr_el2, read_sysreg(mdcr_el2) | MDCR_TDA | MDCR_TDOSA | MDCR_TDRA);
	write_sysreg(oslar_el1, 0);
	write_sysreg(osdlr_el1, 0);
}

static void load(const struct debug *debug)
{
	uint64_t features = read_sysreg(id_aa64dfr0_el1);
	unsigned breakpoints = (features >> 12 & 15) + 1;
	unsigned watchpoints = (features >> 20 & 15) + 1;

	EACH(LOAD_BREAKPOINT)
	EACH(LOAD_WATCHPOINT)
}

void debug_load(const struct arm_vcpu *vcpu)
{
	if (vio_unlikely(vcpu->el1.mdscr & MDSCR_MDE))
		load(&vcpu->debug);
}

static bool is_mdscr(unsigned op1, unsigned crn, unsigned crm, unsigned op2)
{
	return op1 == 0 && crn == 0 && crm == 2 && op2 == 2;
}

static bool is_pair(unsigned op1, unsigned crn, unsigned op2)
{
	return op1 == 0 && crn == 0 && op2 >= 4;
}

/* Trace registers have op1 1: the guest is told of none. */
static bool exists(unsigned op1)
{
	return op1 == 0 || op1 == 3;
}

bool debug_read(const struct arm_vcpu *vcpu, unsigned op1, unsigned crn, unsigned crm, unsigned op2,
		uint64_t *value)
{
	*value = 0;
	if (is_mdscr(op1, crn, crm, op2))
		*value = read_sysreg(mdscr_el1);
	else if (is_pair(op1, crn, op2))
		*value = vcpu->debug.registers[op2 - 4][crm];
	else if (op1 == 0 && crn == 1 && crm == 1 && op2 == 4)
		*value = OSLSR_OSLM;
	return exists(op1);
}

bool debug_write(struct arm_vcpu *vcpu, unsigned op1, unsigned crn, unsigned crm, unsigned op2,
		 uint64_t value)
{
	if (is_mdscr(op1, crn, crm, op2)) {
		write_sysreg(mdscr_el1, value & MDSCR_WRITTEN);
	} else if (is_pair(op1, crn, op2)) {
		if (op2 - 4 == DEBUG_BCR || op2 - 4 == DEBUG_WCR)
			value &= CONTROL_MASK;
		vcpu->debug.registers[op2 - 4][crm] = value;
	}
	if (read_sysreg(mdscr_el1) & MDSCR_MDE)
		load(&vcpu->debug);
	return exists(op1);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions into the guest, as the CPU would take them (Arm ARM, D1.3). */
#include "trap.h"

#define VECTOR_EL1T      0x000
#define VECTOR_EL1H      0x200
#define VECTOR_EL0_64    0x400
#define VECTOR_EL0_32    0x600

#define PSR_KEPT         0xf1400000 /* NZCV, DIT, PAN */
#define PSR_PAN          (1U << 22)
#define SCTLR_SPAN       (1U << 23)
#define SCTLR_PAN_EXISTS read_sysreg(id_aa64mmfr1_el1) >> 20 & 15

static uint64_t vector(uint64_t spsr)
{
	if (spsr & PSR_AARCH32)
		return VECTOR_EL0_32;
	switch (spsr & PSR_MODE_MASK) {
	case PSR_EL0:
		return VECTOR_EL0_64;
	case PSR_EL1T:
		return VECTOR_EL1T;
	default:
		return VECTOR_EL1H;
	}
}

static void take_exception(uint64_t esr)
{
	uint64_t spsr = read_sysreg(spsr_el2);
	uint64_t psr = (spsr & PSR_KEPT) | PSR_D | PSR_A | PSR_I | PSR_F | PSR_EL1H;

	if ((SCTLR_PAN_EXISTS) && !(read_sysreg(sctlr_el1) & SCTLR_SPAN))
		psr |= PSR_PAN;
	write_sysreg(esr_el1, esr);
	write_sysreg(elr_el1, read_sysreg(elr_el2));
	write_sysreg(spsr_el1, spsr);
	write_sysreg(elr_el2, read_sysreg(vbar_el1) + vector(spsr));
	write_sysreg(spsr_el2, psr);
}

void inject_undefined(void)
{
	take_exception(ESR_IL);
}

void inject_abort(uint64_t esr)
{
	uint64_t class = ESR_EC(esr);
	uint64_t iss = esr & ISS_WNR;
	bool from_el1 = (read_sysreg(spsr_el2) & PSR_MODE_MASK & ~1U) == PSR_EL1T;

	if (from_el1)
		class |= 1; /* EC_DATA_ABORT_EL1, EC_INSTR_ABORT_EL1 */
	if (esr & ISS_S1PTW)
		iss |= FSC_EXTERNAL_WALK | (esr & 3);
	else
		iss |= FSC_EXTERNAL;
	write_sysreg(far_el1, read_sysreg(far_el2));
	take_exception(class << ESR_EC_SHIFT | (esr & ESR_IL) | iss);
}

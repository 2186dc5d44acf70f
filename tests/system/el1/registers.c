/* SPDX-License-Identifier: BSD-2-Clause */
/* Row 72: privileged and unknown system registers. Row 74: calls with wild arguments. */
#include "el1.h"

#define UNDEFINED 0x02000000 /* ESR_EL1: class 0, 32-bit instruction */

#define CHECK_UNDEFINED(name, instruction)                                                         \
	do {                                                                                       \
		caught_reset();                                                                    \
		__asm__ volatile(instruction ::: "x0", "memory");                                  \
		check("72 undefined: " name, caught.count == 1 ? caught.esr : 0, UNDEFINED);       \
	} while (0)

void test_registers(void)
{
	CHECK_UNDEFINED("a register of EL2", "mrs x0, hcr_el2");
	CHECK_UNDEFINED("a register of EL3", "mrs x0, scr_el3");
	CHECK_UNDEFINED("performance monitors", "mrs x0, pmcr_el0");
	CHECK_UNDEFINED("writing performance monitors", "msr pmcntenset_el0, xzr");
	CHECK_UNDEFINED("a register that does not exist", "mrs x0, S3_7_C15_C15_7");
	CHECK_UNDEFINED("writing an ID register", "msr S3_0_C0_C4_0, xzr");
	caught_reset();
	check("72 ACTLR_EL1 is zero", read_sysreg(actlr_el1), 0);
	write_sysreg(actlr_el1, -1);
	check("72 and stays it", read_sysreg(actlr_el1), 0);
	check("72 no EL2, EL3, RAS, SVE", read_sysreg(id_aa64pfr0_el1) & 0xff000ff00, 0);
	check("72 no performance monitors", read_sysreg(id_aa64dfr0_el1) & 0xf00, 0);
	check("72 a reserved ID register is zero", read_sysreg(S3_0_C0_C7_7), 0);
	check("72 none of these is an exception", caught.count, 0);
}

void test_calls(void)
{
	static const uint64_t wild[] = { 0, 1, 0x7fffffff, 0x80000000, ~0ULL, 0x123456789abcdef0 };
	const uint64_t not_supported = ~0ULL;

	caught_reset();
	check("74 PSCI version", call_hvc(0x84000000, 0, 0, 0), 0x10001);
	check("74 the same by SMC", call_smc(0x84000000, 0, 0, 0), 0x10001);
	check("74 unknown function", call_hvc(0x8400ffff, 0, 0, 0), not_supported);
	check("74 unknown function by SMC", call_smc(0xc6001234, 0, 0, 0), not_supported);
	for (unsigned i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
		check("74 CPU_ON of a wild CPU",
		      (int64_t)call_hvc(0xc4000003, wild[i] | 1, wild[i], 0) < 0, 1);
		check("74 AFFINITY_INFO of a wild CPU",
		      (int64_t)call_hvc(0xc4000004, wild[i] | 1, wild[i], 0) < 0, 1);
		check("74 PSCI_FEATURES of no function",
		      call_hvc(0x8400000a, wild[i] & ~0x80000000ULL, 0, 0), not_supported);
	}
	check("74 CPU_ON of oneself", call_hvc(0xc4000003, 0, 0, 0), (uint64_t)-4);
	check("74 AFFINITY_INFO of oneself", call_hvc(0xc4000004, 0, 0, 0), 0);
	check("74 none of these is an exception", caught.count, 0);
}

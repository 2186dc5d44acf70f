/* SPDX-License-Identifier: BSD-2-Clause */
/* For people: what a guest, or the root itself, was doing when it went wrong. */
#include "mmu.h"
#include "root.h"
#include "trap.h"

static void print_registers(const uint64_t *x)
{
	for (unsigned i = 0; i < 31; i++)
		root_print("  x%02u %016lx%s", i, x[i], i % 4 == 3 ? "\n" : "");
	root_print("\n");
}

void report_guest(struct arm_vcpu *vcpu, const char *what, uint64_t ipa)
{
	root_print("\nvio-root: guest %s, vCPU %u: %s\n", vcpu->guest->guest.name, vcpu->vcpu.index,
		   what);
	root_print("  guest-physical %016lx  far %016lx  esr_el2 %08lx\n", ipa,
		   read_sysreg(far_el2), read_sysreg(esr_el2));
	root_print("  pc %016lx  psr %08lx  sp_el1 %016lx  sp_el0 %016lx\n", read_sysreg(elr_el2),
		   read_sysreg(spsr_el2), read_sysreg(sp_el1), read_sysreg(sp_el0));
	root_print("  vbar_el1 %016lx  sctlr_el1 %08lx  esr_el1 %08lx  elr_el1 %016lx\n",
		   read_sysreg(vbar_el1), read_sysreg(sctlr_el1), read_sysreg(esr_el1),
		   read_sysreg(elr_el1));
	print_registers(vcpu->x);
}

/* By vectors.S, for an exception of EL2: x0 to x30 and the stack pointer. */
_Noreturn void root_fault(unsigned kind, const uint64_t *x);
_Noreturn void root_fault(unsigned kind, const uint64_t *x)
{
	static const char *const kinds[] = { "synchronous exception", "interrupt", "fast interrupt",
					     "system error" };
	static bool again;

	if (again)
		root_power_off();
	again = true;
	root_print("\nvio-root: %s at EL2: esr %08lx  far %016lx  pc %016lx  sp %016lx\n",
		   kinds[kind % 4], read_sysreg(esr_el2), read_sysreg(far_el2),
		   read_sysreg(elr_el2), x[31]);
	print_registers(x);
	root_fatal("the root itself has failed; this is a defect of the root");
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* For people: what a guest, or the root itself, was doing when it went wrong. */
#include "root.h"
#include "trap.h"

static void print_registers(const uint32_t *r)
{
	for (unsigned i = 0; i < 32; i++)
		root_print("  $%02u %08x%s", i, r[i], i % 4 == 3 ? "\n" : "");
}

void report_guest(struct mips_vcpu *vcpu, const char *what, uint64_t address)
{
	root_print("\nvio-root: guest %s, vCPU %u: %s\n", vcpu->guest->guest.name, vcpu->vcpu.index,
		   what);
	root_print("  guest-physical %08x  badvaddr %08x  cause of the exit %08x\n",
		   (uint32_t)address, read_c0(C0_BADVADDR), read_c0(C0_CAUSE));
	root_print("  pc %08x  hi %08x  lo %08x\n", vcpu->pc, vcpu->hi, vcpu->lo);
	root_print("  status %08x  cause %08x  epc %08x  ebase %08x  entryhi %08x\n",
		   backend->read_cp0(vcpu, C0_STATUS), backend->read_cp0(vcpu, C0_CAUSE),
		   backend->read_cp0(vcpu, C0_EPC), backend->read_cp0(vcpu, C0_EBASE),
		   backend->read_cp0(vcpu, C0_ENTRYHI));
	print_registers(vcpu->r);
}

/* By vectors.S, for an exception of the root's own: some of the general registers, and EPC. */
_Noreturn void root_fault(const uint32_t *r, uint32_t pc);
_Noreturn void root_fault(const uint32_t *r, uint32_t pc)
{
	static bool again;

	if (again)
		root_power_off();
	again = true;
	root_print("\nvio-root: exception %u in the root: cause %08x  badvaddr %08x  pc %08x\n",
		   CAUSE_CODE_OF(read_c0(C0_CAUSE)), read_c0(C0_CAUSE), read_c0(C0_BADVADDR), pc);
	print_registers(r);
	root_fatal("the root itself has failed; this is a defect of the root");
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's exits when the root is traced: a back-end before the back-end. Each exit leaves the
 * vCPU `stale`, so that `prepare` is called when it goes on, whenever that is; and none goes the
 * short way.
 */
#include "trace.h"
#include "trap.h"

static const struct backend_ops *behind;

void trap_note_exit(struct mips_vcpu *vcpu)
{
	uint32_t code = CAUSE_CODE_OF(read_c0(C0_CAUSE));
	bool is_virtual = vcpu->control == 0;
	uint32_t at = 0;

	if (code == EXC_GE) {
		code |= GUESTCTL0_GEXC(read_c0(C0_GUESTCTL0)) << 8;
	} else if (code == EXC_MOD || code == EXC_TLBL || code == EXC_TLBS) {
		at = read_c0(C0_BADVADDR);
		if (!is_virtual)
			is_virtual = GUESTCTL0_GEXC(read_c0(C0_GUESTCTL0)) == GEXC_GVA;
	}
	trace_write(TRACE_MIPS_EXIT, &vcpu->vcpu, code | (is_virtual ? TRACE_MIPS_VIRTUAL : 0), at);
	vcpu->stale = true;
}

static void reset(struct mips_vcpu *vcpu)
{
	behind->reset(vcpu);
	vcpu->quick = false;
	vcpu->stale = true;
}

static void guest_exit(struct mips_vcpu *vcpu, bool refill)
{
	trap_note_exit(vcpu);
	behind->exit(vcpu, refill);
}

static void prepare(struct mips_vcpu *vcpu)
{
	behind->prepare(vcpu);
	trace_write(TRACE_ENTER, &vcpu->vcpu, 0, 0);
}

const struct backend_ops *trap_traced(const struct backend_ops *ops)
{
	static struct backend_ops traced;

	behind = ops;
	traced = *ops;
	traced.reset = reset;
	traced.exit = guest_exit;
	traced.prepare = prepare;
	return &traced;
}

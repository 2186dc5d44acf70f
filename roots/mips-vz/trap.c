/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's exits, and what the back-end brings up from them.
 *
 * Accesses to nothing end, by the guest's policy, in the bus error that hardware would answer with,
 * or in the guest's end with a report. A guest whose exception vector is itself nothing gets the
 * second in any case, since the first would go on for ever.
 */
#include "trap.h"

#include "instruction.h"
#include "machine.h"
#include "root.h"
#include "trace.h"

static struct mips_vcpu *go_on(struct mips_vcpu *vcpu)
{
	if (vio_unlikely(sched_here()->attention))
		vcpu = mips_vcpu(guest_next());
	if (vcpu->stale)
		backend->prepare(vcpu);
	return vcpu;
}

/* A device register, which a guest in guest mode comes to most, has a short way of its own. */
struct mips_vcpu *trap_refill(struct mips_vcpu *vcpu)
{
	enum vz_access access = vcpu->quick ? vz_window_access(vcpu) : VZ_ACCESS_OTHER;

	if (vio_likely(access == VZ_ACCESS_QUICK && !vcpu->stale && !sched_here()->attention))
		return NULL;
	if (access == VZ_ACCESS_OTHER)
		backend->exit(vcpu, true);
	return go_on(vcpu);
}

struct mips_vcpu *trap_exit(struct mips_vcpu *vcpu)
{
	if ((read_c0(C0_CAUSE) & CAUSE_CODE) != EXC_INT) {
		backend->exit(vcpu, false);
	} else {
		if (vio_unlikely(trace != NULL))
			trap_note_exit(vcpu);
		irq_take();
	}
	return go_on(vcpu);
}

/* A line, while nothing of the guest has been saved. */
bool trap_interrupt(struct mips_vcpu *vcpu, unsigned line)
{
	irq_line(line);
	return vcpu->stale || sched_here()->attention;
}

/* SDBBP: to a guest, an instruction that is not there. */
struct mips_vcpu *trap_breakpoint(struct mips_vcpu *vcpu)
{
	backend->inject(vcpu, EXC_RI);
	return go_on(vcpu);
}

void trap_stop(struct mips_vcpu *vcpu, const char *what, uint64_t address)
{
	report_guest(vcpu, what, address);
	guest_end(&vcpu->guest->guest, GUEST_STOPPED);
}

static void access_to_nothing(struct mips_vcpu *vcpu, uint64_t address, enum backend_access access)
{
	static const char *const texts[] = {
		[ACCESS_READ] = "read of what is not there",
		[ACCESS_WRITE] = "write to what is not there",
		[ACCESS_FETCH] = "execution of what is not there",
	};
	struct guest *guest = &vcpu->guest->guest;

	guest->counters.aborts++;
	if (access == ACCESS_FETCH && backend->read_cp0(vcpu, C0_STATUS) & STATUS_EXL)
		trap_stop(vcpu, "its exception vector is where there is nothing", address);
	else if (guest->policy == GUEST_STOP)
		trap_stop(vcpu, texts[access], address);
	else
		backend->inject(vcpu, access == ACCESS_FETCH ? EXC_IBE : EXC_DBE);
}

/* A register bank other than the Virtio window. False: no instruction for one. */
static bool bank_access(struct mips_vcpu *vcpu, const struct region *region, uint64_t address,
			uint32_t word)
{
	uint64_t offset = address - region->base;
	bool swap = VIO_BIG_ENDIAN;
	struct vio_mips_access access;
	uint32_t value;

	if (!vio_mips_access_of_word(word, &access) || offset + access.width > region->size)
		return false;
	if (access.write) {
		value = vcpu->r[access.rt];
		if (swap)
			value = vio_mips_swap(value, access.width);
		region->ops->write(region->owner, &vcpu->vcpu, offset, access.width, value);
		return true;
	}
	value = (uint32_t)region->ops->read(region->owner, &vcpu->vcpu, offset, access.width);
	if (swap)
		value = vio_mips_swap(value, access.width);
	vio_mips_access_load(&access, vcpu->r, value);
	return true;
}

/* What the guest has stored to a ROM is lost; a store that is conditional says that it is not. */
static void lose(struct mips_vcpu *vcpu, uint32_t word)
{
	if (OP(word) == OP_SC)
		vcpu_set(vcpu, RT(word), 1);
}

static bool region_access(struct mips_vcpu *vcpu, uint64_t address, uint32_t word,
			  enum backend_access access)
{
	const struct region *region = space_find(&vcpu->guest->guest.space, address);

	if (region && region->kind == REGION_ROM && access == ACCESS_WRITE) {
		lose(vcpu, word);
		return true;
	}
	return region && region->kind == REGION_VIRTUAL && bank_access(vcpu, region, address, word);
}

void trap_access(struct mips_vcpu *vcpu, uint64_t address, uint32_t word,
		 enum backend_access access)
{
	struct vio_mips_vz_trap trap = {
		.address = address, .word = word, .r = vcpu->r, .big_endian = VIO_BIG_ENDIAN
	};
	enum vio_mips_vz_outcome outcome = VIO_MIPS_VZ_FAULT;

	if (access != ACCESS_FETCH)
		outcome = vio_mips_vz_access(&vcpu->guest->board.window, &trap);
	trap_outcome(vcpu, outcome, address, word, access);
}

void trap_outcome(struct mips_vcpu *vcpu, enum vio_mips_vz_outcome outcome, uint64_t address,
		  uint32_t word, enum backend_access access)
{
	if (outcome == VIO_MIPS_VZ_OTHER)
		outcome = region_access(vcpu, address, word, access) ? VIO_MIPS_VZ_DONE
								     : VIO_MIPS_VZ_FAULT;
	switch (outcome) {
	case VIO_MIPS_VZ_DONE:
		backend->skip(vcpu);
		break;
	case VIO_MIPS_VZ_PARK:
		vcpu_pause(&vcpu->vcpu, VCPU_PARKED, SCHED_NEVER);
		break;
	default:
		access_to_nothing(vcpu, address, access);
		break;
	}
}

void trap_wait(struct mips_vcpu *vcpu)
{
	vcpu->stale = true; /* it may be its timer that ends this */
	if (!backend->pending(vcpu))
		vcpu_pause(&vcpu->vcpu, VCPU_WAITS, backend->timer_at(vcpu));
}

/* The function's number is in $2, four arguments in $4 to $7; the result goes to $2. */
void trap_hypercall(struct mips_vcpu *vcpu, unsigned code)
{
	const uint64_t x[4] = { vcpu->r[4], vcpu->r[5], vcpu->r[6], vcpu->r[7] };

	if (code != 0)
		vcpu->r[2] = (uint32_t)GUEST_CALL_UNKNOWN;
	else
		vcpu->r[2] = (uint32_t)guest_call(&vcpu->vcpu, vcpu->r[2], x);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's synchronous exits.
 *
 *	data abort	in the Virtio window		the glue
 *			in another register bank	its read and write
 *			elsewhere			an access to nothing
 *	instruction abort				an access to nothing
 *	HVC, SMC					PSCI
 *	MRS, MSR	of a register that traps	emulated, or undefined
 *	WFI						the vCPU waits
 *	anything else					undefined
 *
 * A register access is what a guest does most, and all of it is meant to cost well under a hundred
 * instructions. So nothing is done on every exit that is not needed by every exit: list registers,
 * timers, EL1 registers and SIMD stay as they are; only x0 to x30 are saved. One flag, `attention`,
 * stands for all that may be left to do before the guest goes on.
 *
 * Accesses to nothing end, by the guest's policy, in the external abort that a bus would answer
 * with, or in the guest's end with a report. A guest whose exception vector is itself nothing gets
 * the second in any case, since the first would go on for ever.
 *
 * FAR_EL2 and HPFAR_EL2 are the abort's until the guest runs again. HPFAR_EL2 is not valid for a
 * permission fault, where we translate ourselves.
 */
#include "trap.h"

#include "mmu.h"
#include "root.h"
#include "smp.h"
#include "trace.h"
#include "vio_arm_decode.h"
#include "vio_arm_el2.h"

#define PAR_FAULT   1
#define PAR_ADDRESS 0x000ffffffffff000

/* AT for the guest's stage 1, as a read by the exception level it was at. False: not mapped. */
static bool translate(uint64_t address, bool from_el0, uint64_t *physical)
{
	uint64_t par_of_guest = read_sysreg(par_el1);
	uint64_t par;

	if (from_el0)
		__asm__ volatile("at s1e0r, %0\n\tisb" ::"r"(address));
	else
		__asm__ volatile("at s1e1r, %0\n\tisb" ::"r"(address));
	par = read_sysreg(par_el1);
	write_sysreg(par_el1, par_of_guest);
	*physical = (par & PAR_ADDRESS) | (address & (PAGE_SIZE - 1));
	return !(par & PAR_FAULT);
}

static bool from_el0(void)
{
	return (read_sysreg(spsr_el2) & PSR_MODE_MASK & ~PSR_AARCH32) == PSR_EL0;
}

/* The instruction the guest was at. It was fetched, so it is there, unless the guest takes it away.
 */
static bool fetch(struct arm_vcpu *vcpu, uint32_t *word)
{
	uint64_t pc = read_sysreg(elr_el2);
	const uint32_t *at;
	uint64_t ipa;

	if (!translate(pc, from_el0(), &ipa))
		return false;
	at = vio_memory_at(&vcpu->guest->guest.memory, ipa, sizeof(*word), VIO_ACCESS_READ);
	if (!at)
		return false;
	*word = *(const volatile uint32_t *)at;
	return true;
}

static void stop(struct arm_vcpu *vcpu, const char *what, uint64_t ipa)
{
	report_guest(vcpu, what, ipa);
	guest_end(&vcpu->guest->guest, GUEST_STOPPED);
}

/* The instruction abort of a vector to which the guest would go with this very abort. */
static bool vector_is_nowhere(uint64_t esr)
{
	return ESR_EC(esr) == EC_INSTR_ABORT &&
	       ((read_sysreg(far_el2) ^ read_sysreg(vbar_el1)) & ~(uint64_t)0x7ff) == 0;
}

static void access_to_nothing(struct arm_vcpu *vcpu, uint64_t esr, uint64_t ipa)
{
	struct guest *guest = &vcpu->guest->guest;

	guest->counters.aborts++;
	if (vector_is_nowhere(esr))
		stop(vcpu, "its exception vector is where there is nothing", ipa);
	else if (guest->policy == GUEST_STOP)
		stop(vcpu,
		     ESR_EC(esr) == EC_INSTR_ABORT ? "execution of what is not there"
		     : esr & ISS_WNR               ? "write to what is not there"
						   : "read of what is not there",
		     ipa);
	else
		inject_abort(esr);
}

/* The stack pointer the guest uses, for instructions that are based on it. */
static uint64_t get_sp(void)
{
	return (read_sysreg(spsr_el2) & PSR_MODE_MASK) == PSR_EL1H ? read_sysreg(sp_el1)
								   : read_sysreg(sp_el0);
}

static void set_sp(uint64_t value)
{
	if ((read_sysreg(spsr_el2) & PSR_MODE_MASK) == PSR_EL1H)
		write_sysreg(sp_el1, value);
	else
		write_sysreg(sp_el0, value);
}

/* Every access of the instruction lies in `region`, whose page at `ipa` is the one that trapped. */
static bool bank_holds(const struct region *region, struct vio_arm_access *access, uint64_t ipa)
{
	uint64_t page_offset = access->address & (PAGE_SIZE - 1);

	if (((access->address ^ read_sysreg(far_el2)) & 0x00fffffffffff000) != 0)
		return false;
	access->address = (ipa & ~(uint64_t)(PAGE_SIZE - 1)) | page_offset;
	return access->address - region->base + access->width <= region->size;
}

static void bank_transfer(struct arm_vcpu *vcpu, const struct region *region,
			  const struct vio_arm_access *access, uint64_t *x)
{
	uint64_t offset = access->address - region->base;

	if (region->kind == REGION_ROM)
		return; /* a write: it can be read without us */
	if (access->write)
		region->ops->write(region->owner, &vcpu->vcpu, offset, access->width,
				   vio_arm_access_value(access, x));
	else
		vio_arm_access_load(
			access, x,
			region->ops->read(region->owner, &vcpu->vcpu, offset, access->width));
}

/* An access without syndrome. `x` has the stack pointer as its 32nd. */
static bool bank_emulate(struct arm_vcpu *vcpu, const struct region *region, uint64_t ipa,
			 uint32_t word, uint64_t *x)
{
	struct vio_arm_instruction instruction;

	if (!vio_arm_decode(word, x, &instruction))
		return false;
	for (unsigned i = 0; i < instruction.count; i++) {
		if (!bank_holds(region, &instruction.accesses[i], ipa))
			return false;
	}
	for (unsigned i = 0; i < instruction.count; i++)
		bank_transfer(vcpu, region, &instruction.accesses[i], x);
	if (instruction.write_back)
		x[instruction.base] = instruction.base_value;
	return true;
}

/* What came without syndrome, in the Virtio window (`region` NULL) or another bank. */
static void decode(struct arm_vcpu *vcpu, const struct region *region, uint64_t esr, uint64_t ipa)
{
	enum vio_arm_el2_outcome outcome = VIO_ARM_EL2_FAULT;
	uint64_t x[32];
	struct vio_arm_el2_trap trap = { esr, ipa, x };
	uint32_t word;

	memcpy(x, vcpu->x, sizeof(vcpu->x));
	x[31] = get_sp();
	if (fetch(vcpu, &word)) {
		if (!region)
			outcome = vio_arm_el2_emulate(&vcpu->guest->board.window, &trap,
						      read_sysreg(far_el2), word);
		else if (bank_emulate(vcpu, region, ipa, word, x))
			outcome = VIO_ARM_EL2_DONE;
	}
	switch (outcome) {
	case VIO_ARM_EL2_DONE:
		memcpy(vcpu->x, x, sizeof(vcpu->x));
		set_sp(x[31]);
		trap_skip();
		break;
	case VIO_ARM_EL2_PARK:
		vcpu_pause(&vcpu->vcpu, VCPU_PARKED, SCHED_NEVER);
		break;
	default:
		access_to_nothing(vcpu, esr, ipa);
		break;
	}
}

/* An access to it may be for us. */
static bool traps(const struct region *region)
{
	return region->kind == REGION_VIRTUAL || region->kind == REGION_ROM;
}

/* A data abort that is not in the Virtio window. */
static void other_data_abort(struct arm_vcpu *vcpu, uint64_t esr, uint64_t ipa)
{
	struct region *region;
	struct vio_arm_access access;

	if ((ISS_FSC(esr) & ~3U) == FSC_PERMISSION && !(esr & ISS_S1PTW) &&
	    !translate(read_sysreg(far_el2), from_el0(), &ipa))
		return; /* the guest changed its tables: let it try again */
	region = space_find(&vcpu->guest->guest.space, ipa);
	if (!region || !traps(region) || esr & ISS_S1PTW) {
		access_to_nothing(vcpu, esr, ipa);
		return;
	}
	if (esr & VIO_ARM_ISS_CM) {
		trap_skip(); /* a register bank is in no cache */
		return;
	}
	if (!(esr & ISS_ISV)) {
		decode(vcpu, region, esr, ipa);
		return;
	}
	access = vio_arm_access_of_syndrome(esr, ipa);
	if (access.address - region->base + access.width > region->size) {
		access_to_nothing(vcpu, esr, ipa);
		return;
	}
	bank_transfer(vcpu, region, &access, vcpu->x);
	trap_skip();
}

static inline uint64_t abort_ipa(void)
{
	return (read_sysreg(hpfar_el2) & 0xfffffffff0) << 8 |
	       (read_sysreg(far_el2) & (PAGE_SIZE - 1));
}

static void undefined(struct arm_vcpu *vcpu)
{
	vcpu->guest->guest.counters.undefined++;
	inject_undefined();
}

/* A data abort of which the glue says this. */
static __attribute__((noinline)) struct arm_vcpu *data_abort(struct arm_vcpu *vcpu, uint64_t esr,
							     enum vio_arm_el2_outcome outcome)
{
	uint64_t ipa = abort_ipa();

	vcpu->vcpu.exits[outcome == VIO_ARM_EL2_OTHER ? EXIT_BANK : EXIT_VIRTIO]++;
	switch (outcome) {
	case VIO_ARM_EL2_DONE:
		break;
	case VIO_ARM_EL2_OTHER:
		other_data_abort(vcpu, esr, ipa);
		break;
	case VIO_ARM_EL2_PARK:
		vcpu_pause(&vcpu->vcpu, VCPU_PARKED, SCHED_NEVER);
		break;
	case VIO_ARM_EL2_DECODE:
		decode(vcpu, NULL, esr, ipa);
		break;
	case VIO_ARM_EL2_FAULT:
		access_to_nothing(vcpu, esr, ipa);
		break;
	}
	return trap_return(vcpu);
}

static enum exit_kind exit_kind(uint64_t class)
{
	switch (class) {
	case EC_SMC64:
	case EC_HVC64:
		return EXIT_CALL;
	case EC_SYSREG:
		return EXIT_REGISTER;
	case EC_WFX:
		return EXIT_WAIT;
	case EC_INSTR_ABORT:
		return EXIT_BANK;
	default:
		return EXIT_OTHER;
	}
}

static __attribute__((noinline)) struct arm_vcpu *other(struct arm_vcpu *vcpu, uint64_t esr)
{
	vcpu->vcpu.exits[exit_kind(ESR_EC(esr))]++;
	switch (ESR_EC(esr)) {
	case EC_SMC64:
		trap_skip(); /* a trapped SMC has not been executed */
		psci_call(vcpu);
		break;
	case EC_HVC64:
		psci_call(vcpu);
		break;
	case EC_SYSREG:
		if (sysreg_access(vcpu, (uint32_t)esr & 0x1ffffff))
			trap_skip();
		else
			undefined(vcpu);
		break;
	case EC_WFX:
		trap_skip();
		vcpu_wait(vcpu);
		break;
	case EC_INSTR_ABORT:
		access_to_nothing(vcpu, esr, abort_ipa());
		break;
	default:
		undefined(vcpu);
		break;
	}
	return trap_return(vcpu);
}

/* The path of every register access: what is rare is called from its end, not inlined. */
struct arm_vcpu *trap_sync(struct arm_vcpu *vcpu, uint64_t esr)
{
	struct vio_arm_el2_trap trap = { .esr = esr, .x = vcpu->x };
	enum vio_arm_el2_outcome outcome;

	if (vio_unlikely(ESR_EC(esr) != EC_DATA_ABORT))
		return other(vcpu, esr);
	trap.ipa = abort_ipa();
	outcome = vio_arm_el2_access(&vcpu->guest->board.window, &trap);
	if (vio_unlikely(outcome != VIO_ARM_EL2_DONE))
		return data_abort(vcpu, esr, outcome);
	vcpu->vcpu.exits[EXIT_VIRTIO]++;
	trap_skip();
	return trap_return(vcpu);
}

struct arm_vcpu *trap_serror(struct arm_vcpu *vcpu, uint64_t esr)
{
	stop(vcpu, "system error (SError)", 0);
	return trap_return(vcpu);
}

extern const char vectors_traced[], vectors_shared[];

void trap_init(void)
{
	if (smp_shared)
		write_sysreg(vbar_el2, (uint64_t)vectors_shared);
	else if (trace)
		write_sysreg(vbar_el2, (uint64_t)vectors_traced);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Guests and vCPUs as EL2 knows them. */
#ifndef VCPU_H
#define VCPU_H

#include "board.h"
#include "guest.h"
#include "pagetable.h"
#include "vio_arm_el2.h"
#include "vgic.h"

/* EL1 and EL0 state that stays in the CPU as long as the vCPU is loaded. */
struct el1_context {
	uint64_t sp_el0, sp_el1, elr_el1, spsr_el1, elr_el2, spsr_el2;
	uint64_t sctlr, cpacr, ttbr0, ttbr1, tcr, mair, amair, vbar, contextidr;
	uint64_t esr, far, afsr0, afsr1, par, tpidr_el0, tpidrro_el0, tpidr_el1;
	uint64_t csselr, mdscr, cntkctl;
	uint64_t cntv_ctl, cntv_cval, cntp_ctl, cntp_cval;
};

/* vectors.S knows the first two members. */
struct arm_vcpu {
	uint64_t x[31];
	uint64_t stack; /* where the root's stack starts on an exit */
	struct arm_guest *guest;
	struct vcpu vcpu;
	struct vgic_cpu vgic;
	struct el1_context el1;
	_Alignas(16) uint8_t simd[32 * 16];
	uint64_t fpcr, fpsr;
	uint64_t mpidr;
};

struct arm_guest {
	struct guest guest;
	struct arm_vcpu *vcpus; /* as many as guest.vcpu_count */
	struct pagetable stage2;
	uint64_t vttbr; /* VMID and table */
	struct vgic vgic;
	struct vio_arm_el2_guest virtio;
	struct board board;
};

/* The vCPU whose state the CPU holds, or NULL. */
extern struct arm_vcpu *loaded;

static inline struct arm_guest *arm_guest(struct guest *guest)
{
	return VIO_CONTAINER_OF(guest, struct arm_guest, guest);
}

static inline struct arm_vcpu *arm_vcpu(struct vcpu *vcpu)
{
	return VIO_CONTAINER_OF(vcpu, struct arm_vcpu, vcpu);
}

/*
 * Something has to be looked at before the guest goes on: deferred work, or the state of a vCPU.
 * The one thing that every exit tests.
 */
extern bool attention;

/*
 * Makes a guest of the EL2 side of `guest`, which guest_init() has seen: stage 2, interrupt
 * controller. `vcpus`: as many as it has, zeroed, kept by the caller. False: out of memory.
 */
bool arm_guest_init(struct arm_guest *guest, struct arm_vcpu *vcpus);

/* Makes the guest one that root_run() looks after; false: too many. */
bool schedule_add(struct arm_guest *guest);

/* Whether there is but one vCPU, which then need not leave the CPU when it waits. */
bool schedule_alone(void);

/* Runs the guests that were started. `over` is called when all are off, and starts one or stays. */
_Noreturn void root_run(void (*over)(void));

/* From here the guest runs. */
_Noreturn void vcpu_resume(struct arm_vcpu *vcpu);

/* Reset state of Arm's boot protocol: EL1, MMU off, x0 = `argument`. */
void vcpu_reset(struct arm_vcpu *vcpu, uint64_t entry, uint64_t argument);

/* Makes `vcpu` the loaded one; NULL only saves. */
void vcpu_load(struct arm_vcpu *vcpu);

/* The vCPU to go on with, after serving what is deferred. Sleeps until there is one. */
struct arm_vcpu *vcpu_next(void);

#endif

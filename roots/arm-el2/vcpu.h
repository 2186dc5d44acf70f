/* SPDX-License-Identifier: BSD-2-Clause */
/* Guests and vCPUs as EL2 knows them. */
#ifndef VCPU_H
#define VCPU_H

#include "board.h"
#include "cpu.h"
#include "debug.h"
#include "guest.h"
#include "pagetable.h"
#include "vgic.h"
#include "vio_pl011.h"

#define BOARD_SLOTS 32

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
	_Alignas(16) uint8_t simd[32 * 16];
	struct arm_guest *guest;
	struct vcpu vcpu;
	struct vgic_cpu vgic;
	struct el1_context el1;
	uint64_t fpcr, fpsr;
	struct debug debug;
	uint64_t mpidr;
	struct arm_cpu *cpu; /* that holds its state; NULL: it is all here */
};

struct arm_guest {
	struct guest guest;
	struct arm_vcpu *vcpus; /* as many as it is created with; the owner's, set before that */
	struct pagetable stage2;
	uint64_t vttbr;         /* VMID and table */
	uint8_t last[CPUS_MAX]; /* the vCPU that each CPU ran last */
	struct vgic vgic;
	struct board board;
	struct vio_board direct; /* its layout, of board_init_direct() */
	struct vio_mmio slots[BOARD_SLOTS];
	struct vio_dummy dummies[BOARD_SLOTS];
	struct vio_pl011 uart;
};

static inline struct arm_guest *arm_guest(struct guest *guest)
{
	return VIO_CONTAINER_OF(guest, struct arm_guest, guest);
}

static inline struct arm_vcpu *arm_vcpu(struct vcpu *vcpu)
{
	return VIO_CONTAINER_OF(vcpu, struct arm_vcpu, vcpu);
}

/* Whether this CPU holds its state. */
static inline bool is_loaded(const struct arm_vcpu *vcpu)
{
	return arm_cpu()->loaded == vcpu;
}

/* Whether another one does. */
static inline bool is_elsewhere(const struct arm_vcpu *vcpu)
{
	return vcpu->cpu && vcpu->cpu != arm_cpu();
}

/* What is the same for all vCPUs on this CPU. */
void vcpu_init(void);

/* From here the guest runs. */
_Noreturn void vcpu_enter(struct arm_vcpu *vcpu);

/* Reset state of Arm's boot protocol: EL1, MMU off, x0 = `argument`. */
void vcpu_reset(struct arm_vcpu *vcpu, uint64_t entry, uint64_t argument);

/* Makes `vcpu` the loaded one of this CPU; NULL: none is. */
void vcpu_load(struct arm_vcpu *vcpu);

/* No CPU holds the state of `vcpu`. */
void vcpu_unload(struct arm_vcpu *vcpu);

/* WFI: `vcpu`, which is loaded, pauses until it has an interrupt. */
void vcpu_wait(struct arm_vcpu *vcpu);

/* Runs what was started. */
_Noreturn void root_run(void);

#endif

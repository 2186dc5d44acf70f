/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest mode of the VZ ASE: what vz.c, vz_cp0.c and vz_tlb.c share. The essay stands in vz.c. */
#ifndef VZ_H
#define VZ_H

#include <stdbool.h>
#include <stdint.h>

#define VZ_TLB       64 /* of the guest's entries, those that it is shown at most */
#define VZ_REGISTERS 25 /* of the guest's CP0, those that are saved */

struct mips_guest;
struct mips_vcpu;

/* As tlbgr gives it and tlbgwi takes it. */
struct vz_entry {
	uint32_t hi, lo[2], mask;
};

struct vz {
	/* While it is not loaded; vz_cp0.c knows which is which. */
	uint32_t cp0[VZ_REGISTERS];
	uint32_t cause, compare;
	struct vz_entry tlb[VZ_TLB];
	uint64_t timer_at; /* when Count will be Compare; while it is loaded, for cores that do not
			    */
	uint32_t offset;   /* of its Count to the root's */
};

/* What this core has of the ASE, and how we use it. */
struct vz_core {
	uint32_t control; /* GuestCtl0 for guests */
	bool guest_ids;   /* GuestCtl1; otherwise the root's ASIDs tell guests apart */
	bool lines;       /* GuestCtl2 raises lines; otherwise Guest.Cause does */
	bool eic;         /* GuestCtl2 can be a guest's interrupt controller */
	bool timer;       /* GTOffset is whole: the guest has a timer of its own */
	bool bad_instr;   /* BadInstr and BadInstrP */
	bool user_local, page_grain, ll_bit;
	uint32_t kscratch;  /* bits 2 to 7: the guest has KScratch1 to 6 */
	unsigned ids;       /* guests that can be told apart, from 1 on */
	unsigned guest_tlb; /* entries that guests are shown */
	unsigned root_tlb;  /* entries that are the root's, from 0 on */
	uint32_t config;    /* of the guest after reset */
	uint32_t page_mask; /* of the largest pages */
};

extern struct vz_core vz_core;

/* ---- vz_cp0.c ---- */

void vz_init_cp0(void);
void vz_reset_cp0(struct vz *vz);
void vz_load_cp0(struct mips_vcpu *vcpu);
void vz_save_cp0(struct mips_vcpu *vcpu);

/*
 * Guest.Cause: these bits of it become `value`, and without GuestCtl2 its lines those of the loaded
 * vCPU. The timer's interrupt is not lost meanwhile.
 */
void vz_set_cause(uint32_t mask, uint32_t value);

/* Any of the guest's registers; 0 for one that it has not. */
uint32_t vz_read_cp0(struct mips_vcpu *vcpu, unsigned number, unsigned select);

/* Its timer; the vCPU may be loaded or not. */
uint64_t vz_timer_at(const struct mips_vcpu *vcpu);
/* Status and Cause of a vCPU, loaded or not, with its lines and timer. */
uint32_t vz_status(const struct mips_vcpu *vcpu);
uint32_t vz_cause(const struct mips_vcpu *vcpu);
/* Whether the core raises its timer's interrupt. */
bool vz_has_timer(const struct mips_vcpu *vcpu);
/* What is up of its lines, the timer's too, is what the loaded vCPU's Cause or controller shows. */
void vz_show_lines(struct mips_vcpu *vcpu);
/* Whether WAIT would end. */
bool vz_pending(const struct mips_vcpu *vcpu);
/* Raises the timer's interrupt of the loaded vCPU, where the core does not, if it is due. */
void vz_check_timer(struct mips_vcpu *vcpu);

/* The privileged instruction, of those that exit, at which the guest is (GPSI). */
void vz_privileged(struct mips_vcpu *vcpu, uint32_t word);
/* mtc0 that changes what we are asked about (GSFC). */
void vz_change(struct mips_vcpu *vcpu, uint32_t word);

/* ---- vz_tlb.c ---- */

void vz_init_tlb(void);
void vz_reset_tlb(struct vz *vz);
void vz_load_tlb(struct mips_vcpu *vcpu);
void vz_save_tlb(struct mips_vcpu *vcpu);

/* The root's TLB holds nothing of any guest but what is fixed. */
void vz_flush(void);
/* As of struct backend_ops; and until now. */
bool vz_fix(struct mips_guest *guest);
void vz_unfix(const struct mips_guest *guest);
/* The guest's accesses, of the root's TLB and its registers, are those of this guest. */
void vz_select(const struct mips_guest *guest);

/* The root's TLB has no entry, or none with that right, for a guest-physical address. */
void vz_tlb_exception(struct mips_vcpu *vcpu, unsigned code, bool refill);

/* As of struct backend_ops. */
bool vz_translate(struct mips_vcpu *vcpu, uint32_t address, uint64_t *physical);

/* The guest's instruction at `at`, from its memory; 0 if it is not there any more. */
uint32_t vz_fetch(struct mips_vcpu *vcpu, uint32_t at);

/* ---- vz.c ---- */

/* $16 to $23, $27, $28 and $30: those that compiled code keeps, or never uses. */
#define VZ_KEPT 0x58ff0000U

enum vz_access {
	VZ_ACCESS_OTHER, /* for backend_vz.exit(): nothing has been done */
	VZ_ACCESS_DONE,
	VZ_ACCESS_QUICK, /* done, and no register of VZ_KEPT has changed */
};

/* At a TLB refill: if it was for a register in the Virtio window, that is accessed. */
enum vz_access vz_window_access(struct mips_vcpu *vcpu);

/* The instruction that exited. */
uint32_t vz_word(struct mips_vcpu *vcpu);

#endif

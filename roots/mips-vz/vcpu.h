/* SPDX-License-Identifier: BSD-2-Clause */
/* Guests and vCPUs as this root knows them. */
#ifndef VCPU_H
#define VCPU_H

#include "backend.h"
#include "board.h"
#include "guest.h"
#include "mips.h"
#include "te.h"
#include "vio_mips_vz.h"
#include "vio_ns16550.h"
#include "vz.h"

#define BOARD_SLOTS 16

/* vectors.S knows the members up to `control`. */
struct mips_vcpu {
	uint32_t r[32]; /* general registers; $0 is 0 */
	uint32_t hi, lo, pc;
	uint32_t status;  /* the root's, to run the guest with: the back-end's */
	uint32_t control; /* GuestCtl0, the same; 0: the core has no guest mode */
	bool quick;       /* vz_window_access() is for it */
	bool stale;       /* `prepare` has something to do */
	struct mips_guest *guest;
	struct vcpu vcpu;
	uint32_t lines; /* IP2 to IP6, as bits of Cause */
	union {
		struct te te;
		struct vz vz;
	};
};

struct mips_guest {
	struct guest guest;
	struct mips_vcpu *vcpus; /* as many as it is created with; the owner's, set before that */
	struct board board;
	struct vio_mmio slots[BOARD_SLOTS];
	struct vio_dummy dummies[BOARD_SLOTS];
	struct vio_ns16550 uart;
	struct region power;
	uint8_t id; /* VZ: its GuestID, or ASID of the root's TLB */
	bool eic;   /* VZ: it is shown an interrupt controller; the owner's, set before that */
	/*
	 * Its doorbells interrupt by IP1, which the guest can clear in Cause: so it acknowledges
	 * them, by a register of its core and no exit. The owner's, set before that.
	 */
	bool by_cause;
	struct vio_mips_vz_lines lines;
};

#define LINE_BY_CAUSE 1 /* this and IP0 are the guest's to take down */

/* Who shares the guest's interrupt lines. */
enum {
	LINE_OF_SLOTS = 0, /* and of the next, one each */
	LINE_OF_DOORBELLS = BOARD_SLOTS,
	LINE_OF_UART = 0, /* which has a line to itself (vio_board.c) */
};

/* The vCPU whose state the core holds, or NULL. */
extern struct mips_vcpu *loaded;

static inline struct mips_guest *mips_guest(struct guest *guest)
{
	return VIO_CONTAINER_OF(guest, struct mips_guest, guest);
}

static inline struct mips_vcpu *mips_vcpu(struct vcpu *vcpu)
{
	return VIO_CONTAINER_OF(vcpu, struct mips_vcpu, vcpu);
}

/* $0 stays 0. */
static inline void vcpu_set(struct mips_vcpu *vcpu, unsigned number, uint32_t value)
{
	if (number != 0)
		vcpu->r[number] = value;
}

/* From here the guest runs. */
_Noreturn void vcpu_enter(struct mips_vcpu *vcpu);

/* Makes `vcpu` the loaded one; NULL: none is. */
void vcpu_load(struct mips_vcpu *vcpu);

/* Interrupt line IP`line` as far as `who` is concerned: a number for arch_set_line(). */
static inline unsigned line_number(unsigned line, unsigned who)
{
	return who << 3 | line;
}

/* Runs what was started. */
_Noreturn void root_run(void);

/* ---- timer.c: the root's clock and timer, from Count and Compare ---- */

/* Its timer_at() may have changed: the timer is set anew. Of the loaded vCPU. */
void timer_changed(void);

/* By irq.c: IP7 is up. */
void timer_interrupt(void);

/* ---- irq.c; irq_attach() is in machine.h ---- */

/* Of the root's Status: what lets its interrupts through. */
extern uint32_t irq_status;

void irq_init(void);

/* Takes the physical interrupts that are pending. */
void irq_take(void);
/* Takes this one. */
void irq_line(unsigned line);

#endif

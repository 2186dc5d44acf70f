/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trap-and-emulate back-end: its part of a vCPU, and its own files' view of each other. The
 * guest is shown a core like a 24Kc: MIPS32 release 2, TLB of TE_TLB pairs, caches of one way and
 * 64 lines, no FPU.
 */
#ifndef TE_H
#define TE_H

#include <stdbool.h>
#include <stdint.h>

struct mips_guest;
struct mips_vcpu;

#define TE_TLB 64

struct te_entry {
	uint32_t hi;   /* VPN2 and ASID */
	uint32_t mask; /* of the address bits below VPN2 */
	uint32_t lo[2];
	bool global;
};

/* Why the guest came to the root, for te's `say_exits`. */
enum te_exit {
	TE_CP0_READ,
	TE_CP0_WRITE,
	TE_INTERRUPTS, /* DI, EI */
	TE_ERET,
	TE_TLB_INSTRUCTION,
	TE_CACHE,
	TE_WAIT,
	TE_RDHWR,
	TE_SHADOW,    /* the core's TLB had less than the guest's */
	TE_GUEST_TLB, /* so had the guest's: it gets the exception */
	TE_ACCESS,    /* no memory: devices */
	TE_EXCEPTION, /* others that are the guest's */
	TE_EXITS,
};

#define TE_TIMER (CAUSE_TI | 0x80 << CAUSE_IP_SHIFT) /* in Cause */

struct te {
	uint32_t exits[TE_EXITS];
	uint32_t cp0[32][8]; /* the guest's registers by number and select; Count: its offset */
	struct te_entry tlb[TE_TLB];
	unsigned random;
	uint64_t timer_at; /* when Count reaches Compare next, in ticks of the root's clock */

	/* Of the core's ASIDs: by guest mode (1: kernel) and guest ASID; 0: none yet. */
	uint8_t asids[2][256];
	uint32_t generation; /* these are of */
	uint8_t asid;        /* in use */
};

/* ---- te_tlb.c ---- */

enum te_outcome {
	TE_MAPPED,
	TE_NO_ENTRY,
	TE_INVALID,
	TE_NO_RIGHT, /* to be here at all, in this mode */
};

/* What a guest-virtual address is, by the guest's segments and TLB. */
struct te_mapping {
	uint64_t address; /* guest-physical */
	uint32_t lo;      /* C, D and V */
	bool direct;      /* an unmapped segment */
};

enum te_outcome te_find(const struct te *te, uint32_t address, struct te_mapping *mapping);

/* In guest kernel mode. */
bool te_is_kernel(const struct te *te);

/* The core's TLB is empty, and nobody has an ASID. */
void te_flush(void);

/* Puts the ASID of the vCPU's mode and guest ASID into the core. */
void te_set_asid(struct te *te);

/* A TLB exception of the loaded vCPU; `refill`: there was no entry at all. */
void te_tlb_exception(struct mips_vcpu *vcpu, unsigned code, bool refill);

/* The guest's instructions of the TLB. */
void te_tlbp(struct te *te);
void te_tlbr(struct te *te);
void te_tlbwi(struct te *te);
void te_tlbwr(struct te *te);

/* ---- te_cp0.c ---- */

void te_reset_cp0(struct te *te);

/* The guest is in kernel mode, or has CU0, and executed `word`, of COP0 or CACHE. */
void te_privileged(struct mips_vcpu *vcpu, uint32_t word);

/* RDHWR. False: it has no right to that register. */
bool te_rdhwr(struct mips_vcpu *vcpu, uint32_t word);

/* ---- te.c ---- */

/* The guest takes an exception, by a vector that has this offset unless EXL is set. */
void te_take(struct mips_vcpu *vcpu, unsigned code, unsigned vector);

/* The same for what has an address: BadVAddr, and for the TLB's Context and EntryHi. */
void te_take_address(struct mips_vcpu *vcpu, unsigned code, unsigned vector, uint32_t address);

/* The guest's Count. */
uint32_t te_count(const struct te *te);

/* Compare or Count was written. */
void te_set_timer(struct te *te);

/* Takes note in Cause that Count has reached Compare. */
void te_check_timer(struct te *te);

/* The guest's Cause, as it is now. */
uint32_t te_cause(const struct te *te);

#endif

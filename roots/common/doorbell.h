/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A doorbell: two guests, or a guest and the root, tell each other that there is something to look
 * at, most often in a buffer that both have (a region with `shared`). Each end is a page of
 * registers and a level interrupt:
 *
 *	0x00 MAGIC	R	"VIOB"
 *	0x04 VERSION	R	1
 *	0x08 PEER	R	0: nobody is at the other end; else how often that has started
 *	0x0c RING	W	1: the other end gets RUNG now
 *				2: it does when the vCPU that writes leaves the CPU (it waits, its
 *				slice or window is over): many rings, one interrupt
 *	0x10 STATUS	R	bit 0 RUNG; bit 1 PEER: the other end has started (again)
 *			W	ones clear bits; the interrupt is up as long as one is set
 *	0x20 BUFFER	R	guest-physical address of the buffer, low and high half
 *	0x28 SIZE	R	its bytes, low and high half; 0: there is none
 *
 * Registers are 32 bits, little-endian, and accessed as such: all other accesses read 0 and are
 * ignored when written. Nothing is queued and nothing counted: a bell that rings already does not
 * ring twice, so a driver first clears STATUS and then looks at the buffer. What rings for a guest
 * that is off, or is just starting, is lost; it looks at the buffer when it starts.
 */
#ifndef DOORBELL_H
#define DOORBELL_H

#include "guest.h"

#define DOORBELL_SIZE 4096

enum doorbell_register {
	DOORBELL_MAGIC = 0x00,
	DOORBELL_VERSION = 0x04,
	DOORBELL_PEER = 0x08,
	DOORBELL_RING = 0x0c,
	DOORBELL_STATUS = 0x10,
	DOORBELL_BUFFER = 0x20,
	DOORBELL_BUFFER_SIZE = 0x28,
};

#define DOORBELL_MAGIC_VALUE   0x424f4956 /* "VIOB" */
#define DOORBELL_VERSION_VALUE 1

enum {
	DOORBELL_RING_NOW = 1,
	DOORBELL_RING_LATER = 2,
};

enum {
	DOORBELL_STATUS_RUNG = 1,
	DOORBELL_STATUS_PEER = 2,
};

struct doorbell_end {
	struct doorbell_end *other;
	struct guest *guest;                    /* whose end it is, or */
	void (*rung)(struct doorbell_end *end); /* the root's */
	unsigned intid;
	const struct region *buffer; /* or NULL */
	struct region bank;
	uint32_t status;
	uint32_t starts;
	bool edge;  /* every ring raises the line anew: the guest takes it down without STATUS */
	bool later; /* rings when the vCPU that asked for it leaves the CPU */
};

/* The owner's, zero at first; outlives the guests at its ends. */
struct doorbell {
	struct doorbell_end ends[2];
};

/*
 * Puts end 0 or 1 into `guest`, which is being configured: registers at `base`, on a page boundary,
 * interrupt `intid`. `buffer`, what BUFFER tells of, outlives the guest; NULL: there is none. A
 * guest that was killed and made anew is attached again. Errors are guest_add()'s.
 */
enum guest_error doorbell_attach(struct doorbell *doorbell, unsigned end, struct guest *guest,
				 uint64_t base, unsigned intid, const struct region *buffer);

/* The root has that end: `rung` is called, in the time of whom it rings for. */
void doorbell_attach_root(struct doorbell *doorbell, unsigned end,
			  void (*rung)(struct doorbell_end *end));

/* Rings at the other end, now. */
void doorbell_ring(struct doorbell_end *end);

/* The vCPU, which has asked for rings later, leaves the CPU. */
void doorbell_leave(struct vcpu *vcpu);

#endif

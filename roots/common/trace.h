/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the root did and when: exits of guests, interrupts to them, and who was let run, in a ring
 * in memory that keeps the latest.
 *
 * Nothing reads it while the machine runs: tools/trace finds it in an image of the machine's memory
 * by its first bytes, also after the root has died, and makes a timeline of it. The root option
 * `trace`, or `trace=BYTES`, turns it on.
 *
 * While it is off, exits cost nothing on ARM, where the traced ones go through vectors of their
 * own, and device registers in guest mode cost nothing on MIPS. What else is noted asks `trace`
 * first.
 */
#ifndef TRACE_H
#define TRACE_H

#include "guest.h"

/* `detail` and `argument` by kind; tools/trace knows them. */
enum trace_kind {
	TRACE_EXIT = 1,  /* a vCPU's; as each root says */
	TRACE_ENTER,     /* a vCPU goes on */
	TRACE_INTERRUPT, /* a device's line went up: argument is the interrupt */
	TRACE_RUN,       /* a vCPU is to run */
	TRACE_TASK,      /* a task of the root: detail is its function */
	TRACE_IDLE,      /* nobody is */
	TRACE_MIPS_EXIT, /* TRACE_EXIT of a MIPS root */
};

/*
 * TRACE_EXIT of an ARM root: argument is ESR_EL2, or TRACE_ARM_IRQ; detail an abort's
 * guest-physical address, or a call's number.
 */
#define TRACE_ARM_IRQ      UINT32_MAX

/*
 * TRACE_MIPS_EXIT: argument is the ExcCode, and for a guest exit GExcCode from bit 8 on; detail the
 * BadVAddr of a TLB exception, which is guest-physical in guest mode and with TRACE_MIPS_VIRTUAL
 * not.
 */
#define TRACE_MIPS_VIRTUAL (1U << 31)

struct trace_event {
	uint64_t time; /* ticks of the counter */
	uint64_t detail;
	uint32_t argument;
	uint8_t kind;
	uint8_t cpu;
	uint8_t guest; /* its number; 0: none */
	uint8_t vcpu;
};

#define TRACE_GUESTS 16
#define TRACE_NAME   16

/* At the start of a page. All fields have the root's byte order. */
struct trace_ring {
	char magic[16];
	uint64_t frequency; /* ticks a second */
	uint32_t event_size;
	uint32_t capacity; /* events, a power of two */
	uint32_t written;  /* events so far, modulo 2^32; the latest `capacity` are there */
	uint32_t reserved;
	char names[TRACE_GUESTS][TRACE_NAME]; /* of guests, by number modulo TRACE_GUESTS */
	struct trace_event events[];
};

/* NULL: off. */
extern struct trace_ring *trace;

/* Turns it on if the machine's command line says so. Before the first guest takes memory. */
void trace_init(void);

void trace_write(enum trace_kind kind, const struct vcpu *vcpu, uint32_t argument, uint64_t detail);

/* `vcpu` NULL: it is no guest's affair. */
static inline void trace_note(enum trace_kind kind, const struct vcpu *vcpu, uint32_t argument,
			      uint64_t detail)
{
	if (vio_unlikely(trace != NULL))
		trace_write(kind, vcpu, argument, detail);
}

/* Who is to run next; NULL: nobody. */
void trace_picked(struct sched_entity *next);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guests and their vCPUs, as far as every root has them alike; a root embeds these in its own.
 *
 *	guest:  MADE --guest_start--> RUNNING --power off, kill--> OFF
 *	                                 |   `--reset, and the policy is restart--> MADE
 *	                                 `--guest_stop: misuse, report--> OFF
 *	vCPU:   OFF --start, CPU_ON--> READY <--> WAITING (for an interrupt) or PARKED (at a device)
 *
 * The arch_ functions below are what each root provides to the code here.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "space.h"
#include "vio_memory.h"

enum vcpu_state {
	VCPU_OFF,
	VCPU_READY,
	VCPU_WAITING, /* until an interrupt is pending for it */
	VCPU_PARKED,  /* at an access to a device that has to finish something first */
};

struct vcpu {
	struct guest *guest;
	unsigned index; /* in its guest */
	enum vcpu_state state;
};

enum guest_state {
	GUEST_MADE,
	GUEST_RUNNING,
	GUEST_OFF,
};

/* What becomes of a guest that accesses what is not there. */
enum guest_policy {
	GUEST_STOP,  /* it stops, and the root reports: for bare metal */
	GUEST_ABORT, /* it gets the abort that real hardware gives, counted: for Linux */
};

/* How it ended. */
enum guest_end {
	GUEST_POWERED_OFF,
	GUEST_RESET,   /* it asked for a restart */
	GUEST_STOPPED, /* by the root, with a report */
};

struct guest {
	const char *name;
	unsigned number; /* 1 to 255, no two alike: also the VMID */
	unsigned vcpu_count;
	enum guest_policy policy;
	enum guest_state state;
	enum guest_end end; /* once OFF */
	struct space space;
	struct vio_memory memory; /* what devices may reach */
	struct vio_region memory_regions[4];
	struct {
		uint64_t aborts;    /* accesses to nothing */
		uint64_t undefined; /* instructions that were refused */
		uint64_t broken;    /* devices its drivers broke */
	} counters;
};

/* Fills in what is common; the rest of `guest` is zero. */
void guest_init(struct guest *guest, const char *name, unsigned number, unsigned vcpu_count);

/*
 * Gives the guest a region. Real ones are mapped; memory that it can write is devices' too.
 * False: it overlaps, wraps, or there is no room for it or its translation tables.
 */
bool guest_add(struct guest *guest, struct region *region);

/* Puts devices and first vCPU into their reset state and lets that run from `entry`. */
void guest_start(struct guest *guest, uint64_t entry, uint64_t argument);

/* The guest runs no more. */
void guest_end(struct guest *guest, enum guest_end end);

/* ---- What each root provides ---- */

bool arch_map(struct guest *guest, const struct region *region);

/* Where the root sees physical memory. */
void *arch_pointer(uint64_t physical);

/* All vCPUs off and in reset state, then the first ready at `entry`. */
void arch_start(struct guest *guest, uint64_t entry, uint64_t argument);
void arch_stop(struct guest *guest);

#endif

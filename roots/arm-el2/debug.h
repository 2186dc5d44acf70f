/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's own debugging: its breakpoints, watchpoints and single steps. The essay is in debug.c.
 */
#ifndef DEBUG_H
#define DEBUG_H

#include <stdbool.h>
#include <stdint.h>

#define DEBUG_PAIRS 16

/* By op2 of their encoding, less 4. */
enum {
	DEBUG_BVR,
	DEBUG_BCR,
	DEBUG_WVR,
	DEBUG_WCR,
	DEBUG_KINDS,
};

struct debug {
	uint64_t registers[DEBUG_KINDS][DEBUG_PAIRS];
};

struct arm_vcpu;

/* EL2: the registers trap, and no lock is on. */
void debug_init(void);

/* The vCPU has got the CPU. */
void debug_load(const struct arm_vcpu *vcpu);

/* A trapped access to a register of op0 2, by its other parts. False: there is no such register. */
bool debug_read(const struct arm_vcpu *vcpu, unsigned op1, unsigned crn, unsigned crm, unsigned op2,
		uint64_t *value);
bool debug_write(struct arm_vcpu *vcpu, unsigned op1, unsigned crn, unsigned crm, unsigned op2,
		 uint64_t value);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The A64 loads and stores that trap without syndrome (ISV=0): pairs, and everything that writes
 * its base register back. The plain ones are decoded too, since a CPU may leave ISV clear.
 */
#ifndef VIO_ARM_DECODE_H
#define VIO_ARM_DECODE_H

#include "vio_arm_access.h"

struct vio_arm_instruction {
	struct vio_arm_access accesses[2]; /* in the order in which they are done */
	uint8_t count;
	bool write_back;
	uint8_t base; /* register to write back, 31 is sp; after all accesses */
	uint64_t base_value;
};

/*
 * Decodes `word` of a guest with these registers, x0 to x30 and then sp. The addresses are the
 * guest's virtual ones. False: no such load or store, or one whose effect the architecture leaves
 * open (a pair into one register, write-back into the register that is moved); the guest is to
 * have a fault. SIMD, exclusives, atomics and tags are among these.
 */
bool vio_arm_decode(uint32_t word, const uint64_t *x_sp, struct vio_arm_instruction *instruction);

#endif

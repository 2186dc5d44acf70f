/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest-physical to physical: translation tables, VMIDs and TLBs. */
#ifndef STAGE2_H
#define STAGE2_H

#include <stdbool.h>
#include <stdint.h>

struct arm_guest;

enum stage2_kind {
	STAGE2_MEMORY,
	STAGE2_READ_ONLY,
	STAGE2_DEVICE,
};

/* VTCR_EL2, for all guests. */
void stage2_init(void);

/* An empty table for the guest. False: no memory. */
bool stage2_new(struct arm_guest *guest);

/* The tables go back to where they came from. */
void stage2_free(struct arm_guest *guest);

/* Maps or, with another kind, maps again. False: no memory for a table. */
bool stage2_map(struct arm_guest *guest, uint64_t base, uint64_t physical, uint64_t size,
		enum stage2_kind kind);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VGIC_FIELDS_H
#define VGIC_FIELDS_H

#include "vcpu.h"
#include "vgic.h"

/*
 * An access of `vcpu` to the arrays that stand at the same offsets in the distributor and in the
 * redistributor's SGI frame; which of the two matters to GICv3 only.
 */
uint64_t vgic_read_fields(struct arm_vcpu *vcpu, unsigned offset, unsigned width,
			  bool redistributor);
void vgic_write_fields(struct arm_vcpu *vcpu, unsigned offset, unsigned width, uint64_t value,
		       bool redistributor);

#endif

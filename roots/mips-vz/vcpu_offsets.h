/* SPDX-License-Identifier: BSD-2-Clause */
/* Where vectors.S finds what is in struct mips_vcpu; vcpu.c holds it to that. */
#ifndef VCPU_OFFSETS_H
#define VCPU_OFFSETS_H

#define VCPU_HI      128
#define VCPU_LO      132
#define VCPU_PC      136
#define VCPU_STATUS  140
#define VCPU_CONTROL 144

#endif

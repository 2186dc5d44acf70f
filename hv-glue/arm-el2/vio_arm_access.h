/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One access of an AArch64 guest to memory that is not there, as the trap's syndrome or a decoded
 * instruction tells it, and how it meets the general-purpose registers. For the glue, and for a
 * root's own emulated register banks.
 */
#ifndef VIO_ARM_ACCESS_H
#define VIO_ARM_ACCESS_H

#include "vio_types.h"

/* Fields of ESR_EL2, Arm ARM D17.2.37, "ISS encoding for an exception from a Data Abort". */
enum {
	VIO_ARM_ISS_FSC = 0x3c,         /* the kind of fault, without its level: */
	VIO_ARM_ISS_TRANSLATION = 0x04, /* nothing is mapped there */
	VIO_ARM_ISS_WNR = 1 << 6,       /* a write */
	VIO_ARM_ISS_S1PTW = 1 << 7, /* the guest's translation walk, no access of an instruction */
	VIO_ARM_ISS_CM = 1 << 8,    /* cache maintenance */
	VIO_ARM_ISS_SF = 1 << 15,   /* the register is 64 bits wide */
	VIO_ARM_ISS_SSE = 1 << 21,  /* sign-extend what is loaded */
	VIO_ARM_ISS_ISV = 1 << 24,  /* SAS, SSE, SRT and SF are valid */
	VIO_ARM_ISS_SRT_SHIFT = 16,
	VIO_ARM_ISS_SAS_SHIFT = 22,
};

/* As Rt and SRT: the zero register. */
#define VIO_ARM_XZR 31

struct vio_arm_access {
	uint64_t address;
	uint32_t width; /* 1, 2, 4 or 8 bytes */
	uint32_t reg;   /* 0 to 30, or VIO_ARM_XZR */
	bool write;
	bool sign_extend; /* a load does, to the register's width */
	bool wide;        /* the register is x, not w */
};

/* What a syndrome with ISV=1 says. */
static inline struct vio_arm_access vio_arm_access_of_syndrome(uint64_t esr, uint64_t address)
{
	return (struct vio_arm_access){
		.address = address,
		.width = 1U << ((esr >> VIO_ARM_ISS_SAS_SHIFT) & 3),
		.reg = (esr >> VIO_ARM_ISS_SRT_SHIFT) & 31,
		.write = (esr & VIO_ARM_ISS_WNR) != 0,
		.sign_extend = (esr & VIO_ARM_ISS_SSE) != 0,
		.wide = (esr & VIO_ARM_ISS_SF) != 0,
	};
}

/* The register that a store writes `width` bytes of. `x`: x0 to x30. */
static inline uint64_t vio_arm_access_register(const struct vio_arm_access *access,
					       const uint64_t *x)
{
	return access->reg == VIO_ARM_XZR ? 0 : x[access->reg];
}

/* Those bytes alone. */
static inline uint64_t vio_arm_access_value(const struct vio_arm_access *access, const uint64_t *x)
{
	return vio_arm_access_register(access, x) & (UINT64_MAX >> (64 - 8 * access->width));
}

/* A load has read these `width` bytes, zero-extended: its register takes them. */
static inline void vio_arm_access_load(const struct vio_arm_access *access, uint64_t *x,
				       uint64_t value)
{
	if (access->sign_extend) {
		uint64_t sign = UINT64_C(1) << (8 * access->width - 1);

		value = (value ^ sign) - sign;
		if (!access->wide)
			value = (uint32_t)value;
	}
	if (access->reg != VIO_ARM_XZR)
		x[access->reg] = value;
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* The Arm architecture as this root uses it: register access and the bits of each register. */
#ifndef ARM_H
#define ARM_H

#ifdef __ASSEMBLER__
#define U64(n) n
#else
#define U64(n) n##ULL
#endif

/*
 * The root's addresses: physical plus LINEAR, which lies outside every address that a guest's
 * kernel (top half), its programs (48-bit layouts) and its early code (physical) execute at.
 * VA_BITS 39 serves the root's own tables and stage 2 alike: three levels, one 4 KiB page on top.
 */
#define LINEAR       U64(0x4000000000)
#define VA_BITS      39

/* Where QEMU's `virt` puts a flat arm64 Image of text_offset 0. */
#define RAM_BASE     0x40000000
#define LOAD_ADDRESS 0x40200000

#define PAGE_SHIFT   12
#define PAGE_SIZE    4096

/* CPUs that the root uses, and the stack of each, below which is a hole of one page. */
#define CPUS_MAX     4
#define STACK_SIZE   32768
#define STACK_SPAN   (PAGE_SIZE + STACK_SIZE)

/* MAIR_EL2: index 0 is normal write-back memory, 1 is Device-nGnRE. */
#define MAIR_VALUE   0x04ff

/* TCR_EL2: 39 bits, 4 KiB granule, inner shareable write-back walks, 40-bit physical. */
#define TCR_VALUE                                                                                  \
	((1 << 31) | (1 << 23) | (2 << 16) | (3 << 12) | (1 << 10) | (1 << 8) | (64 - VA_BITS))

/* SCTLR_EL2 */
#define SCTLR_RES1         0x30c50830
#define SCTLR_M            (1 << 0)
#define SCTLR_C            (1 << 2)
#define SCTLR_SA           (1 << 3)
#define SCTLR_I            (1 << 12)
#define SCTLR_WXN          (1 << 19)
#define SCTLR_VALUE        (SCTLR_RES1 | SCTLR_M | SCTLR_C | SCTLR_SA | SCTLR_I)

/* Descriptors, stage 1 and 2 (D8.3): what both have in common, then what is each one's own. */
#define PTE_VALID          (U64(1) << 0)
#define PTE_TABLE          (U64(1) << 1) /* at level 3: a page */
#define PTE_AF             (U64(1) << 10)
#define PTE_SH_INNER       (U64(3) << 8)
#define PTE_ADDRESS        U64(0x0000fffffffff000)
#define PTE_XN             (U64(1) << 54)
#define PTE_ATTR(n)        ((n)*U64(4))
#define PTE_READ_ONLY      (U64(2) << 6)
#define S2_MEM_NORMAL      (U64(15) << 2)
#define S2_MEM_DEVICE      (U64(1) << 2)
#define S2_READ            (U64(1) << 6)
#define S2_WRITE           (U64(2) << 6)

/* HCR_EL2 */
#define HCR_VM             (U64(1) << 0)
#define HCR_SWIO           (U64(1) << 1)
#define HCR_FMO            (U64(1) << 3)
#define HCR_IMO            (U64(1) << 4)
#define HCR_AMO            (U64(1) << 5)
#define HCR_FB             (U64(1) << 9)
#define HCR_BSU            (U64(1) << 10)
#define HCR_TWI            (U64(1) << 13)
#define HCR_TID3           (U64(1) << 18)
#define HCR_TSC            (U64(1) << 19)
#define HCR_TIDCP          (U64(1) << 20)
#define HCR_TACR           (U64(1) << 21)
#define HCR_RW             (U64(1) << 31)

/* ESR_ELx: class of the exception, its length bit, and what the classes say. */
#define ESR_EC(esr)        (((esr) >> 26) & 63)
#define ESR_EC_SHIFT       26
#define ESR_IL             (1U << 25)
#define EC_WFX             0x01
#define EC_HVC64           0x16
#define EC_SMC64           0x17
#define EC_SYSREG          0x18
#define EC_INSTR_ABORT     0x20
#define EC_INSTR_ABORT_EL1 0x21
#define EC_DATA_ABORT      0x24
#define EC_DATA_ABORT_EL1  0x25
#define ISS_FSC(iss)       ((iss)&0x3f)
#define ISS_WNR            (1U << 6)
#define ISS_S1PTW          (1U << 7)
#define ISS_ISV            (1U << 24)
#define FSC_PERMISSION     0x0c
#define FSC_EXTERNAL       0x10
#define FSC_EXTERNAL_WALK  0x14 /* and the level */

/* SPSR and PSTATE */
#define PSR_MODE_MASK      0x1f
#define PSR_EL0            0x0
#define PSR_EL1T           0x4
#define PSR_EL1H           0x5
#define PSR_AARCH32        0x10
#define PSR_F              (1U << 6)
#define PSR_I              (1U << 7)
#define PSR_A              (1U << 8)
#define PSR_D              (1U << 9)

/* CNT*_CTL: a timer's control. */
#define CNT_ENABLE         1
#define CNT_IMASK          2

#ifndef __ASSEMBLER__
#include <stdint.h>

#define read_sysreg(name)                                                                          \
	({                                                                                         \
		uint64_t read_value;                                                               \
		__asm__ volatile("mrs %0, " #name : "=r"(read_value));                             \
		read_value;                                                                        \
	})

#define write_sysreg(name, value)                                                                  \
	do {                                                                                       \
		uint64_t write_value = (value);                                                    \
		__asm__ volatile("msr " #name ", %x0" ::"rZ"(write_value) : "memory");             \
	} while (0)

static inline void isb(void)
{
	__asm__ volatile("isb" ::: "memory");
}

static inline void dsb(void)
{
	__asm__ volatile("dsb sy" ::: "memory");
}

static inline void wfi(void)
{
	__asm__ volatile("dsb sy\n\twfi" ::: "memory");
}

/* In a loop that waits for another CPU. */
static inline void relax(void)
{
	__asm__ volatile("yield" ::: "memory");
}

/* A call of the machine's firmware (SMCCC). */
static inline uint64_t smc(uint64_t function, uint64_t a, uint64_t b, uint64_t c)
{
	register uint64_t x0 __asm__("x0") = function;
	register uint64_t x1 __asm__("x1") = a;
	register uint64_t x2 __asm__("x2") = b;
	register uint64_t x3 __asm__("x3") = c;

	__asm__ volatile("smc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)::"memory");
	return x0;
}

static inline uint32_t mmio_read32(uintptr_t address)
{
	return *(volatile uint32_t *)address;
}

static inline void mmio_write32(uintptr_t address, uint32_t value)
{
	*(volatile uint32_t *)address = value;
}

static inline void mmio_write64(uintptr_t address, uint64_t value)
{
	*(volatile uint64_t *)address = value;
}
#endif

#endif

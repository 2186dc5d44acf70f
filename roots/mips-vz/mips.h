/* SPDX-License-Identifier: BSD-2-Clause */
/* The architecture's names and numbers (MIPS32 volume III, release 5), for C and assembly. */
#ifndef MIPS_H
#define MIPS_H

/* ---- CP0 registers: number, select ---- */

#define C0_INDEX                0, 0
#define C0_RANDOM               1, 0
#define C0_ENTRYLO0             2, 0
#define C0_ENTRYLO1             3, 0
#define C0_CONTEXT              4, 0
#define C0_USERLOCAL            4, 2
#define C0_PAGEMASK             5, 0
#define C0_PAGEGRAIN            5, 1
#define C0_SEGCTL0              5, 2
#define C0_SEGCTL1              5, 3
#define C0_SEGCTL2              5, 4
#define C0_WIRED                6, 0
#define C0_HWRENA               7, 0
#define C0_BADVADDR             8, 0
#define C0_BADINSTR             8, 1
#define C0_BADINSTRP            8, 2
#define C0_COUNT                9, 0
#define C0_ENTRYHI              10, 0
#define C0_GUESTCTL1            10, 4
#define C0_GUESTCTL2            10, 5
#define C0_GUESTCTL3            10, 6
#define C0_COMPARE              11, 0
#define C0_GUESTCTL0EXT         11, 4
#define C0_STATUS               12, 0
#define C0_INTCTL               12, 1
#define C0_SRSCTL               12, 2
#define C0_GUESTCTL0            12, 6
#define C0_GTOFFSET             12, 7
#define C0_CAUSE                13, 0
#define C0_EPC                  14, 0
#define C0_PRID                 15, 0
#define C0_EBASE                15, 1
#define C0_CONFIG               16, 0
#define C0_CONFIG1              16, 1
#define C0_CONFIG2              16, 2
#define C0_CONFIG3              16, 3
#define C0_CONFIG4              16, 4
#define C0_CONFIG5              16, 5
#define C0_CONFIG6              16, 6
#define C0_CONFIG7              16, 7
#define C0_LLADDR               17, 0
#define C0_DEPC                 24, 0
#define C0_ERRCTL               26, 0
#define C0_TAGLO                28, 0
#define C0_ERROREPC             30, 0
#define C0_DESAVE               31, 0
#define C0_KSCRATCH1            31, 2
#define C0_KSCRATCH2            31, 3
#define C0_KSCRATCH3            31, 4
#define C0_KSCRATCH4            31, 5
#define C0_KSCRATCH5            31, 6
#define C0_KSCRATCH6            31, 7

/* Scratch registers of the root: $26's content during an exit; the vCPU that runs. */
#define ASM_STATUS              $12
#define ASM_SRSCTL              $12, 2
#define ASM_GUESTCTL0           $12, 6
#define ASM_CAUSE               $13
#define ASM_EPC                 $14
#define ASM_DEPC                $24
#define ASM_DESAVE              $31
#define ASM_KEPT                $31, 2
#define ASM_VCPU                $31, 3

/* ---- Fields ---- */

#define STATUS_IE               (1 << 0)
#define STATUS_EXL              (1 << 1)
#define STATUS_ERL              (1 << 2)
#define STATUS_UM               (1 << 4)
#define STATUS_KSU              (3 << 3)
#define STATUS_IM_SHIFT         8
#define STATUS_IM               (0xff << 8)
#define STATUS_IPL(status)      ((status) >> 10 & 0x3f)
#define STATUS_BEV              (1 << 22)
#define STATUS_CU0              (1 << 28)

/* Interrupt lines: the root takes its UART's and its timer's; guests have IP2 to IP6. */
#define LINE_UART               4
#define LINE_TIMER              7
#define STATUS_IM_ROOT          (1 << (STATUS_IM_SHIFT + LINE_UART) | 1 << (STATUS_IM_SHIFT + LINE_TIMER))
#define STATUS_OF_GUEST         (STATUS_UM | STATUS_EXL | STATUS_IE) /* and irq_status */
#define LINES_ALL               (0x7c << CAUSE_IP_SHIFT)

#define CAUSE_CODE              (0x1f << 2)
#define CAUSE_CODE_OF(cause)    ((cause) >> 2 & 0x1f)
#define CAUSE_IP_SHIFT          8
#define CAUSE_IP                (0xff << 8)
#define CAUSE_IV                (1 << 23)
#define CAUSE_DC                (1 << 27)
#define CAUSE_CE_SHIFT          28
#define CAUSE_TI                (1 << 30)
#define CAUSE_BD                (1U << 31)

#define EXC_INT                 0
#define EXC_MOD                 1
#define EXC_TLBL                2
#define EXC_TLBS                3
#define EXC_ADEL                4
#define EXC_ADES                5
#define EXC_IBE                 6
#define EXC_DBE                 7
#define EXC_SYS                 8
#define EXC_BP                  9
#define EXC_RI                  10
#define EXC_CPU                 11
#define EXC_OV                  12
#define EXC_TR                  13
#define EXC_MSAFPE              14
#define EXC_FPE                 15
#define EXC_MSADIS              21
#define EXC_WATCH               23
#define EXC_MCHECK              24
#define EXC_DSPDIS              26
#define EXC_GE                  27

#define CONFIG_M                (1U << 31)
#define CONFIG_BE               (1 << 15)
#define CONFIG3_VEIC            (1 << 6)
#define CONFIG3_VZ              (1 << 23)
#define CONFIG3_SC              (1 << 25)
#define CONFIG3_BI              (1 << 26)
#define CONFIG3_BP              (1 << 27)
#define CONFIG3_ULRI            (1 << 13)
#define CONFIG4_KSCREXIST_SHIFT 16

#define CONFIG3_RXI             (1 << 12)
#define CONFIG5_LLB             (1 << 4)
#define INTCTL_VS               (0x1f << 5)
#define INTCTL_VS_32            (1 << 5) /* VECTOR_SPACING */
#define SRSCTL_HSS(srsctl)      ((srsctl) >> 26 & 0xf)

/* The VZ ASE. */
#define GUESTCTL0_GM            (1U << 31)
#define GUESTCTL0_CP0           (1 << 28)
#define GUESTCTL0_AT_GUEST      (3 << 26)
#define GUESTCTL0_GT            (1 << 25)
#define GUESTCTL0_CG            (1 << 24)
#define GUESTCTL0_CF            (1 << 23)
#define GUESTCTL0_G1            (1 << 22)
#define GUESTCTL0_G0E           (1 << 19)
#define GUESTCTL0_G2            (1 << 7)
#define GUESTCTL0_GEXC(control) ((control) >> 2 & 0x1f)
#define GUESTCTL0EXT_CGI        (1 << 4)
#define GUESTCTL1_RID_SHIFT     16
#define GUESTCTL2_GRIPL_SHIFT   24

#define GEXC_GPSI               0
#define GEXC_GSFC               1
#define GEXC_HC                 2
#define GEXC_GRR                3
#define GEXC_GVA                8
#define GEXC_GHFC               9
#define GEXC_GPA                10

#define ENTRYLO_G               (1 << 0)
#define ENTRYLO_V               (1 << 1)
#define ENTRYLO_D               (1 << 2)
#define ENTRYLO_C_SHIFT         3
#define ENTRYLO_PFN_SHIFT       6
#define CACHED                  3
#define UNCACHED                2
#define ENTRYHI_ASID            0xff
#define INDEX_P                 (1U << 31)

/* ---- Segments ---- */

#define KUSEG_END               0x80000000
#define KSEG0                   0x80000000
#define KSEG1                   0xa0000000
#define KSEG2                   0xc0000000
#define KSEG_MASK               0x1fffffff
#define PAGE_SIZE               4096

#define VECTOR_REFILL           0x000
#define VECTOR_GENERAL          0x180
#define VECTOR_INTERRUPT        0x200
#define VECTOR_SPACING          32

#ifndef __ASSEMBLER__

#include <stdint.h>

#define MIPS_STRING(...)   MIPS_STRING_(__VA_ARGS__)
#define MIPS_STRING_(a, b) "$" #a ", " #b

/* A write takes effect for what follows behind the next hazard barrier (ehb()). */
#define read_c0(reg)                                                                               \
	({                                                                                         \
		uint32_t value_;                                                                   \
		__asm__ volatile("mfc0 %0, " MIPS_STRING(reg) : "=r"(value_));                     \
		value_;                                                                            \
	})
#define write_c0(reg, value)                                                                       \
	__asm__ volatile("mtc0 %z0, " MIPS_STRING(reg)::"Jr"((uint32_t)(value)) : "memory")

/* The guest's, on a core with the VZ ASE. */
#define ASM_VZ(text) ".set push\n\t.set mips32r5\n\t.set virt\n\t" text "\n\t.set pop"
#define read_gc0(reg)                                                                              \
	({                                                                                         \
		uint32_t value_;                                                                   \
		__asm__ volatile(ASM_VZ("mfgc0 %0, " MIPS_STRING(reg)) : "=r"(value_));            \
		value_;                                                                            \
	})
#define write_gc0(reg, value)                                                                      \
	do {                                                                                       \
		uint32_t given_ = (value);                                                         \
		__asm__ volatile(ASM_VZ("mtgc0 %z0, " MIPS_STRING(reg))::"Jr"(given_) : "memory"); \
	} while (0)

static inline void ehb(void)
{
	__asm__ volatile("ehb" ::: "memory");
}

/* Where the root sees the first 512 MiB of physical memory, with and without caches. */
static inline void *to_virtual(uint64_t physical)
{
	return (void *)(uintptr_t)(KSEG0 + (uint32_t)physical);
}

static inline volatile void *to_registers(uint64_t physical)
{
	return (volatile void *)(uintptr_t)(KSEG1 + (uint32_t)physical);
}

static inline uint64_t to_physical(const volatile void *virtual)
{
	return (uint32_t)(uintptr_t) virtual & KSEG_MASK;
}

#endif

#endif

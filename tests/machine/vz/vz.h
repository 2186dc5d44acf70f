/* SPDX-License-Identifier: BSD-2-Clause */
/* The root's registers as binutils spells the instructions, and what tests are made of. */
#ifndef VZ_H
#define VZ_H

#include <stdbool.h>
#include <stdint.h>

#define ASM(...) __asm__ volatile(".set push\n.set noat\n.set mips32r5\n.set virt\n" __VA_ARGS__)
#define END      "\n.set pop"

#define read_c0(rd, sel)                                                                           \
	({                                                                                         \
		uint32_t value_;                                                                   \
		ASM("mfc0 %0, $" #rd ", " #sel END : "=r"(value_));                                \
		value_;                                                                            \
	})
#define write_c0(rd, sel, value)                                                                   \
	ASM("mtc0 %0, $" #rd ", " #sel "\nehb" END ::"r"((uint32_t)(value)) : "memory")
#define read_gc0(rd, sel)                                                                          \
	({                                                                                         \
		uint32_t value_;                                                                   \
		ASM("mfgc0 %0, $" #rd ", " #sel END : "=r"(value_));                               \
		value_;                                                                            \
	})
#define write_gc0(rd, sel, value)                                                                  \
	ASM("mtgc0 %0, $" #rd ", " #sel "\nehb" END ::"r"((uint32_t)(value)) : "memory")
#define instruction(text) ASM(text "\nehb" END ::: "memory")

/* What a guest executes. */
#define MFC0(rt, rd, sel) (0x40000000u | (rt) << 16 | (rd) << 11 | (sel))
#define MTC0(rt, rd, sel) (0x40800000u | (rt) << 16 | (rd) << 11 | (sel))
#define RDHWR(rt, rd)     (0x7c00003bu | (rt) << 16 | (rd) << 11)
#define CACHE(op, base)   (0xbc000000u | (base) << 21 | (op) << 16)
#define LW(rt, base)      (0x8c000000u | (base) << 21 | (rt) << 16)
#define SW(rt, base)      (0xac000000u | (base) << 21 | (rt) << 16)
#define LL(rt, base)      (0xc0000000u | (base) << 21 | (rt) << 16)
#define SC(rt, base)      (0xe0000000u | (base) << 21 | (rt) << 16)
#define JR(rs)            (0x00000008u | (rs) << 21)
#define B(offset)         (0x10000000u | ((offset)&0xffff))
#define ADDIU(rt, rs, n)  (0x24000000u | (rs) << 21 | (rt) << 16 | ((n)&0xffff))
#define HYPCALL(code)     (0x42000028u | (code) << 11)
#define ERET              0x42000018u
#define WAIT              0x42000020u
#define TLBR              0x42000001u
#define TLBWI             0x42000002u
#define TLBWR             0x42000006u
#define TLBP              0x42000008u
#define TLBINVF           0x42000004u
#define DERET             0x4200001fu
#define DI                0x41606000u
#define EI                0x41606020u
#define SYSCALL           0x0000000cu
#define SDBBP             0x7000007fu
#define RDPGPR(rd, rt)    (0x41400000u | (rt) << 16 | (rd) << 11)
#define WRPGPR(rd, rt)    (0x41c00000u | (rt) << 16 | (rd) << 11)
#define NOP               0u

enum {
	EXC_INT = 0,
	EXC_MOD = 1,
	EXC_TLBL = 2,
	EXC_TLBS = 3,
	EXC_ADEL = 4,
	EXC_DBE = 7,
	EXC_SYS = 8,
	EXC_RI = 10,
	EXC_CPU = 11,
	EXC_GE = 27
};

enum {
	GPSI = 0,
	GSFC = 1,
	HC = 2,
	GRR = 3,
	GVA = 8,
	GHFC = 9,
	GPA = 10
};

struct left {
	uint32_t vector, cause, epc, address, instr, instrp, ctl0, hi, context, status, srsctl;
};

extern struct left left;
extern uint32_t registers[32];
extern uint32_t forgive;

void enter(uint32_t pc);
int write_out(const char *text, unsigned length);
_Noreturn void quit(int status);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Coprocessor 0 of one context. Root and guest each have all of this; GuestCtl*, GTOffset and what
 * the guest is emulated (PRId, cache tags) exist in the root's alone.
 */
#ifndef CP0_H
#define CP0_H

#include <stdbool.h>
#include <stdint.h>

#define CP0(rd, sel)  ((rd)*8 + (sel))
#define CP0_REGISTERS 256

enum {
	C0_INDEX = CP0(0, 0),
	C0_RANDOM = CP0(1, 0),
	C0_ENTRYLO0 = CP0(2, 0),
	C0_ENTRYLO1 = CP0(3, 0),
	C0_CONTEXT = CP0(4, 0),
	C0_USERLOCAL = CP0(4, 2),
	C0_PAGEMASK = CP0(5, 0),
	C0_PAGEGRAIN = CP0(5, 1),
	C0_WIRED = CP0(6, 0),
	C0_HWRENA = CP0(7, 0),
	C0_BADVADDR = CP0(8, 0),
	C0_BADINSTR = CP0(8, 1),
	C0_BADINSTRP = CP0(8, 2),
	C0_COUNT = CP0(9, 0),
	C0_ENTRYHI = CP0(10, 0),
	C0_GUESTCTL1 = CP0(10, 4),
	C0_GUESTCTL2 = CP0(10, 5),
	C0_GUESTCTL3 = CP0(10, 6),
	C0_COMPARE = CP0(11, 0),
	C0_GUESTCTL0EXT = CP0(11, 4),
	C0_STATUS = CP0(12, 0),
	C0_INTCTL = CP0(12, 1),
	C0_SRSCTL = CP0(12, 2),
	C0_SRSMAP = CP0(12, 3),
	C0_GUESTCTL0 = CP0(12, 6),
	C0_GTOFFSET = CP0(12, 7),
	C0_CAUSE = CP0(13, 0),
	C0_EPC = CP0(14, 0),
	C0_PRID = CP0(15, 0),
	C0_EBASE = CP0(15, 1),
	C0_CONFIG = CP0(16, 0),
	C0_CONFIG1 = CP0(16, 1),
	C0_CONFIG2 = CP0(16, 2),
	C0_CONFIG3 = CP0(16, 3),
	C0_CONFIG4 = CP0(16, 4),
	C0_CONFIG5 = CP0(16, 5),
	C0_CONFIG6 = CP0(16, 6),
	C0_CONFIG7 = CP0(16, 7),
	C0_LLADDR = CP0(17, 0),
	C0_DEBUG = CP0(23, 0),
	C0_DEPC = CP0(24, 0),
	C0_ERRCTL = CP0(26, 0),
	C0_CACHEERR = CP0(27, 0),
	C0_TAGLO = CP0(28, 0),
	C0_TAGHI = CP0(29, 0),
	C0_ERROREPC = CP0(30, 0),
	C0_DESAVE = CP0(31, 0),
	C0_KSCRATCH1 = CP0(31, 2),
};

#define STATUS_IE            0x00000001u
#define STATUS_EXL           0x00000002u
#define STATUS_ERL           0x00000004u
#define STATUS_UM            0x00000010u
#define STATUS_IM_SHIFT      8
#define STATUS_IPL(r)        ((r) >> 10 & 0x3f)
#define STATUS_IMPL          0x00030000u
#define STATUS_NMI           0x00080000u
#define STATUS_SR            0x00100000u
#define STATUS_TS            0x00200000u
#define STATUS_BEV           0x00400000u
#define STATUS_MX            0x01000000u
#define STATUS_RE            0x02000000u
#define STATUS_FR            0x04000000u
#define STATUS_RP            0x08000000u
#define STATUS_CU0           0x10000000u
#define STATUS_CU1           0x20000000u
#define STATUS_CU2           0x40000000u

#define CAUSE_EXC_SHIFT      2
#define CAUSE_EXC            0x0000007cu
#define CAUSE_IP             0x0000ff00u
#define CAUSE_IP_HW          0x0000fc00u
#define CAUSE_IP_SW          0x00000300u
#define CAUSE_IP_SHIFT       8
#define CAUSE_RIPL           0x0000fc00u
#define CAUSE_RIPL_SHIFT     10
#define CAUSE_IV             0x00800000u
#define CAUSE_DC             0x08000000u
#define CAUSE_CE_SHIFT       28
#define CAUSE_CE             0x30000000u
#define CAUSE_TI             0x40000000u
#define CAUSE_BD             0x80000000u

#define INTCTL_VS            0x000003e0u
#define INTCTL_IPTI(n)       ((uint32_t)(n) << 29)
#define INTCTL_IPPCI(n)      ((uint32_t)(n) << 26)

/* Fields of a shadow set's number each; SRSMap has one for each of eight vectors. */
#define SRSCTL_HSS_SHIFT     26
#define SRSCTL_EICSS_SHIFT   18
#define SRSCTL_ESS_SHIFT     12
#define SRSCTL_PSS_SHIFT     6
#define SRSCTL_CSS_SHIFT     0
#define SRS_MASK             0xfu

#define PAGEGRAIN_RIE        0x80000000u
#define PAGEGRAIN_XIE        0x40000000u
#define PAGEGRAIN_ELPA       0x20000000u
#define PAGEGRAIN_IEC        0x08000000u

#define ENTRYLO_RI           0x80000000u
#define ENTRYLO_XI           0x40000000u
#define ENTRYLO_D            0x4u
#define ENTRYLO_V            0x2u
#define ENTRYLO_G            0x1u
#define ENTRYHI_VPN2         0xffffe000u
#define ENTRYHI_EHINV        0x400u
#define ENTRYHI_ASID         0xffu
#define INDEX_P              0x80000000u

#define CONFIG_M             0x80000000u
#define CONFIG3_BP           0x08000000u
#define CONFIG3_BI           0x04000000u
#define CONFIG3_VZ           0x00800000u
#define CONFIG3_ULRI         0x00002000u
#define CONFIG3_RXI          0x00001000u
#define CONFIG3_VEIC         0x00000040u
#define CONFIG3_VINT         0x00000020u
#define CONFIG4_IE           0x60000000u
#define CONFIG4_KSCREXIST    0x00ff0000u
#define CONFIG5_MSAEN        0x08000000u
#define CONFIG5_UFE          0x00000200u
#define CONFIG5_FRE          0x00000100u
#define CONFIG5_UFR          0x00000004u
#define CONFIG5_LLB          0x00000010u
#define CONFIG5_SBRI         0x00000040u
#define CONFIG7_WII          0x80000000u

#define GUESTCTL0_GM         0x80000000u
#define GUESTCTL0_RI         0x40000000u
#define GUESTCTL0_MC         0x20000000u
#define GUESTCTL0_CP0        0x10000000u
#define GUESTCTL0_AT         0x0c000000u
#define GUESTCTL0_AT_ROOT    0x04000000u
#define GUESTCTL0_AT_GUEST   0x0c000000u
#define GUESTCTL0_GT         0x02000000u
#define GUESTCTL0_CG         0x01000000u
#define GUESTCTL0_CF         0x00800000u
#define GUESTCTL0_G1         0x00400000u
#define GUESTCTL0_G0E        0x00080000u
#define GUESTCTL0_PT         0x00040000u
#define GUESTCTL0_PIP        0x0000fc00u
#define GUESTCTL0_RAD        0x00000200u
#define GUESTCTL0_G2         0x00000080u
#define GUESTCTL0_GEXC       0x0000007cu
#define GUESTCTL0_GEXC_SHIFT 2
#define GUESTCTL0_SFC2       0x00000002u
#define GUESTCTL0_SFC1       0x00000001u

#define GUESTCTL0EXT_CGI     0x10u
#define GUESTCTL0EXT_FCD     0x08u
#define GUESTCTL0EXT_OG      0x04u
#define GUESTCTL0EXT_BG      0x02u
#define GUESTCTL0EXT_MG      0x01u

#define GUESTCTL1_ID(r)      ((r)&0xff)
#define GUESTCTL1_RID(r)     ((r) >> 16 & 0xff)

#define GUESTCTL2_HC_SHIFT   24
#define GUESTCTL2_HC         0x3f000000u
#define GUESTCTL2_VIP        0x0000fc00u
#define GUESTCTL2_VIP_SHIFT  10
/* The same register for a guest with an EIC (Guest.Config3.VEIC). */
#define GUESTCTL2_GRIPL      0x3f000000u
#define GUESTCTL2_RIPL_SHIFT 24
#define GUESTCTL2_GEICSS     0x003c0000u
#define GUESTCTL2_SS_SHIFT   18
#define GUESTCTL2_GVEC       0x0000ffffu

/* What must hold for a guest to reach a register without an exit (GPSI). */
enum gate {
	GATE_CP0 = 1,     /* GuestCtl0.CP0 = 1 */
	GATE_GT = 2,      /* GuestCtl0.GT = 1 */
	GATE_CF = 4,      /* GuestCtl0.CF = 1 */
	GATE_AT = 8,      /* GuestCtl0.AT = 3 */
	GATE_MG = 16,     /* GuestCtl0Ext.MG = 0 */
	GATE_BG = 32,     /* GuestCtl0Ext.BG = 0 */
	GATE_OG = 64,     /* GuestCtl0Ext.OG = 0 */
	GATE_CLOSED = 128 /* never */
};

/* One register of the architecture as this core has it. */
struct cp0_register {
	uint8_t number;
	const char *name;
	uint32_t
		write; /* bits its own context's mtc0 changes; some depend on the core, see cp0.c */
	uint32_t root_write; /* bits mtgc0 changes on top of these */
	uint8_t read_gate, write_gate;
};

struct core;

enum context {
	ROOT,
	GUEST
};
#define CONTEXTS 2

/* NULL: the architecture's or the core's gap. */
const struct cp0_register *cp0_register(unsigned number);

/* Reset values and write masks of both contexts, from the core's options. */
void cp0_reset(struct core *core);

/* Present in that context? */
bool cp0_has(const struct core *core, enum context context, unsigned number);

/* What mfc0 of that context reads. The register is present. */
uint32_t cp0_read(struct core *core, enum context context, unsigned number);

/*
 * mtc0 of that context, or mtgc0 (`by_root` and context GUEST). The register is present.
 * Interrupts, timers and address translation follow.
 */
void cp0_write(struct core *core, enum context context, unsigned number, uint32_t value,
	       bool by_root);

/* mfc0 and mtc0 as instructions, in the mode the core is in. */
void cp0_move_from(struct core *core, unsigned rt, unsigned number);
void cp0_move_to(struct core *core, unsigned rt, unsigned number);
/* mfgc0 and mtgc0. */
void cp0_move_from_guest(struct core *core, unsigned rt, unsigned number);
void cp0_move_to_guest(struct core *core, unsigned rt, unsigned number);

#endif

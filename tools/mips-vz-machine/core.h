/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The core: what it is made of, and what its parts ask of each other.
 *
 * execute.c runs instructions until something needs attention: the clock has reached `event`. All
 * that may interrupt, trace or stop the program sets that to what it waits for, or to 0 for "before
 * the next instruction", so the loop itself tests one number.
 */
#ifndef CORE_H
#define CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cp0.h"

#define PAGE_SHIFT 12
#define PAGE_SIZE  (1u << PAGE_SHIFT)
#define NEVER      UINT64_MAX

/* context * 2 + user */
enum mode {
	ROOT_KERNEL,
	ROOT_USER,
	GUEST_KERNEL,
	GUEST_USER,
	MODES
};

enum access {
	READ,
	WRITE,
	EXECUTE
};
#define ACCESSES 3

enum exception {
	EXC_INT = 0,
	EXC_MOD = 1,
	EXC_TLBL = 2,
	EXC_TLBS = 3,
	EXC_ADEL = 4,
	EXC_ADES = 5,
	EXC_IBE = 6,
	EXC_DBE = 7,
	EXC_SYS = 8,
	EXC_BP = 9,
	EXC_RI = 10,
	EXC_CPU = 11,
	EXC_OV = 12,
	EXC_TR = 13,
	EXC_TLBRI = 19,
	EXC_TLBXI = 20,
	EXC_MCHECK = 24,
	EXC_GE = 27,
	EXCEPTIONS = 32
};

/* GuestCtl0.GExcCode */
enum guest_exit {
	GEXC_GPSI = 0,
	GEXC_GSFC = 1,
	GEXC_HC = 2,
	GEXC_GRR = 3,
	GEXC_GVA = 8,
	GEXC_GHFC = 9,
	GEXC_GPA = 10,
	GUEST_EXITS = 16
};

/* Of the interrupt controller, beside IP7..0. */
#define SOURCE_GUEST_TIMER 8

#define TLB_MAX            128

struct tlb_entry {
	uint32_t vpn2, mask; /* of virtual addresses: VPN2 of EntryHi; bits that do not count */
	uint32_t lo[2];
	uint8_t asid;
	uint8_t guest_id;
	bool global;
	bool valid;    /* EntryHi.EHINV was 0 */
	bool of_guest; /* a shared array: the guest's own entry, not one of the root's */
};

/*
 * A page that was translated before, and how it may be accessed. `tag[access]` is its virtual
 * address, or what no address of a page nor an unaligned one looks like. Only RAM is here.
 */
struct soft_page {
	uint32_t tag[ACCESSES];
	uint8_t *host; /* of the page's first byte */
};
#define SOFT_PAGES   1024
#define SOFT_NOTHING 0x800u

/* What the core has; see options.c for the meaning of each. */
struct core_options {
	unsigned vz, release;
	unsigned guest_id_bits, guestctl0ext, cgi, guestctl2, pass_through, gtoffset_bits;
	unsigned fault_gva;
	unsigned tlb[CONTEXTS], shared_tlb;
	unsigned badinstr, tlbinv, rixi, kscratch, vint, userlocal;
	unsigned eic, shadow_sets;
	unsigned count_step;
};

/* Transfers of control, newest last, for the trace of a machine that had to stop. */
#define TRAIL 32
struct transfer {
	uint32_t from, to;
	enum mode mode;
};

struct counts {
	uint64_t instructions[MODES];
	uint64_t exceptions[CONTEXTS][EXCEPTIONS]; /* root's: those taken from root mode */
	uint64_t exits[EXCEPTIONS];                /* root exceptions taken from guest mode */
	uint64_t guest_exits[GUEST_EXITS];         /* those of EXC_GE */
	uint64_t gpa_faults;                       /* exits with GExcCode GPA or GVA */
};

struct board;
struct trace;
struct gdb;
struct count_file;

#define SHADOW_SETS 16

struct core {
	uint32_t gpr[32]; /* of shadow set `set`; the others are in `sets` */
	uint32_t hi, lo;
	uint32_t sets[SHADOW_SETS][32];
	unsigned set;

	/* The next instruction, the one after it, and whether the next is in a delay slot. */
	uint32_t pc, next_pc;
	bool slot;
	/* The one being executed, for exceptions. `fetched`: `word` is it. */
	bool at_slot, fetched;
	uint32_t at, word, branch_word;

	uint64_t now;   /* the time, in instructions; idle time counts */
	uint64_t event; /* when attention is due */

	/* Fetching: the page of `pc`, in host memory. */
	uint32_t fetch_tag;
	const uint32_t *fetch_host;
	struct soft_page *pages; /* those of the mode */

	enum mode mode;
	bool big_endian;
	uint32_t byte_flip, half_flip; /* see memory.c */
	bool waiting, stopped;
	int status; /* exit status once stopped */

	uint32_t cp0[CONTEXTS][CP0_REGISTERS];
	uint32_t cp0_mask[CONTEXTS][CP0_REGISTERS];
	bool ll_bit[CONTEXTS];
	uint32_t lines; /* hardware interrupt lines, as in Cause */

	uint64_t count_since; /* when Root.Count was 0, modulo its period; see timer.c */
	uint64_t timer_due[CONTEXTS];
	uint32_t random_seed[CONTEXTS];

	struct tlb_entry tlb[CONTEXTS][TLB_MAX];
	struct soft_page soft[MODES][SOFT_PAGES];

	struct counts counts;
	uint64_t mode_since;
	struct transfer trail[TRAIL];
	unsigned trail_next;

	struct core_options options;
	uint64_t limit;
	struct board *board;
	struct trace *trace;
	struct gdb *gdb;
	struct count_file *count_file;
};

static inline enum context core_context(const struct core *core)
{
	return core->mode >= GUEST_KERNEL ? GUEST : ROOT;
}

static inline bool core_is_user(const struct core *core)
{
	return core->mode & 1;
}

/* core.c */
/* Before anything is put into memory. */
void core_set_byte_order(struct core *core, bool big_endian);
void core_reset(struct core *core, uint32_t entry);
void core_run(struct core *core);
/* Mode bits of Status or GuestCtl0 may have changed. */
void core_update_mode(struct core *core);
/* Looks for interrupts before the next instruction. */
static inline void core_attend(struct core *core)
{
	core->event = 0;
}
void core_stop(struct core *core, int status);
/* The root did what the architecture does not define: says so, with a trace, and stops. */
void core_unpredictable(struct core *core, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Adds the instructions since the last change of mode to the counts. */
void core_settle_counts(struct core *core);

/* execute.c: one instruction, or all until the clock reaches `event`; neither looks at interrupts.
 */
void core_step(struct core *core);
void core_run_until_event(struct core *core);

/* exception.c */
/* Of the instruction at `at`, in the context it runs in. */
void exception(struct core *core, enum exception code);
void exception_coprocessor(struct core *core, unsigned unit);
/* Address errors and those of the TLB: the root's, or the guest's own. */
void exception_address(struct core *core, enum context context, enum exception code,
		       uint32_t address);
void exception_tlb(struct core *core, enum context context, enum exception code, uint32_t address,
		   bool refill);
/* A guest's access whose guest-physical address the root does not map. */
void exception_guest_physical(struct core *core, enum exception code, uint32_t gva, uint32_t gpa,
			      bool refill);
/* The guest leaves before (`at`) or, for GHFC, after its instruction. */
void exception_guest_exit(struct core *core, enum guest_exit why);
/* Reserved: RI of its context, or GRR. */
void exception_reserved(struct core *core);
/* What only a mistake does: the root's stops the machine, a guest's is a reserved instruction. */
void exception_unpredictable(struct core *core, const char *what);
void exception_interrupt(struct core *core, enum context context);
void exception_return(struct core *core);
const char *exception_name(enum exception code);

/* timer.c */
uint32_t timer_count(const struct core *core, enum context context);
void timer_set_count(struct core *core, uint32_t count);
/* Compare, GTOffset or Cause.DC were written: when is the next match? */
void timer_arm(struct core *core, enum context context);
/* Sets Cause.TI of the timers that are due; true if one was. */
bool timer_expire(struct core *core);

/* sets.c: shadow sets of the general registers */
/* An exception is taken into `context`, in its set `set`; Status is still as before. */
void sets_enter(struct core *core, enum context context, unsigned set);
void sets_return(struct core *core, enum context context);
/* The registers are those of the mode, which may have changed. */
void sets_select(struct core *core);
/* Set numbers were written by the root. */
void sets_check(struct core *core, enum context context);
/* rdpgpr, wrpgpr */
void sets_read_previous(struct core *core, unsigned rd, unsigned rt);
void sets_write_previous(struct core *core, unsigned rd, unsigned rt);
static inline unsigned sets_field(uint32_t srsctl, unsigned shift)
{
	return srsctl >> shift & SRS_MASK;
}

/* interrupt.c */
/* What an external interrupt controller asks for; priority 0: nothing. */
struct request {
	unsigned priority, vector, set;
};
/* Config3.VEIC: IP7..2 are one number, the priority. */
bool interrupt_has_eic(const struct core *core, enum context context);
/* And EIC interrupt mode is in effect. */
bool interrupt_by_eic(const struct core *core, enum context context);
/* For a controller: IP7..0 without those, Cause.TI of the root, and of the guest; a bit each. */
uint32_t interrupt_sources(const struct core *core);
struct request interrupt_request(const struct core *core, enum context context);
uint32_t interrupt_pending(const struct core *core, enum context context);
void interrupt_set_lines(struct core *core, uint32_t lines);
/* Takes an interrupt if one is due. */
bool interrupt_take(struct core *core);
/* WAIT may end. */
bool interrupt_wakes(const struct core *core);

/* tlb.c: `number` entries; guests' writes go to the guest array. */
unsigned tlb_size(const struct core *core, enum context context);
const struct tlb_entry *tlb_find(const struct core *core, enum context context, uint32_t address,
				 uint8_t guest_id, uint8_t asid, bool *twice);
void tlb_probe(struct core *core, enum context context);
void tlb_read(struct core *core, enum context context);
void tlb_write(struct core *core, enum context context, unsigned index);
void tlb_write_random(struct core *core, enum context context);
/* tlbinv, tlbinvf: `of_asid` only entries of EntryHi.ASID. */
void tlb_invalidate(struct core *core, enum context context, bool of_asid);
unsigned tlb_random(struct core *core, enum context context);
void tlb_reset(struct core *core);

/* translate.c */
enum translation {
	TRANSLATED,
	FAULT_ADDRESS,        /* not for this mode */
	FAULT_TLB,            /* of the mode's own context; code and refill */
	FAULT_GUEST_PHYSICAL, /* stage 2: code, refill and gpa */
};
struct translated {
	enum translation result;
	uint32_t physical, gpa;
	enum exception code;
	bool refill;
	bool twice; /* two of the root's entries match */
};
struct translated translate(const struct core *core, enum mode mode, uint32_t address,
			    enum access access);
/* The same for an instruction: on failure, the exception is taken and false returned. */
bool translate_or_raise(struct core *core, uint32_t address, enum access access,
			uint32_t *physical);
void soft_flush(struct core *core, enum context context);
void soft_flush_all(struct core *core);

/*
 * memory.c. False: an exception was taken. Addresses are virtual, in the core's mode; values are
 * zero-extended.
 */
bool memory_fetch_page(struct core *core);
bool memory_load_slow(struct core *core, uint32_t address, unsigned size, uint32_t *value);
bool memory_store_slow(struct core *core, uint32_t address, unsigned size, uint32_t value);
/* For semihosting and the debugger: no exception, false if not mapped. */
bool memory_peek(const struct core *core, enum mode mode, uint32_t address, void *to, size_t size);
bool memory_poke(const struct core *core, enum mode mode, uint32_t address, const void *from,
		 size_t size);

/* cop0.c: whole instructions */
void cache_operation(struct core *core, unsigned op, uint32_t address);
void cop0_execute(struct core *core, uint32_t word);
void cop0_rdhwr(struct core *core, unsigned rt, unsigned rd);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The VZ ASE, line by line: discovery, modes, gates, field changes, two-stage translation,
 * exceptions, interrupts, timers, TLBs. Every test makes a guest of a few instructions and looks at
 * how it left.
 *
 * The guest has 32 KiB at guest-physical 0; its instructions are at 0x1000 and run at 0x80001000 in
 * kernel mode. What the core has is probed, so all cores run the same program.
 */
#include "vz.h"

#define GUEST_SIZE  0x8000u
#define CODE        0x1000u
#define KSEG0       0x80000000u
#define GUEST_EBASE (KSEG0 | 0x2000u)

#define GM          0x80000000u
#define RI          0x40000000u
#define MC          0x20000000u
#define CP0         0x10000000u
#define AT_GUEST    0x0c000000u
#define AT_ROOT     0x04000000u
#define GT          0x02000000u
#define CG          0x01000000u
#define CF          0x00800000u
#define G1          0x00400000u
#define G0E         0x00080000u
#define PT          0x00040000u
#define RAD         0x00000200u
#define G2          0x00000080u
#define SFC2        2u
#define SFC1        1u
#define OPEN        (CP0 | AT_GUEST | GT | CG | CF)

#define CGI         16u
#define FCD         8u
#define OG          4u
#define BG          2u
#define MG          1u

#define EXL         2u
#define ERL         4u
#define UM          0x10u
#define CU0         0x10000000u
#define BEV         0x00400000u

#define ASID        5u
#define GUEST_ID    1u

static uint8_t guest_ram[GUEST_SIZE] __attribute__((aligned(0x8000)));
static uint32_t features;
static bool has_id, has_ext, has_gc2, has_cgi, has_bi, has_eic;
static unsigned shadow_sets;
static unsigned failures, checks;

static unsigned length(const char *text)
{
	unsigned n = 0;

	while (text[n])
		n++;
	return n;
}

static void say(const char *text)
{
	write_out(text, length(text));
}

static void say_hex(uint32_t value)
{
	char text[9];

	for (int i = 0; i < 8; i++)
		text[i] = "0123456789abcdef"[value >> (28 - 4 * i) & 15];
	write_out(text, 8);
}

void root_died(void);
void root_died(void)
{
	say("not ok the root itself had an exception: cause ");
	say_hex(left.cause);
	say(" at ");
	say_hex(left.epc);
	say(" address ");
	say_hex(left.address);
	say("\n");
	quit(1);
}

/* --- checking --- */

static const char *test_name;
static bool test_failed;

static void begin(const char *name)
{
	test_name = name;
	test_failed = false;
}

static void end(void)
{
	say(test_failed ? "not ok " : "ok ");
	say(test_name);
	say("\n");
	failures += test_failed;
}

static void equal(const char *what, uint32_t got, uint32_t want)
{
	checks++;
	if (got == want)
		return;
	test_failed = true;
	say("  ");
	say(what);
	say(": ");
	say_hex(got);
	say(", not ");
	say_hex(want);
	say("\n");
}

/* --- the guest --- */

static void set_rid(uint32_t id)
{
	if (has_id)
		write_c0(10, 4, (read_c0(10, 4) & 0xffu) | id << 16);
}

static uint32_t physical(const void *at)
{
	return (uint32_t)(uintptr_t)at & 0x1fffffffu;
}

static uint32_t entrylo(uint32_t address, uint32_t flags)
{
	return address >> 12 << 6 | 0x18 | flags;
}

/* Root TLB: entry `index` for guest-physical `gpa`. */
static void map_pair(unsigned index, uint32_t gpa, uint32_t mask, uint32_t lo0, uint32_t lo1)
{
	set_rid(GUEST_ID);
	write_c0(10, 0, gpa | (has_id ? 0 : ASID));
	write_c0(5, 0, mask);
	write_c0(2, 0, lo0);
	write_c0(3, 0, lo1);
	write_c0(0, 0, index);
	instruction("tlbwi");
	write_c0(5, 0, 0);
	set_rid(0);
	if (has_id)
		write_c0(10, 0, 0);
}

static void map_guest(void)
{
	uint32_t at = physical(guest_ram);

	map_pair(0, 0, 0x6000, entrylo(at, has_id ? 7 : 6), entrylo(at + 0x4000, has_id ? 7 : 6));
}

/* An entry that matches nothing. */
static void unmap(unsigned index)
{
	map_pair(index, 0x90000000u + index * 0x2000, 0, 0, 0);
}

static void set_ext(uint32_t value)
{
	if (has_ext)
		write_c0(11, 4, value | (has_cgi ? CGI : 0));
}

static void reset_guest(void)
{
	for (unsigned i = 0; i < 32; i++)
		registers[i] = 0;
	write_c0(12, 6, OPEN);
	set_ext(0);
	if (has_id)
		write_c0(10, 4, GUEST_ID);
	if (has_gc2)
		write_c0(10, 5, 0);
	write_c0(12, 7, 0);
	write_gc0(12, 0, CU0);
	write_gc0(13, 0, 0);
	write_gc0(15, 1, GUEST_EBASE);
	write_gc0(14, 0, 0);
	write_gc0(10, 0, 0);
	write_gc0(7, 0, 0);
	write_gc0(6, 0, 0);
	write_gc0(5, 0, 0);
	write_gc0(12, 1, 0);
	map_guest();
	unmap(1);
	/* Guest exceptions end in a hypercall that tells the vector. */
	for (unsigned i = 0; i < 3; i++) {
		static const uint32_t offset[] = { 0x000, 0x180, 0x200 };
		uint32_t *vector = (uint32_t *)(guest_ram + 0x2000 + offset[i]);

		vector[0] = HYPCALL(0x100 + i);
	}
}

static void put_code(const uint32_t *words, unsigned count)
{
	uint32_t *at = (uint32_t *)(guest_ram + CODE);

	for (unsigned i = 0; i < count; i++)
		at[i] = words[i];
	at[count] = HYPCALL(0x80);
	at[count + 1] = HYPCALL(0x81);
}

#define RUN(...)                                                                                   \
	do {                                                                                       \
		const uint32_t words_[] = { __VA_ARGS__ };                                         \
		put_code(words_, sizeof(words_) / sizeof(words_[0]));                              \
		enter(KSEG0 | CODE);                                                               \
	} while (0)

static uint32_t code_of(uint32_t cause)
{
	return cause >> 2 & 31;
}

static uint32_t gexc(void)
{
	return left.ctl0 >> 2 & 31;
}

/* It left at its instruction `n`, for that reason. */
static void left_at(unsigned n, uint32_t why, uint32_t word)
{
	equal("ExcCode", code_of(left.cause), EXC_GE);
	equal("GExcCode", gexc(), why);
	equal("EPC", left.epc, (KSEG0 | CODE) + 4 * n);
	equal("BD", left.cause >> 31, 0);
	equal("vector", left.vector, 0x180);
	equal("GM", left.ctl0 >> 31, 1);
	if (has_bi)
		equal("BadInstr", left.instr, word);
}

/* It came to its end, after `n` instructions. */
static void ended(unsigned n)
{
	left_at(n, HC, HYPCALL(0x80));
}

/* It took an exception of its own, by the vector number `vector` (of reset_guest). */
static void guest_took(uint32_t code, unsigned vector, unsigned n)
{
	static const uint32_t offset[] = { 0x000, 0x180, 0x200 };

	equal("left", left.cause >> 2 & 31, EXC_GE);
	equal("for", gexc(), HC);
	equal("vector's address", left.epc, GUEST_EBASE + offset[vector]);
	equal("Guest.ExcCode", code_of(read_gc0(13, 0)), code);
	equal("Guest.EPC", read_gc0(14, 0), (KSEG0 | CODE) + 4 * n);
	equal("Guest.EXL", read_gc0(12, 0) & EXL, EXL);
}

static void guest_entry(unsigned index, uint32_t hi, uint32_t lo0, uint32_t lo1)
{
	set_rid(GUEST_ID);
	write_gc0(10, 0, hi);
	write_gc0(2, 0, lo0);
	write_gc0(3, 0, lo1);
	write_gc0(5, 0, 0);
	write_gc0(0, 0, index);
	instruction("tlbgwi");
	write_gc0(10, 0, hi & 0xff);
	set_rid(0);
}

/* --- tests --- */

static void discovery(void)
{
	begin("1: registers that tell what there is");
	equal("Config3.VZ", read_c0(16, 3) >> 23 & 1, 1);
	write_c0(12, 6, 0xffffffffu & ~GM);
	equal("presence bits", read_c0(12, 6) & (G1 | G0E | PT | RAD | G2), features);
	equal("RAD is not G1", !(features & RAD), !!(features & G1));
	write_c0(12, 6, OPEN);
	if (has_id) {
		write_c0(10, 4, 0xffffffff);
		equal("GuestCtl1", read_c0(10, 4) & 0xff00ff00u, 0);
		equal("ID and RID", read_c0(10, 4) >> 16, read_c0(10, 4) & 0xffff);
		write_c0(10, 4, 0);
	}
	write_c0(12, 7, 0xffffffff);
	write_gc0(11, 0, 0x12345678);
	equal("Guest.Compare", read_gc0(11, 0), 0x12345678);
	equal("the guest has no VZ", read_gc0(16, 3) >> 23 & 1, 0);
	end();
}

static void root_instructions(void)
{
	begin("2: VZ instructions are reserved in a guest, hypcall in the root");
	reset_guest();
	RUN(0x40600000u | 2 << 16 | 12 << 11); /* mfgc0 $2, Status */
	guest_took(EXC_RI, 1, 0);
	for (uint32_t function = 9; function <= 16; function++) {
		if (function == 13 || function == 15)
			continue;
		reset_guest();
		RUN(0x42000000u | function);
		guest_took(EXC_RI, 1, 0);
	}
	reset_guest();
	write_c0(12, 6, OPEN | RI);
	RUN(0x42000009u);
	left_at(0, GRR, 0x42000009u);
	forgive = 1;
	instruction("hypcall");
	equal("hypcall in the root", code_of(left.cause), EXC_RI);
	end();
}

static void hypercalls(void)
{
	begin("2: hypcall, with its code, from kernel and user mode");
	reset_guest();
	RUN(HYPCALL(0x3ff));
	left_at(0, HC, HYPCALL(0x3ff));
	/* As user: code mapped by the guest's TLB at 0. */
	reset_guest();
	guest_entry(0, 0, entrylo(0, 3), entrylo(CODE, 3));
	put_code((const uint32_t[]){ HYPCALL(1), HYPCALL(2) }, 2);
	write_gc0(12, 0, UM);
	enter(CODE);
	equal("to the guest", left.epc, GUEST_EBASE + 0x180);
	equal("Guest.ExcCode", code_of(read_gc0(13, 0)), EXC_CPU);
	equal("Guest.EPC", read_gc0(14, 0), CODE);
	write_gc0(12, 0, UM | CU0);
	enter(CODE);
	equal("with CU0", left.epc, CODE);
	end();
}

static void modes(void)
{
	begin("3: guest mode begins with eret and ends with Root.EXL");
	reset_guest();
	/* Root.Status.KSU does not matter in guest mode. */
	write_c0(12, 0, read_c0(12, 0) | UM | EXL);
	RUN(MFC0(2, 12, 0));
	ended(1);
	equal("Guest.Status", registers[2], CU0);
	equal("Root.EXL", left.status & EXL, EXL);
	equal("GM is kept", left.ctl0 & GM, GM);
	end();
}

struct gate {
	const char *name;
	uint32_t word;
	uint32_t closed; /* bits of GuestCtl0 without which it leaves */
	uint32_t ext;    /* bits of GuestCtl0Ext with which it leaves */
	bool always;     /* it leaves in any case */
};

#define BOTH(name, rd, sel, closed, ext, always)                                                   \
	{ "mfc0 " name, MFC0(2, rd, sel), closed, ext, always },                                   \
	{                                                                                          \
		"mtc0 " name, MTC0(3, rd, sel), closed, ext, always                                \
	}

static const struct gate gates[] = {
	BOTH("Index", 0, 0, CP0, MG, false),
	{ "mfc0 Random", MFC0(2, 1, 0), CP0, 0, false },
	BOTH("EntryLo0", 2, 0, CP0, MG, false),
	BOTH("EntryLo1", 3, 0, CP0, MG, false),
	BOTH("Context", 4, 0, CP0, MG, false),
	BOTH("UserLocal", 4, 2, CP0, OG, false),
	BOTH("PageMask", 5, 0, CP0, MG, false),
	BOTH("PageGrain", 5, 1, CP0 | AT_ROOT, 0, false),
	BOTH("Wired", 6, 0, CP0 | AT_ROOT, 0, false),
	BOTH("HWREna", 7, 0, CP0, OG, false),
	BOTH("BadVAddr", 8, 0, CP0, BG, false),
	{ "mfc0 Count", MFC0(2, 9, 0), CP0 | GT, 0, false },
	{ "mtc0 Count", MTC0(3, 9, 0), 0, 0, true },
	BOTH("EntryHi", 10, 0, CP0, MG, false),
	BOTH("Compare", 11, 0, CP0 | GT, 0, false),
	BOTH("Status", 12, 0, CP0, 0, false),
	BOTH("IntCtl", 12, 1, CP0, 0, false),
	BOTH("SRSCtl", 12, 2, 0, 0, true),
	BOTH("SRSMap", 12, 3, 0, 0, true),
	BOTH("Cause", 13, 0, CP0, 0, false),
	BOTH("EPC", 14, 0, CP0, 0, false),
	BOTH("PRId", 15, 0, 0, 0, true),
	BOTH("EBase", 15, 1, CP0, 0, false),
	{ "mfc0 Config", MFC0(2, 16, 0), CP0, 0, false },
	{ "mtc0 Config", MTC0(3, 16, 0), CP0 | CF, 0, false },
	{ "mfc0 Config1", MFC0(2, 16, 1), CP0, 0, false },
	{ "mtc0 Config1", MTC0(3, 16, 1), CP0 | CF, 0, false },
	{ "mfc0 Config3", MFC0(2, 16, 3), CP0, 0, false },
	{ "mtc0 Config3", MTC0(3, 16, 3), CP0 | CF, 0, false },
	{ "mfc0 Config5", MFC0(2, 16, 5), CP0, 0, false },
	{ "mtc0 Config5", MTC0(3, 16, 5), CP0 | CF, 0, false },
	BOTH("Config6", 16, 6, 0, 0, true),
	BOTH("Config7", 16, 7, 0, 0, true),
	{ "mfc0 LLAddr", MFC0(2, 17, 0), CP0, 0, false },
	{ "mtc0 LLAddr", MTC0(3, 17, 0), 0, 0, true },
	BOTH("Debug", 23, 0, CP0, OG, false),
	BOTH("ErrCtl", 26, 0, 0, 0, true),
	BOTH("CacheErr", 27, 0, 0, 0, true),
	BOTH("TagLo", 28, 0, 0, 0, true),
	BOTH("DataLo", 28, 1, 0, 0, true),
	BOTH("TagHi", 29, 0, 0, 0, true),
	BOTH("ErrorEPC", 30, 0, CP0, 0, false),
	BOTH("KScratch1", 31, 2, CP0, 0, false),
	BOTH("KScratch6", 31, 7, CP0, 0, false),
	BOTH("GuestCtl0", 12, 6, CP0, OG, false),
	BOTH("GuestCtl1", 10, 4, CP0, OG, false),
	BOTH("WatchLo", 18, 0, CP0, OG, false),
	BOTH("PerfCnt", 25, 0, CP0, OG, false),
	{ "tlbr", TLBR, CP0 | AT_ROOT, 0, false },
	{ "tlbwi", TLBWI, CP0 | AT_ROOT, 0, false },
	{ "tlbwr", TLBWR, CP0 | AT_ROOT, 0, false },
	{ "tlbp", TLBP, CP0 | AT_ROOT, 0, false },
	{ "tlbinvf", TLBINVF, CP0 | AT_ROOT, 0, false },
	{ "di", DI, CP0, 0, false },
	{ "ei", EI, CP0, 0, false },
	{ "wait", WAIT, 0, 0, true },
	{ "deret", DERET, 0, 0, true },
	{ "rdhwr CPUNum", RDHWR(2, 0), CP0, 0, false },
	{ "rdhwr SYNCI_Step", RDHWR(2, 1), CP0, 0, false },
	{ "rdhwr CC", RDHWR(2, 2), CP0 | GT, 0, false },
	{ "rdhwr CCRes", RDHWR(2, 3), CP0 | GT, 0, false },
	{ "rdhwr ULR", RDHWR(2, 29), 0, OG, false },
	{ "cache, by address", CACHE(0x15, 4), CG, 0, false },
	{ "cache, by address", CACHE(0x10, 4), CG, 0, false },
	{ "cache, load tag", CACHE(4, 4), 0, 0, true },
	{ "cache, store tag", CACHE(9, 4), 0, 0, true },
	{ "cache, fill", CACHE(0x14, 4), 0, 0, true },
};

static void run_gate(const struct gate *gate, uint32_t ctl0, uint32_t ext, bool leaves)
{
	reset_guest();
	write_c0(12, 6, ctl0);
	set_ext(ext);
	if ((gate->word & 0xffe0ffffu) == MTC0(0, 12, 0))
		registers[3] = CU0;
	registers[4] = KSEG0 | CODE;
	RUN(gate->word);
	if (leaves)
		left_at(0, GPSI, gate->word);
	else
		ended(1);
}

static void all_gates(void)
{
	static const uint32_t bits[] = { CP0, AT_ROOT, GT, CG, CF };

	for (unsigned i = 0; i < sizeof(gates) / sizeof(gates[0]); i++) {
		const struct gate *gate = &gates[i];

		begin(gate->name);
		run_gate(gate, OPEN, 0, gate->always);
		for (unsigned b = 0; b < sizeof(bits) / sizeof(bits[0]); b++) {
			uint32_t ctl0 = bits[b] == AT_ROOT ? OPEN & ~0x08000000u : OPEN & ~bits[b];

			run_gate(gate, ctl0, 0, gate->always || gate->closed & bits[b]);
		}
		for (uint32_t ext = MG; has_ext && ext <= OG; ext <<= 1)
			run_gate(gate, OPEN, ext, gate->always || gate->ext & ext);
		end();
	}
}

static void indexed_cache(void)
{
	begin("4: cache by index leaves unless CGI");
	reset_guest();
	registers[4] = KSEG0;
	RUN(CACHE(0, 4), CACHE(1, 4));
	if (has_cgi)
		ended(2);
	else
		left_at(0, GPSI, CACHE(0, 4));
	if (has_cgi) {
		reset_guest();
		write_c0(11, 4, 0);
		registers[4] = KSEG0;
		RUN(CACHE(0, 4));
		left_at(0, GPSI, CACHE(0, 4));
	}
	end();
}

static void erets(void)
{
	begin("4: eret needs CP0, and clears the guest's LLbit");
	reset_guest();
	write_c0(12, 6, OPEN & ~CP0);
	RUN(ERET);
	left_at(0, GPSI, ERET);
	reset_guest();
	write_gc0(12, 0, CU0 | EXL);
	write_gc0(14, 0, (KSEG0 | CODE) + 12);
	registers[4] = KSEG0 | 0x3000;
	RUN(LL(2, 4), ERET, NOP, SC(3, 4));
	ended(4);
	equal("sc", registers[3], 0);
	equal("EXL", read_gc0(12, 0) & EXL, 0);
	end();
}

struct change {
	const char *name;
	uint32_t rd, sel, from, to;
	uint32_t ctl0; /* bits beside OPEN */
	bool asks;
};

static const struct change changes[] = {
	{ "Status.IE", 12, 0, CU0, CU0 | 1, 0, false },
	{ "Status.IM", 12, 0, CU0, CU0 | 0xff00, 0, false },
	{ "Status.EXL", 12, 0, CU0, CU0 | EXL, 0, false },
	{ "Status.EXL, MC", 12, 0, CU0, CU0 | EXL, MC, true },
	{ "Status.UM and EXL", 12, 0, CU0 | EXL, CU0 | EXL | UM, 0, false },
	{ "Status.UM, MC", 12, 0, CU0 | EXL, CU0 | EXL | UM, MC, true },
	{ "Status.CU0", 12, 0, CU0, 0, 0, false },
	{ "Status.CU1", 12, 0, CU0, CU0 | 0x20000000, 0, true },
	{ "Status.CU1, SFC1", 12, 0, CU0, CU0 | 0x20000000, SFC1, false },
	{ "Status.CU2", 12, 0, CU0, CU0 | 0x40000000, 0, true },
	{ "Status.CU2, SFC2", 12, 0, CU0, CU0 | 0x40000000, SFC2, false },
	{ "Status.RP", 12, 0, CU0, CU0 | 0x08000000, 0, true },
	{ "Status.FR", 12, 0, CU0, CU0 | 0x04000000, 0, true },
	{ "Status.MX", 12, 0, CU0, CU0 | 0x01000000, 0, true },
	{ "Status.BEV", 12, 0, CU0, CU0 | BEV, 0, true },
	{ "Status.TS", 12, 0, CU0, CU0 | 0x00200000, 0, true },
	{ "Status.ERL", 12, 0, CU0 | ERL, CU0, 0, true },
	{ "Cause.IV", 13, 0, 0, 0x00800000, 0, true },
	{ "Cause.DC", 13, 0, 0, 0x08000000, 0, true },
	{ "Cause.IP0", 13, 0, 0, 0x100, 0, false },
	{ "IntCtl.VS", 12, 1, 0, 0x20, 0, true },
	{ "PageGrain.ELPA", 5, 1, 0, 0x20000000, 0, true },
	{ "Config5.UFR", 16, 5, 0, 4, 0, true },
	{ "Config.K0", 16, 0, 0, 2, 0, false },
};

static void set_guest(uint32_t rd, uint32_t sel, uint32_t value)
{
	if (rd == 12 && sel == 0)
		write_gc0(12, 0, value);
	else if (rd == 13)
		write_gc0(13, 0, value);
}

static void field_changes(void)
{
	for (unsigned i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		const struct change *change = &changes[i];
		uint32_t word = MTC0(3, change->rd, change->sel);

		begin(change->name);
		for (uint32_t fcd = 0; fcd <= FCD; fcd += FCD) {
			bool asks = change->asks && !fcd;

			if (fcd && !has_ext)
				break;
			reset_guest();
			write_c0(12, 6, OPEN | change->ctl0);
			set_ext(fcd);
			set_guest(change->rd, change->sel, change->from);
			registers[3] = change->to;
			RUN(word);
			if (asks) {
				left_at(0, GSFC, word);
				if (change->rd == 12 && !change->sel)
					equal("nothing written", read_gc0(12, 0), change->from);
			} else if (!(change->to & EXL) || change->from & EXL ||
				   !(change->ctl0 & MC)) {
				ended(1);
			}
		}
		end();
	}
}

static void field_change_in_slot(void)
{
	uint32_t word = MTC0(3, 13, 0);

	begin("5: a field change in a delay slot leaves at the branch, with BD");
	reset_guest();
	registers[3] = 0x00800000;
	RUN(NOP, B(2), word, NOP);
	equal("GSFC", gexc(), GSFC);
	equal("EPC", left.epc, (KSEG0 | CODE) + 4);
	equal("BD", left.cause >> 31, 1);
	if (has_bi) {
		equal("BadInstr", left.instr, word);
		equal("BadInstrP", left.instrp, B(2));
	}
	equal("Cause.IV", read_gc0(13, 0) & 0x00800000, 0);
	end();
}

static void hardware_changes(void)
{
	begin("5: with MC, exceptions and eret of the guest are told when done (GHFC)");
	reset_guest();
	write_c0(12, 6, OPEN | MC);
	RUN(SYSCALL);
	equal("GHFC", gexc(), GHFC);
	equal("at the vector", left.epc, GUEST_EBASE + 0x180);
	equal("Guest.EXL", read_gc0(12, 0) & EXL, EXL);
	equal("Guest.EPC", read_gc0(14, 0), KSEG0 | CODE);
	/* The root just goes on. */
	enter(left.epc);
	guest_took(EXC_SYS, 1, 0);
	reset_guest();
	write_c0(12, 6, OPEN | MC);
	write_gc0(12, 0, CU0 | EXL);
	write_gc0(14, 0, (KSEG0 | CODE) + 8);
	RUN(ERET, NOP);
	equal("GHFC of eret", gexc(), GHFC);
	equal("where it returns to", left.epc, (KSEG0 | CODE) + 8);
	equal("Guest.EXL is clear", read_gc0(12, 0) & EXL, 0);
	end();
}

static void stage_two(void)
{
	uint32_t at = physical(guest_ram);
	bool gva;

	begin("6: the root's TLB: refill, invalid, not to be written, and goes on when mapped");
	reset_guest();
	registers[4] = KSEG0 | 0x10000; /* guest-physical 0x10000 */
	RUN(LW(2, 4), SW(3, 4));
	gva = gexc() == GVA;
	equal("TLBL", code_of(left.cause), EXC_TLBL);
	equal("refill", left.vector, 0);
	equal("GExcCode", gexc(), gva ? GVA : GPA);
	equal("EPC", left.epc, KSEG0 | CODE);
	equal("BadVAddr", left.address, gva ? KSEG0 | 0x10000 : 0x10000);
	equal("EntryHi.VPN2", left.hi & 0xffffe000u, gva ? KSEG0 | 0x10000 : 0x10000);
	equal("Context", left.context & 0x7ffff0u,
	      (gva ? KSEG0 | 0x10000u : 0x10000u) >> 13 << 4 & 0x7ffff0u);
	if (has_bi)
		equal("BadInstr", left.instr, LW(2, 4));
	map_pair(1, 0x10000, 0, entrylo(at, has_id), entrylo(at, has_id));
	enter(left.epc);
	equal("TLBL of an invalid page", code_of(left.cause), EXC_TLBL);
	equal("not by the refill vector", left.vector, 0x180);
	map_pair(1, 0x10000, 0, entrylo(at + 0x3000, 2 + has_id), entrylo(at, 2 + has_id));
	*(volatile uint32_t *)(guest_ram + 0x3000) = 0x600d600d;
	enter(left.epc);
	equal("the load", registers[2], 0x600d600d);
	equal("Mod", code_of(left.cause), EXC_MOD);
	equal("EPC of the store", left.epc, (KSEG0 | CODE) + 4);
	equal("GExcCode of Mod", gexc(), gva ? GVA : GPA);
	map_pair(1, 0x10000, 0, entrylo(at + 0x3000, 6 + has_id), entrylo(at, 6 + has_id));
	registers[3] = 0xabcd0123;
	enter(left.epc);
	ended(2);
	equal("the store", *(volatile uint32_t *)(guest_ram + 0x3000), 0xabcd0123);
	unmap(1);
	/* Stores, and a fetch. */
	reset_guest();
	registers[4] = KSEG0 | 0x20000;
	RUN(SW(2, 4));
	equal("TLBS", code_of(left.cause), EXC_TLBS);
	reset_guest();
	registers[4] = KSEG0 | 0x20000;
	RUN(JR(4), NOP);
	equal("fetch: TLBL", code_of(left.cause), EXC_TLBL);
	equal("fetch: EPC", left.epc, KSEG0 | 0x20000);
	/* In a delay slot. */
	reset_guest();
	registers[4] = KSEG0 | 0x20000;
	RUN(B(2), LW(2, 4));
	equal("slot: EPC", left.epc, KSEG0 | CODE);
	equal("slot: BD", left.cause >> 31, 1);
	if (has_bi)
		equal("slot: BadInstr", left.instr, LW(2, 4));
	end();
}

static void read_inhibit(void)
{
	uint32_t at = physical(guest_ram);

	begin("6: inhibits of the root's entry hold for the guest");
	reset_guest();
	write_c0(5, 1, 0xc0000000);
	map_pair(1, 0x10000, 0, 0x80000000u | entrylo(at, 6 + has_id),
		 0x40000000u | entrylo(at, 6 + has_id));
	registers[4] = KSEG0 | 0x10000;
	RUN(LW(2, 4));
	equal("read", code_of(left.cause), EXC_TLBL);
	registers[4] = KSEG0 | 0x11000;
	RUN(JR(4), NOP);
	equal("fetch", code_of(left.cause), EXC_TLBL);
	equal("fetch at", left.epc, KSEG0 | 0x11000);
	write_c0(5, 1, 0);
	unmap(1);
	end();
}

static void stage_one(void)
{
	begin("6: the guest's own TLB is its own matter");
	reset_guest();
	set_rid(GUEST_ID);
	instruction("tlbginvf");
	set_rid(0);
	registers[4] = 0x00400000;
	RUN(LW(2, 4));
	guest_took(EXC_TLBL, 0, 0);
	equal("Guest.BadVAddr", read_gc0(8, 0), 0x00400000);
	equal("Guest.EntryHi", read_gc0(10, 0), 0x00400000);
	equal("Guest.Context", read_gc0(4, 0) & 0x7ffff0, 0x00400000 >> 13 << 4);
	reset_guest();
	guest_entry(2, 0x00400003, entrylo(0x3000, 2), entrylo(0x3000, 0));
	*(volatile uint32_t *)(guest_ram + 0x3000) = 0x11223344;
	registers[4] = 0x00400000;
	RUN(LW(2, 4), SW(2, 4));
	guest_took(EXC_MOD, 1, 1);
	equal("loaded", registers[2], 0x11223344);
	/* To a guest-physical page that the root does not map. */
	reset_guest();
	guest_entry(2, 0x00400003, entrylo(0x20000, 6), entrylo(0x3000, 6));
	registers[4] = 0x00400000;
	RUN(LW(2, 4));
	equal("stage 2", code_of(left.cause), EXC_TLBL);
	if (gexc() == GPA)
		equal("guest-physical", left.address, 0x20000);
	else
		equal("virtual", left.address, 0x00400000);
	/* ERL: useg is guest-physical. */
	reset_guest();
	write_gc0(12, 0, CU0 | ERL);
	*(volatile uint32_t *)(guest_ram + 0x3000) = 0x55667788;
	registers[4] = 0x3000;
	RUN(LW(2, 4));
	ended(1);
	equal("with ERL", registers[2], 0x55667788);
	end();
}

static void guest_exceptions(void)
{
	begin("7: what a guest does to itself");
	reset_guest();
	RUN(SYSCALL);
	guest_took(EXC_SYS, 1, 0);
	reset_guest();
	registers[4] = KSEG0 | 2;
	RUN(NOP, LW(2, 4));
	guest_took(EXC_ADEL, 1, 1);
	if (has_bi)
		equal("Guest.BadInstr", read_gc0(8, 1), LW(2, 4));
	reset_guest();
	RUN(0xec000000u);
	guest_took(EXC_RI, 1, 0);
	reset_guest();
	write_c0(12, 6, OPEN | RI);
	RUN(0xec000000u);
	left_at(0, GRR, 0xec000000u);
	/* Semihosting is not for guests. */
	reset_guest();
	registers[25] = 1;
	registers[4] = 1;
	RUN(SDBBP);
	guest_took(EXC_RI, 1, 0);
	/* A branch in a delay slot stops a root, not a guest. */
	reset_guest();
	RUN(B(2), B(2), NOP);
	equal("branch in a slot", code_of(read_gc0(13, 0)), EXC_RI);
	/* Nested: EPC stays, the general vector. */
	reset_guest();
	write_gc0(12, 0, CU0 | EXL);
	write_gc0(14, 0, 0x12345678);
	registers[4] = 0x00400000;
	RUN(LW(2, 4));
	equal("nested", left.epc, GUEST_EBASE + 0x180);
	equal("nested EPC", read_gc0(14, 0), 0x12345678);
	end();
}

static void bus_errors(void)
{
	begin("7: a bus error is the root's");
	reset_guest();
	map_pair(1, 0x10000, 0, entrylo(0x1c000000, 6 + has_id), entrylo(0x1c000000, 6 + has_id));
	registers[4] = KSEG0 | 0x10000;
	RUN(LW(2, 4));
	equal("DBE", code_of(left.cause), EXC_DBE);
	equal("EPC", left.epc, KSEG0 | CODE);
	unmap(1);
	end();
}

/* Raises Guest.IP n. */
static void inject(unsigned line)
{
	if (has_gc2)
		write_c0(10, 5, 1u << (8 + line));
	else
		write_gc0(13, 0, 1u << (8 + line));
}

static void interrupts(void)
{
	begin("8: interrupts for the guest, taken when it may");
	reset_guest();
	inject(3);
	equal("Guest.Cause shows it", read_gc0(13, 0) & 0xff00, 0x800);
	RUN(MFC0(2, 13, 0));
	ended(1);
	equal("the guest sees it", registers[2] & 0xff00, 0x800);
	reset_guest();
	inject(3);
	registers[3] = CU0 | 0x801;
	RUN(NOP, MTC0(3, 12, 0), NOP, NOP);
	equal("left", gexc(), HC);
	equal("at", left.epc, GUEST_EBASE + 0x180);
	equal("Int", code_of(read_gc0(13, 0)), EXC_INT);
	equal("Guest.EPC", read_gc0(14, 0), (KSEG0 | CODE) + 8);
	/* Sampled at entry. */
	reset_guest();
	inject(5);
	write_gc0(12, 0, CU0 | 0x2001);
	RUN(NOP);
	guest_took(EXC_INT, 1, 0);
	/* Cause.IV. */
	reset_guest();
	write_gc0(13, 0, 0x00800000);
	inject(5);
	if (!has_gc2)
		write_gc0(13, 0, 0x00802000);
	write_gc0(12, 0, CU0 | 0x2001);
	RUN(NOP);
	guest_took(EXC_INT, 2, 0);
	/* Masked. */
	reset_guest();
	inject(5);
	write_gc0(12, 0, CU0 | 0x1001);
	RUN(NOP);
	ended(1);
	/* The guest cannot clear or raise hardware lines. */
	reset_guest();
	inject(5);
	registers[3] = 0xfc00 & ~0x2000;
	RUN(MTC0(3, 13, 0), MFC0(2, 13, 0));
	ended(2);
	equal("Cause.IP", registers[2] & 0xff00, 0x2000);
	end();
}

static void root_timer_interrupts(void)
{
	static const uint32_t forever[] = { B(-1), NOP };

	begin("8: the root's interrupts end guest mode");
	reset_guest();
	write_c0(11, 0, read_c0(9, 0) + 1000);
	write_c0(12, 0, read_c0(12, 0) | 0x8001);
	put_code(forever, 2);
	enter(KSEG0 | CODE);
	write_c0(12, 0, read_c0(12, 0) & ~0x8001u);
	equal("Int", code_of(left.cause), EXC_INT);
	equal("TI", left.cause >> 30 & 1, 1);
	equal("in the loop", left.epc & ~7u, KSEG0 | CODE);
	write_c0(11, 0, read_c0(9, 0) - 1);
	equal("acknowledged", read_c0(13, 0) >> 30 & 1, 0);
	end();
}

static void guest_timer(void)
{
	static const uint32_t forever[] = { B(-1), NOP };
	uint32_t before, offset = 0x12345000;

	begin("8: Guest.Count is Root.Count + GTOffset, and its timer interrupts the guest");
	reset_guest();
	write_c0(12, 7, offset);
	if (read_c0(12, 7) == offset) {
		before = read_c0(9, 0);
		RUN(MFC0(2, 9, 0));
		ended(1);
		equal("offset", registers[2] - before - offset < 1000, 1);
		equal("mfgc0", read_gc0(9, 0) - read_c0(9, 0) - offset + 1000 < 2000, 1);
	}
	reset_guest();
	write_gc0(11, 0, read_gc0(9, 0) + 500);
	equal("no TI yet", read_gc0(13, 0) >> 30 & 1, 0);
	write_gc0(12, 0, CU0 | 0x8001);
	put_code(forever, 2);
	enter(KSEG0 | CODE);
	equal("guest took it", left.epc, GUEST_EBASE + 0x180);
	equal("Guest.TI", read_gc0(13, 0) >> 30 & 1, 1);
	equal("Guest.IP7", read_gc0(13, 0) & 0x8000, 0x8000);
	registers[3] = 0;
	write_gc0(12, 0, CU0);
	RUN(MTC0(3, 11, 0), MFC0(2, 13, 0));
	ended(2);
	equal("Compare acknowledges", registers[2] >> 30 & 1, 0);
	/* It matches while the root runs, too, and the root may raise it by hand. */
	write_gc0(11, 0, read_gc0(9, 0) + 100);
	for (volatile int i = 0; i < 200; i++)
		;
	equal("while the root runs", read_gc0(13, 0) >> 30 & 1, 1);
	/* Guest.Cause.DC stops it, and lets it go on. */
	write_gc0(13, 0, 0x08000000);
	write_gc0(11, 0, read_gc0(9, 0) + 100);
	for (volatile int i = 0; i < 200; i++)
		;
	equal("stopped", read_gc0(13, 0) >> 30 & 1, 0);
	write_gc0(11, 0, read_gc0(9, 0) + 100);
	write_gc0(13, 0, 0);
	for (volatile int i = 0; i < 200; i++)
		;
	equal("and again", read_gc0(13, 0) >> 30 & 1, 1);
	write_gc0(11, 0, read_gc0(9, 0) - 1);
	write_gc0(13, 0, 0x40000000);
	equal("raised by the root", read_gc0(13, 0) & 0x40008000, 0x40008000);
	write_gc0(13, 0, 0);
	equal("lowered by the root", read_gc0(13, 0) & 0x40008000, 0);
	end();
}

static void passed_through(void)
{
	volatile uint8_t *uart = (volatile uint8_t *)0xbf000900u;

	begin("8: a line passed through by PIP is the guest's");
	reset_guest();
	uart[8] = 2; /* transmitter empty: IP4 */
	equal("Root.IP4", read_c0(13, 0) & 0x1000, 0x1000);
	equal("not the guest's", read_gc0(13, 0) & 0x1000, 0);
	if (features & PT) {
		write_c0(12, 6, OPEN | 0x1000);
		equal("the guest's", read_gc0(13, 0) & 0x1000, 0x1000);
		write_gc0(12, 0, CU0 | 0x1001);
		RUN(NOP);
		guest_took(EXC_INT, 1, 0);
	}
	if (has_gc2) {
		write_c0(12, 6, OPEN);
		write_c0(10, 5,
			 0x04000000u | 0x1000u | 0x2000u); /* HC and VIP of IP4; VIP of IP5 */
		uart[8] = 0;
		equal("cleared by hardware", read_c0(10, 5) & 0xfc00, 0x2000);
	}
	uart[8] = 0;
	equal("fallen", read_gc0(13, 0) & 0x1000, 0);
	end();
}

static void tlb_instructions(void)
{
	begin("6: tlbgwi, tlbgr, tlbgp, tlbgwr, tlbginv, tlbginvf");
	reset_guest();
	set_rid(GUEST_ID);
	instruction("tlbginvf");
	guest_entry(3, 0x00400007, entrylo(0x3000, 6), entrylo(0x4000, 2));
	set_rid(GUEST_ID);
	write_gc0(0, 0, 3);
	instruction("tlbgr");
	equal("EntryHi", read_gc0(10, 0), 0x00400007);
	equal("EntryLo0", read_gc0(2, 0), entrylo(0x3000, 6));
	equal("EntryLo1", read_gc0(3, 0), entrylo(0x4000, 2));
	write_gc0(0, 0, 0);
	instruction("tlbgp");
	equal("found", read_gc0(0, 0), 3);
	write_gc0(10, 0, 0x00400008);
	instruction("tlbgp");
	equal("another ASID", read_gc0(0, 0) >> 31, 1);
	write_gc0(10, 0, 0x00400007);
	instruction("tlbginv");
	instruction("tlbgp");
	equal("tlbginv", read_gc0(0, 0) >> 31, 1);
	write_gc0(6, 0, 2);
	write_gc0(2, 0, entrylo(0x3000, 7));
	write_gc0(3, 0, entrylo(0x3000, 7));
	instruction("tlbgwr");
	instruction("tlbgp");
	equal("tlbgwr", read_gc0(0, 0) >= 2 && !(read_gc0(0, 0) >> 31), 1);
	/* The guest sees what the root wrote. */
	write_gc0(0, 0, 0);
	set_rid(0);
	*(volatile uint32_t *)(guest_ram + 0x3000) = 0xfeedbeef;
	registers[4] = 0x00400000;
	RUN(LW(2, 4), TLBP, MFC0(5, 0, 0));
	ended(3);
	equal("loaded", registers[2], 0xfeedbeef);
	equal("probed", registers[5] >> 31, 0);
	end();
}

static void other_guests(void)
{
	begin("6: another guest's mappings are not this one's");
	reset_guest();
	if (has_id)
		write_c0(10, 4, GUEST_ID + 1);
	else
		write_c0(10, 0, ASID + 1);
	RUN(NOP);
	equal("TLBL", code_of(left.cause), EXC_TLBL);
	equal("EPC", left.epc, KSEG0 | CODE);
	equal("refill", left.vector, 0);
	if (has_id)
		write_c0(10, 4, 0);
	write_c0(10, 0, has_id ? 0 : ASID);
	end();
}

static void links(void)
{
	begin("9: LLbit outlives an exit, until the root takes it");
	reset_guest();
	registers[4] = KSEG0 | 0x3000;
	RUN(LL(2, 4), HYPCALL(1), SC(3, 4));
	equal("in between", left.epc, (KSEG0 | CODE) + 4);
	enter(left.epc + 4);
	ended(3);
	equal("sc", registers[3], 1);
	reset_guest();
	registers[4] = KSEG0 | 0x3000;
	registers[3] = 5;
	RUN(LL(2, 4), HYPCALL(1), SC(3, 4));
	write_gc0(17, 0, 0);
	enter(left.epc + 4);
	ended(3);
	equal("sc after the root's mtgc0", registers[3], 0);
	end();
}

static void root_writes(void)
{
	begin("9: what mtgc0 changes that the guest cannot");
	reset_guest();
	write_gc0(16, 1, (read_gc0(16, 1) & ~0x7e000000u) | 15u << 25);
	equal("MMUSize", read_gc0(16, 1) >> 25 & 63, 15);
	registers[3] = 0;
	RUN(MTC0(3, 16, 1), MFC0(2, 16, 1));
	ended(2);
	equal("not by the guest", registers[2] >> 25 & 63, 15);
	write_gc0(16, 1, read_gc0(16, 1) | 63u << 25);
	write_gc0(13, 0, 0x80000000 | 8 << 2);
	equal("Cause", read_gc0(13, 0) & 0x8000007c, 0x80000000 | 8 << 2);
	write_gc0(8, 0, 0xcafe);
	equal("BadVAddr", read_gc0(8, 0), 0xcafe);
	write_gc0(31, 2, 0x1234);
	write_c0(31, 2, 0x5678);
	equal("KScratch1", read_gc0(31, 2), 0x1234);
	end();
}

static void shared_array(void)
{
	uint32_t entries = (read_c0(16, 1) >> 25 & 63) + 1;

	if (read_gc0(16, 1) >> 25 == 0)
		return;
	begin("6: the root's entries and the guest's do not match one another");
	reset_guest();
	/* A root entry of its own at an address the guest uses as well. */
	write_c0(10, 0, 0x00400000 | (has_id ? 0 : ASID));
	write_c0(2, 0, entrylo(physical(guest_ram) + 0x5000, 6));
	write_c0(3, 0, entrylo(physical(guest_ram) + 0x5000, 6));
	write_c0(0, 0, 2);
	instruction("tlbwi");
	guest_entry(entries > 8 ? 4 : 1, 0x00400003, entrylo(0x3000, 6), entrylo(0x3000, 6));
	*(volatile uint32_t *)(guest_ram + 0x3000) = 0x33333333;
	*(volatile uint32_t *)(guest_ram + 0x5000) = 0x55555555;
	registers[4] = 0x00400000;
	RUN(LW(2, 4));
	ended(1);
	equal("the guest's", registers[2], 0x33333333);
	write_c0(10, 0, has_id ? 0 : ASID);
	equal("the root's", *(volatile uint32_t *)0x00400000, 0x55555555);
	unmap(2);
	end();
}

/* --- an external interrupt controller --- */

#define VEIC                          0x40u
#define IV                            0x00800000u
#define SPACING                       0x20u /* of vectors: IntCtl.VS = 1 */
#define TI                            0x40000000u

/* The board's interrupt controller: a register for each source. */
#define EIC                           ((volatile uint32_t *)0xbf001000u)
#define EIC_PENDING                   16
#define SOURCE(priority, set, vector) ((priority) | (set) << 8 | (vector) << 16)
#define SOFTWARE                      1
#define UART                          4
#define TIMER                         7
#define GUEST_TIMER                   8

/* GuestCtl2 of a guest with an interrupt controller. */
#define ASK(priority, set, vector)    ((priority) << 24 | (set) << 18 | (vector))

#define SRSCTL(hss, ess, pss, css)    ((hss) << 26 | (ess) << 12 | (pss) << 6 | (css))
#define PSS_OF(srsctl)                ((srsctl) >> 6 & 15)
#define CSS_OF(srsctl)                ((srsctl)&15)

/* Both contexts in EIC interrupt mode, with nothing that asks. */
static void with_eic(void)
{
	for (unsigned i = 0; i < EIC_PENDING; i++)
		EIC[i] = 0;
	write_c0(13, 0, IV);
	write_c0(12, 1, SPACING);
	write_c0(12, 0, CU0 | 1);
	reset_guest();
	write_gc0(16, 3, read_gc0(16, 3) | VEIC);
	write_gc0(12, 1, SPACING);
	write_gc0(13, 0, IV);
}

/* As a core without one would have it: a source's priority is the bit of its line. */
static void without_eic(void)
{
	write_c0(12, 0, CU0);
	write_c0(13, 0, 0);
	write_c0(12, 1, 0);
	write_gc0(16, 3, read_gc0(16, 3) & ~VEIC);
	for (unsigned i = 0; i < EIC_PENDING; i++)
		EIC[i] = 0;
	EIC[UART] = SOURCE(1 << (UART - 2), 0, 0);
	EIC[TIMER] = SOURCE(1 << (TIMER - 2), 0, 0);
}

static void raise(uint32_t software)
{
	write_c0(13, 0, IV | software << 8);
}

static void root_eic(void)
{
	begin("EIC: the root takes the highest priority above Status.IPL, at its vector");
	with_eic();
	equal("Config3.VEIC", read_c0(16, 3) & VEIC, VEIC);
	EIC[SOFTWARE] = 0xffffffff;
	equal("a source's fields", EIC[SOFTWARE], 0x00ff0f3f);
	EIC[SOFTWARE] = SOURCE(5, 0, 2);
	left.vector = 0;
	forgive = 2;
	raise(2);
	equal("vector", left.vector, 0x240);
	equal("ExcCode", code_of(left.cause), EXC_INT);
	equal("Cause.RIPL", left.cause >> 10 & 63, 5);
	equal("Status.IPL is not touched", left.status >> 10 & 63, 0);
	equal("taken once", forgive, 0);
	/* Not above IPL: pending at the controller, and taken when IPL falls. */
	left.vector = 0;
	write_c0(12, 0, CU0 | 5 << 10 | 1);
	raise(2);
	equal("masked by IPL", left.vector, 0);
	equal("pending", EIC[EIC_PENDING] & 1 << SOFTWARE, 1 << SOFTWARE);
	forgive = 2;
	write_c0(12, 0, CU0 | 4 << 10 | 1);
	equal("above IPL", left.vector, 0x240);
	equal("not pending", EIC[EIC_PENDING] & 1 << SOFTWARE, 0);
	/* Of two the higher, whichever is first; of equal ones the first. */
	EIC[0] = SOURCE(6, 0, 3);
	forgive = 2;
	raise(3);
	equal("the higher", left.vector, 0x260);
	EIC[0] = SOURCE(5, 0, 3);
	EIC[SOFTWARE] = SOURCE(5, 0, 1);
	forgive = 2;
	raise(3);
	equal("of equals", left.vector, 0x260);
	EIC[0] = 0;
	left.vector = 0;
	raise(1);
	equal("priority 0 is off", left.vector, 0);
	raise(0);
	/* The timer is a source. */
	EIC[TIMER] = SOURCE(63, 0, 1);
	put_code((const uint32_t[]){ B(-1), NOP }, 2);
	write_c0(11, 0, read_c0(9, 0) + 1000);
	enter(KSEG0 | CODE);
	equal("timer: vector, out of a guest", left.vector, 0x220);
	equal("timer: GM", left.ctl0 >> 31, 1);
	equal("timer: TI", left.cause & TI, TI);
	equal("timer: RIPL", left.cause >> 10 & 63, 63);
	write_c0(11, 0, read_c0(9, 0) - 1);
	/* Exceptions that are no interrupts know nothing of it. */
	forgive = 1;
	instruction("syscall");
	equal("syscall", left.vector, 0x180);
	without_eic();
	end();
	begin("EIC: not in EIC mode, the priority's bits are lines");
	EIC[SOFTWARE] = SOURCE(6, 0, 2);
	write_c0(13, 0, 0x200);
	equal("Cause.IP", read_c0(13, 0) & 0xfc00, 6 << 10);
	left.vector = 0;
	write_c0(12, 0, CU0 | 0x2000 | 1);
	equal("masked", left.vector, 0);
	forgive = 2;
	write_c0(12, 0, CU0 | 0x1000 | 1);
	equal("one of them is not", left.vector, 0x180);
	without_eic();
	end();
}

static void guest_eic(void)
{
	begin("EIC: a guest takes what GuestCtl2 asks for, once");
	with_eic();
	write_c0(10, 5, 0xffffffff);
	equal("GuestCtl2", read_c0(10, 5), 0x3f3cffff);
	write_c0(10, 5, ASK(7u, 0u, 2u));
	put_code((const uint32_t[]){ NOP }, 1);
	*(uint32_t *)(guest_ram + 0x2240) = HYPCALL(0x103);
	/* IPL as high: not taken. */
	write_gc0(12, 0, CU0 | 7 << 10 | 1);
	enter(KSEG0 | CODE);
	ended(1);
	equal("still asked for", read_c0(10, 5), ASK(7u, 0u, 2u));
	write_gc0(12, 0, CU0 | 6 << 10 | 1);
	enter(KSEG0 | CODE);
	equal("vector", left.epc, GUEST_EBASE + 0x240);
	equal("ExcCode", code_of(read_gc0(13, 0)), EXC_INT);
	equal("Guest.EPC", read_gc0(14, 0), KSEG0 | CODE);
	equal("RIPL", read_gc0(13, 0) >> 10 & 63, 7);
	equal("GRIPL is 0", read_c0(10, 5), ASK(0u, 0u, 2u));
	/* The guest sees it, and cannot write it; the root restores it. */
	registers[3] = 0x3f << 10;
	write_gc0(12, 0, CU0);
	RUN(MTC0(3, 13, 0), MFC0(2, 13, 0));
	left_at(0, GSFC, MTC0(3, 13, 0)); /* IV would fall */
	registers[3] = IV | 0x3f << 10;
	RUN(MTC0(3, 13, 0), MFC0(2, 13, 0));
	ended(2);
	equal("Cause.RIPL", registers[2] >> 10 & 63, 7);
	write_gc0(13, 0, IV | 9 << 10);
	equal("restored", read_gc0(13, 0) >> 10 & 63, 9);
	without_eic();
	end();
	begin("EIC: a guest that has one but does not use it sees the priority's bits");
	with_eic();
	write_gc0(13, 0, 0);
	write_c0(10, 5, ASK(2u, 0u, 2u));
	equal("Guest.Cause.IP", read_gc0(13, 0) & 0xfc00, 2 << 10);
	write_gc0(12, 0, CU0 | 0x801);
	RUN(NOP);
	guest_took(EXC_INT, 1, 0);
	equal("and it stays", read_c0(10, 5), ASK(2u, 0u, 2u));
	without_eic();
	equal("GuestCtl2 is another without", read_c0(10, 5), 0);
	end();
	begin("EIC: a guest's timer is a source of the root's controller");
	with_eic();
	write_gc0(11, 0, read_gc0(9, 0) + 500);
	EIC[GUEST_TIMER] = SOURCE(3, 0, 3);
	write_gc0(12, 0, CU0 | 0x8001);
	put_code((const uint32_t[]){ B(-1), NOP }, 2);
	enter(KSEG0 | CODE);
	equal("an exit", left.vector, 0x260);
	equal("Guest.TI", read_gc0(13, 0) & TI, TI);
	equal("not by itself", code_of(left.cause), EXC_INT);
	write_gc0(11, 0, read_gc0(9, 0) - 1);
	equal("acknowledged", EIC[EIC_PENDING] & 1 << GUEST_TIMER, 0);
	without_eic();
	end();
}

/* --- shadow register sets --- */

static void set_srsctl(uint32_t value)
{
	write_c0(12, 2, value);
}

#define write_previous(n, value) ASM("wrpgpr $" #n ", %0" END ::"r"((uint32_t)(value)) : "memory")
#define read_previous(n)                                                                           \
	({                                                                                         \
		uint32_t value_;                                                                   \
		ASM("rdpgpr %0, $" #n END : "=r"(value_));                                         \
		value_;                                                                            \
	})

static void root_sets(void)
{
	unsigned last = shadow_sets;

	begin("shadow sets: SRSCtl, rdpgpr and wrpgpr");
	equal("after reset", read_c0(12, 2), SRSCTL(last, 0, 0, 0));
	set_srsctl(SRSCTL(0u, last, last, 1u));
	equal("ESS and PSS are written", read_c0(12, 2), SRSCTL(last, last, last, 0));
	for (unsigned set = 1; set <= last; set++) {
		set_srsctl(SRSCTL(0u, 0u, set, 0u));
		write_previous(4, set * 0x11111111);
		write_previous(0, 5);
	}
	for (unsigned set = 1; set <= last; set++) {
		set_srsctl(SRSCTL(0u, 0u, set, 0u));
		equal("a set of its own", read_previous(4), set * 0x11111111);
		equal("$0", read_previous(0), 0);
	}
	set_srsctl(0);
	ASM("li $2, 0x1234\nwrpgpr $3, $2\nmove $2, $3\nsw $2, %0" END
	    : "=m"(left.address)::"$2", "$3");
	equal("PSS may be the set in use", left.address, 0x1234);
	end();
	begin("shadow sets: exceptions change to ESS, and eret back");
	set_srsctl(SRSCTL(0u, last, 0u, 0u));
	forgive = 1;
	instruction("syscall");
	equal("in the handler", left.srsctl, SRSCTL(last, last, 0, last));
	equal("after it", read_c0(12, 2), SRSCTL(last, last, 0, 0));
	set_srsctl(0);
	end();
}

/* The guest's registers are set `at`. */
static void guest_set(unsigned at, uint32_t srsctl)
{
	write_c0(10, 6, at);
	write_gc0(12, 2, srsctl);
}

static void guest_sets(void)
{
	unsigned last = shadow_sets;

	begin("shadow sets: a guest's are from GuestCtl3.GLSS on");
	reset_guest();
	write_c0(10, 6, 0xffffffff);
	equal("GuestCtl3", read_c0(10, 6), 15);
	guest_set(last, 0);
	set_srsctl(SRSCTL(0u, 0u, last, 0u));
	write_previous(4, 0x600d);
	write_previous(5, 1);
	registers[4] = 0xbad;
	RUN(ADDIU(5, 4, 1));
	equal("out of the guest", left.srsctl, SRSCTL(last, 0, last, 0));
	equal("its registers", read_previous(5), 0x600e);
	equal("are not the root's", registers[4], 0xbad);
	/* Its own previous set is its only one. */
	RUN(ADDIU(4, 4, 1), RDPGPR(6, 4), WRPGPR(7, 4));
	equal("rdpgpr in the guest", read_previous(6), 0x600e);
	equal("wrpgpr in the guest", read_previous(7), 0x600e);
	/* What tells about sets is for the root to emulate. */
	RUN(MFC0(2, 12, 2));
	left_at(0, GPSI, MFC0(2, 12, 2));
	guest_set(0, 0);
	end();
	if (last < 2)
		return;
	begin("shadow sets: a guest with two of its own");
	reset_guest();
	guest_set(1, SRSCTL(1u, 1u, 0u, 0u));
	equal("Guest.SRSCtl", read_gc0(12, 2), SRSCTL(1u, 1u, 0u, 0u));
	set_srsctl(SRSCTL(0u, 0u, 1u, 0u));
	write_previous(4, 0x1111);
	RUN(SYSCALL);
	guest_took(EXC_SYS, 1, 0);
	equal("Guest.PSS and CSS", read_gc0(12, 2), SRSCTL(1u, 1u, 0u, 1u));
	equal("Root.PSS", PSS_OF(left.srsctl), 2);
	*(uint32_t *)(guest_ram + 0x2180) = RDPGPR(4, 4);
	*(uint32_t *)(guest_ram + 0x2184) = HYPCALL(5);
	write_gc0(12, 0, CU0);
	write_gc0(12, 2, SRSCTL(1u, 1u, 0u, 0u));
	RUN(SYSCALL);
	equal("it reads its other set", read_previous(4), 0x1111);
	write_gc0(14, 0, (KSEG0 | CODE) + 4);
	*(uint32_t *)(guest_ram + 0x2184) = ERET;
	enter(GUEST_EBASE + 0x2184 - 0x2000);
	ended(1);
	equal("eret: Guest.CSS", CSS_OF(read_gc0(12, 2)), 0);
	equal("eret: Root.PSS", PSS_OF(left.srsctl), 1);
	guest_set(0, 0);
	set_srsctl(0);
	end();
}

static void sets_of_interrupts(void)
{
	unsigned last = shadow_sets;

	if (!has_eic) {
		begin("shadow sets: SRSMap chooses one for each vector");
		write_c0(12, 3, 0);
		write_c0(12, 3, last << 4);
		write_c0(12, 1, SPACING);
		raise(2);
		forgive = 2;
		write_c0(12, 0, CU0 | 0x201);
		equal("vector", left.vector, 0x220);
		equal("set", CSS_OF(left.srsctl), last);
		raise(1);
		forgive = 2;
		write_c0(12, 0, CU0 | 0x101);
		equal("another", left.vector, 0x200);
		equal("its set", CSS_OF(left.srsctl), 0);
		write_c0(12, 0, CU0);
		write_c0(12, 3, 0);
		write_c0(12, 1, 0);
		write_c0(13, 0, 0);
		end();
		return;
	}
	begin("shadow sets: the interrupt controller chooses");
	with_eic();
	EIC[SOFTWARE] = SOURCE(5, last, 2);
	forgive = 2;
	raise(2);
	equal("of the root", CSS_OF(left.srsctl), last);
	equal("EICSS", left.srsctl >> 18 & 15, last);
	equal("and back", CSS_OF(read_c0(12, 2)), 0);
	if (last >= 2) {
		guest_set(1, SRSCTL(1u, 0u, 0u, 0u));
		write_c0(10, 5, ASK(7u, 1u, 2u));
		*(uint32_t *)(guest_ram + 0x2240) = HYPCALL(0x103);
		write_gc0(12, 0, CU0 | 1);
		RUN(NOP);
		equal("of a guest: vector", left.epc, GUEST_EBASE + 0x240);
		equal("of a guest", CSS_OF(read_gc0(12, 2)), 1);
		equal("of a guest: EICSS", read_gc0(12, 2) >> 18 & 15, 1);
		equal("Root.PSS", PSS_OF(left.srsctl), 2);
		guest_set(0, 0);
	}
	/* An exit by interrupt: its own set for the root, and the guest's registers stay. */
	EIC[TIMER] = SOURCE(63, last, 1);
	write_gc0(12, 0, CU0);
	write_c0(12, 0, CU0 | 1);
	registers[4] = 0x4444;
	put_code((const uint32_t[]){ B(-1), NOP }, 2);
	write_c0(11, 0, read_c0(9, 0) + 1000);
	enter(KSEG0 | CODE);
	write_c0(11, 0, read_c0(9, 0) - 1);
	equal("an exit", left.vector, 0x220);
	equal("an exit: the set", CSS_OF(left.srsctl), last);
	equal("an exit: the guest's", PSS_OF(left.srsctl), 0);
	equal("an exit: its register", read_previous(4), 0x4444);
	RUN(NOP); /* leaves by ESS: set 0 */
	equal("back in set 0", CSS_OF(read_c0(12, 2)), 0);
	without_eic();
	end();
}

int main(void)
{
	features = read_c0(12, 6) & (G1 | G0E | PT | RAD | G2);
	has_id = features & G1;
	has_ext = features & G0E;
	has_gc2 = features & G2;
	has_bi = read_c0(16, 3) >> 26 & 1;
	if (has_ext) {
		write_c0(11, 4, CGI);
		has_cgi = read_c0(11, 4) & CGI;
	}
	has_eic = read_c0(16, 3) & VEIC;
	shadow_sets = read_c0(12, 2) >> 26 & 15;
	write_c0(10, 0, has_id ? 0 : ASID);
	if (has_eic)
		without_eic();
	discovery();
	root_instructions();
	hypercalls();
	modes();
	all_gates();
	indexed_cache();
	erets();
	field_changes();
	field_change_in_slot();
	hardware_changes();
	stage_two();
	read_inhibit();
	stage_one();
	guest_exceptions();
	bus_errors();
	interrupts();
	root_timer_interrupts();
	guest_timer();
	passed_through();
	tlb_instructions();
	other_guests();
	links();
	root_writes();
	shared_array();
	if (has_eic) {
		root_eic();
		guest_eic();
	}
	if (shadow_sets) {
		root_sets();
		guest_sets();
		sets_of_interrupts();
	}
	return failures != 0;
}

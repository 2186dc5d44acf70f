/* SPDX-License-Identifier: BSD-2-Clause */
/* What a guest does, and looks at, beside others on the same CPU. */
#include "el1.h"

#define VTIMER 27
#define PTIMER 30

static uint64_t now(void)
{
	__asm__ volatile("isb");
	return read_sysreg(cntvct_el0);
}

/* ---- State that a switch must keep ---- */

#define SYSREGS(X)                                                                                 \
	X(tpidr_el0)                                                                               \
	X(tpidrro_el0)                                                                             \
	X(tpidr_el1)                                                                               \
	X(contextidr_el1)                                                                          \
	X(elr_el1)                                                                                 \
	X(far_el1)                                                                                 \
	X(cntp_cval_el0)                                                                           \
	X(sp_el0)                                                                                  \
	X(dbgbvr0_el1)                                                                             \
	X(dbgwvr3_el1)

#define ALL_SIMD                                                                                   \
	".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29," \
	"30,31\n\t"

/* Register n of SIMD gets, or has, seed + n in both halves. */
static void set_simd(uint64_t seed)
{
	__asm__ volatile(".arch_extension simd\n\t" ALL_SIMD "dup v\\n\\().2d, %0\n\t"
			 "add %0, %0, #1\n\t.endr"
			 : "+r"(seed));
}

static uint64_t bad_simd(uint64_t seed)
{
	uint64_t bad = 0;
	uint64_t value;

	__asm__ volatile(".arch_extension simd\n\t" ALL_SIMD "umov %1, v\\n\\().d[1]\n\t"
			 "eor %1, %1, %2\n\torr %0, %0, %1\n\tadd %2, %2, #1\n\t.endr"
			 : "+r"(bad), "=&r"(value), "+r"(seed));
	return bad;
}

#define VALUE(name)      ((seed + sizeof(#name)) & 0x3ffffffc)
#define SET_SYSREG(name) write_sysreg(name, VALUE(name));
#define BAD_SYSREG(name) bad += read_sysreg(name) != VALUE(name);

/* Where a breakpoint may be. */
static __attribute__((noinline)) void landmark(void)
{
	__asm__ volatile("nop\n\tnop");
}

#define BREAK_AT_EL1 0x1e3 /* on, all four bytes */
#define MDSCR_ON     0xa000
#define CLASS_BREAK  0x31

/* One's breakpoints are one's own: test_state() has none, in the same program. */
void test_breakpoint(uint64_t ticks)
{
	uint64_t step = ticks / 50;
	uint64_t next = now();

	write_sysreg(dbgbvr0_el1, (uint64_t)landmark);
	write_sysreg(dbgbcr0_el1, BREAK_AT_EL1);
	write_sysreg(mdscr_el1, MDSCR_ON);
	__asm__ volatile("msr daifclr, #8");
	caught_reset();
	for (unsigned i = 0; i < 50; i++) {
		for (next += step; now() < next;)
			;
		landmark();
	}
	check("73 its breakpoint is hit each time", caught.count, 50);
	check("73 and nothing else", CAUGHT_CLASS, CLASS_BREAK);
	write_sysreg(mdscr_el1, 0);
}

void test_state(uint64_t seed, uint64_t ticks, uint64_t ram_end)
{
	volatile uint64_t *const from = (uint64_t *)(((uint64_t)image_end + 4095) & ~4095UL);
	volatile uint64_t *const to = (uint64_t *)ram_end;
	unsigned bad = 0;
	uint64_t end;

	for (volatile uint64_t *at = from; at < to; at++)
		*at = seed ^ (uint64_t)at;
	SYSREGS(SET_SYSREG)
	store32(UART + 0x24, (uint32_t)seed & 0xffff);
	set_simd(seed);
	end = now() + ticks;
	write_sysreg(mdscr_el1, MDSCR_ON);
	__asm__ volatile("msr daifclr, #8");
	while (now() < end)
		landmark();
	__asm__ volatile("msr daifset, #8");
	check("73 no breakpoint of another", caught.count, 0);
	check("73 SIMD registers stay", bad_simd(seed), 0);
	SYSREGS(BAD_SYSREG)
	check("73 system registers stay", bad, 0);
	check("73 a device's registers stay", load32(UART + 0x24), seed & 0xffff);
	bad = 0;
	for (volatile uint64_t *at = from; at < to; at++)
		bad += *at != (seed ^ (uint64_t)at);
	check("73 memory stays", bad, 0);
}

/* ---- Timers ---- */

static struct {
	uint64_t next, period;
	unsigned ticks, early;
} virtual, physical;

/* A switch comes in the midst of it, while the timer is still up. */
static void tick(unsigned intid)
{
	uint64_t end = now() + 3000;

	while (now() < end)
		;
	if (intid == VTIMER) {
		virtual.early += now() < virtual.next;
		virtual.ticks++;
		virtual.next += virtual.period;
		write_sysreg(cntv_cval_el0, virtual.next);
	} else if (intid == PTIMER) {
		physical.early += read_sysreg(cntpct_el0) < physical.next;
		physical.ticks++;
		physical.next += physical.period;
		write_sysreg(cntp_cval_el0, physical.next);
	}
}

/* The guest sleeps in between, or is busy. */
void test_ticks(uint64_t ticks, bool sleep)
{
	uint64_t began;

	start_interrupts();
	irq_handler = tick;
	began = now();
	virtual.period = 60000;
	physical.period = 100000;
	virtual.next = began + virtual.period;
	physical.next = began + physical.period;
	write_sysreg(cntv_cval_el0, virtual.next);
	write_sysreg(cntp_cval_el0, physical.next);
	enable_interrupt(VTIMER);
	enable_interrupt(PTIMER);
	write_sysreg(cntv_ctl_el0, 1);
	write_sysreg(cntp_ctl_el0, 1);
	while (now() < began + ticks || virtual.next < now() || physical.next < now()) {
		if (sleep)
			__asm__ volatile("wfi");
		let_interrupts_in();
		if (now() > began + 4 * ticks)
			break;
	}
	write_sysreg(cntv_ctl_el0, 0);
	write_sysreg(cntp_ctl_el0, 0);
	check("virtual timer: each tick comes", virtual.ticks >= ticks / virtual.period, 1);
	check("virtual timer: none early", virtual.early, 0);
	check("physical timer: each tick comes", physical.ticks >= ticks / physical.period, 1);
	check("physical timer: none early", physical.early, 0);
}

/* Takes its timers' interrupts and never ends them: others' timers go on. */
_Noreturn void hold_timers(void)
{
	start_interrupts();
	for (unsigned intid = VTIMER; intid <= PTIMER; intid += PTIMER - VTIMER)
		enable_interrupt(intid);
	write_sysreg(cntv_cval_el0, 0);
	write_sysreg(cntp_cval_el0, 0);
	write_sysreg(cntv_ctl_el0, 1);
	write_sysreg(cntp_ctl_el0, 1);
	for (;;)
		gic_take();
}

/* ---- Shares ---- */

/* How many loops of four instructions it comes to, from `from` on by the counter. */
void count_loops(uint64_t from, uint64_t ticks)
{
	uint64_t loops = 0;

	while (now() < from)
		;
	while (now() < from + ticks) {
		uint64_t left = 100;

		__asm__ volatile("1: nop\n\tnop\n\tsubs %0, %0, #1\n\tb.ne 1b" : "+r"(left)::"cc");
		loops += 100;
	}
	put_number("loops ", loops);
}

/* So that what the root does in this time can be counted (tools/measure). */
void measure(uint64_t ticks)
{
	uint64_t end = now() + ticks;

	__asm__ volatile(".inst 0xd296003f" ::: "memory");
	while (now() < end)
		;
	__asm__ volatile(".inst 0xd296005f\n\t.inst 0xd296007f" ::: "memory");
}

/* Sleeps so long, once. */
void nap(uint64_t ticks)
{
	start_interrupts();
	enable_interrupt(VTIMER);
	write_sysreg(cntv_cval_el0, now() + ticks);
	write_sysreg(cntv_ctl_el0, 1);
	__asm__ volatile("wfi");
	write_sysreg(cntv_ctl_el0, 0);
}

void sleep(void)
{
	for (;;)
		__asm__ volatile("wfi");
}

void spin(void)
{
	for (;;)
		__asm__ volatile("");
}

void storm(void)
{
	for (;;)
		store32(SLOT + 0x50, 0);
}

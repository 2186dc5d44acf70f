/* SPDX-License-Identifier: BSD-2-Clause */
#include "el1.h"

#define SYSTEM_OFF   0x84000008
#define SYSTEM_RESET 0x84000009
#define RAM_BASE     0x40000000UL
#define FDT_MAGIC    0xedfe0dd0

volatile struct caught caught;
void (*irq_handler)(unsigned intid);

struct frame {
	uint64_t x[20];
};

void put(const char *text)
{
	for (; *text; text++)
		store8(UART, (uint8_t)*text);
}

void put_number(const char *what, uint64_t value)
{
	char digits[24];
	unsigned i = sizeof(digits) - 1;

	digits[i] = '\0';
	do {
		digits[--i] = (char)('0' + value % 10);
	} while (value /= 10);
	put(what);
	put(digits + i);
	put("\n");
}

static void put_hex(uint64_t value)
{
	for (int shift = 60; shift >= 0; shift -= 4)
		store8(UART, (uint8_t) "0123456789abcdef"[value >> shift & 15]);
}

void check(const char *name, uint64_t got, uint64_t wanted)
{
	put(got == wanted ? "ok " : "not ok ");
	put(name);
	if (got != wanted) {
		put(": is 0x");
		put_hex(got);
		put(", and should be 0x");
		put_hex(wanted);
	}
	put("\n");
}

void caught_reset(void)
{
	caught.count = 0;
	caught.esr = 0;
	caught.far = 0;
	caught.elr = 0;
}

/* From start.S: vectors 0 to 15. A data abort is stepped over, a bad jump returns to its caller. */
void exception(unsigned kind, struct frame *frame);
void exception(unsigned kind, struct frame *frame)
{
	if (kind == 5) {
		unsigned intid = gic_take();

		if (intid < 1020 && irq_handler) {
			irq_handler(intid);
			gic_end(intid);
		}
		return;
	}
	caught.count++;
	caught.esr = read_sysreg(esr_el1);
	caught.far = read_sysreg(far_el1);
	caught.elr = read_sysreg(elr_el1);
	if (kind != 4 || caught.count > 1000) {
		put("not ok an exception that nobody expects\n");
		power_off();
	}
	if (CAUGHT_CLASS == 0x21)
		write_sysreg(elr_el1, frame->x[19]); /* x30 */
	else
		write_sysreg(elr_el1, caught.elr + 4);
}

#define DEFINE_CALL(name, instruction)                                                             \
	uint64_t name(uint64_t function, uint64_t x1, uint64_t x2, uint64_t x3)                    \
	{                                                                                          \
		register uint64_t r0 __asm__("x0") = function;                                     \
		register uint64_t r1 __asm__("x1") = x1;                                           \
		register uint64_t r2 __asm__("x2") = x2;                                           \
		register uint64_t r3 __asm__("x3") = x3;                                           \
		__asm__ volatile(instruction " #0"                                                 \
				 : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3)::"memory");              \
		return r0;                                                                         \
	}

DEFINE_CALL(call_hvc, "hvc")
DEFINE_CALL(call_smc, "smc")

void power_off(void)
{
	call_hvc(SYSTEM_OFF, 0, 0, 0);
	for (;;)
		;
}

/* The bootargs say which test; the tree is searched for the word. */
static bool asked(const char *fdt, const char *word)
{
	for (unsigned at = 0; at < 8192; at++) {
		unsigned i = 0;

		while (word[i] && fdt[at + i] == word[i])
			i++;
		if (!word[i])
			return true;
	}
	return false;
}

/* The decimal number behind the word; 0: there is none. */
static uint64_t number(const char *fdt, const char *word)
{
	uint64_t value = 0;

	for (unsigned at = 0; at < 8192; at++) {
		unsigned i = 0;

		while (word[i] && fdt[at + i] == word[i])
			i++;
		if (word[i])
			continue;
		for (at += i; fdt[at] >= '0' && fdt[at] <= '9'; at++)
			value = value * 10 + (uint64_t)(fdt[at] - '0');
		return value;
	}
	return 0;
}

static uint64_t ram_size(const char *fdt)
{
	return asked(fdt, "ram=64M") ? 64UL << 20 : 0;
}

/* 71: RAM that the guest was given nothing in is zero; then it is made something else. */
static void test_memory(const char *fdt)
{
	uint64_t end = RAM_BASE + ram_size(fdt);
	uint64_t from = ((uint64_t)image_end + 0x1fffff) & ~0x1fffffUL;
	uint64_t bad = 0;

	for (uint64_t at = from; at < end; at += 8)
		bad += *(volatile uint64_t *)at != 0;
	check("71 memory is zero", bad, 0);
	for (uint64_t at = from; at < end; at += 8)
		*(volatile uint64_t *)at = at;
	call_smc(SYSTEM_RESET, 0, 0, 0);
}

/* 71, 73: is the RAM, a word a page, zero? Then it is not any more, and the guest waits to be
 * killed. That it was not is said at once, for it may be at any time; that it was, if asked to. */
static _Noreturn void dirty_memory(uint64_t size, bool tells)
{
	uint64_t end = RAM_BASE + size;
	bool good = true;

	for (uint64_t at = ((uint64_t)image_end + 4095) & ~4095UL; at < end; at += 4096) {
		uint64_t word = *(volatile uint64_t *)at;

		if (word && good) {
			check("71 memory is zero", word, 0);
			good = false;
		}
		*(volatile uint64_t *)at = at;
	}
	if (good && tells)
		check("71 memory is zero", 0, 0);
	spin();
}

void guest_main(const char *fdt);
void guest_main(const char *fdt)
{
	/* First: it has little time. */
	if (asked(fdt, "case=dirty"))
		dirty_memory(number(fdt, "ram=") << 20, asked(fdt, "tell"));
	if (asked(fdt, "case=memory"))
		test_memory(fdt);
	if (asked(fdt, "case=read-nothing"))
		load32(NOTHING);
	if (asked(fdt, "case=vector-nowhere")) {
		write_sysreg(vbar_el1, NOTHING);
		load32(NOTHING);
	}
	if (asked(fdt, "case=tables-nowhere")) {
		write_sysreg(ttbr0_el1, NOTHING);
		__asm__ volatile("tlbi vmalle1\n\tdsb nsh\n\tisb");
		load32(NOTHING);
	}
	if (asked(fdt, "case=semihosting")) {
		/* SYS_WRITE0: the host would print it. */
		__asm__ volatile("mov w0, #4\n\tadr x1, 1f\n\thlt #0xf000\n\tb 2f\n"
				 "1:\t.asciz \"semihosting was here\"\n\t.balign 4\n2:" ::
					 : "x0", "x1", "memory");
		check("75 semihosting is an undefined instruction", CAUGHT_CLASS, 0);
	}
	if (asked(fdt, "case=state"))
		test_state(number(fdt, "seed="), number(fdt, "ticks="),
			   RAM_BASE + (number(fdt, "ram=") << 20));
	if (asked(fdt, "case=isolation")) {
		test_isolation(RAM_BASE + (number(fdt, "ram=") << 20),
			       RAM_BASE + (number(fdt, "machine=") << 20));
		test_shared(number(fdt, "shared="), 99, true);
	}
	if (asked(fdt, "case=share"))
		test_shared(number(fdt, "shared="), 99, false);
	if (asked(fdt, "case=breakpoint"))
		test_breakpoint(number(fdt, "ticks="));
	if (asked(fdt, "case=timers"))
		test_ticks(number(fdt, "ticks="), asked(fdt, "sleep"));
	if (asked(fdt, "case=hold-timers"))
		hold_timers();
	if (asked(fdt, "case=count"))
		count_loops(number(fdt, "from="), number(fdt, "ticks="));
	if (asked(fdt, "case=measure"))
		measure(number(fdt, "ticks="));
	if (asked(fdt, "case=sleep"))
		sleep();
	if (asked(fdt, "case=own-call"))
		call_hvc(0xc6000001, 2, 3, 4);
	if (asked(fdt, "case=spin"))
		spin();
	if (asked(fdt, "case=storm"))
		storm();
	if (asked(fdt, "case=bells"))
		test_bells();
	if (asked(fdt, "case=bell-storm"))
		storm_bell();
	if (asked(fdt, "case=bell-answer"))
		answer_bell();
	if (asked(fdt, "case=bell-measure"))
		measure_bell(number(fdt, "count="));
	if (asked(fdt, "case=interrupts-measure"))
		measure_interrupts(number(fdt, "count="));
	if (asked(fdt, "case=clock"))
		test_clock();
	if (asked(fdt, "case=nap"))
		nap(number(fdt, "ticks="));
	if (asked(fdt, "case=all")) {
		test_accesses();
		test_registers();
		test_calls();
		test_interrupts();
	}
	put("end\n");
}

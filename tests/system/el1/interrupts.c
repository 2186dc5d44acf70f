/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interrupt controller: levels, pending and active state, priorities, more interrupts than list
 * registers, timer. The level is the UART's transmit interrupt, which is up while it is enabled.
 */
#include "el1.h"

#define UART_INTID  33
#define UART_IMSC   (UART + 0x38)
#define UART_TX     (1U << 5)
#define TIMER_INTID 27
#define FREE_INTID  96 /* the first of many shared interrupts that no device has */
#define NONE        1023

#define ISENABLER   0x100
#define ICENABLER   0x180
#define ISPENDR     0x200
#define ICPENDR     0x280
#define ISACTIVER   0x300
#define IPRIORITYR  0x400
#define ICFGR       0xc00

static unsigned count;
static unsigned order[32];

unsigned gic_version(void)
{
	static unsigned version;

	if (!version)
		version = load32(GICD + 0xffe8) == 0x3b ? 3 : 2;
	return version;
}

unsigned gic_take(void)
{
	if (gic_version() == 3)
		return (unsigned)read_sysreg(icc_iar1_el1) & 0xffffff;
	return load32(GICC + 0xc) & 0x3ff;
}

void gic_end(unsigned intid)
{
	if (gic_version() == 3)
		write_sysreg(icc_eoir1_el1, intid);
	else
		store32(GICC + 0x10, intid);
}

static uint64_t bank(unsigned intid)
{
	return intid < 32 && gic_version() == 3 ? GICR + 0x10000 : GICD;
}

static void set_bit(unsigned reg, unsigned intid)
{
	store32(bank(intid) + reg + intid / 32 * 4, 1U << (intid % 32));
}

static unsigned get_bit(unsigned reg, unsigned intid)
{
	return load32(bank(intid) + reg + intid / 32 * 4) >> (intid % 32) & 1;
}

static void set_priority(unsigned intid, uint8_t priority)
{
	store8(bank(intid) + IPRIORITYR + intid, priority);
}

/* Lets what is pending in; everything is taken when this returns. */
void let_interrupts_in(void)
{
	__asm__ volatile("isb\n\tmsr daifclr, #2\n\tisb\n\tnop\n\tnop\n\tmsr daifset, #2\n\tisb" ::
				 : "memory");
}

void enable_interrupt(unsigned intid)
{
	set_bit(ISENABLER, intid);
}

void start_interrupts(void)
{
	if (gic_version() == 3) {
		for (unsigned word = 0; word < 4; word++)
			store32(bank(word * 32) + 0x80 + word * 4, ~0U); /* group 1 */
		store32(GICD, 2);
		write_sysreg(icc_sre_el1, 7);
		write_sysreg(icc_pmr_el1, 0xff);
		write_sysreg(icc_igrpen1_el1, 1);
	} else {
		store32(GICD, 1);
		store32(GICC + 4, 0xff);
		store32(GICC, 1);
	}
	for (unsigned intid = 0; intid < 128; intid++)
		set_priority(intid, 0xa0);
}

static void note(unsigned intid)
{
	if (count < 32)
		order[count] = intid;
	count++;
}

/* The third time, the device is content. */
static void keep_level(unsigned intid)
{
	note(intid);
	if (count == 3)
		store32(UART_IMSC, 0);
}

static void test_level(void)
{
	set_bit(ISENABLER, UART_INTID);
	count = 0;
	irq_handler = keep_level;
	store32(UART_IMSC, UART_TX);
	for (unsigned i = 0; i < 10; i++)
		let_interrupts_in();
	check("level: fires again after its end while the line is up", count, 3);

	count = 0;
	irq_handler = note;
	store32(UART_IMSC, UART_TX);
	check("level: pending while the line is up", get_bit(ISPENDR, UART_INTID), 1);
	store32(UART_IMSC, 0);
	check("level: not after it fell", get_bit(ISPENDR, UART_INTID), 0);
	let_interrupts_in();
	check("level: nothing fires", count, 0);

	store32(UART_IMSC, UART_TX);
	store32(UART_IMSC, 0);
	check("level: withdrawn before it is taken", gic_take() >= 1020, 1);

	set_bit(ICENABLER, UART_INTID);
	store32(UART_IMSC, UART_TX);
	let_interrupts_in();
	check("level: disabled, nothing fires", count, 0);
	irq_handler = keep_level;
	count = 2;
	set_bit(ISENABLER, UART_INTID);
	let_interrupts_in();
	check("level: fires when it is enabled", count, 3);

	store32(UART_IMSC, UART_TX);
	count = 2;
	store32(GICD, 0);
	let_interrupts_in();
	check("distributor off: nothing fires", count, 2);
	store32(GICD, gic_version() == 3 ? 2 : 1);
	let_interrupts_in();
	check("distributor on: it fires", count, 3);
	set_bit(ICENABLER, UART_INTID);
}

static void look_active(unsigned intid)
{
	note(intid);
	order[1] = get_bit(ISACTIVER, intid);
	order[2] = get_bit(ISPENDR, intid);
}

static void test_edge(void)
{
	store32(GICD + ICFGR + FREE_INTID / 16 * 4, 0xaaaaaaaa);
	set_bit(ISENABLER, FREE_INTID);
	count = 0;
	irq_handler = look_active;
	set_bit(ISPENDR, FREE_INTID);
	check("edge: pending when told so", get_bit(ISPENDR, FREE_INTID), 1);
	let_interrupts_in();
	let_interrupts_in();
	check("edge: fires once", count, 1);
	check("edge: active in its handler", order[1], 1);
	check("edge: and not pending", order[2], 0);
	check("edge: not active afterwards", get_bit(ISACTIVER, FREE_INTID), 0);
	set_bit(ISPENDR, FREE_INTID);
	set_bit(ICPENDR, FREE_INTID);
	let_interrupts_in();
	check("edge: withdrawn by ICPENDR", count, 1);
	set_bit(ICENABLER, FREE_INTID);
}

/* Many more at a time than there are list registers, the most urgent pended last. */
static void test_many(void)
{
	const unsigned many = 16;
	unsigned wrong = 0;

	irq_handler = note;
	count = 0;
	for (unsigned i = 0; i < many; i++) {
		set_bit(ISENABLER, FREE_INTID + i);
		set_priority(FREE_INTID + i, (uint8_t)(0xf0 - 8 * i));
		set_bit(ISPENDR, FREE_INTID + i);
	}
	for (unsigned i = 0; i < many; i++)
		let_interrupts_in();
	check("many: each fires once", count, many);
	for (unsigned i = 0; i < many; i++)
		wrong += order[i] != FREE_INTID + many - 1 - i;
	check("many: the most urgent first", wrong, 0);
	for (unsigned i = 0; i < many; i++)
		set_bit(ICENABLER, FREE_INTID + i);
}

static void pend_urgent(unsigned intid)
{
	note(intid);
	if (intid < FREE_INTID + 7) {
		set_priority(intid + 1, (uint8_t)(0xe0 - 0x10 * (intid + 1 - FREE_INTID)));
		set_bit(ISPENDR, intid + 1);
		/* The handler is interrupted: these are preempted one by the other, all active. */
		__asm__ volatile("mrs x9, spsr_el1\n\tmrs x10, elr_el1\n\tmsr daifclr, "
				 "#2\n\tisb\n\tnop\n\tnop\n\t"
				 "msr daifset, #2\n\tmsr spsr_el1, x9\n\tmsr elr_el1, x10" ::
					 : "x9", "x10", "memory");
	}
}

static void test_nested(void)
{
	unsigned active = 0;

	for (unsigned i = 0; i < 8; i++)
		set_bit(ISENABLER, FREE_INTID + i);
	irq_handler = pend_urgent;
	count = 0;
	set_priority(FREE_INTID, 0xe0);
	set_bit(ISPENDR, FREE_INTID);
	let_interrupts_in();
	for (unsigned i = 0; i < 8; i++)
		let_interrupts_in();
	check("nested: eight, each in the handler of the one before", count, 8);
	for (unsigned i = 0; i < 8; i++)
		active += get_bit(ISACTIVER, FREE_INTID + i);
	check("nested: none stays active", active, 0);
	for (unsigned i = 0; i < 8; i++)
		set_bit(ICENABLER, FREE_INTID + i);
}

static void send_to_self(unsigned intid)
{
	if (gic_version() == 3)
		write_sysreg(icc_sgi1r_el1, (uint64_t)intid << 24 | 1);
	else
		store32(GICD + 0xf00, 2U << 24 | intid);
}

static void test_software(void)
{
	unsigned wrong = 0;

	irq_handler = note;
	count = 0;
	for (unsigned intid = 0; intid < 16; intid++) {
		set_bit(ISENABLER, intid);
		send_to_self(intid);
	}
	for (unsigned i = 0; i < 16; i++)
		let_interrupts_in();
	check("software generated: each fires once", count, 16);
	for (unsigned i = 0; i < 16; i++) {
		for (unsigned j = 0; j < i; j++)
			wrong += order[i] == order[j];
	}
	check("software generated: all of them", wrong, 0);
}

/* Only the compare value moves: the control register is set once. */
static void next_tick(unsigned intid)
{
	note(intid);
	if (count < 5)
		write_sysreg(cntv_cval_el0, read_sysreg(cntvct_el0) + 1000);
	else
		write_sysreg(cntv_ctl_el0, 0);
}

static void test_timer(void)
{
	irq_handler = next_tick;
	count = 0;
	set_bit(ISENABLER, TIMER_INTID);
	write_sysreg(cntv_cval_el0, read_sysreg(cntvct_el0) + 1000);
	write_sysreg(cntv_ctl_el0, 1);
	while (count < 5) {
		__asm__ volatile("wfi");
		let_interrupts_in();
	}
	check("timer: five ticks by the compare value alone", count, 5);
	write_sysreg(cntv_cval_el0, 0);
	write_sysreg(cntv_ctl_el0, 1);
	while (!get_bit(ISPENDR, TIMER_INTID))
		;
	set_bit(ICENABLER, TIMER_INTID);
	let_interrupts_in();
	check("timer: disabled while pending, nothing fires", count, 5);
	set_bit(ISENABLER, TIMER_INTID);
	while (count < 6)
		let_interrupts_in();
	check("timer: fires when it is enabled", count, 6);
	for (unsigned i = 0; i < 10; i++)
		let_interrupts_in();
	check("timer: once, for it is off", count, 6);
}

static void test_widths(void)
{
	store8(GICD + IPRIORITYR + FREE_INTID, 0x48);
	check("distributor: a byte of priorities", load32(GICD + IPRIORITYR + FREE_INTID) & 0xff,
	      0x48);
	check("distributor: half a word reads zero",
	      *(volatile uint16_t *)(GICD + IPRIORITYR + FREE_INTID), 0);
	check("distributor: a byte of enables reads zero", load8(GICD + ISENABLER), 0);
	check("distributor: reserved reads zero", load32(GICD + 0x40), 0);
	caught_reset();
	for (uint64_t at = 0; at < 0x10000; at += 4)
		load32(GICD + at);
	check("distributor: all of it can be read", caught.count, 0);
}

void test_interrupts(void)
{
	start_interrupts();
	test_level();
	test_edge();
	test_many();
	test_nested();
	test_software();
	test_timer();
	test_widths();
}

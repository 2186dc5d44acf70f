/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's PL031, passed through: its registers and its interrupt, in this life and the next.
 */
#include "el1.h"

#define CLOCK 0x09010000UL
#define DR    (CLOCK + 0x00)
#define MR    (CLOCK + 0x04)
#define IMSC  (CLOCK + 0x10)
#define RIS   (CLOCK + 0x14)
#define ICR   (CLOCK + 0x1c)
#define INTID 34

#define RESET 0x84000009

static unsigned alarms;

static void alarm(unsigned intid)
{
	if (intid != INTID)
		return;
	alarms++;
	store32(ICR, 1);
}

static void set_alarm(uint32_t seconds)
{
	store32(MR, load32(DR) + seconds);
	store32(IMSC, 1);
}

static void await_alarm(void)
{
	unsigned before = alarms;

	while (alarms == before) {
		__asm__ volatile("wfi");
		let_interrupts_in();
	}
}

/* Its previous life, if it had one, left MR, and an alarm that was taken but not ended. */
void test_clock(void)
{
	bool second_life = load32(MR) != 0;

	start_interrupts();
	irq_handler = alarm;
	check("clock: its interrupt is off at first", load32(IMSC), 0);
	check("clock: and not up", load32(RIS), 0);
	enable_interrupt(INTID);
	let_interrupts_in();
	check("clock: nothing fires that was set before", alarms, 0);
	set_alarm(1);
	await_alarm();
	let_interrupts_in();
	check("clock: the alarm comes, once", alarms, 1);
	set_alarm(1);
	await_alarm();
	check("clock: and again", alarms, 2);
	if (second_life)
		return;
	set_alarm(1);
	__asm__ volatile("wfi");
	gic_take();
	call_hvc(RESET, 0, 0, 0);
}

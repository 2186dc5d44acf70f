/* SPDX-License-Identifier: BSD-2-Clause */
/* Doorbells: both ends of one, in the same guest; storms; and what `make bench` counts. */
#include "el1.h"

#define BELL(n)     (0x0b000000UL + (n)*0x1000UL)
#define INTID(n)    (80U + (n))
#define MAGIC       0x00
#define PEER        0x08
#define RING        0x0c
#define STATUS      0x10
#define SIZE        0x28
#define NOW         1
#define LATER       2
#define STATUS_RUNG 1

static unsigned heard[2];

static void hear(unsigned intid)
{
	unsigned n = intid - INTID(0);

	if (n > 1)
		return;
	store32(BELL(n) + STATUS, ~0U);
	heard[n]++;
}

static uint64_t load64(uint64_t address)
{
	return *(volatile uint64_t *)address;
}

static void test_wrong_accesses(void)
{
	uint64_t bad = 0;
	uint64_t a, b;

	for (uint64_t offset = 0; offset < 0x1000; offset++) {
		bad |= load8(BELL(0) + offset);
		store8(BELL(0) + offset, 1);
	}
	for (uint64_t offset = 0; offset < 0x1000; offset += 8) {
		bad |= load64(BELL(0) + offset);
		*(volatile uint64_t *)(BELL(0) + offset) = NOW;
	}
	for (uint64_t offset = 0x30; offset < 0x1000; offset += 4) {
		bad |= load32(BELL(0) + offset);
		store32(BELL(0) + offset, NOW);
	}
	for (uint64_t offset = 1; offset < 0x40; offset += 4)
		bad |= load32(BELL(0) + offset);
	__asm__ volatile("ldp %0, %1, [%2]" : "=&r"(a), "=&r"(b) : "r"(BELL(0)));
	check("bell: other accesses read 0", bad | a | b, 0);
	let_interrupts_in();
	check("bell: other accesses do not ring", heard[0] + heard[1], 0);
}

void test_bells(void)
{
	start_interrupts();
	irq_handler = hear;
	enable_interrupt(INTID(0));
	enable_interrupt(INTID(1));
	check("bell: magic", load32(BELL(0) + MAGIC), 0x424f4956);
	check("bell: somebody is at the other end", load32(BELL(0) + PEER), 1);
	check("bell: there is no buffer", load32(BELL(0) + SIZE), 0);
	test_wrong_accesses();
	store32(BELL(0) + RING, NOW);
	store32(BELL(0) + RING, NOW);
	check("bell: the other end's status", load32(BELL(1) + STATUS), STATUS_RUNG);
	let_interrupts_in();
	check("bell: rings once until it is heard", heard[1], 1);
	check("bell: and nowhere else", heard[0], 0);
	store32(BELL(1) + RING, NOW);
	let_interrupts_in();
	check("bell: rings at the first end", heard[0], 1);
	store32(BELL(0) + RING, LATER);
	store32(BELL(0) + RING, LATER);
	let_interrupts_in();
	check("bell: for later, not yet", heard[1], 1);
	__asm__ volatile("wfi");
	let_interrupts_in();
	check("bell: for later, once it waits", heard[1], 2);
}

/* All that comes is heard, too. */
void storm_bell(void)
{
	start_interrupts();
	irq_handler = hear;
	enable_interrupt(INTID(0));
	__asm__ volatile("msr daifclr, #2");
	for (;;)
		store32(BELL(0) + RING, NOW);
}

/* An interrupt for who runs: raised by one store, silenced by another, taken and ended in between.
 */
void measure_interrupts(uint64_t count)
{
	start_interrupts();
	irq_handler = hear;
	enable_interrupt(INTID(1));
	store32(BELL(0) + RING, NOW);
	let_interrupts_in();
	heard[1] = 0;
	__asm__ volatile(".inst 0xd296003f" ::: "memory");
	for (uint64_t i = 0; i < count; i++) {
		store32(BELL(0) + RING, NOW);
		let_interrupts_in();
	}
	__asm__ volatile(".inst 0xd296005f\n\t.inst 0xd296007f" ::: "memory");
	check("bell: all are heard", heard[1], count);
}

static uint64_t ticks(void)
{
	__asm__ volatile("isb");
	return read_sysreg(cntvct_el0);
}

/* Rings and is rung, and sleeps in between. The second guest answers, the first counts. */
static void await_bell(void)
{
	unsigned before = heard[0];

	while (heard[0] == before) {
		__asm__ volatile("wfi");
		let_interrupts_in();
	}
}

static void listen(void)
{
	start_interrupts();
	irq_handler = hear;
	enable_interrupt(INTID(0));
}

void answer_bell(void)
{
	listen();
	for (;;) {
		await_bell();
		store32(BELL(0) + RING, NOW);
	}
}

void measure_bell(uint64_t count)
{
	uint64_t end = ticks() + 1000000;

	listen();
	while (ticks() < end && load32(BELL(0) + PEER) == 0)
		;
	while (ticks() < end)
		; /* it has come to listen */
	store32(BELL(0) + RING, NOW);
	await_bell();
	__asm__ volatile(".inst 0xd296003f" ::: "memory");
	for (uint64_t i = 0; i < count; i++) {
		store32(BELL(0) + RING, NOW);
		await_bell();
	}
	__asm__ volatile(".inst 0xd296005f\n\t.inst 0xd296007f" ::: "memory");
}

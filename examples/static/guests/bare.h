/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the two bare-metal guests have in common: their board, and the memory they share. Neither
 * takes an interrupt: both sleep until one is pending, and then look at who it is.
 */
#ifndef BARE_H
#define BARE_H

#include <stdint.h>

/* Board v1, docs/board.md; a doorbell's registers, docs/guests.md. */
#define UART          UINT64_C(0x09000000)
#define GICD          UINT64_C(0x08000000)
#define GICR_PRIVATE  UINT64_C(0x080b0000)
#define GICC          UINT64_C(0x08010000)
#define BELL          UINT64_C(0x0b000000)
#define BELL_RING     (BELL + 0x0c)
#define BELL_STATUS   (BELL + 0x10)
#define BELL_INTID    80
#define TIMER_INTID   27

/* In the tree, the place of region `samples`. */
#define SAMPLES       ((volatile struct samples *)UINT64_C(0x20000000))
#define SAMPLES_COUNT 1024

/* The sensor writes; whoever reads remembers how far it has come. */
struct samples {
	uint32_t written; /* so many so far; the last SAMPLES_COUNT of them are there */
	uint32_t value[SAMPLES_COUNT];
};

static inline uint32_t load(uint64_t address)
{
	return *(volatile uint32_t *)address;
}

static inline void store(uint64_t address, uint32_t value)
{
	*(volatile uint32_t *)address = value;
}

static inline void print(const char *text)
{
	while (*text != '\0')
		store(UART, (uint8_t)*text++);
}

static inline void print_number(uint32_t value)
{
	char digits[11];
	char *at = &digits[10];

	*at = '\0';
	do {
		*--at = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0);
	print(at);
}

static inline uint64_t ticks(void)
{
	uint64_t value;

	__asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(value)::"memory");
	return value;
}

static inline uint64_t ticks_per_second(void)
{
	uint64_t value;

	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(value));
	return value;
}

/* The interrupt ends sleep(), and does nothing else: exceptions stay masked. */
static inline void wake_by(unsigned intid)
{
	int v3 = load(GICD + 0xffe8) == 0x3b;
	uint64_t bank = v3 && intid < 32 ? GICR_PRIVATE : GICD;

	if (v3) {
		store(bank + 0x80 + intid / 32 * 4, UINT32_MAX); /* group 1 */
		store(GICD, 2);
		__asm__ volatile("msr icc_sre_el1, %0\n\tisb" ::"r"(UINT64_C(7)));
		__asm__ volatile("msr icc_pmr_el1, %0" ::"r"(UINT64_C(0xff)));
		__asm__ volatile("msr icc_igrpen1_el1, %0\n\tisb" ::"r"(UINT64_C(1)));
	} else {
		store(GICD, 1);
		store(GICC + 4, 0xff);
		store(GICC, 1);
	}
	store(bank + 0x100 + intid / 32 * 4, UINT32_C(1) << intid % 32);
}

static inline void sleep(void)
{
	__asm__ volatile("dsb sy\n\twfi" ::: "memory");
}

void guest_main(void);

#endif

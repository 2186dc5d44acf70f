/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts are taken by asking for them: they stay masked, and WFI ends when one is pending.
 * Board v1 has a GICv2 or a GICv3; doorbell n interrupts by INTID 80 + n.
 */
#include "bell.h"

#define UART            0x09000000UL
#define GICD            0x08000000UL
#define GICC            0x08010000UL
#define BELLS           0x0b000000UL
#define BELL_SIZE       0x1000UL
#define INTID_FIRST     80
#define BELL_COUNT      16

#define MAGIC           0x00
#define RING            0x0c
#define STATUS          0x10
#define BUFFER          0x20
#define BUFFER_SIZE     0x28
#define MAGIC_VALUE     0x424f4956

#define GICD_CTLR       0x000
#define GICD_IGROUPR    0x080
#define GICD_ISENABLER  0x100
#define GICD_IPRIORITYR 0x400
#define GICD_PIDR2_V3   0xffe8
#define GICC_CTLR       0x000
#define GICC_PMR        0x004
#define GICC_IAR        0x00c
#define GICC_EOIR       0x010

static uint32_t load(uint64_t address)
{
	return *(volatile uint32_t *)address;
}

static void store(uint64_t address, uint32_t value)
{
	*(volatile uint32_t *)address = value;
}

#define read_sysreg(name)                                                                          \
	({                                                                                         \
		uint64_t read_value;                                                               \
		__asm__ volatile("mrs %0, " #name : "=r"(read_value)::"memory");                   \
		read_value;                                                                        \
	})
#define write_sysreg(name, value)                                                                  \
	__asm__ volatile("msr " #name ", %x0\n\tisb" ::"rZ"((uint64_t)(value)) : "memory")

/* ---- The interrupt controller ---- */

static bool v3;

static void open_interrupt(unsigned intid)
{
	uint64_t word = intid / 32 * 4UL;

	v3 = load(GICD + GICD_PIDR2_V3) == 0x3b;
	if (v3) {
		store(GICD + GICD_IGROUPR + word, ~0U);
		store(GICD + GICD_CTLR, 2);
		write_sysreg(icc_sre_el1, 7);
		write_sysreg(icc_pmr_el1, 0xff);
		write_sysreg(icc_igrpen1_el1, 1);
	} else {
		store(GICD + GICD_CTLR, 1);
		store(GICC + GICC_PMR, 0xff);
		store(GICC + GICC_CTLR, 1);
	}
	store(GICD + GICD_IPRIORITYR + (intid & ~3U), 0xa0a0a0a0);
	store(GICD + GICD_ISENABLER + word, 1U << (intid % 32));
}

static unsigned take(void)
{
	return v3 ? (unsigned)read_sysreg(icc_iar1_el1) & 0xffffff : load(GICC + GICC_IAR) & 0x3ff;
}

static void end(unsigned intid)
{
	if (v3)
		write_sysreg(icc_eoir1_el1, intid);
	else
		store(GICC + GICC_EOIR, intid);
}

/* ---- The bell ---- */

static uint64_t page(unsigned number)
{
	return BELLS + number * BELL_SIZE;
}

static uint64_t load64(uint64_t address)
{
	return (uint64_t)load(address + 4) << 32 | load(address);
}

void *bell_open(unsigned number, uint64_t *bytes)
{
	if (load(page(number) + MAGIC) != MAGIC_VALUE)
		return 0;
	open_interrupt(INTID_FIRST + number);
	*bytes = load64(page(number) + BUFFER_SIZE);
	return *bytes ? (void *)load64(page(number) + BUFFER) : 0;
}

void bell_ring(unsigned number, uint32_t when)
{
	__asm__ volatile("dmb sy" ::: "memory");
	store(page(number) + RING, when);
}

void bell_wait(void)
{
	unsigned intid = 0;

	while (intid < INTID_FIRST || intid >= INTID_FIRST + BELL_COUNT) {
		__asm__ volatile("dsb sy\n\twfi" ::: "memory");
		intid = take();
		if (intid >= INTID_FIRST && intid < INTID_FIRST + BELL_COUNT)
			store(page(intid - INTID_FIRST) + STATUS, ~0U);
		if (intid < 1020)
			end(intid);
	}
	__asm__ volatile("dmb sy" ::: "memory");
}

/* ---- The console ---- */

void say(const char *text)
{
	for (; *text; text++)
		*(volatile uint8_t *)UART = (uint8_t)*text;
}

void say_number(uint64_t value)
{
	char digits[21];
	unsigned at = sizeof(digits) - 1;

	digits[at] = '\0';
	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	say(digits + at);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of this guest share. */
#ifndef EL1_H
#define EL1_H

#include <stdbool.h>
#include <stdint.h>

#define read_sysreg(name)                                                                          \
	({                                                                                         \
		uint64_t read_value;                                                               \
		__asm__ volatile("mrs %0, " #name : "=r"(read_value)::"memory");                   \
		read_value;                                                                        \
	})
#define write_sysreg(name, value)                                                                  \
	__asm__ volatile("msr " #name ", %x0\n\tisb" ::"rZ"((uint64_t)(value)) : "memory")

#define UART       0x09000000UL
#define SLOT       0x0a003e00UL /* the last slot of the Virtio window: empty */
#define WINDOW_END 0x0a004000UL
#define NOTHING    0x30000000UL
#define GICD       0x08000000UL
#define GICC       0x08010000UL
#define GICR       0x080a0000UL

/* The synchronous exceptions since caught_reset(). */
struct caught {
	unsigned count;
	uint64_t esr; /* of the last */
	uint64_t far;
	uint64_t elr;
};
extern volatile struct caught caught;
void caught_reset(void);
#define CAUGHT_CLASS ((unsigned)(caught.esr >> 26))
#define CAUGHT_FAULT ((unsigned)(caught.esr & 0x3f))

/* `ok NAME` or `not ok NAME`. */
void check(const char *name, uint64_t got, uint64_t wanted);

/* Set by a test that wants interrupts; called with the interrupt taken but not ended. */
extern void (*irq_handler)(unsigned intid);

unsigned gic_version(void);
unsigned gic_take(void);
void gic_end(unsigned intid);

uint64_t call_hvc(uint64_t function, uint64_t x1, uint64_t x2, uint64_t x3);
uint64_t call_smc(uint64_t function, uint64_t x1, uint64_t x2, uint64_t x3);
_Noreturn void power_off(void);
void put(const char *text);
void put_number(const char *what, uint64_t value);

extern char image_end[];

void mmu_on(void);
void mmu_off(void);

void test_accesses(void);
void test_registers(void);
void test_calls(void);
void test_interrupts(void);

/* For tests of their own: the CPU interface is on, `intid` can fire, what is pending is taken. */
void start_interrupts(void);
void enable_interrupt(unsigned intid);
void let_interrupts_in(void);

/* beside.c; times are ticks of the counter. Some do not return. */
void test_state(uint64_t seed, uint64_t ticks, uint64_t ram_end);
void test_breakpoint(uint64_t ticks);
void test_ticks(uint64_t ticks, bool sleep);
_Noreturn void hold_timers(void);
void test_isolation(uint64_t own_end, uint64_t end);
void test_shared(uint64_t size, uint32_t seed, bool read_only);
void count_loops(uint64_t from, uint64_t ticks);
void measure(uint64_t ticks);
void nap(uint64_t ticks);
_Noreturn void sleep(void);
_Noreturn void spin(void);
_Noreturn void storm(void);

/* bells.c */
void test_bells(void);
_Noreturn void storm_bell(void);
void measure_interrupts(uint64_t count);
_Noreturn void answer_bell(void);
void measure_bell(uint64_t count);

/* clock.c */
void test_clock(void);

static inline uint32_t load32(uint64_t address)
{
	return *(volatile uint32_t *)address;
}

static inline void store32(uint64_t address, uint32_t value)
{
	*(volatile uint32_t *)address = value;
}

static inline uint8_t load8(uint64_t address)
{
	return *(volatile uint8_t *)address;
}

static inline void store8(uint64_t address, uint8_t value)
{
	*(volatile uint8_t *)address = value;
}

#endif

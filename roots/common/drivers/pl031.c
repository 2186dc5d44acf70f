/* SPDX-License-Identifier: BSD-2-Clause */
#include "pl031.h"
#include "mmio.h"

enum {
	DR = 0x00, /* seconds */
	MR = 0x04, /* the second of the next interrupt */
	CR = 0x0c,
	IMSC = 0x10,
	ICR = 0x1c,
};

#define CR_START  1
#define INTERRUPT 1

static void set_alarm(struct pl031 *clock)
{
	uint32_t now = 0;

	mmio_write(clock->registers, ICR, INTERRUPT);
	/* Again, if the alarm's second was over before it was set. */
	do {
		now = mmio_read(clock->registers, DR);
		mmio_write(clock->registers, MR, now + 1);
	} while (mmio_read(clock->registers, DR) - now > 1);
}

void pl031_init(struct pl031 *clock, volatile void *registers)
{
	clock->registers = registers;
	mmio_write(registers, CR, CR_START);
	set_alarm(clock);
	mmio_write(registers, IMSC, INTERRUPT);
}

void pl031_stop(volatile void *registers)
{
	mmio_write(registers, IMSC, 0);
	mmio_write(registers, ICR, INTERRUPT);
}

void pl031_interrupt(struct pl031 *clock)
{
	set_alarm(clock);
	clock->tick(clock->user);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The root's interrupts: lines of the CPU, of which the timer's is one.
 *
 * On a core with an external interrupt controller (Config3.VEIC) they are sources of that one, by
 * the same numbers, each with a priority, a vector and a register set. Guests run, and the root
 * waits, at priority 0, which lets all through. If the core has shadow sets, the vectors' is the
 * highest: what they run needs nothing of the guest's to be saved, which has set 0 with the rest of
 * the root. Only when there is more to do, as another guest's turn, an exit is made of it
 * (vectors.S).
 */
#include "machine.h"
#include "root.h"
#include "vcpu.h"

#define LINES                             8

/* The controller: its place on the board, sources' registers, those that are up. */
#define EIC                               0x1f001000
#define EIC_PENDING                       16
#define VECTOR_OF_ALL                     2 /* in set 0; 0 and 1 are one line's each */
#define EIC_SOURCE(priority, set, vector) ((priority) | (set) << 8 | (vector) << 16)

static volatile uint32_t *eic; /* or NULL */
uint32_t irq_status = STATUS_IM_ROOT;

static struct handler {
	void (*call)(void *owner);
	void *owner;
} handlers[LINES];

void irq_attach(unsigned line, void (*handler)(void *owner), void *owner)
{
	if (line >= LINES || !(STATUS_IM_ROOT >> (STATUS_IM_SHIFT + line) & 1))
		root_fatal("interrupt line %u is none that the root takes", line);
	handlers[line] = (struct handler){ handler, owner };
}

void irq_line(unsigned line)
{
	if (line == LINE_TIMER)
		timer_interrupt();
	else if (handlers[line].call)
		handlers[line].call(handlers[line].owner);
}

static uint32_t lines_up(void)
{
	uint32_t up = eic ? eic[EIC_PENDING] : read_c0(C0_CAUSE) >> CAUSE_IP_SHIFT;

	return up & STATUS_IM_ROOT >> STATUS_IM_SHIFT;
}

void irq_take(void)
{
	for (uint32_t up = lines_up(); up; up &= up - 1)
		irq_line((unsigned)__builtin_ctz(up));
}

void irq_init(void)
{
	static const uint8_t lines[] = { LINE_UART, LINE_TIMER };
	uint32_t set = SRSCTL_HSS(read_c0(C0_SRSCTL));

	if (!(read_c0(C0_CONFIG3) & CONFIG3_VEIC))
		return;
	eic = to_registers(EIC);
	irq_status = 0;
	for (uint32_t i = 0; i < VIO_ARRAY_SIZE(lines); i++)
		eic[lines[i]] = EIC_SOURCE(i + 1, set, set ? i : VECTOR_OF_ALL);
	write_c0(C0_SRSCTL, 0);
	write_c0(C0_INTCTL, INTCTL_VS_32);
	write_c0(C0_CAUSE, CAUSE_IV);
	ehb();
}

/* ---- Passed-through interrupts: the board's one device with a line is the root's own ---- */

bool arch_pass(struct guest *guest, unsigned intid)
{
	return false;
}

void arch_pass_back(struct guest *guest, unsigned intid)
{
}

void arch_mask(unsigned intid)
{
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "machine.h"
#include "root.h"
#include "vcpu.h"

#define LINES 8

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

void irq_take(void)
{
	uint32_t up = read_c0(C0_CAUSE) & STATUS_IM_ROOT;

	if (up & 1 << (CAUSE_IP_SHIFT + LINE_TIMER))
		timer_interrupt();
	up >>= CAUSE_IP_SHIFT;
	for (unsigned line = 0; line < LINE_TIMER; line++) {
		if (up >> line & 1 && handlers[line].call)
			handlers[line].call(handlers[line].owner);
	}
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

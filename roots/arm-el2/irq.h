/* SPDX-License-Identifier: BSD-2-Clause */
/* Physical interrupts, taken at EL2; machine.h has irq_attach(). */
#ifndef IRQ_H
#define IRQ_H

/* Takes the most urgent pending interrupt, if there is one. */
void irq_take(void);

/* The controller is up: the root's own private interrupts on this CPU. */
void irq_init(void);

#endif

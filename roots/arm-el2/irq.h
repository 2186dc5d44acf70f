/* SPDX-License-Identifier: BSD-2-Clause */
/* Physical interrupts, taken at EL2. */
#ifndef IRQ_H
#define IRQ_H

/* Takes the most urgent pending interrupt, if there is one. */
void irq_take(void);

/* Calls `handler` for shared peripheral interrupt `intid`, and enables that. */
void irq_attach(unsigned intid, void (*handler)(void *owner), void *owner);

/* The controller is up: the root's own private interrupts. */
void irq_init(void);

#endif

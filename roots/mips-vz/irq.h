/* SPDX-License-Identifier: BSD-2-Clause */
/* The root's own interrupts: lines of the CPU, levels. */
#ifndef IRQ_H
#define IRQ_H

/* Takes what is pending. */
void irq_take(void);

/* Calls `handler` while IP`line` is up: LINE_UART. */
void irq_attach(unsigned line, void (*handler)(void *owner), void *owner);

#endif

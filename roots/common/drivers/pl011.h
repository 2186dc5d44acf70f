/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The root's PL011 (Arm DDI 0183), for the root's own output and as what is behind a Virtio
 * console.
 *
 * Nobody waits and nothing is lost: output that the FIFO has no room for stays with the caller,
 * who is told when there is room; input that nobody reads stays in the FIFO with its interrupt
 * masked, and the sender's flow control holds back the rest.
 */
#ifndef PL011_H
#define PL011_H

#include "vio_console.h"

/* Set up by the caller but for what pl011_init() fills in. */
struct pl011 {
	struct vio_console_backend backend;
	/* Out of pl011_interrupt(): read(), or write(), moves bytes again. Each may be NULL. */
	void (*input_ready)(void *user);
	void (*output_ready)(void *user);
	void *user;

	volatile void *registers;
	uint32_t enabled; /* IMSC: what is waited for */
};

/*
 * Takes over the UART: 8 data bits, no parity, one stop bit, FIFOs on. `clock` is that of the
 * UART in Hz, `baud` the speed; with a clock of 0 the speed stays as it is. Interrupts stay
 * masked until read() or write() of the backend came to an end.
 */
void pl011_init(struct pl011 *uart, volatile void *registers, uint32_t clock, uint32_t baud);

/* To be called when the UART's interrupt is up; it is down afterwards. */
void pl011_interrupt(struct pl011 *uart);

/* Sends all of it, waiting for the FIFO: for the root's own reports. */
void pl011_write(struct pl011 *uart, const void *data, size_t len);

#endif

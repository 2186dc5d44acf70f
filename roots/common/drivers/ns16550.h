/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The root's 16550A, for the root's own output and as what is behind a Virtio console.
 *
 * Nobody waits and nothing is lost: output that the FIFO has no room for stays with the caller,
 * who is told when there is room; input that nobody reads stays in the FIFO with its interrupt
 * masked, and the sender's flow control holds back the rest.
 */
#ifndef NS16550_H
#define NS16550_H

#include "vio_console.h"

/* Set up by the caller but for what ns16550_init() fills in. */
struct ns16550 {
	struct vio_console_backend backend;
	/* Out of ns16550_interrupt(): read(), or write(), moves bytes again. Each may be NULL. */
	void (*input_ready)(void *user);
	void (*output_ready)(void *user);
	void *user;

	volatile void *registers;
	unsigned shift;
	uint8_t enabled; /* IER: what is waited for */
};

/*
 * Takes over the UART, whose byte-wide registers are 1 << `shift` bytes apart: 8 data bits, no
 * parity, one stop bit, FIFOs on, the speed as it is. Interrupts stay masked until read() or
 * write() of the backend came to an end.
 */
void ns16550_init(struct ns16550 *uart, volatile void *registers, unsigned shift);

/* To be called when the UART's interrupt is up; it is down afterwards. */
void ns16550_interrupt(struct ns16550 *uart);

/* Sends all of it, waiting for the FIFO: for the root's own reports. */
void ns16550_write(struct ns16550 *uart, const void *data, size_t len);

#endif

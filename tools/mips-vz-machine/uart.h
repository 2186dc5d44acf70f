/* SPDX-License-Identifier: BSD-2-Clause */
/* A 16550A on the machine's standard input and output. */
#ifndef UART_H
#define UART_H

#include <stdbool.h>
#include <stdint.h>

#define UART_FIFO   16
#define UART_OUTPUT 4096

struct uart {
	uint8_t ier, lcr, mcr, scratch, divisor[2];
	bool fifo, thr_empty; /* thr_empty: its interrupt was not yet acknowledged */
	uint8_t received[UART_FIFO];
	unsigned first, count;
	bool ended;    /* no more input */
	bool escape;   /* Ctrl-A was typed */
	bool terminal; /* input is one, and in raw mode until the machine ends */
	unsigned pending;
	char output[UART_OUTPUT];
};

enum uart_event {
	UART_NOTHING,
	UART_QUIT /* Ctrl-A X */
};

void uart_init(struct uart *uart);
uint8_t uart_read(struct uart *uart, unsigned reg);
void uart_write(struct uart *uart, unsigned reg, uint8_t value);
bool uart_interrupts(const struct uart *uart);

/* Fetches what was typed or piped in, as far as there is room. */
enum uart_event uart_poll(struct uart *uart);
bool uart_may_receive(const struct uart *uart);
int uart_input(const struct uart *uart);
void uart_flush(struct uart *uart);

#endif

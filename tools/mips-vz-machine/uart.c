/* SPDX-License-Identifier: BSD-2-Clause */
#include "uart.h"

#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

enum {
	DATA,
	IER,
	IIR_FCR,
	LCR,
	MCR,
	LSR,
	MSR,
	SCRATCH
};

#define IER_RECEIVED  0x01
#define IER_EMPTY     0x02
#define IIR_NONE      0x01
#define IIR_EMPTY     0x02
#define IIR_RECEIVED  0x04
#define IIR_FIFO      0xc0
#define FCR_ENABLE    0x01
#define FCR_CLEAR_IN  0x02
#define LCR_DLAB      0x80
#define LSR_RECEIVED  0x01
#define LSR_EMPTY     0x60
#define MCR_LOOPBACK  0x10
#define MSR_CONNECTED 0xb0 /* DCD, DSR, CTS */

#define CTRL_A        1

static struct termios saved;

static void restore_terminal(void)
{
	tcsetattr(STDIN_FILENO, TCSANOW, &saved);
}

void uart_init(struct uart *uart)
{
	struct termios raw;

	uart->thr_empty = true;
	uart->terminal = isatty(STDIN_FILENO) && !tcgetattr(STDIN_FILENO, &saved);
	if (!uart->terminal)
		return;
	raw = saved;
	cfmakeraw(&raw);
	raw.c_oflag = saved.c_oflag;
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	atexit(restore_terminal);
}

static uint8_t receive(struct uart *uart)
{
	uint8_t byte;

	if (!uart->count)
		return 0;
	byte = uart->received[uart->first];
	uart->first = (uart->first + 1) % UART_FIFO;
	uart->count--;
	return byte;
}

static uint8_t pending_interrupt(const struct uart *uart)
{
	if (uart->ier & IER_RECEIVED && uart->count)
		return IIR_RECEIVED;
	if (uart->ier & IER_EMPTY && uart->thr_empty)
		return IIR_EMPTY;
	return IIR_NONE;
}

bool uart_interrupts(const struct uart *uart)
{
	return pending_interrupt(uart) != IIR_NONE;
}

uint8_t uart_read(struct uart *uart, unsigned reg)
{
	uint8_t value;

	switch (reg) {
	case DATA:
		return uart->lcr & LCR_DLAB ? uart->divisor[0] : receive(uart);
	case IER:
		return uart->lcr & LCR_DLAB ? uart->divisor[1] : uart->ier;
	case IIR_FCR:
		value = pending_interrupt(uart);
		if (value == IIR_EMPTY)
			uart->thr_empty = false;
		return value | (uart->fifo ? IIR_FIFO : 0);
	case LCR:
		return uart->lcr;
	case MCR:
		return uart->mcr;
	case LSR:
		return LSR_EMPTY | (uart->count ? LSR_RECEIVED : 0);
	case MSR:
		if (uart->mcr & MCR_LOOPBACK) /* DTR, RTS, OUT1, OUT2 as DSR, CTS, RI, DCD */
			return (uint8_t)((uart->mcr & 0xc) << 4 | (uart->mcr & 1) << 5 |
					 (uart->mcr & 2) << 3);
		return MSR_CONNECTED;
	default:
		return uart->scratch;
	}
}

static void send(struct uart *uart, uint8_t byte)
{
	if (uart->mcr & MCR_LOOPBACK) {
		if (uart->count < UART_FIFO)
			uart->received[(uart->first + uart->count++) % UART_FIFO] = byte;
	} else {
		uart->output[uart->pending++] = (char)byte;
		if (byte == '\n' || uart->pending == UART_OUTPUT)
			uart_flush(uart);
	}
	uart->thr_empty = true;
}

void uart_write(struct uart *uart, unsigned reg, uint8_t value)
{
	switch (reg) {
	case DATA:
		if (uart->lcr & LCR_DLAB)
			uart->divisor[0] = value;
		else
			send(uart, value);
		break;
	case IER:
		if (uart->lcr & LCR_DLAB) {
			uart->divisor[1] = value;
			break;
		}
		if (value & ~uart->ier & IER_EMPTY)
			uart->thr_empty = true;
		uart->ier = value & 0xf;
		break;
	case IIR_FCR:
		uart->fifo = value & FCR_ENABLE;
		if (value & FCR_CLEAR_IN)
			uart->count = 0;
		break;
	case LCR:
		uart->lcr = value;
		break;
	case MCR:
		uart->mcr = value & 0x1f;
		break;
	case SCRATCH:
		uart->scratch = value;
		break;
	default:
		break;
	}
}

/* Ctrl-A X quits, Ctrl-A Ctrl-A is Ctrl-A; only a terminal has such a user. */
static enum uart_event typed(struct uart *uart, uint8_t byte)
{
	if (uart->terminal && !uart->escape && byte == CTRL_A) {
		uart->escape = true;
		return UART_NOTHING;
	}
	if (uart->escape && (byte == 'x' || byte == 'X'))
		return UART_QUIT;
	uart->escape = false;
	uart->received[(uart->first + uart->count++) % UART_FIFO] = byte;
	return UART_NOTHING;
}

enum uart_event uart_poll(struct uart *uart)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	uint8_t byte;

	uart_flush(uart);
	while (uart->count < UART_FIFO && poll(&input, 1, 0) > 0) {
		if (read(STDIN_FILENO, &byte, 1) != 1) {
			uart->ended = true;
			break;
		}
		if (typed(uart, byte) == UART_QUIT)
			return UART_QUIT;
	}
	return UART_NOTHING;
}

bool uart_may_receive(const struct uart *uart)
{
	return !uart->ended;
}

int uart_input(const struct uart *uart)
{
	/* With a full FIFO there is nothing to wait for. */
	return uart->count < UART_FIFO ? STDIN_FILENO : -1;
}

void uart_flush(struct uart *uart)
{
	unsigned done = 0;

	while (done < uart->pending) {
		ssize_t written = write(STDOUT_FILENO, uart->output + done, uart->pending - done);

		if (written <= 0)
			break;
		done += (unsigned)written;
	}
	uart->pending = 0;
}

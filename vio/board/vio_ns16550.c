/* SPDX-License-Identifier: BSD-2-Clause */
#include "vio_ns16550.h"

/* Registers; 0 and 1 are the divisor's while LCR_DLAB is set. */
enum {
	DATA,
	IER,
	IIR, /* FCR when written */
	LCR,
	MCR,
	LSR,
	MSR,
	SCRATCH,
};

enum {
	IER_RECEIVE = 1 << 0,
	IER_TRANSMIT = 1 << 1,
	IER_ALL = 0x0f,
	IIR_NONE = 1,
	IIR_TRANSMIT = 2,
	IIR_RECEIVE = 4,
	IIR_TIMEOUT = 12,
	IIR_FIFOS = 0xc0,
	FCR_ENABLE = 1 << 0,
	FCR_CLEAR_RECEIVE = 1 << 1,
	LCR_DLAB = 1 << 7,
	MCR_ALL = 0x1f,
	MCR_LOOP = 1 << 4,
	LSR_DATA = 1 << 0,
	LSR_EMPTY = 3 << 5, /* holding register and transmitter */
	MSR_PRESENT = 0xb0, /* DCD, DSR, CTS */
};

static unsigned depth(const struct vio_ns16550 *uart)
{
	return (uart->fcr & FCR_ENABLE) != 0 ? VIO_NS16550_FIFO : 1;
}

static unsigned trigger(const struct vio_ns16550 *uart)
{
	static const uint8_t levels[4] = { 1, 4, 8, 14 };

	return depth(uart) == 1 ? 1 : levels[uart->fcr >> 6];
}

/* The most urgent cause. The line falls silent after each input: the timeout follows at once. */
static uint8_t cause(const struct vio_ns16550 *uart)
{
	if ((uart->ier & IER_RECEIVE) != 0 && uart->count != 0)
		return uart->count >= trigger(uart) ? IIR_RECEIVE : IIR_TIMEOUT;
	if ((uart->ier & IER_TRANSMIT) != 0 && uart->sent)
		return IIR_TRANSMIT;
	return IIR_NONE;
}

static void update_interrupt(struct vio_ns16550 *uart)
{
	bool level = cause(uart) != IIR_NONE;

	if (level == uart->raised)
		return;
	uart->raised = level;
	if (level)
		uart->host->raise(uart->host_data);
	else
		uart->host->lower(uart->host_data);
}

uint32_t vio_ns16550_room(const struct vio_ns16550 *uart)
{
	return depth(uart) - uart->count;
}

static uint8_t take(struct vio_ns16550 *uart)
{
	bool was_full = vio_ns16550_room(uart) == 0;
	uint8_t byte = uart->fifo[uart->first];

	if (uart->count == 0)
		return 0;
	uart->first = (uart->first + 1) % VIO_NS16550_FIFO;
	uart->count--;
	update_interrupt(uart);
	if (was_full && uart->host->room)
		uart->host->room(uart->host_data);
	return byte;
}

uint32_t vio_ns16550_input(struct vio_ns16550 *uart, const void *data, uint32_t len)
{
	const uint8_t *bytes = data;
	uint32_t taken = 0;

	while (taken < len && vio_ns16550_room(uart) != 0) {
		uart->fifo[(uart->first + uart->count) % VIO_NS16550_FIFO] = bytes[taken++];
		uart->count++;
	}
	update_interrupt(uart);
	return taken;
}

static uint8_t identify(struct vio_ns16550 *uart)
{
	uint8_t value = cause(uart);

	if (value == IIR_TRANSMIT) {
		uart->sent = false;
		update_interrupt(uart);
	}
	return value | ((uart->fcr & FCR_ENABLE) != 0 ? IIR_FIFOS : 0);
}

/* In loopback RTS comes back as CTS, DTR as DSR, OUT1 as RI, OUT2 as DCD. */
static uint8_t modem_status(const struct vio_ns16550 *uart)
{
	unsigned mcr = uart->mcr;

	if ((mcr & MCR_LOOP) == 0)
		return MSR_PRESENT;
	return (uint8_t)((mcr & 0x0c) << 4 | (mcr & 1) << 5 | (mcr & 2) << 3);
}

void vio_ns16550_init(struct vio_ns16550 *uart, const struct vio_uart_host *host, void *host_data)
{
	*uart = (struct vio_ns16550){ .host = host, .host_data = host_data };
}

void vio_ns16550_reset(struct vio_ns16550 *uart)
{
	const bool was_full = vio_ns16550_room(uart) == 0;

	if (uart->raised)
		uart->host->lower(uart->host_data);
	vio_ns16550_init(uart, uart->host, uart->host_data);
	if (was_full && uart->host->room)
		uart->host->room(uart->host_data);
}

uint8_t vio_ns16550_read(struct vio_ns16550 *uart, uint32_t number)
{
	if (number <= IER && (uart->lcr & LCR_DLAB) != 0)
		return uart->divisor[number];
	switch (number) {
	case DATA:
		return take(uart);
	case IER:
		return uart->ier;
	case IIR:
		return identify(uart);
	case LCR:
		return uart->lcr;
	case MCR:
		return uart->mcr;
	case LSR:
		return LSR_EMPTY | (uart->count != 0 ? LSR_DATA : 0);
	case MSR:
		return modem_status(uart);
	case SCRATCH:
		return uart->scratch;
	default:
		return 0;
	}
}

static void send(struct vio_ns16550 *uart, uint8_t byte)
{
	if ((uart->mcr & MCR_LOOP) == 0)
		uart->host->output(uart->host_data, byte);
	uart->sent = true;
}

static void control_fifo(struct vio_ns16550 *uart, uint8_t value)
{
	if ((value & FCR_CLEAR_RECEIVE) != 0 || ((value ^ uart->fcr) & FCR_ENABLE) != 0)
		uart->count = 0;
	uart->fcr = value;
	if (uart->host->room)
		uart->host->room(uart->host_data);
}

static void enable_interrupts(struct vio_ns16550 *uart, uint8_t value)
{
	/* The transmitter is empty: who enables its interrupt gets one. */
	if ((value & ~uart->ier & IER_TRANSMIT) != 0)
		uart->sent = true;
	uart->ier = value & IER_ALL;
}

void vio_ns16550_write(struct vio_ns16550 *uart, uint32_t number, uint8_t value)
{
	if (number <= IER && (uart->lcr & LCR_DLAB) != 0) {
		uart->divisor[number] = value;
		return;
	}
	switch (number) {
	case DATA:
		send(uart, value);
		break;
	case IER:
		enable_interrupts(uart, value);
		break;
	case IIR:
		control_fifo(uart, value);
		break;
	case LCR:
		uart->lcr = value;
		break;
	case MCR:
		uart->mcr = value & MCR_ALL;
		break;
	case SCRATCH:
		uart->scratch = value;
		break;
	default:
		break;
	}
	update_interrupt(uart);
}

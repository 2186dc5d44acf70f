/* SPDX-License-Identifier: BSD-2-Clause */
#include "ns16550.h"
#include "mmio.h"

enum {
	DATA,
	IER,
	FCR,
	LCR,
	MCR,
	LSR,
};

enum {
	IER_RECEIVE = 1 << 0,
	IER_TRANSMIT = 1 << 1,
	FCR_FIFOS_HALF = 0x87, /* on, both cleared; interrupt at 8 bytes */
	LCR_8BITS = 3,
	MCR_ON = 0x0b, /* DTR, RTS, and OUT2, which lets the interrupt out */
	LSR_DATA = 1 << 0,
	LSR_ROOM = 1 << 5, /* the transmit FIFO is empty */
};

#define FIFO 16

static uint8_t get(const struct ns16550 *uart, unsigned number)
{
	return mmio_read8(uart->registers, number << uart->shift);
}

static void set(const struct ns16550 *uart, unsigned number, uint8_t value)
{
	mmio_write8(uart->registers, number << uart->shift, value);
}

static void enable(struct ns16550 *uart, uint8_t interrupts)
{
	if (uart->enabled == interrupts)
		return;
	uart->enabled = interrupts;
	set(uart, IER, interrupts);
}

static uint32_t send(struct vio_console_backend *backend, const uint8_t *data, uint32_t len)
{
	struct ns16550 *uart = VIO_CONTAINER_OF(backend, struct ns16550, backend);
	uint32_t sent = 0;

	while (sent < len) {
		uint32_t burst = 0;

		if ((get(uart, LSR) & LSR_ROOM) == 0) {
			enable(uart, uart->enabled | IER_TRANSMIT);
			break;
		}
		for (; burst < FIFO && sent < len; burst++)
			set(uart, DATA, data[sent++]);
	}
	return sent;
}

static uint32_t receive(struct vio_console_backend *backend, uint8_t *to, uint32_t len)
{
	struct ns16550 *uart = VIO_CONTAINER_OF(backend, struct ns16550, backend);
	uint32_t got = 0;

	while (got < len && (get(uart, LSR) & LSR_DATA) != 0)
		to[got++] = get(uart, DATA);
	if (got < len)
		enable(uart, uart->enabled | IER_RECEIVE);
	return got;
}

/*
 * What is up is masked before it is passed on; read() and write() unmask it when they run dry. IIR
 * is not asked: the line status says as much and forgets nothing.
 */
void ns16550_interrupt(struct ns16550 *uart)
{
	uint8_t status = get(uart, LSR);
	bool input = (uart->enabled & IER_RECEIVE) != 0 && (status & LSR_DATA) != 0;
	bool output = (uart->enabled & IER_TRANSMIT) != 0 && (status & LSR_ROOM) != 0;

	enable(uart, (uint8_t)(uart->enabled &
			       ~((input ? IER_RECEIVE : 0) | (output ? IER_TRANSMIT : 0))));
	if (input && uart->input_ready)
		uart->input_ready(uart->user);
	if (output && uart->output_ready)
		uart->output_ready(uart->user);
}

void ns16550_write(struct ns16550 *uart, const void *data, size_t len)
{
	const uint8_t *bytes = data;

	for (; len > 0; len--) {
		while ((get(uart, LSR) & LSR_ROOM) == 0)
			;
		set(uart, DATA, *bytes++);
	}
}

void ns16550_init(struct ns16550 *uart, volatile void *registers, unsigned shift)
{
	uart->backend = (struct vio_console_backend){ .write = send, .read = receive };
	uart->registers = registers;
	uart->shift = shift;
	uart->enabled = 0;
	set(uart, IER, 0);
	set(uart, LCR, LCR_8BITS);
	set(uart, FCR, FCR_FIFOS_HALF);
	set(uart, MCR, MCR_ON);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "pl011.h"
#include "mmio.h"

/* Register offsets, DDI 0183 chapter 3. */
enum {
	DR = 0x00,
	FR = 0x18,
	IBRD = 0x24,
	FBRD = 0x28,
	LCR_H = 0x2c,
	CR = 0x30,
	IFLS = 0x34,
	IMSC = 0x38,
	MIS = 0x40,
	ICR = 0x44,
};

enum {
	FR_BUSY = 1 << 3,
	FR_RXFE = 1 << 4,
	FR_TXFF = 1 << 5,
	FR_TXFE = 1 << 7,
	LCR_H_8BITS_FIFO = 7 << 4,
	CR_ENABLE = 1 << 0 | 1 << 8 | 1 << 9, /* the UART, transmit, receive */
	IFLS_EIGHTH_HALF = 2 << 3,            /* transmit: 1/8 left; receive: half full */
	INT_RECEIVE = 1 << 4 | 1 << 6,        /* trigger level, and timeout below it */
	INT_TRANSMIT = 1 << 5,
	INT_ALL = 0x7ff,
};

/* Bytes that an empty transmit FIFO takes: some revisions have room for more. */
#define FIFO 16

static void enable(struct pl011 *uart, uint32_t interrupts)
{
	if (uart->enabled == interrupts)
		return;
	uart->enabled = interrupts;
	mmio_write(uart->registers, IMSC, interrupts);
}

/* How many bytes may be sent without another look: one look for a FIFO full of them. */
static uint32_t room(const struct pl011 *uart)
{
	uint32_t flags = mmio_read(uart->registers, FR);

	if ((flags & FR_TXFE) != 0)
		return FIFO;
	return (flags & FR_TXFF) != 0 ? 0 : 1;
}

static uint32_t send(struct vio_console_backend *backend, const uint8_t *data, uint32_t len)
{
	struct pl011 *uart = VIO_CONTAINER_OF(backend, struct pl011, backend);
	uint32_t sent = 0;

	while (sent < len) {
		uint32_t burst = room(uart);

		if (burst == 0) {
			enable(uart, uart->enabled | INT_TRANSMIT);
			break;
		}
		for (; burst > 0 && sent < len; burst--)
			mmio_write(uart->registers, DR, data[sent++]);
	}
	return sent;
}

static uint32_t receive(struct vio_console_backend *backend, uint8_t *to, uint32_t len)
{
	struct pl011 *uart = VIO_CONTAINER_OF(backend, struct pl011, backend);
	uint32_t got = 0;

	while (got < len && (mmio_read(uart->registers, FR) & FR_RXFE) == 0)
		to[got++] = (uint8_t)mmio_read(uart->registers, DR);
	if (got < len)
		enable(uart, uart->enabled | INT_RECEIVE);
	return got;
}

/*
 * What is up is masked before it is passed on; read() and write() unmask it when they run dry.
 * The receive interrupts are never cleared, they go with the bytes; the transmit one is an event
 * that comes when the FIFO drains past its mark, and was seen.
 */
void pl011_interrupt(struct pl011 *uart)
{
	uint32_t up = mmio_read(uart->registers, MIS);

	enable(uart, uart->enabled & ~up);
	if ((up & INT_TRANSMIT) != 0)
		mmio_write(uart->registers, ICR, INT_TRANSMIT);
	if ((up & INT_RECEIVE) != 0 && uart->input_ready)
		uart->input_ready(uart->user);
	if ((up & INT_TRANSMIT) != 0 && uart->output_ready)
		uart->output_ready(uart->user);
}

void pl011_write(struct pl011 *uart, const void *data, size_t len)
{
	const uint8_t *bytes = data;

	for (; len > 0; len--) {
		while ((mmio_read(uart->registers, FR) & FR_TXFF) != 0)
			;
		mmio_write(uart->registers, DR, *bytes++);
	}
}

void pl011_init(struct pl011 *uart, volatile void *registers, uint32_t clock, uint32_t baud)
{
	uart->backend = (struct vio_console_backend){ .write = send, .read = receive };
	uart->registers = registers;
	uart->enabled = 0;

	/* What firmware has sent goes out at the old speed. */
	while ((mmio_read(registers, FR) & FR_BUSY) != 0)
		;
	mmio_write(registers, CR, 0);
	mmio_write(registers, IMSC, 0);
	mmio_write(registers, ICR, INT_ALL);
	if (clock != 0) {
		/* The divisor clock / (16 * baud) in 64ths, rounded. */
		uint32_t divisor = (uint32_t)(((uint64_t)clock * 8 / baud + 1) / 2);

		mmio_write(registers, IBRD, divisor / 64);
		mmio_write(registers, FBRD, divisor % 64);
	}
	mmio_write(registers, LCR_H, LCR_H_8BITS_FIFO);
	mmio_write(registers, IFLS, IFLS_EIGHTH_HALF);
	mmio_write(registers, CR, CR_ENABLE);
}

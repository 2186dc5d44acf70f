/* SPDX-License-Identifier: BSD-2-Clause */
#include "vio_pl011.h"

/* Register offsets, DDI 0183 chapter 3. */
enum {
	DR = 0x00,
	FR = 0x18,
	LCR_H = 0x2c,
	CR = 0x30,
	IFLS = 0x34,
	IMSC = 0x38,
	RIS = 0x3c,
	MIS = 0x40,
	ICR = 0x44,
	PERIPH_ID = 0xfe0,
};

enum {
	FR_CTS = 1 << 0,
	FR_DSR = 1 << 1,
	FR_DCD = 1 << 2,
	FR_RXFE = 1 << 4,
	FR_RXFF = 1 << 6,
	FR_TXFE = 1 << 7,
	LCR_FEN = 1 << 4,
	INT_RX = 1 << 4,
	INT_TX = 1 << 5,
	INT_RT = 1 << 6,
};

/* Implemented bits of the registers that keep what is written. */
static const uint16_t writable[19] = {
	[0x20 / 4] = 0x00ff, /* ILPR */
	[0x24 / 4] = 0xffff, /* IBRD */
	[0x28 / 4] = 0x003f, /* FBRD */
	[LCR_H / 4] = 0x00ff, [CR / 4] = 0xff87,   [IFLS / 4] = 0x003f,
	[IMSC / 4] = 0x07ff,  [0x48 / 4] = 0x0007, /* DMACR */
};

/* PeriphID 0 to 3 and PCellID 0 to 3, a byte in each: part 0x011, Arm, revision r1p3. */
static const uint8_t identification[] = { 0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

static void update_interrupt(struct vio_pl011 *uart)
{
	bool level = (uart->pending & uart->registers[IMSC / 4]) != 0;

	if (level == uart->raised)
		return;
	uart->raised = level;
	if (level)
		uart->host->raise(uart->host_data);
	else
		uart->host->lower(uart->host_data);
}

/* ---- The receive FIFO ---- */

static unsigned depth(const struct vio_pl011 *uart)
{
	return (uart->registers[LCR_H / 4] & LCR_FEN) != 0 ? VIO_PL011_FIFO : 1;
}

/* Bytes that raise the receive interrupt: IFLS chooses 1/8, 1/4, 1/2, 3/4, 7/8 of the FIFO. */
static unsigned receive_trigger(const struct vio_pl011 *uart)
{
	static const uint8_t eighths[8] = { 1, 2, 4, 6, 7, 7, 7, 7 };

	return depth(uart) == 1 ? 1 : eighths[(uart->registers[IFLS / 4] >> 3) & 7] * 2;
}

uint32_t vio_pl011_room(const struct vio_pl011 *uart)
{
	return uart->count < depth(uart) ? depth(uart) - uart->count : 0;
}

static void tell_room(struct vio_pl011 *uart, bool was_full)
{
	if (was_full && vio_pl011_room(uart) != 0 && uart->host->room)
		uart->host->room(uart->host_data);
}

static uint8_t take(struct vio_pl011 *uart)
{
	bool was_full = vio_pl011_room(uart) == 0;
	uint8_t byte = uart->fifo[uart->first];

	if (uart->count == 0)
		return 0;
	uart->first = (uart->first + 1) % VIO_PL011_FIFO;
	uart->count--;
	if (uart->count < receive_trigger(uart))
		uart->pending &= ~INT_RX;
	if (uart->count == 0)
		uart->pending &= ~INT_RT;
	update_interrupt(uart);
	tell_room(uart, was_full);
	return byte;
}

uint32_t vio_pl011_input(struct vio_pl011 *uart, const void *data, uint32_t len)
{
	const uint8_t *bytes = data;
	uint32_t taken = 0;

	while (taken < len && uart->count < depth(uart)) {
		uart->fifo[(uart->first + uart->count) % VIO_PL011_FIFO] = bytes[taken++];
		uart->count++;
	}
	if (taken == 0)
		return 0;
	/* The line falls silent after each call: the receive timeout follows at once. */
	uart->pending |= INT_RT;
	if (uart->count >= receive_trigger(uart))
		uart->pending |= INT_RX;
	update_interrupt(uart);
	return taken;
}

/* ---- Registers ---- */

static uint16_t flags(const struct vio_pl011 *uart)
{
	uint16_t value = FR_TXFE | FR_CTS | FR_DSR | FR_DCD;

	if (uart->count == 0)
		value |= FR_RXFE;
	if (uart->count >= depth(uart))
		value |= FR_RXFF;
	return value;
}

void vio_pl011_init(struct vio_pl011 *uart, const struct vio_uart_host *host, void *host_data)
{
	*uart = (struct vio_pl011){
		.host = host,
		.host_data = host_data,
		.registers = { [CR / 4] = 0x0300, [IFLS / 4] = 0x0012 },
	};
}

void vio_pl011_reset(struct vio_pl011 *uart)
{
	const bool was_full = vio_pl011_room(uart) == 0;

	if (uart->raised)
		uart->host->lower(uart->host_data);
	vio_pl011_init(uart, uart->host, uart->host_data);
	tell_room(uart, was_full);
}

static bool is_register(uint64_t offset, unsigned width)
{
	return width <= 4 && offset % 4 == 0;
}

static uint16_t read_register(struct vio_pl011 *uart, uint64_t offset)
{
	if (offset - PERIPH_ID < sizeof(identification) * 4)
		return identification[(offset - PERIPH_ID) / 4];
	switch (offset) {
	case DR:
		return take(uart);
	case FR:
		return flags(uart);
	case RIS:
		return uart->pending;
	case MIS:
		return uart->pending & uart->registers[IMSC / 4];
	default:
		return offset / 4 < VIO_ARRAY_SIZE(writable) ? uart->registers[offset / 4] : 0;
	}
}

uint64_t vio_pl011_read(struct vio_pl011 *uart, uint64_t offset, unsigned width)
{
	if (!is_register(offset, width))
		return 0;
	return read_register(uart, offset) & (width == 1 ? 0xff : 0xffff);
}

void vio_pl011_write(struct vio_pl011 *uart, uint64_t offset, unsigned width, uint64_t value)
{
	bool was_full = vio_pl011_room(uart) == 0;

	if (!is_register(offset, width))
		return;
	switch (offset) {
	case DR:
		uart->host->output(uart->host_data, (uint8_t)value);
		uart->pending |= INT_TX;
		break;
	case ICR:
		uart->pending &= (uint16_t)~value;
		break;
	default:
		if (offset / 4 < VIO_ARRAY_SIZE(writable))
			uart->registers[offset / 4] = value & writable[offset / 4];
		break;
	}
	tell_room(uart, was_full); /* it has turned the FIFO on */
	update_interrupt(uart);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An emulated PL011 (Arm DDI 0183), for early consoles, firmware and bare metal: the register
 * bank, a receive FIFO, one level interrupt. Sending takes no time, so the transmit FIFO is always
 * empty. There is no line: speed, parity, modem control and DMA are stored and have no effect,
 * and bytes go both ways whether the UART is enabled or not.
 */
#ifndef VIO_PL011_H
#define VIO_PL011_H

#include "vio_uart.h"

#define VIO_PL011_FIFO 16

/* Owned by the caller, for whom `host_data` is. */
struct vio_pl011 {
	const struct vio_uart_host *host;
	void *host_data;
	uint16_t registers[19]; /* by offset / 4: those that only keep what is written */
	uint16_t pending;       /* RIS */
	uint8_t fifo[VIO_PL011_FIFO];
	uint8_t first; /* index of the oldest byte */
	uint8_t count; /* bytes in the FIFO */
	bool raised;
};

/* As after reset: an empty FIFO, no interrupt enabled. Lowers nothing. */
void vio_pl011_init(struct vio_pl011 *uart, const struct vio_uart_host *host, void *host_data);

/* The guest is reset: lowers the interrupt, and tells the host of room that there was none of. */
void vio_pl011_reset(struct vio_pl011 *uart);

/*
 * The guest reads, or writes, `width` (1, 2, 4 or 8) bytes at `offset`. Registers answer to
 * aligned accesses of up to 32 bits; everything else reads 0 and is ignored when written.
 */
uint64_t vio_pl011_read(struct vio_pl011 *uart, uint64_t offset, unsigned width);
void vio_pl011_write(struct vio_pl011 *uart, uint64_t offset, unsigned width, uint64_t value);

/* How many bytes vio_pl011_input() would take: one, while the driver has the FIFO off. */
uint32_t vio_pl011_room(const struct vio_pl011 *uart);

/* Bytes for the guest; returns how many there was room for. */
uint32_t vio_pl011_input(struct vio_pl011 *uart, const void *data, uint32_t len);

#endif

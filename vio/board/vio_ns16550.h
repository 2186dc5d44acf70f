/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An emulated 16550A, for early consoles, firmware and bare metal: eight registers, a receive FIFO,
 * one level interrupt. Sending takes no time, so the transmitter is always empty. There is no line:
 * speed and parity are stored and have no effect, modem lines say that somebody is there; with the
 * loopback of MCR, which drivers probe by, they say what MCR says, and what is sent is dropped.
 */
#ifndef VIO_NS16550_H
#define VIO_NS16550_H

#include "vio_uart.h"

#define VIO_NS16550_FIFO 16

/* Owned by the caller, for whom `host_data` is. */
struct vio_ns16550 {
	const struct vio_uart_host *host;
	void *host_data;
	uint8_t ier, fcr, lcr, mcr, scratch;
	uint8_t divisor[2];
	bool sent; /* the transmitter ran empty: until IIR tells or more is sent */
	bool raised;
	uint8_t fifo[VIO_NS16550_FIFO];
	uint8_t first; /* index of the oldest byte */
	uint8_t count; /* bytes in the FIFO */
};

/* As after reset: an empty FIFO, no interrupt enabled. Lowers nothing. */
void vio_ns16550_init(struct vio_ns16550 *uart, const struct vio_uart_host *host, void *host_data);

/* The guest is reset: lowers the interrupt, and tells the host of room that there was none of. */
void vio_ns16550_reset(struct vio_ns16550 *uart);

/* The guest reads, or writes, register 0 to 7. Others read 0 and are ignored when written. */
uint8_t vio_ns16550_read(struct vio_ns16550 *uart, uint32_t number);
void vio_ns16550_write(struct vio_ns16550 *uart, uint32_t number, uint8_t value);

/* How many bytes vio_ns16550_input() would take: one, while the driver has the FIFO off. */
uint32_t vio_ns16550_room(const struct vio_ns16550 *uart);

/* Bytes for the guest; returns how many there was room for. */
uint32_t vio_ns16550_input(struct vio_ns16550 *uart, const void *data, uint32_t len);

#endif

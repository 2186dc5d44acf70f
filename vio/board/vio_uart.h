/* SPDX-License-Identifier: BSD-2-Clause */
/* What an emulated UART, of either kind, asks of its root; `data` is the UART's `host_data`. */
#ifndef VIO_UART_H
#define VIO_UART_H

#include "vio_types.h"

struct vio_uart_host {
	void (*output)(void *data, uint8_t byte);
	/* The level of its interrupt: only called on a change. */
	void (*raise)(void *data);
	void (*lower)(void *data);
	/* It would take input again. NULL: the root does not care. */
	void (*room)(void *data);
};

#endif

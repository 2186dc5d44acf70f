/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console device, Virtio 1.4, 5.3, with one port; vio_console_ports.h has one with more.
 *
 * Nothing is lost in either direction. Output the backend has no room for stays in the driver's
 * buffer. Input the driver has no buffer for waits in a small one of the device; when that is full
 * the console stops reading, and the backend's own flow control holds back the rest.
 */
#ifndef VIO_CONSOLE_H
#define VIO_CONSOLE_H

#include "vio_device.h"

#define VIO_CONSOLE_QUEUE_SIZE 64

/* Bytes of input that wait for the driver; a power of two. */
#ifndef VIO_CONSOLE_INPUT
#define VIO_CONSOLE_INPUT 256
#endif

/* Bytes of output handed to the backend in one go; more waits until the root calls again. */
#define VIO_CONSOLE_BURST 16384

/* Feature bit numbers, 5.3.3. */
enum {
	VIO_CONSOLE_F_SIZE = 0,
	VIO_CONSOLE_F_MULTIPORT = 1, /* vio_console_ports.h */
	VIO_CONSOLE_F_EMERG_WRITE = 2,
};

/* 5.3.4 */
struct vio_console_config {
	uint16_t cols;
	uint16_t rows;
	uint32_t max_nr_ports;
	uint32_t emerg_wr;
};

/*
 * What is behind a port; embedded in the backend's own struct. Neither call waits. The console asks
 * until a call moved less than `len`; then it is the backend's turn to say when it can go on.
 */
struct vio_console_backend {
	/* Takes up to `len` bytes and returns how many; fewer: vio_console_output_ready(). */
	uint32_t (*write)(struct vio_console_backend *backend, const uint8_t *data, uint32_t len);
	/* Gives up to `len` bytes and returns how many; fewer: vio_console_input_ready(). */
	uint32_t (*read)(struct vio_console_backend *backend, uint8_t *to, uint32_t len);
	/* Optional, for one of several ports: the guest has opened, or closed, its side. */
	void (*opened)(struct vio_console_backend *backend, bool open);
};

/* How far a port has come with its driver: what is saved of it (vio_state.h), as it is. */
struct vio_console_progress {
	uint32_t sent;       /* bytes of the buffer at the front of the queue */
	uint16_t input_head; /* counters of bytes, never reduced to the size */
	uint16_t input_tail;
	uint8_t input[VIO_CONSOLE_INPUT];
};

struct vio_console_port {
	struct vio_console_backend *backend;
	uint16_t sent_generation; /* of the queue: `sent` means nothing in another */
	uint16_t cols;            /* of its terminal; 0: not known */
	uint16_t rows;
	bool announced; /* the size, to this driver */
	struct vio_console_progress progress;
};

/* What a console with more ports (vio_console_ports.h) has, too; both have its config space. */
struct vio_console_base {
	struct vio_console_config config; /* may be older than the port while we are suspended */
	struct vio_console_port port;     /* number 0 */
};

/* The caller owns it. */
struct vio_console {
	struct vio_device device;
	struct vio_console_base base;
	VIO_DEVICE_STORAGE(2, VIO_CONSOLE_QUEUE_SIZE) storage;
};

/* `backend` outlives the device. The size, in characters, may be 0: not known. */
void vio_console_init(struct vio_console *console, struct vio_console_backend *backend,
		      uint16_t cols, uint16_t rows);

/* The backend has input, or room for output, again. At any time. */
void vio_console_input_ready(struct vio_console *console);
void vio_console_output_ready(struct vio_console *console);

/* The terminal has a new size, in characters: the driver is told. */
void vio_console_resize(struct vio_console *console, uint16_t cols, uint16_t rows);

/* ---- For vio_console_ports.c ---- */

/* Between a port's backend and the queue of that direction. */
void vio_console_transmit(struct vio_console_port *port, struct vio_queue *queue);
void vio_console_receive(struct vio_console_port *port, struct vio_queue *queue);

/* The backend has input, for this queue. */
void vio_console_more_input(struct vio_console_port *port, struct vio_queue *queue);

/*
 * A port's progress, from and to anywhere. Restoring it drops what the port has read ahead by then:
 * its backend is better told to start afterwards.
 */
void vio_console_save(const struct vio_console_port *port, const struct vio_queue *transmit,
		      void *state);
bool vio_console_can_restore(const void *state);
void vio_console_restore(struct vio_console_port *port, const struct vio_queue *transmit,
			 const void *state);

/* Hooks of a device type, for whatever has a base. */
void vio_console_enabled(struct vio_device *device);
void vio_console_configure(struct vio_device *device);
void vio_console_config_written(struct vio_device *device, uint32_t offset, unsigned width);

#define VIO_CONSOLE_FIELDS 4
extern const struct vio_config_field vio_console_fields[VIO_CONSOLE_FIELDS];

#endif

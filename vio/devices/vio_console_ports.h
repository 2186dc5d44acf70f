/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console device with several ports, Virtio 1.4, 5.3.6.2. A port is a console (hvc0 in Linux),
 * or a stream with a name (/dev/vport0p1), and is there, or not, as the root says while the guest
 * runs. The device of vio_console.h is for one port, and does not know of this.
 *
 *	absent --add--> added --PORT_READY--> ready --PORT_OPEN 1--> open
 *	  ^               |                     |  <--PORT_OPEN 0--   |
 *	  +---------------+------- remove ------+---------------------+
 *
 * `add` and `remove` are the root's, the messages the driver's: of its own side of the port. A
 * reset of the device, which forgets the driver, makes each port added again. The root opens and
 * closes its side as it likes, whatever state the port is in.
 *
 * Input waits in backend and device until the port is open, as a driver throws away what comes
 * before. Output of a ready port goes to the backend, and is held back when that has no room; what
 * is written to a port that the root has closed or removed is lost, as it is when nobody listens
 * on a cable.
 *
 * Port 0 is always there. Its queues, size and emergency write are all that a driver sees which
 * knows one port only: to that one it is an open console.
 */
#ifndef VIO_CONSOLE_PORTS_H
#define VIO_CONSOLE_PORTS_H

#include "vio_console.h"

/* Ports of one device, port 0 included: 2 to 15. */
#ifndef VIO_CONSOLE_PORTS
#define VIO_CONSOLE_PORTS 4
#endif

/* 5.3.2: two for each port and two for the messages about ports. */
#define VIO_CONSOLE_PORTS_QUEUES (2 * (VIO_CONSOLE_PORTS + 1))

/* A message of the control queues, 5.3.6.2. */
struct vio_console_control {
	uint32_t id;    /* the port */
	uint16_t event; /* VIO_CONSOLE_ */
	uint16_t value;
};

enum {
	VIO_CONSOLE_DEVICE_READY = 0, /* the driver: tell me of your ports */
	VIO_CONSOLE_DEVICE_ADD = 1,
	VIO_CONSOLE_DEVICE_REMOVE = 2,
	VIO_CONSOLE_PORT_READY = 3,   /* the driver: of one that was added */
	VIO_CONSOLE_CONSOLE_PORT = 4, /* the port is a console */
	VIO_CONSOLE_RESIZE = 5,
	VIO_CONSOLE_PORT_OPEN = 6, /* either: the sender's side is open, or with value 0 closed */
	VIO_CONSOLE_PORT_NAME = 7,
};

/* What a port is. The root's, and there as long as the port is. */
struct vio_console_port_info {
	struct vio_console_backend *backend;
	const char *name; /* UTF-8; NULL: none */
	bool is_console;
	uint16_t cols; /* of a console, to begin with; 0: not known */
	uint16_t rows;
};

struct vio_console_port_state {
	const struct vio_console_port_info *info; /* NULL: absent */
	/* Messages to the driver, a bit an event: no DEVICE_ADD, due to one that it does not know.
	 */
	uint8_t pending;
	bool known;
	bool ready;
	bool guest_open;
	bool host_open;
};

/* The caller owns it. */
struct vio_console_ports {
	struct vio_device device;
	struct vio_console_base base;
	struct vio_console_port more[VIO_CONSOLE_PORTS - 1]; /* from port 1 on */
	struct vio_console_port_state states[VIO_CONSOLE_PORTS];
	uint32_t ignored; /* messages of drivers that made no sense */
	bool rows_first;
	bool driver_ready;
	VIO_DEVICE_STORAGE(VIO_CONSOLE_PORTS_QUEUES, VIO_CONSOLE_QUEUE_SIZE) storage;
};

/*
 * A console whose port 0 is `first`, open, and which has no others yet. Backends outlive their
 * ports. `rows_first`: a new size is sent as rows and columns. The standard says columns and rows,
 * and so do some versions of Linux; most have read it the other way round.
 */
void vio_console_ports_init(struct vio_console_ports *ports,
			    const struct vio_console_port_info *first, bool rows_first);

/*
 * All that follow: at any time, but ports are not added or removed from inside their read() or
 * write(). `id` is a port's number; one of no port is ignored.
 */

/* A port appears, open on the root's side. False: there is one, or `id` is none of ours. */
bool vio_console_port_add(struct vio_console_ports *ports, uint32_t id,
			  const struct vio_console_port_info *info);

/* The port is gone, with what had not yet arrived on either side. Not port 0. */
void vio_console_port_remove(struct vio_console_ports *ports, uint32_t id);

/* The root's side opens, or closes: the driver is told, once the port is ready. */
void vio_console_port_open(struct vio_console_ports *ports, uint32_t id, bool open);

/* The terminal of a console has a new size, in characters. */
void vio_console_port_resize(struct vio_console_ports *ports, uint32_t id, uint16_t cols,
			     uint16_t rows);

/* As vio_console_input_ready() and vio_console_output_ready(). */
void vio_console_port_input_ready(struct vio_console_ports *ports, uint32_t id);
void vio_console_port_output_ready(struct vio_console_ports *ports, uint32_t id);

#endif

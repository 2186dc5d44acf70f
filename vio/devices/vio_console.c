/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * No request is kept across calls, so a reset finds nothing to take back: a buffer that the
 * backend took only in part is returned to the ring, and `sent` remembers how far it came. Should
 * the driver have put another buffer there in the meantime, it has garbled its own output.
 */
#include "vio_console.h"

#define INPUT_MASK (VIO_CONSOLE_INPUT - 1)

_Static_assert((VIO_CONSOLE_INPUT & INPUT_MASK) == 0 && VIO_CONSOLE_INPUT <= 0x8000,
	       "VIO_CONSOLE_INPUT: a power of two that 16-bit counters can tell full from empty");

enum {
	RECEIVE_QUEUE,
	TRANSMIT_QUEUE
};

/* ---- Output ---- */

/* Sends the rest of the request; false: the backend, or the burst, has no room for all of it. */
static bool send(struct vio_console_port *port, const struct vio_request *req, uint32_t *burst)
{
	const struct vio_span *span = NULL;
	uint32_t skip = port->sent;

	for (span = req->readable; span != req->readable_end; span++) {
		uint32_t want = 0;
		uint32_t took = 0;

		if (skip >= span->len) {
			skip -= span->len;
			continue;
		}
		want = span->len - skip < *burst ? span->len - skip : *burst;
		took = want == 0 ? 0 : port->backend->write(port->backend, span->data + skip, want);
		port->sent += took;
		*burst -= took;
		if (took < span->len - skip)
			return false;
		skip = 0;
	}
	return true;
}

/*
 * Linux looks at the size in the configuration only when that changes, and only once its port is
 * there, which the first output shows.
 */
static void announce_size(struct vio_console *console)
{
	if (console->announced)
		return;
	console->announced = true;
	vio_device_config_changed(&console->device);
}

static void enabled(struct vio_device *device)
{
	VIO_CONTAINER_OF(device, struct vio_console, device)->announced =
		!vio_device_has(device, VIO_CONSOLE_F_SIZE);
}

static void transmit(struct vio_device *device, struct vio_queue *queue)
{
	struct vio_console *console = VIO_CONTAINER_OF(device, struct vio_console, device);
	struct vio_console_port *port = &console->port;
	uint32_t burst = VIO_CONSOLE_BURST;
	struct vio_request req;

	if (port->sent_generation != queue->generation)
		port->sent = 0;
	port->sent_generation = queue->generation;

	while (vio_queue_take(queue, &req)) {
		announce_size(console);
		if (req.writable_len != 0) {
			vio_queue_refuse(queue, &req);
			return;
		}
		if (!send(port, &req, &burst)) {
			vio_queue_untake(queue, &req);
			break;
		}
		port->sent = 0;
		vio_queue_complete(queue, &req);
	}
	if (burst == 0)
		vio_queue_kick(queue);
}

/* ---- Input ---- */

/* Reads ahead of the driver, as far as there is room. */
static void hold_input(struct vio_console_port *port)
{
	uint32_t want = 0;
	uint32_t got = 0;

	do {
		uint32_t at = port->input_tail & INPUT_MASK;
		uint32_t room = VIO_CONSOLE_INPUT - (uint16_t)(port->input_tail - port->input_head);

		want = room < VIO_CONSOLE_INPUT - at ? room : VIO_CONSOLE_INPUT - at;
		got = want == 0 ? 0 : port->backend->read(port->backend, &port->input[at], want);
		port->input_tail += got;
	} while (got != 0 && got == want);
}

/* Fills the request: what waited first, then straight from the backend. */
static void deliver(struct vio_console_port *port, struct vio_request *req)
{
	struct vio_span span;

	while (port->input_head != port->input_tail && req->writable_len != 0) {
		uint32_t at = port->input_head & INPUT_MASK;
		uint32_t held = (uint16_t)(port->input_tail - port->input_head);
		uint32_t run = held < VIO_CONSOLE_INPUT - at ? held : VIO_CONSOLE_INPUT - at;

		port->input_head += vio_request_write(req, &port->input[at], run);
	}
	while (vio_request_next_writable(req, &span)) {
		uint32_t got = port->backend->read(port->backend, span.data, span.len);

		vio_request_wrote(req, got);
		if (got < span.len)
			return;
	}
}

static void receive(struct vio_device *device, struct vio_queue *queue)
{
	struct vio_console *console = VIO_CONTAINER_OF(device, struct vio_console, device);
	struct vio_console_port *port = &console->port;
	struct vio_request req;

	while (vio_queue_take(queue, &req)) {
		if (req.readable_len != 0 || req.writable_len == 0) {
			vio_queue_refuse(queue, &req);
			return;
		}
		deliver(port, &req);
		if (req.written == 0) {
			vio_queue_untake(queue, &req);
			return;
		}
		vio_queue_complete(queue, &req);
		if (req.writable_len != 0)
			return;
	}
	hold_input(port);
}

void vio_console_input_ready(struct vio_console *console)
{
	struct vio_queue *queue = &console->device.queues[RECEIVE_QUEUE];

	if (queue->open)
		vio_queue_kick(queue);
	else
		hold_input(&console->port);
}

void vio_console_output_ready(struct vio_console *console)
{
	vio_queue_kick(&console->device.queues[TRANSMIT_QUEUE]);
}

/* ---- Configuration ---- */

/*
 * Emergency write, 5.3.4: one character, whatever state the device is in; it is lost only when the
 * backend has no room for it. What was written is not left for a later guest to read.
 */
static void config_written(struct vio_device *device, uint32_t offset, unsigned width)
{
	struct vio_console *console = VIO_CONTAINER_OF(device, struct vio_console, device);
	uint8_t character = (uint8_t)console->config.emerg_wr;

	if (offsetof(struct vio_console_config, emerg_wr) - offset < width)
		console->port.backend->write(console->port.backend, &character, 1);
	console->config.emerg_wr = 0;
}

static void configure(struct vio_device *device)
{
	struct vio_console *console = VIO_CONTAINER_OF(device, struct vio_console, device);

	console->config.cols = console->cols;
	console->config.rows = console->rows;
}

void vio_console_resize(struct vio_console *console, uint16_t cols, uint16_t rows)
{
	console->cols = cols;
	console->rows = rows;
	vio_device_config_changed(&console->device);
}

static const struct vio_queue_type console_queues[] = {
	[RECEIVE_QUEUE] = { .size_max = VIO_CONSOLE_QUEUE_SIZE, .notify = receive },
	[TRANSMIT_QUEUE] = { .size_max = VIO_CONSOLE_QUEUE_SIZE, .notify = transmit },
};

static const struct vio_config_field console_fields[] = {
	VIO_CONFIG_FIELD(struct vio_console_config, cols, false),
	VIO_CONFIG_FIELD(struct vio_console_config, rows, false),
	VIO_CONFIG_FIELD(struct vio_console_config, max_nr_ports, false),
	VIO_CONFIG_FIELD(struct vio_console_config, emerg_wr, true),
};

static const struct vio_device_type console_type = {
	.name = "console",
	.id = VIO_ID_CONSOLE,
	.features = VIO_BIT(VIO_CONSOLE_F_SIZE) | VIO_BIT(VIO_CONSOLE_F_EMERG_WRITE),
	.queues = console_queues,
	.queue_count = VIO_ARRAY_SIZE(console_queues),
	.fields = console_fields,
	.field_count = VIO_ARRAY_SIZE(console_fields),
	.enabled = enabled,
	.configure = configure,
	.config_written = config_written,
};

void vio_console_init(struct vio_console *console, struct vio_console_backend *backend,
		      uint16_t cols, uint16_t rows)
{
	uint64_t size = cols != 0 && rows != 0 ? VIO_BIT(VIO_CONSOLE_F_SIZE) : 0;

	console->port = (struct vio_console_port){ .backend = backend };
	console->cols = cols;
	console->rows = rows;
	console->config =
		(struct vio_console_config){ .cols = cols, .rows = rows, .max_nr_ports = 1 };
	vio_device_init(&console->device, &console_type, size | VIO_BIT(VIO_CONSOLE_F_EMERG_WRITE),
			&console->config, VIO_STORAGE(&console->storage));
}

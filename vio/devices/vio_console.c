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
	uint32_t skip = port->progress.sent;
	uint32_t left = req->readable_len;

	for (span = req->readable; left != 0; left -= span->len, span++) {
		uint32_t want = 0;
		uint32_t took = 0;

		if (skip >= span->len) {
			skip -= span->len;
			continue;
		}
		want = span->len - skip < *burst ? span->len - skip : *burst;
		took = want == 0 ? 0 : port->backend->write(port->backend, span->data + skip, want);
		port->progress.sent += took;
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
static void announce_size(struct vio_console_port *port, struct vio_device *device)
{
	if (port->announced)
		return;
	port->announced = true;
	vio_device_config_changed(device);
}

void vio_console_transmit(struct vio_console_port *port, struct vio_queue *queue)
{
	uint32_t burst = VIO_CONSOLE_BURST;
	struct vio_request req;

	if (port->sent_generation != queue->generation)
		port->progress.sent = 0;
	port->sent_generation = queue->generation;

	while (vio_queue_take(queue, &req)) {
		announce_size(port, queue->device);
		if (req.writable_len != 0) {
			vio_queue_refuse(queue, &req);
			return;
		}
		if (!send(port, &req, &burst)) {
			vio_queue_untake(queue, &req);
			break;
		}
		port->progress.sent = 0;
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
		uint32_t at = port->progress.input_tail & INPUT_MASK;
		uint32_t room = VIO_CONSOLE_INPUT -
				(uint16_t)(port->progress.input_tail - port->progress.input_head);

		want = room < VIO_CONSOLE_INPUT - at ? room : VIO_CONSOLE_INPUT - at;
		got = want == 0
			      ? 0
			      : port->backend->read(port->backend, &port->progress.input[at], want);
		port->progress.input_tail += got;
	} while (got != 0 && got == want);
}

/* Fills the request: what waited first, then straight from the backend. */
static void deliver(struct vio_console_port *port, struct vio_request *req)
{
	struct vio_span span;

	while (port->progress.input_head != port->progress.input_tail && req->writable_len != 0) {
		uint32_t at = port->progress.input_head & INPUT_MASK;
		uint32_t held = (uint16_t)(port->progress.input_tail - port->progress.input_head);
		uint32_t run = held < VIO_CONSOLE_INPUT - at ? held : VIO_CONSOLE_INPUT - at;

		port->progress.input_head += vio_request_write(req, &port->progress.input[at], run);
	}
	while (vio_request_next_writable(req, &span)) {
		uint32_t got = port->backend->read(port->backend, span.data, span.len);

		vio_request_wrote(req, got);
		if (got < span.len)
			return;
	}
}

void vio_console_receive(struct vio_console_port *port, struct vio_queue *queue)
{
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

void vio_console_more_input(struct vio_console_port *port, struct vio_queue *queue)
{
	if (queue->open)
		vio_queue_kick(queue);
	else
		hold_input(port);
}

/* ---- The configuration ---- */

/* Of either device: its config space is the base's. */
static struct vio_console_base *base_of(const struct vio_device *device)
{
	return VIO_CONTAINER_OF(device->config, struct vio_console_base, config);
}

void vio_console_enabled(struct vio_device *device)
{
	base_of(device)->port.announced = !vio_device_has(device, VIO_CONSOLE_F_SIZE);
}

/*
 * Emergency write, 5.3.4: one character, whatever state the device is in; it is lost only when the
 * backend has no room for it. What was written is not left for a later guest to read.
 */
void vio_console_config_written(struct vio_device *device, uint32_t offset, unsigned width)
{
	struct vio_console_base *base = base_of(device);
	uint8_t character = (uint8_t)base->config.emerg_wr;
	/* Where a legacy driver, which writes byte by byte, writes it. */
	uint32_t at = offsetof(struct vio_console_config, emerg_wr) +
		      (device->transport->big_endian ? 3 : 0);

	if (at - offset < width)
		base->port.backend->write(base->port.backend, &character, 1);
	base->config.emerg_wr = 0;
}

void vio_console_configure(struct vio_device *device)
{
	struct vio_console_base *base = base_of(device);

	base->config.cols = base->port.cols;
	base->config.rows = base->port.rows;
}

const struct vio_config_field vio_console_fields[VIO_CONSOLE_FIELDS] = {
	VIO_CONFIG_FIELD(struct vio_console_config, cols, false),
	VIO_CONFIG_FIELD(struct vio_console_config, rows, false),
	VIO_CONFIG_FIELD(struct vio_console_config, max_nr_ports, false),
	VIO_CONFIG_FIELD(struct vio_console_config, emerg_wr, true),
};

/* ---- The device with one port ---- */

static void transmit(struct vio_device *device, struct vio_queue *queue)
{
	vio_console_transmit(&VIO_CONTAINER_OF(device, struct vio_console, device)->base.port,
			     queue);
}

static void receive(struct vio_device *device, struct vio_queue *queue)
{
	vio_console_receive(&VIO_CONTAINER_OF(device, struct vio_console, device)->base.port,
			    queue);
}

static void save(const struct vio_device *device, void *state)
{
	vio_console_save(&base_of(device)->port, &device->queues[TRANSMIT_QUEUE], state);
}

static bool can_restore(const struct vio_device *device, uint64_t negotiated, bool is_enabled,
			const void *state)
{
	(void)device;
	(void)negotiated;
	(void)is_enabled;
	return vio_console_can_restore(state);
}

static void restore(struct vio_device *device, const void *state)
{
	vio_console_restore(&base_of(device)->port, &device->queues[TRANSMIT_QUEUE], state);
}

void vio_console_input_ready(struct vio_console *console)
{
	vio_console_more_input(&console->base.port, &console->device.queues[RECEIVE_QUEUE]);
}

void vio_console_output_ready(struct vio_console *console)
{
	vio_queue_kick(&console->device.queues[TRANSMIT_QUEUE]);
}

void vio_console_resize(struct vio_console *console, uint16_t cols, uint16_t rows)
{
	console->base.port.cols = cols;
	console->base.port.rows = rows;
	vio_device_config_changed(&console->device);
}

static const struct vio_queue_type console_queues[] = {
	[RECEIVE_QUEUE] = { .size_max = VIO_CONSOLE_QUEUE_SIZE, .notify = receive },
	[TRANSMIT_QUEUE] = { .size_max = VIO_CONSOLE_QUEUE_SIZE, .notify = transmit },
};

static const struct vio_device_type console_type = {
	.name = "console",
	.id = VIO_ID_CONSOLE,
	.features = VIO_BIT(VIO_CONSOLE_F_SIZE) | VIO_BIT(VIO_CONSOLE_F_EMERG_WRITE),
	.queues = console_queues,
	.queue_count = VIO_ARRAY_SIZE(console_queues),
	.fields = vio_console_fields,
	.field_count = VIO_CONSOLE_FIELDS,
	.enabled = vio_console_enabled,
	.configure = vio_console_configure,
	.state_bytes = sizeof(struct vio_console_progress),
	.save = save,
	.can_restore = can_restore,
	.restore = restore,
	.config_written = vio_console_config_written,
};

void vio_console_init(struct vio_console *console, struct vio_console_backend *backend,
		      uint16_t cols, uint16_t rows)
{
	uint64_t size = cols != 0 && rows != 0 ? VIO_BIT(VIO_CONSOLE_F_SIZE) : 0;
	struct vio_console_base *base = &console->base;

	base->port = (struct vio_console_port){ .backend = backend, .cols = cols, .rows = rows };
	base->config = (struct vio_console_config){ .cols = cols, .rows = rows, .max_nr_ports = 1 };
	vio_device_init(&console->device, &console_type, size | VIO_BIT(VIO_CONSOLE_F_EMERG_WRITE),
			&base->config, VIO_STORAGE(&console->storage));
}

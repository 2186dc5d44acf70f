/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages to the driver are no queue, which a driver that takes none could make grow: for each
 * port there is a bit for each kind that it has not been told yet, and what a message says is what
 * is true when there is a buffer for it, and the driver is ready. A port that was closed and opened
 * meanwhile is open. The order in which they are sent is such that a port which was removed and
 * added again is just that.
 */
#include "vio_console_ports.h"

#define EVENT(name) (1U << VIO_CONSOLE_##name)

_Static_assert(VIO_CONSOLE_PORTS >= 2 && VIO_CONSOLE_PORTS_QUEUES <= VIO_QUEUES_MAX,
	       "VIO_CONSOLE_PORTS: 2 to 15");

/* 5.3.2; ports from 1 on have the pairs behind. */
enum {
	CONTROL_RECEIVE_QUEUE = 2,
	CONTROL_TRANSMIT_QUEUE = 3,
};

static struct vio_console_ports *ports_of(const struct vio_device *device)
{
	return VIO_CONTAINER_OF(device->config, struct vio_console_ports, base.config);
}

static struct vio_console_port *port_at(struct vio_console_ports *ports, uint32_t id)
{
	return id == 0 ? &ports->base.port : &ports->more[id - 1];
}

static uint32_t port_of(const struct vio_queue *queue)
{
	return queue->index < CONTROL_RECEIVE_QUEUE ? 0 : queue->index / 2U - 1;
}

static struct vio_queue *receive_queue(struct vio_console_ports *ports, uint32_t id)
{
	return &ports->device.queues[id == 0 ? 0 : 2 * id + 2];
}

static struct vio_queue *transmit_queue(struct vio_console_ports *ports, uint32_t id)
{
	return receive_queue(ports, id) + 1;
}

/* The state of a port that is there, or NULL. */
static struct vio_console_port_state *find(struct vio_console_ports *ports, uint32_t id)
{
	return id < VIO_CONSOLE_PORTS && ports->states[id].info ? &ports->states[id] : NULL;
}

/* ---- Data ---- */

static bool takes_output(const struct vio_device *device, uint32_t id)
{
	const struct vio_console_port_state *state = &ports_of(device)->states[id];

	if (!vio_device_has(device, VIO_CONSOLE_F_MULTIPORT))
		return id == 0;
	return state->ready && state->host_open;
}

static bool takes_input(const struct vio_device *device, uint32_t id)
{
	if (!vio_device_has(device, VIO_CONSOLE_F_MULTIPORT))
		return id == 0;
	return ports_of(device)->states[id].guest_open;
}

/* A driver may wait for its output to be used: it is taken even where nobody is. */
static void discard(struct vio_console_port *port, struct vio_queue *queue)
{
	struct vio_request req;

	port->progress.sent = 0;
	while (vio_queue_take(queue, &req)) {
		if (req.writable_len != 0) {
			vio_queue_refuse(queue, &req);
			return;
		}
		vio_queue_complete(queue, &req);
	}
}

static void transmit(struct vio_device *device, struct vio_queue *queue)
{
	uint32_t id = port_of(queue);
	struct vio_console_port *port = port_at(ports_of(device), id);

	if (takes_output(device, id))
		vio_console_transmit(port, queue);
	else
		discard(port, queue);
}

static void receive(struct vio_device *device, struct vio_queue *queue)
{
	uint32_t id = port_of(queue);

	if (takes_input(device, id))
		vio_console_receive(port_at(ports_of(device), id), queue);
}

/* ---- Messages to the driver ---- */

static void post(struct vio_console_ports *ports, uint32_t id, unsigned events)
{
	ports->states[id].pending |= (uint8_t)events;
	vio_queue_kick(&ports->device.queues[CONTROL_RECEIVE_QUEUE]);
}

/* Of a port that is there and it does not know, the driver is told that before all else. */
static unsigned events_of(const struct vio_console_port_state *state)
{
	return state->pending | (state->info && !state->known ? EVENT(DEVICE_ADD) : 0);
}

/* The next message; false: there is none. */
static bool find_pending(const struct vio_console_ports *ports, struct vio_console_control *message)
{
	static const uint8_t order[] = {
		VIO_CONSOLE_DEVICE_REMOVE, VIO_CONSOLE_DEVICE_ADD, VIO_CONSOLE_CONSOLE_PORT,
		VIO_CONSOLE_RESIZE,        VIO_CONSOLE_PORT_NAME,  VIO_CONSOLE_PORT_OPEN,
	};
	uint32_t id = 0;
	unsigned i = 0;

	for (id = 0; id < VIO_CONSOLE_PORTS; id++) {
		const struct vio_console_port_state *state = &ports->states[id];
		const unsigned events = events_of(state);

		for (i = 0; events != 0 && i < sizeof(order); i++) {
			if ((events & 1U << order[i]) == 0)
				continue;
			message->id = id;
			message->event = order[i];
			message->value = order[i] == VIO_CONSOLE_PORT_OPEN ? state->host_open : 1;
			return true;
		}
	}
	return false;
}

static void write_size(struct vio_console_ports *ports, uint32_t id, struct vio_request *req)
{
	const struct vio_console_port *port = port_at(ports, id);
	uint16_t cols = vio_device_wire16(&ports->device, port->cols);
	uint16_t rows = vio_device_wire16(&ports->device, port->rows);
	const uint16_t size[] = { ports->rows_first ? rows : cols,
				  ports->rows_first ? cols : rows };

	vio_request_write(req, size, sizeof(size));
}

static void write_name(const struct vio_console_ports *ports, uint32_t id, struct vio_request *req)
{
	const char *name = ports->states[id].info->name;
	uint32_t len = 0;

	while (name[len] != '\0')
		len++;
	vio_request_write(req, name, len);
}

/* What does not fit the buffer is the driver's loss. */
static void write_message(struct vio_console_ports *ports,
			  const struct vio_console_control *message, struct vio_request *req)
{
	const struct vio_device *device = &ports->device;
	const struct vio_console_control wire = {
		.id = vio_device_wire32(device, message->id),
		.event = vio_device_wire16(device, message->event),
		.value = vio_device_wire16(device, message->value),
	};

	vio_request_write(req, &wire, sizeof(wire));
	if (message->event == VIO_CONSOLE_RESIZE)
		write_size(ports, message->id, req);
	else if (message->event == VIO_CONSOLE_PORT_NAME)
		write_name(ports, message->id, req);
}

static void sent(struct vio_console_port_state *state, uint16_t event)
{
	state->pending &= (uint8_t) ~(1U << event);
	if (event == VIO_CONSOLE_DEVICE_ADD)
		state->known = true;
	else if (event == VIO_CONSOLE_DEVICE_REMOVE)
		state->known = false;
}

static void control_receive(struct vio_device *device, struct vio_queue *queue)
{
	struct vio_console_ports *ports = ports_of(device);
	struct vio_console_control message;
	struct vio_request req;

	while (ports->driver_ready && find_pending(ports, &message) &&
	       vio_queue_take(queue, &req)) {
		if (req.readable_len != 0 || req.writable_len < sizeof(message)) {
			vio_queue_refuse(queue, &req);
			return;
		}
		write_message(ports, &message, &req);
		vio_queue_complete(queue, &req);
		sent(&ports->states[message.id], message.event);
	}
}

/* ---- Messages of the driver ---- */

static void set_guest_open(struct vio_console_ports *ports, uint32_t id, bool open)
{
	struct vio_console_backend *backend = NULL;

	if (ports->states[id].guest_open == open)
		return;
	ports->states[id].guest_open = open;
	backend = port_at(ports, id)->backend;
	if (open)
		vio_queue_kick(receive_queue(ports, id));
	if (backend->opened)
		backend->opened(backend, open);
}

static void device_ready(struct vio_console_ports *ports, bool ready)
{
	ports->driver_ready = ready;
	vio_queue_kick(&ports->device.queues[CONTROL_RECEIVE_QUEUE]);
}

static bool has_size(struct vio_console_ports *ports, uint32_t id)
{
	const struct vio_console_port *port = port_at(ports, id);

	return ports->states[id].info->is_console && port->cols != 0 && port->rows != 0;
}

/* What there is to say about a port that is there and has become ready. */
static unsigned due(struct vio_console_ports *ports, uint32_t id)
{
	const struct vio_console_port_state *state = &ports->states[id];

	return (state->info->is_console ? EVENT(CONSOLE_PORT) : 0) |
	       (has_size(ports, id) ? EVENT(RESIZE) : 0) |
	       (state->info->name ? EVENT(PORT_NAME) : 0) |
	       (state->host_open ? EVENT(PORT_OPEN) : 0);
}

static void port_ready(struct vio_console_ports *ports, uint32_t id, bool ready)
{
	struct vio_console_port_state *state = &ports->states[id];

	state->ready = ready;
	if (!ready) {
		state->pending = 0; /* all that can be due to one that is known, and there */
		set_guest_open(ports, id, false);
		vio_queue_kick(transmit_queue(ports, id));
		return;
	}
	post(ports, id, due(ports, id));
}

/* False: it makes no sense. */
static bool obey(struct vio_console_ports *ports, const struct vio_console_control *message)
{
	uint32_t id = message->id;
	struct vio_console_port_state *state = NULL;

	if (!vio_device_has(&ports->device, VIO_CONSOLE_F_MULTIPORT))
		return false;
	if (message->event == VIO_CONSOLE_DEVICE_READY) {
		device_ready(ports, message->value != 0);
		return true;
	}
	if (id >= VIO_CONSOLE_PORTS || !ports->states[id].known)
		return false;
	state = &ports->states[id];
	if ((state->pending & EVENT(DEVICE_REMOVE)) != 0)
		return true; /* of one that is gone, which the driver cannot know */
	if (message->event == VIO_CONSOLE_PORT_READY)
		port_ready(ports, id, message->value != 0);
	else if (message->event == VIO_CONSOLE_PORT_OPEN && state->ready)
		set_guest_open(ports, id, message->value != 0);
	else
		return false;
	return true;
}

static void control_transmit(struct vio_device *device, struct vio_queue *queue)
{
	struct vio_console_ports *ports = ports_of(device);
	struct vio_request req;

	while (vio_queue_take(queue, &req)) {
		struct vio_console_control wire;
		bool whole = false;

		if (req.writable_len != 0) {
			vio_queue_refuse(queue, &req);
			return;
		}
		whole = vio_request_read(&req, &wire, sizeof(wire)) == sizeof(wire);
		vio_queue_complete(queue, &req);
		if (!whole || !obey(ports, &(struct vio_console_control){
						   .id = vio_device_wire32(device, wire.id),
						   .event = vio_device_wire16(device, wire.event),
						   .value = vio_device_wire16(device, wire.value),
					   }))
			ports->ignored++;
	}
}

/* ---- Save and restore ---- */

/* Of a port, before what vio_console_save() saves of it; before all, whether the driver is ready.
 */
struct saved {
	uint8_t pending;
	uint8_t flags;
};

enum {
	SAVED_KNOWN = 1,
	SAVED_READY = 2,
	SAVED_OPEN = 4,
};

#define PORT_STATE  (sizeof(struct saved) + sizeof(struct vio_console_progress))
#define PORTS_STATE (1 + VIO_CONSOLE_PORTS * PORT_STATE)

static struct saved saved_at(const uint8_t *at)
{
	return (struct saved){ .pending = at[0], .flags = at[1] };
}

static void save(const struct vio_device *device, void *state)
{
	struct vio_console_ports *ports = ports_of(device);
	uint8_t *at = state;
	uint32_t id = 0;

	*at++ = ports->driver_ready;
	for (id = 0; id < VIO_CONSOLE_PORTS; id++, at += PORT_STATE) {
		const struct vio_console_port_state *port = &ports->states[id];

		at[0] = port->pending;
		at[1] = (port->known ? SAVED_KNOWN : 0) | (port->ready ? SAVED_READY : 0) |
			(port->guest_open ? SAVED_OPEN : 0);
		vio_console_save(port_at(ports, id), transmit_queue(ports, id),
				 at + sizeof(struct saved));
	}
}

/* Whether a driver and a root can bring a port there. */
static bool is_possible(struct saved saved)
{
	const unsigned ready =
		EVENT(CONSOLE_PORT) | EVENT(RESIZE) | EVENT(PORT_NAME) | EVENT(PORT_OPEN);

	switch (saved.flags) {
	case 0:
		return saved.pending == 0;
	case SAVED_KNOWN:
		return (saved.pending & ~EVENT(DEVICE_REMOVE)) == 0;
	case SAVED_KNOWN | SAVED_READY:
	case SAVED_KNOWN | SAVED_READY | SAVED_OPEN:
		return (saved.pending & ~ready) == 0;
	default:
		return false;
	}
}

static bool can_restore(const struct vio_device *device, uint64_t negotiated, bool is_enabled,
			const void *state)
{
	const bool has_ports = is_enabled && (negotiated & VIO_BIT(VIO_CONSOLE_F_MULTIPORT)) != 0;
	const uint8_t *at = state;
	uint32_t id = 0;

	(void)device;
	if (*at++ > has_ports)
		return false;
	for (id = 0; id < VIO_CONSOLE_PORTS; id++, at += PORT_STATE) {
		struct saved saved = saved_at(at);

		if (!is_possible(saved) || (!has_ports && saved.flags != 0) ||
		    !vio_console_can_restore(at + sizeof(saved)))
			return false;
	}
	return true;
}

/*
 * What the driver knew is one thing, what is there now another: a port may be gone, or new, or have
 * another size. A message that was due is sent only if it is true of the port that is there.
 */
static void restore_port(struct vio_console_ports *ports, uint32_t id, struct saved saved)
{
	struct vio_console_port_state *state = &ports->states[id];
	bool known = (saved.flags & SAVED_KNOWN) != 0;
	unsigned removed = saved.pending & EVENT(DEVICE_REMOVE);

	state->known = known;
	state->pending = 0;
	if (!state->info) {
		state->pending = known ? EVENT(DEVICE_REMOVE) : 0;
	} else if (!known || removed != 0) {
		state->pending = (uint8_t)removed;
	} else if ((saved.flags & SAVED_READY) != 0) {
		state->ready = true;
		state->pending = (uint8_t)((saved.pending & due(ports, id)) | EVENT(PORT_OPEN) |
					   (has_size(ports, id) ? EVENT(RESIZE) : 0));
		set_guest_open(ports, id, (saved.flags & SAVED_OPEN) != 0);
	}
}

static void restore(struct vio_device *device, const void *state)
{
	struct vio_console_ports *ports = ports_of(device);
	const uint8_t *at = state;
	uint32_t id = 0;

	ports->driver_ready = *at++ != 0;
	for (id = 0; id < VIO_CONSOLE_PORTS; id++, at += PORT_STATE) {
		vio_console_restore(port_at(ports, id), transmit_queue(ports, id),
				    at + sizeof(struct saved));
		restore_port(ports, id, saved_at(at));
	}
}

/* ---- The root ---- */

static void make_port(struct vio_console_ports *ports, uint32_t id,
		      const struct vio_console_port_info *info)
{
	struct vio_console_port_state *state = &ports->states[id];

	*port_at(ports, id) = (struct vio_console_port){
		.backend = info->backend,
		.cols = info->cols,
		.rows = info->rows,
		.announced = true,
	};
	state->info = info;
	state->host_open = true;
}

bool vio_console_port_add(struct vio_console_ports *ports, uint32_t id,
			  const struct vio_console_port_info *info)
{
	if (id >= VIO_CONSOLE_PORTS || ports->states[id].info)
		return false;
	make_port(ports, id, info);
	vio_queue_kick(&ports->device.queues[CONTROL_RECEIVE_QUEUE]);
	return true;
}

void vio_console_port_remove(struct vio_console_ports *ports, uint32_t id)
{
	struct vio_console_port_state *state = find(ports, id);

	if (!state || id == 0)
		return;
	*state = (struct vio_console_port_state){
		.pending = state->known ? EVENT(DEVICE_REMOVE) : 0,
		.known = state->known,
	};
	port_at(ports, id)->progress = (struct vio_console_progress){ .sent = 0 };
	vio_queue_kick(&ports->device.queues[CONTROL_RECEIVE_QUEUE]);
	vio_queue_kick(transmit_queue(ports, id));
}

void vio_console_port_open(struct vio_console_ports *ports, uint32_t id, bool open)
{
	struct vio_console_port_state *state = find(ports, id);

	if (!state || state->host_open == open)
		return;
	state->host_open = open;
	if (state->ready)
		post(ports, id, EVENT(PORT_OPEN));
	if (!open)
		vio_queue_kick(transmit_queue(ports, id));
}

void vio_console_port_resize(struct vio_console_ports *ports, uint32_t id, uint16_t cols,
			     uint16_t rows)
{
	struct vio_console_port_state *state = find(ports, id);

	if (!state)
		return;
	port_at(ports, id)->cols = cols;
	port_at(ports, id)->rows = rows;
	if (id == 0)
		vio_device_config_changed(&ports->device);
	if (state->ready && has_size(ports, id))
		post(ports, id, EVENT(RESIZE));
}

void vio_console_port_input_ready(struct vio_console_ports *ports, uint32_t id)
{
	if (find(ports, id))
		vio_console_more_input(port_at(ports, id), receive_queue(ports, id));
}

void vio_console_port_output_ready(struct vio_console_ports *ports, uint32_t id)
{
	if (find(ports, id))
		vio_queue_kick(transmit_queue(ports, id));
}

/* ---- The device ---- */

static void reset(struct vio_device *device)
{
	struct vio_console_ports *ports = ports_of(device);
	uint32_t id = 0;

	ports->driver_ready = false;
	for (id = 0; id < VIO_CONSOLE_PORTS; id++) {
		struct vio_console_port_state *state = &ports->states[id];

		state->known = state->ready = false;
		state->pending = 0;
		set_guest_open(ports, id, false);
	}
}

/* With MULTIPORT the size comes in a message. */
static void enabled(struct vio_device *device)
{
	vio_console_enabled(device);
	ports_of(device)->base.port.announced |= vio_device_has(device, VIO_CONSOLE_F_MULTIPORT);
}

#define QUEUE(handler)                                                                             \
	{                                                                                          \
		.size_max = VIO_CONSOLE_QUEUE_SIZE, .notify = (handler)                            \
	}
#define PAIR QUEUE(receive), QUEUE(transmit)

/* As many of them as there are ports. */
static const struct vio_queue_type ports_queues[VIO_QUEUES_MAX] = {
	PAIR,
	QUEUE(control_receive),
	QUEUE(control_transmit),
	PAIR,
	PAIR,
	PAIR,
	PAIR,
	PAIR,
	PAIR,
	PAIR,
	PAIR,
	PAIR,
	PAIR,
	PAIR,
	PAIR,
	PAIR,
	PAIR,
};

static const struct vio_device_type ports_type = {
	.name = "console",
	.id = VIO_ID_CONSOLE,
	.features = VIO_BIT(VIO_CONSOLE_F_SIZE) | VIO_BIT(VIO_CONSOLE_F_MULTIPORT) |
		    VIO_BIT(VIO_CONSOLE_F_EMERG_WRITE),
	.queues = ports_queues,
	.queue_count = VIO_CONSOLE_PORTS_QUEUES,
	.fields = vio_console_fields,
	.field_count = VIO_CONSOLE_FIELDS,
	.reset = reset,
	.enabled = enabled,
	.configure = vio_console_configure,
	.state_bytes = PORTS_STATE,
	.save = save,
	.can_restore = can_restore,
	.restore = restore,
	.config_written = vio_console_config_written,
};

void vio_console_ports_init(struct vio_console_ports *ports,
			    const struct vio_console_port_info *first, bool rows_first)
{
	uint64_t features = ports_type.features;

	ports->driver_ready = false;
	ports->rows_first = rows_first;
	ports->ignored = 0;
	memset(ports->more, 0, sizeof(ports->more));
	memset(ports->states, 0, sizeof(ports->states));
	make_port(ports, 0, first);
	ports->base.config = (struct vio_console_config){ .cols = first->cols,
							  .rows = first->rows,
							  .max_nr_ports = VIO_CONSOLE_PORTS };
	if (first->cols == 0 || first->rows == 0)
		features &= ~VIO_BIT(VIO_CONSOLE_F_SIZE);
	vio_device_init(&ports->device, &ports_type, features, &ports->base.config,
			VIO_STORAGE(&ports->storage));
}

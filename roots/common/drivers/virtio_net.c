/* SPDX-License-Identifier: BSD-2-Clause */
#include "virtio_net.h"

#define WANTED (VIO_BIT(VIO_NET_F_MAC) | VIO_BIT(VIO_NET_F_STATUS))

enum {
	RECEIVE = 0,
	TRANSMIT = 1,
	HEAD = VIO_ETHERNET_HEADER + VIO_VLAN_TAG, /* what the switch looks at */
	HEADER = sizeof(struct vio_net_hdr),
};

/* ---- To the card ---- */

/* Each chain is one descriptor, so its name is also that of its buffer. NULL: all are on their way.
 */
static struct virtio_net_buffer *free_buffer(struct virtio_net *net)
{
	uint16_t head = 0;
	uint32_t len = 0;

	if (net->transmit.free_count == 0) {
		while (vio_driver_queue_used(&net->transmit, &head, &len))
			;
	}
	return net->transmit.free_count != 0 ? &net->memory->sent[net->transmit.free] : NULL;
}

static bool deliver(struct vio_port *port, const struct vio_frame *frame)
{
	struct virtio_net *net = VIO_CONTAINER_OF(port, struct virtio_net, port);
	struct virtio_net_buffer *buffer = free_buffer(net);
	const struct vio_buffer out = { .data = buffer, .len = HEADER + frame->len };
	struct vio_frame rest = *frame;

	if (!buffer || frame->len > sizeof(buffer->frame))
		return false;
	vio_frame_read(&rest, buffer->frame, frame->len);
	return vio_driver_queue_add(&net->transmit, &out, 1) >= 0;
}

static void flush(struct vio_port *port)
{
	struct virtio_net *net = VIO_CONTAINER_OF(port, struct virtio_net, port);

	vio_driver_queue_publish(&net->transmit);
}

/* ---- From the card ---- */

static void send(struct virtio_net *net, struct virtio_net_buffer *buffer, uint32_t len)
{
	const uint32_t head_len = len < HEAD ? len : HEAD;
	const struct vio_span rest = {
		.data = buffer->frame + head_len,
		.len = len - head_len,
	};
	const struct vio_frame frame = {
		.head = buffer->frame,
		.head_len = head_len,
		.len = len,
		.rest = &rest,
	};

	vio_port_send(&net->port, &frame);
}

static void give_back(struct virtio_net *net)
{
	const struct vio_buffer in = {
		.data = &net->memory->received[net->receive.free],
		.len = sizeof(struct virtio_net_buffer),
		.writable = true,
	};

	vio_driver_queue_add(&net->receive, &in, 1);
}

static void receive(struct virtio_net *net)
{
	uint16_t head = 0;
	uint32_t len = 0;

	while (vio_driver_queue_used(&net->receive, &head, &len)) {
		if (len > HEADER)
			send(net, &net->memory->received[head], len - HEADER);
		give_back(net);
	}
	vio_driver_queue_publish(&net->receive);
	vio_port_flush(&net->port);
}

/* ---- The card ---- */

#define CONFIG(net, field)                                                                         \
	vio_driver_config(&(net)->driver, offsetof(struct vio_net_config, field),                  \
			  sizeof(((struct vio_net_config *)0)->field))

static bool is_plugged_in(struct virtio_net *net)
{
	return (net->driver.features & VIO_BIT(VIO_NET_F_STATUS)) == 0 ||
	       (CONFIG(net, status) & VIO_NET_S_LINK_UP) != 0;
}

static void look_at_link(struct virtio_net *net)
{
	const bool up = is_plugged_in(net);

	if (up == net->port.up)
		return;
	net->port.up = up;
	if (net->link_changed)
		net->link_changed(net);
}

void virtio_net_interrupt(struct virtio_net *net)
{
	if ((vio_driver_interrupt(&net->driver) & VIO_INTERRUPT_CONFIG) != 0)
		look_at_link(net);
	receive(net);
}

static bool init_queues(struct virtio_net *net)
{
	unsigned i = 0;

	if (!vio_driver_queue_init(&net->driver, &net->receive, RECEIVE,
				   net->memory->rings[RECEIVE], VIRTIO_NET_RING) ||
	    !vio_driver_queue_init(&net->driver, &net->transmit, TRANSMIT,
				   net->memory->rings[TRANSMIT], VIRTIO_NET_RING))
		return false;
	for (i = 0; i < VIRTIO_NET_RING; i++) {
		give_back(net);
		net->memory->sent[i].header = (struct vio_net_hdr){ .flags = 0 };
	}
	/* What was sent is looked after when a buffer is needed. */
	vio_driver_queue_listen(&net->transmit, false);
	return true;
}

const char *virtio_net_init(struct virtio_net *net, const struct vio_driver *driver,
			    struct virtio_net_memory *memory)
{
	unsigned i = 0;

	net->port = (struct vio_port){ .name = "card", .deliver = deliver, .flush = flush };
	net->driver = *driver;
	net->memory = memory;
	if (vio_driver_probe(&net->driver) != VIO_ID_NET)
		return "no network card";
	if (!vio_driver_start(&net->driver, WANTED))
		return "network card does not agree on features";
	if ((net->driver.features & VIO_BIT(VIO_NET_F_MAC)) == 0)
		return "network card has no address";
	for (i = 0; i < VIO_MAC; i++)
		net->port.mac[i] = (uint8_t)vio_driver_config(&net->driver, i, 1);
	if (!init_queues(net))
		return "network card has no queues, or too small ones";
	net->port.up = is_plugged_in(net);
	vio_driver_run(&net->driver);
	vio_driver_queue_publish(&net->receive);
	return NULL;
}

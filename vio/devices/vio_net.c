/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Receiving is a batch that the switch opens by delivering and ends by flushing: whoever sends to
 * this guest, many frames are one publication and one interrupt decision.
 *
 * A frame that needs several buffers is only begun when all of them are there: the header says how
 * many, and it is the first thing written.
 *
 * A driver may want fewer interrupts than batches. Then a batch is shown to it when it ends, as
 * ever, and only the decision about the interrupt waits: for enough packets, or for the time of the
 * first of them to run out. It is taken by what the driver wants at that moment, so that one that
 * polls meanwhile is left alone.
 */
#include "vio_net.h"

#define SPEED_UNKNOWN  UINT32_MAX
#define DUPLEX_FULL    1
#define DUPLEX_UNKNOWN 255

enum {
	TYPE_VLAN = 0x8100,
	MTU = 1500,
	/* Bytes of a frame that are copied and looked at: for the switch, or for cutting it. */
	ORDINARY_HEAD = VIO_ETHERNET_HEADER + VIO_VLAN_TAG,
	SEGMENT_HEAD = VIO_FRAME_HEAD - VIO_VLAN_TAG,
};

static struct vio_net *net_of(struct vio_device *device)
{
	return VIO_CONTAINER_OF(device, struct vio_net, device);
}

/* Of the low half: a 32-bit CPU shifts that without a library. */
static bool has(const struct vio_net *net, unsigned feature)
{
	return ((uint32_t)net->device.negotiated >> feature & 1) != 0;
}

/* ---- Notification coalescing, 5.1.6.5.9 ---- */

static void wake_by(struct vio_net *net, uint64_t at)
{
	if (at >= net->wakes_at)
		return;
	net->wakes_at = at;
	net->clock->wake(net->clock, at);
}

/* A queue that was closed since begins with the limits of its kind. */
static struct vio_net_waiting *waiting_of(struct vio_net *net, const struct vio_queue *queue)
{
	struct vio_net_waiting *waiting = &net->waiting[queue->index];

	if (waiting->generation != queue->generation)
		*waiting = (struct vio_net_waiting){ .limits = net->limits[queue->index % 2],
						     .requests = queue->counters.requests,
						     .generation = queue->generation };
	return waiting;
}

static void decide(struct vio_queue *queue, struct vio_net_waiting *waiting)
{
	vio_queue_decide(queue, waiting->undecided);
	waiting->undecided = 0;
	waiting->packets = 0;
}

/* The end of a batch. */
static void end_batch(struct vio_net *net, struct vio_queue *queue)
{
	struct vio_net_waiting *waiting = waiting_of(net, queue);
	const struct vio_net_limits *limits = &waiting->limits;
	const bool first = waiting->undecided == 0;

	waiting->undecided = vio_queue_show(queue, waiting->undecided);
	if (waiting->undecided == 0)
		return;
	if (waiting->packets >= limits->packets || limits->usecs == 0) {
		decide(queue, waiting);
		return;
	}
	if (first)
		waiting->until = net->clock->after(net->clock, limits->usecs);
	wake_by(net, waiting->until);
}

/* The same of packets that were sent: each is a request. */
static void end_sending(struct vio_net *net, struct vio_queue *queue)
{
	struct vio_net_waiting *waiting = waiting_of(net, queue);

	waiting->packets += queue->counters.requests - waiting->requests;
	waiting->requests = queue->counters.requests;
	end_batch(net, queue);
}

/* Decides for all queues that have waited until `now`. */
static void decide_until(struct vio_net *net, uint64_t now)
{
	unsigned i = 0;

	for (i = 0; i < VIO_ARRAY_SIZE(net->waiting); i++) {
		struct vio_queue *queue = &net->device.queues[i];
		struct vio_net_waiting *waiting = waiting_of(net, queue);

		if (waiting->undecided == 0)
			continue;
		if (waiting->until <= now)
			decide(queue, waiting);
		else
			wake_by(net, waiting->until);
	}
}

/* Used buffers of a device at rest have all been notified. */
static void halting(struct vio_device *device)
{
	decide_until(net_of(device), UINT64_MAX);
}

void vio_net_tick(struct vio_net *net)
{
	net->wakes_at = UINT64_MAX;
	decide_until(net, net->clock->after(net->clock, 0));
}

/* ---- Sending ---- */

static void drop(struct vio_net *net, enum vio_drop reason)
{
	net->port.counters.drops[reason]++;
}

/* Header and head are one copy, of which more is only made for a segment. */
static void send(struct vio_net *net, struct vio_request *req)
{
	const struct vio_device *device = &net->device;
	uint8_t start[sizeof(struct vio_net_hdr) + VIO_FRAME_HEAD];
	uint32_t len = vio_request_read(req, start, net->header_len + ORDINARY_HEAD);
	struct vio_net_hdr hdr;
	struct vio_frame frame = { .head = start + net->header_len };

	if (len < net->header_len) {
		drop(net, VIO_DROP_RUNT);
		return;
	}
	memcpy(&hdr, start, sizeof(hdr));
	frame.offload = (struct vio_offload){
		.flags = hdr.flags & VIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = hdr.gso_type,
		.gso_size = vio_device_wire16(device, hdr.gso_size),
		.csum_start = vio_device_wire16(device, hdr.csum_start),
		.csum_offset = vio_device_wire16(device, hdr.csum_offset),
	};
	if ((vio_offload_needs(&frame.offload) & ~(unsigned)net->sends) != 0) {
		drop(net, VIO_DROP_MALFORMED);
		return;
	}
	if (hdr.gso_type != VIO_NET_GSO_NONE)
		len += vio_request_read(req, start + len, SEGMENT_HEAD - ORDINARY_HEAD);
	frame.head_len = len - net->header_len;
	frame.len = frame.head_len + req->readable_len;
	frame.rest = req->readable;
	vio_port_send(&net->port, &frame);
}

static void transmit(struct vio_net *net, struct vio_queue *queue)
{
	struct vio_request req;

	while (vio_queue_take(queue, &req)) {
		if (net->port.joined && net->link)
			send(net, &req);
		else
			drop(net, VIO_DROP_NOBODY);
		vio_queue_complete(queue, &req);
	}
	if (net->port.joined)
		vio_port_flush(&net->port);
	if (vio_unlikely(net->coalesces))
		end_sending(net, queue);
}

/* ---- Receiving ---- */

static bool is_listed(const struct vio_net_addresses *addresses, const uint8_t *mac)
{
	unsigned i = 0;

	for (i = 0; i < addresses->count; i++) {
		if (vio_mac_number(addresses->mac[i]) == vio_mac_number(mac))
			return true;
	}
	return addresses->all != 0;
}

/* Whether the driver wants frames for this address, 5.1.6.5.1 and 5.1.6.5.2. */
static bool wants_address(const struct vio_net *net, const uint8_t *mac)
{
	const unsigned modes = net->setup.rx_modes;

	if (!has(net, VIO_NET_F_CTRL_RX) || (modes & VIO_NET_RX_PROMISC) != 0)
		return true;
	if (vio_mac_number(mac) == VIO_MAC_BROADCAST)
		return (modes & VIO_NET_RX_NOBCAST) == 0;
	if (vio_mac_is_group(mac))
		return (modes & VIO_NET_RX_NOMULTI) == 0 &&
		       ((modes & VIO_NET_RX_ALLMULTI) != 0 || is_listed(&net->setup.groups, mac));
	return (modes & VIO_NET_RX_NOUNI) == 0 &&
	       ((modes & VIO_NET_RX_ALLUNI) != 0 ||
		vio_mac_number(mac) == vio_mac_number(net->config.mac) ||
		is_listed(&net->setup.stations, mac));
}

static bool is_tagged(const struct vio_frame *frame)
{
	return frame->head_len >= ORDINARY_HEAD &&
	       vio_net16(frame->head + VIO_ETHERNET_HEADER - 2) == TYPE_VLAN;
}

/* 5.1.6.5.3 */
static bool wants_vlan(const struct vio_net *net, const struct vio_frame *frame)
{
	uint32_t vlan = 0;

	if (!has(net, VIO_NET_F_CTRL_VLAN) || (net->setup.rx_modes & VIO_NET_RX_PROMISC) != 0 ||
	    !is_tagged(frame))
		return true;
	vlan = vio_net16(frame->head + VIO_ETHERNET_HEADER) & 0xfff;
	return (net->setup.vlans[vlan / 8] >> vlan % 8 & 1) != 0;
}

/* A receive queue that is in use: the one for this sender, or the next, 5.1.6.5.6.1. */
static struct vio_queue *receive_queue(struct vio_net *net, const struct vio_frame *frame)
{
	size_t pair = frame->head[2 * VIO_MAC - 1];
	size_t i = 0;

	for (i = 0; i < net->setup.pairs; i++) {
		struct vio_queue *queue = &net->device.queues[(pair + i) % net->setup.pairs * 2];

		if (vio_queue_begin(queue))
			return queue;
	}
	return NULL;
}

/*
 * Takes the buffers for `need` bytes; their number, or 0 when they are not there: all are back in
 * the ring then.
 */
static unsigned take_buffers(struct vio_net *net, struct vio_queue *queue, uint32_t need)
{
	const unsigned most = has(net, VIO_NET_F_MRG_RXBUF) ? VIO_NET_MERGED : 1;
	struct vio_span *spans = net->spans;
	unsigned left = VIO_ARRAY_SIZE(net->spans);
	uint32_t room = 0;
	unsigned count = 0;

	while (count < most && room < need) {
		struct vio_request *req = &net->merged[count];
		unsigned used = 0;

		/* With fewer spans than the ring has descriptors, a long buffer would be misuse. */
		if (left < queue->size || !vio_queue_take_into(queue, req, spans, (uint16_t)left))
			break;
		count++;
		if (req->readable_len != 0 || req->writable_len == 0) {
			vio_queue_refuse(queue, req);
			count--;
			break;
		}
		used = vio_span_count(spans, req->writable_len);
		spans += used;
		left -= used;
		room = req->writable_len < UINT32_MAX - room ? room + req->writable_len
							     : UINT32_MAX;
	}
	if (room >= need)
		return count;
	while (count-- != 0)
		vio_queue_untake(queue, &net->merged[count]);
	return 0;
}

/* Fills the buffers one after the other, each but the last to its end. */
static void fill_buffers(struct vio_net *net, struct vio_queue *queue, unsigned count,
			 struct vio_frame *frame)
{
	struct vio_span span;
	unsigned i = 0;

	for (i = 0; i < count; i++) {
		struct vio_request *req = &net->merged[i];

		while (frame->len != 0 && vio_request_next_writable(req, &span))
			vio_request_wrote(req, vio_frame_read(frame, span.data, span.len));
		vio_queue_complete(queue, req);
	}
}

static bool deliver(struct vio_port *port, const struct vio_frame *frame)
{
	struct vio_net *net = VIO_CONTAINER_OF(port, struct vio_net, port);
	const struct vio_device *device = &net->device;
	const struct vio_offload *offload = &frame->offload;
	uint8_t start[sizeof(struct vio_net_hdr) + VIO_FRAME_HEAD];
	struct vio_frame whole = *frame; /* with its header */
	struct vio_net_hdr hdr;
	struct vio_queue *queue = NULL;
	unsigned count = 0;

	if (!wants_address(net, frame->head) || !wants_vlan(net, frame)) {
		net->filtered++;
		return true;
	}
	if (has(net, VIO_NET_F_MTU) && offload->gso_type == VIO_NET_GSO_NONE &&
	    frame->len - (is_tagged(frame) ? ORDINARY_HEAD : VIO_ETHERNET_HEADER) > net->config.mtu)
		return false;
	queue = receive_queue(net, frame);
	if (!queue)
		return false;
	count = take_buffers(net, queue, net->header_len + frame->len);
	if (count == 0)
		return false;
	hdr = (struct vio_net_hdr){
		.flags = offload->flags,
		.gso_type = offload->gso_type,
		.hdr_len = vio_device_wire16(device, offload->hdr_len),
		.gso_size = vio_device_wire16(device, offload->gso_size),
		.csum_start = vio_device_wire16(device, offload->csum_start),
		.csum_offset = vio_device_wire16(device, offload->csum_offset),
		.num_buffers = vio_device_wire16(device, (uint16_t)count),
	};
	memcpy(start, &hdr, sizeof(hdr));
	memcpy(start + net->header_len, frame->head, frame->head_len);
	whole.head = start;
	whole.head_len += net->header_len;
	whole.len += net->header_len;
	fill_buffers(net, queue, count, &whole);
	return true;
}

static void flush(struct vio_port *port)
{
	struct vio_net *net = VIO_CONTAINER_OF(port, struct vio_net, port);
	size_t i = 0;

	for (i = 0; i < VIO_NET_PAIRS; i++)
		vio_queue_end(&net->device.queues[2 * i]);
}

/* The same two for a driver that has set limits; others do not pay for them. */
static bool deliver_counted(struct vio_port *port, const struct vio_frame *frame)
{
	struct vio_net *net = VIO_CONTAINER_OF(port, struct vio_net, port);
	size_t i = 0;

	if (!deliver(port, frame))
		return false;
	for (i = 0; i < VIO_NET_PAIRS; i++) {
		struct vio_queue *queue = &net->device.queues[2 * i];
		struct vio_net_waiting *waiting = waiting_of(net, queue);

		/* However many buffers it took. */
		waiting->packets += waiting->requests != queue->counters.requests;
		waiting->requests = queue->counters.requests;
	}
	return true;
}

static void flush_counted(struct vio_port *port)
{
	struct vio_net *net = VIO_CONTAINER_OF(port, struct vio_net, port);
	size_t i = 0;

	for (i = 0; i < VIO_NET_PAIRS; i++)
		end_batch(net, &net->device.queues[2 * i]);
}

static void set_coalescing(struct vio_net *net, bool on)
{
	net->coalesces = on;
	net->port.deliver = on ? deliver_counted : deliver;
	net->port.flush = on ? flush_counted : flush;
}

/* ---- Control commands, 5.1.6.5 ---- */

enum {
	CLASS_RX = 0,
	CLASS_MAC = 1,
	CLASS_VLAN = 2,
	CLASS_ANNOUNCE = 3,
	CLASS_MQ = 4,
	CLASS_GUEST_OFFLOADS = 5,
	CLASS_NOTF_COAL = 6,

	ACK_OK = 0,
	ACK_ERR = 1,
};

/* Pairs of queues that the driver knows of, 5.1.2. */
static unsigned pairs_known(const struct vio_net *net)
{
	return has(net, VIO_NET_F_MQ) ? net->config.max_virtqueue_pairs : 1;
}

struct command {
	uint8_t class;
	uint8_t number;
};

/* Each reads its data and says whether it was right; one that was not has changed nothing. */
static bool set_rx_mode(struct vio_net *net, uint8_t number, struct vio_request *req)
{
	uint8_t on = 0;

	if (vio_request_read(req, &on, sizeof(on)) < sizeof(on) || on > 1)
		return false;
	net->setup.rx_modes &= (uint8_t) ~(1U << number);
	net->setup.rx_modes |= (uint8_t)(on << number);
	return true;
}

static bool read_addresses(struct vio_net *net, struct vio_request *req,
			   struct vio_net_addresses *addresses)
{
	uint32_t entries = 0;
	uint32_t i = 0;

	if (vio_request_read(req, &entries, sizeof(entries)) < sizeof(entries))
		return false;
	entries = vio_device_wire32(&net->device, entries);
	if (entries > req->readable_len / VIO_MAC)
		return false;
	addresses->all = entries > VIO_NET_ADDRESSES;
	addresses->count = addresses->all != 0 ? 0 : (uint8_t)entries;
	for (i = 0; i < addresses->count; i++)
		vio_request_read(req, addresses->mac[i], VIO_MAC);
	vio_request_consumed(req, (entries - addresses->count) * VIO_MAC);
	return true;
}

static bool set_addresses(struct vio_net *net, uint8_t number, struct vio_request *req)
{
	struct vio_net_addresses stations = { .count = 0 };
	struct vio_net_addresses groups = { .count = 0 };

	(void)number;
	if (!read_addresses(net, req, &stations) || !read_addresses(net, req, &groups))
		return false;
	net->setup.stations = stations;
	net->setup.groups = groups;
	return true;
}

static bool set_address(struct vio_net *net, uint8_t number, struct vio_request *req)
{
	uint8_t mac[VIO_MAC];

	(void)number;
	if (vio_request_read(req, mac, sizeof(mac)) < sizeof(mac) || vio_mac_is_group(mac))
		return false;
	memcpy(net->config.mac, mac, sizeof(mac));
	return true;
}

static bool read16(struct vio_net *net, struct vio_request *req, uint16_t *value)
{
	bool whole = vio_request_read(req, value, sizeof(*value)) == sizeof(*value);

	*value = vio_device_wire16(&net->device, *value);
	return whole;
}

static bool set_vlan(struct vio_net *net, uint8_t number, struct vio_request *req)
{
	uint16_t vlan = 0;
	uint8_t bit = 0;

	if (!read16(net, req, &vlan) || vlan > 0xfff)
		return false;
	bit = (uint8_t)(1U << vlan % 8);
	if (number == 0)
		net->setup.vlans[vlan / 8] |= bit;
	else
		net->setup.vlans[vlan / 8] &= (uint8_t)~bit;
	return true;
}

static void forget_announcement(struct vio_net *net)
{
	net->announce = false;
	net->config.status &= (uint16_t)~VIO_NET_S_ANNOUNCE;
}

static bool announced(struct vio_net *net, uint8_t number, struct vio_request *req)
{
	(void)number;
	(void)req;
	forget_announcement(net);
	return true;
}

static bool set_pairs(struct vio_net *net, uint8_t number, struct vio_request *req)
{
	uint16_t pairs = 0;

	(void)number;
	if (!read16(net, req, &pairs) || pairs == 0 || pairs > VIO_NET_PAIRS)
		return false;
	net->setup.pairs = (uint8_t)pairs;
	return true;
}

/* What a driver with these feature bits takes, as the switch names it. */
static uint8_t taken_by(uint64_t features)
{
	static const struct {
		uint8_t feature;
		uint8_t takes;
	} rows[] = {
		{ VIO_NET_F_GUEST_CSUM, VIO_TAKES_CSUM },
		{ VIO_NET_F_GUEST_TSO4, VIO_TAKES_TSO4 },
		{ VIO_NET_F_GUEST_TSO6, VIO_TAKES_TSO6 },
		{ VIO_NET_F_GUEST_ECN, VIO_TAKES_ECN },
	};
	uint8_t takes = 0;
	unsigned i = 0;

	for (i = 0; i < VIO_ARRAY_SIZE(rows); i++)
		takes |= ((uint32_t)features >> rows[i].feature & 1) != 0 ? rows[i].takes : 0;
	return takes;
}

#define GUEST_OFFLOADS                                                                             \
	(VIO_BIT(VIO_NET_F_GUEST_CSUM) | VIO_BIT(VIO_NET_F_GUEST_TSO4) |                           \
	 VIO_BIT(VIO_NET_F_GUEST_TSO6) | VIO_BIT(VIO_NET_F_GUEST_ECN))

/* As with features: only what was negotiated, and nothing without what it needs. */
static bool set_offloads(struct vio_net *net, uint8_t number, struct vio_request *req)
{
	uint64_t offloads = 0;
	uint8_t takes = 0;

	(void)number;
	if (vio_request_read(req, &offloads, sizeof(offloads)) < sizeof(offloads))
		return false;
	offloads = vio_device_wire64(&net->device, offloads);
	takes = taken_by(offloads);
	if ((offloads & ~(net->device.negotiated & GUEST_OFFLOADS)) != 0 ||
	    (takes != 0 && (takes & VIO_TAKES_CSUM) == 0))
		return false;
	net->port.takes = takes;
	return true;
}

static bool read_limits(struct vio_net *net, struct vio_request *req, struct vio_net_limits *limits)
{
	struct vio_net_limits wire;

	if (vio_request_read(req, &wire, sizeof(wire)) < sizeof(wire))
		return false;
	limits->packets = vio_device_wire32(&net->device, wire.packets);
	limits->usecs = vio_device_wire32(&net->device, wire.usecs);
	return true;
}

/* What waits by other limits is decided about now. */
static void limit(struct vio_net *net, struct vio_queue *queue, const struct vio_net_limits *limits)
{
	struct vio_net_waiting *waiting = waiting_of(net, queue);

	decide(queue, waiting);
	waiting->limits = *limits;
	waiting->requests = queue->counters.requests;
	set_coalescing(net, true);
}

/* Of all transmit queues, 0, or receive queues, 1. */
static bool set_limits(struct vio_net *net, uint8_t number, struct vio_request *req)
{
	const unsigned kind = number ^ 1U;
	unsigned i = 0;

	if (!read_limits(net, req, &net->limits[kind]))
		return false;
	for (i = kind; i < VIO_ARRAY_SIZE(net->waiting); i += 2)
		limit(net, &net->device.queues[i], &net->limits[kind]);
	return true;
}

/* NULL: not one of those that carry frames, or not enabled. */
static struct vio_queue *read_queue(struct vio_net *net, struct vio_request *req)
{
	uint16_t index = 0;
	uint16_t reserved = 0;

	if (!read16(net, req, &index) || !read16(net, req, &reserved) ||
	    index >= 2 * pairs_known(net) || !net->device.configs[index].ready)
		return NULL;
	return &net->device.queues[index];
}

static bool set_queue_limits(struct vio_net *net, uint8_t number, struct vio_request *req)
{
	struct vio_queue *queue = read_queue(net, req);
	struct vio_net_limits limits;

	(void)number;
	if (!queue || !read_limits(net, req, &limits))
		return false;
	limit(net, queue, &limits);
	return true;
}

/* The answer goes before what was asked for. */
static bool get_queue_limits(struct vio_net *net, uint8_t number, struct vio_request *req)
{
	const struct vio_queue *queue = read_queue(net, req);
	const uint8_t ack = ACK_OK;
	struct vio_net_limits wire;

	(void)number;
	if (!queue || req->writable_len < sizeof(ack) + sizeof(wire))
		return false;
	wire = waiting_of(net, queue)->limits;
	wire.packets = vio_device_wire32(&net->device, wire.packets);
	wire.usecs = vio_device_wire32(&net->device, wire.usecs);
	vio_request_write(req, &ack, sizeof(ack));
	vio_request_write(req, &wire, sizeof(wire));
	return true;
}

struct command_type {
	uint8_t class;
	uint8_t first; /* command numbers */
	uint8_t last;
	uint64_t feature; /* its bit */
	bool (*run)(struct vio_net *net, uint8_t number, struct vio_request *req);
};

static const struct command_type commands[] = {
	{ CLASS_RX, 0, 1, VIO_BIT(VIO_NET_F_CTRL_RX), set_rx_mode },
	{ CLASS_RX, 2, 5, VIO_BIT(VIO_NET_F_CTRL_RX_EXTRA), set_rx_mode },
	{ CLASS_MAC, 0, 0, VIO_BIT(VIO_NET_F_CTRL_RX), set_addresses },
	{ CLASS_MAC, 1, 1, VIO_BIT(VIO_NET_F_CTRL_MAC_ADDR), set_address },
	{ CLASS_VLAN, 0, 1, VIO_BIT(VIO_NET_F_CTRL_VLAN), set_vlan },
	{ CLASS_ANNOUNCE, 0, 0, VIO_BIT(VIO_NET_F_GUEST_ANNOUNCE), announced },
	{ CLASS_MQ, 0, 0, VIO_BIT(VIO_NET_F_MQ), set_pairs },
	{ CLASS_GUEST_OFFLOADS, 0, 0, VIO_BIT(VIO_NET_F_CTRL_GUEST_OFFLOADS), set_offloads },
	{ CLASS_NOTF_COAL, 0, 1, VIO_BIT(VIO_NET_F_NOTF_COAL), set_limits },
	{ CLASS_NOTF_COAL, 2, 2, VIO_BIT(VIO_NET_F_VQ_NOTF_COAL), set_queue_limits },
	{ CLASS_NOTF_COAL, 3, 3, VIO_BIT(VIO_NET_F_VQ_NOTF_COAL), get_queue_limits },
};

static bool run(struct vio_net *net, struct vio_request *req)
{
	struct command command;
	unsigned i = 0;

	if (vio_request_read(req, &command, sizeof(command)) < sizeof(command))
		return false;
	for (i = 0; i < VIO_ARRAY_SIZE(commands); i++) {
		const struct command_type *type = &commands[i];

		if (command.class == type->class && command.number >= type->first &&
		    command.number <= type->last)
			return (net->device.negotiated & type->feature) != 0 &&
			       type->run(net, command.number, req);
	}
	return false;
}

/*
 * The answer follows the command, in whatever is writable first. One with more to say than that has
 * said it.
 */
static void control(struct vio_net *net, struct vio_queue *queue)
{
	struct vio_request req;

	while (vio_queue_take(queue, &req)) {
		uint8_t ack = ACK_OK;

		if (req.writable_len == 0) {
			vio_queue_refuse(queue, &req);
			return;
		}
		if (!run(net, &req)) {
			ack = ACK_ERR;
			net->commands_refused++;
		}
		if (req.written == 0)
			vio_request_write(&req, &ack, sizeof(ack));
		vio_queue_complete(queue, &req);
	}
}

/* ---- The device ---- */

/* The control queue follows the pairs that the driver knows of, 5.1.2. */
static void notify(struct vio_device *device, struct vio_queue *queue)
{
	struct vio_net *net = net_of(device);

	if (queue->index == 2 * pairs_known(net) && has(net, VIO_NET_F_CTRL_VQ))
		control(net, queue);
	else if (queue->index % 2 == 1)
		transmit(net, queue);
	/* New receive buffers are looked for when there is a frame to put in. */
}

static void update_port(struct vio_net *net)
{
	net->port.up = net->link && net->running;
}

static void reset(struct vio_device *device)
{
	struct vio_net *net = net_of(device);

	memset(&net->setup, 0, sizeof(net->setup));
	net->setup.pairs = 1;
	set_coalescing(net, false);
	memset(net->limits, 0, sizeof(net->limits));
	memset(net->waiting, 0, sizeof(net->waiting));
	memcpy(net->config.mac, net->port.mac, VIO_MAC);
	forget_announcement(net);
	net->port.takes = 0;
	net->running = false;
	update_port(net);
}

static void enabled(struct vio_device *device)
{
	struct vio_net *net = net_of(device);
	const bool shorter = vio_device_is_legacy(device) && !has(net, VIO_NET_F_MRG_RXBUF);

	net->header_len =
		shorter ? offsetof(struct vio_net_hdr, num_buffers) : sizeof(struct vio_net_hdr);
	net->port.takes = taken_by(device->negotiated);
	net->sends = (uint8_t)((has(net, VIO_NET_F_CSUM) ? VIO_TAKES_CSUM : 0) |
			       (has(net, VIO_NET_F_HOST_TSO4) ? VIO_TAKES_TSO4 : 0) |
			       (has(net, VIO_NET_F_HOST_TSO6) ? VIO_TAKES_TSO6 : 0) |
			       (has(net, VIO_NET_F_HOST_ECN) ? VIO_TAKES_ECN : 0));
	net->running = true;
	update_port(net);
}

static void configure(struct vio_device *device)
{
	struct vio_net *net = net_of(device);

	net->config.status = net->link ? VIO_NET_S_LINK_UP : 0;
	net->config.status |= net->announce ? VIO_NET_S_ANNOUNCE : 0;
}

/* ---- Save and restore ---- */

/* Of `announce` in a state: while the driver suspends the device it does not see what is wanted. */
enum {
	SAVED_WANTED = 1,
	SAVED_SHOWN = VIO_NET_S_ANNOUNCE,
};

static void put_limits(uint8_t *to, const struct vio_net_limits *limits)
{
	const struct vio_net_limits wire = { vio_le32(limits->packets), vio_le32(limits->usecs) };

	memcpy(to, &wire, sizeof(wire));
}

static struct vio_net_limits get_limits(const uint8_t *from)
{
	struct vio_net_limits wire;

	memcpy(&wire, from, sizeof(wire));
	return (struct vio_net_limits){ vio_le32(wire.packets), vio_le32(wire.usecs) };
}

/* Of a queue that was closed, and has not been used since, those of its kind. */
static void save_limits(const struct vio_net *net, struct vio_net_state *state)
{
	unsigned i = 0;

	for (i = 0; i < 2; i++)
		put_limits(state->limits[i], &net->limits[i]);
	for (i = 0; i < VIO_ARRAY_SIZE(net->waiting); i++) {
		const struct vio_net_waiting *waiting = &net->waiting[i];

		put_limits(state->limits[2 + i],
			   waiting->generation == net->device.queues[i].generation
				   ? &waiting->limits
				   : &net->limits[i % 2]);
	}
}

static void save(const struct vio_device *device, void *to)
{
	const struct vio_net *net = VIO_CONTAINER_OF(device->config, struct vio_net, config);
	struct vio_net_state state = {
		.setup = net->setup,
		.announce = (net->announce ? SAVED_WANTED : 0) | (net->config.status & SAVED_SHOWN),
		.takes = net->port.takes,
	};

	save_limits(net, &state);
	memcpy(state.mac, net->config.mac, VIO_MAC);
	memcpy(to, &state, sizeof(state));
}

static bool can_be(const struct vio_net_addresses *addresses)
{
	return addresses->all <= 1 &&
	       addresses->count <= (addresses->all != 0 ? 0 : VIO_NET_ADDRESSES);
}

static bool is_zero(const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	while (len != 0 && *at == 0)
		at++, len--;
	return len == 0;
}

static bool has_bit(uint64_t features, unsigned feature)
{
	return (features & VIO_BIT(feature)) != 0;
}

/* A queue has those of its kind, unless the driver could say others. */
static bool can_have_limits(const struct vio_net *net, uint64_t negotiated,
			    const struct vio_net_state *state)
{
	const unsigned pairs =
		has_bit(negotiated, VIO_NET_F_MQ) ? net->config.max_virtqueue_pairs : 1;
	const bool each = has_bit(negotiated, VIO_NET_F_VQ_NOTF_COAL);
	unsigned i = 0;

	if (!has_bit(negotiated, VIO_NET_F_NOTF_COAL) &&
	    !is_zero(state->limits, 2 * sizeof(state->limits[0])))
		return false;
	for (i = 0; i < 2 * VIO_NET_PAIRS; i++) {
		const struct vio_net_limits its = get_limits(state->limits[2 + i]);
		const struct vio_net_limits usual = get_limits(state->limits[i % 2]);

		if ((i >= 2 * pairs || !each) &&
		    (its.packets != usual.packets || its.usecs != usual.usecs))
			return false;
	}
	return true;
}

/* Whether a driver with these features can have brought it about, on this device. */
static bool can_restore(const struct vio_device *device, uint64_t negotiated, bool is_enabled,
			const void *from)
{
	const struct vio_net *net = VIO_CONTAINER_OF(device->config, struct vio_net, config);
	struct vio_net_state state;
	const struct vio_net_setup *setup = &state.setup;
	unsigned modes = (has_bit(negotiated, VIO_NET_F_CTRL_RX) ? 0x03U : 0) |
			 (has_bit(negotiated, VIO_NET_F_CTRL_RX_EXTRA) ? 0x3cU : 0);

	(void)is_enabled;
	memcpy(&state, from, sizeof(state));
	if (setup->pairs == 0 || setup->pairs > VIO_NET_PAIRS ||
	    (setup->pairs > 1 && !has_bit(negotiated, VIO_NET_F_MQ)) ||
	    (setup->rx_modes & ~modes) != 0)
		return false;
	if (!can_be(&setup->stations) || !can_be(&setup->groups) ||
	    (!has_bit(negotiated, VIO_NET_F_CTRL_RX) &&
	     (!is_zero(&setup->stations, sizeof(setup->stations)) ||
	      !is_zero(&setup->groups, sizeof(setup->groups)))))
		return false;
	if (!has_bit(negotiated, VIO_NET_F_CTRL_VLAN) &&
	    !is_zero(setup->vlans, sizeof(setup->vlans)))
		return false;
	if (!can_have_limits(net, negotiated, &state))
		return false;
	if (has_bit(negotiated, VIO_NET_F_CTRL_MAC_ADDR)
		    ? vio_mac_is_group(state.mac)
		    : vio_mac_number(state.mac) != vio_mac_number(net->port.mac))
		return false;
	if (state.announce > (SAVED_WANTED | SAVED_SHOWN) || state.announce == SAVED_SHOWN ||
	    (state.announce != 0 && !has_bit(negotiated, VIO_NET_F_GUEST_ANNOUNCE)))
		return false;
	return (state.takes & ~taken_by(negotiated)) == 0 &&
	       (state.takes == 0 || (state.takes & VIO_TAKES_CSUM) != 0);
}

static void restore_limits(struct vio_net *net, const struct vio_net_state *state)
{
	unsigned i = 0;

	for (i = 0; i < 2; i++)
		net->limits[i] = get_limits(state->limits[i]);
	for (i = 0; i < VIO_ARRAY_SIZE(net->waiting); i++)
		waiting_of(net, &net->device.queues[i])->limits = get_limits(state->limits[2 + i]);
	set_coalescing(net, !is_zero(state->limits, sizeof(state->limits)));
}

static void restore(struct vio_device *device, const void *from)
{
	struct vio_net *net = net_of(device);
	struct vio_net_state state;

	memcpy(&state, from, sizeof(state));
	net->setup = state.setup;
	restore_limits(net, &state);
	net->port.takes = state.takes;
	memcpy(net->config.mac, state.mac, VIO_MAC);
	net->announce = state.announce != 0;
	net->config.status |= state.announce & SAVED_SHOWN;
}

void vio_net_set_link(struct vio_net *net, bool up)
{
	net->link = up;
	update_port(net);
	vio_device_config_changed(&net->device);
}

void vio_net_announce(struct vio_net *net)
{
	if (!has(net, VIO_NET_F_GUEST_ANNOUNCE))
		return;
	net->announce = true;
	vio_device_config_changed(&net->device);
}

#define QUEUE                                                                                      \
	{                                                                                          \
		.size_max = VIO_NET_QUEUE_SIZE, .notify = notify                                   \
	}

static const struct vio_queue_type net_queues[VIO_NET_QUEUES] = {
	[0 ... VIO_NET_QUEUES - 1] = QUEUE,
};

static const struct vio_config_field net_fields[] = {
	VIO_CONFIG_ARRAY(struct vio_net_config, mac, false),
	VIO_CONFIG_FIELD(struct vio_net_config, status, false),
	VIO_CONFIG_FIELD(struct vio_net_config, max_virtqueue_pairs, false),
	VIO_CONFIG_FIELD(struct vio_net_config, mtu, false),
	VIO_CONFIG_FIELD(struct vio_net_config, speed, false),
	VIO_CONFIG_FIELD(struct vio_net_config, duplex, false),
};

/* 5.1.3.1 */
static const struct vio_feature_need net_needs[] = {
	{ VIO_NET_F_GUEST_TSO4, VIO_NET_F_GUEST_CSUM },
	{ VIO_NET_F_GUEST_TSO6, VIO_NET_F_GUEST_CSUM },
	{ VIO_NET_F_GUEST_ECN, VIO_NET_F_GUEST_CSUM },
	{ VIO_NET_F_HOST_TSO4, VIO_NET_F_CSUM },
	{ VIO_NET_F_HOST_TSO6, VIO_NET_F_CSUM },
	{ VIO_NET_F_HOST_ECN, VIO_NET_F_CSUM },
	{ VIO_NET_F_CTRL_RX, VIO_NET_F_CTRL_VQ },
	{ VIO_NET_F_CTRL_VLAN, VIO_NET_F_CTRL_VQ },
	{ VIO_NET_F_CTRL_RX_EXTRA, VIO_NET_F_CTRL_VQ },
	{ VIO_NET_F_GUEST_ANNOUNCE, VIO_NET_F_CTRL_VQ },
	{ VIO_NET_F_MQ, VIO_NET_F_CTRL_VQ },
	{ VIO_NET_F_CTRL_MAC_ADDR, VIO_NET_F_CTRL_VQ },
	{ VIO_NET_F_CTRL_GUEST_OFFLOADS, VIO_NET_F_CTRL_VQ },
	{ VIO_NET_F_NOTF_COAL, VIO_NET_F_CTRL_VQ },
	{ VIO_NET_F_VQ_NOTF_COAL, VIO_NET_F_CTRL_VQ },
};

#define NET_FEATURES                                                                               \
	(GUEST_OFFLOADS | VIO_BIT(VIO_NET_F_CSUM) | VIO_BIT(VIO_NET_F_HOST_TSO4) |                 \
	 VIO_BIT(VIO_NET_F_HOST_TSO6) | VIO_BIT(VIO_NET_F_HOST_ECN) |                              \
	 VIO_BIT(VIO_NET_F_MRG_RXBUF) | VIO_BIT(VIO_NET_F_MAC) | VIO_BIT(VIO_NET_F_MTU) |          \
	 VIO_BIT(VIO_NET_F_STATUS) | VIO_BIT(VIO_NET_F_SPEED_DUPLEX) |                             \
	 VIO_BIT(VIO_NET_F_CTRL_VQ) | VIO_BIT(VIO_NET_F_CTRL_RX) |                                 \
	 VIO_BIT(VIO_NET_F_CTRL_RX_EXTRA) | VIO_BIT(VIO_NET_F_CTRL_VLAN) |                         \
	 VIO_BIT(VIO_NET_F_CTRL_GUEST_OFFLOADS) | VIO_BIT(VIO_NET_F_GUEST_ANNOUNCE))

#define COALESCING (VIO_BIT(VIO_NET_F_NOTF_COAL) | VIO_BIT(VIO_NET_F_VQ_NOTF_COAL))

static const struct vio_device_type net_type = {
	.name = "net",
	.id = VIO_ID_NET,
	.features = NET_FEATURES | COALESCING | VIO_BIT(VIO_NET_F_CTRL_MAC_ADDR) |
		    VIO_BIT(VIO_NET_F_MQ),
	.queues = net_queues,
	.queue_count = VIO_NET_QUEUES,
	.fields = net_fields,
	.field_count = VIO_ARRAY_SIZE(net_fields),
	.needs = net_needs,
	.need_count = VIO_ARRAY_SIZE(net_needs),
	.reset = reset,
	.enabled = enabled,
	.halting = halting,
	.configure = configure,
	.state_bytes = sizeof(struct vio_net_state),
	.save = save,
	.can_restore = can_restore,
	.restore = restore,
};

_Static_assert(_Alignof(struct vio_net_state) == 1, "nothing but bytes, and so no gaps");

bool vio_net_init(struct vio_net *net, const char *name, const struct vio_net_options *options)
{
	const uint16_t mtu = options->mtu != 0 ? options->mtu : MTU;
	const bool known = options->speed != 0;
	uint64_t features = NET_FEATURES;

	if (mtu < VIO_NET_MTU_MIN)
		return false;
	features |= VIO_NET_PAIRS > 1 ? VIO_BIT(VIO_NET_F_MQ) : 0;
	features |= options->clock ? COALESCING : 0;
	features |= options->any_address ? VIO_BIT(VIO_NET_F_CTRL_MAC_ADDR) : 0;
	net->link = true;
	net->announce = false;
	net->config = (struct vio_net_config){
		.status = VIO_NET_S_LINK_UP,
		.max_virtqueue_pairs = VIO_NET_PAIRS,
		.mtu = mtu,
		.speed = known ? options->speed : SPEED_UNKNOWN,
		.duplex = known ? DUPLEX_FULL : DUPLEX_UNKNOWN,
	};
	net->port = (struct vio_port){
		.name = name,
		.flags = options->any_address ? 0 : VIO_PORT_FILTERED,
		.mtu = mtu,
		.deliver = deliver,
		.flush = flush,
	};
	net->clock = options->clock;
	net->wakes_at = UINT64_MAX;
	net->filtered = net->commands_refused = 0;
	memcpy(net->port.mac, options->mac, VIO_MAC);
	vio_device_init(&net->device, &net_type, features, &net->config,
			VIO_STORAGE(&net->storage));
	return true;
}

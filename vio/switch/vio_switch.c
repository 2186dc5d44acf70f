/* SPDX-License-Identifier: BSD-2-Clause */
#include "vio_switch.h"

#define WAYS    4 /* places in the table that one address may be in */
#define FOREVER 255
#define MTU     1500

enum {
	TYPE_VLAN = 0x8100,
	SOURCE = VIO_MAC,
	TAG = 2 * VIO_MAC,
	VLAN_MASK = 0xfff,
	VLAN_MAX = 4094,
};

_Static_assert(VIO_SWITCH_PORTS <= 32, "a bit for each port");
_Static_assert(VIO_SWITCH_ADDRESSES % WAYS == 0 && VIO_SWITCH_AGE < FOREVER, "the address table");

const char *vio_drop_text(enum vio_drop drop)
{
	static const char *const text[VIO_DROPS] = {
		[VIO_DROP_RUNT] = "runt",           [VIO_DROP_TOO_LONG] = "too long",
		[VIO_DROP_MALFORMED] = "malformed", [VIO_DROP_SPOOFED] = "spoofed",
		[VIO_DROP_VLAN] = "wrong VLAN",     [VIO_DROP_RATE] = "above its rate",
		[VIO_DROP_NOBODY] = "for nobody",   [VIO_DROP_NO_ROOM] = "no room",
	};

	return (unsigned)drop < VIO_DROPS ? text[drop] : "unknown";
}

const char *vio_switch_error_text(enum vio_switch_error error)
{
	static const char *const text[VIO_SWITCH_ERRORS] = {
		[VIO_SWITCH_OK] = "no error",
		[VIO_SWITCH_FULL] = "more ports than VIO_SWITCH_PORTS",
		[VIO_SWITCH_DUPLICATE] = "another port has this address",
		[VIO_SWITCH_ADDRESS] = "not the address of one station",
		[VIO_SWITCH_TABLE] = "more addresses than VIO_SWITCH_ADDRESSES has room for",
		[VIO_SWITCH_VLAN] = "no such VLAN, or one on a trunk",
	};

	return (unsigned)error < VIO_SWITCH_ERRORS ? text[error] : "unknown error";
}

/* ---- Addresses ---- */

/* Never 0, which is a free place. */
static uint64_t key_of(const uint8_t *mac, uint16_t vlan)
{
	return (uint64_t)1 << 63 | (uint64_t)vlan << 48 | vio_mac_number(mac);
}

/* The WAYS places for a key. */
static struct vio_address *places(struct vio_switch *sw, uint64_t key)
{
	/* Stations differ in the last bytes: a multiplication spreads those over the upper bits. */
	uint32_t mixed = ((uint32_t)key ^ (uint32_t)(key >> 32)) * UINT32_C(0x9e3779b1);

	size_t set = (mixed >> 16) % (VIO_SWITCH_ADDRESSES / WAYS);

	return &sw->addresses[set * WAYS];
}

static struct vio_address *find(struct vio_switch *sw, uint64_t key)
{
	struct vio_address *place = places(sw, key);
	unsigned i = 0;

	for (i = 0; i < WAYS; i++, place++) {
		if (place->key == key)
			return place;
	}
	return NULL;
}

/* The place for a key that is not there: a free one, else the one that was silent for longest. */
static struct vio_address *place_for(struct vio_switch *sw, uint64_t key)
{
	struct vio_address *place = places(sw, key);
	struct vio_address *oldest = place;
	unsigned i = 0;

	for (i = 0; i < WAYS; i++, place++) {
		if (place->age < oldest->age)
			oldest = place;
	}
	return oldest->age == FOREVER ? NULL : oldest;
}

/* What a port without the filter sends from lies behind it, unless another port has it. */
static void learn(struct vio_switch *sw, const struct vio_port *port, uint64_t key)
{
	struct vio_address *place = find(sw, key);

	if (!place)
		place = place_for(sw, key);
	if (!place || place->age == FOREVER)
		return;
	*place = (struct vio_address){ .key = key, .port = port->number, .age = VIO_SWITCH_AGE };
}

static void forget_port(struct vio_switch *sw, uint8_t number)
{
	unsigned i = 0;

	for (i = 0; i < VIO_SWITCH_ADDRESSES; i++) {
		if (sw->addresses[i].key != 0 && sw->addresses[i].port == number)
			sw->addresses[i] = (struct vio_address){ .key = 0 };
	}
}

enum vio_switch_error vio_switch_add(struct vio_switch *sw, struct vio_port *port,
				     const struct vio_port **other)
{
	uint64_t key = key_of(port->mac, port->vlan);
	struct vio_address *place = find(sw, key);
	uint8_t number = 0;

	if (other)
		*other = NULL;
	if (port->vlan > VLAN_MAX || ((port->flags & VIO_PORT_TRUNK) != 0 && port->vlan != 0))
		return VIO_SWITCH_VLAN;
	if (vio_mac_is_group(port->mac) || vio_mac_number(port->mac) == 0)
		return VIO_SWITCH_ADDRESS;
	while (number < VIO_SWITCH_PORTS && sw->ports[number])
		number++;
	if (number == VIO_SWITCH_PORTS)
		return VIO_SWITCH_FULL;
	if (place && place->age == FOREVER) {
		if (other)
			*other = sw->ports[place->port];
		return VIO_SWITCH_DUPLICATE;
	}
	if (!place)
		place = place_for(sw, key);
	if (!place)
		return VIO_SWITCH_TABLE;

	*place = (struct vio_address){ .key = key, .port = number, .age = FOREVER };
	sw->ports[number] = port;
	port->joined = sw;
	port->number = number;
	port->tokens = port->burst;
	port->counters = (struct vio_port_counters){ .frames_in = 0 };
	return VIO_SWITCH_OK;
}

void vio_switch_remove(struct vio_switch *sw, struct vio_port *port)
{
	forget_port(sw, port->number);
	sw->ports[port->number] = NULL;
	sw->unflushed &= ~(UINT32_C(1) << port->number);
	port->joined = NULL;
}

void vio_switch_tick(struct vio_switch *sw)
{
	unsigned i = 0;

	for (i = 0; i < VIO_SWITCH_ADDRESSES; i++) {
		struct vio_address *address = &sw->addresses[i];

		if (address->age != FOREVER && address->age != 0 && --address->age == 0)
			address->key = 0;
	}
	for (i = 0; i < VIO_SWITCH_PORTS; i++) {
		struct vio_port *port = sw->ports[i];

		if (port)
			port->tokens = port->burst - port->tokens > port->rate
					       ? port->tokens + port->rate
					       : port->burst;
	}
}

/* ---- Frames ---- */

static void drop(struct vio_port *port, enum vio_drop reason)
{
	port->counters.drops[reason]++;
}

/* The same frame with a tag for `vlan`, or without its tag; the head is `buffer` from now on. */
static void tag(struct vio_frame *frame, uint8_t buffer[VIO_FRAME_HEAD], uint16_t vlan)
{
	memcpy(buffer, frame->head, TAG);
	vio_net16_set(buffer + TAG, TYPE_VLAN);
	vio_net16_set(buffer + TAG + 2, vlan);
	memcpy(buffer + TAG + VIO_VLAN_TAG, frame->head + TAG, frame->head_len - TAG);
	frame->head = buffer;
	frame->head_len += VIO_VLAN_TAG;
	frame->len += VIO_VLAN_TAG;
	frame->offload.csum_start += frame->offload.flags != 0 ? VIO_VLAN_TAG : 0;
	frame->offload.hdr_len += frame->offload.gso_type != 0 ? VIO_VLAN_TAG : 0;
}

static void untag(struct vio_frame *frame, uint8_t buffer[VIO_FRAME_HEAD])
{
	memcpy(buffer, frame->head, TAG);
	memcpy(buffer + TAG, frame->head + TAG + VIO_VLAN_TAG,
	       frame->head_len - TAG - VIO_VLAN_TAG);
	frame->head = buffer;
	frame->head_len -= VIO_VLAN_TAG;
	frame->len -= VIO_VLAN_TAG;
	frame->offload.csum_start -= frame->offload.flags != 0 ? VIO_VLAN_TAG : 0;
	frame->offload.hdr_len -= frame->offload.gso_type != 0 ? VIO_VLAN_TAG : 0;
}

static void deliver(struct vio_port *port, const struct vio_frame *frame)
{
	port->joined->unflushed |= UINT32_C(1) << port->number;
	if (!port->deliver(port, frame)) {
		drop(port, VIO_DROP_NO_ROOM);
		return;
	}
	port->counters.frames_out++;
	port->counters.bytes_out += frame->len;
}

/* Does for the receiver what it does not do itself. */
static void complete(struct vio_port *port, struct vio_frame frame)
{
	uint8_t buffer[VIO_FRAME_HEAD];

	if (vio_checksum_complete(&frame, buffer))
		deliver(port, &frame);
	else
		drop(port, VIO_DROP_MALFORMED);
}

static void cut(struct vio_port *port, const struct vio_frame *frame)
{
	struct vio_segments segments;
	struct vio_frame segment;

	vio_segments_start(&segments, frame);
	while (vio_segments_next(&segments, &segment)) {
		if ((port->takes & VIO_TAKES_CSUM) != 0)
			deliver(port, &segment);
		else
			complete(port, segment);
	}
}

static void hand_over(struct vio_port *port, const struct vio_frame *frame)
{
	if ((vio_offload_needs(&frame->offload) & ~(unsigned)port->takes) == 0)
		deliver(port, frame);
	else if (frame->offload.gso_type != VIO_NET_GSO_NONE)
		cut(port, frame);
	else
		complete(port, *frame);
}

static void hand_over_in(struct vio_port *port, const struct vio_frame *frame, uint16_t vlan)
{
	uint8_t buffer[VIO_FRAME_HEAD];
	struct vio_frame tagged;

	if (vlan == 0 || (port->flags & VIO_PORT_TRUNK) == 0) {
		hand_over(port, frame);
		return;
	}
	tagged = *frame;
	tag(&tagged, buffer, vlan);
	hand_over(port, &tagged);
}

/* Whether `to` may see anything that `from` sends into `vlan`. */
static bool reaches(const struct vio_port *from, const struct vio_port *to, uint16_t vlan)
{
	return to && to != from && to->up &&
	       (to->vlan == vlan || (to->flags & VIO_PORT_TRUNK) != 0) &&
	       (from->flags & to->flags & VIO_PORT_PRIVATE) == 0;
}

/* Returns whether there was anybody. */
static bool flood(struct vio_port *from, const struct vio_frame *frame, uint16_t vlan)
{
	struct vio_switch *sw = from->joined;
	bool group = vio_mac_is_group(frame->head);
	bool any = false;
	unsigned i = 0;

	for (i = 0; i < VIO_SWITCH_PORTS; i++) {
		struct vio_port *to = sw->ports[i];

		if (!reaches(from, to, vlan) || (!group && (to->flags & VIO_PORT_FILTERED) != 0))
			continue;
		hand_over_in(to, frame, vlan);
		any = true;
	}
	return any;
}

static void forward(struct vio_port *from, const struct vio_frame *frame, uint16_t vlan)
{
	struct vio_switch *sw = from->joined;
	struct vio_address *address = find(sw, key_of(frame->head, vlan));

	if (!vio_mac_is_group(frame->head) && address) {
		struct vio_port *to = sw->ports[address->port];

		if (reaches(from, to, vlan))
			hand_over_in(to, frame, vlan);
		else
			drop(from, VIO_DROP_NOBODY);
		return;
	}
	if (!flood(from, frame, vlan))
		drop(from, VIO_DROP_NOBODY);
}

static bool is_vlan_of_a_port(const struct vio_switch *sw, uint16_t vlan)
{
	unsigned i = 0;

	for (i = 0; i < VIO_SWITCH_PORTS; i++) {
		if (sw->ports[i] && sw->ports[i]->vlan == vlan)
			return true;
	}
	return false;
}

/*
 * The VLAN that a frame belongs to. One that comes tagged from a trunk loses its tag, unless the
 * tag is none of ours; a port in a VLAN may not tag.
 */
static bool classify(const struct vio_port *from, struct vio_frame *frame,
		     uint8_t buffer[VIO_FRAME_HEAD], uint16_t *vlan)
{
	bool tagged = frame->head_len >= VIO_ETHERNET_HEADER + VIO_VLAN_TAG &&
		      vio_net16(frame->head + TAG) == TYPE_VLAN;
	uint16_t tag_vlan = tagged ? vio_net16(frame->head + TAG + 2) & VLAN_MASK : 0;

	*vlan = from->vlan;
	if (from->vlan != 0)
		return !tagged;
	if ((from->flags & VIO_PORT_TRUNK) != 0 && tag_vlan != 0 &&
	    is_vlan_of_a_port(from->joined, tag_vlan)) {
		*vlan = tag_vlan;
		untag(frame, buffer);
	}
	return true;
}

/* A segment's length must fit in an IP header, though nobody may ever see that header. */
static uint32_t longest(const struct vio_port *from, const struct vio_frame *frame)
{
	const uint32_t mtu = from->mtu != 0 ? from->mtu : MTU;

	return (frame->offload.gso_type == VIO_NET_GSO_NONE ? mtu : UINT16_MAX) +
	       VIO_ETHERNET_HEADER + VIO_VLAN_TAG;
}

/* Whether the port may send the frame; if not, why. */
static bool admit(struct vio_port *from, struct vio_frame *frame, enum vio_drop *reason)
{
	if (frame->head_len < VIO_ETHERNET_HEADER)
		*reason = VIO_DROP_RUNT;
	else if (frame->head_len > VIO_FRAME_HEAD - VIO_VLAN_TAG || !vio_offload_check(frame))
		*reason = VIO_DROP_MALFORMED;
	else if (frame->len > longest(from, frame))
		*reason = VIO_DROP_TOO_LONG;
	else if (vio_mac_is_group(frame->head + SOURCE) ||
		 ((from->flags & VIO_PORT_FILTERED) != 0 &&
		  vio_mac_number(frame->head + SOURCE) != vio_mac_number(from->mac)))
		*reason = VIO_DROP_SPOOFED;
	else if (from->rate != 0 && from->tokens < frame->len)
		*reason = VIO_DROP_RATE;
	else
		return true;
	return false;
}

void vio_port_send(struct vio_port *port, const struct vio_frame *frame)
{
	uint8_t buffer[VIO_FRAME_HEAD];
	struct vio_frame sent = *frame;
	enum vio_drop reason = VIO_DROP_VLAN;
	uint16_t vlan = 0;

	if (!admit(port, &sent, &reason) || !classify(port, &sent, buffer, &vlan)) {
		drop(port, reason);
		return;
	}
	port->counters.frames_in++;
	port->counters.bytes_in += sent.len;
	port->tokens -= port->rate != 0 ? sent.len : 0;
	if ((port->flags & VIO_PORT_FILTERED) == 0)
		learn(port->joined, port, key_of(sent.head + SOURCE, vlan));
	forward(port, &sent, vlan);
}

void vio_port_flush(struct vio_port *port)
{
	struct vio_switch *sw = port->joined;
	uint32_t unflushed = sw->unflushed;
	unsigned i = 0;

	sw->unflushed = 0;
	for (i = 0; unflushed != 0; unflushed >>= 1, i++) {
		if ((unflushed & 1) != 0 && sw->ports[i]->flush)
			sw->ports[i]->flush(sw->ports[i]);
	}
}

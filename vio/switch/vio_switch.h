/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A switch: Ethernet frames between guests, the root and a network card.
 *
 * It holds no frame. A port sends, and the frame is delivered to the ports it is for before the
 * call returns, straight from the sender's memory into theirs: one copy, no queue that one guest
 * could fill at another's cost. A port that has no room loses the frame, as on a wire, and every
 * frame that does not arrive is counted under its reason.
 *
 * Addresses. A port has its own address, and by default (VIO_PORT_FILTERED) it is that address: it
 * sends from no other and is sent none but broadcast, multicast and its own. A port without the
 * filter, a card's, stands for all the addresses behind it: those are learnt from what it sends, in
 * a table of fixed size, and forgotten when they were silent for VIO_SWITCH_AGE ticks. A frame for
 * an address that nobody is known to have goes to the ports without the filter.
 *
 * VLANs. Ports with the same `vlan` see each other and nobody else. VLAN 0 is a net of its own,
 * in which tags that guests use among themselves are passed on as they are. Frames of the others
 * are tagged on trunks (VIO_PORT_TRUNK), which belong to all of them, and nowhere else.
 *
 * Private ports (VIO_PORT_PRIVATE) do not see each other.
 *
 * All calls on one switch are serialised by the root.
 */
#ifndef VIO_SWITCH_H
#define VIO_SWITCH_H

#include "vio_frame.h"

#ifndef VIO_SWITCH_PORTS
#define VIO_SWITCH_PORTS 16 /* at most 32 */
#endif

/* Addresses that can be known at once, the ports' own included; a multiple of 4. */
#ifndef VIO_SWITCH_ADDRESSES
#define VIO_SWITCH_ADDRESSES 64
#endif

/* Ticks after which a learnt address that was not heard of is forgotten; at most 254. */
#ifndef VIO_SWITCH_AGE
#define VIO_SWITCH_AGE 250
#endif

struct vio_switch;

/* Why a frame did not arrive, in the counters of the port that sent it, or was to get it. */
enum vio_drop {
	VIO_DROP_RUNT,      /* sent: shorter than an Ethernet header */
	VIO_DROP_TOO_LONG,  /* sent: above the port's MTU; to be cut, above 64 KiB */
	VIO_DROP_MALFORMED, /* sent: asks for work that cannot be done on it */
	VIO_DROP_SPOOFED,   /* sent: from an address that is not the port's own */
	VIO_DROP_VLAN,      /* sent: a tag where none is allowed */
	VIO_DROP_RATE,      /* sent: above the port's rate */
	VIO_DROP_NOBODY,    /* sent: there is no port it could go to */
	VIO_DROP_NO_ROOM,   /* to be delivered: no buffer, or none that it fits in */
	VIO_DROPS,
};

/* A word or two for a report: never NULL, any value. */
const char *vio_drop_text(enum vio_drop drop);

enum {
	VIO_PORT_FILTERED = 1,
	VIO_PORT_TRUNK = 2,
	VIO_PORT_PRIVATE = 4,
};

struct vio_port_counters {
	uint64_t frames_in; /* accepted from the port */
	uint64_t bytes_in;
	uint64_t frames_out; /* delivered to it; a segment that was cut counts as what it became */
	uint64_t bytes_out;
	uint32_t drops[VIO_DROPS];
};

/* The caller owns it and sets all up to `flush` before vio_switch_add(). */
struct vio_port {
	const char *name; /* in reports */
	uint8_t mac[VIO_MAC];
	uint16_t vlan;  /* 0 to 4094; a trunk has 0 */
	uint16_t mtu;   /* bytes of payload of the longest frame it may send; 0: 1500 */
	uint8_t flags;  /* VIO_PORT_ */
	uint8_t takes;  /* VIO_TAKES_; may be changed at any time */
	bool up;        /* may be changed at any time: a port that is down is sent nothing */
	uint32_t rate;  /* bytes a tick that it may send; 0: no limit */
	uint32_t burst; /* bytes it may save up, at least a frame */
	/*
	 * Takes a copy of the frame; false: no room. Not to send in turn. Frames may be shown to
	 * the guest only when `flush` is called, which ends the batch; NULL: nothing to do.
	 */
	bool (*deliver)(struct vio_port *port, const struct vio_frame *frame);
	void (*flush)(struct vio_port *port);

	struct vio_switch *joined;
	struct vio_port_counters counters;
	uint32_t tokens; /* bytes it may send in this tick */
	uint8_t number;
};

struct vio_address {
	uint64_t key; /* address and VLAN; 0: free */
	uint8_t port;
	uint8_t age; /* ticks left; 255: the port's own, for ever */
};

/* The caller owns it; all zero is a switch without ports. */
struct vio_switch {
	struct vio_port *ports[VIO_SWITCH_PORTS];
	uint32_t unflushed; /* a bit for each port that `deliver` was called for */
	struct vio_address addresses[VIO_SWITCH_ADDRESSES];
};

enum vio_switch_error {
	VIO_SWITCH_OK,
	VIO_SWITCH_FULL,      /* VIO_SWITCH_PORTS is too small */
	VIO_SWITCH_DUPLICATE, /* another port of the VLAN has the address */
	VIO_SWITCH_ADDRESS,   /* no address that a port can have: a group's, or 0 */
	VIO_SWITCH_TABLE,     /* VIO_SWITCH_ADDRESSES is too small for the ports' own */
	VIO_SWITCH_VLAN,      /* above 4094, or a trunk with one */
	VIO_SWITCH_ERRORS,
};

const char *vio_switch_error_text(enum vio_switch_error error);

/*
 * Makes `port` one of the switch's, until it is removed. `other`, if not NULL, is then the port
 * that has the address already, or NULL.
 */
enum vio_switch_error vio_switch_add(struct vio_switch *sw, struct vio_port *port,
				     const struct vio_port **other);
void vio_switch_remove(struct vio_switch *sw, struct vio_port *port);

/*
 * The port sends a frame whose head is at least an Ethernet header, or all of it, and a TCP
 * segment's all headers; what it must fulfil besides is checked. The frame is the caller's again
 * afterwards.
 */
void vio_port_send(struct vio_port *port, const struct vio_frame *frame);

/* The end of a batch of vio_port_send(): those it reached may be told. */
void vio_port_flush(struct vio_port *port);

/* A tick of the root's choice, say a second, has passed: rates and ages go on. */
void vio_switch_tick(struct vio_switch *sw);

#endif

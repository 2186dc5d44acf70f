/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The network device, Virtio 1.4, 5.1: a port of a switch, seen by a guest as its card.
 *
 * The guest's frames go to the switch out of the buffers it put them in, and come from it straight
 * into the guest's, header and data in one go. Nothing is queued in the device: what finds no
 * receive buffer is lost, and counted by the switch.
 *
 * Frames that their sender left unfinished, a checksum to complete or a TCP segment to cut, are
 * given whole to a driver that takes them; for one that does not the switch does the work.
 *
 * Filters: the switch keeps away from a guest what is for other guests, whatever the driver asks
 * for. What the driver sets up by control commands narrows that down further.
 */
#ifndef VIO_NET_H
#define VIO_NET_H

#include "vio_device.h"
#include "vio_switch.h"

/* Entries of each queue. */
#ifndef VIO_NET_QUEUE_SIZE
#define VIO_NET_QUEUE_SIZE 256
#endif

/* Pairs of receive and transmit queues; MQ is offered above 1. At most 15. */
#ifndef VIO_NET_PAIRS
#define VIO_NET_PAIRS 1
#endif

/* Buffers that one frame may be spread over (MRG_RXBUF): 64 KiB in buffers of 1 KiB. */
#ifndef VIO_NET_MERGED
#define VIO_NET_MERGED 66
#endif

/* Addresses of each kind, of stations and of groups, that a driver can ask for one by one. */
#define VIO_NET_ADDRESSES 16

/* Bytes of payload that any link carries, 5.1.4.1. */
#define VIO_NET_MTU_MIN   68

#define VIO_NET_QUEUES    (2 * VIO_NET_PAIRS + 1)

/* Feature bit numbers, 5.1.3. */
enum {
	VIO_NET_F_CSUM = 0,
	VIO_NET_F_GUEST_CSUM = 1,
	VIO_NET_F_CTRL_GUEST_OFFLOADS = 2,
	VIO_NET_F_MTU = 3,
	VIO_NET_F_MAC = 5,
	VIO_NET_F_GUEST_TSO4 = 7,
	VIO_NET_F_GUEST_TSO6 = 8,
	VIO_NET_F_GUEST_ECN = 9,
	VIO_NET_F_HOST_TSO4 = 11,
	VIO_NET_F_HOST_TSO6 = 12,
	VIO_NET_F_HOST_ECN = 13,
	VIO_NET_F_MRG_RXBUF = 15,
	VIO_NET_F_STATUS = 16,
	VIO_NET_F_CTRL_VQ = 17,
	VIO_NET_F_CTRL_RX = 18,
	VIO_NET_F_CTRL_VLAN = 19,
	VIO_NET_F_CTRL_RX_EXTRA = 20,
	VIO_NET_F_GUEST_ANNOUNCE = 21,
	VIO_NET_F_MQ = 22,
	VIO_NET_F_CTRL_MAC_ADDR = 23,
	VIO_NET_F_VQ_NOTF_COAL = 52,
	VIO_NET_F_NOTF_COAL = 53,
	VIO_NET_F_SPEED_DUPLEX = 63,
};

/* `status` of the configuration, 5.1.4. */
enum {
	VIO_NET_S_LINK_UP = 1,
	VIO_NET_S_ANNOUNCE = 2,
};

/* 5.1.4 */
struct vio_net_config {
	uint8_t mac[VIO_MAC];
	uint16_t status;
	uint16_t max_virtqueue_pairs;
	uint16_t mtu;
	uint32_t speed; /* Mbit/s; all ones: not known */
	uint8_t duplex; /* 1: full; 255: not known */
};

/* Before each frame in both directions, 5.1.6. */
struct vio_net_hdr {
	uint8_t flags;
	uint8_t gso_type;
	uint16_t hdr_len;
	uint16_t gso_size;
	uint16_t csum_start;
	uint16_t csum_offset;
	uint16_t num_buffers; /* not there on a legacy transport without MRG_RXBUF */
};

/* Receive modes that the driver has set, a bit for each command of its class, 5.1.6.5.1. */
enum {
	VIO_NET_RX_PROMISC = 1,
	VIO_NET_RX_ALLMULTI = 2,
	VIO_NET_RX_ALLUNI = 4,
	VIO_NET_RX_NOMULTI = 8,
	VIO_NET_RX_NOUNI = 16,
	VIO_NET_RX_NOBCAST = 32,
};

/* Of stations, or of groups. */
struct vio_net_addresses {
	uint8_t count;
	uint8_t all; /* 1: the driver asked for more than we can hold */
	uint8_t mac[VIO_NET_ADDRESSES][VIO_MAC];
};

/* What the driver has set up by its commands; nothing but bytes, for it is saved as it is. */
struct vio_net_setup {
	uint8_t pairs;
	uint8_t rx_modes; /* VIO_NET_RX_ */
	struct vio_net_addresses stations;
	struct vio_net_addresses groups;
	uint8_t vlans[4096 / 8]; /* a bit for each it receives */
};

/*
 * Notification coalescing, 5.1.6.5.9: an interrupt stands for so many packets, or comes so long
 * after the first of them. 0 either: for each batch.
 */
struct vio_net_limits {
	uint32_t packets;
	uint32_t usecs;
};

/* Of one receive or transmit queue: what its driver sees and was not interrupted for. */
struct vio_net_waiting {
	struct vio_net_limits limits;
	uint32_t packets;
	uint32_t requests;   /* the queue's counter, when packets were counted last */
	uint16_t undecided;  /* ring entries, of vio_queue_show() */
	uint16_t generation; /* of the queue: the rest is about that */
	uint64_t until;      /* at the latest, by the clock */
};

/* The type's own part of a saved state (vio_state.h). */
struct vio_net_state {
	struct vio_net_setup setup;
	/* Little-endian, of both kinds and of each queue. */
	uint8_t limits[2 + 2 * VIO_NET_PAIRS][sizeof(struct vio_net_limits)];
	uint8_t mac[VIO_MAC]; /* as the driver reads it */
	uint8_t announce;     /* 1: it is asked to, and has not said that it did; 2: and sees it */
	uint8_t takes;        /* VIO_TAKES_ */
};

/*
 * What notification coalescing needs of the root: the time, in units of its own, and to be called.
 * The caller owns it, and it outlives the device.
 */
struct vio_net_clock {
	/* The time so many microseconds from now. It never goes back. */
	uint64_t (*after)(struct vio_net_clock *clock, uint32_t usecs);
	/* vio_net_tick() is wanted at that time, and not any more at one asked for before. */
	void (*wake)(struct vio_net_clock *clock, uint64_t at);
};

/* The caller owns it. */
struct vio_net {
	struct vio_device device;
	struct vio_port port; /* for vio_switch_add(), after vio_net_init() */
	struct vio_net_config config;
	bool link;     /* is up */
	bool announce; /* the driver is to make itself known, and has not said that it has */
	bool running;  /* a driver is */

	/* The driver's. */
	uint8_t header_len; /* bytes of struct vio_net_hdr */
	uint8_t sends;      /* VIO_TAKES_: what it may leave to us */
	struct vio_net_setup setup;
	bool coalesces;                  /* it has set limits */
	struct vio_net_limits limits[2]; /* of receive queues, of transmit queues */
	struct vio_net_waiting waiting[2 * VIO_NET_PAIRS];

	struct vio_net_clock *clock; /* NULL: there is none */
	uint64_t wakes_at;           /* what it was asked for */

	uint32_t filtered; /* frames that its filters turned away */
	uint32_t commands_refused;
	struct vio_request merged[VIO_NET_MERGED];
	struct vio_span spans[VIO_NET_QUEUE_SIZE + VIO_NET_MERGED]; /* of those */
	VIO_DEVICE_STORAGE(VIO_NET_QUEUES, VIO_NET_QUEUE_SIZE) storage;
};

/* Bytes of its own that a state has (vio_state.h): what the driver has set up. */
#define VIO_NET_STATE sizeof(struct vio_net_state)

struct vio_net_options {
	uint8_t mac[VIO_MAC]; /* of a station, not 0 */
	uint16_t mtu;         /* VIO_NET_MTU_MIN to 65535; 0: 1500 */
	uint32_t speed;       /* Mbit/s, below 2^31; 0: not known */
	/*
	 * The driver may change its address, or send and receive for several: a bridge's port. The
	 * switch filters the addresses of all others.
	 */
	bool any_address;
	/* For notification coalescing, which is not offered without: NULL. */
	struct vio_net_clock *clock;
};

/*
 * Returns false when the MTU is too small. The port's VLAN, rate and private flag are the caller's
 * to set before vio_switch_add(). The link is up.
 */
bool vio_net_init(struct vio_net *net, const char *name, const struct vio_net_options *options);

/*
 * A state that is restored needs a device with the same address, unless its driver may change that.
 * Where the guest has moved with it, vio_net_announce() comes next.
 */

/* The link goes up or down; the driver is told, and nothing is delivered while it is down. */
void vio_net_set_link(struct vio_net *net, bool up);

/* Asks the driver to make itself known on the net, after the guest has moved, 5.1.6.5.4. */
void vio_net_announce(struct vio_net *net);

/* The time has come that the clock was asked for, or another. */
void vio_net_tick(struct vio_net *net);

#endif

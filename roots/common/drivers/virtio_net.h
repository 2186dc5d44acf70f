/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The root's driver for a Virtio network card (Virtio 1.4, 5.1), as a port of a switch: it stands
 * for all the stations on the card's wire.
 *
 * Frames are copied, since they come in the guests' pieces and last no longer than the call. They
 * are ordinary ones: for the card the switch completes checksums and cuts segments.
 *
 * Work is bounded: an interrupt handles at most a ring of frames. Buffers go back to the card after
 * the last of them, so what arrives in these comes with another interrupt.
 */
#ifndef VIRTIO_NET_H
#define VIRTIO_NET_H

#include "vio_driver.h"
#include "vio_net.h"

/* Frames that can be on their way in each direction: a power of two. */
#define VIRTIO_NET_RING 256

/* Header and frame: 1500 bytes of payload behind an Ethernet header and a tag fit. */
struct virtio_net_buffer {
	struct vio_net_hdr header;
	uint8_t frame[1536 - sizeof(struct vio_net_hdr)];
};

/* What the card reads and writes. */
struct virtio_net_memory {
	_Alignas(16) uint8_t rings[2][VIO_DRIVER_RING_BYTES(VIRTIO_NET_RING)];
	struct virtio_net_buffer received[VIRTIO_NET_RING];
	struct virtio_net_buffer sent[VIRTIO_NET_RING];
};

struct virtio_net {
	struct vio_port port; /* for vio_switch_add(), after virtio_net_init() */

	/* The wire was plugged in or out; `port.up` says which. NULL, or set by the caller. */
	void (*link_changed)(struct virtio_net *net);

	struct vio_driver driver;
	struct vio_driver_queue receive;
	struct vio_driver_queue transmit;
	struct virtio_net_memory *memory;
};

/*
 * Starts the card behind `driver`, with `memory` that is its from then on, and makes the port.
 * The port joins a switch before the card's interrupt is enabled. NULL, or what is wrong.
 */
const char *virtio_net_init(struct virtio_net *net, const struct vio_driver *driver,
			    struct virtio_net_memory *memory);

/* To be called when the card's interrupt is up: sends what it received. */
void virtio_net_interrupt(struct virtio_net *net);

#endif

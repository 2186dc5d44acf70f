/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lwIP as a port of the switch: the root's own end of the network. It is an lwIP netif like any
 * other, so what is written for lwIP runs on it, out of the callbacks of lwIP's raw interface.
 *
 * lwIP runs in a task of the root, which wakes for frames and for lwIP's timers. Delivering copies
 * a frame into lwIP's buffers and no more: answers are sent by the task, not out of a delivery.
 *
 * Checksums that a guest left to others are not computed only to be checked, and its TCP segments
 * come whole; what lwIP sends by TCP gets its checksum on the way, from the switch, for receivers
 * that want one.
 */
#ifndef LWIP_PORT_H
#define LWIP_PORT_H

#include "lwip/netif.h"
#include "lwip/tcp.h"
#include "scheduler.h"
#include "vio_switch.h"

/* Frames that wait for lwIP: a power of two. */
#define LWIP_PORT_QUEUE 128

struct lwip_port_frame {
	struct pbuf *pbuf;
	bool unsummed; /* its checksum was left to others */
};

/* There is one. */
struct lwip_port {
	struct vio_port port; /* for vio_switch_add(), after lwip_port_init() */
	struct netif netif;
	struct sched_entity task;
	uint32_t head; /* counters of frames, never reduced to the size */
	uint32_t tail;
	struct lwip_port_frame frames[LWIP_PORT_QUEUE];
};

struct lwip_port_options {
	uint8_t mac[VIO_MAC];
	ip4_addr_t address; /* all zero: to be had by DHCP */
	ip4_addr_t netmask;
	ip4_addr_t gateway;
	uint32_t (*random)(void);        /* for ports and identifiers */
	netif_status_callback_fn status; /* the address has changed; or NULL */
};

/* Makes lwIP and its port, which joins a switch before it is started. */
void lwip_port_init(struct lwip_port *lwip, const struct lwip_port_options *options);
void lwip_port_start(struct lwip_port *lwip);

/* After that: who connects to this TCP port comes to `accepted`. False: lwIP has no room. */
bool lwip_port_listen(uint16_t tcp_port, tcp_accept_fn accepted);

#endif

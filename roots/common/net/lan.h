/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The network of a root: a switch that guests' devices join, with the machine's card on it and, if
 * it is to have an address, the root itself. Options of the root:
 *
 *	net=off			no network at all
 *	address=dhcp|A.B.C.D/N	the root's own IP address, and the bits of its net; none by default
 *	iperf			TCP is measured, on ports 5001 and 5002 (iperf.h)
 *	echo			what comes by TCP on port 7 goes back (echo.h)
 *	status			the root's status page, on port 80
 */
#ifndef LAN_H
#define LAN_H

#include "status.h"
#include "vio_net.h"

/* The switch. A guest's device joins it (kit.h, lan_join()) after lan_memory(). */
extern struct vio_switch lan;

/*
 * Looks for the card and takes memory for it: before guests take theirs. False: there is nobody to
 * talk to but guests, for there is no card and the root has no address.
 */
bool lan_memory(void);

/*
 * Starts the card, and the root's own port. `guest`: for the status page. `link`, or NULL, is
 * called when the card's wire was plugged in or out, and at once if it is out.
 */
void lan_init(struct guest *(*guest)(unsigned index), void (*link)(bool up));

/* Ends the machine, with both ports' names, when the port cannot be the switch's. */
void lan_join(struct vio_port *port);

/* An address in an option: six bytes in hexadecimal, with colons between. False: it is none. */
bool lan_read_mac(const char *value, uint8_t mac[VIO_MAC]);

/* A second has passed. */
void lan_tick(void);

/* Says what went through the ports, and what was dropped and why. */
void lan_report(void);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's network: a switch with ports for the guest's device, the machine's card and, if it
 * is to have an address, the root itself (lwip_port.h).
 *
 *	net=off|MAC		no network for the guest; or its address, such as 52:00:00:00:00:01
 *	iperf			the root measures TCP, on port 5001
 *	address=dhcp|A.B.C.D/N	the root's own IP address, and the bits of its net; none by default
 *	status			the root's status page, on port 80 of that (status.h)
 */
#ifndef NETWORK_H
#define NETWORK_H

struct arm_guest;

/* Takes memory for the card, if there is one: before the guest's RAM is taken. */
void network_memory(void);

/*
 * Starts the card and puts the guest's device on its board, if network_memory() found a card, or
 * the root has an address.
 * `random` gives numbers for the root's own port.
 */
void network_init(struct arm_guest *guest, uint32_t (*random)(void));

bool network_is_there(void);

/* A second has passed. */
void network_tick(void);

/* Says what went through the ports, and what was dropped and why. */
void network_report(void);

#endif

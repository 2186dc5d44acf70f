/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's network: a switch with two ports, the guest's device and the machine's card.
 *
 *	net=off|MAC		no network for the guest; or its address, such as 52:00:00:00:00:01
 */
#ifndef NETWORK_H
#define NETWORK_H

#include "virtio_probe.h"

struct arm_guest;

/* Takes memory for the card of this window, if there is one: before the guest's RAM is taken. */
void network_memory(const struct virtio_window *window);

/* Starts the card and puts the guest's device on its board, if network_memory() found a card. */
void network_init(struct arm_guest *guest);

bool network_is_there(void);

/* A second has passed. */
void network_tick(void);

/* Says what went through the ports, and what was dropped and why. */
void network_report(void);

#endif

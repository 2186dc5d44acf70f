/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The time for a guest's network device, whose driver can then have its interrupts coalesced: a
 * task of the root that runs in the guest's own windows, and takes no longer than raising a line.
 */
#ifndef NET_TIMER_H
#define NET_TIMER_H

#include "guest.h"
#include "vio_net.h"

struct net_timer {
	struct vio_net_clock clock; /* of the device's options, after net_timer_init() */
	struct sched_entity task;
	struct vio_net *net;
	struct guest *guest;
};

/* All three are the caller's, and outlive it. `net` is initialised after this. */
void net_timer_init(struct net_timer *timer, struct vio_net *net, struct guest *guest);

/* The guest is gone. */
void net_timer_stop(struct net_timer *timer);

#endif

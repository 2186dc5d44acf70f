/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's network device, on the root's network (lan.h).
 *
 *	net=off|MAC		no network for the guest; or its address, such as 52:00:00:00:00:01
 */
#ifndef NETWORK_H
#define NETWORK_H

#include <stdbool.h>

struct guest;

/* Before the guest's RAM is taken. */
void network_memory(void);

/* Puts the guest's device on its board, if there is somebody for it to talk to. */
void network_init(struct guest *guest);

bool network_is_there(void);

#endif

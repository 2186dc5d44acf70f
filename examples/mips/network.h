/* SPDX-License-Identifier: BSD-2-Clause */
/* The guests' network: a switch, and the root with an address of its own there. No card. */
#ifndef NETWORK_H
#define NETWORK_H

#include "vio_switch.h"

/* NULL: the option address= is not there. */
struct vio_switch *network_init(uint32_t (*random)(void));

#endif

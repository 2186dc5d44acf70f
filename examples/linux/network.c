/* SPDX-License-Identifier: BSD-2-Clause */
#include "network.h"
#include "board.h"
#include "lan.h"
#include "machine.h"
#include "net_timer.h"
#include "options.h"
#include "root.h"

static struct vio_net net;
static struct net_timer timer;
static struct guest *owner;
static bool wanted; /* there is somebody for the guest to talk to */

/* The guest's, if net= does not say another: a locally administered one. */
static const uint8_t default_mac[VIO_MAC] = { 0x52, 'V', 'I', 'O', 0, 1 };

void network_memory(void)
{
	wanted = lan_memory();
}

/* The guest is told when the wire is pulled. */
static void link_changed(bool up)
{
	vio_net_set_link(&net, up);
}

static struct guest *guest_at(unsigned index)
{
	return index == 0 ? owner : NULL;
}

void network_init(struct guest *guest)
{
	struct vio_net_options options = { .clock = &timer.clock };
	const char *value;

	if (!wanted)
		return;
	owner = guest;
	memcpy(options.mac, default_mac, VIO_MAC);
	if (options_find(machine.bootargs, "net", &value) && !lan_read_mac(value, options.mac))
		root_fatal("net= is neither off nor an address such as 52:00:00:00:00:01");
	net_timer_init(&timer, &net, guest);
	vio_net_init(&net, "guest", &options);
	lan_join(&net.port);
	board_attach(guest, VIO_BOARD_SLOT_NET, &net.device);
	lan_init(guest_at, link_changed);
}

bool network_is_there(void)
{
	return net.port.joined != NULL;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "irq.h"
#include "machine.h"
#include "mmu.h"
#include "network.h"
#include "options.h"
#include "pages.h"
#include "root.h"
#include "text.h"
#include "vcpu.h"
#include "virtio_net.h"

static struct vio_switch lan;
static struct vio_net net;
static struct virtio_net card;
static struct virtio_net_memory *card_memory;
static struct vio_driver card_driver;
static unsigned card_intid;

/* The guest's, if net= does not say another: a locally administered one. */
static const uint8_t default_mac[VIO_MAC] = { 0x52, 'V', 'I', 'O', 0, 1 };

void network_memory(const struct virtio_window *window)
{
	const char *value;
	uint64_t at;
	int slot;

	if (options_find(machine.bootargs, "net", &value) && options_is(value, "off"))
		return;
	slot = virtio_find(window, VIO_ID_NET, 0, &card_driver);
	if (slot < 0)
		return;
	at = pages_take((sizeof(*card_memory) + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1), PAGE_SIZE);
	if (at == PAGES_NONE)
		root_fatal("there is no memory for the network card: %lu bytes",
			   sizeof(*card_memory));
	card_memory = to_virtual(at);
	card_intid = machine.virtio.intid + (unsigned)slot;
}

/* Six bytes in hexadecimal, with colons between. */
static bool read_mac(const char *value, uint8_t mac[VIO_MAC])
{
	char *end;

	for (unsigned i = 0; i < VIO_MAC; i++, value = end + 1) {
		unsigned long byte = strtoul(value, &end, 16);

		if (end == value || end - value > 2 || byte > UINT8_MAX)
			return false;
		mac[i] = (uint8_t)byte;
		if (i < VIO_MAC - 1 && *end != ':')
			return false;
	}
	return end[0] == '\0' || end[0] == ' ';
}

static void join(struct vio_port *port)
{
	const struct vio_port *other = NULL;
	enum vio_switch_error error = vio_switch_add(&lan, port, &other);

	if (error == VIO_SWITCH_DUPLICATE)
		root_fatal("the network's ports %s and %s: %s", port->name, other->name,
			   vio_switch_error_text(error));
	if (error != VIO_SWITCH_OK)
		root_fatal("the network's port of the %s: %s", port->name,
			   vio_switch_error_text(error));
}

/* The wire is all that the guest's network leads to: it is told when that is pulled. */
static void link_changed(struct virtio_net *changed)
{
	vio_net_set_link(&net, changed->port.up);
}

static void card_interrupt(void *user)
{
	virtio_net_interrupt(&card);
}

static void init_card(void)
{
	const char *error = virtio_net_init(&card, &card_driver, card_memory);

	if (error)
		root_fatal("the machine's network card: %s", error);
	card.link_changed = link_changed;
	join(&card.port);
	irq_attach(card_intid, card_interrupt, NULL);
}

void network_init(struct arm_guest *guest)
{
	struct vio_net_options options = { .mtu = 0 };
	const char *value;

	if (!card_memory)
		return;
	memcpy(options.mac, default_mac, VIO_MAC);
	if (options_find(machine.bootargs, "net", &value) && !read_mac(value, options.mac))
		root_fatal("net= is neither off nor an address such as 52:00:00:00:00:01");
	vio_net_init(&net, "guest", &options);
	join(&net.port);
	init_card();
	if (!card.port.up)
		vio_net_set_link(&net, false);
	board_attach(guest, VIO_BOARD_SLOT_NET, &net.device);
}

bool network_is_there(void)
{
	return net.port.joined != NULL;
}

void network_tick(void)
{
	vio_switch_tick(&lan);
}

void network_report(void)
{
	for (unsigned i = 0; i < VIO_SWITCH_PORTS && lan.ports[i]; i++) {
		const struct vio_port *port = lan.ports[i];

		root_print("vio-root: network: %s: %lu frames in, %lu out", port->name,
			   port->counters.frames_in, port->counters.frames_out);
		for (unsigned reason = 0; reason < VIO_DROPS; reason++) {
			if (port->counters.drops[reason])
				root_print(", %u dropped (%s)", port->counters.drops[reason],
					   vio_drop_text((enum vio_drop)reason));
		}
		root_print("\n");
	}
}

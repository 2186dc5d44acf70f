/* SPDX-License-Identifier: BSD-2-Clause */
#include "arm.h"
#include "lwip/apps/lwiperf.h"
#include "hardware.h"
#include "lwip_port.h"
#include "machine.h"
#include "mmu.h"
#include "network.h"
#include "options.h"
#include "pages.h"
#include "root.h"
#include "status.h"
#include "text.h"
#include "vcpu.h"
#include "virtio_net.h"

static struct vio_switch lan;
static struct vio_net net;
static struct virtio_net card;
static struct virtio_net_memory *card_memory;
static struct vio_driver card_driver;
static unsigned card_intid;
static bool wanted; /* there is somebody for the guest to talk to */

/* The guest's, if net= does not say another: a locally administered one. */
static const uint8_t default_mac[VIO_MAC] = { 0x52, 'V', 'I', 'O', 0, 1 };

void network_memory(void)
{
	const char *value;
	uint64_t at;
	int slot;

	if (options_find(machine.bootargs, "net", &value) && options_is(value, "off"))
		return;
	wanted = options_find(machine.bootargs, "address", &value);
	slot = hardware_find(VIO_ID_NET, &card_driver);
	if (slot < 0)
		return;
	at = pages_take((sizeof(*card_memory) + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1), PAGE_SIZE);
	if (at == PAGES_NONE)
		root_fatal("there is no memory for the network card: %lu bytes",
			   sizeof(*card_memory));
	wanted = true;
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

/* ---- The root's own port ---- */

static struct lwip_port root;
static uint32_t (*root_random)(void);

static void say_address(struct netif *netif)
{
	const uint8_t *at = (const uint8_t *)netif_ip4_addr(netif);
	const char *value;

	if (!options_find(machine.bootargs, "quiet", &value) &&
	    !ip4_addr_isany(netif_ip4_addr(netif)))
		root_print("vio-root: network: the root is %u.%u.%u.%u\n", at[0], at[1], at[2],
			   at[3]);
}

static void say_speed(void *user, enum lwiperf_report_type type, const ip_addr_t *local,
		      u16_t local_port, const ip_addr_t *remote, u16_t remote_port, u32_t bytes,
		      u32_t ms, u32_t kbits)
{
	root_print("vio-root: iperf: %u bytes in %u ms\n", bytes, ms);
}

/* Decimal numbers with dots between, then the bits of the net. */
static bool read_address(const char *value, struct lwip_port_options *options)
{
	uint32_t address = 0;
	char *end;
	unsigned long number;

	for (unsigned i = 0; i < 4; i++, value = end + 1) {
		number = strtoul(value, &end, 10);
		if (end == value || number > UINT8_MAX || *end != (i < 3 ? '.' : '/'))
			return false;
		address = address << 8 | (uint32_t)number;
	}
	number = strtoul(value, &end, 10);
	if (end == value || number < 1 || number > 30 || (*end != '\0' && *end != ' '))
		return false;
	options->address.addr = lwip_htonl(address);
	options->netmask.addr = lwip_htonl(UINT32_MAX << (32 - number));
	return true;
}

static struct arm_guest *shown;

static bool show_guest(unsigned index, struct status_guest *is)
{
	*is = (struct status_guest){ &shown->guest, shown->board.slots, BOARD_SLOTS };
	return index == 0;
}

static void start_status(void)
{
	static struct status status;

	status = (struct status){ .guest = show_guest,
				  .lan = &lan,
				  .ticks = read_sysreg(cntfrq_el0) };
	status_start(&status);
}

static void init_root(struct arm_guest *guest)
{
	struct lwip_port_options options = {
		.mac = { 0x52, 'V', 'I', 'O', 0, 0 },
		.ticks = read_sysreg(cntfrq_el0),
		.random = root_random,
		.status = say_address,
	};
	const char *value;

	if (!options_find(machine.bootargs, "address", &value))
		return;
	if (!options_is(value, "dhcp") && !read_address(value, &options))
		root_fatal("address= is neither dhcp nor an address such as 10.0.2.100/24");
	lwip_port_init(&root, &options);
	join(&root.port);
	lwip_port_start(&root);
	if (options_find(machine.bootargs, "status", &value)) {
		shown = guest;
		start_status();
	}
	if (options_find(machine.bootargs, "iperf", &value) &&
	    !lwiperf_start_tcp_server_default(say_speed, NULL))
		root_fatal("iperf: lwIP has no room for it");
}

/* ---- The guest's, and the card's ---- */

/* The guest, and the root, are told when their wire is pulled. */
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
	if (!card.port.up)
		link_changed(&card);
	irq_attach(card_intid, card_interrupt, NULL);
}

void network_init(struct arm_guest *guest, uint32_t (*random)(void))
{
	struct vio_net_options options = { .mtu = 0 };
	const char *value;

	if (!wanted)
		return;
	root_random = random;
	memcpy(options.mac, default_mac, VIO_MAC);
	if (options_find(machine.bootargs, "net", &value) && !read_mac(value, options.mac))
		root_fatal("net= is neither off nor an address such as 52:00:00:00:00:01");
	vio_net_init(&net, "guest", &options);
	join(&net.port);
	if (card_memory)
		init_card();
	board_attach(&guest->guest, VIO_BOARD_SLOT_NET, &net.device);
	init_root(guest);
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

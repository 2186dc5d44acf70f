/* SPDX-License-Identifier: BSD-2-Clause */
#include "lan.h"

#include "echo.h"
#include "hardware.h"
#include "iperf.h"
#include "lwip_port.h"
#include "options.h"
#include "pages.h"
#include "root.h"
#include "text.h"
#include "virtio_net.h"

struct vio_switch lan;

static const char *option(const char *name)
{
	const char *value = NULL;

	return options_find(machine.bootargs, name, &value) ? value : NULL;
}

void lan_join(struct vio_port *port)
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

bool lan_read_mac(const char *value, uint8_t mac[VIO_MAC])
{
	char *end = NULL;

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

/* ---- The card ---- */

enum {
	PAGE = 4096 /* pages_take() */
};

static struct virtio_net card;
static struct virtio_net_memory *card_memory; /* NULL: there is no card */
static struct vio_driver card_driver;
static unsigned card_intid;
static void (*link_changed)(bool up);

bool lan_memory(void)
{
	const char *net = option("net");
	uint64_t at = 0;
	int slot = 0;

	if (net && options_is(net, "off"))
		return false;
	slot = hardware_find(VIO_ID_NET, &card_driver);
	if (slot < 0)
		return option("address") != NULL;
	at = pages_take((sizeof(*card_memory) + PAGE - 1) & ~(uint64_t)(PAGE - 1), PAGE);
	if (at == PAGES_NONE)
		root_fatal("there is no memory for the network card: %lu bytes",
			   sizeof(*card_memory));
	card_memory = arch_pointer(at);
	card_intid = machine.virtio.intid + (unsigned)slot;
	return true;
}

static void tell_link(struct virtio_net *changed)
{
	if (link_changed)
		link_changed(changed->port.up);
}

static void card_interrupt(void *owner)
{
	(void)owner;
	virtio_net_interrupt(&card);
}

static void init_card(void)
{
	const char *error = virtio_net_init(&card, &card_driver, card_memory);

	if (error)
		root_fatal("the machine's network card: %s", error);
	card.link_changed = tell_link;
	lan_join(&card.port);
	if (!card.port.up)
		tell_link(&card);
	irq_attach(card_intid, card_interrupt, NULL);
}

/* ---- The root's own port ---- */

static struct lwip_port own;
static struct status status;

static void say_address(struct netif *netif)
{
	const uint8_t *at = (const uint8_t *)netif_ip4_addr(netif);

	if (!option("quiet") && !ip4_addr_isany(netif_ip4_addr(netif)))
		root_print("vio-root: network: the root is %u.%u.%u.%u\n", at[0], at[1], at[2],
			   at[3]);
}

static void say_speed(uint64_t bytes, uint32_t ms)
{
	root_print("vio-root: iperf: %lu bytes in %u ms\n", bytes, ms);
}

/* Decimal numbers with dots between, then the bits of the net. */
static bool read_address(const char *value, struct lwip_port_options *options)
{
	uint32_t address = 0;
	char *end = NULL;
	unsigned long number = 0;

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

/* Without a source, or before its first answer, by the time. */
static uint32_t random_number(void)
{
	uint32_t number = (uint32_t)arch_now() * UINT32_C(0x9e3779b1);

	if (hardware.entropy.source.fill && hardware.entropy.seeded)
		hardware_seed(&number, sizeof(number));
	return number;
}

static void init_own(const char *address)
{
	struct lwip_port_options options = {
		.mac = { 0x52, 'V', 'I', 'O', 0, 0 },
		.random = random_number,
		.status = say_address,
	};

	if (!options_is(address, "dhcp") && !read_address(address, &options))
		root_fatal("address= is neither dhcp nor an address such as 10.0.2.100/24");
	lwip_port_init(&own, &options);
	lan_join(&own.port);
	lwip_port_start(&own);
	if (option("status"))
		status_start(&status);
	if (option("echo") && !echo_start())
		root_fatal("echo: lwIP has no room for it");
	if (option("iperf") && !iperf_start(say_speed))
		root_fatal("iperf: lwIP has no room for it");
}

void lan_init(struct guest *(*guest)(unsigned index), void (*link)(bool up))
{
	const char *address = option("address");

	status = (struct status){ .guest = guest, .lan = &lan };
	link_changed = link;
	if (card_memory)
		init_card();
	if (address)
		init_own(address);
}

void lan_tick(void)
{
	vio_switch_tick(&lan);
}

void lan_report(void)
{
	for (unsigned i = 0; i < VIO_SWITCH_PORTS; i++) {
		const struct vio_port *port = lan.ports[i];

		if (!port)
			continue;
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

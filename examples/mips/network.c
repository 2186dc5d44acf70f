/* SPDX-License-Identifier: BSD-2-Clause */
#include "network.h"

#include "echo.h"
#include "lwip_port.h"
#include "machine.h"
#include "options.h"
#include "root.h"
#include "text.h"

static struct vio_switch lan;
static struct lwip_port root;

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

struct vio_switch *network_init(uint32_t (*random)(void))
{
	struct lwip_port_options options = {
		.mac = { 0x52, 'V', 'I', 'O', 0, 0 },
		.random = random,
	};
	const char *value;

	if (!options_find(machine.bootargs, "address", &value))
		return NULL;
	if (!read_address(value, &options))
		root_fatal("address= is no address such as 10.0.2.100/24");
	lwip_port_init(&root, &options);
	if (vio_switch_add(&lan, &root.port, NULL) != VIO_SWITCH_OK)
		root_fatal("the root is not on its own network");
	lwip_port_start(&root);
	if (options_find(machine.bootargs, "echo", &value) && !echo_start())
		root_fatal("lwIP has no room for echo");
	return &lan;
}

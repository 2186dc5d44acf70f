/* SPDX-License-Identifier: BSD-2-Clause */
#include "kit.h"
#include "board.h"
#include "pages.h"
#include "text.h"
#include "vio_board.h"

struct kit *kit_of(const struct guest *guest)
{
	return guest->kit;
}

/* ---- Console and early console ---- */

static struct kit *kit_of_client(struct terminal_client *client)
{
	return VIO_CONTAINER_OF(client, struct kit, client);
}

static bool has_driver(const struct kit *kit)
{
	return (kit->screen->status & VIO_STATUS_DRIVER_OK) != 0;
}

/* Input is the early console's until the driver of the other one runs. */
static void feed_early(struct guest *guest)
{
	struct kit *kit = kit_of(guest);
	uint32_t room = board_early_room(guest);
	uint8_t bytes[16];

	if (room > sizeof(bytes))
		room = sizeof(bytes);
	if (!has_driver(kit) && room != 0)
		board_early_input(guest, bytes, kit->output->read(kit->output, bytes, room));
}

/* Its UART sends at once; only a terminal takes all in the end, so that it is worth waiting. */
static void early_output(struct guest *guest, uint8_t byte)
{
	struct kit *kit = kit_of(guest);

	if (kit->client.terminal)
		terminal_write(&kit->client, &byte, 1);
	else
		kit->output->write(kit->output, &byte, 1);
}

static const struct board_early early = { .output = early_output, .room = feed_early };

static void input_ready(struct terminal_client *client)
{
	struct kit *kit = kit_of_client(client);

	if (!has_driver(kit))
		feed_early(kit->guest);
	else if (kit->ports)
		vio_console_port_input_ready(kit->ports, 0);
	else
		vio_console_input_ready(&kit->console);
}

static void output_ready(struct terminal_client *client)
{
	struct kit *kit = kit_of_client(client);

	if (kit->ports)
		vio_console_port_output_ready(kit->ports, 0);
	else
		vio_console_output_ready(&kit->console);
}

static void init_screen(struct kit *kit, const struct kit_plan *plan)
{
	kit->ports = plan->ports;
	if (!kit->ports) {
		vio_console_init(&kit->console, kit->output, plan->cols, plan->rows);
		kit->screen = &kit->console.device;
		return;
	}
	kit->first = (struct vio_console_port_info){
		.backend = kit->output,
		.is_console = true,
		.cols = plan->cols,
		.rows = plan->rows,
	};
	vio_console_ports_init(kit->ports, &kit->first, false);
	kit->screen = &kit->ports->device;
}

static void make_console(struct kit *kit, const struct kit_plan *plan)
{
	kit->output = plan->console;
	kit->client.terminal = NULL;
	if (plan->terminal) {
		kit->client.name = plan->name;
		kit->client.keeps = plan->keeps;
		kit->client.input_ready = input_ready;
		kit->client.output_ready = output_ready;
		kit->output = &kit->client.backend;
	}
	if (!kit->output)
		return;
	init_screen(kit, plan);
	board_attach(kit->guest, VIO_BOARD_SLOT_CONSOLE, kit->screen);
	board_set_early(kit->guest, &early);
	if (plan->terminal)
		terminal_add(plan->terminal, &kit->client);
}

/* ---- Disk ---- */

static void submit(struct vio_blk_backend *backend, struct vio_blk_io *io)
{
	struct kit_disk *disk = VIO_CONTAINER_OF(backend, struct kit_disk, backend);

	if (io->op == VIO_BLK_READ)
		disk->bytes_read += io->len;
	else
		disk->bytes_written += io->len;
	disk->behind->submit(disk->behind, io);
}

static void cancel(struct vio_blk_backend *backend, struct vio_blk_io *io)
{
	struct kit_disk *disk = VIO_CONTAINER_OF(backend, struct kit_disk, backend);

	disk->behind->cancel(disk->behind, io);
}

static void make_disk(struct kit *kit, const struct kit_plan *plan)
{
	kit->disk = (struct kit_disk){
		.backend = { .submit = submit,
			     .cancel = plan->disk->cancel ? cancel : NULL,
			     .can = plan->disk->can },
		.behind = plan->disk,
	};
	vio_blk_init(&kit->blk, &kit->disk.backend, plan->disk_says);
	board_attach(kit->guest, VIO_BOARD_SLOT_BLK, &kit->blk.device);
}

/* ---- The others ---- */

#define SEGMENT 66000 /* bytes: the longest that a guest sends at once */

/* The other port of a switch that has the address is named, too. */
static const char *say_problem(struct kit *kit, enum vio_switch_error error,
			       const struct vio_port *other)
{
	const char *parts[] = { vio_switch_error_text(error), ": ", other ? other->name : "" };
	size_t len = 0;

	if (!other)
		return parts[0];
	for (size_t i = 0; i < VIO_ARRAY_SIZE(parts); i++) {
		size_t part = strnlen(parts[i], sizeof(kit->problem) - 1 - len);

		memcpy(kit->problem + len, parts[i], part);
		len += part;
	}
	kit->problem[len] = '\0';
	return kit->problem;
}

static const char *make_net(struct kit *kit, const struct kit_plan *plan)
{
	static const uint8_t no_mac[VIO_MAC];
	struct vio_net_options options = {
		.mac = { 0x52, 'V', 'I', 'O', 0, (uint8_t)plan->number },
		.clock = &kit->net_timer.clock,
	};
	enum vio_switch_error error = VIO_SWITCH_OK;
	const struct vio_port *other = NULL;

	if (memcmp(plan->mac, no_mac, VIO_MAC) != 0)
		memcpy(options.mac, plan->mac, VIO_MAC);
	net_timer_init(&kit->net_timer, &kit->net, kit->guest);
	vio_net_init(&kit->net, plan->name, &options);
	kit->net.port.vlan = plan->vlan;
	kit->net.port.flags |= plan->is_private ? VIO_PORT_PRIVATE : 0;
	kit->net.port.rate = plan->rate;
	kit->net.port.burst = plan->rate + SEGMENT;
	error = vio_switch_add(plan->lan, &kit->net.port, &other);
	if (error != VIO_SWITCH_OK)
		return say_problem(kit, error, other);
	board_attach(kit->guest, VIO_BOARD_SLOT_NET, &kit->net.device);
	return NULL;
}

static const char *make_devices(struct kit *kit, const struct kit_plan *plan)
{
	make_console(kit, plan);
	if (plan->disk)
		make_disk(kit, plan);
	if (plan->entropy) {
		vio_rng_init(&kit->rng, plan->entropy);
		if (plan->entropy_limit)
			vio_rng_limit(&kit->rng, plan->entropy_limit);
		board_attach(kit->guest, VIO_BOARD_SLOT_RNG, &kit->rng.device);
	}
	return plan->lan ? make_net(kit, plan) : NULL;
}

static enum guest_error init_board(struct guest *guest, const struct kit_plan *plan)
{
	uint64_t physical = plan->ram_at ? plan->ram_at : PAGES_NONE;

	return plan->direct ? board_init_direct(guest, plan->ram, physical)
			    : board_init_at(guest, plan->ram, physical);
}

const char *kit_make(struct kit *kit, struct guest *guest, const struct kit_plan *plan,
		     const struct guest_ops *ops)
{
	enum guest_error error = guest_create(guest, plan->name, plan->number, plan->vcpus, ops);
	const char *text = NULL;

	if (error != GUEST_OK)
		return guest_error_text(error);
	guest->kit = kit;
	guest->fixed = plan->fixed;
	kit->guest = guest;
	kit->client.terminal = NULL;
	kit->net.port.joined = NULL;
	error = init_board(guest, plan);
	text = error == GUEST_OK ? make_devices(kit, plan) : guest_error_text(error);
	if (text)
		guest_kill(guest);
	return text;
}

void kit_begin(struct kit *kit)
{
	if (kit->output)
		feed_early(kit->guest);
}

void kit_end(struct kit *kit)
{
	if (kit->guest->state != GUEST_NONE)
		return;
	if (kit->client.terminal)
		terminal_remove(&kit->client);
	if (kit->net.port.joined) {
		net_timer_stop(&kit->net_timer);
		vio_switch_remove(kit->net.port.joined, &kit->net.port);
	}
}

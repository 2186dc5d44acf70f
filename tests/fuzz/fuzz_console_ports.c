/* SPDX-License-Identifier: BSD-2-Clause */
/* A console whose ports come and go, open and close, while the driver does the same. */
#include "fuzz_terminal.h"
#include "vio_console_ports.h"

_Static_assert(VIO_CONSOLE_PORTS_QUEUES <= FUZZ_QUEUES_MAX, "all queues of the ports");

#define CONTROL_RECEIVE  2
#define CONTROL_TRANSMIT 3
#define RECEIVE(id)      ((id) == 0 ? 0U : 2U * (id) + 2)

static struct vio_console_ports ports;
static struct fuzz_terminal terminals[VIO_CONSOLE_PORTS];
static struct vio_console_port_info infos[VIO_CONSOLE_PORTS];

static struct vio_device *init(unsigned variant)
{
	static const char *const names[] = { NULL, "org.vio.fuzz", "", "a" };
	unsigned id = 0;

	for (id = 0; id < VIO_CONSOLE_PORTS; id++) {
		fuzz_terminal_init(&terminals[id], variant * 16, variant % 8);
		infos[id] = (struct vio_console_port_info){
			.backend = &terminals[id].backend,
			.name = names[(variant + id) % 4],
			.is_console = (variant >> id) % 2,
			.cols = variant & 0x20 ? 80 : 0,
			.rows = 25,
		};
	}
	vio_console_ports_init(&ports, &infos[0], (variant & 0x40) != 0);
	if ((variant & 0x80) != 0)
		vio_console_port_add(&ports, 1, &infos[1]);
	return &ports.device;
}

/* No message is due that would make no sense to a driver that read all before. */
static void check_port(unsigned id)
{
	const struct vio_console_port_state *state = &ports.states[id];
	bool removed = (state->pending & 1U << VIO_CONSOLE_DEVICE_REMOVE) != 0;

	fuzz_check(!state->ready || (state->known && state->info && !removed));
	fuzz_check(!state->guest_open || state->ready);
	fuzz_check(state->guest_open == terminals[id].open);
	fuzz_check(!removed || state->known);
	fuzz_check((state->pending & 1U << VIO_CONSOLE_DEVICE_ADD) == 0);
	if (!state->ready)
		fuzz_check((state->pending & ~(1U << VIO_CONSOLE_DEVICE_REMOVE)) == 0);
}

static void act(unsigned what)
{
	unsigned id = what % (VIO_CONSOLE_PORTS + 1);
	struct fuzz_terminal *terminal = &terminals[id % VIO_CONSOLE_PORTS];
	uint32_t amount = fuzz_byte() * 4U;
	unsigned i = 0;

	for (i = 0; i < VIO_CONSOLE_PORTS; i++)
		check_port(i);
	switch (what / 8 % 8) {
	case 0:
		terminal->waiting += amount;
		vio_console_port_input_ready(&ports, id);
		break;
	case 1:
		terminal->room += amount * 256;
		vio_console_port_output_ready(&ports, id);
		break;
	case 2:
		vio_console_port_resize(&ports, id, (uint16_t)amount, 25);
		break;
	case 3:
		/* The root forgets a port without a word to its backend. */
		vio_console_port_remove(&ports, id);
		if (id != 0)
			terminal->open = ports.states[id % VIO_CONSOLE_PORTS].guest_open;
		break;
	case 4:
		vio_console_port_add(&ports, id, &infos[id % VIO_CONSOLE_PORTS]);
		break;
	case 5:
	case 6:
		vio_console_port_open(&ports, id, what / 8 % 2);
		break;
	default:
		terminal->waiting += amount;
		terminal->room += amount;
		break;
	}
	for (i = 0; i < VIO_CONSOLE_PORTS; i++)
		check_port(i);
}

static void put_message(uint32_t id, uint16_t event, uint16_t value)
{
	const struct vio_console_control message = { fuzz_wire32(id), fuzz_wire16(event),
						     fuzz_wire16(value) };

	fuzz_put(FUZZ_DATA, &message, sizeof(message));
}

/* A message of the driver's, a buffer for one of ours, or data. */
static void request(unsigned how)
{
	unsigned id = how % VIO_CONSOLE_PORTS;
	unsigned what = how / 4 % 8;
	struct fuzz_piece piece = { FUZZ_DATA, 8, false };
	unsigned queue = CONTROL_TRANSMIT;

	if (what < 3) {
		static const uint16_t events[] = { VIO_CONSOLE_DEVICE_READY, VIO_CONSOLE_PORT_READY,
						   VIO_CONSOLE_PORT_OPEN };

		put_message(id, events[what], how < 0xe0);
	} else if (what == 3) {
		piece.len = how / 32;
		put_message(fuzz_byte(), fuzz_byte(), 1);
	} else if (what < 6) {
		queue = CONTROL_RECEIVE;
		piece = (struct fuzz_piece){ FUZZ_DATA + how * 32, 8 + how % 32, true };
	} else {
		queue = RECEIVE(id) + what % 2;
		piece.len = 1U << how / 32 * 2;
		piece.writable = what % 2 == 0;
	}
	fuzz_add(queue, &piece, 1, what % 2);
	fuzz_kick(queue);
}

static void tell(uint32_t id, uint16_t event)
{
	const struct fuzz_piece piece = { FUZZ_DATA, sizeof(struct vio_console_control), false };

	put_message(id, event, 1);
	fuzz_check(fuzz_request(CONTROL_TRANSMIT, &piece, 1) == 0);
}

static void expect(uint32_t id, uint16_t event)
{
	const struct fuzz_piece piece = { FUZZ_DATA, 64, true };
	struct vio_console_control message;

	fuzz_check(fuzz_request(CONTROL_RECEIVE, &piece, 1) >= (int64_t)sizeof(message));
	memcpy(&message, fuzz_at(FUZZ_DATA, sizeof(message)), sizeof(message));
	fuzz_check(fuzz_wire32(message.id) == id && fuzz_wire16(message.event) == event);
}

static void works(void)
{
	struct vio_console_port_info last = { .backend = infos[1].backend, .name = "works" };
	unsigned id = 0;

	vio_console_port_remove(&ports, 1);
	fuzz_check(vio_console_port_add(&ports, 1, &last));
	tell(0, VIO_CONSOLE_DEVICE_READY);
	for (id = 0; id < VIO_CONSOLE_PORTS; id++) {
		if (ports.states[id].info)
			expect(id, VIO_CONSOLE_DEVICE_ADD);
	}
	tell(1, VIO_CONSOLE_PORT_READY);
	expect(1, VIO_CONSOLE_PORT_NAME);
	expect(1, VIO_CONSOLE_PORT_OPEN);
	tell(1, VIO_CONSOLE_PORT_OPEN);
	fuzz_terminal_works(&terminals[1], RECEIVE(1), RECEIVE(1) + 1);
	vio_console_port_remove(&ports, 1);
	terminals[1].open = false;
	expect(1, VIO_CONSOLE_DEVICE_REMOVE);
}

const struct fuzz_device fuzz_device = {
	.init = init,
	.act = act,
	.request = request,
	.works = works,
	.spans = VIO_CONSOLE_QUEUE_SIZE,
	.moved_max = VIO_CONSOLE_PORTS * VIO_CONSOLE_BURST + 1,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* The console, over a terminal with little room and little to say. */
#include "fuzz_terminal.h"

#define RECEIVE  0
#define TRANSMIT 1

static struct vio_console console;
static struct fuzz_terminal terminal;

static struct vio_device *init(unsigned variant)
{
	fuzz_terminal_init(&terminal, variant * 16, variant % 8);
	vio_console_init(&console, &terminal.backend, variant & 1 ? 80 : 0, variant & 2 ? 25 : 0);
	return &console.device;
}

static void act(unsigned what)
{
	uint32_t amount = (what >> 2) * 4;

	switch (what % 4) {
	case 0:
		terminal.waiting += amount;
		vio_console_input_ready(&console);
		break;
	case 1:
		terminal.room += amount * 256;
		vio_console_output_ready(&console);
		break;
	case 2:
		vio_console_resize(&console, (uint16_t)what, 25);
		break;
	default:
		terminal.waiting += amount;
		terminal.room += amount;
		break;
	}
}

static void request(unsigned how)
{
	uint32_t len = 1U << (how >> 1) % 16;
	unsigned queue = how % 2;
	const struct fuzz_piece pieces[] = { { FUZZ_DATA, len, queue == RECEIVE },
					     { FUZZ_FAR + 9, how, queue == RECEIVE } };

	fuzz_add(queue, pieces, 1 + (how >> 5) % 2, how >= 0x80);
	fuzz_kick(queue);
}

static void works(void)
{
	fuzz_terminal_works(&terminal, RECEIVE, TRANSMIT);
}

const struct fuzz_device fuzz_device = {
	.init = init,
	.act = act,
	.request = request,
	.works = works,
	.spans = VIO_CONSOLE_QUEUE_SIZE,
	.moved_max = VIO_CONSOLE_BURST + 1,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* The console, over a terminal with little room and little to say. */
#include "fuzz.h"
#include "vio_console.h"

#define RECEIVE  0
#define TRANSMIT 1

static struct vio_console console;
static struct vio_console_backend backend;
static uint32_t room;
static uint32_t waiting;
static uint8_t next_in; /* input counts up */

static uint32_t write(struct vio_console_backend *self, const uint8_t *data, uint32_t len)
{
	uint32_t i = 0;
	uint32_t sum = 0;

	(void)self;
	fuzz_check(len != 0);
	if (len > room)
		len = room;
	for (i = 0; i < len; i++)
		sum += data[i];
	room -= len;
	fuzz_moved(len + (sum & 0));
	return len;
}

static uint32_t read(struct vio_console_backend *self, uint8_t *to, uint32_t len)
{
	uint32_t i = 0;

	(void)self;
	fuzz_check(len != 0);
	if (len > waiting)
		len = waiting;
	for (i = 0; i < len; i++)
		to[i] = next_in++;
	waiting -= len;
	return len;
}

static struct vio_device *init(unsigned variant)
{
	backend.write = write;
	backend.read = read;
	room = variant * 16;
	waiting = variant % 8;
	vio_console_init(&console, &backend, variant & 1 ? 80 : 0, variant & 2 ? 25 : 0);
	return &console.device;
}

static void act(unsigned what)
{
	uint32_t amount = (what >> 2) * 4;

	switch (what % 4) {
	case 0:
		waiting += amount;
		vio_console_input_ready(&console);
		break;
	case 1:
		room += amount * 256;
		vio_console_output_ready(&console);
		break;
	case 2:
		vio_console_resize(&console, (uint16_t)what, 25);
		break;
	default:
		waiting += amount;
		room += amount;
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

/* What was typed comes in order, without a gap, and output goes out. */
static void works(void)
{
	const struct fuzz_piece in = { FUZZ_DATA, 16, true };
	const struct fuzz_piece out = { FUZZ_DATA, 16, false };
	const uint8_t *got = NULL;
	uint32_t before = 0;
	unsigned i = 0;

	waiting += 16;
	room = 0x40000;
	fuzz_check(fuzz_request(RECEIVE, &in, 1) == 16);
	got = fuzz_at(FUZZ_DATA, 16);
	for (i = 1; i < 16; i++)
		fuzz_check(got[i] == (uint8_t)(got[i - 1] + 1));
	before = room;
	fuzz_check(fuzz_request(TRANSMIT, &out, 1) == 0);
	fuzz_check(before - room == 16);
}

const struct fuzz_device fuzz_device = {
	.init = init,
	.act = act,
	.request = request,
	.works = works,
	.spans = VIO_CONSOLE_QUEUE_SIZE,
	.moved_max = VIO_CONSOLE_BURST + 1,
};

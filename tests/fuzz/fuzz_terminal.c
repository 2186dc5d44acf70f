/* SPDX-License-Identifier: BSD-2-Clause */
#include "fuzz_terminal.h"

static uint32_t write(struct vio_console_backend *backend, const uint8_t *data, uint32_t len)
{
	struct fuzz_terminal *terminal = VIO_CONTAINER_OF(backend, struct fuzz_terminal, backend);
	uint32_t i = 0;
	uint32_t sum = 0;

	fuzz_check(len != 0);
	if (len > terminal->room)
		len = terminal->room;
	for (i = 0; i < len; i++)
		sum += data[i];
	terminal->room -= len;
	fuzz_moved(len + (sum & 0));
	return len;
}

static uint32_t read(struct vio_console_backend *backend, uint8_t *to, uint32_t len)
{
	struct fuzz_terminal *terminal = VIO_CONTAINER_OF(backend, struct fuzz_terminal, backend);
	uint32_t i = 0;

	fuzz_check(len != 0);
	if (len > terminal->waiting)
		len = terminal->waiting;
	for (i = 0; i < len; i++)
		to[i] = terminal->next++;
	terminal->waiting -= len;
	return len;
}

static void opened(struct vio_console_backend *backend, bool open)
{
	struct fuzz_terminal *terminal = VIO_CONTAINER_OF(backend, struct fuzz_terminal, backend);

	fuzz_check(terminal->open != open);
	terminal->open = open;
}

void fuzz_terminal_init(struct fuzz_terminal *terminal, uint32_t room, uint32_t waiting)
{
	*terminal = (struct fuzz_terminal){
		.backend = { .write = write, .read = read, .opened = opened },
		.room = room,
		.waiting = waiting,
	};
}

void fuzz_terminal_works(struct fuzz_terminal *terminal, unsigned receive, unsigned transmit)
{
	const struct fuzz_piece all = { FUZZ_DATA, 2 * VIO_CONSOLE_INPUT, true };
	const struct fuzz_piece in = { FUZZ_DATA, 16, true };
	const struct fuzz_piece out = { FUZZ_DATA, 16, false };
	const uint8_t *got = NULL;
	uint32_t before = 0;
	unsigned i = 0;

	/* What waits in the device may be what was restored into it. */
	terminal->waiting = 1;
	fuzz_check(fuzz_request(receive, &all, 1) >= 1);
	terminal->waiting = 16;
	terminal->room = 0x40000;
	fuzz_check(fuzz_request(receive, &in, 1) == 16);
	got = fuzz_at(FUZZ_DATA, 16);
	for (i = 1; i < 16; i++)
		fuzz_check(got[i] == (uint8_t)(got[i - 1] + 1));
	before = terminal->room;
	fuzz_check(fuzz_request(transmit, &out, 1) == 0);
	fuzz_check(before - terminal->room == 16);
}

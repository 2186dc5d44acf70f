/* SPDX-License-Identifier: BSD-2-Clause */
#include "board.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core.h"

#define LOW_RAM       0x10000000u
#define HIGH_RAM      0x80000000u
#define SOFTRES       0x1f000500u
#define SOFTRES_RESET 0x42
#define UART_BASE     0x1f000900u
#define UART_SIZE     0x40u
#define UART_SHIFT    3
#define EIC_BASE      0x1f001000u
#define UART_LINE     (1u << (CAUSE_IP_SHIFT + 4))

/* How often input is looked for, in instructions; and how many of these a second has, for WAIT. */
#define POLL_INTERVAL 50000u
#define CLOCK_HZ      320000000u

/* NULL: it cannot. */
static uint8_t *file_memory(const char *path, uint32_t size)
{
	int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
	void *memory = MAP_FAILED;

	if (file >= 0 && ftruncate(file, size) == 0)
		memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (file >= 0)
		close(file);
	return memory == MAP_FAILED ? NULL : memory;
}

bool board_init(struct board *board, struct core *core, uint32_t ram_size, const char *ram_file)
{
	board->core = core;
	board->ram_size = ram_size;
	board->ram = ram_file ? file_memory(ram_file, ram_size) : calloc(1, ram_size);
	uart_init(&board->uart);
	return board->ram;
}

uint8_t *board_ram_page(const struct board *board, uint32_t physical)
{
	uint32_t offset = physical & ~(PAGE_SIZE - 1);

	if (offset >= HIGH_RAM)
		offset -= HIGH_RAM;
	else if (offset >= LOW_RAM)
		return NULL;
	return offset < board->ram_size ? board->ram + offset : NULL;
}

static bool is_eic(const struct board *board, uint32_t physical, unsigned size)
{
	return board->core->options.eic && physical - EIC_BASE < EIC_SIZE && size == 4;
}

bool board_read(struct board *board, uint32_t physical, unsigned size, uint32_t *value)
{
	*value = 0;
	if (physical - UART_BASE < UART_SIZE)
		*value = uart_read(&board->uart, (physical - UART_BASE) >> UART_SHIFT);
	else if (is_eic(board, physical, size))
		*value = eic_read(&board->eic, physical - EIC_BASE, interrupt_sources(board->core));
	else if (physical != SOFTRES)
		return false;
	interrupt_set_lines(board->core, board_lines(board));
	return true;
}

bool board_write(struct board *board, uint32_t physical, unsigned size, uint32_t value)
{
	if (is_eic(board, physical, size)) {
		eic_write(&board->eic, physical - EIC_BASE, value);
		core_attend(board->core);
		return true;
	}
	if (physical - UART_BASE < UART_SIZE) {
		uart_write(&board->uart, (physical - UART_BASE) >> UART_SHIFT, (uint8_t)value);
		interrupt_set_lines(board->core, board_lines(board));
		return true;
	}
	if (physical != SOFTRES)
		return false;
	if ((uint8_t)value == SOFTRES_RESET)
		core_stop(board->core, 0);
	return true;
}

uint32_t board_lines(const struct board *board)
{
	return uart_interrupts(&board->uart) ? UART_LINE : 0;
}

uint64_t board_due(const struct board *board)
{
	return uart_may_receive(&board->uart) ? board->due : NEVER;
}

void board_poll(struct board *board, uint64_t now)
{
	if (uart_poll(&board->uart) == UART_QUIT)
		core_stop(board->core, 0);
	board->due = now + POLL_INTERVAL;
}

bool board_waits(const struct board *board)
{
	return uart_may_receive(&board->uart);
}

uint64_t board_idle(struct board *board, uint64_t now, uint64_t until, int debugger)
{
	struct pollfd files[] = { { .fd = uart_input(&board->uart), .events = POLLIN },
				  { .fd = debugger, .events = POLLIN } };
	uint64_t ticks = until - now;
	int milliseconds = -1;

	board_flush(board);
	if (!uart_may_receive(&board->uart))
		return until;
	if (until != NEVER)
		milliseconds = (int)(ticks * 1000 / CLOCK_HZ);
	if (poll(files, 2, milliseconds) > 0) {
		board->due = now;
		return now;
	}
	return until;
}

void board_flush(struct board *board)
{
	uart_flush(&board->uart);
}

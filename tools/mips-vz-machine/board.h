/* SPDX-License-Identifier: BSD-2-Clause */
/* What is around the core: RAM, a UART, SOFTRES. README.md has the map. */
#ifndef BOARD_H
#define BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eic.h"
#include "uart.h"

struct core;

struct board {
	struct core *core;
	uint8_t *ram; /* see memory.h: words of the host */
	uint32_t ram_size;
	struct uart uart;
	struct eic eic; /* for cores that have use for one */
	uint64_t due;
	/* Arguments of the program, for UHI. */
	int argc;
	char **argv;
};

/*
 * False: not enough memory. `ram_size` is a number of pages; `ram_file`, or NULL, is written with
 * them, in words of the host.
 */
bool board_init(struct board *board, struct core *core, uint32_t ram_size, const char *ram_file);

/* The host memory of the page that holds `physical`; NULL if that is not RAM. */
uint8_t *board_ram_page(const struct board *board, uint32_t physical);

/* Devices. False: a bus error. */
bool board_read(struct board *board, uint32_t physical, unsigned size, uint32_t *value);
bool board_write(struct board *board, uint32_t physical, unsigned size, uint32_t value);

/* Interrupt lines, as in Cause. */
uint32_t board_lines(const struct board *board);
/* When the board has to be polled next, and that. */
uint64_t board_due(const struct board *board);
void board_poll(struct board *board, uint64_t now);
/* May input come? */
bool board_waits(const struct board *board);
/*
 * The core waits, at the latest until `until` (NEVER: for the board alone). Returns the time it
 * then is: input may have come earlier, or something on the file `debugger` (-1: there is none).
 * Sleeps only if input may come at all.
 */
uint64_t board_idle(struct board *board, uint64_t now, uint64_t until, int debugger);
/* What was written to the UART is visible on the host. */
void board_flush(struct board *board);

/*
 * Loads an ELF file, gives the core its byte order, and tells its entry. False, after an error on
 * stderr: no 32-bit MIPS program, or not within RAM.
 */
bool board_load(struct board *board, const char *path, uint32_t *entry);

#endif

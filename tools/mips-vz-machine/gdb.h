/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The gdb remote protocol, for one debugger on one port of this host. Registers and addresses are
 * those of the mode the core is in; `monitor root` and `monitor guest` choose whose memory
 * is looked at instead, `monitor mode` goes back, `monitor cp0` shows CP0 of both contexts.
 */
#ifndef GDB_H
#define GDB_H

#include <stdbool.h>
#include <stdint.h>

#define GDB_BREAKPOINTS 32

struct core;

struct gdb {
	struct core *core;
	int socket;
	uint32_t breakpoints[GDB_BREAKPOINTS];
	unsigned count;
	bool running, stepping;
	int view; /* an enum mode, or -1: that of the core */
	uint64_t poll_due;
};

/* Waits for a debugger. False, after an error on stderr: no such port. */
bool gdb_wait(struct gdb *gdb, struct core *core, int port);

/* Before an instruction: stops here if the debugger wants that. Returns when it wants to be asked.
 */
uint64_t gdb_attend(struct gdb *gdb);

/* While the core waits: stops there if the debugger interrupts. */
void gdb_attend_waiting(struct gdb *gdb);

/* The program has ended, with this status. */
void gdb_end(struct gdb *gdb, int status);

#endif

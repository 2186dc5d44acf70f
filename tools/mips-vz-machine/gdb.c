/* SPDX-License-Identifier: BSD-2-Clause */
#include "gdb.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "board.h"
#include "core.h"
#include "trace.h"

#define PACKET        4096
#define POLL_INTERVAL 100000
#define INTERRUPT     3
#define REGISTERS     38 /* as gdb numbers them, without those of an FPU */

enum {
	GDB_STATUS = 32,
	GDB_LO,
	GDB_HI,
	GDB_BADVADDR,
	GDB_CAUSE,
	GDB_PC
};

static void disconnect(struct gdb *gdb)
{
	close(gdb->socket);
	gdb->socket = -1;
	gdb->count = 0;
	gdb->running = true;
	gdb->stepping = false;
}

/* -1: the debugger is gone. */
static int get_byte(struct gdb *gdb)
{
	uint8_t byte;

	if (gdb->socket < 0 || recv(gdb->socket, &byte, 1, 0) != 1)
		return -1;
	return byte;
}

static void put_packet(struct gdb *gdb, const char *text)
{
	char frame[2 * PACKET + 8];
	uint8_t sum = 0;
	int length;

	for (const char *c = text; *c; c++)
		sum += (uint8_t)*c;
	length = snprintf(frame, sizeof(frame), "$%s#%02x", text, sum);
	if (send(gdb->socket, frame, (size_t)length, MSG_NOSIGNAL) < 0)
		disconnect(gdb);
}

/* False: the debugger is gone. Acknowledges what it gets. */
static bool get_packet(struct gdb *gdb, char *text)
{
	int byte, length = 0;

	do {
		byte = get_byte(gdb);
		if (byte < 0)
			return false;
	} while (byte != '$');
	while ((byte = get_byte(gdb)) != '#') {
		if (byte < 0)
			return false;
		if (length < PACKET - 1)
			text[length++] = (char)byte;
	}
	text[length] = 0;
	get_byte(gdb);
	get_byte(gdb);
	return send(gdb->socket, "+", 1, MSG_NOSIGNAL) == 1;
}

/* A register is sent as the target's bytes. */
static uint32_t in_order(const struct core *core, uint32_t value)
{
	return core->big_endian ? value : __builtin_bswap32(value);
}

static void answer(char *reply, const char *text)
{
	snprintf(reply, PACKET, "%s", text);
}

static uint32_t get_register(const struct core *core, unsigned number)
{
	const uint32_t *cp0 = core->cp0[core_context(core)];

	switch (number) {
	case GDB_STATUS:
		return cp0[C0_STATUS];
	case GDB_LO:
		return core->lo;
	case GDB_HI:
		return core->hi;
	case GDB_BADVADDR:
		return cp0[C0_BADVADDR];
	case GDB_CAUSE:
		return cp0[C0_CAUSE];
	case GDB_PC:
		return core->pc;
	default:
		return number < 32 ? core->gpr[number] : 0;
	}
}

static void set_register(struct core *core, unsigned number, uint32_t value)
{
	if (number == GDB_LO)
		core->lo = value;
	else if (number == GDB_HI)
		core->hi = value;
	else if (number > 0 && number < 32)
		core->gpr[number] = value;
	else if (number == GDB_PC && value != core->pc) {
		core->pc = value;
		core->next_pc = value + 4;
		core->slot = false;
	}
}

static enum mode view(const struct gdb *gdb)
{
	return gdb->view < 0 ? gdb->core->mode : (enum mode)gdb->view;
}

static void read_memory(struct gdb *gdb, const char *arguments, char *reply)
{
	unsigned address, size;
	uint8_t byte;

	*reply = 0;
	if (sscanf(arguments, "%x,%x", &address, &size) != 2 || size > PACKET / 2 - 1)
		return;
	for (size_t i = 0; i < size; i++) {
		if (!memory_peek(gdb->core, view(gdb), address + (uint32_t)i, &byte, 1)) {
			if (!i)
				answer(reply, "E14");
			return;
		}
		sprintf(reply + 2 * i, "%02x", byte);
	}
}

static void write_memory(struct gdb *gdb, const char *arguments, char *reply)
{
	const char *data = strchr(arguments, ':');
	unsigned address, size, byte;
	uint8_t value;

	answer(reply, "E14");
	if (!data || sscanf(arguments, "%x,%x", &address, &size) != 2)
		return;
	for (size_t i = 0; i < size; i++) {
		if (sscanf(data + 1 + 2 * i, "%2x", &byte) != 1)
			return;
		value = (uint8_t)byte;
		if (!memory_poke(gdb->core, view(gdb), address + (uint32_t)i, &value, 1))
			return;
	}
	answer(reply, "OK");
}

static void change_breakpoint(struct gdb *gdb, const char *packet, char *reply)
{
	unsigned address;

	if ((packet[1] != '0' && packet[1] != '1') || sscanf(packet + 2, ",%x", &address) != 1)
		return;
	answer(reply, "OK");
	for (unsigned i = 0; i < gdb->count; i++)
		if (gdb->breakpoints[i] == address)
			gdb->breakpoints[i--] = gdb->breakpoints[--gdb->count];
	if (packet[0] == 'z')
		return;
	if (gdb->count == GDB_BREAKPOINTS)
		answer(reply, "E12");
	else
		gdb->breakpoints[gdb->count++] = address;
}

static void monitor(struct gdb *gdb, const char *hex, char *reply)
{
	char command[64] = "";
	unsigned byte;
	FILE *text;

	for (size_t i = 0; i < sizeof(command) - 1 && sscanf(hex + 2 * i, "%2x", &byte) == 1; i++)
		command[i] = (char)byte;
	answer(reply, "OK");
	if (!strcmp(command, "root")) {
		gdb->view = ROOT_KERNEL;
	} else if (!strcmp(command, "guest")) {
		gdb->view = GUEST_KERNEL;
	} else if (!strcmp(command, "mode")) {
		gdb->view = -1;
	} else if (!strcmp(command, "cp0")) {
		char *dump = NULL;
		size_t size = 0;

		text = open_memstream(&dump, &size);
		trace_dump(gdb->core, text);
		fclose(text);
		for (size_t i = 0; i < size && i < PACKET / 2 - 1; i++)
			sprintf(reply + 2 * i, "%02x", (uint8_t)dump[i]);
		free(dump);
	} else {
		answer(reply, "E22");
	}
}

static void registers(struct core *core, const char *packet, char *reply)
{
	unsigned number, value;

	switch (packet[0]) {
	case 'g':
		for (size_t i = 0; i < REGISTERS; i++)
			sprintf(reply + 8 * i, "%08x",
				in_order(core, get_register(core, (unsigned)i)));
		return;
	case 'G':
		for (size_t i = 0; i < REGISTERS && sscanf(packet + 1 + 8 * i, "%8x", &value) == 1;
		     i++)
			set_register(core, (unsigned)i, in_order(core, value));
		break;
	case 'p':
		number = (unsigned)strtoul(packet + 1, NULL, 16);
		sprintf(reply, "%08x", in_order(core, get_register(core, number)));
		return;
	default:
		if (sscanf(packet + 1, "%x=%8x", &number, &value) == 2)
			set_register(core, number, in_order(core, value));
	}
	answer(reply, "OK");
}

/* True: the program goes on. */
static bool serve(struct gdb *gdb, const char *packet)
{
	char reply[PACKET] = "";

	switch (packet[0]) {
	case '?':
		answer(reply, "S05");
		break;
	case 'g':
	case 'G':
	case 'p':
	case 'P':
		registers(gdb->core, packet, reply);
		break;
	case 'm':
		read_memory(gdb, packet + 1, reply);
		break;
	case 'M':
		write_memory(gdb, packet + 1, reply);
		break;
	case 'z':
	case 'Z':
		change_breakpoint(gdb, packet, reply);
		break;
	case 's':
	case 'c':
		gdb->stepping = packet[0] == 's';
		gdb->running = true;
		return true;
	case 'k':
		core_stop(gdb->core, 0);
		disconnect(gdb);
		return true;
	case 'D':
		put_packet(gdb, "OK");
		disconnect(gdb);
		return true;
	case 'H':
		answer(reply, "OK");
		break;
	case 'q':
		if (!strncmp(packet, "qSupported", 10))
			sprintf(reply, "PacketSize=%x", PACKET);
		else if (!strncmp(packet, "qRcmd,", 6))
			monitor(gdb, packet + 6, reply);
		else if (!strcmp(packet, "qAttached"))
			answer(reply, "1");
		break;
	default:
		break;
	}
	put_packet(gdb, reply);
	return false;
}

static bool interrupted(struct gdb *gdb)
{
	struct pollfd input = { .fd = gdb->socket, .events = POLLIN };
	int byte;

	if (gdb->socket < 0 || poll(&input, 1, 0) <= 0)
		return false;
	byte = get_byte(gdb);
	if (byte < 0)
		disconnect(gdb);
	return byte == INTERRUPT;
}

static bool at_breakpoint(const struct gdb *gdb)
{
	for (unsigned i = 0; i < gdb->count; i++)
		if (gdb->breakpoints[i] == gdb->core->pc)
			return true;
	return false;
}

static void talk(struct gdb *gdb)
{
	char packet[PACKET];

	gdb->running = false;
	board_flush(gdb->core->board);
	while (!gdb->running) {
		if (!get_packet(gdb, packet)) {
			disconnect(gdb);
			return;
		}
		serve(gdb, packet);
	}
}

uint64_t gdb_attend(struct gdb *gdb)
{
	struct core *core = gdb->core;
	bool stop = gdb->stepping || !gdb->running || at_breakpoint(gdb);
	bool first = !gdb->running;

	if (gdb->socket < 0)
		return NEVER;
	if (!stop && core->now >= gdb->poll_due) {
		gdb->poll_due = core->now + POLL_INTERVAL;
		stop = interrupted(gdb);
	}
	if (stop) {
		if (!first)
			put_packet(gdb, "S05");
		talk(gdb);
	}
	return gdb->stepping || gdb->count ? core->now + 1 : gdb->poll_due;
}

void gdb_attend_waiting(struct gdb *gdb)
{
	if (!interrupted(gdb))
		return;
	put_packet(gdb, "S05");
	talk(gdb);
}

bool gdb_wait(struct gdb *gdb, struct core *core, int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				       .sin_port = htons((uint16_t)port) };
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	int yes = 1;

	gdb->core = core;
	gdb->view = -1;
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(listener, 1)) {
		perror("machine: --gdb");
		return false;
	}
	fprintf(stderr, "machine: waiting for gdb: target remote :%d\n", port);
	gdb->socket = accept(listener, NULL, NULL);
	close(listener);
	setsockopt(gdb->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	return gdb->socket >= 0;
}

void gdb_end(struct gdb *gdb, int status)
{
	char packet[8];

	if (gdb->socket < 0)
		return;
	snprintf(packet, sizeof(packet), "W%02x", (unsigned)status & 0xff);
	put_packet(gdb, packet);
	disconnect(gdb);
}

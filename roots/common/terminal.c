/* SPDX-License-Identifier: BSD-2-Clause */
#include "terminal.h"

static struct terminal_client *client_of(struct vio_console_backend *backend)
{
	return VIO_CONTAINER_OF(backend, struct terminal_client, backend);
}

/* ---- To the UART ---- */

/* Sends what waits; true: all of it. */
static bool flush(struct terminal *terminal)
{
	while (terminal->out_head != terminal->out_tail) {
		uint32_t at = terminal->out_head % TERMINAL_OUTPUT;
		uint32_t rest = terminal->out_tail - terminal->out_head;
		uint32_t len = rest < TERMINAL_OUTPUT - at ? rest : TERMINAL_OUTPUT - at;
		uint32_t sent = terminal->line->write(terminal->line, &terminal->output[at], len);

		terminal->out_head += sent;
		if (sent < len)
			return false;
	}
	return true;
}

static uint32_t room(const struct terminal *terminal)
{
	return TERMINAL_OUTPUT - (terminal->out_tail - terminal->out_head);
}

static void queue(struct terminal *terminal, const void *data, uint32_t len)
{
	const uint8_t *bytes = data;

	for (uint32_t i = 0; i < len; i++)
		terminal->output[terminal->out_tail++ % TERMINAL_OUTPUT] = bytes[i];
}

static uint32_t send(struct terminal *terminal, const uint8_t *data, uint32_t len)
{
	uint32_t sent = 0;

	if (flush(terminal))
		sent = terminal->line->write(terminal->line, data, len);
	if (sent != 0)
		terminal->in_line = data[sent - 1] != '\n';
	return sent;
}

static void send_all(struct terminal *terminal, const void *data, size_t len)
{
	const uint8_t *bytes = data;

	while (len != 0) {
		uint32_t part = len < TERMINAL_OUTPUT ? (uint32_t)len : TERMINAL_OUTPUT;
		uint32_t sent = send(terminal, bytes, part);

		bytes += sent;
		len -= sent;
	}
}

/* ---- Lines of who is not attached ---- */

static void make_way(struct terminal *terminal)
{
	struct terminal_client *attached = terminal->attached;

	if (attached && attached->hide)
		attached->hide(attached);
	else if (terminal->in_line)
		queue(terminal, "\r\n", 2);
	terminal->in_line = false;
}

static void give_way_back(struct terminal *terminal)
{
	struct terminal_client *attached = terminal->attached;

	if (attached && attached->show)
		attached->show(attached);
}

static uint32_t name_length(const struct terminal_client *client)
{
	uint32_t len = 0;

	while (len < TERMINAL_NAME && client->name[len] != '\0')
		len++;
	return len;
}

/* The line that is kept, which has room. */
static void say_line(struct terminal_client *client)
{
	struct terminal *terminal = client->terminal;

	make_way(terminal);
	queue(terminal, "[", 1);
	queue(terminal, client->name, name_length(client));
	queue(terminal, "] ", 2);
	for (; client->head != client->tail; client->head++)
		queue(terminal, &client->kept[client->head % TERMINAL_KEPT], 1);
	queue(terminal, "\r\n", 2);
	flush(terminal);
	give_way_back(terminal);
}

static uint32_t write_lines(struct terminal_client *client, const uint8_t *data, uint32_t len)
{
	const uint32_t most = TERMINAL_LINE + TERMINAL_NAME + 8;
	uint32_t i = 0;

	for (; i < len; i++) {
		bool full = client->tail - client->head == TERMINAL_LINE;

		if (data[i] == '\n' || (full && data[i] >= ' ')) {
			if (room(client->terminal) < most && !flush(client->terminal))
				break;
			say_line(client);
		}
		if (data[i] >= ' ' && data[i] != 0x7f)
			client->kept[client->tail++ % TERMINAL_KEPT] = data[i];
	}
	return i;
}

static uint32_t keep(struct terminal_client *client, const uint8_t *data, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		client->kept[client->tail++ % TERMINAL_KEPT] = data[i];
	if (client->tail - client->head > TERMINAL_KEPT)
		client->head = client->tail - TERMINAL_KEPT;
	return len;
}

/* ---- A client's end ---- */

static uint32_t write(struct vio_console_backend *backend, const uint8_t *data, uint32_t len)
{
	struct terminal_client *client = client_of(backend);
	uint32_t took = 0;

	if (client == client->terminal->attached)
		took = send(client->terminal, data, len);
	else if (client->keeps)
		took = keep(client, data, len);
	else
		took = write_lines(client, data, len);
	client->waits = took < len;
	client->bytes_out += took;
	return took;
}

void terminal_write(struct terminal_client *client, const void *data, size_t len)
{
	const uint8_t *bytes = data;

	while (len != 0) {
		uint32_t part = len < TERMINAL_OUTPUT ? (uint32_t)len : TERMINAL_OUTPUT;
		uint32_t took = write(&client->backend, bytes, part);

		bytes += took;
		len -= took;
	}
}

void terminal_output_ready(struct terminal *terminal)
{
	struct terminal_client *client = terminal->clients;

	if (!flush(terminal))
		return;
	for (; client; client = client->next) {
		if (!client->waits)
			continue;
		client->waits = false;
		if (client->output_ready)
			client->output_ready(client);
	}
}

/* ---- Input ---- */

static struct terminal_client *after_key(const struct terminal *terminal)
{
	if (terminal->home)
		return terminal->home;
	return terminal->attached->next ? terminal->attached->next : terminal->clients;
}

/* The key leads nowhere when its client is the only one, or is at home: it is a character then. */
static bool is_key(const struct terminal *terminal, uint8_t byte)
{
	return byte == terminal->key && byte != 0 && after_key(terminal) != terminal->attached;
}

static void attach(struct terminal *terminal, struct terminal_client *client)
{
	terminal->in_head = terminal->in_tail;
	terminal->leaving = false;
	terminal->attached = client;
	terminal->owes = true;
	for (; client->head != client->tail; client->head++)
		send_all(terminal, &client->kept[client->head % TERMINAL_KEPT], 1);
}

static void leave(struct terminal *terminal)
{
	struct terminal_client *to = after_key(terminal);

	make_way(terminal);
	if (!terminal->home) {
		queue(terminal, "[", 1);
		queue(terminal, to->name, name_length(to));
		queue(terminal, "]\r\n", 3);
	}
	flush(terminal);
	attach(terminal, to);
}

/* Reads ahead, up to the key: who is attached has what was typed before it first. */
static void pull(struct terminal *terminal)
{
	uint8_t byte = 0;

	while (terminal->attached && !terminal->leaving &&
	       terminal->in_tail - terminal->in_head < TERMINAL_INPUT &&
	       terminal->line->read(terminal->line, &byte, 1) != 0) {
		if (is_key(terminal, byte))
			terminal->leaving = true;
		else
			terminal->input[terminal->in_tail++ % TERMINAL_INPUT] = byte;
	}
}

/*
 * Tells who is attached of input. It reads, and may so find the key, whereupon another is: that one
 * is told from here too, and not out of the first one's call.
 */
static void tell(struct terminal *terminal)
{
	if (terminal->tells)
		return;
	terminal->tells = true;
	while ((terminal->owes || terminal->leaving) && terminal->attached) {
		struct terminal_client *client = terminal->attached;

		terminal->owes = false;
		if (client->input_ready)
			client->input_ready(client);
		if (terminal->leaving && client == terminal->attached)
			leave(terminal);
		terminal->leaving = false;
		pull(terminal);
	}
	terminal->tells = false;
}

static uint32_t read(struct vio_console_backend *backend, uint8_t *to, uint32_t len)
{
	struct terminal_client *client = client_of(backend);
	struct terminal *terminal = client->terminal;
	uint32_t got = 0;

	while (client == terminal->attached && got < len) {
		if (terminal->in_head == terminal->in_tail)
			pull(terminal);
		if (client != terminal->attached || terminal->in_head == terminal->in_tail)
			break;
		to[got++] = terminal->input[terminal->in_head++ % TERMINAL_INPUT];
	}
	client->bytes_in += got;
	tell(terminal);
	return got;
}

bool terminal_take(struct terminal_client *client, uint8_t byte)
{
	struct terminal *terminal = client->terminal;

	if (terminal->attached != client)
		return false;
	pull(terminal);
	for (uint32_t at = terminal->in_head; at != terminal->in_tail; at++) {
		if (terminal->input[at % TERMINAL_INPUT] != byte)
			continue;
		terminal->in_head = at + 1;
		return true;
	}
	return false;
}

void terminal_input_ready(struct terminal *terminal)
{
	terminal->owes = true;
	pull(terminal);
	tell(terminal);
}

/* ---- Clients ---- */

void terminal_attach(struct terminal_client *client)
{
	if (client->terminal->attached == client)
		return;
	attach(client->terminal, client);
	tell(client->terminal);
}

void terminal_add(struct terminal *terminal, struct terminal_client *client)
{
	struct terminal_client **last = &terminal->clients;

	client->backend = (struct vio_console_backend){ .write = write, .read = read };
	client->terminal = terminal;
	client->next = NULL;
	client->waits = false;
	client->bytes_in = 0;
	client->bytes_out = 0;
	client->head = client->tail;
	while (*last)
		last = &(*last)->next;
	*last = client;
	if (!terminal->attached)
		terminal_attach(client);
}

void terminal_remove(struct terminal_client *client)
{
	struct terminal *terminal = client->terminal;
	struct terminal_client **at = &terminal->clients;

	if (terminal->attached == client) {
		struct terminal_client *to = after_key(terminal);

		if (to != client) {
			leave(terminal);
			tell(terminal);
		} else {
			terminal->attached = NULL;
			terminal->in_head = terminal->in_tail;
		}
	} else if (!client->keeps && client->head != client->tail) {
		say_line(client);
	}
	while (*at != client)
		at = &(*at)->next;
	*at = client->next;
	client->terminal = NULL;
}

/* ---- The root ---- */

void terminal_root(struct terminal *terminal, char c)
{
	if (!terminal->in_root) {
		make_way(terminal);
		terminal->in_root = true;
	}
	send_all(terminal, &c, 1);
	if (c == '\n') {
		terminal->in_root = false;
		give_way_back(terminal);
	}
}

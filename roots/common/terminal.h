/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One UART for several: guests' consoles, and the root's shell, which is one more client.
 *
 * One client is attached: its output goes out as it is, and input is its. A key leaves it, for the
 * client that is `home`, or where there is none for the next. The output of the others comes out
 * line by line after their name, or is kept, the newest TERMINAL_KEPT bytes of it, to be shown when
 * they are attached.
 *
 * Nothing waits but the root's own words: what the UART has no room for stays with the client, who
 * is told when there is room. Input is read ahead so that the key is found whatever the client is
 * doing; when TERMINAL_INPUT bytes have been typed to one that reads none, the sender's flow
 * control holds back the rest, and with it the key.
 */
#ifndef TERMINAL_H
#define TERMINAL_H

#include "vio_console.h"

#define TERMINAL_KEPT   2048 /* bytes; powers of two */
#define TERMINAL_INPUT  1024
#define TERMINAL_OUTPUT 1024

#define TERMINAL_LINE   120 /* characters that come out in one line after a name */
#define TERMINAL_NAME   31  /* characters of a name that are shown */

/* The usual key: Control-]. */
#define TERMINAL_KEY    0x1d

struct terminal;

struct terminal_client {
	/* The owner's, set before terminal_add(). */
	const char *name;
	bool keeps; /* its output is kept while it is not attached, instead of coming out in lines
		     */
	/* backend.read(), or backend.write(), moves bytes again. Each may be NULL. */
	void (*input_ready)(struct terminal_client *client);
	void (*output_ready)(struct terminal_client *client);
	/*
	 * While it is attached, others' lines are about to come out, or have: it takes the line it
	 * is showing away, and puts it back. NULL: the lines start on a new one.
	 */
	void (*hide)(struct terminal_client *client);
	void (*show)(struct terminal_client *client);

	/* The terminal's. */
	struct vio_console_backend backend; /* the client's end, for vio_console_init() */
	struct terminal *terminal;
	struct terminal_client *next;
	bool waits; /* for room */
	uint64_t bytes_in;
	uint64_t bytes_out;
	uint32_t head; /* counters of kept bytes, never reduced to the size */
	uint32_t tail;
	uint8_t kept[TERMINAL_KEPT];
};

/* The owner sets the first three, before terminal_add(). */
struct terminal {
	struct vio_console_backend *line; /* the UART */
	uint8_t key;                      /* 0: none, and all input goes through */
	struct terminal_client *home;     /* where the key leads; NULL: to the next client */

	struct terminal_client *attached; /* NULL while there is no client */
	struct terminal_client *clients;
	bool in_line;     /* the cursor is behind something */
	bool in_root;     /* a line of the root's own is under way */
	bool owes;        /* the attached client has not been told of input */
	bool leaving;     /* the key was typed */
	bool tells;       /* it is being told */
	uint32_t in_head; /* counters of bytes, as above */
	uint32_t in_tail;
	uint32_t out_head;
	uint32_t out_tail;
	uint8_t input[TERMINAL_INPUT];
	uint8_t output[TERMINAL_OUTPUT];
};

/* A new client; the first is attached. It stays until terminal_remove(), which loses its input. */
void terminal_add(struct terminal *terminal, struct terminal_client *client);
void terminal_remove(struct terminal_client *client);

/* Attaches the client: what it has kept comes out. What the former one had not taken is lost. */
void terminal_attach(struct terminal_client *client);

/* All of it, waiting for the UART: for clients that are the root's. As backend.write() otherwise.
 */
void terminal_write(struct terminal_client *client, const void *data, size_t len);

/*
 * Whether `byte` has been typed to the client, which is then forgotten with all that was typed
 * before it; the rest stays to be read.
 */
bool terminal_take(struct terminal_client *client, uint8_t byte);

/* The root's own words, for root_set_console(): they start on a line of their own. Waits. */
void terminal_root(struct terminal *terminal, char c);

/* The UART has input, or room. */
void terminal_input_ready(struct terminal *terminal);
void terminal_output_ready(struct terminal *terminal);

#endif

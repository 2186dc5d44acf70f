/* SPDX-License-Identifier: BSD-2-Clause */
/* One UART for several: who is heard, who is asked, and that nothing of either is lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "terminal.h"

#define KEY "\x1d"

/* ---- The UART ---- */

static struct {
	struct vio_console_backend backend;
	char shown[16384];
	uint32_t shown_len;
	uint32_t room;
	bool drains; /* room comes back by itself, some of it at each call */
	const char *typed;
} uart;

static uint32_t uart_write(struct vio_console_backend *backend, const uint8_t *data, uint32_t len)
{
	(void)backend;
	if (uart.drains && uart.room == 0) {
		uart.room = 3;
		return 0;
	}
	if (len > uart.room)
		len = uart.room;
	uart.room -= len;
	assert_true(uart.shown_len + len < sizeof(uart.shown));
	memcpy(uart.shown + uart.shown_len, data, len);
	uart.shown_len += len;
	return len;
}

static uint32_t uart_read(struct vio_console_backend *backend, uint8_t *to, uint32_t len)
{
	uint32_t got = 0;

	(void)backend;
	while (got < len && *uart.typed)
		to[got++] = (uint8_t)*uart.typed++;
	return got;
}

/* ---- The clients ---- */

struct client {
	struct terminal_client client;
	char heard[4096];
	uint32_t heard_len;
	bool deaf;
	unsigned output_ready;
	unsigned hidden, shown;
};

static struct terminal terminal;
static struct client one, two, shell;

static struct client *client_of(struct terminal_client *client)
{
	return VIO_CONTAINER_OF(client, struct client, client);
}

static void input_ready(struct terminal_client *client)
{
	struct client *c = client_of(client);
	uint32_t got = 0;

	while (!c->deaf && c->heard_len < sizeof(c->heard) - 8) {
		got = client->backend.read(&client->backend, (uint8_t *)c->heard + c->heard_len, 7);
		c->heard_len += got;
		if (got < 7)
			return;
	}
}

static void output_ready(struct terminal_client *client)
{
	client_of(client)->output_ready++;
}

static void hide(struct terminal_client *client)
{
	client_of(client)->hidden++;
	terminal_write(client, "<", 1);
}

static void show(struct terminal_client *client)
{
	client_of(client)->shown++;
	terminal_write(client, ">", 1);
}

static void add(struct client *c, const char *name)
{
	c->client.name = name;
	c->client.input_ready = input_ready;
	c->client.output_ready = output_ready;
	terminal_add(&terminal, &c->client);
}

static int setup(void **state)
{
	(void)state;
	memset(&uart, 0, sizeof(uart));
	memset(&terminal, 0, sizeof(terminal));
	memset(&one, 0, sizeof(one));
	memset(&two, 0, sizeof(two));
	memset(&shell, 0, sizeof(shell));
	uart.backend = (struct vio_console_backend){ .write = uart_write, .read = uart_read };
	uart.room = UINT32_MAX;
	uart.typed = "";
	terminal.line = &uart.backend;
	terminal.key = TERMINAL_KEY;
	add(&one, "one");
	add(&two, "two");
	return 0;
}

static uint32_t say(struct client *c, const char *text)
{
	return c->client.backend.write(&c->client.backend, (const uint8_t *)text,
				       (uint32_t)strlen(text));
}

static void type(const char *text)
{
	uart.typed = text;
	terminal_input_ready(&terminal);
}

static void expect_shown(const char *text)
{
	uart.shown[uart.shown_len] = '\0';
	assert_string_equal(uart.shown, text);
	uart.shown_len = 0;
}

static void expect_heard(struct client *c, const char *text)
{
	c->heard[c->heard_len] = '\0';
	assert_string_equal(c->heard, text);
	c->heard_len = 0;
}

/* ---- Tests ---- */

static void the_first_has_it_as_it_is(void **state)
{
	(void)state;
	assert_int_equal(say(&one, "\x1b[1mraw\r\n"), 9);
	expect_shown("\x1b[1mraw\r\n");
	type("for one\x03");
	expect_heard(&one, "for one\x03");
	expect_heard(&two, "");
}

static void others_come_line_by_line(void **state)
{
	(void)state;
	assert_int_equal(say(&two, "hel"), 3);
	expect_shown("");
	say(&two, "lo\r\nthere\r\nand");
	expect_shown("[two] hello\r\n[two] there\r\n");
	/* Behind what the attached one has not ended. */
	say(&one, "# ");
	say(&two, " more\n");
	expect_shown("# \r\n[two] and more\r\n");
}

static void a_long_line_is_cut(void **state)
{
	char line[2 * TERMINAL_LINE + 2];

	(void)state;
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 2] = '\n';
	line[sizeof(line) - 1] = '\0';
	assert_int_equal(say(&two, line), sizeof(line) - 1);
	assert_int_equal(uart.shown_len, sizeof(line) - 2 + 2 * strlen("[two] \r\n"));
}

static void the_key_leads_on(void **state)
{
	(void)state;
	type("a" KEY "b" KEY "c");
	expect_heard(&one, "ac");
	expect_heard(&two, "b");
	type("d");
	type(KEY "e");
	expect_heard(&one, "d");
	expect_heard(&two, "e");
	expect_shown("[two]\r\n[one]\r\n[two]\r\n");
	say(&two, "raw");
	say(&one, "line\n");
	expect_shown("raw\r\n[one] line\r\n");
}

static void the_key_is_found_behind_a_deaf_client(void **state)
{
	char much[TERMINAL_INPUT + 100];

	(void)state;
	one.deaf = true;
	memset(much, 'x', sizeof(much));
	memcpy(much + TERMINAL_INPUT - 4, KEY "two", 5);
	type(much);
	expect_heard(&two, "two");
}

/* What is typed ahead is bounded; the rest stays with the UART, and nothing of it is lost. */
static void input_is_held_back(void **state)
{
	char much[3 * TERMINAL_INPUT + 1];

	(void)state;
	one.deaf = true;
	memset(much, 'x', sizeof(much) - 1);
	much[sizeof(much) - 1] = '\0';
	type(much);
	assert_int_equal(strlen(uart.typed), 2 * TERMINAL_INPUT);
	one.deaf = false;
	input_ready(&one.client);
	assert_int_equal(one.heard_len, 3 * TERMINAL_INPUT);
}

static void output_waits_for_room(void **state)
{
	(void)state;
	uart.room = 4;
	assert_int_equal(say(&one, "hello\n"), 4);
	assert_int_equal(say(&two, "there\n"), 6); /* as far as the terminal itself has room */
	assert_int_equal(say(&one, "o\n"), 0);
	uart.room = 3;
	terminal_output_ready(&terminal);
	assert_int_equal(one.output_ready, 0);
	uart.room = UINT32_MAX;
	terminal_output_ready(&terminal);
	assert_int_equal(one.output_ready, 1);
	say(&one, "o\n");
	expect_shown("hell\r\n[two] there\r\no\n");
	terminal_output_ready(&terminal);
	assert_int_equal(one.output_ready, 1);
}

static void lines_wait_for_room(void **state)
{
	unsigned count = 0;

	(void)state;
	uart.room = 0;
	while (say(&two, "0123456789\n") == 11)
		count++;
	assert_in_range(count, 20, TERMINAL_OUTPUT / 18);
	uart.room = UINT32_MAX;
	terminal_output_ready(&terminal);
	assert_int_equal(two.output_ready, 1);
	say(&two, "\n");
	assert_int_equal(uart.shown_len, (count + 1) * strlen("[two] 0123456789\r\n"));
}

static void kept_output_comes_with_the_attach(void **state)
{
	(void)state;
	two.client.keeps = true;
	say(&two, "first\r\n# ");
	expect_shown("");
	terminal_attach(&two.client);
	expect_shown("first\r\n# ");
	terminal_attach(&one.client);
	for (unsigned i = 0; i < 300; i++)
		say(&two, "0123456789");
	say(&two, "end");
	terminal_attach(&two.client);
	assert_int_equal(uart.shown_len, TERMINAL_KEPT);
	assert_memory_equal(uart.shown + TERMINAL_KEPT - 7, "6789end", 7);
}

static void home_is_where_the_key_leads(void **state)
{
	(void)state;
	add(&shell, "shell");
	terminal.home = &shell.client;
	type(KEY "x");
	expect_heard(&shell, "x");
	type(KEY "y"); /* no way from home: a character */
	expect_heard(&shell, KEY "y");
	terminal_attach(&two.client);
	type("z" KEY);
	assert_ptr_equal(terminal.attached, &shell.client);
	expect_shown("");
}

static void a_line_that_is_edited_makes_way(void **state)
{
	(void)state;
	add(&shell, "shell");
	shell.client.hide = hide;
	shell.client.show = show;
	terminal_attach(&shell.client);
	say(&one, "a line\n");
	expect_shown("<[one] a line\r\n>");
	uart.drains = true;
	uart.room = 0;
	for (const char *c = "root\r\n"; *c; c++)
		terminal_root(&terminal, *c);
	expect_shown("<root\r\n>");
	assert_int_equal(shell.hidden, 2);
	assert_int_equal(shell.shown, 2);
}

static void who_is_removed_leaves_its_words(void **state)
{
	(void)state;
	say(&two, "last words");
	terminal_remove(&two.client);
	expect_shown("[two] last words\r\n");
	type(KEY "a"); /* alone, the key is a character */
	expect_heard(&one, KEY "a");
	terminal_remove(&one.client);
	assert_null(terminal.attached);
	type("for whom it may concern");
	add(&one, "one");
	expect_heard(&one, "for whom it may concern");
}

#define TEST(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_has_it_as_it_is),
		TEST(others_come_line_by_line),
		TEST(a_long_line_is_cut),
		TEST(the_key_leads_on),
		TEST(the_key_is_found_behind_a_deaf_client),
		TEST(input_is_held_back),
		TEST(output_waits_for_room),
		TEST(lines_wait_for_room),
		TEST(kept_output_comes_with_the_attach),
		TEST(home_is_where_the_key_leads),
		TEST(a_line_that_is_edited_makes_way),
		TEST(who_is_removed_leaves_its_words),
	};

	return cmocka_run_group_tests_name("terminal", tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The line editor, by what a person sees: the test has a screen that obeys the sequences it gets,
 * and after every byte it must show the line, and the cursor where it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "edit.h"

#define COLUMNS 40
#define PROMPT  "> "

static struct {
	char row[COLUMNS + 1];
	unsigned column;
	char above[4096]; /* rows that were left by a newline */
	unsigned bells;
	char sequence[16];
	unsigned sequence_len;
} screen;

static struct edit editor;

/* ---- The screen ---- */

static void clear_from(unsigned column)
{
	memset(screen.row + column, ' ', COLUMNS - column);
	screen.row[COLUMNS] = '\0';
}

static void obey(char c)
{
	screen.sequence[screen.sequence_len++] = c;
	assert_in_range(screen.sequence_len, 1, 15);
	if (screen.sequence_len < 3 || (c >= '0' && c <= '9'))
		return;
	screen.sequence[screen.sequence_len] = '\0';
	screen.sequence_len = 0;
	if (c == 'K') {
		assert_string_equal(screen.sequence, "\x1b[K");
		clear_from(screen.column);
	} else if (c == 'C') {
		screen.column += (unsigned)atoi(screen.sequence + 2);
		assert_in_range(screen.column, 0, COLUMNS - 1);
	} else {
		assert_true(c == 'H' || c == 'J'); /* of ^L */
	}
}

static void show(char c)
{
	if (screen.sequence_len || c == '\x1b') {
		obey(c);
	} else if (c == '\r') {
		screen.column = 0;
	} else if (c == '\n') {
		strncat(screen.above, screen.row, COLUMNS);
		for (size_t len = strlen(screen.above); len && screen.above[len - 1] == ' ';)
			screen.above[--len] = '\0';
		strcat(screen.above, "\n");
		clear_from(0);
	} else if (c == '\a') {
		screen.bells++;
	} else {
		assert_in_range(c, ' ', '~');
		assert_in_range(screen.column, 0, COLUMNS - 2);
		screen.row[screen.column++] = c;
	}
}

static void write_screen(struct edit *edit, const char *data, size_t len)
{
	assert_ptr_equal(edit, &editor);
	while (len--)
		show(*data++);
}

/* What is on it is the line, or as much of it as there is room for. */
static void look(void)
{
	char wanted[COLUMNS + 1];
	unsigned room = COLUMNS - 3 - (unsigned)strlen(PROMPT);
	unsigned shown = editor.length - editor.first;

	assert_int_equal(strlen(editor.line), editor.length);
	assert_in_range(editor.cursor, editor.first, editor.length);
	assert_in_range(editor.cursor - editor.first, 0, room - 1);
	if (shown > room)
		shown = room;
	memset(wanted, ' ', COLUMNS);
	wanted[COLUMNS] = '\0';
	memcpy(wanted, PROMPT, strlen(PROMPT));
	memcpy(wanted + strlen(PROMPT), editor.line + editor.first, shown);
	assert_string_equal(screen.row, wanted);
	assert_int_equal(screen.column, strlen(PROMPT) + editor.cursor - editor.first);
}

/* ---- The person ---- */

static const char *const words[] = { "halt", "help", "helium", "list", "console=", NULL };
static const char *const behind_help[] = { "halt", "list", NULL };

static const char *word(struct edit *edit, const char *before, size_t len, unsigned n)
{
	(void)edit;
	return len == 0 ? words[n] : strncmp(before, "help ", 5) == 0 ? behind_help[n] : NULL;
}

static int setup(void **state)
{
	(void)state;
	memset(&screen, 0, sizeof(screen));
	memset(&editor, 0, sizeof(editor));
	clear_from(0);
	editor.prompt = PROMPT;
	editor.columns = COLUMNS;
	editor.write = write_screen;
	editor.word = word;
	edit_start(&editor);
	look();
	return 0;
}

static enum edit_event key(const char *keys)
{
	enum edit_event event = EDIT_NOTHING;

	for (; *keys; keys++) {
		assert_int_equal(event, EDIT_NOTHING);
		event = edit_byte(&editor, (uint8_t)*keys);
		if (event == EDIT_NOTHING)
			look();
	}
	return event;
}

static void expect(const char *line, unsigned cursor)
{
	assert_string_equal(editor.line, line);
	assert_int_equal(editor.cursor, cursor);
}

static void enter(const char *line)
{
	key(line);
	assert_int_equal(key("\r"), EDIT_ENTERED);
	assert_string_equal(editor.line, line);
	edit_start(&editor);
}

#define UP    "\x1b[A"
#define DOWN  "\x1bOB"
#define RIGHT "\x1b[C"
#define LEFT  "\x1b[D"

/* ---- Tests ---- */

static void a_line_is_entered(void **state)
{
	(void)state;
	key("hello");
	expect("hello", 5);
	assert_int_equal(key("\r"), EDIT_ENTERED);
	assert_string_equal(editor.line, "hello");
	assert_string_equal(screen.above, "> hello\n");
}

static void keys_move_and_erase(void **state)
{
	(void)state;
	key("abcdef" LEFT LEFT);
	expect("abcdef", 4);
	key("X");
	expect("abcdXef", 5);
	key("\x7f\b");
	expect("abcef", 3);
	key("\x1b[3~");
	expect("abcf", 3);
	key("\x04" RIGHT RIGHT "\x04");
	expect("abc", 3);
	key("\x01");
	expect("abc", 0);
	key("\x05\x02\x02\x06");
	expect("abc", 2);
	key("\x1b[H" LEFT);
	expect("abc", 0);
	key("\x1b[4~");
	expect("abc", 3);
	key("\x1b[1~");
	expect("abc", 0);
	key("\x1bOF");
	expect("abc", 3);
	key("\x1b[7~\x1b[8~");
	expect("abc", 3);
}

static void what_is_killed_comes_back(void **state)
{
	(void)state;
	key("one two  three  ");
	key("\x17");
	expect("one two  ", 9);
	key("\x17");
	expect("one ", 4);
	key("\x19\x19");
	expect("one two  two  ", 14);
	key(LEFT LEFT LEFT LEFT "\x0b");
	expect("one two  t", 10);
	key("\x15");
	expect("", 0);
	key("\x19");
	expect("one two  t", 10);
}

static void history_goes_back_and_forth(void **state)
{
	(void)state;
	enter("first");
	enter("second");
	enter("second"); /* once */
	enter("  ");     /* not at all */
	key("new" UP);
	expect("second", 6);
	key(UP);
	expect("first", 5);
	assert_int_equal(screen.bells, 0);
	key(UP);
	expect("first", 5);
	assert_int_equal(screen.bells, 1);
	key("!" DOWN);
	expect("second", 6);
	key("\x0e");
	expect("new", 3);
	key(DOWN "\x10\x10");
	expect("first", 5);
	assert_int_equal(key("\r"), EDIT_ENTERED);
	edit_start(&editor);
	key(UP UP);
	expect("second", 6);
	key("\x15");
	for (char c = 'a'; c < 'a' + EDIT_HISTORY + 4; c++)
		enter((const char[]){ c, '\0' });
	for (unsigned i = 0; i < EDIT_HISTORY + 2; i++)
		key(UP);
	expect("e", 1);
}

static void a_long_line_scrolls(void **state)
{
	char line[EDIT_LINE + 1];

	(void)state;
	for (unsigned i = 0; i < EDIT_LINE; i++)
		line[i] = (char)('a' + i % 26);
	line[EDIT_LINE] = '\0';
	key(line);
	expect(line, EDIT_LINE);
	assert_int_equal(screen.bells, 0);
	key("x");
	expect(line, EDIT_LINE);
	assert_int_equal(screen.bells, 1);
	for (unsigned i = 0; i < EDIT_LINE; i++)
		key(LEFT);
	expect(line, 0);
	key("\x05\x01\x0b\x19");
	expect(line, EDIT_LINE);
}

static void tab_completes(void **state)
{
	(void)state;
	key("l\t");
	expect("list ", 5);
	key("\x15"
	    "h\t");
	expect("h", 1);
	assert_string_equal(screen.above, "");
	key("\t");
	expect("h", 1);
	assert_string_equal(screen.above, "> h\nhalt  help  helium\n");
	key("e\t");
	expect("hel", 3);
	key("p\t");
	expect("help ", 5);
	key("h\t");
	expect("help halt ", 10);
	assert_int_equal(screen.bells, 0);
	key("\t\t");
	key("\x15"
	    "x\t");
	expect("x", 1);
	assert_int_equal(screen.bells, 1);
	key("\x15"
	    "con\t");
	expect("console=", 8); /* goes on */
	key("\x15"
	    "hal lo\x01" RIGHT RIGHT RIGHT "\t");
	expect("halt  lo", 5);
}

static void the_line_makes_way(void **state)
{
	(void)state;
	key("hello" LEFT);
	edit_hide(&editor);
	edit_hide(&editor);
	write_screen(&editor, "[guest] here\r\n", 14);
	edit_show(&editor);
	look();
	assert_string_equal(screen.above, "[guest] here\n");
	assert_int_equal(key("\x03"), EDIT_GIVEN_UP);
	assert_string_equal(screen.above, "[guest] here\n> hello^C\n");
	edit_start(&editor);
	look();
	key(UP);
	expect("", 0);
	key("abc\x0c");
}

static void what_it_does_not_know_it_swallows(void **state)
{
	(void)state;
	key("a\x1b[5~b\x1b[1;5Cc\x1bOPd\x1b[200~e\x1b\x1b[Df\x1bxg\x80\xc3\xa4\x0f\x1d");
	expect("abcdfge", 6);
	key("\x1b[999999999;;~\x1b[3;2~");
	expect("abcdfg", 6);
}

/* Whatever comes: the screen is right after each byte, and nothing is written beyond the line. */
static void noise(void **state)
{
	static const char *const favourites[] = { UP,     DOWN, LEFT,   RIGHT,  "\t",
						  "\x1b", "\r", "\x17", "\x19", "\x15" };
	uint32_t random = 12345;

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		const char *keys = (const char[]){ 0, 0 };
		char one[2] = { 0 };

		random = random * 1664525 + 1013904223;
		if (random >> 30 == 0) {
			keys = favourites[random >> 8 & 7 ? (random >> 12) % 10 : 6];
		} else {
			one[0] = (char)(random >> 29 == 7 ? random >> 16
							  : 'a' + (random >> 16) % 26);
			keys = one;
		}
		for (; *keys; keys++) {
			if (edit_byte(&editor, (uint8_t)*keys) != EDIT_NOTHING)
				edit_start(&editor);
			screen.above[0] = '\0';
			look();
		}
	}
}

#define TEST(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_line_is_entered),
		TEST(keys_move_and_erase),
		TEST(what_is_killed_comes_back),
		TEST(history_goes_back_and_forth),
		TEST(a_long_line_scrolls),
		TEST(tab_completes),
		TEST(the_line_makes_way),
		TEST(what_it_does_not_know_it_swallows),
		TEST(noise),
	};

	return cmocka_run_group_tests_name("edit", tests, NULL, NULL);
}

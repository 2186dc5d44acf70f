/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The screen is drawn from the line after each change, so there is one picture of it and no
 * difference to keep track of; only a character at the end, which is what is typed most, goes out
 * by itself.
 */
#include "edit.h"
#include "text.h"
#include "vio_types.h"

enum {
	PLAIN,
	ESCAPE,  /* ESC */
	CONTROL, /* ESC [ */
	SINGLE,  /* ESC O */
};

#define CTRL(c)   ((c)&0x1f)
#define BACKSPACE 0x7f
#define ESC       0x1b

/* ---- The screen ---- */

static void say(struct edit *edit, const char *text)
{
	edit->write(edit, text, strlen(text));
}

static unsigned columns(const struct edit *edit)
{
	unsigned prompt = (unsigned)strlen(edit->prompt);
	unsigned all = edit->columns ? edit->columns : 80;

	/* Room for ^C, and the last stays free: terminals differ in what they do when it is filled.
	 */
	return all > prompt + 11 ? all - prompt - 3 : 8;
}

static void move_right(struct edit *edit, unsigned n)
{
	char sequence[] = "\x1b[000C";
	unsigned first = 5;

	for (; n != 0 && first > 2; n /= 10)
		sequence[--first] = (char)('0' + n % 10);
	if (first == 5)
		return;
	sequence[first - 1] = '[';
	sequence[first - 2] = '\x1b';
	say(edit, sequence + first - 2);
}

static void draw(struct edit *edit)
{
	unsigned width = columns(edit);
	unsigned shown;

	if (edit->cursor < edit->first)
		edit->first = edit->cursor;
	if (edit->cursor >= edit->first + width)
		edit->first = edit->cursor - width + 1;
	shown = edit->length - edit->first;
	if (shown > width)
		shown = width;
	say(edit, "\r");
	say(edit, edit->prompt);
	edit->write(edit, edit->line + edit->first, shown);
	say(edit, "\x1b[K\r");
	move_right(edit, (unsigned)strlen(edit->prompt) + edit->cursor - edit->first);
	edit->visible = true;
}

void edit_hide(struct edit *edit)
{
	if (edit->visible)
		say(edit, "\r\x1b[K");
	edit->visible = false;
}

void edit_show(struct edit *edit)
{
	draw(edit);
}

static void bell(struct edit *edit)
{
	say(edit, "\a");
}

/* ---- The line ---- */

static void set_line(struct edit *edit, const char *text)
{
	edit->length = (unsigned)strlen(text);
	memcpy(edit->line, text, edit->length + 1);
	edit->cursor = edit->length;
	edit->first = 0;
}

/* As much as there is room for; false: not all. */
static bool insert(struct edit *edit, const char *text, size_t len)
{
	unsigned room = EDIT_LINE - edit->length;
	unsigned part = len < room ? (unsigned)len : room;

	memmove(edit->line + edit->cursor + part, edit->line + edit->cursor,
		edit->length - edit->cursor + 1);
	memcpy(edit->line + edit->cursor, text, part);
	edit->length += part;
	edit->cursor += part;
	return part == len;
}

static void cut(struct edit *edit, unsigned from, unsigned to)
{
	memmove(edit->line + from, edit->line + to, edit->length - to + 1);
	edit->length -= to - from;
	edit->cursor = from;
}

static void kill(struct edit *edit, unsigned from, unsigned to)
{
	if (from == to)
		return;
	memcpy(edit->killed, edit->line + from, to - from);
	edit->killed[to - from] = '\0';
	cut(edit, from, to);
}

static unsigned word_before(const struct edit *edit)
{
	unsigned at = edit->cursor;

	while (at > 0 && edit->line[at - 1] == ' ')
		at--;
	while (at > 0 && edit->line[at - 1] != ' ')
		at--;
	return at;
}

static void type(struct edit *edit, char c)
{
	bool at_end = edit->cursor == edit->length;

	if (!insert(edit, &c, 1))
		bell(edit);
	else if (at_end && edit->visible && edit->cursor - edit->first < columns(edit))
		edit->write(edit, &c, 1);
	else
		draw(edit);
}

/* ---- The lines before ---- */

static const char *past_line(const struct edit *edit, unsigned past)
{
	return edit->history.lines[(edit->history.count - past) % EDIT_HISTORY];
}

static void go_to(struct edit *edit, unsigned past)
{
	unsigned most = edit->history.count < EDIT_HISTORY ? edit->history.count : EDIT_HISTORY;

	if (past > most) {
		bell(edit);
		return;
	}
	if (edit->past == 0)
		memcpy(edit->kept, edit->line, sizeof(edit->kept));
	edit->past = past;
	set_line(edit, past == 0 ? edit->kept : past_line(edit, past));
	draw(edit);
}

static bool is_blank(const char *line)
{
	while (*line == ' ')
		line++;
	return *line == '\0';
}

static void remember(struct edit *edit)
{
	struct edit_history *history = &edit->history;

	if (is_blank(edit->line) ||
	    (history->count > 0 && strlen(past_line(edit, 1)) == edit->length &&
	     memcmp(past_line(edit, 1), edit->line, edit->length) == 0))
		return;
	memcpy(history->lines[history->count++ % EDIT_HISTORY], edit->line, edit->length + 1);
}

/* ---- Completion ---- */

/* Of the words that begin with the `len` characters at `start`: how many, and what all share. */
static unsigned look_up(struct edit *edit, unsigned start, const char **shared, size_t *shared_len)
{
	size_t len = edit->cursor - start;
	unsigned count = 0;
	const char *word;

	for (unsigned n = 0; (word = edit->word(edit, edit->line, start, n)) != NULL; n++) {
		size_t same = 0;

		if (strncmp(word, edit->line + start, len) != 0)
			continue;
		if (count++ == 0) {
			*shared = word;
			*shared_len = strlen(word);
		}
		while (same < *shared_len && word[same] == (*shared)[same])
			same++;
		*shared_len = same;
	}
	return count;
}

static void show_choice(struct edit *edit, unsigned start)
{
	unsigned column = 0;
	const char *word;

	say(edit, "\r\n");
	for (unsigned n = 0; (word = edit->word(edit, edit->line, start, n)) != NULL; n++) {
		if (strncmp(word, edit->line + start, edit->cursor - start) != 0)
			continue;
		if (column != 0 && column + strlen(word) + 2 > columns(edit)) {
			say(edit, "\r\n");
			column = 0;
		}
		say(edit, word);
		say(edit, "  ");
		column += (unsigned)strlen(word) + 2;
	}
	say(edit, "\r\n");
	draw(edit);
}

/* A word that ends with = or / wants more behind it. */
static bool is_whole(const char *word, size_t len)
{
	return len > 0 && word[len - 1] != '=' && word[len - 1] != '/';
}

static void complete(struct edit *edit, bool again)
{
	unsigned start = edit->cursor;
	const char *shared = "";
	size_t len = 0;
	unsigned count = 0;

	while (start > 0 && edit->line[start - 1] != ' ')
		start--;
	if (edit->word)
		count = look_up(edit, start, &shared, &len);
	if (count == 0 ||
	    !insert(edit, shared + (edit->cursor - start), len - (edit->cursor - start))) {
		bell(edit);
	} else if (count == 1) {
		if (is_whole(shared, len))
			insert(edit, " ", 1);
	} else if (again) {
		show_choice(edit, start);
		return;
	} else {
		edit->asked = true;
	}
	draw(edit);
}

/* ---- Keys ---- */

static void move(struct edit *edit, unsigned to)
{
	edit->cursor = to;
	draw(edit);
}

static void left(struct edit *edit)
{
	move(edit, edit->cursor > 0 ? edit->cursor - 1 : 0);
}

static void right(struct edit *edit)
{
	move(edit, edit->cursor < edit->length ? edit->cursor + 1 : edit->length);
}

static void erase(struct edit *edit)
{
	if (edit->cursor < edit->length)
		cut(edit, edit->cursor, edit->cursor + 1);
	draw(edit);
}

static void control_key(struct edit *edit, uint8_t byte)
{
	switch (byte) {
	case 'A':
		go_to(edit, edit->past + 1);
		break;
	case 'B':
		if (edit->past > 0)
			go_to(edit, edit->past - 1);
		break;
	case 'C':
		right(edit);
		break;
	case 'D':
		left(edit);
		break;
	case 'H':
		move(edit, 0);
		break;
	case 'F':
		move(edit, edit->length);
		break;
	default:
		break;
	}
}

static void numbered_key(struct edit *edit, unsigned number)
{
	if (number == 1 || number == 7)
		move(edit, 0);
	else if (number == 4 || number == 8)
		move(edit, edit->length);
	else if (number == 3)
		erase(edit);
}

/* A byte inside an escape sequence; false: it is none, and means itself. */
static bool escaped(struct edit *edit, uint8_t byte)
{
	uint8_t state = edit->state;

	if (byte < ' ') {
		edit->state = PLAIN;
		return byte == ESC ? (edit->state = ESCAPE, true) : false;
	}
	if (state == ESCAPE) {
		edit->state = byte == '[' ? CONTROL : byte == 'O' ? SINGLE : PLAIN;
		edit->parameter = 0;
		return true;
	}
	if (state == CONTROL && byte < '@') {
		/* A second parameter, a modifier, is of no interest: the first is kept. */
		if (byte >= '0' && byte <= '9' && edit->parameter < 25)
			edit->parameter = (uint8_t)(edit->parameter * 10 + (byte - '0'));
		else
			edit->parameter |= 0x80;
		return true;
	}
	edit->state = PLAIN;
	if (state == CONTROL && byte == '~')
		numbered_key(edit, edit->parameter & 0x7f);
	else
		control_key(edit, byte);
	return true;
}

static enum edit_event end(struct edit *edit, enum edit_event event)
{
	if (edit->cursor != edit->length)
		move(edit, edit->length);
	say(edit, event == EDIT_ENTERED ? "\r\n" : "^C\r\n");
	edit->visible = false;
	if (event == EDIT_ENTERED)
		remember(edit);
	return event;
}

static enum edit_event plain(struct edit *edit, uint8_t byte)
{
	bool again = edit->asked;

	edit->asked = false;
	switch (byte) {
	case '\r':
	case '\n':
		return end(edit, EDIT_ENTERED);
	case CTRL('C'):
		return end(edit, EDIT_GIVEN_UP);
	case '\t':
		complete(edit, again);
		break;
	case CTRL('A'):
		move(edit, 0);
		break;
	case CTRL('E'):
		move(edit, edit->length);
		break;
	case CTRL('B'):
		left(edit);
		break;
	case CTRL('F'):
		right(edit);
		break;
	case CTRL('P'):
		control_key(edit, 'A');
		break;
	case CTRL('N'):
		control_key(edit, 'B');
		break;
	case BACKSPACE:
	case '\b':
		if (edit->cursor > 0)
			cut(edit, edit->cursor - 1, edit->cursor);
		draw(edit);
		break;
	case CTRL('D'):
		erase(edit);
		break;
	case CTRL('K'):
		kill(edit, edit->cursor, edit->length);
		draw(edit);
		break;
	case CTRL('U'):
		kill(edit, 0, edit->cursor);
		draw(edit);
		break;
	case CTRL('W'):
		kill(edit, word_before(edit), edit->cursor);
		draw(edit);
		break;
	case CTRL('Y'):
		if (!insert(edit, edit->killed, strlen(edit->killed)))
			bell(edit);
		draw(edit);
		break;
	case CTRL('L'):
		say(edit, "\x1b[H\x1b[2J");
		draw(edit);
		break;
	case ESC:
		edit->state = ESCAPE;
		break;
	default:
		if (byte >= ' ' && byte < 0x7f)
			type(edit, (char)byte);
		break;
	}
	return EDIT_NOTHING;
}

void edit_start(struct edit *edit)
{
	set_line(edit, "");
	edit->state = PLAIN;
	edit->past = 0;
	edit->asked = false;
	draw(edit);
}

enum edit_event edit_byte(struct edit *edit, uint8_t byte)
{
	if (edit->state != PLAIN && escaped(edit, byte))
		return EDIT_NOTHING;
	return plain(edit, byte);
}

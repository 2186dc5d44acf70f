/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A line editor for a terminal that knows the ANSI sequences: one line, which scrolls sideways when
 * it is longer than the terminal is wide, with a history and completion.
 *
 *	left, right, ^B, ^F		home, end, ^A, ^E
 *	up, down, ^P, ^N		the lines before
 *	backspace, delete, ^D		the character before, or under, the cursor
 *	^K, ^U, ^W			the rest, the beginning, the word before; ^Y puts it back
 *	tab				completes; where there is a choice, shows it
 *	^L, ^C				draws anew; gives the line up
 *
 * It takes bytes one by one, in any order and split anywhere: what is no key it knows is swallowed.
 * Characters are those of ASCII.
 */
#ifndef EDIT_H
#define EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EDIT_LINE    160 /* characters of a line, at most */
#define EDIT_HISTORY 16  /* lines */

enum edit_event {
	EDIT_NOTHING,
	EDIT_ENTERED, /* `line` is a line, until the next byte */
	EDIT_GIVEN_UP,
};

struct edit_history {
	unsigned count; /* lines entered so far, never reduced */
	char lines[EDIT_HISTORY][EDIT_LINE + 1];
};

struct edit {
	/* The owner's, set before edit_start(). */
	const char *prompt;
	unsigned columns; /* of the terminal; 0: 80 */
	void (*write)(struct edit *edit, const char *data, size_t len);
	/*
	 * Word number `n`, from 0 on, of those that may stand behind the first `len` characters of
	 * the line, which end a word; NULL: there are no more. Words that do not begin as what the
	 * person has typed are passed over. NULL: there is no completion.
	 */
	const char *(*word)(struct edit *edit, const char *before, size_t len, unsigned n);

	/* The editor's. */
	char line[EDIT_LINE + 1];
	unsigned length;
	unsigned cursor;
	unsigned first; /* character that is shown first */
	bool visible;
	bool asked;               /* the last key was a tab that found no more to add */
	uint8_t state;            /* of an escape sequence */
	uint8_t parameter;        /* its number */
	unsigned past;            /* how far back in the history; 0: the line itself */
	char kept[EDIT_LINE + 1]; /* the line itself meanwhile */
	char killed[EDIT_LINE + 1];
	struct edit_history history;
};

/* An empty line, with the prompt. */
void edit_start(struct edit *edit);

/* A byte that was typed. After EDIT_ENTERED and EDIT_GIVEN_UP, edit_start() is next. */
enum edit_event edit_byte(struct edit *edit, uint8_t byte);

/* Takes the line off the screen for something else to be shown, and draws it again. */
void edit_hide(struct edit *edit);
void edit_show(struct edit *edit);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A shell on a terminal: a client of it among the guests' consoles, a line editor, a table of
 * commands, and a task of the root that runs them, scheduled as guests are.
 *
 *	waits for a line --command--> does it --> waits for a line
 *	                     |
 *	                     +--starts a job--> does it step by step --done, or ^C--> waits again
 *
 * A command does not wait. What takes time is a job: a step each time the task has its turn, so
 * that guests run meanwhile. What is typed in that time is kept for afterwards.
 */
#ifndef SHELL_H
#define SHELL_H

#include "edit.h"
#include "scheduler.h"
#include "terminal.h"

#define SHELL_WORDS 12 /* of a line, the command's included */

struct shell;

/* What stands where a command wants a word, for completion. */
enum shell_kind {
	SHELL_ANY,
	SHELL_COMMAND,
	SHELL_OWN, /* the first of those that the shell's owner tells apart */
};

struct shell_command {
	const char *name;
	const char *usage;   /* its words, in words */
	const char *summary; /* one line */
	const char *details; /* lines; NULL: that is all */
	uint8_t least;       /* words behind the name */
	uint8_t most; /* SHELL_WORDS - 1 at most; the last one is the line's rest with `rest` */
	bool rest;
	uint8_t kinds[3]; /* of its words; the last is also that of all further ones */
	void (*run)(struct shell *shell, unsigned count, const char *const *words);
};

struct shell {
	/* The owner's, set before shell_init(). */
	const struct shell_command *commands;
	unsigned command_count;
	unsigned columns; /* of the terminal; 0: not known */
	const char *greeting;
	/* The n-th word of a kind from SHELL_OWN on, for completion; NULL: there are no more. */
	const char *(*word)(struct shell *shell, unsigned kind, unsigned n);

	/* The shell's. */
	struct terminal_client client;
	struct edit edit;
	struct sched_entity task;
	bool (*step)(struct shell *shell); /* the job; NULL: none */
	void (*give_up)(struct shell *shell);
	bool greeted;
	bool busy;                 /* a command is at work: there is no line to be drawn */
	char words[EDIT_LINE + 1]; /* the line, cut into words */
};

/* Joins the terminal and becomes its home; the task becomes one of `sched`. */
void shell_init(struct shell *shell, struct terminal *terminal, struct sched *sched);

/* To the shell's screen, as root_print(). */
void shell_print(struct shell *shell, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Out of a command: from now on `step` is called until it returns true. `give_up` is called instead
 * when the person types ^C.
 */
void shell_start_job(struct shell *shell, bool (*step)(struct shell *shell),
		     void (*give_up)(struct shell *shell));

/* In a job: takes the line off that was printed without an end, for a newer one. */
void shell_rewrite(struct shell *shell);

/* The command of that name, or NULL. */
const struct shell_command *shell_find(const struct shell *shell, const char *name);

/* The command `help` for a table of commands: all of them, or one in detail. */
void shell_help(struct shell *shell, unsigned count, const char *const *words);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
#include "shell.h"
#include "root.h"
#include "text.h"

static struct shell *shell_of_edit(struct edit *edit)
{
	return VIO_CONTAINER_OF(edit, struct shell, edit);
}

static struct shell *shell_of_client(struct terminal_client *client)
{
	return VIO_CONTAINER_OF(client, struct shell, client);
}

static bool is_equal(const char *a, const char *b)
{
	size_t len = strlen(a);

	return len == strlen(b) && memcmp(a, b, len) == 0;
}

static bool is_attached(const struct shell *shell)
{
	return shell->client.terminal->attached == &shell->client;
}

/* ---- The screen ---- */

static void write_screen(struct edit *edit, const char *data, size_t len)
{
	terminal_write(&shell_of_edit(edit)->client, data, len);
}

static void put(void *to, char c)
{
	struct shell *shell = to;

	terminal_write(&shell->client, &c, 1);
}

void shell_print(struct shell *shell, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	root_format(put, shell, format, arguments);
	va_end(arguments);
}

void shell_rewrite(struct shell *shell)
{
	shell_print(shell, "\r\x1b[K");
}

/* A job's line is not drawn again: its next step does that. */
static void hide(struct terminal_client *client)
{
	struct shell *shell = shell_of_client(client);

	if (shell->step)
		shell_rewrite(shell);
	else
		edit_hide(&shell->edit);
}

static void show(struct terminal_client *client)
{
	struct shell *shell = shell_of_client(client);

	if (!shell->step && !shell->busy && shell->greeted)
		edit_show(&shell->edit);
}

/* ---- Commands ---- */

const struct shell_command *shell_find(const struct shell *shell, const char *name)
{
	for (unsigned i = 0; i < shell->command_count; i++) {
		if (is_equal(shell->commands[i].name, name))
			return &shell->commands[i];
	}
	return NULL;
}

void shell_help(struct shell *shell, unsigned count, const char *const *words)
{
	const struct shell_command *command;

	if (count == 0) {
		for (unsigned i = 0; i < shell->command_count; i++)
			shell_print(shell, "  %-9s %s\n", shell->commands[i].name,
				    shell->commands[i].summary);
		shell_print(shell, "help COMMAND says more of one. Tab completes, also the names "
				   "of guests and options.\n");
		return;
	}
	command = shell_find(shell, words[0]);
	if (!command) {
		shell_print(shell, "help: there is no command %s: help lists them\n", words[0]);
		return;
	}
	shell_print(shell, "usage: %s %s\n%s.\n", command->name, command->usage, command->summary);
	if (command->details)
		shell_print(shell, "%s", command->details);
}

static char *skip_blanks(char *at)
{
	while (*at == ' ')
		at++;
	return at;
}

/* Ends the word at `*at`, which moves on behind it; NULL: there is none. */
static const char *next_word(char **at)
{
	char *start = skip_blanks(*at);
	char *end = start;

	while (*end && *end != ' ')
		end++;
	*at = *end ? end + 1 : end;
	*end = '\0';
	return end == start ? NULL : start;
}

static void cut_end(char *line)
{
	size_t len = strlen(line);

	while (len > 0 && line[len - 1] == ' ')
		line[--len] = '\0';
}

/* The words of the line; with `rest` the last of `most` is all that is left. */
static unsigned cut(char *line, const char **words, unsigned most, bool rest)
{
	unsigned count = 0;

	for (; count < most; count++) {
		if (rest && count == most - 1) {
			line = skip_blanks(line);
			words[count] = line;
			return *line ? most : count;
		}
		words[count] = next_word(&line);
		if (!words[count])
			break;
	}
	return count;
}

static void run_line(struct shell *shell, const char *line)
{
	const char *words[SHELL_WORDS];
	const struct shell_command *command;
	char *at = shell->words;
	const char *name;
	unsigned count;

	memcpy(shell->words, line, strlen(line) + 1);
	cut_end(shell->words);
	name = next_word(&at);
	if (!name)
		return;
	command = shell_find(shell, name);
	if (!command) {
		shell_print(shell, "there is no command %s: help lists them\n", name);
		return;
	}
	count = cut(at, words, command->rest ? command->most : SHELL_WORDS, command->rest);
	if (count < command->least || count > command->most) {
		shell_print(shell, "%s: too %s words: %s %s\n", name,
			    count < command->least ? "few" : "many", name, command->usage);
		return;
	}
	command->run(shell, count, words);
}

/* ---- Completion ---- */

static const char *command_name(const struct shell *shell, unsigned n)
{
	return n < shell->command_count ? shell->commands[n].name : NULL;
}

static const char *word(struct edit *edit, const char *before, size_t len, unsigned n)
{
	struct shell *shell = shell_of_edit(edit);
	const struct shell_command *command;
	const char *words[SHELL_WORDS];
	unsigned count;
	unsigned kind;

	memcpy(shell->words, before, len);
	shell->words[len] = '\0';
	count = cut(shell->words, words, SHELL_WORDS, false);
	if (count == 0)
		return command_name(shell, n);
	command = shell_find(shell, words[0]);
	if (!command)
		return NULL;
	kind = command->kinds[count < VIO_ARRAY_SIZE(command->kinds)
				      ? count - 1
				      : VIO_ARRAY_SIZE(command->kinds) - 1];
	if (kind == SHELL_COMMAND)
		return command_name(shell, n);
	return kind >= SHELL_OWN && shell->word ? shell->word(shell, kind, n) : NULL;
}

/* ---- The task ---- */

static void input_ready(struct terminal_client *client)
{
	sched_ready(&shell_of_client(client)->task);
}

void shell_start_job(struct shell *shell, bool (*step)(struct shell *shell),
		     void (*give_up)(struct shell *shell))
{
	shell->step = step;
	shell->give_up = give_up;
}

static void end_job(struct shell *shell)
{
	shell->step = NULL;
	edit_start(&shell->edit);
}

/* Only ^C is looked for, in what was typed since the last step; the terminal keeps the rest. */
static void do_job(struct shell *shell)
{
	if (terminal_take(&shell->client, 0x03)) {
		shell->give_up(shell);
		end_job(shell);
	} else if (shell->step(shell)) {
		end_job(shell);
	}
}

static void take_byte(struct shell *shell, uint8_t byte)
{
	enum edit_event event = edit_byte(&shell->edit, byte);

	if (event == EDIT_ENTERED) {
		shell->busy = true;
		run_line(shell, shell->edit.line);
		shell->busy = false;
	}
	if (event != EDIT_NOTHING && !shell->step)
		edit_start(&shell->edit);
}

static void work(struct sched_entity *task)
{
	struct shell *shell = VIO_CONTAINER_OF(task, struct shell, task);
	uint8_t byte = 0;

	if (shell->step) {
		do_job(shell);
		return;
	}
	if (!is_attached(shell)) {
		sched_block(task, SCHED_NEVER);
		return;
	}
	if (!shell->greeted) {
		shell->greeted = true;
		shell_print(shell, "%s", shell->greeting);
		edit_start(&shell->edit);
	} else if (!shell->edit.visible) {
		edit_show(&shell->edit);
	}
	if (shell->client.backend.read(&shell->client.backend, &byte, 1) == 1)
		take_byte(shell, byte);
	else
		sched_block(task, SCHED_NEVER);
}

void shell_init(struct shell *shell, struct terminal *terminal, struct sched *sched)
{
	shell->edit.prompt = "vio> ";
	shell->edit.columns = shell->columns;
	shell->edit.write = write_screen;
	shell->edit.word = word;
	shell->client.name = "shell";
	shell->client.keeps = true;
	shell->client.input_ready = input_ready;
	shell->client.hide = hide;
	shell->client.show = show;
	/* As a guest has it by default. */
	shell->task = (struct sched_entity){
		.priority = 1, .partition = SCHED_ROOT, .slice = 625000, .run = work
	};
	sched_add(sched, &shell->task);
	terminal_add(terminal, &shell->client);
	terminal->home = &shell->client;
	terminal_attach(&shell->client);
	sched_ready(&shell->task);
}

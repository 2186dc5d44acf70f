/* SPDX-License-Identifier: BSD-2-Clause */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "core.h"
#include "count.h"
#include "gdb.h"
#include "options.h"
#include "trace.h"

#define CANNOT_START 125
#define MEGABYTE     0x100000u
#define MOST_MEMORY  0x80000000u

struct settings {
	const char *program;
	const char *arguments; /* of --args */
	uint32_t memory;
	const char *memory_file; /* NULL: none */
	int gdb_port;
	struct trace trace;
	struct count_file counts;
};

static _Noreturn void fail(const char *what, const char *which)
{
	fprintf(stderr, "machine: %s%s%s\n", what, which ? ": " : "", which ? which : "");
	exit(CANNOT_START);
}

static _Noreturn void usage(void)
{
	puts("mips-vz-machine [OPTION...] PROGRAM.elf [ARGUMENT...]\n"
	     "  --memory SIZE      RAM, such as 256M, at most 2G\n"
	     "  --memory-file FILE  the RAM is this file, also when the machine has ended\n"
	     "  --args 'A B'       arguments of the program\n"
	     "  --core NAME=VALUE,...  what the core has; --core help lists it\n"
	     "  --count FILE       write counts of instructions and exits\n"
	     "  --trace FILE       write every instruction; --trace-from N: from the Nth on\n"
	     "  --gdb PORT         wait for gdb before the first instruction\n"
	     "  --limit N          give up after N instructions");
	exit(0);
}

static uint64_t number(const char *text, const char *option)
{
	char *end;
	uint64_t value = strtoull(text, &end, 0);

	if (end == text || *end)
		fail("not a number", option);
	return value;
}

static uint32_t size(const char *text)
{
	char *end;
	uint64_t value = strtoull(text, &end, 0);

	if (*end == 'G' || *end == 'M' || *end == 'K')
		value <<= *end == 'G' ? 30 : *end == 'M' ? 20 : 10;
	else if (*end)
		fail("--memory takes a size such as 256M", NULL);
	if (!value || value > MOST_MEMORY || value % PAGE_SIZE)
		fail("--memory takes pages of 4K, at most 2G", NULL);
	return (uint32_t)value;
}

static FILE *output(const char *path)
{
	FILE *file = fopen(path, "w");

	if (!file)
		fail("cannot be written", path);
	return file;
}

static void parse(struct settings *settings, struct core *core, int argc, char **argv)
{
	static const struct option options[] = { { "memory", required_argument, NULL, 'm' },
						 { "memory-file", required_argument, NULL, 'M' },
						 { "args", required_argument, NULL, 'a' },
						 { "core", required_argument, NULL, 'c' },
						 { "count", required_argument, NULL, 'n' },
						 { "trace", required_argument, NULL, 't' },
						 { "trace-from", required_argument, NULL, 'f' },
						 { "gdb", required_argument, NULL, 'g' },
						 { "limit", required_argument, NULL, 'l' },
						 { "help", no_argument, NULL, 'h' },
						 { NULL, 0, NULL, 0 } };
	int option;

	while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		switch (option) {
		case 'm':
			settings->memory = size(optarg);
			break;
		case 'M':
			settings->memory_file = optarg;
			break;
		case 'a':
			settings->arguments = optarg;
			break;
		case 'c':
			if (!strcmp(optarg, "help")) {
				options_help();
				exit(0);
			}
			if (!options_parse(&core->options, optarg))
				exit(CANNOT_START);
			break;
		case 'n':
			settings->counts.file = output(optarg);
			core->count_file = &settings->counts;
			break;
		case 't':
			settings->trace.file = output(optarg);
			core->trace = &settings->trace;
			break;
		case 'f':
			settings->trace.from = number(optarg, "--trace-from");
			break;
		case 'g':
			settings->gdb_port = (int)number(optarg, "--gdb");
			break;
		case 'l':
			core->limit = number(optarg, "--limit");
			break;
		case 'h':
			usage();
		default:
			fail("--help lists the options", NULL);
		}
	}
	if (optind == argc)
		fail("which program? --help lists the options", NULL);
	settings->program = argv[optind];
}

/* argv[0] is the program; then --args at its blanks; then the command line's own. */
static void set_arguments(struct board *board, const struct settings *settings, int count,
			  char **rest)
{
	static char *words;

	words = strdup(settings->arguments ? settings->arguments : "");
	board->argv = calloc(strlen(words) + (size_t)count + 1, sizeof(*board->argv));
	board->argv[board->argc++] = rest[0];
	for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
		board->argv[board->argc++] = word;
	for (int i = 1; i < count; i++)
		board->argv[board->argc++] = rest[i];
}

int main(int argc, char **argv)
{
	static struct core core;
	static struct board board;
	static struct gdb gdb;
	struct settings settings = { .memory = 256 * MEGABYTE };
	uint32_t entry;

	core.limit = NEVER;
	options_default(&core.options);
	parse(&settings, &core, argc, argv);
	core.board = &board;
	if (!board_init(&board, &core, settings.memory, settings.memory_file))
		fail("not enough memory, or no such file can be made", settings.memory_file);
	set_arguments(&board, &settings, argc - optind, argv + optind);
	if (!board_load(&board, settings.program, &entry))
		return CANNOT_START;
	core_reset(&core, entry);
	if (settings.gdb_port) {
		if (!gdb_wait(&gdb, &core, settings.gdb_port))
			return CANNOT_START;
		core.gdb = &gdb;
	}
	core_run(&core);
	board_flush(&board);
	if (core.gdb)
		gdb_end(core.gdb, core.status);
	if (settings.counts.file)
		count_marker(&core, MARKER_TOTAL);
	if (settings.trace.file)
		fclose(settings.trace.file);
	return core.status;
}

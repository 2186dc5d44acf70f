/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * $(exit-with STATUS) for GNU make: ends make itself with that status. Without it the status of a
 * guest's command could not get through `make run`, since make turns each failure into a 2.
 */
#include <gnumake.h>
#include <stdio.h>
#include <stdlib.h>

int plugin_is_GPL_compatible; /* GNU make loads nothing without it; BSD-2-Clause is. */

int make_exit_gmk_setup(const gmk_floc *where);

static char *exit_with(const char *name, unsigned int count, char **words)
{
	(void)name;
	(void)count;
	fflush(NULL);
	exit(atoi(words[0]));
}

int make_exit_gmk_setup(const gmk_floc *where)
{
	(void)where;
	gmk_add_function("exit-with", exit_with, 1, 1, GMK_FUNC_DEFAULT);
	return 1;
}

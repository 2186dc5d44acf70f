/* SPDX-License-Identifier: BSD-2-Clause */
/* What a root says, and how it ends. */
#ifndef ROOT_H
#define ROOT_H

#include <stdarg.h>

/* Where the root's own words go. Until it is set they are lost. */
void root_set_console(void (*put)(char c));

/*
 * Knows %s, %c, %u, %x, these with l or ll, and %%, and a width: with leading zeros (%016lx), or
 * filled up with blanks, in front or with a minus (%-8s) behind. PRIu64 and PRIx64 of <inttypes.h>
 * do, too. '\n' becomes '\r\n'.
 */
void root_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void root_vprint(const char *format, va_list arguments);

/* The same to somewhere else. */
void root_format(void (*put)(void *to, char c), void *to, const char *format, va_list arguments);

/* Says `vio-root: fatal: ...` and ends the machine. */
_Noreturn void root_fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Ends the machine; each root's own. */
_Noreturn void root_power_off(void);

#endif

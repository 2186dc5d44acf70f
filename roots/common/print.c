/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <stdint.h>

#include "root.h"

static void (*console)(char c);

void root_set_console(void (*put)(char c))
{
	console = put;
}

static void put(char c)
{
	if (!console)
		return;
	if (c == '\n')
		console('\r');
	console(c);
}

static void put_string(const char *s)
{
	while (*s)
		put(*s++);
}

static void put_number(uint64_t value, unsigned base, unsigned width)
{
	char digits[20]; /* of 2^64 in decimal */
	unsigned count = 0;

	do {
		digits[count++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	for (; width > count; width--)
		put('0');
	while (count)
		put(digits[--count]);
}

void root_vprint(const char *format, va_list arguments)
{
	for (; *format; format++) {
		unsigned width = 0;
		unsigned longs = 0;

		if (*format != '%') {
			put(*format);
			continue;
		}
		for (format++; *format >= '0' && *format <= '9'; format++)
			width = width * 10 + (unsigned)(*format - '0');
		for (; *format == 'l'; format++)
			longs++;
		switch (*format) {
		case 's':
			put_string(va_arg(arguments, const char *));
			break;
		case 'c':
			put((char)va_arg(arguments, int));
			break;
		case 'u':
		case 'x':
			put_number(longs == 0   ? va_arg(arguments, unsigned)
				   : longs == 1 ? va_arg(arguments, unsigned long)
						: va_arg(arguments, unsigned long long),
				   *format == 'u' ? 10 : 16, width);
			break;
		case '%':
			put('%');
			break;
		default:
			return;
		}
	}
}

void root_print(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	root_vprint(format, arguments);
	va_end(arguments);
}

void root_fatal(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	root_print("\nvio-root: fatal: ");
	root_vprint(format, arguments);
	root_print("\n");
	va_end(arguments);
	root_power_off();
}

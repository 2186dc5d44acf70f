/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "root.h"

static void (*console)(char c);

void root_set_console(void (*put)(char c))
{
	console = put;
}

struct output {
	void (*put)(void *to, char c);
	void *to;
};

static void put(const struct output *output, char c)
{
	if (c == '\n')
		output->put(output->to, '\r');
	output->put(output->to, c);
}

struct field {
	unsigned width;
	bool left;
	bool zeros;
};

static void put_field(const struct output *output, const struct field *field, const char *text,
		      unsigned length)
{
	for (unsigned i = length; i < field->width && !field->left; i++)
		put(output, field->zeros ? '0' : ' ');
	for (unsigned i = 0; i < length; i++)
		put(output, text[i]);
	for (unsigned i = length; i < field->width && field->left; i++)
		put(output, ' ');
}

static void put_string(const struct output *output, const struct field *field, const char *text)
{
	unsigned length = 0;

	while (text[length])
		length++;
	put_field(output, field, text, length);
}

static void put_number(const struct output *output, const struct field *field, uint64_t value,
		       unsigned base)
{
	char digits[20]; /* of 2^64 in decimal */
	unsigned at = sizeof(digits);

	do {
		digits[--at] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	put_field(output, field, &digits[at], (unsigned)sizeof(digits) - at);
}

static const char *read_field(const char *format, struct field *field)
{
	*field = (struct field){ 0 };
	if (*format == '-') {
		field->left = true;
		format++;
	}
	field->zeros = *format == '0';
	for (; *format >= '0' && *format <= '9'; format++)
		field->width = field->width * 10 + (unsigned)(*format - '0');
	return format;
}

void root_format(void (*to_put)(void *to, char c), void *to, const char *format, va_list arguments)
{
	const struct output output = { to_put, to };

	for (; *format; format++) {
		struct field field;
		unsigned longs = 0;

		if (*format != '%') {
			put(&output, *format);
			continue;
		}
		format = read_field(format + 1, &field);
		for (; *format == 'l'; format++)
			longs++;
		switch (*format) {
		case 's':
			put_string(&output, &field, va_arg(arguments, const char *));
			break;
		case 'c':
			put(&output, (char)va_arg(arguments, int));
			break;
		case 'u':
		case 'x':
			put_number(&output, &field,
				   longs == 0   ? va_arg(arguments, unsigned)
				   : longs == 1 ? va_arg(arguments, unsigned long)
						: va_arg(arguments, unsigned long long),
				   *format == 'u' ? 10 : 16);
			break;
		case '%':
			put(&output, '%');
			break;
		default:
			return;
		}
	}
}

static void put_console(void *to, char c)
{
	(void)to;
	if (console)
		console(c);
}

void root_vprint(const char *format, va_list arguments)
{
	root_format(put_console, NULL, format, arguments);
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

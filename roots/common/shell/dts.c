/* SPDX-License-Identifier: BSD-2-Clause */
#include "dts.h"

#include <libfdt.h>
#include <stdbool.h>

struct writer {
	void (*print)(void *to, const char *text);
	void *to;
	int depth;
};

static void say(const struct writer *w, const char *text)
{
	w->print(w->to, text);
}

static void indent(const struct writer *w)
{
	for (int i = 0; i < w->depth; i++)
		say(w, "\t");
}

static void say_hex(const struct writer *w, uint32_t value, unsigned digits)
{
	char text[9];

	for (unsigned i = digits; i-- > 0; value >>= 4)
		text[i] = "0123456789abcdef"[value & 15];
	text[digits] = '\0';
	say(w, text);
}

/* Strings, each with something in it, and an end. */
static bool is_text(const char *data, int len)
{
	if (len < 2 || data[len - 1] != '\0' || data[0] == '\0')
		return false;
	for (int i = 0; i < len; i++) {
		if (data[i] == '\0' ? data[i - 1] == '\0' : data[i] < ' ' || data[i] > '~')
			return false;
	}
	return true;
}

static void say_text(const struct writer *w, const char *data, int len)
{
	say(w, "\"");
	for (int i = 0; i < len - 1; i++) {
		char character[3] = { data[i] };

		if (data[i] == '\0')
			say(w, "\", \"");
		else if (data[i] == '"' || data[i] == '\\')
			character[0] = '\\', character[1] = data[i];
		say(w, character);
	}
	say(w, "\"");
}

static void say_cells(const struct writer *w, const uint8_t *data, int len)
{
	say(w, "<");
	for (int i = 0; i < len; i += 4) {
		say(w, i ? " 0x" : "0x");
		say_hex(w,
			(uint32_t)data[i] << 24 | (uint32_t)data[i + 1] << 16 |
				(uint32_t)data[i + 2] << 8 | data[i + 3],
			8);
	}
	say(w, ">");
}

static void say_bytes(const struct writer *w, const uint8_t *data, int len)
{
	say(w, "[");
	for (int i = 0; i < len; i++) {
		say(w, i ? " " : "");
		say_hex(w, data[i], 2);
	}
	say(w, "]");
}

static void say_property(const struct writer *w, const char *name, const void *data, int len)
{
	indent(w);
	say(w, name);
	if (len > 0)
		say(w, " = ");
	if (is_text(data, len))
		say_text(w, data, len);
	else if (len > 0 && len % 4 == 0)
		say_cells(w, data, len);
	else if (len > 0)
		say_bytes(w, data, len);
	say(w, ";\n");
}

static void close_to(struct writer *w, int depth)
{
	while (w->depth > depth) {
		w->depth--;
		indent(w);
		say(w, "};\n");
	}
}

void dts_print(const void *fdt, void (*print)(void *to, const char *text), void *to)
{
	struct writer w = { .print = print, .to = to };
	int depth = 0;

	say(&w, "/dts-v1/;\n\n");
	for (int node = 0; node >= 0 && depth >= 0; node = fdt_next_node(fdt, node, &depth)) {
		int property = 0;
		const char *name = fdt_get_name(fdt, node, NULL);

		close_to(&w, depth);
		if (depth > 0)
			say(&w, "\n");
		indent(&w);
		say(&w, depth == 0 ? "/" : name);
		say(&w, " {\n");
		w.depth = depth + 1;
		fdt_for_each_property_offset(property, fdt, node)
		{
			int len = 0;
			const char *called = NULL;
			const void *data = fdt_getprop_by_offset(fdt, property, &called, &len);

			if (data)
				say_property(&w, called, data, len);
		}
	}
	close_to(&w, 0);
}

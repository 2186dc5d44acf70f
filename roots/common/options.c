/* SPDX-License-Identifier: BSD-2-Clause */
#include "options.h"
#include "text.h"

static bool ends_word(char c)
{
	return c == ' ' || c == '\0';
}

static const char *next_word(const char *at)
{
	while (!ends_word(*at))
		at++;
	while (*at == ' ')
		at++;
	return at;
}

static bool is_separator(const char *word)
{
	return word[0] == '-' && word[1] == '-' && ends_word(word[2]);
}

const char *options_guest(const char *line)
{
	for (; *line; line = next_word(line)) {
		if (is_separator(line))
			return next_word(line);
	}
	return line;
}

bool options_find(const char *line, const char *key, const char **value)
{
	size_t len = strlen(key);

	for (; *line && !is_separator(line); line = next_word(line)) {
		if (strnlen(line, len) < len || memcmp(line, key, len) != 0)
			continue;
		if (line[len] != '=' && !ends_word(line[len]))
			continue;
		*value = line + len + (line[len] == '=');
		return true;
	}
	return false;
}

bool options_is(const char *value, const char *word)
{
	size_t len = strlen(word);

	return strnlen(value, len) == len && memcmp(value, word, len) == 0 && ends_word(value[len]);
}

static unsigned digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (unsigned)((c | 0x20) - 'a') + 10 : 16;
}

static unsigned unit_shift(char unit)
{
	switch (unit) {
	case 'K':
		return 10;
	case 'M':
		return 20;
	case 'G':
		return 30;
	default:
		return 0;
	}
}

uint64_t options_size(const char *value)
{
	unsigned base = value[0] == '0' && value[1] == 'x' ? 16 : 10;
	uint64_t size = 0;
	unsigned shift;

	if (base == 16)
		value += 2;
	for (; digit_of(*value) < base; value++) {
		if (size > (UINT64_MAX - digit_of(*value)) / base)
			return 0;
		size = size * base + digit_of(*value);
	}
	shift = unit_shift(*value);
	if (!ends_word(shift ? value[1] : *value) || size > UINT64_MAX >> shift)
		return 0;
	return size << shift;
}

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

uint64_t options_size(const char *value)
{
	char *end;
	uint64_t size = strtoul(value, &end, 0);
	unsigned shift = 0;

	switch (*end) {
	case 'K':
		shift = 10;
		break;
	case 'M':
		shift = 20;
		break;
	case 'G':
		shift = 30;
		break;
	}
	if (shift)
		end++;
	if (!ends_word(*end) || size > UINT64_MAX >> shift)
		return 0;
	return size << shift;
}

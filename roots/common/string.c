/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The string functions that libfdt and lwIP link to, and what it takes to link an archive that was
 * built for a hosted system with stack protection. memcpy, memmove and memset are each root's own.
 */
#include <stddef.h>
#include <stdint.h>

#include "root.h"
#include "text.h"

void *memchr(const void *from, int byte, size_t len)
{
	const unsigned char *at = from;

	for (; len; len--, at++) {
		if (*at == (unsigned char)byte)
			return (void *)(uintptr_t)at;
	}
	return NULL;
}

int memcmp(const void *a, const void *b, size_t len)
{
	const unsigned char *left = a;
	const unsigned char *right = b;

	for (; len; len--, left++, right++) {
		if (*left != *right)
			return *left - *right;
	}
	return 0;
}

int strncmp(const char *a, const char *b, size_t len)
{
	for (; len; len--, a++, b++) {
		if (*a != *b)
			return (unsigned char)*a - (unsigned char)*b;
		if (!*a)
			break;
	}
	return 0;
}

size_t strlen(const char *s)
{
	size_t len = 0;

	while (s[len])
		len++;
	return len;
}

size_t strnlen(const char *s, size_t max)
{
	size_t len = 0;

	while (len < max && s[len])
		len++;
	return len;
}

char *strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)(uintptr_t)s;
		if (!*s)
			return NULL;
	}
}

char *strrchr(const char *s, int c)
{
	const char *found = NULL;

	do {
		if (*s == (char)c)
			found = s;
	} while (*s++);
	return (char *)(uintptr_t)found;
}

char *strstr(const char *s, const char *part)
{
	const size_t len = strlen(part);

	while (*s && strncmp(s, part, len) != 0)
		s++;
	return len == 0 || *s ? (char *)(uintptr_t)s : NULL;
}

/* Decimal, or hexadecimal after 0x: what a unit address or an option needs. */
unsigned long strtoul(const char *s, char **end, int base)
{
	unsigned long value = 0;

	if ((base == 0 || base == 16) && s[0] == '0' && (s[1] | 0x20) == 'x') {
		s += 2;
		base = 16;
	} else if (base == 0) {
		base = 10;
	}
	for (;; s++) {
		int digit = *s >= '0' && *s <= '9'                     ? *s - '0'
			    : (*s | 0x20) >= 'a' && (*s | 0x20) <= 'z' ? (*s | 0x20) - 'a' + 10
								       : base;

		if (digit >= base)
			break;
		value = value * (unsigned long)base + (unsigned long)digit;
	}
	if (end)
		*end = (char *)(uintptr_t)s;
	return value;
}

long strtol(const char *s, char **end, int base)
{
	return *s == '-' ? -(long)strtoul(s + 1, end, base) : (long)strtoul(s, end, base);
}

uintptr_t __stack_chk_guard = (uintptr_t)0x5bd1e995a3c7f10d;

void __stack_chk_fail(void);
void __stack_chk_fail(void)
{
	root_fatal("a stack frame was overrun");
}

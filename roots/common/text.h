/* SPDX-License-Identifier: BSD-2-Clause */
/* Strings: a freestanding compiler brings no string.h of its own. */
#ifndef TEXT_H
#define TEXT_H

#include <stddef.h>

void *memchr(const void *from, int byte, size_t len);
int memcmp(const void *a, const void *b, size_t len);
int strncmp(const char *a, const char *b, size_t len);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *s, const char *part);
long strtol(const char *s, char **end, int base);
unsigned long strtoul(const char *s, char **end, int base);

#endif

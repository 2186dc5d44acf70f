/* SPDX-License-Identifier: BSD-2-Clause */
#include "cpio.h"
#include "text.h"

/* A header is ASCII: the magic number and 13 fields of 8 hexadecimal digits. */
#define MAGIC       "070701"
#define MAGIC_LEN   6
#define HEADER_LEN  110
#define FIELD_SIZE  6
#define FIELD_NAME  11
#define END_OF_LIST "TRAILER!!!"

static bool read_field(const char *header, unsigned field, size_t *value)
{
	const char *at = header + MAGIC_LEN + (size_t)field * 8;

	*value = 0;
	for (unsigned i = 0; i < 8; i++) {
		char c = at[i];
		unsigned digit = c >= '0' && c <= '9' ? (unsigned)(c - '0')
				 : (c | 0x20) >= 'a' && (c | 0x20) <= 'f'
					 ? (unsigned)((c | 0x20) - 'a') + 10
					 : 16;

		if (digit == 16)
			return false;
		*value = *value << 4 | digit;
	}
	return true;
}

static size_t align4(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

struct cpio_file cpio_find(const void *archive, size_t size, const char *name, bool *damaged)
{
	const char *base = archive;
	size_t at = 0;

	*damaged = true;
	while (at <= size && size - at >= HEADER_LEN) {
		const char *header = base + at;
		size_t data_size;
		size_t name_size;
		size_t data;

		if (memcmp(header, MAGIC, MAGIC_LEN) != 0 ||
		    !read_field(header, FIELD_SIZE, &data_size) ||
		    !read_field(header, FIELD_NAME, &name_size))
			break;
		data = align4(at + HEADER_LEN + name_size);
		if (name_size == 0 || data > size || data_size > size - data ||
		    header[HEADER_LEN + name_size - 1] != '\0')
			break;
		if (memcmp(header + HEADER_LEN, END_OF_LIST,
			   name_size < sizeof(END_OF_LIST) ? name_size : sizeof(END_OF_LIST)) ==
		    0) {
			*damaged = false;
			break;
		}
		if (name_size == strlen(name) + 1 &&
		    memcmp(header + HEADER_LEN, name, name_size) == 0) {
			*damaged = false;
			return (struct cpio_file){ base + data, data_size };
		}
		at = align4(data + data_size);
	}
	return (struct cpio_file){ NULL, 0 };
}

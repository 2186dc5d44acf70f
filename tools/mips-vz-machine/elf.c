/* SPDX-License-Identifier: BSD-2-Clause */
/* Loading a program: 32-bit ELF of either byte order, by program headers. */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "core.h"

#define KSEG_MASK 0x1fffffffu

struct image {
	const char *path;
	uint8_t *bytes;
	size_t size;
	bool big_endian;
};

static bool fail(const struct image *image, const char *what)
{
	fprintf(stderr, "machine: %s: %s\n", image->path, what);
	return false;
}

static bool read_file(struct image *image)
{
	FILE *file = fopen(image->path, "rb");
	long size;

	if (!file)
		return fail(image, "cannot be opened");
	if (fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0 || fseek(file, 0, SEEK_SET)) {
		fclose(file);
		return fail(image, "is not a file one can load");
	}
	image->size = (size_t)size;
	image->bytes = malloc(image->size + 1);
	if (!image->bytes || fread(image->bytes, 1, image->size, file) != image->size) {
		fclose(file);
		return fail(image, "cannot be read");
	}
	fclose(file);
	return true;
}

static uint32_t field(const struct image *image, size_t offset, unsigned size)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < size; i++)
		value |= (uint32_t)image->bytes[offset + i]
			 << 8 * (image->big_endian ? size - 1 - i : i);
	return value;
}

#define HEADER(image, at, type, member)                                                            \
	field(image, (at) + offsetof(type, member), sizeof(((type *)0)->member))

static bool load_segment(struct board *board, const struct image *image, size_t header)
{
	uint32_t offset = HEADER(image, header, Elf32_Phdr, p_offset);
	uint32_t file_size = HEADER(image, header, Elf32_Phdr, p_filesz);
	uint32_t size = HEADER(image, header, Elf32_Phdr, p_memsz);
	uint32_t physical = HEADER(image, header, Elf32_Phdr, p_paddr) & KSEG_MASK;

	if (HEADER(image, header, Elf32_Phdr, p_type) != PT_LOAD || !size)
		return true;
	if (offset > image->size || file_size > image->size - offset)
		return fail(image, "ends before its segments do");
	if (physical > board->ram_size || size > board->ram_size - physical)
		return fail(image, "does not fit into RAM: see --memory");
	for (uint32_t i = 0; i < size; i++) {
		uint32_t at = physical + i;
		uint8_t *page = board_ram_page(board, at);

		if (!page)
			return fail(image, "has a segment where there is no RAM");
		page[(at & (PAGE_SIZE - 1)) ^ board->core->byte_flip] =
			i < file_size ? image->bytes[offset + i] : 0;
	}
	return true;
}

static bool load(struct board *board, struct image *image, uint32_t *entry)
{
	uint32_t headers, count, size;

	if (image->size < sizeof(Elf32_Ehdr) || memcmp(image->bytes, ELFMAG, SELFMAG) != 0 ||
	    image->bytes[EI_CLASS] != ELFCLASS32)
		return fail(image, "is not a 32-bit ELF file");
	image->big_endian = image->bytes[EI_DATA] == ELFDATA2MSB;
	if (HEADER(image, 0, Elf32_Ehdr, e_machine) != EM_MIPS)
		return fail(image, "is not for MIPS");
	if (HEADER(image, 0, Elf32_Ehdr, e_type) != ET_EXEC)
		return fail(image, "is not linked to an address");
	core_set_byte_order(board->core, image->big_endian);
	headers = HEADER(image, 0, Elf32_Ehdr, e_phoff);
	count = HEADER(image, 0, Elf32_Ehdr, e_phnum);
	size = HEADER(image, 0, Elf32_Ehdr, e_phentsize);
	if (size < sizeof(Elf32_Phdr) || headers > image->size ||
	    (uint64_t)count * size > image->size - headers)
		return fail(image, "ends before its headers do");
	for (uint32_t i = 0; i < count; i++)
		if (!load_segment(board, image, headers + (size_t)i * size))
			return false;
	*entry = HEADER(image, 0, Elf32_Ehdr, e_entry);
	return true;
}

bool board_load(struct board *board, const char *path, uint32_t *entry)
{
	struct image image = { .path = path };
	bool loaded = read_file(&image) && load(board, &image, entry);

	free(image.bytes);
	return loaded;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include <elf.h>
#include <inttypes.h>

#include "load.h"
#include "root.h"
#include "text.h"

#define MIB2         0x200000ULL
#define KERNEL_PLACE MIB2 /* from the start of RAM; the device tree has what is before it */

/* Linux Documentation/arm64/booting.rst: the start of an Image. */
struct image_header {
	uint32_t code[2];
	uint64_t text_offset;
	uint64_t image_size;
	uint64_t flags;
	uint64_t reserved[3];
	uint32_t magic;
	uint32_t pe_offset;
};

#define IMAGE_MAGIC      0x644d5241 /* "ARM\x64" */
#define IMAGE_BIG_ENDIAN 1

/* Where a program lies, from the start of RAM. */
struct program {
	uint64_t entry; /* guest-physical */
	uint64_t start;
	uint64_t end; /* with all it claims */
};

static uint64_t round_up(uint64_t n, uint64_t to)
{
	return (n + to - 1) & ~(to - 1);
}

static bool refuse_size(const struct load_request *request, const char *what, uint64_t size,
			uint64_t room)
{
	root_print("vio-root: guest %s: the %s does not fit: it needs %" PRIu64
		   " bytes, there are %" PRIu64 " in its RAM of %" PRIu64 " MiB\n",
		   request->guest, what, size, room, request->ram_size >> 20);
	return false;
}

/* What is known to fit is to be copied. */
static void put(struct load_result *result, uint64_t at, const void *data, uint64_t size)
{
	result->copies[result->copy_count++] = (struct load_copy){ at, data, size };
}

static bool load_image(const struct load_request *request, struct program *program,
		       struct load_result *result)
{
	const struct image_header *header = request->kernel.data;
	uint64_t size = header->image_size;
	uint64_t room;

	if (header->flags & IMAGE_BIG_ENDIAN) {
		root_print("vio-root: guest %s: a big-endian arm64 Image: the board is "
			   "little-endian\n",
			   request->guest);
		return false;
	}
	if (size < request->kernel.size)
		size = request->kernel.size;
	program->start = KERNEL_PLACE + header->text_offset;
	room = program->start < request->ram_size ? request->ram_size - program->start : 0;
	if (header->text_offset > request->ram_size || size > room)
		return refuse_size(request, "kernel", size, room);
	program->end = program->start + size;
	program->entry = request->ram_base + program->start;
	put(result, program->start, request->kernel.data, request->kernel.size);
	return true;
}

static bool load_flat(const struct load_request *request, struct program *program,
		      struct load_result *result)
{
	uint64_t room = request->ram_size > KERNEL_PLACE ? request->ram_size - KERNEL_PLACE : 0;

	if (request->kernel.size > room)
		return refuse_size(request, "program", request->kernel.size, room);
	program->start = KERNEL_PLACE;
	program->end = KERNEL_PLACE + request->kernel.size;
	program->entry = request->ram_base + KERNEL_PLACE;
	put(result, KERNEL_PLACE, request->kernel.data, request->kernel.size);
	return true;
}

/* ---- ELF: 64-bit for A64; 32-bit, of the root's own byte order, for MIPS ---- */

/* What is the same in files of both classes. */
struct elf {
	const uint8_t *file;
	size_t size;
	bool is_64;
	uint64_t entry;
	uint64_t parts; /* offset of the program headers */
	unsigned part_size;
	unsigned part_count;
};

struct elf_part {
	uint32_t type;
	uint64_t offset;
	uint64_t address; /* physical */
	uint64_t filesz;
	uint64_t memsz;
};

static bool refuse_elf(const struct load_request *request)
{
	root_print("vio-root: guest %s: an ELF file that is damaged or no %s executable\n",
		   request->guest,
		   request->machine == EM_MIPS ? "32-bit MIPS" : "little-endian AArch64");
	return false;
}

static bool read_header_64(const Elf64_Ehdr *header, struct elf *elf)
{
	if (header->e_ident[EI_DATA] != ELFDATA2LSB || header->e_machine != EM_AARCH64 ||
	    header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phoff % 8)
		return false;
	elf->entry = header->e_entry;
	elf->parts = header->e_phoff;
	elf->part_size = sizeof(Elf64_Phdr);
	elf->part_count = header->e_phnum;
	return true;
}

static bool read_header_32(const Elf32_Ehdr *header, struct elf *elf)
{
	if (header->e_ident[EI_DATA] != (VIO_BIG_ENDIAN ? ELFDATA2MSB : ELFDATA2LSB) ||
	    header->e_machine != EM_MIPS || header->e_phentsize != sizeof(Elf32_Phdr) ||
	    header->e_phoff % 4)
		return false;
	elf->entry = header->e_entry;
	elf->parts = header->e_phoff;
	elf->part_size = sizeof(Elf32_Phdr);
	elf->part_count = header->e_phnum;
	return true;
}

static bool read_header(const struct load_request *request, struct elf *elf)
{
	const void *file = request->kernel.data;
	const uint8_t *ident = file;

	*elf = (struct elf){ .file = file, .size = request->kernel.size };
	elf->is_64 = request->machine != EM_MIPS;
	if (elf->size < (elf->is_64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr)) ||
	    ident[EI_CLASS] != (elf->is_64 ? ELFCLASS64 : ELFCLASS32))
		return false;
	if (!(elf->is_64 ? read_header_64(file, elf) : read_header_32(file, elf)))
		return false;
	return elf->parts <= elf->size &&
	       (elf->size - elf->parts) / elf->part_size >= elf->part_count;
}

static struct elf_part read_part(const struct elf *elf, unsigned i)
{
	const void *at = elf->file + elf->parts + (size_t)i * elf->part_size;
	const Elf64_Phdr *is_64 = at;
	const Elf32_Phdr *is_32 = at;

	if (elf->is_64)
		return (struct elf_part){ is_64->p_type, is_64->p_offset, is_64->p_paddr,
					  is_64->p_filesz, is_64->p_memsz };
	/* Their addresses are those of an unmapped segment, which physical ones are the end of. */
	return (struct elf_part){ is_32->p_type, is_32->p_offset, is_32->p_paddr & 0x1fffffff,
				  is_32->p_filesz, is_32->p_memsz };
}

static bool load_elf(const struct load_request *request, struct program *program,
		     struct load_result *result)
{
	struct elf elf;

	if (!read_header(request, &elf))
		return refuse_elf(request);
	*program = (struct program){ .entry = elf.entry, .start = UINT64_MAX };
	for (unsigned i = 0; i < elf.part_count; i++) {
		const struct elf_part part = read_part(&elf, i);
		uint64_t at = part.address - request->ram_base;

		if (part.type != PT_LOAD || part.memsz == 0)
			continue;
		if (part.offset > elf.size || part.filesz > elf.size - part.offset ||
		    part.filesz > part.memsz)
			return refuse_elf(request);
		if (at > request->ram_size || part.memsz > request->ram_size - at) {
			root_print("vio-root: guest %s: the program wants %" PRIu64
				   " bytes at 0x%" PRIx64 ", RAM is 0x%" PRIx64 " to 0x%" PRIx64
				   "\n",
				   request->guest, part.memsz, part.address, request->ram_base,
				   request->ram_base + request->ram_size - 1);
			return false;
		}
		/* The last is for the initramfs. */
		if (result->copy_count == LOAD_COPIES - 1) {
			root_print("vio-root: guest %s: the program has more than %u segments\n",
				   request->guest, LOAD_COPIES - 1);
			return false;
		}
		put(result, at, elf.file + part.offset, part.filesz);
		if (at < program->start)
			program->start = at;
		if (at + part.memsz > program->end)
			program->end = at + part.memsz;
	}
	return program->end ? true : refuse_elf(request);
}

bool load_is_image(const struct cpio_file *kernel)
{
	const struct image_header *header = kernel->data;

	return kernel->size >= sizeof(*header) && header->magic == IMAGE_MAGIC;
}

static bool load_program(const struct load_request *request, struct program *program,
			 struct load_result *result)
{
	const struct cpio_file *kernel = &request->kernel;

	if (kernel->size >= SELFMAG && memcmp(kernel->data, ELFMAG, SELFMAG) == 0)
		return load_elf(request, program, result);
	if (request->machine != EM_MIPS && load_is_image(kernel))
		return load_image(request, program, result);
	if (request->flat)
		return load_flat(request, program, result);
	root_print("vio-root: guest %s: the kernel is no arm64 Image and no ELF file (kernel=flat "
		   "runs any binary)\n",
		   request->guest);
	return false;
}

/* Before the program if there is room, else behind it. */
static bool place_fdt(const struct load_request *request, const struct program *program,
		      uint64_t *at)
{
	*at = request->vectors;
	if (program->start >= *at && request->fdt_space <= program->start - *at)
		return true;
	*at = round_up(program->end, MIB2);
	if (*at < request->ram_size && request->fdt_space <= request->ram_size - *at)
		return true;
	return refuse_size(request, "device tree", request->fdt_space,
			   *at < request->ram_size ? request->ram_size - *at : 0);
}

static bool place_initrd(const struct load_request *request, uint64_t behind,
			 struct load_result *result)
{
	uint64_t at = round_up(behind, MIB2);
	uint64_t room = at < request->ram_size ? request->ram_size - at : 0;

	if (!request->initrd.data)
		return true;
	if (request->initrd.size > room)
		return refuse_size(request, "initramfs", request->initrd.size, room);
	put(result, at, request->initrd.data, request->initrd.size);
	result->initrd_start = request->ram_base + at;
	result->initrd_end = result->initrd_start + request->initrd.size;
	return true;
}

bool load_guest(const struct load_request *request, struct load_result *result)
{
	struct program program = { 0 };
	uint64_t fdt;
	uint64_t behind;

	*result = (struct load_result){ 0 };
	if (!load_program(request, &program, result) || !place_fdt(request, &program, &fdt))
		return false;
	behind = fdt > program.end ? fdt + request->fdt_space : program.end;
	if (!place_initrd(request, behind, result))
		return false;
	result->entry = program.entry;
	result->fdt = request->ram_base + fdt;
	result->fdt_space = request->fdt_space;
	return true;
}

bool load_some(const struct load_request *request, struct load_result *result, uint64_t bytes,
	       struct load_copy *done)
{
	struct load_copy *copy;

	while (result->copied < result->copy_count && result->copies[result->copied].size == 0)
		result->copied++;
	if (result->copied == result->copy_count)
		return false;
	copy = &result->copies[result->copied];
	*done = *copy;
	if (done->size > bytes)
		done->size = bytes;
	memcpy(request->ram + done->at, done->from, done->size);
	copy->at += done->size;
	copy->from += done->size;
	copy->size -= done->size;
	return true;
}

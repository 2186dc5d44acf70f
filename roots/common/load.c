/* SPDX-License-Identifier: BSD-2-Clause */
#include <elf.h>

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
	root_print("vio-root: guest %s: the %s does not fit: it needs %lu bytes, there are %lu in "
		   "its RAM of %lu MiB\n",
		   request->guest, what, size, room, request->ram_size >> 20);
	return false;
}

/* Copies what is known to fit. */
static void put(const struct load_request *request, uint64_t at, const void *data, uint64_t size)
{
	memcpy(request->ram + at, data, size);
}

static bool load_image(const struct load_request *request, struct program *program)
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
	put(request, program->start, request->kernel.data, request->kernel.size);
	return true;
}

static bool load_flat(const struct load_request *request, struct program *program)
{
	uint64_t room = request->ram_size > KERNEL_PLACE ? request->ram_size - KERNEL_PLACE : 0;

	if (request->kernel.size > room)
		return refuse_size(request, "program", request->kernel.size, room);
	program->start = KERNEL_PLACE;
	program->end = KERNEL_PLACE + request->kernel.size;
	program->entry = request->ram_base + KERNEL_PLACE;
	put(request, KERNEL_PLACE, request->kernel.data, request->kernel.size);
	return true;
}

static bool refuse_elf(const struct load_request *request)
{
	root_print("vio-root: guest %s: an ELF file that is damaged or no little-endian AArch64 "
		   "executable\n",
		   request->guest);
	return false;
}

static bool load_elf(const struct load_request *request, struct program *program)
{
	const Elf64_Ehdr *header = request->kernel.data;
	const uint8_t *file = request->kernel.data;
	size_t size = request->kernel.size;

	if (size < sizeof(*header) || header->e_ident[EI_CLASS] != ELFCLASS64 ||
	    header->e_ident[EI_DATA] != ELFDATA2LSB || header->e_machine != EM_AARCH64 ||
	    header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phoff % 8 ||
	    header->e_phoff > size ||
	    (size - header->e_phoff) / sizeof(Elf64_Phdr) < header->e_phnum)
		return refuse_elf(request);
	*program = (struct program){ .entry = header->e_entry, .start = UINT64_MAX };
	for (unsigned i = 0; i < header->e_phnum; i++) {
		const Elf64_Phdr *part = (const Elf64_Phdr *)(file + header->e_phoff) + i;
		uint64_t at = part->p_paddr - request->ram_base;

		if (part->p_type != PT_LOAD || part->p_memsz == 0)
			continue;
		if (part->p_offset > size || part->p_filesz > size - part->p_offset ||
		    part->p_filesz > part->p_memsz)
			return refuse_elf(request);
		if (at > request->ram_size || part->p_memsz > request->ram_size - at) {
			root_print("vio-root: guest %s: the program wants %lu bytes at 0x%lx, RAM "
				   "is 0x%lx to 0x%lx\n",
				   request->guest, part->p_memsz, part->p_paddr, request->ram_base,
				   request->ram_base + request->ram_size - 1);
			return false;
		}
		put(request, at, file + part->p_offset, part->p_filesz);
		if (at < program->start)
			program->start = at;
		if (at + part->p_memsz > program->end)
			program->end = at + part->p_memsz;
	}
	return program->end ? true : refuse_elf(request);
}

bool load_is_image(const struct cpio_file *kernel)
{
	const struct image_header *header = kernel->data;

	return kernel->size >= sizeof(*header) && header->magic == IMAGE_MAGIC;
}

static bool load_program(const struct load_request *request, struct program *program)
{
	const struct cpio_file *kernel = &request->kernel;

	if (kernel->size >= SELFMAG && memcmp(kernel->data, ELFMAG, SELFMAG) == 0)
		return load_elf(request, program);
	if (load_is_image(kernel))
		return load_image(request, program);
	if (request->flat)
		return load_flat(request, program);
	root_print("vio-root: guest %s: the kernel is no arm64 Image and no ELF file (kernel=flat "
		   "runs "
		   "any binary)\n",
		   request->guest);
	return false;
}

/* Before the program if there is room, else behind it. */
static bool place_fdt(const struct load_request *request, const struct program *program,
		      uint64_t *at)
{
	*at = 0;
	if (request->fdt_space <= program->start)
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
	put(request, at, request->initrd.data, request->initrd.size);
	result->initrd_start = request->ram_base + at;
	result->initrd_end = result->initrd_start + request->initrd.size;
	return true;
}

bool load_guest(const struct load_request *request, struct load_result *result)
{
	struct program program;
	uint64_t fdt;
	uint64_t behind;

	*result = (struct load_result){ 0 };
	if (!load_program(request, &program) || !place_fdt(request, &program, &fdt))
		return false;
	behind = fdt > program.end ? fdt + request->fdt_space : program.end;
	if (!place_initrd(request, behind, result))
		return false;
	result->entry = program.entry;
	result->fdt = request->ram_base + fdt;
	result->end = result->initrd_end ? result->initrd_end - request->ram_base : behind;
	return true;
}

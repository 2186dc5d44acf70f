/* SPDX-License-Identifier: BSD-2-Clause */
/* What a root makes of its command line, its bundle and the guest's program in it. */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "box.h"
#include "cpio.h"
#include "load.h"
#include "options.h"
#include "pages.h"
#include "root.h"
#include "space.h"

/* What the root said. */
static char said[512];

static void hear(char c)
{
	size_t len = strlen(said);

	if (len + 1 < sizeof(said))
		said[len] = c;
}

static int listen(void **state)
{
	(void)state;
	memset(said, 0, sizeof(said));
	root_set_console(hear);
	return 0;
}

void root_power_off(void)
{
	abort();
}

/* ---- The command line ---- */

static void options_end_at_the_separator(void **state)
{
	const char *line = "mem=512M quiet disk=ram:16M -- console=hvc0 policy=stop";
	const char *value = NULL;

	(void)state;
	assert_string_equal(options_guest(line), "console=hvc0 policy=stop");
	assert_string_equal(options_guest("mem=1G"), "");
	assert_string_equal(options_guest("--"), "");
	assert_string_equal(options_guest("-- a -- b"), "a -- b");
	assert_true(options_find(line, "mem", &value));
	assert_int_equal(options_size(value), 512 << 20);
	assert_true(options_find(line, "quiet", &value));
	assert_true(options_is(value, ""));
	assert_false(options_find(line, "policy", &value));
	assert_false(options_find(line, "me", &value));
	assert_false(options_find(line, "memo", &value));
	assert_true(options_find(line, "disk", &value));
	assert_false(options_is(value, "ram:16"));
	assert_true(options_is(value, "ram:16M"));
}

static void sizes_are_sizes_only(void **state)
{
	static const struct {
		const char *text;
		uint64_t size;
	} cases[] = {
		{ "4096", 4096 },
		{ "0x1000 x", 4096 },
		{ "3K", 3072 },
		{ "2G quiet", UINT64_C(2) << 30 },
		{ "", 0 },
		{ "M", 0 },
		{ "12X", 0 },
		{ "12MB", 0 },
		{ "-1", 0 },
		{ "0xffffffffffffffffG", 0 },
		{ "18446744073709551616", 0 },
	};

	(void)state;
	for (size_t i = 0; i < VIO_ARRAY_SIZE(cases); i++)
		assert_int_equal(options_size(cases[i].text), cases[i].size);
}

/* ---- The bundle ---- */

struct archive {
	uint8_t bytes[1024];
	size_t size;
};

static void add_member(struct archive *archive, const char *name, const void *data, size_t size)
{
	char header[128];

	snprintf(header, sizeof(header),
		 "07070100000001000081a400000000000000000000000100000000%08zx"
		 "00000000000000000000000000000000%08zx00000000",
		 size, strlen(name) + 1);
	memcpy(archive->bytes + archive->size, header, 110);
	memcpy(archive->bytes + archive->size + 110, name, strlen(name) + 1);
	archive->size = (archive->size + 110 + strlen(name) + 1 + 3) & ~(size_t)3;
	if (size)
		memcpy(archive->bytes + archive->size, data, size);
	archive->size = (archive->size + size + 3) & ~(size_t)3;
}

static struct archive bundle(void)
{
	struct archive archive = { .size = 0 };

	add_member(&archive, "kernel", "KERNEL", 6);
	add_member(&archive, "initrd", "init", 4);
	add_member(&archive, "TRAILER!!!", NULL, 0);
	return archive;
}

static void bundle_members_are_found(void **state)
{
	struct archive archive = bundle();
	bool damaged = true;
	struct cpio_file file;

	(void)state;
	file = cpio_find(archive.bytes, archive.size, "initrd", &damaged);
	assert_false(damaged);
	assert_int_equal(file.size, 4);
	assert_memory_equal(file.data, "init", 4);
	file = cpio_find(archive.bytes, archive.size, "kern", &damaged);
	assert_false(damaged);
	assert_null(file.data);
}

/* Cut short at every byte, from memory of just that size, and with every byte made wrong. */
static void damaged_bundle_is_refused(void **state)
{
	struct archive archive = bundle();
	bool damaged = false;

	(void)state;
	for (size_t size = 0; size < archive.size - 4; size++) {
		uint8_t *cut = malloc(size ? size : 1);

		memcpy(cut, archive.bytes, size);
		cpio_find(cut, size, "nothing", &damaged);
		assert_true(damaged);
		free(cut);
	}
	for (size_t at = 0; at < archive.size; at++) {
		uint8_t *wrong = malloc(archive.size);
		struct cpio_file file;

		memcpy(wrong, archive.bytes, archive.size);
		wrong[at] = 'f';
		file = cpio_find(wrong, archive.size, "initrd", &damaged);
		if (file.data) {
			assert_true((const uint8_t *)file.data >= wrong);
			assert_true(file.size <=
				    archive.size - (size_t)((const uint8_t *)file.data - wrong));
		}
		free(wrong);
	}
}

/* ---- The guest's program ---- */

#define RAM_SIZE (UINT64_C(8) << 20)
#define RAM_BASE UINT64_C(0x40000000)
#define MIB2     UINT64_C(0x200000)

static uint8_t ram[RAM_SIZE];

struct image {
	uint32_t code[2];
	uint64_t text_offset;
	uint64_t image_size;
	uint64_t flags;
	uint64_t reserved[3];
	uint32_t magic;
	uint32_t pe_offset;
};

static struct image image(uint64_t text_offset, uint64_t image_size)
{
	return (struct image){ .text_offset = text_offset,
			       .image_size = image_size,
			       .flags = 0xa,
			       .magic = 0x644d5241 };
}

static struct load_request request(const void *kernel, size_t size)
{
	memset(ram, 0x5a, sizeof(ram));
	return (struct load_request){
		.guest = "test",
		.ram_base = RAM_BASE,
		.ram_size = RAM_SIZE,
		.ram = ram,
		.kernel = { kernel, size },
		.fdt_space = 4096,
	};
}

/* All of it, in small pieces; returns how many. */
static unsigned copy_all(const struct load_request *wanted, struct load_result *place)
{
	struct load_copy done;
	unsigned pieces = 0;

	while (load_some(wanted, place, 100, &done)) {
		assert_in_range(done.size, 1, 100);
		assert_true(done.at + done.size <= RAM_SIZE);
		assert_memory_equal(ram + done.at, done.from, done.size);
		pieces++;
	}
	return pieces;
}

static void image_initramfs_and_tree_have_their_places(void **state)
{
	struct image kernel = image(0x1000, 0x1fff00);
	struct load_request wanted = request(&kernel, sizeof(kernel));
	struct load_result place;

	(void)state;
	wanted.initrd = (struct cpio_file){ "initramfs", 9 };
	assert_true(load_guest(&wanted, &place));
	assert_int_equal(copy_all(&wanted, &place), (sizeof(kernel) + 99) / 100 + 1);
	assert_int_equal(place.entry, RAM_BASE + MIB2 + 0x1000);
	assert_int_equal(place.fdt, RAM_BASE);
	/* behind all the kernel claims, which reaches over the next boundary */
	assert_int_equal(place.initrd_start, RAM_BASE + 3 * MIB2);
	assert_int_equal(place.initrd_end, place.initrd_start + 9);
	assert_memory_equal(ram + MIB2 + 0x1000, &kernel, sizeof(kernel));
	assert_memory_equal(ram + 3 * MIB2, "initramfs", 9);
	/* what is not written stays zero as it was, here something else */
	assert_int_equal(ram[0], 0x5a);
	assert_int_equal(ram[3 * MIB2 + 9], 0x5a);
}

static void images_that_do_not_fit_are_refused_with_both_sizes(void **state)
{
	static const struct {
		uint64_t text_offset;
		uint64_t image_size;
	} cases[] = {
		{ 0, RAM_SIZE - MIB2 + 1 },
		{ 0, UINT64_MAX },
		{ RAM_SIZE, 4096 },
		{ UINT64_MAX, 4096 },
		{ UINT64_MAX - MIB2 + 1, 4096 },
	};

	(void)state;
	for (size_t i = 0; i < VIO_ARRAY_SIZE(cases); i++) {
		struct image kernel = image(cases[i].text_offset, cases[i].image_size);
		struct load_request wanted = request(&kernel, sizeof(kernel));
		struct load_result place;
		char size[24];

		listen(NULL);
		assert_false(load_guest(&wanted, &place));
		snprintf(size, sizeof(size), " %lu bytes", (unsigned long)cases[i].image_size);
		assert_non_null(strstr(said, "kernel does not fit"));
		assert_non_null(strstr(said, size));
	}
}

static void initramfs_that_does_not_fit_is_refused_with_both_sizes(void **state)
{
	struct image kernel = image(0, MIB2);
	struct load_request wanted = request(&kernel, sizeof(kernel));
	struct load_result place;

	(void)state;
	wanted.initrd = (struct cpio_file){ ram, 2 * MIB2 + 1 };
	assert_false(load_guest(&wanted, &place));
	assert_non_null(
		strstr(said, "initramfs does not fit: it needs 4194305 bytes, there are 4194304"));
}

static void what_is_no_program_is_refused_unless_called_flat(void **state)
{
	static const uint8_t junk[100] = { 0x1f, 0x8b };
	struct load_request wanted = request(junk, sizeof(junk));
	struct load_result place;

	(void)state;
	assert_false(load_guest(&wanted, &place));
	assert_non_null(strstr(said, "no arm64 Image"));
	wanted.flat = true;
	assert_true(load_guest(&wanted, &place));
	assert_int_equal(place.entry, RAM_BASE + MIB2);
	assert_int_equal(place.fdt, RAM_BASE);
	copy_all(&wanted, &place);
	assert_memory_equal(ram + MIB2, junk, sizeof(junk));
}

struct elf {
	Elf64_Ehdr header;
	Elf64_Phdr part;
	uint8_t code[16];
};

static struct elf elf(uint64_t at)
{
	return (struct elf){
		.header = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB },
			    .e_machine = EM_AARCH64,
			    .e_entry = at,
			    .e_phoff = offsetof(struct elf, part),
			    .e_phentsize = sizeof(Elf64_Phdr),
			    .e_phnum = 1 },
		.part = { .p_type = PT_LOAD,
			  .p_offset = offsetof(struct elf, code),
			  .p_paddr = at,
			  .p_filesz = 16,
			  .p_memsz = 4096 },
		.code = { 1, 2, 3 },
	};
}

static void elf_goes_where_it_says(void **state)
{
	struct elf program = elf(RAM_BASE);
	struct load_request wanted = request(&program, sizeof(program));
	struct load_result place;

	(void)state;
	assert_true(load_guest(&wanted, &place));
	assert_int_equal(place.entry, RAM_BASE);
	assert_int_equal(place.fdt, RAM_BASE + MIB2); /* no room before it */
	copy_all(&wanted, &place);
	assert_memory_equal(ram, program.code, 16);
	program = elf(RAM_BASE + RAM_SIZE - 4096);
	assert_true(load_guest(&wanted, &place));
	assert_int_equal(place.fdt, RAM_BASE);
	program = elf(RAM_BASE + RAM_SIZE - 4095);
	assert_false(load_guest(&wanted, &place));
	program = elf(RAM_BASE - 1);
	assert_false(load_guest(&wanted, &place));
}

/* MIPS: 32 bits, addresses in kseg0, and the first page is the guest's vectors. */
static void mips_elf_goes_where_it_says(void **state)
{
	struct {
		Elf32_Ehdr header;
		Elf32_Phdr part;
		uint8_t code[16];
	} program = {
		.header = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS32,
					 VIO_BIG_ENDIAN ? ELFDATA2MSB : ELFDATA2LSB },
			    .e_machine = EM_MIPS,
			    .e_entry = 0x80100010,
			    .e_phoff = sizeof(Elf32_Ehdr),
			    .e_phentsize = sizeof(Elf32_Phdr),
			    .e_phnum = 1 },
		.part = { .p_type = PT_LOAD,
			  .p_offset = sizeof(Elf32_Ehdr) + sizeof(Elf32_Phdr),
			  .p_paddr = 0x80100000,
			  .p_filesz = 16,
			  .p_memsz = 4096 },
		.code = { 1, 2, 3 },
	};
	struct load_request wanted = request(&program, sizeof(program));
	struct load_result place;

	(void)state;
	wanted.ram_base = 0;
	wanted.machine = EM_MIPS;
	wanted.vectors = 4096;
	assert_true(load_guest(&wanted, &place));
	assert_int_equal(place.entry, 0x80100010);
	assert_int_equal(place.fdt, 4096);
	copy_all(&wanted, &place);
	assert_memory_equal(ram + 0x100000, program.code, 16);
	program.part.p_paddr = 0x80000000; /* vectors of its own: no room before it */
	assert_true(load_guest(&wanted, &place));
	assert_int_equal(place.fdt, MIB2);
	program.part.p_paddr = 0x80000000 + RAM_SIZE;
	assert_false(load_guest(&wanted, &place));
	program.part.p_paddr = 0x80100000;
	program.header.e_machine = EM_ARM;
	assert_false(load_guest(&wanted, &place));
	program.header.e_machine = EM_MIPS;
	program.header.e_phnum = 2;
	assert_false(load_guest(&wanted, &place));
	wanted.kernel.size = sizeof(Elf32_Ehdr) - 1;
	assert_false(load_guest(&wanted, &place));
}

static void damaged_elf_is_refused(void **state)
{
	struct load_result place;

	(void)state;
	for (size_t at = 4; at < sizeof(struct elf) - 16; at++) {
		struct elf program = elf(RAM_BASE);
		struct load_request wanted = request(&program, sizeof(program));

		/* Whatever becomes of it, nothing outside of file and RAM is touched. */
		((uint8_t *)&program)[at] = 0xff;
		if (load_guest(&wanted, &place))
			copy_all(&wanted, &place);
	}
	for (size_t size = 0; size < sizeof(struct elf); size += 4) {
		struct elf program = elf(RAM_BASE);
		uint8_t *cut = malloc(size ? size : 1);
		struct load_request wanted;

		memcpy(cut, &program, size);
		wanted = request(cut, size);
		assert_false(load_guest(&wanted, &place));
		free(cut);
	}
}

/* The kernel's segments leave a place for the initramfs. */
static void an_elf_has_so_many_segments(void **state)
{
	struct {
		Elf64_Ehdr header;
		Elf64_Phdr parts[LOAD_COPIES];
	} program = { .header = elf(RAM_BASE).header };
	struct load_request wanted = request(&program, sizeof(program));
	struct load_result place;

	(void)state;
	program.header.e_phoff = offsetof(__typeof__(program), parts);
	for (unsigned i = 0; i < LOAD_COPIES; i++) {
		program.parts[i] = elf(RAM_BASE + i * UINT64_C(4096)).part;
		program.parts[i].p_offset = i;
	}
	program.header.e_phnum = LOAD_COPIES - 1;
	wanted.initrd = (struct cpio_file){ "initramfs", 9 };
	assert_true(load_guest(&wanted, &place));
	assert_int_equal(copy_all(&wanted, &place), LOAD_COPIES);
	program.header.e_phnum = LOAD_COPIES;
	assert_false(load_guest(&wanted, &place));
	assert_non_null(strstr(said, "more than 15 segments"));
}

/* ---- The machine's memory, and a guest's address space ---- */

static void pages_keep_clear_of_what_is_reserved(void **state)
{
	uint64_t at = 0;

	(void)state;
	pages_add(0x40000000, 0x10000000);
	pages_reserve(0x40200123, 0x1000); /* two pages */
	pages_reserve(0x48000000, 0x1000000);
	assert_int_equal(pages_largest(0x200000), 0x7c00000);
	/* what is small comes out of the smallest piece, from its end */
	assert_int_equal(pages_take(4096, 4096), 0x401ff000);
	at = pages_take(0x6000000, 0x200000);
	assert_int_equal(at, 0x4a000000);
	assert_int_equal(pages_take(0x8000000, 0x200000), PAGES_NONE);
	assert_int_equal(pages_take(0, 4096), PAGES_NONE);
	assert_int_equal(pages_take(UINT64_MAX, 4096), PAGES_NONE);
}

/* In any order, what comes back makes one piece again. */
static void pages_grow_together_again(void **state)
{
	uint64_t largest = pages_largest(4096);
	uint64_t there = pages_free();
	uint64_t taken[9];

	(void)state;
	for (size_t i = 0; i < VIO_ARRAY_SIZE(taken); i++)
		taken[i] = pages_take(i % 2 ? 5000 : 0x200000, i % 2 ? 4096 : 0x200000);
	for (size_t i = 0; i < VIO_ARRAY_SIZE(taken); i++) {
		size_t which = i * 4 % VIO_ARRAY_SIZE(taken);

		assert_true(taken[which] != PAGES_NONE);
		pages_give(taken[which], which % 2 ? 5000 : 0x200000);
	}
	assert_int_equal(pages_free(), there);
	assert_int_equal(pages_largest(4096), largest);
}

static void regions_do_not_overlap(void **state)
{
	struct space space = { .count = 0 };
	struct region a = { .base = 0x1000, .size = 0x1000 };
	struct region top = { .base = UINT64_MAX - 0xfff, .size = 0x1000 };
	struct region bad[] = {
		{ .base = 0x1fff, .size = 1 },     { .base = 0, .size = 0x1001 },
		{ .base = 0x1800, .size = 0 },     { .base = UINT64_MAX, .size = 2 },
		{ .base = 0, .size = UINT64_MAX },
	};

	(void)state;
	assert_true(space_add(&space, &a));
	assert_true(space_add(&space, &top));
	for (size_t i = 0; i < VIO_ARRAY_SIZE(bad); i++)
		assert_false(space_add(&space, &bad[i]));
	assert_ptr_equal(space_find(&space, 0x1000), &a);
	assert_ptr_equal(space_find(&space, 0x1fff), &a);
	assert_ptr_equal(space_find(&space, UINT64_MAX), &top);
	assert_null(space_find(&space, 0x2000));
	assert_null(space_find(&space, 0xfff));
}

static void print_knows_what_it_promises(void **state)
{
	(void)state;
	root_print("%s %c %u %lu %08x %lx %016lx%%\n", "text", 'c', 4294967295U,
		   18446744073709551615UL, 0xbeefU, 0UL, 0x123UL);
	assert_string_equal(
		said, "text c 4294967295 18446744073709551615 0000beef 0 0000000000000123%\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_end_at_the_separator),
		cmocka_unit_test(sizes_are_sizes_only),
		cmocka_unit_test(bundle_members_are_found),
		cmocka_unit_test(damaged_bundle_is_refused),
		cmocka_unit_test_setup(image_initramfs_and_tree_have_their_places, listen),
		cmocka_unit_test_setup(images_that_do_not_fit_are_refused_with_both_sizes, listen),
		cmocka_unit_test_setup(initramfs_that_does_not_fit_is_refused_with_both_sizes,
				       listen),
		cmocka_unit_test_setup(what_is_no_program_is_refused_unless_called_flat, listen),
		cmocka_unit_test_setup(elf_goes_where_it_says, listen),
		cmocka_unit_test_setup(mips_elf_goes_where_it_says, listen),
		cmocka_unit_test_setup(damaged_elf_is_refused, listen),
		cmocka_unit_test_setup(an_elf_has_so_many_segments, listen),
		cmocka_unit_test(pages_keep_clear_of_what_is_reserved),
		cmocka_unit_test(pages_grow_together_again),
		cmocka_unit_test(regions_do_not_overlap),
		cmocka_unit_test_setup(print_knows_what_it_promises, listen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's memory and what is in it at the start, on the standard board.
 *
 *	RAM base		device tree (up to 2 MiB)
 *	RAM base + 2 MiB	kernel: an arm64 Image at its offset, or a flat binary
 *	behind the kernel	initramfs, on a 2 MiB boundary
 *
 * That is where firmware for QEMU's `virt` looks for its device tree (U-Boot) and where it expects
 * to run. An ELF program goes where its headers say, and finds the device tree before itself if it
 * leaves room there, or behind. On MIPS there is nothing but ELF, and the first page of RAM is left
 * to exception vectors.
 */
#ifndef LOAD_H
#define LOAD_H

#include "cpio.h"
#include "guest.h"

struct load_request {
	const char *guest; /* its name, for messages */
	uint64_t ram_base; /* guest-physical; a multiple of 2 MiB */
	uint64_t ram_size; /* likewise */
	uint8_t *ram;      /* where the root sees it */
	struct cpio_file kernel;
	struct cpio_file initrd; /* may be none */
	bool flat;               /* what is neither Image nor ELF is a flat binary */
	size_t fdt_space;        /* what the device tree will need */
	unsigned machine;        /* EM_MIPS; all else: EM_AARCH64 */
	uint32_t vectors; /* bytes at the start of RAM that are the guest's own; a multiple of 8 */
};

/* ELF segments, and the initramfs. */
#define LOAD_COPIES 16

struct load_copy {
	uint64_t at; /* from the start of RAM */
	const uint8_t *from;
	uint64_t size;
};

/* Guest-physical addresses. */
struct load_result {
	uint64_t entry;
	uint64_t fdt;
	size_t fdt_space;      /* bytes that are free there */
	uint64_t initrd_start; /* equal to the end: none */
	uint64_t initrd_end;
	struct load_copy copies[LOAD_COPIES]; /* in this order, */
	unsigned copy_count;
	unsigned copied; /* of which so many are done */
};

/* Whether this is an arm64 Image, as Linux is. */
bool load_is_image(const struct cpio_file *kernel);

/*
 * Finds places for kernel, initramfs and device tree in memory that is zero. What is no program or
 * does not fit is reported, with the sizes; then false, and the guest must not start.
 */
bool load_guest(const struct load_request *request, struct load_result *result);

/*
 * Copies up to `bytes` of that into the guest's RAM: true, and it is `*done`, from there on in RAM.
 * False: all has been copied.
 */
bool load_some(const struct load_request *request, struct load_result *result, uint64_t bytes,
	       struct load_copy *done);

#endif

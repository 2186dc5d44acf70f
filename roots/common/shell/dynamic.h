/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A dynamic system: guests that a person makes, loads, starts and kills at a shell while others
 * run. The system owns an array of `struct dynamic_guest`, which bounds their number; their memory,
 * RAM disks and programs come from the pool and go back there.
 *
 *	static struct { struct arm_vcpu vcpus[4]; struct arm_guest guest; } guests[8];
 *	static struct dynamic_guest slots[8];         (.guest = &guests[i].guest.guest, ...)
 *	static struct dynamic dynamic = { .guests = slots, .count = 8, .vcpus_max = 4, ... };
 *
 *	dynamic_start(&dynamic);
 *	root_run();
 */
#ifndef DYNAMIC_H
#define DYNAMIC_H

#include "board.h"
#include "disk_slice.h"
#include "file_console.h"
#include "host_calls.h"
#include "kit.h"
#include "shell.h"
#include "vio_ramdisk.h"

#define DYNAMIC_NAME      15 /* characters */
#define DYNAMIC_ARGUMENTS 160
#define DYNAMIC_FILE      63        /* characters of a file's name that are remembered */
#define DYNAMIC_PIECE     0x40000   /* bytes that are read from the host at a time */
#define DYNAMIC_RAMDISK   0x4000000 /* bytes, at most: it is cleared in one go */
#define DYNAMIC_SEED      64

/* A file of the host in memory of the pool. */
struct dynamic_file {
	char name[DYNAMIC_FILE + 1];
	uint64_t physical;
	uint64_t room; /* bytes that were taken; 0: there is no such file */
	uint64_t size; /* 0: it has not come to its end yet */
};

struct dynamic_guest {
	/* The system's: the guest, with room for `vcpus_max` vCPUs. */
	struct guest *guest;

	struct dynamic *dynamic;
	struct kit kit;
	uint64_t ram;     /* bytes */
	uint64_t started; /* ticks */
	struct dynamic_file kernel;
	struct dynamic_file initrd;
	struct disk_slice slice;
	struct vio_ramdisk ramdisk;
	uint64_t ramdisk_at;
	uint64_t ramdisk_size; /* 0: there is none */
	struct file_console file_console;
	struct host_calls host_calls;
	bool has_arguments; /* otherwise they are the usual ones */
	bool has_slice;
	bool has_file_console;
	bool has_host_calls;
	bool flat;   /* the kernel is */
	bool failed; /* to be made: nothing is said of its end */
	char name[DYNAMIC_NAME + 1];
	char arguments[DYNAMIC_ARGUMENTS + 1];
	uint8_t seed[DYNAMIC_SEED];
};

struct dynamic {
	/* The system's, set before dynamic_start(). */
	struct terminal *terminal;
	struct dynamic_guest *guests;
	unsigned count;
	unsigned vcpus_max;             /* of one guest */
	unsigned columns;               /* of the terminal; 0: not known */
	const struct host_files *files; /* NULL: the host gives none */
	const char *index;              /* a file that lists the others, or NULL */
	struct vio_blk_backend *disk;   /* the machine's; NULL: there is none */
	const struct vio_blk_disk *disk_says;
	struct vio_entropy *entropy; /* seeded; NULL: there is none */
	struct vio_switch *lan;      /* NULL: there is none */
	/* Bytes for a guest's start, or 0; NULL: there are none. */
	uint32_t (*seed)(void *to, uint32_t size);

	struct shell shell;
	struct {
		struct dynamic_guest *guest;
		struct dynamic_file *file;
		int64_t handle;
		uint64_t got;
	} reading;
	char names[1024]; /* what `index` says */
	unsigned serial;  /* of the next guest without a name */
};

/* Greets, and takes commands from the terminal. */
void dynamic_start(struct dynamic *dynamic);

/* ---- For the commands ---- */

/* By its name or number; NULL: there is none. */
struct dynamic_guest *dynamic_find(struct dynamic *dynamic, const char *name);
bool dynamic_is_there(const struct dynamic_guest *slot);

/* What it is loaded from, for board_load(); without a seed. */
struct board_program dynamic_program(const struct dynamic_guest *slot);

extern const struct guest_ops dynamic_ops;

/* A file goes, with its memory. */
void dynamic_drop(struct dynamic_file *file);

extern const struct shell_command dynamic_commands[];
extern const unsigned dynamic_command_count;
const char *dynamic_word(struct shell *shell, unsigned kind, unsigned n);

#endif

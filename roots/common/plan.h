/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A static system as a device tree describes it; docs/static.md is the binding. plan_read() makes
 * of a tree and a machine the plan, in which everything has its place, or says all that is wrong
 * with the tree: it takes nothing from anybody and starts nothing.
 *
 * Strings of the plan are the tree's own, so the tree outlives it. `node` members are offsets in
 * the tree, for those who have more to say about a node.
 */
#ifndef PLAN_H
#define PLAN_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pages.h"
#include "scheduler.h"
#include "vio_board.h"

#define PLAN_GUESTS    8
#define PLAN_DEVICES   16 /* of a guest */
#define PLAN_SHARED    8
#define PLAN_DOORBELLS 16
#define PLAN_WINDOWS   32
#define PLAN_MAC       6
#define PLAN_FREE      PAGES_PIECES

#define PLAN_NOWHERE   UINT64_MAX

/* ---- What is there ---- */

enum plan_kind {
	PLAN_CONSOLE,
	PLAN_BLK,
	PLAN_NET,
	PLAN_RNG,
	PLAN_DUMMY,
	PLAN_SHARED_MEMORY,
	PLAN_DOORBELL,
	PLAN_REGISTERS,
	PLAN_KINDS,
};

struct plan_machine {
	const struct vio_board *board; /* that every guest stands on, */
	const struct vio_board_range
		*board_areas; /* with more than that at these guest addresses */
	unsigned board_area_count;
	uint64_t address_end;  /* guests' addresses are below it */
	unsigned direct_slots; /* that a `direct` guest has */
	uint32_t others_max;   /* of each kind of Virtio's, in all, outside its standard slot */
	uint32_t kinds;        /* of devices that the system can make, a bit each */
	uint32_t vcpus_max;    /* of a guest */
	uint32_t cpu_count;    /* physical ones */
	struct vio_board_range ram;         /* all memory, and */
	const struct vio_board_range *free; /* what nobody has, in whole pages, up to PLAN_FREE */
	unsigned free_count;
	/* Whose these registers (`intid` 0), or this interrupt (size 0), are; NULL: nobody's. */
	const char *(*owner)(uint64_t base, uint64_t size, unsigned intid);
	unsigned intids;    /* interrupts that can be passed on are from VIO_BOARD_SPI up to this */
	uint64_t disk;      /* bytes of the machine's disk; 0: there is none */
	bool library;       /* the system has a hyperlibrary */
	bool entropy;       /* there is a source */
	uint64_t ticks_hz;  /* of the counter that the scheduler goes by */
	const void *bundle; /* the archive that guests' programs are in */
	size_t bundle_size;
};

/* ---- What is to be ---- */

/* A member is of the kinds that are named at it, and 0 otherwise. */
struct plan_device {
	int node;
	uint32_t kind; /* enum plan_kind */
	uint32_t slot; /* all that are Virtio's */
	/* PLAN_BLK: memory, or part of the machine's disk. */
	uint64_t ram_disk;    /* bytes; 0: it is on the machine's disk, */
	uint64_t disk_offset; /* from here, in bytes, */
	uint64_t disk_size;   /* so many */
	bool read_only;       /* that, or the shared memory */
	bool writes_ignored;  /* the shared memory: it is read-only, and what is written is lost */
	/* PLAN_NET */
	uint8_t mac[PLAN_MAC];
	uint32_t vlan;   /* 0: none */
	bool is_private; /* sees no other such */
	uint32_t rate;   /* bytes that it may send in a second; 0: no limit */
	/* PLAN_DOORBELL */
	uint32_t number;   /* on its guest's board */
	uint32_t doorbell; /* which of the plan's; */
	uint32_t end;      /* 0 or 1 */
	const char *label; /* or NULL */
	/* PLAN_SHARED_MEMORY, and PLAN_DOORBELL with a `size` */
	uint32_t shared; /* which of the plan's */
	/* These two, and PLAN_REGISTERS */
	uint64_t at; /* guest-physical */
	uint64_t size;
	uint64_t physical; /* a RAM disk's, too */
	/* PLAN_REGISTERS */
	uint32_t intid; /* 0: it has none */
	/* What the guest's tree has of it: a node with this name, and this part of the registers.
	 */
	const char *name;
	struct plan_strings {
		const char *first; /* NULL: it has nothing of it */
		uint32_t size;     /* bytes */
	} compatible;
	uint64_t offset;
	uint64_t length;
	bool clocked; /* struct vio_board_node */
	bool coherent;
};

enum plan_fault {
	PLAN_FAULT_STOP,
	PLAN_FAULT_ABORT,
};

enum plan_reset {
	PLAN_RESET_END,
	PLAN_RESET_RESTART,
};

enum plan_end {
	PLAN_END_STAY,      /* of this guest only */
	PLAN_END_POWER_OFF, /* of the machine */
};

enum plan_calls {
	PLAN_CALLS_NONE,    /* are answered with an error */
	PLAN_CALLS_FATAL,   /* are errors as an access to nothing is */
	PLAN_CALLS_LIBRARY, /* go to the system's hyperlibrary */
};

struct plan_guest {
	int node;
	const char *name;
	const char *kernel;   /* member of the bundle */
	const char *initrd;   /* likewise, or NULL */
	const char *bootargs; /* or NULL */
	bool direct;          /* its memory is at the same address for it as on the machine */
	bool flat;            /* what is neither Image nor ELF is a flat binary */
	uint32_t vcpus;
	uint64_t memory;    /* bytes */
	uint64_t memory_at; /* physical */
	uint32_t priority;
	uint32_t cpus;      /* where it runs, a bit each; 0: anywhere */
	uint32_t partition; /* of the cyclic schedule */
	uint32_t slice_us;
	uint64_t slice; /* the same in ticks */
	uint32_t restart_limit;
	uint32_t on_fault; /* enum plan_fault */
	uint32_t on_reset; /* enum plan_reset */
	uint32_t on_end;   /* enum plan_end */
	uint32_t calls;    /* enum plan_calls */
	struct plan_device devices[PLAN_DEVICES];
	unsigned device_count;
};

struct plan_shared {
	int node;
	uint64_t size;
	uint64_t physical;
};

struct plan_doorbell {
	int node;
	uint32_t ends; /* 2 in the end */
};

struct plan {
	struct plan_guest guests[PLAN_GUESTS];
	unsigned guest_count;
	struct plan_shared shared[PLAN_SHARED];
	unsigned shared_count;
	struct plan_doorbell doorbells[PLAN_DOORBELLS];
	unsigned doorbell_count;
	struct sched_window windows[PLAN_WINDOWS];
	unsigned window_count; /* 0: no cyclic schedule */
};

/* One mistake, at the node with this path; `format` is root_vprint()'s. */
typedef void plan_report(void *user, const char *node, const char *format, va_list arguments);

/*
 * Reads the tree at `fdt`, of at most `size` bytes, aligned to 8; whatever is there. Returns how
 * many mistakes were reported: 0 is a plan that can be followed, anything else is none.
 */
unsigned plan_read(struct plan *plan, const void *fdt, size_t size,
		   const struct plan_machine *machine, plan_report *report, void *user);

/* What a tree asks of the machine, for who has to know before it is read. False of one that is
 * damaged. */
bool plan_wants_disk(const void *fdt, size_t size);
bool plan_wants(const void *fdt, size_t size, enum plan_kind kind);

/* Whether the device is in the slot that the board has for its kind. */
bool plan_is_standard(const struct plan_device *device);

#endif

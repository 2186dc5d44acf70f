/* SPDX-License-Identifier: BSD-2-Clause */
/* The real machine, as its device tree describes it to the root. */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdint.h>

struct machine_device {
	uint64_t base;  /* physical */
	unsigned intid; /* of its interrupt */
};

#define MACHINE_CPUS 8

struct machine {
	const void *fdt;
	uint64_t ram_base;
	uint64_t ram_size;
	struct machine_device uart;   /* PL011 */
	struct machine_device clock;  /* PL031; base 0: there is none */
	struct machine_device virtio; /* the first of the virtio-mmio transports, which stand and
					 interrupt in a row */
	unsigned virtio_count;
	unsigned virtio_stride;      /* bytes */
	uint64_t cpus[MACHINE_CPUS]; /* those that firmware starts by PSCI and SMC, as that names
					them */
	unsigned cpu_count;
	const char *bootargs; /* never NULL */
	uint64_t bundle;      /* what the boot loader calls the initrd */
	uint64_t bundle_size;
};

extern struct machine machine;

/*
 * Parts of the machine have one owner. Claims the pages with [base, base + size) and interrupt
 * `intid` (0: none) for `owner`: where its name stands, which is no other's. NULL: they are its; or
 * the name of who has some of it.
 */
const char *machine_claim(uint64_t base, uint64_t size, unsigned intid, const char *const *owner);

/* Who has some of that; NULL: nobody. Either may be 0, size or `intid`. */
const char *machine_owner(uint64_t base, uint64_t size, unsigned intid);

/* The root, as an owner. */
extern const char *const machine_root;

/* All that this owner has is free again. */
void machine_unclaim(const char *const *owner);

/* Reads the tree at `fdt`, which stays where it is. A tree that is none ends the machine. */
void machine_read(const void *fdt);

/* Each root's own: calls `handler` for interrupt `intid` of a device, and enables that. */
void irq_attach(unsigned intid, void (*handler)(void *owner), void *owner);

#endif

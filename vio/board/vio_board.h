/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The standard virtual board: what a guest may count on, whatever root it runs on. docs/board.md
 * says it in words. There is one copy of the layout, the table below; roots place their emulation
 * by it, and the device tree a guest reads is written from it.
 */
#ifndef VIO_BOARD_H
#define VIO_BOARD_H

#include "vio_types.h"

/* Which slot of the Virtio window holds which device. The rest is for the system's own. */
enum vio_board_slot {
	VIO_BOARD_SLOT_CONSOLE,
	VIO_BOARD_SLOT_BLK,
	VIO_BOARD_SLOT_NET,
	VIO_BOARD_SLOT_RNG,
	VIO_BOARD_SLOT_FREE, /* the first without a device of the standard's */
};

/* The first INTID of each kind of the GIC's interrupts. */
enum {
	VIO_BOARD_PPI = 16,
	VIO_BOARD_SPI = 32,
};

struct vio_board_range {
	uint64_t base; /* guest-physical address */
	uint64_t size; /* bytes */
};

enum vio_board_cpu {
	VIO_BOARD_ARM,  /* A64, with a GIC: interrupts are INTIDs */
	VIO_BOARD_MIPS, /* MIPS32, without: interrupts are the CPU's lines, IP2 to IP6 */
};

struct vio_board {
	enum vio_board_cpu cpu;
	const char *compatible; /* the tree's root: zero-terminated strings, this board first */
	uint32_t compatible_size;
	uint32_t version;
	uint32_t cpus_max;

	uint64_t ram_base;
	uint64_t ram_min; /* bytes */
	uint64_t ram_max;
	uint64_t ram_granule; /* sizes are multiples of it */

	uint64_t virtio_base;
	uint32_t virtio_intid;       /* ARM: of slot 0; the next slots follow */
	const uint8_t *virtio_lines; /* MIPS: of each slot */
	uint16_t virtio_slots;
	uint8_t virtio_shift; /* a slot has 1 << shift bytes */

	uint64_t doorbell_base;  /* of page 0; the next pages follow */
	uint32_t doorbell_intid; /* ARM: of page 0, likewise; MIPS: of all */
	uint32_t doorbells;      /* at most; only those that are there are in the tree */

	struct vio_board_range uart; /* ARM: PL011; MIPS: 16550A */
	uint32_t uart_intid;
	uint32_t uart_clock; /* Hz */

	/* MIPS: */
	uint32_t uart_shift;          /* registers are 1 << shift bytes apart */
	struct vio_board_range power; /* one 32-bit register, to which these are written: */
	uint32_t power_off;
	uint32_t power_reset;

	/* ARM: */
	struct vio_board_range gic_distributor;
	struct vio_board_range gicv2_cpu;
	struct vio_board_range gicv3_redistributors; /* 128 KiB a CPU */

	uint32_t timer_secure_intid;
	uint32_t timer_physical_intid;
	uint32_t timer_virtual_intid;
	uint32_t timer_hypervisor_intid;
};

/* Board v1 on ARM: the addresses of QEMU's `virt`. */
extern const struct vio_board vio_board_arm;

/* Board v1 on MIPS: the addresses of the Malta board's FPGA. */
extern const struct vio_board vio_board_mips;

/* A device beside the board's own: one node more. */
struct vio_board_node {
	const char *name;       /* without the unit address; at most 28 characters */
	const char *compatible; /* zero-terminated strings */
	uint32_t compatible_size;
	struct vio_board_range reg[2]; /* the second may have size 0: then there is one */
	uint32_t intid;                /* of a level interrupt; 0: it has none */
	const char *label;             /* what it is for, or NULL */
	bool clocked;                  /* of Arm's, and wants to be told of its bus' clock */
	bool coherent;                 /* reaches RAM as the CPUs do */
};

/* What differs between guests of the board. Strings and bytes are read during the call only. */
struct vio_board_guest {
	uint64_t ram_size;       /* within the board's range */
	uint32_t cpus;           /* 1 to cpus_max, for GICv2 8; MPIDR affinity 0, 1, ... */
	uint32_t gic_version;    /* ARM: 2 or 3 */
	uint32_t count_rate;     /* MIPS: CP0 Count, Hz: 1 to 2^31 - 1 */
	bool psci_smc;           /* PSCI is called by SMC instead of HVC; roots take both */
	const char *bootargs;    /* NULL: none */
	uint64_t initrd_start;   /* guest-physical; equal to the end: none */
	uint64_t initrd_end;     /* the first byte after it */
	uint64_t kaslr_seed;     /* 0: none */
	const uint8_t *rng_seed; /* entropy for the guest, or NULL */
	uint32_t rng_seed_size;  /* bytes */
	const struct vio_board_node *nodes;
	uint32_t node_count;
};

enum vio_board_error {
	VIO_BOARD_OK,
	VIO_BOARD_RAM_SIZE,    /* outside the board's range or no multiple of its granule */
	VIO_BOARD_CPUS,        /* none, or more than the interrupt controller serves */
	VIO_BOARD_GIC_VERSION, /* neither 2 nor 3 */
	VIO_BOARD_COUNT_RATE,  /* zero, or too high */
	VIO_BOARD_INITRD,      /* not in RAM */
	VIO_BOARD_SPACE,  /* the buffer is too small: vio_board_fdt_space() says what is needed */
	VIO_BOARD_LIBFDT, /* a version of libfdt that does not do what it should */
};

/* A few words for a report: never NULL, any value. */
const char *vio_board_error_text(enum vio_board_error error);

/* A buffer that is large enough for the guest's device tree, in bytes. */
size_t vio_board_fdt_space(const struct vio_board_guest *guest);

/*
 * Writes the guest's device tree into `buffer` of `space` bytes, aligned to 8; the tree's own
 * size is in its header. Links to libfdt.
 */
enum vio_board_error vio_board_fdt(const struct vio_board *board,
				   const struct vio_board_guest *guest, void *buffer, size_t space);

#endif

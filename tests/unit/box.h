/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A board in a box: guest memory, one mmio slot with a device in it whose behaviour the test
 * chooses, a root that records what it is told, and a driver that can break every rule.
 *
 * Regions are allocations of their own, so ASan sees each byte the product touches outside them.
 * What it touches inside is compared: box_snapshot() before an attack, box_assert_untouched()
 * after it.
 */
#ifndef BOX_H
#define BOX_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vio_driver.h"
#include "vio_guest.h"
#include "vio_mmio_state.h"

/* Guest memory. NEXT follows RAM for the guest but not for the root; ROM is not to be written. */
#define BOX_RAM          UINT64_C(0x40000000)
#define BOX_RAM_SIZE     UINT64_C(0x40000)
#define BOX_NEXT         (BOX_RAM + BOX_RAM_SIZE)
#define BOX_NEXT_SIZE    UINT64_C(0x4000)
#define BOX_FAR          UINT64_C(0x1c0000000)
#define BOX_FAR_SIZE     UINT64_C(0x4000)
#define BOX_ROM          UINT64_C(0x80000000)
#define BOX_ROM_SIZE     UINT64_C(0x4000)
#define BOX_REGIONS      4
#define BOX_PAGE         4096

/* In RAM: the rings, one page a part, then buffers, by convention of the tests. */
#define BOX_DESC(queue)  (BOX_RAM + 0x1000 + (queue)*UINT64_C(0x4000))
#define BOX_AVAIL(queue) (BOX_DESC(queue) + 0x1000)
#define BOX_USED(queue)  (BOX_DESC(queue) + 0x2000)
#define BOX_TABLE        (BOX_RAM + 0x10000)
#define BOX_DATA         (BOX_RAM + 0x20000)

#define BOX_QUEUES       3
#define BOX_SIZE         16 /* QueueSizeMax of queues 0 and 1 */
#define BOX_SMALL        4  /* of queue 2 */
#define BOX_HELD         (BOX_SIZE * 2 + BOX_SMALL)

/* Bytes of the slot's state, and of what the device itself saves. */
#define BOX_OWN_STATE    8
#define BOX_STATE        VIO_MMIO_STATE_BYTES(BOX_QUEUES, BOX_OWN_STATE)

/* The box's own feature bits. */
enum {
	BOX_F_PLAIN = 0,
	BOX_F_NEEDED = 3,
	BOX_F_NEEDING = 4, /* needs BOX_F_NEEDED */
	BOX_F_LAST = 23,
	BOX_F_HIGH = 50,
	BOX_F_CHAINED = 51, /* needs BOX_F_NEEDING */
};

/* What the device does with requests. */
enum box_behaviour {
	BOX_ECHO,   /* copies readable bytes to writable ones and completes */
	BOX_FILL,   /* fills the writable bytes with 0xda and completes */
	BOX_HOLD,   /* keeps them for box_complete() */
	BOX_UNTAKE, /* takes one and puts it back */
	BOX_WAVER,  /* the same, and then as BOX_FILL */
	BOX_REFUSE, /* refuses each */
	BOX_IGNORE, /* takes none */
};

struct box_config {
	uint32_t ro32;
	uint16_t rw16;
	uint8_t bytes[6];
	uint64_t ro64;
	uint32_t rw32;
	uint8_t rw8;
};

struct box_held {
	struct vio_queue *queue;
	struct vio_request request;
	struct vio_span spans[BOX_SIZE];
};

struct box_device {
	struct vio_device device;
	VIO_DEVICE_STORAGE(BOX_QUEUES, BOX_SIZE) storage;
	struct box_config config;
	/* What configure() makes the fields of these names. */
	uint32_t ro32;
	uint64_t ro64;
	enum box_behaviour behaviour;
	struct box_held held[BOX_HELD];
	unsigned held_count;
	unsigned notified[BOX_QUEUES];
	unsigned resets;
	unsigned enables;
	unsigned configures;
	unsigned config_writes;
};

struct box {
	const void *row; /* of a table of tests: the initial state of BOX_ROW() */
	struct vio_memory memory;
	struct vio_region regions[BOX_REGIONS + 1];
	uint8_t *before[BOX_REGIONS]; /* the snapshot */
	struct {
		uint64_t addr;
		uint64_t len;
	} allowed[64];
	unsigned allowed_count;

	struct vio_mmio slot;
	struct box_device device;
	struct vio_driver driver;
	uint16_t avail_idx[BOX_QUEUES]; /* of the driver by hand */
	uint16_t size[BOX_QUEUES];
	uint64_t desc_at[BOX_QUEUES]; /* BOX_DESC() and so on, or where box_place() puts it */
	uint64_t avail_at[BOX_QUEUES];
	uint64_t used_at[BOX_QUEUES];

	/* What the root was told. */
	bool line;
	bool serve_wanted;
	unsigned raised;
	unsigned deferred;
	unsigned released;
	unsigned failed;
	enum vio_error error;

	/* Loads of guest memory by the product, and what happens after each. */
	unsigned loads;
	unsigned fences;
	void (*after_load)(struct box *box, uint64_t addr, size_t size);
};

extern const struct vio_device_type box_type;

/* What box_setup() makes of the slot: NULL, or a legacy one. The rings by hand go by that. */
extern const struct vio_mmio_version *box_version;
extern int box_failures;

/* What main() returns: the tests on a slot of version 2, and on legacy ones of each byte order. */
#define BOX_RUN_TESTS(tests)                                                                       \
	(box_failures = cmocka_run_group_tests_name("version 2", tests, NULL, NULL),               \
	 BOX_RUN_LEGACY_TESTS(tests))

/* The same, on legacy ones only. */
#define BOX_RUN_LEGACY_TESTS(tests)                                                                \
	(box_version = &vio_mmio_legacy_little,                                                    \
	 box_failures += cmocka_run_group_tests_name("legacy, little", tests, NULL, NULL),         \
	 box_version = &vio_mmio_legacy_big,                                                       \
	 box_failures + cmocka_run_group_tests_name("legacy, big", tests, NULL, NULL))

/* cmocka set-up and tear-down: *state is a struct box, its device attached and reset. */
int box_setup(void **state);
int box_teardown(void **state);

/* The driver writes guest memory: no snapshot holds it against the device. */
void box_put(struct box *box, uint64_t addr, const void *from, uint64_t len);

/* The host's pointer to `len` bytes of guest memory, which must be there. */
void *box_at(struct box *box, uint64_t addr, uint64_t len);

/* ---- Registers ---- */

uint32_t box_read(struct box *box, uint32_t offset);
enum vio_mmio_outcome box_write(struct box *box, uint32_t offset, uint32_t value);
uint32_t box_status(struct box *box);

/* Writes a queue's configuration and QueueReady = 1; returns what QueueReady reads then. */
uint32_t box_ready(struct box *box, uint32_t queue, uint32_t size, uint64_t desc, uint64_t avail,
		   uint64_t used);

/*
 * The same of a legacy queue: QueueNum, QueueAlign, and QueuePFN for a ring at `at`, in pages of
 * what GuestPageSize was set to last (by box_negotiate(): BOX_PAGE). Returns what QueuePFN reads.
 */
uint32_t box_place(struct box *box, uint32_t queue, uint32_t size, uint32_t align, uint64_t at);

/*
 * Reset, and everything up to FEATURES_OK with `features` besides VERSION_1, which must be taken. A
 * legacy driver writes its page size and features, and that is all.
 */
void box_negotiate(struct box *box, uint64_t features);

/* All of it: negotiates, sets all queues up (BOX_SIZE or BOX_SMALL), DRIVER_OK. */
void box_start(struct box *box, uint64_t features);

/* From the driver's byte order to the CPU's, or back. */
uint16_t box_wire16(const struct box *box, uint16_t value);
uint32_t box_wire32(const struct box *box, uint32_t value);
uint64_t box_wire64(const struct box *box, uint64_t value);

/* Serves until nothing is left, as a root with SERVE_LATER; fails when that takes for ever. */
void box_serve(struct box *box);

/* ---- Rings, by hand ---- */

void box_desc(struct box *box, uint32_t queue, uint16_t index, uint64_t addr, uint32_t len,
	      uint16_t flags, uint16_t next);
/* The same for entry `index` of an indirect table at `table`. */
void box_entry(struct box *box, uint64_t table, uint16_t index, uint64_t addr, uint32_t len,
	       uint16_t flags, uint16_t next);
/* Puts `head` into the available ring; box_publish() shows it. */
void box_avail(struct box *box, uint32_t queue, uint16_t head);
void box_publish(struct box *box, uint32_t queue);
void box_kick(struct box *box, uint32_t queue);
/* box_avail(), box_publish() and box_kick(). */
void box_offer(struct box *box, uint32_t queue, uint16_t head);

uint16_t box_used_idx(struct box *box, uint32_t queue);
struct vio_used_elem box_used(struct box *box, uint32_t queue, uint16_t index);
void box_set_avail_flags(struct box *box, uint32_t queue, uint16_t flags);
void box_set_used_event(struct box *box, uint32_t queue, uint16_t event);
uint16_t box_avail_event(struct box *box, uint32_t queue);

/* ---- The device ---- */

/* Takes the device out and puts a new one of the same behaviour in, and nothing else of it. */
void box_renew(struct box *box, const struct vio_device_type *type);
/* The same, and the new one goes on where the old one was; nothing may be held. */
void box_hand_over(struct box *box);

/* Completes held request `index`, with its writable bytes filled. */
void box_complete(struct box *box, unsigned index);

/* ---- Verdicts ---- */

/*
 * Remembers all guest memory. After that only what is allowed may change: the used rings, and
 * what box_allow() adds. Counts loads from 0.
 */
void box_snapshot(struct box *box);
void box_allow(struct box *box, uint64_t addr, uint64_t len);
void box_assert_untouched(struct box *box);

/* The driver broke the device with `error`: NR of hostile-cases.md, and nothing was touched. */
void box_assert_needs_reset(struct box *box, enum vio_error error);

/* Resets the device and has a request echoed on each queue. */
void box_assert_works(struct box *box);

/* A test named by the clauses (conformance.csv) or the hostile cases it serves. */
#define BOX_TEST(ids, test)                                                                        \
	{                                                                                          \
		ids " " #test, test, box_setup, box_teardown, NULL                                 \
	}

/* A test that is one row of a table. */
#define BOX_ROW(name, test, row)                                                                   \
	{                                                                                          \
		name, test, box_setup, box_teardown, (void *)(uintptr_t)(row)                      \
	}

#endif

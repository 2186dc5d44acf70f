/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For tests of devices: a slot of the mmio transport with a guest around it, which is memory of its
 * own and our driver. Everything between the driver's call and the backend is the real thing.
 *
 *	slot_attach(&slot, &device);
 *	slot_start(&slot, features, queue_size);
 *	len = slot_request(&slot, 0, buffers, count);
 */
#ifndef SLOT_H
#define SLOT_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vio_driver.h"
#include "vio_mmio.h"

#define SLOT_RAM      0x40000000
#define SLOT_RAM_SIZE (1 << 20)
#define SLOT_QUEUES   32

/* The request is not used yet. */
#define SLOT_PENDING  (-1)

struct slot {
	struct vio_mmio mmio;
	struct vio_driver driver;
	struct vio_driver_queue queues[SLOT_QUEUES];
	struct vio_memory memory;
	struct vio_region region;
	uint8_t *ram;
	uint32_t ram_used;

	/* What the root saw. */
	bool line;
	bool deferred;
	bool parked; /* the last write asked for it */
	unsigned released;
	unsigned failed;
	enum vio_error error;
	unsigned served; /* calls that slot_settle() made */
};

/* Which ring format slot_start() negotiates. */
extern bool slot_packed;
/* For a test that a legacy slot has nothing to do with. */
#define SLOT_NOT_LEGACY()                                                                          \
	do {                                                                                       \
		if (slot_version)                                                                  \
			skip();                                                                    \
	} while (0)

/* What slot_attach() makes of the slot: NULL, or a legacy one. */
extern const struct vio_mmio_version *slot_version;
extern int slot_failures;

/* What main() returns: the tests on split rings, then on packed ones. */
#define SLOT_RUN_MODERN_TESTS(tests)                                                               \
	(slot_failures = cmocka_run_group_tests_name("split", tests, NULL, NULL),                  \
	 slot_packed = true,                                                                       \
	 slot_failures += cmocka_run_group_tests_name("packed", tests, NULL, NULL))

/* The same, and on legacy slots for guests of either byte order. */
#define SLOT_RUN_TESTS(tests)                                                                      \
	(SLOT_RUN_MODERN_TESTS(tests), slot_packed = false,                                        \
	 slot_version = &vio_mmio_legacy_little,                                                   \
	 slot_failures += cmocka_run_group_tests_name("legacy, little", tests, NULL, NULL),        \
	 slot_version = &vio_mmio_legacy_big,                                                      \
	 slot_failures + cmocka_run_group_tests_name("legacy, big", tests, NULL, NULL))

/* Puts `device` into the slot of a fresh guest. */
void slot_attach(struct slot *slot, struct vio_device *device);

/* Negotiates, sets up the device's queues with `size` entries each, and sets DRIVER_OK. */
void slot_start(struct slot *slot, uint64_t features, uint16_t size);

/* The same of the queues alone, for a driver that has negotiated and has more to do. */
void slot_set_up_queues(struct slot *slot, uint16_t size);

/* From the driver's byte order to the CPU's, or back. */
uint16_t slot_wire16(uint16_t value);
uint32_t slot_wire32(uint32_t value);
uint64_t slot_wire64(uint64_t value);

/* Guest memory that nobody uses yet, aligned to 16. */
void *slot_alloc(struct slot *slot, uint32_t size);

/* The same for a ring, wherever it is set up. */
void *slot_alloc_ring(struct slot *slot, uint16_t size);

/* Serves until nothing is deferred. */
void slot_settle(struct slot *slot);

/* Makes a chain available and notifies; returns its head. */
int slot_send(struct slot *slot, unsigned queue, const struct vio_buffer *buffers, unsigned count);

/* The used length of the next used chain, whichever it is, or SLOT_PENDING. */
int64_t slot_used(struct slot *slot, unsigned queue);

/* Both: for one request at a time. */
int64_t slot_request(struct slot *slot, unsigned queue, const struct vio_buffer *buffers,
		     unsigned count);

/* Checks that the device needs a reset because of `error`, and that the driver was told. */
void slot_expect_failure(struct slot *slot, enum vio_error error);

#endif

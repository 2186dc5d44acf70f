/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bench of the fuzzers: a guest whose memory is watched byte by byte, one mmio slot with a
 * device in it, and a driver that does what the input says. Each target is this and one file that
 * puts a device on the bench; clang's libFuzzer, or replay.c, brings the inputs.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vio_mmio_state.h"

/* Guest memory. NEXT follows RAM for the guest but not for the root; ROM is not to be written. */
#define FUZZ_RAM        UINT64_C(0x40000000)
#define FUZZ_RAM_SIZE   0x10000
#define FUZZ_NEXT       (FUZZ_RAM + FUZZ_RAM_SIZE)
#define FUZZ_FAR        UINT64_C(0x1c0000000)
#define FUZZ_ROM        UINT64_C(0x80000000)
#define FUZZ_SMALL      0x2000 /* bytes of these three */

/*
 * In RAM: rings but for their descriptors, tables, and data. The first queues, which most devices
 * are content with, have a page each.
 */
#define FUZZ_QUEUES     3
#define FUZZ_QUEUES_MAX 10
#define FUZZ_RING_SIZE  UINT64_C(0x620)
#define FUZZ_RING(queue)                                                                           \
	(FUZZ_RAM + ((queue) < FUZZ_QUEUES ? (queue)*UINT64_C(0x1000)                              \
					   : 0x3000 + ((queue)-FUZZ_QUEUES) * FUZZ_RING_SIZE))
#define FUZZ_TABLE            (FUZZ_RAM + 0x6000)
#define FUZZ_DATA             (FUZZ_RAM + 0x8000)

#define FUZZ_PAGE             0x20 /* a legacy driver's: every ring starts one */

/* What must hold whatever the input says. */
#define fuzz_check(condition) ((condition) ? (void)0 : fuzz_broken(__FILE__, __LINE__, #condition))
_Noreturn void fuzz_broken(const char *file, int line, const char *what);

/* The input, byte by byte; 0 when it is used up. */
uint8_t fuzz_byte(void);
uint32_t fuzz_word(void); /* 4 bytes */

/* From the driver's byte order to the CPU's, or back. */
uint16_t fuzz_wire16(uint16_t value);
uint32_t fuzz_wire32(uint32_t value);
uint64_t fuzz_wire64(uint64_t value);

/* One piece of a buffer, of guest addresses; readable pieces come first. */
struct fuzz_piece {
	uint64_t addr;
	uint32_t len;
	bool writable;
};

/* The driver writes guest memory, or looks at it. */
void fuzz_put(uint64_t addr, const void *from, uint32_t len);
const void *fuzz_at(uint64_t addr, uint32_t len);

/* Makes a chain available, in the ring's format, in a table if `indirect`; does not notify. */
void fuzz_add(unsigned queue, const struct fuzz_piece *pieces, unsigned count, bool indirect);
/* Split: whatever descriptor `head` is. */
void fuzz_offer(unsigned queue, uint16_t head);
void fuzz_kick(unsigned queue);

/* Of a device that was just set up: adds, notifies, and serves; the used length, or -1. */
int64_t fuzz_request(unsigned queue, const struct fuzz_piece *pieces, unsigned count);

/* What a target says of its device. */
struct fuzz_device {
	/* A fresh device and backend, with the options that `variant` stands for. */
	struct vio_device *(*init)(unsigned variant);
	/* Something happens behind the device, or another piece of driver's work is done. */
	void (*act)(unsigned what);
	/* Makes a request of the device's own shape available, as fuzz_add() or wilder. */
	void (*request)(unsigned how);
	/* The backend answers all that it holds. */
	void (*let_go)(void);
	/* Right after the driver set the device up: it does what it should. */
	void (*works)(void);
	unsigned spans;     /* descriptors of one request at most */
	uint32_t moved_max; /* bytes the backend may be asked to move in one step */
};

extern const struct fuzz_device fuzz_device;

/* Backends count the bytes they are asked to move. */
void fuzz_moved(uint32_t bytes);

/* ---- Inside the bench ---- */

extern struct vio_memory fuzz_guest;
extern struct vio_mmio fuzz_slot;
extern struct vio_device *fuzz_dut; /* whether or not it is in the slot */

/* fuzz_memory.c: all memory of the guest is as a new guest finds it. */
void fuzz_memory_reset(void);
/* The device has a right to have written these bytes. */
void fuzz_memory_forgive(const volatile void *at, size_t len);
/* It has written no others. */
void fuzz_memory_check(void);
/* After `loads` more loads of the product's, what it loads is overwritten; 0: forget all this. */
void fuzz_memory_change(unsigned loads, uint64_t value);
/* From here on a load in four is: the state of a generator of numbers, 0: none. */
void fuzz_memory_storm(uint32_t seed);
extern unsigned fuzz_loads;

/* fuzz_requests.c: the requests that a device holds. */
void fuzz_requests_reset(void);
unsigned fuzz_requests_held(const struct vio_queue *queue);

/* fuzz_driver.c: no queue is set up. */
void fuzz_driver_reset(void);
uint32_t fuzz_read(uint32_t offset);
enum vio_mmio_outcome fuzz_write(uint32_t offset, uint32_t value);
/*
 * From reset to live queues, with these of the features offered, and, if it is to run, to
 * DRIVER_OK; false: the device did not agree.
 */
bool fuzz_bring_up(uint64_t features, unsigned size, bool run);
/* Where the driver has part 0 (which ends where a region does), 1 or 2 of a ring. */
uint64_t fuzz_ring_part(unsigned queue, unsigned part);
/* The next buffer used, and the length written; false: there is none. */
bool fuzz_take_used(unsigned queue, uint32_t *len);
/* Serves until the device wants no more. */
void fuzz_settle(void);

#endif

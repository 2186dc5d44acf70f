/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's own devices, driven by the root, for systems to put behind their guests': one UART,
 * a disk, a source of entropy and a clock. Each is found by its start function, or is not there.
 */
#ifndef HARDWARE_H
#define HARDWARE_H

#include "csprng.h"
#include "guest.h"
#include "machine.h"
#include "pl011.h"
#include "pl031.h"
#include "terminal.h"
#include "virtio_blk.h"
#include "virtio_probe.h"

struct hardware {
	struct pl011 uart;
	struct terminal terminal;
	struct virtio_blk disk;
	struct csprng entropy;
	struct pl031 clock;
};

extern struct hardware hardware;

/* The machine's virtio-mmio transports. */
const struct virtio_window *hardware_window(void);

/*
 * As virtio_find(), past those that a guest has; what is found is the root's, and with it all that
 * shares its page.
 */
int hardware_find(uint32_t id, struct vio_driver *driver);

/*
 * For struct pass: resets what stands in the page of virtio-mmio transports that is passed, so that
 * it lets go of memory.
 */
bool hardware_quiet_virtio(struct pass *pass);

/* For system_console(): the UART, which the root's own words go to. */
void hardware_console(const struct machine_device *uart);

/* From here on the UART calls `input_ready` and `output_ready` (pl011.h) out of its interrupt. */
void hardware_uart(void (*input_ready)(void *user), void (*output_ready)(void *user));

/*
 * From here on the UART is a terminal that several consoles share, the client's key being
 * TERMINAL_KEY, and the root's own words go through it.
 */
void hardware_terminal(void);

/*
 * Starts the machine's disk. `after`, or NULL, is called when an interrupt of it has been served.
 * False: there is none. One that does not work ends the machine, as below.
 */
bool hardware_disk(void (*after)(void));

/*
 * Starts the machine's source of entropy, which seeds `hardware.entropy`; `ready`, or NULL, is
 * called each time it has. False: there is none.
 */
bool hardware_entropy(void (*ready)(void));

/*
 * Waits for the source's first answer, so that every guest's device has entropy at once. Each root
 * does before its first guest runs: there is no waiting after that.
 */
void hardware_settle(void);

/* `size` random bytes, or 0 without a source. At the root's start it may wait, as above. */
uint32_t hardware_seed(void *to, uint32_t size);

/* Calls `second` each second, which takes time from the guests. False: the machine has no clock. */
bool hardware_clock(void (*second)(void *user));

#endif

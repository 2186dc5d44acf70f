/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Serves a disk of this guest to another one, by way of the root:
 *
 *	disk-server /dev/vda
 *
 * The memory between, and the bell, are those of the first doorbell in the device tree;
 * remote_disk_ring.h says what stands there. The bell is heard by the stream `doorbell` of a Virtio
 * console device.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/fs.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "doorbell.h"
#include "remote_disk_ring.h"

#define PATIENCE 1000 /* ms: then it looks whether anybody wants it still */

static struct doorbell doorbell;
static volatile struct remote_disk_ring *ring;
static uint8_t *bounce; /* the disk cannot reach the ring */
static int disk;
static int stream;

/* ---- The doorbell ---- */

static void open_doorbell(void)
{
	doorbell = doorbell_open(sizeof(*ring));
	ring = doorbell.buffer;
}

static bool is_doorbell(const char *path)
{
	char name[16] = "";
	FILE *file = fopen(path, "r");

	if (!file)
		return false;
	if (!fgets(name, sizeof(name), file))
		name[0] = '\0';
	fclose(file);
	return strcmp(name, "doorbell\n") == 0;
}

/* Each port's /sys/class/virtio-ports/PORT/name; the port itself is /dev/PORT. */
static void open_stream(void)
{
	char port[64];
	glob_t found;

	stream = -1;
	if (glob("/sys/class/virtio-ports/*/name", 0, NULL, &found) != 0)
		found.gl_pathc = 0;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		if (!is_doorbell(found.gl_pathv[i]))
			continue;
		sscanf(found.gl_pathv[i], "/sys/class/virtio-ports/%32[^/]", port + 5);
		memcpy(port, "/dev/", 5);
		stream = open(port, O_RDONLY | O_NONBLOCK);
	}
	if (stream < 0)
		errx(1, "there is no stream of the name `doorbell`");
}

static void wait_for_bell(void)
{
	struct pollfd heard = { .fd = stream, .events = POLLIN };
	char rings[16];

	if (poll(&heard, 1, PATIENCE) == 1 && read(stream, rings, sizeof(rings)) == 0)
		errx(1, "the stream of the doorbell has ended");
}

static void ring_bell(void)
{
	doorbell_ring(&doorbell, 1);
}

/* ---- The disk ---- */

static uint64_t open_disk(const char *path)
{
	uint64_t bytes = 0;
	int read_only = 0;

	disk = open(path, O_RDWR | O_DIRECT | O_EXCL);
	if (disk < 0)
		err(1, "%s", path);
	if (ioctl(disk, BLKGETSIZE64, &bytes) != 0 || ioctl(disk, BLKROGET, &read_only) != 0)
		err(1, "%s", path);
	if (read_only)
		errx(1, "%s is read-only", path);
	if (posix_memalign((void **)&bounce, 4096, REMOTE_DISK_BYTES) != 0)
		errx(1, "no memory");
	return bytes / REMOTE_DISK_SECTOR;
}

/* The ring is device memory to us: whole words, aligned. */
static void copy(volatile uint64_t *to, const volatile uint64_t *from, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes / 8; i++)
		to[i] = from[i];
}

static bool all(ssize_t moved, uint32_t bytes)
{
	return moved == (ssize_t)bytes;
}

static bool serve(unsigned n)
{
	volatile struct remote_disk_slot *slot = &ring->slots[n];
	volatile uint64_t *data = (volatile uint64_t *)ring->data[n];
	off_t at = (off_t)(slot->sector * REMOTE_DISK_SECTOR);
	uint32_t bytes = slot->bytes;
	uint32_t op = slot->op;

	if (bytes > REMOTE_DISK_BYTES)
		return false;
	switch (op) {
	case REMOTE_DISK_READ:
		if (!all(pread(disk, bounce, bytes, at), bytes))
			return false;
		copy(data, (uint64_t *)(void *)bounce, bytes);
		return true;
	case REMOTE_DISK_WRITE:
		copy((uint64_t *)(void *)bounce, data, bytes);
		return all(pwrite(disk, bounce, bytes, at), bytes);
	case REMOTE_DISK_FLUSH:
		return fdatasync(disk) == 0;
	default:
		return false;
	}
}

/* ---- Serving ---- */

static uint32_t hello;

static bool is_welcome(void)
{
	return ring->welcome == hello;
}

static void say_hello(uint64_t sectors)
{
	hello = ring->hello + 1 ? ring->hello + 1 : 1;
	for (unsigned n = 0; n < REMOTE_DISK_SLOTS; n++)
		ring->slots[n].answered = 0;
	ring->sectors = sectors;
	__sync_synchronize();
	ring->hello = hello;
	ring_bell();
	while (!is_welcome())
		wait_for_bell();
}

/* Whether there was something to do. */
static bool serve_all(void)
{
	bool any = false;

	for (unsigned n = 0; n < REMOTE_DISK_SLOTS; n++) {
		volatile struct remote_disk_slot *slot = &ring->slots[n];
		uint32_t asked = slot->asked;

		if (asked == 0 || asked == slot->answered)
			continue;
		__sync_synchronize();
		slot->status = serve(n) ? REMOTE_DISK_OK : 0;
		__sync_synchronize();
		slot->answered = asked;
		any = true;
	}
	if (any)
		ring_bell();
	return any;
}

int main(int argc, char **argv)
{
	uint64_t sectors = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: disk-server DISK\n");
		return 2;
	}
	open_doorbell();
	open_stream();
	sectors = open_disk(argv[1]);
	for (;;) {
		if (!is_welcome() || hello == 0)
			say_hello(sectors);
		if (!serve_all())
			wait_for_bell();
	}
}

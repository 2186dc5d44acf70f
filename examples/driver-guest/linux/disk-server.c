/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Serves a disk of this guest to another one, by way of the root:
 *
 *	disk-server /dev/vda
 *
 * The memory between, and the bell, are those of the first doorbell in the device tree, reached by
 * /dev/mem; remote_disk_ring.h says what stands there. The bell is heard by the stream `doorbell`
 *of a Virtio console device.
 */
#define _GNU_SOURCE
#include <errno.h>
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
#include <sys/mman.h>
#include <unistd.h>

#include "remote_disk_ring.h"

#define RING     0x0c /* of a doorbell's registers */
#define RING_NOW 1
#define PATIENCE 1000 /* ms: then it looks whether anybody wants it still */

static volatile uint8_t *doorbell;
static volatile struct remote_disk_ring *ring;
static uint8_t *bounce; /* the disk cannot reach the ring */
static int disk;
static int stream;

static void fail(const char *what)
{
	fprintf(stderr, "disk-server: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* ---- The doorbell ---- */

/* What the `index`th address and size of a node's reg property say. */
static void *map(int memory, const uint8_t *reg, unsigned index, uint64_t *size)
{
	uint64_t cells[2];
	void *at = NULL;

	for (unsigned i = 0; i < 2; i++) {
		cells[i] = 0;
		for (unsigned byte = 0; byte < 8; byte++)
			cells[i] = cells[i] << 8 | reg[index * 16 + i * 8 + byte];
	}
	*size = cells[1];
	at = mmap(NULL, cells[1], PROT_READ | PROT_WRITE, MAP_SHARED, memory, (off_t)cells[0]);
	if (at == MAP_FAILED)
		fail("mapping the doorbell");
	return at;
}

static void open_doorbell(void)
{
	int memory = open("/dev/mem", O_RDWR | O_SYNC);
	uint8_t reg[32];
	uint64_t size = 0;
	glob_t found;
	FILE *file = NULL;

	if (memory < 0)
		fail("/dev/mem");
	if (glob("/proc/device-tree/doorbell@*/reg", 0, NULL, &found) != 0)
		fail("there is no doorbell in the device tree");
	file = fopen(found.gl_pathv[0], "rb");
	if (!file || fread(reg, sizeof(reg), 1, file) != 1)
		fail("the doorbell has no buffer");
	fclose(file);
	doorbell = map(memory, reg, 0, &size);
	ring = map(memory, reg, 1, &size);
	if (size < sizeof(*ring))
		fail("the doorbell's buffer is too small");
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
		fail("the stream of the doorbell");
}

static void wait_for_bell(void)
{
	struct pollfd heard = { .fd = stream, .events = POLLIN };
	char rings[16];

	if (poll(&heard, 1, PATIENCE) == 1 && read(stream, rings, sizeof(rings)) == 0)
		fail("the stream of the doorbell has ended");
}

static void ring_bell(void)
{
	__sync_synchronize();
	*(volatile uint32_t *)(doorbell + RING) = RING_NOW;
}

/* ---- The disk ---- */

static uint64_t open_disk(const char *path)
{
	uint64_t bytes = 0;
	int read_only = 0;

	disk = open(path, O_RDWR | O_DIRECT | O_EXCL);
	if (disk < 0)
		fail(path);
	if (ioctl(disk, BLKGETSIZE64, &bytes) != 0 || ioctl(disk, BLKROGET, &read_only) != 0)
		fail(path);
	if (read_only) {
		errno = EROFS;
		fail(path);
	}
	if (posix_memalign((void **)&bounce, 4096, REMOTE_DISK_BYTES) != 0)
		fail("memory");
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

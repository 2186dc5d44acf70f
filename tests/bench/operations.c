/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The operations that `make bench` counts, run inside a Linux guest between the markers of
 * tools/measure. Prints "operation NAME COUNT" before each interval, so that whoever reads the
 * intervals knows what they were; "operations done" at the end.
 *
 * usage: operations BLOCK-DEVICE CONSOLE MMIO-ADDRESS
 *        operations boot      only says that the system is up
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#define BLOCK_SPAN (8u << 20) /* bytes of the disk that are touched */

static void begin(const char *name, unsigned count)
{
	printf("\noperation %s %u\n", name, count);
	fflush(stdout);
	tcdrain(STDOUT_FILENO);
	__asm__ volatile(".inst 0xd296003f" ::: "memory");
}

static void end(void)
{
	__asm__ volatile(".inst 0xd296005f" ::: "memory");
}

static void fail(const char *what)
{
	printf("operations: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void block(const char *name, const char *path, bool write, size_t size, unsigned count)
{
	int fd = open(path, (write ? O_WRONLY : O_RDONLY) | O_DIRECT);
	void *buffer = NULL;
	unsigned i;

	if (fd < 0)
		fail(path);
	if (posix_memalign(&buffer, 4096, size) != 0)
		fail("memory");
	memset(buffer, 0x5a, size);

	/* The first operation warms what the driver sets up once. */
	for (i = 0; i <= count; i++) {
		off_t at = (off_t)(i * size % BLOCK_SPAN);
		ssize_t moved;

		if (i == 1)
			begin(name, count);
		moved = write ? pwrite(fd, buffer, size, at) : pread(fd, buffer, size, at);
		if (moved != (ssize_t)size)
			fail(name);
	}
	end();
	free(buffer);
	close(fd);
}

static void console(const char *name, const char *path, size_t size, unsigned count)
{
	int fd = open(path, O_WRONLY | O_NOCTTY);
	struct termios raw;
	char text[1024];
	size_t i;

	if (fd < 0 || tcgetattr(fd, &raw) != 0)
		fail(path);
	cfmakeraw(&raw);
	tcsetattr(fd, TCSANOW, &raw);
	for (i = 0; i < size; i++)
		text[i] = i % 64 == 63 ? '\n' : (char)('A' + i % 26);

	begin(name, count);
	while (count-- != 0) {
		size_t done = 0;

		while (done < size) {
			ssize_t wrote = write(fd, text + done, size - done);

			if (wrote > 0)
				done += (size_t)wrote;
			else if (errno != EAGAIN)
				fail(name);
		}
	}
	tcdrain(fd);
	end();
	close(fd);
}

/* Reads MagicValue, writes DeviceFeaturesSel of an empty slot. */
static void mmio(unsigned long address, unsigned count)
{
	int fd = open("/dev/mem", O_RDWR | O_SYNC);
	volatile uint32_t *slot;
	unsigned i;
	char *page;

	if (fd < 0)
		fail("/dev/mem");
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)(address & ~4095ul));
	if (page == MAP_FAILED)
		fail("mapping the slot");
	slot = (volatile uint32_t *)(void *)(page + (address & 4095));
	if (slot[0] != 0x74726976)
		fail("no virtio slot there");

	begin("mmio_read", count);
	for (i = 0; i < count; i++)
		(void)slot[0];
	end();
	begin("mmio_write", count);
	for (i = 0; i < count; i++)
		slot[5] = 0;
	end();
	close(fd);
}

int main(int argc, char **argv)
{
	__asm__ volatile(".inst 0xd296007f" ::: "memory");
	if (argc == 2)
		return 0;
	if (argc != 4) {
		fprintf(stderr, "usage: operations BLOCK-DEVICE CONSOLE MMIO-ADDRESS\n");
		return 2;
	}
	mmio(strtoul(argv[3], NULL, 0), 64);
	block("blk_read_4k", argv[1], false, 4096, 32);
	block("blk_write_4k", argv[1], true, 4096, 32);
	block("blk_read_1m", argv[1], false, 1 << 20, 4);
	block("blk_write_1m", argv[1], true, 1 << 20, 4);
	console("con_write_16", argv[2], 16, 32);
	console("con_write_1k", argv[2], 1024, 16);
	printf("operations done\n");
	return 0;
}

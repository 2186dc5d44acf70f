/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The operations that `make bench` counts, run inside a Linux guest between the markers of
 * tools/measure. Prints "operation NAME COUNT" for each interval, so that whoever reads the
 * intervals knows what they were; "operations done" at the end.
 *
 * usage: operations BLOCK-DEVICE CONSOLE MMIO-ADDRESS   0: no register of a device
 *        operations network ADDRESS   of the root, with its option iperf
 *        operations boot      only says that the system is up
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <termios.h>
#include <unistd.h>

#define BLOCK_SPAN (8u << 20) /* bytes of the disk that are touched */

static void say(const char *name, unsigned count)
{
	printf("\noperation %s %u\n", name, count);
	fflush(stdout);
	tcdrain(STDOUT_FILENO);
}

/* The markers: instructions that do nothing. */
#ifdef __mips__
#define MARK(n) __asm__ volatile("ori $0, $0, 0xb00" #n ::: "memory")
#else
#define MARK(n) __asm__ volatile("movz xzr, #0xb00" #n ::: "memory")
#endif

static void begin(const char *name, unsigned count)
{
	say(name, count);
	MARK(1);
}

static void end(void)
{
	MARK(2);
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

/* ---- The network ---- */

#define STREAM (16u << 20) /* bytes of TCP */
#define DRAIN  5001
#define SOURCE 5002

static struct sockaddr_in at_port(const char *address, uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };

	if (inet_pton(AF_INET, address, &at.sin_addr) != 1)
		fail(address);
	return at;
}

static uint16_t sum(const uint16_t *words, unsigned count)
{
	uint32_t total = 0;

	while (count-- != 0)
		total += *words++;
	total = (total & 0xffff) + (total >> 16);
	return (uint16_t) ~(total + (total >> 16));
}

/* Echo requests with `size` bytes of data, one after the other. */
static void ping(const char *name, const char *address, unsigned size, unsigned count)
{
	struct sockaddr_in to = at_port(address, 0);
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	uint16_t request[(8 + 1024) / 2] = { htons(0x0800) };
	uint8_t reply[2048];
	unsigned i;

	if (fd < 0)
		fail("a raw socket");
	for (i = 0; i <= count; i++) {
		request[3] = htons((uint16_t)i);
		request[1] = 0;
		request[1] = sum(request, (8 + size) / 2);
		if (i == 1)
			begin(name, count);
		if (sendto(fd, request, 8 + size, 0, (struct sockaddr *)&to, sizeof(to)) < 0 ||
		    recv(fd, reply, sizeof(reply), 0) != (ssize_t)(20 + 8 + size))
			fail(name);
	}
	end();
	close(fd);
}

static int connected(const char *address, uint16_t port)
{
	struct sockaddr_in to = at_port(address, port);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		fail("connecting to the root");
	return fd;
}

/* Bytes that can be had until the other side has no more. */
static unsigned drain(int fd, void *buffer, size_t size)
{
	unsigned total = 0;
	ssize_t got;

	while ((got = recv(fd, buffer, size, 0)) > 0)
		total += (unsigned)got;
	return total;
}

static void tcp_up(const char *address)
{
	static char data[1 << 20];
	int fd = connected(address, DRAIN);
	unsigned sent;

	begin("tcp_up", STREAM);
	for (sent = 0; sent < STREAM; sent += sizeof(data)) {
		if (send(fd, data, sizeof(data), 0) != sizeof(data))
			fail("tcp_up");
	}
	shutdown(fd, SHUT_WR);
	drain(fd, data, sizeof(data));
	end();
	close(fd);
}

static void tcp_down(const char *address)
{
	static char data[1 << 16];
	int fd = connected(address, SOURCE);
	unsigned got = 0;
	ssize_t n;

	begin("tcp_down", STREAM);
	while (got < STREAM) {
		n = recv(fd, data, sizeof(data), 0);
		if (n <= 0)
			fail("tcp_down");
		got += (unsigned)n;
	}
	end();
	close(fd);
}

int main(int argc, char **argv)
{
	MARK(3);
	if (argc == 2)
		return 0;
	if (argc == 3) {
		ping("ping_56", argv[2], 56, 64);
		tcp_up(argv[2]);
		tcp_down(argv[2]);
		return 0;
	}
	if (argc != 4) {
		fprintf(stderr, "usage: operations BLOCK-DEVICE CONSOLE MMIO-ADDRESS\n");
		return 2;
	}
	if (strtoul(argv[3], NULL, 0) != 0)
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

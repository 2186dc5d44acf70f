/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sends bytes by TCP to who sends them back, and compares, both at once.
 *
 * usage: echo ADDRESS PORT MEBIBYTES
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK 65536

static uint32_t sent_state = 1, got_state = 1;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

/* The next bytes of a sequence that does not repeat before 16 GiB. */
static void fill(uint32_t *state, uint8_t *chunk)
{
	uint32_t i;

	for (i = 0; i < CHUNK; i += sizeof(*state)) {
		*state = *state * 1664525u + 1013904223u;
		memcpy(chunk + i, state, sizeof(*state));
	}
}

static void send_all(int fd, unsigned long chunks)
{
	static uint8_t chunk[CHUNK];
	size_t done;
	ssize_t n;

	while (chunks-- != 0) {
		fill(&sent_state, chunk);
		for (done = 0; done < CHUNK; done += (size_t)n) {
			n = write(fd, chunk + done, CHUNK - done);
			if (n <= 0)
				fail("sending");
		}
	}
	shutdown(fd, SHUT_WR);
	exit(0);
}

int main(int argc, char **argv)
{
	static uint8_t got[CHUNK], wanted[CHUNK];
	struct sockaddr_in to = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	unsigned long chunks, i;
	size_t done;
	ssize_t n;

	if (argc != 4 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
		return 2;
	to.sin_port = htons((uint16_t)atoi(argv[2]));
	chunks = strtoul(argv[3], NULL, 0) * 16;
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		fail("connecting");
	if (fork() == 0)
		send_all(fd, chunks);
	for (i = 0; i < chunks; i++) {
		for (done = 0; done < CHUNK; done += (size_t)n) {
			n = read(fd, got + done, CHUNK - done);
			if (n <= 0)
				fail("receiving");
		}
		fill(&got_state, wanted);
		if (memcmp(got, wanted, CHUNK) != 0) {
			printf("chunk %lu is another\n", i);
			return 1;
		}
	}
	n = read(fd, got, 1);
	if (n < 0)
		fail("the end");
	printf("%s\n", n == 0 ? "the same, and no more" : "more than was sent");
	return 0;
}

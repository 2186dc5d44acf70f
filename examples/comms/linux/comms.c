/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The asker as a program of a Linux guest: finds its doorbell in the device tree and reaches page
 * and buffer by /dev/mem. It has no interrupt there, so it looks for the answer: at once, for an
 * answerer of a higher priority has run before its ring returns, and then each millisecond.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "figures.h"

#define RING 0x0c

static volatile uint8_t *page;

static void fail(const char *what)
{
	fprintf(stderr, "comms: %s: %s\n", what, strerror(errno));
	exit(1);
}

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
		fail("mapping a doorbell");
	return at;
}

static volatile struct channel *open_channel(void)
{
	int memory = open("/dev/mem", O_RDWR | O_SYNC);
	volatile struct channel *channel = NULL;
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
	page = map(memory, reg, 0, &size);
	channel = map(memory, reg, 1, &size);
	if (size < sizeof(*channel) + FIGURES_BLOCK)
		fail("the buffer is too small");
	return channel;
}

static void ask(volatile struct channel *channel, uint32_t when)
{
	uint32_t number = channel->asked + 1;

	__sync_synchronize();
	channel->asked = number;
	__sync_synchronize();
	*(volatile uint32_t *)(page + RING) = when;
	while (channel->answered != number)
		usleep(1000);
	__sync_synchronize();
}

static uint64_t ticks(void)
{
	uint64_t value = 0;

	__asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(value)::"memory");
	return value;
}

static void say(const char *name, uint64_t value, const char *unit)
{
	printf("comms: linux-to-bare %s %" PRIu64 " %s\n", name, value, unit);
}

int main(void)
{
	static const struct figures figures = { .ask = ask, .ticks = ticks, .say = say };

	figures_measure(&figures, open_channel());
	return 0;
}

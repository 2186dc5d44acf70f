/* SPDX-License-Identifier: BSD-2-Clause */
#include "doorbell.h"

#include <err.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* A number of two cells. */
static uint64_t number(const uint8_t bytes[8])
{
	uint64_t value = 0;

	for (unsigned i = 0; i < 8; i++)
		value = value << 8 | bytes[i];
	return value;
}

/* What an address and size of a node's reg property say. */
static void *map(int memory, const uint8_t range[16])
{
	void *at = mmap(NULL, number(range + 8), PROT_READ | PROT_WRITE, MAP_SHARED, memory,
			(off_t)number(range));

	if (at == MAP_FAILED)
		err(1, "mapping the doorbell");
	return at;
}

struct doorbell doorbell_open(uint64_t size)
{
	struct doorbell doorbell;
	uint8_t reg[32];
	glob_t found;
	FILE *file = NULL;
	int memory = open("/dev/mem", O_RDWR | O_SYNC);

	if (memory < 0)
		err(1, "/dev/mem");
	if (glob("/proc/device-tree/doorbell@*/reg", 0, NULL, &found) != 0)
		errx(1, "there is no doorbell in the device tree");
	file = fopen(found.gl_pathv[0], "rb");
	if (!file || fread(reg, sizeof(reg), 1, file) != 1)
		errx(1, "the doorbell has no buffer");
	fclose(file);
	globfree(&found);
	if (number(reg + 24) < size)
		errx(1, "the doorbell's buffer is too small");
	doorbell.registers = map(memory, reg);
	doorbell.buffer = map(memory, reg + 16);
	close(memory);
	return doorbell;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "doorbell.h"

#include <endian.h>
#include <err.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* What an address and size of a node's reg property say, which are big-endian. */
static void *map(int memory, const uint64_t range[2])
{
	void *at = mmap(NULL, be64toh(range[1]), PROT_READ | PROT_WRITE, MAP_SHARED, memory,
			(off_t)be64toh(range[0]));

	if (at == MAP_FAILED)
		err(1, "mapping the doorbell");
	return at;
}

struct doorbell doorbell_open(uint64_t size)
{
	struct doorbell doorbell;
	uint64_t reg[4];
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
	if (be64toh(reg[3]) < size)
		errx(1, "the doorbell's buffer is too small");
	doorbell.registers = map(memory, reg);
	doorbell.buffer = map(memory, reg + 2);
	close(memory);
	return doorbell;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clears a part of a block device with the kernel's request for that, which no tool of the guest's
 * makes: write zeroes, with unmap if `punch` is given.
 *
 * usage: clear BLOCK-DEVICE OFFSET BYTES [punch]
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	int mode = FALLOC_FL_KEEP_SIZE | (argc > 4 ? FALLOC_FL_PUNCH_HOLE : FALLOC_FL_ZERO_RANGE);
	int fd = argc > 3 ? open(argv[1], O_RDWR) : -1;

	if (fd < 0 || fallocate(fd, mode, atoll(argv[2]), atoll(argv[3])) != 0) {
		perror("clear");
		return 1;
	}
	return 0;
}

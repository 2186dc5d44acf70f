/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes the host's file `upper` from `lower`, in capitals. Then it tries what it may not, and says
 * what came back.
 */
#include <stdbool.h>

#include "host.h"

/* Board v1, docs/board.md. */
#define UART             UINT64_C(0x09000000)
#define UART_WORD        (*(volatile uint32_t *)UART)

#define ERROR_BAD_HANDLE 9
#define ERROR_NO_ACCESS  13
#define ERROR_BAD_VALUE  22
#define ERROR_TOO_MANY   24

#define NAME(text)       text, sizeof(text) - 1

void guest_main(void);

static void print(const char *text)
{
	while (*text != '\0')
		UART_WORD = (uint8_t)*text++;
}

static void check(const char *name, bool good)
{
	print(good ? "ok " : "not ok ");
	print(name);
	print("\n");
}

static int64_t convert(int64_t from, int64_t to)
{
	static char buffer[4096];
	int64_t total = 0;
	int64_t got = 0;

	while ((got = host_read(from, buffer, sizeof(buffer))) > 0) {
		for (int64_t i = 0; i < got; i++) {
			if (buffer[i] >= 'a' && buffer[i] <= 'z')
				buffer[i] = (char)(buffer[i] - 'a' + 'A');
		}
		if (host_write(to, buffer, (uint64_t)got) != got)
			return -1;
		total += got;
	}
	return got < 0 ? got : total;
}

static void try_wild_arguments(int64_t open)
{
	char byte = 0;
	int64_t files[8];
	unsigned count = 0;

	check("74 a handle of nobody", host_read(7, &byte, 1) == -ERROR_BAD_HANDLE);
	check("74 a handle beyond all", host_read(INT64_MIN, &byte, 1) == -ERROR_BAD_HANDLE);
	check("74 an address beyond all",
	      host_read(open, (void *)(UINTPTR_MAX - 3), 8) == -ERROR_BAD_VALUE);
	check("74 a device's registers",
	      host_write(open, (const void *)UART, 8) == -ERROR_BAD_VALUE);
	check("74 a name that is nowhere",
	      host_open((const char *)16, 8, HOST_TO_READ) == -ERROR_BAD_VALUE);
	check("74 a mode that is none", host_open(NAME("lower"), 9) == -ERROR_BAD_VALUE);
	check("74 a file of the host's root",
	      host_open(NAME("/etc/passwd"), HOST_TO_READ) == -ERROR_NO_ACCESS);
	check("74 a file above the folder",
	      host_open(NAME("x/../../secret"), HOST_TO_READ) == -ERROR_NO_ACCESS);
	while (count < 8 && (files[count] = host_open(NAME("lower"), HOST_TO_READ)) >= 0)
		count++;
	check("74 so many files and no more", count == 7 && files[7] == -ERROR_TOO_MANY);
	while (count-- > 0)
		host_close(files[count]);
}

void guest_main(void)
{
	int64_t from = host_open(NAME("lower"), HOST_TO_READ);
	int64_t to = 0;

	if (from < 0) {
		print("there are no files for this guest\n");
		return;
	}
	to = host_open(NAME("upper"), HOST_TO_WRITE);
	check("files are opened", to >= 0);
	check("all of it is written", convert(from, to) == host_size(from));
	check("read again from the start", host_seek(from, 0) == 0);
	host_close(to);
	try_wild_arguments(from);
	check("closed", host_close(from) == 0);
	check("and closed is closed", host_close(from) == -ERROR_BAD_HANDLE);
	print("done\n");
}

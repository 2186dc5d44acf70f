/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls the hyperlibrary with what makes sense and with what does not, and says what came back. */
#include <stdbool.h>

#include "note.h"

/* Board v1, docs/board.md. */
#define UART      UINT64_C(0x09000000)
#define UART_WORD (*(volatile uint32_t *)UART)
#define RAM       UINT64_C(0x40000000)

void guest_main(void);
int64_t raw_call(uint64_t function, uint64_t a, uint64_t b, uint64_t c, uint64_t d);

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

static const void *at(uint64_t address)
{
	return (const void *)address;
}

static void *to(uint64_t address)
{
	return (void *)address;
}

static void test_notes(void)
{
	static const char written[] = "kept by the root";
	char read[NOTE_MAX] = "";
	int64_t version = note_version();
	bool same = true;

	check("a note is written", note_write(written, sizeof(written)) == 0);
	check("and counted", note_version() == version + 1);
	check("and read", note_read(read, sizeof(read)) == sizeof(written));
	for (unsigned i = 0; i < sizeof(written); i++)
		same = same && read[i] == written[i];
	check("as it was written", same);
	check("a part of it is read", note_read(read, 4) == 4);
}

static void test_wild_arguments(void)
{
	int64_t version = note_version();

	check("74 a length beyond all", note_write(at(RAM), SIZE_MAX) == NOTE_TOO_LONG);
	check("74 an address beyond all", note_write(at(UINT64_MAX), 8) == NOTE_BAD_ADDRESS);
	check("74 an address that wraps", note_read(to(UINT64_MAX - 3), 8) == NOTE_BAD_ADDRESS);
	check("74 a device's registers", note_write(at(UART), 8) == NOTE_BAD_ADDRESS);
	check("74 memory below the guest's", note_read(to(RAM - 4), 8) == NOTE_BAD_ADDRESS);
	check("74 what the root lies at", note_read(to(0), 8) == NOTE_BAD_ADDRESS);
	check("74 none of this wrote", note_version() == version);
	check("74 a function that is not there", raw_call(0xc6004000, 0, 0, 0, 0) == -1);
	check("74 the last number", raw_call(0xc600feff, ~0UL, ~0UL, ~0UL, ~0UL) == -1);
	check("74 a call of 32 bits", raw_call(0x86004000, 0, 0, 0, 0) == -1);
}

void guest_main(void)
{
	print("calling\n");
	test_notes();
	test_wild_arguments();
	print("done\n");
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The root's end of note.h, whose prototypes are the guest's: see hyperlibrary.h for these. */
#include "hyperlibrary.h"

#define NOTE_MAX         64
#define NOTE_BAD_ADDRESS (-2)
#define NOTE_TOO_LONG    (-3)

hyperlibrary_function note_write, note_read, note_version;

static uint8_t note[NOTE_MAX];
static uint32_t length;
static uint32_t version;

int64_t note_write(struct vcpu *caller, uint64_t from, uint64_t len, uint64_t c, uint64_t d)
{
	const void *data;

	if (len > NOTE_MAX)
		return NOTE_TOO_LONG;
	data = hyperlibrary_at(caller, from, len, VIO_ACCESS_READ);
	if (!data)
		return NOTE_BAD_ADDRESS;
	memcpy(note, data, len);
	length = (uint32_t)len;
	version++;
	return 0;
}

int64_t note_read(struct vcpu *caller, uint64_t to, uint64_t len, uint64_t c, uint64_t d)
{
	void *data;

	if (len > length)
		len = length;
	data = hyperlibrary_at(caller, to, len, VIO_ACCESS_WRITE);
	if (!data)
		return NOTE_BAD_ADDRESS;
	memcpy(data, note, len);
	return (int64_t)len;
}

int64_t note_version(struct vcpu *caller, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	return version;
}

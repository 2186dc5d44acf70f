/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The example of a hyperlibrary, as a guest sees it: a note that the root keeps, and that outlives
 * the guest. Addresses are the guest's physical ones.
 */
#ifndef NOTE_H
#define NOTE_H

#include <stddef.h>
#include <stdint.h>

#define NOTE_MAX         64 /* bytes */

#define NOTE_BAD_ADDRESS (-2)
#define NOTE_TOO_LONG    (-3)

/* Keeps a copy of `len` bytes in the place of what was kept; 0, or one of the errors. */
int64_t note_write(const void *from, size_t len);

/* Copies at most `len` bytes of the note; how many, or NOTE_BAD_ADDRESS. */
int64_t note_read(void *to, size_t len);

/* How often the note was written, by whomever. */
int64_t note_version(void);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's memory. Its regions lie far apart in an arena that is poisoned between them, so that
 * a byte beside them cannot be touched; the read-only one is mapped read-only. Of the others there
 * is a copy with what driver and device had a right to write: any difference is the device's fault.
 */
#define _DEFAULT_SOURCE
#include <sanitizer/asan_interface.h>
#include <sys/mman.h>

#include "fuzz.h"
#include "vio_guest.h"

#define GUARD 0x10000

enum part_at {
	RAM_AT = GUARD,
	NEXT_AT = RAM_AT + FUZZ_RAM_SIZE + GUARD,
	FAR_AT = NEXT_AT + FUZZ_SMALL + GUARD,
	ROM_AT = FAR_AT + FUZZ_SMALL + GUARD,
	ARENA = ROM_AT + FUZZ_SMALL + GUARD,
};

static const struct part {
	uint64_t base;
	uint32_t at;
	uint32_t size;
	unsigned access;
} parts[] = {
	{ FUZZ_RAM, RAM_AT, FUZZ_RAM_SIZE / 2, VIO_ACCESS_READ_WRITE },
	{ FUZZ_RAM + FUZZ_RAM_SIZE / 2, RAM_AT + FUZZ_RAM_SIZE / 2, FUZZ_RAM_SIZE / 2,
	  VIO_ACCESS_READ_WRITE },
	{ FUZZ_NEXT, NEXT_AT, FUZZ_SMALL, VIO_ACCESS_READ_WRITE },
	{ FUZZ_FAR, FAR_AT, FUZZ_SMALL, VIO_ACCESS_READ_WRITE },
	{ FUZZ_ROM, ROM_AT, FUZZ_SMALL, VIO_ACCESS_READ },
};

#define ROM_PART 4

static _Alignas(0x1000) uint8_t arena[ARENA];
static uint8_t copy[ARENA];
static struct vio_region regions[VIO_ARRAY_SIZE(parts)];

struct vio_memory fuzz_guest;
unsigned fuzz_loads;

static struct {
	unsigned at; /* of fuzz_loads; 0: free */
	uint64_t value;
} changes[8];
static uint32_t storm;

/* A descriptor table and an available ring that a driver may point a queue at. */
static void write_rom(void)
{
	uint16_t avail[20] = { 0, vio_le16(3), 0, vio_le16(4), vio_le16(8) };
	unsigned i = 0;

	for (i = 0; i < 16; i++) {
		struct vio_desc desc = { .addr = vio_le64(FUZZ_DATA + i * 0x100),
					 .len = vio_le32(0x100),
					 .flags = vio_le16(i % 4 == 3 ? VIO_DESC_F_WRITE
								      : VIO_DESC_F_NEXT),
					 .next = vio_le16((uint16_t)(i + 1)) };

		memcpy(arena + ROM_AT + i * sizeof(desc), &desc, sizeof(desc));
	}
	memcpy(arena + ROM_AT + 0x800, avail, sizeof(avail));
}

static void prepare(void)
{
	unsigned i = 0;

	write_rom();
	fuzz_check(mprotect(arena + ROM_AT, FUZZ_SMALL, PROT_READ) == 0);
	ASAN_POISON_MEMORY_REGION(arena, sizeof(arena));
	vio_memory_init(&fuzz_guest, regions, VIO_ARRAY_SIZE(regions));
	for (i = 0; i < VIO_ARRAY_SIZE(parts); i++) {
		ASAN_UNPOISON_MEMORY_REGION(arena + parts[i].at, parts[i].size);
		fuzz_check(vio_memory_add(&fuzz_guest,
					  (struct vio_region){ .base = parts[i].base,
							       .size = parts[i].size,
							       .data = arena + parts[i].at,
							       .access = parts[i].access }));
	}
}

void fuzz_memory_reset(void)
{
	unsigned i = 0;

	if (fuzz_guest.count == 0)
		prepare();
	for (i = 0; i < ROM_PART; i++) {
		memset(arena + parts[i].at, 0, parts[i].size);
		memset(copy + parts[i].at, 0, parts[i].size);
	}
	memset(changes, 0, sizeof(changes));
	storm = 0;
	fuzz_loads = 0;
}

/* Offset in the arena, or ARENA. */
static size_t locate(uint64_t addr, uint32_t len)
{
	unsigned i = 0;

	for (i = 0; i < fuzz_guest.count; i++) {
		const struct vio_region *region = &fuzz_guest.regions[i];

		if (addr >= region->base && addr + len <= region->base + region->size)
			return (size_t)(region->data - arena) + (addr - region->base);
	}
	return ARENA;
}

static bool is_rom(size_t at)
{
	return at >= ROM_AT;
}

void fuzz_put(uint64_t addr, const void *from, uint32_t len)
{
	size_t at = locate(addr, len);

	if (is_rom(at))
		return;
	memcpy(arena + at, from, len);
	memcpy(copy + at, from, len);
}

const void *fuzz_at(uint64_t addr, uint32_t len)
{
	size_t at = locate(addr, len);

	fuzz_check(at != ARENA);
	return arena + at;
}

void fuzz_memory_forgive(const volatile void *where, size_t len)
{
	size_t at = (size_t)((uintptr_t)where - (uintptr_t)arena);

	fuzz_check(at < ARENA && len <= ARENA - at);
	if (!is_rom(at))
		memcpy(copy + at, arena + at, len);
}

void fuzz_memory_check(void)
{
	unsigned i = 0;

	for (i = 0; i < ROM_PART; i++)
		fuzz_check(memcmp(arena + parts[i].at, copy + parts[i].at, parts[i].size) == 0);
}

/* ---- Another CPU of the guest ---- */

void fuzz_memory_change(unsigned loads, uint64_t value)
{
	unsigned i = 0;

	for (i = 0; i < VIO_ARRAY_SIZE(changes); i++) {
		if (loads == 0) {
			changes[i].at = 0;
		} else if (changes[i].at <= fuzz_loads) {
			changes[i].at = fuzz_loads + loads;
			changes[i].value = value;
			return;
		}
	}
}

void fuzz_memory_storm(uint32_t seed)
{
	storm = seed;
}

static void change(size_t at, size_t size, uint64_t value)
{
	if (is_rom(at))
		return;
	memcpy(arena + at, &value, size);
	memcpy(copy + at, &value, size);
}

void vio_guest_loaded(const volatile void *address, size_t size)
{
	size_t at = (size_t)((uintptr_t)address - (uintptr_t)arena);
	uint64_t value = 0;
	unsigned i = 0;

	if (size == 0)
		return; /* a fence */
	fuzz_check(at < ARENA && size <= sizeof(value) && at % size == 0);
	fuzz_loads++;
	for (i = 0; i < VIO_ARRAY_SIZE(changes); i++) {
		if (changes[i].at == fuzz_loads)
			change(at, size, changes[i].value);
	}
	if (storm == 0)
		return;
	storm ^= storm << 13;
	storm ^= storm >> 17;
	storm ^= storm << 5;
	if (storm % 4 == 0) {
		memcpy(&value, arena + at, size);
		change(at, size, value ^ UINT64_C(1) << (storm >> 8) % (8 * size));
	}
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "device_options.h"

#include <inttypes.h>

#include "guest.h"
#include "machine.h"
#include "options.h"
#include "pages.h"
#include "root.h"
#include "text.h"

#define PAGE 4096

static const char *find(const char *name)
{
	const char *value;

	return options_find(machine.bootargs, name, &value) ? value : NULL;
}

/* ---- Slots ---- */

static const struct slot_kind {
	const char *word;
	const struct vio_mmio_version *version; /* NULL: 2 */
	uint64_t withheld;                      /* features */
} slot_kinds[] = {
	{ "packed", NULL, 0 },
	{ "split", NULL, VIO_BIT(VIO_F_RING_PACKED) },
	{ "legacy", VIO_MMIO_LEGACY, 0 },
};

static const struct slot_kind *read_slot_kind(const char *value)
{
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(slot_kinds); i++) {
		if (options_is(value, slot_kinds[i].word))
			return &slot_kinds[i];
	}
	root_fatal("virtio= is none of packed, split and legacy");
}

static uint32_t read_slots(unsigned count)
{
	const char *value = find("virtio-slots");
	uint32_t slots = 0;
	char *end;

	if (!value)
		return UINT32_MAX;
	for (;; value = end + 1) {
		unsigned long slot = strtoul(value, &end, 10);

		if (end == value || slot >= count)
			root_fatal("virtio-slots= is no list of slots from 0 to %u", count - 1);
		slots |= UINT32_C(1) << slot;
		if (*end != ',')
			return slots;
	}
}

void device_options_slots(const struct vio_mmio_window *window, const struct vio_memory *memory)
{
	const char *value = find("virtio");
	const struct slot_kind *kind;
	uint32_t chosen;

	if (!value)
		return;
	kind = read_slot_kind(value);
	chosen = read_slots(window->count);
	for (unsigned i = 0; i < window->count; i++) {
		struct vio_mmio *slot = &window->slots[i];

		if ((chosen >> i & 1) == 0)
			continue;
		slot->version = kind->version;
		slot->withheld = kind->withheld;
		vio_mmio_attach(slot, slot->device, memory);
	}
}

/* ---- Console ---- */

void device_options_size(uint16_t *cols, uint16_t *rows)
{
	const char *value = find("console");
	char *end;

	*cols = 0;
	*rows = 0;
	if (!value)
		return;
	*cols = (uint16_t)strtoul(value, &end, 10);
	if (*end != 'x' || !*cols)
		root_fatal("console= is no size such as 80x25");
	*rows = (uint16_t)strtoul(end + 1, &end, 10);
}

const char *device_options_port(void)
{
	const char *value = find("port");
	static char name[32];
	size_t len = 0;

	if (!value)
		return NULL;
	while (value[len] && value[len] != ' ')
		len++;
	if (len == 0 || len >= sizeof(name))
		root_fatal("port= is no name of 1 to 31 characters");
	memcpy(name, value, len);
	return name;
}

/* ---- Entropy ---- */

uint32_t device_options_rng_rate(void)
{
	const char *value = find("rng");
	uint64_t rate;

	if (!value || options_is(value, "off") || options_is(value, "fixed"))
		return 0;
	rate = options_size(value);
	if (!rate || rate > UINT32_MAX)
		root_fatal("rng= is neither off nor fixed, nor a number of bytes a second");
	return (uint32_t)rate;
}

/* ---- Disk ---- */

bool device_options_ramdisk(struct vio_ramdisk *ramdisk, struct vio_blk_disk *says)
{
	const char *value = find("disk");
	uint64_t size;
	uint64_t at;

	if (!value || strnlen(value, 4) < 4 || memcmp(value, "ram:", 4) != 0)
		return false;
	size = options_size(value + 4);
	if (!size || size % VIO_BLK_SECTOR)
		root_fatal("disk=ram: is followed by no size in multiples of %u bytes",
			   VIO_BLK_SECTOR);
	at = pages_take(size, PAGE);
	if (at == PAGES_NONE)
		root_fatal("the RAM disk does not fit: %" PRIu64 " bytes, and %" PRIu64
			   " are there in one piece",
			   size, pages_largest(PAGE));
	memset(arch_pointer(at), 0, size);
	vio_ramdisk_init(ramdisk, arch_pointer(at));
	*says = (struct vio_blk_disk){ .capacity = size / VIO_BLK_SECTOR, .id = "ram" };
	return true;
}

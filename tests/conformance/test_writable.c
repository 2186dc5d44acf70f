/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device-writable buffers are written and never read: the core loads nothing from them, and what
 * devices answer is the same whatever was in them before.
 */
#include "either.h"
#include "slot.h"
#include "vio_blk.h"
#include "vio_console.h"
#include "vio_ramdisk.h"
#include "vio_rng.h"

#define LEN 1024

/* ---- The core, by the hook behind each of its loads ---- */

static unsigned loads_of_data;

static void count_loads(struct box *box, uint64_t addr, size_t size)
{
	(void)box;
	loads_of_data += addr + size > BOX_DATA && addr < BOX_DATA + 0x1000;
}

static void core_reads_none(void **state)
{
	static struct either ring;
	struct box *box = *state;

	either_start(&ring, box, VIO_BIT(VIO_F_INDIRECT_DESC) | VIO_BIT(VIO_F_EVENT_IDX));
	box->device.behaviour = BOX_FILL;
	box->after_load = count_loads;
	loads_of_data = 0;
	for (uint16_t i = 0; i < BOX_SIZE; i++)
		either_offer(&ring, i);
	either_expect(&ring, 0);
	assert_int_equal(loads_of_data, 0);
	/* If there were one, it would be seen. */
	vio_guest_load16(box_at(box, BOX_DATA, 2));
	assert_int_equal(loads_of_data, 1);
}

/* ---- Devices, by what they do with two contents ---- */

static struct slot slot;
static uint8_t sectors[LEN];

static uint32_t count_up(void *to, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		((uint8_t *)to)[i] = (uint8_t)(i * 7 + 1);
	return len;
}

static uint32_t fill(struct vio_entropy *source, void *to, uint32_t len)
{
	(void)source;
	return count_up(to, len);
}

static uint32_t type(struct vio_console_backend *backend, uint8_t *to, uint32_t len)
{
	(void)backend;
	return count_up(to, len);
}

static uint32_t show(struct vio_console_backend *backend, const uint8_t *data, uint32_t len)
{
	(void)backend;
	(void)data;
	return len;
}

/* One request on queue 0, whose `writable` bytes held `before`; they are left in `answer`. */
static int64_t ask(struct vio_device *device, uint32_t readable, uint32_t writable, uint8_t before,
		   uint8_t *answer)
{
	struct vio_buffer pieces[2] = { { NULL, readable, false }, { NULL, writable, true } };
	int64_t used = 0;

	slot_attach(&slot, device);
	slot_start(&slot, 0, VIO_RNG_QUEUE_SIZE);
	pieces[0].data = slot_alloc(&slot, 16);
	pieces[1].data = slot_alloc(&slot, writable);
	memset(pieces[0].data, 0, 16);
	memset(pieces[1].data, before, writable);
	used = readable != 0 ? slot_request(&slot, 0, pieces, 2)
			     : slot_request(&slot, 0, pieces + 1, 1);
	memcpy(answer, pieces[1].data, writable);
	return used;
}

static void compare(struct vio_device *device, uint32_t readable, uint32_t writable)
{
	uint8_t first[LEN + 1];
	uint8_t second[LEN + 1];

	assert_true(writable <= sizeof(first));
	assert_int_equal(ask(device, readable, writable, 0, first), writable);
	assert_int_equal(ask(device, readable, writable, 0xff, second), writable);
	assert_memory_equal(first, second, writable);
}

static void blk_reads_none(void **state)
{
	static struct vio_blk blk;
	static struct vio_ramdisk ramdisk;

	(void)state;
	vio_ramdisk_init(&ramdisk, sectors);
	vio_blk_init(&blk, &ramdisk.backend, &(struct vio_blk_disk){ .capacity = LEN / 512 });
	count_up(sectors, LEN);
	compare(&blk.device, 16, LEN + 1);
}

static void console_reads_none(void **state)
{
	static struct vio_console console;
	static struct vio_console_backend backend = { .read = type, .write = show };

	(void)state;
	vio_console_init(&console, &backend, 0, 0);
	compare(&console.device, 0, LEN);
}

static void rng_reads_none(void **state)
{
	static struct vio_rng rng;
	static struct vio_entropy source = { .fill = fill };

	(void)state;
	vio_rng_init(&rng, &source);
	compare(&rng.device, 0, 64);
}

int main(void)
{
	const struct CMUnitTest core_tests[] = {
		EITHER("SPL-D-04", core_reads_none),
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blk_reads_none),
		cmocka_unit_test(console_reads_none),
		cmocka_unit_test(rng_reads_none),
	};
	int failures = cmocka_run_group_tests(core_tests, NULL, NULL);

	return failures + SLOT_RUN_TESTS(tests);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The MIPS glue under a stub hypervisor, with a device that answers late; and branches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "branch.h"
#include "vio_mips_vz.h"

#define WINDOW UINT64_C(0x1e000000)
#define SHIFT  9
#define SLOTS  4
#define RAM    UINT64_C(0)

/* Slots 2 and 3 share a line. */
static const uint8_t lines[SLOTS] = { 2, 3, 6, 6 };

struct holder {
	struct vio_device device;
	VIO_DEVICE_STORAGE(1, 8) storage;
	struct vio_request req;
	struct vio_span spans[8];
	bool holds;
	uint8_t config[8];
};

static void holder_notify(struct vio_device *device, struct vio_queue *queue)
{
	struct holder *holder = VIO_CONTAINER_OF(device, struct holder, device);

	if (!holder->holds)
		holder->holds = vio_queue_take_into(queue, &holder->req, holder->spans, 8);
}

static const struct vio_queue_type holder_queues[] = { { 8, holder_notify } };

static const struct vio_config_field holder_fields[] = {
	{ .offset = 0, .width = 1, .count = 8, .writable = true },
};

static const struct vio_device_type holder_type = {
	.name = "holder",
	.id = 42,
	.queues = holder_queues,
	.queue_count = 1,
	.fields = holder_fields,
	.field_count = 1,
};

/* ---- The stub hypervisor ---- */

static struct hypervisor {
	struct vio_mmio_window window;
	struct vio_mips_vz_lines lines;
	bool big_endian;
	struct vio_mmio slots[SLOTS];
	struct vio_memory memory;
	struct vio_region regions[1];
	struct holder holder, other;
	uint32_t r[32];
	uint32_t up; /* lines, a bit each */
	unsigned released, failed;
	_Alignas(4096) uint8_t ram[4096];
} hv;

static void set_line(const struct vio_mmio *slot, bool up)
{
	unsigned line = lines[slot->number];
	uint32_t others = hv.up & ~(1U << line);

	assert_ptr_equal(slot->host_data, &hv);
	hv.up = others | (uint32_t)vio_mips_vz_line(&hv.lines, line, slot->number, up) << line;
}

static void hv_raise(struct vio_mmio *slot)
{
	set_line(slot, true);
}

static void hv_lower(struct vio_mmio *slot)
{
	set_line(slot, false);
}

static void hv_defer(struct vio_mmio *slot)
{
	vio_mmio_serve(slot);
}

static void hv_released(struct vio_mmio *slot)
{
	assert_ptr_equal(slot, &hv.slots[2]);
	hv.released++;
}

static void hv_failed(struct vio_mmio *slot, enum vio_error error)
{
	assert_ptr_equal(slot, &hv.slots[2]);
	assert_int_equal(error, VIO_ERROR_HEAD_RANGE);
	hv.failed++;
}

static const struct vio_mmio_host hv_host = {
	.raise = hv_raise,
	.lower = hv_lower,
	.defer = hv_defer,
	.released = hv_released,
	.failed = hv_failed,
};

static void start(bool big_endian)
{
	unsigned i = 0;

	memset(&hv, 0, sizeof(hv));
	for (i = 1; i < 32; i++)
		hv.r[i] = UINT32_C(0x81828384) + i;
	vio_memory_init(&hv.memory, hv.regions, 1);
	assert_true(
		vio_memory_add(&hv.memory, (struct vio_region){ .base = RAM,
								.size = sizeof(hv.ram),
								.data = hv.ram,
								.access = VIO_ACCESS_READ_WRITE }));
	hv.big_endian = big_endian;
	hv.window = VIO_MMIO_WINDOW(WINDOW, hv.slots, SLOTS, SHIFT);
	vio_mmio_window_init(&hv.window, &hv_host, &hv);
	vio_device_init(&hv.holder.device, &holder_type, 0, hv.holder.config,
			VIO_STORAGE(&hv.holder.storage));
	vio_device_init(&hv.other.device, &holder_type, 0, hv.other.config,
			VIO_STORAGE(&hv.other.storage));
	vio_mmio_attach(&hv.slots[2], &hv.holder.device, &hv.memory);
	vio_mmio_attach(&hv.slots[3], &hv.other.device, &hv.memory);
}

static int setup(void **state)
{
	(void)state;
	start(false);
	return 0;
}

/* ---- Instructions, as binutils assembles them with $8 and a base of $9 ---- */

#define LB       UINT32_C(0x81280000)
#define LBU      UINT32_C(0x91280000)
#define LH       UINT32_C(0x85280000)
#define LHU      UINT32_C(0x95280000)
#define LW       UINT32_C(0x8d280000)
#define LWL      UINT32_C(0x89280000)
#define LL       UINT32_C(0xc1280000)
#define LWC1     UINT32_C(0xc5280000)
#define SB       UINT32_C(0xa1280000)
#define SH       UINT32_C(0xa5280000)
#define SW       UINT32_C(0xad280000)
#define SC       UINT32_C(0xe1280000)
#define CACHE_OP UINT32_C(0xbd280000)
#define LW_ZERO  UINT32_C(0x8d200000)

static enum vio_mips_vz_outcome access_at(uint64_t address, uint32_t word)
{
	const struct vio_mips_vz_trap trap = {
		.address = address, .word = word, .r = hv.r, .big_endian = hv.big_endian
	};

	return vio_mips_vz_access(&hv.window, &trap);
}

static enum vio_mips_vz_outcome slot_access(unsigned slot, uint32_t offset, uint32_t word)
{
	return access_at(WINDOW + ((uint64_t)slot << SHIFT) + offset, word);
}

static uint32_t get(unsigned slot, uint32_t offset)
{
	assert_int_equal(slot_access(slot, offset, LW), VIO_MIPS_VZ_DONE);
	return hv.big_endian ? __builtin_bswap32(hv.r[8]) : hv.r[8];
}

static enum vio_mips_vz_outcome put(unsigned slot, uint32_t offset, uint32_t value)
{
	hv.r[8] = hv.big_endian ? __builtin_bswap32(value) : value;
	return slot_access(slot, offset, SW);
}

/* The whole life of a driver, as far as the glue sees it. */
static void drive(unsigned slot)
{
	assert_int_equal(put(slot, VIO_MMIO_STATUS, 0), VIO_MIPS_VZ_DONE);
	put(slot, VIO_MMIO_STATUS, 3);
	put(slot, VIO_MMIO_DRIVER_FEATURES_SEL, 1);
	put(slot, VIO_MMIO_DRIVER_FEATURES, 1);
	put(slot, VIO_MMIO_STATUS, 11);
	put(slot, VIO_MMIO_QUEUE_SIZE, 8);
	put(slot, VIO_MMIO_QUEUE_DESC_LOW, 0x100);
	put(slot, VIO_MMIO_QUEUE_DRIVER_LOW, 0x200);
	put(slot, VIO_MMIO_QUEUE_DEVICE_LOW, 0x300);
	put(slot, VIO_MMIO_QUEUE_READY, 1);
	put(slot, VIO_MMIO_STATUS, 15);
	assert_int_equal(get(slot, VIO_MMIO_STATUS), 15);
}

static void registers_are_read_in_the_guests_order(void **state)
{
	(void)state;
	assert_int_equal(slot_access(2, VIO_MMIO_MAGIC_VALUE, LW), VIO_MIPS_VZ_DONE);
	assert_int_equal(hv.r[8], 0x74726976);
	start(true);
	assert_int_equal(slot_access(2, VIO_MMIO_MAGIC_VALUE, LW), VIO_MIPS_VZ_DONE);
	assert_int_equal(hv.r[8], 0x76697274);
	assert_int_equal(get(2, VIO_MMIO_DEVICE_ID), 42);
	drive(2);
}

static void other_addresses_are_the_roots(void **state)
{
	(void)state;
	assert_int_equal(access_at(WINDOW - 4, LW), VIO_MIPS_VZ_OTHER);
	assert_int_equal(access_at(WINDOW + (SLOTS << SHIFT), LW), VIO_MIPS_VZ_OTHER);
	assert_int_equal(access_at(0x1f000900, SB), VIO_MIPS_VZ_OTHER);
}

static void widths_and_signs(void **state)
{
	static const struct {
		uint32_t word;
		uint32_t value;
	} loads[] = {
		{ LB, 0xffffff81 }, { LBU, 0x81 },      { LH, 0xffff8281 },
		{ LHU, 0x8281 },    { LW, 0x84838281 },
	};
	unsigned i = 0;

	(void)state;
	for (i = 0; i < 8; i++)
		hv.holder.config[i] = (uint8_t)(0x81 + i);
	for (i = 0; i < VIO_ARRAY_SIZE(loads); i++) {
		assert_int_equal(slot_access(2, VIO_MMIO_CONFIG, loads[i].word), VIO_MIPS_VZ_DONE);
		assert_int_equal(hv.r[8], loads[i].value);
	}
	hv.r[8] = 0x11223344;
	assert_int_equal(slot_access(2, VIO_MMIO_CONFIG + 1, SB), VIO_MIPS_VZ_DONE);
	assert_int_equal(hv.holder.config[1], 0x44);
	assert_int_equal(slot_access(2, VIO_MMIO_CONFIG + 2, SH), VIO_MIPS_VZ_DONE);
	assert_int_equal(hv.holder.config[2], 0x44);
	assert_int_equal(hv.holder.config[3], 0x33);
	assert_int_equal(slot_access(2, VIO_MMIO_CONFIG + 4, SW), VIO_MIPS_VZ_DONE);
	assert_int_equal(hv.holder.config[7], 0x11);
}

static void big_endian_halves(void **state)
{
	(void)state;
	start(true);
	hv.holder.config[0] = 0x81;
	hv.holder.config[1] = 0x82;
	assert_int_equal(slot_access(2, VIO_MMIO_CONFIG, LHU), VIO_MIPS_VZ_DONE);
	assert_int_equal(hv.r[8], 0x8182);
	hv.r[8] = 0x1234;
	assert_int_equal(slot_access(2, VIO_MMIO_CONFIG, SH), VIO_MIPS_VZ_DONE);
	assert_int_equal(hv.holder.config[0], 0x12);
}

static void zero_stays_zero(void **state)
{
	(void)state;
	assert_int_equal(slot_access(2, VIO_MMIO_MAGIC_VALUE, LW_ZERO), VIO_MIPS_VZ_DONE);
	assert_int_equal(hv.r[0], 0);
}

/* Nothing is done in part, and nothing is done at all. */
static void other_instructions_are_faults(void **state)
{
	static const uint32_t words[] = { LWL, LL, LWC1, SC, CACHE_OP, 0, 0xffffffff };
	struct hypervisor before;
	unsigned i = 0;

	(void)state;
	before = hv;
	for (i = 0; i < VIO_ARRAY_SIZE(words); i++)
		assert_int_equal(slot_access(2, VIO_MMIO_STATUS, words[i]), VIO_MIPS_VZ_FAULT);
	assert_int_equal(slot_access(2, VIO_MMIO_STATUS + 2, LW), VIO_MIPS_VZ_FAULT);
	assert_int_equal(slot_access(2, VIO_MMIO_STATUS + 1, SH), VIO_MIPS_VZ_FAULT);
	assert_memory_equal(&before, &hv, sizeof(hv));
}

/* A line is up while anyone wants it. */
static void slots_share_a_line(void **state)
{
	(void)state;
	drive(2);
	drive(3);
	vio_device_config_changed(&hv.holder.device);
	assert_int_equal(hv.up, 1 << 6);
	vio_device_config_changed(&hv.other.device);
	put(2, VIO_MMIO_INTERRUPT_ACK, 2);
	assert_int_equal(hv.up, 1 << 6);
	put(3, VIO_MMIO_INTERRUPT_ACK, 2);
	assert_int_equal(hv.up, 0);
}

static void a_reset_parks_until_the_backend_is_done(void **state)
{
	(void)state;
	drive(2);
	/* One descriptor of eight bytes to write, available. */
	memcpy(&hv.ram[0x100], (const uint8_t[16]){ 0, 4, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 2 }, 16);
	memcpy(&hv.ram[0x200], (const uint8_t[6]){ 0, 0, 1 }, 6);
	assert_int_equal(put(2, VIO_MMIO_QUEUE_NOTIFY, 0), VIO_MIPS_VZ_DONE);
	assert_true(hv.holder.holds);
	assert_int_equal(put(2, VIO_MMIO_STATUS, 0), VIO_MIPS_VZ_PARK);
	vio_queue_complete(&hv.holder.device.queues[0], &hv.holder.req);
	assert_int_equal(hv.released, 1);
	assert_int_equal(put(2, VIO_MMIO_STATUS, 0), VIO_MIPS_VZ_DONE);
}

static void a_broken_driver_is_told_of(void **state)
{
	(void)state;
	drive(2);
	memcpy(&hv.ram[0x200], (const uint8_t[6]){ 0, 0, 1, 0, 99 }, 6);
	put(2, VIO_MMIO_QUEUE_NOTIFY, 0);
	assert_int_equal(hv.failed, 1);
	assert_int_equal(hv.up, 1 << 6);
}

/* ---- Branches ---- */

static void branches(void **state)
{
	/* With $4 = -1, $5 = 1, $6 = 0, $7 = 0x80001000, at 0x80100000. */
	static const struct {
		uint32_t word;
		uint32_t target;
		uint32_t link; /* of $31 or, of the second JALR, $2; 0: none */
	} cases[] = {
		{ 0x10850003, 0x80100008, 0 },          /* beq $4, $5, +3 */
		{ 0x14850003, 0x80100010, 0 },          /* bne */
		{ 0x10c00003, 0x80100010, 0 },          /* beqz $6 */
		{ 0x18800003, 0x80100010, 0 },          /* blez $4 */
		{ 0x18c00003, 0x80100010, 0 },          /* blez $6 */
		{ 0x18a00003, 0x80100008, 0 },          /* blez $5 */
		{ 0x1ca00003, 0x80100010, 0 },          /* bgtz $5 */
		{ 0x1cc00003, 0x80100008, 0 },          /* bgtz $6 */
		{ 0x0480ffff, 0x80100000, 0 },          /* bltz $4, itself */
		{ 0x04c00003, 0x80100008, 0 },          /* bltz $6 */
		{ 0x04c10003, 0x80100010, 0 },          /* bgez $6 */
		{ 0x04900003, 0x80100010, 0x80100008 }, /* bltzal $4 */
		{ 0x04110003, 0x80100010, 0x80100008 }, /* bal */
		{ 0x04910003, 0x80100008, 0x80100008 }, /* bgezal $4 */
		{ 0x50850003, 0x80100008, 0 },          /* beql */
		{ 0x54850003, 0x80100010, 0 },          /* bnel */
		{ 0x08040400, 0x80101000, 0 },          /* j */
		{ 0x0c040400, 0x80101000, 0x80100008 }, /* jal */
		{ 0x00e00008, 0x80001000, 0 },          /* jr $7 */
		{ 0x00e00408, 0x80001000, 0 },          /* jr.hb $7 */
		{ 0x00e0f809, 0x80001000, 0x80100008 }, /* jalr $7 */
	};
	unsigned i = 0;

	(void)state;
	for (i = 0; i < VIO_ARRAY_SIZE(cases); i++) {
		uint32_t r[32] = { [4] = UINT32_MAX, [5] = 1, [7] = 0x80001000 };
		uint32_t target = 0;

		assert_true(branch_target(cases[i].word, 0x80100000, r, &target));
		if (target != cases[i].target || r[31] != cases[i].link)
			fail_msg("%08x leads to %08x, link %08x", cases[i].word, target, r[31]);
	}
}

/* The short way for LW and SW does what the long one does, in both byte orders. */
static void words_in_line(void **state)
{
	const uint32_t slot = 2U << SHIFT;

	(void)state;
	for (int big = 0; big < 2; big++) {
		start(big);
		get(2, VIO_MMIO_MAGIC_VALUE);
		assert_int_equal(vio_mips_vz_load_word(&hv.window, slot, big), hv.r[8]);
		assert_int_equal(hv.r[8], big ? 0x76697274 : 0x74726976);
		assert_true(vio_mips_vz_store_word(&hv.window, slot + VIO_MMIO_STATUS,
						   big ? 0x01000000 : 1, big));
		assert_int_equal(get(2, VIO_MMIO_STATUS), 1);
	}
}

static void what_is_no_branch(void **state)
{
	static const uint32_t words[] = { 0, 0x40806800, 0x0000000c, 0x048c0000, 0x45000001, LW };
	unsigned i = 0;

	(void)state;
	for (i = 0; i < VIO_ARRAY_SIZE(words); i++) {
		uint32_t r[32] = { 0 };
		uint32_t target = 1;

		assert_false(branch_target(words[i], 0x80100000, r, &target));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(registers_are_read_in_the_guests_order, setup),
		cmocka_unit_test_setup(other_addresses_are_the_roots, setup),
		cmocka_unit_test_setup(widths_and_signs, setup),
		cmocka_unit_test_setup(big_endian_halves, setup),
		cmocka_unit_test_setup(zero_stays_zero, setup),
		cmocka_unit_test_setup(other_instructions_are_faults, setup),
		cmocka_unit_test_setup(slots_share_a_line, setup),
		cmocka_unit_test_setup(a_reset_parks_until_the_backend_is_done, setup),
		cmocka_unit_test_setup(a_broken_driver_is_told_of, setup),
		cmocka_unit_test_setup(words_in_line, setup),
		cmocka_unit_test(branches),
		cmocka_unit_test(what_is_no_branch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

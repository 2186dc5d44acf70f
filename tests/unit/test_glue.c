/* SPDX-License-Identifier: BSD-2-Clause */
/* The EL2 glue under a stub hypervisor, with a device of one queue that answers late. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "vio_arm_el2.h"

#define WINDOW      UINT64_C(0x0a000000)
#define SHIFT       9
#define SLOTS       4
#define FIRST_INTID 48
#define RAM         UINT64_C(0x40000000)

/* Where the guest has mapped the window: any virtual address with the same page offset. */
#define VIRTUAL     UINT64_C(0xffff800008000000)

/* ---- A device that holds what it is given ---- */

struct holder {
	struct vio_device device;
	VIO_DEVICE_STORAGE(1, 8) storage;
	struct vio_request req;
	struct vio_span spans[8];
	bool holds;
	struct {
		uint8_t bytes[8];
		uint64_t number;
	} config;
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
	{ .offset = 8, .width = 8, .count = 1, .writable = true },
};

static const struct vio_device_type holder_type = {
	.name = "holder",
	.id = 42,
	.queues = holder_queues,
	.queue_count = 1,
	.fields = holder_fields,
	.field_count = 2,
};

/* ---- The stub hypervisor ---- */

struct hypervisor {
	struct vio_mmio_window window;
	struct vio_mmio slots[SLOTS];
	struct vio_memory memory;
	struct vio_region regions[1];
	struct holder holder;
	uint64_t x[32];
	uint32_t line; /* the INTID whose line is up, or 0 */
	unsigned raised, lowered, deferred, released, failed;
	_Alignas(4096) uint8_t ram[4096];
};

static struct hypervisor hv;

static void hv_raise(struct vio_mmio *slot)
{
	assert_ptr_equal(slot->host_data, &hv);
	hv.line = FIRST_INTID + slot->number;
	hv.raised++;
}

static void hv_lower(struct vio_mmio *slot)
{
	assert_ptr_equal(slot->host_data, &hv);
	assert_int_equal(FIRST_INTID + slot->number, hv.line);
	hv.line = 0;
	hv.lowered++;
}

static void hv_defer(struct vio_mmio *slot)
{
	assert_ptr_equal(slot, &hv.slots[2]);
	hv.deferred++;
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

/* Slot 2 of four holds the device. */
static int setup(void **state)
{
	unsigned i = 0;

	(void)state;
	memset(&hv, 0, sizeof(hv));
	for (i = 0; i < 32; i++)
		hv.x[i] = UINT64_C(0x1111111111111111) * (i & 15);
	vio_memory_init(&hv.memory, hv.regions, 1);
	assert_true(
		vio_memory_add(&hv.memory, (struct vio_region){ .base = RAM,
								.size = sizeof(hv.ram),
								.data = hv.ram,
								.access = VIO_ACCESS_READ_WRITE }));
	vio_device_init(&hv.holder.device, &holder_type, 0, &hv.holder.config,
			VIO_STORAGE(&hv.holder.storage));
	hv.window = VIO_MMIO_WINDOW(WINDOW, hv.slots, SLOTS, SHIFT);
	vio_mmio_window_init(&hv.window, &hv_host, &hv);
	vio_mmio_attach(&hv.slots[2], &hv.holder.device, &hv.memory);
	return 0;
}

#define SLOT2(offset) (WINDOW + (2 << SHIFT) + (offset))

/* A trap with syndrome: `size` is SAS. */
static enum vio_arm_el2_outcome trap(uint64_t ipa, unsigned size, unsigned reg, uint64_t flags)
{
	struct vio_arm_el2_trap t = {
		.esr = UINT64_C(0x92000007) | VIO_ARM_ISS_ISV |
		       (uint64_t)size << VIO_ARM_ISS_SAS_SHIFT |
		       (uint64_t)reg << VIO_ARM_ISS_SRT_SHIFT | flags,
		.ipa = ipa,
		.x = hv.x,
	};

	return vio_arm_el2_access(&hv.window, &t);
}

static uint32_t load32(uint64_t ipa)
{
	hv.x[3] = UINT64_MAX;
	assert_int_equal(trap(ipa, 2, 3, 0), VIO_ARM_EL2_DONE);
	assert_true(hv.x[3] <= UINT32_MAX);
	return (uint32_t)hv.x[3];
}

static enum vio_arm_el2_outcome store32(uint64_t ipa, uint32_t value)
{
	hv.x[4] = value | UINT64_C(0xdead000000000000);
	return trap(ipa, 2, 4, VIO_ARM_ISS_WNR);
}

/* An instruction without syndrome whose access at virtual address `far` trapped. */
static enum vio_arm_el2_outcome emulate(uint32_t word, uint64_t far)
{
	struct vio_arm_el2_trap t = {
		.esr = 0x92000007,
		.ipa = WINDOW + (far & 0xffffff),
		.x = hv.x,
	};

	assert_int_equal(vio_arm_el2_access(&hv.window, &t), VIO_ARM_EL2_DECODE);
	return vio_arm_el2_emulate(&hv.window, &t, far, word);
}

/* A driver that starts the device with its ring in RAM and one buffer posted. */
static void start_driver(uint16_t head)
{
	struct vio_desc *desc = (struct vio_desc *)(void *)hv.ram;
	uint16_t *avail = (uint16_t *)(void *)(hv.ram + 0x400);
	const uint32_t writes[][2] = {
		{ VIO_MMIO_STATUS, VIO_STATUS_ACKNOWLEDGE | VIO_STATUS_DRIVER },
		{ VIO_MMIO_DRIVER_FEATURES_SEL, 1 },
		{ VIO_MMIO_DRIVER_FEATURES, 1 },
		{ VIO_MMIO_STATUS, VIO_STATUS_FEATURES_OK },
		{ VIO_MMIO_QUEUE_SIZE, 8 },
		{ VIO_MMIO_QUEUE_DESC_LOW, RAM },
		{ VIO_MMIO_QUEUE_DRIVER_LOW, RAM + 0x400 },
		{ VIO_MMIO_QUEUE_DEVICE_LOW, RAM + 0x800 },
		{ VIO_MMIO_QUEUE_READY, 1 },
		{ VIO_MMIO_STATUS, VIO_STATUS_DRIVER_OK },
	};
	unsigned i = 0;

	desc[0] = (struct vio_desc){ .addr = vio_le64(RAM + 0xc00),
				     .len = vio_le32(16),
				     .flags = vio_le16(VIO_DESC_F_WRITE) };
	avail[2] = vio_le16(head);
	avail[1] = vio_le16(1);
	for (i = 0; i < VIO_ARRAY_SIZE(writes); i++)
		assert_int_equal(store32(SLOT2(writes[i][0]), writes[i][1]), VIO_ARM_EL2_DONE);
}

/* ---- Where an access goes ---- */

static void mmio_registers_are_read(void **state)
{
	(void)state;
	assert_int_equal(load32(SLOT2(VIO_MMIO_MAGIC_VALUE)), VIO_MMIO_MAGIC);
	assert_int_equal(load32(SLOT2(VIO_MMIO_DEVICE_ID)), 42);
	assert_int_equal(load32(WINDOW + VIO_MMIO_MAGIC_VALUE), VIO_MMIO_MAGIC);
	assert_int_equal(load32(WINDOW + VIO_MMIO_DEVICE_ID), 0);
	/* Into xzr: nothing changes, and x[31] is not a register. */
	assert_int_equal(trap(SLOT2(0), 2, 31, 0), VIO_ARM_EL2_DONE);
	assert_int_equal(hv.x[31], UINT64_C(0x1111111111111111) * 15);
}

static void config_space_takes_every_width(void **state)
{
	(void)state;
	hv.x[5] = 0x1122334455667788;
	assert_int_equal(trap(SLOT2(0x108), 3, 5, VIO_ARM_ISS_WNR | VIO_ARM_ISS_SF),
			 VIO_ARM_EL2_DONE);
	assert_int_equal(hv.holder.config.number, 0x1122334455667788);
	assert_int_equal(trap(SLOT2(0x109), 0, 31, VIO_ARM_ISS_WNR), VIO_ARM_EL2_DONE);
	assert_int_equal(trap(SLOT2(0x108), 3, 6, VIO_ARM_ISS_SF), VIO_ARM_EL2_DONE);
	assert_int_equal(hv.x[6], 0x1122334455660088);
	assert_int_equal(trap(SLOT2(0x108), 0, 6, VIO_ARM_ISS_SSE), VIO_ARM_EL2_DONE);
	assert_int_equal(hv.x[6], 0xffffff88);
	assert_int_equal(trap(SLOT2(0x108), 0, 6, VIO_ARM_ISS_SSE | VIO_ARM_ISS_SF),
			 VIO_ARM_EL2_DONE);
	assert_int_equal(hv.x[6], 0xffffffffffffff88);
}

static void hostile_70_outside_the_window(void **state)
{
	(void)state;
	assert_int_equal(trap(WINDOW - 4, 2, 0, 0), VIO_ARM_EL2_OTHER);
	assert_int_equal(trap(WINDOW - 2, 2, 0, 0), VIO_ARM_EL2_OTHER);
	assert_int_equal(trap(WINDOW + (SLOTS << SHIFT), 2, 0, 0), VIO_ARM_EL2_OTHER);
	assert_int_equal(trap(UINT64_MAX, 3, 0, 0), VIO_ARM_EL2_OTHER);
}

/* HPFAR_EL2 may be an old one then: a write to read-only memory is not one to the window. */
static void hostile_70_other_faults_are_the_roots(void **state)
{
	struct vio_arm_el2_trap t = { .esr = 0x9200000f | VIO_ARM_ISS_ISV | VIO_ARM_ISS_WNR,
				      .ipa = SLOT2(0),
				      .x = hv.x };

	(void)state;
	assert_int_equal(vio_arm_el2_access(&hv.window, &t), VIO_ARM_EL2_OTHER);
	t.esr = 0x92000010; /* external abort */
	assert_int_equal(vio_arm_el2_access(&hv.window, &t), VIO_ARM_EL2_OTHER);
}

static void hostile_70_across_the_end_faults(void **state)
{
	uint64_t before = hv.x[7];

	(void)state;
	assert_int_equal(trap(WINDOW + (SLOTS << SHIFT) - 2, 2, 7, 0), VIO_ARM_EL2_FAULT);
	assert_int_equal(trap(SLOT2(0x1fc), 3, 7, 0), VIO_ARM_EL2_FAULT);
	assert_int_equal(trap(SLOT2(0x1ff), 1, 7, VIO_ARM_ISS_WNR), VIO_ARM_EL2_FAULT);
	assert_int_equal(hv.x[7], before);
	assert_int_equal(trap(SLOT2(0x1fc), 2, 7, 0), VIO_ARM_EL2_DONE);
	assert_int_equal(hv.x[7], 0);
}

/* The guest's page tables inside the window, and maintenance of a cache that is not there. */
static void hostile_70_what_is_no_load_or_store(void **state)
{
	struct vio_arm_el2_trap t = { .esr = 0x92000007 | VIO_ARM_ISS_S1PTW,
				      .ipa = SLOT2(0),
				      .x = hv.x };

	(void)state;
	assert_int_equal(vio_arm_el2_access(&hv.window, &t), VIO_ARM_EL2_FAULT);
	t.esr = 0x92000007 | VIO_ARM_ISS_CM | VIO_ARM_ISS_WNR;
	assert_int_equal(vio_arm_el2_access(&hv.window, &t), VIO_ARM_EL2_DONE);
}

/* ---- Without syndrome ---- */

#define LDP_W1_W2_X3         0x29400861 /* ldp w1, w2, [x3] */
#define LDP_X1_X2_X3_POST_16 0xa8c10861 /* ldp x1, x2, [x3], #16 */
#define LDR_W1_X3_PRE_4      0xb8404c61 /* ldr w1, [x3, #4]! */
#define STR_X1_X3_POST_8     0xf8008461 /* str x1, [x3], #8 */
#define STR_W1_SP_POST_8     0xb80087e1 /* str w1, [sp], #8 */
#define STP_WZR_W1_X3        0x2900047f /* stp wzr, w1, [x3] */
#define LDR_Q1_X3            0x3dc00061 /* ldr q1, [x3] */
#define LDXR_W1_X3           0x885f7c61 /* ldxr w1, [x3] */

static void hostile_70_pair_is_two_accesses(void **state)
{
	(void)state;
	hv.x[3] = VIRTUAL + 0x400 + VIO_MMIO_DEVICE_ID;
	assert_int_equal(emulate(LDP_W1_W2_X3, hv.x[3]), VIO_ARM_EL2_DONE);
	assert_int_equal(hv.x[1], 42);
	assert_int_equal(hv.x[2], VIO_MMIO_VENDOR);
	/* The second half is what trapped: the same two accesses. */
	hv.x[1] = hv.x[2] = 0;
	assert_int_equal(emulate(LDP_W1_W2_X3, hv.x[3] + 4), VIO_ARM_EL2_DONE);
	assert_int_equal(hv.x[1], 42);
	assert_int_equal(hv.x[2], VIO_MMIO_VENDOR);
}

static void hostile_70_write_back(void **state)
{
	(void)state;
	hv.holder.config.number = 0x0102030405060708;
	hv.x[3] = VIRTUAL + 0x500;
	assert_int_equal(emulate(LDP_X1_X2_X3_POST_16, hv.x[3]), VIO_ARM_EL2_DONE);
	assert_int_equal(hv.x[1], 0);
	assert_int_equal(hv.x[2], 0x0102030405060708);
	assert_int_equal(hv.x[3], VIRTUAL + 0x510);

	hv.x[3] = VIRTUAL + 0x504;
	assert_int_equal(emulate(LDR_W1_X3_PRE_4, VIRTUAL + 0x508), VIO_ARM_EL2_DONE);
	assert_int_equal(hv.x[1], 0x05060708);
	assert_int_equal(hv.x[3], VIRTUAL + 0x508);

	hv.x[1] = 0xabcd;
	assert_int_equal(emulate(STR_X1_X3_POST_8, hv.x[3]), VIO_ARM_EL2_DONE);
	assert_int_equal(hv.holder.config.number, 0xabcd);
	assert_int_equal(hv.x[3], VIRTUAL + 0x510);

	hv.x[31] = VIRTUAL + 0x50c; /* sp */
	assert_int_equal(emulate(STR_W1_SP_POST_8, hv.x[31]), VIO_ARM_EL2_DONE);
	assert_int_equal(hv.holder.config.number, 0xabcd0000abcd);
	assert_int_equal(hv.x[31], VIRTUAL + 0x514);
}

static void hostile_70_tagged_pointer(void **state)
{
	(void)state;
	hv.x[3] = (VIRTUAL + 0x400 + VIO_MMIO_DEVICE_ID) ^ UINT64_C(0x5a) << 56;
	assert_int_equal(emulate(LDP_W1_W2_X3, VIRTUAL + 0x408), VIO_ARM_EL2_DONE);
	assert_int_equal(hv.x[1], 42);
}

/* Nothing in part: neither registers, nor the base, nor the device change. */
static void assert_refused(uint32_t word, uint64_t base, uint64_t far)
{
	uint64_t x[32];

	hv.x[3] = base;
	hv.holder.config.number = 7;
	memcpy(x, hv.x, sizeof(x));
	assert_int_equal(emulate(word, far), VIO_ARM_EL2_FAULT);
	assert_memory_equal(x, hv.x, sizeof(x));
	assert_int_equal(hv.holder.config.number, 7);
}

static void hostile_70_what_cannot_be_emulated_faults(void **state)
{
	(void)state;
	assert_refused(LDR_Q1_X3, VIRTUAL + 0x500, VIRTUAL + 0x500);
	assert_refused(LDXR_W1_X3, VIRTUAL + 0x500, VIRTUAL + 0x500);
	/* One half behind the window, one half in the page before it. */
	assert_refused(STP_WZR_W1_X3, VIRTUAL + 0x7fc, VIRTUAL + 0x7fc);
	assert_refused(STP_WZR_W1_X3, VIRTUAL - 4, VIRTUAL);
	/* One access across two slots. */
	assert_refused(STR_X1_X3_POST_8, VIRTUAL + 0x5fc, VIRTUAL + 0x5fc);
	/* The instruction read is not the one that trapped. */
	assert_refused(STR_X1_X3_POST_8, VIRTUAL + 0x1508, VIRTUAL + 0x508);
}

/* A slot of two pages: the second one's address is not known. */
static void hostile_70_across_a_page_faults(void **state)
{
	(void)state;
	hv.window = VIO_MMIO_WINDOW(WINDOW, hv.slots, SLOTS, 13);
	assert_refused(STR_X1_X3_POST_8, VIRTUAL + 0x4ffc, VIRTUAL + 0x4ffc);
	assert_refused(STR_X1_X3_POST_8, VIRTUAL + 0x4ffc, VIRTUAL + 0x5000);
	hv.x[3] = VIRTUAL + 0x4ff8;
	assert_int_equal(emulate(STR_X1_X3_POST_8, VIRTUAL + 0x4ff8), VIO_ARM_EL2_DONE);
}

/* ---- Interrupts, serving, parking ---- */

static void interrupt_by_intid(void **state)
{
	(void)state;
	start_driver(0);
	assert_true(hv.holder.holds);
	assert_int_equal(vio_request_write(&hv.holder.req, "sixteen bytes..", 16), 16);
	vio_queue_complete(&hv.holder.device.queues[0], &hv.holder.req);
	assert_int_equal(hv.raised, 1);
	assert_int_equal(hv.line, FIRST_INTID + 2);
	assert_int_equal(load32(SLOT2(VIO_MMIO_INTERRUPT_STATUS)), VIO_INTERRUPT_USED);
	assert_int_equal(store32(SLOT2(VIO_MMIO_INTERRUPT_ACK), 1), VIO_ARM_EL2_DONE);
	assert_int_equal(hv.lowered, 1);
	assert_memory_equal(hv.ram + 0xc00, "sixteen bytes..", 16);
}

static void serving_later_is_asked_for(void **state)
{
	(void)state;
	hv.slots[2].serving = VIO_MMIO_SERVE_LATER;
	start_driver(0);
	assert_int_equal(hv.deferred, 1);
	assert_false(hv.holder.holds);
	vio_mmio_serve(&hv.slots[2]);
	assert_true(hv.holder.holds);
}

static void hostile_12_reset_parks_until_released(void **state)
{
	(void)state;
	start_driver(0);
	assert_int_equal(store32(SLOT2(VIO_MMIO_STATUS), 0), VIO_ARM_EL2_PARK);
	assert_int_equal(hv.released, 0);
	vio_queue_complete(&hv.holder.device.queues[0], &hv.holder.req);
	assert_int_equal(hv.released, 1);
	assert_int_equal(store32(SLOT2(VIO_MMIO_STATUS), 0), VIO_ARM_EL2_DONE);
	assert_int_equal(load32(SLOT2(VIO_MMIO_STATUS)), 0);
}

/* The same by `str w1, [x3, #4]!`-like write-back: the base moves only when the write is done. */
static void hostile_12_parked_instruction_is_not_half_done(void **state)
{
	const uint32_t str_wzr_x3_pre_4 = 0xb8004c7f;

	(void)state;
	start_driver(0);
	hv.x[3] = VIRTUAL + 0x400 + VIO_MMIO_STATUS - 4;
	assert_int_equal(emulate(str_wzr_x3_pre_4, hv.x[3] + 4), VIO_ARM_EL2_PARK);
	assert_int_equal(hv.x[3], VIRTUAL + 0x400 + VIO_MMIO_STATUS - 4);
	vio_queue_complete(&hv.holder.device.queues[0], &hv.holder.req);
	assert_int_equal(emulate(str_wzr_x3_pre_4, hv.x[3] + 4), VIO_ARM_EL2_DONE);
	assert_int_equal(hv.x[3], VIRTUAL + 0x400 + VIO_MMIO_STATUS);
}

static void hostile_20_root_is_told_of_a_broken_ring(void **state)
{
	(void)state;
	start_driver(8);
	assert_int_equal(hv.failed, 1);
	assert_int_equal(hv.line, FIRST_INTID + 2);
	assert_true((load32(SLOT2(VIO_MMIO_STATUS)) & VIO_STATUS_NEEDS_RESET) != 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(mmio_registers_are_read, setup),
		cmocka_unit_test_setup(config_space_takes_every_width, setup),
		cmocka_unit_test_setup(hostile_70_outside_the_window, setup),
		cmocka_unit_test_setup(hostile_70_other_faults_are_the_roots, setup),
		cmocka_unit_test_setup(hostile_70_across_the_end_faults, setup),
		cmocka_unit_test_setup(hostile_70_what_is_no_load_or_store, setup),
		cmocka_unit_test_setup(hostile_70_pair_is_two_accesses, setup),
		cmocka_unit_test_setup(hostile_70_write_back, setup),
		cmocka_unit_test_setup(hostile_70_tagged_pointer, setup),
		cmocka_unit_test_setup(hostile_70_what_cannot_be_emulated_faults, setup),
		cmocka_unit_test_setup(hostile_70_across_a_page_faults, setup),
		cmocka_unit_test_setup(interrupt_by_intid, setup),
		cmocka_unit_test_setup(serving_later_is_asked_for, setup),
		cmocka_unit_test_setup(hostile_12_reset_parks_until_released, setup),
		cmocka_unit_test_setup(hostile_12_parked_instruction_is_not_half_done, setup),
		cmocka_unit_test_setup(hostile_20_root_is_told_of_a_broken_ring, setup),
	};

	return cmocka_run_group_tests_name("glue", tests, NULL, NULL);
}

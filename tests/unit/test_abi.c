/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Our constants and layouts against those of the Linux headers: an independent reading of the
 * specification.
 */
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>

#include "box.h"

struct pair {
	const char *name;
	uint64_t ours;
	uint64_t theirs;
};

#define PAIR(ours, theirs)                                                                         \
	{                                                                                          \
#ours, ours, theirs                                                                \
	}

static const struct pair pairs[] = {
	PAIR(VIO_STATUS_ACKNOWLEDGE, VIRTIO_CONFIG_S_ACKNOWLEDGE),
	PAIR(VIO_STATUS_DRIVER, VIRTIO_CONFIG_S_DRIVER),
	PAIR(VIO_STATUS_DRIVER_OK, VIRTIO_CONFIG_S_DRIVER_OK),
	PAIR(VIO_STATUS_FEATURES_OK, VIRTIO_CONFIG_S_FEATURES_OK),
	PAIR(VIO_STATUS_NEEDS_RESET, VIRTIO_CONFIG_S_NEEDS_RESET),
	PAIR(VIO_STATUS_FAILED, VIRTIO_CONFIG_S_FAILED),

	PAIR(VIO_F_INDIRECT_DESC, VIRTIO_RING_F_INDIRECT_DESC),
	PAIR(VIO_F_EVENT_IDX, VIRTIO_RING_F_EVENT_IDX),
	PAIR(VIO_F_VERSION_1, VIRTIO_F_VERSION_1),
	PAIR(VIO_F_ACCESS_PLATFORM, VIRTIO_F_ACCESS_PLATFORM),
	PAIR(VIO_F_RING_PACKED, VIRTIO_F_RING_PACKED),
	PAIR(VIO_F_IN_ORDER, VIRTIO_F_IN_ORDER),
	PAIR(VIO_F_ORDER_PLATFORM, VIRTIO_F_ORDER_PLATFORM),
	PAIR(VIO_F_RING_RESET, VIRTIO_F_RING_RESET),

	PAIR(VIO_ID_NET, VIRTIO_ID_NET),
	PAIR(VIO_ID_BLK, VIRTIO_ID_BLOCK),
	PAIR(VIO_ID_CONSOLE, VIRTIO_ID_CONSOLE),
	PAIR(VIO_ID_RNG, VIRTIO_ID_RNG),

	PAIR(VIO_DESC_F_NEXT, VRING_DESC_F_NEXT),
	PAIR(VIO_DESC_F_WRITE, VRING_DESC_F_WRITE),
	PAIR(VIO_DESC_F_INDIRECT, VRING_DESC_F_INDIRECT),
	PAIR(VIO_AVAIL_F_NO_INTERRUPT, VRING_AVAIL_F_NO_INTERRUPT),
	PAIR(VIO_USED_F_NO_NOTIFY, VRING_USED_F_NO_NOTIFY),
	PAIR(VIO_SPLIT_DESC_ALIGN, VRING_DESC_ALIGN_SIZE),
	PAIR(VIO_SPLIT_AVAIL_ALIGN, VRING_AVAIL_ALIGN_SIZE),
	PAIR(VIO_SPLIT_USED_ALIGN, VRING_USED_ALIGN_SIZE),

	PAIR(sizeof(struct vio_desc), sizeof(struct vring_desc)),
	PAIR(offsetof(struct vio_desc, addr), offsetof(struct vring_desc, addr)),
	PAIR(offsetof(struct vio_desc, len), offsetof(struct vring_desc, len)),
	PAIR(offsetof(struct vio_desc, flags), offsetof(struct vring_desc, flags)),
	PAIR(offsetof(struct vio_desc, next), offsetof(struct vring_desc, next)),
	PAIR(offsetof(struct vio_avail, flags), offsetof(struct vring_avail, flags)),
	PAIR(offsetof(struct vio_avail, idx), offsetof(struct vring_avail, idx)),
	PAIR(offsetof(struct vio_avail, ring), offsetof(struct vring_avail, ring)),
	PAIR(offsetof(struct vio_used, flags), offsetof(struct vring_used, flags)),
	PAIR(offsetof(struct vio_used, idx), offsetof(struct vring_used, idx)),
	PAIR(offsetof(struct vio_used, ring), offsetof(struct vring_used, ring)),
	PAIR(sizeof(struct vio_used_elem), sizeof(struct vring_used_elem)),
	PAIR(offsetof(struct vio_used_elem, id), offsetof(struct vring_used_elem, id)),
	PAIR(offsetof(struct vio_used_elem, len), offsetof(struct vring_used_elem, len)),

	PAIR(VIO_MMIO_MAGIC, 'v' | 'i' << 8 | 'r' << 16 | 't' << 24),
	PAIR(VIO_MMIO_MAGIC_VALUE, VIRTIO_MMIO_MAGIC_VALUE),
	PAIR(VIO_MMIO_VERSION, VIRTIO_MMIO_VERSION),
	PAIR(VIO_MMIO_DEVICE_ID, VIRTIO_MMIO_DEVICE_ID),
	PAIR(VIO_MMIO_VENDOR_ID, VIRTIO_MMIO_VENDOR_ID),
	PAIR(VIO_MMIO_DEVICE_FEATURES, VIRTIO_MMIO_DEVICE_FEATURES),
	PAIR(VIO_MMIO_DEVICE_FEATURES_SEL, VIRTIO_MMIO_DEVICE_FEATURES_SEL),
	PAIR(VIO_MMIO_DRIVER_FEATURES, VIRTIO_MMIO_DRIVER_FEATURES),
	PAIR(VIO_MMIO_DRIVER_FEATURES_SEL, VIRTIO_MMIO_DRIVER_FEATURES_SEL),
	PAIR(VIO_MMIO_QUEUE_SEL, VIRTIO_MMIO_QUEUE_SEL),
	PAIR(VIO_MMIO_QUEUE_SIZE_MAX, VIRTIO_MMIO_QUEUE_NUM_MAX),
	PAIR(VIO_MMIO_QUEUE_SIZE, VIRTIO_MMIO_QUEUE_NUM),
	PAIR(VIO_MMIO_QUEUE_READY, VIRTIO_MMIO_QUEUE_READY),
	PAIR(VIO_MMIO_QUEUE_NOTIFY, VIRTIO_MMIO_QUEUE_NOTIFY),
	PAIR(VIO_MMIO_INTERRUPT_STATUS, VIRTIO_MMIO_INTERRUPT_STATUS),
	PAIR(VIO_MMIO_INTERRUPT_ACK, VIRTIO_MMIO_INTERRUPT_ACK),
	PAIR(VIO_MMIO_STATUS, VIRTIO_MMIO_STATUS),
	PAIR(VIO_MMIO_QUEUE_DESC_LOW, VIRTIO_MMIO_QUEUE_DESC_LOW),
	PAIR(VIO_MMIO_QUEUE_DESC_HIGH, VIRTIO_MMIO_QUEUE_DESC_HIGH),
	PAIR(VIO_MMIO_QUEUE_DRIVER_LOW, VIRTIO_MMIO_QUEUE_AVAIL_LOW),
	PAIR(VIO_MMIO_QUEUE_DRIVER_HIGH, VIRTIO_MMIO_QUEUE_AVAIL_HIGH),
	PAIR(VIO_MMIO_QUEUE_DEVICE_LOW, VIRTIO_MMIO_QUEUE_USED_LOW),
	PAIR(VIO_MMIO_QUEUE_DEVICE_HIGH, VIRTIO_MMIO_QUEUE_USED_HIGH),
	PAIR(VIO_MMIO_SHM_SEL, VIRTIO_MMIO_SHM_SEL),
	PAIR(VIO_MMIO_SHM_LEN_LOW, VIRTIO_MMIO_SHM_LEN_LOW),
	PAIR(VIO_MMIO_SHM_LEN_HIGH, VIRTIO_MMIO_SHM_LEN_HIGH),
	PAIR(VIO_MMIO_SHM_BASE_LOW, VIRTIO_MMIO_SHM_BASE_LOW),
	PAIR(VIO_MMIO_SHM_BASE_HIGH, VIRTIO_MMIO_SHM_BASE_HIGH),
	PAIR(VIO_MMIO_CONFIG_GENERATION, VIRTIO_MMIO_CONFIG_GENERATION),
	PAIR(VIO_MMIO_CONFIG, VIRTIO_MMIO_CONFIG),
	PAIR(VIO_INTERRUPT_USED, VIRTIO_MMIO_INT_VRING),
	PAIR(VIO_INTERRUPT_CONFIG, VIRTIO_MMIO_INT_CONFIG),
};

static void constants_and_layouts(void **state)
{
	(void)state;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(pairs); i++) {
		if (pairs[i].ours != pairs[i].theirs)
			fail_msg("%s is %#llx and should be %#llx", pairs[i].name,
				 (unsigned long long)pairs[i].ours,
				 (unsigned long long)pairs[i].theirs);
	}
}

/* vring_size() with an alignment of 4 is the three parts, the last one without avail_event. */
static void ring_sizes(void **state)
{
	static uint8_t memory[0x200000];

	(void)state;
	for (uint32_t size = 1; size <= VIO_SPLIT_SIZE_MAX; size *= 2) {
		uint32_t avail = (vio_split_avail_bytes(size) + 3) & ~3U;
		struct vring ring;

		vring_init(&ring, size, memory, 4);
		assert_ptr_equal((uint8_t *)ring.avail, memory + vio_split_desc_bytes(size));
		assert_ptr_equal((uint8_t *)ring.used, (uint8_t *)ring.avail + avail);
		assert_ptr_equal((uint8_t *)&vring_used_event(&ring) + 2,
				 (uint8_t *)ring.avail + vio_split_avail_bytes(size));
		assert_ptr_equal((uint8_t *)&vring_avail_event(&ring) + 2,
				 (uint8_t *)ring.used + vio_split_used_bytes(size));
		assert_true(vring_size(size, 4) <= VIO_DRIVER_RING_BYTES((size_t)size));
	}
}

static void event_formula(void **state)
{
	(void)state;
	for (uint32_t event = 0; event < 0x10000; event += 3) {
		for (uint32_t old = 0; old < 0x10000; old += 0x1111) {
			for (uint32_t count = 0; count < 20; count++) {
				uint16_t now = (uint16_t)(old + count);

				assert_int_equal(
					vio_event_passed((uint16_t)event, now, (uint16_t)old),
					vring_need_event((uint16_t)event, now, (uint16_t)old));
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(constants_and_layouts),
		cmocka_unit_test(ring_sizes),
		cmocka_unit_test(event_formula),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

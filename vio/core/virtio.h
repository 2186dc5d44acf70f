/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Constants and layouts of Virtio 1.4 that no single device owns. Feature constants are bit
 * numbers; VIO_BIT() makes masks of them.
 */
#ifndef VIRTIO_H
#define VIRTIO_H

#include "vio_types.h"

/* Device status field, 2.1. */
enum {
	VIO_STATUS_ACKNOWLEDGE = 1,
	VIO_STATUS_DRIVER = 2,
	VIO_STATUS_DRIVER_OK = 4,
	VIO_STATUS_FEATURES_OK = 8,
	VIO_STATUS_SUSPEND = 16,
	VIO_STATUS_NEEDS_RESET = 64,
	VIO_STATUS_FAILED = 128,
};

/* Feature bits that are not a device type's own, 6. */
enum {
	VIO_F_NOTIFY_ON_EMPTY = 24, /* legacy, 6.3 */
	VIO_F_ANY_LAYOUT = 27,      /* legacy, 6.3 */
	VIO_F_INDIRECT_DESC = 28,
	VIO_F_EVENT_IDX = 29,
	VIO_F_VERSION_1 = 32,
	VIO_F_ACCESS_PLATFORM = 33,
	VIO_F_RING_PACKED = 34,
	VIO_F_IN_ORDER = 35,
	VIO_F_ORDER_PLATFORM = 36,
	VIO_F_NOTIFICATION_DATA = 38,
	VIO_F_RING_RESET = 40,
	VIO_F_SUSPEND = 43,
};

/* Device IDs, 5. */
enum {
	VIO_ID_NONE = 0, /* an empty slot, which drivers skip */
	VIO_ID_NET = 1,
	VIO_ID_BLK = 2,
	VIO_ID_CONSOLE = 3,
	VIO_ID_RNG = 4,
};

/* Split virtqueue, 2.7. All fields are little-endian. */
enum {
	VIO_DESC_F_NEXT = 1,
	VIO_DESC_F_WRITE = 2,
	VIO_DESC_F_INDIRECT = 4,
};

enum {
	VIO_SPLIT_SIZE_MAX = 32768, /* 2.7: queue size, a power of two */
	VIO_SPLIT_DESC_ALIGN = 16,
	VIO_SPLIT_AVAIL_ALIGN = 2,
	VIO_SPLIT_USED_ALIGN = 4,
	VIO_LEGACY_ALIGN = 4096, /* 2.7.2: of the used ring, unless the driver says otherwise */
	VIO_AVAIL_F_NO_INTERRUPT = 1,
	VIO_USED_F_NO_NOTIFY = 1,
};

struct vio_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags;
	uint16_t next;
};

struct vio_avail {
	uint16_t flags;
	uint16_t idx;
	uint16_t ring[]; /* queue size entries, then used_event */
};

struct vio_used_elem {
	uint32_t id;
	uint32_t len;
};

struct vio_used {
	uint16_t flags;
	uint16_t idx;
	struct vio_used_elem ring[]; /* queue size entries, then avail_event (16 bits) */
};

/* Packed virtqueue, 2.8. All fields are little-endian. */
enum {
	VIO_PACKED_F_AVAIL = 1 << 7,
	VIO_PACKED_F_USED = 1 << 15,
	VIO_PACKED_SIZE_MAX = 32768, /* 2.8: queue size, any number */
	VIO_PACKED_DESC_ALIGN = 16,
	VIO_PACKED_EVENT_ALIGN = 4,
	VIO_PACKED_EVENT_WRAP = 1 << 15, /* of off_wrap; the offset is below it */
};

struct vio_packed_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t id;
	uint16_t flags; /* VIO_DESC_F_ and VIO_PACKED_F_ */
};

/* An entry's last word: its id and, from bit 16 on, its flags. */
#define VIO_PACKED_WORD(id, flags) ((uint32_t)(flags) << 16 | (id))

/* Event suppression structure, 2.8.14. */
enum {
	VIO_PACKED_EVENT_ENABLE = 0,
	VIO_PACKED_EVENT_DISABLE = 1,
	VIO_PACKED_EVENT_DESC = 2, /* with EVENT_IDX only */
};

struct vio_packed_event {
	uint16_t off_wrap;
	uint16_t flags;
};

/* Bytes of each part of a split queue of `size`, event fields included, 2.7. */
static inline uint32_t vio_split_desc_bytes(uint32_t size)
{
	return size * (uint32_t)sizeof(struct vio_desc);
}

static inline uint32_t vio_split_avail_bytes(uint32_t size)
{
	return (uint32_t)sizeof(struct vio_avail) + size * 2 + 2;
}

static inline uint32_t vio_split_used_bytes(uint32_t size)
{
	return (uint32_t)sizeof(struct vio_used) + size * (uint32_t)sizeof(struct vio_used_elem) +
	       2;
}

/*
 * Whether index `event` was passed when going from `old` to `now`, all modulo 2^16: 2.7.7.2,
 * 2.7.10. Ours asks it of used_event, a driver of avail_event.
 */
static inline bool vio_event_passed(uint16_t event, uint16_t now, uint16_t old)
{
	return (uint16_t)(now - event - 1) < (uint16_t)(now - old);
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The block device, Virtio 1.4, 5.2: read, write, flush and get-id over an asynchronous backend.
 *
 *	in the ring --taken, checked--> with the backend --vio_blk_done()--> used
 *	                    |                   |  ^
 *	                    |                   +--+ write-through: the write, then a flush
 *	                    +--answered at once (bad, get-id)--------------> used
 *
 * A backend gets a struct vio_blk_io whose spans are the guest's own memory, checked: whole
 * sectors, inside the capacity. It answers from inside submit(), or at any later time, in any
 * order. There are VIO_BLK_IOS of them; when all are with the backend, requests wait in the ring.
 */
#ifndef VIO_BLK_H
#define VIO_BLK_H

#include "vio_device.h"

#define VIO_BLK_QUEUE_SIZE 256
#define VIO_BLK_SECTOR     512 /* bytes: the unit of every sector number, whatever the block size */
#define VIO_BLK_ID_BYTES   20

/* Requests with the backend at a time, and the descriptors each may have: see vio_blk_storage. */
#ifndef VIO_BLK_IOS
#define VIO_BLK_IOS 16
#endif
#define VIO_BLK_SPANS VIO_BLK_QUEUE_SIZE

/* Feature bit numbers, 5.2.3. */
enum {
	VIO_BLK_F_SIZE_MAX = 1,
	VIO_BLK_F_SEG_MAX = 2,
	VIO_BLK_F_RO = 5,
	VIO_BLK_F_BLK_SIZE = 6,
	VIO_BLK_F_FLUSH = 9,
	VIO_BLK_F_TOPOLOGY = 10,
};

/* Request types, 5.2.6. */
enum {
	VIO_BLK_T_IN = 0,
	VIO_BLK_T_OUT = 1,
	VIO_BLK_T_FLUSH = 4,
	VIO_BLK_T_GET_ID = 8,
};

enum vio_blk_status {
	VIO_BLK_S_OK = 0,
	VIO_BLK_S_IOERR = 1,
	VIO_BLK_S_UNSUPP = 2,
};

/* What a request starts with, 5.2.6; for vio_device_wire32() and its like. */
struct vio_blk_header {
	uint32_t type;
	uint32_t reserved;
	uint64_t sector;
};

/* 5.2.4, whole; fields of features that are not offered read 0. */
struct vio_blk_config {
	uint64_t capacity; /* sectors */
	uint32_t size_max;
	uint32_t seg_max;
	uint16_t cylinders;
	uint8_t heads;
	uint8_t sectors;
	uint32_t blk_size;
	uint8_t physical_block_exp;
	uint8_t alignment_offset;
	uint16_t min_io_size;
	uint32_t opt_io_size;
	uint8_t writeback;
	uint8_t unused0;
	uint16_t num_queues;
	uint32_t max_discard_sectors;
	uint32_t max_discard_seg;
	uint32_t discard_sector_alignment;
	uint32_t max_write_zeroes_sectors;
	uint32_t max_write_zeroes_seg;
	uint8_t write_zeroes_may_unmap;
	uint8_t unused1[3];
	uint32_t max_secure_erase_sectors;
	uint32_t max_secure_erase_seg;
	uint32_t secure_erase_sector_alignment;
};

/* ---- Towards the backend ---- */

enum vio_blk_op {
	VIO_BLK_READ,
	VIO_BLK_WRITE,
	VIO_BLK_FLUSH, /* makes all writes that were answered before persistent */
};

struct vio_blk;

struct vio_blk_io {
	/* The backend reads these, and touches no span once it has answered. */
	enum vio_blk_op op;
	uint64_t sector;              /* the first, in VIO_BLK_SECTOR bytes */
	const struct vio_span *spans; /* to fill, or to write out */
	uint32_t len;                 /* bytes in all, never 0 but for a flush */
	uint16_t span_count;

	struct vio_blk_io *next; /* the backend's own, to queue by, until it has answered */

	/* The device's. */
	struct vio_blk *blk;
	uint8_t *status; /* in guest memory; NULL while the io is free */
	bool write_through;
	struct vio_request req;
	struct vio_span request_spans[VIO_BLK_SPANS];
};

/* Embedded in the backend's own struct. */
struct vio_blk_backend {
	/* Starts `io`; never refuses: a device has at most VIO_BLK_IOS with its backend. */
	void (*submit)(struct vio_blk_backend *backend, struct vio_blk_io *io);
	/*
	 * Optional. The driver has reset the device: an io that is not under way may be answered
	 * now, from inside this call, with any status. One that is, as ever, when it is done; a
	 * second reset asks again.
	 */
	void (*cancel)(struct vio_blk_backend *backend, struct vio_blk_io *io);
};

/* What the driver is told of the disk. Zero means: the default, or nothing known. */
struct vio_blk_disk {
	uint64_t capacity; /* sectors */
	const char *id;    /* at most VIO_BLK_ID_BYTES count; NULL: none */
	uint32_t blk_size; /* bytes, a power of two from 512: the best unit; default 512 */
	uint32_t size_max; /* most bytes the driver puts into one span; not enforced */
	uint32_t seg_max;  /* most spans of data, at most and by default VIO_BLK_SPANS - 2 */
	bool read_only;
	/* Writes may be lost with the power until a flush. A disk without sees no flush. */
	bool write_cache;
	uint8_t physical_block_exp; /* 1 << this many blocks in a physical one */
	uint8_t alignment_offset;   /* of the first such, in blocks */
	uint16_t min_io_size;       /* in blocks */
	uint32_t opt_io_size;       /* in blocks */
};

/* The caller owns it: VIO_BLK_IOS * VIO_BLK_SPANS * 16 bytes and a little more. */
struct vio_blk {
	struct vio_device device;
	struct vio_blk_config config;
	struct vio_blk_backend *backend;
	struct vio_blk_io *free;
	uint64_t capacity; /* the driver's may be an older one while it has us suspended */
	bool read_only;
	bool write_cache;
	bool waiting; /* requests may be in the ring for want of a free io */
	char id[VIO_BLK_ID_BYTES];
	struct vio_queue queues[1];
	struct vio_queue_config queue_configs[1];
	uint8_t in_flight[VIO_BLK_QUEUE_SIZE];
	struct vio_completion completions[VIO_BLK_QUEUE_SIZE];
	struct vio_blk_io ios[VIO_BLK_IOS];
};

/* `backend` outlives the device; `disk` is copied. */
void vio_blk_init(struct vio_blk *blk, struct vio_blk_backend *backend,
		  const struct vio_blk_disk *disk);

/*
 * The backend has answered `io`, which is from here on no longer its own. Exactly once for each
 * submit(); the io may be submitted again, as a flush, from inside this call.
 */
void vio_blk_done(struct vio_blk_io *io, enum vio_blk_status status);

/* The disk now has `capacity` sectors: the driver is told. Smaller ones hold for new requests. */
void vio_blk_resize(struct vio_blk *blk, uint64_t capacity);

#endif

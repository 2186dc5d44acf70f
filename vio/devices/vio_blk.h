/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The block device, Virtio 1.4, 5.2, all but zones, over an asynchronous backend.
 *
 *	in the ring --taken, checked--> with the backend --vio_blk_done()--> used
 *	                    |                   |  ^
 *	                    |                   +--+ the next range of a list;
 *	                    |                        write-through: a flush behind the write
 *	                    +--answered at once (bad, get-id)--------------> used
 *
 * A backend gets a struct vio_blk_io whose spans are the guest's own memory, checked: whole
 * sectors, inside the capacity. It answers from inside submit(), or at any later time, in any
 * order. There are VIO_BLK_IOS of them, for all queues together; when all are with the backend,
 * requests wait in their rings.
 */
#ifndef VIO_BLK_H
#define VIO_BLK_H

#include "vio_device.h"

#define VIO_BLK_QUEUE_SIZE 256
#define VIO_BLK_SECTOR     512 /* bytes: the unit of every sector number, whatever the block size */
#define VIO_BLK_ID_BYTES   20
#define VIO_BLK_STATE      1 /* bytes of its own for vio_state.h */

/* Requests with the backend at a time, and the descriptors each may have: see vio_blk_storage. */
#ifndef VIO_BLK_IOS
#define VIO_BLK_IOS 16
#endif
#define VIO_BLK_SPANS VIO_BLK_QUEUE_SIZE

/* Request queues, 1 to 8: a driver uses one, or as many as the guest has CPUs. */
#ifndef VIO_BLK_QUEUES
#define VIO_BLK_QUEUES 2
#endif

/* Ranges in one request to discard, write zeroes or erase, at most; 16 bytes each an io. */
#ifndef VIO_BLK_RANGES
#define VIO_BLK_RANGES 16
#endif

/* Feature bit numbers, 5.2.3. */
enum {
	VIO_BLK_F_SIZE_MAX = 1,
	VIO_BLK_F_SEG_MAX = 2,
	VIO_BLK_F_GEOMETRY = 4,
	VIO_BLK_F_RO = 5,
	VIO_BLK_F_BLK_SIZE = 6,
	VIO_BLK_F_FLUSH = 9,
	VIO_BLK_F_TOPOLOGY = 10,
	VIO_BLK_F_CONFIG_WCE = 11,
	VIO_BLK_F_MQ = 12,
	VIO_BLK_F_DISCARD = 13,
	VIO_BLK_F_WRITE_ZEROES = 14,
	VIO_BLK_F_LIFETIME = 15,
	VIO_BLK_F_SECURE_ERASE = 16,
};

/* Request types, 5.2.6. */
enum {
	VIO_BLK_T_IN = 0,
	VIO_BLK_T_OUT = 1,
	VIO_BLK_T_FLUSH = 4,
	VIO_BLK_T_FLUSH_OUT = 5, /* legacy drivers: the same, 5.2.6.3 */
	VIO_BLK_T_GET_ID = 8,
	VIO_BLK_T_GET_LIFETIME = 10,
	VIO_BLK_T_DISCARD = 11,
	VIO_BLK_T_WRITE_ZEROES = 13,
	VIO_BLK_T_SECURE_ERASE = 14,
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

/* What a request to discard, write zeroes or erase carries a list of, 5.2.6. */
struct vio_blk_range {
	uint64_t sector;
	uint32_t sectors;
	uint32_t flags;
};

#define VIO_BLK_RANGE_UNMAP 1 /* flag, of write zeroes only: may deallocate */

/* The answer to get-lifetime, 16 bits each, 5.2.6: 0 is undefined. */
enum {
	VIO_BLK_PRE_EOL_INFO,              /* 1 normal, 2 warning, 3 urgent */
	VIO_BLK_DEVICE_LIFETIME_EST_TYP_A, /* tenths used up, 1 to 10; 11 is beyond */
	VIO_BLK_DEVICE_LIFETIME_EST_TYP_B,
	VIO_BLK_METRICS,
};

/* Of one request of a kind: sectors a range, ranges. */
struct vio_blk_limits {
	uint32_t max_sectors;
	uint32_t max_seg;
};

/* 5.2.4, but for zones; fields of features that are not offered read 0. */
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
	struct vio_blk_limits discard;
	uint32_t discard_sector_alignment;
	struct vio_blk_limits write_zeroes;
	uint8_t write_zeroes_may_unmap;
	uint8_t unused1[3];
	struct vio_blk_limits secure_erase;
	uint32_t secure_erase_sector_alignment;
};

/* ---- Towards the backend ---- */

/*
 * What a backend is asked for. Those up to VIO_BLK_FLUSH it serves; of the others those that its
 * mask `can` has a VIO_BIT() for, and no others are offered to the driver.
 *
 *	op            in                             out      answers that it is done when
 *	READ          sector, spans, span_count, len the spans  all spans are filled
 *	WRITE         sector, spans, span_count, len            reads see the data
 *	FLUSH                                                   all writes and zeroes that were
 *	                                                        answered before are persistent
 *	DISCARD       sector, sectors                           nothing is asked of the data
 *	WRITE_ZEROES  sector, sectors, unmap                    reads see zeroes; with `unmap` the
 *	                                                        sectors may be deallocated
 *	SECURE_ERASE  sector, sectors                           no copy is left, for good
 *	LIFETIME                                     lifetime   it is filled in
 *
 * Ranges are never empty, and inside the capacity; a list comes range by range. They may start and
 * end at any sector: the alignment told to the driver is a wish. A backend that cannot do an op
 * (this time) answers VIO_BLK_S_IOERR, or VIO_BLK_S_UNSUPP; a list, or a write with its flush, ends
 * with the first error.
 */
enum vio_blk_op {
	VIO_BLK_READ,
	VIO_BLK_WRITE,
	VIO_BLK_FLUSH,
	VIO_BLK_DISCARD,
	VIO_BLK_WRITE_ZEROES,
	VIO_BLK_SECURE_ERASE,
	VIO_BLK_LIFETIME,
};

struct vio_blk;

struct vio_blk_io {
	/* The backend reads these, and touches no span once it has answered. */
	enum vio_blk_op op;
	bool unmap;
	uint16_t span_count;
	uint64_t sector;              /* the first, in VIO_BLK_SECTOR bytes */
	const struct vio_span *spans; /* to fill, or to write out */
	uint32_t len;                 /* bytes in all of a read or write, never 0; else 0 */
	uint32_t sectors;             /* of a range, never 0 */

	struct vio_blk_io *next; /* the backend's own, to queue by, until it has answered */

	/* The device's. */
	struct vio_blk *blk;
	struct vio_queue *queue;
	uint8_t *status; /* in guest memory; NULL while the io is free */
	uint8_t steps;   /* to take after this answer, unless it is an error */
	uint8_t range;   /* the next of the list */
	uint8_t range_count;
	bool submitting; /* run() is in the backend's submit(), */
	bool answered;   /* which has answered from inside */
	struct vio_request req;
	union {
		struct vio_blk_range ranges[VIO_BLK_RANGES];
		uint16_t lifetime[VIO_BLK_METRICS]; /* the backend's, in the CPU's order */
	};
	struct vio_span request_spans[VIO_BLK_SPANS];
};

/* Embedded in the backend's own struct, which outlives the device. */
struct vio_blk_backend {
	/*
	 * Starts `io`, which is the backend's until it is given to vio_blk_done(); never refuses: a
	 * device has at most VIO_BLK_IOS with its backend.
	 */
	void (*submit)(struct vio_blk_backend *backend, struct vio_blk_io *io);
	/*
	 * Optional. The driver has reset the device: an io that is not under way may be answered
	 * now, from inside this call, with any status. One that is, as ever, when it is done; a
	 * second reset asks again.
	 */
	void (*cancel)(struct vio_blk_backend *backend, struct vio_blk_io *io);
	uint8_t can; /* VIO_BIT() of each op beyond VIO_BLK_FLUSH that submit() serves */
};

/* What the driver is told of the disk. Zero means: the default, or nothing known. */
struct vio_blk_disk {
	uint64_t capacity; /* sectors */
	const char *id;    /* at most VIO_BLK_ID_BYTES count; NULL: none */
	uint32_t blk_size; /* bytes, a power of two from 512: the best unit; default 512 */
	uint32_t size_max; /* most bytes the driver puts into one span; not enforced */
	uint32_t seg_max;  /* most spans of data, at most and by default VIO_BLK_SPANS - 2 */
	bool read_only;    /* nothing that changes data is offered, whatever the backend can */
	/*
	 * Writes may be lost with the power until a flush: the driver may choose between flushes of
	 * its own and one behind each write. A disk without sees no flush.
	 */
	bool write_cache;
	bool may_unmap;             /* write zeroes may deallocate */
	uint8_t physical_block_exp; /* 1 << this many blocks in a physical one */
	uint8_t alignment_offset;   /* of the first such, in blocks */
	uint16_t min_io_size;       /* in blocks */
	uint32_t opt_io_size;       /* in blocks */
	uint16_t cylinders;         /* 0: no geometry, and the next two 0 */
	uint8_t heads;
	uint8_t sectors;
	/*
	 * Of what the backend can; enforced. By default ranges of 1 MiB, a disk in memory being
	 * busy for as long as it takes to clear VIO_BLK_RANGES of them; and VIO_BLK_RANGES, which
	 * is also the most.
	 */
	struct vio_blk_limits discard;
	struct vio_blk_limits write_zeroes;
	struct vio_blk_limits secure_erase;
	uint32_t discard_alignment; /* sectors, best for ranges; default a block */
	uint32_t secure_erase_alignment;
};

/*
 * The caller owns it: VIO_BLK_IOS * (VIO_BLK_SPANS + VIO_BLK_RANGES) * 16 bytes, 3 KiB a queue and
 * a little more.
 */
struct vio_blk {
	struct vio_device device;
	struct vio_blk_config config;
	struct vio_blk_backend *backend;
	struct vio_blk_io *free;
	uint64_t capacity; /* the driver's may be an older one while it has us suspended */
	bool read_only;
	bool write_cache;
	bool write_through; /* each write is used only after a flush */
	uint8_t turn;       /* the queue that was woken last */
	uint32_t waiting;   /* queues, a bit each, with requests for want of a free io */
	char id[VIO_BLK_ID_BYTES];
	struct vio_queue queues[VIO_BLK_QUEUES];
	struct vio_queue_config queue_configs[VIO_BLK_QUEUES];
	uint8_t in_flight[VIO_BLK_QUEUES][VIO_BLK_QUEUE_SIZE];
	struct vio_completion completions[VIO_BLK_QUEUES][VIO_BLK_QUEUE_SIZE];
	struct vio_blk_io ios[VIO_BLK_IOS];
};

/* `backend` outlives the device; `disk` is copied. */
void vio_blk_init(struct vio_blk *blk, struct vio_blk_backend *backend,
		  const struct vio_blk_disk *disk);

/*
 * The backend has answered `io`, which is from here on no longer its own. Exactly once for each
 * submit(); the io may be submitted again, with what is left of its request, from inside this call.
 */
void vio_blk_done(struct vio_blk_io *io, enum vio_blk_status status);

/* The disk now has `capacity` sectors: the driver is told. Smaller ones hold for new requests. */
void vio_blk_resize(struct vio_blk *blk, uint64_t capacity);

#endif

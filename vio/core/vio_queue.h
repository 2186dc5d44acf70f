/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtqueue, seen from the device.
 *
 * Its life:
 *
 *	configured --enable--> live --open--> open --misuse--> stopped
 *	     ^                  |             |  ^                |
 *	     |                  |            halted               |
 *	     +---- disable, queue reset, device reset ------------+
 *
 * What the driver is still writing is a struct vio_queue_config and nothing else. Enabling
 * validates it whole, translates the ring once, and makes the struct vio_queue: there is no way to
 * write down a change to a live queue. A live queue opens when the driver sets DRIVER_OK, or at
 * once for a legacy driver; only an open queue is looked at.
 *
 * A device takes requests inside its notify handler, which the core brackets with a batch: the
 * used buffers are published with one store, and one decision is made about the interrupt. A batch
 * hands out at most what the ring holds, since a driver has no entry to offer again before it was
 * shown as used: one that does has broken the ring.
 *
 * Completing is allowed at any time and in any order. Outside a batch each completion is a batch
 * of its own. After the queue was disabled, or stopped, what was taken before is late: its
 * completion is dropped, but still says that the backend has let go of the guest's memory. The
 * queue is not enabled again before the last of them, so none can be taken for one of a later
 * life.
 *
 * A queue is halted while its device is suspended or paused: nothing is taken, and what is with the
 * backend is still used.
 *
 * All calls on one device are serialised by the root.
 */
#ifndef VIO_QUEUE_H
#define VIO_QUEUE_H

#include "vio_request.h"
#include "virtio.h"

struct vio_device;
struct vio_ring;

/* What is wrong with what a driver did to a ring. */
enum vio_error {
	VIO_OK,
	VIO_ERROR_AVAIL_INDEX,    /* more buffers available and not shown as used than entries */
	VIO_ERROR_HEAD_RANGE,     /* first descriptor's index >= queue size */
	VIO_ERROR_HEAD_IN_FLIGHT, /* made available again before it was used */
	VIO_ERROR_NEXT_RANGE,     /* a chained index beyond its table */
	VIO_ERROR_CHAIN_LENGTH,   /* a loop, or more descriptors than the device takes */
	VIO_ERROR_CHAIN_ORDER,    /* a readable descriptor after a writable one */
	VIO_ERROR_OVERCOMMIT,     /* packed: more descriptors in flight than the ring has */
	VIO_ERROR_CHAIN_BYTES,    /* 2^32 bytes or more in one buffer */
	VIO_ERROR_ADDRESS,        /* not inside one region of the guest with that access */
	VIO_ERROR_INDIRECT, /* not negotiated, nested, chained on, misaligned or of a wrong size */
	VIO_ERROR_REFUSED,  /* the device itself: a buffer it can do nothing with */
	VIO_ERRORS,
};

/* A few words for a report: never NULL, any value. */
const char *vio_error_text(enum vio_error error);

/* What the driver has written about a queue that is not live: anything. */
struct vio_queue_config {
	uint64_t desc; /* guest addresses of the parts, 2.7 */
	uint64_t driver;
	uint64_t device;
	uint32_t size;  /* entries */
	uint32_t align; /* legacy: QueueAlign, bytes */
	uint32_t pfn;   /* legacy: QueuePFN, when `ready` */
	bool ready;     /* the queue was made live from this */
};

struct vio_queue_counters {
	uint64_t bytes_read;    /* readable bytes of the requests taken */
	uint64_t bytes_written; /* lengths reported as used */
	uint32_t kicks;
	uint32_t requests;
	uint32_t interrupts;
	uint32_t late; /* completions dropped because the queue was disabled before */
};

/* A completion that waits for those before it, where buffers are used in order. */
struct vio_completion {
	uint32_t len;
	uint16_t id;
	uint16_t entries; /* of the ring; 0: not completed yet */
	bool whole;       /* all its writable bytes were written */
};

/*
 * Whether an open queue is in a batch, and how a completion then gets into its ring. The usual ways
 * are done without a call; vio_queue_complete() relies on their order here.
 */
enum vio_batch {
	VIO_BATCH_NONE,  /* it is not: nothing is taken, a completion is a batch alone */
	VIO_BATCH_OTHER, /* as the ring's format says */
	VIO_BATCH_SPLIT_IN_ORDER,
	VIO_BATCH_PACKED_IN_ORDER,
	VIO_BATCH_SPLIT,
	VIO_BATCH_PACKED,
};

struct vio_queue {
	/* Fixed while live. */
	const struct vio_ring *ring; /* the ring format */
	struct vio_device *device;
	const struct vio_memory *memory; /* the device's */
	union {
		struct {
			volatile struct vio_desc *desc;
			volatile struct vio_avail *avail;
			volatile struct vio_used *used;
		} split;
		struct {
			volatile struct vio_packed_desc *desc;
			volatile struct vio_packed_event *driver;
			volatile struct vio_packed_event *device;
		} packed;
	};
	uint8_t *in_flight; /* split: one a head, caller-owned */
	uint16_t size;
	uint8_t index; /* which queue of the device */
	uint8_t batch; /* enum vio_batch: NONE as well when the queue was closed in a batch */
	bool in_batch;
	bool open : 1;
	bool may_look : 1; /* in a batch: there may be more than is known */
	bool indirect : 1;
	bool event_idx : 1;
	bool closing : 1; /* disabled; `held` entries are still with the backend */
	bool halted : 1;  /* would be open, but that the device takes nothing now */

	/*
	 * The device's own positions, of which the ring is only told: each is at or behind the one
	 * before it, all within one ring's length. Packed: with the wrap counter there, kept as the
	 * flags of an entry, where VIO_PACKED_WORD() has them.
	 */
	uint16_t take_end;    /* where to look whether more may be taken */
	uint16_t avail_next;  /* the next available entry to take */
	uint16_t used_next;   /* the next used entry to write */
	uint16_t used_shown;  /* the first that the driver cannot see yet */
	uint16_t event_flags; /* packed: by which the driver names an event */
	union {
		uint32_t mask;       /* split: size - 1 */
		uint32_t first_word; /* packed: of the entry at used_shown, written last */
	};
	uint32_t avail_flags; /* of an entry that is available */
	uint32_t used_flags;  /* of one that is used, and was written to */
	uint32_t shown_flags;
	/* In order, see vio_queue.c: ring entries up to used_next of which the last used entry
	 * written stands for all; and those of buffers that are complete behind one that is not. */
	uint16_t run;
	uint16_t waiting;
	uint16_t held;       /* ring entries of an earlier life that are still with the backend */
	uint16_t generation; /* times the queue was closed */

	struct vio_queue_counters counters;
};

/* ---- Inside the core ---- */

/* Ring entries of the buffers that a backend has, late ones too. */
uint16_t vio_queue_held(const struct vio_queue *queue);

/* At take_end: whether there is more to take after all. */
bool vio_queue_look(struct vio_queue *queue);

/* Whether there may be a buffer to take. */
static inline bool vio_queue_has_next(struct vio_queue *queue)
{
	return vio_likely(queue->avail_next != queue->take_end) ||
	       (queue->may_look && vio_queue_look(queue));
}

/* What vio_queue_has_next() has said there is. */
bool vio_queue_take_next(struct vio_queue *queue, struct vio_request *req,
			 const struct vio_spans *room);

/* ---- For devices ---- */

/*
 * Takes the next available buffer, in the notify handler only. False when there is none, or
 * when the driver broke the ring (the device then needs a reset).
 * `spans` are the caller's and the request's until it is completed. `capacity` should be the
 * queue's size or more; a longer buffer is misuse.
 *
 * Devices that answer before they take again use vio_queue_take(), vio_device.h.
 */
static inline bool vio_queue_take_into(struct vio_queue *queue, struct vio_request *req,
				       struct vio_span *spans, size_t capacity)
{
	return vio_queue_has_next(queue) &&
	       vio_queue_take_next(queue, req, &(struct vio_spans){ spans, capacity });
}

/*
 * A batch outside the notify handler, for a device that has something for the driver without being
 * asked: begin, or go on with the one that is open; take and complete; end, which publishes all
 * and decides once about the interrupt. `begin` returns false when the queue is not open. One that
 * has taken all that the ring holds is ended, and another begun.
 */
bool vio_queue_begin(struct vio_queue *queue);
void vio_queue_end(struct vio_queue *queue);

/*
 * `end` for a device that puts the decision about the interrupt off, in the notify handler too:
 * returns how many ring entries are undecided with these, at most all, for the next call or for
 * `decide`. That asks the driver's wish anew. What a queue that was closed has undecided is void,
 * and one that is halting (struct vio_device_type) leaves nothing undecided.
 */
uint16_t vio_queue_show(struct vio_queue *queue, uint16_t undecided);
void vio_queue_decide(struct vio_queue *queue, uint16_t undecided);

/*
 * Puts the request taken last back to the front of the queue, untouched, for a device that cannot
 * serve it now. The device calls vio_queue_kick() when it can.
 */
void vio_queue_untake(struct vio_queue *queue, const struct vio_request *req);

/*
 * Gives the buffer back to the driver, with the number of bytes written, and lets go of its
 * memory. Exactly once for each request taken, also after a reset.
 */
void vio_queue_complete(struct vio_queue *queue, const struct vio_request *req);

/*
 * Lets go of a buffer the device can do nothing with, unused, and sets DEVICE_NEEDS_RESET: for a
 * breach of the device's own framing where no status can be reported.
 */
void vio_queue_refuse(struct vio_queue *queue, const struct vio_request *req);

/* Asks for the queue's notify handler to run soon: a backend has become ready. */
void vio_queue_kick(struct vio_queue *queue);

#endif

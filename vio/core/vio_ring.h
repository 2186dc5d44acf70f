/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the core: what a ring format does for vio_queue.c, and what formats share. */
#ifndef VIO_RING_H
#define VIO_RING_H

#include "vio_device.h"
#include "vio_guest.h"

struct vio_ring {
	uint8_t batch; /* enum vio_batch */
	bool packed;
	/* Checks and translates the parts of a ring of config->size entries; false: not usable. */
	bool (*map)(struct vio_queue *queue, const struct vio_queue_config *config,
		    const struct vio_memory *memory);
	/* Starts at the queue's positions; packed: with both wrap counters `wrap`. */
	void (*start)(struct vio_queue *queue, bool wrap);
	/* At take_end: whether more may be taken, and then the end is another. */
	bool (*look)(struct vio_queue *queue);
	/* As vio_queue_take_into(), before take_end. */
	bool (*take)(struct vio_queue *queue, struct vio_request *req,
		     const struct vio_spans *room);
	void (*untake)(struct vio_queue *queue, const struct vio_request *req);
	/* Makes a request that is complete a used entry, which the driver cannot see yet. */
	void (*use)(struct vio_queue *queue, const struct vio_request *req);
	/* Shows the driver all used entries, and interrupts it if it wants that for them. */
	void (*publish)(struct vio_queue *queue);
	/* The two halves of it: how many it shows, and the decision about so many shown last. */
	uint16_t (*show)(struct vio_queue *queue);
	void (*decide)(struct vio_queue *queue, uint16_t entries);
	/* Ring entries taken and not yet shown as used; and how many of them are used. */
	uint16_t (*taken)(const struct vio_queue *queue);
	uint16_t (*unshown)(const struct vio_queue *queue);
};

extern const struct vio_ring vio_split_ring;
extern const struct vio_ring vio_packed_ring;
/* The same where buffers are used in order. */
extern const struct vio_ring vio_split_ring_in_order;
extern const struct vio_ring vio_packed_ring_in_order;
/* For legacy guests of either byte order. */
extern const struct vio_ring vio_split_ring_legacy_little;
extern const struct vio_ring vio_split_ring_legacy_big;

/* Runs the notify handler as one batch, if the queue is open. */
void vio_queue_serve(struct vio_queue *queue);

/* The driver broke the ring. Returns false: there is nothing to take. */
bool vio_queue_broken(struct vio_queue *queue, enum vio_error error);

/* Nothing can be taken from now on: the queue is closed, or the batch is over. */
void vio_queue_stop_taking(struct vio_queue *queue);

/* Where buffers wait that are complete before their turn: one a ring entry. */
struct vio_completion *vio_queue_completions(const struct vio_queue *queue);

/* ---- Using ---- */

/* What is shown to the driver, if it wants to be interrupted for it. */
static inline void vio_queue_interrupt(struct vio_queue *queue, bool wanted)
{
	if (!wanted)
		return;
	queue->counters.interrupts++;
	queue->device->transport->interrupt(queue->device, VIO_INTERRUPT_USED);
}

/* Writes the used entry at `position`. */
static inline void vio_split_put(struct vio_queue *queue, uint32_t position, uint32_t id,
				 uint32_t len)
{
	volatile struct vio_used_elem *elem = &queue->split.used->ring[position & queue->mask];
	const size_t head = vio_widened(id);

	queue->in_flight[head] = false;
	vio_guest_store32(&elem->id, (uint32_t)head);
	vio_guest_store32(&elem->len, len);
}

static inline void vio_split_use(struct vio_queue *queue, uint32_t position,
				 const struct vio_request *req, uint32_t len)
{
	vio_split_put(queue, position, req->id, len);
	queue->used_next++;
}

/* An entry's last word, VIO_PACKED_WORD(). */
static inline volatile uint32_t *vio_packed_word(volatile struct vio_packed_desc *desc)
{
	return (volatile uint32_t *)(volatile void *)&desc->id;
}

/* What is not the same in the flags of two laps. */
#define VIO_PACKED_LAP VIO_PACKED_WORD(0, VIO_PACKED_F_AVAIL | VIO_PACKED_F_USED)

/* That of a used entry; `flags` are those of one that was written to. */
static inline uint32_t vio_packed_used_word(uint32_t flags, uint16_t id, uint32_t len)
{
	const uint32_t word = flags | id;

	return vio_never(len == 0) ? word & ~VIO_PACKED_WORD(0, VIO_DESC_F_WRITE) : word;
}

/* Writes the used entry; but the word of the first that the driver cannot see yet is kept back. */
static inline void vio_packed_put(struct vio_queue *queue, uint32_t position, uint32_t flags,
				  uint16_t id, uint32_t len)
{
	volatile struct vio_packed_desc *desc = &queue->packed.desc[position];
	const uint32_t word = vio_packed_used_word(flags, id, len);

	vio_guest_store32(&desc->len, len);
	if ((uint16_t)position == queue->used_shown)
		queue->first_word = word;
	else
		vio_guest_store32(vio_packed_word(desc), word);
}

/* Moves used_next to `position`, below twice the size: not in this lap, it is in the next. */
void vio_packed_turn(struct vio_queue *queue, uint16_t position);

static inline void vio_packed_advance(struct vio_queue *queue, uint16_t position)
{
	if (vio_unlikely(position >= queue->size))
		vio_packed_turn(queue, position);
	else
		queue->used_next = position;
}

static inline void vio_packed_use(struct vio_queue *queue, const struct vio_request *req,
				  uint32_t len)
{
	const uint32_t position = (uint32_t)vio_widened(queue->used_next);

	vio_packed_put(queue, position, queue->used_flags, req->id, len);
	vio_packed_advance(queue, (uint16_t)position + req->entries);
}

/*
 * Whether the buffer is the next to be used in order, and was filled whole: then the batch's one
 * used entry, at used_shown, may be this one's, and stand for all before it, 2.7.9, 2.8.8.
 */
static inline bool vio_goes_on(const struct vio_queue *queue, const struct vio_request *req)
{
	return vio_likely(req->position == queue->used_next) && vio_likely(req->writable_len == 0);
}

static inline void vio_packed_go_on(struct vio_queue *queue, const struct vio_request *req,
				    uint32_t len)
{
	vio_guest_store32(&queue->packed.desc[queue->used_shown].len, len);
	queue->first_word = vio_packed_used_word(queue->shown_flags, req->id, len);
	vio_packed_advance(queue, queue->used_next + req->entries);
}

/*
 * Whether avail_next is in the lap after that of used_shown; at the end of the ring's memory, the
 * other way round.
 */
static inline bool vio_packed_is_ahead(const struct vio_queue *queue)
{
	return ((queue->avail_flags ^ queue->shown_flags) &
		VIO_PACKED_WORD(0, VIO_PACKED_F_AVAIL)) != 0;
}

/*
 * Up to where entries may be taken in the lap of avail_next, an entry: the end of the ring's
 * memory, or what is not shown as used.
 */
static inline uint16_t vio_packed_take_end(const struct vio_queue *queue)
{
	return vio_packed_is_ahead(queue) ? queue->used_shown : queue->size;
}

/* `use` where buffers are used in order. */
void vio_use_in_order(struct vio_queue *queue, const struct vio_request *req);

/* ---- Taking ---- */

/* From the start of the region added first, modulo 2^64, as the hot path counts addresses. */
static inline uint64_t vio_memory_offset(const struct vio_memory *memory, uint64_t addr)
{
	return addr - memory->base;
}

/* The root's address of a buffer that is empty, or not in the first region; NULL: nowhere. */
uint8_t *vio_span_find(const struct vio_memory *memory, uint64_t offset, uint64_t len, bool write);

/*
 * A request under construction, and the descriptor that comes next. It lives in registers: what is
 * rare is called with values, never with its address.
 */
struct vio_chain {
	const struct vio_memory *memory;
	struct vio_span *next; /* the span to fill */
	struct vio_span *end;  /* so many descriptors away as there may still be */
	uint64_t bytes;
	uint64_t offset;
	uint64_t len;
	uint64_t flags; /* split: above 16 bits of them, the index of the next; packed: the entry's
			   last word */
};

/* What a walk comes to, beside errors; VIO_OK: the other side follows. */
#define VIO_CHAIN_END  VIO_ERRORS                         /* all is added */
#define VIO_CHAIN_RARE ((enum vio_error)(VIO_ERRORS + 1)) /* nothing for the hot path is next */

/* Adds the next descriptor's buffer, if it is one in the first region, and not empty. */
static vio_inline bool vio_chain_add(struct vio_chain *chain, size_t write)
{
	const struct vio_memory *memory = chain->memory;

	if (vio_unlikely(!vio_memory_holds(memory, chain->offset, chain->len, write)))
		return false;
	chain->next->data = memory->data + chain->offset;
	chain->next->len = (uint32_t)chain->len;
	chain->next++;
	chain->bytes += chain->len;
	return true;
}

/* Adds any. An empty one takes a place off the end, instead of one of the spans. */
static vio_inline enum vio_error vio_chain_add_any(struct vio_chain *chain, size_t write)
{
	uint8_t *data = NULL;

	if (vio_likely(vio_chain_add(chain, write)))
		return VIO_OK;
	data = vio_span_find(chain->memory, chain->offset, chain->len, write != 0);
	if (!data)
		return VIO_ERROR_ADDRESS;
	if (chain->len == 0) { /* checked, and left out */
		chain->end--;
		return VIO_OK;
	}
	*chain->next++ = (struct vio_span){ .data = data, .len = (uint32_t)chain->len };
	chain->bytes += chain->len;
	return VIO_OK;
}

/*
 * The next descriptor as an indirect table, of which a driver may make the same in either format,
 * 2.7.5.3 and 2.8.7: whole descriptors, no more than there may be. `next`: the flag that chains it
 * on. NULL and the error: it is none.
 */
static vio_inline const volatile void *vio_chain_table(const struct vio_queue *queue,
						       struct vio_chain *chain, uint64_t next,
						       enum vio_error *error)
{
	const struct vio_memory *memory = chain->memory;
	const uint32_t len = (uint32_t)chain->len;

	/* Two 64-bit loads a descriptor: a CPU that insists on alignment would trap below 8. */
	*error = VIO_ERROR_INDIRECT;
	if (!queue->indirect || (chain->flags & next) != 0 || len == 0 ||
	    len % sizeof(struct vio_desc) != 0 ||
	    len / sizeof(struct vio_desc) > (size_t)(chain->end - chain->next) ||
	    (memory->base + chain->offset) % 8 != 0)
		return NULL;
	*error = VIO_ERROR_ADDRESS;
	if (vio_likely(vio_memory_holds(memory, chain->offset, len, 0)))
		return memory->data + chain->offset;
	return vio_span_find(memory, chain->offset, len, false);
}

/* The readable side ends here. */
static inline void vio_chain_turn(const struct vio_chain *chain, struct vio_request *req)
{
	req->writable = chain->next;
	req->readable_len = (uint32_t)vio_widened((size_t)chain->bytes);
}

/* Adds what is to be written (VIO_DESC_F_WRITE) or not: `write` is what the one before was. */
static vio_inline enum vio_error
vio_chain_add_side(struct vio_chain *chain, struct vio_request *req, uint32_t *write, uint32_t side)
{
	if (side < *write)
		return VIO_ERROR_CHAIN_ORDER;
	if (side > *write)
		vio_chain_turn(chain, req);
	*write = side;
	return vio_chain_add_any(chain, side);
}

/* Makes a finished chain a request. */
static vio_inline enum vio_error vio_chain_finish(uint64_t bytes, struct vio_queue *queue,
						  struct vio_request *req)
{
	if (vio_unlikely(bytes > UINT32_MAX))
		return VIO_ERROR_CHAIN_BYTES;
	req->writable_len = req->whole_len = (uint32_t)bytes - req->readable_len;
	queue->counters.bytes_read += req->readable_len;
	return VIO_OK;
}

/* A chain of which the first descriptor is given. */
static vio_inline struct vio_chain vio_chain_begin(const struct vio_queue *queue,
						   struct vio_request *req,
						   const struct vio_spans *room, uint64_t offset,
						   uint64_t len, uint64_t flags)
{
	struct vio_span *spans = room->first;

	req->readable = spans;
	return (struct vio_chain){
		.memory = queue->memory,
		.next = spans,
		.end = spans + room->capacity,
		.bytes = 0,
		.offset = offset,
		.len = len,
		.flags = flags,
	};
}

/* Makes one descriptor's buffer a request; false: it is empty, or not in the first region. */
static inline bool vio_request_of_one(struct vio_queue *queue, struct vio_request *req,
				      struct vio_span *span, uint64_t offset, uint64_t len,
				      bool write)
{
	const struct vio_memory *memory = queue->memory;

	span->len = (uint32_t)len;
	if (vio_likely(write)) {
		if (vio_unlikely(!vio_memory_holds(memory, offset, len, VIO_DESC_F_WRITE)))
			return false;
		req->writable = span;
		req->readable_len = 0;
		req->writable_len = req->whole_len = (uint32_t)len;
	} else {
		if (vio_unlikely(!vio_memory_holds(memory, offset, len, 0)))
			return false;
		req->readable = span;
		req->readable_len = (uint32_t)len;
		req->writable_len = req->whole_len = 0;
		queue->counters.bytes_read += len;
	}
	span->data = memory->data + offset;
	return true;
}

#endif

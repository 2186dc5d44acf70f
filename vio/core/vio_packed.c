/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The packed virtqueue, Virtio 1.4, 2.8.
 *
 * One ring of descriptors serves both sides. Two flag bits, compared with a wrap counter, say whose
 * an entry is: available when AVAIL equals the device's counter and USED does not, used when both
 * equal it. The device's position and counter, on either side, are its own; it never reads back
 * what it wrote.
 *
 * A buffer is as many entries in a row as its chain is long, and is used with one entry in the
 * place of its first, after which as many are skipped. So the device must not write past what it
 * took: no entry is taken again before it was shown as used, and a driver that offers one breaks
 * the ring. Buffer ids are the driver's own affair, and only echoed.
 *
 * Of the positions, used_next and used_shown are entries of the ring; avail_next may also stand at
 * the end of its memory, which is where take_end is then, and is turned to the next lap when
 * something is to be taken there. A wrap counter is kept as the flags that go with it. In a batch,
 * the entries from avail_next up to take_end lie in one lap, and may be taken if available.
 *
 * Nearly every chain is readable buffers in the guest's RAM and then writable ones, in such entries
 * or all in one table. walk() takes these, one loop a side, and leaves the rest of any other to
 * walk_any(), which goes on where it stands.
 *
 * A batch is shown to the driver by one store: id and flags of its first used entry are kept back
 * until all others are written.
 *
 * The two are one word in memory, and are loaded and stored as one here. A driver writes an id
 * before it makes the entry available, and all of a load is of one moment: flags that say available
 * come with the id that belongs to them.
 */
#include "vio_ring.h"

#define F_NEXT     VIO_PACKED_WORD(0, VIO_DESC_F_NEXT)
#define F_WRITE    VIO_PACKED_WORD(0, VIO_DESC_F_WRITE)
#define F_INDIRECT VIO_PACKED_WORD(0, VIO_DESC_F_INDIRECT)
#define F_AVAIL    VIO_PACKED_WORD(0, VIO_PACKED_F_AVAIL)
#define F_USED     VIO_PACKED_WORD(0, VIO_PACKED_F_USED)

static bool packed_map(struct vio_queue *queue, const struct vio_queue_config *config,
		       const struct vio_memory *memory)
{
	uint32_t size = config->size;

	if (size == 0 || size > VIO_PACKED_SIZE_MAX || config->desc % VIO_PACKED_DESC_ALIGN != 0 ||
	    config->driver % VIO_PACKED_EVENT_ALIGN != 0 ||
	    config->device % VIO_PACKED_EVENT_ALIGN != 0)
		return false;

	queue->packed.desc = vio_memory_at(
		memory, config->desc, size * sizeof(struct vio_packed_desc), VIO_ACCESS_READ_WRITE);
	queue->packed.driver = vio_memory_at(memory, config->driver,
					     sizeof(struct vio_packed_event), VIO_ACCESS_READ);
	queue->packed.device = vio_memory_at(
		memory, config->device, sizeof(struct vio_packed_event), VIO_ACCESS_READ_WRITE);
	return queue->packed.desc && queue->packed.driver && queue->packed.device;
}

static void packed_start(struct vio_queue *queue, bool wrap)
{
	queue->avail_flags = wrap ? F_AVAIL : F_USED;
	queue->event_flags = queue->event_idx ? VIO_PACKED_EVENT_DESC : VIO_PACKED_EVENT_ENABLE;
	queue->used_flags = queue->shown_flags = F_WRITE | (wrap ? VIO_PACKED_LAP : 0);
}

static bool is_available(const struct vio_queue *queue, uint32_t word)
{
	return ((word ^ queue->avail_flags) & VIO_PACKED_LAP) == 0;
}

/* Whether used_next is in the lap after that of used_shown. */
static bool used_is_ahead(const struct vio_queue *queue)
{
	return queue->used_flags != queue->shown_flags;
}

/* At the end of the ring's memory, avail_next is still in the lap that used_shown may have left. */
static uint16_t packed_taken(const struct vio_queue *queue)
{
	if (!vio_packed_is_ahead(queue))
		return queue->avail_next - queue->used_shown;
	return queue->avail_next == queue->size
		       ? 0
		       : (uint16_t)(queue->avail_next - queue->used_shown + queue->size);
}

static uint16_t packed_unshown(const struct vio_queue *queue)
{
	return (uint16_t)(queue->used_next - queue->used_shown +
			  (used_is_ahead(queue) ? queue->size : 0));
}

/* The request, of so many entries up to the end of the ring's memory, is the device's now. */
static inline bool take_it(struct vio_queue *queue, uint32_t entries)
{
	queue->avail_next += entries;
	queue->counters.requests++;
	return true;
}

/* The same of entries that may go on in the next lap. */
static inline bool take_across(struct vio_queue *queue, uint32_t entries)
{
	const uint32_t next = queue->avail_next + entries;

	if (vio_likely(next <= queue->size))
		return take_it(queue, entries);
	queue->avail_flags ^= VIO_PACKED_LAP;
	queue->avail_next = (uint16_t)(next - queue->size);
	queue->take_end = queue->avail_next; /* the end is another in this lap */
	return take_it(queue, 0);
}

/* Where a walk is: at a descriptor of an indirect table, or of the ring. */
struct place {
	const volatile struct vio_packed_desc *desc;
	size_t left; /* descriptors of the table from there on; or entries of the ring for the hot
			path, where 0 says that the last is added, and another follows */
	bool in_table;
};

static vio_inline void load(struct vio_chain *chain, const volatile struct vio_packed_desc *desc)
{
	chain->flags = vio_widened(
		vio_guest_load32((const volatile uint32_t *)(const volatile void *)&desc->id));
	chain->offset = vio_memory_offset(chain->memory, vio_guest_load64(&desc->addr));
	chain->len = vio_widened(vio_guest_load32(&desc->len));
}

/* Whether another descriptor follows; of those of a table only WRITE means anything, 2.8.7. */
static vio_inline bool has_next(const struct vio_chain *chain, struct place *at)
{
	return at->in_table ? --at->left != 0 : (chain->flags & F_NEXT) != 0;
}

/* The request, made of so many entries of the ring, has the id of the last one. */
static inline void name(struct vio_request *req, uint64_t last_word, uint32_t entries)
{
	req->id = (uint16_t)last_word;
	req->entries = (uint16_t)entries;
}

/* The entry after this one in the ring, that one in the next lap if need be. */
static inline const volatile struct vio_packed_desc *
next_entry(const struct vio_queue *queue, const volatile struct vio_packed_desc *desc)
{
	return desc + 1 == queue->packed.desc + queue->size ? queue->packed.desc : desc + 1;
}

/* A walk off the hot path. */
struct walk {
	struct vio_chain chain;
	struct place at;
	uint32_t entries; /* of the ring that the chain has */
	uint32_t most;    /* and that it may have */
};

/* Loads the descriptor that follows the one just added. */
static enum vio_error step(const struct vio_queue *queue, struct walk *walk)
{
	struct vio_chain *chain = &walk->chain;
	struct place *at = &walk->at;

	if (!has_next(chain, at))
		return VIO_CHAIN_END;
	if (chain->next == chain->end)
		return VIO_ERROR_CHAIN_LENGTH;
	if (at->in_table) {
		at->desc++;
	} else {
		if (walk->entries == walk->most)
			return walk->most == queue->size ? VIO_ERROR_CHAIN_LENGTH
							 : VIO_ERROR_OVERCOMMIT;
		walk->entries++;
		at->desc = next_entry(queue, at->desc);
	}
	load(chain, at->desc);
	return VIO_OK;
}

/* The rest of a chain, whatever it is made of. Terminates whatever the guest does. */
static vio_noinline bool walk_any(struct vio_queue *queue, struct vio_request *req,
				  const struct vio_spans *room, struct walk *walk, uint32_t write)
{
	struct vio_chain *chain = &walk->chain;
	const bool in_table = walk->at.in_table;
	const bool added = walk->at.left == 0;
	enum vio_error error = VIO_OK;

	chain->end = room->first + room->capacity;
	walk->entries = in_table ? 1 : !added + (uint32_t)(chain->next - req->readable);
	walk->most = queue->size - packed_taken(queue);
	if (added)
		error = step(queue, walk);
	while (error == VIO_OK) {
		const uint32_t side = (uint32_t)(chain->flags >> 16) & VIO_DESC_F_WRITE;

		if (!in_table && (chain->flags & F_INDIRECT) != 0)
			error = VIO_ERROR_INDIRECT;
		else
			error = vio_chain_add_side(chain, req, &write, side);
		if (error == VIO_OK)
			error = step(queue, walk);
	}
	if (write == 0)
		vio_chain_turn(chain, req);
	if (error == VIO_CHAIN_END)
		error = vio_chain_finish(chain->bytes, queue, req);
	if (error != VIO_OK)
		return vio_queue_broken(queue, error);
	if (!in_table)
		name(req, chain->flags, walk->entries);
	return take_across(queue, walk->entries);
}

/* Adds what is readable, or writable, from the next descriptor on; makes no call. */
static vio_inline enum vio_error walk_side(struct vio_chain *chain, struct place *at,
					   const bool write)
{
	for (;;) {
		if (!vio_chain_add(chain, write ? VIO_DESC_F_WRITE : 0))
			return VIO_CHAIN_RARE;
		if (!has_next(chain, at))
			return VIO_CHAIN_END;
		if (!at->in_table && vio_unlikely(--at->left == 0)) {
			chain->offset = 0; /* lest it were kept beside the address made of it */
			return VIO_CHAIN_RARE;
		}
		at->desc++;
		vio_forget(at->desc);
		load(chain, at->desc);
		if (!at->in_table && vio_unlikely(chain->flags & F_INDIRECT))
			return VIO_CHAIN_RARE;
		if (((chain->flags & F_WRITE) != 0) != write)
			return VIO_OK;
	}
}

/*
 * What the hot path has walked in the ring is taken: an entry a span, at most up to the end of the
 * ring's memory. Not inlined, so that the walk has its registers back before.
 */
static vio_noinline bool take_walked(struct vio_queue *queue, struct vio_request *req,
				     const struct vio_span *end, uint64_t bytes, uint64_t last_word)
{
	const uint32_t entries = (uint32_t)(end - req->readable);
	const enum vio_error error = vio_chain_finish(bytes, queue, req);

	if (vio_unlikely(error != VIO_OK))
		return vio_queue_broken(queue, error);
	name(req, last_word, entries);
	return take_it(queue, entries);
}

/* Takes the chain that is at its first descriptor, which is loaded. */
static vio_inline bool walk(struct vio_queue *queue, struct vio_request *req,
			    const struct vio_spans *room, struct vio_chain chain, struct place at)
{
	enum vio_error error = VIO_OK;
	uint32_t write = 0;

	if ((chain.flags & F_WRITE) == 0)
		error = walk_side(&chain, &at, false);
	if (error == VIO_OK) {
		vio_chain_turn(&chain, req);
		write = VIO_DESC_F_WRITE;
		error = walk_side(&chain, &at, true);
	} else if (error == VIO_CHAIN_END) {
		vio_chain_turn(&chain, req);
	}
	if (vio_unlikely(error != VIO_CHAIN_END)) { /* or readable after writable */
		/* Copied: what has its address taken would not live in registers. */
		struct walk rest = {
			.chain = { .memory = chain.memory,
				   .next = chain.next,
				   .bytes = chain.bytes,
				   .offset = chain.offset,
				   .len = chain.len,
				   .flags = chain.flags },
			.at = { at.desc, at.left, at.in_table },
		};

		return walk_any(queue, req, room, &rest, write);
	}
	if (!at.in_table)
		return take_walked(queue, req, chain.next, chain.bytes, chain.flags);
	error = vio_chain_finish(chain.bytes, queue, req);
	if (vio_unlikely(error != VIO_OK))
		return vio_queue_broken(queue, error);
	return take_it(queue, 1);
}

/*
 * A chain in the ring. The hot path has the entries up to the next look, and no more than there are
 * spans: a chain that is longer is told by the last of them.
 */
static vio_noinline bool walk_ring(struct vio_queue *queue, struct vio_request *req,
				   const struct vio_spans *room, uint64_t offset, uint64_t len,
				   uint64_t flags)
{
	const volatile struct vio_packed_desc *desc = &queue->packed.desc[queue->avail_next];
	size_t left = queue->take_end - (size_t)queue->avail_next;

	if (vio_never(left > room->capacity))
		left = room->capacity;
	return walk(queue, req, room, vio_chain_begin(queue, req, room, offset, len, flags),
		    (struct place){ desc, left, false });
}

static vio_noinline bool walk_table(struct vio_queue *queue, struct vio_request *req,
				    const struct vio_spans *room, uint64_t offset, uint64_t len,
				    uint64_t flags)
{
	struct vio_chain chain = vio_chain_begin(queue, req, room, offset, len, flags);
	enum vio_error error = VIO_OK;
	const volatile struct vio_packed_desc *table =
		vio_chain_table(queue, &chain, F_NEXT, &error);
	const uint32_t entries = (uint32_t)chain.len / (uint32_t)sizeof(*table);

	if (!table)
		return vio_queue_broken(queue, error);
	load(&chain, table);
	return walk(queue, req, room, chain, (struct place){ table, entries, true });
}

/*
 * There is nothing at avail_next, where `desc` is: arms the driver's next kick, and looks again.
 * What has come in between came too late for a kick, so the device kicks itself.
 */
static inline bool arm(struct vio_queue *queue, volatile struct vio_packed_desc *desc)
{
	uint32_t lap = 0;

	/* VIO_PACKED_F_USED is where the wrap counter goes, and is its opposite. */
	vio_forget(queue);
	lap = (queue->avail_flags >> 16 & (uint32_t)VIO_PACKED_EVENT_WRAP) ^
	      (VIO_PACKED_EVENT_WRAP | (uint32_t)VIO_PACKED_EVENT_DESC << 16);
	vio_guest_store32((volatile uint32_t *)(volatile void *)queue->packed.device,
			  lap | queue->avail_next);
	vio_guest_fence();
	if (vio_unlikely(is_available(queue, vio_guest_load32_acquire(vio_packed_word(desc)))))
		vio_queue_kick(queue);
	return false;
}

static bool packed_take(struct vio_queue *queue, struct vio_request *req,
			const struct vio_spans *room)
{
	const uint32_t position = queue->avail_next;
	volatile struct vio_packed_desc *desc = NULL;
	uint32_t word = 0;
	uint64_t offset = 0;
	uint64_t len = 0;

	req->position = (uint16_t)position;
	desc = &queue->packed.desc[position];
	word = vio_guest_load32_acquire(vio_packed_word(desc));
	if (vio_unlikely(!is_available(queue, word)))
		return queue->event_idx && arm(queue, desc);
	req->id = (uint16_t)word;
	req->entries = 1;
	req->last_claimed = 0;
	req->written = 0;

	offset = vio_memory_offset(queue->memory, vio_guest_load64(&desc->addr));
	len = vio_widened(vio_guest_load32(&desc->len));
	/* One descriptor in the first region is the usual case, and done here without a call. */
	if (vio_unlikely(word & (F_NEXT | F_INDIRECT)) ||
	    !vio_request_of_one(queue, req, room->first, offset, len, (word & F_WRITE) != 0))
		return (word & F_INDIRECT) != 0 ? walk_table(queue, req, room, offset, len, word)
						: walk_ring(queue, req, room, offset, len, word);
	return take_it(queue, 1);
}

/*
 * At an end of the ring: that of its memory, where the wrap counter turns, or that of what has been
 * shown as used.
 */
static bool packed_look(struct vio_queue *queue)
{
	volatile struct vio_packed_desc *desc = NULL;

	if (queue->avail_next == queue->size) {
		queue->avail_next = 0;
		queue->avail_flags ^= VIO_PACKED_LAP;
	}
	queue->take_end = vio_packed_take_end(queue);
	if (vio_likely(queue->avail_next != queue->take_end))
		return true;
	desc = &queue->packed.desc[queue->avail_next];
	if (is_available(queue, vio_guest_load32_acquire(vio_packed_word(desc))))
		return vio_queue_broken(queue, VIO_ERROR_OVERCOMMIT);
	return queue->event_idx && arm(queue, desc);
}

static void packed_untake(struct vio_queue *queue, const struct vio_request *req)
{
	if (queue->avail_next < req->entries) {
		queue->avail_next += queue->size;
		queue->avail_flags ^= VIO_PACKED_LAP;
	}
	queue->avail_next -= req->entries;
	queue->take_end = queue->avail_next; /* the end may be another */
}

static void packed_use(struct vio_queue *queue, const struct vio_request *req)
{
	vio_packed_use(queue, req, req->written);
}

/* Whether the entry that the driver names is among those shown last, the first of them at `first`.
 */
static vio_inline bool passed_event(const struct vio_queue *queue, uint32_t first)
{
	const uint32_t off_wrap = vio_guest_load16(&queue->packed.driver->off_wrap);
	uint32_t event = off_wrap & ~(uint32_t)VIO_PACKED_EVENT_WRAP;
	bool other_lap = ((off_wrap ^ queue->shown_flags >> 16) & VIO_PACKED_EVENT_WRAP) != 0;
	uint32_t end = queue->used_shown;

	if (vio_unlikely((uint16_t)event >= queue->size))
		return true;
	if (vio_never(end <= first)) { /* they end in the lap after that of the first */
		end += queue->size;
		other_lap = !other_lap;
	}
	if (vio_never(other_lap)) /* and the event, too */
		event += queue->size;
	return event - first < end - first;
}

/*
 * Whether the driver's event suppression structure asks for an interrupt for the entries shown
 * last, 2.8.10: one or more, and at most all.
 */
static vio_inline bool wants_interrupt(const struct vio_queue *queue, uint32_t first)
{
	const uint16_t flags = vio_guest_load16(&queue->packed.driver->flags);

	if (flags == VIO_PACKED_EVENT_ENABLE)
		return true;
	if (flags != queue->event_flags)
		return flags != VIO_PACKED_EVENT_DISABLE;
	return passed_event(queue, first);
}

static vio_inline void decide(struct vio_queue *queue, uint32_t first)
{
	vio_guest_fence();
	vio_queue_interrupt(queue, wants_interrupt(queue, first));
}

/* Of one used entry or more. */
static inline void show(struct vio_queue *queue, uint32_t first)
{
	vio_guest_store32_release(vio_packed_word(&queue->packed.desc[first]), queue->first_word);
	queue->used_shown = queue->used_next;
	queue->shown_flags = queue->used_flags;
}

static void packed_publish(struct vio_queue *queue)
{
	const uint32_t first = (uint32_t)vio_widened(queue->used_shown);

	if ((uint16_t)first == queue->used_next && !used_is_ahead(queue))
		return;
	show(queue, first);
	decide(queue, first);
}

static uint16_t packed_show(struct vio_queue *queue)
{
	const uint16_t entries = packed_unshown(queue);

	if (entries != 0)
		show(queue, queue->used_shown);
	return entries;
}

static void packed_decide(struct vio_queue *queue, uint16_t entries)
{
	decide(queue, (uint32_t)queue->used_shown - entries +
			      (queue->used_shown < entries ? queue->size : 0));
}

/* What is not the same where buffers are used in order. */
#define PACKED_RING(batch_kind, use_it)                                                            \
	{                                                                                          \
		.batch = (batch_kind), .packed = true, .map = packed_map, .start = packed_start,   \
		.look = packed_look, .take = packed_take, .untake = packed_untake,                 \
		.use = (use_it), .publish = packed_publish, .show = packed_show,                   \
		.decide = packed_decide, .taken = packed_taken, .unshown = packed_unshown          \
	}

const struct vio_ring vio_packed_ring = PACKED_RING(VIO_BATCH_PACKED, packed_use);
const struct vio_ring vio_packed_ring_in_order =
	PACKED_RING(VIO_BATCH_PACKED_IN_ORDER, vio_use_in_order);

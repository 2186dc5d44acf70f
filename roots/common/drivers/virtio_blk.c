/* SPDX-License-Identifier: BSD-2-Clause */
#include "virtio_blk.h"

#define WANTED                                                                                     \
	(VIO_BIT(VIO_F_INDIRECT_DESC) | VIO_BIT(VIO_F_EVENT_IDX) | VIO_BIT(VIO_BLK_F_SIZE_MAX) |   \
	 VIO_BIT(VIO_BLK_F_SEG_MAX) | VIO_BIT(VIO_BLK_F_RO) | VIO_BIT(VIO_BLK_F_BLK_SIZE) |        \
	 VIO_BIT(VIO_BLK_F_FLUSH) | VIO_BIT(VIO_BLK_F_TOPOLOGY) | VIO_BIT(VIO_BLK_F_DISCARD) |     \
	 VIO_BIT(VIO_BLK_F_WRITE_ZEROES) | VIO_BIT(VIO_BLK_F_SECURE_ERASE) |                       \
	 VIO_BIT(VIO_BLK_F_LIFETIME))

/* How often to look for the answer to the one request that is waited for: seconds. */
#define POLLS (UINT32_C(1) << 28)

/* ---- Requests ---- */

/*
 * Lists the next data for the device, as much as it takes in one request, in whole sectors.
 * Returns the bytes, and 0 when its segments are too few for a sector.
 */
static uint32_t gather(const struct virtio_blk *blk, const struct virtio_blk_slot *slot,
		       struct vio_buffer *buffers, unsigned *count)
{
	const struct vio_span *span = slot->span;
	uint32_t offset = slot->offset;
	uint32_t bytes = 0;
	uint32_t excess = 0;
	unsigned n = 0;

	while (n < blk->segments && bytes < slot->left) {
		uint32_t rest = span->len - offset;
		uint32_t len = rest < blk->segment_size ? rest : blk->segment_size;

		buffers[n++] = (struct vio_buffer){
			.data = span->data + offset,
			.len = len,
			.writable = slot->io->op == VIO_BLK_READ,
		};
		bytes += len;
		offset += len;
		if (len == rest) {
			span++;
			offset = 0;
		}
	}
	for (excess = bytes % VIO_BLK_SECTOR; excess != 0;) {
		uint32_t cut = excess < buffers[n - 1].len ? excess : buffers[n - 1].len;

		buffers[n - 1].len -= cut;
		if (buffers[n - 1].len == 0)
			n--;
		excess -= cut;
		bytes -= cut;
	}
	*count = n;
	return bytes;
}

static void advance(struct virtio_blk_slot *slot, uint32_t bytes)
{
	slot->left -= bytes;
	slot->sector += bytes / VIO_BLK_SECTOR;
	while (bytes != 0) {
		uint32_t rest = slot->span->len - slot->offset;
		uint32_t part = bytes < rest ? bytes : rest;

		bytes -= part;
		slot->offset += part;
		if (part == rest) {
			slot->span++;
			slot->offset = 0;
		}
	}
}

/* The data of an op without spans: the range, or room for the answer; returns its segments. */
static unsigned set_own_data(struct virtio_blk_slot *slot, struct vio_buffer *buffer)
{
	const struct vio_blk_io *io = slot->io;

	switch (io->op) {
	case VIO_BLK_FLUSH:
		return 0;
	case VIO_BLK_LIFETIME:
		*buffer = (struct vio_buffer){ slot->lifetime, sizeof(slot->lifetime), true };
		return 1;
	default:
		slot->range = (struct vio_blk_range){
			.sector = vio_le64(io->sector),
			.sectors = vio_le32(io->sectors),
			.flags = vio_le32(io->op == VIO_BLK_WRITE_ZEROES && io->unmap
						  ? VIO_BLK_RANGE_UNMAP
						  : 0),
		};
		*buffer = (struct vio_buffer){ &slot->range, sizeof(slot->range), false };
		return 1;
	}
}

/* Hands the device a header, the data that stands in blk->buffers after it, a status. */
static bool send(struct virtio_blk *blk, struct virtio_blk_slot *slot, uint32_t type,
		 unsigned segments)
{
	int head = 0;

	slot->header = (struct vio_blk_header){
		.type = vio_le32(type),
		.sector = vio_le64(slot->sector),
	};
	blk->buffers[0] = (struct vio_buffer){ .data = &slot->header, .len = sizeof(slot->header) };
	blk->buffers[segments + 1] =
		(struct vio_buffer){ .data = &slot->status, .len = 1, .writable = true };
	head = vio_driver_queue_add_indirect(&blk->queue, slot->table, blk->buffers, segments + 2);
	if (head < 0)
		return false;
	blk->by_head[head] = slot;
	vio_driver_queue_publish(&blk->queue);
	return true;
}

/* The next part of the io, or the whole. */
static bool send_next(struct virtio_blk *blk, struct virtio_blk_slot *slot)
{
	static const uint8_t types[] = {
		[VIO_BLK_READ] = VIO_BLK_T_IN,
		[VIO_BLK_WRITE] = VIO_BLK_T_OUT,
		[VIO_BLK_FLUSH] = VIO_BLK_T_FLUSH,
		[VIO_BLK_DISCARD] = VIO_BLK_T_DISCARD,
		[VIO_BLK_WRITE_ZEROES] = VIO_BLK_T_WRITE_ZEROES,
		[VIO_BLK_SECURE_ERASE] = VIO_BLK_T_SECURE_ERASE,
		[VIO_BLK_LIFETIME] = VIO_BLK_T_GET_LIFETIME,
	};
	unsigned segments = 0;
	uint32_t bytes = 0;

	if (slot->left != 0) {
		bytes = gather(blk, slot, &blk->buffers[1], &segments);
		if (bytes == 0)
			return false;
	} else {
		segments = set_own_data(slot, &blk->buffers[1]);
	}
	if (!send(blk, slot, types[slot->io->op], segments))
		return false;
	advance(slot, bytes);
	return true;
}

static struct virtio_blk_slot *take_slot(struct virtio_blk *blk)
{
	struct virtio_blk_slot *slot = blk->free;

	if (slot)
		blk->free = slot->next;
	return slot;
}

static void free_slot(struct virtio_blk *blk, struct virtio_blk_slot *slot)
{
	slot->next = blk->free;
	blk->free = slot;
}

/* The slot is free first: out of vio_blk_done() comes the next io. */
static void answer(struct virtio_blk *blk, struct virtio_blk_slot *slot, enum vio_blk_status status)
{
	free_slot(blk, slot);
	vio_blk_done(slot->io, status);
}

static void start(struct virtio_blk *blk, struct vio_blk_io *io)
{
	struct virtio_blk_slot *slot = take_slot(blk);

	slot->io = io;
	slot->span = io->spans;
	slot->offset = 0;
	slot->left = io->len;
	slot->sector = io->len != 0 ? io->sector : 0;
	if (!send_next(blk, slot))
		answer(blk, slot, VIO_BLK_S_IOERR);
}

/* Nobody overtakes: what is submitted while others wait, waits behind them. */
static void submit(struct vio_blk_backend *backend, struct vio_blk_io *io)
{
	struct virtio_blk *blk = VIO_CONTAINER_OF(backend, struct virtio_blk, backend);

	if (blk->free && !blk->waiting) {
		start(blk, io);
		return;
	}
	io->next = NULL;
	*blk->waiting_end = io;
	blk->waiting_end = &io->next;
}

static void start_waiting(struct virtio_blk *blk)
{
	while (blk->free && blk->waiting) {
		struct vio_blk_io *io = blk->waiting;

		blk->waiting = io->next;
		if (!blk->waiting)
			blk->waiting_end = &blk->waiting;
		start(blk, io);
	}
}

static enum vio_blk_status status_of(const struct virtio_blk_slot *slot)
{
	switch (slot->status) {
	case VIO_BLK_S_OK:
		return VIO_BLK_S_OK;
	case VIO_BLK_S_UNSUPP:
		return VIO_BLK_S_UNSUPP;
	default:
		return VIO_BLK_S_IOERR;
	}
}

static void complete(struct virtio_blk *blk, struct virtio_blk_slot *slot)
{
	enum vio_blk_status status = status_of(slot);
	unsigned i = 0;

	if (status == VIO_BLK_S_OK && slot->left != 0) {
		if (send_next(blk, slot))
			return;
		status = VIO_BLK_S_IOERR;
	}
	for (i = 0; slot->io->op == VIO_BLK_LIFETIME && i < VIO_BLK_METRICS; i++)
		slot->io->lifetime[i] = vio_le16(slot->lifetime[i]);
	answer(blk, slot, status);
}

void virtio_blk_interrupt(struct virtio_blk *blk)
{
	uint16_t head = 0;
	uint32_t len = 0;

	vio_driver_interrupt(&blk->driver);
	do {
		while (vio_driver_queue_used(&blk->queue, &head, &len)) {
			complete(blk, blk->by_head[head]);
			start_waiting(blk);
		}
	} while (vio_driver_queue_listen(&blk->queue, true));
}

/* ---- Starting ---- */

static bool has(const struct virtio_blk *blk, unsigned feature)
{
	return (blk->driver.features & VIO_BIT(feature)) != 0;
}

#define CONFIG(blk, field)                                                                         \
	vio_driver_config(&(blk)->driver, offsetof(struct vio_blk_config, field),                  \
			  sizeof(((struct vio_blk_config *)0)->field))

static uint32_t at_most(uint32_t value, uint32_t limit)
{
	return value < limit ? value : limit;
}

/* What the device says it takes: ranges come one by one, so of these the guest may list any number.
 */
#define LIMITS(blk, kind) ((struct vio_blk_limits){ (uint32_t)CONFIG(blk, kind.max_sectors), 0 })

static void read_options(struct virtio_blk *blk)
{
	struct vio_blk_disk *disk = &blk->disk;
	unsigned can = 0;

	if (has(blk, VIO_BLK_F_DISCARD)) {
		can |= VIO_BIT(VIO_BLK_DISCARD);
		disk->discard = LIMITS(blk, discard);
		disk->discard_alignment = (uint32_t)CONFIG(blk, discard_sector_alignment);
	}
	if (has(blk, VIO_BLK_F_WRITE_ZEROES)) {
		can |= VIO_BIT(VIO_BLK_WRITE_ZEROES);
		disk->write_zeroes = LIMITS(blk, write_zeroes);
		disk->may_unmap = CONFIG(blk, write_zeroes_may_unmap) != 0;
	}
	if (has(blk, VIO_BLK_F_SECURE_ERASE)) {
		can |= VIO_BIT(VIO_BLK_SECURE_ERASE);
		disk->secure_erase = LIMITS(blk, secure_erase);
		disk->secure_erase_alignment = (uint32_t)CONFIG(blk, secure_erase_sector_alignment);
	}
	if (has(blk, VIO_BLK_F_LIFETIME))
		can |= VIO_BIT(VIO_BLK_LIFETIME);
	blk->backend.can = (uint8_t)can;
}

static void read_config(struct virtio_blk *blk)
{
	struct vio_blk_disk *disk = &blk->disk;

	blk->segments = 1;
	blk->segment_size = UINT32_MAX;
	if (has(blk, VIO_BLK_F_SEG_MAX))
		blk->segments = at_most((uint32_t)CONFIG(blk, seg_max), VIRTIO_BLK_SEGMENTS);
	if (has(blk, VIO_BLK_F_SIZE_MAX))
		blk->segment_size = (uint32_t)CONFIG(blk, size_max);

	*disk = (struct vio_blk_disk){
		.capacity = CONFIG(blk, capacity),
		.seg_max = blk->segments,
		.read_only = has(blk, VIO_BLK_F_RO),
		.write_cache = has(blk, VIO_BLK_F_FLUSH),
	};
	if (has(blk, VIO_BLK_F_SIZE_MAX))
		disk->size_max = blk->segment_size;
	if (has(blk, VIO_BLK_F_BLK_SIZE))
		disk->blk_size = (uint32_t)CONFIG(blk, blk_size);
	if (has(blk, VIO_BLK_F_TOPOLOGY)) {
		disk->physical_block_exp = (uint8_t)CONFIG(blk, physical_block_exp);
		disk->alignment_offset = (uint8_t)CONFIG(blk, alignment_offset);
		disk->min_io_size = (uint16_t)CONFIG(blk, min_io_size);
		disk->opt_io_size = (uint32_t)CONFIG(blk, opt_io_size);
	}
	read_options(blk);
}

/* A disk without a name, or that cannot say it, is none the worse. */
static bool read_id(struct virtio_blk *blk)
{
	struct virtio_blk_slot *slot = take_slot(blk);
	uint32_t polls = POLLS;
	uint16_t head = 0;
	uint32_t len = 0;

	slot->sector = 0;
	blk->buffers[1] = (struct vio_buffer){ blk->id, VIO_BLK_ID_BYTES, .writable = true };
	if (!send(blk, slot, VIO_BLK_T_GET_ID, 1))
		return false;
	while (!vio_driver_queue_used(&blk->queue, &head, &len)) {
		if (--polls == 0)
			return false;
	}
	free_slot(blk, slot);
	vio_driver_interrupt(&blk->driver);
	vio_driver_queue_listen(&blk->queue, true);
	if (slot->status == VIO_BLK_S_OK && blk->id[0] != '\0')
		blk->disk.id = blk->id;
	return true;
}

const char *virtio_blk_init(struct virtio_blk *blk, const struct vio_driver *driver)
{
	unsigned i = 0;

	blk->backend = (struct vio_blk_backend){ .submit = submit };
	blk->driver = *driver;
	blk->free = NULL;
	blk->waiting = NULL;
	blk->waiting_end = &blk->waiting;
	for (i = VIRTIO_BLK_SLOTS; i-- > 0;)
		free_slot(blk, &blk->slots[i]);
	memset(blk->id, 0, sizeof(blk->id));

	if (vio_driver_probe(&blk->driver) != VIO_ID_BLK)
		return "no block device";
	if (!vio_driver_start(&blk->driver, WANTED))
		return "block device does not agree on features";
	if (!has(blk, VIO_F_INDIRECT_DESC))
		return "block device has no indirect descriptors";
	read_config(blk);
	if (blk->segments == 0 || blk->segment_size == 0)
		return "block device takes no data";
	if (!vio_driver_queue_init(&blk->driver, &blk->queue, 0, blk->ring, VIRTIO_BLK_SLOTS))
		return "block device has no queue, or too small a one";
	vio_driver_run(&blk->driver);
	return read_id(blk) ? NULL : "block device does not answer";
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A request is any framing of: header, data, status byte (5.2.6). The status byte is the last
 * writable one, and claimed first, so whatever is wrong with the rest can be answered with it.
 * Without it, or without a whole header, there is nothing to answer and the device needs a reset.
 *
 * All the driver is told goes through finish(), which writes zeroes to what an answer leaves
 * unwritten, so that the length used covers the status byte. Only an answer that leaves more than a
 * driver in its senses asks for reports the prefix it has: filling gigabytes a request would be a
 * way to keep the root busy. BURST bounds the bytes of one batch for the same reason.
 */
#include "vio_blk.h"

/* Header and status may each have a descriptor of their own. */
#define SEG_MAX (VIO_BLK_SPANS - 2)

/* Bytes: the zeroes of one answer at most, and the requests of a batch but for the last. */
#define BURST   (UINT32_C(4) << 20)

_Static_assert(sizeof(struct vio_blk_header) == 16, "the request header of 5.2.6");

static struct vio_queue *queue_of(struct vio_blk *blk)
{
	return &blk->queues[0];
}

static void release(struct vio_blk *blk, struct vio_blk_io *io)
{
	io->status = NULL;
	io->next = blk->free;
	blk->free = io;
}

/* The io is free before the driver, or a reset that waits, can know. */
static void finish(struct vio_blk_io *io, enum vio_blk_status status)
{
	struct vio_blk *blk = io->blk;

	if (io->req.writable_len <= BURST)
		vio_request_zero_rest(&io->req);
	*io->status = (uint8_t)status;
	release(blk, io);
	vio_queue_complete(queue_of(blk), &io->req);
	if (blk->waiting) {
		blk->waiting = false;
		vio_queue_kick(queue_of(blk));
	}
}

/* Whole sectors, inside the disk. Neither sum can wrap. */
static bool is_on_disk(const struct vio_blk *blk, const struct vio_blk_io *io)
{
	return io->len % VIO_BLK_SECTOR == 0 && io->sector <= blk->config.capacity &&
	       io->len / VIO_BLK_SECTOR <= blk->config.capacity - io->sector;
}

/* `wrong_way`: bytes of the other direction, which a transfer does not have. */
static void transfer(struct vio_blk *blk, struct vio_blk_io *io, uint32_t wrong_way)
{
	if (wrong_way != 0 || !is_on_disk(blk, io))
		finish(io, VIO_BLK_S_IOERR);
	else if (io->len == 0)
		finish(io, VIO_BLK_S_OK);
	else
		blk->backend->submit(blk->backend, io);
}

static void read_sectors(struct vio_blk *blk, struct vio_blk_io *io)
{
	io->op = VIO_BLK_READ;
	io->spans = io->req.writable;
	io->span_count = (uint16_t)(io->req.writable_end - io->req.writable);
	io->len = io->req.writable_len;
	transfer(blk, io, io->req.readable_len);
}

/*
 * A driver that did not take FLUSH expects that what was written stays written (5.2.6.2): each
 * write is then followed by a flush. Whether it took RO changes nothing.
 */
static void write_sectors(struct vio_blk *blk, struct vio_blk_io *io)
{
	io->op = VIO_BLK_WRITE;
	io->spans = io->req.readable;
	io->span_count = (uint16_t)(io->req.readable_end - io->req.readable);
	io->len = io->req.readable_len;
	io->write_through = blk->write_cache && !vio_device_has(&blk->device, VIO_BLK_F_FLUSH);
	if (blk->read_only)
		finish(io, VIO_BLK_S_IOERR);
	else
		transfer(blk, io, io->req.writable_len);
}

static void submit_flush(struct vio_blk *blk, struct vio_blk_io *io)
{
	io->op = VIO_BLK_FLUSH;
	io->spans = NULL;
	io->span_count = 0;
	io->len = 0;
	io->write_through = false;
	blk->backend->submit(blk->backend, io);
}

static void start(struct vio_blk *blk, struct vio_blk_io *io)
{
	struct vio_blk_header header;

	io->status = vio_request_claim_last(&io->req);
	io->write_through = false;
	if (!io->status || vio_request_read(&io->req, &header, sizeof(header)) < sizeof(header)) {
		release(blk, io);
		vio_queue_refuse(queue_of(blk), &io->req);
		return;
	}

	io->sector = vio_device_wire64(&blk->device, header.sector);
	switch (vio_device_wire32(&blk->device, header.type)) {
	case VIO_BLK_T_IN:
		read_sectors(blk, io);
		break;
	case VIO_BLK_T_OUT:
		write_sectors(blk, io);
		break;
	case VIO_BLK_T_FLUSH:
		if (blk->write_cache)
			submit_flush(blk, io);
		else
			finish(io, VIO_BLK_S_OK);
		break;
	case VIO_BLK_T_GET_ID:
		vio_request_write(&io->req, blk->id, sizeof(blk->id));
		finish(io, VIO_BLK_S_OK);
		break;
	default:
		finish(io, VIO_BLK_S_UNSUPP);
		break;
	}
}

static void serve(struct vio_device *device, struct vio_queue *queue)
{
	struct vio_blk *blk = VIO_CONTAINER_OF(device, struct vio_blk, device);

	uint32_t bytes = 0;

	while (blk->free && bytes < BURST) {
		struct vio_blk_io *io = blk->free;

		if (!vio_queue_take_into(queue, &io->req, io->request_spans, VIO_BLK_SPANS))
			return;
		bytes += (io->req.readable_len + io->req.writable_len) / 2;
		blk->free = io->next;
		start(blk, io);
	}
	if (blk->free)
		vio_queue_kick(queue);
	else
		blk->waiting = true;
}

void vio_blk_done(struct vio_blk_io *io, enum vio_blk_status status)
{
	if (status == VIO_BLK_S_OK && io->write_through) {
		submit_flush(io->blk, io);
		return;
	}
	if (status == VIO_BLK_S_OK && io->op == VIO_BLK_READ)
		vio_request_wrote(&io->req, io->len);
	finish(io, status);
}

/* No driver waits for the writes under way any more, and none for their flush. */
static void reset(struct vio_device *device)
{
	struct vio_blk *blk = VIO_CONTAINER_OF(device, struct vio_blk, device);
	unsigned i = 0;

	for (i = 0; i < VIO_BLK_IOS; i++) {
		struct vio_blk_io *io = &blk->ios[i];

		io->write_through = false;
		if (io->status && blk->backend->cancel)
			blk->backend->cancel(blk->backend, io);
	}
}

static void configure(struct vio_device *device)
{
	struct vio_blk *blk = VIO_CONTAINER_OF(device, struct vio_blk, device);

	blk->config.capacity = blk->capacity;
}

void vio_blk_resize(struct vio_blk *blk, uint64_t capacity)
{
	blk->capacity = capacity;
	vio_device_config_changed(&blk->device);
}

static const struct vio_queue_type blk_queues[] = {
	{ .size_max = VIO_BLK_QUEUE_SIZE, .notify = serve },
};

static const struct vio_config_field blk_fields[] = {
	VIO_CONFIG_FIELD(struct vio_blk_config, capacity, false),
	VIO_CONFIG_FIELD(struct vio_blk_config, size_max, false),
	VIO_CONFIG_FIELD(struct vio_blk_config, seg_max, false),
	VIO_CONFIG_FIELD(struct vio_blk_config, blk_size, false),
	VIO_CONFIG_FIELD(struct vio_blk_config, physical_block_exp, false),
	VIO_CONFIG_FIELD(struct vio_blk_config, alignment_offset, false),
	VIO_CONFIG_FIELD(struct vio_blk_config, min_io_size, false),
	VIO_CONFIG_FIELD(struct vio_blk_config, opt_io_size, false),
};

static const struct vio_device_type blk_type = {
	.name = "blk",
	.id = VIO_ID_BLK,
	.features = VIO_BIT(VIO_BLK_F_SIZE_MAX) | VIO_BIT(VIO_BLK_F_SEG_MAX) |
		    VIO_BIT(VIO_BLK_F_RO) | VIO_BIT(VIO_BLK_F_BLK_SIZE) | VIO_BIT(VIO_BLK_F_FLUSH) |
		    VIO_BIT(VIO_BLK_F_TOPOLOGY),
	.queues = blk_queues,
	.queue_count = VIO_ARRAY_SIZE(blk_queues),
	.fields = blk_fields,
	.field_count = VIO_ARRAY_SIZE(blk_fields),
	.reset = reset,
	.configure = configure,
};

/* The config space and features that say what `disk` says. */
static uint64_t describe(struct vio_blk_config *config, const struct vio_blk_disk *disk)
{
	uint64_t features =
		VIO_BIT(VIO_BLK_F_SEG_MAX) | VIO_BIT(VIO_BLK_F_BLK_SIZE) | VIO_BIT(VIO_BLK_F_FLUSH);
	bool limited = disk->seg_max != 0 && disk->seg_max < SEG_MAX;

	*config = (struct vio_blk_config){
		.capacity = disk->capacity,
		.size_max = disk->size_max,
		.seg_max = limited ? disk->seg_max : SEG_MAX,
		.blk_size = disk->blk_size != 0 ? disk->blk_size : VIO_BLK_SECTOR,
		.physical_block_exp = disk->physical_block_exp,
		.alignment_offset = disk->alignment_offset,
		.min_io_size = disk->min_io_size,
		.opt_io_size = disk->opt_io_size,
	};
	if (disk->read_only)
		features |= VIO_BIT(VIO_BLK_F_RO);
	if (disk->size_max != 0)
		features |= VIO_BIT(VIO_BLK_F_SIZE_MAX);
	if (disk->physical_block_exp != 0 || disk->alignment_offset != 0 ||
	    disk->min_io_size != 0 || disk->opt_io_size != 0)
		features |= VIO_BIT(VIO_BLK_F_TOPOLOGY);
	return features;
}

void vio_blk_init(struct vio_blk *blk, struct vio_blk_backend *backend,
		  const struct vio_blk_disk *disk)
{
	const struct vio_storage storage = {
		.queues = blk->queues,
		.configs = blk->queue_configs,
		.in_flight = blk->in_flight,
		.completions = blk->completions,
		.entries = VIO_BLK_QUEUE_SIZE,
	};
	unsigned i = 0;

	blk->backend = backend;
	blk->capacity = disk->capacity;
	blk->read_only = disk->read_only;
	blk->write_cache = disk->write_cache;
	blk->waiting = false;
	memset(blk->id, 0, sizeof(blk->id));
	for (i = 0; disk->id && i < sizeof(blk->id) && disk->id[i] != '\0'; i++)
		blk->id[i] = disk->id[i];
	blk->free = NULL;
	for (i = VIO_BLK_IOS; i-- > 0;) {
		blk->ios[i].blk = blk;
		blk->ios[i].write_through = false;
		release(blk, &blk->ios[i]);
	}
	vio_device_init(&blk->device, &blk_type, describe(&blk->config, disk), &blk->config,
			&storage);
}

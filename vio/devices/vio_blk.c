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
 *
 * Some requests are more than one call of the backend: a list is one call a range, and a write
 * that must not be lost is followed by a flush. What is still to do is counted in io->steps, and
 * each answer that is no error takes the next step:
 *
 *	run() --> submit() --answered later----> vio_blk_done() --> run()
 *	  ^          |
 *	  |          +--answered from inside---> vio_blk_done() --> `answered`
 *	  +--------- while `answered` ----------------------------------+
 *
 * so that the stack does not grow with the list. The list was copied when it was checked: the
 * driver cannot change it any more.
 */
#include "vio_blk.h"

/* Header and status may each have a descriptor of their own. */
#define SEG_MAX       (VIO_BLK_SPANS - 2)

/* Bytes: the zeroes of one answer at most, and the requests of a batch but for the last. */
#define BURST         (UINT32_C(4) << 20)

/* Sectors of a range, unless the disk says otherwise. */
#define RANGE_SECTORS 2048

_Static_assert(sizeof(struct vio_blk_header) == 16, "the request header of 5.2.6");
_Static_assert(sizeof(struct vio_blk_range) == 16, "the segment of a list, 5.2.6");
_Static_assert(VIO_BLK_RANGES >= 1 && VIO_BLK_RANGES < UINT8_MAX, "they are counted in a byte");

/* Of an op that is offered if the backend can do it, and served if the driver has accepted it. */
static const uint8_t feature_of[] = {
	[VIO_BLK_DISCARD] = VIO_BLK_F_DISCARD,
	[VIO_BLK_WRITE_ZEROES] = VIO_BLK_F_WRITE_ZEROES,
	[VIO_BLK_SECURE_ERASE] = VIO_BLK_F_SECURE_ERASE,
	[VIO_BLK_LIFETIME] = VIO_BLK_F_LIFETIME,
};

static struct vio_blk *blk_of(struct vio_device *device)
{
	return VIO_CONTAINER_OF(device, struct vio_blk, device);
}

/*
 * One io has come free: it is for one of the queues that wait, in turn, lest a busy one have them
 * all. A queue waits only while every io is in use, and there are as many ios as queues: whatever
 * becomes of the others, its turn comes before all are free.
 */
static void wake(struct vio_blk *blk)
{
	do
		blk->turn = (uint8_t)((blk->turn + 1U) % VIO_BLK_QUEUES);
	while ((blk->waiting >> blk->turn & 1) == 0);
	blk->waiting &= ~(UINT32_C(1) << blk->turn);
	vio_queue_kick(&blk->queues[blk->turn]);
}

static void release(struct vio_blk *blk, struct vio_blk_io *io)
{
	io->status = NULL;
	io->next = blk->free;
	blk->free = io;
}

/* Whether the driver has accepted one of the device's own features: all are below 32. */
static bool has(const struct vio_blk *blk, unsigned feature)
{
	return ((uint32_t)blk->device.negotiated >> feature & 1) != 0;
}

/* The io is free before the driver, or a reset that waits, can know. */
static void finish(struct vio_blk_io *io, enum vio_blk_status status)
{
	struct vio_blk *blk = io->blk;

	if (io->req.writable_len <= BURST)
		vio_request_zero_rest(&io->req);
	*io->status = (uint8_t)status;
	release(blk, io);
	vio_queue_complete(io->queue, &io->req);
	if (vio_unlikely(blk->waiting != 0))
		wake(blk);
}

/* Neither sum can wrap. */
static bool is_on_disk(const struct vio_blk *blk, uint64_t sector, uint32_t sectors)
{
	return sector <= blk->config.capacity && sectors <= blk->config.capacity - sector;
}

/* ---- Steps ---- */

static void run(struct vio_blk_io *io)
{
	struct vio_blk_backend *backend = io->blk->backend;

	do {
		io->answered = false;
		io->submitting = true;
		backend->submit(backend, io);
		io->submitting = false;
	} while (io->answered);
}

/* What is reserved stays in the root, as undefined, 5.2.6.2. */
static void report_lifetime(struct vio_blk_io *io)
{
	static const uint8_t last[VIO_BLK_METRICS] = { 3, 11, 11 };
	unsigned i = 0;

	for (i = 0; i < VIO_BLK_METRICS; i++) {
		const uint16_t value = io->lifetime[i] <= last[i] ? io->lifetime[i] : 0;

		io->lifetime[i] = vio_device_wire16(&io->blk->device, value);
	}
	vio_request_write(&io->req, io->lifetime, sizeof(io->lifetime));
	finish(io, VIO_BLK_S_OK);
}

/* The disk may be smaller than when the list was checked. */
static bool next_range(struct vio_blk_io *io)
{
	const struct vio_blk_range *range = &io->ranges[io->range++];

	io->sector = range->sector;
	io->sectors = range->sectors;
	io->unmap = range->flags != 0;
	return is_on_disk(io->blk, range->sector, range->sectors);
}

/* One without data. */
static void set_op(struct vio_blk_io *io, enum vio_blk_op op)
{
	io->op = op;
	io->spans = NULL;
	io->span_count = 0;
	io->len = 0;
}

/* What is next: at the start of a list, or after a success. */
static void step(struct vio_blk_io *io)
{
	io->steps--;
	if (io->op == VIO_BLK_LIFETIME) {
		report_lifetime(io);
		return;
	}
	if (io->op < VIO_BLK_DISCARD || io->range == io->range_count) {
		set_op(io, VIO_BLK_FLUSH);
	} else if (!next_range(io)) {
		finish(io, VIO_BLK_S_IOERR);
		return;
	}
	if (io->submitting)
		io->answered = true;
	else
		run(io);
}

/* ---- Requests ---- */

/* `wrong_way`: bytes of the other direction, which a transfer does not have. */
static void transfer(struct vio_blk *blk, struct vio_blk_io *io, uint32_t wrong_way)
{
	if (wrong_way != 0 || io->len % VIO_BLK_SECTOR != 0 ||
	    !is_on_disk(blk, io->sector, io->len / VIO_BLK_SECTOR))
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
	io->span_count = (uint16_t)vio_span_count(io->spans, io->req.writable_len);
	io->len = io->req.writable_len;
	transfer(blk, io, io->req.readable_len);
}

/* Whether the driver took RO changes nothing. */
static void write_sectors(struct vio_blk *blk, struct vio_blk_io *io)
{
	io->op = VIO_BLK_WRITE;
	io->spans = io->req.readable;
	io->span_count = (uint16_t)vio_span_count(io->spans, io->req.readable_len);
	io->len = io->req.readable_len;
	io->steps = blk->write_through;
	if (blk->read_only)
		finish(io, VIO_BLK_S_IOERR);
	else
		transfer(blk, io, io->req.writable_len);
}

static enum vio_blk_status check_range(const struct vio_blk *blk, struct vio_blk_range *range,
				       uint32_t max_sectors, uint32_t flags)
{
	range->sector = vio_device_wire64(&blk->device, range->sector);
	range->sectors = vio_device_wire32(&blk->device, range->sectors);
	range->flags = vio_device_wire32(&blk->device, range->flags);
	if ((range->flags & ~flags) != 0)
		return VIO_BLK_S_UNSUPP;
	if (range->sectors > max_sectors || !is_on_disk(blk, range->sector, range->sectors))
		return VIO_BLK_S_IOERR;
	return VIO_BLK_S_OK;
}

/* Nothing is done of a list with anything wrong in it; an unknown flag is the worst, 5.2.6.2. */
static enum vio_blk_status take_list(struct vio_blk_io *io, const struct vio_blk_limits *limits,
				     uint32_t flags)
{
	const uint32_t bytes = io->req.readable_len;
	const uint32_t count = bytes / sizeof(struct vio_blk_range);
	enum vio_blk_status worst = VIO_BLK_S_OK;
	uint32_t i = 0;

	if (io->req.writable_len != 0 || bytes % sizeof(struct vio_blk_range) != 0 ||
	    count > limits->max_seg)
		return VIO_BLK_S_IOERR;
	vio_request_read(&io->req, io->ranges, bytes);
	io->range = io->range_count = 0;
	for (i = 0; i < count; i++) {
		struct vio_blk_range *range = &io->ranges[i];
		enum vio_blk_status status =
			check_range(io->blk, range, limits->max_sectors, flags);

		if (status > worst)
			worst = status;
		if (range->sectors != 0)
			io->ranges[io->range_count++] = *range;
	}
	return worst;
}

static void start_list(struct vio_blk *blk, struct vio_blk_io *io,
		       const struct vio_blk_limits *limits)
{
	const bool zeroes = io->op == VIO_BLK_WRITE_ZEROES;
	enum vio_blk_status status = take_list(io, limits, zeroes ? VIO_BLK_RANGE_UNMAP : 0);

	if (status != VIO_BLK_S_OK || io->range_count == 0) {
		finish(io, status);
		return;
	}
	io->steps = (uint8_t)(io->range_count + (zeroes && blk->write_through));
	step(io);
}

static void flush(struct vio_blk *blk, struct vio_blk_io *io)
{
	set_op(io, VIO_BLK_FLUSH);
	if (blk->write_cache)
		blk->backend->submit(blk->backend, io);
	else
		finish(io, VIO_BLK_S_OK);
}

/*
 * `limits`: of the list that the op has, or NULL. Returns false: the batch ends with this request,
 * whose bytes do not tell how much work it is.
 */
static bool start_option(struct vio_blk *blk, struct vio_blk_io *io, enum vio_blk_op op,
			 const struct vio_blk_limits *limits)
{
	if (!has(blk, feature_of[op])) {
		finish(io, VIO_BLK_S_UNSUPP);
		return false;
	}
	set_op(io, op);
	if (limits) {
		start_list(blk, io, limits);
		return false;
	}
	io->steps = 1;
	memset(io->lifetime, 0, sizeof(io->lifetime));
	blk->backend->submit(blk->backend, io);
	return false;
}

/* Nearly always it is a descriptor of its own: that needs no call. */
static bool read_header(struct vio_request *req, struct vio_blk_header *header)
{
	struct vio_span span;

	if (vio_unlikely(!vio_request_next_readable(req, &span) || span.len != sizeof(*header)))
		return vio_request_read(req, header, sizeof(*header)) == sizeof(*header);
	vio_request_consumed(req, sizeof(*header));
	__builtin_memcpy(header, span.data, sizeof(*header));
	return true;
}

/* Returns whether the batch may go on. */
static bool start(struct vio_blk *blk, struct vio_blk_io *io)
{
	struct vio_blk_header header;
	uint32_t type = 0;

	io->status = vio_request_claim_last(&io->req);
	io->steps = 0;
	if (!io->status || !read_header(&io->req, &header)) {
		release(blk, io);
		vio_queue_refuse(io->queue, &io->req);
		return true;
	}

	io->sector = vio_device_wire64(&blk->device, header.sector);
	type = vio_device_wire32(&blk->device, header.type);
	switch (type) {
	case VIO_BLK_T_IN:
		read_sectors(blk, io);
		return true;
	case VIO_BLK_T_OUT:
		write_sectors(blk, io);
		return true;
	case VIO_BLK_T_FLUSH:
		flush(blk, io);
		return true;
	case VIO_BLK_T_GET_ID:
		vio_request_write(&io->req, blk->id, sizeof(blk->id));
		finish(io, VIO_BLK_S_OK);
		return true;
	case VIO_BLK_T_DISCARD:
		return start_option(blk, io, VIO_BLK_DISCARD, &blk->config.discard);
	case VIO_BLK_T_WRITE_ZEROES:
		return start_option(blk, io, VIO_BLK_WRITE_ZEROES, &blk->config.write_zeroes);
	case VIO_BLK_T_SECURE_ERASE:
		return start_option(blk, io, VIO_BLK_SECURE_ERASE, &blk->config.secure_erase);
	case VIO_BLK_T_GET_LIFETIME:
		return start_option(blk, io, VIO_BLK_LIFETIME, NULL);
	default:
		if (type == VIO_BLK_T_FLUSH_OUT && vio_device_is_legacy(&blk->device))
			flush(blk, io);
		else
			finish(io, VIO_BLK_S_UNSUPP);
		return true;
	}
}

static void serve(struct vio_device *device, struct vio_queue *queue)
{
	struct vio_blk *blk = blk_of(device);
	uint32_t bytes = 0;
	bool more = true;

	while (blk->free && more && bytes < BURST) {
		struct vio_blk_io *io = blk->free;

		if (!vio_queue_take_into(queue, &io->req, io->request_spans, VIO_BLK_SPANS))
			return;
		bytes += (io->req.readable_len + io->req.writable_len) / 2;
		blk->free = io->next;
		io->queue = queue;
		more = start(blk, io);
	}
	if (blk->free)
		vio_queue_kick(queue);
	else
		blk->waiting |= UINT32_C(1) << queue->index;
}

void vio_blk_done(struct vio_blk_io *io, enum vio_blk_status status)
{
	if (status == VIO_BLK_S_OK) {
		if (vio_unlikely(io->steps != 0)) {
			step(io);
			return;
		}
		if (io->op == VIO_BLK_READ)
			vio_request_wrote(&io->req, io->len);
	}
	finish(io, status);
}

/* ---- Life ---- */

/* What was submitted before keeps the mode it had then, 5.2.6.2. */
static void set_cache_mode(struct vio_blk *blk, bool writeback)
{
	blk->config.writeback = blk->write_cache && writeback;
	blk->write_through = blk->write_cache && !writeback;
}

/* No driver waits any more for what is under way, and none for the steps behind it. */
static void reset(struct vio_device *device)
{
	struct vio_blk *blk = blk_of(device);
	unsigned i = 0;

	set_cache_mode(blk, true);
	for (i = 0; i < VIO_BLK_IOS; i++) {
		struct vio_blk_io *io = &blk->ios[i];

		io->steps = 0;
		if (io->status && blk->backend->cancel)
			blk->backend->cancel(blk->backend, io);
	}
}

/* Whether the driver has said that its features are final. */
static bool is_final(const struct vio_device *device)
{
	return (device->status & (vio_device_is_legacy(device) ? VIO_STATUS_DRIVER_OK
							       : VIO_STATUS_FEATURES_OK)) != 0;
}

/*
 * A driver that did not take FLUSH expects that what was written stays written, 5.2.5.2. A legacy
 * driver that took CONFIG_WCE may have written its wish long before, 5.2.5.3.
 */
static void negotiated(struct vio_device *device)
{
	struct vio_blk *blk = blk_of(device);

	if (!vio_device_is_legacy(device) || !has(blk, VIO_BLK_F_CONFIG_WCE))
		set_cache_mode(blk, has(blk, VIO_BLK_F_FLUSH));
}

static void config_written(struct vio_device *device, uint32_t offset, unsigned width)
{
	struct vio_blk *blk = blk_of(device);
	const bool early = vio_device_is_legacy(device) && !is_final(device);

	(void)offset;
	(void)width;
	if (has(blk, VIO_BLK_F_CONFIG_WCE) || early)
		set_cache_mode(blk, blk->config.writeback != 0);
	else
		negotiated(device);
}

static void save(const struct vio_device *device, void *state)
{
	const struct vio_blk_config *config = device->config;

	*(uint8_t *)state = config->writeback;
}

/* A driver that cannot choose the mode has what the new disk makes of its features. */
static bool can_restore(const struct vio_device *device, uint64_t negotiated, bool is_enabled,
			const void *state)
{
	(void)device;
	(void)negotiated;
	(void)is_enabled;
	return *(const uint8_t *)state <= 1;
}

static void restore(struct vio_device *device, const void *state)
{
	struct vio_blk *blk = blk_of(device);
	const uint8_t writeback = *(const uint8_t *)state;

	if (has(blk, VIO_BLK_F_CONFIG_WCE) || !is_final(device))
		set_cache_mode(blk, writeback != 0);
}

static void configure(struct vio_device *device)
{
	struct vio_blk *blk = blk_of(device);

	blk->config.capacity = blk->capacity;
}

void vio_blk_resize(struct vio_blk *blk, uint64_t capacity)
{
	blk->capacity = capacity;
	vio_device_config_changed(&blk->device);
}

#define REQUESTQ                                                                                   \
	{                                                                                          \
		.size_max = VIO_BLK_QUEUE_SIZE, .notify = serve                                    \
	}

static const struct vio_queue_type blk_queues[] = { REQUESTQ, REQUESTQ, REQUESTQ, REQUESTQ,
						    REQUESTQ, REQUESTQ, REQUESTQ, REQUESTQ };

_Static_assert(VIO_BLK_QUEUES >= 1 && VIO_BLK_QUEUES <= VIO_ARRAY_SIZE(blk_queues),
	       "the table has no more");
_Static_assert(VIO_BLK_QUEUES <= VIO_BLK_IOS, "wake() gets round before all ios are free");

/* Fields of one width, one behind the other. */
#define FIELDS(first, length)                                                                      \
	{                                                                                          \
		.offset = offsetof(struct vio_blk_config, first),                                  \
		.width = sizeof(((struct vio_blk_config *)0)->first), .count = (length)            \
	}

static const struct vio_config_field blk_fields[] = {
	FIELDS(capacity, 1),
	FIELDS(size_max, 2),
	FIELDS(cylinders, 1),
	FIELDS(heads, 2),
	FIELDS(blk_size, 1),
	FIELDS(physical_block_exp, 2),
	FIELDS(min_io_size, 1),
	FIELDS(opt_io_size, 1),
	VIO_CONFIG_FIELD(struct vio_blk_config, writeback, true),
	FIELDS(num_queues, 1),
	FIELDS(discard.max_sectors, 5), /* to write_zeroes.max_seg */
	FIELDS(write_zeroes_may_unmap, 1),
	FIELDS(secure_erase.max_sectors, 3),
};

static const struct vio_device_type blk_type = {
	.name = "blk",
	.id = VIO_ID_BLK,
	.features = VIO_BIT(24) - 1, /* each instance says which */
	.queues = blk_queues,
	.queue_count = VIO_BLK_QUEUES,
	.fields = blk_fields,
	.field_count = VIO_ARRAY_SIZE(blk_fields),
	.reset = reset,
	.negotiated = negotiated,
	.configure = configure,
	.state_bytes = VIO_BLK_STATE,
	.save = save,
	.can_restore = can_restore,
	.restore = restore,
	.config_written = config_written,
};

static uint32_t offered(const struct vio_blk_disk *disk, uint32_t can)
{
	uint32_t features =
		VIO_BIT(VIO_BLK_F_SEG_MAX) | VIO_BIT(VIO_BLK_F_BLK_SIZE) | VIO_BIT(VIO_BLK_F_FLUSH);
	unsigned op = 0;

	if (disk->size_max != 0)
		features |= VIO_BIT(VIO_BLK_F_SIZE_MAX);
	if (disk->cylinders != 0)
		features |= VIO_BIT(VIO_BLK_F_GEOMETRY);
	if (disk->read_only)
		features |= VIO_BIT(VIO_BLK_F_RO);
	if ((disk->physical_block_exp | disk->alignment_offset | disk->min_io_size |
	     disk->opt_io_size) != 0)
		features |= VIO_BIT(VIO_BLK_F_TOPOLOGY);
	if (disk->write_cache)
		features |= VIO_BIT(VIO_BLK_F_CONFIG_WCE);
	if (VIO_BLK_QUEUES > 1)
		features |= VIO_BIT(VIO_BLK_F_MQ);
	/* All but the last change data. */
	for (op = disk->read_only ? VIO_BLK_LIFETIME : VIO_BLK_DISCARD; op <= VIO_BLK_LIFETIME;
	     op++)
		features |= (can >> op & 1) << feature_of[op];
	return features;
}

static uint32_t value_or(uint32_t value, uint32_t otherwise)
{
	return value != 0 ? value : otherwise;
}

static uint32_t at_most(uint32_t value, uint32_t most)
{
	return value != 0 && value < most ? value : most;
}

static struct vio_blk_limits limits(const struct vio_blk_limits *limits)
{
	return (struct vio_blk_limits){ value_or(limits->max_sectors, RANGE_SECTORS),
					at_most(limits->max_seg, VIO_BLK_RANGES) };
}

static void describe(struct vio_blk_config *config, const struct vio_blk_disk *disk,
		     uint32_t features)
{
	const uint32_t blk_size = value_or(disk->blk_size, VIO_BLK_SECTOR);
	const uint32_t block = blk_size / VIO_BLK_SECTOR;

	*config = (struct vio_blk_config){
		.capacity = disk->capacity,
		.size_max = disk->size_max,
		.seg_max = at_most(disk->seg_max, SEG_MAX),
		.cylinders = disk->cylinders,
		.heads = disk->heads,
		.sectors = disk->sectors,
		.blk_size = blk_size,
		.physical_block_exp = disk->physical_block_exp,
		.alignment_offset = disk->alignment_offset,
		.min_io_size = disk->min_io_size,
		.opt_io_size = disk->opt_io_size,
		.num_queues = VIO_BLK_QUEUES > 1 ? VIO_BLK_QUEUES : 0,
	};
	if ((features & VIO_BIT(VIO_BLK_F_DISCARD)) != 0) {
		config->discard = limits(&disk->discard);
		config->discard_sector_alignment = value_or(disk->discard_alignment, block);
	}
	if ((features & VIO_BIT(VIO_BLK_F_WRITE_ZEROES)) != 0) {
		config->write_zeroes = limits(&disk->write_zeroes);
		config->write_zeroes_may_unmap = disk->may_unmap;
	}
	if ((features & VIO_BIT(VIO_BLK_F_SECURE_ERASE)) != 0) {
		config->secure_erase = limits(&disk->secure_erase);
		config->secure_erase_sector_alignment =
			value_or(disk->secure_erase_alignment, block);
	}
}

void vio_blk_init(struct vio_blk *blk, struct vio_blk_backend *backend,
		  const struct vio_blk_disk *disk)
{
	const struct vio_storage storage = {
		.queues = blk->queues,
		.configs = blk->queue_configs,
		.in_flight = blk->in_flight[0],
		.completions = blk->completions[0],
		.entries = VIO_BLK_QUEUE_SIZE,
	};
	const uint32_t features = offered(disk, backend->can);
	const char *id = disk->id ? disk->id : "";
	unsigned i = 0;

	blk->backend = backend;
	blk->capacity = disk->capacity;
	blk->read_only = disk->read_only;
	blk->write_cache = disk->write_cache;
	blk->turn = 0;
	blk->waiting = 0;
	for (i = 0; i < sizeof(blk->id); i++) {
		blk->id[i] = *id;
		id += *id != '\0';
	}
	blk->free = NULL;
	for (i = VIO_BLK_IOS; i-- > 0;) {
		blk->ios[i].blk = blk;
		blk->ios[i].submitting = false;
		release(blk, &blk->ios[i]);
	}
	describe(&blk->config, disk, features);
	vio_device_init(&blk->device, &blk_type, features, &blk->config, &storage);
}

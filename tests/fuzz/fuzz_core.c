/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The core, by a device that treats each request as the input has told it to: at once or later, in
 * any order, whole or in part.
 */
#include "fuzz.h"

#define SIZE      16
#define SMALL     4
#define HELD      (2 * SIZE + SMALL)
#define PIECE_MAX 4096 /* bytes of one request that are worth copying */

enum behaviour {
	ECHO,
	FILL,
	PART,
	ZERO,
	CLAIM,
	CLAIM_PART,
	NOTHING,
	HOLD,
	PAIR, /* this one and the next; put back when there is no next */
	UNTAKE,
	REFUSE,
	BEHAVIOURS,
};

struct config {
	uint32_t ro32;
	uint16_t rw16;
	uint8_t bytes[6];
	uint64_t ro64;
	uint32_t rw32;
	uint8_t rw8;
};

static struct {
	struct vio_device device;
	VIO_DEVICE_STORAGE(FUZZ_QUEUES, SIZE) storage;
	struct config config;
	uint32_t ro32; /* what configure() makes the field of this name */
	uint8_t script[8];
	unsigned script_at;
	struct held {
		struct vio_queue *queue; /* NULL: free */
		struct vio_request req;
		struct vio_span spans[SIZE];
	} held[HELD];
} dut;

static void copy(struct vio_request *req, uint32_t max)
{
	uint8_t piece[61];
	uint32_t len = 0;

	while (max != 0 && (len = vio_request_read(
				    req, piece, max < sizeof(piece) ? max : sizeof(piece))) != 0) {
		max -= len;
		vio_request_write(req, piece, len);
		fuzz_moved(len);
	}
}

static void fill(struct vio_request *req, uint32_t max)
{
	struct vio_span span;

	while (max != 0 && vio_request_next_writable(req, &span)) {
		uint32_t len = span.len < max ? span.len : max;

		memset(span.data, 0xda, len);
		vio_request_wrote(req, len);
		fuzz_moved(len);
		max -= len;
	}
}

static void claim(struct vio_request *req)
{
	uint8_t *last = vio_request_claim_last(req);

	if (last)
		*last = 0x5a;
	fuzz_check(!vio_request_claim_last(req));
}

static void answer(struct vio_request *req, unsigned how)
{
	switch (how) {
	case ECHO:
		copy(req, PIECE_MAX);
		break;
	case FILL:
		fill(req, UINT32_MAX);
		break;
	case PART:
		vio_request_consumed(req, 5);
		fill(req, 7);
		break;
	case ZERO:
		vio_request_consumed(req, UINT32_MAX);
		vio_request_zero_rest(req);
		break;
	case CLAIM:
		claim(req);
		fill(req, UINT32_MAX);
		break;
	case CLAIM_PART:
		claim(req);
		fill(req, 3);
		break;
	default:
		break;
	}
}

static struct held *free_place(void)
{
	unsigned i = 0;

	while (dut.held[i].queue)
		fuzz_check(++i < HELD);
	return &dut.held[i];
}

static bool take_pair(struct vio_queue *queue)
{
	struct held *held = free_place();
	struct vio_request req;

	if (!vio_queue_take_into(queue, &held->req, held->spans, SIZE))
		return false;
	if (!vio_queue_take(queue, &req)) {
		vio_queue_untake(queue, &held->req);
		return false;
	}
	vio_queue_complete(queue, &req);
	held->queue = queue;
	return true;
}

static void notify(struct vio_device *device, struct vio_queue *queue)
{
	struct vio_request req;
	struct held *held = NULL;

	(void)device;
	for (;;) {
		unsigned how = dut.script[dut.script_at++ % sizeof(dut.script)] % BEHAVIOURS;

		if (how == HOLD) {
			held = free_place();
			if (!vio_queue_take_into(queue, &held->req, held->spans, SIZE))
				return;
			held->queue = queue;
			continue;
		}
		if (how == PAIR) {
			if (!take_pair(queue))
				return;
			continue;
		}
		if (!vio_queue_take(queue, &req))
			return;
		if (how == UNTAKE) {
			vio_queue_untake(queue, &req);
			return;
		}
		if (how == REFUSE) {
			vio_queue_refuse(queue, &req);
			continue;
		}
		answer(&req, how);
		vio_queue_complete(queue, &req);
	}
}

static void let_go_of(struct held *held, unsigned how)
{
	struct vio_queue *queue = held->queue;

	if (!queue)
		return;
	held->queue = NULL;
	if (how == REFUSE) {
		vio_queue_refuse(queue, &held->req);
		return;
	}
	answer(&held->req, how);
	vio_queue_complete(queue, &held->req);
}

static void act(unsigned what)
{
	unsigned rest = what >> 2;

	switch (what % 4) {
	case 0:
		dut.script[rest / BEHAVIOURS % sizeof(dut.script)] = rest % BEHAVIOURS;
		break;
	case 1:
		let_go_of(&dut.held[rest % HELD], fuzz_byte() % BEHAVIOURS);
		break;
	case 2:
		vio_queue_kick(&dut.storage.queues[rest % FUZZ_QUEUES]);
		break;
	default:
		dut.ro32++;
		vio_device_config_changed(&dut.device);
		break;
	}
}

static void let_go(void)
{
	unsigned i = 0;

	for (i = 0; i < HELD; i++)
		let_go_of(&dut.held[i], NOTHING);
}

/* Good buffers, some at a time: what the fuzzer would have to find first. */
static void request(unsigned how)
{
	const struct fuzz_piece pieces[] = { { FUZZ_DATA + how, 16, false },
					     { FUZZ_DATA + 0x1000 + how * 8, 8, true },
					     { FUZZ_FAR + how, 1, true } };
	unsigned count = 1 + (how >> 2) % 4;

	for (; count != 0; count--)
		fuzz_add(how % FUZZ_QUEUES, pieces + (how >> 4) % 2, 2, (how & 0x40) != 0);
	if ((how & 0x80) != 0)
		fuzz_kick(how % FUZZ_QUEUES);
}

static void configure(struct vio_device *device)
{
	(void)device;
	dut.config.ro32 = dut.ro32;
}

static void config_written(struct vio_device *device, uint32_t offset, unsigned width)
{
	const struct config *config = device->config;

	fuzz_check(width <= 8 && offset < 0x10000);
	fuzz_check(config->ro64 == UINT64_C(0x0123456789abcdef) && config->bytes[5] == 0xcc);
}

static const struct vio_queue_type queue_types[FUZZ_QUEUES] = {
	{ .size_max = SIZE, .notify = notify },
	{ .size_max = SIZE, .notify = notify },
	{ .size_max = SMALL, .notify = notify },
};

static const struct vio_config_field fields[] = {
	VIO_CONFIG_FIELD(struct config, ro32, false),  VIO_CONFIG_FIELD(struct config, rw16, true),
	VIO_CONFIG_ARRAY(struct config, bytes, false), VIO_CONFIG_FIELD(struct config, ro64, false),
	VIO_CONFIG_FIELD(struct config, rw32, true),   VIO_CONFIG_FIELD(struct config, rw8, true),
};

static const struct vio_feature_need needs[] = {
	{ .feature = 4, .needs = 3 },
	{ .feature = 50, .needs = 5 },
};

static const struct vio_device_type type = {
	.name = "fuzz",
	.id = 0x2a,
	.features = VIO_BIT(0) | VIO_BIT(3) | VIO_BIT(4) | VIO_BIT(5) | VIO_BIT(50) | VIO_BIT(24),
	.queues = queue_types,
	.fields = fields,
	.needs = needs,
	.queue_count = FUZZ_QUEUES,
	.field_count = VIO_ARRAY_SIZE(fields),
	.need_count = VIO_ARRAY_SIZE(needs),
	.configure = configure,
	.config_written = config_written,
};

static struct vio_device *init(unsigned variant)
{
	memset(&dut, 0, sizeof(dut));
	dut.config.ro64 = UINT64_C(0x0123456789abcdef);
	dut.config.bytes[5] = 0xcc;
	memset(dut.script, (int)(variant % BEHAVIOURS), sizeof(dut.script));
	vio_device_init(&dut.device, &type, UINT64_MAX, &dut.config, VIO_STORAGE(&dut.storage));
	return &dut.device;
}

static void works(void)
{
	static const char text[] = "still here";
	const uint32_t len = sizeof(text);
	unsigned i = 0;

	memset(dut.script, ECHO, sizeof(dut.script));
	for (i = 0; i < FUZZ_QUEUES; i++) {
		const struct fuzz_piece pieces[] = { { FUZZ_DATA, len, false },
						     { FUZZ_DATA + 0x100, 4, true },
						     { FUZZ_FAR, len - 4, true } };

		fuzz_put(FUZZ_DATA, text, len);
		fuzz_check(fuzz_request(i, pieces, 3) == len);
		fuzz_check(memcmp(fuzz_at(FUZZ_DATA + 0x100, 4), text, 4) == 0);
		fuzz_check(memcmp(fuzz_at(FUZZ_FAR, len - 4), text + 4, len - 4) == 0);
	}
}

const struct fuzz_device fuzz_device = {
	.init = init,
	.act = act,
	.request = request,
	.let_go = let_go,
	.works = works,
	.spans = SIZE,
	.moved_max = UINT32_MAX,
};

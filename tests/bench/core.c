/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the core spends on a request, for `make bench` to count under callgrind: a device that walks
 * its requests and completes them, behind a transport that does nothing.
 *
 * A ring's row is what runs from the first instruction of the device's loop to the interrupt
 * decided, a batch of requests in between: counts start anew as the loop is entered, stop as the
 * transport is called, and are dumped there under the row's name. callgrind toggles collection as
 * it enters and as it leaves measured(), loop_entered() and interrupt().
 *
 * It is the mean over batches that end where the first one began: what happens once in a ring's lap
 * counts as often as it happens.
 */
#include <stdio.h>
#include <stdlib.h>
#include <valgrind/callgrind.h>

#include "vio_mmio.h"

#define SIZE     256 /* entries of the queue */
#define RAM      UINT64_C(0x40000000)
#define RAM_SIZE (UINT64_C(4) << 20)

#define noinline __attribute__((noinline, noclone)) /* callgrind finds it by its name */

static _Alignas(4096) uint8_t ram[RAM_SIZE];

/* Where the driver keeps things, bytes from the start of its RAM. */
enum {
	DESC = 0x1000, /* or the packed ring */
	AVAIL = 0x3000,
	USED = 0x4000,
	TABLES = 0x8000, /* 64 bytes a request */
	BUFFERS = 0x10000,
};

/* ---- The device ---- */

static const char *row;
static uint64_t sink;

static struct {
	struct vio_device device;
	VIO_DEVICE_STORAGE(1, SIZE) storage;
} bench;

/* Counts from here. What it does itself is not counted: see the toggles. */
static noinline void loop_entered(void)
{
	CALLGRIND_ZERO_STATS;
}

static noinline void loop(struct vio_queue *queue)
{
	struct vio_request req;
	struct vio_span span;
	uintptr_t sum = 0;

	while (vio_queue_take(queue, &req)) {
		while (vio_request_next_readable(&req, &span)) {
			sum += (uintptr_t)span.data;
			vio_request_consumed(&req, span.len);
		}
		while (vio_request_next_writable(&req, &span)) {
			sum += (uintptr_t)span.data;
			vio_request_wrote(&req, span.len);
		}
		vio_queue_complete(queue, &req);
	}
	sink = sum;
}

static void notify(struct vio_device *device, struct vio_queue *queue)
{
	(void)device;
	loop_entered();
	loop(queue);
}

static const struct vio_queue_type queue_type = { .size_max = SIZE, .notify = notify };
static const struct vio_device_type bench_type = {
	.name = "bench",
	.id = 42,
	.queues = &queue_type,
	.queue_count = 1,
};

/* ---- Its transport ---- */

static noinline void interrupt(struct vio_device *device, uint32_t cause)
{
	(void)device;
	if (cause == VIO_INTERRUPT_USED)
		CALLGRIND_DUMP_STATS_AT(row);
}

static void defer(struct vio_device *device)
{
	(void)device;
}

static void failed(struct vio_device *device, enum vio_error error)
{
	(void)device;
	fprintf(stderr, "%s: %s\n", row, vio_error_text(error));
	exit(1);
}

static const struct vio_transport transport = {
	.features = ~UINT64_C(0),
	.interrupt = interrupt,
	.defer = defer,
	.failed = failed,
};

static noinline void measured(void)
{
	vio_device_serve(&bench.device);
}

/* ---- The driver ---- */

struct shape {
	const char *name;
	uint16_t count;
	bool indirect;
	struct {
		uint32_t len;
		uint16_t flags;
	} buffers[3];
};

static const struct shape shapes[] = {
	{ "one", 1, false, { { 64, VIO_DESC_F_WRITE } } },
	{ "three", 3, false, { { 16, 0 }, { 512, VIO_DESC_F_WRITE }, { 1, VIO_DESC_F_WRITE } } },
	{ "indirect", 3, true, { { 16, 0 }, { 512, VIO_DESC_F_WRITE }, { 1, VIO_DESC_F_WRITE } } },
};

static const struct {
	const char *name;
	uint64_t features;
} rings[] = {
	{ "split", 0 },
	{ "packed", VIO_BIT(VIO_F_RING_PACKED) },
	{ "in-order", VIO_BIT(VIO_F_IN_ORDER) },
	{ "packed-in-order", VIO_BIT(VIO_F_RING_PACKED) | VIO_BIT(VIO_F_IN_ORDER) },
	{ "split-event-idx", VIO_BIT(VIO_F_EVENT_IDX) },
	{ "packed-event-idx", VIO_BIT(VIO_F_EVENT_IDX) | VIO_BIT(VIO_F_RING_PACKED) },
};

static struct {
	bool packed;
	bool wrap;
	uint16_t next; /* packed: entry; split: descriptor */
	uint16_t idx;
} driver;

static void start(uint64_t features)
{
	struct vio_device *device = &bench.device;
	struct vio_queue_config *config = NULL;

	features |= VIO_BIT(VIO_F_VERSION_1) | VIO_BIT(VIO_F_INDIRECT_DESC);
	memset(ram, 0, BUFFERS);
	driver.packed = (features & VIO_BIT(VIO_F_RING_PACKED)) != 0;
	driver.wrap = true;
	driver.next = driver.idx = 0;

	vio_device_reset(device);
	vio_device_accept(device, 0, (uint32_t)features);
	vio_device_accept(device, 1, (uint32_t)(features >> 32));
	vio_device_set_status(device,
			      VIO_STATUS_ACKNOWLEDGE | VIO_STATUS_DRIVER | VIO_STATUS_FEATURES_OK);
	config = vio_device_queue_config(device, 0);
	config->desc = RAM + DESC;
	config->driver = RAM + AVAIL;
	config->device = RAM + USED;
	vio_device_enable_queue(device, 0);
	vio_device_set_status(device, VIO_STATUS_DRIVER_OK);
}

/* One descriptor, made available in the packed ring; its place there. */
static void put(uint64_t addr, uint32_t len, uint16_t flags, bool last)
{
	if (driver.packed) {
		struct vio_packed_desc *ring = (void *)&ram[DESC];

		flags |= driver.wrap ? VIO_PACKED_F_AVAIL : VIO_PACKED_F_USED;
		ring[driver.next] = (struct vio_packed_desc){ addr, len, 0, flags };
		driver.next = (driver.next + 1) % SIZE;
		driver.wrap ^= driver.next == 0;
	} else {
		struct vio_desc *table = (void *)&ram[DESC];
		uint16_t next = (driver.next + 1) % SIZE;

		table[driver.next] = (struct vio_desc){ addr, len, flags, last ? 0 : next };
		driver.next = next;
	}
}

static void offer(const struct shape *shape, unsigned number)
{
	struct vio_avail *avail = (void *)&ram[AVAIL];
	uint64_t table = TABLES + number * 64;
	uint16_t head = driver.next;
	unsigned i = 0;

	for (i = 0; i < shape->count; i++) {
		uint64_t addr = RAM + BUFFERS + (uint64_t)(number * 4 + i) * 512;
		bool last = i + 1 == shape->count;
		uint16_t flags = shape->buffers[i].flags;

		if (!shape->indirect) {
			put(addr, shape->buffers[i].len, last ? flags : flags | VIO_DESC_F_NEXT,
			    last);
		} else if (driver.packed) {
			((struct vio_packed_desc *)(void *)&ram[table])[i] =
				(struct vio_packed_desc){ addr, shape->buffers[i].len, 0, flags };
		} else {
			((struct vio_desc *)(void *)&ram[table])[i] =
				(struct vio_desc){ addr, shape->buffers[i].len,
						   last ? flags : flags | VIO_DESC_F_NEXT,
						   (uint16_t)(i + 1) };
		}
	}
	if (shape->indirect)
		put(RAM + table, shape->count * 16U, VIO_DESC_F_INDIRECT, true);
	if (!driver.packed)
		avail->ring[driver.idx++ % SIZE] = head;
}

/*
 * With EVENT_IDX: an interrupt once the buffer at packed entry `first` is used. Without, the driver
 * says nothing, which asks for one each time, as in a split ring.
 */
static void ask_from(uint16_t first, bool wrap)
{
	struct vio_packed_event *event = (void *)&ram[AVAIL];

	event->off_wrap = first | (wrap ? VIO_PACKED_EVENT_WRAP : 0);
	event->flags = VIO_PACKED_EVENT_DESC;
}

static void count_ring(unsigned ring, const struct shape *shape, unsigned batch)
{
	static char name[80];
	unsigned i = 0;
	unsigned n = 0;

	start(rings[ring].features);
	snprintf(name, sizeof(name), "core/%s/%s/%u", rings[ring].name, shape->name, batch);
	row = name;
	for (n = 0; n < SIZE / batch; n++) { /* of as many requests as entries, or of whole laps */
		uint16_t first = driver.next;
		bool first_wrap = driver.wrap;

		for (i = 0; i < batch; i++)
			offer(shape, i);
		if (!driver.packed) {
			((struct vio_avail *)(void *)&ram[AVAIL])->idx = driver.idx;
			/* With EVENT_IDX, used_event: an interrupt for each batch. */
			((struct vio_avail *)(void *)&ram[AVAIL])->ring[SIZE] =
				(uint16_t)(driver.idx - batch);
		}
		if (driver.packed && (rings[ring].features & VIO_BIT(VIO_F_EVENT_IDX)) != 0)
			ask_from(first, first_wrap);
		vio_device_notify(&bench.device, 0);
		measured();
	}
}

/* ---- Registers ---- */

static struct vio_mmio slot;

static void host_nothing(struct vio_mmio *it)
{
	(void)it;
}

static const struct vio_mmio_host host = {
	.raise = host_nothing,
	.lower = host_nothing,
	.defer = host_nothing,
	.released = host_nothing,
};

/* As from a trap: nothing is known about the access when this is compiled. */
static volatile uint32_t offset;
static volatile unsigned width = 4;

static noinline uint64_t measured_read(uint32_t at, unsigned bytes)
{
	return vio_mmio_read(&slot, at, bytes);
}

static noinline enum vio_mmio_outcome measured_notify(uint32_t at, unsigned bytes, uint64_t value)
{
	return vio_mmio_write(&slot, at, bytes, value);
}

int main(void)
{
	static struct vio_region regions[1];
	static struct vio_memory memory;
	unsigned ring = 0;
	unsigned shape = 0;

	vio_memory_init(&memory, regions, 1);
	vio_memory_add(&memory, (struct vio_region){ .base = RAM,
						     .size = RAM_SIZE,
						     .data = ram,
						     .access = VIO_ACCESS_READ_WRITE });
	vio_device_init(&bench.device, &bench_type, 0, NULL, VIO_STORAGE(&bench.storage));
	vio_device_attach(&bench.device, &transport, NULL, &memory);
	for (ring = 0; ring < VIO_ARRAY_SIZE(rings); ring++) {
		for (shape = 0; shape < VIO_ARRAY_SIZE(shapes); shape++) {
			count_ring(ring, &shapes[shape], 1);
			count_ring(ring, &shapes[shape], 32);
		}
	}

	slot.host = &host;
	slot.serving = VIO_MMIO_SERVE_LATER;
	vio_mmio_attach(&slot, &bench.device, &memory);
	start(0);
	vio_device_serve(&bench.device);
	CALLGRIND_ZERO_STATS;
	offset = VIO_MMIO_INTERRUPT_STATUS;
	sink += measured_read(offset, width);
	CALLGRIND_DUMP_STATS_AT("core/mmio/read_isr");
	offset = VIO_MMIO_QUEUE_NOTIFY;
	sink += measured_notify(offset, width, 0);
	CALLGRIND_DUMP_STATS_AT("core/mmio/notify");
	return 0;
}

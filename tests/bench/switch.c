/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a frame costs from one guest to another, for `make bench` to count under callgrind: it is
 * taken from the sender's transmit ring, finds its port, is copied into a buffer of the receiver's,
 * and both rings are told, with one decision about an interrupt each for a batch of them.
 *
 * Both drivers negotiate what Linux does, and give buffers as it does: a frame to send is one,
 * header and all, and so is each that is to be received.
 */
#include <stdio.h>
#include <stdlib.h>
#include <valgrind/callgrind.h>

#include "vio_driver.h"
#include "vio_mmio.h"
#include "vio_net.h"

#define SIZE   256 /* entries of each queue */
#define BATCH  32
#define ROUNDS 3 /* of each row: the last is the one that counts */
#define BUFFER 1536

#define WANTED                                                                                     \
	(VIO_BIT(VIO_NET_F_CSUM) | VIO_BIT(VIO_NET_F_GUEST_CSUM) |                                 \
	 VIO_BIT(VIO_NET_F_CTRL_GUEST_OFFLOADS) | VIO_BIT(VIO_NET_F_MTU) |                         \
	 VIO_BIT(VIO_NET_F_MAC) | VIO_BIT(VIO_NET_F_GUEST_TSO4) | VIO_BIT(VIO_NET_F_GUEST_TSO6) |  \
	 VIO_BIT(VIO_NET_F_GUEST_ECN) | VIO_BIT(VIO_NET_F_HOST_TSO4) |                             \
	 VIO_BIT(VIO_NET_F_HOST_TSO6) | VIO_BIT(VIO_NET_F_HOST_ECN) |                              \
	 VIO_BIT(VIO_NET_F_MRG_RXBUF) | VIO_BIT(VIO_NET_F_STATUS) | VIO_BIT(VIO_NET_F_CTRL_VQ) |   \
	 VIO_BIT(VIO_NET_F_CTRL_RX) | VIO_BIT(VIO_NET_F_CTRL_VLAN) |                               \
	 VIO_BIT(VIO_NET_F_GUEST_ANNOUNCE) | VIO_BIT(VIO_F_INDIRECT_DESC) |                        \
	 VIO_BIT(VIO_F_EVENT_IDX))

enum {
	RECEIVE,
	TRANSMIT,
	QUEUES
};

/* A guest: what the root has of it, its driver, and its RAM. */
static struct guest {
	struct vio_mmio slot;
	struct vio_net net;
	struct vio_memory memory;
	struct vio_region regions[1];
	struct vio_driver driver;
	struct vio_driver_queue queues[QUEUES];
	struct {
		_Alignas(4096) uint8_t rings[QUEUES][VIO_DRIVER_RING_BYTES(SIZE)];
		_Alignas(64) uint8_t buffers[SIZE][BUFFER];
	} ram;
} guests[2];

static struct vio_switch lan;

/* ---- The slots ---- */

static void nothing(struct vio_mmio *slot)
{
	(void)slot;
}

static const struct vio_mmio_host host = {
	.raise = nothing,
	.lower = nothing,
	.defer = nothing,
	.released = nothing,
};

static uint32_t read_register(void *registers, uint32_t offset, unsigned width)
{
	return (uint32_t)vio_mmio_read(registers, offset, width);
}

static void write_register(void *registers, uint32_t offset, unsigned width, uint32_t value)
{
	vio_mmio_write(registers, offset, width, value);
}

static const struct vio_driver_access trapped = { .read = read_register, .write = write_register };

static __attribute__((noinline, noclone)) void measured(struct vio_mmio *slot)
{
	vio_mmio_serve(slot);
}

/* ---- The drivers ---- */

static void fail(const char *what)
{
	fprintf(stderr, "switch: %s\n", what);
	exit(1);
}

static void give(struct guest *guest, unsigned queue, void *data, uint32_t len)
{
	const struct vio_buffer buffer = { .data = data, .len = len, .writable = queue == RECEIVE };

	if (vio_driver_queue_add(&guest->queues[queue], &buffer, 1) < 0)
		fail("a queue is full");
}

static void start(struct guest *guest, uint64_t features)
{
	struct vio_driver *driver = &guest->driver;
	unsigned i = 0;

	memset(&guest->ram, 0, sizeof(guest->ram));
	*driver = (struct vio_driver){ .access = &trapped, .registers = &guest->slot };
	if (vio_driver_probe(driver) != VIO_ID_NET || !vio_driver_start(driver, features))
		fail("the device does not start");
	for (i = 0; i < QUEUES; i++) {
		if (!vio_driver_queue_init(driver, &guest->queues[i], (uint16_t)i,
					   guest->ram.rings[i], SIZE))
			fail("a queue does not start");
	}
	vio_driver_run(driver);
	for (i = 0; i < SIZE / 2; i++)
		give(guest, RECEIVE, guest->ram.buffers[i], BUFFER);
	vio_driver_queue_publish(&guest->queues[RECEIVE]);
	vio_mmio_serve(&guest->slot);
}

/* Takes back what was used; how many there were. */
static unsigned take_back(struct guest *guest, unsigned queue)
{
	uint16_t head = 0;
	uint32_t len = 0;
	unsigned count = 0;

	while (vio_driver_queue_used(&guest->queues[queue], &head, &len))
		count++;
	vio_driver_queue_listen(&guest->queues[queue], true);
	return count;
}

static void send(struct guest *from, struct guest *to, uint32_t len)
{
	unsigned i = 0;

	for (i = 0; i < BATCH; i++) {
		uint8_t *frame = from->ram.buffers[SIZE / 2 + i] + sizeof(struct vio_net_hdr);

		memcpy(frame, to->net.port.mac, VIO_MAC);
		memcpy(frame + VIO_MAC, from->net.port.mac, VIO_MAC);
		vio_net16_set(frame + (size_t)2 * VIO_MAC, 0x0800);
		give(from, TRANSMIT, from->ram.buffers[SIZE / 2 + i],
		     len + (uint32_t)sizeof(struct vio_net_hdr));
	}
	vio_driver_queue_publish(&from->queues[TRANSMIT]);
}

static void count(const char *name, uint64_t features, uint32_t len)
{
	unsigned round = 0;
	unsigned i = 0;

	start(&guests[0], WANTED | features);
	start(&guests[1], WANTED | features);
	for (round = 0; round < ROUNDS; round++) {
		send(&guests[0], &guests[1], len);
		CALLGRIND_ZERO_STATS;
		measured(&guests[0].slot);
		if (round == ROUNDS - 1)
			CALLGRIND_DUMP_STATS_AT(name);
		if (take_back(&guests[0], TRANSMIT) != BATCH ||
		    take_back(&guests[1], RECEIVE) != BATCH)
			fail("frames are lost");
		for (i = 0; i < BATCH; i++)
			give(&guests[1], RECEIVE, guests[1].ram.buffers[i], BUFFER);
		vio_driver_queue_publish(&guests[1].queues[RECEIVE]);
		vio_mmio_serve(&guests[1].slot);
	}
}

static void init(struct guest *guest, uint8_t number)
{
	const struct vio_net_options options = { .mac = { 0x52, 0, 0, 0, 0, number } };

	vio_memory_init(&guest->memory, guest->regions, 1);
	vio_memory_add(&guest->memory, (struct vio_region){ .base = (uintptr_t)&guest->ram,
							    .size = sizeof(guest->ram),
							    .data = (uint8_t *)&guest->ram,
							    .access = VIO_ACCESS_READ_WRITE });
	vio_net_init(&guest->net, "guest", &options);
	if (vio_switch_add(&lan, &guest->net.port, NULL) != VIO_SWITCH_OK)
		fail("a port does not join");
	guest->slot.host = &host;
	guest->slot.serving = VIO_MMIO_SERVE_LATER;
	vio_mmio_attach(&guest->slot, &guest->net.device, &guest->memory);
}

int main(void)
{
	init(&guests[0], 1);
	init(&guests[1], 2);
	count("core/switch/64", 0, 64);
	count("core/switch/1514", 0, 1514);
	count("core/switch/64/packed", VIO_BIT(VIO_F_RING_PACKED), 64);
	count("core/switch/1514/packed", VIO_BIT(VIO_F_RING_PACKED), 1514);
	return 0;
}

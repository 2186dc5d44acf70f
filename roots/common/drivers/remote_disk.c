/* SPDX-License-Identifier: BSD-2-Clause */
#include "remote_disk.h"
#include "vio_guest.h"

/* More would be no disk: the sum of a sector number and a count stays far below 2^64. */
#define SECTORS_MAX (UINT64_C(1) << 50)

static struct remote_disk *remote_of(struct vio_blk_backend *backend)
{
	return VIO_CONTAINER_OF(backend, struct remote_disk, backend);
}

/* ---- Memory that the server writes, too ---- */

static void sync(const struct remote_disk *remote, void *start, uint64_t size)
{
	if (remote->sync)
		remote->sync(start, size);
}

static uint32_t get(const volatile uint32_t *word)
{
	uint32_t value = vio_guest_load32(word);

	atomic_thread_fence(memory_order_acquire);
	return value;
}

static void set(volatile uint32_t *word, uint32_t value)
{
	atomic_thread_fence(memory_order_release);
	vio_guest_store32(word, value);
}

/* ---- Requests ---- */

static unsigned number_of(const struct remote_disk *remote,
			  const struct remote_disk_request *request)
{
	return (unsigned)(request - remote->requests);
}

/* Moves the next of the io's data, to the server's memory or from there. */
static void copy(struct remote_disk *remote, struct remote_disk_request *request)
{
	uint8_t *data = remote->ring->data[number_of(remote, request)];
	bool out = request->io->op == VIO_BLK_WRITE;
	uint32_t left = request->bytes;

	while (left != 0) {
		uint8_t *at = request->span->data + request->offset;
		uint32_t len = request->span->len - request->offset;

		if (len > left)
			len = left;
		if (out)
			memcpy(data, at, len);
		else
			memcpy(at, data, len);
		data += len;
		left -= len;
		request->offset += len;
		if (request->offset == request->span->len) {
			request->span++;
			request->offset = 0;
		}
	}
	request->left -= request->bytes;
	request->sector += request->bytes / REMOTE_DISK_SECTOR;
}

static void ask(struct remote_disk *remote, struct remote_disk_request *request)
{
	static const uint8_t ops[] = {
		[VIO_BLK_READ] = REMOTE_DISK_READ,
		[VIO_BLK_WRITE] = REMOTE_DISK_WRITE,
		[VIO_BLK_FLUSH] = REMOTE_DISK_FLUSH,
	};
	unsigned n = number_of(remote, request);
	struct remote_disk_slot *slot = &remote->ring->slots[n];

	if (++remote->number == 0)
		remote->number = 1;
	request->asked = remote->number;
	request->ticks = 0;
	request->bytes = request->left < REMOTE_DISK_BYTES ? request->left : REMOTE_DISK_BYTES;
	slot->op = vio_le32(ops[request->io->op]);
	slot->sector = vio_le64(request->sector);
	slot->bytes = vio_le32(request->bytes);
	if (request->io->op == VIO_BLK_WRITE)
		copy(remote, request);
	sync(remote, remote->ring->data[n], request->bytes);
	set(&slot->asked, request->asked);
	sync(remote, slot, sizeof(*slot));
	remote->bell(remote);
}

/* Out of vio_blk_done() may come the next io, so nothing is touched behind it. */
static void finish(struct remote_disk_request *request, enum vio_blk_status status)
{
	struct vio_blk_io *io = request->io;

	request->io = NULL;
	if (io)
		vio_blk_done(io, status);
}

static void answered(struct remote_disk *remote, struct remote_disk_request *request, bool good)
{
	request->asked = 0;
	if (!request->io)
		return;
	if (good && request->io->op == VIO_BLK_READ)
		copy(remote, request);
	if (good && request->left != 0)
		ask(remote, request);
	else
		finish(request, good ? VIO_BLK_S_OK : VIO_BLK_S_IOERR);
}

static void submit(struct vio_blk_backend *backend, struct vio_blk_io *io)
{
	struct remote_disk *remote = remote_of(backend);
	unsigned i = 0;

	while (i < REMOTE_DISK_SLOTS && (remote->requests[i].asked || remote->requests[i].io))
		i++;
	if (!remote->connected || i == REMOTE_DISK_SLOTS) {
		vio_blk_done(io, VIO_BLK_S_IOERR);
		return;
	}
	remote->requests[i] = (struct remote_disk_request){
		.io = io,
		.span = io->spans,
		.left = io->len,
		.sector = io->sector,
	};
	ask(remote, &remote->requests[i]);
}

/* The server may take as long as it likes: it has got no memory of the guest that waits. */
static void cancel(struct vio_blk_backend *backend, struct vio_blk_io *io)
{
	struct remote_disk *remote = remote_of(backend);
	unsigned i = 0;

	for (i = 0; i < REMOTE_DISK_SLOTS; i++) {
		if (remote->requests[i].io == io) {
			finish(&remote->requests[i], VIO_BLK_S_IOERR);
			return;
		}
	}
}

/* ---- The server ---- */

static void fail_all(struct remote_disk *remote)
{
	unsigned i = 0;

	remote->connected = false;
	for (i = 0; i < REMOTE_DISK_SLOTS; i++) {
		remote->requests[i].asked = 0;
		finish(&remote->requests[i], VIO_BLK_S_IOERR);
	}
}

static void connect(struct remote_disk *remote, uint32_t hello)
{
	struct remote_disk_ring *ring = remote->ring;
	uint64_t sectors = vio_guest_load64(&ring->sectors);
	unsigned i = 0;

	fail_all(remote);
	for (i = 0; i < REMOTE_DISK_SLOTS; i++)
		set(&ring->slots[i].asked, 0);
	remote->hello = hello;
	set(&ring->welcome, hello);
	sync(remote, ring, offsetof(struct remote_disk_ring, space));
	remote->connected = true;
	if (sectors > SECTORS_MAX)
		sectors = SECTORS_MAX;
	if (sectors != remote->disk.capacity) {
		remote->disk.capacity = sectors;
		remote->resized(remote);
	}
	remote->bell(remote);
}

/* At most all slots, once: what is asked anew meanwhile is not answered yet. */
static void take_answers(struct remote_disk *remote)
{
	unsigned i = 0;

	for (i = 0; i < REMOTE_DISK_SLOTS; i++) {
		struct remote_disk_request *request = &remote->requests[i];
		struct remote_disk_slot *slot = &remote->ring->slots[i];

		if (request->asked == 0 || get(&slot->answered) != request->asked)
			continue;
		sync(remote, remote->ring->data[i], request->bytes);
		answered(remote, request, get(&slot->status) == REMOTE_DISK_OK);
	}
}

void remote_disk_heard(struct remote_disk *remote)
{
	struct remote_disk_ring *ring = remote->ring;
	uint32_t hello = 0;

	sync(remote, ring, offsetof(struct remote_disk_ring, space));
	hello = get(&ring->hello);
	if (hello != remote->hello)
		connect(remote, hello);
	else if (remote->connected)
		take_answers(remote);
}

/* It may still be at work on what it was asked: it sees that it is not welcome any more. */
static void disconnect(struct remote_disk *remote)
{
	set(&remote->ring->welcome, 0);
	sync(remote, remote->ring, offsetof(struct remote_disk_ring, space));
	fail_all(remote);
	remote->bell(remote);
}

void remote_disk_tick(struct remote_disk *remote, uint32_t limit)
{
	bool late = false;
	unsigned i = 0;

	for (i = 0; i < REMOTE_DISK_SLOTS; i++) {
		struct remote_disk_request *request = &remote->requests[i];

		if (request->asked != 0 && ++request->ticks >= limit)
			late = true;
	}
	if (late)
		disconnect(remote);
}

void remote_disk_reset(struct remote_disk *remote)
{
	fail_all(remote);
	remote->hello = 0;
	memset(remote->ring, 0, offsetof(struct remote_disk_ring, space));
	sync(remote, remote->ring, offsetof(struct remote_disk_ring, space));
}

void remote_disk_init(struct remote_disk *remote)
{
	remote->backend = (struct vio_blk_backend){ .submit = submit, .cancel = cancel };
	remote->disk = (struct vio_blk_disk){ .write_cache = true };
	remote->connected = false;
	remote->hello = 0;
	remote->number = 0;
	memset(remote->requests, 0, sizeof(remote->requests));
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A disk that another guest serves, as what is behind a guest's: requests go into memory which the
 * root shares with the server (remote_disk_ring.h), and a bell rings.
 *
 *	                        hello
 *	+--------+  remote_disk_heard()   +-----------+
 *	| nobody |----------------------->| connected |---+ hello again, from a
 *	|        |<-----------------------|           |<--+ server that starts anew
 *	+--------+   remote_disk_reset()  +-----------+
 *	             remote_disk_tick()
 *
 * The server is not trusted: all that it is asked, and where the answer goes, is known here and
 * never read back. What is read of the memory is `hello` and `sectors`, which a wrong value only
 * makes a wrong disk, a number that either is the one that was asked or means nothing, a status,
 * and the data. So the server can do to this disk what a bad disk can, and nothing else; and it
 * sees what was written to the disk, and no other memory of the guest whose disk it is: data is
 * copied.
 *
 * With each arrow what is under way ends in an error; without a server, all does at once. A server
 * that is too slow is none any more, until it says hello again.
 */
#ifndef REMOTE_DISK_H
#define REMOTE_DISK_H

#include "remote_disk_ring.h"
#include "vio_blk.h"

struct remote_disk;

/* One request to the server at a time is made of an io. */
struct remote_disk_request {
	struct vio_blk_io *io; /* NULL: free, or nobody waits for the answer any more */
	const struct vio_span *span;
	uint32_t offset; /* bytes of *span that are done */
	uint32_t left;   /* of all of it */
	uint32_t bytes;  /* that the server has been asked for */
	uint64_t sector;
	uint32_t asked; /* 0: the server has not got the slot */
	uint32_t ticks; /* since it has */
};

struct remote_disk {
	struct vio_blk_backend backend; /* of one vio_blk */
	struct vio_blk_disk disk;       /* what to say to vio_blk_init() of it */

	/* The owner's, set before remote_disk_init(). */
	struct remote_disk_ring *ring;
	void (*bell)(struct remote_disk *remote);    /* rings at the server */
	void (*resized)(struct remote_disk *remote); /* disk.capacity has changed */
	/*
	 * Makes what either side has written visible to the other, where the server does not see
	 * memory through the caches. NULL: it does.
	 */
	void (*sync)(void *start, uint64_t size);

	bool connected;
	uint32_t hello;  /* the last that was heard */
	uint32_t number; /* of the last question */
	struct remote_disk_request requests[REMOTE_DISK_SLOTS];
};

/* `ring` is zeroed memory. Until the server says hello, the disk has no sectors. */
void remote_disk_init(struct remote_disk *remote);

/* The server's bell rang. */
void remote_disk_heard(struct remote_disk *remote);

/* Some time has passed. A server that has not answered for `limit` of these is gone. */
void remote_disk_tick(struct remote_disk *remote, uint32_t limit);

/* The server runs no more. */
void remote_disk_reset(struct remote_disk *remote);

#endif

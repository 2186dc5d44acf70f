/* SPDX-License-Identifier: BSD-2-Clause */
/* A disk that a guest serves, with that guest as good, slow, dead and bad as it can be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "remote_disk.h"

#define SECTOR  REMOTE_DISK_SECTOR
#define SECTORS 1024
#define LARGE   (3 * REMOTE_DISK_BYTES + SECTOR)

static struct remote_disk remote;
static struct remote_disk_ring *ring;
static unsigned bells, resizes;
static uint8_t disk[SECTORS * SECTOR];

/* ---- What asks ---- */

#define IOS 20

static struct test_io {
	struct vio_blk_io io;
	struct vio_span spans[3];
	bool asked;
	enum vio_blk_status status;
} ios[IOS];

static struct test_io *asks_again; /* out of the next answer */

void vio_blk_done(struct vio_blk_io *io, enum vio_blk_status status)
{
	struct test_io *test = VIO_CONTAINER_OF(io, struct test_io, io);

	assert_true(test->asked);
	test->asked = false;
	test->status = status;
	for (unsigned i = 0; i < io->span_count; i++) {
		free(test->spans[i].data); /* nobody looks there any more */
		test->spans[i].data = NULL;
	}
	if (asks_again) {
		struct test_io *again = asks_again;

		asks_again = NULL;
		again->asked = true;
		again->io = (struct vio_blk_io){ .op = VIO_BLK_FLUSH };
		remote.backend.submit(&remote.backend, &again->io);
	}
}

/* In three spans, the first of an odd length. */
static struct test_io *submit(unsigned n, enum vio_blk_op op, uint64_t sector, uint32_t len,
			      uint8_t fill)
{
	struct test_io *test = &ios[n];
	const uint32_t lens[] = { len < 8 ? len : 7, len < 8 ? 0 : (len - 7) / 2,
				  len < 8 ? 0 : len - 7 - (len - 7) / 2 };

	assert_false(test->asked);
	test->asked = true;
	test->io =
		(struct vio_blk_io){ .op = op, .sector = sector, .spans = test->spans, .len = len };
	for (unsigned i = 0; i < 3 && lens[i]; i++) {
		test->spans[i] = (struct vio_span){ malloc(lens[i]), lens[i] };
		memset(test->spans[i].data, fill, lens[i]);
		test->io.span_count++;
	}
	remote.backend.submit(&remote.backend, &test->io);
	return test;
}

/* ---- What serves ---- */

static void bell(struct remote_disk *heard)
{
	assert_ptr_equal(heard, &remote);
	bells++;
}

static void resized(struct remote_disk *heard)
{
	assert_ptr_equal(heard, &remote);
	resizes++;
}

static void say_hello(uint64_t sectors)
{
	ring->sectors = sectors;
	for (unsigned i = 0; i < REMOTE_DISK_SLOTS; i++)
		ring->slots[i].answered = 0;
	ring->hello++;
	remote_disk_heard(&remote);
}

/* One batch; how many there were. */
static unsigned serve(void)
{
	unsigned count = 0;

	for (unsigned i = 0; i < REMOTE_DISK_SLOTS; i++) {
		struct remote_disk_slot *slot = &ring->slots[i];
		uint8_t *at = disk + slot->sector * SECTOR;

		if (slot->asked == slot->answered)
			continue;
		assert_in_range(slot->bytes, 0, REMOTE_DISK_BYTES);
		assert_int_equal(slot->bytes % SECTOR, 0);
		assert_in_range(slot->sector * SECTOR + slot->bytes, 0, sizeof(disk));
		if (slot->op == REMOTE_DISK_READ)
			memcpy(ring->data[i], at, slot->bytes);
		else if (slot->op == REMOTE_DISK_WRITE)
			memcpy(at, ring->data[i], slot->bytes);
		slot->status = REMOTE_DISK_OK;
		slot->answered = slot->asked;
		count++;
	}
	remote_disk_heard(&remote);
	return count;
}

static int set_up(void **state)
{
	(void)state;
	ring = calloc(1, sizeof(*ring));
	remote = (struct remote_disk){ .ring = ring, .bell = bell, .resized = resized };
	memset(ios, 0, sizeof(ios));
	asks_again = NULL;
	bells = 0;
	resizes = 0;
	for (size_t i = 0; i < sizeof(disk); i++)
		disk[i] = (uint8_t)(i * 7 + i / 4096);
	remote_disk_init(&remote);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	remote_disk_reset(&remote);
	for (unsigned i = 0; i < IOS; i++)
		assert_false(ios[i].asked);
	free(ring);
	return 0;
}

/* ---- Tests ---- */

static void without_a_server_all_fails(void **state)
{
	(void)state;
	assert_int_equal(remote.disk.capacity, 0);
	assert_int_equal(submit(0, VIO_BLK_READ, 0, SECTOR, 0)->status, VIO_BLK_S_IOERR);
	remote_disk_heard(&remote);
	assert_int_equal(submit(0, VIO_BLK_FLUSH, 0, 0, 0)->status, VIO_BLK_S_IOERR);
	assert_int_equal(bells, 0);
}

static void a_server_makes_it_a_disk(void **state)
{
	struct test_io *io = NULL;

	(void)state;
	say_hello(SECTORS);
	assert_int_equal(remote.disk.capacity, SECTORS);
	assert_int_equal(resizes, 1);
	assert_int_equal(ring->welcome, ring->hello);
	io = submit(0, VIO_BLK_WRITE, 5, 3 * SECTOR, 0xa5);
	assert_true(io->asked);
	assert_int_equal(serve(), 1);
	assert_false(io->asked);
	assert_int_equal(io->status, VIO_BLK_S_OK);
	for (unsigned i = 0; i < 3 * SECTOR; i++)
		assert_int_equal(disk[5 * SECTOR + i], 0xa5);
	io = submit(0, VIO_BLK_FLUSH, 0, 0, 0);
	assert_int_equal(ring->slots[0].op, REMOTE_DISK_FLUSH);
	serve();
	assert_int_equal(io->status, VIO_BLK_S_OK);
	say_hello(SECTORS);
	assert_int_equal(resizes, 1);
	say_hello(UINT64_MAX);
	assert_int_equal(resizes, 2);
	assert_true(remote.disk.capacity < UINT64_C(1) << 60);
}

/* In parts, each copied to where it belongs before the io is answered. */
static void large_ones_go_in_parts(void **state)
{
	uint8_t *got = malloc(LARGE);
	struct test_io *io = NULL;

	(void)state;
	say_hello(SECTORS);
	io = submit(0, VIO_BLK_WRITE, 100, LARGE, 0x11);
	for (unsigned part = 0; part < 3; part++) {
		assert_int_equal(serve(), 1);
		assert_true(io->asked);
	}
	assert_int_equal(serve(), 1);
	assert_int_equal(io->status, VIO_BLK_S_OK);
	assert_int_equal(serve(), 0);
	assert_int_equal(disk[100 * SECTOR - 1], (uint8_t)((100 * SECTOR - 1) * 7 + 12));
	for (unsigned i = 0; i < LARGE; i++)
		assert_int_equal(disk[100 * SECTOR + i], 0x11);
	for (unsigned i = 0; i < LARGE; i++)
		disk[100 * SECTOR + i] = (uint8_t)(i * 13);

	io = submit(0, VIO_BLK_READ, 100, LARGE, 0);
	for (unsigned part = 0; part < 3; part++)
		assert_int_equal(serve(), 1);
	/* the last part is about to be copied: look at it all just before the io is over */
	for (unsigned i = 0, at = 0; i < io->io.span_count; i++) {
		memcpy(got + at, io->spans[i].data, io->spans[i].len);
		at += io->spans[i].len;
	}
	for (unsigned i = 0; i < 3 * REMOTE_DISK_BYTES; i++)
		assert_int_equal(got[i], (uint8_t)(i * 13));
	assert_int_equal(serve(), 1);
	assert_int_equal(io->status, VIO_BLK_S_OK);
	free(got);
}

static void an_error_ends_it(void **state)
{
	struct test_io *io = NULL;

	(void)state;
	say_hello(SECTORS);
	io = submit(0, VIO_BLK_READ, 0, LARGE, 0);
	ring->slots[0].status = 77;
	ring->slots[0].answered = ring->slots[0].asked;
	remote_disk_heard(&remote);
	assert_false(io->asked);
	assert_int_equal(io->status, VIO_BLK_S_IOERR);
}

/* 73: it dies, or its program does, with all slots in use; what comes out of the answers fails. */
static void who_dies_fails_what_was_under_way(void **state)
{
	(void)state;
	say_hello(SECTORS);
	for (unsigned i = 0; i < REMOTE_DISK_SLOTS; i++)
		submit(i, VIO_BLK_WRITE, i, SECTOR, 1);
	assert_int_equal(submit(REMOTE_DISK_SLOTS, VIO_BLK_READ, 0, SECTOR, 0)->status,
			 VIO_BLK_S_IOERR);
	asks_again = &ios[REMOTE_DISK_SLOTS + 1];
	remote_disk_reset(&remote);
	for (unsigned i = 0; i < REMOTE_DISK_SLOTS + 2; i++) {
		assert_false(ios[i].asked);
		assert_int_equal(ios[i].status, VIO_BLK_S_IOERR);
	}
	assert_int_equal(ring->hello, 0);
	assert_int_equal(remote.disk.capacity, SECTORS);

	say_hello(SECTORS);
	assert_int_equal(serve(), 0);
	submit(0, VIO_BLK_WRITE, 9, SECTOR, 0x77);
	say_hello(SECTORS); /* its program has started again */
	assert_int_equal(ios[0].status, VIO_BLK_S_IOERR);
	assert_int_equal(serve(), 0);
	submit(0, VIO_BLK_WRITE, 9, SECTOR, 0x77);
	serve();
	assert_int_equal(ios[0].status, VIO_BLK_S_OK);
	assert_int_equal(disk[9 * SECTOR], 0x77);
}

/* 73: it lives, and does not answer. */
static void who_is_too_slow_is_gone(void **state)
{
	(void)state;
	say_hello(SECTORS);
	submit(0, VIO_BLK_WRITE, 9, SECTOR, 0x77);
	remote_disk_tick(&remote, 3);
	remote_disk_tick(&remote, 3);
	submit(1, VIO_BLK_WRITE, 9, SECTOR, 0x66);
	assert_true(ios[0].asked);
	remote_disk_tick(&remote, 3);
	assert_int_equal(ios[0].status, VIO_BLK_S_IOERR);
	assert_int_equal(ios[1].status, VIO_BLK_S_IOERR);
	assert_int_equal(ring->welcome, 0);
	remote_disk_heard(&remote); /* that is no hello */
	assert_int_equal(submit(0, VIO_BLK_FLUSH, 0, 0, 0)->status, VIO_BLK_S_IOERR);
	remote_disk_tick(&remote, 3);
	say_hello(SECTORS);
	submit(0, VIO_BLK_FLUSH, 0, 0, 0);
	remote_disk_tick(&remote, 3);
	remote_disk_tick(&remote, 3);
	assert_int_equal(serve(), 1);
	assert_int_equal(ios[0].status, VIO_BLK_S_OK);
	submit(0, VIO_BLK_FLUSH, 0, 0, 0);
	remote_disk_tick(&remote, 3);
	remote_disk_tick(&remote, 3);
	serve();
	assert_int_equal(ios[0].status, VIO_BLK_S_OK);
}

/* The client's reset waits for nobody, and a late answer means nothing. */
static void who_cancels_does_not_wait(void **state)
{
	(void)state;
	say_hello(SECTORS);
	submit(0, VIO_BLK_READ, 3, SECTOR, 0);
	remote.backend.cancel(&remote.backend, &ios[0].io);
	assert_int_equal(ios[0].status, VIO_BLK_S_IOERR);
	remote.backend.cancel(&remote.backend, &ios[0].io);
	submit(1, VIO_BLK_WRITE, 4, SECTOR, 0x42);
	assert_int_equal(ring->slots[1].op,
			 REMOTE_DISK_WRITE); /* the first is still the server's */
	assert_int_equal(serve(), 2);
	assert_int_equal(ios[1].status, VIO_BLK_S_OK);
	submit(0, VIO_BLK_FLUSH, 0, 0, 0);
	assert_int_equal(ring->slots[0].op, REMOTE_DISK_FLUSH);
	serve();
	assert_int_equal(ios[0].status, VIO_BLK_S_OK);
}

static void an_answer_to_another_question_means_nothing(void **state)
{
	(void)state;
	say_hello(SECTORS);
	submit(0, VIO_BLK_READ, 0, SECTOR, 0);
	for (uint32_t wrong = 0; wrong < 100; wrong++) {
		ring->slots[0].status = REMOTE_DISK_OK;
		ring->slots[0].answered = wrong == ring->slots[0].asked ? UINT32_MAX : wrong;
		ring->slots[1].answered = ring->slots[0].asked;
		remote_disk_heard(&remote);
		assert_true(ios[0].asked);
	}
}

/* Whatever it writes wherever, whenever: each io is answered once, and untouched afterwards. */
static void a_server_may_write_anything(void **state)
{
	(void)state;
	srand(1);
	for (unsigned step = 0; step < 200000; step++) {
		unsigned n = (unsigned)rand() % IOS;
		uint32_t *word = (uint32_t *)(void *)ring +
				 (unsigned)rand() % (offsetof(struct remote_disk_ring, space) / 4);

		switch (rand() % 8) {
		case 0:
			say_hello((uint64_t)rand() << (rand() % 64));
			break;
		case 1:
			*word = (uint32_t)rand();
			break;
		case 2:
			ring->slots[n % REMOTE_DISK_SLOTS].answered =
				remote.requests[n % REMOTE_DISK_SLOTS].asked;
			ring->slots[n % REMOTE_DISK_SLOTS].status = (uint32_t)rand() % 3;
			break;
		case 3:
			remote_disk_heard(&remote);
			break;
		case 4:
			if (ios[n].asked)
				remote.backend.cancel(&remote.backend, &ios[n].io);
			break;
		case 5:
			remote_disk_tick(&remote, 100);
			if (rand() % 64 == 0)
				remote_disk_reset(&remote);
			break;
		default:
			if (!ios[n].asked)
				submit(n, rand() % 2 ? VIO_BLK_READ : VIO_BLK_WRITE,
				       (uint64_t)rand(), SECTOR * (1 + (unsigned)rand() % 300), 0);
			break;
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_server_all_fails),
		TEST(a_server_makes_it_a_disk),
		TEST(large_ones_go_in_parts),
		TEST(an_error_ends_it),
		TEST(who_dies_fails_what_was_under_way),
		TEST(who_is_too_slow_is_gone),
		TEST(who_cancels_does_not_wait),
		TEST(an_answer_to_another_question_means_nothing),
		TEST(a_server_may_write_anything),
	};

	return cmocka_run_group_tests_name("remote disk", tests, NULL, NULL);
}

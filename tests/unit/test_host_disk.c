/* SPDX-License-Identifier: BSD-2-Clause */
/* A disk on a file of a host that is a few bytes here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "host_disk.h"

#define SECTORS 4

static struct {
	uint8_t bytes[SECTORS * VIO_BLK_SECTOR + 100]; /* the last are no sector */
	uint64_t at;
	int64_t size;
	bool read_only, gone, short_of_space;
	enum vio_blk_status status;
	unsigned answers;
} host;

static struct host_disk disk;

/* ---- The host ---- */

static int64_t host_open(const char *name, enum host_mode mode)
{
	assert_string_equal(name, "file");
	if (host.gone)
		return -HOST_NO_ENTRY;
	return host.read_only && mode != HOST_READ ? -HOST_NO_ACCESS : 3;
}

static int64_t host_read(int64_t handle, void *to, uint64_t len)
{
	assert_int_equal(handle, 3);
	assert_true(host.at + len <= sizeof(host.bytes));
	memcpy(to, host.bytes + host.at, len);
	host.at += len;
	return (int64_t)len;
}

static int64_t host_write(int64_t handle, const void *data, uint64_t len)
{
	assert_int_equal(handle, 3);
	assert_true(host.at + len <= sizeof(host.bytes));
	if (host.short_of_space)
		len /= 2;
	memcpy(host.bytes + host.at, data, len);
	host.at += len;
	return (int64_t)len;
}

static int64_t host_seek(int64_t handle, uint64_t offset)
{
	assert_int_equal(handle, 3);
	host.at = offset;
	return 0;
}

static int64_t host_size(int64_t handle)
{
	assert_int_equal(handle, 3);
	return host.size;
}

static const struct host_files files = {
	.open = host_open,
	.read = host_read,
	.write = host_write,
	.seek = host_seek,
	.size = host_size,
};

/* ---- The device ---- */

void vio_blk_done(struct vio_blk_io *io, enum vio_blk_status status)
{
	(void)io;
	host.status = status;
	host.answers++;
}

/* In two spans; the answer comes from inside. */
static enum vio_blk_status ask(enum vio_blk_op op, uint64_t sector, uint8_t *data, uint32_t len)
{
	const struct vio_span spans[] = { { data, 100 }, { data + 100, len - 100 } };
	struct vio_blk_io io = { .op = op, .sector = sector, .spans = spans, .span_count = 2 };

	if (op != VIO_BLK_READ && op != VIO_BLK_WRITE)
		io.span_count = 0;
	host.answers = 0;
	disk.backend.submit(&disk.backend, &io);
	assert_int_equal(host.answers, 1);
	return host.status;
}

static int setup(void **state)
{
	(void)state;
	memset(&host, 0, sizeof(host));
	host.size = sizeof(host.bytes);
	assert_int_equal(host_disk_init(&disk, &files, "file"), 0);
	return 0;
}

static void opens_what_is_there(void **state)
{
	(void)state;
	assert_int_equal(disk.disk.capacity, SECTORS);
	assert_false(disk.disk.read_only);
	host.read_only = true;
	assert_int_equal(host_disk_init(&disk, &files, "file"), 0);
	assert_true(disk.disk.read_only);
}

static unsigned announced;

static void announce(struct host_disk *which)
{
	assert_ptr_equal(which, &disk);
	announced++;
}

/* In the order in which they came, one a call; and memory is not touched before. */
static void answers_later(void **state)
{
	uint8_t data[3][VIO_BLK_SECTOR] = { { 0 } };
	struct vio_span spans[3];
	struct vio_blk_io ios[3];

	(void)state;
	disk.later = announce;
	announced = 0;
	memset(host.bytes, 0x5a, sizeof(host.bytes));
	for (unsigned i = 0; i < 3; i++) {
		spans[i] = (struct vio_span){ data[i], VIO_BLK_SECTOR };
		ios[i] = (struct vio_blk_io){
			.op = VIO_BLK_READ, .sector = i, .spans = &spans[i], .span_count = 1
		};
		disk.backend.submit(&disk.backend, &ios[i]);
	}
	assert_int_equal(announced, 1);
	assert_int_equal(host.answers, 0);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(data[i][0], 0);
		assert_int_equal(host_disk_serve(&disk), i < 2);
		assert_int_equal(data[i][0], 0x5a);
		assert_int_equal(host.answers, i + 1);
	}
	assert_false(host_disk_serve(&disk));
	disk.backend.submit(&disk.backend, &ios[0]);
	assert_int_equal(announced, 2);
	assert_false(host_disk_serve(&disk));
	assert_int_equal(host.answers, 4);
}

static void says_why_not(void **state)
{
	(void)state;
	host.gone = true;
	assert_int_equal(host_disk_init(&disk, &files, "file"), -HOST_NO_ENTRY);
	host.gone = false;
	host.size = VIO_BLK_SECTOR - 1;
	assert_int_equal(host_disk_init(&disk, &files, "file"), -HOST_BAD_VALUE);
	host.size = -HOST_IO;
	assert_int_equal(host_disk_init(&disk, &files, "file"), -HOST_IO);
}

static void reads_and_writes_where_it_should(void **state)
{
	uint8_t data[2 * VIO_BLK_SECTOR];
	uint8_t got[2 * VIO_BLK_SECTOR];

	(void)state;
	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	assert_int_equal(ask(VIO_BLK_WRITE, 1, data, sizeof(data)), VIO_BLK_S_OK);
	assert_memory_equal(host.bytes + VIO_BLK_SECTOR, data, sizeof(data));
	assert_int_equal(host.bytes[VIO_BLK_SECTOR - 1], 0);
	assert_int_equal(ask(VIO_BLK_READ, 1, got, sizeof(got)), VIO_BLK_S_OK);
	assert_memory_equal(got, data, sizeof(data));
	assert_int_equal(ask(VIO_BLK_FLUSH, 0, data, 200), VIO_BLK_S_OK);
}

static void what_the_host_does_not_take_is_an_error(void **state)
{
	uint8_t data[VIO_BLK_SECTOR] = { 1 };

	(void)state;
	host.short_of_space = true;
	assert_int_equal(ask(VIO_BLK_WRITE, 0, data, sizeof(data)), VIO_BLK_S_IOERR);
	assert_int_equal(ask(VIO_BLK_DISCARD, 0, data, sizeof(data)), VIO_BLK_S_IOERR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(opens_what_is_there, setup),
		cmocka_unit_test_setup(answers_later, setup),
		cmocka_unit_test_setup(says_why_not, setup),
		cmocka_unit_test_setup(reads_and_writes_where_it_should, setup),
		cmocka_unit_test_setup(what_the_host_does_not_take_is_an_error, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "fuzz.h"
#include "vio_template.h"

static uint32_t work(struct vio_template_backend *backend, uint32_t number, const uint8_t *data,
		     uint32_t len)
{
	(void)backend;
	fuzz_check(len != 0);
	fuzz_moved(len);
	return number + data[0] + data[len - 1];
}

static struct vio_device *init(unsigned variant)
{
	static struct vio_template_backend backend = { .work = work };
	static struct vio_template template;

	(void)variant;
	vio_template_init(&template, &backend);
	return &template.device;
}

static void request(unsigned how)
{
	const struct fuzz_piece pieces[] = { { FUZZ_DATA, how, false },
					     { FUZZ_DATA + 0x1000, how % 16, true } };

	fuzz_add(0, pieces, 2, how >= 0x80);
	fuzz_kick(0);
}

static void works(void)
{
	const struct fuzz_piece pieces[] = { { FUZZ_DATA, 2, false },
					     { FUZZ_DATA + 0x100, 8, true } };

	fuzz_put(FUZZ_DATA, "\3\4", 2);
	fuzz_check(fuzz_request(0, pieces, 2) == 8);
	fuzz_check(memcmp(fuzz_at(FUZZ_DATA + 0x100, 8), "\7\0\0\0\2\0\0\0", 8) == 0);
}

const struct fuzz_device fuzz_device = {
	.init = init,
	.request = request,
	.works = works,
	.spans = VIO_TEMPLATE_QUEUE_SIZE,
	.moved_max = VIO_TEMPLATE_QUEUE_SIZE * VIO_TEMPLATE_LIMIT,
};

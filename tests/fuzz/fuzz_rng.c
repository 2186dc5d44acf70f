/* SPDX-License-Identifier: BSD-2-Clause */
/* The entropy device, over a source that is dry most of the time. */
#include "fuzz.h"
#include "vio_rng.h"

static struct vio_rng rng;
static struct vio_entropy source;
static uint32_t stock;

static uint32_t fill(struct vio_entropy *from, void *to, uint32_t len)
{
	(void)from;
	fuzz_check(len != 0 && len <= VIO_RNG_REQUEST_MAX);
	if (len > stock)
		len = stock;
	memset(to, 0xa5, len);
	stock -= len;
	fuzz_moved(len);
	return len;
}

static struct vio_device *init(unsigned variant)
{
	source.fill = fill;
	stock = variant * 64;
	vio_rng_init(&rng, &source);
	vio_rng_limit(&rng, (variant & 0x80) != 0 ? variant * 8 : 0);
	return &rng.device;
}

static void act(unsigned what)
{
	stock += what;
	vio_rng_ready(&rng);
	vio_rng_refill(&rng, what * 4);
}

static void request(unsigned how)
{
	const struct fuzz_piece pieces[] = { { FUZZ_DATA, 1 + how % 16 * 300, true },
					     { FUZZ_NEXT + 8, 1 + how, true } };

	fuzz_add(0, pieces, 1 + how % 2, how >= 0x80);
	fuzz_kick(0);
}

static void works(void)
{
	const struct fuzz_piece piece = { FUZZ_DATA, 16, true };

	stock = 64;
	vio_rng_refill(&rng, 16);
	fuzz_check(fuzz_request(0, &piece, 1) == 16);
}

const struct fuzz_device fuzz_device = {
	.init = init,
	.act = act,
	.request = request,
	.works = works,
	.spans = VIO_RNG_QUEUE_SIZE,
	.moved_max = VIO_RNG_QUEUE_SIZE * VIO_RNG_REQUEST_MAX,
};

/* SPDX-License-Identifier: BSD-2-Clause */
#include "fuzz.h"
#include "vio_dummy.h"

static struct vio_device *init(unsigned variant)
{
	static struct vio_dummy dummy;

	(void)variant;
	vio_dummy_init(&dummy);
	return &dummy.device;
}

static void works(void)
{
	fuzz_check(fuzz_read(VIO_MMIO_DEVICE_ID) == 0);
	fuzz_check(fuzz_read(VIO_MMIO_DEVICE_FEATURES) == 0);
}

const struct fuzz_device fuzz_device = {
	.init = init,
	.works = works,
};

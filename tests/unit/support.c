/* SPDX-License-Identifier: BSD-2-Clause */
#include "support.h"
#include "vio_guest.h"

void vio_guest_loaded(const volatile void *address, size_t size)
{
	(void)address;
	(void)size;
}

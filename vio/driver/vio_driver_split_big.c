/* SPDX-License-Identifier: BSD-2-Clause */
/* The split virtqueue of a legacy device on a big-endian machine, 2.7.3. */
#define VIO_GUEST_BIG_ENDIAN  true
#define VIO_DRIVER_SPLIT_RING vio_driver_split_ring_big
#include "vio_driver_split.c" /* NOLINT(bugprone-suspicious-include) */

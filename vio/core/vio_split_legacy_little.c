/* SPDX-License-Identifier: BSD-2-Clause */
/* The split virtqueue of legacy guests that are little-endian, 2.7.3. */
#define VIO_GUEST_BIG_ENDIAN  false
#define VIO_SPLIT_LEGACY_RING vio_split_ring_legacy_little
#include "vio_split.c" /* NOLINT(bugprone-suspicious-include) */

/* SPDX-License-Identifier: BSD-2-Clause */
/* The split virtqueue of legacy guests that are big-endian, 2.7.3. */
#define VIO_GUEST_BIG_ENDIAN true
#define VIO_SPLIT_BIG_ENDIAN 1
#include "vio_split.c" /* NOLINT(bugprone-suspicious-include) */

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The checksum device. A driver sends bytes, and gets their CRC-32 (that of Ethernet and zip), by
 * software or by whatever the root has for it.
 */
#ifndef VIO_CHECKSUM_H
#define VIO_CHECKSUM_H

#include "vio_device.h"

/* The DeviceID a driver looks for. Numbers below 256 are, or may become, the standard's (5). */
#define VIO_ID_CHECKSUM         0xf001

/* Buffers the driver can have waiting: a power of two. */
#define VIO_CHECKSUM_QUEUE_SIZE 16

/* Bytes of a request at most: it bounds what one notification can cost the root. */
#define VIO_CHECKSUM_LIMIT      65536

/* Feature bit numbers, 0 to 23. What a driver has not accepted must not happen. */
enum {
	VIO_CHECKSUM_F_LENGTH = 0, /* the answer has its second half */
};

/* What the driver reads at offset 0x100. Every field is aligned to its size; so is the next. */
struct vio_checksum_config {
	uint32_t limit; /* VIO_CHECKSUM_LIMIT */
};

/* What follows a request's bytes; little-endian. */
struct vio_checksum_answer {
	uint32_t crc;
	uint32_t length; /* bytes of the request */
};

/* What is behind the device; embedded in the backend's own struct. */
struct vio_checksum_backend {
	/* The CRC of bytes whose CRC is `crc` (0: no bytes) with `len` more behind them. */
	uint32_t (*extend)(struct vio_checksum_backend *backend, uint32_t crc, const uint8_t *data,
			   uint32_t len);
};

/* The caller owns it. */
struct vio_checksum {
	struct vio_device device;
	struct vio_checksum_config config;
	struct vio_checksum_backend *backend;
	VIO_DEVICE_STORAGE(1, VIO_CHECKSUM_QUEUE_SIZE) storage;
};

/* An `extend` in software, for all who have nothing faster. */
uint32_t vio_checksum_crc32(struct vio_checksum_backend *backend, uint32_t crc, const uint8_t *data,
			    uint32_t len);

/* `backend` outlives the device. */
void vio_checksum_init(struct vio_checksum *self, struct vio_checksum_backend *backend);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* For tests of the network: frames to send, and what a receiver must find in them. */
#ifndef FRAMES_H
#define FRAMES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "vio_frame.h"

#define FRAME_MAX (65536 + 256)

enum {
	FRAME_TCP_FIN = 1,
	FRAME_TCP_PSH = 8,
	FRAME_TCP_ACK = 16,
	FRAME_TCP_CWR = 128,
};

/* A TCP segment to make. */
struct frame_tcp {
	bool v6;
	bool vlan;
	unsigned options; /* words of TCP options */
	uint32_t payload; /* bytes */
	uint32_t sequence;
	uint8_t flags;
	uint16_t gso_size; /* 0: an ordinary frame, its checksum still to complete */
};

/* Writes it to `bytes`, its payload a pattern of the sequence number; returns its length. */
uint32_t frame_write_tcp(uint8_t *bytes, const struct frame_tcp *tcp, struct vio_offload *offload);

/* The byte of a TCP stream at a sequence number. */
uint8_t frame_stream(uint32_t sequence);

/* The internet checksum over bytes and the sum of a pseudo-header, the slow way: 0 when right. */
uint16_t frame_checksum(const uint8_t *bytes, uint32_t len, uint32_t sum);

/* Fails unless the IP and TCP checksums and the lengths of the headers are right. */
void frame_expect_valid(const uint8_t *bytes, uint32_t len);

/* A frame of `bytes`, cut: `head` bytes as its head, the rest in spans of at most `piece`. */
struct frame_cut {
	struct vio_span spans[1024];
	struct vio_frame frame;
};

void frame_cut(struct frame_cut *cut, uint8_t *bytes, uint32_t len, uint32_t head, uint32_t piece,
	       const struct vio_offload *offload);

/* Numbers that are the same in every run. */
uint32_t frame_random(uint32_t *state, uint32_t below);

#endif

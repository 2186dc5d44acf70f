/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An Ethernet frame on its way from one port of the switch to another.
 *
 * A frame is its first bytes, the head, which the sender's side has copied out of guest memory, and
 * the rest where the sending guest has it. Whoever decides by a field reads it in the head, and
 * whoever passes the frame on passes on the head that was looked at. The rest may change at any
 * moment, and is only copied and summed up.
 *
 * A frame can carry work that its sender left to others, as a virtio_net_hdr describes it (Virtio
 * 1.4, 5.1.6): a checksum to complete, or a TCP segment of up to 64 KiB to cut into frames of the
 * link's size. Where the receiver takes such a frame, it is passed on whole; where not, the two
 * calls below do the work.
 */
#ifndef VIO_FRAME_H
#define VIO_FRAME_H

#include "vio_request.h"

enum {
	VIO_MAC = 6,              /* bytes of an address */
	VIO_ETHERNET_HEADER = 14, /* addresses and type, without a VLAN tag */
	VIO_VLAN_TAG = 4,
	VIO_FRAME_HEAD = 192, /* bytes of a head, at most: all headers of a TCP segment */
};

/* What can be left to do: bits of `takes`. */
enum {
	VIO_TAKES_CSUM = 1,
	VIO_TAKES_TSO4 = 2,
	VIO_TAKES_TSO6 = 4,
	VIO_TAKES_ECN = 8, /* with TSO4 or TSO6: segments that carry CWR */
};

/* `flags` and `gso_type` of a virtio_net_hdr, 5.1.6. */
enum {
	VIO_NET_HDR_F_NEEDS_CSUM = 1,
	VIO_NET_HDR_F_DATA_VALID = 2,

	VIO_NET_GSO_NONE = 0,
	VIO_NET_GSO_TCPV4 = 1,
	VIO_NET_GSO_TCPV6 = 4,
	VIO_NET_GSO_ECN = 0x80,
};

/*
 * Smallest `gso_size` that is honoured, in bytes: no stack's MSS is below it, and it bounds how
 * many frames one request makes.
 */
#define VIO_GSO_SIZE_MIN 48

struct vio_offload {
	uint8_t flags;
	uint8_t gso_type;
	uint16_t hdr_len; /* bytes before the TCP payload */
	uint16_t gso_size;
	uint16_t csum_start;
	uint16_t csum_offset;
};

/* Also a cursor: a copy of it can be read from its front. */
struct vio_frame {
	const uint8_t *head;
	uint32_t head_len;
	uint32_t len;                /* bytes, of head and rest */
	const struct vio_span *rest; /* as many spans as `len` needs; not looked at without */
	uint32_t skip;               /* bytes of the first span that do not belong to it */
	struct vio_offload offload;
};

/* Takes up to `most` contiguous bytes off the front; false when nothing is left. */
bool vio_frame_next(struct vio_frame *frame, uint32_t most, struct vio_span *part);

/* Copies up to `len` bytes off the front, and returns how many. */
uint32_t vio_frame_read(struct vio_frame *frame, void *to, uint32_t len);

/*
 * Copies more of the frame, up to `len` bytes, into its head, which is `buffer` from now on. A
 * shorter frame has nothing but its head then.
 */
void vio_frame_pull(struct vio_frame *frame, uint8_t buffer[VIO_FRAME_HEAD], uint32_t len);

/* The 16-bit field at `at` of a header, in the CPU's byte order. */
static inline uint16_t vio_net16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline void vio_net16_set(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* An address as one number, to compare: which number depends on the CPU. */
#define VIO_MAC_BROADCAST UINT64_C(0xffffffffffff)

static inline uint64_t vio_mac_number(const uint8_t mac[VIO_MAC])
{
	uint32_t first = 0;
	uint16_t last = 0;

	__builtin_memcpy(&first, mac, sizeof(first));
	__builtin_memcpy(&last, mac + sizeof(first), sizeof(last));
	return (uint64_t)last << 32 | first;
}

static inline bool vio_mac_is_group(const uint8_t mac[VIO_MAC])
{
	return (mac[0] & 1) != 0;
}

/*
 * Whether what the sender left to do can be done: the checksum lies in the frame; a TCP segment's
 * headers are in the head, are IPv4's or IPv6's as it says and, for the latter, without
 * extensions. Corrects `hdr_len`, which drivers are not trusted with (5.1.6.2.2), and clears what
 * means nothing.
 */
bool vio_offload_check(struct vio_frame *frame);

/* What a receiver of the frame as it is must take: bits VIO_TAKES_. Most frames need nothing. */
unsigned vio_offload_work(const struct vio_offload *offload);

static inline unsigned vio_offload_needs(const struct vio_offload *offload)
{
	return (offload->flags | offload->gso_type) != 0 ? vio_offload_work(offload) : 0;
}

/*
 * Completes the checksum, in a head that is `buffer` from now on. False: it does not lie in the
 * first VIO_FRAME_HEAD bytes.
 */
bool vio_checksum_complete(struct vio_frame *frame, uint8_t buffer[VIO_FRAME_HEAD]);

/* A TCP segment being cut. The caller owns it. */
struct vio_segments {
	struct vio_frame payload; /* what is left of it */
	uint32_t sequence;
	uint16_t identification; /* IPv4 */
	uint16_t ip;             /* where in the frame the headers start */
	uint16_t tcp;
	bool first;
	uint8_t head[VIO_FRAME_HEAD]; /* as the sender wrote it */
	uint8_t next[VIO_FRAME_HEAD]; /* of the next frame */
};

/* Starts cutting a frame that vio_offload_check() found right. It must stay until the last. */
void vio_segments_start(struct vio_segments *segments, const struct vio_frame *frame);

/* The next frame, its checksum still to complete; it lasts until the next call. */
bool vio_segments_next(struct vio_segments *segments, struct vio_frame *frame);

#endif

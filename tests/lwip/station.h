/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For tests of the root's lwIP: the root around it with a clock that stands still, and a station on
 * the other port of its switch, which sends what it is told to and keeps what it gets.
 */
#ifndef STATION_H
#define STATION_H

#include "frames.h"
#include "guest.h"
#include "lwip_port.h"
#include "root.h"

#define STATION_TICKS 1000000 /* a second */

enum {
	IP = VIO_ETHERNET_HEADER
};

extern const uint8_t root_mac[VIO_MAC];    /* 10.0.0.2 */
extern const uint8_t station_mac[VIO_MAC]; /* 10.0.0.1 */
extern struct sched_cpu station_cpu;
extern uint64_t station_now;

extern struct vio_switch lan;
extern struct lwip_port lwip;
extern struct vio_port station;

extern unsigned got;     /* frames */
extern uint32_t got_len; /* of the last */
extern uint8_t got_bytes[FRAME_MAX];
extern void (*station_hook)(void); /* called for each; or NULL */

extern uint8_t bytes[FRAME_MAX]; /* to send */

/* Sends the first of `bytes`. */
void station_send(uint32_t len, const struct vio_offload *offload);

/* Until nobody in the root is ready. */
void station_run(void);

/* An Ethernet header, and an ARP request behind it, in `bytes`; returns its length. */
void station_ethernet(uint16_t type);
uint32_t station_arp(void);

/* For cmocka: the root is up, and the station knows its address. */
int station_setup(void **state);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For measuring TCP: what comes on port 5001 is read and dropped, as an iperf 2 server does, and on
 * port 5002 there is no end of bytes to read.
 *
 * lwIP's own lwiperf is no match for a peer that means no good: when a connection is reset it
 * closes one that is gone already.
 */
#ifndef IPERF_H
#define IPERF_H

#include <stdbool.h>
#include <stdint.h>

/*
 * False: lwIP, which is up, has no room for it. `say`: a connection is over, after so many bytes of
 * either direction.
 */
bool iperf_start(void (*say)(uint64_t bytes, uint32_t milliseconds));

#endif

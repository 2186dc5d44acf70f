/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What comes by TCP on port 7 goes back (RFC 862): for tests, and as an example of what runs on the
 * root's lwIP.
 */
#ifndef ECHO_H
#define ECHO_H

#include <stdbool.h>

/* False: lwIP, which is up, has no room for it. */
bool echo_start(void);

#endif

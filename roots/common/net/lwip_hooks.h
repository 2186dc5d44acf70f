/* SPDX-License-Identifier: BSD-2-Clause */
/* What lwIP asks us while it is at work. */
#ifndef LWIP_HOOKS_H
#define LWIP_HOOKS_H

#include <stdbool.h>

#include "lwip/err.h"

struct tcp_hdr;

/* lwip_port.c: whether lwIP is to see a segment. `split`: options are in two pieces. */
err_t lwip_port_admit(const struct tcp_hdr *header, u16_t options_len, bool split);

#define LWIP_HOOK_TCP_INPACKET_PCB(pcb, header, options_len, first_len, rest, data)                \
	lwip_port_admit(header, options_len, (rest) != NULL)

#endif

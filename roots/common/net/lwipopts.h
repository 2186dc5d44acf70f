/* SPDX-License-Identifier: BSD-2-Clause */
/* lwIP as the root has it: no threads, IPv4, its own memory of fixed size. */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

#define NO_SYS                       1
#define SYS_LIGHTWEIGHT_PROT         0
#define LWIP_NETCONN                 0
#define LWIP_SOCKET                  0

#define LWIP_DHCP                    1
#define LWIP_NETIF_STATUS_CALLBACK   1
#define LWIP_HAVE_LOOPIF             0
#define LWIP_STATS                   0

/* Frames of guests come with checksums that nobody computed: not every one is to be checked. */
#define LWIP_CHECKSUM_CTRL_PER_NETIF 1

/* Four segments of 64 KiB that a guest left whole can wait at once. */
#define MEM_ALIGNMENT                8
#define MEM_SIZE                     (64 * 1024)
#define PBUF_POOL_SIZE               256
#define PBUF_POOL_BUFSIZE            1536
#define MEMP_NUM_PBUF                128

#define MEMP_NUM_TCP_PCB             16
#define TCP_MSS                      1460
/* Whoever goes without a word keeps its connection for some two minutes. */
#define LWIP_TCP_RTO_TIME            1000
#define TCP_MAXRTX                   6
#define LWIP_WND_SCALE               1
#define TCP_RCV_SCALE                3
#define TCP_WND                      (4 * 44 * TCP_MSS) /* so many whole segments: no part is left over */
#define TCP_WND_UPDATE_THRESHOLD     (TCP_WND / 2) /* not after each segment of 64 KiB */
#define LWIP_HOOK_FILENAME           "lwip_hooks.h"
/*
 * What comes ahead of its turn is not kept. lwIP 2.1.3 checks a segment of that queue against the
 * window when it is put there, but not one that takes its place, and then an assertion fails.
 */
#define TCP_QUEUE_OOSEQ              0
#define TCP_SND_BUF                  (40 * TCP_MSS)
#define TCP_SND_QUEUELEN             160
#define MEMP_NUM_TCP_SEG             TCP_SND_QUEUELEN

/* The status page: a snapshot is written over when its reader has gone, so lwIP copies. */
#define LWIP_HTTPD_DYNAMIC_HEADERS   1
#define LWIP_HTTPD_SUPPORT_V09       0
#define HTTPD_SERVER_AGENT           "VIO"
#define HTTP_IS_DATA_VOLATILE(hs)    TCP_WRITE_FLAG_COPY

#endif

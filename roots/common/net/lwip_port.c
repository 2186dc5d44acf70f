/* SPDX-License-Identifier: BSD-2-Clause */
#include "guest.h"
#include "lwip_hooks.h"
#include "lwip_port.h"
#include "root.h"
#include "text.h"

#include "lwip/dhcp.h"
#include "lwip/etharp.h"
#include "lwip/init.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/prot/tcp.h"
#include "lwip/sys.h"
#include "lwip/timeouts.h"
#include "netif/ethernet.h"

enum {
	BATCH = 32,    /* frames until others may run */
	PIECES = 16,   /* pbufs of a frame that lwIP sends, at most */
	PRIORITY = 64, /* of the task: above guests, as an interrupt's work would be */
	HEAD = VIO_ETHERNET_HEADER + VIO_VLAN_TAG,

	/* Of a TCP frame as lwIP makes them, without IP options. */
	IP = VIO_ETHERNET_HEADER,
	TCP = IP + IP_HLEN,
	TCP_CHECKSUM = 16,
	CHECKSUMS = NETIF_CHECKSUM_ENABLE_ALL & ~NETIF_CHECKSUM_GEN_TCP,
};

static uint64_t ticks_per_ms;
static uint32_t (*random_number)(void);

/*
 * An assertion of lwIP's failed. One is up to the peer: what it acknowledges while its window is
 * shut may be all there is to send. lwIP's code behind that finds nothing to do.
 */
void lwip_port_fault(const char *what)
{
	static const char known[] = "tcp_slowtimr: persist ticking with empty send buffer";

	if (strncmp(what, known, sizeof(known)) != 0)
		root_fatal("lwIP: %s", what);
}

unsigned lwip_port_random(void)
{
	return random_number();
}

u32_t sys_now(void)
{
	return (u32_t)(arch_now() / ticks_per_ms);
}

/* ---- To lwIP ---- */

static bool has_mss(const uint8_t *options, u16_t len)
{
	u16_t at = 0;

	while (at + 1 < len && options[at] != LWIP_TCP_OPT_EOL) {
		if (options[at] == LWIP_TCP_OPT_MSS)
			return true;
		if (options[at] != LWIP_TCP_OPT_NOP && options[at + 1] < 2)
			return false;
		at += options[at] == LWIP_TCP_OPT_NOP ? 1 : options[at + 1];
	}
	return false;
}

/*
 * lwIP takes for granted that segments never become shorter: it would add to one that is too long
 * already. They do by a later MSS option, which lwIP takes from any segment, and when the first
 * window is none at all.
 */
err_t lwip_port_admit(const struct tcp_hdr *header, u16_t options_len, bool split)
{
	const uint8_t *options = (const uint8_t *)(header + 1);

	if ((TCPH_FLAGS(header) & TCP_SYN) != 0)
		return header->wnd < 2 ? ERR_VAL : ERR_OK;
	return options_len != 0 && (split || has_mss(options, options_len)) ? ERR_VAL : ERR_OK;
}

static bool deliver(struct vio_port *port, const struct vio_frame *frame)
{
	struct lwip_port *lwip = VIO_CONTAINER_OF(port, struct lwip_port, port);
	struct vio_frame rest = *frame;
	struct pbuf *pbuf = NULL;

	if (frame->len > UINT16_MAX || lwip->head - lwip->tail == LWIP_PORT_QUEUE)
		return false;
	pbuf = pbuf_alloc(PBUF_RAW, (u16_t)frame->len, PBUF_POOL);
	if (!pbuf)
		return false;
	for (struct pbuf *piece = pbuf; piece; piece = piece->next)
		vio_frame_read(&rest, piece->payload, piece->len);
	lwip->frames[lwip->head++ % LWIP_PORT_QUEUE] = (struct lwip_port_frame){
		.pbuf = pbuf,
		.unsummed = (frame->offload.flags & VIO_NET_HDR_F_NEEDS_CSUM) != 0,
	};
	return true;
}

static void flush(struct vio_port *port)
{
	sched_ready(&VIO_CONTAINER_OF(port, struct lwip_port, port)->task);
}

static void input(struct lwip_port *lwip)
{
	const struct lwip_port_frame *frame = &lwip->frames[lwip->tail++ % LWIP_PORT_QUEUE];
	u16_t checks = CHECKSUMS;

	if (frame->unsummed)
		checks &= (u16_t) ~(NETIF_CHECKSUM_CHECK_TCP | NETIF_CHECKSUM_CHECK_UDP);
	NETIF_SET_CHECKSUM_CTRL(&lwip->netif, checks);
	if (lwip->netif.input(frame->pbuf, &lwip->netif) != ERR_OK)
		pbuf_free(frame->pbuf);
}

static void run(struct sched_entity *task)
{
	struct lwip_port *lwip = VIO_CONTAINER_OF(task, struct lwip_port, task);
	u32_t rest;

	for (unsigned i = 0; i < BATCH && lwip->tail != lwip->head; i++)
		input(lwip);
	sys_check_timeouts();
	vio_port_flush(&lwip->port);
	if (lwip->tail != lwip->head)
		return;
	rest = sys_timeouts_sleeptime();
	sched_block(task, rest == SYS_TIMEOUTS_SLEEPTIME_INFINITE
				  ? SCHED_NEVER
				  : arch_now() + (rest + 1) * ticks_per_ms);
}

/* ---- From lwIP ---- */

/* TCP's checksum is left to whoever wants it: its field gets the pseudo-header's, 5.1.6.2. */
static void leave_checksum(struct vio_offload *offload, struct pbuf *pbuf)
{
	uint8_t *head = pbuf->payload;
	uint32_t sum = IP_PROTO_TCP + pbuf->tot_len - TCP;

	if (pbuf->len < TCP + TCP_HLEN || vio_net16(head + IP - 2) != ETHTYPE_IP ||
	    head[IP] != 0x45 || head[IP + 9] != IP_PROTO_TCP)
		return;
	for (unsigned i = 12; i < IP_HLEN; i += 2)
		sum += vio_net16(head + IP + i);
	sum = (sum & 0xffff) + (sum >> 16);
	vio_net16_set(head + TCP + TCP_CHECKSUM, sum + (sum >> 16));
	*offload = (struct vio_offload){ .flags = VIO_NET_HDR_F_NEEDS_CSUM,
					 .csum_start = TCP,
					 .csum_offset = TCP_CHECKSUM };
}

/* Its headers are in the first pbuf, all of them. */
static err_t output(struct netif *netif, struct pbuf *pbuf)
{
	struct lwip_port *lwip = netif->state;
	const uint32_t head_len = pbuf->len < HEAD ? pbuf->len : HEAD;
	struct vio_span spans[PIECES];
	struct vio_frame frame = {
		.head = pbuf->payload, .head_len = head_len, .len = pbuf->tot_len, .rest = spans
	};
	unsigned count = 0;

	for (struct pbuf *piece = pbuf; piece; piece = piece->next) {
		const uint32_t skip = piece == pbuf ? head_len : 0;

		if (count == PIECES)
			return ERR_BUF;
		if (piece->len != skip)
			spans[count++] = (struct vio_span){ (uint8_t *)piece->payload + skip,
							    piece->len - skip };
	}
	leave_checksum(&frame.offload, pbuf);
	vio_port_send(&lwip->port, &frame);
	return ERR_OK;
}

static err_t init_netif(struct netif *netif)
{
	const struct lwip_port *lwip = netif->state;

	memcpy(netif->name, "vi", 2);
	memcpy(netif->hwaddr, lwip->port.mac, VIO_MAC);
	netif->hwaddr_len = VIO_MAC;
	netif->mtu = 1500;
	netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
	NETIF_SET_CHECKSUM_CTRL(netif, CHECKSUMS);
	netif->output = etharp_output;
	netif->linkoutput = output;
	return ERR_OK;
}

void lwip_port_init(struct lwip_port *lwip, const struct lwip_port_options *options)
{
	struct netif *netif = &lwip->netif;

	ticks_per_ms = arch_frequency() / 1000;
	random_number = options->random;
	lwip->port = (struct vio_port){
		.name = "root",
		.flags = VIO_PORT_FILTERED,
		.takes = VIO_TAKES_CSUM | VIO_TAKES_TSO4 | VIO_TAKES_ECN,
		.up = true,
		.deliver = deliver,
		.flush = flush,
	};
	memcpy(lwip->port.mac, options->mac, VIO_MAC);
	lwip_init();
	netif_add(netif, &options->address, &options->netmask, &options->gateway, lwip, init_netif,
		  ethernet_input);
	netif_set_status_callback(netif, options->status);
	netif_set_default(netif);
	lwip->task = (struct sched_entity){
		.priority = PRIORITY,
		.partition = SCHED_ROOT,
		.slice = arch_frequency() / 100,
		.run = run,
	};
	sched_add(&sched, &lwip->task);
}

void lwip_port_start(struct lwip_port *lwip)
{
	netif_set_link_up(&lwip->netif);
	netif_set_up(&lwip->netif);
	if (ip4_addr_isany(netif_ip4_addr(&lwip->netif)))
		dhcp_start(&lwip->netif);
	sched_ready(&lwip->task);
}

bool lwip_port_listen(uint16_t tcp_port, tcp_accept_fn accepted)
{
	struct tcp_pcb *pcb = tcp_new();

	if (!pcb || tcp_bind(pcb, IP_ANY_TYPE, tcp_port) != ERR_OK)
		return false;
	pcb = tcp_listen(pcb);
	if (!pcb)
		return false;
	tcp_accept(pcb, accepted);
	return true;
}

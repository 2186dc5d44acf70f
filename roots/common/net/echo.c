/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What has come and not gone back yet is kept in chains of less than 64 KiB, as many as the window
 * fills: it opens by what has gone, so a peer that does not read is not read from.
 */
#include "echo.h"

#include "lwip/mem.h"
#include "lwip_port.h"

#define PORT   7
#define CHAINS (2 * (TCP_WND / 0x10000 + 1))

struct echo {
	struct pbuf *waiting[CHAINS];
	unsigned count;
	bool ended; /* the peer has said all */
};

/* False: the peer sends more than it may. */
static bool keep(struct echo *echo, struct pbuf *pbuf)
{
	struct pbuf *last = echo->count != 0 ? echo->waiting[echo->count - 1] : NULL;

	if (last && (u32_t)last->tot_len + pbuf->tot_len <= UINT16_MAX)
		pbuf_cat(last, pbuf);
	else if (echo->count < CHAINS)
		echo->waiting[echo->count++] = pbuf;
	else
		return false;
	return true;
}

/* Lets go of the first pbuf. */
static void drop_first(struct echo *echo)
{
	struct pbuf *first = echo->waiting[0];
	struct pbuf *rest = first->next;

	if (rest)
		pbuf_ref(rest);
	pbuf_free(first);
	echo->waiting[0] = rest;
	if (rest)
		return;
	echo->count--;
	for (unsigned i = 0; i < echo->count; i++)
		echo->waiting[i] = echo->waiting[i + 1];
}

/* As much as there is room for. */
static void give_back(struct tcp_pcb *pcb, struct echo *echo)
{
	while (echo->count != 0) {
		const struct pbuf *first = echo->waiting[0];
		const u16_t len = first->len;

		if (len > tcp_sndbuf(pcb) ||
		    tcp_write(pcb, first->payload, len, TCP_WRITE_FLAG_COPY) != ERR_OK)
			return;
		drop_first(echo);
		tcp_recved(pcb, len);
	}
}

static void forget(struct echo *echo)
{
	while (echo->count != 0)
		drop_first(echo);
	mem_free(echo);
}

static void failed(void *echo, err_t error)
{
	(void)error;
	forget(echo);
}

static void listen_to(struct tcp_pcb *pcb, struct echo *echo);

/* What waits goes back before the end is answered. */
static err_t go_on(struct tcp_pcb *pcb, struct echo *echo)
{
	give_back(pcb, echo);
	if (echo->count != 0 || !echo->ended)
		return ERR_OK;
	listen_to(pcb, NULL);
	if (tcp_close(pcb) == ERR_OK)
		forget(echo);
	else
		listen_to(pcb, echo); /* lwIP has no memory now: polled() tries again */
	return ERR_OK;
}

static err_t received(void *user, struct tcp_pcb *pcb, struct pbuf *pbuf, err_t error)
{
	struct echo *echo = user;

	(void)error;
	echo->ended = !pbuf;
	if (!pbuf || keep(echo, pbuf))
		return go_on(pcb, echo);
	pbuf_free(pbuf);
	listen_to(pcb, NULL);
	forget(echo);
	tcp_abort(pcb);
	return ERR_ABRT;
}

static err_t sent(void *echo, struct tcp_pcb *pcb, u16_t len)
{
	(void)len;
	return go_on(pcb, echo);
}

static err_t polled(void *echo, struct tcp_pcb *pcb)
{
	return go_on(pcb, echo);
}

/* NULL: to nobody. */
static void listen_to(struct tcp_pcb *pcb, struct echo *echo)
{
	tcp_arg(pcb, echo);
	tcp_err(pcb, echo ? failed : NULL);
	tcp_recv(pcb, echo ? received : NULL);
	tcp_sent(pcb, echo ? sent : NULL);
	tcp_poll(pcb, echo ? polled : NULL, 1);
}

static err_t accepted(void *user, struct tcp_pcb *pcb, err_t error)
{
	struct echo *echo = NULL;

	(void)user;
	if (error != ERR_OK || !pcb)
		return ERR_VAL;
	echo = mem_calloc(1, sizeof(*echo));
	if (!echo)
		return ERR_MEM;
	listen_to(pcb, echo);
	return ERR_OK;
}

bool echo_start(void)
{
	return lwip_port_listen(PORT, accepted);
}

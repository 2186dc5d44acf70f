/* SPDX-License-Identifier: BSD-2-Clause */
#include "iperf.h"

#include "lwip/mem.h"
#include "lwip/sys.h"
#include "lwip_port.h"

enum {
	DRAIN = 5001,
	SOURCE = 5002,
	PATIENCE = 20, /* half seconds until a peer that does nothing is given up */
};

struct measurement {
	uint64_t bytes;
	uint64_t polled; /* what they were when we last looked */
	uint32_t began;  /* ms */
};

static void (*say)(uint64_t bytes, uint32_t milliseconds);

static void report(struct measurement *measurement)
{
	say(measurement->bytes, sys_now() - measurement->began);
	mem_free(measurement);
}

static void failed(void *measurement, err_t error)
{
	(void)error;
	report(measurement);
}

static err_t finish(struct tcp_pcb *pcb, struct measurement *measurement)
{
	report(measurement);
	tcp_arg(pcb, NULL);
	tcp_err(pcb, NULL);
	tcp_recv(pcb, NULL);
	tcp_sent(pcb, NULL);
	tcp_poll(pcb, NULL, 0);
	if (tcp_close(pcb) == ERR_OK)
		return ERR_OK;
	tcp_abort(pcb);
	return ERR_ABRT;
}

static err_t polled(void *user, struct tcp_pcb *pcb)
{
	struct measurement *measurement = user;

	if (measurement->bytes == measurement->polled)
		return finish(pcb, measurement);
	measurement->polled = measurement->bytes;
	return ERR_OK;
}

static err_t received(void *user, struct tcp_pcb *pcb, struct pbuf *pbuf, err_t error)
{
	struct measurement *measurement = user;

	(void)error;
	if (!pbuf)
		return finish(pcb, measurement);
	measurement->bytes += pbuf->tot_len;
	tcp_recved(pcb, pbuf->tot_len);
	pbuf_free(pbuf);
	return ERR_OK;
}

/* As much as lwIP takes, from where it is. */
static void send_more(struct tcp_pcb *pcb)
{
	static const uint8_t bytes[TCP_MSS] = "0123456789";

	while (tcp_sndbuf(pcb) >= sizeof(bytes) &&
	       tcp_write(pcb, bytes, sizeof(bytes), 0) == ERR_OK)
		;
}

static err_t sent(void *user, struct tcp_pcb *pcb, u16_t len)
{
	struct measurement *measurement = user;

	measurement->bytes += len;
	send_more(pcb);
	return ERR_OK;
}

static bool begin(struct tcp_pcb *pcb)
{
	struct measurement *measurement = mem_calloc(1, sizeof(*measurement));

	if (!measurement)
		return false;
	measurement->began = sys_now();
	tcp_arg(pcb, measurement);
	tcp_err(pcb, failed);
	tcp_recv(pcb, received);
	tcp_poll(pcb, polled, PATIENCE);
	return true;
}

static err_t accepted(void *user, struct tcp_pcb *pcb, err_t error)
{
	(void)user;
	if (error != ERR_OK || !pcb)
		return ERR_VAL;
	return begin(pcb) ? ERR_OK : ERR_MEM;
}

static err_t accepted_reader(void *user, struct tcp_pcb *pcb, err_t error)
{
	error = accepted(user, pcb, error);
	if (error != ERR_OK)
		return error;
	tcp_sent(pcb, sent);
	send_more(pcb);
	return ERR_OK;
}

bool iperf_start(void (*report_to)(uint64_t bytes, uint32_t milliseconds))
{
	say = report_to;
	return lwip_port_listen(DRAIN, accepted) && lwip_port_listen(SOURCE, accepted_reader);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The root's lwIP, with all that listens there: the net device's frames go to it through the
 * switch, as a guest's do, and whatever they are no assertion of lwIP's fails, nothing outside an
 * object is touched, and in the end the root answers.
 *
 * The input says what is sent, and frames are made right behind its back: connections go on at the
 * sequence numbers that the root is at, give or take a little, and checksums are those of the
 * bytes. Otherwise few would get beyond the first check.
 */
#include "fuzz_alone.h"
#include "lwip_memory.h"

#include "board.h"
#include "echo.h"
#include "iperf.h"
#include "lwip/etharp.h"
#include "lwip/ip4_frag.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/prot/dhcp.h"
#include "lwip/timeouts.h"
#include "lwip/udp.h"
#include "netif/ppp/ppp_opts.h"
#include "lwip_port.h"
#include "root.h"
#include "status.h"

#define FRAME   0x10000
#define SECOND  1000000 /* ticks */
#define OBJECTS 4096

enum {
	IP = VIO_ETHERNET_HEADER,
	L4 = IP + 20, /* without IP options */
	HEAD = 150,
	CONNECTIONS = 8,
	CLIENT_PORT = 1000,
};

static uint16_t fuzz_half(void)
{
	uint8_t high = fuzz_byte();

	return (uint16_t)(high << 8 | fuzz_byte());
}

/* ---- Memory ---- */

/* How many objects each of lwIP's pools has. */
static const unsigned pools[] = {
#define LWIP_MEMPOOL(name, number, size, text) (number),
#include "lwip/priv/memp_std.h"
};

enum {
	HEAP = VIO_ARRAY_SIZE(pools),
	LARGE = 16 /* objects of a pool that may be had by others */
};

static struct {
	void *at;
	size_t amount;
	unsigned pool;
} objects[OBJECTS];
static unsigned object_count;
static size_t taken[HEAP + 1]; /* objects; of the heap bytes */
static unsigned scarcity;      /* how often limits are halved */

/* Others have the rest, but not of what lwIP counts on. */
static size_t limit_of(unsigned pool)
{
	const size_t all = pool == HEAP ? MEM_SIZE : pools[pool];

	return all < LARGE ? all : all >> scarcity;
}

static unsigned asked = HEAP; /* what is being allocated */

void *__real_memp_malloc(memp_t type);
void *__wrap_memp_malloc(memp_t type);
void *__wrap_memp_malloc(memp_t type)
{
	void *object = NULL;

	asked = type;
	object = __real_memp_malloc(type);
	asked = HEAP;
	return object;
}

void *fuzz_malloc(size_t size)
{
	const size_t amount = asked == HEAP ? size : 1;
	void *at = NULL;

	if (object_count == OBJECTS || taken[asked] + amount > limit_of(asked))
		return NULL;
	at = malloc(size);
	objects[object_count].at = at;
	objects[object_count].amount = amount;
	objects[object_count++].pool = asked;
	taken[asked] += amount;
	return at;
}

void *fuzz_calloc(size_t count, size_t size)
{
	void *at = fuzz_malloc(count * size);

	return at ? memset(at, 0, count * size) : NULL;
}

void fuzz_free(void *object)
{
	unsigned i = object_count;

	while (i-- != 0 && objects[i].at != object)
		;
	fuzz_check(i < object_count);
	taken[objects[i].pool] -= objects[i].amount;
	objects[i] = objects[--object_count];
	free(object);
}

/* The variables of lwIP and of what is on it (lwip_memory.h): as the program found them. */
extern uint8_t __start_lwip_zero[], __stop_lwip_zero[], __start_lwip_data[], __stop_lwip_data[];

/* Across the sanitizer's zones between them; NULL: zeroes. */
__attribute__((no_sanitize("address"))) static void copy(volatile uint8_t *to, const uint8_t *from,
							 const uint8_t *end)
{
	size_t i = 0;

	for (i = 0; to + i != end; i++)
		to[i] = from ? from[i] : 0;
}

static void reset_memory(void)
{
	static uint8_t *initial;

	while (object_count != 0)
		fuzz_free(objects[0].at);
	if (!initial) {
		initial = malloc((size_t)(__stop_lwip_data - __start_lwip_data));
		copy(initial, __start_lwip_data, initial + (__stop_lwip_data - __start_lwip_data));
	}
	copy(__start_lwip_zero, NULL, __stop_lwip_zero);
	copy(__start_lwip_data, initial, __stop_lwip_data);
}

/* ---- The root around it ---- */

struct sched sched;
static struct sched_cpu cpu;
static uint64_t now;
static uint32_t last_random;

struct sched_cpu *sched_here(void)
{
	return &cpu;
}

uint64_t arch_now(void)
{
	return now;
}

uint64_t arch_frequency(void)
{
	return SECOND;
}

struct vcpu *arch_vcpu(struct guest *guest, unsigned index)
{
	(void)guest;
	(void)index;
	return NULL;
}

struct vio_device *board_device(struct guest *guest, unsigned slot)
{
	(void)guest;
	(void)slot;
	return NULL;
}

void root_fatal(const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "root_fatal: does not hold: ");
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, "\n");
	abort();
}

static uint32_t random_number(void)
{
	return last_random = last_random * 1664525u + 1013904223u;
}

/* ---- The other end ---- */

static const uint8_t root_mac[VIO_MAC] = { 0x52, 0, 0, 0, 0, 2 };
static const uint8_t peer_mac[VIO_MAC] = { 0x52, 0, 0, 0, 0, 1 };
static const uint8_t peer_address[4] = { 10, 0, 0, 1 };
static const uint8_t root_address[4] = { 10, 0, 0, 2 };

static const struct vio_offload none;
static struct vio_switch lan;
static struct lwip_port lwip;
static struct vio_port peer;
static uint8_t bytes[FRAME]; /* to send */
static uint8_t got[FRAME];
static unsigned answers;   /* to pings */
static bool is_sought;     /* by ARP */
static uint8_t address[4]; /* where the root is sent to */
static uint32_t dhcp_xid;

static struct connection {
	uint16_t ours;
	uint16_t roots;
	uint32_t next;         /* of our sequence */
	uint32_t acknowledged; /* of the root's */
	uint32_t said;         /* what we acknowledged last */
} connections[CONNECTIONS];

static uint32_t load32(const uint8_t *at)
{
	return (uint32_t)vio_net16(at) << 16 | vio_net16(at + 2);
}

static void store32(uint8_t *at, uint32_t value)
{
	vio_net16_set(at, value >> 16);
	vio_net16_set(at + 2, value);
}

static uint32_t sum_of(const uint8_t *at, uint32_t len, uint32_t sum)
{
	for (uint32_t i = 0; i + 1 < len; i += 2)
		sum += vio_net16(at + i);
	if (len % 2 != 0)
		sum += (uint32_t)at[len - 1] << 8;
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* The connection goes on where the root is; one that the root opens becomes the last. */
static void got_segment(const uint8_t *tcp, uint32_t len)
{
	const uint32_t header = (tcp[12] >> 4) * 4U;
	struct connection *connection = NULL;

	for (unsigned i = 0; i < CONNECTIONS; i++) {
		if (connections[i].ours == vio_net16(tcp + 2) &&
		    connections[i].roots == vio_net16(tcp))
			connection = &connections[i];
	}
	if (!connection && (tcp[13] & (TCP_SYN | TCP_ACK)) == TCP_SYN) {
		connection = &connections[CONNECTIONS - 1];
		*connection =
			(struct connection){ .ours = vio_net16(tcp + 2), .roots = vio_net16(tcp) };
	}
	if (!connection || len < header)
		return;
	connection->acknowledged =
		load32(tcp + 4) + (len - header) + ((tcp[13] & (TCP_SYN | TCP_FIN)) != 0);
	if ((tcp[13] & TCP_ACK) != 0)
		connection->next = load32(tcp + 8);
}

static bool take_frame(struct vio_port *port, const struct vio_frame *frame)
{
	struct vio_frame rest = *frame;
	const uint32_t len = vio_frame_read(&rest, got, sizeof(got));
	uint32_t ip_len = 0;

	(void)port;
	fuzz_check(len == frame->len);
	if (vio_net16(got + IP - 2) == ETHTYPE_ARP && got[IP + 7] == ARP_REQUEST &&
	    memcmp(got + IP + 24, peer_address, 4) == 0)
		is_sought = true;
	if (len < L4 + 8 || vio_net16(got + IP - 2) != ETHTYPE_IP)
		return true;
	ip_len = vio_net16(got + IP + 2);
	fuzz_check(got[IP] == 0x45 && IP + ip_len <= len);
	if (got[IP + 9] == IP_PROTO_TCP && ip_len >= 40)
		got_segment(got + L4, ip_len - 20);
	if (got[IP + 9] == IP_PROTO_UDP && vio_net16(got + L4 + 2) == 67 && len > L4 + 16)
		dhcp_xid = load32(got + L4 + 8 + 4);
	answers += got[IP + 9] == IP_PROTO_ICMP && got[L4] == 0;
	return true;
}

/* ---- Frames ---- */

static void begin_frame(uint16_t type)
{
	memcpy(bytes, root_mac, VIO_MAC);
	memcpy(bytes + VIO_MAC, peer_mac, VIO_MAC);
	vio_net16_set(bytes + IP - 2, type);
}

static void begin_ip(uint8_t protocol, uint32_t len)
{
	begin_frame(ETHTYPE_IP);
	memcpy(bytes + IP, "\x45\0\0\0\0\0\0\0\x40\0\0\0", 12);
	vio_net16_set(bytes + IP + 2, 20 + len);
	bytes[IP + 9] = protocol;
	memcpy(bytes + IP + 12, peer_address, 4);
	memcpy(bytes + IP + 16, address, 4);
}

static uint32_t arp(uint8_t operation)
{
	begin_frame(ETHTYPE_ARP);
	memset(bytes, 0xff, VIO_MAC);
	memcpy(bytes + IP, "\0\1\x08\0\6\4\0", 7);
	bytes[IP + 7] = operation;
	memcpy(bytes + IP + 8, peer_mac, VIO_MAC);
	memcpy(bytes + IP + 14, peer_address, 4);
	memset(bytes + IP + 18, 0, VIO_MAC);
	memcpy(bytes + IP + 24, address, 4);
	return IP + 28;
}

static uint32_t ping(uint32_t len)
{
	begin_ip(IP_PROTO_ICMP, 8 + len);
	memcpy(bytes + L4, "\x08\0\0\0\0\7\0\1", 8);
	memset(bytes + L4 + 8, 'p', len);
	return L4 + 8 + len;
}

static uint32_t some_bytes(uint8_t *at, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		at[i] = fuzz_byte();
	return len;
}

/* What a server might answer to what the root asked last. */
static uint32_t dhcp(uint8_t *at)
{
	static const uint8_t parts[][8] = {
		{ 54, 4, 10, 0, 0, 1 }, { 1, 4, 255, 255, 255, 0 },
		{ 3, 4, 10, 0, 0, 1 },  { 51, 4, 0, 0, 1, 0 },
		{ 58, 4, 0, 0, 0, 60 }, { 59, 4, 0, 0, 0, 90 },
		{ 6, 4, 10, 0, 0, 1 },  { 52, 1, 3 },
	};
	const uint8_t which = fuzz_byte();
	uint32_t len = DHCP_OPTIONS_OFS;

	memset(at, 0, DHCP_OPTIONS_OFS);
	memcpy(at, "\2\1\6\0", 4);
	store32(at + 4, dhcp_xid);
	memcpy(at + 16, root_address, 4);
	memcpy(at + 28, root_mac, VIO_MAC);
	store32(at + DHCP_OPTIONS_OFS - 4, DHCP_MAGIC_COOKIE);
	memcpy(at + len, "\x35\1", 2);
	at[len + 2] = fuzz_byte() % 9; /* offer, acknowledge, refuse ... */
	len += 3;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(parts); i++) {
		if ((which >> i & 1) == 0)
			continue;
		memcpy(at + len, parts[i], 2U + parts[i][1]);
		len += 2U + parts[i][1];
	}
	len += some_bytes(at + len, fuzz_byte() % 16);
	at[len++] = DHCP_OPTION_END;
	return len;
}

static uint32_t udp(void)
{
	uint8_t how = fuzz_byte();
	uint32_t len = 8;

	len += how & 1 ? dhcp(bytes + L4 + 8) : some_bytes(bytes + L4 + 8, how >> 3);
	begin_ip(IP_PROTO_UDP, len);
	vio_net16_set(bytes + L4, 67);
	vio_net16_set(bytes + L4 + 2, how & 2 ? fuzz_half() : 68);
	vio_net16_set(bytes + L4 + 4, len);
	vio_net16_set(bytes + L4 + 6, 0);
	if (how & 4)
		memset(bytes + IP + 16, 0xff, 4);
	return L4 + len;
}

static uint32_t payload(uint8_t *at)
{
	static const char *const requests[] = {
		"GET /status.json HTTP/1.0\r\n\r\n",
		"GET / HTTP/1.1\r\nConnection: keep-alive\r\n\r\n",
		"POST / HTTP/1.0\r\nContent-Length: 9\r\n\r\nabc",
		"GET /../x?a=b HTTP/1.0\r\n\r\n",
	};
	const uint8_t how = fuzz_byte();
	uint32_t len = 0;

	switch (how % 8) {
	case 0:
	case 1:
	case 2:
		return 0;
	case 3:
		return some_bytes(at, how >> 3);
	case 4:
		len = (uint32_t)strlen(requests[how >> 3 & 3]);
		memcpy(at, requests[how >> 3 & 3], len);
		return len;
	default:
		len = (uint32_t)(how >> 3) << fuzz_byte() % 11;
		for (uint32_t i = 0; i < len; i++)
			at[i] = (uint8_t)('0' + i % 10);
		return len;
	}
}

/* A little before or behind, the same again, or quite another. */
static uint32_t near(uint32_t number, uint32_t again)
{
	const uint8_t how = fuzz_byte();

	if (how < 192)
		return number;
	if (how < 200)
		return again;
	if (how == 255)
		return number + (uint32_t)fuzz_half() * 65537;
	return number + (uint32_t)(int8_t)(how << 3) * (how & 1 ? 1 : 200);
}

static uint32_t tcp(struct vio_offload *offload)
{
	static const uint8_t flags[] = { TCP_SYN,           TCP_ACK,           TCP_ACK | TCP_PSH,
					 TCP_FIN | TCP_ACK, TCP_RST | TCP_ACK, TCP_RST,
					 TCP_ACK,           TCP_SYN | TCP_ACK };
	const uint8_t which = fuzz_byte();
	struct connection *connection = &connections[which % CONNECTIONS];
	const uint8_t options = which >> 6 == 3 ? fuzz_byte() % 11 : 0;
	const uint32_t header = 20 + 4U * options;
	uint8_t *at = bytes + L4;
	uint32_t len = header;

	vio_net16_set(at, connection->ours);
	vio_net16_set(at + 2, connection->roots);
	store32(at + 4, near(connection->next, connection->next - 1));
	connection->said = near(connection->acknowledged, connection->said);
	store32(at + 8, connection->said);
	at[12] = (uint8_t)(header / 4 << 4);
	at[13] = which >> 3 & 8 ? fuzz_byte() : flags[which >> 3 & 7];
	vio_net16_set(at + 14, which >> 6 == 2 ? fuzz_half() : 0xffff);
	memset(at + 16, 0, 4);
	some_bytes(at + 20, header - 20);
	len += payload(at + header);
	connection->next += len - header + ((at[13] & (TCP_SYN | TCP_FIN)) != 0);
	begin_ip(IP_PROTO_TCP, len);
	if (L4 + len > 1514) {
		offload->gso_type = VIO_NET_GSO_TCPV4;
		offload->gso_size = 1448;
	}
	return L4 + len;
}

/* A piece of a datagram, of whatever is in `bytes` still. */
static uint32_t fragment(void)
{
	const uint8_t how = fuzz_byte();
	const uint32_t len = how & 1 ? fuzz_byte() : 8U << (how >> 1) % 8;
	const uint8_t protocol = how & 0x40 ? IP_PROTO_ICMP : IP_PROTO_UDP;
	const uint8_t offset = fuzz_byte();

	begin_ip(protocol, len);
	bytes[IP + 5] = fuzz_byte() % 4;
	vio_net16_set(bytes + IP + 6,
		      (how & 0x80 ? offset * 37U : offset % 64U) | (how & 0x20 ? 0x2000U : 0));
	return L4 + len;
}

/* Right at first, it may be changed; then, mostly, its checksums are made right. */
static uint32_t spoil(uint32_t len, struct vio_offload *offload)
{
	const uint8_t how = fuzz_byte();
	uint32_t ip_len = 0;
	uint32_t at = 0;

	for (unsigned i = 0; i < how % 4; i++) {
		at = VIO_MAC * 2 + fuzz_byte() % 100;
		bytes[at] = fuzz_byte();
	}
	if (vio_net16(bytes + IP - 2) != ETHTYPE_IP)
		return how & 4 ? fuzz_byte() : len;
	if ((how & 8) == 0) {
		at = bytes[IP] % 16 * 4U;
		vio_net16_set(bytes + IP + 10, 0);
		vio_net16_set(bytes + IP + 10, ~sum_of(bytes + IP, at, 0));
	}
	ip_len = vio_net16(bytes + IP + 2);
	if ((how & 16) == 0 && ip_len >= 28 && ip_len < FRAME - IP) {
		static const uint8_t places[256] = { [IP_PROTO_TCP] = 16, [IP_PROTO_UDP] = 6 };
		const uint8_t protocol = bytes[IP + 9];

		if (places[protocol] != 0) {
			offload->flags = VIO_NET_HDR_F_NEEDS_CSUM;
			offload->csum_start = L4;
			offload->csum_offset = places[protocol];
			if (how & 32 && offload->gso_type == 0) {
				offload->flags = 0;
				vio_net16_set(bytes + L4 + places[protocol], 0);
				vio_net16_set(bytes + L4 + places[protocol],
					      ~sum_of(bytes + L4, ip_len - 20,
						      sum_of(bytes + IP + 12, 8,
							     protocol + ip_len - 20)));
			}
		} else if (protocol == IP_PROTO_ICMP) {
			vio_net16_set(bytes + L4 + 2, 0);
			vio_net16_set(bytes + L4 + 2, ~sum_of(bytes + L4, ip_len - 20, 0));
		}
	}
	return how & 64 ? len - fuzz_byte() % 64 % len : len;
}

static void send(uint32_t len, const struct vio_offload *offload)
{
	struct vio_span rest = { bytes + HEAD, len > HEAD ? len - HEAD : 0 };
	const struct vio_frame frame = { .head = bytes,
					 .head_len = len < HEAD ? len : HEAD,
					 .len = len,
					 .rest = &rest,
					 .offload = *offload };

	vio_port_send(&peer, &frame);
	vio_port_flush(&peer);
}

/* A long ping, in pieces that may be missing, come twice, or overlap. */
static void send_in_pieces(void)
{
	static uint8_t whole[FRAME];
	const uint32_t len = ping(fuzz_byte() * 32U) - L4;
	uint32_t at = 0;

	vio_net16_set(bytes + L4 + 2, ~sum_of(bytes + L4, len, 0));
	memcpy(whole, bytes + L4, len);
	while (at < len) {
		const uint8_t how = fuzz_byte();
		uint32_t piece = how < 128 ? 1400 : (how % 64U + 1) * 8;

		if (how >= 192 && at != 0)
			at -= 8;
		if (piece > len - at)
			piece = len - at;
		begin_ip(IP_PROTO_ICMP, piece);
		vio_net16_set(bytes + IP + 6, at / 8 | (at + piece < len ? 0x2000U : 0));
		vio_net16_set(bytes + IP + 10, ~sum_of(bytes + IP, 20, 0));
		memcpy(bytes + L4, whole + at, piece);
		for (unsigned times = how % 4 == 3 ? how / 4 % 3 : 1; times-- != 0;)
			send(L4 + piece, &none);
		at += piece;
	}
}

static void send_something(unsigned kind)
{
	struct vio_offload offload = { .flags = 0 };
	uint32_t len = 0;

	switch (kind) {
	case 5:
		send_in_pieces();
		return;
	case 0:
		len = arp(ARP_REQUEST);
		break;
	case 1:
		len = ping((uint32_t)fuzz_byte() << fuzz_byte() % 8);
		break;
	case 2:
		len = udp();
		break;
	case 3:
		len = fragment();
		break;
	case 4:
		begin_frame(fuzz_half());
		len = IP + some_bytes(bytes + IP, fuzz_byte() % 64);
		break;
	default:
		len = tcp(&offload);
		break;
	}
	len = spoil(len, &offload);
	send(len, &offload);
}

/* ---- A life ---- */

static void run_root(void)
{
	struct sched_entity *next = NULL;
	unsigned steps = 0;

	while ((next = sched_pick(&cpu, now))) {
		fuzz_check(++steps < 10000);
		next->run(next);
		if (is_sought) {
			is_sought = false;
			send(arp(ARP_REPLY), &none);
		}
	}
}

/* Every timer that is due runs at its time. */
static void pass(uint64_t ticks)
{
	const uint64_t until = now + ticks;

	for (;;) {
		run_root();
		if (cpu.deadline > until)
			break;
		now = cpu.deadline > now ? cpu.deadline : now;
	}
	now = until;
}

static struct guest *no_guest(unsigned index)
{
	(void)index;
	return NULL;
}

static void say_speed(uint64_t transferred, uint32_t milliseconds)
{
	(void)transferred;
	(void)milliseconds;
}

static void set_up(uint8_t variant)
{
	static const struct status status = { .guest = no_guest, .lan = &lan };
	static const uint16_t services[CONNECTIONS] = { 80, 5001, 7, 5002, 80, 7, 5002, 1 };
	struct lwip_port_options options = { .random = random_number };

	reset_memory();
	scarcity = 0;
	now = 0;
	last_random = variant;
	dhcp_xid = 0;
	memset(&sched, 0, sizeof(sched));
	memset(&cpu, 0, sizeof(cpu));
	memset(&lan, 0, sizeof(lan));
	memset(&lwip, 0, sizeof(lwip));
	memset(bytes, 0, sizeof(bytes));
	memcpy(address, root_address, sizeof(address));
	memcpy(options.mac, root_mac, VIO_MAC);
	if ((variant & 1) == 0) {
		IP4_ADDR(&options.address, 10, 0, 0, 2);
		IP4_ADDR(&options.netmask, 255, 255, 255, 0);
	}
	for (unsigned i = 0; i < CONNECTIONS; i++)
		connections[i] = (struct connection){
			.ours = (uint16_t)(CLIENT_PORT + i),
			.roots = services[i],
		};
	sched_join(&sched, &cpu, 0, now);
	lwip_port_init(&lwip, &options);
	peer = (struct vio_port){ .name = "peer",
				  .up = true,
				  .takes = variant & 2 ? VIO_TAKES_CSUM : 0,
				  .deliver = take_frame };
	memcpy(peer.mac, peer_mac, VIO_MAC);
	fuzz_check(vio_switch_add(&lan, &lwip.port, NULL) == VIO_SWITCH_OK);
	fuzz_check(vio_switch_add(&lan, &peer, NULL) == VIO_SWITCH_OK);
	lwip_port_start(&lwip);
	status_start(&status);
	fuzz_check(echo_start());
	fuzz_check(iperf_start(say_speed));
	run_root();
}

static bool is_answered(void)
{
	uint32_t len = 0;

	memcpy(address, netif_ip4_addr(&lwip.netif), 4);
	if (ip4_addr_isany(netif_ip4_addr(&lwip.netif)))
		return true; /* it has no address yet */
	send(arp(ARP_REQUEST), &none);
	run_root();
	answers = 0;
	len = ping(8);
	vio_net16_set(bytes + IP + 10, ~sum_of(bytes + IP, 20, 0));
	vio_net16_set(bytes + L4 + 2, ~sum_of(bytes + L4, 16, 0));
	send(len, &none);
	run_root();
	return answers == 1;
}

/* With its memory back the root answers, if need be when connections without a peer are given up.
 */
static void expect_answer(void)
{
	scarcity = 0;
	pass(SECOND);
	if (!is_answered()) {
		pass(UINT64_C(300) * SECOND);
		fuzz_check(is_answered());
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	input = data;
	left = size;
	set_up(fuzz_byte());
	while (left != 0) {
		const uint8_t what = fuzz_byte();

		if (what % 16 == 0)
			pass((uint64_t)SECOND / 64 << fuzz_byte() % 13);
		else if (what % 16 == 1)
			scarcity = fuzz_byte() % 6;
		else
			send_something(what % 16 - 2);
		if (what < 0xc0)
			run_root();
	}
	expect_answer();
	return 0;
}

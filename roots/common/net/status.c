/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The files of lwIP's http server are ours: the page, which is linked in, and the JSON, of which
 * each reader gets a snapshot that stays as it is until all of it is on its way. There are two of
 * these; a reader who finds none tries again. The server closes connections that do not read.
 */
#include "status.h"

#include "board.h"
#include "lwip/apps/fs.h"
#include "lwip/apps/httpd.h"
#include "text.h"

#define SNAPSHOTS 2
#define SNAPSHOT                                                                                   \
	((size_t)32 * 1024) /* bytes: seven guests with five devices each take half of it */

/* ---- JSON ---- */

#define CLOSING 64 /* bytes that items leave for what comes behind all of them */

struct json {
	char *at;
	char *end;
	bool full; /* what was written last is not all there */
	bool cut;
};

static void put(struct json *json, char c)
{
	if (json->at == json->end)
		json->full = true;
	else
		*json->at++ = c;
}

static void put_text(struct json *json, const char *text)
{
	for (; *text != '\0'; text++)
		put(json, *text);
}

static void put_number(struct json *json, uint64_t value)
{
	char digits[20];
	unsigned count = 0;

	do
		digits[count++] = (char)('0' + value % 10);
	while ((value /= 10) != 0);
	while (count-- != 0)
		put(json, digits[count]);
}

static void put_hex(struct json *json, uint64_t value, unsigned digits)
{
	while (digits-- != 0)
		put(json, "0123456789abcdef"[value >> 4 * digits & 15]);
}

static void put_string(struct json *json, const char *text)
{
	put(json, '"');
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < ' ') {
			put_text(json, "\\u");
			put_hex(json, (unsigned char)*text, 4);
			continue;
		}
		if (*text == '"' || *text == '\\')
			put(json, '\\');
		put(json, *text);
	}
	put(json, '"');
}

/* The next member of an object, or, without a name, element of an array. */
static void next(struct json *json, const char *name)
{
	const char before = json->at[-1];

	if (before != '{' && before != '[')
		put(json, ',');
	if (!name)
		return;
	put_string(json, name);
	put(json, ':');
}

static void open(struct json *json, const char *name, char bracket)
{
	next(json, name);
	put(json, bracket);
}

static void number(struct json *json, const char *name, uint64_t value)
{
	next(json, name);
	put_number(json, value);
}

static void string(struct json *json, const char *name, const char *text)
{
	next(json, name);
	put_string(json, text);
}

static void boolean(struct json *json, const char *name, bool value)
{
	next(json, name);
	put_text(json, value ? "true" : "false");
}

/* Takes back what did not fit, from `start` on; whether that was needed. */
static bool take_back(struct json *json, char *start)
{
	if (!json->full)
		return false;
	json->at = start;
	json->full = false;
	json->cut = true;
	return true;
}

/* ---- What there is ---- */

static void write_queue(struct json *json, const struct vio_queue *queue)
{
	const struct vio_queue_counters *counters = &queue->counters;

	open(json, NULL, '{');
	boolean(json, "open", queue->open);
	number(json, "size", queue->open ? queue->size : 0);
	number(json, "held", queue->held);
	number(json, "kicks", counters->kicks);
	number(json, "requests", counters->requests);
	number(json, "interrupts", counters->interrupts);
	number(json, "bytes_read", counters->bytes_read);
	number(json, "bytes_written", counters->bytes_written);
	number(json, "late", counters->late);
	put(json, '}');
}

static void write_device(struct json *json, const struct vio_device *device, unsigned slot)
{
	open(json, NULL, '{');
	number(json, "slot", slot);
	string(json, "name", device->type->name);
	number(json, "id", device->type->id);
	number(json, "status", device->status);
	next(json, "features");
	put_text(json, "\"0x");
	put_hex(json, device->negotiated, 16);
	put(json, '"');
	number(json, "errors", device->errors);
	open(json, "queues", '[');
	for (unsigned i = 0; i < device->type->queue_count; i++)
		write_queue(json, &device->queues[i]);
	put(json, ']');
	put(json, '}');
}

static void write_devices(struct json *json, struct guest *guest)
{
	const struct vio_device *device = NULL;

	open(json, "devices", '[');
	for (unsigned i = 0; (device = board_device(guest, i)) != NULL && !json->full; i++) {
		char *start = json->at;

		if (device->type->id == VIO_ID_NONE)
			continue;
		write_device(json, device, i);
		if (take_back(json, start))
			break;
	}
	put(json, ']');
}

static void write_vcpu(struct json *json, const struct vcpu *vcpu)
{
	static const char *const states[VCPU_STATES] = {
		[VCPU_UNKNOWN] = "unknown", [VCPU_RESET] = "off",     [VCPU_READY] = "ready",
		[VCPU_RUNNING] = "running", [VCPU_PAUSED] = "paused", [VCPU_HALTED] = "halted",
	};

	open(json, NULL, '{');
	string(json, "state", states[vcpu->state]);
	number(json, "ticks", sched_used(&vcpu->entity, arch_now()));
	put(json, '}');
}

static uint64_t memory_of(struct guest *guest)
{
	uint64_t size = 0;

	for (unsigned i = 0; i < VIO_ARRAY_SIZE(guest->memory_regions); i++)
		size += guest->memory_regions[i].size;
	return size;
}

static void write_guest(struct json *json, struct guest *guest)
{
	static const char *const states[GUEST_STATES] = {
		[GUEST_NONE] = "none",       [GUEST_CREATED] = "created",
		[GUEST_RUNNING] = "running", [GUEST_PREPARING] = "preparing",
		[GUEST_HALTED] = "halted",   [GUEST_OFF] = "off",
	};

	open(json, NULL, '{');
	string(json, "name", guest->name);
	number(json, "number", guest->number);
	string(json, "state", states[guest->state]);
	number(json, "memory", memory_of(guest));
	number(json, "root_ticks", sched_used(&guest->task, arch_now()));
	number(json, "aborts", guest->counters.aborts);
	number(json, "undefined", guest->counters.undefined);
	number(json, "broken", guest->counters.broken);
	number(json, "restarts", guest->counters.restarts);
	open(json, "vcpus", '[');
	for (unsigned i = 0; i < guest->vcpu_count; i++)
		write_vcpu(json, arch_vcpu(guest, i));
	put(json, ']');
	write_devices(json, guest);
	put(json, '}');
}

static void write_mac(struct json *json, const uint8_t mac[VIO_MAC])
{
	next(json, "mac");
	put(json, '"');
	for (unsigned i = 0; i < VIO_MAC; i++) {
		if (i != 0)
			put(json, ':');
		put_hex(json, mac[i], 2);
	}
	put(json, '"');
}

static void write_port(struct json *json, const struct vio_port *port)
{
	const struct vio_port_counters *counters = &port->counters;

	open(json, NULL, '{');
	string(json, "name", port->name);
	write_mac(json, port->mac);
	boolean(json, "up", port->up);
	number(json, "vlan", port->vlan);
	boolean(json, "trunk", (port->flags & VIO_PORT_TRUNK) != 0);
	boolean(json, "private", (port->flags & VIO_PORT_PRIVATE) != 0);
	number(json, "frames_in", counters->frames_in);
	number(json, "bytes_in", counters->bytes_in);
	number(json, "frames_out", counters->frames_out);
	number(json, "bytes_out", counters->bytes_out);
	open(json, "drops", '{');
	for (unsigned i = 0; i < VIO_DROPS; i++) {
		if (counters->drops[i] != 0)
			number(json, vio_drop_text((enum vio_drop)i), counters->drops[i]);
	}
	put(json, '}');
	put(json, '}');
}

static void write_guests(struct json *json, const struct status *status)
{
	struct guest *guest = NULL;

	open(json, "guests", '[');
	json->end -= CLOSING;
	for (unsigned i = 0; (guest = status->guest(i)) != NULL; i++) {
		char *start = json->at;

		write_guest(json, guest);
		if (take_back(json, start))
			break;
	}
	json->end += CLOSING;
	put(json, ']');
}

static void write_ports(struct json *json, const struct vio_switch *lan)
{
	open(json, "ports", '[');
	json->end -= CLOSING;
	for (unsigned i = 0; i < VIO_SWITCH_PORTS; i++) {
		char *start = json->at;

		if (!lan->ports[i])
			continue;
		write_port(json, lan->ports[i]);
		if (take_back(json, start))
			break;
	}
	json->end += CLOSING;
	put(json, ']');
}

/* Of all CPUs. */
static void write_cpus(struct json *json)
{
	uint64_t count = 0;
	uint64_t idle = 0;
	uint64_t switches = 0;

	for (const struct sched_cpu *cpu = sched.cpus; cpu; cpu = cpu->next) {
		count++;
		idle += cpu->idle;
		switches += cpu->switches;
	}
	number(json, "cpus", count);
	number(json, "idle", idle);
	number(json, "switches", switches);
}

uint32_t status_write(const struct status *status, char *to, uint32_t size)
{
	struct json json = { .at = to, .end = to + size };

	put(&json, '{');
	number(&json, "ticks", arch_now());
	number(&json, "ticks_per_second", arch_frequency());
	write_cpus(&json);
	/* The ports first: they are few, and the guests may take all there is. */
	write_ports(&json, status->lan);
	write_guests(&json, status);
	if (json.cut)
		boolean(&json, "cut", true);
	put(&json, '}');
	return (uint32_t)(json.at - to);
}

/* ---- The files of lwIP's http server ---- */

extern const char status_page[];
extern const char status_page_end[];

static const struct status *shown;
static bool taken[SNAPSHOTS];
LWIP_DECLARE_MEMORY_ALIGNED(snapshots, SNAPSHOTS *SNAPSHOT);

static bool is(const char *name, const char *other)
{
	const size_t len = strlen(other);

	return strlen(name) == len && memcmp(name, other, len) == 0;
}

static void hold(struct fs_file *file, const char *data, uint32_t len, void *extension)
{
	file->data = data;
	file->len = file->index = (int)len; /* all of it is there */
	file->pextension = extension;
}

err_t fs_open(struct fs_file *file, const char *name)
{
	*file = (struct fs_file){ .data = NULL };
	if (is(name, "/index.html")) {
		hold(file, status_page, (uint32_t)(status_page_end - status_page), NULL);
		return ERR_OK;
	}
	for (unsigned i = 0; is(name, "/status.json") && i < SNAPSHOTS; i++) {
		char *snapshot = (char *)snapshots + i * SNAPSHOT;

		if (taken[i])
			continue;
		taken[i] = true;
		hold(file, snapshot, status_write(shown, snapshot, SNAPSHOT), &taken[i]);
		return ERR_OK;
	}
	return ERR_VAL;
}

void fs_close(struct fs_file *file)
{
	if (file->pextension)
		*(bool *)file->pextension = false;
}

int fs_bytes_left(struct fs_file *file)
{
	return file->len - file->index;
}

void status_start(const struct status *status)
{
	shown = status;
	httpd_init();
}

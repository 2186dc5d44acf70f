/* SPDX-License-Identifier: BSD-2-Clause */
#include "loopback.h"

#define END_OF_TRANSMISSION 4

static struct loopback *loopback_of(struct vio_console_backend *backend)
{
	return VIO_CONTAINER_OF(backend, struct loopback, backend);
}

static uint32_t take(struct vio_console_backend *backend, const uint8_t *data, uint32_t len)
{
	struct loopback *loopback = loopback_of(backend);
	uint32_t i = 0;

	for (; i < len; i++) {
		if (data[i] == END_OF_TRANSMISSION)
			loopback->ended = true;
		if (loopback->ended)
			continue;
		if (loopback->tail - loopback->head == LOOPBACK_SIZE)
			break;
		loopback->bytes[loopback->tail++ % LOOPBACK_SIZE] = data[i];
	}
	vio_console_port_input_ready(loopback->ports, loopback->id);
	return i;
}

static uint32_t give(struct vio_console_backend *backend, uint8_t *to, uint32_t len)
{
	struct loopback *loopback = loopback_of(backend);
	uint32_t i = 0;

	for (; i < len && loopback->head != loopback->tail; i++)
		to[i] = loopback->bytes[loopback->head++ % LOOPBACK_SIZE];
	if (loopback->ended && i < len)
		vio_console_port_open(loopback->ports, loopback->id, false);
	else if (i != 0)
		vio_console_port_output_ready(loopback->ports, loopback->id);
	return i;
}

static void opened(struct vio_console_backend *backend, bool open)
{
	struct loopback *loopback = loopback_of(backend);

	if (open)
		return;
	loopback->head = loopback->tail;
	loopback->ended = false;
	vio_console_port_open(loopback->ports, loopback->id, true);
}

void loopback_add(struct loopback *loopback, struct vio_console_ports *ports, uint32_t id,
		  const char *name)
{
	*loopback = (struct loopback){
		.backend = { .write = take, .read = give, .opened = opened },
		.info = { .backend = &loopback->backend, .name = name },
		.ports = ports,
		.id = id,
	};
	vio_console_port_add(ports, id, &loopback->info);
}

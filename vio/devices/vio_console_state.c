/* SPDX-License-Identifier: BSD-2-Clause */
/* What is saved of a console's port, whichever device it belongs to. */
#include "vio_console.h"

void vio_console_save(const struct vio_console_port *port, const struct vio_queue *transmit,
		      void *state)
{
	memcpy(state, &port->progress, sizeof(port->progress));
	if (port->sent_generation != transmit->generation)
		memset(state, 0, sizeof(port->progress.sent));
}

bool vio_console_can_restore(const void *state)
{
	struct vio_console_progress saved;

	memcpy(&saved, state, offsetof(struct vio_console_progress, input));
	return (uint16_t)(saved.input_tail - saved.input_head) <= VIO_CONSOLE_INPUT;
}

/* A queue that is not open has no buffer at its front. */
void vio_console_restore(struct vio_console_port *port, const struct vio_queue *transmit,
			 const void *state)
{
	memcpy(&port->progress, state, sizeof(port->progress));
	port->sent_generation = transmit->generation;
	if (!transmit->open && !transmit->halted)
		port->progress.sent = 0;
}

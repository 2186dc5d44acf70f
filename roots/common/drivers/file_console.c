/* SPDX-License-Identifier: BSD-2-Clause */
#include "file_console.h"

static struct file_console *console_of(struct vio_console_backend *backend)
{
	return VIO_CONTAINER_OF(backend, struct file_console, backend);
}

static void send(struct file_console *console, const uint8_t *data, uint32_t len)
{
	while (len != 0) {
		int64_t wrote = console->files->write(console->out, data, len);

		if (wrote <= 0) {
			console->lost += len;
			console->error = wrote;
			return;
		}
		console->bytes += (uint64_t)wrote;
		data += wrote;
		len -= (uint32_t)wrote;
	}
}

static void flush(struct file_console *console)
{
	send(console, console->line, console->length);
	console->length = 0;
}

static uint32_t write(struct vio_console_backend *backend, const uint8_t *data, uint32_t len)
{
	struct file_console *console = console_of(backend);

	if (len != 1) {
		flush(console);
		send(console, data, len);
		return len;
	}
	console->line[console->length++] = data[0];
	if (data[0] == '\n' || console->length == FILE_CONSOLE_LINE)
		flush(console);
	return 1;
}

static uint32_t read(struct vio_console_backend *backend, uint8_t *to, uint32_t len)
{
	struct file_console *console = console_of(backend);
	int64_t got = 0;

	if (console->in < 0)
		return 0;
	got = console->files->read(console->in, to, len);
	if (got > 0)
		return (uint32_t)got;
	console->files->close(console->in);
	console->in = -1;
	return 0;
}

int64_t file_console_open(struct file_console *console, const struct host_files *files,
			  const char *out, const char *in, const char **name)
{
	*console = (struct file_console){
		.backend = { .write = write, .read = read },
		.files = files,
		.in = -1,
	};
	*name = out;
	console->out = files->open(out, HOST_WRITE);
	if (console->out < 0 || !in)
		return console->out < 0 ? console->out : 0;
	*name = in;
	console->in = files->open(in, HOST_READ);
	if (console->in >= 0)
		return 0;
	files->close(console->out);
	return console->in;
}

void file_console_close(struct file_console *console)
{
	flush(console);
	console->files->close(console->out);
	if (console->in >= 0)
		console->files->close(console->in);
	console->in = -1;
}

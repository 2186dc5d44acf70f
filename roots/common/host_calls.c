/* SPDX-License-Identifier: BSD-2-Clause */
#include "host_calls.h"
#include "hyperlibrary.h"

static uint64_t piece(uint64_t len)
{
	return len < HOST_CALLS_PIECE ? len : HOST_CALLS_PIECE;
}

/* ---- Names ---- */

/* Below the folder that the host's emulator was started in, as far as a name can tell. */
static bool stays_below(const char *name)
{
	if (name[0] == '/')
		return false;
	for (const char *at = name; *at;) {
		if (at[0] == '.' && at[1] == '.' && (at[2] == '/' || at[2] == '\0'))
			return false;
		while (*at && *at != '/')
			at++;
		while (*at == '/')
			at++;
	}
	return true;
}

/* Copied first, so that it is the one that was looked at. */
static int64_t copy_name(struct vcpu *caller, uint64_t from, uint64_t len,
			 char name[HOST_NAME_MAX + 1])
{
	const char *at = NULL;

	if (len == 0 || len > HOST_NAME_MAX)
		return -HOST_NAME_TOO_LONG;
	at = hyperlibrary_at(caller, from, len, VIO_ACCESS_READ);
	if (!at)
		return -HOST_BAD_VALUE;
	memcpy(name, at, len);
	name[len] = '\0';
	for (uint64_t i = 0; i < len; i++) {
		if (name[i] == '\0')
			return -HOST_BAD_VALUE;
	}
	return stays_below(name) ? 0 : -HOST_NO_ACCESS;
}

/* ---- The calls ---- */

static int64_t call_open(struct host_calls *calls, struct vcpu *caller, const uint64_t *x)
{
	char name[HOST_NAME_MAX + 1];
	int64_t error = copy_name(caller, x[0], x[1], name);
	unsigned at = 0;

	if (error < 0)
		return error;
	if (x[2] >= HOST_MODES)
		return -HOST_BAD_VALUE;
	while (at < HOST_CALLS_FILES && calls->open[at])
		at++;
	if (at == HOST_CALLS_FILES)
		return -HOST_TOO_MANY;
	calls->handles[at] = calls->files->open(name, (enum host_mode)x[2]);
	if (calls->handles[at] < 0)
		return calls->handles[at];
	calls->open[at] = true;
	return at;
}

static int64_t call_remove(struct host_calls *calls, struct vcpu *caller, const uint64_t *x)
{
	char name[HOST_NAME_MAX + 1];
	int64_t error = copy_name(caller, x[0], x[1], name);

	return error < 0 ? error : calls->files->remove(name);
}

static int64_t call_close(struct host_calls *calls, uint64_t handle)
{
	calls->open[handle] = false;
	return calls->files->close(calls->handles[handle]);
}

static int64_t call_read(struct host_calls *calls, struct vcpu *caller, const uint64_t *x)
{
	uint64_t len = piece(x[2]);
	void *to = hyperlibrary_at(caller, x[1], len, VIO_ACCESS_WRITE);
	int64_t got = 0;

	if (!to)
		return -HOST_BAD_VALUE;
	got = calls->files->read(calls->handles[x[0]], to, len);
	if (got > 0)
		calls->bytes_read += (uint64_t)got;
	return got;
}

static int64_t call_write(struct host_calls *calls, struct vcpu *caller, const uint64_t *x)
{
	uint64_t len = piece(x[2]);
	const void *from = hyperlibrary_at(caller, x[1], len, VIO_ACCESS_READ);
	int64_t wrote = 0;

	if (!from)
		return -HOST_BAD_VALUE;
	wrote = calls->files->write(calls->handles[x[0]], from, len);
	if (wrote > 0)
		calls->bytes_written += (uint64_t)wrote;
	return wrote;
}

int64_t host_calls_call(struct host_calls *calls, struct vcpu *caller, unsigned number,
			const uint64_t *x)
{
	if (number == HOST_CALL_OPEN)
		return call_open(calls, caller, x);
	if (number == HOST_CALL_REMOVE)
		return call_remove(calls, caller, x);
	if (number < HOST_CALL_OPEN || number > HOST_CALL_REMOVE)
		return GUEST_CALL_UNKNOWN;
	if (x[0] >= HOST_CALLS_FILES || !calls->open[x[0]])
		return -HOST_BAD_HANDLE;
	switch (number) {
	case HOST_CALL_CLOSE:
		return call_close(calls, x[0]);
	case HOST_CALL_READ:
		return call_read(calls, caller, x);
	case HOST_CALL_WRITE:
		return call_write(calls, caller, x);
	case HOST_CALL_SEEK:
		return calls->files->seek(calls->handles[x[0]], x[1]);
	default:
		return calls->files->size(calls->handles[x[0]]);
	}
}

void host_calls_init(struct host_calls *calls, const struct host_files *files)
{
	*calls = (struct host_calls){ .files = files };
}

void host_calls_reset(struct host_calls *calls)
{
	for (unsigned i = 0; i < HOST_CALLS_FILES; i++) {
		if (calls->open[i])
			call_close(calls, i);
	}
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system of examples/linux with a hyperlibrary for its guest. One more option:
 *
 *	calls=library|none	the guest may call the functions of library/ (by default), or each
 *				call is a fatal error, of which it survives one by a restart
 */
#include "guests.h"

#include "hyperlibrary.h"
#include "machine.h"
#include "options.h"
#include "root.h"

extern const struct hyperlibrary hyperlibrary; /* made by tools/hyperlibrary */

static int64_t call(struct vcpu *vcpu, unsigned function, const uint64_t *x)
{
	return hyperlibrary_call(&hyperlibrary, vcpu, function, x);
}

void start_other_guests(struct guest *first, const void *bundle, size_t size)
{
	static struct guest_ops ops;
	const char *value;

	(void)bundle;
	(void)size;
	ops = *first->ops;
	ops.call = call;
	if (options_find(machine.bootargs, "calls", &value)) {
		if (options_is(value, "none"))
			ops.call = guest_call_is_fatal;
		else if (!options_is(value, "library"))
			root_fatal("calls= is neither library nor none");
	}
	first->ops = &ops;
	first->restart_limit = 1;
}

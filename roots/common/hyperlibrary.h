/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hyperlibraries: functions of the root that a guest may call as if they were its own.
 *
 * tools/hyperlibrary reads what a library exports and writes both ends: for the root a table of its
 * functions, for the guest a thunk of each, by the function's name, that makes the hypercall. A
 * function's number is a hash of its name. So a guest that was built before the library grew goes
 * on working, and one that calls what is not there gets GUEST_CALL_UNKNOWN.
 *
 * A function gets the vCPU that calls and four arguments, of which nothing is known: it checks
 * them. What is an address to the guest is none to the root: hyperlibrary_at() makes it one, or
 * says no. It runs in the guest's time and must not wait; the root's other calls are open to it.
 */
#ifndef HYPERLIBRARY_H
#define HYPERLIBRARY_H

#include "guest.h"

typedef int64_t hyperlibrary_function(struct vcpu *caller, uint64_t a, uint64_t b, uint64_t c,
				      uint64_t d);

/* The numbers of functions, out of those of the hypercalls that are the system's own. */
#define HYPERLIBRARY_FIRST 0x4000
#define HYPERLIBRARY_LAST  0x7fff

struct hyperlibrary {
	const struct hyperlibrary_entry {
		unsigned number;
		hyperlibrary_function *function;
	} * entries; /* by number, ascending */
	unsigned count;
};

/*
 * For guest_ops.call, whose arguments follow `library`: what the function of that number returns,
 * or GUEST_CALL_UNKNOWN.
 */
int64_t hyperlibrary_call(const struct hyperlibrary *library, struct vcpu *caller, unsigned number,
			  const uint64_t *x);

/*
 * The root's address of `len` bytes at guest-physical `address`; NULL when they are not all in one
 * region of the caller's memory that allows `access` (enum vio_access). The guest may change them
 * while they are looked at: copy first, check then.
 */
void *hyperlibrary_at(const struct vcpu *caller, uint64_t address, uint64_t len, unsigned access);

#endif

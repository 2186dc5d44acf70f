/* SPDX-License-Identifier: BSD-2-Clause */
/* What the two halves of plan_read() share: plan.c for nodes alone, plan_check.c for all together.
 */
#ifndef PLAN_READER_H
#define PLAN_READER_H

#include "plan.h"

#include <libfdt.h>

#define PLAN_PATH      128
#define PLAN_PAGE      4096
#define PLAN_NODE_NAME 28 /* characters: struct vio_board_node */

/* Kinds of devices, as a set. */
#define KINDS(k)       (1U << (k))
#define VIRTIO                                                                                     \
	(KINDS(PLAN_CONSOLE) | KINDS(PLAN_BLK) | KINDS(PLAN_NET) | KINDS(PLAN_RNG) |               \
	 KINDS(PLAN_DUMMY))
#define SHARING   (KINDS(PLAN_SHARED_MEMORY) | KINDS(PLAN_DOORBELL))
#define ADDRESSED (SHARING | KINDS(PLAN_REGISTERS))

/* Something of a node that takes up [base, base + size) of what only one can have. */
struct plan_span {
	int node; /* negative: the machine's own */
	const char *what;
	uint64_t base;
	uint64_t size;
	bool lenient; /* may overlap others that are so */
};

/* Each device has at most one; beside them are the board's, and memory of guests and shared. */
#define PLAN_SPANS  (PLAN_GUESTS * PLAN_DEVICES + PLAN_GUESTS + PLAN_SHARED + 32)
#define PLAN_PIECES 224

struct plan_reader {
	struct plan *plan;
	const void *fdt;
	const struct plan_machine *machine;
	plan_report *report;
	void *user;
	unsigned mistakes;

	unsigned others; /* of a kind */
	struct {
		int node;
		const fdt32_t *cells; /* pairs: whose window, how long */
		unsigned count;
	} schedule;
	struct {
		unsigned count;
		struct plan_span list[PLAN_SPANS];
	} claims; /* of one thing at a time */
	struct {
		unsigned count;
		struct vio_board_range list[PLAN_PIECES];
	} pool; /* memory that is left */
};

void plan_path(const struct plan_reader *r, int node, char path[PLAN_PATH]);

/* One more mistake, for the report. */
void plan_mistake(struct plan_reader *r, int node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

bool plan_is_name(const char *name, const char *wanted);

/* A number for a format. */
static inline unsigned long shown(uint64_t n)
{
	return (unsigned long)n;
}

/* Every node has been read. */
void plan_check(struct plan_reader *r);

#endif

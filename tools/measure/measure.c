/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU TCG plugin: counts executed instructions of guest and root, and the root's exception
 * entries, between marker instructions that a program under measurement executes.
 *
 * The root is told from its guests by virtual address, which is why it is linked where no guest
 * ever executes. Counting is inline and does not disturb virtual time: with -icount, two runs
 * agree to the bit.
 *
 * Arguments: root=LOW-HIGH (addresses of the root's text, hexadecimal; leave out when there is
 * none), vector=ADDRESS (the root's vector for synchronous exceptions of a lower level; those for
 * IRQ, FIQ and SError follow in steps of 0x80; on MIPS the vector for TLB refills, with the general
 * one three steps behind), out=FILE.
 *
 * Markers are MOVZ XZR, #imm, and ORI $0, $0, imm on MIPS, which do nothing: 0xb001 begins an
 * interval and 0xb002 ends it, 0xb003 reports the counts since power-on. Lines: "interval|total
 * guest=N root=N entries=N".
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu-plugin.h"

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

#define MOVZ_XZR(imm)    (0xd280001fu | (uint32_t)(imm) << 5)
#define ORI_0(imm)       (0x34000000u | (imm))
#define LOWER_EL_VECTORS 4
#define VECTOR_STEP      0x80

enum counter {
	GUEST,
	ROOT,
	ENTRIES,
	COUNTERS
};

static uint64_t now[COUNTERS];
static uint64_t begun[COUNTERS];
static uint64_t root_low, root_high, vector;
static FILE *out;

static void report(const char *what, const uint64_t *since)
{
	fprintf(out, "%s guest=%" PRIu64 " root=%" PRIu64 " entries=%" PRIu64 "\n", what,
		now[GUEST] - since[GUEST], now[ROOT] - since[ROOT], now[ENTRIES] - since[ENTRIES]);
	fflush(out);
}

static void begin(unsigned vcpu, void *data)
{
	(void)vcpu;
	(void)data;
	memcpy(begun, now, sizeof(begun));
}

static void end(unsigned vcpu, void *data)
{
	(void)vcpu;
	(void)data;
	report("interval", begun);
}

static void total(unsigned vcpu, void *data)
{
	static const uint64_t none[COUNTERS];

	(void)vcpu;
	(void)data;
	report("total", none);
}

static const struct marker {
	uint32_t opcode;
	qemu_plugin_vcpu_udata_cb_t call;
} markers[] = {
	{ MOVZ_XZR(0xb001), begin }, { MOVZ_XZR(0xb002), end }, { MOVZ_XZR(0xb003), total },
	{ ORI_0(0xb001), begin },    { ORI_0(0xb002), end },    { ORI_0(0xb003), total },
};

static bool is_entry(uint64_t address)
{
	uint64_t offset = address - vector;

	return vector != 0 && offset < (uint64_t)LOWER_EL_VECTORS * VECTOR_STEP &&
	       offset % VECTOR_STEP == 0;
}

static void count(struct qemu_plugin_insn *insn, enum counter counter)
{
	qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64, &now[counter],
						   1);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block)
{
	size_t i, m;

	(void)id;
	for (i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(block, i);
		uint64_t address = qemu_plugin_insn_vaddr(insn);
		uint32_t opcode = 0;

		memcpy(&opcode, qemu_plugin_insn_data(insn), sizeof(opcode));
		count(insn, address >= root_low && address < root_high ? ROOT : GUEST);
		if (is_entry(address))
			count(insn, ENTRIES);
		for (m = 0; m < sizeof(markers) / sizeof(markers[0]); m++) {
			if (opcode == markers[m].opcode)
				qemu_plugin_register_vcpu_insn_exec_cb(
					insn, markers[m].call, QEMU_PLUGIN_CB_NO_REGS, NULL);
		}
	}
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc,
					   char **argv)
{
	int i;

	(void)info;
	for (i = 0; i < argc; i++) {
		if (sscanf(argv[i], "root=%" SCNx64 "-%" SCNx64, &root_low, &root_high) == 2 ||
		    sscanf(argv[i], "vector=%" SCNx64, &vector) == 1)
			continue;
		if (strncmp(argv[i], "out=", 4) == 0 && (out = fopen(argv[i] + 4, "w")))
			continue;
		fprintf(stderr, "measure: bad argument '%s'\n", argv[i]);
		return 1;
	}
	if (!out)
		out = stderr;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "options.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct option {
	const char *name;
	size_t at; /* in struct core_options */
	unsigned standard, least, most;
	const char *meaning;
};

#define AT(member) offsetof(struct core_options, member)

static const struct option table[] = {
	{ "release", AT(release), 5, 2, 5, "of the MIPS32 architecture: 2 or 5" },
	{ "vz", AT(vz), 1, 0, 1, "the VZ ASE" },
	{ "guestid", AT(guest_id_bits), 8, 0, 8, "bits of a GuestID; 0: none (GuestCtl0.RAD = 1)" },
	{ "guestctl0ext", AT(guestctl0ext), 1, 0, 1, "GuestCtl0Ext" },
	{ "cgi", AT(cgi), 1, 0, 1, "GuestCtl0Ext.CGI: indexed CACHE without exits" },
	{ "guestctl2", AT(guestctl2), 1, 0, 1, "GuestCtl2: virtual interrupts" },
	{ "pt", AT(pass_through), 1, 0, 1, "GuestCtl0.PIP: lines passed to the guest" },
	{ "gtoffset", AT(gtoffset_bits), 32, 0, 32, "bits of GTOffset" },
	{ "gva", AT(fault_gva), 0, 0, 1,
	  "exits on guest-physical faults tell the virtual address" },
	{ "tlb", AT(tlb[ROOT]), 64, 4, 64, "entries of the root's TLB" },
	{ "guesttlb", AT(tlb[GUEST]), 64, 4, 64, "entries of the guest's TLB" },
	{ "sharedtlb", AT(shared_tlb), 0, 0, 1, "the guest's entries are the root's last ones" },
	{ "badinstr", AT(badinstr), 1, 0, 1, "BadInstr and BadInstrP" },
	{ "tlbinv", AT(tlbinv), 1, 0, 1, "TLBINV, TLBINVF, EntryHi.EHINV" },
	{ "rixi", AT(rixi), 1, 0, 1, "read and execute inhibit" },
	{ "kscratch", AT(kscratch), 1, 0, 1, "KScratch1 to 6" },
	{ "vint", AT(vint), 1, 0, 1, "vectored interrupts" },
	{ "eic", AT(eic), 0, 0, 1, "an external interrupt controller (Config3.VEIC)" },
	{ "shadowsets", AT(shadow_sets), 0, 0, SHADOW_SETS - 1,
	  "SRSCtl.HSS: register sets beside 0" },
	{ "userlocal", AT(userlocal), 1, 0, 1, "UserLocal" },
	{ "countstep", AT(count_step), 2, 1, 64, "instructions for one tick of Count" },
};
#define OPTIONS (sizeof(table) / sizeof(table[0]))

/* Options by one name. */
static const struct {
	const char *name, *options, *meaning;
} cores[] = {
	{ "m5150", "guestid=3,tlb=16,guesttlb=16,pt=0,eic=1,shadowsets=7",
	  "in the manner of an M5150" },
};
#define CORES (sizeof(cores) / sizeof(cores[0]))

static unsigned *value_of(struct core_options *options, const struct option *option)
{
	return (unsigned *)(void *)((char *)options + option->at);
}

void options_default(struct core_options *options)
{
	for (size_t i = 0; i < OPTIONS; i++)
		*value_of(options, &table[i]) = table[i].standard;
}

void options_help(void)
{
	for (size_t i = 0; i < OPTIONS; i++)
		printf("%-13s %2u to %2u, standard %2u  %s\n", table[i].name, table[i].least,
		       table[i].most, table[i].standard, table[i].meaning);
	for (size_t i = 0; i < CORES; i++)
		printf("%-13s %s: %s\n", cores[i].name, cores[i].meaning, cores[i].options);
}

static bool set(struct core_options *options, const char *item, size_t length)
{
	const char *equals = memchr(item, '=', length);
	size_t name = equals ? (size_t)(equals - item) : length;
	char *end;
	unsigned long value;

	for (size_t i = 0; equals && i < OPTIONS; i++) {
		if (strlen(table[i].name) != name || strncmp(table[i].name, item, name) != 0)
			continue;
		value = strtoul(equals + 1, &end, 10);
		if (end != item + length || end == equals + 1 || value < table[i].least ||
		    value > table[i].most)
			break;
		*value_of(options, &table[i]) = (unsigned)value;
		return true;
	}
	fprintf(stderr, "machine: --core: '%.*s' is no option; --core help lists them\n",
		(int)length, item);
	return false;
}

/* Release 2 is before these. */
static void older(struct core_options *options)
{
	options->vz = options->badinstr = options->tlbinv = options->rixi = options->kscratch = 0;
}

/* Options by one name; NULL: it is none. */
static const char *options_of(const char *item, size_t length)
{
	for (size_t i = 0; i < CORES; i++)
		if (strlen(cores[i].name) == length && strncmp(cores[i].name, item, length) == 0)
			return cores[i].options;
	return NULL;
}

static bool set_all(struct core_options *options, const char *list)
{
	while (*list) {
		size_t length = strcspn(list, ",");

		if (!set(options, list, length))
			return false;
		list += length + (list[length] == ',');
	}
	return true;
}

bool options_parse(struct core_options *options, const char *list)
{
	while (*list) {
		size_t length = strcspn(list, ",");
		const char *named = options_of(list, length);

		if (named ? !set_all(options, named) : !set(options, list, length))
			return false;
		list += length + (list[length] == ',');
	}
	if (options->release < 5)
		older(options);
	return true;
}

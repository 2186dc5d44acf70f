/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From virtual addresses to physical ones.
 *
 *	segment		mode		root				guest
 *	useg		user, kernel	TLB; with ERL = 1 as it is	the same, its own TLB
 *	kseg0, kseg1	kernel		address & 0x1fffffff		the same
 *	kseg2, kseg3	kernel		TLB				its own TLB
 *
 * A guest's result is a guest-physical address, which goes through the root's TLB as an address
 * that is always mapped: root segments and Root.Status do not matter. With GuestIDs an entry of
 * the root's is for it if it carries GuestCtl1.ID; ASID or G must match as well.
 */
#include "core.h"

#define KSEG0          0x80000000u
#define KSEG2          0xc0000000u
#define SEGMENT_OFFSET 0x1fffffffu

/* The context's own stage. */
static bool segment_is_mapped(const struct core *core, enum context context, uint32_t address)
{
	if (address < KSEG0)
		return !(core->cp0[context][C0_STATUS] & STATUS_ERL);
	return address >= KSEG2;
}

static enum exception fault_code(enum access access)
{
	return access == WRITE ? EXC_TLBS : EXC_TLBL;
}

/* Through an entry, or none. */
static struct translated through(const struct core *core, enum context context,
				 const struct tlb_entry *entry, uint32_t address,
				 enum access access)
{
	struct translated result = { .result = FAULT_TLB, .code = fault_code(access) };
	bool own_codes = core->cp0[context][C0_PAGEGRAIN] & PAGEGRAIN_IEC;
	uint32_t offset, half, lo;

	if (!entry) {
		result.refill = true;
		return result;
	}
	half = (entry->mask + 1) >> 1;
	offset = address & (half - 1);
	lo = entry->lo[(address & half) != 0];
	if (!(lo & ENTRYLO_V))
		return result;
	if (access == EXECUTE && lo & ENTRYLO_XI)
		result.code = own_codes ? EXC_TLBXI : EXC_TLBL;
	else if (access == READ && lo & ENTRYLO_RI)
		result.code = own_codes ? EXC_TLBRI : EXC_TLBL;
	else if (access == WRITE && !(lo & ENTRYLO_D))
		result.code = EXC_MOD;
	else
		result.result = TRANSLATED;
	result.physical = ((lo & 0x03ffffc0u) << 6 & ~(half - 1)) | offset;
	return result;
}

static struct translated guest_physical(const struct core *core, uint32_t gpa, enum access access)
{
	uint8_t guest_id = (uint8_t)GUESTCTL1_ID(core->cp0[ROOT][C0_GUESTCTL1]);
	bool twice = false;
	const struct tlb_entry *entry =
		tlb_find(core, ROOT, gpa, guest_id, (uint8_t)core->cp0[ROOT][C0_ENTRYHI], &twice);
	struct translated result = through(core, ROOT, entry, gpa, access);

	if (result.result == FAULT_TLB)
		result.result = FAULT_GUEST_PHYSICAL;
	result.gpa = gpa;
	result.twice = twice;
	return result;
}

struct translated translate(const struct core *core, enum mode mode, uint32_t address,
			    enum access access)
{
	enum context context = mode >= GUEST_KERNEL ? GUEST : ROOT;
	const uint32_t *cp0 = core->cp0[context];
	struct translated result = { .result = TRANSLATED };
	const struct tlb_entry *entry;
	uint8_t guest_id = 0;
	bool twice = false;

	if (mode & 1 && address >= KSEG0) {
		result.result = FAULT_ADDRESS;
		result.code = access == WRITE ? EXC_ADES : EXC_ADEL;
		return result;
	}
	if (segment_is_mapped(core, context, address)) {
		if (context == GUEST)
			guest_id = (uint8_t)GUESTCTL1_ID(core->cp0[ROOT][C0_GUESTCTL1]);
		entry = tlb_find(core, context, address, guest_id, (uint8_t)cp0[C0_ENTRYHI],
				 &twice);
		result = through(core, context, entry, address, access);
		/* A guest's mistake: it gets the first of the two. */
		result.twice = twice && context == ROOT;
		if (result.result != TRANSLATED)
			return result;
	} else {
		result.physical = address >= KSEG0 ? address & SEGMENT_OFFSET : address;
	}
	return context == GUEST ? guest_physical(core, result.physical, access) : result;
}

bool translate_or_raise(struct core *core, uint32_t address, enum access access, uint32_t *physical)
{
	struct translated at = translate(core, core->mode, address, access);
	enum context context = core_context(core);

	if (at.twice) {
		core_unpredictable(core, "two entries of the root's TLB match 0x%08x",
				   context == ROOT ? address : at.gpa);
		return false;
	}
	switch (at.result) {
	case FAULT_ADDRESS:
		exception_address(core, context, at.code, address);
		return false;
	case FAULT_TLB:
		exception_tlb(core, context, at.code, address, at.refill);
		return false;
	case FAULT_GUEST_PHYSICAL:
		exception_guest_physical(core, at.code, address, at.gpa, at.refill);
		return false;
	default:
		*physical = at.physical;
		return true;
	}
}

void soft_flush(struct core *core, enum context context)
{
	for (unsigned user = 0; user < 2; user++)
		for (unsigned i = 0; i < SOFT_PAGES; i++)
			for (int access = 0; access < ACCESSES; access++)
				core->soft[context * 2 + user][i].tag[access] = SOFT_NOTHING;
	core->fetch_tag = SOFT_NOTHING;
}

void soft_flush_all(struct core *core)
{
	soft_flush(core, ROOT);
	soft_flush(core, GUEST);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The TLBs and the instructions on them. `context` says whose TLB, and whose Index, EntryHi,
 * EntryLo and PageMask: tlbgwi is tlbwi of the guest's.
 *
 * An entry in the root's TLB carries GuestCtl1.RID when written: 0 for the root's own addresses,
 * else guest-physical ones of that guest. One in the guest's carries the GuestID it was written
 * under: GuestCtl1.ID by the guest, GuestCtl1.RID by the root. Without GuestIDs (GuestCtl0.RAD = 1)
 * all of these are 0, and the root's ASID tells guests apart.
 *
 * Shared (options): there is one array, the root's. The guest's entry n is the array's last but n,
 * so a root keeps its wired entries by shrinking the guest's MMUSize.
 */
#include "core.h"

static unsigned array_size(const struct core *core, enum context context)
{
	return core->options.tlb[core->options.shared_tlb ? ROOT : context];
}

unsigned tlb_size(const struct core *core, enum context context)
{
	unsigned configured = (core->cp0[context][C0_CONFIG1] >> 25 & 63) + 1;
	unsigned most = array_size(core, context);

	return configured < most ? configured : most;
}

static struct tlb_entry *entry_of(struct core *core, enum context context, unsigned index)
{
	if (core->options.shared_tlb && context == GUEST)
		return &core->tlb[ROOT][array_size(core, ROOT) - 1 - index];
	return &core->tlb[context][index];
}

static uint8_t guest_id_for(const struct core *core, enum context context)
{
	uint32_t guestctl1 = core->cp0[ROOT][C0_GUESTCTL1];

	/* The guest itself, or the root for either array. */
	if (context == GUEST && core_context(core) == GUEST)
		return (uint8_t)GUESTCTL1_ID(guestctl1);
	return (uint8_t)GUESTCTL1_RID(guestctl1);
}

static bool matches(const struct tlb_entry *entry, uint32_t address, uint8_t guest_id, uint8_t asid)
{
	return entry->valid && !((entry->vpn2 ^ address) & ENTRYHI_VPN2 & ~entry->mask) &&
	       entry->guest_id == guest_id && (entry->global || entry->asid == asid);
}

const struct tlb_entry *tlb_find(const struct core *core, enum context context, uint32_t address,
				 uint8_t guest_id, uint8_t asid, bool *twice)
{
	bool shared = core->options.shared_tlb;
	const struct tlb_entry *array = core->tlb[shared ? ROOT : context];
	const struct tlb_entry *found = NULL;
	unsigned size = array_size(core, context);

	for (unsigned i = 0; i < size; i++) {
		const struct tlb_entry *entry = &array[i];

		if ((shared && entry->of_guest != (context == GUEST)) ||
		    !matches(entry, address, guest_id, asid))
			continue;
		if (found) {
			*twice = true;
			break;
		}
		found = entry;
	}
	return found;
}

void tlb_probe(struct core *core, enum context context)
{
	uint32_t *cp0 = core->cp0[context];
	uint8_t guest_id = guest_id_for(core, context);
	unsigned size = tlb_size(core, context);

	cp0[C0_INDEX] = INDEX_P;
	for (unsigned i = 0; i < size; i++) {
		const struct tlb_entry *entry = entry_of(core, context, i);

		if (core->options.shared_tlb && entry->of_guest != (context == GUEST))
			continue;
		if (matches(entry, cp0[C0_ENTRYHI], guest_id, (uint8_t)cp0[C0_ENTRYHI])) {
			cp0[C0_INDEX] = i;
			return;
		}
	}
}

/* Root.GuestCtl1.RID tells the root whose entry it was. */
void tlb_read(struct core *core, enum context context)
{
	uint32_t *cp0 = core->cp0[context];
	unsigned index = cp0[C0_INDEX] & ~INDEX_P;
	const struct tlb_entry *entry;
	uint32_t *guestctl1 = &core->cp0[ROOT][C0_GUESTCTL1];

	if (index >= tlb_size(core, context)) {
		exception_unpredictable(core, "tlbr beyond the TLB");
		return;
	}
	entry = entry_of(core, context, index);
	if (core_context(core) == ROOT && core->options.guest_id_bits && entry->valid)
		*guestctl1 = (*guestctl1 & ~0x00ff0000u) | (uint32_t)entry->guest_id << 16;
	if (!entry->valid ||
	    (core_context(core) == GUEST && entry->guest_id != guest_id_for(core, GUEST)) ||
	    (core->options.shared_tlb && entry->of_guest != (context == GUEST))) {
		cp0[C0_ENTRYHI] = core->options.tlbinv ? ENTRYHI_EHINV : 0;
		cp0[C0_ENTRYLO0] = cp0[C0_ENTRYLO1] = cp0[C0_PAGEMASK] = 0;
		return;
	}
	cp0[C0_ENTRYHI] = entry->vpn2 | entry->asid;
	cp0[C0_PAGEMASK] = entry->mask & ~0x1fffu;
	cp0[C0_ENTRYLO0] = entry->lo[0] | entry->global;
	cp0[C0_ENTRYLO1] = entry->lo[1] | entry->global;
}

/* Forgets what soft pages hold of an entry. */
static void forget(struct core *core, enum context context, const struct tlb_entry *entry)
{
	enum context of = context == ROOT && entry->guest_id ? GUEST : context;

	if (!entry->valid)
		return;
	/* Guest-physical pages may be anywhere in the guest; without GuestIDs so may all. */
	if (context == ROOT && !core->options.guest_id_bits) {
		soft_flush_all(core);
		return;
	}
	if (of != context || entry->mask > 0x1fff) {
		soft_flush(core, of);
		return;
	}
	for (unsigned user = 0; user < 2; user++) {
		for (uint32_t page = 0; page < 2; page++) {
			uint32_t address = (entry->vpn2 & ENTRYHI_VPN2) + page * PAGE_SIZE;
			struct soft_page *soft = &core->soft[of * 2 + user][address >> PAGE_SHIFT &
									    (SOFT_PAGES - 1)];

			for (int access = 0; access < ACCESSES; access++)
				soft->tag[access] = SOFT_NOTHING;
		}
	}
	core->fetch_tag = SOFT_NOTHING;
}

void tlb_write(struct core *core, enum context context, unsigned index)
{
	const uint32_t *cp0 = core->cp0[context];
	struct tlb_entry *entry;
	uint32_t pfn_mask;

	if (index >= tlb_size(core, context)) {
		exception_unpredictable(core, "tlbwi beyond the TLB");
		return;
	}
	entry = entry_of(core, context, index);
	forget(core, core->options.shared_tlb && entry->of_guest ? GUEST : context, entry);
	entry->mask = cp0[C0_PAGEMASK] | 0x1fff;
	entry->vpn2 = cp0[C0_ENTRYHI] & ENTRYHI_VPN2;
	entry->asid = (uint8_t)cp0[C0_ENTRYHI];
	entry->guest_id = guest_id_for(core, context);
	entry->global = cp0[C0_ENTRYLO0] & cp0[C0_ENTRYLO1] & ENTRYLO_G;
	pfn_mask = (entry->mask & ~0x1fffu) >> 13 << 6;
	entry->lo[0] = cp0[C0_ENTRYLO0] & ~ENTRYLO_G & ~pfn_mask;
	entry->lo[1] = cp0[C0_ENTRYLO1] & ~ENTRYLO_G & ~pfn_mask;
	entry->valid = !(core->options.tlbinv && cp0[C0_ENTRYHI] & ENTRYHI_EHINV);
	entry->of_guest = context == GUEST;
}

/* Any entry that is not wired; the next one is known, so that mfc0 of Random can tell it. */
unsigned tlb_random(struct core *core, enum context context)
{
	unsigned size = tlb_size(core, context);
	unsigned wired = core->cp0[context][C0_WIRED];

	return wired < size ? wired + (core->random_seed[context] >> 16) % (size - wired)
			    : size - 1;
}

void tlb_write_random(struct core *core, enum context context)
{
	unsigned index = tlb_random(core, context);

	core->random_seed[context] = core->random_seed[context] * 1103515245u + 12345u;
	tlb_write(core, context, index);
}

void tlb_invalidate(struct core *core, enum context context, bool of_asid)
{
	unsigned size = tlb_size(core, context);
	uint8_t guest_id = guest_id_for(core, context);
	uint8_t asid = (uint8_t)core->cp0[context][C0_ENTRYHI];

	for (unsigned i = 0; i < size; i++) {
		struct tlb_entry *entry = entry_of(core, context, i);

		if (core->options.shared_tlb && entry->of_guest != (context == GUEST))
			continue;
		if (entry->guest_id == guest_id &&
		    (!of_asid || (!entry->global && entry->asid == asid)))
			entry->valid = false;
	}
	soft_flush_all(core);
}

void tlb_reset(struct core *core)
{
	for (int context = 0; context < CONTEXTS; context++) {
		core->random_seed[context] = 1;
		for (unsigned i = 0; i < TLB_MAX; i++)
			core->tlb[context][i] = (struct tlb_entry){ .mask = 0x1fff };
	}
	soft_flush_all(core);
}

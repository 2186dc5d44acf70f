/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's TLB, and the core's as its shadow.
 *
 * The shadow may hold less than the guest's TLB, never more: an entry of the guest's that is
 * overwritten goes from the shadow at once, since a guest whose TLBP finds nothing will not ask for
 * it to be removed.
 *
 * An address means one thing in guest kernel mode and another in guest user mode, and one thing
 * under each of the guest's ASIDs. So each of these pairs, of each vCPU, has an ASID of the core to
 * itself, handed out as they come up. When all are used the TLB is emptied, and they are handed out
 * anew: a generation. ASID 0 is nobody's: entries that are to match nothing have it. The core's
 * entries are never global.
 *
 * Pages of mapped segments are shadowed in pairs of 4 KiB, of unmapped segments in pairs of 1 MiB
 * where memory lies so in both places.
 */
#include "te.h"

#include "vcpu.h"

#define PAIR_SMALL    0x2000
#define PAIR_LARGE    0x200000
#define MASK_OF(pair) ((pair)-0x2000) /* for PageMask */

/* ---- The guest's side ---- */

bool te_is_kernel(const struct te *te)
{
	return (te->cp0[12][0] & (STATUS_KSU | STATUS_EXL | STATUS_ERL)) != STATUS_UM;
}

/* The index of the entry for an address under the present ASID, or TE_TLB. */
static unsigned search(const struct te *te, uint32_t hi)
{
	unsigned i = 0;

	for (; i < TE_TLB; i++) {
		const struct te_entry *entry = &te->tlb[i];
		uint32_t differs = (entry->hi ^ hi) & ~entry->mask;

		if (entry->global)
			differs &= ~(uint32_t)ENTRYHI_ASID;
		if (differs == 0)
			break;
	}
	return i;
}

static enum te_outcome find_mapped(const struct te *te, uint32_t address,
				   struct te_mapping *mapping)
{
	uint32_t asid = te->cp0[10][0] & ENTRYHI_ASID;
	unsigned i = search(te, (address & ~UINT32_C(0x1fff)) | asid);
	const struct te_entry *entry = &te->tlb[i];
	uint32_t half;

	if (i == TE_TLB)
		return TE_NO_ENTRY;
	half = ((entry->mask | 0x1fff) + 1) / 2;
	mapping->lo = entry->lo[(address & half) != 0];
	mapping->direct = false;
	mapping->address =
		((uint64_t)(mapping->lo >> ENTRYLO_PFN_SHIFT) << 12 & ~(uint64_t)(half - 1)) |
		(address & (half - 1));
	return mapping->lo & ENTRYLO_V ? TE_MAPPED : TE_INVALID;
}

static enum te_outcome direct(uint32_t physical, uint32_t cache, struct te_mapping *mapping)
{
	*mapping = (struct te_mapping){
		.address = physical,
		.lo = cache << ENTRYLO_C_SHIFT | ENTRYLO_D | ENTRYLO_V,
		.direct = true,
	};
	return TE_MAPPED;
}

enum te_outcome te_find(const struct te *te, uint32_t address, struct te_mapping *mapping)
{
	if (address < KUSEG_END) {
		if (te->cp0[12][0] & STATUS_ERL)
			return direct(address, UNCACHED, mapping);
		return find_mapped(te, address, mapping);
	}
	if (!te_is_kernel(te))
		return TE_NO_RIGHT;
	if (address < KSEG2)
		return direct(address & KSEG_MASK, address < KSEG1 ? CACHED : UNCACHED, mapping);
	return find_mapped(te, address, mapping);
}

/* ---- The core's side ---- */

static uint32_t generation;
static unsigned next_asid = 1;

static unsigned tlb_size(void)
{
	return (read_c0(C0_CONFIG1) >> 25 & 0x3f) + 1;
}

static void write_nothing(unsigned index)
{
	write_c0(C0_ENTRYHI, KSEG0 + index * PAIR_SMALL);
	write_c0(C0_ENTRYLO0, 0);
	write_c0(C0_ENTRYLO1, 0);
	write_c0(C0_PAGEMASK, 0);
	write_c0(C0_INDEX, index);
	ehb();
	__asm__ volatile("tlbwi" ::: "memory");
}

void te_flush(void)
{
	for (unsigned i = 0; i < tlb_size(); i++)
		write_nothing(i);
	generation++;
	next_asid = 1;
	if (loaded)
		loaded->stale = true;
}

void te_set_asid(struct te *te)
{
	uint8_t *asid;

	if (te->generation != generation) {
		memset(te->asids, 0, sizeof(te->asids));
		te->generation = generation;
	}
	asid = &te->asids[te_is_kernel(te)][te->cp0[10][0] & ENTRYHI_ASID];
	if (*asid == 0) {
		if (next_asid > ENTRYHI_ASID) {
			te_flush();
			memset(te->asids, 0, sizeof(te->asids));
			te->generation = generation;
		}
		*asid = (uint8_t)next_asid++;
	}
	te->asid = *asid;
	write_c0(C0_ENTRYHI, te->asid);
	ehb();
}

/* The index of the entry for `hi`, which stays in EntryHi; or INDEX_P. */
static uint32_t probe(uint32_t hi)
{
	write_c0(C0_ENTRYHI, hi);
	ehb();
	__asm__ volatile("tlbp" ::: "memory");
	ehb();
	return read_c0(C0_INDEX);
}

/* What the core may have of this entry of the guest's goes. EntryHi is to be set again. */
static void forget(struct te *te, const struct te_entry *entry)
{
	uint32_t address = entry->hi & ~UINT32_C(0x1fff);

	if (!((entry->lo[0] | entry->lo[1]) & ENTRYLO_V) || te->generation != generation)
		return;
	if (entry->global || entry->mask > 0x1fff) {
		memset(te->asids, 0, sizeof(te->asids)); /* rare */
		te_set_asid(te);
		return;
	}
	for (unsigned kernel = 0; kernel < 2; kernel++) {
		uint8_t asid = te->asids[kernel][entry->hi & ENTRYHI_ASID];
		uint32_t index;

		if (asid == 0)
			continue;
		index = probe(address | asid);
		if (!(index & INDEX_P))
			write_nothing(index);
	}
	write_c0(C0_ENTRYHI, te->asid);
}

/* EntryLo for the page of 4 KiB or 1 MiB that `at` is in; 0: it has no memory. */
static uint32_t shadow_lo(const struct mips_vcpu *vcpu, uint32_t at)
{
	struct te_mapping mapping;
	struct backend_page page;
	uint32_t lo;

	if (te_find(&vcpu->te, at, &mapping) != TE_MAPPED ||
	    !space_page(&vcpu->guest->guest, mapping.address, &page))
		return 0;
	lo = (uint32_t)(page.physical >> 12) << ENTRYLO_PFN_SHIFT | ENTRYLO_V;
	lo |= page.device ? UNCACHED << ENTRYLO_C_SHIFT : mapping.lo & 7 << ENTRYLO_C_SHIFT;
	if (page.writable)
		lo |= mapping.lo & ENTRYLO_D;
	return lo;
}

/* Whether the pair of large pages around an address is memory in a row, here as there. */
static bool is_large(uint64_t address, const struct backend_page *page)
{
	uint64_t within = address & (PAIR_LARGE - 1);

	return ((address ^ page->physical) & (PAIR_LARGE / 2 - 1)) == 0 && page->before >= within &&
	       page->behind >= PAIR_LARGE - within && !page->device;
}

static void fill(struct mips_vcpu *vcpu, uint32_t at, bool large, bool refill)
{
	uint32_t pair = large ? PAIR_LARGE : PAIR_SMALL;
	uint32_t even = at & ~(pair - 1);
	uint32_t hi = even | vcpu->te.asid;

	if (refill)
		write_c0(C0_ENTRYHI, hi);
	else
		refill = (probe(hi) & INDEX_P) != 0;
	write_c0(C0_ENTRYLO0, shadow_lo(vcpu, even));
	write_c0(C0_ENTRYLO1, shadow_lo(vcpu, even + pair / 2));
	write_c0(C0_PAGEMASK, MASK_OF(pair));
	ehb();
	if (refill)
		__asm__ volatile("tlbwr" ::: "memory");
	else
		__asm__ volatile("tlbwi" ::: "memory");
}

static void no_mapping(struct mips_vcpu *vcpu, enum te_outcome outcome, unsigned code, uint32_t at)
{
	if (outcome == TE_NO_RIGHT)
		te_take_address(vcpu, code == EXC_TLBL ? EXC_ADEL : EXC_ADES, VECTOR_GENERAL, at);
	else
		te_take_address(vcpu, code == EXC_MOD ? EXC_TLBS : code,
				outcome == TE_NO_ENTRY ? VECTOR_REFILL : VECTOR_GENERAL, at);
}

/* In the Virtio window, of which no memory needs to be looked for. */
static inline bool is_device(const struct mips_guest *guest, uint64_t address)
{
	return (uint32_t)address - (uint32_t)guest->board.window.base < guest->board.window.bytes &&
	       address <= UINT32_MAX;
}

/* An access to what the guest has mapped, at guest-physical mapping->address. */
static enum te_exit mapped(struct mips_vcpu *vcpu, const struct te_mapping *mapping, unsigned code,
			   uint32_t at, bool refill)
{
	uint32_t pc = vcpu->pc + (read_c0(C0_CAUSE) & CAUSE_BD ? 4 : 0);
	bool write = code != EXC_TLBL;
	struct backend_page page;

	if (!is_device(vcpu->guest, mapping->address) &&
	    space_page(&vcpu->guest->guest, mapping->address, &page) && (!write || page.writable)) {
		fill(vcpu, at, mapping->direct && is_large(mapping->address, &page), refill);
		return TE_SHADOW;
	}
	if (at == pc)
		trap_access(vcpu, mapping->address, 0, ACCESS_FETCH);
	else
		trap_access(vcpu, mapping->address, read_c0(C0_BADINSTR),
			    write ? ACCESS_WRITE : ACCESS_READ);
	return TE_ACCESS;
}

void te_tlb_exception(struct mips_vcpu *vcpu, unsigned code, bool refill)
{
	uint32_t at = read_c0(C0_BADVADDR);
	struct te_mapping mapping;
	enum te_outcome outcome = te_find(&vcpu->te, at, &mapping);
	enum te_exit kind = TE_GUEST_TLB;

	if (outcome != TE_MAPPED)
		no_mapping(vcpu, outcome, code, at);
	else if (code != EXC_TLBL && !(mapping.lo & ENTRYLO_D))
		te_take_address(vcpu, EXC_MOD, VECTOR_GENERAL, at);
	else
		kind = mapped(vcpu, &mapping, code, at, refill);
	vcpu->te.exits[kind]++;
	/* BadVAddr's page is still there. */
	write_c0(C0_ENTRYHI, vcpu->te.asid);
}

/* ---- The guest's instructions ---- */

void te_tlbp(struct te *te)
{
	unsigned i = search(te, te->cp0[10][0]);

	te->cp0[0][0] = i < TE_TLB ? i : INDEX_P;
}

void te_tlbr(struct te *te)
{
	const struct te_entry *entry = &te->tlb[te->cp0[0][0] % TE_TLB];

	te->cp0[10][0] = entry->hi;
	te->cp0[5][0] = entry->mask;
	te->cp0[2][0] = entry->lo[0] | entry->global;
	te->cp0[3][0] = entry->lo[1] | entry->global;
}

static void write_entry(struct te *te, unsigned index)
{
	struct te_entry *entry = &te->tlb[index];
	uint32_t mask = te->cp0[5][0];

	forget(te, entry);
	*entry = (struct te_entry){
		.hi = te->cp0[10][0] & ~mask,
		.mask = mask,
		.lo = { te->cp0[2][0] & ~(uint32_t)ENTRYLO_G,
			te->cp0[3][0] & ~(uint32_t)ENTRYLO_G },
		.global = te->cp0[2][0] & te->cp0[3][0] & ENTRYLO_G,
	};
}

void te_tlbwi(struct te *te)
{
	write_entry(te, te->cp0[0][0] % TE_TLB);
}

void te_tlbwr(struct te *te)
{
	unsigned wired = te->cp0[6][0];

	write_entry(te, te->random);
	te->random = te->random <= wired ? TE_TLB - 1 : te->random - 1;
}

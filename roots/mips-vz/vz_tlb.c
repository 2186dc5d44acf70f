/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two TLBs: the root's, for what guests call physical, and the guest's own.
 *
 * The root's entries are made as guests come to their pages, as large as the memory lies in a row
 * in both places, and are nobody else's: the root itself runs unmapped. Which entry goes for a new
 * one is our choice, in turn, so that a core that has one array for both TLBs, the guest's entries
 * being the last, never loses a guest's. Whether it has is found by writing the one and looking at
 * the other.
 *
 * The same page is always mapped by the same entry: how large one is depends on the region alone.
 * So there are never two for one address.
 *
 * Entries of guests whose memory is `fixed` are made when they start. They are the first, which
 * Wired says too, and are nobody's to take until the guest is gone: with GuestIDs or ASIDs those of
 * several guests are there together, and a switch does nothing about them.
 */
#include "root.h"
#include "vcpu.h"

#define ROOT_MIN   16        /* entries for the root, of an array that is shared */
#define ROOT_TURN  4         /* entries that are never fixed: what one instruction may need */
#define ROOT_MAX   64        /* entries that Config1 can tell of */
#define SMALL      0x1000    /* the smallest page, */
#define LARGE      0x4000000 /* and the largest we look for */
#define MASK(page) ((page)*2 - 0x2000)

#define tlb(name)  __asm__ volatile(ASM_VZ(name)::: "memory")

static unsigned config_entries(uint32_t config1)
{
	return (config1 >> 25 & 0x3f) + 1;
}

/* ---- The root's TLB ---- */

/* An address that nobody looks for: guest-physical ones are below 0x80000000 here. */
static uint32_t nowhere(unsigned index)
{
	return KSEG0 + index * 0x2000;
}

static void write_entry(unsigned index, uint32_t hi, uint32_t lo0, uint32_t lo1, uint32_t mask)
{
	write_c0(C0_ENTRYHI, hi);
	write_c0(C0_ENTRYLO0, lo0);
	write_c0(C0_ENTRYLO1, lo1);
	write_c0(C0_PAGEMASK, mask);
	write_c0(C0_INDEX, index);
	ehb();
	tlb("tlbwi");
}

/* What EntryHi has in its ASID field, for these guests and in guest mode. */
static uint32_t asid_of(const struct mips_guest *guest)
{
	return vz_core.guest_ids ? 0 : guest->id;
}

void vz_select(const struct mips_guest *guest)
{
	if (vz_core.guest_ids)
		write_c0(C0_GUESTCTL1, guest->id | (uint32_t)guest->id << GUESTCTL1_RID_SHIFT);
	write_c0(C0_ENTRYHI, asid_of(guest));
	ehb();
}

static uint8_t fixed_for[ROOT_MAX]; /* by entry: the id of the guest that it is fixed for, or 0 */
static unsigned wired;              /* entries from 0 on among which all of those are */

static void select_again(void)
{
	if (loaded)
		vz_select(loaded->guest);
}

void vz_flush(void)
{
	for (unsigned i = 0; i < vz_core.root_tlb; i++) {
		if (fixed_for[i] == 0)
			write_entry(i, nowhere(i), 0, 0, 0);
	}
	select_again();
}

/* The largest pair of pages around an address that is memory in a row, here as there. */
static uint32_t page_size(uint64_t address, const struct backend_page *page)
{
	uint32_t size = LARGE;

	for (; size > SMALL; size /= 4) {
		uint64_t pair = (uint64_t)size * 2;
		uint64_t within = address & (pair - 1);

		if ((MASK(size) & ~vz_core.page_mask) == 0 &&
		    ((address ^ page->physical) & (size - 1)) == 0 && page->before >= within &&
		    page->behind >= pair - within && !page->device)
			break;
	}
	return size;
}

/* EntryLo for one page of guest-physical memory; without V, if it is none. */
static uint32_t entry_lo(const struct mips_guest *guest, uint64_t address)
{
	uint32_t global = vz_core.guest_ids ? ENTRYLO_G : 0;
	struct backend_page page;

	if (!space_page(&guest->guest, address, &page))
		return global;
	return (uint32_t)(page.physical >> 12) << ENTRYLO_PFN_SHIFT |
	       (page.device ? UNCACHED : CACHED) << ENTRYLO_C_SHIFT |
	       (page.writable ? ENTRYLO_D : 0) | ENTRYLO_V | global;
}

/* Or INDEX_P. */
static uint32_t find_entry(const struct mips_guest *guest, uint32_t address)
{
	write_c0(C0_ENTRYHI, (address & ~UINT32_C(0x1fff)) | asid_of(guest));
	ehb();
	tlb("tlbp");
	ehb();
	return read_c0(C0_INDEX);
}

/* For pages of `size` around the address. */
static void map_pair(const struct mips_guest *guest, unsigned index, uint32_t address,
		     uint32_t size)
{
	uint32_t even = address & ~(size * 2 - 1);

	write_entry(index, even | asid_of(guest), entry_lo(guest, even),
		    entry_lo(guest, even + size), MASK(size));
}

static void fill(struct mips_vcpu *vcpu, uint64_t address, const struct backend_page *page,
		 bool refill)
{
	static unsigned next;
	uint32_t index = refill ? INDEX_P : find_entry(vcpu->guest, (uint32_t)address);

	if (index & INDEX_P) {
		index = wired + next % (vz_core.root_tlb - wired);
		next = index - wired + 1;
	}
	map_pair(vcpu->guest, index, (uint32_t)address, page_size(address, page));
}

/* ---- What is fixed ---- */

static unsigned free_entry(void)
{
	unsigned i = 0;

	while (fixed_for[i] != 0)
		i++;
	return i;
}

/* Entries for a region, some of which may be there for its neighbour; made, if it is to be. */
static unsigned region_entries(const struct mips_guest *guest, const struct region *region,
			       bool make)
{
	unsigned count = 0;
	struct backend_page page;
	uint32_t size;

	for (uint64_t at = region->base; at - region->base < region->size;
	     at = (at | (size * 2 - 1)) + 1) {
		space_page(&guest->guest, at, &page);
		size = page_size(at, &page);
		count++;
		if (make && find_entry(guest, (uint32_t)at) & INDEX_P) {
			unsigned index = free_entry();

			fixed_for[index] = guest->id;
			map_pair(guest, index, (uint32_t)at, size);
		}
	}
	return count;
}

static unsigned guest_entries(const struct mips_guest *guest, bool make)
{
	const struct space *space = &guest->guest.space;
	unsigned count = 0;

	for (unsigned i = 0; i < space->count; i++) {
		if (space->regions[i]->kind != REGION_VIRTUAL)
			count += region_entries(guest, space->regions[i], make);
	}
	return count;
}

static void set_wired(void)
{
	wired = vz_core.root_tlb;
	while (wired > 0 && fixed_for[wired - 1] == 0)
		wired--;
	write_c0(C0_WIRED, wired);
}

bool vz_fix(struct mips_guest *guest)
{
	unsigned room = vz_core.root_tlb - ROOT_TURN;

	for (unsigned i = 0; i < vz_core.root_tlb; i++)
		room -= fixed_for[i] != 0;
	if (guest_entries(guest, false) > room)
		return false;
	vz_flush();
	vz_select(guest);
	guest_entries(guest, true);
	set_wired();
	select_again();
	return true;
}

void vz_unfix(const struct mips_guest *guest)
{
	for (unsigned i = 0; i < vz_core.root_tlb; i++) {
		if (fixed_for[i] == guest->id)
			fixed_for[i] = 0;
	}
	set_wired();
}

/* ---- Where there is no entry ---- */

/* The guest-physical address that an exit is about. */
static bool fault_address(struct mips_vcpu *vcpu, uint64_t *address)
{
	uint32_t at = read_c0(C0_BADVADDR);

	if (vio_unlikely(GUESTCTL0_GEXC(read_c0(C0_GUESTCTL0)) == GEXC_GVA))
		return vz_translate(vcpu, at, address);
	*address = at;
	return true;
}

/* It is the instruction itself that is not there. The offset within a page tells most apart. */
static bool is_fetch(struct mips_vcpu *vcpu, uint64_t address)
{
	uint32_t at = vcpu->pc + (read_c0(C0_CAUSE) & CAUSE_BD ? 4 : 0);
	uint64_t physical;

	return ((at ^ (uint32_t)address) & (SMALL - 1)) == 0 && vz_translate(vcpu, at, &physical) &&
	       physical == address;
}

void vz_tlb_exception(struct mips_vcpu *vcpu, unsigned code, bool refill)
{
	bool write = code != EXC_TLBL;
	struct backend_page page;
	uint64_t address;

	if (!fault_address(vcpu, &address))
		return; /* its own TLB has changed: once more, which will be its own exception */
	if (space_page(&vcpu->guest->guest, address, &page) && (!write || page.writable))
		fill(vcpu, address, &page, refill);
	else if (!write && is_fetch(vcpu, address))
		trap_access(vcpu, address, 0, ACCESS_FETCH);
	else
		trap_access(vcpu, address, vz_word(vcpu), write ? ACCESS_WRITE : ACCESS_READ);
}

/* ---- The guest's TLB ---- */

static void write_guest_entry(unsigned index, const struct vz_entry *entry)
{
	write_gc0(C0_ENTRYHI, entry->hi);
	write_gc0(C0_ENTRYLO0, entry->lo[0]);
	write_gc0(C0_ENTRYLO1, entry->lo[1]);
	write_gc0(C0_PAGEMASK, entry->mask);
	write_gc0(C0_INDEX, index);
	ehb();
	tlb("tlbgwi");
}

static void read_guest_entry(unsigned index, struct vz_entry *entry)
{
	write_gc0(C0_INDEX, index);
	ehb();
	tlb("tlbgr");
	ehb();
	entry->hi = read_gc0(C0_ENTRYHI);
	entry->lo[0] = read_gc0(C0_ENTRYLO0);
	entry->lo[1] = read_gc0(C0_ENTRYLO1);
	entry->mask = read_gc0(C0_PAGEMASK);
}

void vz_reset_tlb(struct vz *vz)
{
	for (unsigned i = 0; i < vz_core.guest_tlb; i++)
		vz->tlb[i].hi = nowhere(i);
}

void vz_load_tlb(struct mips_vcpu *vcpu)
{
	for (unsigned i = 0; i < vz_core.guest_tlb; i++)
		write_guest_entry(i, &vcpu->vz.tlb[i]);
}

/* After its CP0, of which this uses some; reading an entry may change GuestCtl1.RID. */
void vz_save_tlb(struct mips_vcpu *vcpu)
{
	for (unsigned i = 0; i < vz_core.guest_tlb; i++) {
		read_guest_entry(i, &vcpu->vz.tlb[i]);
		vz_select(vcpu->guest);
	}
}

/* The first stage, by its own TLB; what that takes of its CP0 is put back. */
static bool find(struct mips_vcpu *vcpu, uint32_t address, uint64_t *physical)
{
	uint32_t index = read_gc0(C0_INDEX);
	struct vz_entry kept = {
		.hi = read_gc0(C0_ENTRYHI),
		.lo = { read_gc0(C0_ENTRYLO0), read_gc0(C0_ENTRYLO1) },
		.mask = read_gc0(C0_PAGEMASK),
	};
	struct vz_entry entry = { 0 };
	uint32_t found, half, lo;

	write_gc0(C0_ENTRYHI, (address & ~UINT32_C(0x1fff)) | (kept.hi & ENTRYHI_ASID));
	ehb();
	tlb("tlbgp");
	ehb();
	found = read_gc0(C0_INDEX);
	if (!(found & INDEX_P)) {
		read_guest_entry(found, &entry);
		vz_select(vcpu->guest);
	}
	write_gc0(C0_ENTRYHI, kept.hi);
	write_gc0(C0_ENTRYLO0, kept.lo[0]);
	write_gc0(C0_ENTRYLO1, kept.lo[1]);
	write_gc0(C0_PAGEMASK, kept.mask);
	write_gc0(C0_INDEX, index);
	ehb();
	half = ((entry.mask | 0x1fff) + 1) / 2;
	lo = entry.lo[(address & half) != 0];
	*physical = ((lo & 0x3fffffff) >> ENTRYLO_PFN_SHIFT << 12 & ~(half - 1)) |
		    (address & (half - 1));
	return !(found & INDEX_P) && (lo & ENTRYLO_V);
}

bool vz_translate(struct mips_vcpu *vcpu, uint32_t address, uint64_t *physical)
{
	uint32_t status = read_gc0(C0_STATUS);
	bool kernel = (status & (STATUS_KSU | STATUS_EXL | STATUS_ERL)) != STATUS_UM;

	if (address < KUSEG_END && status & STATUS_ERL) {
		*physical = address;
		return true;
	}
	if (address >= KUSEG_END && !kernel)
		return false;
	if (address >= KSEG0 && address < KSEG2) {
		*physical = address & KSEG_MASK;
		return true;
	}
	return find(vcpu, address, physical);
}

uint32_t vz_fetch(struct mips_vcpu *vcpu, uint32_t at)
{
	struct backend_page page;
	uint64_t physical;

	if (!vz_translate(vcpu, at, &physical) ||
	    !space_page(&vcpu->guest->guest, physical, &page) || page.device)
		return 0;
	return *(const volatile uint32_t *)to_virtual(page.physical);
}

/* ---- The core ---- */

/* Whether writing an entry of the guest's changes one of the root's, which are all known. */
static bool is_shared(unsigned entries)
{
	const struct vz_entry entry = { .hi = SMALL * 2 };

	write_guest_entry(0, &entry);
	for (unsigned i = 0; i < entries; i++) {
		write_c0(C0_INDEX, i);
		ehb();
		tlb("tlbr");
		ehb();
		if ((read_c0(C0_ENTRYHI) & ~UINT32_C(0x1fff)) != nowhere(i))
			return true;
	}
	return false;
}

static void forget_guests(unsigned entries)
{
	for (unsigned i = 0; i < entries; i++) {
		struct vz_entry entry = { .hi = nowhere(i) };

		write_guest_entry(i, &entry);
	}
}

void vz_init_tlb(void)
{
	unsigned guests = config_entries(read_gc0(C0_CONFIG1));

	forget_guests(guests);
	vz_core.root_tlb = config_entries(read_c0(C0_CONFIG1));
	write_c0(C0_PAGEMASK, 0x1fffe000);
	ehb();
	vz_core.page_mask = read_c0(C0_PAGEMASK);
	write_c0(C0_WIRED, 0);
	if (vz_core.page_grain)
		write_c0(C0_PAGEGRAIN, 0);
	vz_flush();
	if (is_shared(vz_core.root_tlb)) {
		if (guests > vz_core.root_tlb - ROOT_MIN)
			guests = vz_core.root_tlb - ROOT_MIN;
		vz_core.root_tlb -= guests;
		vz_flush();
	}
	write_gc0(C0_CONFIG1, (read_gc0(C0_CONFIG1) & ~(0x3fU << 25)) | (guests - 1) << 25);
	ehb();
	vz_core.guest_tlb = config_entries(read_gc0(C0_CONFIG1));
	if (vz_core.guest_tlb > VZ_TLB)
		root_fatal("the guest's TLB has %u entries, more than the root saves",
			   vz_core.guest_tlb);
}

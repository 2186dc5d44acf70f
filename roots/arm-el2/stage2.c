/* SPDX-License-Identifier: BSD-2-Clause */
#include "mmu.h"
#include "pages.h"
#include "stage2.h"
#include "vcpu.h"

/* 39 bits from level 1, inner shareable write-back walks, 4 KiB granule; RES1 in bit 31. */
#define VTCR          ((1ULL << 31) | (3 << 12) | (1 << 10) | (1 << 8) | (1 << 6) | (64 - VA_BITS))
#define VTCR_PS_SHIFT 16
#define PS_40_BITS    2

#define VMID_SHIFT    48

static const uint64_t leaves[] = {
	[STAGE2_MEMORY] = PTE_AF | PTE_SH_INNER | S2_MEM_NORMAL | S2_READ | S2_WRITE,
	[STAGE2_READ_ONLY] = PTE_AF | PTE_SH_INNER | S2_MEM_NORMAL | S2_READ,
	[STAGE2_DEVICE] = PTE_XN | PTE_AF | S2_MEM_DEVICE | S2_READ | S2_WRITE,
};

void stage2_init(void)
{
	write_sysreg(vtcr_el2, VTCR | PS_40_BITS << VTCR_PS_SHIFT);
}

static uint64_t *new_page(void)
{
	uint64_t page = pages_take(PAGE_SIZE, PAGE_SIZE);

	return page == PAGES_NONE ? NULL : memset(to_virtual(page), 0, PAGE_SIZE);
}

bool stage2_new(struct arm_guest *guest)
{
	guest->stage2 = (struct pagetable){ .top = new_page(), .new_page = new_page };
	if (!guest->stage2.top)
		return false;
	guest->vttbr = to_physical(guest->stage2.top) | (uint64_t)guest->guest.number << VMID_SHIFT;
	return true;
}

/* TLB entries go by the VMID in VTTBR_EL2, so ours is put there meanwhile. */
static void flush(const struct arm_guest *guest)
{
	uint64_t before = read_sysreg(vttbr_el2);

	write_sysreg(vttbr_el2, guest->vttbr);
	isb();
	__asm__ volatile("tlbi vmalls12e1is\n\tdsb sy\n\tisb" ::: "memory");
	write_sysreg(vttbr_el2, before);
	isb();
}

static void free_page(uint64_t *page)
{
	pages_give(to_physical(page), PAGE_SIZE);
}

/* No CPU walks these tables any more, not even ahead of what it executes. */
void stage2_free(struct arm_guest *guest)
{
	if (!guest->stage2.top)
		return;
	flush(guest);
	pagetable_free(&guest->stage2, free_page);
	guest->stage2.top = NULL;
}

bool stage2_map(struct arm_guest *guest, uint64_t base, uint64_t physical, uint64_t size,
		enum stage2_kind kind)
{
	bool ok;

	if ((base | physical | size) % PAGE_SIZE || base + size > 1ULL << VA_BITS)
		return false;
	/* Break before make: nobody may see an old and a new translation at once. */
	ok = pagetable_map(&guest->stage2, base, 0, size, 0);
	flush(guest);
	return ok && pagetable_map(&guest->stage2, base, physical, size, leaves[kind]);
}

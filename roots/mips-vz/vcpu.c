/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "cache.h"
#include "machine.h"
#include "options.h"
#include "root.h"
#include "trace.h"
#include "trap.h"
#include "vcpu.h"
#include "vcpu_offsets.h"

_Static_assert(offsetof(struct mips_vcpu, hi) == VCPU_HI, "vectors.S");
_Static_assert(offsetof(struct mips_vcpu, lo) == VCPU_LO, "vectors.S");
_Static_assert(offsetof(struct mips_vcpu, pc) == VCPU_PC, "vectors.S");
_Static_assert(offsetof(struct mips_vcpu, status) == VCPU_STATUS, "vectors.S");
_Static_assert(offsetof(struct mips_vcpu, control) == VCPU_CONTROL, "vectors.S");

struct mips_vcpu *loaded;

/* ---- The one CPU there is ---- */

static struct cpu only;

struct sched_cpu *sched_here(void)
{
	return &only.sched;
}

void arch_stop(struct vcpu *vcpu)
{
}

void arch_yield(void)
{
}

/* ---- The back-end ---- */

const struct backend_ops *backend;

static const struct backend_ops *const backends[] = { &backend_vz, &backend_te };

void backend_choose(const char *name)
{
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(backends) && !backend; i++) {
		const struct backend_ops *ops = backends[i];

		if (name ? options_is(name, ops->name) : ops->probe())
			backend = ops;
	}
	if (!backend)
		root_fatal(
			"this core has neither the VZ ASE nor segmentation control with BadInstr "
			"(Config3 is %08x): guests cannot run on it",
			read_c0(C0_CONFIG3));
	backend->init();
	if (trace)
		backend = trap_traced(backend);
}

bool space_page(const struct guest *guest, uint64_t address, struct backend_page *page)
{
	const struct region *region = space_find(&guest->space, address);

	if (!region || region->kind == REGION_VIRTUAL)
		return false;
	page->before = address - region->base;
	page->behind = region->size - page->before;
	page->physical = region->physical + page->before;
	page->writable = region->kind == REGION_MEMORY || region->kind == REGION_DEVICE;
	page->device = region->kind == REGION_DEVICE;
	return true;
}

void vcpu_load(struct mips_vcpu *vcpu)
{
	if (loaded == vcpu)
		return;
	if (loaded)
		backend->save(loaded);
	loaded = vcpu;
	if (vcpu) {
		backend->load(vcpu);
		timer_changed();
	}
}

/* If it waits for what is pending now. */
static void wake(struct mips_vcpu *vcpu)
{
	if (vcpu->vcpu.paused & VCPU_WAITS && backend->pending(vcpu))
		vcpu_resume(&vcpu->vcpu, VCPU_WAITS);
}

/* Of the guest's first vCPU. */
void arch_set_line(struct guest *common, unsigned number, bool up)
{
	struct mips_guest *guest = mips_guest(common);
	struct mips_vcpu *vcpu = &guest->vcpus[0];
	unsigned line = number & 7;
	uint32_t bit = UINT32_C(1) << (CAUSE_IP_SHIFT + line);
	uint32_t lines;

	if (line <= LINE_BY_CAUSE) {
		if (up)
			backend->set_cause(vcpu, bit);
		wake(vcpu);
		return;
	}
	lines = vio_mips_vz_line(&guest->lines, line, number >> 3, up) ? vcpu->lines | bit
								       : vcpu->lines & ~bit;
	if (lines == vcpu->lines)
		return;
	vcpu->lines = lines;
	if (up)
		trace_note(TRACE_INTERRUPT, &vcpu->vcpu, line, 0);
	backend->lines(vcpu, lines);
	wake(vcpu);
}

void root_run(void)
{
	struct mips_vcpu *vcpu = mips_vcpu(guest_next());

	if (vcpu->stale)
		backend->prepare(vcpu);
	vcpu_enter(vcpu);
}

/* ---- What roots/common asks for ---- */

bool arch_create(struct guest *common)
{
	struct mips_guest *guest = mips_guest(common);

	for (unsigned i = 0; i < common->vcpu_count; i++)
		guest->vcpus[i].guest = guest;
	return backend->create(guest);
}

static void unload(const struct guest *guest)
{
	if (loaded && &loaded->guest->guest == guest)
		vcpu_load(NULL);
}

void arch_destroy(struct guest *guest)
{
	unload(guest);
	backend->destroy(mips_guest(guest));
}

struct vcpu *arch_vcpu(struct guest *guest, unsigned index)
{
	return &mips_guest(guest)->vcpus[index].vcpu;
}

/* Its pages are mapped as the guest comes to them. */
bool arch_map(struct guest *guest, const struct region *region)
{
	return true;
}

bool arch_fix(struct guest *guest)
{
	return backend->fix && backend->fix(mips_guest(guest));
}

void arch_reset(struct guest *guest)
{
	unload(guest);
	backend->unmap(mips_guest(guest));
	for (unsigned i = 0; i < guest->vcpu_count; i++)
		arch_reset_vcpu(arch_vcpu(guest, i), 0, 0);
}

/* UHI's boot protocol: $4 = -2 and the device tree in $5 (docs/board.md). */
void arch_reset_vcpu(struct vcpu *common, uint64_t entry, uint64_t argument)
{
	struct mips_vcpu *vcpu = mips_vcpu(common);

	if (loaded == vcpu)
		vcpu_load(NULL);
	memset(vcpu->r, 0, sizeof(vcpu->r));
	vcpu->hi = 0;
	vcpu->lo = 0;
	vcpu->pc = (uint32_t)entry;
	vcpu->r[4] = (uint32_t)-2;
	vcpu->r[5] = KSEG0 + (uint32_t)argument;
	vcpu->lines = 0;
	vcpu->guest->lines = (struct vio_mips_vz_lines){ 0 };
	backend->reset(vcpu);
}

void arch_load(struct vcpu *vcpu)
{
	vcpu_load(mips_vcpu(vcpu));
}

void *arch_pointer(uint64_t physical)
{
	return to_virtual(physical);
}

void arch_clean(const void *start, uint64_t size)
{
	cache_clean(start, size);
}

void arch_poll(void)
{
	if (loaded)
		wake(loaded);
}

/* vectors.S */
void root_idle(uint32_t status);

void arch_interrupts(bool wait)
{
	if (wait)
		root_idle(STATUS_CU0 | irq_status | STATUS_IE);
	irq_take();
}

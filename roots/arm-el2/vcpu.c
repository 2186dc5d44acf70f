/* SPDX-License-Identifier: BSD-2-Clause */
#include "hardware.h"
#include "irq.h"
#include "mmu.h"
#include "root.h"
#include "smp.h"
#include "stage2.h"
#include "vcpu.h"
#include "simd.h"

/* SPSR at entry: EL1h, all interrupts masked. */
#define SPSR_RESET      (PSR_D | PSR_A | PSR_I | PSR_F | PSR_EL1H)
#define SCTLR_EL1_RESET 0x30d00800

/*
 * FB and BSU make the guest's TLB and barrier instructions reach every CPU it may have been on.
 * ID registers trap, to be shown as this virtual machine has them (sysreg.c).
 */
#define HCR                                                                                        \
	(HCR_VM | HCR_SWIO | HCR_FMO | HCR_IMO | HCR_AMO | HCR_FB | HCR_BSU | HCR_TID3 | HCR_TSC | \
	 HCR_TIDCP | HCR_TACR | HCR_RW)

#define CPTR       0x33ff /* no trap of SIMD; of SVE, which the guest is not told of */
#define MPIDR_RES1 (1U << 31)
#define MDCR_TPMCR (1U << 5)
#define MDCR_TPM   (1U << 6)
#define MDCR_HPMN  0x1f
#define CNTHCTL    3 /* the guest has both timers of EL1 */

/* Every register that stays in the CPU while a vCPU is loaded, and where it is kept otherwise. */
#define EL1_REGISTERS(X)                                                                           \
	X(sp_el0, sp_el0)                                                                          \
	X(sp_el1, sp_el1)                                                                          \
	X(elr_el1, elr_el1)                                                                        \
	X(spsr_el1, spsr_el1)                                                                      \
	X(elr_el2, elr_el2)                                                                        \
	X(spsr_el2, spsr_el2)                                                                      \
	X(sctlr, sctlr_el1)                                                                        \
	X(cpacr, cpacr_el1)                                                                        \
	X(ttbr0, ttbr0_el1)                                                                        \
	X(ttbr1, ttbr1_el1)                                                                        \
	X(tcr, tcr_el1)                                                                            \
	X(mair, mair_el1)                                                                          \
	X(amair, amair_el1)                                                                        \
	X(vbar, vbar_el1)                                                                          \
	X(contextidr, contextidr_el1)                                                              \
	X(esr, esr_el1)                                                                            \
	X(far, far_el1)                                                                            \
	X(afsr0, afsr0_el1)                                                                        \
	X(afsr1, afsr1_el1)                                                                        \
	X(par, par_el1)                                                                            \
	X(tpidr_el0, tpidr_el0)                                                                    \
	X(tpidrro_el0, tpidrro_el0)                                                                \
	X(tpidr_el1, tpidr_el1)                                                                    \
	X(csselr, csselr_el1)                                                                      \
	X(mdscr, mdscr_el1)                                                                        \
	X(cntkctl, cntkctl_el1)                                                                    \
	X(cntv_cval, cntv_cval_el0)                                                                \
	X(cntv_ctl, cntv_ctl_el0)                                                                  \
	X(cntp_cval, cntp_cval_el0)                                                                \
	X(cntp_ctl, cntp_ctl_el0)

#define SAVE(member, reg)    context->member = read_sysreg(reg);
#define RESTORE(member, reg) write_sysreg(reg, context->member);

static void save_el1(struct el1_context *context)
{
	EL1_REGISTERS(SAVE)
}

static void restore_el1(const struct el1_context *context)
{
	EL1_REGISTERS(RESTORE)
}

void vcpu_init(void)
{
	write_sysreg(hcr_el2, HCR);
	write_sysreg(cptr_el2, CPTR);
	write_sysreg(mdcr_el2, (read_sysreg(mdcr_el2) & MDCR_HPMN) | MDCR_TPM | MDCR_TPMCR);
	debug_init();
	write_sysreg(cnthctl_el2, CNTHCTL);
	write_sysreg(cntvoff_el2, 0);
	write_sysreg(vpidr_el2, read_sysreg(midr_el1));
}

/* With no other vCPU about, and no task that waits for its turn, waiting is left to the CPU. */
static void set_hcr(void)
{
	struct arm_cpu *cpu = arm_cpu();
	const struct sched_list *ready = &sched.ready;
	bool wanted = vcpus_alive > 1 || smp_shared || ready->first != ready->last;

	if (cpu->traps_wfi == wanted)
		return;
	cpu->traps_wfi = wanted;
	write_sysreg(hcr_el2, wanted ? HCR | HCR_TWI : HCR);
}

static void save(struct arm_vcpu *vcpu)
{
	dsb(); /* its TLB and cache maintenance is over, wherever it goes on */
	save_el1(&vcpu->el1);
	simd_save(vcpu->simd);
	vcpu->fpcr = read_sysreg(fpcr);
	vcpu->fpsr = read_sysreg(fpsr);
	/* Its timers are its own: they end its wait (vcpu_wait()), and interrupt no other. */
	write_sysreg(cntv_ctl_el0, 0);
	write_sysreg(cntp_ctl_el0, 0);
	isb();
	arm_cpu()->loaded = NULL;
	vgic_put(vcpu);
	vcpu->cpu = NULL;
}

/*
 * The TLB knows a guest by its VMID. What one of its vCPUs has there may be wrong for another,
 * which runs without MMU, or with the same ASIDs for other tables.
 */
static void flush_others(const struct arm_vcpu *vcpu)
{
	uint8_t *last = &vcpu->guest->last[arm_cpu() - arm_cpus];

	if (*last == vcpu->vcpu.index)
		return;
	*last = (uint8_t)vcpu->vcpu.index;
	isb();
	__asm__ volatile("tlbi vmalle1\n\tdsb nsh" ::: "memory");
}

static void restore(const struct arm_vcpu *vcpu)
{
	write_sysreg(vmpidr_el2, vcpu->mpidr);
	write_sysreg(vttbr_el2, vcpu->guest->vttbr);
	if (vcpu->guest->guest.vcpu_count > 1)
		flush_others(vcpu);
	restore_el1(&vcpu->el1);
	simd_restore(vcpu->simd);
	write_sysreg(fpcr, vcpu->fpcr);
	write_sysreg(fpsr, vcpu->fpsr);
}

void vcpu_load(struct arm_vcpu *vcpu)
{
	struct arm_cpu *cpu = arm_cpu();

	if (cpu->loaded == vcpu)
		return;
	if (vcpu && vcpu->cpu)
		smp_take(vcpu->cpu);
	if (cpu->loaded)
		save(cpu->loaded);
	if (!vcpu) {
		write_sysreg(vttbr_el2, 0); /* its tables may go next */
		gic_set_vhcr(0);
		isb();
		return;
	}
	cpu->loaded = vcpu;
	vcpu->cpu = cpu;
	vcpu->stack = cpu->stack;
	restore(vcpu);
	debug_load(vcpu);
	vgic_load(vcpu);
	isb();
}

void vcpu_unload(struct arm_vcpu *vcpu)
{
	if (is_elsewhere(vcpu))
		smp_take(vcpu->cpu);
	else if (vcpu->cpu)
		vcpu_load(NULL);
}

/* When the timer with these registers fires; SCHED_NEVER: it does not. */
static uint64_t timer_fires(struct arm_vcpu *vcpu, unsigned intid, uint64_t ctl, uint64_t cval)
{
	bool on = (ctl & (CNT_ENABLE | CNT_IMASK)) == CNT_ENABLE;

	return on && vgic_irq(vcpu, intid)->enabled ? cval : SCHED_NEVER;
}

void vcpu_wait(struct arm_vcpu *vcpu)
{
	uint64_t virtual = timer_fires(vcpu, GIC_PPI_VTIMER, read_sysreg(cntv_ctl_el0),
				       read_sysreg(cntv_cval_el0));
	uint64_t physical = timer_fires(vcpu, GIC_PPI_PTIMER, read_sysreg(cntp_ctl_el0),
					read_sysreg(cntp_cval_el0));

	if (!vgic_pending(vcpu))
		vcpu_pause(&vcpu->vcpu, VCPU_WAITS, virtual < physical ? virtual : physical);
}

void root_run(void)
{
	hardware_settle();
	smp_start();
	vcpu_enter(smp_leave(arm_vcpu(guest_next())));
}

/* ---- What roots/common asks for ---- */

bool arch_create(struct guest *common)
{
	struct arm_guest *guest = arm_guest(common);

	for (unsigned i = 0; i < common->vcpu_count; i++) {
		guest->vcpus[i].guest = guest;
		guest->vcpus[i].cpu = NULL;
		guest->vcpus[i].mpidr = MPIDR_RES1 | (i / 16) << 8 | i % 16; /* as the board says */
	}
	return stage2_new(guest) && vgic_init(guest);
}

static void unload(struct guest *guest)
{
	for (unsigned i = 0; i < guest->vcpu_count; i++)
		vcpu_unload(&arm_guest(guest)->vcpus[i]);
}

void arch_destroy(struct guest *guest)
{
	unload(guest);
	stage2_free(arm_guest(guest));
}

struct vcpu *arch_vcpu(struct guest *guest, unsigned index)
{
	return &arm_guest(guest)->vcpus[index].vcpu;
}

bool arch_map(struct guest *guest, const struct region *region)
{
	static const enum stage2_kind kinds[] = {
		[REGION_MEMORY] = STAGE2_MEMORY,
		[REGION_READ_ONLY] = STAGE2_READ_ONLY,
		[REGION_ROM] = STAGE2_READ_ONLY,
		[REGION_DEVICE] = STAGE2_DEVICE,
	};

	return stage2_map(arm_guest(guest), region->base, region->physical, region->size,
			  kinds[region->kind]);
}

/* They are, by arch_map(): the tables of stage 2 are made when a region is added. */
bool arch_fix(struct guest *guest)
{
	return true;
}

void arch_reset(struct guest *guest)
{
	unload(guest);
	vgic_reset(arm_guest(guest));
	for (unsigned i = 0; i < guest->vcpu_count; i++)
		arch_reset_vcpu(arch_vcpu(guest, i), 0, 0);
}

void arch_reset_vcpu(struct vcpu *common, uint64_t entry, uint64_t argument)
{
	struct arm_vcpu *vcpu = arm_vcpu(common);

	vcpu_unload(vcpu);
	memset(vcpu->x, 0, sizeof(vcpu->x));
	memset(vcpu->simd, 0, sizeof(vcpu->simd));
	vcpu->fpcr = 0;
	vcpu->fpsr = 0;
	vcpu->debug = (struct debug){ 0 };
	vcpu->x[0] = argument;
	vcpu->el1 = (struct el1_context){
		.elr_el2 = entry,
		.spsr_el2 = SPSR_RESET,
		.sctlr = SCTLR_EL1_RESET,
	};
}

void arch_load(struct vcpu *vcpu)
{
	vcpu_load(arm_vcpu(vcpu));
	set_hcr();
}

void arch_stop(struct vcpu *vcpu)
{
	vcpu_unload(arm_vcpu(vcpu));
}

void *arch_pointer(uint64_t physical)
{
	return to_virtual(physical);
}

void arch_clean(const void *start, uint64_t size)
{
	cache_clean(start, size);
}

void arch_set_line(struct guest *guest, unsigned intid, bool up)
{
	if (up)
		vgic_raise(arm_guest(guest), intid);
	else
		vgic_lower(arm_guest(guest), intid);
}

void arch_poll(void)
{
	struct arm_vcpu *vcpu = arm_cpu()->loaded;

	if (vcpu && vcpu->vcpu.paused & VCPU_WAITS && vgic_pending(vcpu))
		vcpu_resume(&vcpu->vcpu, VCPU_WAITS);
}

uint64_t arch_now(void)
{
	return read_sysreg(cntpct_el0);
}

uint64_t arch_frequency(void)
{
	return read_sysreg(cntfrq_el0);
}

void arch_timer(uint64_t deadline)
{
	struct arm_cpu *cpu = arm_cpu();

	if (deadline == cpu->timer)
		return;
	cpu->timer = deadline;
	write_sysreg(cnthp_cval_el2, deadline);
	write_sysreg(cnthp_ctl_el2, deadline == SCHED_NEVER ? 0 : CNT_ENABLE);
	isb();
}

/* What is pending for a guest that is not to run now ends any wait of the CPU at once. */
static void unload_pending(void)
{
	struct arm_vcpu *vcpu = arm_cpu()->loaded;

	if (vcpu && vgic_pending(vcpu))
		vcpu_load(NULL);
}

void arch_interrupts(bool wait)
{
	if (wait) {
		unload_pending();
		smp_sleep();
	} else {
		smp_yield();
	}
	irq_take();
}

void arch_yield(void)
{
	smp_yield();
}

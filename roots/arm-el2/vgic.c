/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's interrupts.
 *
 * The guest sees a distributor (vgic_regs.c, trapped) and a CPU interface (the hardware's own,
 * which works on the list registers). Between them stands what this file keeps: one struct
 * vgic_irq an interrupt, and for each vCPU who is in which list register.
 *
 *	            raise, timer, SGI                 guest reads IAR
 *	  idle -------------------------> LR pending -----------------> LR active
 *	   ^  \                               |  ^                          |
 *	   |   \ no list register free        |  | refill                   | guest writes EOIR
 *	   |    +--> waiting -----------------|--+                          |
 *	   |                                  | lower                      v
 *	   +----------------------------------+--------------------- LR invalid
 *
 * Devices drive levels. A list register knows none: once the guest has ended an interrupt, nothing
 * fires again by itself while the line is still up. So a level interrupt goes out with LR_EOI set,
 * and the guest's EOI then brings a maintenance interrupt that looks at the line. But a driver in
 * its right mind first acknowledges the device, which lowers the line, and then ends the interrupt;
 * so vgic_lower() takes LR_EOI away again, and the maintenance interrupt is left for those whose
 * line is still up. A device raised anew while the guest is in the handler makes the list register
 * pending and active, which the hardware turns to pending at the EOI. The normal flow thus costs no
 * exit at all.
 *
 * A list register stays its interrupt's own (irq->lr) when it becomes invalid, until another needs
 * it: the next raise of the same interrupt then is a read and a write. With four list registers and
 * a guest's usual handful of interrupts no search ever happens.
 *
 * When all four are taken, the most urgent are in, the others wait, every list register asks for
 * maintenance at its EOI, and the underflow interrupt is on for those that cannot ask (hardware
 * interrupts).
 *
 * The interrupts of timers and of passed-through devices are hardware ones: the root takes the
 * physical interrupt and drops its priority, and it stays active, so that it cannot fire again,
 * until the guest's EOI ends it. GICv3 does that by itself (LR_HW). GICv2 could too, but QEMU's
 * then forgets to look at the line: a timer that has expired again meanwhile is lost for ever.
 * There LR_EOI brings us the guest's EOI, and we end the physical interrupt ourselves.
 */
#include "trace.h"
#include "vcpu.h"
#include "vgic.h"

static bool pending(const struct vgic_irq *irq)
{
	return irq->latch || (irq->line && !irq->edge);
}

static bool deliverable(const struct vgic *vgic, const struct vgic_irq *irq)
{
	return irq->enabled && pending(irq) && (vgic->ctlr & (irq->group1 ? 2 : 1));
}

struct vgic_irq *vgic_irq(struct arm_vcpu *vcpu, unsigned intid)
{
	return intid < VGIC_PRIVATE ? &vcpu->vgic.irqs[intid]
				    : &vcpu->guest->vgic.spis[intid - VGIC_PRIVATE];
}

struct arm_vcpu *vgic_target(struct arm_vcpu *vcpu, unsigned intid)
{
	return intid < VGIC_PRIVATE ? vcpu : &vcpu->guest->vcpus[vgic_irq(vcpu, intid)->target];
}

static uint64_t get_lr(struct arm_vcpu *vcpu, unsigned n)
{
	return is_loaded(vcpu) ? gic_lr(n) : vcpu->vgic.context.lr[n];
}

static void set_lr(struct arm_vcpu *vcpu, unsigned n, uint64_t value)
{
	if (is_loaded(vcpu))
		gic_set_lr(n, value);
	else
		vcpu->vgic.context.lr[n] = value;
}

static void wait(struct arm_vcpu *vcpu, unsigned intid)
{
	vcpu->vgic.waiting[intid / 32] |= 1U << (intid % 32);
	vcpu_resume(&vcpu->vcpu, VCPU_WAITS);
	if (is_elsewhere(vcpu)) {
		vcpu->vgic.knocked = true;
		sched.calls |= vcpu->cpu->common.sched.bit;
	}
}

/* Writes the interrupt's state into list register `n`, which is or becomes its own. */
static void fill(struct arm_vcpu *vcpu, unsigned intid, struct vgic_irq *irq, unsigned n)
{
	uint64_t lr = intid | LR_PRIORITY(irq->priority);

	if (irq->group1)
		lr |= LR_GROUP1;
	if (irq->active)
		lr |= LR_ACTIVE;
	if (deliverable(&vcpu->guest->vgic, irq))
		lr |= LR_PENDING;
	if (irq->hardware && gic.version == 3) {
		lr |= LR_HW | LR_PHYSICAL(intid);
	} else if (irq->senders) {
		unsigned sender = (unsigned)__builtin_ctz(irq->senders);

		/* One list register carries one sender; LR_EOI brings us back for the next. */
		lr |= LR_SENDER(sender);
		irq->senders &= ~(1U << sender);
		if (irq->senders)
			lr |= LR_EOI;
	} else if ((irq->line && !irq->edge) || irq->hardware || vcpu->vgic.overflow) {
		lr |= LR_EOI;
	}
	irq->latch = irq->senders != 0;
	irq->active = false;
	irq->lr = (uint8_t)n;
	irq->quick = !irq->edge && intid >= VGIC_PRIVATE && irq->enabled && !irq->hardware &&
		     !vcpu->vgic.overflow && (vcpu->guest->vgic.ctlr & (irq->group1 ? 2 : 1));
	vcpu->vgic.owner[n] = (uint16_t)intid;
	set_lr(vcpu, n, lr);
}

/* Frees list register `n`. Its owner waits if there is something left to do; returns whether. */
static bool evict(struct arm_vcpu *vcpu, unsigned n)
{
	unsigned intid = vcpu->vgic.owner[n];
	struct vgic_irq *irq;

	if (intid == VGIC_INTIDS)
		return false;
	vgic_take_back(vcpu, intid);
	irq = vgic_irq(vcpu, intid);
	if (!irq->active && !deliverable(&vcpu->guest->vgic, irq))
		return false;
	wait(vcpu, intid);
	return true;
}

/* A list register for an interrupt of this priority: free, or taken from the least urgent. */
static unsigned find_lr(struct arm_vcpu *vcpu, int priority)
{
	unsigned victim = VGIC_NO_LR;

	for (unsigned n = 0; n < GIC_LRS; n++) {
		uint64_t lr = get_lr(vcpu, n);
		int other = (int)(lr >> 48 & 0xff);

		if (!(lr & LR_STATE))
			return n;
		if (!(lr & LR_ACTIVE) && other > priority) {
			victim = n;
			priority = other;
		}
	}
	return victim;
}

/* Somebody waits: hear of every list register that becomes free. */
static void set_overflow(struct arm_vcpu *vcpu)
{
	vcpu->vgic.overflow = true;
	for (unsigned n = 0; n < GIC_LRS; n++) {
		uint64_t lr = get_lr(vcpu, n);

		if (lr & LR_STATE && !(lr & LR_HW))
			set_lr(vcpu, n, lr | LR_EOI);
		if (vcpu->vgic.owner[n] != VGIC_INTIDS)
			vgic_irq(vcpu, vcpu->vgic.owner[n])->quick = false;
	}
	if (is_loaded(vcpu))
		gic_set_vhcr(VHCR_ENABLE | VHCR_UNDERFLOW);
}

static void place(struct arm_vcpu *vcpu, unsigned intid)
{
	struct vgic_irq *irq = vgic_irq(vcpu, intid);
	unsigned n = irq->lr;
	bool left_over = false;

	if (n != VGIC_NO_LR) {
		uint64_t lr = get_lr(vcpu, n);

		if (lr & LR_PENDING && irq->senders) {
			set_lr(vcpu, n, lr | LR_EOI);
			return;
		}
		irq->active |= (lr & LR_ACTIVE) != 0;
		if (lr & LR_PENDING)
			irq->latch = true;
	} else {
		n = find_lr(vcpu, irq->active ? -1 : irq->priority);
		if (n == VGIC_NO_LR) {
			wait(vcpu, intid);
			set_overflow(vcpu);
			return;
		}
		left_over = evict(vcpu, n);
	}
	fill(vcpu, intid, irq, n);
	if (left_over)
		set_overflow(vcpu);
}

void vgic_take_back(struct arm_vcpu *vcpu, unsigned intid)
{
	struct vgic_irq *irq = vgic_irq(vcpu, intid);
	unsigned n = irq->lr;
	uint64_t lr;

	if (n == VGIC_NO_LR)
		return;
	if (is_elsewhere(vcpu))
		vcpu_unload(vcpu);
	lr = get_lr(vcpu, n);
	set_lr(vcpu, n, 0);
	irq->lr = VGIC_NO_LR;
	irq->quick = false;
	vcpu->vgic.owner[n] = VGIC_INTIDS;
	irq->active = (lr & LR_ACTIVE) != 0;
	/* A level is pending by its line alone. */
	if (lr & LR_PENDING && (irq->edge || irq->hardware || intid < 16))
		irq->latch = true;
	if (lr & LR_PENDING && intid < 16 && gic.version == 2)
		irq->senders |= 1U << (lr >> 32 & 7);
	if (lr & LR_HW && !(lr & LR_STATE))
		irq->physical = false; /* the guest has ended it */
	vgic_settle(vcpu, intid);
}

void vgic_settle(struct arm_vcpu *vcpu, unsigned intid)
{
	struct vgic_irq *irq = vgic_irq(vcpu, intid);

	if (!irq->physical || irq->active || irq->latch)
		return;
	if (is_elsewhere(vcpu))
		vcpu_unload(vcpu); /* where it is active */
	irq->physical = false;
	if (is_loaded(vcpu) || intid >= VGIC_PRIVATE)
		gic_deactivate(intid);
}

void vgic_offer(struct arm_vcpu *vcpu, unsigned intid)
{
	struct vgic_irq *irq = vgic_irq(vcpu, intid);
	struct arm_vcpu *target = vgic_target(vcpu, intid);

	if (!irq->active && !deliverable(&vcpu->guest->vgic, irq))
		return;
	if (is_loaded(target))
		place(target, intid);
	else
		wait(target, intid);
}

static void refill(struct arm_vcpu *vcpu)
{
	vcpu->vgic.knocked = false;
	for (unsigned word = 0; word < VGIC_INTIDS / 32; word++) {
		uint32_t bits = vcpu->vgic.waiting[word];

		vcpu->vgic.waiting[word] = 0;
		for (; bits; bits &= bits - 1)
			vgic_offer(vcpu, word * 32 + (unsigned)__builtin_ctz(bits));
	}
}

void vgic_look(struct arm_vcpu *vcpu)
{
	if (vio_unlikely(vcpu->vgic.knocked))
		refill(vcpu);
}

void vgic_raise(struct arm_guest *guest, unsigned intid)
{
	struct vgic_irq *irq = &guest->vgic.spis[intid - VGIC_PRIVATE];
	struct arm_vcpu *target = &guest->vcpus[irq->target];

	trace_note(TRACE_INTERRUPT, &target->vcpu, intid, 0);
	if (irq->edge && !irq->line)
		irq->latch = true;
	irq->line = true;
	if (irq->quick && is_loaded(target))
		gic_set_lr(irq->lr, gic_lr(irq->lr) | LR_PENDING | LR_EOI);
	else
		vgic_offer(target, intid);
}

void vgic_lower(struct arm_guest *guest, unsigned intid)
{
	struct vgic_irq *irq = &guest->vgic.spis[intid - VGIC_PRIVATE];
	struct arm_vcpu *target = &guest->vcpus[irq->target];

	irq->line = false;
	if (irq->quick && is_loaded(target)) {
		gic_set_lr(irq->lr, gic_lr(irq->lr) & ~(LR_PENDING | LR_EOI));
	} else if (!irq->edge) {
		vgic_take_back(target, intid);
		vgic_offer(target, intid);
	}
}

/* Nothing is left of it, here or in the machine. */
static void end(struct arm_vcpu *vcpu, unsigned intid)
{
	struct vgic_irq *irq = vgic_irq(vcpu, intid);

	vgic_take_back(vgic_target(vcpu, intid), intid);
	irq->latch = false;
	irq->active = false;
	vgic_settle(vcpu, intid);
}

void vgic_pass(struct arm_guest *guest, unsigned intid, bool pass)
{
	gic_enable(intid, false);
	end(&guest->vcpus[0], intid);
	guest->vgic.spis[intid - VGIC_PRIVATE].hardware = pass;
}

void vgic_physical(struct arm_vcpu *vcpu, unsigned intid)
{
	struct vgic_irq *irq = vgic_irq(vcpu, intid);

	irq->physical = true;
	irq->latch = true;
	vgic_offer(vcpu, intid);
}

void vgic_maintenance(struct arm_vcpu *vcpu)
{
	uint32_t ended = gic_ended();

	vcpu->vgic.overflow = false;
	gic_set_vhcr(VHCR_ENABLE);
	for (unsigned n = 0; n < GIC_LRS; n++) {
		if (ended & 1U << n)
			evict(vcpu, n);
	}
	refill(vcpu);
}

/* The physical interrupt of a timer that the guest is at goes with the vCPU, for others have it
 * too.
 */
static void put_timer(struct arm_vcpu *vcpu, unsigned intid)
{
	if (vcpu->vgic.irqs[intid].physical)
		gic_set_active(intid, false);
}

void vgic_enable(unsigned intid, bool enable)
{
	struct arm_cpu *cpu = arm_cpu();
	uint32_t on = enable ? cpu->private_on | 1U << intid : cpu->private_on & ~(1U << intid);

	if (on == cpu->private_on)
		return;
	cpu->private_on = on;
	gic_enable(intid, enable);
}

static void load_timer(struct arm_vcpu *vcpu, unsigned intid)
{
	struct vgic_irq *irq = &vcpu->vgic.irqs[intid];

	if (irq->physical)
		gic_set_active(intid, true);
	vgic_enable(intid, irq->enabled);
}

void vgic_put(struct arm_vcpu *vcpu)
{
	gic_save(&vcpu->vgic.context);
	for (unsigned n = 0; n < GIC_LRS; n++) {
		uint64_t lr = vcpu->vgic.context.lr[n];

		/* What the guest has ended is not physically active any more. */
		if (lr & LR_HW && !(lr & LR_STATE))
			vgic_take_back(vcpu, vcpu->vgic.owner[n]);
	}
	put_timer(vcpu, GIC_PPI_VTIMER);
	put_timer(vcpu, GIC_PPI_PTIMER);
}

void vgic_load(struct arm_vcpu *vcpu)
{
	gic_restore(&vcpu->vgic.context);
	gic_set_vhcr(vcpu->vgic.overflow ? VHCR_ENABLE | VHCR_UNDERFLOW : VHCR_ENABLE);
	load_timer(vcpu, GIC_PPI_VTIMER);
	load_timer(vcpu, GIC_PPI_PTIMER);
	refill(vcpu);
}

bool vgic_pending(struct arm_vcpu *vcpu)
{
	for (unsigned n = 0; n < GIC_LRS; n++) {
		if (get_lr(vcpu, n) & LR_PENDING)
			return true;
	}
	for (unsigned word = 0; word < VGIC_INTIDS / 32; word++) {
		if (vcpu->vgic.waiting[word])
			return true;
	}
	return false;
}

static void reset_irq(struct vgic_irq *irq, unsigned intid)
{
	/* The level of its line is the device's, not ours to reset. */
	*irq = (struct vgic_irq){
		.lr = VGIC_NO_LR,
		.line = irq->line,
		.edge = intid < 16,
		.enabled = intid < 16 && gic.version == 2,
		.hardware = intid == GIC_PPI_VTIMER || intid == GIC_PPI_PTIMER ||
			    (intid >= VGIC_PRIVATE && irq->hardware),
	};
}

void vgic_clear(struct arm_guest *guest)
{
	guest->vgic.ctlr = 0;
	for (unsigned i = 0; i < VGIC_SPIS; i++)
		reset_irq(&guest->vgic.spis[i], VGIC_PRIVATE + i);
	for (unsigned i = 0; i < guest->guest.vcpu_count; i++) {
		struct vgic_cpu *cpu = &guest->vcpus[i].vgic;

		*cpu = (struct vgic_cpu){ 0 };
		for (unsigned n = 0; n < GIC_LRS; n++)
			cpu->owner[n] = VGIC_INTIDS;
		for (unsigned intid = 0; intid < VGIC_PRIVATE; intid++)
			reset_irq(&cpu->irqs[intid], intid);
	}
}

void vgic_reset(struct arm_guest *guest)
{
	for (unsigned i = 0; i < guest->guest.vcpu_count; i++) {
		struct arm_vcpu *vcpu = &guest->vcpus[i];

		for (unsigned intid = 16; intid < VGIC_PRIVATE; intid++)
			end(vcpu, intid);
	}
	for (unsigned i = 0; i < VGIC_SPIS; i++) {
		if (guest->vgic.spis[i].hardware)
			vgic_pass(guest, VGIC_PRIVATE + i, true);
	}
	vgic_clear(guest);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The distributor's arrays (GICv2: IHI 0048B, 4.3; GICv3: IHI 0069, 12.9 to 12.11). Nearly all of
 * its registers are arrays with a field of 1, 2, 8 or 64 bits for every interrupt, so a row of a
 * table says how wide, which accesses are allowed, and how one interrupt's field is got and set.
 * What is in no row, or is accessed in a width the row does not allow, reads as zero and ignores
 * writes.
 *
 * Before a register looks at or changes an interrupt, its state is taken back from the list
 * register, and afterwards the interrupt is offered again: these accesses are rare.
 */
#include "vgic_fields.h"

#define W8  1
#define W32 4
#define W64 8

/* Which version has a register. */
#define V2  1
#define V3  2

struct field {
	uint16_t offset;
	uint8_t bits;     /* of one interrupt */
	uint8_t widths;   /* allowed, W8, W32 and W64 */
	uint8_t versions; /* V2, V3 */
	bool ones;        /* zeros written mean nothing */
	uint64_t (*get)(struct arm_vcpu *vcpu, unsigned intid, struct vgic_irq *irq);
	void (*set)(struct arm_vcpu *vcpu, unsigned intid, struct vgic_irq *irq, uint64_t value);
};

static void set_enabled(struct arm_vcpu *vcpu, unsigned intid, struct vgic_irq *irq, bool enabled)
{
	irq->enabled = enabled;
	if (!irq->hardware)
		return;
	if (intid >= VGIC_PRIVATE)
		gic_enable(intid, enabled);
	else if (is_loaded(vcpu))
		vgic_enable(intid, enabled);
	else if (is_elsewhere(vcpu))
		vcpu_unload(vcpu); /* to be loaded with this */
}

static uint64_t get_group(struct arm_vcpu *vcpu, unsigned intid, struct vgic_irq *irq)
{
	return irq->group1;
}

static void write_group(struct arm_vcpu *vcpu, unsigned intid, struct vgic_irq *irq, uint64_t value)
{
	irq->group1 = value;
}

static uint64_t get_enable(struct arm_vcpu *vcpu, unsigned intid, struct vgic_irq *irq)
{
	return irq->enabled;
}

static void write_enable(struct arm_vcpu *vcpu, unsigned intid, struct vgic_irq *irq,
			 uint64_t value)
{
	if (value)
		set_enabled(vcpu, intid, irq, true);
}

static void write_disable(struct arm_vcpu *vcpu, unsigned intid, struct vgic_irq *irq,
			  uint64_t value)
{
	if (value && (intid >= 16 || gic.version == 3))
		set_enabled(vcpu, intid, irq, false);
}

static uint64_t get_pending(struct arm_vcpu *vcpu, unsigned intid, struct vgic_irq *irq)
{
	return irq->latch || (irq->line && !irq->edge);
}

/* GICv2's SGIs are set pending by GICD_SPENDSGIR, which names a sender. */
static bool banked_sgi(unsigned intid)
{
	return gic.version == 2 && intid < 16;
}

static void write_pend(struct arm_vcpu *vcpu, unsigned intid, struct vgic_irq *irq, uint64_t value)
{
	if (value && !banked_sgi(intid))
		irq->latch = true;
}

static void write_unpend(struct arm_vcpu *vcpu, unsigned intid, struct vgic_irq *irq,
			 uint64_t value)
{
	if (!value || banked_sgi(intid) || !irq->latch)
		return;
	irq->latch = false;
	vgic_settle(vcpu, intid);
}

static uint64_t get_active(struct arm_vcpu *vcpu, unsigned intid, struct vgic_irq *irq)
{
	return irq->active;
}

static void write_activate(struct arm_vcpu *vcpu, unsigned intid, struct vgic_irq *irq,
			   uint64_t value)
{
	/* The guest's EOI of an interrupt that is not active physically would end nothing. */
	if (value && !irq->hardware)
		irq->active = true;
}

static void write_deactivate(struct arm_vcpu *vcpu, unsigned intid, struct vgic_irq *irq,
			     uint64_t value)
{
	if (!value || !irq->active)
		return;
	irq->active = false;
	vgic_settle(vcpu, intid);
}

static uint64_t get_priority(struct arm_vcpu *vcpu, unsigned intid, struct vgic_irq *irq)
{
	return irq->priority;
}

static void write_priority(struct arm_vcpu *vcpu, unsigned intid, struct vgic_irq *irq,
			   uint64_t value)
{
	irq->priority = value & 0xf8; /* what a list register keeps */
}

static uint64_t get_config(struct arm_vcpu *vcpu, unsigned intid, struct vgic_irq *irq)
{
	return irq->edge ? 2 : 0;
}

static void write_config(struct arm_vcpu *vcpu, unsigned intid, struct vgic_irq *irq,
			 uint64_t value)
{
	if (intid >= VGIC_PRIVATE)
		irq->edge = (value & 2) != 0;
}

static uint64_t get_targets(struct arm_vcpu *vcpu, unsigned intid, struct vgic_irq *irq)
{
	return 1U << vgic_target(vcpu, intid)->vcpu.index;
}

/* One target is enough for the 1-of-N model: the lowest there is. */
static void write_targets(struct arm_vcpu *vcpu, unsigned intid, struct vgic_irq *irq,
			  uint64_t value)
{
	unsigned count = vcpu->guest->guest.vcpu_count;

	value &= (1U << count) - 1;
	if (intid >= VGIC_PRIVATE && value)
		irq->target = (uint8_t)__builtin_ctzll(value);
}

static uint64_t get_route(struct arm_vcpu *vcpu, unsigned intid, struct vgic_irq *irq)
{
	return vgic_target(vcpu, intid)->mpidr & 0xff00ffffff;
}

static void write_route(struct arm_vcpu *vcpu, unsigned intid, struct vgic_irq *irq, uint64_t value)
{
	struct arm_guest *guest = vcpu->guest;

	for (unsigned i = 0; i < guest->guest.vcpu_count; i++) {
		if (((guest->vcpus[i].mpidr ^ value) & 0xff00ffffff) == 0)
			irq->target = (uint8_t)i;
	}
}

static uint64_t get_senders(struct arm_vcpu *vcpu, unsigned intid, struct vgic_irq *irq)
{
	return intid < 16 ? irq->senders : 0;
}

static void clear_senders(struct arm_vcpu *vcpu, unsigned intid, struct vgic_irq *irq,
			  uint64_t value)
{
	if (intid < 16) {
		irq->senders &= (uint8_t)~value;
		irq->latch = irq->senders != 0;
	}
}

static void set_senders(struct arm_vcpu *vcpu, unsigned intid, struct vgic_irq *irq, uint64_t value)
{
	if (intid < 16) {
		irq->senders |= value & ((1U << vcpu->guest->guest.vcpu_count) - 1);
		irq->latch = irq->senders != 0;
	}
}

static const struct field fields[] = {
	/* offset, bits, widths, versions, write of ones only */
	{ 0x080, 1, W32, V3, false, get_group, write_group },
	{ 0x100, 1, W32, V2 | V3, true, get_enable, write_enable },
	{ 0x180, 1, W32, V2 | V3, true, get_enable, write_disable },
	{ 0x200, 1, W32, V2 | V3, true, get_pending, write_pend },
	{ 0x280, 1, W32, V2 | V3, true, get_pending, write_unpend },
	{ 0x300, 1, W32, V2 | V3, true, get_active, write_activate },
	{ 0x380, 1, W32, V2 | V3, true, get_active, write_deactivate },
	{ 0x400, 8, W8 | W32, V2 | V3, false, get_priority, write_priority },
	{ 0x800, 8, W8 | W32, V2, false, get_targets, write_targets },
	{ 0xc00, 2, W32, V2 | V3, false, get_config, write_config },
	{ 0xf10, 8, W8 | W32, V2, true, get_senders, clear_senders },
	{ 0xf20, 8, W8 | W32, V2, true, get_senders, set_senders },
	{ 0x6000, 64, W32 | W64, V3, false, get_route, write_route },
};

/* An access to the arrays: the row it falls into, and which interrupts it is about. */
struct span {
	const struct field *field;
	unsigned first;
	unsigned count;
	unsigned shift; /* of the access within a field wider than itself */
};

static struct span find_field(unsigned offset, unsigned width)
{
	struct span span = { 0 };

	if (offset & (width - 1))
		return span;
	for (unsigned i = 0; i < VIO_ARRAY_SIZE(fields); i++) {
		const struct field *field = &fields[i];
		unsigned within = offset - field->offset;

		if (offset < field->offset || within * 8 / field->bits >= VGIC_INTIDS)
			continue;
		if (!(field->versions & (gic.version == 3 ? V3 : V2)) || !(field->widths & width))
			break;
		span.field = field;
		span.first = within * 8 / field->bits;
		span.count = width * 8 > field->bits ? width * 8 / field->bits : 1;
		span.shift = within * 8 % field->bits;
		break;
	}
	return span;
}

/* GICv3 keeps a vCPU's own interrupts in its redistributor, GICv2 banks them in the distributor. */
static bool there(unsigned intid, bool redistributor)
{
	return gic.version == 2 || (intid < VGIC_PRIVATE) == redistributor;
}

static uint64_t field_mask(const struct field *field)
{
	return ~0ULL >> (64 - field->bits);
}

uint64_t vgic_read_fields(struct arm_vcpu *vcpu, unsigned offset, unsigned width,
			  bool redistributor)
{
	struct span span = find_field(offset, width);
	uint64_t value = 0;

	for (unsigned i = 0; i < span.count; i++) {
		unsigned intid = span.first + i;

		if (!there(intid, redistributor))
			continue;
		vgic_take_back(vgic_target(vcpu, intid), intid);
		value |= span.field->get(vcpu, intid, vgic_irq(vcpu, intid)) >>
			 span.shift << i * span.field->bits;
		vgic_offer(vcpu, intid);
	}
	return value;
}

void vgic_write_fields(struct arm_vcpu *vcpu, unsigned offset, unsigned width, uint64_t value,
		       bool redistributor)
{
	struct span span = find_field(offset, width);

	for (unsigned i = 0; i < span.count; i++) {
		const struct field *field = span.field;
		unsigned intid = span.first + i;
		struct vgic_irq *irq = vgic_irq(vcpu, intid);
		uint64_t part = value >> i * field->bits & field_mask(field);

		if (!there(intid, redistributor) || (field->ones && !part))
			continue;
		vgic_take_back(vgic_target(vcpu, intid), intid);
		if (width * 8 < field->bits) { /* one half of it */
			uint64_t mask = (~0ULL >> (64 - width * 8)) << span.shift;

			part = (field->get(vcpu, intid, irq) & ~mask) | (part << span.shift & mask);
		}
		field->set(vcpu, intid, irq, part);
		vgic_offer(vcpu, intid);
	}
}

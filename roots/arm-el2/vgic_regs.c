/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The distributor's registers (GICv2: IHI 0048B, 4.3; GICv3: IHI 0069, 12.9 to 12.11). Nearly all
 * are arrays with a field of 1, 2, 8 or 64 bits for every interrupt, so a row of a table says how
 * wide, which accesses are allowed, and how one interrupt's field is got and set. What is in no
 * row, or is accessed in a width the row does not allow, reads as zero and ignores writes.
 *
 * Before a register looks at or changes an interrupt, its state is taken back from the list
 * register, and afterwards the interrupt is offered again: these accesses are rare.
 */
#include "vio_board.h"
#include "mmu.h"
#include "stage2.h"
#include "vcpu.h"
#include "vgic.h"

#define GICD_CTLR            0x000
#define GICD_TYPER           0x004
#define GICD_IIDR            0x008
#define GICD_SGIR            0xf00
#define GICD_PIDR2_V2        0xfe8
#define GICD_PIDR2_V3        0xffe8
#define GICR_IIDR            0x004
#define GICR_TYPER           0x008

#define IIDR                 0x43b      /* Arm */
#define TYPER_IDS            (9U << 19) /* GICv3: ten bits of interrupt number */
#define CTLR_GROUPS          3U
#define CTLR_V3              0x50U /* one security state, affinity routing: both fixed */

#define REDISTRIBUTOR_STRIDE 0x20000
#define REDISTRIBUTOR_SGIS   0x10000

#define GICV_SIZE            0x2000 /* with GICV_DIR in its second page */

#define W8                   1
#define W32                  4
#define W64                  8

/* Which version has a register. */
#define V2                   1
#define V3                   2

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
	if (irq->hardware && vcpu == loaded)
		gic_enable(intid, enabled);
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
	vgic_settle(irq, intid);
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
	vgic_settle(irq, intid);
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

static uint64_t read_fields(struct arm_vcpu *vcpu, unsigned offset, unsigned width,
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

static void write_fields(struct arm_vcpu *vcpu, unsigned offset, unsigned width, uint64_t value,
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

static void write_ctlr(struct arm_vcpu *vcpu, uint32_t value)
{
	struct arm_guest *guest = vcpu->guest;

	guest->vgic.ctlr = value & (gic.version == 3 ? CTLR_GROUPS : 1);
	for (unsigned i = 0; i < guest->guest.vcpu_count; i++) {
		for (unsigned intid = 0; intid < VGIC_INTIDS; intid++) {
			if (intid >= VGIC_PRIVATE && i > 0)
				break;
			vgic_take_back(vgic_target(&guest->vcpus[i], intid), intid);
			vgic_offer(&guest->vcpus[i], intid);
		}
	}
}

/* Software generated interrupt `intid` for each vCPU in `targets`. */
static void send(struct arm_vcpu *from, unsigned intid, unsigned targets)
{
	struct arm_guest *guest = from->guest;

	for (unsigned i = 0; i < guest->guest.vcpu_count; i++) {
		struct vgic_irq *irq = vgic_irq(&guest->vcpus[i], intid);

		if (!(targets & 1U << i))
			continue;
		irq->latch = true;
		if (gic.version == 2)
			irq->senders |= (uint8_t)(1U << from->vcpu.index);
		vgic_offer(&guest->vcpus[i], intid);
	}
}

static void write_sgir(struct arm_vcpu *vcpu, uint32_t value)
{
	unsigned self = 1U << vcpu->vcpu.index;

	switch (value >> 24 & 3) {
	case 0:
		send(vcpu, value & 15, value >> 16 & 0xff);
		break;
	case 1:
		send(vcpu, value & 15, ~self);
		break;
	case 2:
		send(vcpu, value & 15, self);
		break;
	}
}

void vgic_sgi1r(struct arm_vcpu *vcpu, uint64_t value)
{
	struct arm_guest *guest = vcpu->guest;
	uint64_t cluster =
		(value >> 16 & 0xff) << 8 | (value >> 32 & 0xff) << 16 | (value >> 48 & 0xff) << 32;
	unsigned range = (value >> 44 & 15) * 16;
	bool others = value >> 40 & 1;
	unsigned targets = 0;

	for (unsigned i = 0; i < guest->guest.vcpu_count; i++) {
		uint64_t affinity = guest->vcpus[i].mpidr & 0xff00ffffff;
		unsigned cpu = affinity & 0xff;

		if (others ? &guest->vcpus[i] != vcpu
			   : (affinity & ~0xffULL) == cluster && cpu >= range && cpu - range < 16 &&
				     value >> (cpu - range) & 1)
			targets |= 1U << i;
	}
	send(vcpu, value >> 24 & 15, targets);
}

static uint64_t distributor_read(void *owner, struct vcpu *common, uint64_t offset, unsigned width)
{
	struct arm_vcpu *vcpu = arm_vcpu(common);
	unsigned lines = VGIC_INTIDS / 32 - 1;

	if (width == 4) {
		switch (offset) {
		case GICD_CTLR:
			return vcpu->guest->vgic.ctlr | (gic.version == 3 ? CTLR_V3 : 0);
		case GICD_TYPER:
			return gic.version == 3 ? lines | TYPER_IDS
						: lines | (common->guest->vcpu_count - 1) << 5;
		case GICD_IIDR:
			return IIDR;
		case GICD_PIDR2_V2:
			return gic.version == 2 ? 0x2b : 0;
		case GICD_PIDR2_V3:
			return gic.version == 3 ? 0x3b : 0;
		}
	}
	return read_fields(vcpu, (unsigned)offset, width, false);
}

static void distributor_write(void *owner, struct vcpu *common, uint64_t offset, unsigned width,
			      uint64_t value)
{
	struct arm_vcpu *vcpu = arm_vcpu(common);

	if (offset == GICD_CTLR && width == 4)
		write_ctlr(vcpu, (uint32_t)value);
	else if (offset == GICD_SGIR && width == 4 && gic.version == 2)
		write_sgir(vcpu, (uint32_t)value);
	else
		write_fields(vcpu, (unsigned)offset, width, value, false);
}

/* The redistributor `offset` falls into, whoever asks. */
static struct arm_vcpu *redistributor_of(struct vcpu *vcpu, uint64_t offset)
{
	return &arm_vcpu(vcpu)->guest->vcpus[offset / REDISTRIBUTOR_STRIDE];
}

static uint64_t redistributor_typer(struct arm_vcpu *vcpu)
{
	uint64_t mpidr = vcpu->mpidr;
	bool last = vcpu->vcpu.index + 1 == vcpu->vcpu.guest->vcpu_count;

	return (mpidr >> 32 & 0xff) << 56 | (mpidr & 0xffffff) << 32 |
	       (uint64_t)vcpu->vcpu.index << 8 | (last ? 1U << 4 : 0);
}

static uint64_t redistributor_read(void *owner, struct vcpu *asking, uint64_t offset,
				   unsigned width)
{
	struct arm_vcpu *vcpu = redistributor_of(asking, offset);

	offset %= REDISTRIBUTOR_STRIDE;
	if (offset >= REDISTRIBUTOR_SGIS)
		return read_fields(vcpu, (unsigned)offset - REDISTRIBUTOR_SGIS, width, true);
	switch (offset) {
	case GICR_IIDR:
		return width == 4 ? IIDR : 0;
	case GICR_TYPER:
		return width >= 4 ? redistributor_typer(vcpu) : 0;
	case GICR_TYPER + 4:
		return width == 4 ? redistributor_typer(vcpu) >> 32 : 0;
	case GICD_PIDR2_V3:
		return width == 4 ? 0x3b : 0;
	default:
		return 0;
	}
}

static void redistributor_write(void *owner, struct vcpu *asking, uint64_t offset, unsigned width,
				uint64_t value)
{
	struct arm_vcpu *vcpu = redistributor_of(asking, offset);

	offset %= REDISTRIBUTOR_STRIDE;
	if (offset >= REDISTRIBUTOR_SGIS)
		write_fields(vcpu, (unsigned)offset - REDISTRIBUTOR_SGIS, width, value, true);
}

static const struct region_ops distributor_ops = {
	.read = distributor_read,
	.write = distributor_write,
};
static const struct region_ops redistributor_ops = {
	.read = redistributor_read,
	.write = redistributor_write,
};

bool vgic_init(struct arm_guest *guest)
{
	const struct vio_board *board = &vio_board_arm;
	struct vgic *vgic = &guest->vgic;

	vgic->distributor = (struct region){
		.base = board->gic_distributor.base,
		.size = board->gic_distributor.size,
		.ops = &distributor_ops,
	};
	vgic_clear(guest);
	if (!space_add(&guest->guest.space, &vgic->distributor))
		return false;
	if (gic.version == 2)
		return stage2_map(guest, board->gicv2_cpu.base, gic.guest_cpu, GICV_SIZE,
				  STAGE2_DEVICE);
	vgic->redistributor = (struct region){
		.base = board->gicv3_redistributors.base,
		.size = (uint64_t)REDISTRIBUTOR_STRIDE * guest->guest.vcpu_count,
		.ops = &redistributor_ops,
	};
	return space_add(&guest->guest.space, &vgic->redistributor);
}

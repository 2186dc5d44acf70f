/* SPDX-License-Identifier: BSD-2-Clause */
/* Distributor and, for GICv3, redistributors as register banks; vgic_fields.c has the arrays. */
#include "mmu.h"
#include "stage2.h"
#include "vgic_fields.h"
#include "vio_board.h"

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
	return vgic_read_fields(vcpu, (unsigned)offset, width, false);
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
		vgic_write_fields(vcpu, (unsigned)offset, width, value, false);
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
		return vgic_read_fields(vcpu, (unsigned)offset - REDISTRIBUTOR_SGIS, width, true);
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
		vgic_write_fields(vcpu, (unsigned)offset - REDISTRIBUTOR_SGIS, width, value, true);
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

	*vgic = (struct vgic){ 0 };
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

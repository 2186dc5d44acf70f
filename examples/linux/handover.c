/* SPDX-License-Identifier: BSD-2-Clause */
#include "handover.h"

#include "machine.h"
#include "options.h"
#include "root.h"
#include "text.h"
#include "vio_mmio_state.h"

static struct vio_mmio *slot;
static struct vio_blk *devices; /* two */
static struct virtio_blk *disk;
static unsigned long interval; /* interrupts; 0: never */
static unsigned long interrupts;
static unsigned long count;

void handover_init(struct vio_mmio *in, struct vio_blk both[2], struct virtio_blk *behind)
{
	const char *value;
	char *end;

	if (!options_find(machine.bootargs, "handover", &value))
		return;
	interval = strtoul(value, &end, 10);
	if (!interval)
		root_fatal("handover= is no number of interrupts");
	slot = in;
	devices = both;
	disk = behind;
}

static void hand_over(struct vio_device *from, struct vio_blk *to)
{
	static uint8_t state[VIO_MMIO_STATE_BYTES(VIO_BLK_QUEUES, VIO_BLK_STATE)];
	const struct vio_memory *memory = from->memory;
	enum vio_state_error error = vio_mmio_save(slot, state, sizeof(state));

	if (error == VIO_STATE_OK) {
		vio_mmio_detach(slot);
		vio_blk_init(to, &disk->backend, &disk->disk);
		vio_mmio_attach(slot, &to->device, memory);
		error = vio_mmio_restore(slot, state, sizeof(state));
	}
	if (error != VIO_STATE_OK)
		root_fatal("the disk is not handed over: %s", vio_state_error_text(error));
}

void handover_step(void)
{
	interrupts++;
	/* While requests are with the disk, each of its interrupts may be the one to wait for. */
	if (!interval || interrupts < interval || !vio_device_pause(slot->device))
		return;
	hand_over(slot->device, &devices[slot->device == &devices[0].device]);
	interrupts = 0;
	count++;
}

void handover_report(void)
{
	if (interval)
		root_print("vio-root: the disk was handed over %lu times\n", count);
}

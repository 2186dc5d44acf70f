/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two guests, stock Linux both. `driver` has the machine's disk: its virtio-mmio transport and
 * interrupt are passed through, and its own kernel's driver drives it. `client` has an ordinary
 * block device, which the root serves by asking a program in `driver` (remote_disk.h). The machine
 * ends with `client`. README.md says what this protects against.
 *
 *	lives=N		`driver` is killed and made anew until it has lived N times,
 *	life=TICKS	each of them so long after it has begun to serve the disk
 *	patience=N	seconds that it may take for an answer (30)
 */
#include "board.h"
#include "cpio.h"
#include "doorbell.h"
#include "hardware.h"
#include "kit.h"
#include "machine.h"
#include "options.h"
#include "remote_disk.h"
#include "root.h"
#include "system.h"
#include "vcpu.h"
#include "vio_console_ports.h"

#define MIB          UINT64_C(0x100000)
#define RAM          (160 * MIB)
#define BUFFER       0x20000000         /* guest-physical */
#define SECOND       UINT64_C(62500000) /* ticks of QEMU's counter */
#define PAGE         4096
#define WINDOW_TAKEN BOARD_DIRECT_SLOTS /* of the machine's: a guest's own window is there */

struct member {
	struct arm_vcpu vcpus[1];
	struct arm_guest guest;
	struct kit kit;
	struct board_program program;
};

static struct member driver, client;
static struct doorbell bell;
static struct region buffer = { .base = BUFFER, .size = sizeof(struct remote_disk_ring) };
static struct remote_disk remote;
static struct pass transport;
static struct vio_board_node transport_node;
static uint64_t lives, life;

void system_console(const struct machine_device *uart)
{
	hardware_console(uart);
}

/* ---- The disk between the guests ---- */

static struct sched_entity reaper;

static void heard(struct doorbell_end *end)
{
	bool served = remote.connected;

	(void)end;
	remote_disk_heard(&remote);
	if (!served && remote.connected && lives > 1)
		sched_block(&reaper, arch_now() + life);
}

/*
 * Debian's kernel has no driver that would hand the doorbell's interrupt to a program. So the bell
 * rings by a stream of a console device, too: reading it returns a byte when it has rung.
 */
static struct vio_console_ports stream;
static bool rung;

static uint32_t read_ring(struct vio_console_backend *backend, uint8_t *to, uint32_t len)
{
	(void)backend;
	if (!rung || len == 0)
		return 0;
	rung = false;
	*to = 0;
	return 1;
}

static uint32_t ignore(struct vio_console_backend *backend, const uint8_t *data, uint32_t len)
{
	(void)backend;
	(void)data;
	return len;
}

static void add_stream(struct guest *guest)
{
	static struct vio_console_backend backend = { .write = ignore, .read = read_ring };
	static const struct vio_console_port_info info = { .backend = &backend,
							   .name = "doorbell" };

	rung = false;
	vio_console_ports_init(&stream, &info, false);
	board_attach(guest, VIO_BOARD_SLOT_FREE, &stream.device);
}

static void ring(struct remote_disk *disk)
{
	(void)disk;
	doorbell_ring(&bell.ends[1]);
	rung = true;
	vio_console_port_input_ready(&stream, 0);
}

static void resized(struct remote_disk *disk)
{
	root_print("vio-root: the disk that %s serves has %lu MiB\n", driver.guest.guest.name,
		   disk->disk.capacity * VIO_BLK_SECTOR / MIB);
	vio_blk_resize(&client.kit.blk, disk->disk.capacity);
}

static void sync_ring(void *start, uint64_t size)
{
	arch_clean(start, size);
}

static void demand(const char *name, const char *error)
{
	if (error)
		root_fatal("guest %s: %s", name, error);
}

static void demand_ok(const char *name, enum guest_error error)
{
	demand(name, error == GUEST_OK ? NULL : guest_error_text(error));
}

static void init_remote(void)
{
	demand_ok("driver", guest_share(&buffer));
	remote.ring = arch_pointer(buffer.physical);
	remote.bell = ring;
	remote.resized = resized;
	remote.sync = sync_ring;
	remote_disk_init(&remote);
	doorbell_attach_root(&bell, 1, heard);
}

/* ---- The machine's disk ---- */

static void find_transport(void)
{
	static const char compatible[] = "virtio,mmio";
	struct vio_driver found;
	int slot = virtio_find(hardware_window(), VIO_ID_BLK, WINDOW_TAKEN, &found);
	uint64_t base = machine.virtio.base + (uint64_t)slot * machine.virtio_stride;

	if (slot < 0)
		root_fatal("there is no disk on a transport from %u on: give QEMU's disk "
			   "bus=virtio-mmio-bus.31",
			   WINDOW_TAKEN);
	transport = (struct pass){
		.name = "the disk's transport",
		.registers = {
			.base = base & ~(uint64_t)(PAGE - 1),
			.size = PAGE,
			.physical = base & ~(uint64_t)(PAGE - 1),
		},
		.intid = machine.virtio.intid + (unsigned)slot,
		.quiesce = hardware_quiet_virtio,
	};
	transport_node = (struct vio_board_node){
		.name = "virtio_mmio",
		.compatible = compatible,
		.compatible_size = sizeof(compatible),
		.reg = { { base, machine.virtio_stride } },
		.intid = transport.intid,
		.coherent = true,
	};
}

/* ---- Guests ---- */

static struct member *member_of(struct guest *guest)
{
	return VIO_CONTAINER_OF(arm_guest(guest), struct member, guest);
}

static bool load(struct guest *guest, struct guest_entry *entry)
{
	return board_load(guest, &member_of(guest)->program, entry);
}

/* What it has been asked is not its to answer any more. */
static bool quiesce(struct guest *guest)
{
	if (guest == &driver.guest.guest)
		remote_disk_reset(&remote);
	return board_quiesce(guest);
}

static void make_driver(void);

static void over(struct guest *guest)
{
	kit_end(kit_of(guest));
	if (guest == &client.guest.guest)
		root_power_off();
	root_print("vio-root: guest %s is over\n", guest->name);
	if (guest->state == GUEST_NONE) {
		lives--;
		make_driver();
	}
}

static const struct guest_ops ops = { .load = load, .quiesce = quiesce, .over = over };

static struct cpio_file find(const char *name)
{
	bool damaged;
	struct cpio_file file =
		cpio_find(arch_pointer(machine.bundle), machine.bundle_size, name, &damaged);

	if (!file.data)
		root_fatal("the bundle has no member `%s`", name);
	return file;
}

static void make(struct member *member, const struct kit_plan *plan, const char *initrd)
{
	struct guest *guest = &member->guest.guest;

	member->guest.vcpus = member->vcpus;
	demand(plan->name, kit_make(&member->kit, guest, plan, &ops));
	guest->policy = GUEST_ABORT;
	guest->restart_on_reset = true;
	member->program.kernel = find("kernel");
	member->program.initrd = find(initrd);
	member->program.bootargs = "console=hvc0 quiet panic=-1";
}

static void make_driver(void)
{
	static const struct kit_plan plan = {
		.name = "driver",
		.number = 1,
		.vcpus = 1,
		.ram = RAM,
		.direct = true,
		.terminal = &hardware.terminal,
	};
	struct guest *guest = &driver.guest.guest;

	make(&driver, &plan, "driver");
	add_stream(guest);
	demand_ok(guest->name, guest_pass(guest, &transport));
	demand_ok(guest->name, board_describe(guest, &transport_node));
	demand_ok(guest->name, board_add_doorbell(guest, 0, &bell, 0, &buffer, "disk"));
	demand_ok(guest->name, guest_start(guest));
}

static void make_client(void)
{
	static const struct kit_plan plan = {
		.name = "client",
		.number = 2,
		.vcpus = 1,
		.ram = RAM,
		.terminal = &hardware.terminal,
		.disk = &remote.backend,
		.disk_says = &remote.disk,
	};

	make(&client, &plan, "client");
	terminal_attach(&client.kit.client);
	demand_ok(plan.name, guest_start(&client.guest.guest));
}

/* ---- Time ---- */

static uint64_t number_option(const char *name, uint64_t otherwise)
{
	const char *value;

	return options_find(machine.bootargs, name, &value) ? options_size(value) : otherwise;
}

static void reap(struct sched_entity *task)
{
	sched_block(task, SCHED_NEVER);
	guest_kill(&driver.guest.guest);
}

static struct sched_entity clock;
static uint32_t patience;

static void second(struct sched_entity *task)
{
	remote_disk_tick(&remote, patience);
	sched_block(task, arch_now() + SECOND);
}

static void start_task(struct sched_entity *task, void (*run)(struct sched_entity *task),
		       uint64_t wake_at)
{
	*task = (struct sched_entity){ .priority = 2, .slice = SCHED_NEVER / 4, .run = run };
	sched_add(&sched, task);
	sched_block(task, wake_at);
}

void system_main(void)
{
	lives = number_option("lives", 1);
	life = number_option("life", 0);
	patience = (uint32_t)number_option("patience", 30);
	start_task(&reaper, reap, SCHED_NEVER);
	start_task(&clock, second, arch_now() + SECOND);
	hardware_terminal();
	find_transport();
	init_remote();
	make_client();
	make_driver();
	root_run();
}

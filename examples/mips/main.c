/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Linux, and bare-metal guests beside it, on the MIPS root. The machine has a UART and nothing
 * else; all that is behind the guests' other devices is the host's, by UHI. Options, as arguments
 * to the root, before ` -- ` and Linux' own command line:
 *
 *	bundle=FILE		cpio archive with `kernel`, `initrd` (may be none), and
 *				`other` for guests 2 and up
 *	ram=SIZE hz=N		of the machine; the rate of the core's Count
 *	cpu=te|vz		which back-end
 *	mem=SIZE		Linux' RAM, 128M by default
 *	disk=FILE		the disk; none by default
 *	disk=ram:SIZE		a RAM disk in its place
 *	read-only		the disk cannot be written, though the file can
 *	disk-delay=TICKS	the disks answer so much later, while their guests go on
 *	rng=off|fixed|RATE	no entropy; or the same numbers in every run; or so many bytes a
 *				second for Linux
 *	console=COLSxROWS	size of Linux' terminal, in characters
 *	port=NAME		a second port of its console, by that name, which gives back what is
 *				sent to it
 *	virtio=packed|split|legacy
 *				the best that Linux' slots offer: packed rings, as by default, split
 *				ones, or virtio-mmio version 1 for legacy drivers
 *	virtio-slots=N,N...	these slots only are as virtio= says; all by default
 *	address=A.B.C.D/N	a network with the root on it, its IP address, and the bits of its
 *				net; none by default
 *	echo			the root sends back what it gets by TCP there, on port 7
 *	log=FILE		a second console for Linux: what is sent there goes to this file
 *	rom=FILE		all guests find it at 0x1fc00000, and cannot write it
 *	policy=stop|abort	an access to nothing ends Linux, or it gets a bus error, as by
 *				default
 *	reset=restart		what a guest's reset does: start again, or end, as by default
 *	fixed[=K]		all guests' memory, or guest K's, is mapped at start, for good
 *	bell[=cause]		a doorbell between guests 1 and 2, or, if there is no second, both
 *				ends of it for the first; `cause`: acknowledged in Cause
 *	others=N		bare-metal guests, up to 3
 *	guestK=A,B...		the command line of guest K, from 2: A B ...
 *	restarts=N		fatal errors that each of them survives
 *	eic[=K]			all guests, or guest K, are shown an external interrupt controller
 *	exits			at the end, says why Linux came to the root, and how often
 *	quiet			say nothing unless something is wrong
 */
#include <inttypes.h>

#include "csprng.h"
#include "device_options.h"
#include "file_console.h"
#include "host_calls.h"
#include "host_disk.h"
#include "kit.h"
#include "loopback.h"
#include "network.h"
#include "ns16550.h"
#include "options.h"
#include "pages.h"
#include "root.h"
#include "system.h"
#include "text.h"
#include "uhi.h"
#include "vcpu.h"

#define MIB           UINT64_C(0x100000)
#define MEM_USUAL     (128 * MIB)
#define OTHER_MEM     (4 * MIB)
#define UART_SHIFT    3
#define OTHERS_MAX    3
#define ARGUMENTS_MAX 120
#define NAME_MAX      HOST_NAME_MAX

static struct one {
	struct mips_vcpu vcpus[1];
	struct mips_guest guest;
	struct kit kit;
	struct host_disk disk;
	struct sched_entity disk_task; /* with disk-delay= */
	struct host_calls calls;
	char name[16];
	char arguments[ARGUMENTS_MAX];
} linux, others[OTHERS_MAX];

static struct cpio_file kernel, initrd, other;
static bool quiet;
static unsigned alive;

static const char *option(const char *name)
{
	const char *value;

	return options_find(machine.bootargs, name, &value) ? value : NULL;
}

static uint64_t number_option(const char *name, uint64_t otherwise)
{
	const char *value = option(name);

	return value ? options_size(value) : otherwise;
}

/* An option's value as a string; NULL: there is no such option. */
static const char *word_option(const char *name, char *to, size_t size)
{
	const char *value = option(name);
	size_t len = 0;

	if (!value)
		return NULL;
	for (; value[len] && value[len] != ' '; len++) {
		if (len == size - 1)
			root_fatal("%s= is longer than %u characters", name, (unsigned)size - 1);
		to[len] = value[len];
	}
	to[len] = '\0';
	return to;
}

/* ---- The machine's UART ---- */

static struct ns16550 uart;
static struct terminal terminal;

static void put(char c)
{
	ns16550_write(&uart, &c, 1);
}

static void put_terminal(char c)
{
	terminal_root(&terminal, c);
}

static void input_ready(void *user)
{
	terminal_input_ready(&terminal);
}

static void output_ready(void *user)
{
	terminal_output_ready(&terminal);
}

static void uart_interrupt(void *owner)
{
	ns16550_interrupt(&uart);
}

void system_console(const struct machine_device *device)
{
	ns16550_init(&uart, to_registers(device->base), UART_SHIFT);
	root_set_console(put);
}

static void start_uart(void)
{
	terminal.line = &uart.backend;
	root_set_console(put_terminal);
	uart.input_ready = input_ready;
	uart.output_ready = output_ready;
	irq_attach(machine.uart.intid, uart_interrupt, NULL);
}

static void add_task(struct sched_entity *task, void (*run)(struct sched_entity *task))
{
	*task = (struct sched_entity){
		.priority = 1,
		.partition = SCHED_ROOT,
		.slice = arch_frequency() / 100,
		.run = run,
	};
	sched_add(&sched, task);
}

/* ---- What the host has ---- */

static uint64_t pages_of(uint64_t size)
{
	return (size + PAGE_SIZE - 1) & ~(uint64_t)(PAGE_SIZE - 1);
}

/* Whole, with zeroes up to the end of its last page. */
static struct cpio_file read_file(const char *called, const char *name)
{
	int64_t handle = uhi_files.open(name, HOST_READ);
	int64_t size;
	uint64_t at;

	if (handle < 0)
		root_fatal("%s=%s: %s", called, name, host_error_text(handle));
	size = uhi_files.size(handle);
	at = pages_take((uint64_t)size, PAGE_SIZE);
	if (size <= 0 || at == PAGES_NONE)
		root_fatal("%s=%s: there is no memory for it", called, name);
	memset(to_virtual(at + (uint64_t)size), 0, pages_of((uint64_t)size) - (uint64_t)size);
	if (uhi_files.seek(handle, 0) < 0 ||
	    uhi_files.read(handle, to_virtual(at), (uint64_t)size) != size)
		root_fatal("%s=%s cannot be read", called, name);
	uhi_files.close(handle);
	return (struct cpio_file){ .data = to_virtual(at), .size = (size_t)size };
}

static void read_bundle(void)
{
	char name[NAME_MAX + 1];
	struct cpio_file file;
	bool damaged;

	if (!word_option("bundle", name, sizeof(name)))
		root_fatal("there is no bundle= with a kernel");
	file = read_file("bundle", name);
	kernel = cpio_find(file.data, file.size, "kernel", &damaged);
	if (damaged)
		root_fatal("bundle=%s is no cpio archive of the newc format, or is cut short",
			   name);
	initrd = cpio_find(file.data, file.size, "initrd", &damaged);
	other = cpio_find(file.data, file.size, "other", &damaged);
}

static struct region rom = { .base = 0x1fc00000, .kind = REGION_ROM };

static void read_rom(void)
{
	char name[NAME_MAX + 1];
	struct cpio_file file;

	if (!word_option("rom", name, sizeof(name)))
		return;
	file = read_file("rom", name);
	rom.physical = to_physical(file.data);
	rom.size = pages_of(file.size);
}

static enum guest_error add_rom(struct guest *guest)
{
	return rom.size ? guest_add(guest, &rom) : GUEST_OK;
}

static void wait_for_disk(struct host_disk *disk)
{
	struct one *one = VIO_CONTAINER_OF(disk, struct one, disk);

	sched_block(&one->disk_task, arch_now() + number_option("disk-delay", 0));
}

static void serve_disk(struct sched_entity *task)
{
	struct one *one = VIO_CONTAINER_OF(task, struct one, disk_task);

	sched_block(task, SCHED_NEVER);
	if (host_disk_serve(&one->disk))
		wait_for_disk(&one->disk);
}

static void delay_disk(struct one *one)
{
	add_task(&one->disk_task, serve_disk);
	one->disk.later = wait_for_disk;
}

/* The disk that an option names, if it is there. */
static void add_disk(const char *called, struct one *one, struct kit_plan *plan)
{
	struct host_disk *disk = &one->disk;
	char name[NAME_MAX + 1];
	int64_t error;

	if (!word_option(called, name, sizeof(name)))
		return;
	error = host_disk_init(disk, &uhi_files, name);
	if (error < 0)
		root_fatal("%s=%s: %s", called, name, host_error_text(error));
	if (option("disk-delay"))
		delay_disk(one);
	if (option("read-only"))
		disk->disk.read_only = true;
	plan->disk = &disk->backend;
	plan->disk_says = &disk->disk;
}

/* Linux': a file's, or in memory. */
static void add_linux_disk(struct kit_plan *plan)
{
	static struct vio_ramdisk ramdisk;
	static struct vio_blk_disk says;

	if (!device_options_ramdisk(&ramdisk, &says)) {
		add_disk("disk", &linux, plan);
		return;
	}
	plan->disk = &ramdisk.backend;
	plan->disk_says = &says;
}

static struct file_console log;
static struct vio_console log_console;

static void add_log(struct guest *guest)
{
	char name[NAME_MAX + 1];
	const char *bad;
	int64_t error;

	if (!word_option("log", name, sizeof(name)))
		return;
	error = file_console_open(&log, &uhi_files, name, NULL, &bad);
	if (error < 0)
		root_fatal("log=%s: %s", name, host_error_text(error));
	vio_console_init(&log_console, &log.backend, 0, 0);
	board_attach(guest, VIO_BOARD_SLOT_FREE, &log_console.device);
}

static struct csprng csprng;

/* Once more; a host without such a file has given it once. */
static void seed(struct csprng *wanting)
{
	uint8_t bytes[CSPRNG_SEED];
	int64_t handle = uhi_files.open("/dev/urandom", HOST_READ);

	if (handle < 0)
		return;
	if (uhi_files.read(handle, bytes, sizeof(bytes)) == sizeof(bytes))
		csprng_seed(wanting, bytes, sizeof(bytes));
	uhi_files.close(handle);
}

static struct vio_entropy *start_entropy(void)
{
	static const uint8_t no_secret[CSPRNG_SEED];
	const char *value = option("rng");

	if (value && options_is(value, "off"))
		return NULL;
	if (value && options_is(value, "fixed")) {
		csprng_init(&csprng, NULL);
		csprng_seed(&csprng, no_secret, sizeof(no_secret));
	} else {
		csprng_init(&csprng, seed);
		seed(&csprng);
	}
	return csprng.seeded ? &csprng.source : NULL;
}

static struct vio_entropy *entropy;
static struct vio_switch *lan;

/* Linux' allowance comes by the second. */
static struct sched_entity rng_task;
static uint32_t rng_rate;

static void refill_rng(struct sched_entity *task)
{
	sched_block(task, arch_now() + arch_frequency());
	vio_rng_refill(&linux.kit.rng, rng_rate);
}

static void limit_rng(struct kit_plan *plan)
{
	rng_rate = device_options_rng_rate();
	plan->entropy_limit = rng_rate;
	if (!rng_rate)
		return;
	add_task(&rng_task, refill_rng);
	sched_block(&rng_task, arch_now() + arch_frequency());
}

static uint32_t random_number(void)
{
	uint32_t number = (uint32_t)arch_now();

	if (csprng.seeded)
		csprng.source.fill(&csprng.source, &number, sizeof(number));
	return number;
}

/* ---- Guests ---- */

static struct one *one_of(struct guest *guest)
{
	return VIO_CONTAINER_OF(mips_guest(guest), struct one, guest);
}

static bool load(struct guest *guest, struct guest_entry *entry)
{
	static uint8_t secret[64];
	bool is_linux = guest == &linux.guest.guest;
	struct board_program program = {
		.kernel = is_linux ? kernel : other,
		.bootargs = is_linux ? options_guest(machine.bootargs) : one_of(guest)->arguments,
	};

	host_calls_init(&one_of(guest)->calls, &uhi_files);
	if (is_linux)
		program.initrd = initrd;
	if (is_linux && csprng.seeded) {
		program.seed_size = csprng.source.fill(&csprng.source, secret, sizeof(secret));
		program.seed = secret;
	}
	return board_load(guest, &program, entry);
}

static void over(struct guest *guest)
{
	kit_end(one_of(guest)->kit.guest ? &one_of(guest)->kit : NULL);
	host_calls_reset(&one_of(guest)->calls);
	if (guest == &linux.guest.guest && log.files)
		file_console_close(&log);
	if (guest == &linux.guest.guest && option("exits") && backend->say_exits)
		backend->say_exits(&linux.vcpus[0]);
	if (guest->counters.held && option("disk-delay"))
		root_print("vio-root: guest %s: %" PRIu64 " times its disk still had its memory\n",
			   guest->name, guest->counters.held);
	if (guest == &linux.guest.guest && guest->end == GUEST_STOPPED)
		root_fatal("guest %s has been stopped", guest->name);
	if (guest != &linux.guest.guest)
		root_print("vio-root: guest %s is over\n", guest->name);
	if (guest == &linux.guest.guest || --alive == 0)
		root_power_off();
}

/* The policy: files of the host, or the caller's end. */
static int64_t call(struct vcpu *vcpu, unsigned function, const uint64_t *x)
{
	if (!option("calls"))
		return guest_call_is_fatal(vcpu, function, x);
	return host_calls_call(&one_of(vcpu->guest)->calls, vcpu, function, x);
}

static const struct guest_ops ops = {
	.load = load,
	.quiesce = board_quiesce,
	.over = over,
	.call = call,
};

static enum guest_policy policy(void)
{
	const char *value = option("policy");

	return value && options_is(value, "abort") ? GUEST_ABORT : GUEST_STOP;
}

/* By an option of all guests, or with a value of guest `number` alone. */
static bool is_chosen(const char *name, unsigned number)
{
	const char *value = option(name);

	return value && (*value < '0' || *value > '9' || options_size(value) == number);
}

static void make(struct one *one, struct kit_plan *plan)
{
	const char *error;

	plan->fixed = is_chosen("fixed", plan->number);
	one->guest.eic = is_chosen("eic", plan->number);
	if (one->guest.eic && !vz_core.eic)
		root_fatal("guest %s: eic: this core has no interrupt controller for guests",
			   plan->name);
	one->guest.vcpus = one->vcpus;
	one->guest.by_cause = option("bell") && options_is(option("bell"), "cause");
	error = kit_make(&one->kit, &one->guest.guest, plan, &ops);
	if (!error && add_rom(&one->guest.guest) != GUEST_OK)
		error = "the ROM has no room at 0x1fc00000";
	if (error)
		root_fatal("guest %s: %s", plan->name, error);
	one->guest.guest.restart_on_reset =
		option("reset") && options_is(option("reset"), "restart");
	one->guest.guest.policy = policy();
	alive++;
}

static struct doorbell bell;

static void add_bell(struct one *one, unsigned number, unsigned end)
{
	enum guest_error error = GUEST_OK;

	if (option("bell"))
		error = board_add_doorbell(&one->guest.guest, number, &bell, end, NULL, "bell");
	if (error != GUEST_OK)
		root_fatal("bell: %s", guest_error_text(error));
}

static void start(struct one *one)
{
	enum guest_error error = guest_start(&one->guest.guest);

	if (error != GUEST_OK)
		root_fatal("guest %s: %s", one->guest.guest.name, guest_error_text(error));
}

static void make_linux(void)
{
	static struct vio_console_ports ports;
	static struct loopback loopback;
	const char *port = device_options_port();
	struct kit_plan plan = {
		.name = "linux",
		.number = 1,
		.vcpus = 1,
		.ram = number_option("mem", MEM_USUAL),
		.terminal = &terminal,
		.entropy = entropy,
		.lan = lan,
	};
	if (plan.ram > pages_largest(vio_board_mips.ram_granule))
		root_fatal("mem= is more than the machine has: %" PRIu64 " MiB in one piece",
			   pages_largest(vio_board_mips.ram_granule) / MIB);
	device_options_size(&plan.cols, &plan.rows);
	if (port)
		plan.ports = &ports;
	limit_rng(&plan);
	add_linux_disk(&plan);
	make(&linux, &plan);
	if (port)
		loopback_add(&loopback, &ports, 1, port);
	add_log(&linux.guest.guest);
	device_options_slots(&linux.guest.board.window, &linux.guest.guest.memory);
	if (!option("policy"))
		linux.guest.guest.policy = GUEST_ABORT;
	if (!quiet)
		root_print("vio-root: guest linux: %" PRIu64 " MiB, vCPUs by %s\n", plan.ram / MIB,
			   backend->name);
}

static void set_arguments(struct one *one)
{
	word_option(one->name, one->arguments, sizeof(one->arguments));
	for (char *at = one->arguments; *at; at++) {
		if (*at == ',')
			*at = ' ';
	}
}

static void make_other(struct one *one, unsigned number)
{
	struct kit_plan plan = {
		.name = one->name,
		.number = number,
		.vcpus = 1,
		.ram = OTHER_MEM,
		.terminal = &terminal,
		.entropy = entropy,
		.lan = lan,
	};

	memcpy(one->name, "guest2-disk", 12);
	one->name[5] = (char)('0' + number);
	add_disk(one->name, one, &plan);
	one->name[6] = '\0';
	set_arguments(one);
	make(one, &plan);
	one->guest.guest.restart_limit = (unsigned)number_option("restarts", 0);
	one->guest.guest.restart_on_reset = true;
}

void system_main(void)
{
	unsigned count = (unsigned)number_option("others", 0);

	if (count > OTHERS_MAX)
		root_fatal("others= is more than %u", OTHERS_MAX);
	quiet = option("quiet") != NULL;
	start_uart();
	read_bundle();
	read_rom();
	entropy = start_entropy();
	lan = network_init(random_number);
	if (kernel.data)
		make_linux();
	for (unsigned i = 0; i < count; i++)
		make_other(&others[i], i + 2);
	if (kernel.data)
		add_bell(&linux, 0, 0);
	if (kernel.data || count)
		add_bell(count ? &others[0] : &linux, 1, 1);
	if (kernel.data)
		start(&linux);
	for (unsigned i = 0; i < count; i++)
		start(&others[i]);
	root_run();
}
